/* tests/plain/plain_int.h - between the parts of the plain matcher. */
#pragma once
#include "plain/plain.h"

/* The values that a name has in an event, seen through a view. */
struct plain_values {
    struct tcs_value *v;
    uint32_t n;   /* 0: absent */
    bool unknown; /* the view has no such field, or the record lost it */
    bool never;   /* the view has no such field */
};

/* Is the event in the view? */
bool plain_fits(const struct tcs_view *view, const struct tcs_event *ev);
/* view NULL: the event's own fields. */
struct plain_values plain_values(const struct tcs_view *view, const struct tcs_event *ev,
                                 struct tcs_str name, struct tcs_arena *a);
/* A STR predicate's pattern as it is tried on the field of that view. */
struct tcs_str plain_pattern(const struct tcs_view *view, const struct tcs_pred *pred);

/* Simple case folding of one code point. */
uint32_t plain_fold(uint32_t cp);
/* Does the pattern (TCS_ANY_RUN, TCS_ANY_ONE) cover the whole text? */
bool plain_glob(struct tcs_str pattern, struct tcs_str text, bool cased);
/* ASCII case ignored. */
bool plain_same(struct tcs_str a, struct tcs_str b);

/* sigma/explain_int.h - between explain.c (the tree) and explain_pred.c (its leaves). */
#pragma once
#include "sigma/explain.h"

/* One predicate tried. */
struct explain_outcome {
    enum tcs_truth truth;  /* TCS_UNKNOWN if its field is */
    bool letter;           /* on the values that are there */
    struct tcs_str text;   /* what was asked and what was met, one line */
    struct tcs_str absent; /* the field that is unknown, if one is */
};

/* ev NULL: only what is asked.  All in `a`, which the caller tests for failure. */
struct explain_outcome tcs_sigma_explain_pred(const struct tcs_pred *pred,
                                              const struct tcs_view *view,
                                              const struct tcs_event *ev, struct tcs_arena *a);
/* A text for one line: controls escaped, shortened, in quotes. */
void tcs_sigma_explain_quote(struct tcs_buf *b, struct tcs_str s);
/* What a `where` asks for, `before` in front if anything: 'F one of "a|b", G none of "-|"'. */
void tcs_sigma_explain_where(struct tcs_buf *b, const char *before, const struct tcs_view_where *w);

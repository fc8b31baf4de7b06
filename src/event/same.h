/* event/same.h - which fields of an event have equal names, found in one pass: printers write the
 * values of a name together. */
#pragma once
#include "event/event.h"

enum { TCS_SAME_USUAL = 64 }; /* fields; more of them take memory of their own */

struct tcs_same {
    uint32_t *next; /* one for each field, read by the functions below */
    uint32_t usual[TCS_SAME_USUAL];
    void *own;
};

/* `skip`, if not NULL: fields that are taken as absent.  False: no memory.  Ends with
 * tcs_event_same_done in any case. */
bool tcs_event_same(const struct tcs_event *ev, const bool *skip, struct tcs_same *ret);
void tcs_event_same_done(struct tcs_same *s);

#define TCS_SAME_LATER 0x80000000u

/* Is field i there, and the first of its name? */
static inline bool
tcs_event_same_first(const struct tcs_same *s, uint32_t i)
{
    return !(s->next[i] & TCS_SAME_LATER);
}

/* The next field of field i's name; 0: none. */
static inline uint32_t
tcs_event_same_next(const struct tcs_same *s, uint32_t i)
{
    return s->next[i] & ~TCS_SAME_LATER;
}

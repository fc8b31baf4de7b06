/* sigma/scan_int.h - a scan's scratch memory, shared by scan.c (events), scan_value.c (texts) and
 * scan_pred.c (predicates).  Private to src/sigma. */
#pragma once
#include "sigma/plan.h"
#include "sigma/scan.h"

#define SCAN_NO_VALUE UINT32_MAX

/* One value of the event under scan. */
struct scan_value {
    struct tcs_value v;
    uint32_t next;  /* of the same slot, in document order */
    uint32_t round; /* of the text memory in which `at` is valid; 0: not folded yet */
    uint32_t at, n; /* folded text */
    bool cut;       /* counted as longer than TCS_VALUE_TEXT_MAX */
};

struct scan_slot {
    uint32_t epoch, first; /* first: valid if epoch is the scan's */
};

struct scan_route; /* scan_route.c: header caches */
struct scan_seen;  /* scan_seen.c: what values made fire */

struct tcs_scan {
    const struct tcs_ruleset *rs;
    struct scan_route *route;
    struct scan_seen *seen; /* NULL: switched off */
    uint32_t epoch;         /* of the event; stamps make clearing unnecessary */
    uint32_t *memo;         /* per predicate: epoch << 1 | truth */
    uint32_t *fired;        /* per trigger of the group: epoch */
    uint64_t *columns;      /* of the group: which clauses hold */
    struct scan_slot *slots;
    struct scan_value *values;
    uint32_t nvalues, nfields, values_cap;
    const struct tcs_event *ev;
    /* Folded texts.  When full it starts over, and values are folded again when asked for. */
    char *text;
    size_t text_n, text_cap;
    uint32_t round;
    struct tcs_buf plain[2], clean[2]; /* unfolded text, one value at a time each */
    bool (*stopped)(void *ctx);        /* NULL: never */
    void *stop_ctx;
    int32_t ref_left;       /* of TCS_REF_WORK_MAX, for this event; -1: used up */
    struct tcs_buf other;   /* FIELDREF: the second text */
    struct tcs_arena *made; /* values that views make, per event */
    struct tcs_regex_scratch *re;
    struct tcs_sigma_match *matches;
    uint32_t nmatches;
    struct tcs_unchecked *unchecked; /* of the matches, one after the other */
    uint32_t nunchecked, unchecked_cap;
    struct tcs_scan_stats stats;
};

/* scan_route.c */
struct scan_route *sigma_scan_route_new(const struct tcs_ruleset *rs);
void sigma_scan_route_free(struct scan_route *r);
const struct plan_group *sigma_scan_route_find(struct scan_route *r, const struct tcs_event *head);

/* scan_value.c */
bool sigma_scan_values_new(struct tcs_scan *s);
void sigma_scan_values_free(struct tcs_scan *s);
/* Makes the event's values ready, by slot; those that views make are added by
 * sigma_scan_values_make. */
void sigma_scan_values_begin(struct tcs_scan *s, const struct tcs_event *ev);
void sigma_scan_values_make(struct tcs_scan *s, const uint32_t *made, uint32_t n);
static inline uint32_t
sigma_scan_first(const struct tcs_scan *s, uint32_t slot)
{
    slot = sigma_plan_slot_index(s->rs, slot);
    return s->slots[slot].epoch == s->epoch ? s->slots[slot].first : SCAN_NO_VALUE;
}
/* Folded text; valid until the next call. */
struct tcs_str sigma_scan_folded(struct tcs_scan *s, uint32_t value);
/* Clean, unfolded text in buffer 0 or 1. */
struct tcs_str sigma_scan_clean(struct tcs_scan *s, uint32_t value, int buffer);
/* A GUID has two texts: writes the other one to out and returns its length; 0: no GUID. */
enum { SCAN_GUID_TEXT = 38 };
size_t sigma_scan_guid_other(struct tcs_str text, char out[SCAN_GUID_TEXT]);

/* scan_doubt.c: e->doubt is set, and e's program says that its rule is true.  False: nothing speaks
 * for it.  What could not be checked is counted in *m and put behind the others in s->unchecked. */
bool sigma_scan_doubt(struct tcs_scan *s, const struct plan_entry *e, struct tcs_sigma_match *m);

/* scan_pred.c */
bool sigma_scan_pred(struct tcs_scan *s, uint32_t pred);
static inline bool
sigma_scan_truth(struct tcs_scan *s, uint32_t pred)
{
    uint32_t m = s->memo[pred];
    return m >> 1 == s->epoch ? m & 1 : sigma_scan_pred(s, pred);
}

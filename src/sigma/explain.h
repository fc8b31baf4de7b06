/* sigma/explain.h - why a rule matches an event, or does not: each view, each search, each
 * predicate with the value it met.
 *
 * For people who ask about one rule and a few events: everything is evaluated anew and nothing is
 * fast.  Regular expressions are compiled on the spot.  The meaning is that of docs/matching.md;
 * tests hold it against the plain matcher. */
#pragma once
#include "sigma/logsource.h"

enum tcs_truth { TCS_NO, TCS_YES, TCS_UNKNOWN };

enum tcs_explain_kind {
    TCS_EX_VIEW,   /* a view and whether the event is in it */
    TCS_EX_SEARCH, /* a search identifier */
    TCS_EX_GROUP,  /* "all of these", "one of these", "not" */
    TCS_EX_PRED,   /* one predicate, and the value that decided */
    TCS_EX_NOTE,   /* a remark on the lines above */
};

/* Lines in reading order; a line's children follow it one level deeper. */
struct tcs_explain_line {
    uint8_t kind;  /* enum tcs_explain_kind */
    uint8_t truth; /* enum tcs_truth; of a VIEW the event is not in: TCS_UNKNOWN */
    uint16_t level;
    struct tcs_str text;
};

struct tcs_explain {
    bool applies;   /* the event is in one of the rule's views */
    bool unchecked; /* the rule matches, but something that it rests on could not be checked */
    enum tcs_truth verdict;      /* TCS_YES: the rule matches; TCS_UNKNOWN: no event was given */
    const struct tcs_view *view; /* the first in which it does */
    struct tcs_explain_line *lines;
    uint32_t n;
};

/* In `a`.  ev NULL: what the rule asks for, without truth (all TCS_UNKNOWN).  0 or -TCS_ENOMEM. */
int tcs_sigma_explain(const struct tcs_rule *rule, const struct tcs_logsources *ls,
                      const struct tcs_event *ev, struct tcs_arena *a, struct tcs_explain *ret,
                      struct tcs_err *err);
/* The lines as text: two blanks per level, then "+" hit, "-" miss, "?" unknown or not asked. */
void tcs_sigma_explain_print(const struct tcs_explain *ex, struct tcs_buf *b);

/* sigma/scan.h - the engine: compiled rules x event -> the rules that match.
 *
 * ruleset: compiled once, frozen, shared by all threads.  scan: one per thread, scratch memory.
 *
 *   routing     (product, channel, event id) -> group: the rules that can match such a record at
 *               all
 *   fields      the group's needed slots; nothing else is turned into text
 *   predicates  equal predicates are one; literals of one field are found in one pass (match/)
 *   rules       only those whose necessary predicate fired are evaluated */
#pragma once
#include "event/sink.h"
#include "sigma/ruleset.h"

struct tcs_scan;

/* A part of a rule that could not be checked: its field is unknown (docs/matching.md section 2).
 * Texts of the rule. */
struct tcs_unchecked {
    struct tcs_str search, field;
};

/* "ParentImage (filter_main_a, filter_main_b), User (filter_c)". */
void tcs_sigma_unchecked_text(const struct tcs_unchecked *list, uint32_t n, struct tcs_buf *b);

struct tcs_sigma_match {
    uint32_t rule;                         /* index into the rules the ruleset was built from */
    uint32_t nunchecked;                   /* 0: certain */
    const struct tcs_view *view;           /* the view it matched in; NULL: the log's own fields */
    const struct tcs_unchecked *unchecked; /* what the match rests on */
};

struct tcs_scan_stats {
    uint64_t events, routed, candidates, matches;
    uint64_t regex_limit; /* values on which a regex gave up at a limit */
    uint64_t cut_values;  /* values longer than TCS_VALUE_TEXT_MAX, matched on their first part;
                             lists beyond TCS_REF_WORK_MAX */
};

struct tcs_scan *tcs_sigma_scan_new(const struct tcs_ruleset *rs); /* NULL: no memory */
void tcs_sigma_scan_free(struct tcs_scan *s);
/* Looking at an event ends, with no match, when this says so; it is asked often. */
void tcs_sigma_scan_stop_when(struct tcs_scan *s, bool (*stopped)(void *ctx), void *ctx);
/* Is there a rule that could match an event with this header?  Cheap; for tcs_sink.want. */
bool tcs_sigma_scan_want(struct tcs_scan *s, const struct tcs_event *head);
/* The matching rules, ascending by rule index, each once.  *matches lives until the next call. */
uint32_t tcs_sigma_scan_event(struct tcs_scan *s, const struct tcs_event *ev,
                              const struct tcs_sigma_match **matches);
const struct tcs_scan_stats *tcs_sigma_scan_stats(const struct tcs_scan *s);

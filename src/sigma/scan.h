/* sigma/scan.h - the engine: compiled rules x event -> the rules that match.
 *
 * ruleset: compiled once, frozen, shared by all threads.  scan: one per thread, scratch memory.
 *
 *   routing     (product, channel, event id) -> group: the rules that can match such a record at
 * all fields      the group's needed slots; nothing else is turned into text predicates  equal
 * predicates are one; literals of one field are found in one pass (match/) rules       only those
 * whose necessary predicate fired are evaluated */
#pragma once
#include "event/sink.h"
#include "sigma/logsource.h"
#include "sigma/rules.h"

struct tcs_ruleset;
struct tcs_scan;

struct tcs_ruleset_opts {
    bool no_prefilter; /* evaluate every rule of the group on every event: the differential test */
    bool no_memory;    /* look at every value anew, also at one that came before: the same */
    /* Names that get a slot although no rule may read them: for others who look at events. */
    const struct tcs_str *fields;
    uint32_t nfields;
};

/* Takes nothing over: `rules` and `ls` must outlive the ruleset.  Rules that can match no event
 * (see tcs_logsources_find) are kept but unreachable; tcs_ruleset_reachable tells. */
int tcs_ruleset_build(const struct tcs_rule *rules, uint32_t n, const struct tcs_logsources *ls,
                      const struct tcs_ruleset_opts *opts, struct tcs_ruleset **ret,
                      struct tcs_err *err);
void tcs_ruleset_free(struct tcs_ruleset *rs);
const struct tcs_fieldset *tcs_ruleset_fields(const struct tcs_ruleset *rs);
bool tcs_ruleset_reachable(const struct tcs_ruleset *rs, uint32_t rule);

struct tcs_hit {
    uint32_t rule;               /* index into the rules the ruleset was built from */
    const struct tcs_view *view; /* the view it matched in; NULL: the log's own fields */
};

struct tcs_scan_stats {
    uint64_t events, routed, candidates, hits;
    uint64_t regex_limit; /* values on which a regex gave up at TCS_REGEX_MATCH_LIMIT */
    uint64_t cut_values;  /* values longer than TCS_VALUE_TEXT_MAX, matched on their first part */
};

struct tcs_scan *tcs_scan_new(const struct tcs_ruleset *rs); /* NULL: no memory */
void tcs_scan_free(struct tcs_scan *s);
/* Is there a rule that could match an event with this header?  Cheap; for tcs_sink.want. */
bool tcs_scan_want(struct tcs_scan *s, const struct tcs_event *head);
/* The matching rules, ascending by rule index, each once.  *hits lives until the next call. */
uint32_t tcs_scan_event(struct tcs_scan *s, const struct tcs_event *ev,
                        const struct tcs_hit **hits);
const struct tcs_scan_stats *tcs_scan_stats(const struct tcs_scan *s);

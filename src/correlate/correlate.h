/* correlate/correlate.h - Sigma correlations over a stream of rule matches, in event time.
 *
 *   plan     correlations resolved against the rules: frozen, shared by threads
 *   extract  what a correlation needs of one match, copied out of the event (per thread)
 *   run      windows and groups: fed with those, in any order within the lateness (one thread)
 *
 * What each clause of the Sigma correlation specification (2.1) means here, and each choice it
 * leaves open, is in docs/correlations.md.  Pure: no clock, no I/O. */
#pragma once
#include "base/time.h"
#include "sigma/rules.h"
#include "sigma/scan.h"

struct tcs_corrplan;

/* `rules` are those that matches count by; a correlation whose rules are not all among them does
 * not run and is counted in *left_out.  Takes nothing over: both arrays must outlive the plan. */
int tcs_correlate_plan_build(const struct tcs_correlation *corrs, uint32_t ncorrs,
                             const struct tcs_rule *rules, uint32_t nrules,
                             struct tcs_corrplan **ret, uint32_t *left_out, struct tcs_err *err);
void tcs_correlate_plan_free(struct tcs_corrplan *p);
/* Does some correlation read matches of the rule? */
bool tcs_correlate_plan_reads(const struct tcs_corrplan *p, uint32_t rule);
/* Does the rule make findings of its own (`generate`)?  True for rules that no correlation names.
 */
bool tcs_correlate_plan_alerts(const struct tcs_corrplan *p, uint32_t rule);
/* Does the correlation run?  Does it make results of its own, or is it only there for others? */
bool tcs_correlate_plan_runs(const struct tcs_corrplan *p, uint32_t corr);
bool tcs_correlate_plan_corr_alerts(const struct tcs_corrplan *p, uint32_t corr);
/* The fields whose values a match of the rule must bring, in the order of its values. */
const struct tcs_str *tcs_correlate_plan_fields(const struct tcs_corrplan *p, uint32_t rule,
                                                uint32_t *n);

/* A hash of those fields: matches that are kept have values in this order, or are of no use. */
uint64_t tcs_correlate_plan_print(const struct tcs_corrplan *p, uint32_t rule);

/* What a correlation's results rest on. */
struct tcs_corr_basis {
    uint64_t print; /* hash of its document, those it reads, and their fields; 0: it does not run */
    int64_t reach;  /* ticks; matches that much older than a result's first have no part in it */
};
struct tcs_corr_basis tcs_correlate_plan_basis(const struct tcs_corrplan *p, uint32_t corr);

/* One match of a rule that a correlation reads. */
struct tcs_corr_match {
    int64_t time; /* ticks */
    uint32_t rule;
    uint32_t source; /* which log; with `record` and `offset` the order of equal times */
    uint64_t record, offset;
    uint64_t ref; /* the caller's, handed back with results */
    /* The values of tcs_correlate_plan_fields, by tcs_correlate_extract; {NULL,0}: missing. */
    const struct tcs_str *values;
    uint32_t nvalues;
};

/* Fills everything but ref of *m; texts in `a` or the event. */
void tcs_correlate_extract(const struct tcs_corrplan *p, const struct tcs_event *ev,
                           const struct tcs_sigma_match *match, struct tcs_arena *a,
                           struct tcs_corr_match *m);

enum { TCS_CORR_REFS_MAX = 32 };

/* A correlation's condition held for a group.  Handed out when it first holds, and once more, with
 * the same id and `update`, when the episode is over and more matches had come to it. */
struct tcs_corr_result {
    uint64_t id;      /* of rule, group and the match at which it first held */
    uint32_t corr;    /* index into the correlations of the plan */
    bool update;      /* replaces the result of the same id */
    bool approximate; /* a limit was reached: `value` is a lower bound, or of the newest values */
    int64_t first, last; /* event times of the contributing matches */
    uint64_t count;      /* of contributing matches */
    double value;        /* what the condition was compared with; in an update the largest */
    const struct tcs_str *fields, *values; /* the group: group-by names and their values */
    uint32_t nvalues;
    /* Of matches, each once: the first one; then one for each of up to 16 distinct values or
     * rules; then the newest, oldest of them first. */
    uint64_t refs[TCS_CORR_REFS_MAX];
    uint32_t nrefs;
};

struct tcs_corr_opts {
    int64_t lateness; /* ticks; INT64_MAX: everything is sorted until flush (files) */
    int64_t idle;     /* a source that is so far behind (event time) holds nobody back; 0: never */
    uint32_t max_groups;  /* of one correlation; 0: TCS_CORR_GROUPS_MAX */
    uint32_t max_waiting; /* matches not yet in order; 0: TCS_CORR_WAITING_MAX */
    void (*result)(void *ctx, const struct tcs_corr_result *r);
    void *ctx;
};

/* Exact counts of what was left out. */
struct tcs_corr_stats {
    uint64_t matches, results; /* results: without updates */
    uint64_t missing_key;      /* no value for a group-by field: this correlation passes it over */
    uint64_t missing_value;    /* no value, or no number, in the condition's field: likewise */
    uint64_t timeless, late;   /* late: behind the watermark, no window sees them */
    uint64_t evicted_groups, overflowed; /* overflowed: released early for want of room */
    uint64_t approximate;                /* results that are */
};

struct tcs_correlate;
/* NULL: no memory. */
struct tcs_correlate *tcs_correlate_new(const struct tcs_corrplan *p,
                                        const struct tcs_corr_opts *opts);
void tcs_correlate_free(struct tcs_correlate *c);
/* Copies.  Calls `result` for what became certain.  0 or -TCS_ENOMEM. */
int tcs_correlate_push(struct tcs_correlate *c, const struct tcs_corr_match *m,
                       struct tcs_err *err);
/* No source will send anything before `time` any more: closes windows. */
int tcs_correlate_advance(struct tcs_correlate *c, int64_t time, struct tcs_err *err);
/* The end: all that waits is released, all windows are judged. */
int tcs_correlate_flush(struct tcs_correlate *c, struct tcs_err *err);
/* The whole state as bytes, and back into a fresh one; the plan must be of the same documents.  A
 * snapshot in the middle changes nothing of what comes out.  Restore refuses what is damaged; then
 * the state is good for tcs_correlate_free only. */
int tcs_correlate_save(const struct tcs_correlate *c, struct tcs_buf *b, struct tcs_err *err);
int tcs_correlate_restore(struct tcs_correlate *c, struct tcs_str saved, struct tcs_err *err);
const struct tcs_corr_stats *tcs_correlate_stats(const struct tcs_correlate *c);

/* report/tally.h - findings added up: by rule, host and account, over time.  Bounded memory.
 *
 * Fed in input order, so the sums, and what was left out of them, are the same in every run. */
#pragma once
#include "attack/level.h"
#include "detect/outlet.h"

enum {
    TCS_GROUPS_MAX = 32768, /* (rule, host, account) kept apart; more are counted only */
    TCS_HISTOGRAM_BINS = 512,
};

struct tcs_group {
    uint32_t rule;
    uint8_t level;
    struct tcs_str host, account;
    int64_t first, last; /* TCS_TIME_NONE: no event had a time */
    uint64_t count, carved, unchecked;
    /* the first one, as an example */
    const struct tcs_origin *origin;
    uint64_t offset, record_id;
    uint32_t event_id;
    struct tcs_str channel;
    struct tcs_str rests; /* of the first unchecked one: what could not be checked */
};

/* Counts per slice of time; slices are aligned multiples of `width` ticks and get wider as the
 * span grows. */
struct tcs_histogram {
    int64_t start, width; /* of bin 0; width 0: empty */
    uint32_t bins[TCS_LEVELS][TCS_HISTOGRAM_BINS];
};

struct tcs_tally;

/* NULL: no memory.  `nrules`: rules, and correlations behind them; of one
 * detector, since another numbers its rules anew. */
struct tcs_tally *tcs_report_tally_new(uint32_t nrules);
void tcs_report_tally_free(struct tcs_tally *s);
/* Copies what it keeps.  0 or -TCS_ENOMEM. */
int tcs_report_tally_add(struct tcs_tally *s, const struct tcs_outlet_finding *t,
                         struct tcs_err *err);

uint64_t tcs_report_tally_count(const struct tcs_tally *s, uint8_t level); /* exact */
uint64_t tcs_report_tally_total(const struct tcs_tally *s);
uint64_t tcs_report_tally_unchecked(const struct tcs_tally *s);
uint64_t tcs_report_tally_rule(const struct tcs_tally *s, uint32_t rule); /* exact */
uint64_t tcs_report_tally_ungrouped(const struct tcs_tally *s); /* findings beyond TCS_GROUPS_MAX */
const struct tcs_histogram *tcs_report_tally_histogram(const struct tcs_tally *s);
/* Groups by level (highest first), host, account, then count (highest first) and rule. */
const struct tcs_group *tcs_report_tally_groups(struct tcs_tally *s, uint32_t *n);

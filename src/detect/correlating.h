/* detect/correlating.h - matches in, findings of correlations out: what is kept of the records
 * behind them, and what their results say.  One thread at a time. */
#pragma once
#include "detect/batch.h"
#include "detect/rulebook.h"
#include "store/store.h"

struct tcs_correlating;

/* A record behind a result, and whom it names. */
struct tcs_correlated_record {
    const struct tcs_origin *origin; /* lives as long as the inputs */
    struct tcs_key key;
    uint64_t record_id, offset;
    int64_t time;
    uint32_t event_id, rule; /* rule: index into the rulebook's rules */
    uint32_t flags;          /* as in struct tcs_event */
    bool about_target;
    struct tcs_str host, account, subject, source_ip, channel; /* accounts: DOMAIN\name */
};

/* A correlation that held: a finding. */
struct tcs_correlated {
    uint64_t id;
    uint32_t corr;       /* index into the rulebook's correlations */
    uint32_t rule;       /* index behind the rulebook's rules, where its document is */
    int64_t first, last; /* times of its events */
    int64_t held;        /* when it first held */
    uint64_t count;
    double value;
    bool approximate;
    const struct tcs_str *fields; /* the group */
    struct tcs_str *values;
    uint32_t nvalues;
    uint64_t *refs; /* for tcs_detect_correlated_record: first, then distinct ones, then newest */
    uint32_t nrefs;
    /* What all of those records agree about; empty if they do not. */
    struct tcs_str host, account, source_ip;
    bool some_host, some_account; /* the first of them names one */
    bool is_new;                  /* rests on a match that nobody knew, or says what nobody knew */
};

/* Borrows both.  `store` NULL: nothing is kept.  NULL: no memory. */
struct tcs_correlating *tcs_detect_correlating_new(const struct tcs_rulebook *book,
                                                   struct tcs_store *store);
void tcs_detect_correlating_free(struct tcs_correlating *c);
/* From here on without the store: it failed. */
void tcs_detect_correlating_alone(struct tcs_correlating *c);
/* How many different names are kept, if fewer than usual. */
void tcs_detect_correlating_limit(struct tcs_correlating *c, uint32_t names, uint32_t matches);
/* In input order. */
int tcs_detect_correlating_push(struct tcs_correlating *c, const struct tcs_batch_match *m,
                                const struct tcs_origin *origin, struct tcs_err *err);
/* Of a store: what earlier runs kept; after this run's last match.  A match whose rule is not
 * there, or brings other values now, is counted only. */
int tcs_detect_correlating_recall(struct tcs_correlating *c, struct tcs_err *err);
/* After the last match: results become findings.  Those that only matches which are gone could have
 * made otherwise, and in which this run has no part, are not told. */
int tcs_detect_correlating_finish(struct tcs_correlating *c, struct tcs_err *err);
/* Of a store: results that do not hold any more go from it. */
int tcs_detect_correlating_settle(struct tcs_correlating *c, struct tcs_err *err);
/* The i-th was not known; then the others are forgotten. */
void tcs_detect_correlating_news(struct tcs_correlating *c, uint32_t i);
void tcs_detect_correlating_forget(struct tcs_correlating *c);

/* With a store, before recall: 1: this run put no match that was not there when correlations were
 * settled last, with the same `content` (tcs_detect_content): results are what they were, and there
 * is nothing to recall, to finish or to settle.  0: there is. */
int tcs_detect_correlating_settled(struct tcs_correlating *c, const uint8_t *content,
                                   struct tcs_err *err);
/* After all was settled: so that the next run may know. */
int tcs_detect_correlating_remember(struct tcs_correlating *c, const uint8_t *content,
                                    struct tcs_err *err);
/* By time of the last event, then rule, then id. */
const struct tcs_correlated *tcs_detect_correlated(const struct tcs_correlating *c, uint32_t *n);
struct tcs_correlated_record tcs_detect_correlated_record(const struct tcs_correlating *c,
                                                          uint64_t ref);
const struct tcs_corr_stats *tcs_detect_correlating_stats(const struct tcs_correlating *c);
const struct tcs_rulebook *tcs_detect_correlating_book(const struct tcs_correlating *c);
/* Matches that were not kept for want of room; whose names were not, for want of room for names;
 * and those of earlier runs that were of no use. */
uint64_t tcs_detect_correlating_dropped(const struct tcs_correlating *c);
uint64_t tcs_detect_correlating_nameless(const struct tcs_correlating *c);
uint64_t tcs_detect_correlating_unused(const struct tcs_correlating *c);

/* correlating_pack.c: a match as the store has it, texts in `b` and m; and back, texts in `a`
 * and m, rule left to the caller.  False: it cannot be one, or no memory in `a`. */
void tcs_detect_match_pack(const struct tcs_batch_match *m, struct tcs_buf *b,
                           struct tcs_store_match *ret);
bool tcs_detect_match_unpack(const struct tcs_store_match *m, struct tcs_arena *a,
                             struct tcs_batch_match *ret);

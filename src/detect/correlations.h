/* detect/correlations.h - correlations over all inputs of a hunt: matches are taken on the workers'
 * threads, pushed in input order, and become results when the last one is in. */
#pragma once
#include "detect/pipeline.h"
#include "detect/rulebook.h"
#include "store/store.h"

struct tcs_correlations;

/* A match on its way from a worker; in the arena of its block's result. */
struct tcs_corr_kept {
    struct tcs_corr_match match;
    struct tcs_hunt_finding finding;
    struct tcs_str source_ip, subject; /* subject: who acted, where the account is the target */
    bool about_target;
};

/* What is kept of a match: the record behind a result, and its parties. */
struct tcs_corr_evidence {
    const struct tcs_origin *origin; /* lives until the inputs are closed */
    uint64_t record_id, offset;
    int64_t time;
    uint32_t event_id, rule; /* rule: index into the rulebook's rules */
    struct tcs_key key;
    uint32_t flags; /* as in struct tcs_event */
    bool about_target;
    struct tcs_str host, account, subject, source_ip, channel; /* accounts: DOMAIN\name */
};

/* A correlation that held: a finding. */
struct tcs_corr_found {
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
    uint64_t *refs; /* for tcs_correlations_evidence: first, then distinct ones, then newest */
    uint32_t nrefs;
    /* What all of that evidence agrees about; empty if it does not. */
    struct tcs_str host, account, source_ip;
    bool news; /* rests on a match of this run, or was not known */
};

/* Told of every match before the engine is: 1: it is new; 0: the engine has it, or gets it with
 * tcs_correlations_again. */
struct tcs_corr_keeper {
    void *ctx;
    int (*match)(void *ctx, const struct tcs_store_match *m, struct tcs_err *err);
};

/* Borrows the book.  NULL: no memory. */
struct tcs_correlations *tcs_correlations_new(const struct tcs_rulebook *book);
void tcs_correlations_free(struct tcs_correlations *c);
/* On a worker's thread: keeps the matches that correlations read in the block's result, and leaves
 * in *hits those that make findings of their own; returns how many. */
uint32_t tcs_correlations_take(const struct tcs_correlations *c, struct tcs_result *r,
                               const struct tcs_event *ev, const struct tcs_identity *who,
                               const struct tcs_hit **hits, uint32_t n);
/* In input order. */
int tcs_correlations_push(struct tcs_correlations *c, const struct tcs_result *r,
                          struct tcs_err *err);
/* Before the first one; borrowed until free. */
void tcs_correlations_keep(struct tcs_correlations *c, const struct tcs_corr_keeper *k);
/* A match of an earlier run.  One whose rule is not there, or brings other values now, is counted
 * only. */
int tcs_correlations_again(struct tcs_correlations *c, const struct tcs_store_match *m,
                           struct tcs_err *err);
/* Matches of earlier runs up to `after` are gone: results which that could have changed, and in
 * which this run has no part, are not told. */
void tcs_correlations_after(struct tcs_correlations *c, int64_t after);
/* How many different texts are kept of all matches; before the first one. */
void tcs_correlations_limit(struct tcs_correlations *c, uint32_t texts);
/* Names of hosts, accounts, addresses and logs beyond those: their matches count without them. */
uint64_t tcs_correlations_nameless(const struct tcs_correlations *c);
/* Matches of earlier runs that were of no use. */
uint64_t tcs_correlations_unused(const struct tcs_correlations *c);
/* Everything came in, so that what was not found does not hold. */
bool tcs_correlations_whole(const struct tcs_correlations *c);
/* After the last one. */
int tcs_correlations_finish(struct tcs_correlations *c, struct tcs_err *err);
/* The i-th was not known; the others without `news` are forgotten. */
void tcs_correlations_news(struct tcs_correlations *c, uint32_t i);
void tcs_correlations_forget(struct tcs_correlations *c);
/* By time of the last event, then rule, then id. */
const struct tcs_corr_found *tcs_correlations_found(const struct tcs_correlations *c, uint32_t *n);
struct tcs_corr_evidence tcs_correlations_evidence(const struct tcs_correlations *c, uint64_t ref);
const struct tcs_corr_stats *tcs_correlations_stats(const struct tcs_correlations *c);
const struct tcs_rulebook *tcs_correlations_book(const struct tcs_correlations *c);
/* Matches that were not kept for want of room. */
uint64_t tcs_correlations_dropped(const struct tcs_correlations *c);

/* correlations_kept.c: a match as the store has it, texts in `b` and k; and back, texts in `a` and
 * m, rule and origin left to the caller.  False: it cannot be one, or no memory in `a`. */
void tcs_corr_pack(const struct tcs_corr_kept *k, struct tcs_buf *b, struct tcs_store_match *ret);
bool tcs_corr_unpack(const struct tcs_store_match *m, struct tcs_arena *a,
                     struct tcs_corr_kept *ret);

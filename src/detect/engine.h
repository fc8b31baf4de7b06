/* detect/engine.h - batches in, findings and incidents out.
 *
 * new (reads, opens the store: before the sandbox) -> put, in input order -> settle
 *
 * The engine never reads the bytes of a log.  It decides which findings are new, keeps
 * correlations, chain and store, and tells its outlet.  One thread at a time; put and settle
 * never meet. */
#pragma once
#include "attack/profile.h"
#include "chain/chain.h"
#include "detect/detector.h"
#include "detect/logs.h"
#include "detect/outlet.h"
#include "detect/run.h"

struct tcs_engine;

/* How incidents are made from what a store keeps; the result is the same, which tests hold. */
enum tcs_derive {
    TCS_DERIVE_FAST,  /* from an image where that pays */
    TCS_DERIVE_IMAGE, /* from an image always */
    TCS_DERIVE_FULL,  /* from each row */
};

struct tcs_engine_opts {
    struct tcs_detector *detector;             /* the engine takes part in it */
    const struct tcs_outlet *outlet;           /* borrowed; NULL: nobody is told */
    const char *state;                         /* folder of the store; NULL: nothing is kept */
    bool incidents;                            /* a store keeps them in any case */
    const struct tcs_profile *const *profiles; /* borrowed */
    uint32_t nprofiles;
    struct tcs_detect_list stops; /* names that join nothing on their own; borrowed */
    uint8_t derive;               /* enum tcs_derive */
};

/* 0 or negative with *err.  A store whose disk refuses is no failure (tcs_detect_engine_unkept). */
int tcs_detect_engine_new(const struct tcs_engine_opts *opts, struct tcs_engine **ret,
                          struct tcs_err *err);
/* Opens the store in this folder, for an engine that was made without one: after its workers were
 * made, which then know of none.  Before the first put. */
int tcs_detect_engine_keep(struct tcs_engine *e, const char *state, struct tcs_err *err);
void tcs_detect_engine_free(struct tcs_engine *e); /* what was not settled never happened */

/* How much of what was met is remembered: findings and matches; different records of a source that
 * numbers none; records that --carve tells copies by.  0: the limit of base/limits.h.  Before the
 * first put. */
struct tcs_engine_limits {
    uint32_t seen, repeats, sightings;
};
void tcs_detect_engine_limit(struct tcs_engine *e, const struct tcs_engine_limits *limits);

/* A job that detects with this engine: workers decode and match, put is the engine's. */
struct tcs_job tcs_detect_engine_job(struct tcs_engine *e, unsigned threads);
/* For tcs_inputs_opts.memory: what a store says was read; NULL without one. */
const struct tcs_inputs_memory *tcs_detect_engine_memory(const struct tcs_engine *e);
/* The same for a crew (detect/crew.h). */
struct tcs_positions *tcs_detect_engine_positions(const struct tcs_engine *e);

/* In input order. */
int tcs_detect_engine_put(struct tcs_engine *e, struct tcs_batch *b, struct tcs_err *err);
/* Everything that was put has its effect: correlations that are due, the chain, the store's
 * transaction.  `whole`: nothing that was begun is missing, so that read positions hold and
 * `source` (may be NULL) is acknowledged.  More than once only with a store. */
int tcs_detect_engine_settle(struct tcs_engine *e, const struct tcs_source *source, bool whole,
                             struct tcs_err *err);
/* From some block on everything is judged by this detector; any thread.  Windows of correlations
 * go on with a store, which knows their matches, and begin anew without one. */
void tcs_detect_engine_swap(struct tcs_engine *e, struct tcs_detector *d);

struct tcs_engine_stats {
    uint64_t findings;      /* new ones, told as such */
    uint64_t known;         /* a store had them */
    uint64_t repeated;      /* of copies of records that this run had met */
    uint64_t beyond;        /* older than what the store keeps: new, as far as it knows */
    uint64_t forgotten;     /* of what was met: copies of it would count again */
    uint64_t carved_copies; /* carved records that the log holds too */
    uint64_t hosts_dropped; /* records of hosts beyond the limit of a block */
};
struct tcs_engine_stats tcs_detect_engine_stats(const struct tcs_engine *e);
/* Why nothing of what was put is kept, though a store was asked for: its disk refuses, or it is
 * damaged.  What was found is told all the same.  NULL: it is kept, or nobody asked. */
const struct tcs_err *tcs_detect_engine_unkept(const struct tcs_engine *e);
const struct tcs_detector *tcs_detect_engine_detector(const struct tcs_engine *e);
/* As settled last; live until the next put. */
const struct tcs_incident *tcs_detect_engine_incidents(const struct tcs_engine *e, uint32_t *n);
const struct tcs_chain_stats *tcs_detect_engine_chain(const struct tcs_engine *e); /* NULL: none */
/* What of which log was left out of incidents (chain/chain.h). */
const struct tcs_left_out *tcs_detect_engine_left_out(const struct tcs_engine *e, uint32_t *n);
const struct tcs_correlating *tcs_detect_engine_correlating(const struct tcs_engine *e);
/* What all records that were put were taken for. */
struct tcs_logs *tcs_detect_engine_logs(const struct tcs_engine *e);

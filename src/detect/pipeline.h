/* detect/pipeline.h - blocks -> decoders on N threads -> results, handed on in input order.
 *
 * N workers, no other threads: a worker pulls the next block (one at a time), decodes it into its
 * result slot, and whoever completes the block whose turn it is hands on that and all that follow.
 * A worker that is too far ahead waits, so memory is bounded by the number of slots. */
#pragma once
#include "detect/chained.h"
#include "detect/finding.h"
#include "detect/notes.h"
#include "input/source.h"
#include "process/signals.h"

struct tcs_corr_kept;

/* What one block gave. */
struct tcs_result {
    struct tcs_arena *arena; /* of the findings' texts */
    struct tcs_buf out;      /* the bytes to print, if the command prints as it goes */
    struct tcs_hunt_finding *findings;
    size_t nfindings, cap;
    struct tcs_alerted *alerts; /* of other tools (detect/alerts.h) */
    size_t nalerts, alerts_cap;
    struct tcs_chained_block chained; /* what the chain is fed of this block */
    struct tcs_corr_kept *matches;    /* for correlations (detect/correlations.h) */
    size_t nmatches, cap_matches;
    struct tcs_notes before, notes; /* problems on the way to the block, and in it */
    struct tcs_decode_stats stats;
    uint64_t passed_over; /* events outside --from, --to, --host */
    const struct tcs_origin *origin;
    bool no_memory, done;
};

struct tcs_worker {
    const struct tcs_job *job;
    struct tcs_result *result; /* of the block being decoded */
    void *own;                 /* from job->worker_new */
    struct tcs_pipeline *pipeline;
    struct tcs_decoder **decoders; /* one per format, opened when first needed */
};

/* What a command does with events and results. */
struct tcs_job {
    void *ctx;
    unsigned threads;
    struct tcs_decode_opts decode;
    const struct tcs_csv_tables *csv; /* tables to be recognised; NULL: none */
    void *(*worker_new)(void *ctx);   /* NULL result: no memory; may be NULL itself */
    void (*worker_free)(void *ctx, void *own);
    /* On a worker's thread, ctx is the struct tcs_worker. */
    unsigned (*want)(void *worker, const struct tcs_event *head);
    void (*event)(void *worker, const struct tcs_event *ev);
    /* In input order, one at a time, on any thread.  Negative stops everything. */
    int (*emit)(void *ctx, struct tcs_result *r, struct tcs_err *err);
    /* About five times a second on the thread that called run; may be NULL. */
    void (*tick)(void *tick_ctx, uint64_t bytes_read, uint64_t events);
    void *tick_ctx;
};

struct tcs_totals {
    struct tcs_decode_stats stats;
    uint64_t passed_over;
    uint64_t dead_sources; /* of a known format, damaged, and nothing in them could be decoded */
    struct tcs_notes notes;
    bool interrupted; /* by a signal */
    bool abandoned;   /* a thread is stuck in a read: free nothing, end the process */
};

struct tcs_pipeline;

/* NULL: no memory.  `job` is borrowed. */
struct tcs_pipeline *tcs_pipeline_new(const struct tcs_job *job);
void tcs_pipeline_free(struct tcs_pipeline *p);
/* For tcs_inputs_opts.problem, with the pipeline as ctx. */
void tcs_pipeline_problem(void *pipeline, const struct tcs_origin *origin,
                          const struct tcs_problem *p);
/* Everything of `in` through the job.  0; negative: the first failure of emit, or no memory or
 * threads.  An interrupt is no failure: totals say so.  Totals live in the pipeline and are filled
 * in any case. */
int tcs_pipeline_run(struct tcs_pipeline *p, struct tcs_inputs *in, struct tcs_stop *stop,
                     struct tcs_err *err);
const struct tcs_totals *tcs_pipeline_totals(const struct tcs_pipeline *p);

/* detect/run.h - a source -> decoders on N threads -> batches, handed on in input order.
 *
 * N workers, no other threads: a worker pulls the next block (one at a time), decodes it into its
 * batch, and whoever completes the block whose turn it is hands on that and all that follow.  A
 * worker that is too far ahead waits, so memory is bounded by the number of batches. */
#pragma once
#include "detect/batch.h"
#include "process/signals.h"

#include <stdatomic.h>

struct tcs_job;

struct tcs_worker {
    const struct tcs_job *job;
    struct tcs_batch *batch; /* of the block being decoded */
    void *own;               /* from job->worker_new */
    struct tcs_run *run;     /* on a thread of which it works; NULL: in a process of its own */
    atomic_bool *stopping;   /* somebody wants it to come to an end; NULL: nobody will */
    const struct tcs_decode_opts *opts; /* that the decoders were opened with */
    struct tcs_decoder **decoders;      /* one per format, opened when first needed */
};

/* Is the run of this struct tcs_worker to end?  For what takes long within one record. */
bool tcs_detect_run_stopped(void *worker);

/* What is done with events and batches. */
struct tcs_job {
    void *ctx;
    unsigned threads;
    const struct tcs_format *const *formats;
    struct tcs_decode_opts decode; /* unless `begin` says otherwise */
    /* What a block is for, taken in input order (NULL: always the same), and given back. */
    struct tcs_detector *(*detector)(void *ctx);
    void (*detector_done)(void *ctx, struct tcs_detector *d);
    void *(*worker_new)(void *ctx); /* NULL result: no memory; may be NULL itself */
    void (*worker_free)(void *ctx, void *own);
    /* On a worker's thread, ctx is the struct tcs_worker. */
    unsigned (*want)(void *ctx, const struct tcs_event *head);
    void (*event)(void *ctx, const struct tcs_event *ev);
    /* Before each block, w->batch->detector being set: how it is to be decoded.  NULL: no
     * memory. */
    const struct tcs_decode_opts *(*begin)(struct tcs_worker *w);
    /* Can the job's workers have made this batch?  Asked of what came from a process; may be NULL:
     * whatever it is. */
    bool (*sane)(void *ctx, const struct tcs_batch *b);
    /* In input order, by one thread at a time.  Negative: all comes to an end. */
    int (*put)(void *ctx, struct tcs_batch *b, struct tcs_err *err);
    /* About five times a second, on the thread that called tcs_detect_run; may be NULL. */
    void (*tick)(void *tick_ctx, uint64_t bytes_read, uint64_t events);
    void *tick_ctx;
};

struct tcs_totals {
    struct tcs_decode_stats stats;
    uint64_t passed_over;
    struct tcs_notes notes;
    bool interrupted; /* by a signal */
    bool abandoned;   /* a thread is stuck in a read: free nothing, end the process */
};

struct tcs_run;

/* NULL: no memory.  What `job` points at is borrowed. */
struct tcs_run *tcs_detect_run_new(const struct tcs_job *job);
void tcs_detect_run_free(struct tcs_run *r);
/* For tcs_inputs_opts.problem, with the run as ctx. */
void tcs_detect_run_problem(void *run, const struct tcs_origin *origin,
                            const struct tcs_problem *p);
/* Everything of the source through the job.  0; negative: the first failure of put, or no memory
 * or threads.  An interrupt is no failure: totals say so.  Totals live in the run and are filled
 * in any case. */
int tcs_detect_run(struct tcs_run *r, const struct tcs_source *source, struct tcs_stop *stop,
                   struct tcs_err *err);
const struct tcs_totals *tcs_detect_run_totals(const struct tcs_run *r);

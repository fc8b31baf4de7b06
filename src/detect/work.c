/* detect/work.c - decoders, opened when they are first needed, and what they tell. */
#include "detect/work.h"

#include <stdlib.h>

/* A log that is still written, and a store that remembers where its last whole line ended: the next
 * run reads on from there. */
static bool
is_unfinished(const struct tcs_batch *b, const struct tcs_problem *p)
{
    const struct tcs_position *at = &b->position;
    return p->cause == TCS_CAUSE_RECORD && at->mark && at->torn && p->offset >= at->torn;
}

static void
on_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    struct tcs_worker *w = ctx;
    struct tcs_problem told = *p;
    if (is_unfinished(w->batch, p))
        told.cause = TCS_CAUSE_UNFINISHED;
    tcs_detect_notes_add(&w->batch->notes, origin, &told);
}

bool
tcs_detect_run_stopped(void *worker)
{
    const struct tcs_worker *w = worker;
    return w->stopping && atomic_load_explicit(w->stopping, memory_order_relaxed);
}

static struct tcs_decoder *
decoder_for(struct tcs_worker *w, const struct tcs_format *format)
{
    size_t i = 0;
    while (w->job->formats[i] && w->job->formats[i] != format)
        i++;
    if (!w->job->formats[i])
        return NULL;
    if (!w->decoders[i])
        w->decoders[i] = format->open(w->opts);
    return w->decoders[i];
}

static void
close_decoders(struct tcs_worker *w)
{
    for (size_t i = 0; w->decoders && w->job->formats[i]; i++) {
        if (w->decoders[i])
            w->job->formats[i]->close(w->decoders[i]);
        w->decoders[i] = NULL;
    }
}

/* What the block's events are needed for may be other things than those of the one before. */
static bool
begin_block(struct tcs_worker *w)
{
    const struct tcs_decode_opts *opts = w->job->begin ? w->job->begin(w) : &w->job->decode;
    if (opts != w->opts)
        close_decoders(w);
    w->opts = opts;
    return opts != NULL;
}

void
tcs_detect_work(struct tcs_worker *w, const struct tcs_unit *unit)
{
    const struct tcs_sink sink = {w, w->job->want, w->job->event, on_problem,
                                  tcs_detect_run_stopped};
    struct tcs_decoder *d = NULL;
    if (!unit->format)
        return; /* only a position */
    if (begin_block(w))
        d = decoder_for(w, unit->format);
    if (d)
        unit->format->decode(d, &unit->block, &sink, &w->batch->stats);
    else
        w->batch->no_memory = true;
    if (w->batch->out.failed || tcs_base_arena_failed(w->batch->arena))
        w->batch->no_memory = true;
}

bool
tcs_detect_work_open(struct tcs_worker *w)
{
    const struct tcs_job *job = w->job;
    size_t nformats = 0;
    while (job->formats[nformats])
        nformats++;
    w->decoders = calloc(nformats + 1, sizeof *w->decoders);
    if (!w->decoders)
        return false;
    if (job->worker_new)
        w->own = job->worker_new(job->ctx);
    return !job->worker_new || w->own;
}

void
tcs_detect_work_close(struct tcs_worker *w)
{
    close_decoders(w);
    free(w->decoders);
    if (w->own && w->job->worker_free)
        w->job->worker_free(w->job->ctx, w->own);
}

bool
tcs_detect_work_anew(struct tcs_worker *w)
{
    tcs_detect_work_close(w);
    w->own = NULL;
    w->decoders = NULL;
    w->opts = NULL;
    return tcs_detect_work_open(w);
}

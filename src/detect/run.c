/* detect/run.c - one lock, taken twice per block (about 1 MiB), never per event.
 *
 * In: blocks in input order.  Out: results in the same order.  The lock guards the counters, the
 * slots' `done` and the notes that wait for their block; decoding and emitting happen outside it.
 */
#include "detect/run_int.h"
#include "detect/work.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

enum { TICK_MS = 200, STUCK_TICKS = 3 };

struct tcs_run {
    struct tcs_job job; /* a copy: the caller's may end before the run is let go of */
    const struct tcs_source *source_of;
    struct tcs_stop *stop;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t pulled, emitted; /* blocks */
    uint64_t alone;           /* nothing is pulled until so many are emitted */
    bool pulling, ended, emitting;
    struct tcs_notes pending; /* problems met since the last block was pulled */
    struct tcs_batch *slots;
    size_t nslots;
    unsigned alive;
    struct tcs_err err; /* the first failure; code 0: none */
    atomic_bool stopping;
    atomic_uint_fast64_t bytes_read, events;
    struct tcs_totals totals;
    struct tcs_worker *workers;
    pthread_t *threads;
};

void
tcs_detect_run_problem(void *run, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    struct tcs_run *pl = run;
    tcs_detect_notes_add(&pl->pending, origin, p);
}

static void
give_back_detector(const struct tcs_run *p, struct tcs_batch *b)
{
    if (b->detector)
        p->job.detector_done(p->job.ctx, b->detector);
    b->detector = NULL;
}

struct tcs_run *
tcs_detect_run_new(const struct tcs_job *job)
{
    struct tcs_run *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->job = *job;
    /* one block each in work, and a few finished ones that wait for a slow predecessor */
    p->nslots = job->threads + job->threads / 2 + 2;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->moved, NULL);
    p->slots = calloc(p->nslots, sizeof *p->slots);
    p->workers = calloc(job->threads, sizeof *p->workers);
    p->threads = calloc(job->threads, sizeof *p->threads);
    p->pending.arena = tcs_base_arena_new(0);
    p->totals.notes.arena = tcs_base_arena_new(0);
    bool good = p->slots && p->workers && p->threads && p->pending.arena && p->totals.notes.arena;
    for (size_t i = 0; good && i < p->nslots; i++)
        good = tcs_detect_batch_open(&p->slots[i]);
    if (good)
        return p;
    tcs_detect_run_free(p);
    return NULL;
}

void
tcs_detect_run_free(struct tcs_run *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->slots && i < p->nslots; i++) {
        give_back_detector(p, &p->slots[i]);
        tcs_detect_batch_close(&p->slots[i]);
    }
    tcs_base_arena_free(p->pending.arena);
    tcs_base_arena_free(p->totals.notes.arena);
    pthread_cond_destroy(&p->moved);
    pthread_mutex_destroy(&p->lock);
    free(p->slots);
    free(p->workers);
    free(p->threads);
    free(p);
}

/* With the lock held: remember the first failure and let everybody come to an end. */
static void
fail(struct tcs_run *p, const struct tcs_err *err)
{
    if (!p->err.code)
        p->err = *err;
    atomic_store(&p->stopping, true);
    pthread_cond_broadcast(&p->moved);
    tcs_process_signals_wake(p->stop);
}

/* The batch of an earlier block, for the next one. */
static void
reset(const struct tcs_run *p, struct tcs_batch *b)
{
    give_back_detector(p, b);
    tcs_detect_batch_clear(b);
}

/* The notes that gathered before this block travel with it; the slot's emptied ones take their
 * place. */
void
detect_run_before(struct tcs_run *p, struct tcs_batch *r)
{
    struct tcs_notes free_notes = r->before;
    r->before = p->pending;
    p->pending = free_notes;
    tcs_detect_notes_clear(&p->pending);
}

/* The next block and its slot.  False: there is none, or all is to stop. */
static bool
pull(struct tcs_run *p, struct tcs_unit *unit, struct tcs_batch **slot)
{
    struct tcs_err err = {0};
    pthread_mutex_lock(&p->lock);
    while (!p->ended && !atomic_load(&p->stopping) &&
           (p->pulling || p->pulled - p->emitted >= p->nslots || p->emitted < p->alone))
        pthread_cond_wait(&p->moved, &p->lock);
    if (p->ended || atomic_load(&p->stopping)) {
        pthread_mutex_unlock(&p->lock);
        return false;
    }
    p->pulling = true;
    pthread_mutex_unlock(&p->lock);
    const struct tcs_source *s = p->source_of;
    int r = s->next(s->ctx, unit, &err); /* may block: a pipe, a slow disk */
    atomic_store_explicit(&p->bytes_read, *s->bytes_read, memory_order_relaxed);
    pthread_mutex_lock(&p->lock);
    p->pulling = false;
    if (r == 0) {
        *slot = &p->slots[p->pulled++ % p->nslots];
        /* one large object takes up to 20 times its size until it is told: never two at once */
        if (unit->block.n > TCS_LARGE_BLOCK)
            p->alone = p->pulled;
        reset(p, *slot);
        detect_run_before(p, *slot);
        (*slot)->origin = unit->block.origin;
        (*slot)->offset = unit->block.offset;
        (*slot)->position = unit->position;
        if (p->job.detector) /* here, under the lock: a new one is used from some block on */
            (*slot)->detector = p->job.detector(p->job.ctx);
    } else {
        p->ended = true;
        if (r < 0)
            fail(p, &err);
    }
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
    return r == 0;
}

static void
add_stats(struct tcs_decode_stats *to, const struct tcs_decode_stats *s)
{
    to->bytes += s->bytes;
    to->events += s->events;
    to->bad_records += s->bad_records;
    to->carved += s->carved;
    to->chunks += s->chunks;
    to->bad_chunks += s->bad_chunks;
    to->empty_chunks += s->empty_chunks;
}

/* Called for one result after the other, by one thread at a time, without the lock. */
int
detect_run_emit(struct tcs_run *p, struct tcs_batch *r, struct tcs_err *err)
{
    struct tcs_totals *t = &p->totals;
    add_stats(&t->stats, &r->stats);
    t->passed_over += r->passed_over;
    tcs_detect_notes_merge(&t->notes, &r->before);
    tcs_detect_notes_merge(&t->notes, &r->notes);
    atomic_store_explicit(&p->events, t->stats.events, memory_order_relaxed);
    if (r->no_memory)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory while reading %.150s",
                             r->origin->path.p ? r->origin->path.p : "");
    return p->job.put(p->job.ctx, r, err);
}

/* The block is decoded: hand on every result whose turn has come. */
static void
finish(struct tcs_run *p, struct tcs_batch *mine)
{
    pthread_mutex_lock(&p->lock);
    mine->done = true;
    if (!p->emitting) {
        p->emitting = true;
        struct tcs_batch *next;
        while (p->emitted < p->pulled && (next = &p->slots[p->emitted % p->nslots])->done) {
            struct tcs_err err = {0};
            bool failed = p->err.code != 0;
            pthread_mutex_unlock(&p->lock);
            int r = failed ? 0 : detect_run_emit(p, next, &err);
            tcs_detect_batch_shrink(next);
            pthread_mutex_lock(&p->lock);
            if (r < 0)
                fail(p, &err);
            next->done = false;
            p->emitted++;
            pthread_cond_broadcast(&p->moved);
        }
        p->emitting = false;
    }
    pthread_mutex_unlock(&p->lock);
}

static void
leave(struct tcs_run *p)
{
    pthread_mutex_lock(&p->lock);
    p->alive--;
    pthread_mutex_unlock(&p->lock);
    tcs_process_signals_wake(p->stop);
}

static void *
work(void *arg)
{
    struct tcs_worker *w = arg;
    struct tcs_run *p = w->run;
    struct tcs_unit unit;
    bool good = tcs_detect_work_open(w);
    while (good && pull(p, &unit, &w->batch)) {
        bool large = unit.block.n > TCS_LARGE_BLOCK;
        tcs_detect_work(w, &unit);
        p->source_of->give_back(p->source_of->ctx, &unit);
        good = !large || tcs_detect_work_anew(w);
        finish(p, w->batch);
    }
    if (!good) {
        struct tcs_err err;
        tcs_base_fail(&err, TCS_ENOMEM, "out of memory for a worker thread");
        pthread_mutex_lock(&p->lock);
        fail(p, &err);
        pthread_mutex_unlock(&p->lock);
    }
    tcs_detect_work_close(w);
    leave(p);
    return NULL;
}

/* How many threads were started; an error only if none was. */
static unsigned
start(struct tcs_run *p)
{
    unsigned n = 0;
    for (; n < p->job.threads; n++) {
        p->workers[n] = (struct tcs_worker){.job = &p->job, .run = p, .stopping = &p->stopping};
        pthread_mutex_lock(&p->lock);
        p->alive++;
        pthread_mutex_unlock(&p->lock);
        if (pthread_create(&p->threads[n], NULL, work, &p->workers[n]) != 0) {
            leave(p);
            break;
        }
    }
    return n;
}

static void
interrupt(struct tcs_run *p)
{
    p->totals.interrupted = true;
    tcs_process_signals_release(p->stop);
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->stopping, true);
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

/* Until all workers are gone, or the only one left sits in a read that nobody can end. */
static void
supervise(struct tcs_run *p)
{
    unsigned alive = 1, stuck = 0;
    while (alive && stuck < STUCK_TICKS) {
        bool stopping = atomic_load(&p->stopping);
        bool timed = p->job.tick || stopping;
        if (tcs_process_signals_wait(p->stop, timed ? TICK_MS : -1) && !p->totals.interrupted)
            interrupt(p);
        pthread_mutex_lock(&p->lock);
        alive = p->alive;
        stuck = stopping && p->pulling && alive == 1 ? stuck + 1 : 0;
        pthread_mutex_unlock(&p->lock);
        if (p->job.tick)
            p->job.tick(p->job.tick_ctx, atomic_load(&p->bytes_read), atomic_load(&p->events));
    }
    p->totals.abandoned = alive != 0;
}

/* What workers took is for settling now. */
static void
release(struct tcs_run *p)
{
    for (size_t i = 0; i < p->nslots; i++) {
        give_back_detector(p, &p->slots[i]);
        tcs_detect_batch_close(&p->slots[i]);
        p->slots[i] = (struct tcs_batch){0};
    }
    malloc_trim(0);
}

int
tcs_detect_run(struct tcs_run *p, const struct tcs_source *source, struct tcs_stop *stop,
               struct tcs_err *err)
{
    p->source_of = source;
    p->stop = stop;
    unsigned n = start(p);
    if (n == 0)
        return tcs_base_fail(err, TCS_ENOMEM, "cannot start a thread");
    supervise(p);
    for (unsigned i = 0; i < n && !p->totals.abandoned; i++)
        pthread_join(p->threads[i], NULL);
    if (!p->totals.abandoned)
        release(p);
    if (!p->totals.abandoned)
        detect_run_end(p);
    if (!p->err.code)
        return 0;
    *err = p->err;
    return -err->code;
}

const struct tcs_job *
detect_run_job(const struct tcs_run *p)
{
    return &p->job;
}

void
detect_run_interrupted(struct tcs_run *p)
{
    p->totals.interrupted = true;
}

void
detect_run_end(struct tcs_run *p)
{
    tcs_detect_notes_merge(&p->totals.notes, &p->pending);
}

const struct tcs_totals *
tcs_detect_run_totals(const struct tcs_run *p)
{
    return &p->totals;
}

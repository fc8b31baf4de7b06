/* detect/crew.c - the engine's side of a crew: who does what, in which order it is put, and what
 * happens when one of them dies.
 *
 *   a free area -> reader -> (a block is in it) -> its worker -> (a batch is in it) -> put -> free
 *
 * Areas are put in the order in which the reader filled them.  Nothing here waits for one process
 * alone, and nothing that comes from one is believed before it was checked. */
#include "base/grow.h"
#include "detect/batch_pack.h"
#include "detect/crew_int.h"
#include "detect/run_int.h"
#include "detect/work.h"
#include "process/sandbox.h"
#include "process/shared.h"

#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 200, IDLE_DEATHS_MAX = 16 };

/* What an area is in use for. */
enum state { FREE, OFFERED, WAITING, IN_WORK, DONE };

struct slot {
    enum state state;
    unsigned died; /* workers over the block that is in it */
    uint64_t n;    /* bytes of the block */
    struct tcs_batch batch;
    struct tcs_buf packed;
};

struct hand {
    int channel;               /* -1: there is no process */
    uint32_t work[CREW_DEPTH]; /* its areas that are in work, the first one now */
    unsigned nwork, idle_deaths;
    bool begun;
};

struct tcs_crew {
    struct crew_plan plan;
    struct tcs_spawner spawner;
    struct tcs_run *run;
    struct tcs_stop *stop;
    struct tcs_positions *positions;
    struct tcs_str own;            /* struct tcs_input_own, one after the other */
    struct tcs_detector *detector; /* that the workers know */
    struct slot *slots;
    struct hand *hands;
    struct pollfd *polled;
    uint32_t *order; /* slots in the order of the input: a ring */
    uint32_t norder, first, nslots;
    uint32_t nwaiting, nwork; /* of those: the last ones, not yet assigned; in work */
    bool large;               /* what is in work is a large block */
    /* the reader */
    int reader;
    unsigned readers_died; /* without a word between */
    bool begun, begun_workers, unconfined, all_read;
    struct crew_place place; /* of what it told last */
    struct tcs_inputs_stats stats;
    struct tcs_str entry;            /* path of the file that it is in */
    const struct tcs_origin *origin; /* newest */
    struct tcs_arena *arena;         /* origins, marks; live as long as the crew */
    struct mark **marks;             /* by number, from 1 */
    uint32_t nmarks, cap_marks;
    uint64_t asked_entry; /* of the newest mark */
    bool ending;          /* nothing new is begun */
    struct tcs_err err;
    char room[CREW_TEXT_MAX];
};

static void
fail(struct tcs_crew *c, const struct tcs_err *err)
{
    if (!c->err.code)
        c->err = *err;
    c->ending = true;
}

static void
no_memory(struct tcs_crew *c)
{
    struct tcs_err err;
    tcs_base_fail(&err, TCS_ENOMEM, "out of memory");
    fail(c, &err);
}

/* --- making and ending --- */

static void
run_process(void *ctx, unsigned what, int channel)
{
    const struct crew_plan *plan = ctx;
    if (what == CREW_READER)
        detect_crew_reader(plan, channel);
    else
        detect_crew_worker(plan, what, channel);
}

static bool
make_areas(struct crew_plan *plan)
{
    bool good = true;
    plan->areas = calloc((size_t)plan->nworkers * CREW_DEPTH, sizeof *plan->areas);
    plan->stopping = calloc(plan->nworkers, sizeof(atomic_bool *));
    for (unsigned i = 0; plan->areas && good && i < plan->nworkers * CREW_DEPTH; i++) {
        plan->areas[i].in = tcs_process_shared_new(CREW_IN);
        plan->areas[i].out = tcs_process_shared_new(CREW_OUT);
        good = plan->areas[i].in && plan->areas[i].out;
    }
    for (unsigned i = 0; plan->stopping && good && i < plan->nworkers; i++)
        good = (plan->stopping[i] = tcs_process_shared_new(CREW_STOPPING)) != NULL;
    return good && plan->areas && plan->stopping;
}

/* The engine writes no block and reads none, and what workers make it only reads. */
static bool
leave_blocks(struct crew_plan *plan)
{
    bool good = true;
    for (unsigned i = 0; i < plan->nworkers * CREW_DEPTH; i++) {
        tcs_process_shared_leave(plan->areas[i].in, CREW_IN);
        plan->areas[i].in = NULL;
        good = tcs_process_shared_readonly(plan->areas[i].out, CREW_OUT) && good;
    }
    return good;
}

static bool
make_slots(struct tcs_crew *c)
{
    const unsigned n = c->plan.nworkers;
    c->nslots = n * CREW_DEPTH;
    c->slots = calloc(c->nslots, sizeof *c->slots);
    c->order = calloc(c->nslots, sizeof *c->order);
    c->hands = calloc(n, sizeof *c->hands);
    c->polled = calloc(n + 3, sizeof *c->polled);
    c->arena = tcs_base_arena_new(0);
    bool good = c->slots && c->order && c->hands && c->polled && c->arena;
    for (uint32_t i = 0; good && i < c->nslots; i++)
        good = tcs_detect_batch_open(&c->slots[i].batch);
    for (unsigned i = 0; good && i < n; i++)
        c->hands[i].channel = -1;
    return good;
}

static bool
keeps_input(const struct tcs_crew_opts *opts)
{
    for (size_t i = 0; i < opts->npaths; i++)
        if (strcmp(opts->paths[i], "-") == 0)
            return true;
    return false;
}

/* Everybody is started, and the reader waits to be told where. */
static int
start_all(struct tcs_crew *c, struct tcs_err *err)
{
    const struct tcs_spawn_opts opts = {
        .run = run_process, .ctx = &c->plan, .keep_input = keeps_input(&c->plan.opts)};
    int r = tcs_process_spawner_new(&opts, &c->spawner, err);
    if (r == 0 && !leave_blocks(&c->plan))
        r = tcs_base_fail(err, TCS_EIO, "memory cannot be shared with processes");
    if (r == 0)
        r = tcs_process_spawn(&c->spawner, CREW_READER, &c->reader, err);
    for (unsigned i = 0; r == 0 && i < c->plan.nworkers; i++)
        r = tcs_process_spawn(&c->spawner, i, &c->hands[i].channel, err);
    return r;
}

int
tcs_detect_crew_new(const struct tcs_crew_opts *opts, struct tcs_crew **ret, struct tcs_err *err)
{
    struct tcs_crew *c = calloc(1, sizeof *c);
    if (!c)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    c->reader = -1;
    c->plan = (struct crew_plan){.opts = *opts, .job = *opts->job, .nworkers = opts->job->threads};
    int r = make_areas(&c->plan) && make_slots(c)
                ? start_all(c, err)
                : tcs_base_fail(err, TCS_ENOMEM, "out of memory for processes");
    if (r == 0 && c->plan.job.detector)
        c->detector = c->plan.job.detector(c->plan.job.ctx);
    if (r == 0)
        *ret = c;
    else
        tcs_detect_crew_free(c);
    return r;
}

static void
close_channel(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
give_back_detector(const struct tcs_crew *c, struct tcs_batch *b)
{
    if (b->detector)
        c->plan.job.detector_done(c->plan.job.ctx, b->detector);
    b->detector = NULL;
}

static void
leave_areas(struct crew_plan *plan)
{
    for (unsigned i = 0; plan->areas && i < plan->nworkers * CREW_DEPTH; i++) {
        tcs_process_shared_leave(plan->areas[i].in, CREW_IN);
        tcs_process_shared_leave(plan->areas[i].out, CREW_OUT);
    }
    for (unsigned i = 0; plan->stopping && i < plan->nworkers; i++)
        tcs_process_shared_leave(plan->stopping[i], CREW_STOPPING);
    free(plan->areas);
    free(plan->stopping);
    plan->areas = NULL;
    plan->stopping = NULL;
}

/* All processes are gone then, and what they and batches took up. */
static void
end_all(struct tcs_crew *c)
{
    close_channel(&c->reader);
    for (unsigned i = 0; c->hands && i < c->plan.nworkers; i++)
        close_channel(&c->hands[i].channel);
    tcs_process_spawner_end(&c->spawner);
    for (uint32_t i = 0; c->slots && i < c->nslots; i++) {
        give_back_detector(c, &c->slots[i].batch);
        tcs_detect_batch_close(&c->slots[i].batch);
        tcs_base_buf_done(&c->slots[i].packed);
    }
    leave_areas(&c->plan);
    free(c->slots);
    c->slots = NULL;
}

void
tcs_detect_crew_free(struct tcs_crew *c)
{
    if (!c)
        return;
    end_all(c);
    if (c->detector)
        c->plan.job.detector_done(c->plan.job.ctx, c->detector);
    tcs_base_arena_free(c->arena);
    free(c->order);
    free(c->hands);
    free(c->polled);
    free(c->marks);
    free(c);
}

void
tcs_detect_crew_remember(struct tcs_crew *c, struct tcs_positions *p,
                         const struct tcs_input_own *own, size_t nown)
{
    c->positions = p;
    c->own = (struct tcs_str){(const char *)own, nown * sizeof *own};
}

const struct tcs_inputs_stats *
tcs_detect_crew_inputs(const struct tcs_crew *c)
{
    return &c->stats;
}

/* --- the reader --- */

static void
offer(struct tcs_crew *c, uint32_t slot)
{
    struct crew_msg m = {.what = CREW_AREA, .number = slot};
    c->slots[slot].state = OFFERED;
    if (c->reader >= 0)
        detect_crew_say(c->reader, &m, (struct tcs_str){0}); /* if it is gone, that is seen */
}

/* Blocks go to the workers in turn. */
static void
offer_all(struct tcs_crew *c)
{
    for (unsigned k = 0; k < CREW_DEPTH; k++)
        for (unsigned w = 0; w < c->plan.nworkers; w++) {
            const uint32_t slot = w * CREW_DEPTH + k;
            if (c->slots[slot].state == FREE || c->slots[slot].state == OFFERED)
                offer(c, slot);
        }
}

static void
start_reader(struct tcs_crew *c, bool again)
{
    struct crew_msg m = {
        .what = CREW_START, .number = again, .mark = c->positions != NULL, .at = c->place};
    detect_crew_say(c->reader, &m, c->own);
    offer_all(c);
}

/* What is left of the file that the reader is in is not read. */
static void
set_aside_file(struct tcs_crew *c, const char *why)
{
    const struct tcs_problem p = {.cause = TCS_CAUSE_DIED, .msg = why};
    const struct tcs_origin whole = {.path = c->entry};
    tcs_detect_run_problem(c->run, c->origin ? c->origin : &whole, &p);
    c->place.place.entry++;
    if (c->origin && c->origin->index >= c->place.place.index)
        c->place.place.index = c->origin->index + 1;
    c->place.place.told = true;
    c->place.place.stats = c->stats;
    c->place.told = 0;
    c->readers_died = 0;
}

static void
reader_died(struct tcs_crew *c)
{
    const bool once = tcs_base_str_eq(c->entry, TCS_STR("-"));
    struct tcs_err err;
    close_channel(&c->reader);
    if (c->all_read || c->ending)
        return;
    c->readers_died++;
    if (!c->begun || (c->place.told == 0 && c->readers_died > 1)) {
        tcs_base_fail(&err, TCS_EIO, "the process that reads the inputs died");
        fail(c, &err);
        return;
    }
    if (c->place.told && once)
        set_aside_file(c, "the process that reads died, and standard input cannot be read again");
    else if (c->readers_died > 1)
        set_aside_file(c, "the process that reads died over it twice: the rest was not read");
    if (tcs_process_spawn(&c->spawner, CREW_READER, &c->reader, &err) < 0)
        fail(c, &err);
    else
        start_reader(c, true);
}

static bool
new_origin(struct tcs_crew *c, const struct crew_msg *m, struct tcs_str path)
{
    struct tcs_origin *o = tcs_base_arena_alloc(c->arena, sizeof *o);
    if (o) {
        *o = m->origin;
        o->path = tcs_base_arena_str(c->arena, path);
    }
    if (!o || !o->path.p)
        no_memory(c);
    else
        c->origin = o;
    return true;
}

static bool
new_entry(struct tcs_crew *c, struct tcs_str path)
{
    c->entry = tcs_base_arena_str(c->arena, path);
    c->origin = NULL;
    if (!c->entry.p)
        no_memory(c);
    return true;
}

static bool
note_problem(struct tcs_crew *c, const struct crew_msg *m, struct tcs_str text)
{
    char msg[1024];
    struct tcs_problem p = m->problem;
    if ((unsigned)p.cause >= TCS_CAUSES)
        return false;
    text = tcs_base_str_slice(text, 0, sizeof msg - 1);
    memcpy(msg, text.p, text.n);
    msg[text.n] = '\0';
    p.msg = msg;
    tcs_detect_run_problem(c->run, c->origin, &p);
    return true;
}

/* A reader that goes on for a dead one asks of the same file again: the answer is the same. */
static bool
answer(struct tcs_crew *c, const struct crew_msg *m, struct tcs_str path)
{
    struct crew_msg known = {.what = CREW_KNOWN};
    struct mark *mark = NULL;
    if (!c->positions)
        return false;
    const bool again = c->nmarks && c->asked_entry == m->at.place.entry;
    if (!again && !tcs_base_grow(&c->marks, &c->cap_marks, c->nmarks, 1, sizeof *c->marks)) {
        no_memory(c);
        return true;
    }
    const struct tcs_asked asked = {path, m->file.size, m->file.mtime};
    mark = tcs_detect_positions_ask(c->positions, &asked, again ? c->marks[c->nmarks - 1] : NULL,
                                    &known.known);
    if (!again)
        c->marks[c->nmarks++] = mark;
    c->asked_entry = m->at.place.entry;
    known.mark = mark ? c->nmarks : 0;
    detect_crew_say(c->reader, &known, (struct tcs_str){0});
    return true;
}

static struct mark *
mark_of(const struct tcs_crew *c, const struct crew_msg *m)
{
    return m->mark && m->mark <= c->nmarks ? c->marks[m->mark - 1] : NULL;
}

static void
assign(struct tcs_crew *c, uint32_t slot)
{
    struct hand *h = &c->hands[slot / CREW_DEPTH];
    struct crew_msg m = {.what = CREW_DECODE, .number = slot % CREW_DEPTH};
    h->work[h->nwork++] = slot;
    c->slots[slot].state = IN_WORK;
    detect_crew_say(h->channel, &m, (struct tcs_str){0}); /* if it is gone, that is seen */
}

/* What waits goes to work, in order; a large block alone. */
static void
dispatch(struct tcs_crew *c)
{
    for (; c->nwaiting && !c->large; c->nwaiting--) {
        const uint32_t slot = c->order[(c->first + c->norder - c->nwaiting) % c->nslots];
        struct slot *s = &c->slots[slot];
        if (s->state == DONE) /* only a position */
            continue;
        if (s->n > TCS_LARGE_BLOCK && c->nwork)
            return;
        c->large = s->n > TCS_LARGE_BLOCK;
        c->nwork++;
        assign(c, slot);
    }
}

/* A block has come out of work, or was set aside. */
static void
finished(struct tcs_crew *c, struct slot *s)
{
    s->state = DONE;
    c->nwork--;
    c->large = false;
    dispatch(c);
}

static bool
take_unit(struct tcs_crew *c, const struct crew_msg *m)
{
    struct slot *s = m->number < c->nslots ? &c->slots[m->number] : NULL;
    if (!s || s->state != OFFERED || m->unit.n > CREW_BLOCK_MAX ||
        (m->unit.decoded && !c->origin) || (m->mark && !mark_of(c, m)))
        return false;
    struct tcs_batch *b = &s->batch;
    tcs_detect_batch_clear(b);
    give_back_detector(c, b);
    b->origin = m->unit.decoded ? c->origin : NULL;
    b->offset = m->unit.offset;
    b->position = m->unit.position;
    b->position.mark = mark_of(c, m);
    b->detector = c->plan.job.detector ? c->plan.job.detector(c->plan.job.ctx) : NULL;
    if (b->detector != c->detector) {
        struct tcs_err err;
        tcs_base_fail(&err, TCS_EUNSUPP, "processes that began with other rules cannot go on");
        fail(c, &err);
        return true;
    }
    detect_run_before(c->run, b);
    s->n = m->unit.n;
    s->died = 0;
    c->order[(c->first + c->norder++) % c->nslots] = m->number;
    s->state = m->unit.decoded ? WAITING : DONE;
    c->nwaiting++;
    dispatch(c);
    return true;
}

/* One message.  False: it cannot be right. */
static bool
hear_reader(struct tcs_crew *c, const struct crew_msg *m, struct tcs_str text)
{
    struct tcs_err err;
    c->stats = m->stats;
    if (m->what == CREW_BEGUN) {
        c->begun = true;
        c->unconfined = m->unconfined;
        return true;
    }
    if (m->what == CREW_FAILED) {
        tcs_base_fail(&err, m->code > 0 ? m->code : TCS_EIO, "%.*s", TCS_STR_FMT(text));
        fail(c, &err);
        return true;
    }
    if (m->what == CREW_ASK)
        return answer(c, m, text);
    c->place = m->at;
    c->readers_died = 0;
    switch (m->what) {
    case CREW_ENTRY:
        return new_entry(c, text);
    case CREW_ORIGIN:
        return new_origin(c, m, text);
    case CREW_PROBLEM:
        return note_problem(c, m, text);
    case CREW_UNIT:
        return take_unit(c, m);
    case CREW_END:
        c->all_read = true;
        return true;
    case CREW_RESUMED:
        if (mark_of(c, m))
            tcs_detect_positions_resumed(mark_of(c, m), m->unit.position.read);
        return mark_of(c, m) != NULL;
    case CREW_ENDS:
        if (mark_of(c, m))
            tcs_detect_positions_ended(c->positions, mark_of(c, m), m->ends);
        return mark_of(c, m) != NULL;
    default:
        return false;
    }
}

/* --- workers --- */

/* Two workers died over it. */
static void
set_aside_block(struct slot *s)
{
    const struct tcs_problem p = {
        .cause = TCS_CAUSE_DIED,
        .offset = s->batch.offset,
        .skipped = s->n,
        .msg = "two processes died over this block, one after the other: it was not read"};
    tcs_detect_batch_clear(&s->batch);
    tcs_detect_notes_add(&s->batch.notes, s->batch.origin, &p);
    s->batch.stats.bytes = s->n;
}

/* Another one takes over what it had in work. */
static void
worker_died(struct tcs_crew *c, unsigned nr)
{
    struct hand *h = &c->hands[nr];
    const struct hand was = *h;
    struct tcs_err err;
    close_channel(&h->channel);
    h->nwork = 0;
    if (c->err.code)
        return;
    if (!c->begun_workers) {
        tcs_base_fail(&err, TCS_EIO, "a process for decoding could not begin");
        fail(c, &err);
        return;
    }
    if (tcs_process_spawn(&c->spawner, nr, &h->channel, &err) < 0) {
        fail(c, &err);
        return;
    }
    for (unsigned i = 0; i < was.nwork; i++) {
        struct slot *s = &c->slots[was.work[i]];
        if (i > 0 || ++s->died < 2) {
            assign(c, was.work[i]);
            continue;
        }
        set_aside_block(s);
        finished(c, s);
    }
    h->idle_deaths = was.nwork ? 0 : was.idle_deaths + 1;
    if (h->idle_deaths > IDLE_DEATHS_MAX) {
        tcs_base_fail(&err, TCS_EIO, "processes for decoding die without having anything to do");
        fail(c, &err);
    }
}

/* The batch as it lies in memory that its worker may still write to: copied first, then checked. */
static bool
take_batch(struct tcs_crew *c, uint32_t slot, const struct crew_msg *m)
{
    struct slot *s = &c->slots[slot];
    const uint8_t *from = c->plan.areas[slot].out;
    struct tcs_batch *b = &s->batch;
    if (m->done.out > CREW_OUT || m->done.packed > CREW_OUT - m->done.out ||
        (m->done.stopped && !c->ending))
        return false;
    tcs_detect_batch_clear(b);
    s->packed.n = 0;
    tcs_base_buf_put(&b->out, from, m->done.out);
    tcs_base_buf_put(&s->packed, from + m->done.out, m->done.packed);
    int r = b->out.failed || s->packed.failed
                ? -TCS_ENOMEM
                : tcs_detect_batch_unpack(b, (uint8_t *)s->packed.p, s->packed.n);
    if (r < 0)
        no_memory(c);
    if (r > 0 || b->no_memory)
        return false;
    return r < 0 || !c->plan.job.sane || c->plan.job.sane(c->plan.job.ctx, b);
}

static bool
hear_worker(struct tcs_crew *c, unsigned nr, const struct crew_msg *m, struct tcs_str text)
{
    struct hand *h = &c->hands[nr];
    struct tcs_err err;
    if (m->what == CREW_BEGUN) {
        h->begun = true;
        return true;
    }
    if (m->what == CREW_FAILED) {
        tcs_base_fail(&err, TCS_EIO, "%.*s", TCS_STR_FMT(text));
        fail(c, &err);
        return true;
    }
    if (m->what != CREW_DONE || !h->nwork || m->number != h->work[0] % CREW_DEPTH ||
        !take_batch(c, h->work[0], m))
        return false;
    struct slot *s = &c->slots[h->work[0]];
    h->nwork--;
    memmove(h->work, h->work + 1, h->nwork * sizeof *h->work);
    finished(c, s);
    return true;
}

/* --- the loop --- */

static void
put_finished(struct tcs_crew *c)
{
    struct tcs_err err;
    while (c->norder && c->slots[c->order[c->first]].state == DONE && !c->err.code) {
        const uint32_t slot = c->order[c->first];
        struct slot *s = &c->slots[slot];
        if (detect_run_emit(c->run, &s->batch, &err) < 0)
            fail(c, &err);
        tcs_detect_batch_shrink(&s->batch);
        if (s->packed.cap > CREW_OUT_KEEP)
            tcs_base_buf_done(&s->packed);
        c->first = (c->first + 1) % c->nslots;
        c->norder--;
        s->state = FREE;
        if (!c->ending)
            offer(c, slot);
    }
}

/* All that a process has to say now. */
static void
hear_all(struct tcs_crew *c, int nr)
{
    struct crew_msg m;
    struct tcs_str text;
    const bool reader = nr < 0;
    int r;
    for (;;) {
        const int *channel = reader ? &c->reader : &c->hands[nr].channel;
        if (*channel < 0 || (r = detect_crew_hear(*channel, &m, &text, c->room)) == 1)
            return;
        if (r == 0 && (reader ? hear_reader(c, &m, text) : hear_worker(c, (unsigned)nr, &m, text)))
            continue;
        if (reader)
            reader_died(c);
        else
            worker_died(c, (unsigned)nr);
        return;
    }
}

static void
interrupt(struct tcs_crew *c)
{
    detect_run_interrupted(c->run);
    tcs_process_signals_release(c->stop);
    c->ending = true;
    close_channel(&c->reader);
    for (unsigned i = 0; i < c->plan.nworkers; i++)
        atomic_store(c->plan.stopping[i], true);
}

/* Whatever comes first: a message, an end, a signal, or so many milliseconds. */
static void
listen(struct tcs_crew *c, int ms)
{
    struct pollfd *p = c->polled;
    const unsigned n = c->plan.nworkers;
    p[0] = (struct pollfd){.fd = c->stop->signals, .events = POLLIN};
    p[1] = (struct pollfd){.fd = c->stop->wake, .events = POLLIN};
    p[2] = (struct pollfd){.fd = c->reader, .events = POLLIN};
    for (unsigned i = 0; i < n; i++)
        p[3 + i] = (struct pollfd){.fd = c->hands[i].channel, .events = POLLIN};
    if (poll(p, n + 3, ms) <= 0)
        return;
    if ((p[0].revents || p[1].revents) && tcs_process_signals_wait(c->stop, 0) && !c->ending)
        interrupt(c);
    for (unsigned i = 0; i < n; i++)
        if (p[3 + i].revents)
            hear_all(c, (int)i);
    if (p[2].revents)
        hear_all(c, -1);
}

static bool
all_begun(const struct tcs_crew *c)
{
    bool begun = c->begun;
    for (unsigned i = 0; begun && i < c->plan.nworkers; i++)
        begun = c->hands[i].begun;
    return begun;
}

int
tcs_detect_crew_begin(struct tcs_crew *c, struct tcs_run *run, struct tcs_stop *stop,
                      bool *unconfined, struct tcs_err *err)
{
    c->run = run;
    c->stop = stop;
    start_reader(c, false);
    while (!all_begun(c) && !c->ending)
        listen(c, -1);
    c->begun_workers = true;
    *unconfined = c->unconfined;
    if (!c->err.code)
        return 0;
    *err = c->err;
    return -err->code;
}

static bool
is_over(const struct tcs_crew *c)
{
    if (c->err.code)
        return true;
    if (!c->ending)
        return c->all_read && !c->norder;
    for (unsigned i = 0; i < c->plan.nworkers; i++)
        if (c->hands[i].nwork)
            return false;
    return true;
}

static int64_t
now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
tcs_detect_crew_run(struct tcs_crew *c, struct tcs_err *err)
{
    const struct tcs_job *job = detect_run_job(c->run); /* where ticks go is said after the fork */
    int64_t told = now_ms();
    put_finished(c); /* some may have come before all had begun */
    while (!is_over(c)) {
        listen(c, job->tick ? TICK_MS : -1);
        put_finished(c);
        if (!job->tick || now_ms() - told < TICK_MS)
            continue;
        told = now_ms();
        job->tick(job->tick_ctx, c->stats.bytes_read, tcs_detect_run_totals(c->run)->stats.events);
    }
    end_all(c);
    detect_run_end(c->run);
    malloc_trim(0);
    if (!c->err.code)
        return 0;
    *err = c->err;
    return -err->code;
}

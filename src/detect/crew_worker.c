/* detect/crew_worker.c - a worker's process: a block in shared memory in, a packed batch out. */
#include "detect/batch_pack.h"
#include "detect/crew_int.h"
#include "detect/roots.h"
#include "detect/work.h"
#include "process/sandbox.h"
#include "process/shared.h"

#include <stdlib.h>
#include <string.h>

struct hand {
    const struct crew_plan *plan;
    const struct crew_area *areas; /* its own */
    struct tcs_worker worker;
    struct tcs_batch batch;
    size_t used[CREW_DEPTH]; /* of the memory that it writes to */
    char room[CREW_TEXT_MAX];
};

/* Only what is its own stays. */
static bool
leave_others(const struct crew_plan *plan, unsigned nr)
{
    bool good = tcs_process_shared_readonly(plan->stopping[nr], sizeof(atomic_bool));
    for (unsigned i = 0; i < plan->nworkers; i++)
        if (i != nr)
            tcs_process_shared_leave(plan->stopping[i], CREW_STOPPING);
    for (unsigned i = 0; i < plan->nworkers * CREW_DEPTH; i++) {
        if (i / CREW_DEPTH == nr) {
            good = tcs_process_shared_readonly(plan->areas[i].in, CREW_IN) && good;
            continue;
        }
        tcs_process_shared_leave(plan->areas[i].in, CREW_IN);
        tcs_process_shared_leave(plan->areas[i].out, CREW_OUT);
    }
    return good;
}

/* What the reader wrote of the block, as a decoder wants it. */
static bool
take_block(const struct hand *h, const uint8_t *in, struct tcs_origin *origin,
           struct tcs_unit *unit)
{
    struct crew_block b;
    size_t nformats = 0;
    memcpy(&b, in, sizeof b);
    while (h->worker.job->formats[nformats])
        nformats++;
    if (b.at > CREW_BLOCK_MAX || b.n > CREW_BLOCK_MAX - b.at || b.format >= nformats ||
        b.path > CREW_TEXT_MAX || b.head > CREW_TEXT_MAX)
        return false;
    const char *text = (const char *)in + sizeof b;
    *origin = b.origin;
    origin->path = (struct tcs_str){text, b.path};
    *unit = (struct tcs_unit){.block = {.origin = origin,
                                        .p = in + CREW_BLOCK_AT + b.at,
                                        .n = b.n,
                                        .offset = b.offset,
                                        .first_record = b.first_record,
                                        .head = {text + b.path, b.head}},
                              .format = h->worker.job->formats[b.format],
                              .position = b.position};
    return true;
}

static void
decode(struct hand *h, const struct tcs_unit *unit)
{
    const struct tcs_job *job = h->worker.job;
    struct tcs_batch *b = &h->batch;
    b->origin = unit->block.origin;
    b->offset = unit->block.offset;
    b->position = unit->position;
    if (job->detector && !b->detector)
        b->detector = job->detector(job->ctx); /* always the same: this process knows one */
    tcs_detect_work(&h->worker, unit);
}

/* One block.  False: what was sent cannot be right. */
static bool
serve(struct hand *h, struct crew_msg *m)
{
    struct tcs_origin origin;
    struct tcs_unit unit;
    const uint32_t k = m->number;
    if (m->what != CREW_DECODE || k >= CREW_DEPTH || !take_block(h, h->areas[k].in, &origin, &unit))
        return false;
    uint8_t *out = h->areas[k].out;
    if (h->used[k] > CREW_OUT_KEEP)
        tcs_process_shared_trim(out, CREW_OUT, CREW_OUT_KEEP);
    tcs_detect_batch_clear(&h->batch);
    h->batch.out = (struct tcs_buf){.p = (char *)out, .cap = CREW_OUT, .fixed = true};
    decode(h, &unit);
    const size_t n = h->batch.out.n;
    struct tcs_buf packed = {.p = (char *)out + n, .cap = CREW_OUT - n, .fixed = true};
    tcs_detect_batch_pack(&h->batch, &packed);
    if (packed.failed || h->batch.no_memory)
        return false; /* to end is to be asked for the block again, with fresh memory */
    h->used[k] = n + packed.n;
    if (unit.block.n > TCS_LARGE_BLOCK && !tcs_detect_work_anew(&h->worker))
        return false;
    tcs_detect_batch_shrink(&h->batch);
    m->what = CREW_DONE;
    m->done.out = n;
    m->done.packed = packed.n;
    m->done.stopped = atomic_load(h->worker.stopping);
    return true;
}

static void
work(struct hand *h, int channel)
{
    struct tcs_err err;
    struct crew_msg m;
    struct tcs_str text;
    const bool good = !h->plan->opts.confine || tcs_process_sandbox_compute(&err) == 0;
    if (!good)
        tcs_base_wrap(&err, TCS_UNCONFINED_ADVICE);
    m = (struct crew_msg){.what = good ? CREW_BEGUN : CREW_FAILED};
    if (!detect_crew_say(channel, &m, good ? (struct tcs_str){0} : tcs_base_str_of(err.msg)) ||
        !good)
        return;
    while (detect_crew_hear(channel, &m, &text, h->room) == 0)
        if (!serve(h, &m) || !detect_crew_say(channel, &m, (struct tcs_str){0}))
            return;
}

void
detect_crew_worker(const struct crew_plan *plan, unsigned nr, int channel)
{
    struct hand *h = calloc(1, sizeof *h);
    if (!h)
        return;
    h->plan = plan;
    h->areas = &plan->areas[nr * CREW_DEPTH];
    h->worker =
        (struct tcs_worker){.job = &plan->job, .batch = &h->batch, .stopping = plan->stopping[nr]};
    tcs_process_spawned_no_input();
    tcs_process_spawned("tocsin-worker", CREW_MEMORY);
    if (leave_others(plan, nr) && tcs_detect_batch_open(&h->batch) &&
        tcs_detect_work_open(&h->worker))
        work(h, channel);
}

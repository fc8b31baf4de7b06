/* detect/crew_reader.c - the reader's process: inputs into blocks in shared memory.
 *
 * All that it tells of a file is numbered, so that another reader that begins with the same file
 * can go on where this one ended. */
#include "detect/crew_int.h"
#include "detect/roots.h"
#include "process/sandbox.h"
#include "process/shared.h"

#include <stdlib.h>
#include <string.h>

enum { OWN_MAX = 64 };

/* Memory for a block.  It is offered, holds what is being read, and is handed out. */
struct area {
    struct tcs_pool_buf buf;
    size_t used; /* of it, by the last block; CREW_IN: nobody knows */
    bool out;
};

struct reader {
    const struct crew_plan *plan;
    int channel;
    struct tcs_inputs *in;
    uint64_t entry; /* of the walk, that is being told of */
    uint64_t told;  /* of it; as many as another reader has told are not told again */
    uint64_t told_before;
    uint64_t entry_before;           /* which entry that was */
    const struct tcs_origin *origin; /* that was told last */
    struct area *areas;              /* all of them */
    uint32_t *free;                  /* those that were offered, oldest first */
    uint32_t nfree, out;             /* out: handed out, and not yet offered again */
    struct tcs_known known;          /* of the file in hand */
    uint32_t mark;
    bool answered, gone;               /* gone: nobody listens */
    struct tcs_input_own own[OWN_MAX]; /* files that the run writes */
    size_t nown;
    char room[CREW_TEXT_MAX];
};

static void
say(struct reader *r, struct crew_msg *m, struct tcs_str text)
{
    tcs_input_place(r->in, &m->at.place);
    m->at.told = r->told;
    m->stats = *tcs_input_stats(r->in);
    r->gone = r->gone || !detect_crew_say(r->channel, m, text);
}

/* Something of the file in hand: again only if nobody was told. */
static bool
is_new(struct reader *r)
{
    r->told++;
    return r->entry != r->entry_before || r->told > r->told_before;
}

static void
tell(struct reader *r, struct crew_msg *m, struct tcs_str text)
{
    if (is_new(r))
        say(r, m, text);
}

static void
tell_origin(struct reader *r, const struct tcs_origin *o)
{
    struct crew_msg m = {.what = CREW_ORIGIN};
    if (!o || o == r->origin)
        return;
    r->origin = o;
    m.origin = *o;
    m.origin.path = (struct tcs_str){0};
    tell(r, &m, o->path);
}

static void
on_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    struct reader *r = ctx;
    struct crew_msg m = {.what = CREW_PROBLEM, .problem = *p};
    m.problem.msg = NULL;
    tell_origin(r, origin);
    tell(r, &m, tcs_base_str_of(p->msg));
}

static void
on_entry(void *ctx, const char *path)
{
    struct reader *r = ctx;
    struct tcs_inputs_place place;
    struct crew_msg m = {.what = CREW_ENTRY};
    tcs_input_place(r->in, &place);
    r->entry = place.entry;
    r->told = 0;
    r->origin = NULL;
    tell(r, &m, tcs_base_str_of(path));
}

static void
offered(struct reader *r, uint32_t nr)
{
    if (nr >= r->plan->nworkers * CREW_DEPTH)
        return;
    r->out -= r->areas[nr].out;
    r->areas[nr].out = false;
    r->free[r->nfree++] = nr;
}

static uint32_t
take_free(struct reader *r)
{
    const uint32_t nr = r->free[0];
    memmove(r->free, r->free + 1, --r->nfree * sizeof *r->free);
    if (r->areas[nr].used > CREW_IN_KEEP)
        tcs_process_shared_trim(r->plan->areas[nr].in, CREW_IN, CREW_BLOCK_AT + CREW_IN_KEEP);
    r->areas[nr].used = 0;
    return nr;
}

/* One message of the engine's. */
static void
hear(struct reader *r)
{
    struct crew_msg m;
    struct tcs_str text;
    if (detect_crew_hear(r->channel, &m, &text, r->room) != 0) {
        r->gone = true;
    } else if (m.what == CREW_AREA) {
        offered(r, m.number);
    } else if (m.what == CREW_KNOWN) {
        r->known = m.known;
        r->mark = m.mark;
        r->answered = true;
    }
}

/* --- what was read before --- */

static void
on_begin(void *ctx, const struct tcs_inputs_file *f, struct tcs_inputs_from *ret)
{
    struct reader *r = ctx;
    struct crew_msg m = {.what = CREW_ASK, .file = {f->size, f->mtime}};
    r->answered = false;
    say(r, &m, f->path);
    while (!r->answered && !r->gone)
        hear(r);
    if (r->gone || !r->mark)
        return;
    ret->mark = (void *)(uintptr_t)r->mark;
    tcs_detect_known_judge(&r->known, f, ret);
    if (!ret->offset)
        return;
    m = (struct crew_msg){.what = CREW_RESUMED, .mark = r->mark, .unit.position.read = ret->offset};
    tell(r, &m, (struct tcs_str){0});
}

static void
on_end(void *ctx, const struct tcs_inputs_file *f, const struct tcs_position *at)
{
    struct reader *r = ctx;
    struct crew_msg m = {.what = CREW_ENDS, .mark = r->mark};
    if (!at->mark)
        return;
    tcs_detect_known_ends(m.ends, f, r->known.head, at->read);
    tell(r, &m, (struct tcs_str){0});
}

/* --- blocks --- */

static uint32_t
number_of(const struct reader *r, const struct tcs_pool_buf *b)
{
    uint32_t nr = 0;
    while (&r->areas[nr].buf != b)
        nr++;
    return nr;
}

/* Whoever reads waits for room rather than copy, as long as some will come. */
static struct tcs_pool_buf *
lend(void *ctx, size_t size)
{
    struct reader *r = ctx;
    if (size > CREW_BLOCK_MAX)
        return NULL;
    while (!r->nfree && r->out && !r->gone)
        hear(r);
    return r->nfree ? &r->areas[take_free(r)].buf : NULL;
}

/* Not handed out: it is free again. */
static void
back(void *ctx, struct tcs_pool_buf *b)
{
    struct reader *r = ctx;
    const uint32_t nr = number_of(r, b);
    if (r->areas[nr].out)
        return;
    r->areas[nr].used = CREW_IN; /* it may have been filled */
    memmove(r->free + 1, r->free, r->nfree++ * sizeof *r->free);
    r->free[0] = nr;
}

static uint32_t
format_number(const struct crew_plan *plan, const struct tcs_format *f)
{
    uint32_t i = 0;
    while (plan->job.formats[i] != f)
        i++;
    return i;
}

/* What a worker is told of the block in the area. */
static void
describe(const struct reader *r, uint32_t nr, const struct tcs_unit *u, uint64_t at)
{
    uint8_t *in = r->plan->areas[nr].in;
    const struct tcs_str path = tcs_base_str_slice(r->origin->path, 0, CREW_TEXT_MAX);
    const struct tcs_str head = tcs_base_str_slice(u->block.head, 0, CREW_TEXT_MAX);
    struct crew_block b = {.at = at,
                           .n = u->block.n,
                           .offset = u->block.offset,
                           .first_record = u->block.first_record,
                           .format = format_number(r->plan, u->format),
                           .path = (uint32_t)path.n,
                           .head = (uint32_t)head.n,
                           .origin = *r->origin,
                           .position = u->position};
    b.origin.path = (struct tcs_str){0};
    memcpy(in, &b, sizeof b);
    memcpy(in + sizeof b, path.p, path.n);
    if (head.n)
        memcpy(in + sizeof b + path.n, head.p, head.n);
}

/* The area that the block is in; one that was read into other memory is copied to one. */
static uint32_t
place(struct reader *r, const struct tcs_unit *u)
{
    struct tcs_pool_buf *own = u->own;
    uint32_t nr;
    uint64_t at = 0;
    if (u->format && own->lent) {
        nr = number_of(r, own);
        at = (uint64_t)(u->block.p - own->p);
    } else {
        while (!r->nfree && !r->gone)
            hear(r);
        if (r->gone)
            return 0;
        nr = take_free(r);
        if (u->format)
            memcpy(r->areas[nr].buf.p, u->block.p, u->block.n + TCS_BLOCK_PADDING);
    }
    if (u->format)
        describe(r, nr, u, at);
    r->areas[nr].used = u->format ? at + u->block.n : 0;
    r->areas[nr].out = true;
    r->out++;
    return nr;
}

static void
hand_out(struct reader *r, const struct tcs_unit *u)
{
    struct crew_msg m = {.what = CREW_UNIT,
                         .mark = (uint32_t)(uintptr_t)u->position.mark,
                         .unit = {.n = u->block.n,
                                  .offset = u->block.offset,
                                  .decoded = u->format,
                                  .position = u->position}};
    m.unit.position.mark = NULL;
    tell_origin(r, u->block.origin);
    if (!is_new(r))
        return;
    m.number = place(r, u);
    if (!r->gone)
        say(r, &m, (struct tcs_str){0});
}

static int
read_all(struct reader *r, struct tcs_err *err)
{
    struct tcs_unit unit;
    int e;
    while ((e = tcs_input_next(r->in, &unit, err)) == 0) {
        hand_out(r, &unit);
        tcs_input_unit_free(r->in, &unit);
        if (r->gone)
            return 0;
    }
    struct crew_msg m = {.what = CREW_END};
    if (e == 1)
        say(r, &m, (struct tcs_str){0});
    return e < 0 ? e : 0;
}

/* --- the whole process --- */

/* What workers write is not for it. */
static bool
make_areas(struct reader *r, const struct crew_plan *plan)
{
    const uint32_t n = plan->nworkers * CREW_DEPTH;
    r->plan = plan;
    r->areas = calloc(n, sizeof *r->areas);
    r->free = calloc(n, sizeof *r->free);
    if (!r->areas || !r->free)
        return false;
    for (unsigned i = 0; i < plan->nworkers; i++)
        tcs_process_shared_leave(plan->stopping[i], CREW_STOPPING);
    for (uint32_t i = 0; i < n; i++) {
        tcs_process_shared_leave(plan->areas[i].out, CREW_OUT);
        /* another reader may have used it before */
        r->areas[i] = (struct area){
            .used = CREW_IN,
            .buf = {.p = plan->areas[i].in + CREW_BLOCK_AT, .cap = CREW_BLOCK_MAX, .lent = true}};
    }
    return true;
}

static int
begin(struct reader *r, struct crew_msg *start, const struct tcs_inputs_memory *memory,
      const struct tcs_pool_lender *lender, struct tcs_err *err)
{
    const struct crew_plan *plan = r->plan;
    const struct tcs_inputs_opts opts = {.formats = plan->job.formats,
                                         .memory = start->mark ? memory : NULL,
                                         .lender = lender,
                                         .problem = on_problem,
                                         .entered = on_entry,
                                         .ctx = r,
                                         .csv = plan->opts.tables,
                                         .own = r->own,
                                         .nown = r->nown};
    struct crew_msg m = {.what = CREW_BEGUN};
    enum tcs_sandbox_state state = TCS_SANDBOX_FULL;
    int e = tcs_input_open(plan->opts.paths, plan->opts.npaths, &opts, &r->in, err);
    if (e == 0 && plan->opts.confine) {
        e = tcs_detect_roots_confine(r->in, plan->opts.paths, plan->opts.npaths, 0, &state, err);
        if (e < 0)
            tcs_base_wrap(err, TCS_UNCONFINED_ADVICE);
    }
    if (e < 0)
        return e;
    r->entry_before = start->at.place.entry;
    r->told_before = start->at.told;
    if (start->number) /* not the first reader */
        tcs_input_go_to(r->in, &start->at.place);
    m.unconfined = state == TCS_SANDBOX_NO_LANDLOCK;
    say(r, &m, (struct tcs_str){0});
    return 0;
}

void
detect_crew_reader(const struct crew_plan *plan, int channel)
{
    struct reader *r = calloc(1, sizeof *r);
    struct tcs_err err = {0};
    struct crew_msg start;
    struct tcs_str text;
    tcs_process_spawned("tocsin-reader", 0);
    if (!r || !make_areas(r, plan))
        return;
    r->channel = channel;
    const struct tcs_pool_lender lender = {r, lend, back};
    const struct tcs_inputs_memory memory = {r, on_begin, on_end};
    if (detect_crew_hear(channel, &start, &text, r->room) != 0 || start.what != CREW_START)
        return;
    /* from one process of this program to another: sentences are where they are in both */
    r->nown = text.n / sizeof *r->own < OWN_MAX ? text.n / sizeof *r->own : OWN_MAX;
    memcpy(r->own, text.p, r->nown * sizeof *r->own);
    int e = begin(r, &start, &memory, &lender, &err);
    if (e == 0)
        e = read_all(r, &err);
    if (e == 0)
        return;
    struct crew_msg m = {.what = CREW_FAILED, .code = -e};
    detect_crew_say(channel, &m, tcs_base_str_of(err.msg));
}

/* detect/positions.c - read positions in and out of the store. */
#include "detect/positions.h"

#include "base/grow.h"
#include "base/map.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

/* A log that is read in this run; the mark of its positions. */
struct mark {
    struct tcs_store_source source;
    uint64_t resumed; /* it is read on behind so many bytes, if it can be */
    struct tcs_store_repeat *repeats;
    size_t nrepeats;
    bool began;        /* a block of it was put in this run */
    bool counted;      /* `repeats` are what is kept: a line that has no end yet came behind them */
    bool mixed;        /* seen by another detector than its `source.content` is of */
    struct mark *next; /* reached, and not yet put */
    struct mark *next_counted; /* of those whose `counted` is set */
};

struct tcs_positions {
    struct tcs_store *store;
    struct tcs_arena *arena; /* of `before`; then of the thread that reads, for its marks */
    struct tcs_inputs_memory memory;
    pthread_mutex_t lock; /* of content, and of what marks say of their file */
    uint8_t content[32];
    struct tcs_store_source *before; /* of earlier runs */
    uint32_t nbefore, capbefore;
    struct tcs_map by_path; /* index into before */
    struct mark *reached, **end, *counted;
    bool failed; /* out of memory */
};

static void
on_known(void *ctx, const struct tcs_store_source *src)
{
    struct tcs_positions *p = ctx;
    if (!tcs_base_arena_grow(p->arena, &p->before, p->nbefore, &p->capbefore, sizeof *p->before)) {
        p->failed = true;
        return;
    }
    p->before[p->nbefore] = *src;
    if (tcs_base_map_put(&p->by_path, src->path, p->nbefore++) < 0)
        p->failed = true;
}

/* --- on the thread that reads --- */

/* BLAKE2b of the file's first bytes, at most TCS_STORE_HEAD, and of as many before `read`: a log
 * that was written anew keeps its beginning more often than both. */
void
tcs_detect_known_ends(uint8_t out[32], const struct tcs_inputs_file *f, uint64_t head,
                      uint64_t read)
{
    uint8_t bytes[TCS_STORE_HEAD];
    uint64_t n = read < sizeof bytes ? read : sizeof bytes;
    crypto_generichash_state h;
    if (head > sizeof bytes)
        head = sizeof bytes;
    crypto_generichash_init(&h, NULL, 0, 32);
    crypto_generichash_update(&h, bytes, f->read_at(f->file, 0, bytes, head));
    crypto_generichash_update(&h, bytes, f->read_at(f->file, read - n, bytes, n));
    crypto_generichash_final(&h, out, 32);
}

/* Is the file the one that was read then, as far as these bytes tell? */
static bool
same_file(const struct tcs_known *then, const struct tcs_inputs_file *f)
{
    uint8_t ends[32];
    if (f->size < then->size)
        return false;
    tcs_detect_known_ends(ends, f, then->then_head, then->read);
    return memcmp(ends, then->ends, sizeof ends) == 0;
}

void
tcs_detect_known_judge(const struct tcs_known *then, const struct tcs_inputs_file *f,
                       struct tcs_inputs_from *ret)
{
    if (!then->known || !same_file(then, f))
        return;
    ret->skip = then->size == f->size && then->mtime == f->mtime;
    /* Only logs of lines have them counted.  One that was written without growing was changed
     * somewhere. */
    if (then->records && (ret->skip || f->size > then->size)) {
        ret->offset = then->read;
        ret->records = then->records;
    }
}

static struct mark *
new_mark(struct tcs_positions *p, struct tcs_str path, uint64_t size, int64_t mtime)
{
    struct mark *m = tcs_base_arena_zalloc(p->arena, sizeof *m);
    struct tcs_str own = tcs_base_arena_str(p->arena, path);
    if (!m || !own.p)
        return NULL; /* read again next time */
    /* `head` follows at the file's end; a mark that never gets there is of no file */
    m->source =
        (struct tcs_store_source){.path = own,
                                  .head_size = size < TCS_STORE_HEAD ? size : TCS_STORE_HEAD,
                                  .size = size,
                                  .mtime = mtime};
    pthread_mutex_lock(&p->lock);
    memcpy(m->source.content, p->content, sizeof m->source.content);
    pthread_mutex_unlock(&p->lock);
    return m;
}

struct mark *
tcs_detect_positions_ask(struct tcs_positions *p, const struct tcs_asked *f, struct mark *again,
                         struct tcs_known *ret)
{
    struct mark *m = again ? again : new_mark(p, f->path, f->size, f->mtime);
    uint32_t i = tcs_base_map_get(&p->by_path, f->path);
    const struct tcs_store_source *then = i == TCS_MAP_NONE ? NULL : &p->before[i];
    *ret = (struct tcs_known){0};
    if (!m)
        return NULL;
    ret->head = m->source.head_size;
    if (!then || memcmp(then->content, m->source.content, sizeof then->content) != 0)
        return m;
    ret->known = true;
    ret->then_head = then->head_size;
    ret->size = then->size;
    ret->mtime = then->mtime;
    ret->read = then->read;
    ret->records = then->records;
    memcpy(ret->ends, then->head, sizeof ret->ends);
    return m;
}

void
tcs_detect_positions_resumed(struct mark *m, uint64_t read)
{
    m->resumed = read;
}

void
tcs_detect_positions_ended(struct tcs_positions *p, struct mark *m, const uint8_t ends[32])
{
    pthread_mutex_lock(&p->lock);
    memcpy(m->source.head, ends, sizeof m->source.head);
    pthread_mutex_unlock(&p->lock);
}

static void
on_begin(void *ctx, const struct tcs_inputs_file *f, struct tcs_inputs_from *ret)
{
    const struct tcs_asked asked = {f->path, f->size, f->mtime};
    struct tcs_known known;
    struct mark *m = tcs_detect_positions_ask(ctx, &asked, NULL, &known);
    ret->mark = m;
    if (!m)
        return;
    tcs_detect_known_judge(&known, f, ret);
    tcs_detect_positions_resumed(m, ret->offset);
}

static void
on_end(void *ctx, const struct tcs_inputs_file *f, const struct tcs_position *at)
{
    struct mark *m = at->mark;
    uint8_t ends[32];
    if (!m)
        return;
    tcs_detect_known_ends(ends, f, m->source.head_size, at->read);
    tcs_detect_positions_ended(ctx, m, ends);
}

/* --- on the engine's --- */

int
tcs_detect_positions_open(const char *dir, const uint8_t content[32], struct tcs_positions **ret,
                          struct tcs_err *err)
{
    struct tcs_positions *p = calloc(1, sizeof *p);
    if (!p || !(p->arena = tcs_base_arena_new(0))) {
        free(p);
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    }
    pthread_mutex_init(&p->lock, NULL);
    p->end = &p->reached;
    p->memory = (struct tcs_inputs_memory){p, on_begin, on_end};
    memcpy(p->content, content, sizeof p->content);
    int r = tcs_store_open(dir, TCS_STORE_WRITE, &p->store, err);
    if (r == 0)
        r = tcs_store_begin(p->store, err);
    if (r == 0)
        r = tcs_store_sources(p->store, p->arena, on_known, p, err);
    if (r == 0 && p->failed)
        r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    if (r == 0)
        *ret = p;
    else
        tcs_detect_positions_close(p);
    return r;
}

static void
drop_repeats(struct mark *m)
{
    free(m->repeats);
    m->repeats = NULL;
    m->nrepeats = 0;
}

void
tcs_detect_positions_close(struct tcs_positions *p)
{
    if (!p)
        return;
    for (struct mark *m = p->reached; m; m = m->next)
        drop_repeats(m);
    for (struct mark *m = p->counted; m; m = m->next_counted)
        drop_repeats(m);
    tcs_store_close(p->store);
    tcs_base_map_done(&p->by_path);
    tcs_base_arena_free(p->arena);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

struct tcs_store *
tcs_detect_positions_store(const struct tcs_positions *p)
{
    return p ? p->store : NULL;
}

const struct tcs_inputs_memory *
tcs_detect_positions_memory(const struct tcs_positions *p)
{
    return p ? &p->memory : NULL;
}

void
tcs_detect_positions_content(struct tcs_positions *p, const uint8_t content[32])
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    memcpy(p->content, content, sizeof p->content);
    pthread_mutex_unlock(&p->lock);
}

static int
on_repeat(void *ctx, const struct tcs_store_repeat *row, struct tcs_err *err)
{
    uint64_t nth;
    return tcs_detect_repeats_next(ctx, &row->record, row->count, &nth) < 0
               ? tcs_base_fail(err, TCS_ENOMEM, "out of memory")
               : 0;
}

int
tcs_detect_positions_recall(struct tcs_positions *p, const struct tcs_batch *b,
                            struct tcs_repeats *ret, struct tcs_err *err)
{
    struct mark *m = b->position.mark;
    if (!p || !m)
        return 0;
    m->began = true;
    if (!m->resumed || b->offset < m->resumed)
        return 0;
    return tcs_store_repeats_get(p->store, m->source.path, on_repeat, ret, err);
}

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
}

static int
keep_repeats(struct mark *m, const struct tcs_repeats *r, struct tcs_err *err)
{
    m->repeats = r->n ? calloc(r->n, sizeof *m->repeats) : NULL;
    if (r->n && !m->repeats)
        return no_memory(err);
    for (uint32_t i = 0; i < r->slots; i++) {
        if (!r->at[i].count)
            continue;
        struct tcs_store_repeat *x = &m->repeats[m->nrepeats++];
        memcpy(x->record.b, r->at[i].key, sizeof x->record.b);
        x->count = r->at[i].count;
    }
    return 0;
}

/* Nothing came behind what an earlier run read: its counts hold. */
static int
keep_recalled(struct tcs_positions *p, struct mark *m, struct tcs_err *err)
{
    struct tcs_repeats then = {0};
    int r = tcs_store_repeats_get(p->store, m->source.path, on_repeat, &then, err);
    if (r == 0)
        r = keep_repeats(m, &then, err);
    tcs_detect_repeats_done(&then);
    return r;
}

int
tcs_detect_positions_torn(struct tcs_positions *p, const struct tcs_position *at,
                          const struct tcs_repeats *repeats, struct tcs_err *err)
{
    struct mark *m = at->mark;
    if (!p || !m || m->counted)
        return 0;
    m->counted = true;
    m->next_counted = p->counted;
    p->counted = m;
    return keep_repeats(m, repeats, err);
}

int
tcs_detect_positions_reached(struct tcs_positions *p, const struct tcs_position *at,
                             const struct tcs_repeats *repeats, struct tcs_err *err)
{
    struct mark *m = at->mark;
    int r = 0;
    if (!p || !m)
        return 0;
    m->mixed |= memcmp(m->source.content, p->content, sizeof p->content) != 0;
    if (!at->whole || m->mixed)
        return 0;
    m->source.read = at->read;
    m->source.records = at->records;
    if (at->records && !m->counted) /* else it is not read on, but again */
        r = m->began ? keep_repeats(m, repeats, err) : keep_recalled(p, m, err);
    if (r < 0)
        return r;
    *p->end = m;
    p->end = &m->next;
    return 0;
}

int
tcs_detect_positions_put(struct tcs_positions *p, struct tcs_err *err)
{
    int r = 0;
    if (!p)
        return 0;
    for (struct mark *m = p->reached; m; m = m->next) {
        if (r == 0)
            r = tcs_store_source_put(p->store, &m->source, err);
        if (r == 0 && m->nrepeats)
            r = tcs_store_repeats_put(p->store, m->source.path, m->repeats, m->nrepeats, err);
        drop_repeats(m);
    }
    p->reached = NULL;
    p->end = &p->reached;
    return r;
}

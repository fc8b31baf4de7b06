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
    struct mark *next; /* reached, and not yet put */
};

struct tcs_positions {
    struct tcs_store *store;
    struct tcs_arena *arena; /* of `before`; then of the thread that reads, for its marks */
    struct tcs_inputs_memory memory;
    pthread_mutex_t lock; /* of content */
    uint8_t content[32];
    struct tcs_store_source *before; /* of earlier runs */
    uint32_t nbefore, capbefore;
    struct tcs_map by_path; /* index into before */
    struct mark *reached, **end;
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

/* BLAKE2b of the first bytes, at most TCS_STORE_HEAD and at most `size`. */
static void
hash_head(uint8_t out[32], const struct tcs_inputs_file *f, uint64_t size)
{
    crypto_generichash(out, 32, f->head, size, NULL, 0);
}

/* Is the file the one that was read then, as far as its beginning tells? */
static bool
same_beginning(const struct tcs_store_source *then, const struct tcs_inputs_file *f)
{
    uint8_t head[32];
    if (then->head_size > f->nhead || f->size < then->size)
        return false;
    hash_head(head, f, then->head_size);
    return memcmp(head, then->head, sizeof head) == 0;
}

static void
on_begin(void *ctx, const struct tcs_inputs_file *f, struct tcs_inputs_from *ret)
{
    struct tcs_positions *p = ctx;
    struct mark *m = tcs_base_arena_zalloc(p->arena, sizeof *m);
    struct tcs_str path = tcs_base_arena_str(p->arena, f->path);
    if (!m || !path.p)
        return; /* read again next time */
    ret->mark = m;
    uint64_t head = f->nhead < TCS_STORE_HEAD ? f->nhead : TCS_STORE_HEAD;
    m->source = (struct tcs_store_source){
        .path = path, .head_size = head, .size = f->size, .mtime = f->mtime};
    hash_head(m->source.head, f, head);
    pthread_mutex_lock(&p->lock);
    memcpy(m->source.content, p->content, sizeof m->source.content);
    pthread_mutex_unlock(&p->lock);
    uint32_t i = tcs_base_map_get(&p->by_path, f->path);
    const struct tcs_store_source *then = i == TCS_MAP_NONE ? NULL : &p->before[i];
    if (!then || memcmp(then->content, m->source.content, sizeof then->content) != 0 ||
        !same_beginning(then, f))
        return;
    ret->skip = then->size == f->size && then->mtime == f->mtime;
    if (then->records) { /* only logs of lines have them counted */
        ret->offset = m->resumed = then->read;
        ret->records = then->records;
    }
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
    p->memory = (struct tcs_inputs_memory){p, on_begin};
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

void
tcs_detect_positions_close(struct tcs_positions *p)
{
    if (!p)
        return;
    for (struct mark *m = p->reached; m; m = m->next)
        free(m->repeats);
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
    const struct mark *m = b->position.mark;
    if (!p || !m || !m->resumed || b->offset < m->resumed)
        return 0;
    return tcs_store_repeats_get(p->store, m->source.path, on_repeat, ret, err);
}

static bool
keep_repeats(struct mark *m, const struct tcs_repeats *r)
{
    m->repeats = r->n ? calloc(r->n, sizeof *m->repeats) : NULL;
    if (r->n && !m->repeats)
        return false;
    for (uint32_t i = 0; i < r->slots; i++) {
        if (!r->at[i].count)
            continue;
        struct tcs_store_repeat *x = &m->repeats[m->nrepeats++];
        memcpy(x->record.b, r->at[i].key, sizeof x->record.b);
        x->count = r->at[i].count;
    }
    return true;
}

int
tcs_detect_positions_reached(struct tcs_positions *p, const struct tcs_position *at,
                             const struct tcs_repeats *repeats, struct tcs_err *err)
{
    struct mark *m = at->mark;
    if (!p || !m || !at->whole)
        return 0;
    m->source.read = at->read;
    m->source.records = at->records;
    if (at->records && !keep_repeats(m, repeats)) /* else it is not read on, but again */
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
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
        free(m->repeats);
        m->repeats = NULL;
    }
    p->reached = NULL;
    p->end = &p->reached;
    return r;
}

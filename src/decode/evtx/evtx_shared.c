/* decode/evtx/evtx_shared.c - templates that are the same in many chunks, compiled once.
 *
 * Each chunk carries its own copy of every template it uses, and the copies differ: a name stands
 * in place where the chunk first uses it and is an offset elsewhere.  So a definition is first
 * written in one notation - tokens, names as the shared structs they are, texts as bytes; sizes,
 * offsets and dependency ids left out - and that is the key.  The notation holds all that the
 * parser looks at, so equal keys give equal plans; the plan owns its texts.  Definitions with
 * anything unusual in them have no key and are compiled for their chunk alone. */
#include "base/hash.h"
#include "decode/evtx/evtx_int.h"

enum { FULL = EVTX_SHARED / 2, MEMORY = 8 << 20 };

struct canon {
    struct evtx *e;
    struct tcs_cursor *c;
    struct tcs_buf *b;
    bool done;
};

static bool
put_name(struct canon *k)
{
    const struct evtx_name *name = tcs_decode_evtx_name(k->e, k->c);
    tcs_base_buf_put(k->b, &name, sizeof name);
    return name != NULL;
}

/* u16 length in characters, then UTF-16. */
static bool
put_text(struct canon *k)
{
    uint16_t n = tcs_base_cur_u16(k->c);
    const uint8_t *p = tcs_base_cur_take(k->c, 2u * n);
    tcs_base_buf_put(k->b, &n, sizeof n);
    if (p)
        tcs_base_buf_put(k->b, p, 2u * n);
    return p != NULL;
}

static bool
put_bytes(struct canon *k, size_t n)
{
    const uint8_t *p = tcs_base_cur_take(k->c, n);
    if (p)
        tcs_base_buf_put(k->b, p, n);
    return p != NULL;
}

static bool
put_token(struct canon *k)
{
    uint8_t tok = tcs_base_cur_u8(k->c);
    tcs_base_buf_c(k->b, (char)(tok & 0x3f));
    switch (tok & 0xbf) {
    case 0x00:
        k->done = true;
        return true;
    case 0x01: /* dependency id, size, name, size of the attributes */
        return tcs_base_cur_skip(k->c, 6) && put_name(k) &&
               (!(tok & 0x40) || tcs_base_cur_skip(k->c, 4));
    case 0x02:
    case 0x03:
    case 0x04:
        return true;
    case 0x05:
        return tcs_base_cur_u8(k->c) == EVTX_T_STRING && put_text(k);
    case 0x06:
    case 0x09:
        return put_name(k);
    case 0x0d:
    case 0x0e:
        return put_bytes(k, 3);
    case 0x0f:
        return tcs_base_cur_skip(k->c, 3);
    default:
        return false;
    }
}

/* The key of the definition at c, in e->canon; false: it has none. */
static bool
make_key(struct evtx *e, struct tcs_cursor c)
{
    struct canon k = {.e = e, .c = &c, .b = &e->canon};
    e->canon.n = 0;
    while (!k.done && tcs_base_cur_left(&c))
        if (!put_token(&k) || c.bad)
            return false;
    return !e->canon.failed;
}

bool
tcs_decode_evtx_shared_find(struct evtx *e, const struct tcs_cursor *c, struct evtx_shared **ret)
{
    if (!make_key(e, *c))
        return false;
    struct tcs_str key = tcs_base_buf_view(&e->canon);
    uint64_t hash = tcs_base_hash(key.p, key.n, e->secret);
    size_t i = hash % EVTX_SHARED;
    while (e->shared[i].plan &&
           !(e->shared[i].hash == hash && tcs_base_str_eq(e->shared[i].key, key)))
        i = (i + 1) % EVTX_SHARED;
    e->shared[i].hash = hash;
    *ret = &e->shared[i];
    return e->shared[i].plan || e->nshared < FULL;
}

void
tcs_decode_evtx_shared_add(struct evtx *e, struct evtx_shared *at, struct evtx_plan *plan)
{
    at->key = tcs_base_arena_str(e->shared_mem, tcs_base_buf_view(&e->canon));
    if (!at->key.p)
        return;
    at->plan = plan;
    e->nshared++;
}

void
tcs_decode_evtx_shared_trim(struct evtx *e, bool all)
{
    if (!all && e->nshared < FULL && tcs_base_arena_used(e->shared_mem) < MEMORY)
        return;
    memset(e->shared, 0, sizeof e->shared);
    e->nshared = 0;
    tcs_base_arena_reset(e->shared_mem);
}

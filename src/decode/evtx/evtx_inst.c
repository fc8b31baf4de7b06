/* decode/evtx/evtx_inst.c - a template instance: which template, and the values for its holes.
 *
 * In: the bytes behind a 0x0c token: unknown u8, template id u32, offset of the definition u32, the
 * definition itself if it is written right there, number of values u32, a descriptor (size u16,
 * type u8, unused u8) for each, then the values.  Out: a plan, read once per chunk and offset, and
 * the values as slices.  Nested fragments (type 0x21) are read at once, so that a record is known
 * to be sound before any of it is shown. */
#include "decode/evtx/evtx_int.h"
#include "decode/evtx/evtx_stand.h"

enum { DEF_HEADER = 24 }; /* next in bucket u32, GUID 16, size u32 */

static struct evtx_plan_at *
plan_find(struct evtx *e, uint32_t offset)
{
    uint32_t i = (offset * 0x9e3779b1u) >> 22; /* 10 bits */
    _Static_assert(EVTX_PLAN_TABLE == 1 << 10, "hash width");
    while (e->plan_at[i].stamp == e->stamp && e->plan_at[i].offset != offset)
        i = (i + 1) % EVTX_PLAN_TABLE;
    return &e->plan_at[i];
}

/* A plan for the definition in def's window; NULL with the reason noted. */
static struct evtx_plan *
compile(struct evtx *e, struct tcs_cursor def, struct tcs_arena *mem)
{
    const struct evtx_inst *in;
    struct evtx_parse_opts o = {.mem = mem, .def = true, .own = mem == e->shared_mem};
    return tcs_decode_evtx_parse(e, &def, &o, &in) ? in->plan : NULL;
}

/* The plan of a definition, shared if it can be. */
static struct evtx_plan *
plan_of(struct evtx *e, struct tcs_cursor def)
{
    struct evtx_shared *at;
    if (e->plain || !tcs_decode_evtx_shared_find(e, &def, &at))
        return compile(e, def, e->chunk_mem);
    if (at->plan)
        return at->plan;
    struct evtx_plan *plan = compile(e, def, e->shared_mem);
    if (plan)
        tcs_decode_evtx_shared_add(e, at, plan);
    return plan;
}

/* The definition at `offset`; NULL with the reason noted. */
static struct evtx_plan *
definition(struct evtx *e, uint32_t offset)
{
    struct tcs_cursor c = tcs_base_cur(e->chunk, e->nchunk);
    tcs_base_cur_seek(&c, offset);
    tcs_base_cur_skip(&c, DEF_HEADER - 4);
    size_t size = tcs_base_cur_u32(&c), at = c.at;
    if (c.bad || offset < TCS_EVTX_CHUNK_HEADER || size > tcs_base_cur_left(&c)) {
        tcs_decode_evtx_fail(e, TCS_EPARSE, "its template lies outside the chunk");
        return NULL;
    }
    e->compiled += size;
    if (e->compiled > 2 * TCS_EVTX_CHUNK) {
        tcs_decode_evtx_fail(e, TCS_ELIMIT, "the chunk has more templates than fit into one");
        return NULL;
    }
    struct tcs_cursor def = tcs_base_cur(e->chunk, at + size);
    def.at = at;
    return plan_of(e, def);
}

/* A plan that says why there is none. */
static struct evtx_plan *
no_plan(struct evtx *e)
{
    struct evtx_plan *plan = tcs_base_arena_zalloc(e->chunk_mem, sizeof *plan);
    if (plan)
        plan->why = e->why;
    return plan;
}

static struct evtx_plan *
plan_get(struct evtx *e, uint32_t offset)
{
    struct evtx_plan_at *at = plan_find(e, offset);
    if (at->stamp == e->stamp)
        return at->plan;
    if (e->nplans > EVTX_PLANS_MAX) {
        tcs_decode_evtx_fail(e, TCS_ELIMIT, "the chunk has more templates than fit into one");
        return NULL;
    }
    struct evtx_plan *plan = definition(e, offset);
    if (!plan)
        plan = no_plan(e);
    if (plan) {
        *at = (struct evtx_plan_at){.stamp = e->stamp, .offset = offset, .plan = plan};
        e->nplans++;
    }
    return plan;
}

static bool
read_sub(struct evtx *e, const struct tcs_cursor *c, struct evtx_val *v, unsigned nest)
{
    struct tcs_cursor sub = tcs_base_cur(e->chunk, c->at);
    sub.at = c->at - v->n;
    struct evtx_parse_opts o = {.mem = e->rec_mem, .nest = nest + 1};
    return tcs_decode_evtx_parse(e, &sub, &o, &v->sub);
}

static bool read_bare(struct evtx *e, struct tcs_cursor *c, unsigned nest, struct evtx_inst *ret);

/* A fragment whose template is gone, in a record whose template is gone: its values, or bytes. */
static void
read_sub_bare(struct evtx *e, const struct tcs_cursor *c, struct evtx_val *v, unsigned nest)
{
    struct tcs_cursor sub = tcs_base_cur(e->chunk, c->at);
    struct evtx_inst *in = tcs_base_arena_zalloc(e->rec_mem, sizeof *in);
    sub.at = c->at - v->n;
    v->sub = NULL;
    if (in && nest < TCS_EVTX_NEST_MAX && read_bare(e, &sub, nest + 1, in) &&
        tcs_decode_evtx_stand_data(e, in))
        v->sub = in;
    else
        v->type = EVTX_T_BINARY;
}

static bool
read_values(struct evtx *e, struct tcs_cursor *c, unsigned nest, struct evtx_inst *in)
{
    bool bare = !in->plan;
    uint32_t n = tcs_base_cur_u32(c);
    if (n > TCS_EVTX_SUBST_MAX)
        return tcs_decode_evtx_fail(e, TCS_ELIMIT, "a template instance has too many values");
    const uint8_t *desc = tcs_base_cur_take(c, 4u * n);
    struct evtx_val *v = tcs_base_arena_alloc(e->rec_mem, n * sizeof *v);
    if (!desc || !v)
        return desc ? tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory")
                    : tcs_decode_evtx_fail(e, TCS_EPARSE, "the record ends before its values");
    in->vals = v;
    in->nvals = n;
    for (uint32_t i = 0; i < n; i++, v++, desc += 4) {
        v->n = tcs_base_le16(desc);
        v->type = desc[2];
        v->sub = NULL;
        v->p = tcs_base_cur_take(c, v->n);
        if (!v->p && v->n)
            return tcs_decode_evtx_fail(e, TCS_EPARSE, "the record ends inside its values");
        if (!tcs_decode_evtx_type_ok(v->type))
            return tcs_decode_evtx_fail(e, TCS_EPARSE, "a value of an undefined type");
        in->has_array |= (v->type & EVTX_T_ARRAY) != 0;
        if (v->type == EVTX_T_BINXML && v->n && !read_sub(e, c, v, nest)) {
            if (!bare)
                return false;
            read_sub_bare(e, c, v, nest);
        }
    }
    return true;
}

/* Behind the token; steps over a definition written in place. */
struct ref {
    uint32_t id, offset;
};

static struct ref
read_ref(struct tcs_cursor *c)
{
    struct ref r;
    tcs_base_cur_skip(c, 1);
    r.id = tcs_base_cur_u32(c);
    r.offset = tcs_base_cur_u32(c);
    if (!c->bad && c->at == r.offset) {
        tcs_base_cur_skip(c, DEF_HEADER - 4);
        tcs_base_cur_skip(c, tcs_base_cur_u32(c));
    }
    return r;
}

/* The id of a template is the first part of its GUID: in slack something else may lie there now. */
static bool
still_there(const struct evtx *e, struct ref r)
{
    struct tcs_cursor c = tcs_base_cur(e->chunk, e->nchunk);
    tcs_base_cur_seek(&c, r.offset);
    tcs_base_cur_skip(&c, 4);
    return tcs_base_cur_u32(&c) == r.id && !c.bad;
}

bool
tcs_decode_evtx_inst_read(struct evtx *e, struct tcs_cursor *c, unsigned nest,
                          const struct evtx_inst **ret)
{
    struct ref ref = read_ref(c);
    if (c->bad)
        return tcs_decode_evtx_fail(e, TCS_EPARSE, "the record ends inside a template reference");
    if (e->carved && !still_there(e, ref))
        return tcs_decode_evtx_fail(e, TCS_ECORRUPT, "its template was overwritten");
    struct evtx_inst *in = tcs_base_arena_zalloc(e->rec_mem, sizeof *in);
    struct evtx_plan *plan = plan_get(e, ref.offset);
    if (!in || !plan)
        return in ? false : tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory");
    if (!plan->root)
        return tcs_decode_evtx_fail(e, TCS_EPARSE, plan->why);
    in->plan = plan;
    *ret = in;
    return read_values(e, c, nest, in);
}

static bool
read_bare(struct evtx *e, struct tcs_cursor *c, unsigned nest, struct evtx_inst *ret)
{
    if (c->at < c->n && c->base[c->at] == 0x0f)
        tcs_base_cur_skip(c, 4); /* fragment header */
    if (tcs_base_cur_u8(c) != 0x0c)
        return tcs_decode_evtx_fail(e, TCS_EPARSE, "not a template instance");
    read_ref(c);
    return read_values(e, c, nest, ret);
}

bool
tcs_decode_evtx_inst_bare(struct evtx *e, struct tcs_cursor *c, struct evtx_inst *ret)
{
    return read_bare(e, c, 0, ret);
}

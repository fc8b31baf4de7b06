/* decode/evtx/evtx_prog.c - the JSON of a template, prepared: literal text and the places between.
 *
 * A plan becomes a row of segments once per chunk; a record then costs a copy for each literal and
 * a conversion for each value.  What does not have a fixed place is left to the functions on trees
 * (evtx_json_tree.c): single elements while preparing, whole instances when a record turns out to
 * hold an array or a fragment where its place is not fixed.  Both give the same bytes. */
#include "decode/evtx/evtx_prog.h"

#include "decode/evtx/evtx_json_tree.h"
#include "decode/evtx/evtx_put.h"

enum {
    LONG_TEXT = 1024, /* bytes; longer values are charged */
    OVERRUN = 16,     /* bytes that copying a literal may write behind it */
};

enum seg_op {
    SEG_END,
    SEG_LEAF,  /* one value, null when empty */
    SEG_DATA1, /* one value, "" when empty */
    SEG_LIST,  /* the only Data without a name: as SEG_DATA1, or an array as a list */
    SEG_ITEMS, /* one of several such Data: its items stand between those of the others */
    SEG_ATTRS, /* attributes of one value each, and at most one value as content */
    SEG_CHILD, /* a fragment behind the other members */
    SEG_ELEM,  /* an element by its tree */
    SEG_DATA,  /* a Data element by its tree */
};

/* ---- preparing ---- */

struct prog {
    struct evtx *e;
    struct evtx_plan *plan;
    struct evtx_inst none; /* an instance without values, for static parts */
    struct tcs_buf lit, segs;
    size_t from; /* lit from here belongs to the next segment */
};

static void
add_seg(struct prog *p, uint8_t op, uint16_t slot, const struct evtx_elem *el)
{
    struct evtx_seg s = {.at = (uint32_t)p->from,
                         .n = (uint32_t)(p->lit.n - p->from),
                         .op = op,
                         .slot = slot,
                         .elem = el};
    tcs_base_buf_put(&p->segs, &s, sizeof s);
    p->from = p->lit.n;
}

static const struct evtx_node *
only_slot(const struct evtx_elem *el)
{
    const struct evtx_node *n = el->nodes;
    return n && !n->next && n->kind == EVTX_SLOT ? n : NULL;
}

static bool
all_text(const struct evtx_node *n)
{
    while (n && n->kind == EVTX_TEXT)
        n = n->next;
    return !n;
}

static bool
attrs_static(const struct evtx_elem *el)
{
    const struct evtx_attr *a = el->attrs;
    while (a && all_text(a->nodes))
        a = a->next;
    return !a;
}

/* Attributes of one node each; content: nothing, or one value. */
static bool
attrs_simple(const struct evtx_elem *el)
{
    for (const struct evtx_attr *a = el->attrs; a; a = a->next)
        if (!a->nodes || a->nodes->next)
            return false;
    return !el->nodes || only_slot(el);
}

static bool
container(const struct evtx_elem *el)
{
    return el->name->known == EVTX_N_EVENTDATA || el->name->known == EVTX_N_USERDATA;
}

static bool
named_data(const struct evtx_elem *el)
{
    const struct evtx_attr *a = tcs_decode_evtx_json_name_attr(el);
    for (const struct evtx_node *n = a ? a->nodes : NULL; n; n = n->next)
        if (n->kind == EVTX_SLOT || !tcs_decode_evtx_value_empty(&n->text))
            return true;
    return false;
}

/* Are its members the same for every instance, apart from a fragment at the end? */
static bool
body_fixed(const struct evtx_elem *el)
{
    if (!el->has_elem || !attrs_static(el))
        return false;
    for (const struct evtx_node *n = el->nodes; n; n = n->next) {
        if (n->kind == EVTX_TEXT && tcs_decode_evtx_value_empty(&n->text))
            continue;
        if (n->kind == EVTX_SLOT && !n->next && !container(el))
            continue;
        if (n->kind != EVTX_ELEM)
            return false;
        const struct evtx_attr *a = tcs_decode_evtx_json_name_attr(n->elem);
        if (container(el) && n->elem->name->known == EVTX_N_DATA && a && !all_text(a->nodes))
            return false;
    }
    return true;
}

/* What comes before the value of the first attribute shown, and of those behind it. */
static bool
make_keys(struct prog *p, const struct evtx_elem *el)
{
    struct tcs_buf key = {0};
    bool ok = true;
    for (struct evtx_attr *a = el->attrs; a; a = a->next) {
        key.n = 0;
        tcs_buf_lit(&key, "{\"#attributes\":{");
        tcs_decode_evtx_json_key(&key, a->name->s, 0);
        a->key_first = tcs_base_arena_str(p->plan->mem, tcs_base_buf_view(&key));
        key.n = 0;
        tcs_base_buf_c(&key, ',');
        tcs_decode_evtx_json_key(&key, a->name->s, 0);
        a->key_next = tcs_base_arena_str(p->plan->mem, tcs_base_buf_view(&key));
        ok &= a->key_first.p && a->key_next.p;
    }
    tcs_base_buf_done(&key);
    return ok;
}

static void gen(struct prog *p, const struct evtx_elem *el);

/* `op` for a Data that is one value. */
static void
gen_data(struct prog *p, const struct evtx_elem *el, enum seg_op op)
{
    struct evtx_at at = {.e = p->e, .inst = &p->none};
    if (!el->deep)
        tcs_decode_evtx_json_data(&at, el, &p->lit, 0);
    else if (only_slot(el) && attrs_static(el))
        add_seg(p, el->attrs ? SEG_DATA1 : (uint8_t)op, el->nodes->slot, el);
    else
        add_seg(p, SEG_DATA, 0, el);
}

static bool
is_data(const struct evtx_node *n)
{
    return n->kind == EVTX_ELEM && n->elem->name->known == EVTX_N_DATA;
}

/* How the Data of an element are shown. */
struct datas {
    unsigned count;
    bool named, done;
};

static struct datas
look_at_data(const struct evtx_elem *el)
{
    struct datas d = {0};
    for (const struct evtx_node *n = container(el) ? el->nodes : NULL; n; n = n->next)
        if (is_data(n)) {
            d.count++;
            d.named |= named_data(n->elem);
        }
    return d;
}

static void
comma(struct prog *p, bool *any)
{
    if (*any)
        tcs_base_buf_c(&p->lit, ',');
    *any = true;
}

static void
gen_positional(struct prog *p, const struct evtx_elem *el, const struct datas *d)
{
    bool any = false;
    tcs_buf_lit(&p->lit, "\"Data\":{\"#text\":");
    if (d->count > 1)
        tcs_base_buf_c(&p->lit, '[');
    for (const struct evtx_node *n = el->nodes; n; n = n->next)
        if (is_data(n)) {
            comma(p, &any);
            gen_data(p, n->elem, d->count > 1 ? SEG_ITEMS : SEG_LIST);
        }
    if (d->count > 1)
        tcs_base_buf_c(&p->lit, ']');
    tcs_base_buf_c(&p->lit, '}');
}

static void
gen_named(struct prog *p, const struct evtx_elem *el, bool *any)
{
    if (!named_data(el))
        return;
    comma(p, any);
    tcs_base_buf_c(&p->lit, '"');
    for (const struct evtx_node *n = tcs_decode_evtx_json_name_attr(el)->nodes; n; n = n->next)
        tcs_decode_evtx_json_text(p->e, &p->lit, &n->text);
    tcs_buf_lit(&p->lit, "\":");
    gen_data(p, el, SEG_DATA1);
}

/* How many elements of that name stand before `end`. */
static uint32_t
same_before(const struct evtx_elem *el, const struct evtx_node *end, const struct evtx_name *name)
{
    uint32_t count = 0;
    for (const struct evtx_node *n = el->nodes; n != end; n = n->next)
        count += n->kind == EVTX_ELEM && n->elem->name == name;
    return count;
}

static void
gen_body(struct prog *p, const struct evtx_elem *el)
{
    struct evtx_at at = {.e = p->e, .inst = &p->none};
    struct datas d = look_at_data(el);
    tcs_base_buf_c(&p->lit, '{');
    bool any = tcs_decode_evtx_json_attrs(&at, el, &p->lit);
    for (const struct evtx_node *n = el->nodes; n; n = n->next) {
        if (n->kind == EVTX_SLOT) {
            add_seg(p, SEG_CHILD, n->slot, el);
        } else if (container(el) && is_data(n)) {
            if (d.named) {
                gen_named(p, n->elem, &any);
            } else if (!d.done) {
                comma(p, &any);
                gen_positional(p, el, &d);
                d.done = true;
            }
        } else if (n->kind == EVTX_ELEM) {
            comma(p, &any);
            tcs_decode_evtx_json_key(&p->lit, n->elem->name->s, same_before(el, n, n->elem->name));
            gen(p, n->elem);
        }
    }
    tcs_base_buf_c(&p->lit, '}');
}

/* Depth is that of the tree, TCS_EVTX_DEPTH_MAX. */
static void
gen(struct prog *p, const struct evtx_elem *el)
{
    struct evtx_at at = {.e = p->e, .inst = &p->none};
    if (!el->deep)
        tcs_decode_evtx_json_value(&at, el, &p->lit);
    else if (body_fixed(el))
        gen_body(p, el);
    else if (!el->attrs && only_slot(el))
        add_seg(p, SEG_LEAF, el->nodes->slot, el);
    else if (el->attrs && !el->has_elem && attrs_simple(el) && make_keys(p, el))
        add_seg(p, SEG_ATTRS, 0, el);
    else
        add_seg(p, SEG_ELEM, 0, el);
}

/* Siblings beyond this are counted too often for comfort: such a template stays a tree. */
enum { SIBLINGS_MAX = 512 };

static bool
few_siblings(const struct evtx_elem *el)
{
    unsigned count = 0;
    for (const struct evtx_node *n = el->nodes; n; n = n->next)
        if (++count > SIBLINGS_MAX || (n->kind == EVTX_ELEM && !few_siblings(n->elem)))
            return false;
    return true;
}

static bool
prepare(struct evtx *e, struct evtx_plan *plan)
{
    struct prog p = {.e = e, .plan = plan, .none = {.plan = plan}};
    plan->prepared = true;
    if (!few_siblings(plan->root))
        return false;
    gen(&p, plan->root);
    add_seg(&p, SEG_END, 0, NULL);
    static const char pad[OVERRUN];
    size_t text = p.lit.n;
    tcs_decode_evtx_json_key(&p.lit, plan->root->name->s, 0);
    size_t key = p.lit.n - text;
    tcs_base_buf_put(&p.lit, pad, sizeof pad);
    plan->lits = tcs_base_arena_str(plan->mem, tcs_base_buf_view(&p.lit)).p;
    struct evtx_seg *segs = tcs_base_arena_alloc(plan->mem, p.segs.n);
    if (segs && plan->lits && !p.lit.failed && !p.segs.failed && e->budget) {
        memcpy(segs, p.segs.p, p.segs.n);
        plan->nsegs = (uint32_t)(p.segs.n / sizeof *segs);
        plan->segs = segs;
        plan->key = (struct tcs_str){plan->lits + text, key};
    }
    tcs_base_buf_done(&p.lit);
    tcs_base_buf_done(&p.segs);
    return plan->segs != NULL;
}

/* ---- writing ---- */

static bool run(struct evtx *e, const struct evtx_inst *in, struct tcs_buf *b);

/* Literals are copied sixteen bytes at a time, past their end: both sides have the room. */
static inline void
put_lit(const struct evtx_plan *plan, const struct evtx_seg *s, struct tcs_buf *b)
{
    if (b->cap - b->n < s->n + OVERRUN && !tcs_base_buf_room(b, s->n + OVERRUN))
        return;
    const char *from = plan->lits + s->at, *end = from + s->n;
    for (char *to = b->p + b->n; from < end; from += 16, to += 16)
        memcpy(to, from, 16);
    b->n += s->n;
}

static inline const struct evtx_val *
val_at(const struct evtx_inst *in, uint16_t slot)
{
    return slot < in->nvals ? &in->vals[slot] : NULL;
}

/* The usual cases of tcs_decode_evtx_val_empty without a call. */
static inline bool
filled(const struct evtx_val *v)
{
    if (!v || v->n == 0)
        return false;
    if (v->type == EVTX_T_STRING && v->n > 1 && (v->p[0] || v->p[1]))
        return true;
    return !tcs_decode_evtx_val_empty(v);
}

static inline bool
put_val(struct evtx *e, struct tcs_buf *b, const struct evtx_val *v)
{
    if (v->n > LONG_TEXT && !tcs_decode_evtx_charge(e, v->n / 64))
        return false;
    tcs_decode_evtx_put_val(e, b, v);
    return true;
}

/* The items of an array among Data without names; false: there are none. */
static bool
put_items(struct evtx *e, const struct evtx_val *v, bool list, struct tcs_buf *b)
{
    struct evtx_val item;
    uint32_t count = tcs_decode_evtx_val_count(v);
    if (count == 0 || !tcs_decode_evtx_charge(e, count))
        return false;
    if (list && count > 1)
        tcs_base_buf_c(b, '[');
    bool any = false;
    for (size_t at = 0; tcs_decode_evtx_val_item(v, &at, &item); any = true) {
        if (any)
            tcs_base_buf_c(b, ',');
        if (tcs_decode_evtx_val_empty(&item))
            tcs_buf_lit(b, "\"\"");
        else if (!put_val(e, b, &item))
            return false;
    }
    if (list && count > 1)
        tcs_base_buf_c(b, ']');
    return true;
}

/* "Root":value of a fragment. */
static bool
put_fragment(struct evtx *e, const struct evtx_inst *sub, uint32_t suffix, struct tcs_buf *b)
{
    const struct evtx_plan *plan = sub->plan;
    if (plan->key.n && !suffix)
        tcs_base_buf_str(b, plan->key);
    else
        tcs_decode_evtx_json_key(b, plan->root->name->s, suffix);
    return run(e, sub, b);
}

static bool
put_leaf(struct evtx *e, const struct evtx_inst *in, const struct evtx_seg *s, struct tcs_buf *b)
{
    const struct evtx_val *v = val_at(in, s->slot);
    if (v && v->sub) {
        if (container(s->elem) && v->sub->plan->root->name->known == EVTX_N_DATA)
            return false;
        tcs_base_buf_c(b, '{');
        bool ok = put_fragment(e, v->sub, 0, b);
        tcs_base_buf_c(b, '}');
        return ok;
    }
    if (v && v->type & EVTX_T_ARRAY && v->n)
        return s->op >= SEG_LIST && put_items(e, v, s->op == SEG_LIST, b);
    if (filled(v))
        return put_val(e, b, v);
    tcs_base_buf_str(b, s->op == SEG_LEAF ? TCS_STR("null") : TCS_STR("\"\""));
    return true;
}

static bool
put_child(struct evtx *e, const struct evtx_inst *in, const struct evtx_seg *s, struct tcs_buf *b)
{
    const struct evtx_val *v = val_at(in, s->slot);
    if (!v || !v->sub)
        return !filled(v); /* text among elements has no place here */
    if (b->p[b->n - 1] != '{')
        tcs_base_buf_c(b, ',');
    return put_fragment(e, v->sub, same_before(s->elem, NULL, v->sub->plan->root->name), b);
}

/* One attribute or content: its value; false: it is empty. */
static bool
put_simple(struct evtx *e, const struct evtx_inst *in, const struct evtx_node *n,
           struct tcs_str before, struct tcs_buf *b)
{
    if (n->kind == EVTX_TEXT) {
        if (tcs_decode_evtx_value_empty(&n->text))
            return false;
        tcs_base_buf_str(b, before);
        tcs_decode_evtx_json_scalar(e, b, &n->text);
        return true;
    }
    const struct evtx_val *v = val_at(in, n->slot);
    if (!filled(v) || v->sub)
        return false;
    tcs_base_buf_str(b, before);
    return put_val(e, b, v);
}

static bool
put_attrs(struct evtx *e, const struct evtx_inst *in, const struct evtx_elem *el, struct tcs_buf *b)
{
    bool any = false;
    for (const struct evtx_attr *a = el->attrs; a; a = a->next)
        any |= put_simple(e, in, a->nodes, any ? a->key_next : a->key_first, b);
    const struct evtx_val *v = el->nodes ? val_at(in, el->nodes->slot) : NULL;
    if (v && v->sub)
        return false;
    if (!any && !filled(v)) {
        tcs_buf_lit(b, "null");
        return true;
    }
    if (!any)
        return put_val(e, b, v);
    tcs_base_buf_c(b, '}');
    if (el->nodes)
        put_simple(e, in, el->nodes, TCS_STR(",\"#text\":"), b);
    tcs_base_buf_c(b, '}');
    return e->budget != 0;
}

static bool
put_seg(struct evtx *e, const struct evtx_inst *in, const struct evtx_seg *s, struct tcs_buf *b)
{
    struct evtx_at at = {.e = e, .inst = in};
    switch ((enum seg_op)s->op) {
    case SEG_END:
        return true;
    case SEG_LEAF:
    case SEG_DATA1:
    case SEG_LIST:
    case SEG_ITEMS:
        return put_leaf(e, in, s, b);
    case SEG_ATTRS:
        return !in->has_array && put_attrs(e, in, s->elem, b);
    case SEG_CHILD:
        return put_child(e, in, s, b);
    case SEG_ELEM: /* an array in it would repeat it */
        tcs_decode_evtx_json_value(&at, s->elem, b);
        return !in->has_array;
    case SEG_DATA:
        tcs_decode_evtx_json_data(&at, s->elem, b, 0);
        return !in->has_array;
    }
    return true;
}

/* The value of an instance's root element; false: not in this way. */
static bool
run(struct evtx *e, const struct evtx_inst *in, struct tcs_buf *b)
{
    struct evtx_plan *plan = in->plan;
    struct evtx_at at = {.e = e, .inst = in};
    if (plan->mem == e->rec_mem || (!plan->prepared && !prepare(e, plan)) || !plan->segs) {
        tcs_decode_evtx_json_value(&at, plan->root, b);
        return e->budget != 0;
    }
    const struct evtx_seg *s = plan->segs, *end = s + plan->nsegs;
    if (!tcs_decode_evtx_charge(e, plan->nsegs))
        return false;
    for (; s < end; s++) {
        put_lit(plan, s, b);
        if (s->op == SEG_END)
            break;
        if (!put_seg(e, in, s, b))
            return false;
    }
    return true;
}

bool
tcs_decode_evtx_prog_run(struct evtx *e, const struct evtx_inst *in, struct tcs_buf *b)
{
    size_t start = b->n;
    tcs_base_buf_c(b, '{');
    if (put_fragment(e, in, 0, b) && e->budget) {
        tcs_base_buf_c(b, '}');
        return true;
    }
    b->n = start;
    return false;
}

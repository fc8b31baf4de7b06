/* decode/evtx/evtx_field.c - from an instance to the fields of an event.
 *
 * A plan's tree is turned into a list of steps once.  Most steps are "the field X is value N",
 * which needs no look at the tree; elements with attributes, mixed text, arrays or fragments take
 * the slow way, which also defines what the fast one means.  Names: see event/event.h. */
#include "base/grow.h"
#include "base/num.h"
#include "base/time.h"
#include "decode/evtx/evtx_int.h"

enum { WORK_BYTES = 64 }; /* bytes of text that count as one unit of work */

/* ---- steps ---- */

/* Two names joined; by the scratch buffer, since large arrays on the stack are cleared on entry. */
static const struct evtx_name *
intern_joined(struct evtx *e, struct tcs_str x, struct tcs_str y)
{
    e->scratch.n = 0;
    tcs_base_buf_str(&e->scratch, x);
    tcs_base_buf_c(&e->scratch, '_');
    tcs_base_buf_str(&e->scratch, y);
    return tcs_decode_evtx_intern(e, tcs_base_buf_view(&e->scratch));
}

static const struct evtx_name *
attr_field(struct evtx *e, const struct evtx_elem *el, const struct evtx_attr *a)
{
    if (a->name->known == EVTX_N_XMLNS)
        return NULL;
    if (el->name->known == EVTX_N_TIMECREATED && a->name->known == EVTX_N_SYSTEMTIME)
        return el->name;
    return intern_joined(e, el->name->local, a->name->local);
}

static const struct evtx_name *
intern_value(struct evtx *e, const struct tcs_value *v)
{
    e->scratch.n = 0;
    tcs_event_value_print(v, &e->scratch);
    return tcs_decode_evtx_intern(e, tcs_base_buf_view(&e->scratch));
}

static bool
is_data(const struct evtx_elem *el)
{
    return el->name->known == EVTX_N_DATA || el->name->known == EVTX_N_COMPLEXDATA;
}

static const struct evtx_attr *
name_attr(const struct evtx_elem *el)
{
    const struct evtx_attr *a = is_data(el) ? el->attrs : NULL;
    while (a && a->name->known != EVTX_N_NAME)
        a = a->next;
    return a;
}

/* RenderingInfo repeats the names of System, so its own get a prefix; its message does not. */
static const struct evtx_name *
plain_field(struct evtx *e, const struct evtx_elem *el)
{
    struct tcs_str s = el->name->local;
    if (el->parent && el->parent->name->known == EVTX_N_RENDERING &&
        el->name->known != EVTX_N_MESSAGE)
        return intern_joined(e, TCS_STR("RenderingInfo"), s);
    return s.n == el->name->s.n ? el->name : tcs_decode_evtx_intern(e, s);
}

static bool
set_names(struct evtx *e, struct evtx_elem *el)
{
    const struct evtx_attr *name = name_attr(el);
    const struct evtx_node *n = name ? name->nodes : NULL;
    if (n && !n->next && n->kind == EVTX_TEXT && !tcs_decode_evtx_value_empty(&n->text)) {
        el->field = intern_value(e, &n->text);
        el->named = true;
    } else {
        el->field = plain_field(e, el);
    }
    for (struct evtx_attr *a = el->named ? NULL : el->attrs; a; a = a->next) {
        a->field = attr_field(e, el, a);
        if (!a->field && a->name->known != EVTX_N_XMLNS)
            return false;
    }
    return el->field != NULL;
}

/* Names whose bare presence says nothing about the event. */
static bool
structural(const struct evtx_elem *el)
{
    return el->name->known >= EVTX_N_EVENT && el->name->known <= EVTX_N_RENDERING;
}

enum op_kind {
    OP_VALUE, /* the field is that value */
    OP_ATTR,  /* the same if it is not empty */
    OP_TEXT,  /* the field is a text of the template */
    OP_TAIL,  /* content behind attributes: nothing if it is empty, unless they all were */
    OP_LEAF,  /* an element by its tree */
    OP_ATTRS, /* only its attributes */
    OP_CHILD, /* a hole between elements */
};

static size_t
count_ops(const struct evtx_elem *el)
{
    size_t n = 2;
    for (const struct evtx_attr *a = el->attrs; a; a = a->next)
        n++;
    for (const struct evtx_node *k = el->nodes; k; k = k->next)
        n += k->kind == EVTX_ELEM ? count_ops(k->elem) : 1;
    return n;
}

static bool
single(const struct evtx_node *n)
{
    return n && !n->next;
}

/* Attributes of one node each, at most one value as content. */
static bool
simple(const struct evtx_elem *el)
{
    for (const struct evtx_attr *a = el->attrs; a; a = a->next)
        if (!single(a->nodes))
            return false;
    return !el->nodes || (single(el->nodes) && el->nodes->kind == EVTX_SLOT);
}

/* No hole in an attribute: an array there would repeat the element. */
static bool
fixed_attrs(const struct evtx_elem *el)
{
    for (const struct evtx_attr *a = el->attrs; a; a = a->next)
        for (const struct evtx_node *n = a->nodes; n; n = n->next)
            if (n->kind == EVTX_SLOT)
                return false;
    return true;
}

static struct evtx_op *
add_op(struct evtx_plan *plan, enum op_kind kind, const struct evtx_elem *el,
       const struct evtx_node *n)
{
    struct evtx_op *op = &plan->ops[plan->nops++];
    *op = (struct evtx_op){.kind = (uint8_t)kind,
                           .field = el->field,
                           .elem = el,
                           .child = n,
                           .named = is_data(el),
                           .slot = n && n->kind == EVTX_SLOT ? n->slot : UINT16_MAX};
    return op;
}

static void
group_ops(struct evtx_plan *plan, const struct evtx_elem *el)
{
    uint32_t from = plan->nops;
    for (const struct evtx_attr *a = el->attrs; a; a = a->next) {
        if (!a->field ||
            (a->nodes->kind == EVTX_TEXT && tcs_decode_evtx_value_empty(&a->nodes->text)))
            continue;
        add_op(plan, a->nodes->kind == EVTX_SLOT ? OP_ATTR : OP_TEXT, el, a->nodes)->field =
            a->field;
    }
    add_op(plan, OP_TAIL, el, el->nodes);
    plan->ops[from].span = (uint16_t)(plan->nops - from);
}

static void
leaf_ops(struct evtx_plan *plan, const struct evtx_elem *el)
{
    const struct evtx_node *n = el->nodes;
    bool value = single(n) && n->kind == EVTX_SLOT;
    if (structural(el))
        add_op(plan, OP_LEAF, el, NULL);
    else if (value && (!el->attrs || (el->named && fixed_attrs(el))))
        add_op(plan, OP_VALUE, el, n);
    else if (!is_data(el) && simple(el))
        group_ops(plan, el);
    else
        add_op(plan, OP_LEAF, el, NULL);
}

/* Depth is that of the tree, TCS_EVTX_DEPTH_MAX. */
static bool
make_ops(struct evtx *e, struct evtx_plan *plan, struct evtx_elem *el)
{
    if (!set_names(e, el))
        return false;
    if (!el->has_elem) {
        leaf_ops(plan, el);
        return true;
    }
    if (el->attrs)
        add_op(plan, OP_ATTRS, el, NULL);
    for (const struct evtx_node *n = el->nodes; n; n = n->next) {
        if (n->kind != EVTX_ELEM)
            add_op(plan, OP_CHILD, el, n);
        else if (!make_ops(e, plan, n->elem))
            return false;
    }
    return true;
}

static bool
plan_ops(struct evtx *e, struct evtx_plan *plan)
{
    if (plan->ops)
        return true;
    plan->ops = tcs_base_arena_array(plan->mem, count_ops(plan->root), sizeof *plan->ops);
    plan->nops = 0;
    if (plan->ops && make_ops(e, plan, plan->root))
        return true;
    plan->ops = NULL;
    return tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory");
}

/* ---- fields ---- */

static bool
grow(struct evtx *e)
{
    if (e->nfields >= TCS_FIELDS_MAX)
        return tcs_decode_evtx_fail(e, TCS_ELIMIT, "the record has too many fields");
    if (!tcs_base_grow(&e->fields, &e->fields_cap, e->nfields, 1, sizeof *e->fields))
        return tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory");
    return true;
}

static inline bool
put(struct evtx *e, const struct evtx_name *name, struct tcs_value v)
{
    if (e->nfields == e->fields_cap && !grow(e))
        return false;
    if (!tcs_decode_evtx_charge(e, 1 + v.n / WORK_BYTES))
        return false;
    struct tcs_field *f = &e->fields[e->nfields++];
    f->name = name->s;
    f->value = v;
    f->slot = name->slot;
    return true;
}

static bool put_inst(struct evtx *e, const struct evtx_inst *in, unsigned depth);

struct content {
    struct tcs_value value; /* NULL when there is none */
    unsigned count;         /* values that are not empty */
    bool elems;             /* there were elements among the nodes */
};

/* Adds a value; a second one turns the content into text. */
static void
add_value(struct evtx *e, struct content *c, const struct tcs_value *v)
{
    if (c->count++ == 0) {
        c->value = *v;
        return;
    }
    struct tcs_buf *b = &e->scratch;
    b->n = 0;
    tcs_event_value_print(&c->value, b);
    tcs_event_value_print(v, b);
    c->value = tcs_event_value_str(tcs_base_arena_str(e->rec_mem, tcs_base_buf_view(b)));
}

/* The text of the nodes; elements among them become fields of their own when `depth` is given. */
static bool
content(const struct evtx_at *at, const struct evtx_node *n, unsigned depth, struct content *c)
{
    struct evtx_res r;
    *c = (struct content){.value = {.type = TCS_V_NULL}};
    for (; n; n = n->next) {
        if (!tcs_decode_evtx_charge(at->e, 1))
            return false;
        if (!tcs_decode_evtx_resolve(at, n, &r))
            continue;
        c->elems |= r.elem != NULL;
        if (r.elem && depth && !put_inst(at->e, r.inst, depth + 1))
            return false;
        if (r.elem || tcs_decode_evtx_value_empty(&r.value))
            continue;
        if (c->count && !tcs_decode_evtx_charge(at->e, (c->value.n + r.value.n) / WORK_BYTES))
            return false;
        add_value(at->e, c, &r.value);
    }
    return true;
}

static bool
put_attrs(const struct evtx_at *at, const struct evtx_elem *el)
{
    struct content c;
    for (const struct evtx_attr *a = el->named ? NULL : el->attrs; a; a = a->next) {
        if (!a->field)
            continue;
        if (!content(at, a->nodes, 0, &c) || (c.count && !put(at->e, a->field, c.value)))
            return false;
    }
    return true;
}

/* Data whose name is itself filled in. */
static const struct evtx_name *
dynamic_name(const struct evtx_at *at, const struct evtx_elem *el)
{
    struct content c;
    const struct evtx_attr *a = name_attr(el);
    if (!a || el->named || !content(at, a->nodes, 0, &c) || !c.count || c.value.n > 4096)
        return NULL;
    return intern_value(at->e, &c.value);
}

static bool put_leaf(const struct evtx_at *at, const struct evtx_elem *el, unsigned depth);

/* The element once for each item of the array. */
static bool
put_items(const struct evtx_at *at, const struct evtx_elem *el, const struct evtx_node *array,
          unsigned depth)
{
    struct evtx_over over = {.up = at->over, .node = array};
    struct evtx_at sub = {.e = at->e, .inst = at->inst, .over = &over};
    const struct evtx_val *v = tcs_decode_evtx_slot(at, array);
    over.depth = at->over ? at->over->depth + 1 : 1;
    for (size_t pos = 0; tcs_decode_evtx_val_item(v, &pos, &over.val);)
        if (!put_leaf(&sub, el, depth))
            return false;
    return true;
}

/* An element without elements of its own: its attributes, then its content. */
static bool
put_leaf(const struct evtx_at *at, const struct evtx_elem *el, unsigned depth)
{
    struct content c;
    const struct evtx_node *array = tcs_decode_evtx_array(at, el);
    if (array)
        return put_items(at, el, array, depth);
    uint32_t before = at->e->nfields;
    const struct evtx_name *name = dynamic_name(at, el);
    if (!name && !put_attrs(at, el))
        return false;
    if (!content(at, el->nodes, depth, &c))
        return false;
    if (c.count)
        return put(at->e, name ? name : el->field, c.value);
    if (is_data(el) && !c.elems)
        return put(at->e, name ? name : el->field, tcs_event_value_str(TCS_STR("")));
    if (at->e->nfields == before && !structural(el) && !c.elems)
        return put(at->e, el->field, c.value);
    return true;
}

/* A hole or instance between elements. */
static bool
put_child(const struct evtx_at *at, const struct evtx_op *op, unsigned depth)
{
    struct evtx_res r;
    if (!tcs_decode_evtx_resolve(at, op->child, &r))
        return true;
    if (r.elem)
        return put_inst(at->e, r.inst, depth + 1);
    return tcs_decode_evtx_value_empty(&r.value) || put(at->e, op->field, r.value);
}

static inline bool
put_value(const struct evtx_at *at, const struct evtx_op *op, const struct evtx_val *v,
          unsigned depth)
{
    if (!v || v->sub || v->type & EVTX_T_ARRAY || at->e->plain)
        return put_leaf(at, op->elem, depth);
    struct tcs_value t = tcs_decode_evtx_val_fast(v);
    if (tcs_decode_evtx_value_empty(&t))
        t = op->named ? tcs_event_value_str(TCS_STR("")) : (struct tcs_value){.type = TCS_V_NULL};
    return put(at->e, op->field, t);
}

static inline bool
put_if(struct evtx *e, const struct evtx_op *op, const struct evtx_val *v)
{
    struct tcs_value t = {.type = TCS_V_NULL};
    if (v && !v->sub)
        t = tcs_decode_evtx_val_fast(v);
    return tcs_decode_evtx_value_empty(&t) || put(e, op->field, t);
}

/* The steps of one element with attributes: what put_leaf does with it. */
static bool
put_group(const struct evtx_at *at, const struct evtx_op *op, unsigned depth)
{
    struct evtx *e = at->e;
    const struct evtx_inst *in = at->inst;
    const struct evtx_op *tail = op + op->span - 1;
    const struct evtx_val *v = tail->slot < in->nvals ? &in->vals[tail->slot] : NULL;
    uint32_t before = e->nfields;
    if (in->has_array || e->plain || (v && v->sub))
        return put_leaf(at, op->elem, depth);
    for (; op < tail; op++) {
        const struct evtx_val *a = op->slot < in->nvals ? &in->vals[op->slot] : NULL;
        if (!(op->kind == OP_TEXT ? put(e, op->field, op->child->text) : put_if(e, op, a)))
            return false;
    }
    if (!put_if(e, tail, v))
        return false;
    return e->nfields > before || put(e, tail->field, (struct tcs_value){.type = TCS_V_NULL});
}

/* `depth` counts instances inside instances from 1. */
static bool
put_inst(struct evtx *e, const struct evtx_inst *in, unsigned depth)
{
    struct evtx_at at = {.e = e, .inst = in};
    if (depth > 2 * TCS_EVTX_NEST_MAX)
        return tcs_decode_evtx_fail(e, TCS_ELIMIT, "fragments are nested too deep");
    if (!plan_ops(e, in->plan))
        return false;
    const struct evtx_op *op = in->plan->ops, *end = op + in->plan->nops;
    for (bool ok = true; op < end; op += op->span ? op->span : 1) {
        if (op->kind == OP_VALUE)
            ok = put_value(&at, op, op->slot < in->nvals ? &in->vals[op->slot] : NULL, depth);
        else if (op->span)
            ok = put_group(&at, op, depth);
        else if (op->kind == OP_CHILD)
            ok = put_child(&at, op, depth);
        else if (op->kind == OP_ATTRS)
            ok = put_attrs(&at, op->elem);
        else
            ok = put_leaf(&at, op->elem, depth);
        if (!ok)
            return false;
    }
    return true;
}

bool
tcs_decode_evtx_fields(struct evtx *e, const struct evtx_inst *in)
{
    e->nfields = 0;
    return put_inst(e, in, 1) && !tcs_base_arena_failed(e->rec_mem);
}

bool
tcs_decode_evtx_content(const struct evtx_at *at, const struct evtx_node *n, struct tcs_value *ret)
{
    struct content c;
    if (!content(at, n, 0, &c))
        return false;
    *ret = c.value;
    return true;
}

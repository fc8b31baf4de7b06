/* decode/evtx/evtx_tree.c - what the nodes of a tree stand for in one instance: holes are filled,
 * empty optional ones vanish, arrays hand out items, nested fragments lead on to their own tree. */
#include "decode/evtx/evtx_int.h"

enum { OVER_MAX = 4 }; /* arrays in one element that are unfolded against each other */

const struct evtx_val *
tcs_decode_evtx_slot(const struct evtx_at *at, const struct evtx_node *n)
{
    for (const struct evtx_over *o = at->over; o; o = o->up)
        if (o->node == n)
            return &o->val;
    return n->slot < at->inst->nvals ? &at->inst->vals[n->slot] : NULL;
}

/* An array where an element cannot be repeated: its items with commas between. */
static struct tcs_value
joined(struct evtx *e, const struct evtx_val *v)
{
    struct evtx_val item, first = {0};
    uint32_t count = 0;
    e->scratch.n = 0;
    for (size_t at = 0; tcs_decode_evtx_val_item(v, &at, &item); count++) {
        struct tcs_value t = tcs_decode_evtx_val_get(&item);
        if (count == 0)
            first = item;
        else
            tcs_base_buf_c(&e->scratch, ',');
        tcs_event_value_print(&t, &e->scratch);
    }
    if (count < 2) /* without items of a known size: the bytes */
        return tcs_decode_evtx_val_get(count ? &first : v);
    struct tcs_str s = tcs_base_arena_str(e->rec_mem, tcs_base_buf_view(&e->scratch));
    return tcs_event_value_str(s);
}

bool
tcs_decode_evtx_resolve(const struct evtx_at *at, const struct evtx_node *n, struct evtx_res *ret)
{
    const struct evtx_val *v;
    ret->elem = NULL;
    switch ((enum evtx_node_kind)n->kind) {
    case EVTX_TEXT:
        ret->value = n->text;
        return true;
    case EVTX_ELEM:
        ret->elem = n->elem;
        ret->inst = at->inst;
        return true;
    case EVTX_INST:
        ret->elem = n->inst->plan->root;
        ret->inst = n->inst;
        return true;
    case EVTX_SLOT:
        break;
    }
    v = tcs_decode_evtx_slot(at, n);
    if (!v || (n->optional && tcs_decode_evtx_val_empty(v)))
        return false;
    if (v->sub) {
        ret->elem = v->sub->plan->root;
        ret->inst = v->sub;
    } else {
        ret->value = v->type & EVTX_T_ARRAY ? joined(at->e, v) : tcs_decode_evtx_val_get(v);
    }
    return true;
}

static const struct evtx_node *
array_in(const struct evtx_at *at, const struct evtx_node *n)
{
    for (; n; n = n->next) {
        if (n->kind != EVTX_SLOT)
            continue;
        const struct evtx_val *v = tcs_decode_evtx_slot(at, n);
        if (v && v->type & EVTX_T_ARRAY && tcs_decode_evtx_val_count(v) > 1)
            return n;
    }
    return NULL;
}

const struct evtx_node *
tcs_decode_evtx_array(const struct evtx_at *at, const struct evtx_elem *el)
{
    if (!at->inst->has_array || !el->has_slot || (at->over && at->over->depth >= OVER_MAX))
        return NULL;
    const struct evtx_node *n = array_in(at, el->nodes);
    for (const struct evtx_attr *a = el->attrs; a && !n; a = a->next)
        n = array_in(at, a->nodes);
    return n;
}

/* decode/evtx/evtx_stand.c - stand-ins for templates that are gone.
 *
 * In: the values of an instance whose template was overwritten.  Out: a plan that shows them as
 * Data without names, of a whole record with the number and time that its frame has. */
#include "decode/evtx/evtx_stand.h"

#include "base/time.h"

static struct evtx_elem *
new_elem(struct evtx *e, struct evtx_elem *up, const char *name)
{
    struct evtx_elem *el = tcs_base_arena_zalloc(e->rec_mem, sizeof *el);
    struct evtx_node *n = up ? tcs_base_arena_zalloc(e->rec_mem, sizeof *n) : NULL;
    const struct evtx_name *nm = tcs_decode_evtx_intern(e, tcs_base_str_of(name));
    if (!el || !nm || (up && !n))
        return NULL;
    el->name = nm;
    el->tail = &el->nodes;
    el->attr_tail = &el->attrs;
    el->parent = up;
    if (up) {
        n->kind = EVTX_ELEM;
        n->elem = el;
        *up->tail = n;
        up->tail = &n->next;
        up->has_elem = true;
    }
    return el;
}

static bool
add_node(struct evtx *e, struct evtx_node **at, struct evtx_node node)
{
    *at = tcs_base_arena_zalloc(e->rec_mem, sizeof **at);
    if (*at)
        **at = node;
    return *at != NULL;
}

static bool
add_system(struct evtx *e, struct evtx_elem *root, uint64_t number, uint64_t filetime)
{
    struct evtx_elem *sys = new_elem(e, root, "System");
    struct evtx_elem *id = sys ? new_elem(e, sys, "EventRecordID") : NULL;
    struct evtx_elem *time = id ? new_elem(e, sys, "TimeCreated") : NULL;
    struct evtx_attr *a = time ? tcs_base_arena_zalloc(e->rec_mem, sizeof *a) : NULL;
    if (!a)
        return false;
    a->name = tcs_decode_evtx_intern(e, TCS_STR("SystemTime"));
    time->attrs = a;
    struct tcs_value num = {.type = TCS_V_UINT, .u = number};
    struct tcs_value when = {.type = TCS_V_TIME, .i = tcs_base_time_from_filetime(filetime)};
    return a->name && add_node(e, &id->nodes, (struct evtx_node){.kind = EVTX_TEXT, .text = num}) &&
           add_node(e, &a->nodes, (struct evtx_node){.kind = EVTX_TEXT, .text = when});
}

/* EventData with a Data for each value, under `up` if that is given. */
static struct evtx_elem *
add_data(struct evtx *e, struct evtx_elem *up, const struct evtx_inst *in)
{
    struct evtx_elem *data = new_elem(e, up, "EventData");
    for (uint32_t i = 0; data && i < in->nvals; i++) {
        struct evtx_elem *d = new_elem(e, data, "Data");
        if (!d ||
            !add_node(e, &d->nodes, (struct evtx_node){.kind = EVTX_SLOT, .slot = (uint16_t)i}))
            return NULL;
        d->has_slot = d->deep = data->deep = true;
    }
    return data;
}

static bool
give_plan(struct evtx *e, struct evtx_inst *in, struct evtx_elem *root)
{
    struct evtx_plan *plan = root ? tcs_base_arena_zalloc(e->rec_mem, sizeof *plan) : NULL;
    if (!plan)
        return tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory");
    root->deep = true;
    plan->root = root;
    plan->mem = e->rec_mem;
    tcs_decode_evtx_plan_head(plan);
    in->plan = plan;
    return true;
}

bool
tcs_decode_evtx_stand_data(struct evtx *e, struct evtx_inst *in)
{
    return give_plan(e, in, add_data(e, NULL, in));
}

bool
tcs_decode_evtx_stand_record(struct evtx *e, uint64_t number, uint64_t filetime,
                             struct evtx_inst *in)
{
    struct evtx_elem *root = new_elem(e, NULL, "Event");
    if (!root || !add_system(e, root, number, filetime) || !add_data(e, root, in))
        return tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory");
    return give_plan(e, in, root);
}

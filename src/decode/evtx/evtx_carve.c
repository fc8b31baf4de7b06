/* decode/evtx/evtx_carve.c - records in the space behind a chunk's live ones: what the chunk held
 * before it was used again, or what somebody cut off.
 *
 * In: a frame that is whole.  Out: an instance, by its own template if that is still there (its id
 * must fit, its names must have their hashes), else a stand-in that shows number and time from the
 * frame and the values as Data without names. */
#include "decode/evtx/evtx_carve.h"

#include "base/time.h"

static struct evtx_elem *
new_elem(struct evtx *e, struct evtx_elem *up, const char *name)
{
    struct evtx_elem *el = tcs_arena_zalloc(e->rec_mem, sizeof *el);
    struct evtx_node *n = up ? tcs_arena_zalloc(e->rec_mem, sizeof *n) : NULL;
    const struct evtx_name *nm = tcs_evtx_intern(e, tcs_str_of(name));
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
    *at = tcs_arena_zalloc(e->rec_mem, sizeof **at);
    if (*at)
        **at = node;
    return *at != NULL;
}

static bool
add_system(struct evtx *e, struct evtx_elem *root, const struct evtx_frame *f)
{
    struct evtx_elem *sys = new_elem(e, root, "System");
    struct evtx_elem *id = sys ? new_elem(e, sys, "EventRecordID") : NULL;
    struct evtx_elem *time = id ? new_elem(e, sys, "TimeCreated") : NULL;
    struct evtx_attr *a = time ? tcs_arena_zalloc(e->rec_mem, sizeof *a) : NULL;
    if (!a)
        return false;
    a->name = tcs_evtx_intern(e, TCS_STR("SystemTime"));
    time->attrs = a;
    struct tcs_value num = {.type = TCS_V_UINT, .u = f->id};
    struct tcs_value when = {.type = TCS_V_TIME, .i = tcs_time_from_filetime(f->filetime)};
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
    struct evtx_plan *plan = root ? tcs_arena_zalloc(e->rec_mem, sizeof *plan) : NULL;
    if (!plan)
        return tcs_evtx_fail(e, TCS_ENOMEM, "out of memory");
    root->deep = true;
    plan->root = root;
    plan->mem = e->rec_mem;
    tcs_evtx_plan_head(plan);
    in->plan = plan;
    return true;
}

bool
tcs_evtx_carve_data(struct evtx *e, struct evtx_inst *in)
{
    return give_plan(e, in, add_data(e, NULL, in));
}

static bool
stand_in(struct evtx *e, const struct evtx_frame *f, struct evtx_inst *in)
{
    struct evtx_elem *root = new_elem(e, NULL, "Event");
    if (!root || !add_system(e, root, f) || !add_data(e, root, in))
        return tcs_evtx_fail(e, TCS_ENOMEM, "out of memory");
    return give_plan(e, in, root);
}

bool
tcs_evtx_carve_record(struct evtx *e, const struct evtx_frame *f, const struct evtx_inst **ret)
{
    struct tcs_cursor c = tcs_cur(e->chunk, f->at + f->size - 4);
    struct evtx_parse_opts o = {.mem = e->rec_mem};
    c.at = f->at + 24;
    if (f->size > e->slack)
        return tcs_evtx_fail(e, TCS_ELIMIT, "the slack looks like more records than it can hold");
    e->slack -= f->size;
    if (tcs_evtx_parse(e, &c, &o, ret))
        return true;
    struct evtx_inst *in = tcs_arena_zalloc(e->rec_mem, sizeof *in);
    c = tcs_cur(e->chunk, f->at + f->size - 4);
    c.at = f->at + 24;
    *ret = in;
    return in && tcs_evtx_inst_bare(e, &c, in) && stand_in(e, f, in);
}

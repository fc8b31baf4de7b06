/* decode/evtx/evtx_head.c - from an instance to the header of an event: what decides which rules
 * can apply.
 *
 * Where the System values are is found once per template; a record then costs six look-ups.  A
 * record whose System is not in its outermost tree gives its fields first. */
#include "base/num.h"
#include "base/time.h"
#include "decode/evtx/evtx_int.h"

static const struct evtx_node *
attr_nodes(const struct evtx_elem *el, uint8_t known)
{
    for (const struct evtx_attr *a = el->attrs; a; a = a->next)
        if (a->name->known == known)
            return a->nodes;
    return NULL;
}

static void
head_from(struct evtx_head *h, const struct evtx_elem *el)
{
    switch (el->name->known) {
    case EVTX_N_PROVIDER:
        h->provider = attr_nodes(el, EVTX_N_NAME);
        break;
    case EVTX_N_TIMECREATED:
        h->time = attr_nodes(el, EVTX_N_SYSTEMTIME);
        break;
    case EVTX_N_EVENTID:
        h->event_id = el->nodes;
        break;
    case EVTX_N_CHANNEL:
        h->channel = el->nodes;
        break;
    case EVTX_N_COMPUTER:
        h->computer = el->nodes;
        break;
    case EVTX_N_RECORDID:
        h->record_id = el->nodes;
        break;
    default:
        break;
    }
}

void
tcs_decode_evtx_plan_head(struct evtx_plan *plan)
{
    for (const struct evtx_node *n = plan->root->nodes; n; n = n->next) {
        if (n->kind != EVTX_ELEM || n->elem->name->known != EVTX_N_SYSTEM)
            continue;
        for (const struct evtx_node *k = n->elem->nodes; k; k = k->next)
            if (k->kind == EVTX_ELEM)
                head_from(&plan->head, k->elem);
        plan->head.found = true;
        return;
    }
}

/* System is not in the outermost tree: make all fields and take it from there. */
static bool
head_from_fields(struct evtx *e, const struct evtx_inst *in, struct tcs_value ret[6])
{
    static const struct tcs_str name[6] = {{"Provider_Name", 13}, {"EventID", 7},
                                           {"Channel", 7},        {"Computer", 8},
                                           {"TimeCreated", 11},   {"EventRecordID", 13}};
    if (!tcs_decode_evtx_fields(e, in))
        return false;
    struct tcs_event ev = {.fields = e->fields, .nfields = e->nfields};
    for (int i = 0; i < 6; i++) {
        const struct tcs_field *f = tcs_event_field(&ev, name[i]);
        if (f)
            ret[i] = f->value;
    }
    return true;
}

/* The usual case first: one hole, filled with one plain value. */
static bool
head_value(const struct evtx_at *at, const struct evtx_node *n, struct tcs_value *ret)
{
    ret->type = TCS_V_NULL;
    if (!n)
        return true;
    if (n->kind == EVTX_SLOT && !n->next && n->slot < at->inst->nvals) {
        const struct evtx_val *v = &at->inst->vals[n->slot];
        if (!v->sub && !(v->type & EVTX_T_ARRAY)) {
            *ret = tcs_decode_evtx_val_fast(v);
            return true;
        }
    }
    return tcs_decode_evtx_content(at, n, ret);
}

static bool
as_uint(const struct tcs_value *v, uint64_t max, uint64_t *ret)
{
    if ((v->type == TCS_V_INT || v->type == TCS_V_UINT || v->type == TCS_V_HEX) && v->u <= max) {
        *ret = v->u;
        return true;
    }
    if (v->type != TCS_V_UTF8 && v->type != TCS_V_UTF16)
        return false;
    struct tcs_buf b = {0};
    tcs_event_value_print(v, &b);
    bool ok = tcs_base_num_u64(tcs_base_buf_view(&b), ret) && *ret <= max;
    tcs_base_buf_done(&b);
    return ok;
}

static bool
as_time(const struct tcs_value *v, int64_t *ret)
{
    if (v->type == TCS_V_TIME) {
        *ret = v->i;
        return true;
    }
    if (v->type != TCS_V_UTF8 && v->type != TCS_V_UTF16)
        return false;
    struct tcs_buf b = {0};
    tcs_event_value_print(v, &b);
    bool ok = tcs_base_time_parse(tcs_base_buf_view(&b), ret);
    tcs_base_buf_done(&b);
    return ok;
}

/* Sysmon for Linux writes the same records; everything else in this format is Windows. */
static struct tcs_str
product_of(const struct tcs_value *provider)
{
    static const char linux_sysmon[] = "Linux-Sysmon";
    struct tcs_str windows = TCS_STR("windows");
    if (provider->type != TCS_V_UTF16 || provider->n != 2 * (sizeof linux_sysmon - 1))
        return windows;
    for (size_t i = 0; i < sizeof linux_sysmon - 1; i++)
        if (tcs_base_le16(provider->b + 2 * i) != (uint8_t)linux_sysmon[i])
            return windows;
    return TCS_STR("linux");
}

bool
tcs_decode_evtx_head(struct evtx *e, const struct evtx_inst *in, struct tcs_event *ev)
{
    struct tcs_value v[6] = {{0}};
    uint64_t u;
    const struct evtx_head *h = &in->plan->head;
    const struct evtx_node *from[6] = {h->provider, h->event_id, h->channel,
                                       h->computer, h->time,     h->record_id};
    struct evtx_at at = {.e = e, .inst = in};
    if (!h->found && !head_from_fields(e, in, v))
        return false;
    for (int i = 0; h->found && i < 6; i++)
        if (!head_value(&at, from[i], &v[i]))
            return false;
    ev->provider = v[0];
    ev->channel = v[2];
    ev->computer = v[3];
    ev->product = product_of(&v[0]);
    ev->schema = "evtx";
    ev->event_id = as_uint(&v[1], UINT32_MAX - 1, &u) ? (uint32_t)u : TCS_EVENT_ID_NONE;
    as_time(&v[4], &ev->time);
    if (as_uint(&v[5], UINT64_MAX, &u)) {
        ev->record_id = u;
        ev->flags |= TCS_EVENT_NUMBERED;
    }
    return true;
}

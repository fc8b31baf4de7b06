/* sigma/scan_route.c - the group for an event's header.
 *
 * Channels are compared as the bytes that the log holds, in a small cache, before anything is
 * turned into text.  The caches have a fixed size and keep only whole keys, so that neither many
 * channels nor colliding ones can do more than slow a look-up down. */
#include "sigma/scan_int.h"

#include "base/hash.h"

#include <stdlib.h>

enum {
    CHANNEL_BYTES = 192,    /* longer names are not cached; the longest known has 75 characters */
    CHANNEL_NAME_MAX = 512, /* no channel that a rule names is longer */
    CHANNELS = 64,
    GROUPS = 1024,
};

struct channel_slot {
    uint8_t type, n;
    uint32_t class;
    uint8_t bytes[CHANNEL_BYTES];
};

struct group_slot {
    const struct plan_base *base;
    uint32_t id;
    const struct plan_group *group;
};

struct scan_route {
    const struct plan_routes *routes;
    struct channel_slot *last_channel;
    const char *last_product; /* a static string: the pointer says it all */
    size_t last_product_n;
    uint32_t product;
    struct tcs_buf text;
    struct channel_slot channels[CHANNELS];
    struct group_slot groups[GROUPS];
};

struct scan_route *
sigma_scan_route_new(const struct tcs_ruleset *rs)
{
    struct scan_route *r = calloc(1, sizeof *r);
    if (r)
        r->routes = &rs->routes;
    return r;
}

void
sigma_scan_route_free(struct scan_route *r)
{
    if (r)
        tcs_base_buf_done(&r->text);
    free(r);
}

static uint32_t
class_in(const struct tcs_map *m, struct tcs_str word)
{
    uint32_t c = word.n ? tcs_base_map_get(m, word) : TCS_MAP_NONE;
    return c == TCS_MAP_NONE ? 0 : c;
}

static uint32_t
channel_by_text(struct scan_route *r, const struct tcs_value *v)
{
    bool text = v->type == TCS_V_UTF8 || v->type == TCS_V_UTF16 || v->type == TCS_V_ANSI;
    if (text && v->n > CHANNEL_NAME_MAX)
        return 0;
    r->text.n = 0;
    tcs_event_value_print(v, &r->text);
    if (r->text.failed || r->text.n > CHANNEL_NAME_MAX)
        return 0;
    for (size_t i = 0; i < r->text.n; i++)
        r->text.p[i] = tcs_base_ascii_lower(r->text.p[i]);
    return class_in(&r->routes->channels, tcs_base_buf_view(&r->text));
}

static uint32_t
channel_class(struct scan_route *r, const struct tcs_value *v)
{
    bool text = v->type == TCS_V_UTF8 || v->type == TCS_V_UTF16;
    if (v->type == TCS_V_NULL || (text && v->n == 0))
        return 0;
    if (!text || v->n > CHANNEL_BYTES)
        return channel_by_text(r, v);
    struct channel_slot *c = r->last_channel;
    if (c && c->type == v->type && c->n == v->n && memcmp(c->bytes, v->b, v->n) == 0)
        return c->class;
    c = &r->channels[tcs_base_hash(v->b, v->n, v->type) % CHANNELS];
    r->last_channel = c;
    if (c->type == v->type && c->n == v->n && memcmp(c->bytes, v->b, v->n) == 0)
        return c->class;
    c->class = channel_by_text(r, v);
    c->type = v->type;
    c->n = (uint8_t)v->n;
    memcpy(c->bytes, v->b, v->n);
    return c->class;
}

static void
product_class(struct scan_route *r, const struct tcs_event *head)
{
    if (head->product.p != r->last_product || head->product.n != r->last_product_n) {
        r->product = class_in(&r->routes->products, head->product);
        r->last_product = head->product.p;
        r->last_product_n = head->product.n;
    }
}

static const struct plan_group *
by_id(const struct plan_base *base, uint32_t id)
{
    if (id == TCS_EVENT_ID_NONE)
        return base->groups[base->nids + 1];
    uint32_t lo = 0, hi = base->nids;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (base->ids[mid] < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool hit = lo < base->nids && base->ids[lo] == id;
    return base->groups[hit ? lo : base->nids];
}

const struct plan_group *
sigma_scan_route_find(struct scan_route *r, const struct tcs_event *head)
{
    product_class(r, head);
    const struct plan_product *p = &r->routes->product[r->product];
    uint32_t channel = channel_class(r, &head->channel);
    const struct plan_base *base = p->bases[p->channels[channel]];
    uint64_t h = tcs_base_hash_mix((uint64_t)(uintptr_t)base, head->event_id);
    struct group_slot *g = &r->groups[h % GROUPS];
    if (g->base != base || g->id != head->event_id)
        *g = (struct group_slot){base, head->event_id, by_id(base, head->event_id)};
    return g->group;
}

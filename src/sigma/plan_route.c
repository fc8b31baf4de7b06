/* sigma/plan_route.c - from the header of a record to the rules that can match it.
 *
 * Input: units with their route classes.  Output: routes, a table per product of channel -> base,
 * and per base event ids -> group.  Channels that no unit of the product names share place 0, so
 * the tables stay small.  Equal lists of units share one base, equal groups one group. */
#include "base/grow.h"
#include "sigma/plan.h"

#include <stdlib.h>

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "routing rules");
}

static bool
holds(const uint32_t *list, uint32_t n, uint32_t v)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == v)
            return true;
    return false;
}

static int
by_value(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

/* Sorts and removes what is there twice; returns the new length. */
static uint32_t
unique(uint32_t *list, uint32_t n)
{
    uint32_t kept = 0;
    if (n)
        qsort(list, n, sizeof *list, by_value);
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    return kept;
}

/* --- event ids ------------------------------------------------------------------------------ */

static uint32_t
count_ids(const struct plan_build *b, const struct plan_ex *x, uint32_t *out)
{
    uint32_t n = 0;
    if (!x->event_id)
        return 0;
    if (x->op == PLAN_EX_LIT) {
        uint32_t id;
        sigma_plan_pred_event_id(b->rs, &b->rs->preds[x->n], &id);
        if (id == TCS_EVENT_ID_NONE)
            return 0;
        if (out)
            *out = id;
        return 1;
    }
    for (uint32_t i = 0; i < x->n; i++)
        n += count_ids(b, x->kids[i], out ? out + n : NULL);
    return n;
}

static uint32_t
unit_ids(const struct plan_build *b, const struct plan_unit *u, uint32_t *out)
{
    uint32_t n = u->view ? u->view->nevent_ids : 0;
    if (out && n)
        memcpy(out, u->view->event_ids, n * sizeof *out);
    return n + count_ids(b, u->ex, out ? out + n : NULL);
}

enum which_id { THIS_ID, OTHER_ID, NO_ID };

static int
group_for(struct plan_build *b, const uint32_t *units, uint32_t n, enum which_id which, uint32_t id,
          const struct plan_group **ret)
{
    struct tcs_ruleset *rs = b->rs;
    struct plan_member *m = tcs_base_arena_array(b->tmp, n, sizeof *m);
    struct tcs_buf *key = &b->key;
    uint32_t count = 0;
    if (!m)
        return no_memory(b);
    key->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct plan_unit *u = &b->units[units[i]];
        if (u->view && u->view->nevent_ids &&
            (which != THIS_ID || !holds(u->view->event_ids, u->view->nevent_ids, id)))
            continue;
        const struct plan_ex *ex =
            which == NO_ID ? u->ex : sigma_plan_expr_fold(b, u->ex, id, which == OTHER_ID);
        if (!ex)
            return no_memory(b);
        if (ex->op == PLAN_EX_FALSE)
            continue;
        uint32_t tag[3] = {units[i], u->ex->event_id ? which + 1u : 0, u->ex->event_id ? id : 0};
        tcs_base_buf_put(key, tag, sizeof tag);
        m[count++] = (struct plan_member){.unit = u, .ex = ex};
        b->reachable[u->rule] = true;
    }
    uint32_t at = sigma_plan_intern(b, &b->groups, rs->ngroups);
    if (at == PLAN_NONE ||
        !tcs_base_grow(&rs->groups, &b->group_cap, rs->ngroups, 1, sizeof(void *)))
        return no_memory(b);
    if (at == rs->ngroups) {
        struct plan_group *g;
        int rc = sigma_plan_group(b, m, count, &g);
        if (rc < 0)
            return rc;
        g->number = rs->ngroups;
        rs->groups[rs->ngroups++] = g;
    }
    *ret = rs->groups[at];
    return 0;
}

static int
fill_base(struct plan_build *b, const uint32_t *units, uint32_t n, struct plan_base *base)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += unit_ids(b, &b->units[units[i]], NULL);
    uint32_t *ids = tcs_base_arena_array(b->rs->arena, total, sizeof *ids);
    if (!ids)
        return no_memory(b);
    total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += unit_ids(b, &b->units[units[i]], ids + total);
    base->ids = ids;
    base->nids = unique(ids, total);
    base->groups = tcs_base_arena_array(b->rs->arena, base->nids + 2u, sizeof(void *));
    if (!base->groups)
        return no_memory(b);
    int rc = 0;
    for (uint32_t i = 0; i < base->nids && rc == 0; i++)
        rc = group_for(b, units, n, THIS_ID, ids[i], &base->groups[i]);
    if (rc == 0)
        rc = group_for(b, units, n, OTHER_ID, 0, &base->groups[base->nids]);
    return rc < 0 ? rc : group_for(b, units, n, NO_ID, 0, &base->groups[base->nids + 1]);
}

/* --- product, channel ------------------------------------------------------------------------- */

static bool
unit_fits(const struct plan_unit *u, uint32_t product, uint32_t channel)
{
    return (!u->product || u->product == product) &&
           (!u->nchannels || holds(u->channels, u->nchannels, channel));
}

static int
base_for(struct plan_build *b, uint32_t product, uint32_t channel, const struct plan_base **ret)
{
    struct tcs_ruleset *rs = b->rs;
    uint32_t *units = tcs_base_arena_array(b->tmp, b->nunits, sizeof *units), n = 0;
    if (!units)
        return no_memory(b);
    for (uint32_t i = 0; i < b->nunits; i++)
        if (unit_fits(&b->units[i], product, channel))
            units[n++] = i;
    b->key.n = 0;
    tcs_base_buf_put(&b->key, units, n * sizeof *units);
    uint32_t at = sigma_plan_intern(b, &b->bases, rs->nbases);
    if (at == PLAN_NONE || !tcs_base_grow(&rs->bases, &b->base_cap, rs->nbases, 1, sizeof(void *)))
        return no_memory(b);
    if (at == rs->nbases) {
        struct plan_base *base = tcs_base_arena_zalloc(rs->arena, sizeof *base);
        if (!base)
            return no_memory(b);
        base->number = rs->nbases;
        rs->bases[rs->nbases++] = base;
        int rc = fill_base(b, units, n, base);
        if (rc < 0)
            return rc;
    }
    *ret = rs->bases[at];
    return 0;
}

static int
fill_product(struct plan_build *b, uint32_t product)
{
    struct plan_routes *r = &b->rs->routes;
    struct plan_product *p = &r->product[product];
    uint32_t total = 0, n = 0;
    for (uint32_t i = 0; i < b->nunits; i++)
        total += b->units[i].nchannels;
    uint32_t *channels = tcs_base_arena_array(b->tmp, total, sizeof *channels);
    uint16_t *bases = tcs_base_arena_array(b->rs->arena, r->channels.count + 1u, sizeof *bases);
    if (!channels || !bases)
        return no_memory(b);
    p->channels = bases;
    for (uint32_t i = 0; i < b->nunits; i++) {
        const struct plan_unit *u = &b->units[i];
        if (u->nchannels == 0 || (u->product && u->product != product))
            continue;
        memcpy(channels + n, u->channels, u->nchannels * sizeof *channels);
        n += u->nchannels;
    }
    n = unique(channels, n);
    p->nbases = n + 1;
    p->bases = tcs_base_arena_array(b->rs->arena, p->nbases, sizeof(void *));
    if (!p->bases)
        return no_memory(b);
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t channel = i ? channels[i - 1] : 0;
        if (i)
            bases[channel] = (uint16_t)i;
        int rc = base_for(b, product, channel, &p->bases[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int
sigma_plan_route(struct plan_build *b)
{
    struct plan_routes *r = &b->rs->routes;
    uint32_t classes = r->products.count + 1;
    r->product = tcs_base_arena_array(b->rs->arena, classes, sizeof *r->product);
    if (!r->product)
        return no_memory(b);
    if (r->channels.count >= UINT16_MAX)
        return tcs_base_fail(b->err, TCS_ELIMIT, "rules name more than %d channels", UINT16_MAX);
    for (uint32_t product = 0; product < classes; product++) {
        int rc = fill_product(b, product);
        if (rc < 0)
            return rc;
    }
    return 0;
}

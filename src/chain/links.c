/* chain/links.c - incidents while they grow: links, reasons, state changes; two become one.
 *
 * Numbers of incidents stay; one that went into another leads to it (chain_root). */
#include "chain/chain_int.h"

#include "base/grow.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

void
chain_add_reason(struct tcs_chain *c, struct chain_inc *in, struct chain_reason r)
{
    if (in->nreasons >= CHAIN_JOINS_MAX)
        return;
    if (!tcs_base_grow(&in->reasons, &in->cap_reasons, in->nreasons, 1, sizeof r))
        c->failed = true;
    else
        in->reasons[in->nreasons++] = r;
}

static uint64_t
print_of(const struct chain_finding *d)
{
    /* what is certain and what is not are told apart */
    uint64_t said = ((uint64_t)(d->flags & TCS_FINDING_UNCHECKED) << 32) + d->sig + 1u;
    return tcs_base_hash_mix(tcs_base_hash_mix(said, d->host), d->actor + 1u);
}

static bool
before(const struct tcs_chain *c, const struct chain_link *a, const struct chain_link *b)
{
    (void)c;
    return a->first != b->first ? a->first < b->first : a->finding < b->finding;
}

/* Makes room in a full incident: what weighs least goes, of equals the latest. */
static bool
evict_link(struct tcs_chain *c, struct chain_inc *in, const struct chain_finding *d)
{
    uint32_t least = UINT32_MAX, points = d->counts ? UINT32_MAX : 0;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_finding *p = &c->findings[in->links[i].finding];
        uint32_t w = p->counts ? p->points : 0;
        if (w <= points) {
            points = w;
            least = i;
        }
    }
    in->dropped++;
    c->stats.dropped_links++;
    if (least == UINT32_MAX || points >= (d->counts ? d->points : 0u))
        return false;
    in->changed = true;
    memmove(&in->links[least], &in->links[least + 1], (in->nlinks - least - 1) * sizeof *in->links);
    in->nlinks--;
    return true;
}

/* True: a new link; false: one more of a known one, or none for want of room. */
bool
chain_add_link(struct tcs_chain *c, struct chain_inc *in, const struct chain_link *l)
{
    for (uint32_t i = 0; i < in->nlinks; i++) {
        struct chain_link *k = &in->links[i];
        if (k->print != l->print)
            continue;
        k->count += l->count;
        k->last = l->last > k->last ? l->last : k->last;
        bool first = before(c, l, k), counts = c->findings[l->finding].counts;
        bool more = counts && !c->findings[k->finding].counts;
        if (first)
            k->first = l->first;
        if (more || (first && counts == c->findings[k->finding].counts))
            k->finding = l->finding;
        in->changed = in->changed || more || (first && counts);
        return more;
    }
    if (in->nlinks == CHAIN_LINKS_MAX && !evict_link(c, in, &c->findings[l->finding]))
        return false;
    if (!tcs_base_grow(&in->links, &in->cap_links, in->nlinks, 1, sizeof *l)) {
        c->failed = true;
        return false;
    }
    uint32_t at = in->nlinks++;
    for (; at > 0 && before(c, l, &in->links[at - 1]); at--)
        in->links[at] = in->links[at - 1];
    in->links[at] = *l;
    in->changed = in->changed || c->findings[l->finding].counts || at + 1 < in->nlinks;
    return true;
}

struct chain_link
chain_link_of(const struct tcs_chain *c, uint32_t finding)
{
    const struct chain_finding *d = &c->findings[finding];
    return (struct chain_link){
        .print = print_of(d), .first = d->time, .last = d->time, .count = 1, .finding = finding};
}

uint32_t
chain_begin(struct tcs_chain *c, uint32_t finding)
{
    const struct chain_finding *d = &c->findings[finding];
    if (!tcs_base_grow(&c->incs, &c->cap_incs, c->nincs, 1, sizeof *c->incs)) {
        c->failed = true;
        return UINT32_MAX;
    }
    c->incs[c->nincs] = (struct chain_inc){.into = c->nincs,
                                           .own = finding,
                                           .first = d->time,
                                           .last = d->time,
                                           .last_counted = d->time,
                                           .end = UINT32_MAX};
    return c->nincs++;
}

/* When a state was reached first, by whichever part. */
static void
add_move(struct chain_inc *in, struct chain_move m)
{
    for (uint32_t i = 0; i < in->nmoves; i++) {
        struct chain_move *k = &in->moves[i];
        if (k->state != m.state)
            continue;
        if (m.time < k->time || (m.time == k->time && m.finding < k->finding))
            *k = m;
        return;
    }
    if (in->nmoves < CHAIN_MOVES_MAX)
        in->moves[in->nmoves++] = m;
}

/* Of what was an incident of its own until then: somebody may have its id. */
static void
note_merged(struct tcs_chain *c, struct chain_inc *x, const struct chain_inc *y, uint32_t gone)
{
    for (uint32_t i = 0; i <= y->nmerged; i++) {
        uint32_t inc = i < y->nmerged ? y->merged[i] : gone;
        if (c->incs[inc].state < TCS_STATE_WATCH)
            continue;
        if (tcs_base_grow(&x->merged, &x->cap_merged, x->nmerged, 1, sizeof *x->merged))
            x->merged[x->nmerged++] = inc;
        else
            c->failed = true;
    }
}

/* The one that began first stays; its id is the incident's. */
uint32_t
chain_merge(struct tcs_chain *c, uint32_t a, uint32_t b)
{
    struct chain_inc *x = &c->incs[a], *y = &c->incs[b];
    if (y->first < x->first || (y->first == x->first && b < a)) {
        struct chain_inc *t = x;
        x = y;
        y = t;
    }
    uint32_t keep = x->into, gone = y->into;
    y->into = keep;
    for (uint32_t i = 0; i < y->nlinks; i++)
        (void)chain_add_link(c, x, &y->links[i]);
    for (uint32_t i = 0; i < y->nreasons; i++)
        chain_add_reason(c, x, y->reasons[i]);
    for (uint32_t i = 0; i < y->nmoves; i++)
        add_move(x, y->moves[i]);
    x->state = y->state > x->state ? y->state : x->state;
    note_merged(c, x, y, gone);
    x->last = y->last > x->last ? y->last : x->last;
    x->last_counted = y->last_counted > x->last_counted ? y->last_counted : x->last_counted;
    x->own = y->own < x->own ? y->own : x->own;
    x->findings += y->findings;
    x->dropped += y->dropped;
    x->changed = true;
    x->earlier |= y->earlier;
    free(y->links);
    free(y->reasons);
    y->links = NULL;
    y->reasons = NULL;
    y->nlinks = y->nreasons = 0;
    return keep;
}

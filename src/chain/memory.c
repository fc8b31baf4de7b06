/* chain/memory.c - the long memory: what is remembered of detections that are no longer kept.
 *
 * In: rows of (name, incident, stage, time).  Out, for a detection: stages that the same host or
 * account reached in an incident long ago count as seen earlier.  It never joins: there is no
 * record left to show. */
#include "chain/chain_int.h"

#include "base/grow.h"
#include "chain/weights.h"

#include <stdlib.h>

int
tcs_chain_earlier(struct tcs_chain *c, const struct tcs_earlier *row, struct tcs_err *err)
{
    const struct tcs_str none = {0};
    if (!row->stage || row->stage >= TCS_STAGES || !row->incident.n ||
        !tcs_base_time_usable(row->last))
        return 0;
    uint32_t id =
        row->account ? chain_account(&c->e, none, row->name, none) : chain_host(&c->e, row->name);
    if (!id)
        return 0;
    if (!tcs_base_grow(&c->earlier, &c->cap_earlier, c->nearlier, 1, sizeof *c->earlier))
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    c->earlier[c->nearlier++] =
        (struct chain_earlier){.id = id,
                               .account = row->account,
                               .stages = (uint8_t)(1u << row->stage),
                               .last = row->last,
                               .incident = chain_text(&c->e, row->incident)};
    return 0;
}

static bool
same_name(const struct chain_earlier *a, const struct chain_earlier *b)
{
    return a->account == b->account && a->id == b->id;
}

static int
by_incident(const void *pa, const void *pb)
{
    const struct chain_earlier *a = pa, *b = pb;
    if (!same_name(a, b))
        return a->account != b->account ? (a->account ? 1 : -1) : a->id < b->id ? -1 : 1;
    return a->incident < b->incident ? -1 : a->incident > b->incident;
}

/* The newest first.  Numbers of texts depend on the order they came in, so the ids themselves. */
static int
newest_first(const void *pa, const void *pb, void *ctx)
{
    const struct chain_earlier *a = pa, *b = pb;
    const struct tcs_chain *c = ctx;
    if (!same_name(a, b))
        return by_incident(a, b);
    if (a->last != b->last)
        return a->last > b->last ? -1 : 1;
    return tcs_base_str_cmp(chain_shown(&c->e.texts, a->incident),
                            chain_shown(&c->e.texts, b->incident));
}

/* One row for each name and incident. */
static void
fold(struct tcs_chain *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->nearlier; i++) {
        const struct chain_earlier *r = &c->earlier[i];
        struct chain_earlier *k = n ? &c->earlier[n - 1] : NULL;
        if (!k || by_incident(k, r) != 0) {
            c->earlier[n++] = *r;
            continue;
        }
        k->stages |= r->stages;
        k->last = r->last > k->last ? r->last : k->last;
    }
    c->nearlier = n;
}

void
chain_earlier_sort(struct tcs_chain *c)
{
    for (uint32_t i = 0; i < c->nearlier; i++) {
        struct chain_earlier *r = &c->earlier[i];
        r->id = chain_canon(r->account ? &c->e.accounts : &c->e.hosts, r->id);
    }
    if (!c->nearlier)
        return;
    qsort(c->earlier, c->nearlier, sizeof *c->earlier, by_incident);
    fold(c);
    qsort_r(c->earlier, c->nearlier, sizeof *c->earlier, newest_first, c);
}

static uint32_t
first_of(const struct tcs_chain *c, const struct chain_earlier *name)
{
    uint32_t lo = 0, hi = c->nearlier;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct chain_earlier *r = &c->earlier[mid];
        if (!same_name(r, name) && by_incident(r, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool
reminded(const struct chain_inc *in, uint32_t row)
{
    for (uint32_t i = 0; i < in->nreasons; i++)
        if (in->reasons[i].why == WHY_REMEMBERED && in->reasons[i].other == row)
            return true;
    return false;
}

static void
remind(struct tcs_chain *c, struct chain_inc *in, uint32_t det, const struct chain_earlier *name)
{
    const struct chain_det *d = &c->dets[det];
    uint32_t from = first_of(c, name);
    for (uint32_t i = from; i < c->nearlier && i - from < W_REMEMBERED; i++) {
        const struct chain_earlier *r = &c->earlier[i];
        if (!same_name(r, name))
            return;
        bool long_ago = d->time - r->last > chain_seconds(W_MEDIUM_JOIN_S);
        if (!long_ago || d->stage <= chain_furthest(r->stages) || reminded(in, i))
            continue;
        in->earlier |= r->stages;
        in->changed = true;
        chain_add_reason(c, in,
                         (struct chain_reason){.kind = TCS_JOIN_RELATED,
                                               .strength = TCS_JOIN_WEAK,
                                               .why = WHY_REMEMBERED,
                                               .time = d->time,
                                               .det = det,
                                               .to = UINT32_MAX,
                                               .obs = UINT32_MAX,
                                               .other = i});
    }
}

void
chain_remind(struct tcs_chain *c, struct chain_inc *in, uint32_t det)
{
    const struct chain_det *d = &c->dets[det];
    if (!c->nearlier)
        return;
    if (d->actor)
        remind(c, in, det, &(struct chain_earlier){.id = d->actor, .account = true});
    if (d->place && !c->e.hosts.at[d->place].stop)
        remind(c, in, det, &(struct chain_earlier){.id = d->place});
}

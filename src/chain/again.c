/* chain/again.c - records that are fed several times (the same log from two places, a shadow copy)
 * are folded while they are taken in, so that memory follows what is different.
 *
 * In: what was taken so far, in any order, names not yet resolved.  Out: of each record the one
 * that sorting would keep (sort_dets, sort_obs), so that the result is the same without.  Done
 * whenever the number has doubled since the last time: a few steps for each record in all. */
#include "chain/chain_int.h"

#include "base/hash.h"
#include "event/event.h"

#include <stdlib.h>

enum { FOLD_MIN = 1 << 14 }; /* fewer are not worth it */

struct kind {
    size_t size;
    uint64_t (*hash)(const void *item);
    bool (*same)(const void *a, const void *b);
    int (*order)(const void *a, const void *b, void *chain);
};

/* The same record of the same log, maybe from another copy of it: EventRecordIDs are a log's own.
 */
bool
chain_same_det(const struct chain_det *a, const struct chain_det *b)
{
    if (a->time != b->time || a->record != b->record || a->host != b->host ||
        a->channel != b->channel || a->sig != b->sig || a->group != b->group)
        return false;
    return a->event_id != TCS_EVENT_ID_NONE || (a->file == b->file && a->offset == b->offset);
}

bool
chain_same_obs(const struct chain_obs *a, const struct chain_obs *b)
{
    if (a->time != b->time || a->record != b->record || a->host != b->host ||
        a->channel != b->channel || a->kind != b->kind)
        return false;
    return a->event_id != TCS_EVENT_ID_NONE || (a->file == b->file && a->offset == b->offset);
}

static uint64_t
det_hash(const void *item)
{
    const struct chain_det *d = item;
    return tcs_hash_mix(tcs_hash_mix((uint64_t)d->time, d->record),
                        (uint64_t)d->host << 32 | d->sig);
}

static bool
det_same(const void *a, const void *b)
{
    return chain_same_det(a, b);
}

static uint64_t
obs_hash(const void *item)
{
    const struct chain_obs *o = item;
    return tcs_hash_mix(tcs_hash_mix((uint64_t)o->time, o->record),
                        (uint64_t)o->host << 32 | o->kind);
}

static bool
obs_same(const void *a, const void *b)
{
    return chain_same_obs(a, b);
}

/* How many are left; without memory for it, all. */
static uint32_t
fold(struct tcs_chain *c, void *items, uint32_t n, const struct kind *k)
{
    uint32_t mask = FOLD_MIN, kept = 0;
    char *at = items;
    while (mask < 2 * n)
        mask *= 2;
    uint32_t *slots = calloc(mask--, sizeof *slots); /* 1 + number; 0: empty */
    if (!slots)
        return n;
    for (uint32_t i = 0; i < n; i++) {
        char *item = at + i * k->size;
        uint32_t s = (uint32_t)k->hash(item) & mask;
        while (slots[s] && !k->same(at + (slots[s] - 1) * k->size, item))
            s = (s + 1) & mask;
        char *old = at + (slots[s] ? slots[s] - 1 : kept) * k->size;
        if (old != item && (!slots[s] || k->order(item, old, c) < 0))
            memcpy(old, item, k->size);
        if (!slots[s])
            slots[s] = ++kept;
    }
    free(slots);
    return kept;
}

/* When to look again: where most of it is different, never. */
static uint32_t
next_time(uint32_t kept, uint32_t max)
{
    if (kept < max / 2)
        return kept < FOLD_MIN / 2 ? FOLD_MIN : 2 * kept;
    return kept < max / 4 * 3 ? max : UINT32_MAX;
}

void
chain_fold_dets(struct tcs_chain *c)
{
    static const struct kind k = {sizeof(struct chain_det), det_hash, det_same, chain_order_det};
    if (c->ndets < FOLD_MIN || c->ndets < c->fold_dets)
        return;
    uint32_t kept = fold(c, c->dets, c->ndets, &k);
    c->stats.repeated += c->ndets - kept;
    c->ndets = kept;
    c->fold_dets = next_time(kept, c->opts.max_detections);
}

void
chain_fold_obs(struct tcs_chain *c)
{
    static const struct kind k = {sizeof(struct chain_obs), obs_hash, obs_same, chain_order_obs};
    if (c->nobs < FOLD_MIN || c->nobs < c->fold_obs)
        return;
    c->nobs = fold(c, c->obs, c->nobs, &k);
    for (uint32_t i = 0; i < c->nobs; i++) { /* they have moved */
        struct chain_key *a = c->obs[i].kind == TCS_OBS_ADDRESS
                                  ? chain_keys_get(&c->addresses, chain_address_key(&c->obs[i]))
                                  : NULL;
        if (a)
            a->inc = i;
    }
    c->fold_obs = next_time(c->nobs, c->opts.max_observations);
}

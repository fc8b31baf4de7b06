/* chain/deduplication.c - records that are fed several times (the same log from two places, a
 * shadow copy, an export of it) are folded, while they are taken in already, so that memory
 * follows what is different.
 *
 * In: what was taken so far, in any order, names resolved or not.  Out: of each record one, the
 * first of its copies (order.c), whenever it was folded.  Two detections are the same if record,
 * signature and group are; two observations, if record and kind are.  Done whenever the number
 * has doubled since the last time: a few steps for each record in all. */
#include "chain/chain_int.h"

#include "base/hash.h"

#include <stdlib.h>

enum { FOLD_MIN = 1 << 14 }; /* fewer are not worth it */

struct kind {
    size_t size;
    uint64_t (*hash)(const void *item);
    bool (*same)(const void *a, const void *b);
    int (*order)(const void *a, const void *b, void *chain);
};

static uint64_t
det_hash(const void *item)
{
    const struct chain_det *d = item;
    return tcs_base_hash_mix(d->key, tcs_base_hash_mix(d->sig, d->group));
}

static bool
det_same(const void *pa, const void *pb)
{
    const struct chain_det *a = pa, *b = pb;
    return a->key == b->key && a->sig == b->sig && a->group == b->group;
}

static uint64_t
obs_hash(const void *item)
{
    const struct chain_obs *o = item;
    return tcs_base_hash_mix(o->key, o->kind);
}

/* Addresses are one for each host, address and day already, and found by their places. */
static bool
obs_same(const void *pa, const void *pb)
{
    const struct chain_obs *a = pa, *b = pb;
    return a->key == b->key && a->kind == b->kind && a->kind != TCS_OBS_ADDRESS;
}

static const struct kind det_kind = {sizeof(struct chain_det), det_hash, det_same,
                                     chain_order_det_copy};
static const struct kind obs_kind = {sizeof(struct chain_obs), obs_hash, obs_same,
                                     chain_order_obs_copy};

/* *n becomes how many are left; without memory for it (false), nothing changes. */
static bool
fold(struct tcs_chain *c, void *items, uint32_t *n, const struct kind *k)
{
    uint32_t mask = FOLD_MIN, kept = 0;
    char *at = items;
    while (mask < 2 * *n)
        mask *= 2;
    uint32_t *slots = calloc(mask--, sizeof *slots); /* 1 + number; 0: empty */
    if (!slots)
        return false;
    for (uint32_t i = 0; i < *n; i++) {
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
    *n = kept;
    return true;
}

/* When to look again: where most of it is different, never. */
static uint32_t
next_time(uint32_t kept, uint32_t max)
{
    if (kept < max / 2)
        return kept < FOLD_MIN / 2 ? FOLD_MIN : 2 * kept;
    return kept < max / 4 * 3 ? max : UINT32_MAX;
}

static bool
fold_dets(struct tcs_chain *c)
{
    uint32_t before = c->ndets;
    bool good = fold(c, c->dets, &c->ndets, &det_kind);
    c->stats.repeated += before - c->ndets;
    return good;
}

static bool
fold_obs(struct tcs_chain *c)
{
    bool good = fold(c, c->obs, &c->nobs, &obs_kind);
    for (uint32_t i = 0; i < c->nobs; i++) { /* they have moved */
        struct chain_key *a = c->obs[i].kind == TCS_OBS_ADDRESS
                                  ? chain_keys_get(&c->addresses, chain_address_key(&c->obs[i]))
                                  : NULL;
        if (a)
            a->inc = i;
    }
    return good;
}

void
chain_fold_dets(struct tcs_chain *c)
{
    if (c->ndets < FOLD_MIN || c->ndets < c->fold_dets)
        return;
    (void)fold_dets(c); /* without memory for it, at the end */
    c->fold_dets = next_time(c->ndets, c->opts.max_detections);
}

void
chain_fold_obs(struct tcs_chain *c)
{
    if (c->nobs < FOLD_MIN || c->nobs < c->fold_obs)
        return;
    (void)fold_obs(c);
    c->fold_obs = next_time(c->nobs, c->opts.max_observations);
}

bool
chain_fold_all(struct tcs_chain *c)
{
    return fold_dets(c) && fold_obs(c);
}

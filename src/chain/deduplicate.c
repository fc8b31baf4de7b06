/* chain/deduplicate.c - records that are fed several times (the same log from two places, a shadow
 * copy, an export of it) are folded, while they are taken in already, so that memory follows what
 * is different.
 *
 * In: what was taken so far, in any order, names resolved or not.  Out: of each record one, the
 * first of its copies (order.c; before them, of findings, those that could be checked), whenever it
 * was folded.  Two findings are the same if record,
 * signature and group are; two observations, if record and kind are.  Done whenever the number has
 * doubled since the last time: a few steps for each record in all. */
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
finding_hash(const void *item)
{
    const struct chain_finding *d = item;
    return tcs_base_hash_mix(d->key, tcs_base_hash_mix(d->sig, d->group));
}

static bool
finding_same(const void *pa, const void *pb)
{
    const struct chain_finding *a = pa, *b = pb;
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

/* A copy that could be checked tells more than one that could not. */
static int
finding_order(const void *pa, const void *pb, void *ctx)
{
    const struct chain_finding *a = pa, *b = pb;
    int x = a->flags & TCS_FINDING_UNCHECKED, y = b->flags & TCS_FINDING_UNCHECKED;
    return x != y ? x - y : chain_order_finding_copy(a, b, ctx);
}

static const struct kind finding_kind = {sizeof(struct chain_finding), finding_hash, finding_same,
                                         finding_order};
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

/* When to look again.  Beyond the limit it is done before anything is left out (room.c). */
static uint32_t
next_time(uint32_t kept)
{
    return kept < FOLD_MIN / 2 ? FOLD_MIN : kept < UINT32_MAX / 2 ? 2 * kept : UINT32_MAX;
}

static bool
fold_findings(struct tcs_chain *c)
{
    uint32_t before = c->nfindings;
    bool good = fold(c, c->findings, &c->nfindings, &finding_kind);
    c->stats.repeated += before - c->nfindings;
    return good;
}

uint64_t
chain_address_key(const struct chain_obs *o, bool by_log)
{
    const int64_t day = (int64_t)86400 * TCS_TICKS_PER_SEC;
    uint64_t both = tcs_base_hash_mix(o->source_host, o->source_ip);
    if (by_log)
        both = tcs_base_hash_mix(both, o->file);
    return tcs_base_hash_mix(both, (uint64_t)(o->time / day)) | 1;
}

bool
chain_addresses_moved(struct tcs_chain *c)
{
    chain_keys_clear(&c->addresses);
    for (uint32_t i = 0; i < c->nobs; i++) {
        uint64_t key = c->obs[i].kind == TCS_OBS_ADDRESS ? chain_address_key(&c->obs[i], true) : 0;
        struct chain_key *a = key ? chain_keys_put(&c->addresses, key) : NULL;
        if (key && !a)
            return false;
        if (key)
            *a = (struct chain_key){.key = key, .inc = i};
    }
    return true;
}

static bool
fold_obs(struct tcs_chain *c)
{
    uint32_t before = c->nobs;
    return fold(c, c->obs, &c->nobs, &obs_kind) && (before == c->nobs || chain_addresses_moved(c));
}

void
chain_fold_findings(struct tcs_chain *c)
{
    if (c->nfindings < FOLD_MIN || c->nfindings < c->fold_findings)
        return;
    (void)fold_findings(c); /* without memory for it, at the end */
    c->fold_findings = next_time(c->nfindings);
}

void
chain_fold_obs(struct tcs_chain *c)
{
    if (c->nobs < FOLD_MIN || c->nobs < c->fold_obs)
        return;
    (void)fold_obs(c);
    c->fold_obs = next_time(c->nobs);
}

bool
chain_fold_addresses(struct tcs_chain *c)
{
    struct chain_keys first = {0};
    uint32_t n = 0;
    bool good = true;
    for (uint32_t i = 0; good && i < c->nobs; i++) {
        const struct chain_obs *o = &c->obs[i];
        uint64_t key = o->kind == TCS_OBS_ADDRESS ? chain_address_key(o, false) : 0;
        struct chain_key *k = key ? chain_keys_put(&first, key) : NULL;
        good = !key || k;
        if (k && k->key) {
            if (chain_order_obs(o, &c->obs[k->inc], c) < 0)
                c->obs[k->inc] = *o;
            continue;
        }
        if (k)
            *k = (struct chain_key){.key = key, .inc = n};
        c->obs[n++] = *o;
    }
    c->nobs = good ? n : c->nobs;
    chain_keys_clear(&first);
    chain_keys_clear(&c->addresses); /* nothing more is taken in */
    return good;
}

bool
chain_fold_all(struct tcs_chain *c)
{
    return fold_findings(c) && fold_obs(c);
}

bool
chain_fold_lost(struct tcs_chain *c)
{
    return fold_findings(c);
}

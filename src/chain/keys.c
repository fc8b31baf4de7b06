/* chain/keys.c - the table from keys to incidents: open addressing. */
#include "base/hash.h"
#include "base/invariant.h"
#include "chain/chain_int.h"

#include <stdlib.h>

static struct chain_key *
slot_of(const struct chain_keys *k, uint64_t key)
{
    TCS_INVARIANT(key != 0);
    TCS_INVARIANT((k->mask & (k->mask + 1)) == 0 && k->n <= k->mask);
    uint32_t i = (uint32_t)tcs_base_hash_mix(key, k->seed) & k->mask;
    while (k->at[i].key && k->at[i].key != key)
        i = (i + 1) & k->mask;
    return &k->at[i];
}

static bool
keys_room(struct chain_keys *k)
{
    if (k->at && k->n < k->mask / 4 * 3)
        return true;
    struct chain_keys big = {.mask = k->at ? k->mask * 2 + 1 : 1023, .n = k->n};
    big.seed = k->at ? k->seed : tcs_base_hash_secret();
    if (big.mask == UINT32_MAX || !(big.at = calloc((size_t)big.mask + 1, sizeof *big.at)))
        return false;
    for (uint32_t i = 0; k->at && i <= k->mask; i++)
        if (k->at[i].key)
            *slot_of(&big, k->at[i].key) = k->at[i];
    free(k->at);
    *k = big;
    return true;
}

struct chain_key *
chain_keys_get(const struct chain_keys *k, uint64_t key)
{
    struct chain_key *s = k->at && key ? slot_of(k, key) : NULL;
    return s && s->key ? s : NULL;
}

struct chain_key *
chain_keys_put(struct chain_keys *k, uint64_t key)
{
    struct chain_key *s = chain_keys_get(k, key);
    if (s)
        return s; /* needs no room */
    if (!keys_room(k))
        return NULL;
    k->n++;
    return slot_of(k, key);
}

void
chain_keys_clear(struct chain_keys *k)
{
    free(k->at);
    *k = (struct chain_keys){0};
}

/* base/map.c - open addressing, linear probing, at most 2/3 full, whole hash kept per slot. */
#include "base/map.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/invariant.h"

#include <stdlib.h>

struct tcs_map_slot {
    struct tcs_str key;
    uint64_t hash;
    uint32_t value;
    bool used;
};

void
tcs_base_map_done(struct tcs_map *m)
{
    free(m->slots);
    *m = (struct tcs_map){0};
}

static struct tcs_map_slot *
probe(const struct tcs_map *m, struct tcs_str key, uint64_t hash)
{
    TCS_INVARIANT((m->mask & (m->mask + 1)) == 0);
    TCS_INVARIANT(m->count <= m->mask); /* a free slot ends the walk */
    for (uint32_t i = (uint32_t)hash & m->mask;; i = (i + 1) & m->mask) {
        struct tcs_map_slot *s = &m->slots[i];
        if (!s->used || (s->hash == hash && tcs_base_str_eq(s->key, key)))
            return s;
    }
}

uint32_t
tcs_base_map_get(const struct tcs_map *m, struct tcs_str key)
{
    if (m->count == 0)
        return TCS_MAP_NONE;
    const struct tcs_map_slot *s = probe(m, key, tcs_base_hash(key.p, key.n, m->seed));
    return s->used ? s->value : TCS_MAP_NONE;
}

static int
grow(struct tcs_map *m)
{
    uint32_t cap = m->slots ? (m->mask + 1) * 2 : 16;
    if (!cap)
        return -TCS_ENOMEM;
    struct tcs_map bigger = {.slots = calloc(cap, sizeof *m->slots), .mask = cap - 1};
    if (!bigger.slots)
        return -TCS_ENOMEM;
    for (uint32_t i = 0; m->slots && i <= m->mask; i++)
        if (m->slots[i].used)
            *probe(&bigger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
    bigger.count = m->count;
    bigger.seed = m->seed;
    free(m->slots);
    *m = bigger;
    return 0;
}

/* A key that is there needs no room: it is found in a table that cannot grow, too. */
static struct tcs_map_slot *
slot_for(struct tcs_map *m, struct tcs_str key)
{
    if (!m->slots)
        m->seed = tcs_base_hash_secret();
    uint64_t hash = tcs_base_hash(key.p, key.n, m->seed);
    struct tcs_map_slot *s = m->slots ? probe(m, key, hash) : NULL;
    if (s && s->used)
        return s;
    if (!s || (uint64_t)m->count * 3 >= (uint64_t)m->mask * 2) {
        if (grow(m) < 0)
            return NULL;
        s = probe(m, key, hash);
    }
    *s = (struct tcs_map_slot){.key = key, .hash = hash, .value = TCS_MAP_NONE};
    return s;
}

int
tcs_base_map_put(struct tcs_map *m, struct tcs_str key, uint32_t value)
{
    struct tcs_map_slot *s = slot_for(m, key);
    if (!s)
        return -TCS_ENOMEM;
    m->count += !s->used;
    s->used = true;
    s->value = value;
    return 0;
}

uint32_t
tcs_base_map_intern(struct tcs_map *m, struct tcs_str key, uint32_t fresh)
{
    struct tcs_map_slot *s = slot_for(m, key);
    if (!s)
        return TCS_MAP_NONE;
    if (!s->used) {
        s->used = true;
        s->value = fresh;
        m->count++;
    }
    return s->value;
}

bool
tcs_base_map_next(const struct tcs_map *m, uint32_t *at, struct tcs_str *key, uint32_t *value)
{
    for (; m->slots && *at <= m->mask; ++*at) {
        const struct tcs_map_slot *s = &m->slots[*at];
        if (!s->used)
            continue;
        *key = s->key;
        *value = s->value;
        ++*at;
        return true;
    }
    return false;
}

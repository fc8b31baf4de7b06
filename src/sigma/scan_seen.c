/* sigma/scan_seen.c - what a field's value made fire, remembered by the value's bytes.
 *
 * Logs repeat themselves: the same image paths, hashes, users and command lines come again and
 * again.  What the literals of a field find in a value depends on its bytes alone, so the answer of
 * a value that came before is replayed instead of folding and searching it again.
 *
 * A table of fixed size per scan, sets of two.  A value is noted when it comes first and stored
 * only when it comes again, so that values that never repeat cost a hash and no copy. */
#include "sigma/scan_seen.h"

#include "base/hash.h"

#include <stdlib.h>

enum { SETS = 512, WAYS = 2, VALUE_MIN = 8, CREDIT_MAX = 3 };

struct scan_seen {
    struct seen_slot slots[SETS * WAYS];
};

struct scan_seen *
sigma_scan_seen_new(void)
{
    return calloc(1, sizeof(struct scan_seen));
}

void
sigma_scan_seen_free(struct scan_seen *seen)
{
    free(seen);
}

static bool
holds(const struct seen_slot *e, uint64_t hash, const void *lits, const struct tcs_value *v)
{
    return e->hash == hash && e->lits == lits && e->type == v->type && e->n == v->n &&
           (!e->known || memcmp(e->bytes, v->b, v->n) == 0);
}

/* The way to give up: one that is only noted, else the one that hit less; that one survives as many
 * misses as it has hit before. */
static struct seen_slot *
victim(struct seen_slot *set)
{
    struct seen_slot *v = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (!set[i].known)
            return &set[i];
        if (set[i].credit < v->credit)
            v = &set[i];
    }
    if (v->credit == 0)
        return v;
    v->credit--;
    return NULL;
}

struct seen_slot *
sigma_scan_seen_find(struct scan_seen *seen, const void *lits, const struct tcs_value *v)
{
    if (v->n < VALUE_MIN || v->n > SEEN_BYTES)
        return NULL;
    uint64_t hash = tcs_base_hash(v->b, v->n, (uint64_t)(uintptr_t)lits ^ v->type);
    struct seen_slot *set = &seen->slots[(hash >> 32) % SETS * WAYS];
    for (int i = 0; i < WAYS; i++) {
        if (!holds(&set[i], hash, lits, v))
            continue;
        if (set[i].known && set[i].credit < CREDIT_MAX)
            set[i].credit++;
        return &set[i];
    }
    struct seen_slot *e = victim(set);
    if (e) {
        e->hash = hash;
        e->lits = lits;
        e->n = v->n;
        e->type = v->type;
        e->known = false;
    }
    return NULL;
}

void
sigma_scan_seen_keep(struct seen_slot *e, const struct tcs_value *v, const uint32_t *ids,
                     uint32_t n)
{
    if (n > SEEN_IDS)
        return;
    memcpy(e->bytes, v->b, v->n);
    memcpy(e->ids, ids, n * sizeof *ids);
    e->nids = (uint8_t)n;
    e->credit = 0;
    e->known = true;
}

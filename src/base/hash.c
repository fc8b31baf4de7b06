/* base/hash.c - multiply-fold hash: 16 bytes a step, the tail read by overlap. */
#include "base/hash.h"

static uint64_t
load64(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t
load_short(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint64_t
tcs_base_hash(const void *data, size_t n, uint64_t seed)
{
    const unsigned char *p = data;
    uint64_t h = tcs_base_hash_mix(seed, n);
    size_t left = n;
    while (left > 16) {
        h = tcs_base_hash_mix(h ^ load64(p), load64(p + 8));
        p += 16;
        left -= 16;
    }
    if (left >= 8)
        return tcs_base_hash_mix(h ^ load64(p), load64(p + left - 8) + left);
    return tcs_base_hash_mix(h, load_short(p, left) + left);
}

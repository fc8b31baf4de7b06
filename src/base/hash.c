/* base/hash.c - multiply-fold hash: 16 bytes a step, the tail read by overlap.
 *
 * The seed is in both factors: whoever does not know it cannot make one of them zero, which would
 * let all that stands before be forgotten. */
#include "base/hash.h"

#include <sys/auxv.h>

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
        h = tcs_base_hash_mix(h ^ load64(p), load64(p + 8) ^ seed);
        p += 16;
        left -= 16;
    }
    if (left >= 8)
        return tcs_base_hash_mix(h ^ load64(p), (load64(p + left - 8) ^ seed) + left);
    return tcs_base_hash_mix(h, (load_short(p, left) ^ seed) + left);
}

/* The kernel gives each process 16 random bytes; the C library's own use is of the first ones. */
uint64_t
tcs_base_hash_secret(void)
{
    const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
    return random ? load64(random + 8) : 0;
}

/* base/hash.h - fast 64-bit hash for tables in memory (not for files, not for secrets). */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* Same bytes and seed give the same hash in one build; not stable between architectures. */
uint64_t tcs_base_hash(const void *p, size_t n, uint64_t seed);
/* A seed that nobody outside knows, the same while this process lives.  For tables whose keys come
 * from logs: with a seed that is known, keys can be made that all have one hash, and finding one
 * among n of them takes n steps.  Nothing that is written may depend on it. */
uint64_t tcs_base_hash_secret(void);

static inline uint64_t
tcs_base_hash_str(struct tcs_str s)
{
    return tcs_base_hash(s.p, s.n, 0);
}

static inline uint64_t
tcs_base_hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t m = (__uint128_t)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd6e8feb86659fd93u);
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* base/map.h - string to uint32 table: insert while building, read-only and shared afterwards.
 * Keys are borrowed and must outlive the map. */
#pragma once
#include "base/str.h"

#include <stdint.h>

struct tcs_map {
    struct tcs_map_slot *slots;
    uint32_t mask, count; /* mask+1 slots, a power of two */
    uint64_t seed;        /* of the hash: this process's own */
};

enum { TCS_MAP_NONE = 0xffffffffu };

/* All zero is an empty map.  tcs_base_map_done frees. */
void tcs_base_map_done(struct tcs_map *m);
/* The value of `key`, or TCS_MAP_NONE. */
uint32_t tcs_base_map_get(const struct tcs_map *m, struct tcs_str key);
/* Adds or replaces.  0 or -TCS_ENOMEM. */
int tcs_base_map_put(struct tcs_map *m, struct tcs_str key, uint32_t value);
/* The value of `key`, adding `fresh` when it is missing; TCS_MAP_NONE when out of memory. */
uint32_t tcs_base_map_intern(struct tcs_map *m, struct tcs_str key, uint32_t fresh);
/* Every entry once, in no order: *at is 0 at first; false: no more. */
bool tcs_base_map_next(const struct tcs_map *m, uint32_t *at, struct tcs_str *key, uint32_t *value);

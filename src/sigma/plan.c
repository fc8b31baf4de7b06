/* sigma/plan.c - what the parts of the compilation share: arrays that grow, things that are made
 * only once. */
#include "sigma/plan.h"

#include <stdlib.h>

bool
plan_grow(void *array, uint32_t *cap, uint32_t n, size_t size)
{
    void *old, *p;
    if (n < *cap)
        return true;
    memcpy(&old, array, sizeof old);
    uint32_t bigger = *cap ? *cap * 2 : 256;
    if (bigger <= *cap || !(p = reallocarray(old, bigger, size)))
        return false;
    memcpy(array, &p, sizeof p);
    *cap = bigger;
    return true;
}

uint32_t
plan_intern(struct plan_build *b, struct tcs_map *m, uint32_t fresh)
{
    if (b->key.failed)
        return PLAN_NONE;
    struct tcs_str key = tcs_buf_view(&b->key);
    uint32_t at = tcs_map_get(m, key);
    if (at != TCS_MAP_NONE)
        return at;
    key = tcs_arena_str(b->tmp, key);
    return key.p && tcs_map_put(m, key, fresh) == 0 ? fresh : PLAN_NONE;
}

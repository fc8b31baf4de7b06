/* sigma/plan.c - what the parts of the compilation share: things that are made only once. */
#include "sigma/plan.h"

uint32_t
sigma_plan_intern(struct plan_build *b, struct tcs_map *m, uint32_t fresh)
{
    if (b->key.failed)
        return PLAN_NONE;
    struct tcs_str key = tcs_base_buf_view(&b->key);
    uint32_t at = tcs_base_map_get(m, key);
    if (at != TCS_MAP_NONE)
        return at;
    key = tcs_base_arena_str(b->tmp, key);
    return key.p && tcs_base_map_put(m, key, fresh) == 0 ? fresh : PLAN_NONE;
}

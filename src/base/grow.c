/* base/grow.c - doubling, with every overflow looked at. */
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 16, FIRST_BYTES = 64 }; /* large elements are often alone */

static uint64_t
first(size_t size)
{
    size_t n = FIRST_BYTES / size;
    return n > FIRST ? FIRST : n ? n : 1;
}

bool
tcs_base_grow(void *array, uint32_t *cap, uint32_t n, uint32_t more, size_t size)
{
    void *old, *p;
    if (n <= *cap && *cap - n >= more)
        return true;
    uint64_t need = (uint64_t)n + more, bigger = *cap ? (uint64_t)*cap * 2 : first(size);
    while (bigger < need)
        bigger *= 2;
    if (bigger > UINT32_MAX)
        bigger = UINT32_MAX;
    if (bigger < need)
        return false;
    memcpy(&old, array, sizeof old); /* whatever type the caller's pointer has */
    p = reallocarray(old, (size_t)bigger, size);
    if (!p)
        return false;
    memcpy(array, &p, sizeof p);
    *cap = (uint32_t)bigger;
    return true;
}

/* base/grow.h - arrays that grow: the one place that doubles. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for `more` elements of `size` bytes behind the first `n` of *(T **)array, which malloc made
 * (NULL and *cap 0 at first).  False: no memory, or more than fit into 32 bits; nothing changed. */
bool tcs_base_grow(void *array, uint32_t *cap, uint32_t n, uint32_t more, size_t size);

/* base/share.h - fair shares of a limit: who floods, floods his own.
 *
 * Items have a source in levels, the coarsest first (the file, then what is in it).  What a level
 * may hold is shared among its sources as water fills vessels: each gets as much as it needs, up to
 * a height that is the same for all that need more.  Within the finest source an order of the items
 * decides.
 *
 * What is kept of a set does not depend on the order in which it came, nor on whether it was cut
 * before, in parts, to the same number or a larger one: cut(cut(A) and B) is cut(A and B).  So a
 * bounded list may be cut whenever it is full. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { TCS_SHARE_LEVELS = 6 };

struct tcs_share {
    uint32_t source[TCS_SHARE_LEVELS]; /* hashes; 0 where there is no such level */
    uint32_t item;                     /* the caller's number */
    bool kept;
};

struct tcs_share_order {
    /* Of two items' numbers, as qsort.  Never 0 for different ones, if the result is not to depend
     * on the order of arrival. */
    int (*compare)(uint32_t a, uint32_t b, const void *ctx);
    const void *ctx;
};

/* Of the n items `max` are kept (all, if there are no more), which each says then; their order in
 * `at` changes.  How many are kept; UINT32_MAX: no memory. */
uint32_t tcs_base_share_cut(struct tcs_share *at, uint32_t n, uint32_t max,
                            const struct tcs_share_order *order);

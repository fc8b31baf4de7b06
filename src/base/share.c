/* base/share.c - shared level by level, sorted by source where there is more than can be kept.
 *
 * Why the result does not depend on arrival: an item is kept if it is among the first q of its
 * source, and q, the source's quota, can only become less when items are added anywhere.  Who gets
 * what does not divide evenly is decided by the sources' hashes, which are the same always. */
#include "base/share.h"

#include <stdlib.h>
#include <string.h>

enum { DIGIT = 11, DIGITS = 1 << DIGIT, FEW = 64 };

struct cut {
    const struct tcs_share_order *order;
    uint32_t *ends;          /* room for where the sources of the levels in hand end */
    struct tcs_share *other; /* as many as there are, for sorting */
};

static int
by_order(const void *pa, const void *pb, void *ctx)
{
    const struct tcs_share *a = pa, *b = pb;
    const struct tcs_share_order *o = ctx;
    return o->compare(a->item, b->item, o->ctx);
}

/* By the source on the level; what is left out of a level is never looked at on deeper ones. */
static void
sort_few(struct tcs_share *at, uint32_t n, int level)
{
    for (uint32_t i = 1; i < n; i++) {
        struct tcs_share x = at[i];
        uint32_t to = i;
        for (; to && at[to - 1].source[level] > x.source[level]; to--)
            at[to] = at[to - 1];
        at[to] = x;
    }
}

static void
sort_by_digit(const struct tcs_share *from, struct tcs_share *to, uint32_t n, int level, int shift)
{
    uint32_t begin[DIGITS] = {0}, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        begin[from[i].source[level] >> shift & (DIGITS - 1)]++;
    for (uint32_t d = 0; d < DIGITS; d++) {
        uint32_t count = begin[d];
        begin[d] = sum;
        sum += count;
    }
    for (uint32_t i = 0; i < n; i++)
        to[begin[from[i].source[level] >> shift & (DIGITS - 1)]++] = from[i];
}

static void
sort_by_source(const struct cut *c, struct tcs_share *at, uint32_t n, int level)
{
    if (n <= FEW) {
        sort_few(at, n, level);
        return;
    }
    sort_by_digit(at, c->other, n, level, 0);
    sort_by_digit(c->other, at, n, level, DIGIT);
    sort_by_digit(at, c->other, n, level, 2 * DIGIT);
    memcpy(at, c->other, n * sizeof *at);
}

/* How many sources there are on the level; where each ends. */
static uint32_t
sources(const struct tcs_share *at, uint32_t n, int level, uint32_t *ends)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i <= n; i++)
        if (i == n || at[i].source[level] != at[i - 1].source[level])
            ends[count++] = i;
    return count;
}

static uint64_t
filled(const uint32_t *ends, uint32_t count, uint32_t height)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = ends[i] - (i ? ends[i - 1] : 0);
        sum += size < height ? size : height;
    }
    return sum;
}

/* The highest that all can have. */
static uint32_t
height_of(const uint32_t *ends, uint32_t count, uint32_t max)
{
    uint32_t low = 0, high = max;
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (filled(ends, count, mid) <= max)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

static void
keep(struct tcs_share *at, uint32_t n, uint32_t max)
{
    for (uint32_t i = 0; i < n; i++)
        at[i].kept = i < max;
}

/* ends: one level deeper each time */
static void
divide(struct cut *c, struct tcs_share *at, uint32_t n, uint32_t max, int level)
{
    if (n <= max || level == TCS_SHARE_LEVELS) {
        if (n > max)
            qsort_r(at, n, sizeof *at, by_order, (void *)(uintptr_t)c->order);
        keep(at, n, max);
        return;
    }
    sort_by_source(c, at, n, level);
    uint32_t *ends = c->ends, count = sources(at, n, level, ends);
    uint32_t height = height_of(ends, count, max), from = 0;
    uint32_t left = max - (uint32_t)filled(ends, count, height);
    c->ends += count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = ends[i] - from, more = size > height && left ? 1 : 0;
        left -= more;
        divide(c, at + from, size, size < height + more ? size : height + more, level + 1);
        from = ends[i];
    }
    c->ends = ends;
}

uint32_t
tcs_base_share_cut(struct tcs_share *at, uint32_t n, uint32_t max,
                   const struct tcs_share_order *order)
{
    keep(at, n, n <= max ? n : 0);
    if (n <= max)
        return n;
    struct cut c = {.order = order};
    /* the other sources of a level have an item each, at least, that the next one does not have */
    uint32_t *room = calloc((size_t)n + TCS_SHARE_LEVELS, sizeof *room);
    c.other = calloc(n, sizeof *c.other);
    bool good = room && c.other;
    c.ends = room;
    if (good)
        divide(&c, at, n, max, 0);
    free(c.other);
    free(room);
    return good ? max : UINT32_MAX;
}

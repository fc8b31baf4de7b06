/* chain/sort.c - into the order of time, fast if most of it is in order already: logs are written
 * so, and what comes back from an image (chain_image.c) is.
 *
 * In: items in runs that ascend, of whatever number.  Runs are merged in pairs, as numbers; then
 * the items move, each once.  Stable. */
#include "chain/chain_int.h"

#include "base/grow.h"
#include "base/invariant.h"

#include <stdlib.h>
#include <string.h>

enum { ITEM_MAX = 512 };

struct order {
    const char *at;
    size_t size;
    int (*compare)(const void *a, const void *b, void *chain);
    void *chain;
    uint32_t *now, *next;   /* the items' numbers, in order within each run */
    uint32_t *ends, n, cap; /* where runs end */
};

static bool
in_order(const struct order *o, uint32_t a, uint32_t b)
{
    return o->compare(o->at + a * o->size, o->at + b * o->size, o->chain) <= 0;
}

static bool
find_runs(struct order *o, uint32_t n)
{
    for (uint32_t i = 1; i <= n; i++) {
        if (i < n && in_order(o, i - 1, i))
            continue;
        if (!tcs_base_grow(&o->ends, &o->cap, o->n, 1, sizeof *o->ends))
            return false;
        o->ends[o->n++] = i;
    }
    return true;
}

/* [from, mid) and [mid, end) of `now` into `next`. */
static void
merge(struct order *o, uint32_t from, uint32_t mid, uint32_t end)
{
    uint32_t a = from, b = mid;
    for (uint32_t to = from; to < end; to++)
        o->next[to] =
            b == end || (a < mid && in_order(o, o->now[a], o->now[b])) ? o->now[a++] : o->now[b++];
}

/* Half as many runs. */
static void
merge_pairs(struct order *o)
{
    uint32_t from = 0, kept = 0;
    for (uint32_t i = 0; i < o->n; i += 2) {
        uint32_t end = o->ends[i + 1 < o->n ? i + 1 : i];
        merge(o, from, o->ends[i], end);
        o->ends[kept++] = end;
        from = end;
    }
    o->n = kept;
    uint32_t *t = o->now;
    o->now = o->next;
    o->next = t;
}

/* Item now[i] to place i, by cycles. */
static void
move_items(char *at, size_t size, uint32_t *now, uint32_t n)
{
    char held[ITEM_MAX];
    for (uint32_t i = 0; i < n; i++) {
        if (now[i] == i)
            continue;
        memcpy(held, at + i * size, size);
        uint32_t to = i;
        for (uint32_t from = now[i]; from != i; from = now[to]) {
            memcpy(at + to * size, at + from * size, size);
            now[to] = to;
            to = from;
        }
        memcpy(at + to * size, held, size);
        now[to] = to;
    }
}

bool
chain_sort(struct tcs_chain *c, void *items, uint32_t n, size_t size,
           int (*compare)(const void *a, const void *b, void *chain))
{
    struct order o = {.at = items, .size = size, .compare = compare, .chain = c};
    TCS_INVARIANT(size <= ITEM_MAX);
    bool good = find_runs(&o, n);
    if (good && o.n > 1) {
        o.now = calloc(n, sizeof *o.now);
        o.next = calloc(n, sizeof *o.next);
        good = o.now && o.next;
        for (uint32_t i = 0; good && i < n; i++)
            o.now[i] = i;
        while (good && o.n > 1)
            merge_pairs(&o);
        if (good)
            move_items(items, size, o.now, n);
    }
    free(o.now);
    free(o.next);
    free(o.ends);
    return good;
}

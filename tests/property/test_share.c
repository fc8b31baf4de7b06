/* property/test_share.c - shares of a limit (base/share.h): what is kept is the same whatever order
 * items came in and however often the list was cut before; and it is what water does in vessels,
 * poured here drop by drop. */
#include "base/share.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { WORLDS = 400, ITEMS_MAX = 300 };

static uint64_t seed = 7;

static uint32_t
below(uint32_t n)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = seed;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % n);
}

/* Items that are low come first. */
static int
compare(uint32_t a, uint32_t b, const void *ctx)
{
    (void)ctx;
    return a < b ? -1 : a > b;
}

static const struct tcs_share_order order = {compare, NULL};
static struct tcs_share all[ITEMS_MAX];
static uint32_t nall;

/* Few sources or many on each level, of very different sizes. */
static void
make(void)
{
    uint32_t spread[TCS_SHARE_LEVELS];
    for (int l = 0; l < TCS_SHARE_LEVELS; l++)
        spread[l] = below(3) ? 1 + below(3) : 1 + below(60);
    nall = 1 + below(ITEMS_MAX);
    for (uint32_t i = 0; i < nall; i++) {
        all[i] = (struct tcs_share){.item = i};
        for (int l = 0; l < TCS_SHARE_LEVELS; l++)
            all[i].source[l] = below(2) ? 0 : below(spread[l]);
    }
}

static void
mark(const struct tcs_share *at, uint32_t n, bool *kept)
{
    memset(kept, 0, ITEMS_MAX * sizeof *kept);
    for (uint32_t i = 0; i < n; i++) {
        assert_false(kept[at[i].item]);
        kept[at[i].item] = true;
    }
}

/* Those that are kept stand first then. */
static uint32_t
cut(struct tcs_share *at, uint32_t n, uint32_t max)
{
    uint32_t said = tcs_base_share_cut(at, n, max, &order), kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (at[i].kept) {
            struct tcs_share t = at[i];
            at[i] = at[kept];
            at[kept++] = t;
        }
    assert_int_equal(kept, said);
    return kept;
}

/* In another order, and cut whenever `room` more than `max` have come. */
static void
keep_streaming(uint32_t max, uint32_t room, bool *kept)
{
    static struct tcs_share list[2 * ITEMS_MAX];
    uint32_t from[ITEMS_MAX], n = 0;
    for (uint32_t i = 0; i < nall; i++)
        from[i] = i;
    for (uint32_t i = nall; i > 1; i--) {
        uint32_t k = below(i), t = from[i - 1];
        from[i - 1] = from[k];
        from[k] = t;
    }
    for (uint32_t i = 0; i < nall; i++) {
        list[n++] = all[from[i]];
        if (n == max + room)
            n = cut(list, n, max);
    }
    mark(list, cut(list, n, max), kept);
}

static void
no_order_of_arrival(void **state)
{
    (void)state;
    for (int w = 0; w < WORLDS; w++) {
        make();
        uint32_t max = below(nall + 2);
        static struct tcs_share whole[ITEMS_MAX];
        bool kept[ITEMS_MAX], again[ITEMS_MAX];
        memcpy(whole, all, sizeof all);
        uint32_t n = cut(whole, nall, max);
        assert_int_equal(n, nall < max ? nall : max);
        mark(whole, n, kept);
        for (int k = 0; k < 5; k++) {
            keep_streaming(max, 1 + below(20), again);
            assert_memory_equal(kept, again, sizeof kept);
        }
    }
}

/* By hand: takes away one after the other, always from the source that holds most, of equals from
 * the one with the larger hash, level by level; of the finest the last in order. */
static void
take_one(bool *kept)
{
    uint32_t path[TCS_SHARE_LEVELS];
    for (int l = 0; l < TCS_SHARE_LEVELS; l++) {
        uint32_t most = 0;
        for (uint32_t i = 0; i < nall; i++) {
            uint32_t size = 0;
            if (!kept[i] || memcmp(all[i].source, path, (size_t)l * sizeof *path) != 0)
                continue;
            for (uint32_t k = 0; k < nall; k++)
                size += kept[k] &&
                        memcmp(all[i].source, all[k].source, (size_t)(l + 1) * sizeof *path) == 0;
            if (size > most || (size == most && all[i].source[l] > path[l])) {
                most = size;
                path[l] = all[i].source[l];
            }
        }
    }
    for (uint32_t i = nall; i-- > 0;)
        if (kept[i] && memcmp(all[i].source, path, sizeof path) == 0) {
            kept[i] = false;
            return;
        }
}

static void
as_water_does(void **state)
{
    (void)state;
    for (int w = 0; w < 60; w++) {
        make();
        nall = nall > 80 ? 80 : nall;
        uint32_t max = below(nall + 1);
        static struct tcs_share whole[ITEMS_MAX];
        bool kept[ITEMS_MAX], hand[ITEMS_MAX] = {false};
        memcpy(whole, all, sizeof all);
        mark(whole, cut(whole, nall, max), kept);
        memset(hand, true, nall);
        for (uint32_t n = nall; n > max; n--)
            take_one(hand);
        assert_memory_equal(kept, hand, sizeof kept);
    }
}

/* 4 of one source beside 100,000 of another, and beside 100,000 that have a source each. */
static void
a_flood_evicts_its_own(void **state)
{
    (void)state;
    enum { FLOOD = 100000, TRUE = 4, MAX = 1000 };
    struct tcs_share *at = calloc(FLOOD + TRUE, sizeof *at);
    for (uint32_t many = 0; many < 2; many++) {
        for (uint32_t i = 0; i < FLOOD + TRUE; i++)
            at[i] = (struct tcs_share){.item = i,
                                       .source = {i < FLOOD ? 1 : 2, many && i < FLOOD ? i : 0}};
        assert_int_equal(cut(at, FLOOD + TRUE, MAX), MAX);
        uint32_t own = 0;
        for (uint32_t i = 0; i < MAX; i++)
            own += at[i].item >= FLOOD;
        assert_int_equal(own, TRUE);
    }
    free(at);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_order_of_arrival),
                                       cmocka_unit_test(as_water_does),
                                       cmocka_unit_test(a_flood_evicts_its_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

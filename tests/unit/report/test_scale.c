/* From times to places: order is kept, long silences are cut, everything lies inside its room. */
#include "check.h"
#include "report/report_int.h"

#define SECONDS(n) ((int64_t)(n)*TCS_TICKS_PER_SEC)
#define DAYS(n) SECONDS((n)*86400LL)

static struct rp_scale
scale(struct tcs_arena *a, const int64_t *times, uint32_t n, int width)
{
    struct rp_scale s;
    struct rp_scale_want want = {.left = 100, .right = 100 + width, .segment = 70, .gap = 50};
    assert_true(report_scale(a, times, n, &want, &s));
    for (uint32_t i = 0; i < s.n; i++) {
        assert_in_range(s.x[i], 100, 100 + width);
        assert_true(i == 0 || (s.x[i] >= s.x[i - 1] && s.times[i] > s.times[i - 1]));
    }
    for (uint32_t i = 0; i < s.nbreaks; i++) /* nothing stands in a cut */
        for (uint32_t k = 0; k < s.n; k++)
            assert_true(s.x[k] <= s.breaks[i].x || s.x[k] >= s.breaks[i].x + s.breaks[i].width);
    return s;
}

static void
seconds(void **state)
{
    const int64_t times[] = {SECONDS(54), SECONDS(0), SECONDS(7), SECONDS(7), SECONDS(11)};
    struct tcs_arena *a = tcs_base_arena_new(0);
    (void)state;
    struct rp_scale s = scale(a, times, 5, 1000);
    assert_int_equal(s.n, 4);
    assert_int_equal(s.nbreaks, 0);
    assert_int_equal(report_scale_x(&s, 0), 100);
    assert_int_equal(report_scale_x(&s, SECONDS(54)), 1100);
    assert_true(report_scale_x(&s, SECONDS(7)) > 200); /* order gives room where time does not */
    tcs_base_arena_free(a);
}

static void
months(void **state)
{
    const int64_t times[] = {0,
                             SECONDS(150),
                             DAYS(60),
                             DAYS(360),
                             DAYS(420),
                             DAYS(420) + SECONDS(30),
                             DAYS(420) + SECONDS(54)};
    struct tcs_arena *a = tcs_base_arena_new(0);
    (void)state;
    struct rp_scale s = scale(a, times, 7, 1000);
    assert_int_equal(s.nbreaks, 3);
    assert_int_equal(s.breaks[0].gap, DAYS(60) - SECONDS(150));
    assert_int_equal(s.breaks[1].gap, DAYS(300));
    assert_int_equal(s.breaks[2].gap, DAYS(60));
    /* the last 54 seconds fill a good part of the line */
    assert_true(report_scale_x(&s, times[6]) - report_scale_x(&s, times[4]) > 150);
    tcs_base_arena_free(a);
}

static void
no_room_for_cuts(void **state)
{
    const int64_t times[] = {0, DAYS(1), DAYS(2), DAYS(3), DAYS(4)};
    struct tcs_arena *a = tcs_base_arena_new(0);
    (void)state;
    assert_int_equal(scale(a, times, 5, 60).nbreaks, 0);
    assert_true(scale(a, times, 5, 300).nbreaks <= 2);
    tcs_base_arena_free(a);
}

static void
degenerate(void **state)
{
    const int64_t same[] = {5, 5, 5}, none[] = {TCS_TIME_NONE, TCS_TIME_NONE},
                  far[] = {-INT64_MAX, 0, INT64_MAX};
    struct tcs_arena *a = tcs_base_arena_new(0);
    (void)state;
    assert_int_equal(scale(a, same, 3, 500).n, 1);
    assert_int_equal(scale(a, none, 2, 500).n, 0);
    struct rp_scale s = scale(a, none, 0, 500);
    assert_int_equal(report_scale_x(&s, 7), 0);
    assert_int_equal(scale(a, far, 3, 500).n, 3);
    tcs_base_arena_free(a);
}

/* Many pseudo-random lists: the checks of scale() hold for all. */
static void
any(void **state)
{
    uint64_t random = 1;
    (void)state;
    for (int round = 0; round < 300; round++) {
        int64_t times[200];
        struct tcs_arena *a = tcs_base_arena_new(0);
        uint32_t n = (uint32_t)(round % 200);
        for (uint32_t i = 0; i < n; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            times[i] = (int64_t)(random >> (random >> 58));
        }
        scale(a, times, n, 40 + round * 7);
        tcs_base_arena_free(a);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(seconds), cmocka_unit_test(months),
                                       cmocka_unit_test(no_room_for_cuts),
                                       cmocka_unit_test(degenerate), cmocka_unit_test(any)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Times: expected values are dates whose tick counts are known from elsewhere (Unix epoch,
 * FILETIME epoch, GNU date) and ISO 8601's own week examples. */
#include "base/time.h"

#include "check.h"

static void
formats_known_instants(void **state)
{
    char tmp[TCS_TIME_TEXT];
    (void)state;
    struct tcs_str s = tcs_base_time_format(0, 6, tmp);
    assert_true(tcs_base_str_eq(s, TCS_STR("1970-01-01T00:00:00.000000Z")));
    s = tcs_base_time_format(tcs_base_time_from_filetime(0), 0, tmp);
    assert_true(tcs_base_str_eq(s, TCS_STR("1601-01-01T00:00:00Z")));
    /* date -u -d @1709210096 */
    s = tcs_base_time_format((int64_t)1709210096 * TCS_TICKS_PER_SEC + 1234567, 7, tmp);
    assert_true(tcs_base_str_eq(s, TCS_STR("2024-02-29T12:34:56.1234567Z")));
    assert_int_equal(tcs_base_time_format(TCS_TIME_NONE, 6, tmp).n, 0);
    assert_int_equal(tcs_base_time_from_filetime(UINT64_MAX), TCS_TIME_NONE);
}

static void
parses_what_it_formats(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        char tmp[TCS_TIME_TEXT];
        int64_t back, t;
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        t = (int64_t)(x % 253402300799u) * TCS_TICKS_PER_SEC +
            (int64_t)(x >> 40) % TCS_TICKS_PER_SEC;
        assert_true(tcs_base_time_parse(tcs_base_time_format(t, 7, tmp), &back));
        assert_int_equal(back, t);
    }
}

static void
parses_offsets_and_refuses_nonsense(void **state)
{
    int64_t a, b;
    (void)state;
    assert_true(tcs_base_time_parse(TCS_STR("2026-04-20T10:00:35Z"), &a));
    assert_true(tcs_base_time_parse(TCS_STR("2026-04-20T12:30:35+02:30"), &b));
    assert_int_equal(a, b);
    assert_true(tcs_base_time_parse(TCS_STR("2026-04-20 04:00:35-0600"), &b));
    assert_int_equal(a, b);
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01",
                                      "2023-02-29",
                                      "2026-04-20T",
                                      "2026-04-20T25:00:00Z",
                                      "20260420",
                                      "2026-04-20T10:00:35+2",
                                      "2026-04-20T10:00:35Zx"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(tcs_base_time_parse(tcs_base_str_of(bad[i]), &a));
}

static void
iso_weeks(void **state)
{
    (void)state;
    /* ISO 8601: 2005-01-01 is 2004-W53, 2007-12-31 is 2008-W01, 2008-12-29 is 2009-W01 */
    assert_int_equal(tcs_base_time_iso_week((struct tcs_civil){.year = 2005, .month = 1, .day = 1}),
                     53);
    assert_int_equal(
        tcs_base_time_iso_week((struct tcs_civil){.year = 2007, .month = 12, .day = 31}), 1);
    assert_int_equal(
        tcs_base_time_iso_week((struct tcs_civil){.year = 2008, .month = 12, .day = 29}), 1);
    assert_int_equal(
        tcs_base_time_iso_week((struct tcs_civil){.year = 2008, .month = 6, .day = 30}), 27);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_known_instants),
        cmocka_unit_test(parses_what_it_formats),
        cmocka_unit_test(parses_offsets_and_refuses_nonsense),
        cmocka_unit_test(iso_weeks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

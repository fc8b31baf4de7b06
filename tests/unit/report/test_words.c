/* Times, spans and words, by hand. */
#include "check.h"
#include "report/report_int.h"

#include "sigma/ast.h"

static void
check_buf(struct tcs_buf *b, const char *want)
{
    assert_false(b->failed);
    check_str(tcs_base_buf_view(b), want);
    tcs_base_buf_done(b);
}

static void
check_gap(int64_t seconds, bool brief, const char *want)
{
    struct tcs_buf b = {0};
    report_gap(&b, seconds * TCS_TICKS_PER_SEC, brief);
    check_buf(&b, want);
}

static void
gaps(void **state)
{
    (void)state;
    check_gap(0, false, "less than a second");
    check_gap(1, false, "1 second");
    check_gap(54, false, "54 seconds");
    check_gap(119, false, "119 seconds");
    check_gap(120, false, "2 minutes");
    check_gap(3 * 3600, true, "3 h");
    check_gap(13 * 86400, false, "13 days");
    check_gap(14 * 86400, true, "2 wk");
    check_gap(440 * 86400LL, false, "14 months");
    check_gap(440 * 86400LL, true, "14 mo");
    check_gap(1000 * 86400LL, false, "2 years");
    check_gap(INT64_MAX / TCS_TICKS_PER_SEC, true, "29227 y");
}

static void
times(void **state)
{
    int64_t t;
    struct tcs_buf b = {0};
    (void)state;
    assert_true(tcs_base_time_parse(TCS_STR("2020-10-22T08:29:53.678Z"), &t));
    report_time(&b, t);
    check_buf(&b, "2020-10-22 08:29:53 UTC");
    report_stamp(&b, t);
    check_buf(&b, "2020-10-22T08:29:53.678Z");
    report_time(&b, TCS_TIME_NONE);
    check_buf(&b, "no time");
    report_time(&b, INT64_MAX);
    check_buf(&b, "no time");
    report_stamp(&b, TCS_TIME_NONE);
    check_buf(&b, "1970-01-01T00:00:00.000Z");
    assert_int_equal(report_between(5, 3), 0);
    assert_int_equal(report_between(3, 5), 2);
    assert_int_equal(report_between(TCS_TIME_NONE, 5), 0);
    assert_int_equal(report_between(-INT64_MAX, INT64_MAX), INT64_MAX);
}

static void
stages(void **state)
{
    (void)state;
    assert_int_equal(report_stage_letter(TCS_STAGE_ACCOUNT), 'A');
    assert_int_equal(report_stage_letter(TCS_STAGE_DESTROY), 'E');
    assert_int_equal(report_stage_letter(TCS_STAGE_NONE), '-');
    assert_int_equal(report_stage_letter(200), '-');
    assert_int_equal(report_level_clamp(200), TCS_CRITICAL);
    assert_string_equal(report_state_says(200), report_state_says(TCS_STATE_NONE));
}

static void
evidence(void **state)
{
    struct tcs_buf b = {0};
    (void)state;
    report_evidence(&b, &(struct tcs_evidence){0});
    check_buf(&b, "");
    report_evidence(&b, &(struct tcs_evidence){.file = TCS_STR("a.evtx"),
                                               .channel = TCS_STR("Security"),
                                               .record_id = 7,
                                               .offset = 99,
                                               .event_id = 4624});
    check_buf(&b, "a.evtx, record 7, event 4624, Security");
    report_evidence(&b, &(struct tcs_evidence){.file = TCS_STR("auth.log"),
                                               .offset = 99,
                                               .event_id = TCS_EVENT_ID_NONE});
    check_buf(&b, "auth.log, byte 99");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gaps), cmocka_unit_test(times),
                                       cmocka_unit_test(stages), cmocka_unit_test(evidence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

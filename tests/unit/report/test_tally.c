/* Tests report/tally.c and notes.c: sums, order, bounds.  Expectations counted by hand. */
#include "attack/level.h"
#include "check.h"

#include "base/time.h"
#include "detect/notes.h"
#include "report/tally.h"

static const struct tcs_rule rules[] = {
    {.doc = {.title = {"low one", 7}, .level = TCS_LOW}},
    {.doc = {.title = {"high one", 8}, .level = TCS_HIGH}},
    {.doc = {.title = {"high two", 8}, .level = TCS_HIGH}},
};
static const struct tcs_origin origin = {.path = {"x", 1}};

static void
add(struct tcs_tally *s, uint32_t rule, const char *host, const char *account, int64_t time)
{
    struct tcs_err err;
    const struct tcs_finding f = {
        .time = time, .who = {.host = tcs_base_str_of(host), .user = tcs_base_str_of(account)}};
    const struct tcs_outlet_finding t = {
        .finding = &f, .rule = &rules[rule], .nr = rule, .origin = &origin, .is_new = true};
    assert_int_equal(tcs_report_tally_add(s, &t, &err), 0);
}

static void
test_groups(void **state)
{
    struct tcs_tally *s = tcs_report_tally_new(3);
    uint32_t n;
    (void)state;
    add(s, 0, "b", "x", 50);
    add(s, 1, "b", "x", 30);
    add(s, 1, "b", "x", TCS_TIME_NONE);
    add(s, 1, "b", "x", 10);
    add(s, 2, "a", "y", TCS_TIME_NONE);
    add(s, 2, "b", "x", 5);
    /* host "ab" with account "c" is not host "a" with account "bc" */
    add(s, 0, "ab", "c", 1);
    add(s, 0, "a", "bc", 1);
    assert_int_equal(tcs_report_tally_total(s), 8);
    assert_int_equal(tcs_report_tally_count(s, TCS_HIGH), 5);
    assert_int_equal(tcs_report_tally_count(s, TCS_LOW), 3);
    assert_int_equal(tcs_report_tally_rule(s, 1), 3);
    const struct tcs_group *g = tcs_report_tally_groups(s, &n);
    assert_int_equal(n, 6);
    check_str(g[0].host, "a"); /* high first, hosts in order */
    assert_int_equal(g[0].first, TCS_TIME_NONE);
    assert_int_equal(g[1].rule, 1); /* then the more frequent one */
    assert_int_equal(g[1].count, 3);
    assert_int_equal(g[1].first, 10);
    assert_int_equal(g[1].last, 30);
    assert_int_equal(g[2].rule, 2);
    check_str(g[3].host, "a");
    check_str(g[4].host, "ab");
    check_str(g[5].host, "b");
    tcs_report_tally_free(s);
}

/* A correlation stands where all of its records are; several, if they differ; nowhere, if the first
 * one does not say.  Its time is that of its last event. */
static void
test_correlations(void **state)
{
    static const struct tcs_correlated all = {.host = TCS_STR("h"),
                                              .account = TCS_STR("D\\a"),
                                              .some_host = true,
                                              .some_account = true,
                                              .last = 70},
                                       several = {.some_host = true, .some_account = true},
                                       none = {.last = 1};
    static const struct tcs_correlated *const results[] = {&all, &several, &none};
    static const char *const hosts[] = {"h", "(several computers)", ""}, *const accounts[] = {
                                                                             "D\\a",
                                                                             "(several accounts)",
                                                                             ""};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct tcs_tally *s = tcs_report_tally_new(3);
        const struct tcs_finding f = {.time = 5, .who = {.host = TCS_STR("of the first")}};
        const struct tcs_outlet_finding t = {
            .finding = &f, .rule = &rules[2], .nr = 2, .correlated = results[i]};
        struct tcs_err err;
        uint32_t n;
        assert_int_equal(tcs_report_tally_add(s, &t, &err), 0);
        const struct tcs_group *g = tcs_report_tally_groups(s, &n);
        assert_int_equal(n, 1);
        check_str(g->host, hosts[i]);
        check_str(g->account, accounts[i]);
        assert_int_equal(g->last, results[i]->last);
        tcs_report_tally_free(s);
    }
}

/* The first one is the example, and what is carved is counted beside. */
static void
test_example(void **state)
{
    struct tcs_tally *s = tcs_report_tally_new(3);
    struct tcs_err err;
    uint32_t n;
    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        const struct tcs_finding f = {.time = 10,
                                      .flags = i == 1 ? TCS_FINDING_CARVED : 0,
                                      .evidence = {.record_id = 40 + i,
                                                   .offset = 100 * i,
                                                   .event_id = 4624,
                                                   .channel = TCS_STR("Security")}};
        const struct tcs_outlet_finding t = {.finding = &f, .rule = &rules[0], .origin = &origin};
        assert_int_equal(tcs_report_tally_add(s, &t, &err), 0);
    }
    const struct tcs_group *g = tcs_report_tally_groups(s, &n);
    assert_int_equal(n, 1);
    assert_int_equal(g->count, 3);
    assert_int_equal(g->carved, 1);
    assert_int_equal(g->record_id, 40);
    assert_int_equal(g->offset, 0);
    assert_int_equal(g->event_id, 4624);
    check_str(g->channel, "Security");
    assert_ptr_equal(g->origin, &origin);
    tcs_report_tally_free(s);
}

static void
test_bound(void **state)
{
    struct tcs_tally *s = tcs_report_tally_new(3);
    char host[16];
    uint32_t n;
    (void)state;
    for (int i = 0; i < TCS_GROUPS_MAX + 10; i++) {
        snprintf(host, sizeof host, "h%d", i);
        add(s, 1, host, "", i);
    }
    add(s, 1, "h3", "", 1); /* one that has a group still counts in it */
    assert_int_equal(tcs_report_tally_total(s), TCS_GROUPS_MAX + 11);
    assert_int_equal(tcs_report_tally_ungrouped(s), 10);
    tcs_report_tally_groups(s, &n);
    assert_int_equal(n, TCS_GROUPS_MAX);
    tcs_report_tally_free(s);
}

/* Whatever the order and the span, no finding is lost and each lies in the bin of its time. */
static void
test_histogram(void **state)
{
    static const int64_t times[] = {0,  1,    86400 * 365, INT64_C(-86400) * 365 * 100, 86400,
                                    -1, 3600, 7200,        INT64_C(86400) * 365 * 100};
    enum { N = sizeof times / sizeof *times };
    (void)state;
    for (size_t turn = 0; turn < N; turn++) {
        struct tcs_tally *s = tcs_report_tally_new(3);
        uint64_t sum = 0;
        for (size_t i = 0; i < N; i++)
            add(s, 1, "h", "", times[(i + turn) % N] * TCS_TICKS_PER_SEC);
        add(s, 1, "h", "", INT64_MAX);     /* not a time that a log has: left out, no overflow */
        add(s, 1, "h", "", INT64_MIN + 1); /* likewise */
        const struct tcs_histogram *h = tcs_report_tally_histogram(s);
        for (size_t i = 0; i < TCS_HISTOGRAM_BINS; i++)
            sum += h->bins[TCS_HIGH][i];
        assert_int_equal(sum, N);
        for (size_t i = 0; i < N; i++) {
            int64_t bin = (times[i] * TCS_TICKS_PER_SEC - h->start) / h->width;
            assert_in_range(bin, 0, TCS_HISTOGRAM_BINS - 1);
            assert_true(h->bins[TCS_HIGH][bin] > 0);
        }
        tcs_report_tally_free(s);
    }
}

static void
test_notes(void **state)
{
    struct tcs_notes a = {.arena = tcs_base_arena_new(0)}, b = {.arena = tcs_base_arena_new(0)};
    char long_text[5000];
    (void)state;
    memset(long_text, 'z', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    struct tcs_problem p = {
        .cause = TCS_CAUSE_RECORD, .msg = long_text, .offset = 9, .skipped = 100};
    tcs_detect_notes_add(&b, &origin, &p);
    p.msg = "short";
    p.cause = TCS_CAUSE_NO_FORMAT;
    for (int i = 0; i < 20; i++)
        tcs_detect_notes_add(&b, NULL, &p);
    const struct tcs_origin named = {.path = TCS_STR("n"), .named = true};
    tcs_detect_notes_add(&b, &named, &p); /* the user's own path: that counts */
    p.cause = TCS_CAUSE_CHECKSUM;
    tcs_detect_notes_add(&b, &named, &p);
    tcs_detect_notes_merge(&a, &b);
    tcs_detect_notes_merge(&a, &b);
    tcs_detect_notes_clear(&b);
    assert_int_equal(a.count[TCS_CAUSE_RECORD], 2);
    assert_int_equal(a.count[TCS_CAUSE_NO_FORMAT], 42);
    assert_int_equal(tcs_detect_notes_count(&a, TCS_CLASS_LOST), 2);
    assert_int_equal(tcs_detect_notes_count(&a, TCS_CLASS_NOT_A_LOG), 42);
    assert_int_equal(tcs_detect_notes_count(&a, TCS_CLASS_REPAIRED), 2);
    assert_int_equal(a.counting, 4);
    assert_non_null(tcs_detect_notes_at(&a, TCS_CAUSE_NO_FORMAT, TCS_NOTES_KEPT - 1));
    assert_null(tcs_detect_notes_at(&a, TCS_CAUSE_NO_FORMAT, TCS_NOTES_KEPT));
    assert_null(tcs_detect_notes_at(&a, TCS_CAUSE_RECORD, 2));
    assert_int_equal(a.bytes_lost, 200); /* only what is lost loses bytes */
    assert_int_equal(tcs_detect_notes_at(&a, TCS_CAUSE_RECORD, 0)->text.n, 1024);
    check_str(tcs_detect_notes_at(&a, TCS_CAUSE_NO_FORMAT, 3)->text, "short");
    assert_int_equal(b.count[TCS_CAUSE_NO_FORMAT], 0);
    assert_int_equal(b.nkept, 0);
    tcs_base_arena_free(a.arena);
    tcs_base_arena_free(b.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),    cmocka_unit_test(test_correlations),
        cmocka_unit_test(test_example),   cmocka_unit_test(test_bound),
        cmocka_unit_test(test_histogram), cmocka_unit_test(test_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

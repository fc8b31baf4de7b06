/* Tests report/jsonl.c: lines of alerts and correlations.  What is expected of them is by
 * tocsin-hunt(1), OUTPUT, written down by hand from what was put in. */
#include "unit/detect/rig.h"

#include "report/jsonl.h"

static bool
contains(const struct tcs_buf *b, const char *part)
{
    return memmem(b->p, b->n, part, strlen(part)) != NULL;
}

static unsigned
count(const struct tcs_buf *b, const char *part)
{
    unsigned n = 0;
    const char *p = b->p, *end = b->p + b->n;
    for (; (p = memmem(p, (size_t)(end - p), part, strlen(part))); p++)
        n++;
    return n;
}

static void
has(const struct tcs_buf *b, const char *part)
{
    if (!contains(b, part))
        fail_msg("no %s in %.*s", part, (int)b->n, b->p);
}

/* --- alerts --- */

static const struct tcs_batch_finding alert = {
    .finding = {.time = RIG_DAY * TCS_TICKS_PER_SEC,
                .evidence = {.file = TCS_STR("/a/eve.json"), .record_id = 7, .offset = 99}},
    .alert = {.id = TCS_STR("suricata:1"), .title = TCS_STR("A \"scan\""), .level = TCS_HIGH},
    .tool = TCS_STR("suricata")};

#define WHO                                                                                        \
    "\"event\":{\"kind\":\"alert\"},\"host\":{\"name\":\"H\"},\"user\":{\"name\":\"u\","           \
    "\"domain\":\"D\"},\"source\":{\"ip\":\"192.0.2.7\"},\"destination\":{\"domain\":\"srv\"}"

static void
test_alert(void **state)
{
    struct tcs_batch_finding f = alert;
    struct tcs_buf b = {0};
    (void)state;
    f.finding.who = (struct tcs_identity){.host = TCS_STR("H"),
                                          .user = TCS_STR("u"),
                                          .user_domain = TCS_STR("D"),
                                          .target = TCS_STR("not told"),
                                          .source_ip = TCS_STR("192.0.2.7"),
                                          .dest_host = TCS_STR("srv")};
    assert_true(tcs_report_jsonl_alert(NULL, &f, &b));
    check_str(
        tcs_base_buf_view(&b),
        "{\"@timestamp\":\"2026-03-17T00:00:00.000000Z\",\"ecs\":{\"version\":\"8.11.0\"},"
        "\"tocsin\":{\"kind\":\"finding\",\"level\":\"high\",\"alert\":{\"tool\":\"suricata\","
        "\"record\":7}},\"rule\":{\"id\":\"suricata:1\",\"name\":\"A \\\"scan\\\"\"}," WHO
        ",\"log\":{\"file\":{\"path\":\"/a/eve.json\"},\"offset\":99}}\n");
    tcs_base_buf_done(&b);
}

/* Without a time there is none; nor an empty party.  Who is acted on is the user where nobody is
 * known to act. */
static void
test_alert_that_says_little(void **state)
{
    struct tcs_str techniques[] = {TCS_STR("T1110"), TCS_STR("T1003.001")};
    struct tcs_batch_finding f = alert;
    struct tcs_buf b = {0};
    (void)state;
    f.finding.time = TCS_TIME_NONE;
    f.finding.who = (struct tcs_identity){.target = TCS_STR("t"), .target_domain = TCS_STR("D")};
    f.alert.techniques = techniques;
    f.alert.ntechniques = 2;
    f.alert.stage = TCS_STAGE_CREDENTIALS;
    assert_true(tcs_report_jsonl_alert(NULL, &f, &b));
    assert_false(contains(&b, "@timestamp"));
    assert_false(contains(&b, "\"host\""));
    assert_false(contains(&b, "\"source\""));
    has(&b, "\"level\":\"high\",\"stage\":\"credentials\"");
    has(&b, "\"user\":{\"name\":\"t\",\"domain\":\"D\"}");
    has(&b, "\"threat\":{\"framework\":\"MITRE ATT&CK\",\"technique\":{\"id\":[\"T1110\","
            "\"T1003.001\"]}}");
    tcs_base_buf_done(&b);
}

/* --- correlations --- */

static const char rules[] =
    RIG_RULE("1", "failed", "4625", "low") RIG_MANY("2", "many", "failed", "3");
static const struct tcs_origin origin = {.path = TCS_STR("/a/log")};

struct record {
    const char *host, *account, *channel;
    uint32_t event_id;
};

/* The line of three matches, a second apart. */
static struct tcs_buf
line_of(const struct record records[3])
{
    struct tcs_detector *d = rig_detector(rules);
    struct tcs_correlating *c = tcs_detect_correlating_new(tcs_detect_rulebook(d), NULL);
    struct tcs_str value = TCS_STR("192.0.2.7");
    struct tcs_buf b = {0};
    struct tcs_err err = {0};
    uint32_t n;
    for (uint32_t i = 0; i < 3; i++) {
        const struct tcs_batch_match m = {
            .match = {.time = (RIG_DAY + i) * TCS_TICKS_PER_SEC, .values = &value, .nvalues = 1},
            .evidence = {.record_id = i + 10,
                         .offset = i * 100,
                         .event_id = records[i].event_id,
                         .channel = tcs_base_str_of(records[i].channel)},
            .host = tcs_base_str_of(records[i].host),
            .account = tcs_base_str_of(records[i].account),
            .source_ip = value};
        assert_int_equal(tcs_detect_correlating_push(c, &m, &origin, &err), 0);
    }
    assert_int_equal(tcs_detect_correlating_finish(c, &err), 0);
    const struct tcs_correlated *f = tcs_detect_correlated(c, &n);
    assert_int_equal(n, 1);
    const struct tcs_finding finding = {.flags = TCS_FINDING_CORRELATION};
    const struct tcs_outlet_finding t = {
        .finding = &finding,
        .rule = &tcs_detect_rulebook_rules(tcs_detect_rulebook(d), &n)[f->rule],
        .correlated = f};
    tcs_report_jsonl_correlated(&b, c, &t);
    assert_int_equal(b.p[b.n - 1], '\n');
    assert_int_equal(count(&b, "\n"), 1);
    tcs_detect_correlating_free(c);
    tcs_detect_unref(d);
    return b;
}

static void
test_correlation_of_windows(void **state)
{
    static const struct record r[3] = {{"DC01", "ELB\\a", "Security", 4625},
                                       {"dc01", "elb\\A", "Security", 4625},
                                       {"DC01", "ELB\\a", "Security", 4625}};
    struct tcs_buf b = line_of(r);
    (void)state;
    has(&b, "{\"@timestamp\":\"2026-03-17T00:00:02.000000Z\"");
    has(&b, "\"type\":\"event_count\",\"value\":3,\"count\":3,"
            "\"first\":\"2026-03-17T00:00:00.000000Z\",\"last\":\"2026-03-17T00:00:02.000000Z\","
            "\"group\":{\"IpAddress\":\"192.0.2.7\"},\"rules\":[\"failed\"]}");
    has(&b,
        "{\"@timestamp\":\"2026-03-17T00:00:01.000000Z\",\"log\":{\"file\":{\"path\":\"/a/log\"}"
        ",\"offset\":100},\"winlog\":{\"channel\":\"Security\",\"record_id\":11}}");
    assert_int_equal(count(&b, "\"winlog\":"), 3);
    has(&b, "\"host\":{\"name\":\"DC01\"},\"user\":{\"name\":\"a\",\"domain\":\"ELB\"},"
            "\"source\":{\"ip\":\"192.0.2.7\"},\"related\":{\"hosts\":[\"DC01\"],"
            "\"user\":[\"ELB\\\\a\"],\"ip\":[\"192.0.2.7\"]}}");
    tcs_base_buf_done(&b);
}

/* Records that are not Windows' have no winlog, whatever their log is called; what they do not
 * agree about stands in `related` alone. */
static void
test_correlation_of_others(void **state)
{
    static const struct record r[3] = {{"", "a", "signinlogs", TCS_EVENT_ID_NONE},
                                       {"", "b", "signinlogs", TCS_EVENT_ID_NONE},
                                       {"", "a", "Security", 4625}};
    struct tcs_buf b = line_of(r);
    (void)state;
    assert_int_equal(count(&b, "\"winlog\":"), 1);
    assert_int_equal(count(&b, "\"offset\":"), 3);
    assert_false(contains(&b, "\"host\":"));
    assert_false(contains(&b, "\"user\":{"));
    has(&b, "\"related\":{\"user\":[\"a\",\"b\"],\"ip\":[\"192.0.2.7\"]}}");
    tcs_base_buf_done(&b);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_alert),
        TEST(test_alert_that_says_little),
        TEST(test_correlation_of_windows),
        TEST(test_correlation_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

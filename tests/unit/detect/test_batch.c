/* Tests detect/batch.c and detect/logs.c: hosts that a block's records name, and logs.  Names and
 * times are made up, expected values follow from them. */
#include "base/limits.h"
#include "base/time.h"
#include "check.h"
#include "detect/batch.h"
#include "detect/logs.h"

enum { HOSTS = 1000 };

static void
seen(struct tcs_batch *b, const char *host, int64_t time)
{
    char text[32]; /* as an event's, it is gone afterwards */
    snprintf(text, sizeof text, "%s", host);
    const struct tcs_value v = {.type = TCS_V_UTF8, .p = text, .n = (uint32_t)strlen(text)};
    tcs_detect_batch_host(b, &v, time);
    memset(text, 'x', sizeof text);
}

/* A thousand hosts in turn are a thousand, each from its first record to its last. */
static void
test_many_hosts_in_a_block(void **state)
{
    struct tcs_batch b = {0};
    char name[32];
    (void)state;
    assert_true(tcs_detect_batch_open(&b));
    for (int block = 0; block < 3; block++) {
        bool found[HOSTS] = {false};
        for (int i = 0; i < 3 * HOSTS; i++) {
            snprintf(name, sizeof name, "HOST%d", i % HOSTS);
            seen(&b, name, i);
        }
        seen(&b, "HOST0", TCS_TIME_NONE);
        seen(&b, "HOST0", TCS_TIME_LAST); /* the year 30828 */
        seen(&b, "", 5);
        assert_int_equal(b.nhosts, HOSTS);
        assert_int_equal(b.hosts_dropped, 0);
        assert_false(b.no_memory);
        for (uint32_t k = 0; k < b.nhosts; k++) {
            int i = atoi(b.hosts[k].name.p + 4);
            assert_int_equal(b.hosts[k].name.n, snprintf(name, sizeof name, "HOST%d", i));
            assert_memory_equal(b.hosts[k].name.p, name, b.hosts[k].name.n);
            assert_false(found[i]);
            found[i] = true;
            assert_true(b.hosts[k].first == i && b.hosts[k].last == i + 2 * HOSTS);
        }
        tcs_detect_batch_clear(&b);
        assert_int_equal(b.nhosts, 0);
    }
    tcs_detect_batch_close(&b);
}

/* Times in any order; the same name in other bytes is another host here, and one in the chain. */
static void
test_span(void **state)
{
    struct tcs_batch b = {0};
    static const char wide[] = {'A', 0, '1', 0};
    const struct tcs_value v = {.type = TCS_V_UTF16, .p = wide, .n = sizeof wide};
    (void)state;
    assert_true(tcs_detect_batch_open(&b));
    seen(&b, "A1", 50);
    seen(&b, "A1", -3);
    seen(&b, "A1", 20);
    tcs_detect_batch_host(&b, &v, 7);
    assert_int_equal(b.nhosts, 2);
    check_str(b.hosts[0].name, "A1");
    assert_int_equal(b.hosts[0].first, -3);
    assert_int_equal(b.hosts[0].last, 50);
    check_str(b.hosts[1].name, "A1");
    assert_int_equal(b.hosts[1].first, 7);
    tcs_detect_batch_close(&b);
}

/* Two fit: each record of a third one is counted, what is known is still kept. */
/* claim: limit-hosts */
static void
test_too_many_hosts(void **state)
{
    struct tcs_batch b = {.max_hosts = 2};
    (void)state;
    assert_true(tcs_detect_batch_open(&b));
    seen(&b, "A", 1);
    seen(&b, "B", 2);
    seen(&b, "C", 3);
    seen(&b, "C", 4);
    seen(&b, "A", 5);
    seen(&b, "D", 6);
    assert_int_equal(b.nhosts, 2);
    assert_int_equal(b.hosts_dropped, 3);
    assert_int_equal(b.hosts[0].last, 5);
    assert_false(b.no_memory);
    tcs_detect_batch_clear(&b);
    assert_int_equal(b.hosts_dropped, 0);
    seen(&b, "C", 3); /* another block */
    assert_int_equal(b.nhosts, 1);
    tcs_detect_batch_close(&b);
}

static void
taken_for(struct tcs_batch *b, struct tcs_str product, const char *channel, uint64_t offset)
{
    char text[32]; /* as an event's, it is gone afterwards */
    snprintf(text, sizeof text, "%s", channel);
    const struct tcs_event head = {
        .product = product,
        .schema = "flat",
        .offset = offset,
        .channel = {.type = TCS_V_UTF8, .p = text, .n = (uint32_t)strlen(text)}};
    tcs_detect_batch_log(b, &head, product.n != 0);
    memset(text, 'x', sizeof text);
}

/* Each record counts once, whatever a log calls itself and however many such there are; memory is
 * bounded. */
static void
test_logs(void **state)
{
    enum { CHANNELS = 3000 };
    const struct tcs_origin origin = {.path = TCS_STR("/a/log")};
    struct tcs_batch b = {.origin = &origin};
    struct tcs_logs *logs = tcs_detect_logs_new();
    char name[32];
    uint64_t sum = 0;
    uint32_t n;
    (void)state;
    assert_true(logs && tcs_detect_batch_open(&b));
    assert_false(tcs_detect_logs_all_unknown(logs)); /* nothing was read */
    taken_for(&b, TCS_STR(""), "", 77);
    taken_for(&b, TCS_STR(""), "", 99);
    assert_true(tcs_detect_logs_add(logs, &b));
    assert_true(tcs_detect_logs_all_unknown(logs));
    for (int block = 0; block < 3; block++) {
        tcs_detect_batch_clear(&b);
        for (int i = 0; i < 2 * CHANNELS; i++) {
            snprintf(name, sizeof name, "C%d", i % CHANNELS + block * CHANNELS);
            taken_for(&b, TCS_STR("windows"), name, 0);
            taken_for(&b, TCS_STR("windows"), "Security", 0);
        }
        assert_true(b.nlogs <= TCS_LOGS_MAX + 2 && !b.no_memory);
        assert_true(tcs_detect_logs_add(logs, &b));
    }
    assert_false(tcs_detect_logs_all_unknown(logs));
    const struct tcs_log_count *l = tcs_detect_logs_list(logs, &n);
    for (uint32_t i = 0; i < n; i++)
        sum += l[i].records;
    assert_int_equal(sum, 3 * 4 * CHANNELS + 2);
    assert_true(n <= 16 * TCS_LOGS_MAX + 4);
    assert_true(tcs_base_str_eq(l[0].channel, TCS_STR("Security")));
    assert_int_equal(l[0].records, 3 * 2 * CHANNELS);
    struct tcs_logs_unknown u = tcs_detect_logs_unknown(logs);
    assert_true(u.records == 2 && u.offset == 77 && tcs_base_str_eq(u.path, origin.path));
    tcs_detect_batch_close(&b);
    tcs_detect_logs_free(logs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_hosts_in_a_block),
        cmocka_unit_test(test_span),
        cmocka_unit_test(test_too_many_hosts),
        cmocka_unit_test(test_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests detect/batch.c: hosts that a block's records name.  Names and times are made up, expected
 * values follow from them. */
#include "base/time.h"
#include "check.h"
#include "detect/batch.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_hosts_in_a_block),
        cmocka_unit_test(test_span),
        cmocka_unit_test(test_too_many_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

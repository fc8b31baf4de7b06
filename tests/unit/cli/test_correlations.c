/* Tests cli/correlations.c from inside: what becomes of names when there are too many.  The rules
 * are made up; expected values are what was pushed. */
#include "check.h"

#include "cli/correlations.h"

#include <stdlib.h>
#include <unistd.h>

static const char rules[] = "title: Failed\n"
                            "id: 00000000-0000-4000-8000-000000000001\n"
                            "name: failed\n"
                            "logsource: {product: windows, service: security}\n"
                            "detection: {s: {EventID: 4625}, condition: s}\n"
                            "---\n"
                            "title: Many\n"
                            "id: 00000000-0000-4000-8000-000000000002\n"
                            "correlation:\n"
                            "  type: event_count\n"
                            "  rules: [failed]\n"
                            "  group-by: [IpAddress]\n"
                            "  timespan: 10m\n"
                            "  condition: {gte: 4}\n";

static struct tcs_rulebook *
book_of(const char *path)
{
    struct tcs_settings set = {.threads = 1, .no_cache = true, .rules = {{path}, 1}};
    struct tcs_rulebook *book = NULL;
    struct tcs_err err = {0};
    if (tcs_rulebook_load(&set, &book, &err) < 0)
        fail_msg("%s", err.msg);
    return book;
}

/* One failed logon each second. */
static void
push(struct tcs_correlations *c, int64_t second, const char *host, const char *account)
{
    static const struct tcs_origin origin = {.path = TCS_STR("a.evtx")};
    struct tcs_str value = TCS_STR("192.0.2.7");
    struct tcs_err err = {0};
    const int64_t time = (INT64_C(1773705600) + second) * 10000000;
    struct tcs_corr_kept k = {
        .match = {.time = time, .record = (uint64_t)second, .values = &value, .nvalues = 1},
        .finding = {.origin = &origin,
                    .time = time,
                    .record_id = (uint64_t)second,
                    .host = tcs_str_of(host),
                    .account = tcs_str_of(account)}};
    const struct tcs_result r = {.matches = &k, .nmatches = 1};
    if (tcs_correlations_push(c, &r, &err) < 0)
        fail_msg("%s", err.msg);
}

/* Two texts fit: what is known stays known, what is new is left out and counted. */
static void
test_full_table_of_texts(void **state)
{
    static const char *const hosts[] = {"A", "", "A", ""}, *const accounts[] = {"a", "", "a", "a"};
    char path[] = "/tmp/tocsin-test-XXXXXX";
    uint32_t n;
    struct tcs_err err = {0};
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0 && write(fd, rules, sizeof rules - 1) == (ssize_t)sizeof rules - 1);
    close(fd);
    struct tcs_rulebook *book = book_of(path);
    struct tcs_correlations *c = tcs_correlations_new(book);
    assert_non_null(c);
    tcs_correlations_limit(c, 2);
    push(c, 1, "A", "a");
    push(c, 2, "B", "b");
    push(c, 3, "A", "a");
    push(c, 4, "C", "a");
    assert_int_equal(tcs_correlations_finish(c, &err), 0);
    const struct tcs_corr_found *f = tcs_correlations_found(c, &n);
    assert_int_equal(n, 1);
    assert_int_equal(f->count, 4);
    for (uint32_t i = 0; i < f->nrefs; i++) {
        struct tcs_corr_evidence e = tcs_correlations_evidence(c, f->refs[i]);
        assert_true(e.record_id >= 1 && e.record_id <= 4);
        check_str(e.host, hosts[e.record_id - 1]);
        check_str(e.account, accounts[e.record_id - 1]);
    }
    assert_int_equal(tcs_correlations_nameless(c), 3); /* B, b, C */
    tcs_correlations_free(c);
    tcs_rulebook_free(book);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_table_of_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

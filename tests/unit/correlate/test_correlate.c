/* Correlations: the types, the specification's own examples, and three known faults of others.
 *
 * Expected values by hand from docs/correlations.md and from the examples of the Sigma correlation
 * rules specification. */
#include "correlate_run.h"

#define COUNT(cond)                                                                                \
    CT_RULE("a")                                                                                   \
    "title: C\ncorrelation: {type: event_count, rules: [a], group-by: [U], timespan: 60s, "        \
    "condition: {" cond "}}\n"

static void
event_count(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, COUNT("gte: 3"));
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "a", 50, "U=x");
    ct_push(&t, "a", 61, "U=x"); /* the first is out of the window */
    ct_push(&t, "a", 62, "U=y");
    ct_push(&t, "a", 110, "U=x"); /* 50, 61, 110: both ends count */
    ct_push(&t, "a", 111, "U=x"); /* 61, 110, 111 */
    ct_push(&t, "a", 300, "U=x");
    ct_expect(&t, "C 50..110 3 3 {U=x} 2 3 5\n"
                  "+C 50..111 4 4 {U=x} 2 3 5 6\n");
}

static void
greater_than(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, COUNT("gt: 1"));
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "a", 60, "U=x");
    ct_expect(&t, "C 0..60 2 2 {U=x} 1 2\n");
}

static void
temporal(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("a") CT_RULE("b") "title: T\ncorrelation: {type: temporal, rules: [a, b], "
                                          "group-by: [U], timespan: 60s}\n");
    ct_push(&t, "b", 0, "U=x");
    ct_push(&t, "a", 10, "U=y");
    ct_push(&t, "a", 61, "U=x");
    ct_push(&t, "b", 100, "U=x");
    ct_expect(&t, "T 61..100 2 2 {U=x} 3 4\n");
}

static void
temporal_ordered(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t,
            CT_RULE("a") CT_RULE("b")
                CT_RULE("c") "title: O\ncorrelation: {type: temporal_ordered, rules: [a, b, c], "
                             "group-by: [U], timespan: 60s}\n");
    ct_push(&t, "b", 0, "U=x");
    ct_push(&t, "a", 1, "U=x");
    ct_push(&t, "c", 2, "U=x"); /* b, a, c is no order */
    ct_push(&t, "b", 3, "U=x");
    ct_push(&t, "b", 4, "U=x");
    ct_push(&t, "c", 61, "U=x");
    ct_push(&t, "c", 62, "U=x"); /* a is out of the window */
    ct_expect(&t, "O 1..61 3 3 {U=x} 2 5 6\n");
}

static void
value_count(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("a") "title: V\ncorrelation: {type: value_count, rules: [a], group-by: "
                             "[IP], timespan: 60s, condition: {field: U, gte: 3}}\n");
    ct_push(&t, "a", 0, "IP=1 U=x");
    ct_push(&t, "a", 1, "IP=1 U=y");
    ct_push(&t, "a", 2, "IP=1 U=X"); /* names are compared without case */
    ct_push(&t, "a", 3, "IP=2 U=z");
    ct_push(&t, "a", 61, "IP=1 U=z"); /* y at 1, x at 2, z */
    ct_push(&t, "a", 62, "IP=1 U=w"); /* y is gone: x, z, w */
    ct_push(&t, "a", 63, "IP=1");     /* no value */
    ct_expect(&t, "V 1..61 3 3 {IP=1} 2 3 5\n"
                  "+V 1..62 4 3 {IP=1} 2 3 5 6\n");
}

#define NUMBERS(type, cond)                                                                        \
    CT_RULE("a")                                                                                   \
    "title: N\ncorrelation: {type: " type ", rules: [a], group-by: [U], timespan: 60s, "           \
    "condition: {field: Bytes, " cond "}}\n"

static void
numbers(const char *yaml, const char *want)
{
    static const char *const values[] = {"0.1", "0.2", "0x10", "no number", "3", "100", "1"};
    static const int64_t times[] = {0, 10, 20, 25, 30, 40, 101};
    struct ct t = {.no_refs = true};
    ct_open(&t, yaml);
    for (size_t i = 0; i < 7; i++) {
        char fields[64];
        snprintf(fields, sizeof fields, "U=x Bytes=%s", i == 3 ? "none" : values[i]);
        ct_push(&t, "a", times[i], fields);
    }
    assert_int_equal(tcs_correlate_stats(t.run)->missing_value, 0);
    ct_flush(&t);
    assert_int_equal(tcs_correlate_stats(t.run)->missing_value, 1);
    check_str(tcs_base_buf_view(&t.out), want);
    ct_close(&t);
}

static void
aggregates(void **state)
{
    (void)state;
    /* 0.1, 0.3, 16.3, 19.3, 119.3; then the window is 1 alone */
    numbers(NUMBERS("value_sum", "gte: 16.3"), "N 0..20 3 16.3 {U=x}\n+N 0..40 5 119.3 {U=x}\n");
    /* 0.1, 0.15, 5.43, 4.825, 23.86, 1 */
    numbers(NUMBERS("value_avg", "gt: 5.43"), "N 0..20 3 5.43333 {U=x}\n"
                                              "+N 0..40 5 23.86 {U=x}\n");
    /* sorted: 0.1; 0.1 0.2; 0.1 0.2 16; 0.1 0.2 3 16; 0.1 0.2 3 16 100 */
    numbers(NUMBERS("value_median", "gte: 1.6"), "N 0..30 4 1.6 {U=x}\n+N 0..40 5 3 {U=x}\n");
    /* nearest rank: of 4 the 4th, of 5 the 4th at 80 */
    numbers(NUMBERS("value_percentile", "gte: 16, percentile: 80"),
            "N 0..20 3 16 {U=x}\n+N 0..40 5 16 {U=x}\n");
}

/* --- examples of the specification --- */

static void
spec_many_failed_logins(void **state)
{
    (void)state;
    struct ct t = {.no_refs = true};
    ct_open(&t, "title: F\nid: 5638f7c0-ac70-491d-8465-2a65075e0d86\nlogsource: {product: "
                "windows}\ndetection: {s: {EventID: 4625}, condition: s}\n---\n"
                "title: Many failed logins\nid: 0e95725d-7320-415d-80f7-004da920fc11\n"
                "correlation:\n    type: event_count\n    rules:\n        - "
                "5638f7c0-ac70-491d-8465-2a65075e0d86\n    group-by:\n        - ComputerName\n"
                "    timespan: 1h\n    condition:\n        gte: 100\n");
    for (int i = 0; i < 99; i++)
        ct_push(&t, "F", i * 36, "ComputerName=DC1");
    for (int i = 0; i < 50; i++)
        ct_push(&t, "F", i * 72, "ComputerName=ws2");
    ct_push(&t, "F", 3600, "ComputerName=dc1");
    ct_expect(&t, "Many failed logins 0..3600 100 100 {ComputerName=dc1}\n");
}

static void
spec_failed_login_users(void **state)
{
    (void)state;
    struct ct t = {.no_refs = true};
    ct_open(&t, CT_RULE("F") "title: Failed login\ncorrelation:\n    type: value_count\n    rules: "
                             "[F]\n    group-by:\n        - ComputerName\n        - "
                             "WorkstationName\n    timespan: 1d\n    condition:\n        field: "
                             "User\n        gte: 100\n");
    for (int i = 0; i < 100; i++) {
        char fields[64];
        snprintf(fields, sizeof fields, "ComputerName=DC1 WorkstationName=W%d User=u%d", i % 2, i);
        ct_push(&t, "F", i, fields);
        snprintf(fields, sizeof fields, "ComputerName=DC1 WorkstationName=W3 User=u%d", i);
        ct_push(&t, "F", i, fields);
    }
    ct_expect(&t, "Failed login 0..99 100 100 {ComputerName=DC1 WorkstationName=W3}\n");
}

static void
spec_recon(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("recon_cmd_a") CT_RULE("recon_cmd_b")
                    CT_RULE("recon_cmd_c") "title: R\ncorrelation:\n    type: temporal\n    "
                                           "rules:\n        - recon_cmd_a\n        - "
                                           "recon_cmd_b\n        - recon_cmd_c\n    group-by:\n"
                                           "        - ComputerName\n        - User\n    timespan: "
                                           "5m\n");
    ct_push(&t, "recon_cmd_c", 0, "ComputerName=A User=u");
    ct_push(&t, "recon_cmd_a", 100, "ComputerName=A User=u");
    ct_push(&t, "recon_cmd_b", 200, "ComputerName=A User=v");
    ct_push(&t, "recon_cmd_b", 300, "ComputerName=A User=u");
    ct_expect(&t, "R 0..300 3 3 {ComputerName=A User=u} 1 2 4\n");
}

/* "Even if many_failed_logins groups by ComputerName, this rule only uses its own group-by": the
 * inner result brings the User of the match that made it hold. */
static void
spec_failed_then_successful(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t,
            CT_RULE("failed") CT_RULE("successful_login") "title: many_failed_logins\nname: "
                                                          "many_failed_logins\ncorrelation: {type: "
                                                          "event_count, rules: [failed], group-by: "
                                                          "[ComputerName], timespan: 1h, "
                                                          "condition: {gte: 3}}\n---\n"
                                                          "title: Broken in\ncorrelation:\n    "
                                                          "type: temporal_ordered\n    rules:\n    "
                                                          "    - many_failed_logins\n        - "
                                                          "successful_login\n    group-by:\n       "
                                                          " - User\n    timespan: 1h\n");
    for (int i = 0; i < 3; i++)
        ct_push(&t, "failed", i, "ComputerName=DC1 User=u");
    ct_push(&t, "successful_login", 10, "ComputerName=DC1 User=v");
    ct_push(&t, "successful_login", 20, "ComputerName=WS User=u");
    /* the inner one makes no result of its own: generate is false */
    ct_expect(&t, "Broken in 2..20 2 2 {User=u} 3 5\n");
}

static void
spec_aliases(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("internal_error")
                    CT_RULE("new_network_connection") "title: A\ncorrelation:\n    type: temporal\n"
                                                      "    rules: [internal_error, "
                                                      "new_network_connection]\n    group-by:\n    "
                                                      "    - internal_ip\n        - remote_ip\n    "
                                                      "timespan: 10s\n    aliases:\n        "
                                                      "internal_ip:\n            internal_error: "
                                                      "destination.ip\n            "
                                                      "new_network_connection: source.ip\n        "
                                                      "remote_ip:\n            internal_error: "
                                                      "source.ip\n            "
                                                      "new_network_connection: destination.ip\n");
    ct_push(&t, "internal_error", 0, "destination.ip=10.0.0.1 source.ip=192.0.2.7");
    ct_push(&t, "new_network_connection", 5, "destination.ip=10.0.0.1 source.ip=192.0.2.7");
    ct_push(&t, "new_network_connection", 9, "destination.ip=192.0.2.7 source.ip=10.0.0.1");
    ct_expect(&t, "A 0..9 2 2 {internal_ip=10.0.0.1 remote_ip=192.0.2.7} 1 3\n");
}

/* --- faults that others had --- */

/* Hayabusa 1809: the group was not held over the rules of a temporal correlation. */
static void
hayabusa_1809_group_by_over_rules(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("a") CT_RULE("b") "title: T\ncorrelation: {type: temporal, rules: [a, b], "
                                          "group-by: [Computer], timespan: 60s}\n---\n"
                                          "title: O\ncorrelation: {type: temporal_ordered, rules: "
                                          "[a, b], group-by: [Computer], timespan: 60s}\n");
    ct_push(&t, "a", 0, "Computer=one");
    ct_push(&t, "b", 1, "Computer=two");
    ct_expect(&t, "");
}

/* Hayabusa 1810: the order was not held behind the first rule. */
static void
hayabusa_1810_order_behind_the_first(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t,
            CT_RULE("a") CT_RULE("b")
                CT_RULE("c") "title: O\ncorrelation: {type: temporal_ordered, rules: [a, b, c], "
                             "group-by: [Computer], timespan: 60s}\n");
    ct_push(&t, "a", 0, "Computer=one");
    ct_push(&t, "c", 1, "Computer=one");
    ct_push(&t, "b", 2, "Computer=one");
    ct_expect(&t, "");
}

/* Hayabusa 1811: values outside the window were counted. */
static void
hayabusa_1811_values_beyond_the_window(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("a") "title: V\ncorrelation: {type: value_count, rules: [a], group-by: "
                             "[Computer], timespan: 60s, condition: {field: U, gte: 3}}\n");
    ct_push(&t, "a", 0, "Computer=one U=x");
    ct_push(&t, "a", 50, "Computer=one U=y");
    ct_push(&t, "a", 100, "Computer=one U=z");
    ct_push(&t, "a", 150, "Computer=one U=x");
    ct_expect(&t, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_count),
        cmocka_unit_test(greater_than),
        cmocka_unit_test(temporal),
        cmocka_unit_test(temporal_ordered),
        cmocka_unit_test(value_count),
        cmocka_unit_test(aggregates),
        cmocka_unit_test(spec_many_failed_logins),
        cmocka_unit_test(spec_failed_login_users),
        cmocka_unit_test(spec_recon),
        cmocka_unit_test(spec_failed_then_successful),
        cmocka_unit_test(spec_aliases),
        cmocka_unit_test(hayabusa_1809_group_by_over_rules),
        cmocka_unit_test(hayabusa_1810_order_behind_the_first),
        cmocka_unit_test(hayabusa_1811_values_beyond_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

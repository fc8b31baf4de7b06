/* Correlations: one test for each decision in docs/correlations.md.  Expected values by hand. */
#include "correlate_run.h"

#include "base/limits.h"

#define ONE(inside) CT_RULE("a") "title: C\ncorrelation: {rules: [a], " inside "}\n"
#define TWO(inside) CT_RULE("a") CT_RULE("b") "title: C\ncorrelation: {rules: [a, b], " inside "}\n"
#define BY_U "group-by: [U], timespan: 60s"

static void
window_slides(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 2}"));
    ct_push(&t, "a", 59, "U=x"); /* over the edge of a minute */
    ct_push(&t, "a", 61, "U=x");
    ct_push_at(&t, "a", INT64_C(200) * TCS_TICKS_PER_SEC, 3, "U=y");
    ct_push_at(&t, "a", INT64_C(260) * TCS_TICKS_PER_SEC + 1, 4, "U=y"); /* one tick too late */
    ct_push_at(&t, "a", INT64_C(320) * TCS_TICKS_PER_SEC + 1, 5, "U=y"); /* just in time */
    ct_expect(&t, "C 59..61 2 2 {U=x} 1 2\nC 260..320 2 2 {U=y} 4 5\n");
}

static void
no_group_by(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, ONE("type: event_count, timespan: 60s, condition: {gte: 2}"));
    ct_push(&t, "a", 1, "U=x");
    ct_push(&t, "a", 2, "U=y");
    ct_expect(&t, "C 1..2 2 2 {} 1 2\n");
}

static void
missing_key(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, ONE("type: event_count, group-by: [U, V], timespan: 60s, condition: {gte: 2}"));
    ct_push(&t, "a", 1, "U=x");
    ct_push(&t, "a", 2, "U=x");
    ct_push(&t, "a", 3, "V=x");
    ct_flush(&t);
    assert_int_equal(tcs_correlate_stats(t.run)->missing_key, 3);
    assert_int_equal(tcs_correlate_stats(t.run)->matches, 3);
    ct_expect(&t, "");
}

static void
value_tuples(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, ONE("type: value_count, " BY_U ", condition: {gte: 3, field: [F, G]}"));
    ct_push(&t, "a", 1, "U=x F=1 G=23");
    ct_push(&t, "a", 2, "U=x F=12 G=3");
    ct_push(&t, "a", 3, "U=x F=1 G=23");
    ct_push(&t, "a", 4, "U=x F=1");
    ct_push(&t, "a", 5, "U=x F=23 G=1");
    ct_expect(&t, "C 2..5 3 3 {U=x} 2 3 5\n");
}

static void
range_is_and(void **state)
{
    (void)state;
    struct ct t = {.no_refs = true};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gt: 1, lte: 3}"));
    for (int i = 0; i < 3; i++)
        ct_push(&t, "a", i, "U=three");
    for (int i = 0; i < 4; i++)
        ct_push(&t, "a", i, "U=four");
    ct_push(&t, "a", 5, "U=one");
    ct_expect(&t, "C 0..2 3 3 {U=three}\n");
}

static void
upper_bounds_wait(void **state)
{
    (void)state;
    struct ct t = {.no_refs = true, .opts = {.lateness = 1}};
    struct tcs_err err;
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {eq: 2}"));
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "a", 10, "U=x");
    assert_int_equal(tcs_correlate_advance(t.run, INT64_C(70) * TCS_TICKS_PER_SEC, &err), 0);
    check_str(tcs_base_buf_view(&t.out), ""); /* a third may still come */
    assert_int_equal(tcs_correlate_advance(t.run, INT64_C(70) * TCS_TICKS_PER_SEC + 1, &err), 0);
    check_str(tcs_base_buf_view(&t.out), "C 0..10 2 2 {U=x}\n");
    ct_push(&t, "a", 100, "U=x"); /* never two within the window */
    ct_push(&t, "a", 170, "U=x");
    ct_expect(&t, "C 0..10 2 2 {U=x}\n");
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {lt: 2}"));
    t.no_refs = true;
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "a", 61, "U=x"); /* two episodes of one */
    ct_push(&t, "a", 0, "U=y");
    ct_push(&t, "a", 60, "U=y");
    ct_expect(&t, "C 0..0 1 1 {U=x}\nC 61..61 1 1 {U=x}\n");
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {neq: 2}"));
    t.no_refs = true;
    for (int i = 0; i < 3; i++)
        ct_push(&t, "a", i, "U=x");
    for (int i = 0; i < 2; i++)
        ct_push(&t, "a", i, "U=y");
    ct_expect(&t, "C 0..2 3 3 {U=x}\n");
}

static void
temporal_default(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, TWO("type: temporal, " BY_U));
    ct_push(&t, "a", 1, "U=x");
    ct_push(&t, "a", 2, "U=x");
    ct_push(&t, "b", 3, "U=x");
    ct_expect(&t, "C 2..3 2 2 {U=x} 2 3\n");
    ct_open(&t, TWO("type: temporal, " BY_U ", condition: {gte: 1}"));
    ct_push(&t, "b", 1, "U=x");
    ct_expect(&t, "C 1..1 1 1 {U=x} 1\n");
    ct_open(&t, TWO("type: temporal_ordered, " BY_U ", condition: {gte: 1}"));
    ct_push(&t, "b", 1, "U=x");
    ct_push(&t, "a", 2, "U=x");
    ct_expect(&t, "C 1..1 1 1 {U=x} 1\n+C 1..2 2 1 {U=x} 1 2\n");
}

static void
not_is_judged_at_the_end(void **state)
{
    (void)state;
    struct ct t = {0};
    const char *yaml = TWO("type: temporal, " BY_U ", condition: a and not b");
    ct_open(&t, yaml);
    ct_push(&t, "a", 100, "U=alone");
    ct_push(&t, "a", 100, "U=after");
    ct_push(&t, "b", 160, "U=after");
    ct_push(&t, "b", 40, "U=before");
    ct_push(&t, "a", 100, "U=before");
    ct_push(&t, "b", 39, "U=long_before");
    ct_push(&t, "a", 100, "U=long_before");
    ct_push(&t, "a", 100, "U=long_after");
    ct_push(&t, "b", 161, "U=long_after");
    ct_expect(&t, "C 100..100 1 1 {U=alone} 1\nC 100..100 1 1 {U=long_before} 7\n"
                  "C 100..100 1 1 {U=long_after} 8\n");
    ct_open(&t, CT_RULE("a") CT_RULE("b")
                    CT_RULE("c") "title: C\ncorrelation: {rules: [a, b, c], type: "
                                 "temporal_ordered, " BY_U ", condition: a and b and not c}\n");
    ct_push(&t, "b", 0, "U=x");
    ct_push(&t, "a", 1, "U=x");
    ct_push(&t, "b", 2, "U=x");
    ct_push(&t, "a", 0, "U=y");
    ct_push(&t, "b", 1, "U=y");
    ct_push(&t, "c", 30, "U=y");
    ct_expect(&t, "C 1..2 2 2 {U=x} 2 3\n");
}

static void
boolean_text(void **state)
{
    (void)state;
    const char *yaml = CT_RULE("a") CT_RULE("b")
        CT_RULE("c") "title: C\ncorrelation: {rules: [a, b, c], type: temporal_ordered, " BY_U
                     ", condition: (a or b) and c}\n";
    struct ct t = {0};
    ct_open(&t, yaml);
    ct_push(&t, "c", 0, "U=x");
    ct_push(&t, "b", 1, "U=x");
    ct_push(&t, "c", 2, "U=x");
    ct_push(&t, "a", 100, "U=x");
    ct_push(&t, "c", 101, "U=x");
    ct_expect(&t, "C 1..2 2 2 {U=x} 2 3\nC 100..101 2 2 {U=x} 4 5\n");
}

static void
one_event_two_rules(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, TWO("type: temporal, " BY_U));
    ct_push_at(&t, "a", 5, 77, "U=x");
    ct_push_at(&t, "b", 5, 77, "U=x");
    ct_expect(&t, "C 5e-07..5e-07 2 2 {U=x} 1 2\n");
    ct_open(&t, TWO("type: temporal_ordered, " BY_U));
    ct_push_at(&t, "a", 5, 77, "U=x");
    ct_push_at(&t, "b", 5, 77, "U=x");
    ct_expect(&t, "");
}

static void
equal_times(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, TWO("type: temporal_ordered, " BY_U));
    ct_push_at(&t, "b", 0, 12, "U=x"); /* arrives first, but is the later record */
    ct_push_at(&t, "a", 0, 11, "U=x");
    ct_push_at(&t, "b", 0, 21, "U=y");
    ct_push_at(&t, "a", 0, 22, "U=y");
    ct_expect(&t, "C 0..0 2 2 {U=x} 2 1\n");
}

static void
one_result_for_a_burst(void **state)
{
    (void)state;
    struct ct t = {.opts = {.lateness = 1}};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 10}"));
    for (int i = 0; i < 1000; i++)
        ct_push(&t, "a", i, "U=x");
    check_str(tcs_base_buf_view(&t.out), "C 0..9 10 10 {U=x} 1 3 4 5 6 7 8 9 10\n");
    ct_push(&t, "a", 2000, "U=y");
    assert_int_equal(t.nids, 2);
    assert_true(t.ids[0] == t.ids[1]);
    ct_expect(&t, "C 0..9 10 10 {U=x} 1 3 4 5 6 7 8 9 10\n"
                  "+C 0..999 1000 1000 {U=x} 1 993 994 995 996 997 998 999 1000\n");
}

static void
trickle_does_not_hide(void **state)
{
    (void)state;
    struct ct t = {.no_refs = true};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 3}"));
    for (int i = 0; i < 3; i++)
        ct_push(&t, "a", i, "U=x");
    for (int i = 1; i < 5; i++)
        ct_push(&t, "a", i * 50, "U=x"); /* never idle for a timespan */
    for (int i = 0; i < 3; i++)
        ct_push(&t, "a", 240 + i, "U=x");
    ct_flush(&t);
    assert_int_equal(t.nids, 4);
    assert_true(t.ids[0] != t.ids[2]);
    /* 2, 50, 62: held within the first minute too */
    check_str(tcs_base_buf_view(&t.out), "C 0..2 3 3 {U=x}\n+C 0..50 4 4 {U=x}\n"
                                         "C 200..241 3 3 {U=x}\n+C 200..242 4 4 {U=x}\n");
    ct_close(&t);
}

static void
late_matches(void **state)
{
    (void)state;
    struct ct t = {.opts = {.lateness = 10 * TCS_TICKS_PER_SEC}};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 2}"));
    ct_push(&t, "a", 100, "U=x");
    ct_push(&t, "a", 89, "U=x"); /* eleven seconds behind */
    ct_push(&t, "a", 90, "U=x"); /* ten */
    ct_flush(&t);
    assert_int_equal(tcs_correlate_stats(t.run)->late, 1);
    ct_expect(&t, "C 90..100 2 2 {U=x} 3 1\n");
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 2}"));
    ct_push_at(&t, "a", TCS_TIME_NONE, 1, "U=x");
    assert_int_equal(tcs_correlate_stats(t.run)->timeless, 1);
    ct_expect(&t, "");
}

#define CHAIN(inner, outer)                                                                        \
    CT_RULE("a")                                                                                   \
    CT_RULE("b")                                                                                   \
    "title: I\nid: 00000000-0000-4000-8000-00000000000a\nname: inner\n"                            \
    "correlation: {rules: [a], " inner "}\n---\n"                                                  \
    "title: O\nid: 00000000-0000-4000-8000-00000000000b\n"                                         \
    "correlation: {rules: [inner, b], " outer "}\n"

static void
inner_time(void **state)
{
    (void)state;
    struct ct t = {0};
    /* holds at 10: b at 5 is before that, though after the inner one's first */
    ct_open(&t, CHAIN("type: event_count, " BY_U ", condition: {gte: 2}",
                      "type: temporal_ordered, " BY_U));
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "b", 5, "U=x");
    ct_push(&t, "a", 10, "U=x");
    ct_push(&t, "b", 70, "U=x");
    ct_expect(&t, "O 10..70 2 2 {U=x} 3 4\n");
    /* judged at the end: at 60 and not before, so b at 50 does not follow it */
    ct_open(&t, CHAIN("type: event_count, " BY_U ", condition: {lte: 2}",
                      "type: temporal_ordered, " BY_U));
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "b", 50, "U=x");
    ct_push(&t, "b", 61, "U=x");
    ct_expect(&t, "O 60..61 2 2 {U=x} 1 3\n");
}

static void
inner_fields(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CHAIN("type: event_count, group-by: [H], timespan: 60s, condition: {gte: 2}",
                      "type: temporal, group-by: [H, U], timespan: 60s"));
    ct_push(&t, "a", 0, "H=h U=first");
    ct_push(&t, "a", 1, "H=h U=last");
    ct_push(&t, "b", 2, "H=h U=first");
    ct_push(&t, "b", 3, "H=h U=last");
    ct_expect(&t, "O 1..3 2 2 {H=h U=last} 2 4\n");
}

/* An event is first a match of the outer correlation's rule, then makes the inner one hold. */
static void
inner_after_its_event(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("a") "title: I\nname: inner\ncorrelation: {rules: [a], type: event_count, "
                             "" BY_U ", condition: {gte: 2}}\n---\n"
                             "title: O\ncorrelation: {rules: [inner, a], type: temporal_ordered, "
                             "" BY_U "}\n");
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "a", 1, "U=x");
    ct_push(&t, "a", 2, "U=x");
    ct_expect(&t, "O 1..2 2 2 {U=x} 2 3\n");
}

static void
generate_per_rule(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("a") CT_RULE("b")
                    CT_RULE("c") "title: C1\ncorrelation: {rules: [a, b], type: temporal, " BY_U
                                 ", generate: true}\n---\n"
                                 "title: C2\nname: C2\ncorrelation: {rules: [a, c], type: "
                                 "temporal, " BY_U "}\n---\n"
                                 "title: C3\ncorrelation: {rules: [C2, c], type: temporal, " BY_U
                                 "}\n");
    assert_true(tcs_correlate_plan_alerts(t.plan, ct_rule(&t, "a")));
    assert_true(tcs_correlate_plan_alerts(t.plan, ct_rule(&t, "b")));
    assert_false(tcs_correlate_plan_alerts(t.plan, ct_rule(&t, "c")));
    for (uint32_t i = 0; i < t.ncorrs; i++)
        assert_int_equal(tcs_correlate_plan_corr_alerts(t.plan, i),
                         !tcs_base_str_eq(t.corrs[i].doc.title, TCS_STR("C2")));
    ct_expect(&t, "");
}

static void
percentile_default(void **state)
{
    (void)state;
    struct ct t = {.no_refs = true};
    ct_open(&t, ONE("type: value_percentile, " BY_U ", condition: {gte: 19, field: N}"));
    for (int i = 1; i <= 20; i++) {
        char fields[32];
        snprintf(fields, sizeof fields, "U=x N=%d", i <= 18 ? 0 : i);
        ct_push(&t, "a", i, fields); /* 95 % of 19 is the 19th, of 20 the 19th */
    }
    ct_expect(&t, "C 1..19 19 19 {U=x}\n+C 1..20 20 19 {U=x}\n");
}

static void
alias_by_id(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(
        &t,
        "title: a\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {product: "
        "windows}\ndetection: {s: {X: 1}, condition: s}\n---\n" CT_RULE(
            "b") "title: C\n"
                 "correlation: {rules: [00000000-0000-4000-8000-000000000001, b], type: temporal, "
                 "group-by: [who], timespan: 60s, aliases: {who: "
                 "{00000000-0000-4000-8000-000000000001: User, b: Account}}}\n");
    ct_push(&t, "a", 0, "User=x");
    ct_push(&t, "b", 1, "Account=x");
    ct_expect(&t, "C 0..1 2 2 {who=x} 1 2\n");
}

static void
groups_are_bounded(void **state)
{
    (void)state;
    struct ct t = {.opts = {.max_groups = 2}};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 2}"));
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "a", 1, "U=y");
    ct_push(&t, "a", 2, "U=x");
    ct_push(&t, "a", 3, "U=z"); /* y is the one that was not seen for longest */
    ct_push(&t, "a", 4, "U=x");
    ct_push(&t, "a", 5, "U=y");
    ct_push(&t, "a", 6, "U=w"); /* x, whose episode is open */
    ct_flush(&t);
    assert_int_equal(tcs_correlate_stats(t.run)->evicted_groups, 3);
    ct_expect(&t, "C 0..2 2 2 {U=x} 1 3\n+C 0..4 3 3~ {U=x} 1 3 5\n");
}

static void
waiting_is_bounded(void **state)
{
    (void)state;
    struct ct t = {.opts = {.max_waiting = 2}};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 2}"));
    ct_push(&t, "a", 5, "U=x");
    ct_push(&t, "a", 7, "U=x");
    ct_push(&t, "a", 6, "U=x"); /* 5 is looked at */
    ct_push(&t, "a", 4, "U=x"); /* before that: late */
    ct_flush(&t);
    assert_int_equal(tcs_correlate_stats(t.run)->overflowed, 1);
    assert_int_equal(tcs_correlate_stats(t.run)->late, 1);
    ct_expect(&t, "C 5..6 2 2 {U=x} 1 3\n+C 5..7 3 3 {U=x} 1 3 2\n");
}

static void
named_twice(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, CT_RULE("a") "title: C\ncorrelation: {rules: [a, a], type: event_count, " BY_U
                             ", condition: {gte: 2}}\n");
    ct_push(&t, "a", 0, "U=x");
    ct_expect(&t, "");
    ct_open(&t, CT_RULE("a") "title: C\ncorrelation: {rules: [a, a], type: temporal_ordered, " BY_U
                             "}\n");
    ct_push(&t, "a", 0, "U=x");
    ct_push(&t, "a", 1, "U=x");
    ct_expect(&t, "C 0..1 2 2 {U=x} 1 2\n");
}

static void
case_of_values(void **state)
{
    (void)state;
    struct ct t = {0};
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 2}"));
    ct_push(&t, "a", 0, "U=Bob");
    ct_push(&t, "a", 1, "U=BOB");
    ct_push(&t, "a", 2, "U=b\xc3\x96"); /* ASCII only */
    ct_push(&t, "a", 3, "U=b\xc3\xb6");
    ct_expect(&t, "C 0..1 2 2 {U=BOB} 1 2\n"); /* as in the match that decided */
}

/* More values than are told apart. */
static void
many_values(void **state)
{
    (void)state;
    struct ct t = {.no_refs = true};
    ct_open(&t, ONE("type: value_count, " BY_U ", condition: {gte: 2, field: F}"));
    for (int i = 0; i <= TCS_CORR_VALUES_TOLD; i++) {
        char fields[32];
        snprintf(fields, sizeof fields, "U=x F=%d", i);
        ct_push_at(&t, "a", i, (uint64_t)i, fields);
    }
    ct_expect(&t, "C 0..1e-07 2 2 {U=x}\n+C 0..2.56e-05 257 256~ {U=x}\n");
}

/* A correlation whose rules are not there does not run, nor one that needs it. */
static void
left_out(void **state)
{
    (void)state;
    struct ct t = {0};
    struct tcs_corrplan *p;
    uint32_t n;
    ct_open(&t, CHAIN("type: event_count, " BY_U ", condition: {gte: 2}", "type: temporal, " BY_U));
    assert_int_equal(t.left_out, 0);
    assert_int_equal(tcs_correlate_plan_build(t.corrs, t.ncorrs, t.all + 1, 1, &p, &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_false(tcs_correlate_plan_runs(p, 0));
    assert_false(tcs_correlate_plan_reads(p, 0));
    assert_true(tcs_correlate_plan_alerts(p, 0));
    tcs_correlate_plan_free(p);
    ct_expect(&t, "");
}

static struct tcs_corr_basis
basis_of(const char *yaml, uint32_t corr, uint64_t *fields)
{
    struct ct t = {0};
    ct_open(&t, yaml);
    struct tcs_corr_basis b = tcs_correlate_plan_basis(t.plan, corr);
    *fields = tcs_correlate_plan_print(t.plan, 0);
    ct_close(&t);
    return b;
}

/* What kept matches and results are bound to. */
static void
what_results_rest_on(void **state)
{
    uint64_t f, g;
    (void)state;
    struct tcs_corr_basis x,
        a = basis_of(ONE("type: event_count, " BY_U ", condition: {gte: 2}"), 0, &f);
    assert_true(a.print != 0);
    x = basis_of(ONE("type: event_count, " BY_U ", condition: {gte: 2}"), 0, &g);
    assert_true(x.print == a.print && x.reach == a.reach && f == g);
    x = basis_of(ONE("type: event_count, " BY_U ", condition: {gte: 3}"), 0, &g);
    assert_true(x.print != a.print && f == g);
    x = basis_of(ONE("type: value_count, " BY_U ", condition: {gte: 2, field: F}"), 0, &g);
    assert_true(x.print != a.print && f != g);
    /* an outer one is bound to its inner one, and looks as far back as both */
    const char *chain =
        CHAIN("type: event_count, " BY_U ", condition: {gte: 2}", "type: temporal, " BY_U);
    struct tcs_corr_basis inner = basis_of(chain, 0, &g), outer = basis_of(chain, 1, &g);
    assert_true(outer.reach > inner.reach && inner.reach == a.reach);
    x = basis_of(CHAIN("type: event_count, " BY_U ", condition: {gte: 3}", "type: temporal, " BY_U),
                 1, &g);
    assert_true(x.print != outer.print && x.reach == outer.reach);
}

/* A source that is silent holds nobody back for ever. */
static void
idle_source(void **state)
{
    (void)state;
    struct ct t = {.opts = {.lateness = 1, .idle = 100 * TCS_TICKS_PER_SEC}};
    struct tcs_str x = TCS_STR("x");
    struct tcs_corr_match m = {.values = &x, .nvalues = 1, .time = 0, .ref = 50};
    struct tcs_err err;
    ct_open(&t, ONE("type: event_count, " BY_U ", condition: {gte: 2}"));
    m.source = 9;
    assert_int_equal(tcs_correlate_push(t.run, &m, &err), 0);
    ct_push(&t, "a", 50, "U=x");
    ct_push(&t, "a", 60, "U=x");
    ct_push(&t, "a", 70, "U=x");
    check_str(tcs_base_buf_view(&t.out), "");
    ct_push(&t, "a", 200, "U=x");
    ct_push(&t, "a", 201, "U=x");
    check_str(tcs_base_buf_view(&t.out), "C 0..50 2 2 {U=x} 50 1\n+C 0..70 4 4 {U=x} 50 1 2 3\n");
    ct_close(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_slides),
        cmocka_unit_test(what_results_rest_on),
        cmocka_unit_test(no_group_by),
        cmocka_unit_test(missing_key),
        cmocka_unit_test(value_tuples),
        cmocka_unit_test(range_is_and),
        cmocka_unit_test(upper_bounds_wait),
        cmocka_unit_test(temporal_default),
        cmocka_unit_test(not_is_judged_at_the_end),
        cmocka_unit_test(boolean_text),
        cmocka_unit_test(one_event_two_rules),
        cmocka_unit_test(equal_times),
        cmocka_unit_test(one_result_for_a_burst),
        cmocka_unit_test(trickle_does_not_hide),
        cmocka_unit_test(late_matches),
        cmocka_unit_test(inner_time),
        cmocka_unit_test(inner_fields),
        cmocka_unit_test(inner_after_its_event),
        cmocka_unit_test(generate_per_rule),
        cmocka_unit_test(percentile_default),
        cmocka_unit_test(alias_by_id),
        cmocka_unit_test(groups_are_bounded),
        cmocka_unit_test(waiting_is_bounded),
        cmocka_unit_test(named_twice),
        cmocka_unit_test(case_of_values),
        cmocka_unit_test(many_values),
        cmocka_unit_test(left_out),
        cmocka_unit_test(idle_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

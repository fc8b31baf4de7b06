/* bench/correlate_bench.c - matches per second of processor time through the correlations, and
 * memory of a group.
 *
 *   correlate_bench [MATCHES]    (default 2,000,000)
 *
 * 100,000 keys under a timespan that holds all matches, so that no group is ever forgotten: the
 * worst case of a window.  Matches arrive in order, as in a log, and are released at once. */
#include "correlate/correlate.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { KEYS = 100000, TEXT = 24 };

#define RULE(n)                                                                                    \
    "title: " n "\nname: " n "\nlogsource: {product: windows}\ndetection: {s: {X: 1}, "            \
    "condition: s}\n---\n"
#define RULES RULE("a") RULE("b") RULE("c") "title: C\ncorrelation: {group-by: [U], "

static const struct {
    const char *name, *yaml;
    unsigned rules;        /* that matches are of, in turn */
    unsigned keys, values; /* how many different ones */
    bool sorted;           /* not as a stream, but all at the end */
} rows[] = {
    {"event_count, gte 100",
     RULES "type: event_count, rules: [a], timespan: 365d, condition: {gte: 100}}", 1, KEYS, 1,
     false},
    {"event_count, one hot key",
     RULES "type: event_count, rules: [a], timespan: 365d, condition: {gte: 100}}", 1, 1, 1, false},
    {"event_count, sorted at the end",
     RULES "type: event_count, rules: [a], timespan: 365d, condition: {gte: 100}}", 1, KEYS, 1,
     true},
    {"value_count, gte 10",
     RULES "type: value_count, rules: [a], timespan: 365d, condition: {field: V, gte: 10}}", 1,
     KEYS, 1800, false},
    {"value_count, one key, 1,800 values",
     RULES "type: value_count, rules: [a], timespan: 365d, condition: {field: V, gte: 10000}}", 1,
     1, 1800, false},
    {"temporal, 3 rules", RULES "type: temporal, rules: [a, b, c], timespan: 365d}", 3, KEYS, 1,
     false},
    {"temporal_ordered, 3 rules", RULES "type: temporal_ordered, rules: [a, b, c], timespan: 365d}",
     3, KEYS, 1, false},
    {"value_median, one hot key",
     RULES "type: value_median, rules: [a], timespan: 365d, condition: {field: V, gt: 1e9}}", 1, 1,
     1800, false},
};

static double
now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
die(const char *what)
{
    fprintf(stderr, "correlate_bench: %s\n", what);
    exit(1);
}

static size_t
in_use(void)
{
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void
push_all(struct tcs_correlate *c, const struct tcs_corrplan *p, size_t row, size_t n)
{
    struct tcs_err err = {0};
    struct tcs_str values[2];
    char texts[2][TEXT];
    uint64_t random = 1;
    for (size_t i = 0; i < n; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        struct tcs_corr_match m = {.time = (int64_t)i * 10000,
                                   .rule = (uint32_t)(random >> 60) % rows[row].rules,
                                   .record = i,
                                   .ref = i,
                                   .values = values};
        const struct tcs_str *names = tcs_correlate_plan_fields(p, m.rule, &m.nvalues);
        for (uint32_t k = 0; k < m.nvalues; k++) {
            bool key = tcs_base_str_eq(names[k], TCS_STR("U"));
            int len = snprintf(
                texts[k], TEXT, key ? "account%u" : "%u",
                (unsigned)((random >> (key ? 20 : 5)) % (key ? rows[row].keys : rows[row].values)));
            values[k] = (struct tcs_str){texts[k], (size_t)len};
        }
        if (tcs_correlate_push(c, &m, &err) < 0)
            die(err.msg);
    }
    if (rows[row].sorted && tcs_correlate_flush(c, &err) < 0)
        die(err.msg);
}

static void
measure(size_t row, size_t n)
{
    struct tcs_err err = {0};
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    struct tcs_corrplan *p = NULL;
    uint32_t nrules, ncorrs, left_out;
    if (!r || tcs_sigma_rules_add(r, TCS_STR("bench"), tcs_base_str_of(rows[row].yaml), &err) < 0 ||
        tcs_sigma_rules_finish(r, &err) < 0)
        die(err.msg);
    const struct tcs_rule *rules = tcs_sigma_rules_all(r, &nrules);
    const struct tcs_correlation *corrs = tcs_sigma_rules_correlations(r, &ncorrs);
    if (ncorrs != 1 || tcs_correlate_plan_build(corrs, 1, rules, nrules, &p, &left_out, &err) < 0)
        die("the correlation was refused");
    const struct tcs_corr_opts opts = {.lateness = rows[row].sorted ? INT64_MAX : 0,
                                       .max_groups = 2 * KEYS};
    size_t before = in_use();
    struct tcs_correlate *c = tcs_correlate_new(p, &opts);
    if (!c)
        die("no memory");
    double start = now();
    push_all(c, p, row, n);
    double seconds = now() - start;
    printf("%-36s %10.0f matches/s %8llu results", rows[row].name, (double)n / seconds,
           (unsigned long long)tcs_correlate_stats(c)->results);
    if (!rows[row].sorted)
        printf(" %8.0f bytes a group", (double)(in_use() - before) / rows[row].keys);
    putchar('\n');
    tcs_correlate_free(c);
    tcs_correlate_plan_free(p);
    tcs_sigma_rules_free(r);
}

int
main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        measure(i, n);
    return 0;
}

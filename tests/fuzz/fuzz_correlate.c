/* tests/fuzz/fuzz_correlate.c - bytes as a choice of correlations, a stream of matches, and damage.
 *
 *   1 byte: which document; 1: lateness; 1: limits; 1: where to save; 1: how much damage; 3 bytes
 * of place and value for each piece of it; the rest is matches, 4 bytes each.
 *
 * Saved and restored in the middle, the results are the same.  A damaged snapshot under a right
 * seal is refused or taken, and then runs to its end. */
#include "correlate/correlate_int.h"
#include "rules_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE(n)                                                                                    \
    "title: " n "\nname: " n "\nlogsource: {product: windows}\ndetection: {s: {X: 1}, "            \
    "condition: s}\n---\n"
#define BASES BASE("a") BASE("b") BASE("c")
#define CORR(name, inside) "title: " name "\nname: " name "\ncorrelation: {" inside "}\n---\n"

static const char *const documents[] = {
    BASES CORR("i", "type: event_count, rules: [a, b], group-by: [U], timespan: 9s, condition: "
                    "{gte: 3}") CORR("o", "type: temporal_ordered, rules: [i, c], group-by: [V], "
                                          "timespan: 20s"),
    BASES CORR("i", "type: value_count, rules: [a, b, c], group-by: [U], timespan: 7s, condition: "
                    "{field: V, gte: 2}") CORR("o", "type: event_count, rules: [i], timespan: 60s, "
                                                    "condition: {lte: 3}"),
    BASES CORR("i", "type: value_count, rules: [a], timespan: 30s, condition: {field: [U, V], "
                    "eq: 3}"),
    BASES CORR("i", "type: temporal, rules: [a, b, c], group-by: [U, V], timespan: 5s, condition: "
                    "a and (b or not c)"),
    BASES CORR("i", "type: temporal_ordered, rules: [a, b, c], group-by: [U], timespan: 8s, "
                    "condition: (a or b) and c and not b")
        CORR("o", "type: temporal, rules: [i, a], group-by: [U], timespan: 8s"),
    BASES CORR("i", "type: temporal_ordered, rules: [a, b, a], group-by: [U], timespan: 8s, "
                    "condition: {gte: 2}"),
    BASES CORR("i", "type: value_sum, rules: [a, b], group-by: [U], timespan: 8s, condition: "
                    "{field: V, gt: 3}"),
    BASES CORR("i", "type: value_avg, rules: [a, b], group-by: [U], timespan: 8s, condition: "
                    "{field: V, lt: 3}"),
    BASES CORR("i", "type: value_percentile, rules: [a, b], group-by: [U], timespan: 8s, "
                    "condition: {field: V, gte: 2, percentile: 50}"),
    BASES CORR("i", "type: value_median, rules: [a, b], timespan: 8s, condition: {field: V, gt: "
                    "1}") CORR("o", "type: value_count, rules: [i, c], timespan: 99s, condition: "
                                    "{field: V, gte: 2}, generate: true"),
};
enum { DOCUMENTS = sizeof documents / sizeof documents[0], HEAD = 5, MATCH = 4, DAMAGE = 3 };

struct plan {
    struct tcs_rules *rules;
    struct tcs_corrplan *plan;
    uint32_t nrules;
};

/* Made once; the fuzzer's process keeps them. */
static const struct plan *
plan_of(unsigned i)
{
    static struct plan plans[DOCUMENTS];
    struct plan *p = &plans[i];
    struct tcs_err err;
    uint32_t ncorrs, left_out;
    if (p->plan)
        return p;
    p->rules = tcs_sigma_rules_new(NULL, 0);
    WALK_CHECK(p->rules && tcs_sigma_rules_add(p->rules, TCS_STR("f"),
                                               tcs_base_str_of(documents[i]), &err) == 0);
    WALK_CHECK(tcs_sigma_rules_finish(p->rules, &err) == 0);
    const struct tcs_rule *rules = tcs_sigma_rules_all(p->rules, &p->nrules);
    const struct tcs_correlation *c = tcs_sigma_rules_correlations(p->rules, &ncorrs);
    WALK_CHECK(p->nrules == 3 && ncorrs > 0);
    WALK_CHECK(tcs_correlate_plan_build(c, ncorrs, rules, p->nrules, &p->plan, &left_out, &err) ==
               0);
    WALK_CHECK(left_out == 0);
    return p;
}

static void
on_result(void *ctx, const struct tcs_corr_result *r)
{
    struct tcs_buf *b = ctx;
    WALK_CHECK(r->first <= r->last && r->count > 0 && r->nrefs <= TCS_CORR_REFS_MAX);
    tcs_base_buf_printf(b, "%llx %u %d %lld %lld %llu %a", (unsigned long long)r->id, r->corr,
                        r->update, (long long)r->first, (long long)r->last,
                        (unsigned long long)r->count, r->value);
    for (uint32_t i = 0; i < r->nvalues; i++)
        tcs_base_buf_str(b, r->values[i]);
    for (uint32_t i = 0; i < r->nrefs; i++)
        tcs_base_buf_printf(b, " %llu", (unsigned long long)r->refs[i]);
    tcs_base_buf_c(b, '\n');
}

/* After a damaged snapshot, numbers may be anything. */
static void
on_odd_result(void *ctx, const struct tcs_corr_result *r)
{
    (void)ctx;
    WALK_CHECK(r->nrefs <= TCS_CORR_REFS_MAX);
    walk_list(r->values, r->nvalues);
}

/* time, rule and source, values, record */
static void
push(struct tcs_correlate *c, const struct plan *p, const uint8_t *d, uint64_t ref)
{
    static const char *const texts[] = {"", "x", "X", "y", "1", "2.5", "-3", "0x4"};
    struct tcs_err err;
    struct tcs_str values[8];
    struct tcs_corr_match m = {.time = (int64_t)d[0] * TCS_TICKS_PER_SEC / 2,
                               .rule = d[1] % p->nrules,
                               .source = d[1] / 16 % 4,
                               .record = d[3],
                               .ref = ref,
                               .values = values};
    (void)tcs_correlate_plan_fields(p->plan, m.rule, &m.nvalues);
    WALK_CHECK(m.nvalues <= 8);
    for (uint32_t i = 0; i < m.nvalues; i++)
        values[i] = tcs_base_str_of(texts[d[2] >> 3 * (i % 2) & 7]);
    WALK_CHECK(tcs_correlate_push(c, &m, &err) == 0);
}

static void
damage(const struct plan *p, const struct tcs_corr_opts *opts, struct tcs_str saved,
       const uint8_t *d, unsigned n)
{
    struct tcs_err err;
    struct tcs_corr_opts odd = *opts;
    uint8_t *bytes = malloc(saved.n); /* exact, so that a read past the end is seen */
    odd.result = on_odd_result;
    struct tcs_correlate *c = tcs_correlate_new(p->plan, &odd);
    WALK_CHECK(bytes && c);
    memcpy(bytes, saved.p, saved.n);
    for (unsigned i = 0; i < n; i++, d += DAMAGE)
        bytes[16 + (size_t)(d[0] | d[1] << 8) % (saved.n - CORR_SEAL - 16)] = d[2];
    correlate_seal(bytes, saved.n - CORR_SEAL, bytes + saved.n - CORR_SEAL);
    int rc = tcs_correlate_restore(c, (struct tcs_str){(const char *)bytes, saved.n}, &err);
    WALK_CHECK(rc == 0 || rc == -TCS_ECORRUPT);
    if (rc == 0) {
        static const uint8_t more[2 * MATCH] = {100, 0, 0x99, 1, 101, 1, 0x99, 2};
        push(c, p, more, 1);
        push(c, p, more + MATCH, 2);
        WALK_CHECK(tcs_correlate_flush(c, &err) == 0);
    }
    tcs_correlate_free(c);
    free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    const struct plan *p = plan_of(data[0] % DOCUMENTS);
    struct tcs_buf plain = {0}, saved = {0}, split = {0};
    struct tcs_err err;
    struct tcs_corr_opts opts = {.lateness = data[1] == 255 ? INT64_MAX
                                                            : data[1] * (int64_t)TCS_TICKS_PER_SEC,
                                 .idle = data[2] & 8 ? 20 * TCS_TICKS_PER_SEC : 0,
                                 .max_groups = data[2] & 7,
                                 .max_waiting = data[2] >> 4,
                                 .result = on_result,
                                 .ctx = &plain};
    unsigned ndamage = data[4] % 16;
    const uint8_t *hurt = data + HEAD;
    size_t at = HEAD + (size_t)ndamage * DAMAGE, n = size > at ? (size - at) / MATCH : 0;
    struct tcs_correlate *whole = tcs_correlate_new(p->plan, &opts);
    opts.ctx = &split;
    struct tcs_correlate *parts = tcs_correlate_new(p->plan, &opts);
    WALK_CHECK(whole && parts);
    for (size_t i = 0; i < n; i++) {
        if (i == data[3] % n) {
            WALK_CHECK(tcs_correlate_save(parts, &saved, &err) == 0);
            tcs_correlate_free(parts);
            parts = tcs_correlate_new(p->plan, &opts);
            WALK_CHECK(parts && tcs_correlate_restore(parts, tcs_base_buf_view(&saved), &err) == 0);
            if (ndamage)
                damage(p, &opts, tcs_base_buf_view(&saved), hurt, ndamage);
        }
        push(whole, p, data + at + i * MATCH, i);
        push(parts, p, data + at + i * MATCH, i);
    }
    WALK_CHECK(tcs_correlate_flush(whole, &err) == 0 && tcs_correlate_flush(parts, &err) == 0);
    WALK_CHECK(tcs_base_str_eq(tcs_base_buf_view(&plain), tcs_base_buf_view(&split)));
    WALK_CHECK(memcmp(tcs_correlate_stats(whole), tcs_correlate_stats(parts),
                      sizeof(struct tcs_corr_stats)) == 0);
    tcs_correlate_free(whole);
    tcs_correlate_free(parts);
    tcs_base_buf_done(&plain);
    tcs_base_buf_done(&saved);
    tcs_base_buf_done(&split);
    return 0;
}

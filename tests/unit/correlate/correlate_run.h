/* unit/correlate/correlate_run.h - correlations from YAML, fed by rule name, results as lines.
 *
 * A line: [+]TITLE FIRST..LAST COUNT VALUE[~] {FIELD=VALUE ...} REF REF ...   (+: update, ~: lower
 * bound; times in seconds). */
#pragma once
#include "check.h"

#include "base/arena.h"
#include "correlate/correlate.h"

struct ct {
    struct tcs_rules *rules;
    struct tcs_corrplan *plan;
    struct tcs_correlate *run;
    struct tcs_corr_opts opts;
    const struct tcs_rule *all;
    const struct tcs_correlation *corrs;
    uint32_t nrules, ncorrs, left_out;
    struct tcs_buf out;
    uint64_t ref, ids[256];
    uint32_t nids;
    bool no_refs;  /* lines end behind the group */
    bool advances; /* for the tests' own use */
};

/* A rule that correlations may name. */
#define CT_RULE(name)                                                                              \
    "title: " name "\nname: " name "\nlogsource: {product: windows}\ndetection: {s: {X: 1}, "      \
    "condition: s}\n---\n"

static inline double
ct_seconds(int64_t ticks)
{
    return (double)ticks / TCS_TICKS_PER_SEC;
}

static inline void
ct_result(void *ctx, const struct tcs_corr_result *r)
{
    struct ct *t = ctx;
    struct tcs_buf *b = &t->out;
    tcs_base_buf_printf(b, "%s%.*s %g..%g %llu %g%s {", r->update ? "+" : "",
                        TCS_STR_FMT(t->corrs[r->corr].doc.title), ct_seconds(r->first),
                        ct_seconds(r->last), (unsigned long long)r->count, r->value,
                        r->approximate ? "~" : "");
    for (uint32_t i = 0; i < r->nvalues; i++)
        tcs_base_buf_printf(b, "%s%.*s=%.*s", i ? " " : "", TCS_STR_FMT(r->fields[i]),
                            TCS_STR_FMT(r->values[i]));
    tcs_buf_lit(b, "}");
    for (uint32_t i = 0; !t->no_refs && i < r->nrefs; i++)
        tcs_base_buf_printf(b, " %llu", (unsigned long long)r->refs[i]);
    tcs_base_buf_c(b, '\n');
    if (t->nids < 256)
        t->ids[t->nids++] = r->id;
}

static inline void
ct_start(struct ct *t)
{
    t->opts.result = ct_result;
    t->opts.ctx = t;
    t->run = tcs_correlate_new(t->plan, &t->opts);
    assert_non_null(t->run);
}

static inline void
ct_open(struct ct *t, const char *yaml)
{
    struct tcs_err err;
    uint32_t ndiags;
    t->rules = tcs_sigma_rules_new(NULL, 0);
    assert_non_null(t->rules);
    assert_int_equal(tcs_sigma_rules_add(t->rules, TCS_STR("t.yml"), tcs_base_str_of(yaml), &err),
                     0);
    assert_int_equal(tcs_sigma_rules_finish(t->rules, &err), 0);
    const struct tcs_diag *d = tcs_sigma_rules_diags(t->rules, &ndiags);
    for (uint32_t i = 0; i < ndiags; i++)
        if (d[i].severity == TCS_SEV_ERROR)
            fail_msg("%.*s", TCS_STR_FMT(d[i].text));
    t->all = tcs_sigma_rules_all(t->rules, &t->nrules);
    t->corrs = tcs_sigma_rules_correlations(t->rules, &t->ncorrs);
    assert_int_equal(tcs_correlate_plan_build(t->corrs, t->ncorrs, t->all, t->nrules, &t->plan,
                                              &t->left_out, &err),
                     0);
    if (!t->opts.lateness)
        t->opts.lateness = INT64_MAX;
    ct_start(t);
}

static inline uint32_t
ct_rule(const struct ct *t, const char *name)
{
    for (uint32_t i = 0; i < t->nrules; i++)
        if (tcs_base_str_eq(t->all[i].doc.title, tcs_base_str_of(name)))
            return i;
    fail_msg("no rule %s", name);
    return 0;
}

/* The value of `field` in "A=x B=y"; "C=" is there and empty. */
static inline struct tcs_str
ct_value(const char *fields, struct tcs_str field)
{
    struct tcs_str s = tcs_base_str_of(fields);
    for (size_t i = 0; i < s.n;) {
        size_t end = tcs_base_str_find(s, ' ', i), eq = tcs_base_str_find(s, '=', i);
        if (tcs_base_str_eq(tcs_base_str_slice(s, i, eq), field))
            return tcs_base_str_slice(s, eq + 1, end);
        i = end + 1;
    }
    return (struct tcs_str){0};
}

/* A match; its ref is its number, from 1. */
static inline void
ct_push_at(struct ct *t, const char *rule, int64_t ticks, uint64_t record, const char *fields)
{
    struct tcs_err err;
    struct tcs_str values[32];
    struct tcs_corr_match m = {.time = ticks,
                               .rule = ct_rule(t, rule),
                               .record = record,
                               .ref = ++t->ref,
                               .values = values};
    const struct tcs_str *names = tcs_correlate_plan_fields(t->plan, m.rule, &m.nvalues);
    for (uint32_t i = 0; i < m.nvalues; i++)
        values[i] = ct_value(fields, names[i]);
    assert_int_equal(tcs_correlate_push(t->run, &m, &err), 0);
}

static inline void
ct_push(struct ct *t, const char *rule, int64_t seconds, const char *fields)
{
    ct_push_at(t, rule, seconds * TCS_TICKS_PER_SEC, t->ref + 1, fields);
}

static inline void
ct_flush(struct ct *t)
{
    struct tcs_err err;
    assert_int_equal(tcs_correlate_flush(t->run, &err), 0);
}

static inline void
ct_close(struct ct *t)
{
    tcs_correlate_free(t->run);
    tcs_correlate_plan_free(t->plan);
    tcs_sigma_rules_free(t->rules);
    tcs_base_buf_done(&t->out);
    *t = (struct ct){0};
}

/* Flushes; the results are exactly `want`. */
static inline void
ct_expect(struct ct *t, const char *want)
{
    ct_flush(t);
    check_str(tcs_base_buf_view(&t->out), want);
    ct_close(t);
}

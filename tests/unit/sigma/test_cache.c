/* Compiled rules: they come back as they were, and nothing else comes back at all. */
#include "rules_text.h"

#include "sigma/cache.h"

static const char everything[] =
    "title: A\nname: a\nid: 00000000-0000-4000-8000-000000000001\nstatus: test\nlevel: high\n"
    "author: Me\ntags: [attack.t1059, car.x]\nreferences: [x]\nfields: [F]\n"
    "logsource: {product: windows, service: s, category: c, definition: d}\ndetection:\n"
    "  s: {F|contains|windash: ' -a', G|re|i: 'x.y', H|cidr: 'fe80::/10', I|gte: 1.5, J: null,\n"
    "      K|exists: true, L|fieldref|contains: M, N|hour|lt: 5, O|neq: [1, b]}\n"
    "  k: [word, 'a*b?c']\n  t|odd: {F: x}\n  condition: (s or k) and not 1 of t*\n---\n"
    "title: B\nlogsource: {product: linux}\ndetection: {s: {F|bad: x}, condition: s}\n---\n"
    "title: F\nlogsource: {product: windows}\nfilter: {rules: any, s: {F: y}, condition: not s}\n"
    "---\ntitle: C\nid: 00000000-0000-4000-8000-000000000009\ncorrelation: {type: "
    "value_percentile, rules: [a], group-by: [x, y], timespan: 2h, generate: true, aliases: {x: "
    "{a: F}}, condition: {field: F, gte: 2, lt: 9, percentile: 95}}\n"
    "---\ntitle: T\nid: 00000000-0000-4000-8000-00000000000a\nname: t\ncorrelation: {type: "
    "temporal, "
    "rules: [a, 00000000-0000-4000-8000-000000000009], group-by: [x], timespan: 1m, condition: a "
    "and not (a and not 00000000-0000-4000-8000-000000000009)}\n";

static struct tcs_buf
saved(void)
{
    struct tcs_err err;
    struct tcs_buf b = {0};
    struct tcs_rules *r = rt_load(everything);
    assert_int_equal(tcs_sigma_rules_save(r, &b, &err), 0);
    tcs_sigma_rules_free(r);
    return b;
}

static void
same_list(const struct tcs_str *a, uint32_t n, const struct tcs_str *b, uint32_t m)
{
    assert_int_equal(n, m);
    for (uint32_t i = 0; i < n; i++)
        assert_true(tcs_base_str_eq(a[i], b[i]));
}

static void
same_doc(const struct tcs_doc *a, const struct tcs_doc *b)
{
    assert_true(tcs_base_str_eq(a->path, b->path));
    assert_true(tcs_base_str_eq(a->id, b->id));
    assert_true(tcs_base_str_eq(a->name, b->name));
    assert_true(tcs_base_str_eq(a->title, b->title));
    assert_true(tcs_base_str_eq(a->author, b->author));
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->status, b->status);
    same_list(a->tags, a->ntags, b->tags, b->ntags);
    same_list(a->references, a->nreferences, b->references, b->nreferences);
    same_list(a->fields, a->nfields, b->fields, b->nfields);
}

static void
same_condition(const struct tcs_correlation *a, const struct tcs_correlation *b)
{
    assert_true(a->nnodes > 3);
    assert_int_equal(a->nnodes, b->nnodes);
    assert_int_equal(a->nkids, b->nkids);
    assert_int_equal(a->root, b->root);
    assert_true(tcs_base_str_eq(a->extended, b->extended));
    for (uint32_t i = 0; i < a->nnodes; i++) {
        assert_int_equal(a->nodes[i].op, b->nodes[i].op);
        assert_int_equal(a->nodes[i].a, b->nodes[i].a);
        assert_int_equal(a->nodes[i].n, b->nodes[i].n);
    }
    for (uint32_t i = 0; i < a->nkids; i++)
        assert_int_equal(a->kids[i], b->kids[i]);
}

static void
round_trip(void **state)
{
    (void)state;
    struct tcs_err err;
    struct tcs_buf bytes = saved(), ta = {0}, tb = {0};
    struct tcs_rules *a = rt_load(everything), *b;
    assert_int_equal(tcs_sigma_rules_load(tcs_base_buf_view(&bytes), &b, &err), 0);
    uint32_t n, m;
    const struct tcs_rule *ra = tcs_sigma_rules_all(a, &n), *rb = tcs_sigma_rules_all(b, &m);
    assert_int_equal(n, 1);
    assert_int_equal(m, 1);
    same_doc(&ra->doc, &rb->doc);
    assert_true(tcs_base_str_eq(ra->logsource.definition, rb->logsource.definition));
    assert_true(tcs_base_str_eq(ra->condition, rb->condition));
    rt_node(&ta, ra, ra->root);
    rt_node(&tb, rb, rb->root);
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&ta), tcs_base_buf_view(&tb)));
    assert_int_equal(ra->nsearches, rb->nsearches);
    assert_true(tcs_base_str_eq(ra->searches[3].name, rb->searches[3].name));
    assert_int_equal(ra->preds[0].line, rb->preds[0].line);
    assert_int_equal(ra->preds[0].col, rb->preds[0].col);
    const struct tcs_correlation *ca = tcs_sigma_rules_correlations(a, &n);
    const struct tcs_correlation *cb = tcs_sigma_rules_correlations(b, &m);
    assert_int_equal(n, 2);
    assert_int_equal(m, 2);
    same_condition(&ca[1], &cb[1]);
    same_doc(&ca->doc, &cb->doc);
    same_list(ca->rules, ca->nrules, cb->rules, cb->nrules);
    same_list(ca->group_by, ca->ngroup_by, cb->group_by, cb->ngroup_by);
    same_list(ca->cond_fields, ca->ncond_fields, cb->cond_fields, cb->ncond_fields);
    assert_int_equal(ca->type, cb->type);
    assert_int_equal(cb->timespan_s, 7200);
    assert_true(cb->percentile == 95 && cb->generate);
    assert_int_equal(cb->nconds, 2);
    assert_int_equal(cb->conds[1].cmp, TCS_LT);
    assert_true(cb->conds[1].num == 9);
    check_str(cb->aliases[0].field, "F");
    const struct tcs_diag *da = tcs_sigma_rules_diags(a, &n), *db = tcs_sigma_rules_diags(b, &m);
    assert_int_equal(n, m);
    assert_true(n >= 2);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(tcs_base_str_eq(da[i].text, db[i].text));
        assert_string_equal(da[i].reason, db[i].reason);
        assert_int_equal(da[i].line, db[i].line);
        assert_int_equal(da[i].severity, db[i].severity);
    }
    assert_int_equal(tcs_sigma_rules_seen(a), tcs_sigma_rules_seen(b));
    tcs_base_buf_done(&ta);
    tcs_base_buf_done(&tb);
    tcs_base_buf_done(&bytes);
    tcs_sigma_rules_free(a);
    tcs_sigma_rules_free(b);
}

/* Who wrote the bytes is for the caller to know; here no bytes do more than fail. */
static void
damaged(void **state)
{
    (void)state;
    struct tcs_err err;
    struct tcs_rules *r = NULL;
    struct tcs_buf bytes = saved();
    for (size_t i = 0; i < bytes.n; i++) {
        bytes.p[i] ^= 1;
        int rc = tcs_sigma_rules_load(tcs_base_buf_view(&bytes), &r, &err);
        assert_true(rc == 0 || rc == -TCS_ECORRUPT);
        if (rc == 0)
            tcs_sigma_rules_free(r);
        bytes.p[i] ^= 1;
    }
    for (size_t n = 0; n < bytes.n; n++) {
        struct tcs_str cut = {bytes.p, n};
        assert_int_equal(tcs_sigma_rules_load(cut, &r, &err), -TCS_ECORRUPT);
    }
    tcs_base_buf_c(&bytes, 'x');
    assert_int_equal(tcs_sigma_rules_load(tcs_base_buf_view(&bytes), &r, &err), -TCS_ECORRUPT);
    tcs_base_buf_done(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Correlations over random streams (seeded, the same in every run): what comes out is what the
 * plain matcher says, and the same bytes for any order of arrival within the lateness, any chunks,
 * and after saving and restoring in the middle. */
#include "correlate_plain.h"
#include "unit/correlate/correlate_run.h"

enum { CASES = 3000, MOST = 48, FIELDS = 4 };

static uint64_t seed;

static uint32_t
pick(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

#define ANY(list) ((list)[pick(sizeof(list) / sizeof *(list))])

/* --- documents --- */

static const char *
counting(void)
{
    static const char *const conds[] = {"gte: 1", "gte: 2",         "gt: 2",          "gte: 4",
                                        "eq: 2",  "lt: 3",          "gte: 2, lte: 3", "neq: 2",
                                        "lte: 1", "gt: 1.5, lt: 4", "eq: 1",          "gte: 5"};
    return ANY(conds);
}

static const char *
numbering(void)
{
    static const char *const conds[] = {"gte: 2", "gt: 3.25", "lt: 2", "gte: 1, lte: 4", "eq: 2"};
    return ANY(conds);
}

/* Writes type, rules and condition; are both a and b among the rules? */
static bool
put_type(struct tcs_buf *b, bool chained)
{
    static const char *const values[] = {"F", "[F, V]", "V"};
    static const char *const sums[] = {"sum", "avg", "median", "percentile"};
    static const char *const rules[] = {"[a]", "[a, b]", "[b, c]", "[c, a, b]"};
    static const char *const outer[] = {"[a, inner]", "[inner, a]", "[inner, other]",
                                        "[inner, b, a]", "[inner]"};
    static const char *const texts[] = {"a and b and not c", "(a or b) and c",
                                        "a and not b",       "a or (b and c)",
                                        "a and b",           "not c and (b or a)"};
    const char *list = chained ? ANY(outer) : ANY(rules);
    uint32_t type = pick(10);
    if (type < 2)
        tcs_base_buf_printf(b, "type: event_count, rules: %s, condition: {%s}", list, counting());
    else if (type < 4)
        tcs_base_buf_printf(b, "type: value_count, rules: %s, condition: {%s, field: %s}", list,
                            counting(), ANY(values));
    else if (type == 4)
        tcs_base_buf_printf(b, "type: value_%s, rules: %s, condition: {%s, field: F}", ANY(sums),
                            list, numbering());
    else if (type < 7)
        tcs_base_buf_printf(b, "type: temporal%s, rules: %s", type == 5 ? "" : "_ordered", list);
    else if (type == 7 && !chained)
        tcs_base_buf_printf(b, "type: temporal%s, rules: [a, b, c], condition: %s",
                            pick(2) ? "" : "_ordered", ANY(texts));
    else
        tcs_base_buf_printf(b, "type: temporal%s, rules: %s, condition: {gte: 1}",
                            type == 8 ? "" : "_ordered", list);
    tcs_base_buf_c(b, '\0');
    b->n--;
    return strstr(b->p, ", rules: [a, b]") || strstr(b->p, ", rules: [c, a, b]");
}

static void
put_document(struct tcs_buf *b, const char *name, bool chained)
{
    static const char *const groups[] = {"", ", group-by: [U]", ", group-by: [U, V]",
                                         ", group-by: [V]"};
    tcs_base_buf_printf(b, "title: %s\nname: %s\ncorrelation: {", name, name);
    struct tcs_buf type = {0};
    bool both = put_type(&type, chained);
    tcs_base_buf_str(b, tcs_base_buf_view(&type));
    tcs_base_buf_done(&type);
    tcs_base_buf_printf(b, "%s, timespan: %us%s%s}\n---\n", ANY(groups), 1 + pick(12),
                        pick(3) ? "" : ", generate: true",
                        !both || pick(2) ? "" : ", aliases: {U: {a: V, b: U}}");
}

static const char *
documents(struct tcs_buf *b)
{
    b->n = 0;
    tcs_base_buf_str(b, tcs_base_str_of(CT_RULE("a") CT_RULE("b") CT_RULE("c")));
    put_document(b, "inner", false);
    put_document(b, "other", false);
    if (pick(2))
        put_document(b, "outer", true);
    tcs_base_buf_c(b, '\0');
    return b->p;
}

/* --- streams --- */

struct stream {
    struct plain_match m[MOST];
    uint32_t n;
};

/* An event is of one or two rules; times are often equal. */
static void
make_stream(struct stream *s, uint32_t nrules)
{
    static const char *const names[FIELDS] = {"U", "V", "F", "G"};
    static const char *const u[] = {"x", "y", "X", ""}, *const v[] = {"p", "q", "p", "p", ""},
                             *const f[] = {"1", "2", "2.5", "0x3", "z", "Z", "-4", ""};
    uint32_t n = 2 + pick(MOST - 2), spread = 5 + pick(60);
    s->n = 0;
    while (s->n < n) {
        struct plain_match m = {.time = (int64_t)pick(2 * spread) * TCS_TICKS_PER_SEC / 2,
                                .source = pick(3),
                                .record = pick(4) ? s->n : pick(5),
                                .rule = pick(nrules),
                                .ref = 100 + s->n};
        for (int k = 0; k < FIELDS; k++)
            m.names[k] = tcs_base_str_of(names[k]);
        m.values[0] = tcs_base_str_of(ANY(u));
        m.values[1] = tcs_base_str_of(ANY(v));
        m.values[2] = tcs_base_str_of(ANY(f));
        s->m[s->n++] = m;
        if (s->n < n && pick(4) == 0) {
            m.rule = (m.rule + 1) % nrules;
            m.ref = 100 + s->n;
            s->m[s->n++] = m;
        }
    }
}

static void
shuffle(uint32_t *order, uint32_t n)
{
    for (uint32_t i = n; i > 1; i--) {
        uint32_t k = pick(i), x = order[i - 1];
        order[i - 1] = order[k];
        order[k] = x;
    }
}

static const struct stream *sorting;

static int
by_time(const void *pa, const void *pb)
{
    uint32_t x = *(const uint32_t *)pa, y = *(const uint32_t *)pb;
    const struct plain_match *a = &sorting->m[x], *b = &sorting->m[y];
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void
push(struct ct *t, const struct plain_match *p)
{
    struct tcs_err err;
    struct tcs_str values[16];
    struct tcs_corr_match m = {.time = p->time,
                               .rule = p->rule,
                               .source = p->source,
                               .record = p->record,
                               .offset = p->offset,
                               .ref = p->ref,
                               .values = values};
    const struct tcs_str *names = tcs_correlate_plan_fields(t->plan, m.rule, &m.nvalues);
    for (uint32_t i = 0; i < m.nvalues; i++) {
        values[i] = (struct tcs_str){0};
        for (int k = 0; k < FIELDS; k++)
            if (tcs_base_str_eq(p->names[k], names[i]))
                values[i] = p->values[k];
    }
    assert_int_equal(tcs_correlate_push(t->run, &m, &err), 0);
}

static void
save_and_restore(struct ct *t)
{
    struct tcs_buf b = {0}, again = {0};
    struct tcs_err err = {0};
    assert_int_equal(tcs_correlate_save(t->run, &b, &err), 0);
    tcs_correlate_free(t->run);
    ct_start(t);
    if (tcs_correlate_restore(t->run, tcs_base_buf_view(&b), &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(tcs_correlate_save(t->run, &again, &err), 0);
    assert_int_equal(again.n, b.n);
    tcs_base_buf_done(&b);
    tcs_base_buf_done(&again);
}

/* Somebody knows that nothing earlier than what is still to come will come. */
static void
advance(struct ct *t, const struct stream *s, const uint32_t *order, uint32_t from)
{
    struct tcs_err err;
    int64_t least = INT64_MAX;
    for (uint32_t i = from; i < s->n; i++)
        least = s->m[order[i]].time < least ? s->m[order[i]].time : least;
    assert_int_equal(tcs_correlate_advance(t->run, least, &err), 0);
}

/* Results in the order in which they came, with their ids. */
static void
run(struct ct *t, const struct stream *s, const uint32_t *order, uint32_t save_at)
{
    t->out.n = 0;
    t->nids = 0;
    tcs_correlate_free(t->run);
    ct_start(t);
    for (uint32_t i = 0; i < s->n; i++) {
        if (i == save_at)
            save_and_restore(t);
        if (t->advances && pick(4) == 0)
            advance(t, s, order, i);
        push(t, &s->m[order[i]]);
    }
    if (save_at == s->n)
        save_and_restore(t);
    ct_flush(t);
}

static int
by_line(const void *pa, const void *pb)
{
    return strcmp(*(char *const *)pa, *(char *const *)pb);
}

/* Lines in order, approximate marks and, for ordered ones, refs left out. */
static void
sorted(const struct ct *t, const struct tcs_buf *from, struct tcs_buf *to)
{
    char *lines[1024], *text = malloc(from->n + 1), *save;
    size_t n = 0;
    assert_non_null(text);
    if (from->n)
        memcpy(text, from->p, from->n); /* no text: it ends with no NUL */
    text[from->n] = '\0';
    for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
        for (uint32_t i = 0; i < t->ncorrs; i++) {
            const char *title = t->corrs[i].doc.title.p;
            if (t->corrs[i].type == TCS_CORR_TEMPORAL_ORDERED &&
                strncmp(l + (*l == '+'), title, strlen(title)) == 0)
                *(strchr(l, '}') + 1) = '\0';
        }
        assert_true(n < 1024);
        lines[n++] = l;
    }
    qsort(lines, n, sizeof *lines, by_line);
    to->n = 0;
    for (size_t i = 0; i < n; i++)
        tcs_base_buf_printf(to, "%s\n", lines[i]);
    free(text);
}

static void
same_bytes(const struct tcs_buf *want, const struct ct *t, const char *what, const char *yaml)
{
    if (!tcs_base_str_eq(tcs_base_buf_view(want), tcs_base_buf_view(&t->out)))
        fail_msg("%s\n%s\nwant:\n%.*s\ngot:\n%.*s", what, yaml, (int)want->n, want->p,
                 (int)t->out.n, t->out.p);
}

static void
against_plain(struct ct *t, const struct stream *s, const char *yaml)
{
    struct ct plain = *t;
    struct tcs_buf want = {0}, got = {0};
    const struct plain_input in = {.rules = t->all,
                                   .corrs = t->corrs,
                                   .nrules = t->nrules,
                                   .ncorrs = t->ncorrs,
                                   .matches = s->m,
                                   .n = s->n};
    plain.out = (struct tcs_buf){0};
    plain_correlate(&in, ct_result, &plain);
    sorted(t, &plain.out, &want);
    sorted(t, &t->out, &got);
    if (!tcs_base_str_eq(tcs_base_buf_view(&want), tcs_base_buf_view(&got))) {
        for (uint32_t i = 0; i < s->n; i++)
            printf("%g rule %u source %u record %llu ref %llu U=%s V=%s F=%s\n",
                   ct_seconds(s->m[i].time), s->m[i].rule, s->m[i].source,
                   (unsigned long long)s->m[i].record, (unsigned long long)s->m[i].ref,
                   s->m[i].values[0].p, s->m[i].values[1].p, s->m[i].values[2].p);
        printf("%s\nplain:\n%.*s\nengine:\n%.*s\n", yaml, (int)want.n, want.p, (int)got.n, got.p);
        fail();
    }
    tcs_base_buf_done(&plain.out);
    tcs_base_buf_done(&want);
    tcs_base_buf_done(&got);
}

/* Any order within the lateness: sorted by time plus up to so much. */
static void
delay(const struct stream *s, uint32_t *order, int64_t lateness)
{
    static struct stream late;
    late = *s;
    for (uint32_t i = 0; i < s->n; i++)
        late.m[i].time +=
            (int64_t)pick((uint32_t)(lateness / TCS_TICKS_PER_SEC) + 1) * TCS_TICKS_PER_SEC;
    sorting = &late;
    qsort(order, s->n, sizeof *order, by_time);
}

static uint64_t results;

static void
one_case(void)
{
    static struct stream s;
    struct tcs_buf yaml = {0}, want = {0};
    struct ct t = {0};
    uint32_t order[MOST];
    int64_t lateness = (int64_t)pick(20) * TCS_TICKS_PER_SEC;
    ct_open(&t, documents(&yaml));
    assert_int_equal(t.left_out, 0);
    make_stream(&s, t.nrules);
    for (uint32_t i = 0; i < s.n; i++)
        order[i] = i;
    run(&t, &s, order, UINT32_MAX);
    results += t.nids;
    against_plain(&t, &s, yaml.p);
    tcs_base_buf_str(&want, tcs_base_buf_view(&t.out));
    uint64_t ids[256];
    memcpy(ids, t.ids, sizeof ids);
    shuffle(order, s.n);
    run(&t, &s, order, pick(s.n + 1));
    same_bytes(&want, &t, "in another order, saved and restored", yaml.p);
    assert_memory_equal(ids, t.ids, t.nids * sizeof *ids);
    t.opts.lateness = lateness + 1;
    delay(&s, order, lateness);
    run(&t, &s, order, UINT32_MAX);
    assert_int_equal(tcs_correlate_stats(t.run)->late, 0);
    same_bytes(&want, &t, "as a stream", yaml.p);
    delay(&s, order, lateness);
    run(&t, &s, order, pick(s.n + 1));
    same_bytes(&want, &t, "as a stream in another order, saved and restored", yaml.p);
    assert_memory_equal(ids, t.ids, t.nids * sizeof *ids);
    t.advances = true;
    t.opts.lateness = INT64_MAX;
    shuffle(order, s.n);
    run(&t, &s, order, pick(s.n + 1));
    same_bytes(&want, &t, "in pieces", yaml.p);
    /* what goes for want of room does not depend on the order either */
    t.advances = false;
    t.opts.max_groups = 1 + pick(2);
    run(&t, &s, order, UINT32_MAX);
    want.n = 0;
    tcs_base_buf_str(&want, tcs_base_buf_view(&t.out));
    shuffle(order, s.n);
    run(&t, &s, order, pick(s.n + 1));
    same_bytes(&want, &t, "with few groups", yaml.p);
    tcs_base_buf_done(&want);
    tcs_base_buf_done(&yaml);
    ct_close(&t);
}

static void
random_streams(void **state)
{
    (void)state;
    seed = 20220715;
    for (int i = 0; i < CASES; i++)
        one_case();
    printf("%llu results\n", (unsigned long long)results);
    assert_true(results > CASES); /* not everything was silent */
}

/* Every byte of a snapshot matters, and every prefix is refused. */
static void
damaged_snapshots(void **state)
{
    (void)state;
    static struct stream s;
    struct tcs_buf yaml = {0}, b = {0};
    struct ct t = {0};
    struct tcs_err err;
    seed = 7;
    ct_open(&t, documents(&yaml));
    make_stream(&s, t.nrules);
    for (uint32_t i = 0; i < s.n; i++)
        push(&t, &s.m[i]);
    assert_int_equal(tcs_correlate_save(t.run, &b, &err), 0);
    for (size_t i = 0; i < b.n; i++) {
        struct tcs_correlate *c = tcs_correlate_new(t.plan, &t.opts);
        assert_int_equal(tcs_correlate_restore(c, (struct tcs_str){b.p, i}, &err), -TCS_ECORRUPT);
        b.p[i] ^= 1;
        assert_true(tcs_correlate_restore(c, tcs_base_buf_view(&b), &err) < 0);
        b.p[i] ^= 1;
        tcs_correlate_free(c);
    }
    tcs_base_buf_done(&yaml);
    tcs_base_buf_done(&b);
    ct_close(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_streams),
        cmocka_unit_test(damaged_snapshots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

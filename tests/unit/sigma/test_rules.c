/* Rule files: attributes, several documents, order, duplicates, filters, correlations. */
#include "attack/level.h"
#include "rules_text.h"

#include "base/limits.h"

#define LS "logsource: {product: windows, category: process_creation}\n"
#define DET "detection: {s: {F: x}, condition: s}\n"

static uint32_t
count(const struct tcs_rules *r)
{
    uint32_t n;
    (void)tcs_sigma_rules_all(r, &n);
    return n;
}

static uint32_t
diags(const struct tcs_rules *r)
{
    uint32_t n;
    (void)tcs_sigma_rules_diags(r, &n);
    return n;
}

static void
attributes(void **state)
{
    (void)state;
    uint32_t n;
    struct tcs_rules *r = rt_load(
        "title: A title\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\nname: a_name\nstatus: test\n"
        "description: |\n  two\n  lines\nlicense: MIT\nreferences: [https://a, https://b]\n"
        "author: Some One, Other\ndate: 2024-01-02\nmodified: 2024-02-03\n"
        "tags: [attack.t1059, car.x]\nlogsource:\n  product: windows\n  service: security\n"
        "  category: c\n  definition: d\ndetection:\n  s: {F: x}\n  condition: s\nfields: [A, B]\n"
        "falsepositives: [none]\nlevel: high\ncustom: {anything: [1]}\n"
        "related: [{id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}]\n");
    const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
    assert_int_equal(n, 1);
    assert_int_equal(diags(r), 0);
    check_str(rule->doc.id, "929a690e-bef0-4204-a928-ef5e620d6fcc");
    check_str(rule->doc.title, "A title");
    check_str(rule->doc.name, "a_name");
    check_str(rule->doc.description, "two\nlines");
    check_str(rule->doc.license, "MIT");
    check_str(rule->doc.author, "Some One, Other");
    check_str(rule->doc.date, "2024-01-02");
    check_str(rule->doc.modified, "2024-02-03");
    check_str(rule->doc.path, "t.yml");
    assert_int_equal(rule->doc.line, 1);
    assert_int_equal(rule->doc.status, TCS_TEST);
    assert_int_equal(rule->doc.level, TCS_HIGH);
    assert_int_equal(rule->doc.nreferences, 2);
    check_str(rule->doc.references[1], "https://b");
    assert_int_equal(rule->doc.ntags, 2);
    check_str(rule->doc.tags[0], "attack.t1059");
    assert_int_equal(rule->doc.nfields, 2);
    assert_int_equal(rule->doc.nfalsepositives, 1);
    check_str(rule->logsource.product, "windows");
    check_str(rule->logsource.service, "security");
    check_str(rule->logsource.category, "c");
    check_str(rule->logsource.definition, "d");
    check_str(rule->condition, "s");
    tcs_sigma_rules_free(r);
}

/* What is wrong with a file's attributes, and whether it is refused. */
static void
attribute_faults(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *reason;
        uint32_t line, col;
        const char *part;
        bool loads;
    } rows[] = {
        {LS DET, "missing attribute", 1, 1, "no title", false},
        {"title: T\n" DET, "missing attribute", 1, 1, "no logsource", false},
        {"title: T\n" LS, "missing attribute", 1, 1, "no detection", false},
        {"title: T\n" LS DET "level: hihg\n", "bad attribute", 4, 8, "did you mean 'high'", false},
        {"title: T\n" LS DET "status: Test\n", "bad attribute", 4, 9, "did you mean 'test'", false},
        {"title: T\n" LS DET "tags: {a: b}\n", "bad attribute", 4, 7, "list of texts", false},
        {"title: [a]\n" LS DET, "bad attribute", 1, 8, "must be a text", false},
        {"title: T\nlogsource: x\n" DET, "bad attribute", 2, 12, "must be a map", false},
        {"title: T\nlogsource: {definition: d}\n" DET, "allowed but odd", 2, 1, "every event",
         true},
        {"title: T\nid: abc\n" LS DET, "allowed but odd", 2, 5, "UUID", true},
        {"title: T\ndate: 2024/01/02\n" LS DET, "allowed but odd", 2, 7, "YYYY-MM-DD", true},
        {"title: T\ntags: [Bad Tag]\n" LS DET, "allowed but odd", 2, 8, "namespace", true},
        {"title: T\ntaxonomy: ecs\n" LS DET, "allowed but odd", 2, 11, "not translated", true},
        {"title: T\nrelated: [{id: x, type: derived}]\n" LS DET, "allowed but odd", 2, 11, "UUID",
         true},
        {"title: T\nauthor: [A, B]\n" LS "detection: {s: {F: x}, condition: s, timeframe: 5m}\n",
         "allowed but odd", 4, 38, "no effect", true},
        {"title: T\naction: global\n" LS DET, "not a Sigma document", 2, 1, "complete document",
         false},
        {"foo: bar\n", "not a Sigma document", 1, 1, "no Sigma rule", false},
        {"- a\n", "not a Sigma document", 1, 1, "no Sigma rule", false},
        {"title: T\ntitle: U\n", "yaml", 2, 1, "occurs twice", false},
        {"title: 'T\n", "yaml", 0, 0, "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tcs_rules *r = rt_load(rows[i].yaml);
        rt_expect(r, rows[i].loads ? TCS_SEV_WARNING : TCS_SEV_ERROR, rows[i].reason, rows[i].line,
                  rows[i].col, rows[i].part);
        assert_int_equal(count(r), rows[i].loads);
        assert_int_equal(tcs_sigma_rules_seen(r), 1);
        tcs_sigma_rules_free(r);
    }
}

static void
several_documents(void **state)
{
    (void)state;
    uint32_t n;
    struct tcs_rules *r =
        rt_load("---\ntitle: A\n" LS DET "---\n---\ntitle: B\n" LS
                "detection: {s: {F|x: y}, condition: s}\n---\ntitle: C\n" LS DET "...\n");
    const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
    assert_int_equal(n, 2);
    assert_int_equal(tcs_sigma_rules_seen(r), 3);
    check_str(rule[0].doc.title, "A");
    check_str(rule[1].doc.title, "C");
    tcs_sigma_rules_free(r);
    /* what comes before a syntax error is kept */
    r = rt_load("title: A\n" LS DET "---\ntitle: B: C\n");
    assert_int_equal(count(r), 1);
    assert_int_equal(tcs_sigma_rules_seen(r), 2);
    rt_expect(r, TCS_SEV_ERROR, "yaml", 0, 0, "nested");
    tcs_sigma_rules_free(r);
    r = rt_load("# nothing\n---\n---\n");
    assert_int_equal(tcs_sigma_rules_seen(r), 0);
    rt_expect(r, TCS_SEV_WARNING, "not a Sigma document", 1, 1, "no document");
    tcs_sigma_rules_free(r);
}

#define ID(n) "id: 00000000-0000-4000-8000-00000000000" #n "\n"

static struct tcs_rules *
load_files(const char *const *path_and_text, size_t n)
{
    struct tcs_err err;
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    for (size_t i = 0; i < n; i += 2)
        assert_int_equal(tcs_sigma_rules_add(r, tcs_base_str_of(path_and_text[i]),
                                             tcs_base_str_of(path_and_text[i + 1]), &err),
                         0);
    assert_int_equal(tcs_sigma_rules_finish(r, &err), 0);
    return r;
}

static void
order_and_duplicates(void **state)
{
    (void)state;
    static const char *const files[] = {
        "b.yml", "title: B2\n" ID(2) LS DET, "a.yml", "title: A1\n" ID(1) LS DET,
        "c.yml", "title: C2\n" ID(2) LS DET, "d.yml", "title: D\n" LS DET,
    };
    const char *const turned[] = {
        files[4], files[5], files[6], files[7], files[2], files[3], files[0], files[1],
    };
    for (int i = 0; i < 2; i++) {
        uint32_t n;
        struct tcs_rules *r = load_files(i ? turned : files, 8);
        const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
        assert_int_equal(n, 3);
        check_str(rule[0].doc.title, "D"); /* no id */
        check_str(rule[1].doc.title, "A1");
        check_str(rule[2].doc.title, "B2"); /* the first path of the two */
        rt_expect(r, TCS_SEV_ERROR, "duplicate id or name", 1, 1, "b.yml:1");
        tcs_sigma_rules_free(r);
    }
}

/* claim: limit-files */
static void
too_large(void **state)
{
    (void)state;
    struct tcs_err err;
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    char *big = malloc(TCS_RULE_FILE_MAX + 1);
    memset(big, '#', TCS_RULE_FILE_MAX + 1);
    assert_int_equal(tcs_sigma_rules_add(r, TCS_STR("big.yml"),
                                         (struct tcs_str){big, TCS_RULE_FILE_MAX + 1}, &err),
                     0);
    rt_expect(r, TCS_SEV_ERROR, "yaml", 1, 1, "rule files may have");
    free(big);
    tcs_sigma_rules_free(r);
}

/* --- filters: filters specification 2.1 --- */

#define RULE1 "title: R1\nname: one\n" ID(1) LS DET "---\n"
#define RULE2 "title: R2\n" ID(2) "logsource: {product: linux}\n" DET "---\n"

static void
check_trees(struct tcs_rules *r, const char *first, const char *second)
{
    uint32_t n;
    const char *const want[] = {first, second};
    const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
    assert_int_equal(n, 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct tcs_buf b = {0};
        rt_node(&b, &rule[i], rule[i].root);
        check_str(tcs_base_buf_view(&b), want[i]);
        tcs_base_buf_done(&b);
    }
}

static void
filters(void **state)
{
    (void)state;
#define FILTER(ls, rules)                                                                          \
    "title: Admins\n" ls "filter:\n  rules: " rules "\n  selection: {User|startswith: adm_}\n"     \
    "  host: {H: [a, b]}\n  condition: not (selection and host)\n"
#define WANT "and(F=x,not(and(User=adm_<*>,or(H=a,H=b))))"
    static const struct {
        const char *yaml, *first, *second;
        const char *warning;
    } rows[] = {
        {RULE1 RULE2 FILTER(LS, "[one]"), WANT, "F=x", NULL},
        {FILTER(LS, "[one]") "---\n" RULE1 RULE2, WANT, "F=x", NULL},
        {RULE1 RULE2 FILTER(LS, "[00000000-0000-4000-8000-000000000001]"), WANT, "F=x", NULL},
        {RULE1 RULE2 FILTER(LS, "one"), WANT, "F=x", NULL},
        {RULE1 RULE2 FILTER(LS, "any"), WANT, "F=x", NULL},
        {RULE1 RULE2 FILTER("logsource: {product: windows}\n", "any"), WANT, "F=x", NULL},
        {RULE1 RULE2 FILTER("logsource: {product: linux}\n", "any"), "F=x", WANT, NULL},
        {RULE1 RULE2 FILTER("logsource: {product: linux}\n", "[one]"), "F=x", "F=x",
         "is not the filter's"},
        {RULE1 RULE2 FILTER(LS, "[two, one]"), WANT, "F=x", "id or name 'two'"},
        {RULE1 RULE2 FILTER(LS, "[one, one]"), WANT, "F=x", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tcs_rules *r = rt_load(rows[i].yaml);
        check_trees(r, rows[i].first, rows[i].second);
        if (rows[i].warning)
            rt_expect(r, TCS_SEV_WARNING, "reference to no rule", 0, 0, rows[i].warning);
        assert_int_equal(diags(r), rows[i].warning != NULL);
        tcs_sigma_rules_free(r);
    }
    /* two filters on one rule; names of searches say where they come from */
    uint32_t n;
    struct tcs_rules *r = rt_load(RULE1 RULE2 FILTER(LS, "any") "---\n" FILTER(LS, "any"));
    check_trees(r, "and(F=x,not(and(User=adm_<*>,or(H=a,H=b))),not(and(User=adm_<*>,or(H=a,H=b))))",
                "F=x");
    const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
    assert_int_equal(rule->nsearches, 5);
    check_str(rule->searches[1].name, "Admins/selection");
    tcs_sigma_rules_free(r);
}

static void
filter_faults(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *part;
        uint32_t line;
    } rows[] = {
        {"filter: x\n", "must be a map", 3},
        {"filter: {s: {F: x}, condition: not s}\n", "no 'rules'", 3},
        {"filter: {rules: [], s: {F: x}, condition: not s}\n", "is empty", 3},
        {"filter: {rules: any, s: {F: x}}\n", "no condition", 3},
        {"filter: {rules: any, condition: not s}\n", "no selection", 3},
        {"filter: {rules: any, s: {F: x}, condition: [not s]}\n", "one condition", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, "title: F\n" LS "%s", rows[i].filter);
        struct tcs_rules *r = rt_load(text);
        rt_expect(r, TCS_SEV_ERROR, "bad filter", 0, 0, rows[i].part);
        tcs_sigma_rules_free(r);
    }
    struct tcs_rules *r =
        rt_load("title: F\n" LS "filter: {rules: any, s: {F: x}, condition: s}\n");
    rt_expect(r, TCS_SEV_WARNING, "allowed but odd", 3, 44, "write 'not (...)'");
    tcs_sigma_rules_free(r);
}

/* --- correlations: correlation rules specification and its JSON schema, 2.1 --- */

#define BASE "title: A\nname: a\n" ID(1) LS DET "---\ntitle: B\nname: b\n" ID(2) LS DET "---\n"
#define CORR(inside) "title: C\n" ID(9) "correlation:\n" inside
#define TAIL "  group-by: [User]\n  timespan: 10m\n"

static struct tcs_rules *
load_corr(const char *inside)
{
    char text[4096];
    snprintf(text, sizeof text, BASE CORR("%s"), inside);
    return rt_load(text);
}

static void
correlations(void **state)
{
    (void)state;
    uint32_t n;
    struct tcs_rules *r = load_corr("  type: value_count\n  rules: [a, 00000000-0000-4000-8000-"
                                    "000000000002]\n  group-by: [ip, Host]\n  timespan: 90m\n"
                                    "  generate: true\n  condition: {field: [User, Dom], gt: 100, "
                                    "lte: 200}\n  aliases:\n    ip: {a: SourceIp, "
                                    "00000000-0000-4000-8000-000000000002: Dst}\n");
    const struct tcs_correlation *c = tcs_sigma_rules_correlations(r, &n);
    assert_int_equal(diags(r), 0);
    assert_int_equal(n, 1);
    assert_int_equal(c->type, TCS_CORR_VALUE_COUNT);
    assert_int_equal(c->nrules, 2);
    assert_int_equal(c->timespan_s, 5400);
    assert_true(c->generate);
    assert_int_equal(c->ngroup_by, 2);
    check_str(c->group_by[0], "ip");
    assert_int_equal(c->ncond_fields, 2);
    assert_int_equal(c->nconds, 2);
    assert_int_equal(c->conds[0].cmp, TCS_GT);
    assert_true(c->conds[0].num == 100);
    assert_int_equal(c->conds[1].cmp, TCS_LE);
    assert_int_equal(c->naliases, 2);
    check_str(c->aliases[0].alias, "ip");
    check_str(c->aliases[0].rule, "a");
    check_str(c->aliases[0].field, "SourceIp");
    assert_int_equal(count(r), 2);
    tcs_sigma_rules_free(r);
}

/* In the document (JSON schema), in the correlation (tools), or in both alike. */
static void
generate(void **state)
{
    (void)state;
    static const struct {
        const char *outside, *inside;
        int want; /* -1: refused */
    } rows[] = {{"", "", 0},
                {"generate: true\n", "", 1},
                {"", "  generate: true\n", 1},
                {"generate: true\n", "  generate: true\n", 1},
                {"generate: false\n", "  generate: true\n", -1},
                {"generate: 'true'\n", "", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        uint32_t n;
        snprintf(text, sizeof text, "  type: temporal\n  rules: [a, b]\n" TAIL "%s%s",
                 rows[i].inside, rows[i].outside);
        struct tcs_rules *r = load_corr(text);
        const struct tcs_correlation *c = tcs_sigma_rules_correlations(r, &n);
        assert_int_equal(n, rows[i].want >= 0);
        if (n)
            assert_int_equal(c->generate, rows[i].want);
        tcs_sigma_rules_free(r);
    }
}

static void
correlation_types(void **state)
{
    (void)state;
    static const char *const types[] = {"event_count",      "value_count", "temporal",
                                        "temporal_ordered", "value_sum",   "value_avg",
                                        "value_percentile", "value_median"};
    for (unsigned i = 0; i < 8; i++) {
        uint32_t n;
        char text[512];
        snprintf(text, sizeof text, "  type: %s\n  rules: [a]\n" TAIL "  condition: {%s gte: 1}\n",
                 types[i], i == 0 || i == 2 || i == 3 ? "" : "field: X,");
        struct tcs_rules *r = load_corr(text);
        const struct tcs_correlation *c = tcs_sigma_rules_correlations(r, &n);
        assert_int_equal(n, 1);
        assert_int_equal(c->type, i);
        assert_true(c->percentile == -1);
        tcs_sigma_rules_free(r);
    }
}

static void
temporal(void **state)
{
    (void)state;
    uint32_t n;
    struct tcs_rules *r = load_corr("  type: temporal\n  rules: [a, b]\n" TAIL);
    const struct tcs_correlation *c = tcs_sigma_rules_correlations(r, &n);
    assert_int_equal(n, 1);
    assert_int_equal(c->nconds, 1); /* all of its rules */
    assert_int_equal(c->conds[0].cmp, TCS_GE);
    assert_true(c->conds[0].num == 2);
    tcs_sigma_rules_free(r);
    r = load_corr("  type: temporal\n  rules: [a, b]\n" TAIL "  condition: a and not b\n");
    c = tcs_sigma_rules_correlations(r, &n);
    assert_int_equal(n, 1);
    check_str(c->extended, "a and not b");
    tcs_sigma_rules_free(r);
    r = load_corr("  type: temporal_ordered\n" TAIL "  condition: (a or b) and a\n");
    c = tcs_sigma_rules_correlations(r, &n);
    assert_int_equal(n, 1);
    assert_int_equal(c->nrules, 2); /* taken from the condition */
    check_str(c->rules[1], "b");
    tcs_sigma_rules_free(r);
}

static void
correlation_faults(void **state)
{
    (void)state;
    static const struct {
        const char *inside, *reason, *part;
    } rows[] = {
        {"  type: evnt_count\n  rules: [a]\n" TAIL "  condition: {gte: 1}\n", "bad correlation",
         "did you mean 'event_count'"},
        {"  rules: [a]\n" TAIL "  condition: {gte: 1}\n", "bad correlation", "no type"},
        {"  type: event_count\n" TAIL "  condition: {gte: 1}\n", "bad correlation", "no rules"},
        {"  type: event_count\n  rules: [a]\n  condition: {gte: 1}\n", "bad correlation",
         "no timespan"},
        {"  type: event_count\n  rules: [a]\n  timespan: 10\n  condition: {gte: 1}\n",
         "bad correlation", "like 90m"},
        {"  type: event_count\n  rules: [a]\n  timespan: 0m\n  condition: {gte: 1}\n",
         "bad correlation", "like 90m"},
        {"  type: event_count\n  rules: [a]\n  timespan: 99999999999999999d\n", "bad correlation",
         "like 90m"},
        {"  type: event_count\n  rules: [a]\n" TAIL, "bad correlation", "needs a condition"},
        {"  type: event_count\n  rules: [a]\n" TAIL "  condition: {}\n", "bad correlation",
         "compares with nothing"},
        {"  type: event_count\n  rules: [a]\n" TAIL "  condition: {gte: '1'}\n", "bad correlation",
         "without quotes"},
        {"  type: event_count\n  rules: [a]\n" TAIL "  condition: {gtee: 1}\n", "bad correlation",
         "did you mean 'gte'"},
        {"  type: event_count\n  rules: [a]\n" TAIL "  condition: {gt: 5, lt: 3}\n",
         "bad correlation", "no number"},
        {"  type: event_count\n  rules: [a]\n" TAIL "  condition: {gt: 5, lte: 5}\n",
         "bad correlation", "no number"},
        {"  type: value_sum\n  rules: [a]\n" TAIL "  condition: {gt: 5}\n", "bad correlation",
         "name of a field"},
        {"  type: value_sum\n  rules: [a]\n" TAIL "  condition: {gt: 5, field: [A, B]}\n",
         "bad correlation", "several fields"},
        {"  type: value_percentile\n  rules: [a]\n" TAIL
         "  condition: {gt: 5, field: A, percentile: 101}\n",
         "bad correlation", "from 0 to 100"},
        {"  type: event_count\n  rules: [a]\n" TAIL "  condition: a and b\n", "bad correlation",
         "only for temporal"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  condition: a and c\n",
         "unknown search identifier", "no rule 'c'"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  condition: a and\n", "bad condition",
         "ends where"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  condition: 1 of them\n",
         "unknown search identifier", "no rule '1'"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  aliases: {x: {c: F}}\n", "bad correlation",
         "not among"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  aliases: {x: y}\n", "bad correlation",
         "map of rule: field"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  generate: 'yes'\n", "bad correlation",
         "true or false"},
        {"  type: temporal\n  rules: [a, zz]\n" TAIL, "reference to no rule", "'zz'"},
        {"  type: temporal\n  rule: [a]\n" TAIL, "bad correlation", "did you mean 'rules'"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  condition: not a and not b\n",
         "bad correlation", "where nothing happened"},
        {"  type: temporal\n  rules: [a, b]\n" TAIL "  condition: a or not b\n", "bad correlation",
         "where nothing happened"},
        {"  type: event_count\n  rules: [a]\n" TAIL "  condition: {gte: 1048576}\n", "too large",
         "1048575"},
        {"  type: temporal_ordered\n  rules: [a, b, a, b, a, b, a]\n" TAIL
         "  condition: {gte: 3}\n",
         "too large", "at most 6 rules"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t n;
        struct tcs_rules *r = load_corr(rows[i].inside);
        rt_expect(r, TCS_SEV_ERROR, rows[i].reason, 0, 0, rows[i].part);
        (void)tcs_sigma_rules_correlations(r, &n);
        assert_int_equal(n, 0);
        tcs_sigma_rules_free(r);
    }
}

/* Limits hold, and are said. */
static void
limits(void **state)
{
    (void)state;
    static const struct {
        const char *head, *item, *tail;
        int n;
        const char *part;
    } rows[] = {
        {"title: T\n" LS "detection:\n", "  s%d: {F: x}\n", "  condition: s1\n",
         TCS_SEARCHES_MAX + 2, "search identifiers"},
        {"title: T\n" LS "detection:\n  s: {F: x}\n  condition: s", " or\n    s", "\n",
         TCS_COND_WORDS_MAX / 2 + 1, "words"},
        {"title: T\ncorrelation:\n  type: temporal\n  timespan: 1m\n  rules:\n", "    - r%d\n", "",
         TCS_CORR_RULES_MAX + 1, "rules, and"},
        {"title: T\n" LS "detection:\n  condition: s\n  s:\n    F|windash:\n", "      - '---%d'\n",
         "", TCS_RULE_VALUES_MAX / 125 + 1, "values"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tcs_buf b = {0};
        tcs_base_buf_put(&b, rows[i].head, strlen(rows[i].head));
        for (int k = 0; k < rows[i].n; k++) {
            char text[64];
            size_t at =
                (size_t)(strstr(rows[i].item, "%d") ? strstr(rows[i].item, "%d") - rows[i].item
                                                    : (ptrdiff_t)strlen(rows[i].item));
            tcs_base_buf_put(&b, rows[i].item, at);
            snprintf(text, sizeof text, "%d", k);
            if (rows[i].item[at]) {
                tcs_base_buf_put(&b, text, strlen(text));
                tcs_base_buf_put(&b, rows[i].item + at + 2, strlen(rows[i].item + at + 2));
            }
        }
        tcs_base_buf_put(&b, rows[i].tail, strlen(rows[i].tail) + 1);
        struct tcs_rules *r = rt_load(b.p);
        assert_int_equal(count(r), 0);
        rt_expect(r, TCS_SEV_ERROR, "too large", 0, 0, rows[i].part);
        tcs_sigma_rules_free(r);
        tcs_base_buf_done(&b);
    }
    /* one document has at most so many diagnostics */
    struct tcs_buf b = {0};
    tcs_base_buf_printf(&b, "title: T\n" LS "detection:\n  s:\n");
    for (int k = 0; k < 3 * TCS_DIAGS_MAX; k++)
        tcs_base_buf_printf(&b, "    F%d|bad: x\n", k);
    tcs_base_buf_printf(&b, "  condition: s\n");
    tcs_base_buf_c(&b, '\0');
    struct tcs_rules *r = rt_load(b.p);
    assert_int_equal(diags(r), TCS_DIAGS_MAX);
    tcs_sigma_rules_free(r);
    tcs_base_buf_done(&b);
}

/* A chain is resolved whatever its order; a circle and what hangs on a refused one are refused. */
static void
chains(void **state)
{
    (void)state;
#define LINK(name, ref)                                                                            \
    "title: " name "\nname: " name "\ncorrelation: {type: temporal, rules: [" ref "], group-by: "  \
    "[U], timespan: 1m}\n---\n"
    uint32_t n;
    struct tcs_rules *r = rt_load(LINK("x", "y, a") LINK("y", "z") LINK("z", "b") BASE);
    (void)tcs_sigma_rules_correlations(r, &n);
    assert_int_equal(n, 3);
    assert_int_equal(diags(r), 0);
    tcs_sigma_rules_free(r);
    r = rt_load(LINK("x", "y") LINK("y", "x") LINK("z", "nobody") LINK("w", "z") BASE);
    (void)tcs_sigma_rules_correlations(r, &n);
    assert_int_equal(n, 0);
    rt_expect(r, TCS_SEV_ERROR, "reference to no rule", 0, 0, "in a circle");
    rt_expect(r, TCS_SEV_ERROR, "reference to no rule", 0, 0, "'nobody'");
    rt_expect(r, TCS_SEV_ERROR, "reference to no rule", 0, 0, "'z' that this one needs");
    tcs_sigma_rules_free(r);
}

/* Two threads' halves make the same rules as one thread's whole. */
static void
merge(void **state)
{
    (void)state;
    static const char *const files[] = {
        "b.yml",
        "title: B\n" ID(2) LS DET,
        "a.yml",
        "title: A\nname: one\n" ID(1) LS DET,
        "c.yml",
        "title: C\n" ID(2) LS DET,
        "f.yml",
        "title: F\n" LS "filter: {rules: one, s: {U: x}, condition: not s}\n",
        "k.yml",
        "title: K\ncorrelation: {type: temporal, rules: [one], group-by: [U], timespan: 1m}\n",
        "x.yml",
        "title: X: Y\n",
    };
    struct tcs_err err;
    struct tcs_rules *whole = load_files(files, 12), *half[2];
    for (int h = 0; h < 2; h++) {
        half[h] = tcs_sigma_rules_new(NULL, 0);
        for (size_t i = (size_t)h * 2; i < 12; i += 4)
            assert_int_equal(tcs_sigma_rules_add(half[h], tcs_base_str_of(files[i]),
                                                 tcs_base_str_of(files[i + 1]), &err),
                             0);
    }
    assert_int_equal(tcs_sigma_rules_merge(half[1], half[0], &err), 0);
    assert_int_equal(tcs_sigma_rules_finish(half[1], &err), 0);
    uint32_t n[2], nc[2], ndiags[2];
    const struct tcs_rule *a = tcs_sigma_rules_all(whole, &n[0]),
                          *b = tcs_sigma_rules_all(half[1], &n[1]);
    const struct tcs_diag *da = tcs_sigma_rules_diags(whole, &ndiags[0]);
    const struct tcs_diag *db = tcs_sigma_rules_diags(half[1], &ndiags[1]);
    (void)tcs_sigma_rules_correlations(whole, &nc[0]);
    (void)tcs_sigma_rules_correlations(half[1], &nc[1]);
    assert_int_equal(n[0], 2);
    assert_int_equal(n[1], 2);
    assert_int_equal(nc[1], 1);
    assert_int_equal(ndiags[0], 2);
    assert_int_equal(ndiags[1], 2);
    assert_int_equal(tcs_sigma_rules_seen(half[1]), 6);
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(tcs_base_str_eq(a[i].doc.title, b[i].doc.title));
        assert_int_equal(a[i].nnodes, b[i].nnodes);
        assert_true(tcs_base_str_eq(da[i].text, db[i].text));
    }
    tcs_sigma_rules_free(whole);
    tcs_sigma_rules_free(half[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(attribute_faults),
        cmocka_unit_test(several_documents),
        cmocka_unit_test(order_and_duplicates),
        cmocka_unit_test(too_large),
        cmocka_unit_test(filters),
        cmocka_unit_test(filter_faults),
        cmocka_unit_test(correlations),
        cmocka_unit_test(correlation_types),
        cmocka_unit_test(generate),
        cmocka_unit_test(temporal),
        cmocka_unit_test(correlation_faults),
        cmocka_unit_test(chains),
        cmocka_unit_test(limits),
        cmocka_unit_test(merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

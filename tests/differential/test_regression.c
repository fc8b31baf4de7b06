/* SigmaHQ's own regression cases: each rule on the recording made for it, through the EVTX decoder
 * and the engine.  A case names the rule and, usually, how often it must match at least; the plain
 * matcher must count the same. */
#include "corpus.h"
#include "plain/plain.h"
#include "sigma/explain.h"
#include "sigma/scan.h"
#include "sigma/yaml.h"

struct bench {
    struct tcs_arena *a;
    const char *corpora;
    struct tcs_logsources *ls;
    struct tcs_rules *rules;
    const struct tcs_rule *rule;
    uint32_t nrules;
};

struct count {
    const struct bench *bench;
    struct tcs_scan *scan;
    struct plain *plain;
    uint32_t rule; /* index among the matcher's rules */
    uint64_t engine, plainly, explained, events;
};

static bool
explained(const struct count *c, const struct tcs_event *ev)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_explain ex;
    assert_int_equal(tcs_sigma_explain(&c->bench->rule[c->rule], c->bench->ls, ev, a, &ex, NULL),
                     0);
    bool yes = ex.verdict == TCS_YES;
    tcs_base_arena_free(a);
    return yes;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct count *c = ctx;
    const struct tcs_sigma_match *hits;
    struct tcs_sigma_match hit;
    uint32_t n = tcs_sigma_scan_event(c->scan, ev, &hits);
    for (uint32_t i = 0; i < n; i++)
        c->engine += hits[i].rule == c->rule;
    c->plainly += plain_rule(c->plain, c->rule, ev, &hit);
    c->explained += explained(c, ev);
    c->events++;
}

static uint32_t
find_rule(const struct bench *b, struct tcs_str id)
{
    for (uint32_t i = 0; i < b->nrules; i++)
        if (tcs_base_str_eq(b->rule[i].doc.id, id))
            return i;
    return b->nrules;
}

static struct tcs_str
text(const struct tcs_ynode *map, const char *key)
{
    const struct tcs_ynode *n = map ? tcs_sigma_yaml_get(map, key, NULL) : NULL;
    return n && n->kind == TCS_Y_SCALAR ? n->text : TCS_STR("");
}

/* The first item of the list at `key`. */
static const struct tcs_ynode *
first(const struct tcs_ynode *map, const char *key)
{
    const struct tcs_ynode *n = tcs_sigma_yaml_get(map, key, NULL);
    return n && n->kind == TCS_Y_SEQ && n->n ? n->kids[0] : NULL;
}

/* Count the rule's matches in the recording. */
static struct count
run(const struct bench *b, const struct tcs_ruleset *rs, struct plain *plain, uint32_t rule,
    const char *path)
{
    struct count c = {.bench = b, .scan = tcs_sigma_scan_new(rs), .plain = plain, .rule = rule};
    struct corpus_sink sink = {
        .fields = tcs_sigma_ruleset_fields(rs), .event = on_event, .ctx = &c};
    assert_non_null(c.scan);
    corpus_events(&path, 1, &sink);
    tcs_sigma_scan_free(c.scan);
    return c;
}

static void
test_all_cases(void **state)
{
    struct bench b = {.a = tcs_base_arena_new(0), .corpora = *state, .ls = corpus_logsources()};
    struct tcs_ruleset *rs;
    struct tcs_err err = {0};
    size_t ncases;
    unsigned cases = 0, failed = 0, exact = 0;
    b.rules = corpus_sigmahq(b.a, b.corpora);
    b.rule = tcs_sigma_rules_all(b.rules, &b.nrules);
    if (tcs_sigma_ruleset_build(b.rule, b.nrules, b.ls, &(struct tcs_ruleset_opts){0}, &rs, &err))
        fail_msg("%s", err.msg);
    struct plain *plain = plain_new(b.rule, b.nrules, b.ls);
    const char **infos =
        corpus_files(b.a, corpus_path(b.a, b.corpora, "sigma-regression"), "/info.yml", &ncases);
    for (size_t i = 0; i < ncases; i++) {
        struct tcs_yaml y;
        assert_int_equal(tcs_sigma_yaml_parse(b.a, corpus_read(b.a, infos[i]), &y, &err), 0);
        const struct tcs_ynode *root = y.docs[0].root, *test = first(root, "regression_tests_info");
        struct tcs_str id = text(first(root, "rule_metadata"), "id");
        struct tcs_str recording = text(test, "path"), count = text(test, "match_count");
        if (!tcs_base_str_eq(text(test, "type"), TCS_STR("evtx")))
            continue;
        /* "regression_data/rules/..." is "sigma-regression/rules/..." in the corpora */
        recording = tcs_base_str_slice(recording, sizeof "regression_data" - 1, recording.n);
        uint32_t rule = find_rule(&b, id);
        if (rule == b.nrules)
            fail_msg("%s: rule %.*s was not loaded", infos[i], TCS_STR_FMT(id));
        struct count c = run(
            &b, rs, plain, rule,
            tcs_base_arena_printf(b.a, "%s/sigma-regression%.*s", b.corpora, TCS_STR_FMT(recording))
                .p);
        uint64_t want = count.n ? strtoull(count.p, NULL, 10) : 1;
        cases++;
        exact += c.engine == want;
        if (c.engine < want || c.engine != c.plainly || c.engine != c.explained) {
            failed++;
            print_error("%s: %.*s: %lu matches, plainly %lu, wanted %lu, of %lu events\n", infos[i],
                        TCS_STR_FMT(b.rule[rule].doc.title), (unsigned long)c.engine,
                        (unsigned long)c.plainly, (unsigned long)want, (unsigned long)c.events);
        } else if (c.engine > want) {
            print_message("%.*s: %lu matches, case says %lu\n", TCS_STR_FMT(b.rule[rule].doc.title),
                          (unsigned long)c.engine, (unsigned long)want);
        }
    }
    print_message("%u cases: %u pass, %u exactly\n", cases, cases - failed, exact);
    assert_true(cases > 0);
    assert_int_equal(failed, 0);
    plain_free(plain);
    tcs_sigma_ruleset_free(rs);
    tcs_sigma_rules_free(b.rules);
    tcs_sigma_logsources_free(b.ls);
    tcs_base_arena_free(b.a);
}

int
main(void)
{
    const char *corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_all_cases, (void *)(uintptr_t)corpora),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

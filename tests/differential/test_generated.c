/* Random rules in YAML on random events: the engine with and without prefilter, the plain matcher
 * and (for some) explain must agree.  Rules of a round are compiled together, as in a hunt, so that
 * they share predicates and literals.
 *
 * When a pair disagrees, it is made smaller (searches, items, values, fields dropped as long as it
 * still disagrees) and printed.  TOCSIN_SEED=N starts elsewhere, TOCSIN_ROUNDS=N goes on longer. */
/* claim: off-switch */
#include "generate.h"

#include "base/num.h"
#include "plain/plain.h"
#include "sigma/explain.h"
#include "sigma/scan.h"

enum { RULES = 60, EVENTS = 120, ROUNDS = 300, EXPLAIN_EVERY = 16 };

enum { FILTERED, UNFILTERED, VIEWED, READERS };

/* Rules compiled for every reader of them. */
struct readers {
    struct tcs_rules *rules;
    const struct tcs_rule *rule;
    uint32_t n;
    struct tcs_ruleset *rs[READERS]; /* with and without prefilter, and out of an image */
    struct tcs_scan *scan[READERS];
    struct tcs_buf image;
    struct plain *plain;
};

static void
open_readers(struct readers *r, struct tcs_str yaml, const struct tcs_logsources *ls)
{
    struct tcs_err err = {0};
    *r = (struct readers){.rules = tcs_sigma_rules_new(NULL, 0)};
    assert_non_null(r->rules);
    assert_int_equal(tcs_sigma_rules_add(r->rules, TCS_STR("generated"), yaml, &err), 0);
    assert_int_equal(tcs_sigma_rules_finish(r->rules, &err), 0);
    r->rule = tcs_sigma_rules_all(r->rules, &r->n);
    for (int i = 0; i < VIEWED; i++) {
        struct tcs_ruleset_opts opts = {.no_prefilter = i == UNFILTERED};
        if (tcs_sigma_ruleset_build(r->rule, r->n, ls, &opts, &r->rs[i], &err))
            fail_msg("%s", err.msg);
    }
    if (tcs_sigma_ruleset_save(r->rs[FILTERED], ls, &r->image, &err) ||
        tcs_sigma_ruleset_view(tcs_base_buf_view(&r->image), r->rule, r->n, ls, &r->rs[VIEWED],
                               &err))
        fail_msg("%s", err.msg);
    for (int i = 0; i < READERS; i++) {
        r->scan[i] = tcs_sigma_scan_new(r->rs[i]);
        assert_non_null(r->scan[i]);
    }
    r->plain = plain_new(r->rule, r->n, ls);
    assert_non_null(r->plain);
}

static void
close_readers(struct readers *r)
{
    plain_free(r->plain);
    for (int i = 0; i < READERS; i++) {
        tcs_sigma_scan_free(r->scan[i]);
        tcs_sigma_ruleset_free(r->rs[i]);
    }
    tcs_base_buf_done(&r->image);
    tcs_sigma_rules_free(r->rules);
}

static bool
same_hits(const struct tcs_sigma_match *a, uint32_t na, const struct tcs_sigma_match *b,
          uint32_t nb, uint32_t *rule)
{
    for (uint32_t i = 0; i < na || i < nb; i++) {
        uint32_t x = i < na ? a[i].rule : UINT32_MAX, y = i < nb ? b[i].rule : UINT32_MAX;
        *rule = x < y ? x : y;
        if (x != y || !plain_same_hit(&a[i], &b[i]))
            return false;
    }
    return true;
}

/* False and *rule: a rule that they read differently. */
static bool
agree(struct readers *r, const struct gen_event *e, uint32_t *rule, uint32_t *hits,
      uint32_t *unchecked)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_event ev = gen_event(e, NULL, a);
    const struct tcs_sigma_match *want, *got;
    uint32_t nwant = plain_event(r->plain, &ev, &want);
    for (uint32_t i = 0; i < nwant; i++)
        *unchecked += want[i].nunchecked > 0;
    bool same = true;
    for (int i = 0; same && i < READERS; i++) {
        ev = gen_event(e, tcs_sigma_ruleset_fields(r->rs[i]), a);
        uint32_t n = tcs_sigma_scan_event(r->scan[i], &ev, &got);
        same = same_hits(got, n, want, nwant, rule);
    }
    *hits += nwant;
    tcs_base_arena_free(a);
    return same;
}

static bool
explain_agrees(struct readers *r, const struct tcs_logsources *ls, const struct gen_event *e,
               uint32_t rule)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_event ev = gen_event(e, NULL, a);
    struct tcs_sigma_match hit;
    struct tcs_explain ex;
    bool plainly = plain_rule(r->plain, rule, &ev, &hit);
    assert_int_equal(tcs_sigma_explain(&r->rule[rule], ls, &ev, a, &ex, NULL), 0);
    bool same = plainly == (ex.verdict == TCS_YES) &&
                (!plainly || (ex.view == hit.view && ex.unchecked == (hit.nunchecked > 0)));
    tcs_base_arena_free(a);
    return same;
}

/* --- making a disagreement smaller ------------------------------------------------------------ */

static bool
differs(const struct gen_rule *rule, const struct gen_event *e, const struct tcs_logsources *ls)
{
    struct tcs_buf yaml = {0};
    struct readers r;
    uint32_t which, hits = 0, unchecked = 0;
    gen_yaml(rule, 0, &yaml);
    open_readers(&r, tcs_base_buf_view(&yaml), ls);
    bool same =
        r.n == 0 || (agree(&r, e, &which, &hits, &unchecked) && explain_agrees(&r, ls, e, 0));
    close_readers(&r);
    tcs_base_buf_done(&yaml);
    return !same;
}

/* Drops item i of search s, or its value v. */
static bool
smaller_rule(struct gen_rule *rule, const struct gen_event *e, const struct tcs_logsources *ls)
{
    for (unsigned s = 0; s < rule->nsearches; s++)
        for (unsigned i = 0; i < rule->search[s].n; i++) {
            struct gen_rule less = *rule;
            if (less.search[s].n > 1) {
                less.search[s].item[i] = less.search[s].item[--less.search[s].n];
                if (differs(&less, e, ls)) {
                    *rule = less;
                    return true;
                }
            }
            less = *rule;
            if (less.search[s].item[i].n > 1) {
                less.search[s].item[i].n--;
                if (differs(&less, e, ls)) {
                    *rule = less;
                    return true;
                }
            }
        }
    return false;
}

static bool
smaller_event(const struct gen_rule *rule, struct gen_event *e, const struct tcs_logsources *ls)
{
    for (unsigned i = 0; i < e->n; i++) {
        struct gen_event less = *e;
        less.n--;
        for (unsigned k = i; k < less.n; k++)
            less.field[k] = less.field[k + 1];
        if (differs(rule, &less, ls)) {
            *e = less;
            return true;
        }
    }
    return false;
}

static void
show(struct gen_rule rule, struct gen_event e, const struct tcs_logsources *ls, const char *who)
{
    struct tcs_buf text = {0};
    struct tcs_arena *a = tcs_base_arena_new(0);
    if (!differs(&rule, &e, ls))
        tcs_buf_lit(&text, "(only together with the other rules of its round)\n");
    else
        while (smaller_rule(&rule, &e, ls) || smaller_event(&rule, &e, ls))
            continue;
    gen_yaml(&rule, 0, &text);
    struct tcs_event ev = gen_event(&e, NULL, a);
    tcs_base_buf_printf(&text,
                        "on %.*s, event id %u: ", TCS_STR_FMT(tcs_event_value_text(&ev.channel, a)),
                        ev.event_id);
    tcs_event_json_flat(&ev, &text);
    print_error("%s disagrees with the plain matcher:\n%.*s\n", who, (int)text.n, text.p);
    tcs_base_buf_done(&text);
    tcs_base_arena_free(a);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static uint64_t
number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t n;
    return text && tcs_base_num_u64(tcs_base_str_of(text), &n) ? n : otherwise;
}

/* The model of a loaded rule: its number is the end of its id. */
static const struct gen_rule *
model_of(const struct gen_rule *rules, const struct tcs_rule *rule)
{
    struct tcs_str id = rule->doc.id;
    char last[13] = "";
    memcpy(last, id.p + id.n - 12, 12);
    return &rules[strtoull(last, NULL, 16)];
}

struct totals {
    uint64_t rules, pairs, explained;
    uint32_t hits, unchecked;
};

static void
round_of(uint64_t seed, const struct tcs_logsources *ls, struct totals *t)
{
    struct gen g = {.state = seed * 0x9e3779b97f4a7c15u | 1};
    static struct gen_rule rules[RULES];
    struct tcs_buf yaml = {0};
    struct readers r;
    for (unsigned i = 0; i < RULES; i++) {
        gen_make_rule(&g, &rules[i]);
        gen_yaml(&rules[i], i, &yaml);
    }
    open_readers(&r, tcs_base_buf_view(&yaml), ls);
    for (unsigned i = 0; i < EVENTS; i++) {
        struct gen_event e;
        uint32_t rule;
        gen_make_event(&g, &e);
        if (!agree(&r, &e, &rule, &t->hits, &t->unchecked)) {
            show(*model_of(rules, &r.rule[rule]), e, ls, "the engine");
            fail_msg("seed %lu", (unsigned long)seed);
        }
        for (uint32_t k = i % EXPLAIN_EVERY; k < r.n; k += EXPLAIN_EVERY) {
            t->explained++;
            if (explain_agrees(&r, ls, &e, k))
                continue;
            show(*model_of(rules, &r.rule[k]), e, ls, "explain");
            fail_msg("seed %lu", (unsigned long)seed);
        }
    }
    t->rules += r.n;
    t->pairs += (uint64_t)r.n * EVENTS;
    close_readers(&r);
    tcs_base_buf_done(&yaml);
}

static void
test_generated(void **state)
{
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    struct totals t = {0};
    uint64_t seed = number_from("TOCSIN_SEED", 1), rounds = number_from("TOCSIN_ROUNDS", ROUNDS);
    (void)state;
    assert_int_equal(
        tcs_sigma_logsources_add(ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(), NULL), 0);
    assert_int_equal(
        tcs_sigma_logsources_add(ls, TCS_STR("more"), tcs_base_str_of(gen_logsources), NULL), 0);
    for (uint64_t i = 0; i < rounds; i++)
        round_of(seed + i, ls, &t);
    print_message("%lu rules, %lu pairs, %u findings, %u of them unchecked, %lu explained\n",
                  (unsigned long)t.rules, (unsigned long)t.pairs, t.hits, t.unchecked,
                  (unsigned long)t.explained);
    /* most rules are sound, and pairs do meet */
    assert_true(t.rules > rounds * RULES * 3 / 4);
    assert_true(t.hits > t.pairs / 200);
    assert_true(t.unchecked > t.hits / 20);
    tcs_sigma_logsources_free(ls);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_generated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

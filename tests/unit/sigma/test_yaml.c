/* YAML trees: core schema types (YAML 1.2.2 §10.3.2), places, aliases, limits, faults. */
#include "check.h"

#include "base/limits.h"
#include "sigma/yaml.h"

static struct tcs_arena *arena;

static struct tcs_yaml
parse(const char *text, int want, struct tcs_err *err)
{
    struct tcs_yaml y;
    struct tcs_err mine;
    tcs_base_arena_reset(arena);
    int rc = tcs_sigma_yaml_parse(arena, tcs_base_str_of(text), &y, err ? err : &mine);
    if (rc != -want)
        fail_msg("returned %d, want %d: %s", rc, -want, (err ? err : &mine)->msg);
    return y;
}

static const struct tcs_ynode *
get(const struct tcs_yaml *y, const char *key)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(y->docs[0].root, key, NULL);
    assert_non_null(v);
    return v;
}

static void
core_schema(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t type;
        double num;
    } rows[] = {
        {"4624", TCS_YT_INT, 4624},    {"-19", TCS_YT_INT, -19},    {"0o14", TCS_YT_INT, 12},
        {"0x3e7", TCS_YT_INT, 999},    {"007", TCS_YT_INT, 7},      {"1.5", TCS_YT_FLOAT, 1.5},
        {"1e3", TCS_YT_FLOAT, 1000},   {"true", TCS_YT_BOOL, 0},    {"False", TCS_YT_BOOL, 0},
        {"null", TCS_YT_NULL, 0},      {"~", TCS_YT_NULL, 0},       {"", TCS_YT_NULL, 0},
        {"yes", TCS_YT_STR, 0},        {"off", TCS_YT_STR, 0},      {"2024-01-02", TCS_YT_STR, 0},
        {"'4624'", TCS_YT_STR, 0},     {"\"null\"", TCS_YT_STR, 0}, {"''", TCS_YT_STR, 0},
        {"0x", TCS_YT_STR, 0},         {"-", TCS_YT_STR, 0},        {"1.2.3", TCS_YT_STR, 0},
        {"!!str 4624", TCS_YT_STR, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        if (strcmp(rows[i].text, "-") == 0)
            continue; /* a lone dash is a list's mark, not a scalar */
        snprintf(text, sizeof text, "k: %s\n", rows[i].text);
        struct tcs_yaml y = parse(text, 0, NULL);
        const struct tcs_ynode *v = get(&y, "k");
        if (v->type != rows[i].type || v->num != rows[i].num)
            fail_msg("%s: type %d number %g", rows[i].text, v->type, v->num);
    }
}

static void
places(void **state)
{
    (void)state;
    struct tcs_yaml y = parse("a: one\nb:\n    - 'two'\n    - \"three\"\n---\nc: 1\n", 0, NULL);
    assert_int_equal(y.ndocs, 2);
    assert_int_equal(y.docs[0].line, 1);
    const struct tcs_ynode *b = get(&y, "b");
    assert_int_equal(b->n, 2);
    assert_int_equal(get(&y, "a")->line, 1);
    assert_int_equal(get(&y, "a")->col, 4);
    assert_true(get(&y, "a")->inline_text);
    assert_int_equal(b->kids[0]->line, 3);
    assert_int_equal(b->kids[0]->col, 8); /* the t, after the quote */
    check_str(b->kids[1]->text, "three");
    const struct tcs_ynode *k;
    assert_non_null(tcs_sigma_yaml_get(y.docs[1].root, "c", &k));
    assert_int_equal(k->line, 6);
}

static void
quoting(void **state)
{
    (void)state;
    struct tcs_yaml y = parse("s: 'it''s \\n'\n"
                              "d: \"a\\tb\\\\\"\nl: |\n  x\n  y\nf: >-\n  p\n  q\n",
                              0, NULL);
    check_str(get(&y, "s")->text, "it's \\n");
    check_str(get(&y, "d")->text, "a\tb\\");
    check_str(get(&y, "l")->text, "x\ny\n");
    check_str(get(&y, "f")->text, "p q");
    assert_false(get(&y, "s")->inline_text); /* the '' is one character of two */
    assert_false(get(&y, "l")->inline_text);
}

/* YAML 1.2.2 §7.3.2 and §6.5 */
static void
single_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *want;
    } rows[] = {
        {"''", ""},
        {"''''", "'"},
        {"'a''b'", "a'b"},
        {"'a''''b'", "a''b"}, /* libfyaml alone says a''' */
        {"'''a''''''b'''", "'a'''b'"},
        {"'-Join'''')'", "-Join'')"},
        {"'a'' \n  b'", "a' b"},
        {"'a''\n\n\n  b'", "a'\n\nb"},
        {"'a'' \r\n  b'", "a' b"},
        {"'é''''x'", "é''x"},
    };
    char text[128];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "x: [1]\nk: %s # c\n", rows[i].yaml);
        struct tcs_yaml y = parse(text, 0, NULL);
        check_str(get(&y, "k")->text, rows[i].want);
    }
}

/* claim: rule-limits */
static void
aliases(void **state)
{
    (void)state;
    struct tcs_yaml y = parse("a: &x [1, 2]\nb: *x\n", 0, NULL);
    assert_ptr_equal(get(&y, "a"), get(&y, "b"));
    struct tcs_err err;
    parse("a: *nowhere\n", TCS_EPARSE, &err);
    assert_int_equal(err.line, 1);
    parse("a: &x [*x]\n", TCS_EPARSE, &err);          /* inside itself */
    parse("a: &x 1\n---\nb: *x\n", TCS_EPARSE, &err); /* of another document */
}

/* claim: rule-limits */
static void
alias_bomb(void **state)
{
    (void)state;
    char text[4096];
    size_t n = (size_t)snprintf(text, sizeof text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 20; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1,
                              i - 1, i - 1, i - 1, i - 1, i - 1);
    parse(text, TCS_ELIMIT, NULL);
}

/* claims: recursion, counted-depth */
static void
depth(void **state)
{
    (void)state;
    char text[2 * TCS_YAML_DEPTH_MAX + 8];
    for (int extra = 0; extra < 2; extra++) {
        int n = TCS_YAML_DEPTH_MAX + extra;
        memset(text, '[', (size_t)n);
        memset(text + n, ']', (size_t)n);
        text[2 * n] = '\0';
        parse(text, extra ? TCS_ELIMIT : 0, NULL);
    }
}

static void
faults(void **state)
{
    (void)state;
    struct tcs_err err;
    struct tcs_yaml y = parse("a: 1\n---\nb: 1\nc: d: e\n", TCS_EPARSE, &err);
    assert_int_equal(y.ndocs, 1); /* the sound one before it is kept */
    assert_int_equal(err.line, 4);
    parse("a: 1\nb: 2\na: 3\n", TCS_EPARSE, &err);
    assert_int_equal(err.line, 3);
    assert_non_null(strstr(err.msg, "'a' occurs twice"));
    parse("[a]: 1\n", TCS_EPARSE, &err);
    parse("a: b: c\n", TCS_EPARSE, &err);
    parse("a: 1\nb: x\xff\n", TCS_EPARSE, &err);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.col, 5);
    parse("\xef\xbb\xbf"
          "a: 1\n",
          0, &err); /* a byte order mark is no fault */
}

int
main(void)
{
    arena = tcs_base_arena_new(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_schema),   cmocka_unit_test(places),  cmocka_unit_test(quoting),
        cmocka_unit_test(single_quotes), cmocka_unit_test(aliases), cmocka_unit_test(alias_bomb),
        cmocka_unit_test(depth),         cmocka_unit_test(faults),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    tcs_base_arena_free(arena);
    return rc;
}

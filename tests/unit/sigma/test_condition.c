/* The condition grammar: rules specification, "Condition" (precedence, of, globs, underscore). */
#include "rules_text.h"

#define SELS "    a: {F: '1'}\n    b: {F: '2'}\n    c: {F: '3'}\n    _h: {F: '9'}\n"

static void
tree(const char *condition, const char *want)
{
    char text[4096];
    snprintf(text, sizeof text, SELS "    condition: %s", condition);
    rt_tree(text, want);
}

static void
refused(const char *condition, const char *reason, uint32_t col, const char *part)
{
    char text[8192];
    snprintf(text, sizeof text, SELS "    condition: %s", condition);
    rt_refused(text, reason, col ? 5 : 0, col ? col + 15 : 0, part);
}

static void
operators(void **state)
{
    (void)state;
    tree("a", "F=1");
    tree("a and b", "and(F=1,F=2)");
    tree("a or b and c", "or(F=1,and(F=2,F=3))");
    tree("(a or b) and c", "and(or(F=1,F=2),F=3)");
    tree("not a and b", "and(not(F=1),F=2)");
    tree("not (a and b)", "not(and(F=1,F=2))");
    tree("not not a", "F=1");
    tree("a AND NOT b Or c", "or(and(F=1,not(F=2)),F=3)");
    tree("((a))", "F=1");
    tree("a or(b)and(c)", "or(F=1,and(F=2,F=3))");
    tree("[a, b and c]", "or(F=1,and(F=2,F=3))");
    tree(">-\n        a\n        or b", "or(F=1,F=2)");
}

static void
counts(void **state)
{
    (void)state;
    tree("1 of them", "or(F=1,F=2,F=3)");
    tree("any of them", "or(F=1,F=2,F=3)");
    tree("all of them", "and(F=1,F=2,F=3)");
    tree("ALL OF THEM", "and(F=1,F=2,F=3)");
    tree("1 of *", "or(F=1,F=2,F=3)");
    tree("1 of _*", "F=9"); /* only because the pattern asks */
    tree("1 of b", "F=2");
    tree("2 of them", "or(and(F=1,F=2),and(F=1,F=3),and(F=2,F=3))");
    tree("3 of them", "and(F=1,F=2,F=3)");
    tree("a and not 1 of *b*", "and(F=1,not(F=2))");
    tree("_h and a", "and(F=9,F=1)");
}

static void
globs(void **state)
{
    (void)state;
    static const char sel[] =
        "    sel_x_a: {F: '1'}\n    sel_y_b: {F: '2'}\n    Sel_z_a: {F: '3'}\n"
        "    x.conf: {F: '4'}\n    condition: ";
    char text[1024];
    static const struct {
        const char *cond, *want;
    } rows[] = {{"1 of sel_*", "or(F=1,F=2)"}, {"1 of *_a", "or(F=1,F=3)"},
                {"1 of sel*a", "F=1"},         {"all of *_?_*", NULL}, /* ? is no wildcard here */
                {"1 of *conf", "F=4"},         {"1 of *e*_*", "or(F=1,F=2,F=3)"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s%s", sel, rows[i].cond);
        if (rows[i].want)
            rt_tree(text, rows[i].want);
        else
            rt_refused(text, "unknown search identifier", 0, 0, "named like");
    }
}

static void
faults(void **state)
{
    (void)state;
    refused("a and", "bad condition", 6, "ends where");
    refused("a b", "bad condition", 3, "'b'");
    refused("a and (b or c", "bad condition", 14, "ends where ')'");
    refused("a) or b", "bad condition", 2, "')'");
    refused("and a", "bad condition", 1, "'and'");
    refused("''", "bad condition", 0, "ends where");
    refused("1 of", "bad condition", 5, "'them'");
    refused("0 of them", "bad condition", 0, "at least 1");
    refused("4 of them", "bad condition", 6, "never be true");
    refused("1 of x*", "unknown search identifier", 6, "'x*'");
    refused("a and d", "unknown search identifier", 7, "'d'");
    refused("A", "unknown search identifier", 1, "did you mean 'a'");
    refused("a | count() > 5", "aggregation in the condition", 3, "correlation");
    refused("a | near b", "aggregation in the condition", 3, "correlation");
    refused("count(x) by y > 2", "aggregation in the condition", 1, "correlation");
    refused("{a: b}", "bad condition", 0, "is a text");
    refused("[]", "bad condition", 0, "is a text");
    rt_refused(SELS, "missing attribute", 1, 5, "no condition");
}

static void
all_unknown_are_named(void **state)
{
    (void)state;
    struct tcs_rules *r = rt_load(rt_rule(SELS "    condition: xx and a or yy"));
    rt_expect(r, TCS_SEV_ERROR, "unknown search identifier", 10, 16, "'xx'");
    rt_expect(r, TCS_SEV_ERROR, "unknown search identifier", 10, 28, "'yy'");
    tcs_sigma_rules_free(r);
}

static void
unused(void **state)
{
    (void)state;
    uint32_t n;
    struct tcs_rules *r = rt_load(rt_rule(SELS "    condition: a or b"));
    (void)tcs_sigma_rules_all(r, &n);
    assert_int_equal(n, 1);
    rt_expect(r, TCS_SEV_WARNING, "unused search identifier", 8, 5, "'c'");
    uint32_t ndiags;
    (void)tcs_sigma_rules_diags(r, &ndiags);
    assert_int_equal(ndiags, 1); /* _h is meant to stay out */
    tcs_sigma_rules_free(r);
}

static void
limits(void **state)
{
    (void)state;
    char deep[1024] = "";
    for (int i = 0; i < 64; i++)
        strncat(deep, "(", 2);
    strncat(deep, "a", 2);
    for (int i = 0; i < 64; i++)
        strncat(deep, ")", 2);
    refused(deep, "too large", 0, "levels of parentheses");
    deep[0] = ' ';
    deep[128] = '\0'; /* 63 pairs */
    tree(deep, "F=1");
    char many[4096] = "";
    size_t n = 0;
    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, "    s%d: {F: '1'}\n", i);
    snprintf(many + n, sizeof many - n, "    condition: 20 of s*");
    rt_refused(many, "too large", 0, 0, "combinations");
}

/* Each "of" looks at all search identifiers: 520 that look at 520 are more than any rule means. */
/* claim: limit-looks */
static void
looks(void **state)
{
    (void)state;
    enum { N = 520 };
    char *many = malloc(N * 64);
    assert_non_null(many);
    size_t n = 0;
    for (int i = 0; i < N; i++)
        n += (size_t)sprintf(many + n, "    s%d: {F: '1'}\n", i);
    n += (size_t)sprintf(many + n, "    condition: 1 of *");
    for (int i = 0; i < N; i++)
        n += (size_t)sprintf(many + n, " or 1 of *");
    rt_refused(many, "too large", 0, 0, "too many words for that many search identifiers");
    free(many);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators), cmocka_unit_test(counts),
        cmocka_unit_test(globs),     cmocka_unit_test(faults),
        cmocka_unit_test(unused),    cmocka_unit_test(all_unknown_are_named),
        cmocka_unit_test(limits),    cmocka_unit_test(looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

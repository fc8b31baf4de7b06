/* Required literals of regular expressions: by hand from PCRE's syntax, and on generated patterns
 * and texts: what PCRE finds must never be ruled out. */
#include "match/regexlit.h"

#include "base/buf.h"
#include "check.h"
#include "match/fold.h"
#include "match/regex.h"

static struct tcs_arena *arena;

/* The set as "a|b|c", then ";" and the sequence as "a,b", "=" if exact. */
static const char *
needs(const char *pattern)
{
    static struct tcs_buf b;
    struct tcs_regexlit rl;
    b.n = 0;
    assert_true(tcs_match_regexlit_find(arena, tcs_base_str_of(pattern), &rl));
    for (uint32_t i = 0; i < rl.nany; i++)
        tcs_base_buf_printf(&b, "%s%.*s", i ? "|" : "", TCS_STR_FMT(rl.any[i]));
    tcs_base_buf_c(&b, ';');
    for (uint32_t i = 0; i < rl.nall; i++)
        tcs_base_buf_printf(&b, "%s%.*s", i ? "," : "", TCS_STR_FMT(rl.all[i]));
    tcs_base_buf_put(&b, rl.exact ? "=" : "", rl.exact ? 2 : 1);
    return b.p;
}

static void
by_hand(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Abc", "abc;abc"},
        {"(?i)ABC", "abc;abc"},
        {"", ";"},
        {".*", ";"},
        {"ab?c", "a;a,c"},
        {"abc{0,3}d", "ab;ab,d"},
        {"ab+c", "ab;ab,c"},
        {"(foo|barbar)", "foo|barbar;"},
        {"(foo|.)", ";"},
        {"(foo|bar)?x", "x;x"},
        {"foo|bar", "foo|bar;"},
        {"net\\s+config", "config;net,config"},
        {"\\.[ \"']", ". |.\"|.';"},
        {"a[^b]c", "a;a,c"},
        {"\\d{8}", ";"},
        {"\\+.*\\+.*\\+", "+;+,+,+="},
        {"\\+.+\\+", "+;+,+"},
        {"\\+.*+\\+", "+;+,+"},
        {"x(?=y)z", ";"},
        {"\\Qa.b\\E", ";"},
        {"(?x) a b", ";"},
        {"\\x41bc", ";"},
        {"(*LIMIT_MATCH=1)abc", ";"},
        {"\u00e4bc", "bc;bc"},
        {"a{,3}b", ";"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(needs(cases[i][0]), cases[i][1]))
            fail_msg("%s: got %s, want %s", cases[i][0], needs(cases[i][0]), cases[i][1]);
}

static uint64_t seed = 99;

static uint32_t
rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

static struct tcs_str
glue(char *out, const char *const *pieces, uint32_t kinds, uint32_t n)
{
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *p = pieces[rnd(kinds)];
        memcpy(out + at, p, strlen(p));
        at += strlen(p);
    }
    out[at] = '\0';
    return (struct tcs_str){out, at};
}

static void
never_wrong(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a",    "B",     "ab",   "\\+",  "{",   ".",      ".*",
                                         "?",    "*",     "+",    "(",    ")",   "(?:",    "|",
                                         "[ab]", "[^a]",  "[+{]", "\\d",  "\\s", "^",      "$",
                                         "{2}",  "{0,1}", "(?i)", "(?s)", "\\b", "\u00c4", "*?"};
    static const char *const words[] = {"a", "B", "A",  "b",      "+", "{",
                                        "1", " ", "\n", "\u00e4", "ab"};
    struct tcs_regex_scratch *s = tcs_match_regex_scratch_new();
    uint32_t compiled = 0, matched = 0, ruled_out = 0;
    for (int round = 0; round < 20000; round++) {
        char pattern[128], text[128], folded[512];
        unsigned flags = rnd(8);
        struct tcs_regex *re;
        struct tcs_regexlit rl;
        struct tcs_str p = glue(pattern, pieces, sizeof pieces / sizeof *pieces, 1 + rnd(7));
        if (tcs_match_regex_new(p, flags, &re, NULL) < 0)
            continue;
        compiled++;
        tcs_base_arena_reset(arena);
        assert_true(tcs_match_regexlit_find(arena, p, &rl));
        for (int t = 0; t < 10; t++) {
            struct tcs_str x = glue(text, words, sizeof words / sizeof *words, rnd(9));
            struct tcs_str f = {folded, tcs_match_fold_utf8(x, folded)};
            bool may = tcs_match_regexlit_may(&rl, f, flags & TCS_REGEX_S);
            int hit = tcs_match_regex_match(re, s, x);
            if (hit == 1 && (!may || x.n < tcs_match_regex_shortest(re)))
                fail_msg("'%s' matches '%s', but was ruled out", pattern, text);
            if (rl.exact && may && hit == 0)
                fail_msg("'%s' does not match '%s', but was said to", pattern, text);
            matched += hit == 1;
            ruled_out += !may;
        }
        tcs_match_regex_free(re);
    }
    tcs_match_regex_scratch_free(s);
    assert_true(compiled > 1000 && matched > 1000 && ruled_out > 1000);
}

int
main(void)
{
    arena = tcs_base_arena_new(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(never_wrong),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    tcs_base_arena_free(arena);
    return rc;
}

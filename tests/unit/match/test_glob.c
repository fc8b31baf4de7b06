/* Wildcards, addresses, regular expressions: expected values from docs/matching.md §3. */
#include "base/limits.h"
#include "match/glob.h"

#include "check.h"
#include "match/fold.h"
#include "match/ip.h"
#include "match/regex.h"

/* `*` and `?` stand for the wildcard bytes here. */
static bool
glob(const char *pattern, const char *text, bool cased)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_str pat = tcs_base_arena_str(a, tcs_base_str_of(pattern));
    char *p = tcs_base_arena_alloc(a, pat.n + 1);
    for (size_t i = 0; i < pat.n; i++)
        p[i] = pat.p[i] == '*' ? '\xff' : pat.p[i] == '?' ? '\xfe' : pat.p[i];
    struct tcs_glob g;
    assert_true(tcs_match_glob_compile(a, (struct tcs_str){p, pat.n}, cased, &g));
    struct tcs_str in = tcs_base_str_of(text);
    char *out = tcs_base_arena_alloc(a, TCS_FOLD_ROOM_UTF8(in.n));
    size_t n = cased ? in.n : tcs_match_fold_utf8(in, out);
    bool hit = tcs_match_glob_match(&g, (struct tcs_str){cased ? in.p : out, n});
    if (n == 0) /* an empty text may lie nowhere */
        assert_true(tcs_match_glob_match(&g, (struct tcs_str){NULL, 0}) == hit);
    tcs_base_arena_free(a);
    return hit;
}

static void
globs(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool hit;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"**", "x", true},
        {"abc", "ABC", true},
        {"abc", "abcd", false},
        {"*\\cmd.exe", "C:\\CMD.EXE", true},
        {"*\\cmd.exe", "C:\\cmd.exe ", false},
        {"http*", "HTTPS://", true},
        {"*mimi*", "xMiMiy", true},
        {"*mimi*", "mim", false},
        {"?", "", false},
        {"?", "\u00e4", true},
        {"?", "\U0001f600", true},
        {"??", "\U0001f600", false},
        {"a*c", "abbc", true},
        {"a*c", "ac", true},
        {"a*c", "a", false},
        {"a*a", "a", false},
        {"*a*b*", "xaxb", true},
        {"*a*b*", "ba", false},
        {"*a*b*", "", false},
        {"*?", "", false},
        {"*?*", "x", true},
        {"*ab?", "ababc", true},
        {"*ab?", "ab", false},
        {"*a?c*d", "aXcabcd", true},
        {"*\u00c4?", "x\u00e4\u00e4", true},
        {"?b*", "\u00e4bc", true},
        {"*x?y*", "xyx\nyz", true},
        {"*a*b", "ab\nb", true},
        {"*\ufffd*", "a\xff", true},
        {"a?b",
         "a\xff"
         "b",
         true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (glob(cases[i].pattern, cases[i].text, false) != cases[i].hit)
            fail_msg("%s on %s", cases[i].pattern, cases[i].text);
    assert_true(glob("Abc*", "Abcd", true));
    assert_false(glob("Abc*", "abcd", true));
}

static void
pieces(void **state)
{
    (void)state;
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_glob g;
    tcs_match_glob_compile(a,
                           TCS_STR("\xff"
                                   "AB\xfe"
                                   "LONGEST\xff"
                                   "x"),
                           false, &g);
    assert_int_equal(g.kind, TCS_G_PATTERN);
    assert_int_equal(g.lit_kind, TCS_G_CONTAINS);
    check_str(g.lit, "longest");
    tcs_match_glob_compile(a, TCS_STR("\xff\xff"), false, &g);
    assert_int_equal(g.kind, TCS_G_ALL);
    tcs_match_glob_compile(a,
                           TCS_STR("a\xff"
                                   "End"),
                           false, &g);
    assert_int_equal(g.lit_kind, TCS_G_SUFFIX);
    tcs_base_arena_free(a);
}

static bool
in_net(const char *text, const char *net, unsigned bits)
{
    uint8_t a[16], b[16];
    assert_true(tcs_match_ip_parse(tcs_base_str_of(net), b));
    return tcs_match_ip_parse(tcs_base_str_of(text), a) && tcs_match_ip_in(a, b, bits);
}

static void
addresses(void **state)
{
    (void)state;
    assert_true(in_net("10.1.2.3", "10.0.0.0", 96 + 8));
    assert_false(in_net("11.1.2.3", "10.0.0.0", 96 + 8));
    assert_true(in_net("::ffff:10.1.2.3", "10.0.0.0", 96 + 8));
    assert_true(in_net("172.31.255.255", "172.16.0.0", 96 + 12));
    assert_false(in_net("172.32.0.0", "172.16.0.0", 96 + 12));
    assert_true(in_net("fe80::1%eth0", "fe80::", 10));
    assert_true(in_net("febf::", "fe80::", 10));
    assert_false(in_net("fec0::", "fe80::", 10));
    assert_true(in_net("1.2.3.4", "1.2.3.4", 128));
    assert_true(in_net("::1", "8.8.8.8", 0));
    uint8_t a[16];
    static const char *const bad[] = {
        "",    "1.2.3", "1.2.3.4.5", "01.2.3.4 ",
        "::g", "host",  "1.2.3.4%x", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(tcs_match_ip_parse(tcs_base_str_of(bad[i]), a));
    assert_false(tcs_match_ip_parse(TCS_STR("1.2.3.4\0"
                                            "5"),
                                    a));
}

static int
regex(const char *pattern, unsigned flags, const char *text)
{
    struct tcs_regex *re;
    struct tcs_regex_scratch *s = tcs_match_regex_scratch_new();
    assert_int_equal(tcs_match_regex_new(tcs_base_str_of(pattern), flags, &re, NULL), 0);
    int rc = tcs_match_regex_match(re, s, tcs_base_str_of(text));
    tcs_match_regex_scratch_free(s);
    tcs_match_regex_free(re);
    return rc;
}

/* From one character 2^14 steps in vain, which is allowed, and not without end in one event. */
static void
regexes_share_their_work(void **state)
{
    (void)state;
    struct tcs_regex *re;
    struct tcs_regex_scratch *s = tcs_match_regex_scratch_new();
    struct tcs_str none = TCS_STR("aaaaaaaaaaaa!"), hit = TCS_STR("aaaaaaaaaaaab");
    assert_int_equal(tcs_match_regex_new(TCS_STR("(a+)+[bc]"), 0, &re, NULL), 0);
    assert_int_equal(tcs_match_regex_match(re, s, none), 0);
    int rc = 0;
    for (int i = 0; i < 100000 && rc == 0; i++)
        rc = tcs_match_regex_match(re, s, none);
    assert_int_equal(rc, -1);
    assert_int_equal(tcs_match_regex_match(re, s, hit), 1); /* needs few */
    tcs_match_regex_renew(s);
    assert_int_equal(tcs_match_regex_match(re, s, none), 0);
    tcs_match_regex_scratch_free(s);
    tcs_match_regex_free(re);
}

static void
regexes(void **state)
{
    (void)state;
    assert_int_equal(regex("b+c", 0, "abbbcd"), 1);
    assert_int_equal(regex("B", 0, "b"), 0);
    assert_int_equal(regex("B", TCS_REGEX_I, "b"), 1);
    assert_int_equal(regex("^b", 0, "a\nb"), 0);
    assert_int_equal(regex("^b", TCS_REGEX_M, "a\nb"), 1);
    assert_int_equal(regex("a.b", 0, "a\nb"), 0);
    assert_int_equal(regex("a.b", TCS_REGEX_S, "a\nb"), 1);
    assert_int_equal(regex("a.b", 0, "a\rb"), 1);
    assert_int_equal(regex("^a.b$", 0, "a\u00e4b\n"), 1);
    assert_int_equal(regex("^\\d$", 0, "\u0663"), 0); /* no UCP */
    assert_int_equal(regex("", 0, ""), 1);
    struct tcs_err err;
    assert_int_equal(tcs_match_regex_check(TCS_STR("a(b"), 0, &err), -TCS_EPARSE);
    assert_int_equal(err.off, 3);
    assert_int_equal(tcs_match_regex_check(TCS_STR("(*UCP)\\d"), 0, &err), -TCS_EPARSE);
}

/* Steps are counted from each place where a match may begin: 300 places of about 900 steps each are
 * done, one of more than TCS_REGEX_MATCH_LIMIT is given up, and so are 3,000 of 9,000 each, which
 * together are more than TCS_REGEX_WORK_MAX. */
/* claims: regex-limits, map-regex, rule-steps, limit-regex */
static void
regex_limits(void **state)
{
    enum { N = 3000 };
    char pattern[TCS_REGEX_LEN_MAX + 2], text[N + 4];
    struct tcs_err err;
    (void)state;
    assert_int_equal(regex("^(a|aa)+$", 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
                     -1);
    memset(text, 'a', N);
    strcpy(text + N, "cxd");
    assert_int_equal(regex("(?:a|b)+cd", 0, text), -1);
    assert_int_equal(regex("(?:a|b)+cd", 0, text + N - 300), 0);
    memset(pattern, 'a', sizeof pattern);
    const struct tcs_str longest = {pattern, TCS_REGEX_LEN_MAX}, longer = {pattern, sizeof pattern};
    assert_int_equal(tcs_match_regex_check(longest, 0, &err), 0);
    assert_int_equal(tcs_match_regex_check(longer, 0, &err), -TCS_ELIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regex_limits), cmocka_unit_test(globs),
        cmocka_unit_test(pieces),       cmocka_unit_test(addresses),
        cmocka_unit_test(regexes),      cmocka_unit_test(regexes_share_their_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

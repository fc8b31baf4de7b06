/* Every modifier of "Sigma Modifiers" 2.1: what it makes of values, its order, its conflicts, its
 * value types.  Expected encodings: base64 and UTF-16 by Python's base64 and codecs. */
#include "rules_text.h"

static void
item(const char *yaml, const char *want)
{
    char text[4096];
    snprintf(text, sizeof text, "    s:\n        %s\n    condition: s", yaml);
    rt_tree(text, want);
}

static void
bad(const char *yaml, const char *reason, uint32_t col, const char *part)
{
    char text[8192];
    snprintf(text, sizeof text, "    s:\n        %s\n    condition: s", yaml);
    rt_refused(text, reason, col ? 2 : 0, col ? col + 8 : 0, part);
}

static void
warned(const char *yaml, const char *part)
{
    char text[4096];
    uint32_t n;
    snprintf(text, sizeof text, "    s:\n        %s\n    condition: s", yaml);
    struct tcs_rules *r = rt_load(rt_rule(text));
    (void)tcs_sigma_rules_all(r, &n);
    assert_int_equal(n, 1);
    rt_expect(r, TCS_SEV_WARNING, "allowed but odd", 0, 0, part);
    tcs_sigma_rules_free(r);
}

/* Rules specification, "Escape Character" and "String Wildcard". */
static void
escapes(void **state)
{
    (void)state;
    item("F: 'a*b?c'", "F=a<*>b<?>c");
    item("F: 'C:\\Windows\\x'", "F=C:\\Windows\\x");
    item("F: 'C:\\\\Windows'", "F=C:\\Windows");
    item("F: 'a\\*'", "F=a*");
    item("F: 'a\\?'", "F=a?");
    item("F: 'a\\\\*'", "F=a\\<*>");
    item("F: 'a\\\\\\*'", "F=a\\*");
    item("F: 'a\\\\\\'", "F=a\\\\");       /* three */
    item("F: 'a\\\\\\\\'", "F=a\\\\");     /* four */
    item("F: 'a\\\\\\\\*'", "F=a\\\\<*>"); /* four and a wildcard */
    item("F: 'a\\'", "F=a\\");
    item("F: '**a***'", "F=<*>a<*>");
    item("F: ''", "F=");
}

static void
types(void **state)
{
    (void)state;
    item("F: 4624", "F#4624");
    item("F: -1.5", "F#-1.5");
    item("F: '4624'", "F=4624");
    item("F: true", "F=true");
    item("F: null", "F null");
    item("F:", "F null");
    item("F: ~", "F null");
    item("F: yes", "F=yes"); /* YAML 1.2 */
    item("F: [1, a, null]", "or(F#1,F=a,F null)");
    item("F|contains: 46", "F=<*>46<*>");
    item("F|contains: 007", "F=<*>007<*>"); /* a number's text is what was written */
    warned("F: 0x3e7", "is the number 999");
}

static void
anchors(void **state)
{
    (void)state;
    item("F|contains: a", "F=<*>a<*>");
    item("F|startswith: 'C:\\'", "F=C:\\<*>"); /* the backslash stays a backslash */
    item("F|endswith: '\\a.exe'", "F=<*>\\a.exe");
    item("F|contains: '*a*'", "F=<*>a<*>");
    item("F|contains: '\\*'", "F=<*>*<*>");
    item("F|contains|all: [a, b]", "and(F=<*>a<*>,F=<*>b<*>)");
    item("F|all|contains: [a, b]", "and(F=<*>a<*>,F=<*>b<*>)");
    item("F|contains|cased: aB", "F=c:<*>aB<*>");
    item("F|cased: aB", "F=c:aB");
    item("F|cased|startswith: aB", "F=c:aB<*>");
    warned("F|contains: ''", "matches every value");
    warned("F|contains|all: a", "needs a list");
    bad("F|contains|startswith: a", "modifiers do not go together", 12, "use one of them");
    bad("F|contains|contains: a", "modifiers do not go together", 12, "twice");
    bad("F|contains: null", "value does not fit its modifiers", 0, "'contains' needs a text");
}

static void
negation(void **state)
{
    (void)state;
    item("F|neq: a", "not(F=a)");
    item("F|neq: 5", "not(F#5)");
    item("F|neq: [a, b]", "not(or(F=a,F=b))"); /* different from the specified values */
    item("F|contains|neq: a", "not(F=<*>a<*>)");
    item("F|neq: null", "not(F null)");
    item("F|fieldref|neq: G", "not(F&G)");
    bad("F|exists|neq: true", "modifiers do not go together", 10, "exists: false");
}

static void
presence(void **state)
{
    (void)state;
    item("F|exists: true", "F exists 1");
    item("F|exists: false", "F exists 0");
    bad("F|exists: 'true'", "value does not fit its modifiers", 0, "without quotes");
    bad("F|exists: yes", "value does not fit its modifiers", 0, "true or false");
    bad("F|exists|contains: true", "modifiers do not go together", 10, "exists");
}

static void
windash(void **state)
{
    (void)state;
    static const char five[] = "or(F=<*> -a<*>,F=<*> /a<*>,F=<*> \xe2\x80\x93"
                               "a<*>,F=<*> \xe2\x80\x94"
                               "a<*>,F=<*> \xe2\x80\x95"
                               "a<*>)";
    item("F|contains|windash: ' -a'", five);
    item("F|windash|contains: ' /a'", five);
    item("F|contains|windash: ' \xe2\x80\x95"
         "a'",
         five);
    item("F|windash: abc", "F=abc");
    /* two dashes: all 25 */
    char want[1024] = "or(";
    static const char *const d[] = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"};
    for (int j = 0; j < 25; j++)
        snprintf(want + strlen(want), sizeof want - strlen(want), "%sF=%sx%s", j ? "," : "",
                 d[j % 5], d[j / 5]);
    strncat(want, ")", 2);
    item("F|windash: '-x-'", want);
    /* more than three: the same as one expression */
    item("F|endswith|windash: '-a/b-c-.'",
         "F~[-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95]a[-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95]b"
         "[-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95]c[-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95]\\.\\z/"
         "is");
    item("F|windash|cased: '----'",
         "F~\\A[-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95][-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95]"
         "[-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95][-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95]\\z/s");
    item("F|windash|all: ['-', 'b']",
         "and(or(F=-,F=/,F=\xe2\x80\x93,F=\xe2\x80\x94,F=\xe2\x80\x95),F=b)");
}

static void
base64(void **state)
{
    (void)state;
    item("F|base64: 'foobar'", "F=c:Zm9vYmFy");
    item("F|base64: 'fooba'", "F=c:Zm9vYmE=");
    item("F|base64|contains: 'foob'", "F=c:<*>Zm9vYg==<*>");
    item("F|base64: '\xc3\xa4'", "F=c:w6Q=");
    item("F|base64: 'a\\*b'", "F=c:YSpi"); /* an escaped wildcard is a character */
    item("F|base64|base64: 'foobar'", "F=c:Wm05dlltRnk=");
    /* the three offsets of "IEX" are those that the field's documentation names */
    item("F|base64offset|contains: 'IEX'", "or(F=c:<*>SUVY<*>,F=c:<*>lFW<*>,F=c:<*>JRV<*>)");
    item("F|base64offset|contains: 'foobar'",
         "or(F=c:<*>Zm9vYmFy<*>,F=c:<*>Zvb2Jhc<*>,F=c:<*>mb29iYX<*>)");
    item("F|base64offset: 'fo'", "or(F=c:Zm,F=c:Zv,F=c:mb)");
    bad("F|base64: 'a*'", "value does not fit its modifiers", 0, "\\*");
    bad("F|base64offset: 'a'", "value does not fit its modifiers", 0, "two characters");
    bad("F|contains|base64: a", "modifiers do not go together", 12, "base64|contains");
    bad("F|base64|windash: a", "modifiers do not go together", 10, "'windash' must stand before");
    bad("F|base64offset|base64: ab", "modifiers do not go together", 16, "must stand before");
}

static void
utf16(void **state)
{
    (void)state;
    item("F|wide|base64: 'cmd'", "F=c:YwBtAGQA");
    item("F|utf16le|base64: 'cmd'", "F=c:YwBtAGQA");
    item("F|utf16be|base64: 'cmd'", "F=c:AGMAbQBk");
    item("F|utf16|base64: 'cmd'", "F=c://5jAG0AZAA=");
    item("F|wide|base64: '\xc3\xa4\xf0\x9f\x98\x80'", "F=c:5AA92ADe");
    item("F|wide|base64offset|contains: 'Add'",
         "or(F=c:<*>QQBkAGQA<*>,F=c:<*>EAZABkA<*>,F=c:<*>BAGQAZA<*>)");
    bad("F|utf16: 'cmd'", "value does not fit its modifiers", 0, "cannot occur in text");
    bad("F|wide|utf16: 'cmd'", "modifiers do not go together", 8, "do not go together");
    bad("F|base64|wide: 'cmd'", "modifiers do not go together", 10, "must stand before");
    /* without base64 the bytes are looked for as they are */
    uint32_t n;
    struct tcs_rules *r = rt_load(rt_rule("    s:\n        F|wide: 'c*'\n    condition: s"));
    const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
    assert_int_equal(n, 1);
    assert_int_equal(rule->preds[0].text.n, 3);
    assert_memory_equal(rule->preds[0].text.p, "c\0\xff", 3);
    tcs_sigma_rules_free(r);
}

static void
regex(void **state)
{
    (void)state;
    item("F|re: 'a\\\\.b*'", "F~a\\\\.b*/");
    item("F|re|i: 'a'", "F~a/i");
    item("F|re|i|m|s: 'a'", "F~a/ims");
    item("F|re|s|all: [a, b]", "and(F~a/s,F~b/s)");
    item("F|re: '(?i)\\d{1,3}(?:x|y)+?$'", "F~(?i)\\d{1,3}(?:x|y)+?$/");
    item("F|re|neq: a", "not(F~a/)");
    bad("F|re|contains: a", "modifiers do not go together", 6, "already matches anywhere");
    bad("F|re|startswith: a", "modifiers do not go together", 6, "begin the expression with ^");
    bad("F|re|cased: a", "modifiers do not go together", 6, "case-sensitive");
    bad("F|i: a", "modifiers do not go together", 3, "flag of 're'");
    bad("F|i|re: a", "modifiers do not go together", 3, "flag of 're'");
    bad("F|re: 'a('", "bad regular expression", 0, "does not compile");
    warned("F|re: ''", "matches every value");
    static const struct {
        const char *re, *what;
        uint32_t col;
    } costly[] = {
        {"a(?=b)", "look-ahead", 2},       {"a(?!b)", "negative look-ahead", 2},
        {"(?<=b)a", "look-behind", 1},     {"(?<!b)a", "negative look-behind", 1},
        {"(a)\\1", "backreference", 4},    {"(?<n>a)\\k<n>", "backreference", 8},
        {"(?R)", "recursion", 1},          {"(a)(?1)", "subroutine", 4},
        {"(?(1)a|b)", "conditional", 1},   {"(*FAIL)", "verb", 1},
        {"(a)\\g{1}", "backreference", 4}, {"x(?P=n)", "backreference", 2},
    };
    for (size_t i = 0; i < sizeof costly / sizeof costly[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "F|re: '%s'", costly[i].re);
        bad(text, "regular expression outside the specification", 7 + costly[i].col,
            costly[i].what);
    }
    /* the same characters where they mean nothing of the kind */
    item("F|re: '[(?=]\\(\\?=\\Q(?=\\E[]\\1(*]'", "F~[(?=]\\(\\?=\\Q(?=\\E[]\\1(*]/");
    item("F|re: '(?-i)a(?#(?=)b'", "F~(?-i)a(?#(?=)b/");
}

static void
comparisons(void **state)
{
    (void)state;
    item("F|lt: 5", "F#<5");
    item("F|lte: 5", "F#<=5");
    item("F|gt: -5", "F#>-5");
    item("F|gte: 0.5", "F#>=0.5");
    item("F|gte: [1, 2]", "or(F#>=1,F#>=2)");
    bad("F|gt: '5'", "value does not fit its modifiers", 0, "without quotes");
    bad("F|gt: abc", "value does not fit its modifiers", 0, "a number");
    bad("F|gt|lt: 5", "modifiers do not go together", 6, "do not go together");
    bad("F|contains|gt: 5", "modifiers do not go together", 12, "do not go together");
}

static void
times(void **state)
{
    (void)state;
    item("T|minute: 0", "T minute 0");
    item("T|hour: 23", "T hour 23");
    item("T|day: [1, 31]", "or(T day 1,T day 31)");
    item("T|week: 53", "T week 53");
    item("T|month|neq: 12", "not(T month 12)");
    item("T|year|gte: 2025", "T year >=2025");
    bad("T|hour: 24", "value does not fit its modifiers", 9, "from 0 to 23");
    bad("T|day: 0", "value does not fit its modifiers", 0, "from 1 to 31");
    bad("T|hour: 1.5", "value does not fit its modifiers", 0, "a whole number");
    bad("T|hour: '5'", "value does not fit its modifiers", 0, "a whole number");
    bad("T|gte|hour: 5", "modifiers do not go together", 7, "'hour' must stand before 'gte'");
    bad("T|hour|day: 5", "modifiers do not go together", 8, "do not go together");
}

static void
cidr(void **state)
{
    (void)state;
    item("F|cidr: 10.0.0.0/8", "F@00000000000000000000ffff0a000000/104");
    item("F|cidr: 'fe80::/10'", "F@fe800000000000000000000000000000/10");
    item("F|cidr: 127.0.0.1", "F@00000000000000000000ffff7f000001/128");
    item("F|cidr: 0.0.0.0/0", "F@00000000000000000000ffff00000000/96");
    item("F|cidr: '::1/128'", "F@00000000000000000000000000000001/128");
    item("F|cidr: '::/0'", "F@00000000000000000000000000000000/0");
    item("F|cidr: 192.168.7.9/16", "F@00000000000000000000ffffc0a80000/112");
    warned("F|cidr: 192.168.7.9/16", "behind its prefix");
    bad("F|cidr: 10.0.0.0/33", "value does not fit its modifiers", 9, "no network");
    bad("F|cidr: '10.*'", "value does not fit its modifiers", 0, "no network");
    bad("F|cidr: '10.0.0.0/'", "value does not fit its modifiers", 0, "no network");
    bad("F|cidr: 'fe80::%eth0/64'", "value does not fit its modifiers", 0, "no network");
    bad("F|cidr: 10", "value does not fit its modifiers", 0, "a network");
    bad("F|cidr|contains: 10.0.0.0/8", "modifiers do not go together", 8, "do not go");
}

static void
fieldref(void **state)
{
    (void)state;
    item("F|fieldref: G", "F&G");
    item("F|fieldref|contains: G", "F&contains:G");
    item("F|fieldref|startswith: G", "F&starts:G");
    item("F|fieldref|endswith|cased: G", "F&ends:c:G");
    item("F|fieldref: [G, H]", "or(F&G,F&H)");
    bad("F|contains|fieldref: G", "modifiers do not go together", 12, "must stand before");
    bad("F|fieldref: ''", "value does not fit its modifiers", 0, "name of a field");
    bad("F|fieldref|re: G", "modifiers do not go together", 12, "do not go");
}

static void
unknown_names(void **state)
{
    (void)state;
    bad("F|contain: a", "unknown modifier", 3, "did you mean 'contains'?");
    bad("F|Contains: a", "unknown modifier", 3, "did you mean 'contains'?");
    bad("F|startwith: a", "unknown modifier", 3, "did you mean 'startswith'?");
    bad("F|bas64: a", "unknown modifier", 3, "did you mean 'base64'?");
    bad("F|xyzzyxyzzy: a", "unknown modifier", 3, "'xyzzyxyzzy'");
    bad("F|: a", "unknown modifier", 3, "''");
    bad("'F|contains|foobar': a", "unknown modifier", 13, "'foobar'"); /* counts the quote */
}

static void
keywords(void **state)
{
    (void)state;
    rt_tree("    k: [abc, 'x*y', 5]\n    condition: k", "or(=<*>abc<*>,=<*>x<*>y<*>,=<*>5<*>)");
    rt_tree("    k:\n        '|all': [abc, def]\n    condition: k", "and(=<*>abc<*>,=<*>def<*>)");
    rt_tree("    k:\n        '|re': 'a.c'\n    condition: k", "~a.c/");
    rt_tree("    k:\n        - abc\n        - F: x\n          G: y\n    condition: k",
            "or(=<*>abc<*>,and(F=x,G=y))");
    rt_tree("    k:\n        - '|all': [a, b]\n        - '|all': [c, d]\n    condition: k",
            "or(and(=<*>a<*>,=<*>b<*>),and(=<*>c<*>,=<*>d<*>))");
    rt_tree("    k: abc\n    condition: k", "=<*>abc<*>");
    rt_refused("    k: [null]\n    condition: k", "value does not fit its modifiers", 1, 9,
               "needs a field");
    rt_refused("    k:\n        '|exists': true\n    condition: k", "modifiers do not go together",
               2, 11, "needs a field");
    rt_refused("    k:\n        '|startswith': a\n    condition: k", "modifiers do not go together",
               0, 0, "needs a field");
}

static struct tcs_rules *
with_placeholders(const char *yaml)
{
    static struct tcs_str values[] = {{"srv*", 4}, {"d.c", 3}}, one[] = {{"10.0.0.0/8", 10}};
    static const struct tcs_placeholder ph[] = {{{"Servers", 7}, values, 2},
                                                {{"%net%", 5}, one, 1}};
    char text[2048];
    struct tcs_err err;
    struct tcs_rules *r = tcs_sigma_rules_new(ph, 2);
    assert_non_null(r);
    snprintf(text, sizeof text, "    s:\n        %s\n    condition: s", yaml);
    char *rule = rt_rule(text);
    assert_int_equal(tcs_sigma_rules_add(r, TCS_STR("t.yml"), tcs_base_str_of(rule), &err), 0);
    assert_int_equal(tcs_sigma_rules_finish(r, &err), 0);
    return r;
}

/* Rules specification, "Placeholders". */
static void
expand(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *want;
    } rows[] = {
        {"F|expand: '%Servers%'", "or(F=srv<*>,F=d.c)"},
        {"F: '%Servers%'", "F=%Servers%"},
        {"F|contains|expand: '%Servers%'", "or(F=<*>srv<*>,F=<*>d.c<*>)"},
        {"F|expand|contains: '%Servers%'", "or(F=<*>srv<*>,F=<*>d.c<*>)"},
        {"F|expand: 'x\\%plain%Servers%'", "or(F=x%plainsrv<*>,F=x%plaind.c)"},
        {"F|expand: 'C:\\\\%Servers%'", "or(F=C:\\srv<*>,F=C:\\d.c)"},
        {"F|expand: '100%'", "F=100%"},
        {"F|expand: '%Servers%-%Servers%'",
         "or(F=srv<*>-srv<*>,F=srv<*>-d.c,F=d.c-srv<*>,F=d.c-d.c)"},
        {"F|re|expand: '^%Servers%$'", "or(F~^srv.*$/,F~^d\\.c$/)"},
        {"F|cidr|expand: '%net%'", "F@00000000000000000000ffff0a000000/104"},
        {"F|expand|base64: '%net%'", "F=c:MTAuMC4wLjAvOA=="},
        {"F|expand|all: ['%Servers%', x]", "and(or(F=srv<*>,F=d.c),F=x)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t n;
        struct tcs_buf b = {0};
        struct tcs_rules *r = with_placeholders(rows[i].yaml);
        const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
        if (n != 1)
            fail_msg("refused: %s", rows[i].yaml);
        rt_node(&b, rule, rule->root);
        check_str(tcs_base_buf_view(&b), rows[i].want);
        tcs_base_buf_done(&b);
        tcs_sigma_rules_free(r);
    }
    bad("F|expand: 'a%nobody%'", "placeholder without values", 13, "%nobody%");
    bad("F|base64|expand: '%a%'", "modifiers do not go together", 10, "must stand before");
}

static void
shapes(void **state)
{
    (void)state;
    item("F: x\n        G: y", "and(F=x,G=y)");
    bad("F: {G: x}", "bad detection", 4, "cannot be a map");
    bad("F: [[x]]", "bad detection", 5, "another list");
    bad("F: []", "bad detection", 4, "empty list");
    rt_refused("    s: {}\n    condition: s", "bad detection", 1, 8, "empty map");
    rt_refused("    s: []\n    condition: s", "bad detection", 1, 8, "empty list");
    rt_refused("    s:\n    condition: s", "bad detection", 0, 0, "is empty");
    rt_refused("    s: [[a]]\n    condition: s", "bad detection", 1, 9, "another list");
    rt_refused("    condition: s", "bad detection", 0, 0, "no search identifiers");
}

/* Every fault of a file is told, not only the first. */
static void
all_faults(void **state)
{
    (void)state;
    struct tcs_rules *r =
        rt_load(rt_rule("    s:\n        A|contain: x\n        B|gt: x\n        C|re: '('\n"
                        "    condition: s and t"));
    rt_expect(r, TCS_SEV_ERROR, "unknown modifier", 7, 11, "contains");
    rt_expect(r, TCS_SEV_ERROR, "value does not fit its modifiers", 8, 15, "a number");
    rt_expect(r, TCS_SEV_ERROR, "bad regular expression", 9, 0 + 17, "compile");
    rt_expect(r, TCS_SEV_ERROR, "unknown search identifier", 10, 22, "'t'");
    tcs_sigma_rules_free(r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),  cmocka_unit_test(types),
        cmocka_unit_test(anchors),  cmocka_unit_test(negation),
        cmocka_unit_test(presence), cmocka_unit_test(windash),
        cmocka_unit_test(base64),   cmocka_unit_test(utf16),
        cmocka_unit_test(regex),    cmocka_unit_test(comparisons),
        cmocka_unit_test(times),    cmocka_unit_test(cidr),
        cmocka_unit_test(fieldref), cmocka_unit_test(unknown_names),
        cmocka_unit_test(keywords), cmocka_unit_test(expand),
        cmocka_unit_test(shapes),   cmocka_unit_test(all_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

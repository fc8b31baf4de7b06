/* Sigma as written: rules in YAML on small events, with what the specification (2.1) says must
 * happen.  Each row runs through the parser, the engine with and without prefilter, the plain
 * matcher and explain; all must say the same.
 *
 * A row's detection is the text under `detection:`; its event is "name=value" texts, where "name!"
 * has no value. */
/* claim: finds */
#include "check.h"

#include "plain/plain.h"
#include "sigma/explain.h"
#include "sigma/scan.h"

enum { FIELDS_MAX = 8 };

struct row {
    const char *detection;
    const char *event[FIELDS_MAX];
    bool yes;
};

#define SEL(text) "  sel:\n" text "  condition: sel\n"

static const struct row rows[] = {
    /* plain values: whole value, case ignored */
    {SEL("    A: foo\n"), {"A=FOO"}, 1},
    {SEL("    A: foo\n"), {"A=foobar"}, 0},
    {SEL("    A: foo\n"), {"B=foo"}, 0},
    {SEL("    A: foo\n"), {"A=bar", "A=foo"}, 1},
    {SEL("    A: [foo, bar]\n"), {"A=bar"}, 1},
    {SEL("    A: foo\n    B: bar\n"), {"A=foo", "B=bar"}, 1},
    {SEL("    A: foo\n    B: bar\n"), {"A=foo"}, 0},
    {SEL("    - A: foo\n    - B: bar\n"), {"B=bar"}, 1},
    {SEL("    A: 4624\n"), {"A=4624"}, 1},
    {SEL("    A: 4624\n"), {"A=46240"}, 0},
    {SEL("    A: '0x3e7'\n"), {"A=0x3E7"}, 1},
    {SEL("    A: '0x3e7'\n"), {"A=999"}, 0},
    {SEL("    A: true\n"), {"A=True"}, 1},
    /* wildcards and escapes */
    {SEL("    A: 'prog?.exe'\n"), {"A=progX.exe"}, 1},
    {SEL("    A: 'prog?.exe'\n"), {"A=prog.exe"}, 0},
    {SEL("    A: 'a*z'\n"), {"A=az"}, 1},
    {SEL("    A: 'a\\*z'\n"), {"A=a*z"}, 1},
    {SEL("    A: 'a\\*z'\n"), {"A=abz"}, 0},
    {SEL("    A: 'a\\?z'\n"), {"A=a?z"}, 1},
    {SEL("    A: 'a\\?z'\n"), {"A=abz"}, 0},
    {SEL("    A: 'c:\\dir\\x'\n"), {"A=C:\\Dir\\X"}, 1},
    {SEL("    A: 'c:\\\\dir'\n"), {"A=c:\\dir"}, 1},
    {SEL("    A: 'c:\\\\*'\n"), {"A=c:\\anything"}, 1},
    {SEL("    A: 'c:\\\\*'\n"), {"A=c:*"}, 0},
    {SEL("    A: 'c:\\\\\\*'\n"), {"A=c:\\*"}, 1},
    {SEL("    A: 'c:\\\\\\*'\n"), {"A=c:\\x"}, 0},
    {SEL("    A: '\\\\\\\\srv'\n"), {"A=\\\\srv"}, 1},
    {SEL("    A: '*'\n"), {"A=x"}, 1},
    {SEL("    A: '*'\n"), {"B=x"}, 0},
    /* null, empty, exists */
    {SEL("    A: null\n"), {"B=x"}, 1},
    {SEL("    A: null\n"), {"A!"}, 1},
    {SEL("    A: null\n"), {"A=x"}, 0},
    {SEL("    A: null\n"), {"A="}, 0},
    {SEL("    A: ''\n"), {"A="}, 1},
    {SEL("    A: ''\n"), {"A=x"}, 0},
    {SEL("    A: ''\n"), {"B=x"}, 0},
    {SEL("    A|exists: true\n"), {"A!"}, 1},
    {SEL("    A|exists: true\n"), {"B=x"}, 0},
    {SEL("    A|exists: false\n"), {"B=x"}, 1},
    {SEL("    A|exists: false\n"), {"A="}, 0},
    /* contains, startswith, endswith, all, cased, neq */
    {SEL("    A|contains: ell\n"), {"A=HELLO"}, 1},
    {SEL("    A|startswith: he\n"), {"A=HELLO"}, 1},
    {SEL("    A|startswith: lo\n"), {"A=HELLO"}, 0},
    {SEL("    A|endswith: lo\n"), {"A=HELLO"}, 1},
    {SEL("    A|contains|all: [he, lo]\n"), {"A=HELLO"}, 1},
    {SEL("    A|contains|all: [he, xx]\n"), {"A=HELLO"}, 0},
    {SEL("    A|cased: foo\n"), {"A=FOO"}, 0},
    {SEL("    A|cased: foo\n"), {"A=foo"}, 1},
    {SEL("    A|contains|cased: oO\n"), {"A=fOO"}, 0},
    {SEL("    A|contains|cased: OO\n"), {"A=fOO"}, 1},
    {SEL("    A|neq: foo\n"), {"A=bar"}, 1},
    {SEL("    A|neq: foo\n"), {"A=Foo"}, 0},
    {SEL("    A|neq: foo\n"), {"B=x"}, 1},
    {SEL("    A|neq: 5\n"), {"A=5"}, 0},
    {SEL("    A|neq: 5\n"), {"A=6"}, 1},
    {SEL("    A|neq: [foo, bar]\n"), {"A=bar"}, 0},
    {SEL("    A|contains: '*'\n"), {"A=anything"}, 1},
    /* windash: every dash and the slash, each place on its own */
    {SEL("    A|windash|contains: ' -enc'\n"), {"A=p /ENC x"}, 1},
    {SEL("    A|windash|contains: ' -enc'\n"),
     {"A=p \xe2\x80\x93"
      "enc x"},
     1},
    {SEL("    A|windash|contains: ' -enc'\n"),
     {"A=p \xe2\x80\x94"
      "enc x"},
     1},
    {SEL("    A|windash|contains: ' -enc'\n"),
     {"A=p \xe2\x80\x95"
      "enc x"},
     1},
    {SEL("    A|contains|windash: ' -a -b'\n"), {"A=p /a -b"}, 1},
    {SEL("    A|contains|windash: ' -enc'\n"), {"A=p +enc"}, 0},
    {SEL("    A|endswith|windash: ' -x'\n"), {"A=p /x"}, 1},
    /* regular expressions: case counts, unanchored */
    {SEL("    A|re: 'b.d'\n"), {"A=abd"}, 0},
    {SEL("    A|re: 'b.d'\n"), {"A=abxd"}, 1},
    {SEL("    A|re: 'ABX'\n"), {"A=abxd"}, 0},
    {SEL("    A|re|i: 'ABX'\n"), {"A=abxd"}, 1},
    {SEL("    A|re: '^a.*d$'\n"), {"A=abxd"}, 1},
    {SEL("    A|re: '(?i)ABX'\n"), {"A=abxd"}, 1},
    {SEL("    A|re|s: 'a.b'\n"), {"A=a\nb"}, 1},
    {SEL("    A|re: 'a.b'\n"), {"A=a\nb"}, 0},
    {SEL("    A|re|m: '^b$'\n"), {"A=a\nb\nc"}, 1},
    {SEL("    A|re|i|m: '^B$'\n"), {"A=a\nb\nc"}, 1},
    {SEL("    A|re: 'a\\*b'\n"), {"A=a*b"}, 1},
    /* numbers */
    {SEL("    A|gt: 10\n"), {"A=11"}, 1},
    {SEL("    A|gt: 10\n"), {"A=10"}, 0},
    {SEL("    A|gte: 10\n"), {"A=10"}, 1},
    {SEL("    A|lt: 10\n"), {"A=9.5"}, 1},
    {SEL("    A|lt: 10\n"), {"A=0x9"}, 1},
    {SEL("    A|lt: -1\n"), {"A=-1.5"}, 1},
    {SEL("    A|lte: 10\n"), {"A=ten"}, 0},
    {SEL("    A|lt: 10\n"), {"A=9", "A=99"}, 1},
    /* time */
    {SEL("    A|hour: 10\n"), {"A=2026-04-20T10:00:35Z"}, 1},
    {SEL("    A|hour: 10\n"), {"A=2026-04-20T11:00:35Z"}, 0},
    {SEL("    A|minute|gte: 30\n"), {"A=2026-04-20 10:30:00"}, 1},
    {SEL("    A|day: 20\n"), {"A=2026-04-20"}, 1},
    {SEL("    A|week: 17\n"), {"A=2026-04-20"}, 1},
    {SEL("    A|month: 4\n"), {"A=2026-04-20"}, 1},
    {SEL("    A|year: 2025\n"), {"A=2026-04-20"}, 0},
    /* addresses */
    {SEL("    A|cidr: 192.168.0.0/16\n"), {"A=192.168.9.9"}, 1},
    {SEL("    A|cidr: 192.168.0.0/16\n"), {"A=192.169.0.1"}, 0},
    {SEL("    A|cidr: [10.0.0.0/8, 'fe80::/10']\n"), {"A=FE80::1"}, 1},
    {SEL("    A|cidr: 10.0.0.0/8\n"), {"A=::ffff:10.9.8.7"}, 1},
    {SEL("    A|cidr: 10.0.0.0/8\n"), {"A=10.0.0.1:80"}, 0},
    {SEL("    A|cidr: 10.0.0.7/32\n"), {"A=10.0.0.7"}, 1},
    /* encodings; SigmaHQ's example: IEX in UTF-16, three offsets */
    {SEL("    A|base64: 'http://'\n"), {"A=aHR0cDovLw=="}, 1},
    {SEL("    A|base64|contains: 'http'\n"), {"A=xx aHR0cA== xx"}, 1},
    {SEL("    A|base64offset|contains: 'http://'\n"), {"A=--aHR0cDovL--"}, 1},
    {SEL("    A|base64offset|contains: 'http://'\n"), {"A=--h0dHA6Ly--"}, 1},
    {SEL("    A|base64offset|contains: 'http://'\n"), {"A=--odHRwOi8v--"}, 1},
    {SEL("    A|base64offset|contains: 'http://'\n"), {"A=http://"}, 0},
    {SEL("    A|wide|base64offset|contains: 'IEX'\n"), {"A=SQBFAFgA"}, 1},
    {SEL("    A|utf16le|base64offset|contains: 'IEX'\n"), {"A=zSQBFAFgAz"}, 1},
    {SEL("    A|utf16be|base64: 'a'\n"), {"A=AGE="}, 1},
    {SEL("    A|utf16|base64: 'a'\n"), {"A=//5hAA=="}, 1},
    /* references to other fields */
    {SEL("    A|fieldref: B\n"), {"A=Same", "B=sAME"}, 1},
    {SEL("    A|fieldref: B\n"), {"A=Same", "B=other"}, 0},
    {SEL("    A|fieldref: B\n"), {"A=Same"}, 0},
    {SEL("    A|fieldref|neq: B\n"), {"A=Same", "B=other"}, 1},
    {SEL("    A|fieldref|startswith: B\n"), {"A=Same old", "B=same"}, 1},
    {SEL("    A|fieldref|endswith: B\n"), {"A=Same old", "B=OLD"}, 1},
    {SEL("    A|fieldref|contains: B\n"), {"A=Same old", "B=me o"}, 1},
    /* keywords */
    {SEL("    - one\n    - two\n"), {"A=xx", "B=a TWO b"}, 1},
    {SEL("    - one\n    - two\n"), {"A=xx", "one=yy"}, 0},
    {SEL("    '|all':\n      - one\n      - two\n"), {"A=one", "B=two"}, 1},
    {SEL("    '|all':\n      - one\n      - two\n"), {"A=one"}, 0},
    {SEL("    - 4711\n"), {"A=no 4711."}, 1},
    {SEL("    - 'c:\\dir \"x\"'\n"), {"A=run c:\\dir \"x\" now"}, 1},
    {SEL("    '|re':\n      - 'o.e'\n"), {"A=one"}, 1},
    /* conditions */
    {"  a: {A: 1}\n  b: {B: 1}\n  condition: a and not b\n", {"A=1"}, 1},
    {"  a: {A: 1}\n  b: {B: 1}\n  condition: a and not b\n", {"A=1", "B=1"}, 0},
    {"  a: {A: 1}\n  b: {B: 1}\n  c: {C: 1}\n  condition: a or b and c\n", {"A=1"}, 1},
    {"  a: {A: 1}\n  b: {B: 1}\n  c: {C: 1}\n  condition: (a or b) and c\n", {"A=1"}, 0},
    {"  s1: {A: 1}\n  s2: {B: 1}\n  condition: 1 of s*\n", {"B=1"}, 1},
    {"  s1: {A: 1}\n  s2: {B: 1}\n  condition: all of s*\n", {"B=1"}, 0},
    {"  s1: {A: 1}\n  _s2: {B: 1}\n  condition: all of them\n", {"A=1"}, 1},
    {"  s1: {A: 1}\n  _s2: {B: 1}\n  condition: 1 of them\n", {"B=1"}, 0},
    {"  s1: {A: 1}\n  f1: {B: 1}\n  f2: {C: 1}\n  condition: s1 and not 1 of f*\n",
     {"A=1", "C=1"},
     0},
    {"  s1: {A: 1}\n  f1: {B: 1}\n  condition:\n    - s1\n    - f1\n", {"B=1"}, 1},
    {"  s1: {A: 1}\n  s2: {B: 1}\n  s3: {C: 1}\n  condition: 2 of s*\n", {"A=1", "C=1"}, 1},
    {"  s1: {A: 1}\n  s2: {B: 1}\n  s3: {C: 1}\n  condition: 2 of s*\n", {"C=1"}, 0},
};

struct made {
    struct tcs_event ev;
    struct tcs_field fields[FIELDS_MAX];
};

static void
make_event(struct made *m, const char *const *texts, const struct tcs_fieldset *slots)
{
    *m = (struct made){.ev = {.product = TCS_STR("test"), .event_id = TCS_EVENT_ID_NONE}};
    m->ev.fields = m->fields;
    for (size_t i = 0; i < FIELDS_MAX && texts[i]; i++) {
        struct tcs_str t = tcs_base_str_of(texts[i]);
        size_t eq = tcs_base_str_find(t, '=', 0);
        struct tcs_field *f = &m->fields[m->ev.nfields++];
        bool none = eq == t.n;
        f->name = tcs_base_str_slice(t, 0, none ? t.n - 1 : eq);
        f->value = none ? (struct tcs_value){.type = TCS_V_NULL}
                        : tcs_event_value_str(tcs_base_str_slice(t, eq + 1, t.n));
        f->slot = tcs_event_fieldset_find(slots, f->name);
    }
}

static bool
by_engine(const struct tcs_rule *rule, const struct tcs_logsources *ls, const struct row *row,
          bool no_prefilter)
{
    struct tcs_ruleset *rs;
    struct made m;
    struct tcs_err err;
    const struct tcs_sigma_match *hits;
    if (tcs_sigma_ruleset_build(
            rule, 1, ls, &(struct tcs_ruleset_opts){.no_prefilter = no_prefilter}, &rs, &err))
        fail_msg("%s", err.msg);
    struct tcs_scan *s = tcs_sigma_scan_new(rs);
    make_event(&m, row->event, tcs_sigma_ruleset_fields(rs));
    bool yes = tcs_sigma_scan_event(s, &m.ev, &hits) == 1;
    tcs_sigma_scan_free(s);
    tcs_sigma_ruleset_free(rs);
    return yes;
}

static bool
by_plain(const struct tcs_rule *rule, const struct tcs_logsources *ls, const struct row *row)
{
    struct plain *p = plain_new(rule, 1, ls);
    struct tcs_sigma_match hit;
    struct made m;
    make_event(&m, row->event, NULL);
    bool yes = plain_rule(p, 0, &m.ev, &hit);
    plain_free(p);
    return yes;
}

static bool
by_explain(const struct tcs_rule *rule, const struct tcs_logsources *ls, const struct row *row)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_explain ex;
    struct made m;
    make_event(&m, row->event, NULL);
    assert_int_equal(tcs_sigma_explain(rule, ls, &m.ev, a, &ex, NULL), 0);
    bool yes = ex.verdict == TCS_YES;
    tcs_base_arena_free(a);
    return yes;
}

static unsigned
check_row(const struct row *row, const struct tcs_logsources *ls)
{
    struct tcs_buf text = {0};
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    struct tcs_err err;
    uint32_t n, ndiags;
    tcs_base_buf_printf(&text,
                        "title: t\nid: 0d2ad8cd-6f15-4a5a-a1a4-8c0f7c3d0d11\nlogsource:\n"
                        "  product: test\ndetection:\n%s",
                        row->detection);
    assert_int_equal(tcs_sigma_rules_add(r, TCS_STR("row"), tcs_base_buf_view(&text), &err), 0);
    assert_int_equal(tcs_sigma_rules_finish(r, &err), 0);
    const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
    const struct tcs_diag *diag = tcs_sigma_rules_diags(r, &ndiags);
    bool bad = false;
    if (n != 1) {
        assert_true(ndiags > 0);
        print_error("refused: %.*s\n%s", TCS_STR_FMT(diag[0].text), row->detection);
        bad = true;
    } else {
        bool got[] = {by_engine(rule, ls, row, false), by_engine(rule, ls, row, true),
                      by_plain(rule, ls, row), by_explain(rule, ls, row)};
        for (size_t i = 0; i < sizeof got / sizeof *got; i++)
            bad |= got[i] != row->yes;
        if (bad)
            print_error("engine %d, unfiltered %d, plain %d, explain %d, expected %d:\n%s  on %s\n",
                        got[0], got[1], got[2], got[3], row->yes, row->detection, row->event[0]);
    }
    tcs_sigma_rules_free(r);
    tcs_base_buf_done(&text);
    return bad;
}

static void
test_rows(void **state)
{
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    unsigned bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        bad += check_row(&rows[i], ls);
    tcs_sigma_logsources_free(ls);
    assert_int_equal(bad, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

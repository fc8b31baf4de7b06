/* The plain matcher against docs/matching.md and the Sigma specification: expected values by hand,
 * since it is what everything else is compared with. */
#include "base/time.h"
#include "match/fold.h"
#include "plain/plain.h"
#include "plain/plain_int.h"
#include "plain/rulebuild.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
    struct tcs_arena *a;
    struct tcs_logsources *ls;
    struct tcs_rule rule;
    struct rulebuild b;
    struct tcs_event ev;
    struct tcs_field fields[12];
    struct tcs_sigma_match hit;    /* the last one */
    struct tcs_unchecked rests[4]; /* what it rests on */
};

static void
start(struct world *w, const char *product, const char *category, const char *service)
{
    *w = (struct world){.a = tcs_base_arena_new(0), .ls = tcs_sigma_logsources_new()};
    assert_int_equal(
        tcs_sigma_logsources_add(w->ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(), NULL),
        0);
    w->b = rb_new(w->a, &w->rule, product, category, service);
    w->ev.product = TCS_STR("windows");
    w->ev.event_id = 1;
    w->ev.channel = tcs_event_value_str(TCS_STR("Microsoft-Windows-Sysmon/Operational"));
    w->ev.fields = w->fields;
}

static void
stop(struct world *w)
{
    tcs_sigma_logsources_free(w->ls);
    tcs_base_arena_free(w->a);
}

static void
field(struct world *w, const char *name, struct tcs_value v)
{
    w->fields[w->ev.nfields++] =
        (struct tcs_field){.name = tcs_base_str_of(name), .value = v, .slot = TCS_SLOT_NONE};
}

static struct tcs_value
text(const char *t)
{
    return tcs_event_value_str(tcs_base_str_of(t));
}

static bool
hit(struct world *w, uint32_t root)
{
    const struct tcs_sigma_match *hits;
    w->rule.root = root;
    struct plain *p = plain_new(&w->rule, 1, w->ls);
    uint32_t n = plain_event(p, &w->ev, &hits);
    if (n) {
        w->hit = hits[0];
        assert_true(hits[0].nunchecked <= 4);
        for (uint32_t i = 0; i < hits[0].nunchecked; i++)
            w->rests[i] = hits[0].unchecked[i];
        w->hit.unchecked = w->rests;
    }
    plain_free(p);
    return n == 1;
}

/* It matches: what it rests on that is unknown. */
static uint32_t
unchecked(struct world *w, uint32_t root)
{
    assert_true(hit(w, root));
    return w->hit.nunchecked;
}

static struct tcs_pred
str_pred(struct world *w, const char *name, const char *pattern)
{
    return (struct tcs_pred){
        .kind = TCS_P_STR, .field = tcs_base_str_of(name), .text = rb_pattern(w->a, pattern)};
}

static void
test_patterns(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool cased, yes;
    } rows[] = {
        {"abc", "ABC", 0, 1},
        {"abc", "ABC", 1, 0},
        {"abc", "abcd", 0, 0},
        {"*bc", "abc", 0, 1},
        {"*", "", 0, 1},
        {"", "", 0, 1},
        {"", "a", 0, 0},
        {"?", "", 0, 0},
        {"?", "\xc3\xa9", 0, 1},
        {"a*b*c", "aXbYbZc", 0, 1},
        {"a*b*c", "aXbYbZ", 0, 0},
        {"*ab", "aab", 0, 1},
        {"**?", "x\ny", 0, 1},
        {"\xc3\x84*", "\xc3\xa4x", 0, 1},      /* Ä ä */
        {"\xc3\x9f", "ss", 0, 0},              /* ß is one character */
        {"\xc3\x9f", "\xe1\xba\x9e", 0, 1},    /* ß ẞ */
        {"s", "\xc5\xbf", 0, 1},               /* ſ */
        {"k", "\xe2\x84\xaa", 0, 1},           /* Kelvin */
        {"k", "\xe2\x84\xaa", 1, 0},           /* Kelvin */
        {"\xcf\x83", "\xcf\x82", 0, 1},        /* σ ς */
        {"i", "\xc4\xb0", 0, 0},               /* İ */
        {"I", "\xc4\xb1", 0, 0},               /* ı */
        {"a\xef\xbf\xbd?", "a\xfe\xff", 0, 1}, /* malformed bytes are U+FFFD */
        {"a?b",
         "a\xf0\x9f\x98\x80"
         "b",
         0, 1},
    };
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(&w, "windows", "", "");
        field(&w, "F", text(rows[i].text));
        struct tcs_pred p = str_pred(&w, "F", rows[i].pattern);
        p.flags = rows[i].cased ? TCS_PF_CASED : 0;
        if (hit(&w, rb_pred(&w.b, p)) != rows[i].yes)
            fail_msg("row %zu: %s on %s", i, rows[i].pattern, rows[i].text);
        stop(&w);
    }
}

/* The engine's folding and the plain one's are written apart; all code points must agree. */
static void
test_folding(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10ffff; cp++)
        if (plain_fold(cp) != tcs_match_fold_cp(cp))
            fail_msg("U+%04X: %04X and %04X", cp, plain_fold(cp), tcs_match_fold_cp(cp));
}

static void
test_values(void **state)
{
    static const uint8_t guid[16] = {0x10, 0x92, 0xce, 0x0c, 0xae, 0x69, 0xd9, 0x11,
                                     0xbe, 0xd3, 0x50, 0x50, 0x54, 0x50, 0x30, 0x30};
    static const struct {
        struct tcs_value v;
        struct tcs_pred p; /* text as a C string without wildcards */
        bool yes;
    } rows[] = {
        {{.type = TCS_V_GUID, .n = 16, .b = guid},
         {.text = TCS_STR("{0CCE9210-69AE-11D9-BED3-505054503030}")},
         1},
        {{.type = TCS_V_GUID, .n = 16, .b = guid},
         {.text = TCS_STR("0cce9210-69ae-11d9-bed3-505054503030")},
         1},
        {{.type = TCS_V_GUID, .n = 16, .b = guid},
         {.text = TCS_STR("%{0CCE9210-69AE-11D9-BED3-505054503030}")},
         0},
        {{.type = TCS_V_UINT, .u = 4624}, {.text = TCS_STR("4624")}, 1},
        {{.type = TCS_V_HEX, .u = 0x3e7}, {.text = TCS_STR("0x3E7")}, 1},
        {{.type = TCS_V_HEX, .u = 0x3e7}, {.text = TCS_STR("999")}, 0},
        {{.type = TCS_V_HEX, .u = 0x3e7}, {.kind = TCS_P_NUM, .cmp = TCS_EQ, .num = 999}, 1},
        {{.type = TCS_V_INT, .i = -5}, {.kind = TCS_P_NUM, .cmp = TCS_LT, .num = -4.5}, 1},
        {{.type = TCS_V_INT, .i = -5}, {.kind = TCS_P_NUM, .cmp = TCS_GE, .num = -4.5}, 0},
        {{.type = TCS_V_BOOL, .u = 1}, {.text = TCS_STR("TRUE")}, 1},
        {{.type = TCS_V_NULL}, {.text = TCS_STR("")}, 1},
        {{.type = TCS_V_NULL}, {.kind = TCS_P_NULL}, 1},
        {{.type = TCS_V_NULL}, {.kind = TCS_P_EXISTS, .num = 1}, 1},
        {{.type = TCS_V_NULL}, {.kind = TCS_P_EXISTS, .num = 0}, 0},
        {{.type = TCS_V_UTF8, .n = 0, .p = ""}, {.kind = TCS_P_NULL}, 0},
        {{.type = TCS_V_UTF16, .n = 4, .b = (const uint8_t *)"h\0i"}, {.text = TCS_STR("HI")}, 1},
        {{.type = TCS_V_TIME, .i = 0},
         {.kind = TCS_P_TIMEPART, .part = TCS_YEAR, .cmp = TCS_EQ, .num = 1970},
         1},
        {{.type = TCS_V_TIME, .i = 0},
         {.kind = TCS_P_TIMEPART, .part = TCS_WEEK, .cmp = TCS_EQ, .num = 1},
         1},
    };
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcs_pred p = rows[i].p;
        start(&w, "windows", "", "");
        field(&w, "F", rows[i].v);
        p.field = TCS_STR("F");
        if (hit(&w, rb_pred(&w.b, p)) != rows[i].yes)
            fail_msg("row %zu", i);
        stop(&w);
    }
}

static void
test_texts(void **state)
{
    static const struct {
        const char *value;
        struct tcs_pred p;
        bool yes;
    } rows[] = {
        {"{0cce9210-69ae-11d9-bed3-505054503030}",
         {.text = TCS_STR("0CCE9210-69AE-11D9-BED3-505054503030")},
         1},
        {"0cce9210-69ae-11d9-bed3-505054503030",
         {.kind = TCS_P_RE, .text = TCS_STR("^\\{0cce")},
         1},
        {"0x10", {.kind = TCS_P_NUM, .cmp = TCS_EQ, .num = 16}, 1},
        {"16 ", {.kind = TCS_P_NUM, .cmp = TCS_EQ, .num = 16}, 0},
        {"sixteen", {.kind = TCS_P_NUM, .cmp = TCS_NE, .num = 16}, 0},
        {"17", {.kind = TCS_P_NUM, .cmp = TCS_NE, .num = 16}, 1},
        {"C:\\X", {.kind = TCS_P_RE, .text = TCS_STR("c:")}, 0},
        {"C:\\X", {.kind = TCS_P_RE, .flags = TCS_PF_RE_I, .text = TCS_STR("c:")}, 1},
        {"a\nb", {.kind = TCS_P_RE, .text = TCS_STR("a.b")}, 0},
        {"a\nb", {.kind = TCS_P_RE, .flags = TCS_PF_RE_S, .text = TCS_STR("a.b")}, 1},
        {"a\nb", {.kind = TCS_P_RE, .text = TCS_STR("^b$")}, 0},
        {"a\nb", {.kind = TCS_P_RE, .flags = TCS_PF_RE_M, .text = TCS_STR("^b$")}, 1},
        {"\xd9\xa1", {.kind = TCS_P_RE, .text = TCS_STR("\\d")}, 0}, /* Arabic-Indic one */
        {"a\xff", {.kind = TCS_P_RE, .text = TCS_STR("a\\x{fffd}$")}, 1},
        {"10.1.2.3",
         {.kind = TCS_P_CIDR, .bits = 96 + 8, .addr = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a"},
         1},
        {"::ffff:10.1.2.3",
         {.kind = TCS_P_CIDR, .bits = 96 + 8, .addr = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a"},
         1},
        {"11.1.2.3",
         {.kind = TCS_P_CIDR, .bits = 96 + 8, .addr = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a"},
         0},
        {"10.1.2",
         {.kind = TCS_P_CIDR, .bits = 96 + 8, .addr = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a"},
         0},
        {"fe80::1%7", {.kind = TCS_P_CIDR, .bits = 10, .addr = "\xfe\x80"}, 1},
        {"fec0::1", {.kind = TCS_P_CIDR, .bits = 10, .addr = "\xfe\x80"}, 0},
        {"2026-04-20 10:07:35.646",
         {.kind = TCS_P_TIMEPART, .part = TCS_MINUTE, .cmp = TCS_EQ, .num = 7},
         1},
        {"2026-04-20T23:07:35+02:00",
         {.kind = TCS_P_TIMEPART, .part = TCS_HOUR, .cmp = TCS_EQ, .num = 21},
         1},
        {"soon", {.kind = TCS_P_TIMEPART, .part = TCS_HOUR, .cmp = TCS_LT, .num = 99}, 0},
    };
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcs_pred p = rows[i].p;
        start(&w, "windows", "", "");
        field(&w, "F", text(rows[i].value));
        p.field = TCS_STR("F");
        if (hit(&w, rb_pred(&w.b, p)) != rows[i].yes)
            fail_msg("row %zu: %s", i, rows[i].value);
        stop(&w);
    }
}

static void
test_absent_and_many(void **state)
{
    struct world w;
    (void)state;
    start(&w, "", "", ""); /* no view: what is absent is known to be */
    field(&w, "F", text("one"));
    field(&w, "F", text("two"));
    field(&w, "G", text("ONE more"));
    uint32_t one = rb_pred(&w.b, str_pred(&w, "F", "one"));
    uint32_t two = rb_pred(&w.b, str_pred(&w, "F", "two"));
    uint32_t none = rb_pred(&w.b, str_pred(&w, "Z", "*"));
    uint32_t null = rb_pred(&w.b, (struct tcs_pred){.kind = TCS_P_NULL, .field = TCS_STR("Z")});
    uint32_t gone =
        rb_pred(&w.b, (struct tcs_pred){.kind = TCS_P_EXISTS, .field = TCS_STR("Z"), .num = 0});
    uint32_t both = rb_list(&w.b, TCS_N_AND, (uint32_t[]){one, two}, 2);
    assert_true(hit(&w, both));
    assert_false(hit(&w, none));
    assert_true(hit(&w, rb_not(&w.b, none)));
    assert_true(hit(&w, null));
    assert_true(hit(&w, gone));
    assert_true(hit(&w, rb_list(&w.b, TCS_N_AND, NULL, 0)));
    assert_false(hit(&w, rb_list(&w.b, TCS_N_OR, NULL, 0)));
    assert_true(hit(&w, rb_search(&w.b, "s", both)));
    /* keywords: any field, one value each */
    assert_true(hit(&w, rb_pred(&w.b, str_pred(&w, "", "*more*"))));
    assert_false(hit(&w, rb_pred(&w.b, str_pred(&w, "", "*onetwo*"))));
    /* names are case-sensitive */
    assert_false(hit(&w, rb_pred(&w.b, str_pred(&w, "f", "*"))));
    struct tcs_pred ref = {.kind = TCS_P_FIELDREF, .field = TCS_STR("G"), .text = TCS_STR("F")};
    assert_false(hit(&w, rb_pred(&w.b, ref)));
    ref.flags = TCS_PF_REF_STARTS;
    assert_true(hit(&w, rb_pred(&w.b, ref)));
    ref.flags |= TCS_PF_CASED;
    assert_false(hit(&w, rb_pred(&w.b, ref)));
    ref = (struct tcs_pred){.kind = TCS_P_FIELDREF, .field = TCS_STR("G"), .text = TCS_STR("Z")};
    assert_false(hit(&w, rb_pred(&w.b, ref)));
    stop(&w);
}

/* Event 104: System and the data have a Channel. */
static void
test_header_and_data(void **state)
{
    static const struct {
        const char *service;
        bool header, data, both, neither;
    } rows[] = {{"", 1, 1, 1, 0}, {"system", 0, 1, 0, 0}};
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(&w, "windows", "", rows[i].service);
        w.ev.channel = text("System");
        w.ev.event_id = 104;
        field(&w, "Channel", text("System"));
        field(&w, "Channel", text("Setup"));
        uint32_t header = rb_pred(&w.b, str_pred(&w, "Channel", "system"));
        uint32_t data = rb_pred(&w.b, str_pred(&w, "Channel", "Setup"));
        uint32_t both = rb_list(&w.b, TCS_N_AND, (uint32_t[]){header, data}, 2);
        uint32_t null =
            rb_pred(&w.b, (struct tcs_pred){.kind = TCS_P_NULL, .field = TCS_STR("Channel")});
        assert_int_equal(hit(&w, header), rows[i].header);
        assert_int_equal(hit(&w, rb_not(&w.b, header)), !rows[i].header);
        assert_int_equal(hit(&w, data), rows[i].data);
        assert_int_equal(hit(&w, both), rows[i].both);
        assert_int_equal(hit(&w, null), rows[i].neither);
        /* keywords see what the record holds */
        assert_true(hit(&w, rb_pred(&w.b, str_pred(&w, "", "*system*"))));
        w.ev.nfields = 1;
        assert_true(hit(&w, header));
        stop(&w);
    }
}

/* A field that Windows fills up with blanks, and rules with and without them. */
static void
test_pads(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool yes;
    } rows[] = {
        {"ntlmssp", "NtLmSsp ", 1},
        {"NtLmSsp ", "NtLmSsp ", 1},
        {"NtLmSsp ", "NtLmSsp", 1},
        {"Advapi ", "Advapi  ", 1},
        {"*ssp", "NtLmSsp ", 1},
        {"NtLmSsp *", "NtLmSsp ", 1},
        {"* ", "NtLmSsp", 0},
        {"* ", "NtLmSsp ", 1},
        {"NtLmSsp?", "NtLmSsp ", 1},
        {"NtLm", "NtLmSsp ", 0},
        {"NtLmSsp\t", "NtLmSsp ", 0},
        {"", "  ", 1},
        {" ", "", 0},
        {"User32", "User32LogonX", 0},
        {" NtLmSsp", "NtLmSsp ", 0},
    };
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(&w, "windows", "", "security");
        w.ev.channel = text("Security");
        field(&w, "LogonProcessName", text(rows[i].text));
        field(&w, "Other", text(rows[i].text));
        if (hit(&w, rb_pred(&w.b, str_pred(&w, "LogonProcessName", rows[i].pattern))) !=
            rows[i].yes)
            fail_msg("row %zu: '%s' on '%s'", i, rows[i].pattern, rows[i].text);
        stop(&w);
    }
    start(&w, "windows", "", "security");
    w.ev.channel = text("Security");
    field(&w, "LogonProcessName", text("NtLmSsp "));
    field(&w, "WorkstationName", text("NtLmSsp"));
    field(&w, "Other", text("NtLmSsp "));
    struct tcs_pred p = {
        .kind = TCS_P_RE, .field = TCS_STR("LogonProcessName"), .text = TCS_STR("p$")};
    assert_true(hit(&w, rb_pred(&w.b, p)));
    p.text = TCS_STR("p\\s$");
    assert_true(hit(&w, rb_pred(&w.b, p)));
    p = (struct tcs_pred){.kind = TCS_P_FIELDREF,
                          .field = TCS_STR("WorkstationName"),
                          .text = TCS_STR("LogonProcessName")};
    assert_true(hit(&w, rb_pred(&w.b, p)));
    /* no other field, and not where keywords look */
    assert_false(hit(&w, rb_pred(&w.b, str_pred(&w, "Other", "NtLmSsp"))));
    assert_false(hit(&w, rb_pred(&w.b, str_pred(&w, "WorkstationName", "NtLmSsp "))));
    stop(&w);
}

/* 4688 for another account: rules that leave a service account out must still see it. */
static void
test_runs_as(void **state)
{
    struct world w;
    (void)state;
    start(&w, "windows", "process_creation", "");
    w.ev.channel = text("Security");
    w.ev.event_id = 4688;
    field(&w, "SubjectUserSid", text("S-1-5-20"));
    field(&w, "SubjectUserName", text("HOST$"));
    field(&w, "SubjectDomainName", text("CORP"));
    field(&w, "ParentProcessName", text("C:\\Windows\\System32\\wbem\\WmiPrvSE.exe"));
    uint32_t service = rb_pred(&w.b, str_pred(&w, "User", "*NETWORK SERVICE"));
    uint32_t ann = rb_pred(&w.b, str_pred(&w, "User", "CORP\\ann"));
    assert_true(hit(&w, service));
    field(&w, "TargetUserSid", text("S-1-0-0"));
    field(&w, "TargetUserName", text("ann"));
    field(&w, "TargetDomainName", text("CORP"));
    field(&w, "TargetLogonId", (struct tcs_value){.type = TCS_V_HEX, .u = 0x82215a});
    assert_false(hit(&w, service));
    assert_true(hit(&w, rb_not(&w.b, service)));
    assert_true(hit(&w, ann));
    w.fields[5].value = text("-");
    w.fields[7].value = (struct tcs_value){.type = TCS_V_HEX, .u = 0};
    assert_true(hit(&w, service));
    assert_false(hit(&w, ann));
    stop(&w);
}

/* Security 4688 as process creation: OriginalFileName does not exist there. */
static void
test_unknown(void **state)
{
    struct world w;
    (void)state;
    start(&w, "windows", "process_creation", "");
    w.ev.channel = text("Security");
    w.ev.event_id = 4688;
    field(&w, "NewProcessName", text("C:\\Windows\\whoami.exe"));
    field(&w, "CommandLine", text("-"));
    field(&w, "MandatoryLabel", text("S-1-16-12288"));
    uint32_t image = rb_pred(&w.b, str_pred(&w, "Image", "*\\whoami.exe"));
    uint32_t original = rb_pred(&w.b, str_pred(&w, "OriginalFileName", "whoami.exe"));
    uint32_t level = rb_pred(&w.b, str_pred(&w, "IntegrityLevel", "high"));
    uint32_t no_original =
        rb_pred(&w.b, (struct tcs_pred){.kind = TCS_P_NULL, .field = TCS_STR("OriginalFileName")});
    uint32_t command = rb_pred(&w.b, str_pred(&w, "CommandLine", "*/all*"));
    assert_true(hit(&w, image));
    assert_true(hit(&w, level));
    assert_true(hit(&w, rb_list(&w.b, TCS_N_OR, (uint32_t[]){image, original}, 2)));
    assert_false(hit(&w, rb_list(&w.b, TCS_N_AND, (uint32_t[]){image, original}, 2)));
    /* by the letter, and it says so */
    assert_int_equal(
        unchecked(&w, rb_list(&w.b, TCS_N_AND, (uint32_t[]){image, rb_not(&w.b, original)}, 2)), 1);
    assert_true(tcs_base_str_eq(w.hit.unchecked[0].field, TCS_STR("OriginalFileName")));
    assert_int_equal(unchecked(&w, rb_list(&w.b, TCS_N_AND, (uint32_t[]){image, no_original}, 2)),
                     1);
    /* but not by what is not there alone, also where something else is not so */
    assert_false(hit(&w, no_original));
    assert_false(hit(&w, rb_not(&w.b, original)));
    assert_false(hit(&w, rb_not(&w.b, no_original)));
    uint32_t f = rb_pred(&w.b, str_pred(&w, "Image", "x"));
    assert_false(hit(
        &w, rb_list(&w.b, TCS_N_AND, (uint32_t[]){rb_not(&w.b, f), rb_not(&w.b, original)}, 2)));
    /* the command line was not audited: unknown as well, and a "-" does not speak for a rule */
    uint32_t no_command = rb_not(&w.b, command);
    assert_false(hit(&w, no_command));
    assert_false(hit(&w, rb_pred(&w.b, str_pred(&w, "CommandLine", "-"))));
    assert_int_equal(unchecked(&w, rb_list(&w.b, TCS_N_AND, (uint32_t[]){image, no_command}, 2)),
                     1);
    /* a part that is true is not enough for one that is not */
    uint32_t dead = rb_list(&w.b, TCS_N_AND, (uint32_t[]){image, original}, 2);
    assert_false(hit(&w, rb_list(&w.b, TCS_N_OR, (uint32_t[]){dead, rb_not(&w.b, original)}, 2)));
    /* false and unknown is false, so its negation is true, and certain */
    assert_int_equal(
        unchecked(&w, rb_not(&w.b, rb_list(&w.b, TCS_N_AND, (uint32_t[]){f, original}, 2))), 0);
    /* the same rule on the log that has the fields */
    w.ev.channel = text("Microsoft-Windows-Sysmon/Operational");
    w.ev.event_id = 1;
    w.fields[0].name = TCS_STR("Image");
    uint32_t both = rb_list(&w.b, TCS_N_AND, (uint32_t[]){image, rb_not(&w.b, original)}, 2);
    assert_int_equal(unchecked(&w, both), 1); /* left out on the way here */
    field(&w, "OriginalFileName", (struct tcs_value){.type = TCS_V_NULL});
    assert_int_equal(unchecked(&w, both), 0); /* empty */
    w.ev.event_id = 7;
    assert_false(hit(&w, image));
    stop(&w);
}

static void
test_logsource(void **state)
{
    static const struct {
        const char *product, *category, *service;
        bool yes;
    } rows[] = {
        {"", "", "", 1},          {"windows", "", "", 1},          {"linux", "", "", 0},
        {"", "", "sshd", 0},      {"windows", "", "system", 0},    {"windows", "", "sysmon", 1},
        {"", "webserver", "", 0}, {"", "process_creation", "", 1},
    };
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(&w, rows[i].product, rows[i].category, rows[i].service);
        if (hit(&w, rb_list(&w.b, TCS_N_AND, NULL, 0)) != rows[i].yes)
            fail_msg("row %zu", i);
        stop(&w);
    }
    start(&w, "linux", "", "sshd");
    w.ev.product = TCS_STR("linux");
    w.ev.service = TCS_STR("sshd");
    assert_true(hit(&w, rb_list(&w.b, TCS_N_AND, NULL, 0)));
    w.ev.service = TCS_STR("cron");
    assert_false(hit(&w, rb_list(&w.b, TCS_N_AND, NULL, 0)));
    stop(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_absent_and_many),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_logsource),
        cmocka_unit_test(test_header_and_data),
        cmocka_unit_test(test_pads),
        cmocka_unit_test(test_runs_as),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

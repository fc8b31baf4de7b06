/* The logsource table: what it answers for the logsources that rules use, how user tables change
 * it, and what its views make of an event.  Expected values: the Sigma taxonomy 2.1, Microsoft's
 * descriptions of 4688, 4657 and 5156. */
#include "sigma/logsource.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct tcs_logsources *
builtin(void)
{
    struct tcs_err err = {0};
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    assert_non_null(ls);
    if (tcs_sigma_logsources_add(ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(), &err))
        fail_msg("%u:%u: %s", err.line, err.col, err.msg);
    return ls;
}

static const struct tcs_view *
find(const struct tcs_logsources *ls, const char *product, const char *category,
     const char *service, uint32_t *n)
{
    struct tcs_logsource want = {tcs_base_str_of(product), tcs_base_str_of(category),
                                 tcs_base_str_of(service), TCS_STR("")};
    return tcs_sigma_logsources_find(ls, &want, n);
}

static bool
has(const struct tcs_str *list, uint32_t n, const char *text)
{
    for (uint32_t i = 0; i < n; i++)
        if (tcs_base_str_eq(list[i], tcs_base_str_of(text)))
            return true;
    return false;
}

static void
test_both_views_of_process_creation(void **state)
{
    struct tcs_logsources *ls = builtin();
    const struct tcs_view_field *made = NULL;
    uint32_t n;
    const struct tcs_view *v = find(ls, "windows", "process_creation", "", &n);
    (void)state;
    assert_int_equal(n, 2);
    assert_true(has(v[0].channels, v[0].nchannels, "Microsoft-Windows-Sysmon/Operational"));
    assert_int_equal(v[0].nevent_ids, 1);
    assert_int_equal(v[0].event_ids[0], 1);
    assert_false(v[0].closed);
    assert_int_equal(tcs_sigma_view_look(&v[0], TCS_STR("OriginalFileName"), &made), TCS_LOOK_OWN);
    assert_true(has(v[1].channels, v[1].nchannels, "Security"));
    assert_int_equal(v[1].event_ids[0], 4688);
    assert_true(v[1].closed && v[1].sparse);
    assert_int_equal(tcs_sigma_view_look(&v[1], TCS_STR("Image"), &made), TCS_LOOK_MADE);
    assert_true(tcs_base_str_eq(made->sources[0], TCS_STR("NewProcessName")));
    assert_int_equal(tcs_sigma_view_look(&v[1], TCS_STR("CommandLine"), &made), TCS_LOOK_OWN);
    assert_int_equal(tcs_sigma_view_look(&v[1], TCS_STR("EventID"), &made), TCS_LOOK_OWN);
    assert_int_equal(tcs_sigma_view_look(&v[1], TCS_STR("ComputerName"), &made), TCS_LOOK_MADE);
    static const char *const missing[] = {"ParentCommandLine", "OriginalFileName", "Hashes",
                                          "Description",       "Product",          "Company",
                                          "CurrentDirectory",  "ParentUser"};
    for (size_t k = 0; k < sizeof missing / sizeof *missing; k++)
        assert_int_equal(tcs_sigma_view_look(&v[1], tcs_base_str_of(missing[k]), &made),
                         TCS_LOOK_NEVER);
    tcs_sigma_logsources_free(ls);
}

static void
test_services_and_categories(void **state)
{
    static const struct {
        const char *product, *category, *service, *channel;
        uint32_t id;
    } rows[] = {
        {"windows", "", "security", "Security", 0},
        {"windows", "", "dns-client", "Microsoft-Windows-DNS Client Events/Operational", 0},
        {"windows", "", "dns-client", "Microsoft-Windows-DNS-Client/Operational", 0},
        {"windows", "", "powershell", "PowerShellCore/Operational", 0},
        {"windows", "", "applocker", "Microsoft-Windows-AppLocker/Packaged app-Execution", 0},
        {"windows", "", "sysmon", "Microsoft-Windows-Sysmon/Operational", 0},
        {"Windows", "PS_Script", "", "Microsoft-Windows-PowerShell/Operational", 4104},
        {"windows", "ps_module", "", "PowerShellCore/Operational", 4103},
        {"windows", "ps_classic_start", "", "Windows PowerShell", 400},
        {"windows", "registry_set", "", "Microsoft-Windows-Sysmon/Operational", 13},
        {"windows", "sysmon_error", "", "Microsoft-Windows-Sysmon/Operational", 255},
        {"", "antivirus", "", "Microsoft-Windows-Windows Defender/Operational", 1116},
        {"linux", "file_event", "", "Linux-Sysmon/Operational", 11},
        {"windows", "process_creation", "sysmon", "Microsoft-Windows-Sysmon/Operational", 1},
        {"windows", "process_creation", "security", "Security", 4688},
    };
    struct tcs_logsources *ls = builtin();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t n;
        bool id = rows[i].id == 0, channel = false;
        const struct tcs_view *v = find(ls, rows[i].product, rows[i].category, rows[i].service, &n);
        assert_true(n > 0);
        for (uint32_t k = 0; k < n; k++) {
            channel |= has(v[k].channels, v[k].nchannels, rows[i].channel);
            for (uint32_t e = 0; e < v[k].nevent_ids; e++)
                id |= v[k].event_ids[e] == rows[i].id;
        }
        if (!id || !channel)
            fail_msg("%s %s %s", rows[i].product, rows[i].category, rows[i].service);
    }
    tcs_sigma_logsources_free(ls);
}

static void
test_both_constrain(void **state)
{
    struct tcs_logsources *ls = builtin();
    uint32_t n;
    (void)state;
    find(ls, "windows", "process_creation", "security", &n);
    assert_int_equal(n, 1);
    find(ls, "windows", "process_creation", "sysmon", &n);
    assert_int_equal(n, 1);
    assert_null(find(ls, "windows", "dns_query", "security", &n));
    assert_int_equal(n, 0);
    assert_null(find(ls, "macos", "process_creation", "", &n));
    assert_null(find(ls, "", "webserver", "", &n));
    assert_null(find(ls, "", "", "", &n));
    assert_null(find(ls, "linux", "", "sshd", &n));
    const struct tcs_view *v = find(ls, "windows", "", "", &n);
    assert_int_equal(n, 1);
    assert_true(tcs_base_str_eq(v->product, TCS_STR("windows")) && v->nchannels == 0);
    tcs_sigma_logsources_free(ls);
}

static void
test_note(void **state)
{
    struct tcs_logsources *ls = builtin();
    struct tcs_logsource want = {TCS_STR("windows"), TCS_STR("file_access"), {NULL, 0}, {NULL, 0}};
    uint32_t n;
    (void)state;
    assert_null(tcs_sigma_logsources_find(ls, &want, &n));
    assert_true(tcs_sigma_logsources_note(ls, &want).n > 0);
    want.category = TCS_STR("process_creation");
    assert_int_equal(tcs_sigma_logsources_note(ls, &want).n, 0);
    tcs_sigma_logsources_free(ls);
}

static void
test_user_table(void **state)
{
    static const char yaml[] = "products:\n"
                               "  windows:\n"
                               "    services:\n"
                               "      security: {channels: [Security, ForwardedSecurity]}\n"
                               "      ntlm: {remove: true}\n"
                               "      mine: {channels: [Mine/Log], fields: {A: B}}\n"
                               "    categories:\n"
                               "      process_creation:\n"
                               "        - {name: mine, log: mine, event_id: 7}\n"
                               "        - {name: sysmon_1, remove: true}\n"
                               "  solaris:\n"
                               "    services: {audit: {service: bsm}}\n";
    struct tcs_logsources *ls = builtin();
    struct tcs_err err = {0};
    uint32_t n;
    (void)state;
    assert_int_equal(tcs_sigma_logsources_add(ls, TCS_STR("u"), tcs_base_str_of(yaml), &err), 0);
    const struct tcs_view *v = find(ls, "windows", "process_creation", "", &n);
    assert_int_equal(n, 2);
    assert_true(has(v[0].channels, v[0].nchannels, "ForwardedSecurity"));
    assert_true(tcs_base_str_eq(v[1].name, TCS_STR("mine")));
    assert_int_equal(v[1].event_ids[0], 7);
    assert_true(tcs_base_str_eq(v[1].fields[0].name, TCS_STR("A")));
    assert_null(find(ls, "windows", "", "ntlm", &n));
    v = find(ls, "solaris", "", "audit", &n);
    assert_int_equal(n, 1);
    assert_true(tcs_base_str_eq(v->service, TCS_STR("bsm")));
    tcs_sigma_logsources_free(ls);
}

static void
test_errors_have_a_place(void **state)
{
    static const struct {
        const char *yaml, *says;
        uint32_t line, col;
    } rows[] = {
        {"products:\n  w:\n    servces: {}\n", "a product has", 3, 5},
        {"products:\n  w:\n    services:\n      s: {chanels: [a]}\n", "unknown key", 4, 11},
        {"products:\n  w:\n    categories:\n      c:\n        - {name: v, log: nowhere}\n",
         "lacks: nowhere", 4, 7},
        {"products:\n  w:\n    categories:\n      c:\n        - {log: s}\n", "no `name`", 4, 7},
        {"products:\n  w:\n    services:\n      s: {event_id: [x]}\n", "is a number", 4, 11},
        {"products:\n  w:\n    fields:\n      F: {as: octal, from: G}\n", "decimal, hex, data", 4,
         11},
        {"products:\n  w:\n    fields:\n      F: [{from: A, where: {B: c}}, D]\n", "holds maps", 4,
         7},
        {"products:\n  w:\n    fields:\n      F: [{from: A, as: padded}]\n", "whole field", 4, 7},
        {"products:\n  w:\n    fields:\n      F: [{where: {A: b}}]\n", "`from` is missing", 4, 7},
        {"products:\n  w:\n    fields:\n      F: {from: A, where: {B: c}}\n", "a field has", 4, 20},
        {"products:\n  w:\n    fields:\n      F: {as: data, from: [Channel, G]}\n",
         "Channel, Computer or Provider_Name", 4, 7},
        {"products:\n  w:\n    fields:\n      F: {as: hex}\n", "`from` is missing", 4, 7},
        {"products:\n  w:\n    fields:\n      F: {from: G, map: {a: b, c: d}, prefix: {e: f}}\n",
         "one rewrite", 4, 7},
        {"products:\n  w:\n    fields:\n      F: {from: G, map: {a: b, c: d}, join: x, part: y}\n",
         "one rewrite", 4, 7},
        {"products:\n  w:\n    fields:\n      F: {from: G, part: y}\n", "part with by", 4, 7},
        {"products:\n  w:\n    fields:\n      F:\n        - {from: G}\n        - {from: H}\n",
         "it is the last", 4, 7},
        {"version: 2\n", "version 1", 1, 1},
        {"products: [\n", "", 2, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcs_logsources *ls = tcs_sigma_logsources_new();
        struct tcs_err err = {0};
        int r =
            tcs_sigma_logsources_add(ls, TCS_STR("t.yaml"), tcs_base_str_of(rows[i].yaml), &err);
        assert_int_equal(r, -TCS_EPARSE);
        if (!strstr(err.msg, rows[i].says) || !strstr(err.msg, "t.yaml"))
            fail_msg("row %zu: %s", i, err.msg);
        if (err.line != rows[i].line || err.col != rows[i].col)
            fail_msg("row %zu: %u:%u %s", i, err.line, err.col, err.msg);
        tcs_sigma_logsources_free(ls);
    }
}

/* An event out of name=value texts. */
struct made {
    struct tcs_event ev;
    struct tcs_field fields[16];
};

static void
event(struct made *m, const char *channel, uint32_t id, const char *const *texts)
{
    *m = (struct made){.ev = {.product = TCS_STR("windows"), .event_id = id}};
    m->ev.channel = tcs_event_value_str(tcs_base_str_of(channel));
    m->ev.fields = m->fields;
    for (; *texts; texts += 2) {
        struct tcs_field *f = &m->fields[m->ev.nfields++];
        f->name = tcs_base_str_of(texts[0]);
        f->value = tcs_event_value_str(tcs_base_str_of(texts[1]));
        f->slot = TCS_SLOT_NONE;
    }
}

static void
expect(const struct tcs_view *v, const struct tcs_event *ev, const char *name, const char *text)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    const struct tcs_view_field *f = NULL;
    struct tcs_value value[4];
    assert_int_equal(tcs_sigma_view_look(v, tcs_base_str_of(name), &f), TCS_LOOK_MADE);
    uint32_t n = tcs_sigma_view_make(f, ev, a, value, 4);
    if (!text) {
        assert_int_equal(n, 0);
    } else {
        struct tcs_str got = n ? tcs_event_value_text(&value[0], a) : TCS_STR("(absent)");
        if (!tcs_base_str_eq(got, tcs_base_str_of(text)))
            fail_msg("%s is %.*s, not %s", name, TCS_STR_FMT(got), text);
    }
    tcs_base_arena_free(a);
}

/* The one view of the category that the event fits. */
static const struct tcs_view *
fitting(const struct tcs_logsources *ls, const char *category, const struct tcs_event *ev,
        uint32_t at)
{
    uint32_t n, seen = 0;
    const struct tcs_view *v = find(ls, "windows", category, "", &n);
    for (uint32_t i = 0; i < n; i++)
        if (tcs_sigma_view_fits(&v[i], ev) && seen++ == at)
            return &v[i];
    return NULL;
}

static void
test_4688(void **state)
{
    static const char *const user[] = {"SubjectUserSid",
                                       "S-1-5-21-1-2-3-500",
                                       "SubjectUserName",
                                       "ann",
                                       "SubjectDomainName",
                                       "CORP",
                                       "NewProcessId",
                                       "0x1f4",
                                       "NewProcessName",
                                       "C:\\w.exe",
                                       "ProcessId",
                                       "0x4",
                                       "MandatoryLabel",
                                       "S-1-16-12288",
                                       "SubjectLogonId",
                                       "0x3e7",
                                       NULL};
    static const char *const host[] = {
        "SubjectUserSid", "S-1-5-18", "SubjectUserName", "HOST$", "SubjectDomainName",
        "CORP",           NULL};
    struct tcs_logsources *ls = builtin();
    struct made m;
    (void)state;
    event(&m, "security", 4688, user);
    const struct tcs_view *v = fitting(ls, "process_creation", &m.ev, 0);
    assert_non_null(v);
    assert_null(fitting(ls, "process_creation", &m.ev, 1));
    expect(v, &m.ev, "Image", "C:\\w.exe");
    expect(v, &m.ev, "ProcessId", "500");
    expect(v, &m.ev, "ParentProcessId", "4");
    expect(v, &m.ev, "IntegrityLevel", "High");
    expect(v, &m.ev, "LogonId", "0x3e7");
    expect(v, &m.ev, "User", "CORP\\ann");
    expect(v, &m.ev, "ParentImage", NULL);
    event(&m, "Security", 4688, host);
    v = fitting(ls, "process_creation", &m.ev, 0);
    assert_non_null(v);
    assert_null(fitting(ls, "process_creation", &m.ev, 1));
    expect(v, &m.ev, "User", "NT AUTHORITY\\SYSTEM");
    m.ev.event_id = 4689;
    assert_null(fitting(ls, "process_creation", &m.ev, 0));
    m.ev.event_id = 4688;
    m.ev.channel = tcs_event_value_str(TCS_STR("System"));
    assert_null(fitting(ls, "process_creation", &m.ev, 0));
    tcs_sigma_logsources_free(ls);
}

/* Who runs the process: matching.md, section 4.  The records are what Windows 10 writes when
 * WmiPrvSE starts a program for a caller from the network, and when services start a service. */
static void
test_4688_for_another(void **state)
{
    static const struct {
        const char *sid, *domain, *name, *id, *user, *logon;
    } rows[] = {
        {"S-1-0-0", "CORP", "ann", "0x82215a", "CORP\\ann", "0x82215a"},
        {"S-1-5-21-1-2-3-500", "CORP", "ann", "0x82215a", "CORP\\ann", "0x82215a"},
        {"S-1-0-0", "CORP", "HOST$", "0x3e4", "NT AUTHORITY\\NETWORK SERVICE", "0x3e4"},
        {"S-1-5-18", "WORKGROUP", "HOST$", "0x3E7", "NT AUTHORITY\\SYSTEM", "0x3E7"},
        {"S-1-5-19", "NT AUTHORITY", "LOCAL SERVICE", "0x3e5", "NT AUTHORITY\\LOCAL SERVICE",
         "0x3e5"},
        {"S-1-0-0", "-", "-", "0x0", "NT AUTHORITY\\NETWORK SERVICE", "0x3e4"},
        {"S-1-0-0", "-", "-", "0x82215a", "NT AUTHORITY\\NETWORK SERVICE", "0x3e4"},
        {"S-1-0-0", "", "", "0x0", "NT AUTHORITY\\NETWORK SERVICE", "0x3e4"},
    };
    struct tcs_logsources *ls = builtin();
    struct made m;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const texts[] = {"SubjectUserSid",
                                     "S-1-5-20",
                                     "SubjectUserName",
                                     "HOST$",
                                     "SubjectDomainName",
                                     "CORP",
                                     "SubjectLogonId",
                                     "0x3e4",
                                     "TargetUserSid",
                                     rows[i].sid,
                                     "TargetDomainName",
                                     rows[i].domain,
                                     "TargetUserName",
                                     rows[i].name,
                                     "TargetLogonId",
                                     rows[i].id,
                                     NULL};
        event(&m, "Security", 4688, texts);
        const struct tcs_view *v = fitting(ls, "process_creation", &m.ev, 0);
        const struct tcs_view_field *f = NULL;
        struct tcs_value logon;
        struct tcs_arena *a = tcs_base_arena_new(0);
        assert_non_null(v);
        assert_null(fitting(ls, "process_creation", &m.ev, 1));
        expect(v, &m.ev, "User", rows[i].user);
        assert_int_equal(tcs_sigma_view_look(v, TCS_STR("LogonId"), &f), TCS_LOOK_MADE);
        assert_int_equal(tcs_sigma_view_make(f, &m.ev, a, &logon, 1), 1);
        assert_true(
            tcs_base_str_eq(tcs_event_value_text(&logon, a), tcs_base_str_of(rows[i].logon)));
        tcs_base_arena_free(a);
    }
    tcs_sigma_logsources_free(ls);
}

/* The first case that holds is taken, and none is absence. */
static void
test_cases(void **state)
{
    static const char yaml[] = "products:\n"
                               "  windows:\n"
                               "    services:\n"
                               "      s:\n"
                               "        fields:\n"
                               "          F:\n"
                               "            - {from: A, where: {K: 'a', L: '!-|'}}\n"
                               "            - {from: [A, B], where: {K: 'a|b'}, join: '/'}\n"
                               "            - {from: B, where: {K: 'c|'}, map: {y: why}}\n";
    static const struct {
        const char *k, *l, *f;
    } rows[] = {
        {"a", "x", "x"},  {"A", "x", "x"},   {"a", "-", "x/y"}, {"b", "x", "x/y"},
        {"c", "", "why"}, {NULL, "", "why"}, {"d", "", NULL},
    };
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    (void)state;
    assert_int_equal(tcs_sigma_logsources_add(ls, TCS_STR("t"), tcs_base_str_of(yaml), NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const texts[] = {
            "A", "x", "B", "y", "L", rows[i].l, rows[i].k ? "K" : NULL, rows[i].k, NULL};
        struct made m;
        uint32_t n;
        event(&m, "any", 1, texts);
        expect(find(ls, "windows", "", "s", &n), &m.ev, "F", rows[i].f);
    }
    tcs_sigma_logsources_free(ls);
}

static void
test_where_and_absence(void **state)
{
    static const struct {
        const char *where;
        bool absent, empty, dash, other;
    } rows[] = {
        {"-|", 1, 1, 1, 0}, {"!-|", 0, 0, 0, 1}, {"!-", 1, 1, 0, 1},
        {"-", 0, 0, 1, 0},  {"|", 1, 1, 0, 0},   {"!", 0, 0, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[128];
        struct made m;
        uint32_t n;
        struct tcs_logsources *ls = tcs_sigma_logsources_new();
        snprintf(yaml, sizeof yaml,
                 "products:\n  windows:\n    services:\n      s: {where: {F: '%s'}}\n",
                 rows[i].where);
        assert_int_equal(tcs_sigma_logsources_add(ls, TCS_STR("t"), tcs_base_str_of(yaml), NULL),
                         0);
        const struct tcs_view *v = find(ls, "windows", "", "s", &n);
        event(&m, "x", 1, (const char *const[]){NULL});
        assert_int_equal(tcs_sigma_view_fits(v, &m.ev), rows[i].absent);
        event(&m, "x", 1, (const char *const[]){"F", "", NULL});
        assert_int_equal(tcs_sigma_view_fits(v, &m.ev), rows[i].empty);
        event(&m, "x", 1, (const char *const[]){"F", "-", NULL});
        assert_int_equal(tcs_sigma_view_fits(v, &m.ev), rows[i].dash);
        event(&m, "x", 1, (const char *const[]){"F", "x", NULL});
        assert_int_equal(tcs_sigma_view_fits(v, &m.ev), rows[i].other);
        tcs_sigma_logsources_free(ls);
    }
}

/* All values of the made field, with '|' between. */
static void
expect_all(const struct tcs_view *v, const struct tcs_event *ev, const char *name, const char *all)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    const struct tcs_view_field *f = NULL;
    struct tcs_value value[8];
    struct tcs_buf b = {0};
    assert_int_equal(tcs_sigma_view_look(v, tcs_base_str_of(name), &f), TCS_LOOK_MADE);
    uint32_t n = tcs_sigma_view_make(f, ev, a, value, 8);
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            tcs_base_buf_c(&b, '|');
        tcs_base_buf_str(&b, tcs_event_value_text(&value[i], a));
    }
    if (!tcs_base_str_eq(tcs_base_buf_view(&b), tcs_base_str_of(all)))
        fail_msg("%s is %.*s, not %s", name, TCS_STR_FMT(tcs_base_buf_view(&b)), all);
    tcs_base_buf_done(&b);
    tcs_base_arena_free(a);
}

static void
test_data_and_pads(void **state)
{
    static const char *const cleared[] = {"Channel", "System", "Channel", "Setup", NULL};
    static const char *const itself[] = {"Channel", "System", "Channel", "System", NULL};
    static const char *const empty[] = {"Channel", "System", "Channel", "", NULL};
    static const char *const padded[] = {"LogonProcessName", "NtLmSsp ", "LogonProcessName",
                                         "Kerberos", NULL};
    static const char *const tab[] = {"LogonProcessName", "a \t", "LogonProcessName", "  ", NULL};
    struct tcs_logsources *ls = builtin();
    struct made m;
    uint32_t n;
    (void)state;
    const struct tcs_view *v = find(ls, "windows", "", "system", &n);
    event(&m, "System", 104, cleared);
    expect_all(v, &m.ev, "Channel", "Setup");
    event(&m, "System", 104, itself);
    expect_all(v, &m.ev, "Channel", "System|System");
    event(&m, "System", 104, empty);
    expect_all(v, &m.ev, "Channel", "System|");
    v = find(ls, "windows", "", "security", &n);
    event(&m, "Security", 4624, padded);
    expect_all(v, &m.ev, "LogonProcessName", "NtLmSsp|NtLmSsp |Kerberos");
    event(&m, "Security", 4624, tab);
    expect_all(v, &m.ev, "LogonProcessName", "a \t||  ");
    tcs_sigma_logsources_free(ls);
}

static void
test_4657(void **state)
{
    static const char *const set[] = {"ObjectName",
                                      "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\x",
                                      "ObjectValueName",
                                      "ImagePath",
                                      "OperationType",
                                      "%%1905",
                                      "NewValue",
                                      "c:\\x.sys",
                                      "ProcessName",
                                      "C:\\reg.exe",
                                      NULL};
    static const char *const gone[] = {"ObjectName",
                                       "\\registry\\user\\S-1-5-21-7\\Software",
                                       "ObjectValueName",
                                       "v",
                                       "OperationType",
                                       "%%1906",
                                       NULL};
    struct tcs_logsources *ls = builtin();
    struct made m;
    (void)state;
    event(&m, "Security", 4657, set);
    const struct tcs_view *v = fitting(ls, "registry_set", &m.ev, 0);
    assert_non_null(v);
    expect(v, &m.ev, "TargetObject", "HKLM\\System\\CurrentControlSet\\Services\\x\\ImagePath");
    expect(v, &m.ev, "Details", "c:\\x.sys");
    expect(v, &m.ev, "EventType", "SetValue");
    expect(v, &m.ev, "Image", "C:\\reg.exe");
    assert_non_null(fitting(ls, "registry_event", &m.ev, 0));
    assert_null(fitting(ls, "registry_delete", &m.ev, 0));
    assert_null(fitting(ls, "registry_add", &m.ev, 0));
    event(&m, "Security", 4657, gone);
    v = fitting(ls, "registry_delete", &m.ev, 0);
    assert_non_null(v);
    expect(v, &m.ev, "TargetObject", "HKU\\S-1-5-21-7\\Software\\v");
    expect(v, &m.ev, "EventType", "DeleteValue");
    assert_null(fitting(ls, "registry_set", &m.ev, 0));
    tcs_sigma_logsources_free(ls);
}

static void
test_5156(void **state)
{
    static const char *const out[] = {"Application", "\\device\\harddiskvolume12\\windows\\x.exe",
                                      "Direction",   "%%14593",
                                      "Protocol",    "17",
                                      "DestAddress", "10.1.2.3",
                                      "DestPort",    "53",
                                      "ProcessID",   "88",
                                      NULL};
    const struct tcs_view_field *f = NULL;
    struct tcs_logsources *ls = builtin();
    struct made m;
    (void)state;
    event(&m, "Security", 5156, out);
    const struct tcs_view *v = fitting(ls, "network_connection", &m.ev, 0);
    assert_non_null(v);
    expect(v, &m.ev, "Image", "C:\\windows\\x.exe");
    expect(v, &m.ev, "Initiated", "true");
    expect(v, &m.ev, "Protocol", "udp");
    expect(v, &m.ev, "DestinationIp", "10.1.2.3");
    expect(v, &m.ev, "DestinationPort", "53");
    expect(v, &m.ev, "ProcessId", "88");
    assert_int_equal(tcs_sigma_view_look(v, TCS_STR("DestinationHostname"), &f), TCS_LOOK_NEVER);
    tcs_sigma_logsources_free(ls);
}

static void
test_parts_and_sources(void **state)
{
    static const char *const sysmon[] = {"Hashes", "SHA1=AA,MD5=BB, IMPHASH=CC", NULL};
    static const char *const posh[] = {
        "Data", "Available", "Data",
        "\tHostName=ConsoleHost\r\n\tHostApplication=powershell -nop\r\n\tEngineVersion=\r\n",
        NULL};
    static const char *const av[] = {"Threat Name", "EICAR", "Path", "file:_c:\\e.com", NULL};
    static const char *const flat[] = {"ThreatName", "EICAR", NULL};
    struct tcs_logsources *ls = builtin();
    struct made m;
    (void)state;
    event(&m, "Microsoft-Windows-Sysmon/Operational", 1, sysmon);
    const struct tcs_view *v = fitting(ls, "process_creation", &m.ev, 0);
    expect(v, &m.ev, "imphash", "CC");
    expect(v, &m.ev, "md5", "BB");
    expect(v, &m.ev, "sha256", NULL);
    event(&m, "Windows PowerShell", 400, posh);
    v = fitting(ls, "ps_classic_start", &m.ev, 0);
    expect(v, &m.ev, "HostApplication", "powershell -nop");
    expect(v, &m.ev, "EngineVersion", "");
    event(&m, "Microsoft-Windows-Windows Defender/Operational", 1116, av);
    v = fitting(ls, "antivirus", &m.ev, 0);
    expect(v, &m.ev, "Signature", "EICAR");
    expect(v, &m.ev, "Filename", "file:_c:\\e.com");
    event(&m, "Microsoft-Windows-Windows Defender/Operational", 1116, flat);
    expect(v, &m.ev, "Signature", "EICAR");
    tcs_sigma_logsources_free(ls);
}

static void
test_rewrites(void **state)
{
    static const char *const texts[] = {"D", "77", "H", "0xFf", "X", "0xfg", NULL};
    static const char yaml[] = "products:\n  windows:\n    services:\n      s:\n        fields:\n"
                               "          d: {from: D, as: hex}\n"
                               "          h: {from: H, as: decimal}\n"
                               "          x: {from: X, as: decimal}\n"
                               "          p: {from: D, prefix: {'?': n}}\n"
                               "          q: {from: H, prefix: {'0X?': n}}\n"
                               "          j: {from: [D, H], join: '/'}\n"
                               "          k: {from: [D, Z], join: '/'}\n";
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    struct tcs_err err = {0};
    struct made m;
    uint32_t n;
    (void)state;
    assert_int_equal(tcs_sigma_logsources_add(ls, TCS_STR("t"), tcs_base_str_of(yaml), &err), 0);
    const struct tcs_view *v = find(ls, "windows", "", "s", &n);
    event(&m, "x", 1, texts);
    expect(v, &m.ev, "d", "0x4d");
    expect(v, &m.ev, "h", "255");
    expect(v, &m.ev, "x", "0xfg");
    expect(v, &m.ev, "p", "n");
    expect(v, &m.ev, "q", "0xFf");
    expect(v, &m.ev, "j", "77/0xFf");
    expect(v, &m.ev, "k", NULL);
    tcs_sigma_logsources_free(ls);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_views_of_process_creation),
        cmocka_unit_test(test_services_and_categories),
        cmocka_unit_test(test_both_constrain),
        cmocka_unit_test(test_note),
        cmocka_unit_test(test_user_table),
        cmocka_unit_test(test_errors_have_a_place),
        cmocka_unit_test(test_4688),
        cmocka_unit_test(test_4688_for_another),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_where_and_absence),
        cmocka_unit_test(test_data_and_pads),
        cmocka_unit_test(test_4657),
        cmocka_unit_test(test_5156),
        cmocka_unit_test(test_parts_and_sources),
        cmocka_unit_test(test_rewrites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

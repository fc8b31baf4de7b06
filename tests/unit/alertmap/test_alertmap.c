/* unit/alertmap/test_alertmap.c - what the map makes of alerts, and what it says of maps that
 * are wrong.  Records have the fields that Suricata's and Wazuh's documentation shows; what is
 * expected of them is by the rows of the map in the test, or by docs/alerts.md for the built-in
 * one. */
#include "alertmap/alertmap.h"
#include "base/time.h"
#include "check.h"
#include "sigma/ast.h"

enum { FIELDS_MAX = 32 };

struct given {
    const char *name, *value;
};

/* An event of these texts; ends with {0}. */
static struct tcs_event
event(const char *product, const struct given *given, struct tcs_field fields[FIELDS_MAX])
{
    struct tcs_event ev = {
        .product = tcs_base_str_of(product), .time = TCS_TIME_NONE, .fields = fields};
    for (; given->name; given++)
        fields[ev.nfields++] =
            (struct tcs_field){.name = tcs_base_str_of(given->name),
                               .value = tcs_event_value_str(tcs_base_str_of(given->value))};
    return ev;
}

struct fixture {
    struct tcs_alertmap *map;
    struct tcs_alert_reader *reader;
    struct tcs_arena *a;
    struct tcs_alert alert;
};

static void
setup(struct fixture *f, bool builtin, const char *yaml)
{
    struct tcs_err err;
    *f = (struct fixture){.map = tcs_alertmap_new(), .a = tcs_base_arena_new(0)};
    assert_non_null(f->map);
    assert_non_null(f->a);
    if (builtin)
        assert_int_equal(tcs_alertmap_add(f->map, TCS_STR("b"), tcs_alertmap_builtin(), &err), 0);
    if (yaml)
        assert_int_equal(tcs_alertmap_add(f->map, TCS_STR("m"), tcs_base_str_of(yaml), &err), 0);
    f->reader = tcs_alertmap_reader_new(f->map, false);
    assert_non_null(f->reader);
}

static void
teardown(struct fixture *f)
{
    tcs_alertmap_reader_free(f->reader);
    tcs_alertmap_free(f->map);
    tcs_base_arena_free(f->a);
}

static bool
apply(struct fixture *f, const char *product, const struct given *given)
{
    struct tcs_field fields[FIELDS_MAX];
    struct tcs_event ev = event(product, given, fields);
    return tcs_alertmap_apply(f->reader, &ev, f->a, &f->alert);
}

/* "level stage T1,T2", as the alert has them. */
static void
check_meaning(const struct fixture *f, uint8_t level, uint8_t stage, const char *techniques)
{
    struct tcs_buf b = {0};
    const struct tcs_signature *s = &f->alert.signature;
    for (uint32_t i = 0; i < s->ntechniques; i++) {
        tcs_base_buf_str(&b, tcs_base_str_of(i ? "," : ""));
        tcs_base_buf_str(&b, s->techniques[i]);
    }
    assert_int_equal(s->level, level);
    assert_int_equal(s->stage, stage);
    check_str(tcs_base_buf_view(&b), techniques);
    tcs_base_buf_done(&b);
}

static const char csv_map[] = "version: 1\n"
                              "tools:\n"
                              "  mine:\n"
                              "    columns: [when, what, who]\n"
                              "    fields: {time: when, name: what, host: who, ip: addr,\n"
                              "             source_ip: [src, peer], user: account,\n"
                              "             severity: sev, category: class}\n"
                              "    severity: {1-3: low, 4: high, urgent: critical}\n"
                              "    alerts:\n"
                              "      - {name: routine, drop: true}\n"
                              "      - {name: ['*brute force*', '\\* literal'], stage: account,\n"
                              "         techniques: [T1110, T1110.003], level: medium}\n"
                              "      - {name: '/^new (user|group) \\d+$/', stage: foothold}\n"
                              "      - {name: 'c*', category: 'x?y', level: critical}\n"
                              "      - {category: '*scan*', level: informational}\n"
                              "    default: {stage: lateral, level: medium}\n";

#define NAMED(text)                                                                                \
    (const struct given[])                                                                         \
    {                                                                                              \
        {"when", "1"}, {"what", text}, {"who", "h"},                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static void
test_rows(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, false, csv_map);
    assert_false(apply(&f, "csv", NAMED("Routine"))); /* dropped; case does not count */
    assert_true(apply(&f, "csv", NAMED("a BRUTE force!")));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_ACCOUNT, "T1110,T1110.003");
    assert_true(apply(&f, "csv", NAMED("* literal")));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_ACCOUNT, "T1110,T1110.003");
    assert_true(apply(&f, "csv", NAMED("x literal")));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_LATERAL, "");
    assert_true(apply(&f, "csv", NAMED("New User 12")));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_FOOTHOLD, ""); /* the default's level */
    assert_true(apply(&f, "csv", NAMED("new users")));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_LATERAL, "");
    teardown(&f);
}

/* claim: map-power */
static void
test_categories_and_severity(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, false, csv_map);
    /* all conditions of a row must hold, one value of several is enough, `?` is a character */
    assert_true(apply(&f, "csv",
                      (const struct given[]){{"when", "1"},
                                             {"what", "C"},
                                             {"who", "h"},
                                             {"class", "net-SCAN-1"},
                                             {"class", "X?Y"},
                                             {0}}));
    check_meaning(&f, TCS_CRITICAL, TCS_STAGE_NONE, "");
    assert_true(apply(&f, "csv",
                      (const struct given[]){{"when", "1"},
                                             {"what", "d"},
                                             {"who", "h"},
                                             {"class", "xay"},
                                             {"class", "net-SCAN-1"},
                                             {0}}));
    check_meaning(&f, TCS_INFORMATIONAL, TCS_STAGE_NONE, "");
    static const struct {
        const char *severity;
        uint8_t level;
    } rows[] = {{"1", TCS_LOW},    {"3", TCS_LOW},           {"3.5", TCS_MEDIUM}, {"4", TCS_HIGH},
                {"5", TCS_MEDIUM}, {"Urgent", TCS_CRITICAL}, {"none", TCS_MEDIUM}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(
            apply(&f, "csv",
                  (const struct given[]){
                      {"when", "1"}, {"what", "d"}, {"who", "h"}, {"sev", rows[i].severity}, {0}}));
        check_meaning(&f, rows[i].level, TCS_STAGE_LATERAL, "");
    }
    teardown(&f);
}

static void
test_parties(void **state)
{
    (void)state;
    struct fixture f;
    char text[TCS_TIME_TEXT];
    setup(&f, false, csv_map);
    assert_true(apply(&f, "csv",
                      (const struct given[]){{"when", "1642723347.5"},
                                             {"what", " d "},
                                             {"who", "-"},
                                             {"addr", "10.0.0.1"},
                                             {"src", ""},
                                             {"peer", "10.0.0.9"},
                                             {"account", "N/A"},
                                             {0}}));
    check_str(f.alert.tool, "mine");
    check_str(f.alert.signature.id, "mine:d");
    check_str(f.alert.signature.title, "d");
    check_str(f.alert.who.host, "10.0.0.1"); /* the address stands in for a host without a name */
    check_str(f.alert.who.source_ip, "10.0.0.9");
    assert_int_equal(f.alert.who.user.n, 0);
    check_str(tcs_base_time_format(f.alert.time, 1, text), "2022-01-21T00:02:27.5Z");
    assert_true(
        apply(&f, "csv",
              (const struct given[]){
                  {"when", "2022-01-21 01:02:27+01:00"}, {"what", "d"}, {"who", "h"}, {0}}));
    check_str(tcs_base_time_format(f.alert.time, 0, text), "2022-01-21T00:02:27Z");
    assert_true(apply(&f, "csv",
                      (const struct given[]){{"when", "soon"}, {"what", ""}, {"who", "h"}, {0}}));
    assert_int_equal(f.alert.time, TCS_TIME_NONE);
    check_str(f.alert.signature.title, "an alert without a name");
    teardown(&f);
}

/* Which records are a tool's. */
static void
test_whose(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, true, csv_map);
    struct tcs_event head = {.product = TCS_STR("suricata")};
    assert_true(tcs_alertmap_wants(f.map, &head));
    head.product = TCS_STR("windows");
    assert_false(tcs_alertmap_wants(f.map, &head));
    assert_false(apply(&f, "csv", (const struct given[]){{"when", "1"}, {"what", "d"}, {0}}));
    assert_false(apply(&f, "windows", NAMED("d")));
    assert_false(apply(&f, "suricata", (const struct given[]){{"event_type", "flow"}, {0}}));
    uint32_t n;
    const struct tcs_str *columns = tcs_alertmap_table(f.map, 0, &n);
    assert_int_equal(n, 3);
    check_str(columns[1], "what");
    assert_null(tcs_alertmap_table(f.map, 1, &n));
    teardown(&f);
}

static void
test_suricata(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, true, NULL);
    assert_true(apply(&f, "suricata",
                      (const struct given[]){{"timestamp", "2026-04-20T10:00:00.123456+0200"},
                                             {"event_type", "alert"},
                                             {"src_ip", "192.0.2.7"},
                                             {"dest_ip", "10.0.0.5"},
                                             {"host", "sensor1"},
                                             {"alert.signature_id", "2027865"},
                                             {"alert.signature", "ACME Something unheard of"},
                                             {"alert.category", "A Network Trojan was detected"},
                                             {"alert.severity", "1"},
                                             {"alert.metadata.mitre_technique_id", "T1071_001"},
                                             {"alert.metadata.mitre_technique_id", "nonsense"},
                                             {0}}));
    check_meaning(&f, TCS_HIGH, TCS_STAGE_FOOTHOLD, "T1071.001");
    check_str(f.alert.signature.id, "suricata:2027865");
    check_str(f.alert.who.source_ip, "192.0.2.7");
    check_str(f.alert.who.dest_ip, "10.0.0.5");
    check_str(f.alert.who.host, "sensor1");
    assert_true(apply(&f, "suricata",
                      (const struct given[]){{"event_type", "alert"},
                                             {"alert.signature", "ET SCAN Nmap User-Agent"},
                                             {"alert.severity", "3"},
                                             {0}}));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_ACCOUNT, "T1595");
    assert_true(apply(&f, "suricata",
                      (const struct given[]){{"event_type", "alert"},
                                             {"alert.signature", "LOCAL odd"},
                                             {"alert.severity", "2"},
                                             {0}}));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_NONE, "");
    teardown(&f);
}

static void
test_wazuh(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, true, NULL);
    assert_true(apply(&f, "wazuh",
                      (const struct given[]){{"timestamp", "2026-04-20T10:00:00.123+0000"},
                                             {"rule.level", "12"},
                                             {"rule.description", "Something unheard of"},
                                             {"rule.id", "100200"},
                                             {"rule.mitre.id", "T1003.001"},
                                             {"rule.mitre.id", "T1059"},
                                             {"rule.groups", "local"},
                                             {"agent.name", "web1"},
                                             {"data.srcip", "192.0.2.7"},
                                             {"data.dstuser", "root"},
                                             {0}}));
    check_meaning(&f, TCS_HIGH, TCS_STAGE_NONE, "T1003.001,T1059");
    check_str(f.alert.who.host, "web1");
    check_str(f.alert.who.target, "root");
    assert_true(apply(&f, "wazuh",
                      (const struct given[]){{"rule.level", "5"},
                                             {"rule.description", "Something unheard of"},
                                             {"rule.groups", "syslog"},
                                             {"rule.groups", "authentication_failures"},
                                             {0}}));
    check_meaning(&f, TCS_MEDIUM, TCS_STAGE_ACCOUNT, "T1110");
    teardown(&f);
}

/* A later table's rows come first, also for a tool that is known. */
static void
test_adding(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, true,
          "tools: {wazuh: {alerts: [{id: 5710, level: critical}], severity: {12: low}}}\n"
          "alerts: [{name: '*unheard*', techniques: T1059}]\n");
    assert_true(apply(&f, "wazuh",
                      (const struct given[]){{"rule.id", "5710"},
                                             {"rule.level", "5"},
                                             {"rule.description", "sshd: brute force"},
                                             {0}}));
    check_meaning(&f, TCS_CRITICAL, TCS_STAGE_NONE, "");
    assert_true(apply(
        &f, "wazuh",
        (const struct given[]){
            {"rule.id", "1"}, {"rule.level", "12"}, {"rule.description", "unheard of"}, {0}}));
    check_meaning(&f, TCS_LOW, TCS_STAGE_NONE, "T1059");
    teardown(&f);
}

/* claim: map-yaml */
static void
test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *msg;
        uint32_t line, col;
    } rows[] = {
        {"version: 2\n", "m: version 1 is expected", 1, 1},
        {"tools:\n  x:\n    colums: [a]\n",
         "m: a tool has product, columns, where, fields, severity, alerts and default", 3, 5},
        {"tools:\n  x: {columns: [a]}\n",
         "m: `fields` must tell where the alert's `name` or `id` is", 2, 3},
        {"tools:\n  x: {fields: {name: a}}\n",
         "m: product, columns or where must tell which records are this tool's", 2, 3},
        {"tools:\n  x: {product: p, fields: {nam: a}}\n",
         "m: no such field; docs/alerts.md lists them", 2, 28},
        {"alerts:\n  - name: a\n    stage: early\n",
         "m: stages are account, foothold, credentials, lateral and destroy", 3, 5},
        {"alerts:\n  - name: a\n    techniques: [T1059, 1059]\n",
         "m: a technique is written T1059 or T1059.001", 3, 5},
        {"alerts:\n  - name: a\n    level: hot\n",
         "m: levels are informational, low, medium, high and critical", 3, 5},
        {"alerts:\n  - name: a\n    drop: false\n", "m: only `drop: true` means something", 3, 5},
        {"alerts:\n  - level: low\n",
         "m: the row says of no alert what it is: name, id or category is missing", 2, 5},
        {"alerts:\n  - name: []\n", "m: the list is empty", 2, 5},
        {"alerts: {name: a}\n", "m: a list of rows is expected here", 1, 1},
        {"[a]\n", "m: pairs KEY: VALUE are expected here", 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcs_alertmap *m = tcs_alertmap_new();
        struct tcs_err err = {0};
        assert_non_null(m);
        assert_int_equal(tcs_alertmap_add(m, TCS_STR("m"), tcs_base_str_of(rows[i].yaml), &err),
                         -TCS_EPARSE);
        assert_string_equal(err.msg, rows[i].msg);
        assert_int_equal(err.line, rows[i].line);
        assert_int_equal(err.col, rows[i].col);
        tcs_alertmap_free(m);
    }
    struct tcs_alertmap *m = tcs_alertmap_new();
    struct tcs_err err = {0};
    assert_int_equal(
        tcs_alertmap_add(m, TCS_STR("m"), TCS_STR("alerts:\n  - name: '/a(/'\n"), &err),
        -TCS_EPARSE);
    assert_int_equal(err.line, 2);
    tcs_alertmap_free(m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),     cmocka_unit_test(test_categories_and_severity),
        cmocka_unit_test(test_parties),  cmocka_unit_test(test_whose),
        cmocka_unit_test(test_suricata), cmocka_unit_test(test_wazuh),
        cmocka_unit_test(test_adding),   cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The engine against the plain matcher: generated rules on generated events must give the same
 * findings in the same order, with and without the prefilter and the memory of values.  The
 * vocabulary is small, so that predicates hit often, and holds what is special: case that changes
 * length, GUIDs, blanks, numbers in several spellings, broken text. */
#include "check.h"
#include "plain/plain.h"
#include "plain/rulebuild.h"

enum { RULES = 120, EVENTS = 150, ROUNDS = 16, FIELDS_MAX = 14, TEXT_MAX = 256 };

static uint64_t seed;

static uint32_t
rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

#define PICK(list) (list)[rnd(sizeof(list) / sizeof *(list))]

static const char *const names[] = {
    "Image",
    "Image",
    "CommandLine",
    "CommandLine",
    "ParentImage",
    "Hashes",
    "imphash",
    "ProcessId",
    "User",
    "OriginalFileName",
    "Details",
    "TargetObject",
    "EventType",
    "DestinationPort",
    "Data",
    "LogonType",
    "NewProcessName",
    "NewProcessId",
    "SubjectUserName",
    "SubjectDomainName",
    "EventID",
    "Provider_Name",
    "ObjectName",
    "ObjectValueName",
    "OperationType",
    "NewValue",
    "ParentProcessName",
    "IpAddress",
    "UtcTime",
    "LogonGuid",
    "SubjectUserSid",
    "TargetUserName",
    "TargetUserName",
    "TargetDomainName",
    "TargetLogonId",
    "LogonId",
    "Channel",
    "Channel",
    "LogonProcessName",
    "LogonProcessName",
};
static const char *const words[] = {
    "cmd.exe",
    "\\cmd.exe",
    "\\powershell.exe",
    "C:\\Windows\\System32\\",
    "-enc",
    " /c ",
    "http",
    "HKLM\\Software\\Run",
    "\\REGISTRY\\MACHINE\\Software\\Run",
    "a",
    "b",
    "",
    "-",
    "*",
    "mimikatz",
    "sekurlsa::logonpasswords",
    "\u00c4\u00d6",
    "\u212aelvin",
    "kelvin",
    "\U0001f600",
    "\u6f22\u5b57",
    "MD5=AB,IMPHASH=CD",
    "IMPHASH=cd",
    "4624",
    "0x1210",
    "1",
    "0x1",
    "01",
    "SetValue",
    "%%1904",
    "10.0.0.5",
    "fe80::1%3",
    "2024-05-06 07:08:09",
    "{0CCE9210-69AE-11D9-BED3-505054503030}",
    "0cce9210-69ae-11d9-bed3-505054503030",
    "Administrator",
    "CORP\\Administrator",
    "\xff\xfe",
    "x y",
    "rundll32.exe javascript:",
    "vssadmin delete shadows",
    "aaaaaaaaaaaa",
    "-",
    "",
    "System",
    "SECURITY",
    "NtLmSsp ",
    "NtLmSsp",
    "NtLmSsp *",
    "* ",
    "S-1-5-20",
    "0x3e4",
    "NT AUTHORITY\\NETWORK SERVICE",
};

struct world {
    struct tcs_arena *a;
    struct tcs_logsources *ls;
    struct tcs_rule *rules;
    struct tcs_event events[EVENTS];
};

/* --- rules ------------------------------------------------------------------------------------ */

static struct tcs_str
pattern(struct tcs_arena *a, bool wild)
{
    char t[TEXT_MAX];
    int n = 0;
    if (wild && rnd(3))
        n += snprintf(t + n, sizeof t - (size_t)n, "*");
    for (uint32_t i = 1 + rnd(2); i; i--)
        n += snprintf(t + n, sizeof t - (size_t)n, "%s%s", PICK(words),
                      wild && rnd(6) == 0 ? (rnd(2) ? "*" : "?") : "");
    if (wild && rnd(3))
        n += snprintf(t + n, sizeof t - (size_t)n, "*");
    return rb_pattern(a, tcs_base_arena_str(a, tcs_base_str_of(t)).p);
}

static struct tcs_pred
pred(struct tcs_arena *a)
{
    static const char *const regexes[] = {"cmd",
                                          "(?i)CMD\\.exe$",
                                          "^.{3,5}$",
                                          "[0-9]{2,}",
                                          "a+b?",
                                          "mimi(katz|tty)",
                                          "\\\\power.*l\\.exe",
                                          "",
                                          "(-enc|/c)",
                                          "^\\{0CCE",
                                          "\u00c4."};
    static const double nums[] = {0, 1, 4624, 4688, 13, 443, -3, 1.5};
    static const uint8_t refs[] = {0, TCS_PF_REF_CONTAINS, TCS_PF_REF_STARTS, TCS_PF_REF_ENDS};
    struct tcs_pred p = {.kind = TCS_P_STR, .field = tcs_base_str_of(PICK(names))};
    uint32_t kind = rnd(40);
    if (kind < 24) {
        p.flags = rnd(12) == 0 ? TCS_PF_CASED : 0;
        p.text = pattern(a, rnd(4) > 0);
    } else if (kind < 27) {
        p.kind = TCS_P_RE;
        p.flags = (uint8_t)((rnd(2) ? TCS_PF_RE_I : 0) | (rnd(4) ? 0 : TCS_PF_RE_S));
        p.text = tcs_base_str_of(PICK(regexes));
    } else if (kind < 28) {
        p.kind = TCS_P_CIDR;
        p.bits = 96 + 8;
        memcpy(p.addr, (const uint8_t[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10}, 13);
    } else if (kind < 32) {
        p.kind = TCS_P_NUM;
        p.cmp = rnd(3) ? TCS_EQ : (uint8_t)rnd(6);
        p.num = PICK(nums);
        if (rnd(3) == 0)
            p.field = TCS_STR("EventID");
    } else if (kind < 34) {
        p.kind = TCS_P_NULL;
    } else if (kind < 36) {
        p.kind = TCS_P_EXISTS;
        p.num = rnd(2);
    } else if (kind < 38) {
        p.kind = TCS_P_FIELDREF;
        p.flags = (uint8_t)(PICK(refs) | (rnd(4) == 0 ? TCS_PF_CASED : 0));
        p.text = tcs_base_str_of(PICK(names));
    } else {
        p.kind = TCS_P_TIMEPART;
        p.part = (uint8_t)rnd(6);
        p.cmp = (uint8_t)rnd(6);
        p.num = rnd(30);
    }
    return p;
}

static uint32_t
tree(struct rulebuild *b, unsigned depth)
{
    uint32_t kids[4], n = 1 + rnd(4);
    if (depth == 0 || rnd(4) == 0) {
        struct tcs_pred p = pred(b->a);
        if (rnd(25) == 0) {
            p = (struct tcs_pred){.kind = TCS_P_STR,
                                  .text = rb_pattern(b->a, rnd(2) ? "*mimi*" : "*4624*")};
        }
        return rb_pred(b, p);
    }
    if (rnd(5) == 0)
        return rb_not(b, tree(b, depth - 1));
    if (rnd(8) == 0)
        return rb_search(b, "s", tree(b, depth - 1));
    for (uint32_t i = 0; i < n; i++)
        kids[i] = tree(b, depth - 1);
    return rb_list(b, rnd(2) ? TCS_N_AND : TCS_N_OR, kids, n);
}

static void
make_rules(struct world *w)
{
    static const char *const sources[][3] = {
        {"windows", "process_creation", ""},
        {"windows", "process_creation", ""},
        {"windows", "registry_set", ""},
        {"windows", "registry_event", ""},
        {"windows", "", "security"},
        {"windows", "", "security"},
        {"windows", "", "system"},
        {"windows", "", ""},
        {"", "", ""},
        {"linux", "", "sshd"},
        {"linux", "process_creation", ""},
        {"linux", "", ""},
        {"", "", "sshd"},
        {"nowhere", "", "thing"},
        {"windows", "no_such_category", ""},
        {"windows", "", "no_such_service"},
    };
    w->rules = tcs_base_arena_array(w->a, RULES, sizeof *w->rules);
    for (uint32_t i = 0; i < RULES; i++) {
        const char *const *s = PICK(sources);
        struct rulebuild b = rb_new(w->a, &w->rules[i], s[0], s[1], s[2]);
        w->rules[i].root = tree(&b, 1 + rnd(3));
    }
}

/* --- events ----------------------------------------------------------------------------------- */

static struct tcs_value
wide(struct tcs_arena *a, struct tcs_str t)
{
    uint8_t *out = tcs_base_arena_alloc(a, t.n * 2 + 4);
    uint32_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        out[n++] = (uint8_t)t.p[i]; /* Latin-1, which gives lone high characters as well */
        out[n++] = 0;
    }
    if (rnd(10) == 0) {
        out[n++] = 0x3d;
        out[n++] = 0xd8;
    }
    return (struct tcs_value){.type = TCS_V_UTF16, .n = n, .b = out};
}

static struct tcs_value
value(struct tcs_arena *a)
{
    static const uint8_t guid[16] = {0x10, 0x92, 0xce, 0x0c, 0xae, 0x69, 0xd9, 0x11,
                                     0xbe, 0xd3, 0x50, 0x50, 0x54, 0x50, 0x30, 0x30};
    static const int64_t ints[] = {0, 1, 13, 443, 4624, -3};
    char t[TEXT_MAX];
    int n = 0;
    switch (rnd(12)) {
    case 0:
        return (struct tcs_value){.type = TCS_V_NULL};
    case 1:
        return (struct tcs_value){.type = TCS_V_INT, .i = PICK(ints)};
    case 2:
        return (struct tcs_value){.type = rnd(2) ? TCS_V_UINT : TCS_V_HEX,
                                  .u = (uint64_t)PICK(ints)};
    case 3:
        return (struct tcs_value){.type = TCS_V_GUID, .n = 16, .b = guid};
    case 4:
        return (struct tcs_value){.type = TCS_V_TIME, .i = (int64_t)rnd(2000000000) * 10000000};
    default:
        for (uint32_t i = rnd(4); i; i--)
            n += snprintf(t + n, sizeof t - (size_t)n, "%s", PICK(words));
        struct tcs_str s = tcs_base_arena_str(a, (struct tcs_str){t, (size_t)n});
        return rnd(2) ? wide(a, s) : tcs_event_value_str(s);
    }
}

static void
make_event(struct world *w, struct tcs_event *ev)
{
    static const struct {
        const char *product, *service, *channel, *provider;
        uint32_t ids[4];
    } kinds[] = {
        {"windows",
         "",
         "Microsoft-Windows-Sysmon/Operational",
         "Microsoft-Windows-Sysmon",
         {1, 12, 13, 99}},
        {"windows",
         "",
         "SECURITY",
         "Microsoft-Windows-Security-Auditing",
         {4688, 4657, 4624, 4688}},
        {"windows", "", "System", "Service Control Manager", {7045, 13, 1, TCS_EVENT_ID_NONE}},
        {"windows", "", "Unheard/Of", "", {1, 4624, 4688, TCS_EVENT_ID_NONE}},
        {"linux", "sshd", "", "", {TCS_EVENT_ID_NONE, TCS_EVENT_ID_NONE, 1, 2}},
        {"linux", "", "Linux-Sysmon/Operational", "Linux-Sysmon", {1, 3, 1, 1}},
        {"nowhere", "thing", "", "", {TCS_EVENT_ID_NONE, 1, 4624, 1}},
        {"", "", "", "", {TCS_EVENT_ID_NONE, 1, 4624, 1}},
    };
    size_t k = rnd(3) ? rnd(3) : rnd(sizeof kinds / sizeof *kinds);
    struct tcs_str channel = tcs_base_str_of(kinds[k].channel);
    *ev = (struct tcs_event){
        .product = tcs_base_str_of(kinds[k].product),
        .service = tcs_base_str_of(kinds[k].service),
        .event_id = kinds[k].ids[rnd(4)],
        .provider = tcs_event_value_str(tcs_base_str_of(kinds[k].provider)),
        .fields = tcs_base_arena_array(w->a, FIELDS_MAX, sizeof *ev->fields),
        .nfields = rnd(FIELDS_MAX),
    };
    ev->channel = rnd(2) ? tcs_event_value_str(channel) : wide(w->a, channel);
    for (uint32_t i = 0; i < ev->nfields; i++)
        ev->fields[i] =
            (struct tcs_field){.name = tcs_base_str_of(PICK(names)), .value = value(w->a)};
}

/* --- comparison, and what to look at when it fails
 * ------------------------------------------------------------------------------- */

static void
show_node(const struct tcs_rule *r, uint32_t at)
{
    const struct tcs_node *n = &r->nodes[at];
    const struct tcs_pred *p = &r->preds[n->op == TCS_N_PRED ? n->a : 0];
    static const char *const ops[] = {"and", "or", "not", "", "search"};
    if (n->op == TCS_N_PRED) {
        print_message(" (%d/%d %.*s '%.*s' %d %g)", p->kind, p->flags, TCS_STR_FMT(p->field),
                      TCS_STR_FMT(p->text), p->cmp, p->num);
        return;
    }
    print_message(" (%s", ops[n->op]);
    if (n->op == TCS_N_NOT)
        show_node(r, n->a);
    else if (n->op == TCS_N_SEARCH)
        show_node(r, r->searches[n->a].root);
    else
        for (uint32_t i = 0; i < n->n; i++)
            show_node(r, r->kids[n->a + i]);
    print_message(")");
}

static void
show(const struct world *w, uint32_t rule, const struct tcs_event *ev)
{
    const struct tcs_rule *r = &w->rules[rule];
    struct tcs_buf b = {0};
    print_message("%s/%s/%s:", r->logsource.product.p, r->logsource.category.p,
                  r->logsource.service.p);
    show_node(r, r->root);
    tcs_event_json_flat(ev, &b);
    print_message("\non id %u: %.*s\n", ev->event_id, (int)b.n, b.p);
    tcs_base_buf_done(&b);
}

static void
compare(const struct world *w, const struct tcs_event *ev, const struct tcs_sigma_match *got,
        uint32_t ngot, const struct tcs_sigma_match *want, uint32_t nwant)
{
    for (uint32_t i = 0; i < ngot || i < nwant; i++) {
        uint32_t g = i < ngot ? got[i].rule : RULES, t = i < nwant ? want[i].rule : RULES;
        if (g == t && got[i].view == want[i].view)
            continue;
        show(w, g < t ? g : t, ev);
        fail_msg("rule %u: %s", g < t ? g : t,
                 g < t   ? "too much"
                 : g > t ? "missed"
                         : "wrong view");
    }
}

static uint32_t
check_world(struct world *w, struct tcs_ruleset_opts opts)
{
    struct tcs_ruleset *rs;
    struct tcs_err err;
    uint32_t total = 0;
    if (tcs_sigma_ruleset_build(w->rules, RULES, w->ls, &opts, &rs, &err) < 0)
        fail_msg("%s", err.msg);
    struct tcs_scan *s = tcs_sigma_scan_new(rs);
    struct plain *p = plain_new(w->rules, RULES, w->ls);
    assert_non_null(s);
    /* each event three times: noted, stored and replayed by the memory of values */
    for (uint32_t e = 0; e < 3 * EVENTS; e++) {
        struct tcs_event *ev = &w->events[e % EVENTS];
        const struct tcs_sigma_match *got, *want;
        for (uint32_t i = 0; i < ev->nfields; i++)
            ev->fields[i].slot =
                tcs_event_fieldset_find(tcs_sigma_ruleset_fields(rs), ev->fields[i].name);
        uint32_t ngot = tcs_sigma_scan_event(s, ev, &got);
        uint32_t nwant = plain_event(p, ev, &want);
        compare(w, ev, got, ngot, want, nwant);
        assert_true(nwant == 0 || tcs_sigma_scan_want(s, ev));
        for (uint32_t i = 0; i < nwant; i++)
            assert_true(tcs_sigma_ruleset_reachable(rs, want[i].rule));
        total += nwant;
    }
    assert_int_equal(tcs_sigma_scan_stats(s)->matches, total);
    plain_free(p);
    tcs_sigma_scan_free(s);
    tcs_sigma_ruleset_free(rs);
    return total;
}

static void
same_as_plain(void **state)
{
    (void)state;
    uint32_t hits = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        static struct world w;
        w = (struct world){.a = tcs_base_arena_new(0), .ls = tcs_sigma_logsources_new()};
        seed = 0x9e3779b97f4a7c15u * (round + 1);
        assert_int_equal(tcs_sigma_logsources_add(w.ls, TCS_STR("builtin"),
                                                  tcs_sigma_logsources_builtin(), NULL),
                         0);
        make_rules(&w);
        for (uint32_t e = 0; e < EVENTS; e++)
            make_event(&w, &w.events[e]);
        hits += check_world(&w, (struct tcs_ruleset_opts){.no_prefilter = round % 4 == 0,
                                                          .no_memory = round % 4 == 1});
        tcs_sigma_logsources_free(w.ls);
        tcs_base_arena_free(w.a);
    }
    print_message("%u findings agree\n", hits);
    assert_true(hits > 1000);
}

/* Fields that views make in nearly the same way are different ones: other words of a list (PART),
 * what is a source here and a prefix there, another `where`.  An event's way is not the last one's.
 */
static void
nearly_the_same(void **state)
{
    static const char yaml[] = "products:\n  windows:\n    services:\n      s:\n        fields:\n"
                               "          A: {from: L, part: 'a=', by: ','}\n"
                               "          B: {from: L, part: 'b=', by: ','}\n"
                               "          C: {from: [M, N, O, P], join: '/'}\n"
                               "          D: {from: [M, N], join: '/', prefix: {O: P}}\n"
                               "          E: [{where: {L: '!-|'}, from: L}, {from: M}]\n"
                               "          F: [{where: {L: '-|'}, from: L}, {from: M}]\n";
    static const struct {
        const char *fields[5], *rule[2]; /* of L, M, N, O, P; field and pattern */
        bool hit;
    } rows[] = {
        {{"a=1,b=2", "m", "n", "o", "p"}, {"A", "1"}, true},
        {{"a=1,b=2", "m", "n", "o", "p"}, {"B", "1"}, false},
        {{"a=1,b=2", "m", "n", "o", "p"}, {"B", "2"}, true},
        {{"a=1,b=2", "O", "n", "o", "p"}, {"C", "O/n/o/p"}, true},
        {{"a=1,b=2", "O", "n", "o", "p"}, {"D", "P/n"}, true},
        {{"a=1,b=2", "m", "n", "o", "p"}, {"E", "a=1*"}, true},
        {{"a=1,b=2", "m", "n", "o", "p"}, {"F", "a=1*"}, false},
        {{"a=1,b=2", "m", "n", "o", "p"}, {"F", "m"}, true},
        {{"-", "m", "n", "o", "p"}, {"E", "m"}, true},
        {{"-", "m", "n", "o", "p"}, {"F", "m"}, false},
        {{"a=2,b=1", "m", "n", "o", "p"}, {"E", "m"}, false},
    };
    enum { N = sizeof rows / sizeof *rows };
    static const char *const sources[] = {"L", "M", "N", "O", "P"};
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    struct tcs_rule rules[N];
    struct tcs_ruleset *rs;
    struct tcs_err err;
    (void)state;
    assert_int_equal(tcs_sigma_logsources_add(ls, TCS_STR("t"), tcs_base_str_of(yaml), NULL), 0);
    for (uint32_t i = 0; i < N; i++) {
        struct rulebuild b = rb_new(a, &rules[i], "windows", "", "s");
        rules[i].root = rb_pred(&b, (struct tcs_pred){.kind = TCS_P_STR,
                                                      .field = tcs_base_str_of(rows[i].rule[0]),
                                                      .text = rb_pattern(a, rows[i].rule[1])});
    }
    assert_int_equal(
        tcs_sigma_ruleset_build(rules, N, ls, &(struct tcs_ruleset_opts){0}, &rs, &err), 0);
    struct tcs_scan *s = tcs_sigma_scan_new(rs);
    for (uint32_t i = 0; i < N; i++) {
        struct tcs_field fields[5];
        struct tcs_event ev = {.product = TCS_STR("windows"), .fields = fields, .nfields = 5};
        const struct tcs_sigma_match *hits;
        bool hit = false;
        for (int f = 0; f < 5; f++)
            fields[f] = (struct tcs_field){
                .name = tcs_base_str_of(sources[f]),
                .slot = tcs_event_fieldset_find(tcs_sigma_ruleset_fields(rs),
                                                tcs_base_str_of(sources[f])),
                .value = tcs_event_value_str(tcs_base_str_of(rows[i].fields[f]))};
        for (uint32_t n = tcs_sigma_scan_event(s, &ev, &hits); n > 0; n--)
            hit |= hits[n - 1].rule == i;
        if (hit != rows[i].hit)
            fail_msg("row %u", i);
    }
    tcs_sigma_scan_free(s);
    tcs_sigma_ruleset_free(rs);
    tcs_sigma_logsources_free(ls);
    tcs_base_arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_plain),
        cmocka_unit_test(nearly_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

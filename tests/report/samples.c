/* tests/report/samples.c - incidents made by hand: a small one, four hosts in 54 seconds, fourteen
 * months, forty hosts, hostile names, and nothing at all. */
#include "samples.h"

#include "base/time.h"
#include "sigma/ast.h"

#include <stdio.h>
#include <stdlib.h>

struct maker {
    struct tcs_arena *a;
    struct tcs_incident *in;
};

static struct tcs_str
text(const char *s)
{
    return tcs_base_str_of(s);
}

static int64_t
at(const char *s)
{
    int64_t t;
    if (!tcs_base_time_parse(tcs_base_str_of(s), &t))
        abort();
    return t;
}

/* Room for one more element of a list of the incident. */
#define ADD(m, list)                                                                               \
    (grow((m)->a, (void **)&(m)->in->list, &(m)->in->n##list, sizeof *(m)->in->list),              \
     &(m)->in->list[(m)->in->n##list - 1])

static void
grow(struct tcs_arena *a, void **list, uint32_t *n, size_t size)
{
    void *more = tcs_base_arena_array(a, *n + 1u, size);
    if (!more)
        abort();
    if (*n)
        memcpy(more, *list, *n * size);
    *list = more;
    ++*n;
}

struct row {
    const char *time, *title, *technique, *host, *account, *source;
    uint8_t stage, level;
    bool chosen;
    uint64_t count;
};

static struct tcs_link *
add_row(struct maker *m, const struct row *r)
{
    struct tcs_link *l = ADD(m, links);
    struct tcs_str *technique = tcs_base_arena_array(m->a, 1, sizeof *technique);
    if (!technique)
        abort();
    *technique = text(r->technique);
    *l = (struct tcs_link){.time = at(r->time),
                           .last = at(r->time),
                           .count = r->count ? r->count : 1,
                           .stage = r->stage,
                           .level = r->level,
                           .chosen = r->chosen,
                           .title = text(r->title),
                           .techniques = technique,
                           .ntechniques = *r->technique ? 1 : 0,
                           .host = text(r->host),
                           .account = text(r->account),
                           .source = text(r->source)};
    l->rule_id =
        tcs_base_arena_printf(m->a, "5d1d946e-32e6-4d9a-a0dc-0ac022c7eb%02u", m->in->nlinks);
    l->evidence = (struct tcs_evidence){.file = text("logs/Security.evtx"),
                                        .channel = text("Security"),
                                        .record_id = 1000 + m->in->nlinks,
                                        .event_id = 4625};
    m->in->stages |= 1u << r->stage;
    m->in->detections += l->count;
    if (m->in->nlinks == 1)
        m->in->first = l->time;
    m->in->last = l->time;
    return l;
}

static void
add_rows(struct maker *m, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add_row(m, &rows[i]);
}
#define ROWS(m, rows) add_rows((m), (rows), sizeof(rows) / sizeof *(rows))

static void
add_state(struct maker *m, uint8_t state, const char *time, const char *why)
{
    *ADD(m, transitions) = (struct tcs_transition){state, at(time), text(why)};
    m->in->state = state > m->in->state ? state : m->in->state;
}

static void
add_move(struct maker *m, const char *time, const char *from, const char *to, const char *reason)
{
    *ADD(m, joins) = (struct tcs_join){
        .kind = TCS_JOINED,
        .strength = TCS_JOIN_MEDIUM,
        .time = at(time),
        .link = 0,
        .to = m->in->nlinks - 1,
        .reason = text(reason),
        .from_host = text(from),
        .to_host = text(to),
        .evidence = {.file = text("logs/Security.evtx"), .record_id = 4711, .event_id = 4624}};
}

static void
add_join(struct maker *m, uint8_t kind, uint8_t strength, uint32_t link, const char *reason)
{
    *ADD(m, joins) =
        (struct tcs_join){.kind = kind,
                          .strength = strength,
                          .time = m->in->first,
                          .link = link,
                          .to = link ? link - 1 : UINT32_MAX,
                          .reason = text(reason),
                          .other = text(kind == TCS_JOIN_RELATED ? "9f1c0a7be2d344d2" : "")};
}

#define ADD_NAME(m, list, name) (*ADD(m, list) = text(name))

static void
set_id(struct tcs_incident *in, const char *id)
{
    memcpy(in->id, id, TCS_INCIDENT_ID + 1);
}

static void
small(struct tcs_arena *a, struct tcs_incident *in)
{
    struct maker m = {a, in};
    static const struct row rows[] = {
        {"2026-03-02T08:14:05Z", "Many failed logons, then one that succeeded", "T1110.003",
         "WS-014", "ELBWERFT\\j.brandt", "203.0.113.77", TCS_STAGE_ACCOUNT, TCS_HIGH, true, 41},
        {"2026-03-02T08:31:40Z", "PowerShell downloads and runs a program", "T1059.001", "WS-014",
         "ELBWERFT\\j.brandt", "", TCS_STAGE_FOOTHOLD, TCS_MEDIUM, true, 1},
        {"2026-03-02T09:02:12Z", "LSASS memory read by an unusual process", "T1003.001", "WS-014",
         "NT AUTHORITY\\SYSTEM", "", TCS_STAGE_CREDENTIALS, TCS_HIGH, true, 2},
    };
    set_id(in, "3c9a51d07be84f2e9d60a1b2c3d4e5f6");
    ROWS(&m, rows);
    in->summary = text("The account ELBWERFT\\j.brandt was guessed from 203.0.113.77 and used on "
                       "WS-014. 48 minutes later credentials were read there.");
    add_state(&m, TCS_STATE_WATCH, "2026-03-02T08:31:40Z", "two stages on one host");
    add_state(&m, TCS_STATE_WARN, "2026-03-02T09:02:12Z", "three stages on one host");
    ADD_NAME(&m, hosts, "WS-014");
    ADD_NAME(&m, accounts, "ELBWERFT\\j.brandt");
    ADD_NAME(&m, accounts, "NT AUTHORITY\\SYSTEM");
    ADD_NAME(&m, addresses, "203.0.113.77");
    ADD_NAME(&m, techniques, "T1110.003");
    ADD_NAME(&m, techniques, "T1059.001");
    ADD_NAME(&m, techniques, "T1003.001");
    in->origin_host = text("WS-014");
    in->origin_account = text("ELBWERFT\\j.brandt");
    in->origin_address = text("203.0.113.77");
    in->score = 26;
    add_join(&m, TCS_JOINED, TCS_JOIN_STRONG, 1, "session 0x9cc0b6 on WS-014");
    add_join(&m, TCS_JOINED, TCS_JOIN_STRONG, 2, "process of session 0x9cc0b6 on WS-014");
    add_join(&m, TCS_JOIN_RELATED, TCS_JOIN_WEAK, 0, "same address; one weak reason is not enough");
    *ADD(&m, mitigations) =
        (struct tcs_next){TCS_STAGE_ACCOUNT, 1, text(""),
                          text("Disable ELBWERFT\\j.brandt and end all of its sessions.")};
    *ADD(&m, mitigations) = (struct tcs_next){TCS_STAGE_CREDENTIALS, 2, text(""),
                                              text("Isolate WS-014 from the network.")};
    *ADD(&m, expected) =
        (struct tcs_next){TCS_STAGE_LATERAL, 0, text("T1021.001"),
                          text("Remote desktop to other hosts with the credentials just read.")};
    *ADD(&m, missing) = (struct tcs_missing){
        TCS_STAGE_LATERAL, text("No lateral movement seen; the Security log of the domain "
                                "controllers would show it.")};
    *ADD(&m, reach) =
        (struct tcs_reach){1,
                           true,
                           text("FS-01"),
                           text("administrator's logon of ELBWERFT\\j.brandt, 14 times"),
                           at("2026-02-27T16:00:00Z"),
                           {.file = text("logs/Security.evtx"), .record_id = 88, .event_id = 4624}};
    *ADD(&m, reach) = (struct tcs_reach){.hops = 2,
                                         .name = text("ELBWERFT\\svc_backup"),
                                         .why = text("logged on to FS-01"),
                                         .last = at("2026-03-01T23:00:00Z")};
    struct tcs_str *shared = tcs_base_arena_array(a, 2, sizeof *shared);
    if (!shared)
        abort();
    shared[0] = text("T1003.001");
    shared[1] = text("T1110.003");
    *ADD(&m, overlaps) =
        (struct tcs_overlap){text("Example set of actors"), text("AA24-290A"), 2, 3, 31, shared, 2};
}

static void
seconds(struct tcs_arena *a, struct tcs_incident *in)
{
    struct maker m = {a, in};
    static const struct row rows[] = {
        {"2020-10-22T08:29:46Z", "Unsigned program started from a user's folder", "T1204.002",
         "WORKSTATION5", "THESHIRE\\pgustavo", "", TCS_STAGE_FOOTHOLD, TCS_LOW, false, 1},
        {"2020-10-22T08:29:53Z", "Password spraying against seven accounts", "T1110.003",
         "WORKSTATION5", "THESHIRE\\pgustavo", "172.18.39.5", TCS_STAGE_ACCOUNT, TCS_HIGH, true, 7},
        {"2020-10-22T08:29:53.6Z", "Service tickets with weak encryption for five services",
         "T1558.003", "MORDORDC", "THESHIRE\\pgustavo", "172.18.39.5", TCS_STAGE_CREDENTIALS,
         TCS_HIGH, true, 5},
        {"2020-10-22T08:29:55Z", "Shares of several hosts listed", "T1135", "MORDORDC",
         "THESHIRE\\pgustavo", "172.18.39.5", TCS_STAGE_FOOTHOLD, TCS_LOW, false, 1},
        {"2020-10-22T08:29:55Z", "Shares of several hosts listed", "T1135", "WORKSTATION6",
         "THESHIRE\\pgustavo", "172.18.39.5", TCS_STAGE_FOOTHOLD, TCS_LOW, false, 1},
        {"2020-10-22T08:29:55Z", "Shares of several hosts listed", "T1135", "WORKSTATION7",
         "THESHIRE\\pgustavo", "172.18.39.5", TCS_STAGE_FOOTHOLD, TCS_LOW, false, 1},
        {"2020-10-22T08:29:57Z", "Remote shell by WinRM", "T1021.006", "WORKSTATION6",
         "THESHIRE\\pgustavo", "WORKSTATION5", TCS_STAGE_LATERAL, TCS_HIGH, true, 1},
        {"2020-10-22T08:29:57Z", "Remote shell by WinRM", "T1021.006", "WORKSTATION7",
         "THESHIRE\\pgustavo", "WORKSTATION5", TCS_STAGE_LATERAL, TCS_HIGH, true, 1},
        {"2020-10-22T08:29:57.2Z", "Remote shell by WinRM", "T1021.006", "MORDORDC",
         "THESHIRE\\pgustavo", "WORKSTATION5", TCS_STAGE_LATERAL, TCS_HIGH, true, 1},
        {"2020-10-22T08:30:31Z", "Fan-out: one account on four hosts in a minute", "T1021.006",
         "MORDORDC", "THESHIRE\\pgustavo", "WORKSTATION5", TCS_STAGE_LATERAL, TCS_CRITICAL, true,
         4},
        {"2020-10-22T08:30:40Z", "Security log cleared", "T1685.005", "MORDORDC",
         "THESHIRE\\pgustavo", "", TCS_STAGE_DESTROY, TCS_CRITICAL, true, 1},
    };
    set_id(in, "b1946ac92492d2347c6235b4d2611184");
    ROWS(&m, rows);
    in->summary = text("From WORKSTATION5 the account THESHIRE\\pgustavo guessed passwords, took "
                       "service tickets and was on three further hosts four seconds later. The log "
                       "of the domain controller was cleared 54 seconds after the first sign.");
    add_state(&m, TCS_STATE_WATCH, "2020-10-22T08:29:53Z", "two stages");
    add_state(&m, TCS_STATE_WARN, "2020-10-22T08:29:53.6Z", "credentials");
    add_state(&m, TCS_STATE_IMMINENT, "2020-10-22T08:30:40Z", "log cleared after fan-out");
    ADD_NAME(&m, hosts, "WORKSTATION5");
    ADD_NAME(&m, hosts, "MORDORDC");
    ADD_NAME(&m, hosts, "WORKSTATION6");
    ADD_NAME(&m, hosts, "WORKSTATION7");
    ADD_NAME(&m, hosts, "WEC");
    ADD_NAME(&m, accounts, "THESHIRE\\pgustavo");
    ADD_NAME(&m, addresses, "172.18.39.5");
    in->origin_host = text("WORKSTATION5");
    in->origin_account = text("THESHIRE\\pgustavo");
    in->origin_address = text("172.18.39.5");
    add_move(&m, "2020-10-22T08:29:53.6Z", "WORKSTATION5", "MORDORDC",
             "ticket request from 172.18.39.5");
    add_move(&m, "2020-10-22T08:29:57Z", "WORKSTATION5", "WORKSTATION6",
             "logon of THESHIRE\\pgustavo from 172.18.39.5");
    add_move(&m, "2020-10-22T08:29:57Z", "WORKSTATION5", "WORKSTATION7",
             "logon of THESHIRE\\pgustavo from 172.18.39.5");
    add_move(&m, "2020-10-22T08:29:57.2Z", "WORKSTATION5", "MORDORDC",
             "logon of THESHIRE\\pgustavo from 172.18.39.5");
    add_move(&m, "2020-10-22T08:29:58Z", "WORKSTATION5", "WEC",
             "ticket for WEC$; WEC logs nothing");
    add_join(&m, TCS_JOIN_REFUSED, TCS_JOIN_WEAK, 0, "NT AUTHORITY\\SYSTEM is on the stop list");
    *ADD(&m, mitigations) =
        (struct tcs_next){TCS_STAGE_LATERAL, 1, text(""),
                          text("Isolate WORKSTATION5, then disable THESHIRE\\pgustavo.")};
    ADD_NAME(&m, techniques, "T1110.003");
    ADD_NAME(&m, techniques, "T1558.003");
    ADD_NAME(&m, techniques, "T1021.006");
    ADD_NAME(&m, techniques, "T1685.005");
    in->score = 61;
}

static void
months(struct tcs_arena *a, struct tcs_incident *in)
{
    struct maker m = {a, in};
    static const struct row rows[] = {
        {"2021-05-03T21:14:09Z", "Web shell written below the SharePoint layouts", "T1505.003",
         "SP-FRONT-1", "IIS APPPOOL\\SharePoint", "198.51.100.23", TCS_STAGE_FOOTHOLD, TCS_HIGH,
         true, 3},
        {"2021-05-03T21:16:40Z", "Command shell started by the web server", "T1059.003",
         "SP-FRONT-1", "IIS APPPOOL\\SharePoint", "", TCS_STAGE_FOOTHOLD, TCS_MEDIUM, false, 9},
        {"2021-07-11T02:02:00Z", "Mailbox searched by an application account", "T1114.002",
         "EXCH-2", "GOV\\hd_admin", "10.4.0.12", TCS_STAGE_FOOTHOLD, TCS_MEDIUM, true, 214},
        {"2022-05-17T23:40:00Z", "LSASS memory read by an unusual process", "T1003.001", "EXCH-2",
         "NT AUTHORITY\\SYSTEM", "", TCS_STAGE_CREDENTIALS, TCS_HIGH, true, 1},
        {"2022-06-02T19:30:00Z", "Sign-in from a new country without second factor", "T1078.004",
         "", "hd_admin@gov.example", "203.0.113.9", TCS_STAGE_ACCOUNT, TCS_MEDIUM, false, 2},
        {"2022-07-15T05:02:10Z", "Remote desktop from one server to many", "T1021.001", "PRINT-1",
         "GOV\\da_kreshnik", "SP-FRONT-1", TCS_STAGE_LATERAL, TCS_HIGH, true, 23},
        {"2022-07-15T09:48:31Z", "Defender switched off by WMI", "T1685", "PRINT-1",
         "GOV\\da_kreshnik", "", TCS_STAGE_CREDENTIALS, TCS_HIGH, false, 12},
        {"2022-07-15T12:59:50Z", "Driver for raw disk access loaded", "T1561.002", "PRINT-1",
         "NT AUTHORITY\\SYSTEM", "", TCS_STAGE_DESTROY, TCS_CRITICAL, true, 1},
        {"2022-07-15T13:00:44Z", "Files renamed in bulk", "T1486", "FILE-3", "GOV\\da_kreshnik",
         "PRINT-1", TCS_STAGE_DESTROY, TCS_CRITICAL, true, 1880},
    };
    set_id(in, "d41d8cd98f00b204e9800998ecf8427e");
    ROWS(&m, rows);
    in->summary =
        text("A web shell was placed on SP-FRONT-1 in May 2021. Fourteen months later the "
             "network was crossed by remote desktop in a morning, and files were "
             "encrypted from PRINT-1.");
    add_state(&m, TCS_STATE_WATCH, "2021-07-11T02:02:00Z", "second host with a foothold");
    add_state(&m, TCS_STATE_WARN, "2022-05-17T23:40:00Z", "credentials read");
    add_state(&m, TCS_STATE_IMMINENT, "2022-07-15T09:48:31Z", "security tool off after fan-out");
    add_state(&m, TCS_STATE_DESTRUCTION, "2022-07-15T12:59:50Z", "raw disk driver");
    ADD_NAME(&m, hosts, "PRINT-1");
    ADD_NAME(&m, hosts, "EXCH-2");
    ADD_NAME(&m, hosts, "SP-FRONT-1");
    ADD_NAME(&m, hosts, "FILE-3");
    ADD_NAME(&m, accounts, "GOV\\da_kreshnik");
    ADD_NAME(&m, accounts, "hd_admin@gov.example");
    in->origin_host = text("SP-FRONT-1");
    in->origin_address = text("198.51.100.23");
    add_move(&m, "2022-07-15T05:02:10Z", "SP-FRONT-1", "PRINT-1",
             "remote desktop of GOV\\da_kreshnik");
    add_move(&m, "2022-07-15T13:00:44Z", "PRINT-1", "FILE-3", "administrative share");
    in->score = 88;
    in->dropped = 3;
    ADD_NAME(&m, merged, "0cc175b9c0f1b6a831c399e269772661");
}

/* 300 links on forty hosts: a foothold, a quiet week, then a worm's night. */
static void
forty(struct tcs_arena *a, struct tcs_incident *in)
{
    struct maker m = {a, in};
    static const char *const titles[] = {"Service installed from an administrative share",
                                         "Shadow copies deleted", "Scheduled task on another host",
                                         "Security tool stopped", "Files renamed in bulk"};
    static const uint8_t stages[] = {TCS_STAGE_LATERAL, TCS_STAGE_DESTROY, TCS_STAGE_LATERAL,
                                     TCS_STAGE_CREDENTIALS, TCS_STAGE_DESTROY};
    set_id(in, "900150983cd24fb0d6963f7d28e17f72");
    int64_t t = at("2025-11-02T22:10:00Z");
    uint32_t random = 12345;
    for (uint32_t i = 0; i < 300; i++) {
        random = random * 1103515245u + 12345u;
        uint32_t host = i < 6 ? 0 : (random >> 16) % (i / 8 + 2), kind = i < 6 ? 0 : random >> 8;
        t += (int64_t)(i == 6 ? 604800u : (random >> 12) % (i < 6 ? 900 : 90)) * TCS_TICKS_PER_SEC;
        struct row r = {"2025-11-02T22:10:00Z",
                        titles[kind % 5],
                        i % 3 ? "T1021.002" : "T1490",
                        "",
                        "KLINIK\\svc_deploy",
                        "",
                        stages[kind % 5],
                        (uint8_t)(2 + kind % 4),
                        false,
                        1};
        if (i < 6) {
            r.stage = TCS_STAGE_FOOTHOLD;
            r.title = "Remote access tool started";
        }
        struct tcs_link *l = add_row(&m, &r);
        l->time = l->last = in->last = t;
        l->host = tcs_base_arena_printf(a, "KLINIK-%s-%02u.klinik.example", host % 3 ? "PC" : "SRV",
                                        host % 40);
        l->chosen = i == 0 || i == 7 || i == 60 || i == 61 || i == 220 || i == 299;
        if (i % 11 == 0) {
            add_move(&m, "2025-11-02T22:10:00Z", "KLINIK-SRV-00.klinik.example", "",
                     "service control");
            in->joins[in->njoins - 1].time = t;
            in->joins[in->njoins - 1].to_host = l->host;
        }
    }
    for (uint32_t i = 0; i < 40; i++)
        *ADD(&m, hosts) =
            tcs_base_arena_printf(a, "KLINIK-%s-%02u.klinik.example", i % 3 ? "PC" : "SRV", i);
    add_state(&m, TCS_STATE_WATCH, "2025-11-02T22:10:00Z", "foothold");
    add_state(&m, TCS_STATE_WARN, "2025-11-09T23:59:00Z", "lateral movement");
    add_state(&m, TCS_STATE_IMMINENT, "2025-11-10T00:02:00Z", "shadow copies deleted");
    add_state(&m, TCS_STATE_DESTRUCTION, "2025-11-10T00:04:00Z",
              "files renamed in bulk on two hosts");
    in->summary =
        text("The account KLINIK\\svc_deploy installed services on forty hosts in a night.");
    in->origin_host = text("KLINIK-SRV-00.klinik.example");
    ADD_NAME(&m, accounts, "KLINIK\\svc_deploy");
}

static struct tcs_str
repeated(struct tcs_arena *a, const char *s, size_t n)
{
    size_t len = strlen(s);
    char *p = tcs_base_arena_alloc(a, len * n);
    if (!p)
        abort();
    for (size_t i = 0; i < n; i++)
        memcpy(p + i * len, s, len);
    return (struct tcs_str){p, len * n};
}

static void
hostile(struct tcs_arena *a, struct tcs_incident *in)
{
    struct maker m = {a, in};
    const struct tcs_str names[] = {
        TCS_STR("<script>alert(1)</script>"),
        TCS_STR("x\" onload=\"alert(1)' </title></svg><img src=http://evil.example/x>"),
        TCS_STR("abc\xe2\x80\xaetxt.exe"), /* right-to-left override */
        TCS_STR("nul\0tab\tline\nreturn\r esc\x1b[31m del\x7f"),
        TCS_STR("\xff\xfe broken \xc3( \xed\xa0\x80 \xf0\x9f"),
        repeated(a, "W", 10000),
        repeated(a, "\xf0\x9f\x94\xa5", 2500),
        TCS_STR("=HYPERLINK(\"http://evil.example\")"),
        TCS_STR("@everyone #1 `code` | [x](http://evil.example) ![i](y) <!-- --> **b** ``` "),
        TCS_STR("+1+cmd|' /C calc'!A0"),
        TCS_STR("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d-\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85"),
        TCS_STR("]]>--><style>*{display:none}</style>&lt;&#x3c;"),
        TCS_STR(""),
    };
    const uint32_t n = sizeof names / sizeof *names;
    set_id(in, "ffffffffffffffffffffffffffffffff");
    for (uint32_t i = 0; i < n; i++) {
        const struct row r = {"2026-01-01T00:00:00Z", "",         "", "", "", "", (uint8_t)(i % 9),
                              (uint8_t)(i * 3),       i % 2 == 0, i};
        struct tcs_link *l = add_row(&m, &r);
        l->time += (int64_t)i * i * 3600 * TCS_TICKS_PER_SEC;
        l->last = l->time;
        l->title = names[i];
        l->host = names[(i + 1) % n];
        l->account = names[(i + 2) % n];
        l->source = names[(i + 3) % n];
        l->rule_id = names[i];
        l->evidence = (struct tcs_evidence){.file = names[i],
                                            .channel = names[i],
                                            .record_id = UINT64_MAX,
                                            .offset = UINT64_MAX,
                                            .event_id = i};
        l->techniques[0] = names[i];
        l->ntechniques = 1;
        in->last = l->time;
        *ADD(&m, hosts) = names[i];
        *ADD(&m, accounts) = names[i];
        *ADD(&m, addresses) = names[i];
        *ADD(&m, techniques) = names[i];
        *ADD(&m, merged) = names[i];
        *ADD(&m, joins) = (struct tcs_join){(uint8_t)(i % 4),
                                            (uint8_t)(i % 5),
                                            l->time,
                                            i,
                                            UINT32_MAX,
                                            names[i],
                                            names[(i + 4) % n],
                                            names[i],
                                            names[(i + 1) % n],
                                            l->evidence};
        *ADD(&m, transitions) = (struct tcs_transition){(uint8_t)(i % 7), l->time, names[i]};
        *ADD(&m, reach) = (struct tcs_reach){(uint8_t)i,         i % 2 == 0, names[i],
                                             names[(i + 1) % n], l->time,    l->evidence};
        *ADD(&m, missing) = (struct tcs_missing){(uint8_t)(i % 8), names[i]};
        *ADD(&m, expected) = (struct tcs_next){(uint8_t)(i % 8), 0, names[(i + 1) % n], names[i]};
        *ADD(&m, mitigations) =
            (struct tcs_next){(uint8_t)(i % 8), 1, names[(i + 1) % n], names[i]};
        *ADD(&m, overlaps) = (struct tcs_overlap){names[i],       names[(i + 1) % n], i, i, i,
                                                  in->techniques, in->ntechniques};
    }
    in->summary = names[1];
    in->state = 200;
    in->stages = 0xffffffff;
    in->origin_host = names[0];
    in->origin_account = names[1];
}

static void
empty(struct tcs_arena *a, struct tcs_incident *in)
{
    (void)a;
    in->first = in->last = TCS_TIME_NONE;
}

const struct sample samples[] = {{"small", small}, {"seconds", seconds}, {"months", months},
                                 {"forty", forty}, {"hostile", hostile}, {"empty", empty},
                                 {NULL, NULL}};

const struct sample *
sample_find(const char *name)
{
    for (const struct sample *s = samples; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

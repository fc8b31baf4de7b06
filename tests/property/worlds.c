/* tests/property/worlds.c - worlds made up from a seed. */
#include "worlds.h"

#include "report/incident_json.h"

enum { HOSTS = 6, USERS = 5 };

uint64_t seed;
struct fed fed[FED_MAX];
uint32_t nfed;
uint32_t spellings = 3;
uint64_t left_out;

uint32_t
below(uint32_t n)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = seed;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % n);
}

/* Each name in the spellings that logs use for it. */
static const struct tcs_str hosts[HOSTS][3] = {
    {S("WS01"), S("ws01.elb.example"), S("WS01.ELB.EXAMPLE")},
    {S("WS02"), S("ws02.elb.example"), S("Ws02")},
    {S("FS01"), S("FS01.elb.example"), S("fs01")},
    {S("DC01"), S("dc01.elb.example"), S("DC01.elb.example")},
    {S("EX01.elb.example"), S("ex01"), S("EX01")},
    {S("WS01.west.example"), S("WS01.west.example"), S("ws01.WEST.example")},
};
static const struct tcs_str users[USERS][3] = {
    {S("ELB\\anna"), S("anna@elb.example"), S("elb\\Anna")},
    {S("ELB\\berta"), S("BERTA@ELB.EXAMPLE"), S("berta")},
    {S("ELB\\adm.c"), S("adm.c@elb.example"), S("Elb\\Adm.C")},
    {S("NT AUTHORITY\\SYSTEM"), S("NT-AUTORIT\xc3\x84T\\SYSTEM"), S("SYSTEM")},
    {S("ELB\\WS01$"), S("ws01$@elb.example"), S("ELB\\ws01$")},
};
static const struct tcs_str sids[USERS] = {S("S-1-5-21-7-7-7-1101"),
                                           S("S-1-5-21-7-7-7-1102"),
                                           S("S-1-5-21-7-7-7-1103"),
                                           S("S-1-5-18"),
                                           {0}};
static const struct tcs_str ips[] = {S("10.0.0.1"), S("10.0.0.2"),    S("::ffff:10.0.0.1"),
                                     S("10.0.0.3"), S("203.0.113.9"), {0}};
static const struct tcs_str guids[] = {S("{p1}"), S("{p2}"), S("{p3}"), S("{p4}"), S("{p5}"),
                                       S("{p6}"), S("{p7}"), S("{p8}"), {0},       {0}};
static const struct tcs_str paths[] = {
    S("C:\\d\\a.exe"), S("c:\\D\\b.exe"), S("C:\\Windows\\c.exe"), {0}, {0}, {0}};
enum {
    IPS = sizeof ips / sizeof *ips,
    GUIDS = sizeof guids / sizeof *guids,
    PATHS = sizeof paths / sizeof *paths
};

static struct tcs_str
host(void)
{
    return hosts[below(HOSTS)][below(spellings)];
}

static int64_t
some_time(void)
{
    static const uint32_t spans[] = {120, 3600, 20000, 3 * DAY, 500 * DAY};
    return at(below(spans[below(5)]));
}

static struct tcs_identity
parties(void)
{
    uint32_t u = below(USERS), t = below(USERS);
    return (struct tcs_identity){
        .host = host(),
        .user = below(4) ? users[u][below(spellings)] : (struct tcs_str){0},
        .user_id = below(3) ? (struct tcs_str){0} : sids[u],
        .target = below(3) ? (struct tcs_str){0} : users[t][below(spellings)],
        .source_ip = below(2) ? (struct tcs_str){0} : ips[below(IPS)],
        .source_host = below(4) ? (struct tcs_str){0} : host(),
        .dest_host = below(4) ? (struct tcs_str){0} : host(),
        .session = below(2) ? 0 : 0x100 + below(6),
        .target_session = below(2) ? 0 : 0x100 + below(6),
        .linked_session = below(6) ? 0 : 0x100 + below(6),
        .process = guids[below(GUIDS)],
        .parent = guids[below(GUIDS)],
        .pid = below(2) ? 0 : 100 + below(5),
        .image = paths[below(PATHS)],
        .object = paths[below(PATHS)],
        .activity = below(2) ? 0 : below(TCS_ACTS),
    };
}

static struct tcs_evidence
evidence(uint32_t record)
{
    static const struct tcs_str files[] = {S("a.evtx"), S("b.jsonl"), S("c.csv")};
    static const uint32_t ids[] = {
        1, 10, 11, 4624, 4625, 4672, 4720, 4728, 4769, 7045, TCS_EVENT_ID_NONE};
    static const struct tcs_str logs[] = {S("Security"), S("Sysmon"), S("System")};
    return (struct tcs_evidence){.file = files[below(3)],
                                 .channel = logs[below(3)],
                                 .record_id = record,
                                 .offset = record * 64,
                                 .event_id = ids[below(11)],
                                 .key = key_of(record)};
}

void
make_world(void)
{
    nfed = 100 + below(FED_MAX - 100);
    for (uint32_t i = 0; i < nfed; i++) {
        struct fed *f = &fed[i];
        uint32_t kind = below(20);
        *f = (struct fed){.what = kind < 8    ? OBSERVE
                                  : kind < 17 ? DETECT
                                  : kind < 19 ? HEARD
                                              : KNOWN};
        f->o = (struct tcs_observation){.time = some_time(),
                                        .kind = (uint8_t)below(TCS_OBS_KINDS),
                                        .logon_type = (uint8_t)below(12),
                                        .who = parties(),
                                        .evidence = evidence(i)};
        f->d = (struct tcs_finding){.time = f->o.time,
                                    .first = f->o.time,
                                    .signature = below(RULES),
                                    .flags = below(3) ? 0 : TCS_FINDING_ALERT,
                                    .count = 1,
                                    .group = below(8) ? 0 : 1 + below(3),
                                    .who = parties(),
                                    .evidence = evidence(i)};
        if (below(6) == 0) {
            f->d.flags |= TCS_FINDING_UNCHECKED;
            f->d.unchecked = below(2) ? S("Image (filter)") : S("User (filter)");
        }
    }
}

const struct made_rule made_rules[RULES] = {
    {"spray", TCS_HIGH, ACCOUNT, "T1110"},      {"vpn", TCS_MEDIUM, ACCOUNT, "T1133"},
    {"shell", TCS_HIGH, FOOTHOLD, "T1505.003"}, {"task", TCS_MEDIUM, FOOTHOLD, "T1053.005"},
    {"whoami", TCS_LOW, FOOTHOLD, "T1033"},     {"look", TCS_INFORMATIONAL, FOOTHOLD, "T1087"},
    {"lsass", TCS_HIGH, CREDENTIALS, "T1003"},  {"dcsync", TCS_CRITICAL, CREDENTIALS, "T1003.006"},
    {"av", TCS_HIGH, CREDENTIALS, "T1685"},     {"smb", TCS_MEDIUM, LATERAL, "T1021.002"},
    {"rdp", TCS_HIGH, LATERAL, "T1021.001"},    {"gpo", TCS_HIGH, LATERAL, "T1484.001"},
    {"shadow", TCS_HIGH, DESTROY, "T1490"},     {"log", TCS_HIGH, CREDENTIALS, "T1685.005"},
    {"wipe", TCS_CRITICAL, DESTROY, "T1561"},   {"none", TCS_HIGH, 0, NULL},
};

void
add_rules(struct tcs_chain *c, uint32_t numbers[RULES], uint32_t from)
{
    struct world w = {.c = c};
    for (uint32_t i = 0; i < RULES; i++) {
        uint32_t k = (from + i) % RULES;
        const struct made_rule *r = &made_rules[k];
        numbers[k] = rule(&w, r->id, r->level, r->stage, r->technique);
    }
}

void
feed(struct tcs_chain *c, const struct fed *f, const uint32_t *rules)
{
    struct tcs_finding d = f->d;
    int r = 0;
    d.signature = rules[f->d.signature];
    if (f->what == OBSERVE)
        r = tcs_chain_observe(c, &f->o, NULL);
    else if (f->what == DETECT)
        r = tcs_chain_detect(c, &d, NULL);
    else if (f->what == HEARD)
        r = tcs_chain_host_seen(c,
                                &(struct tcs_host_seen){f->o.who.host, f->o.evidence.file,
                                                        f->o.time,
                                                        f->o.time + TCS_TICKS_PER_SEC * 60},
                                NULL);
    else
        r = tcs_chain_known(c, tcs_chain_signature_at(c, d.signature)->id, f->o.who.host, f->o.time,
                            NULL);
    assert_int_equal(r, 0);
}

void
conclude(struct tcs_chain *c, struct tcs_buf *b)
{
    uint32_t n;
    assert_int_equal(tcs_chain_finish(c, NULL), 0);
    const struct tcs_incident *in = tcs_chain_incidents(c, &n);
    for (uint32_t i = 0; i < n; i++)
        tcs_report_incident_json(b, &in[i]);
    left_out += tcs_chain_stats(c)->dropped_detections;
    assert_false(b->failed);
    tcs_chain_free(c);
}

void
shuffle(uint32_t *order, uint32_t n)
{
    for (uint32_t i = n; i-- > 1;) {
        uint32_t k = below(i + 1), t = order[i];
        order[i] = order[k];
        order[k] = t;
    }
}

void
same(struct tcs_buf want, struct tcs_buf got, uint32_t world, const char *what)
{
    size_t i = 0;
    while (i < want.n && i < got.n && want.p[i] == got.p[i])
        i++;
    if (i < want.n || i < got.n) {
        size_t from = i > 120 ? i - 120 : 0;
        fail_msg("world %u, %s: byte %zu of %zu and %zu\n %.*s\n %.*s", world, what, i, want.n,
                 got.n, (int)(want.n - from > 240 ? 240 : want.n - from), want.p + from,
                 (int)(got.n - from > 240 ? 240 : got.n - from), got.p + from);
    }
}

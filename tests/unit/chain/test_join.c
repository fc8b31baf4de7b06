/* tests/unit/chain/test_join.c - what joins findings into one incident, and what just misses:
 * every reason of enum chain_why once each way.  What must join follows from docs/chain.md and the
 * limits of chain/weights.h, not from what the chain says. */
#include "chain_make.h"

/* Two findings joined, for this reason; else two incidents. */
static void
expect(struct world *w, bool joined, uint8_t why)
{
    finish(w);
    assert_int_equal(alive(w), joined ? 1 : 2);
    assert_int_equal(reasons(w, TCS_JOINED, why) > 0, joined);
    world_free(w);
}

/* --- strong: whenever it was --- */

static void
group_once(uint64_t group, bool same_rule, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "fan", TCS_HIGH, LATERAL, NULL),
             other = rule(&w, "o", TCS_HIGH, LATERAL, NULL);
    struct tcs_finding d = {
        .time = at(0), .first = at(0), .count = 9, .flags = TCS_FINDING_CORRELATION};
    d.signature = r;
    d.group = 7;
    d.who.host = S("A");
    d.evidence = evidence_of(&w, 4624);
    detect(&w, &d);
    d.signature = same_rule ? r : other;
    d.group = group;
    d.who.host = S("B");
    d.evidence = evidence_of(&w, 4624);
    detect(&w, &d);
    expect(&w, joined, WHY_GROUP);
}

static void
group(void **state)
{
    (void)state;
    group_once(7, true, true);
    group_once(8, true, false);
    group_once(7, false, false);
}

static void
session_once(struct tcs_str host, uint64_t luid, bool boot, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             s = rule(&w, "s", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .session = 0x9cc0b6);
    if (boot)
        seen(&w, DAY, TCS_OBS_BOOT, .host = S("A"));
    hit(&w, 3 * DAY, s, 1, .host = host, .session = luid);
    expect(&w, joined, WHY_SESSION);
}

static void
session(void **state)
{
    (void)state;
    session_once(S("A"), 0x9cc0b6, false, true);
    session_once(S("A"), 0x9cc0b7, false, false);
    session_once(S("B"), 0x9cc0b6, false, false); /* numbers are a host's own */
    session_once(S("A"), 0x9cc0b6, true, false);  /* and begin anew with a boot */
}

/* The sessions that every Windows has join nothing. */
static void
session_of_the_system(void **state)
{
    static const uint64_t luids[] = {0x3e7, 0x3e4, 0x3e5, 0x3e6};
    (void)state;
    for (size_t i = 0; i < sizeof luids / sizeof *luids; i++) {
        struct world w = world_new(NULL);
        uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
        hit(&w, 0, r, 1, .host = S("A"), .session = luids[i], .process = S("{1}"));
        hit(&w, 9, r, 1, .host = S("A"), .session = luids[i], .process = S("{2}"));
        expect(&w, false, WHY_SESSION);
    }
}

static void
process_once(struct tcs_str guid, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             s = rule(&w, "s", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .process = S("11111111-0000"));
    hit(&w, 3 * DAY, s, 10, .host = S("A"), .process = guid);
    expect(&w, joined, WHY_PROCESS);
}

static void
process(void **state)
{
    (void)state;
    process_once(S("11111111-0000"), true);
    process_once(S("11111111-0001"), false);
}

/* `generations` between the two, by the records of process starts. */
static void
parent_once(int generations, bool joined)
{
    static const struct tcs_str guid[] = {S("p0"), S("p1"), S("p2"), S("p3"), S("p4"),
                                          S("p5"), S("p6"), S("p7"), S("p8")};
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             s = rule(&w, "s", TCS_HIGH, FOOTHOLD, NULL);
    for (int i = 1; i <= generations; i++)
        seen(&w, i, TCS_OBS_PROCESS, .host = S("A"), .process = guid[i], .parent = guid[i - 1]);
    hit(&w, 0, r, 1, .host = S("A"), .process = guid[0]);
    hit(&w, 20, s, 1, .host = S("A"), .process = guid[generations],
        .parent = guid[generations - 1]);
    expect(&w, joined, WHY_PARENT);
}

static void
parent(void **state)
{
    (void)state;
    parent_once(1, true);
    parent_once(W_ANCESTORS, true);
    parent_once(W_ANCESTORS + 1, false);
}

/* Sysmon's other events name no parent: the record of the start does. */
static void
parent_by_record(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             s = rule(&w, "s", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    seen(&w, 5, TCS_OBS_PROCESS, .host = S("A"), .process = S("child"), .parent = S("mother"));
    hit(&w, 0, r, 1, .host = S("A"), .process = S("mother"));
    hit(&w, 9, s, 10, .host = S("A"), .process = S("child"));
    expect(&w, true, WHY_PARENT);
}

/* --- medium: within a day --- */

/* What is new on the host would go on with what it finds; what must not join is no news. */
static void
host_account_once(int64_t after, struct tcs_str host, struct tcs_str user, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             s = rule(&w, "s", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A.elb.example"), .user = S("ELB\\anna"));
    hit(&w, after, joined ? s : r, 1, .host = host, .user = user);
    expect(&w, joined, WHY_HOST_ACCOUNT);
}

static void
host_account(void **state)
{
    (void)state;
    host_account_once(10, S("A"), S("anna@elb.example"), true);
    host_account_once(DAY, S("A"), S("ELB\\anna"), true);
    host_account_once(DAY + 1, S("A"), S("ELB\\anna"), false);
    host_account_once(25 * HOUR, S("A"), S("ELB\\anna"), false);
    host_account_once(10, S("B"), S("ELB\\anna"), false);
    host_account_once(10, S("A"), S("ELB\\berta"), false);
    host_account_once(10, S("A"), S("OTHER\\anna"), false);
}

/* An account of the stop list joins nothing; SYSTEM is on it always. */
static void
stopped_account(void **state)
{
    const struct tcs_str stop[] = {S("svc_scan")};
    const struct tcs_chain_opts opts = {.stop = stop, .nstop = 1};
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct world w = world_new(&opts);
        uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
        struct tcs_str user = k ? S("ELB\\svc_scan") : S("NT AUTHORITY\\SYSTEM");
        hit(&w, 0, r, 1, .host = S("A"), .user = user, .process = S("1"));
        hit(&w, 9, r, 1, .host = S("A"), .user = user, .process = S("2"));
        expect(&w, false, WHY_HOST_ACCOUNT);
    }
}

static void
logon_from_once(struct tcs_str source, int64_t after, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .user = S("ELB\\anna"));
    seen(&w, after - 1, TCS_OBS_LOGON, .host = S("B"), .target = S("ELB\\anna"),
         .target_session = 0x77, .source_host = source);
    hit(&w, after, r, 1, .host = S("B"), .user = S("ELB\\anna"), .session = 0x77);
    expect(&w, joined, WHY_LOGON_FROM);
}

/* claim: join-reason */
static void
logon_from(void **state)
{
    (void)state;
    logon_from_once(S("A"), 20, true);
    logon_from_once(S("A"), DAY, true);
    logon_from_once(S("C"), 20, false);
    logon_from_once(S("A"), 25 * HOUR, false);
}

static void
address_account_once(struct tcs_str ip, struct tcs_str user, int64_t after, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.9"));
    hit(&w, after, r, 1, .host = S("B"), .user = user, .source_ip = ip);
    expect(&w, joined, WHY_ADDRESS_ACCOUNT);
}

static void
address_account(void **state)
{
    (void)state;
    address_account_once(S("::ffff:203.0.113.9"), S("ELB\\anna"), DAY, true);
    address_account_once(S("203.0.113.9"), S("ELB\\anna"), DAY + 1, false);
    address_account_once(S("203.0.113.8"), S("ELB\\anna"), 10, false);
    address_account_once(S("203.0.113.9"), S("ELB\\berta"), 10, false);
}

static void
address_host_once(struct tcs_str ip, struct tcs_str host, int64_t after, const char *stop,
                  bool joined)
{
    const struct tcs_str list = stop ? tcs_base_str_of(stop) : (struct tcs_str){0};
    const struct tcs_chain_opts opts = {.stop = &list, .nstop = stop ? 1 : 0};
    struct world w = world_new(&opts);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             s = rule(&w, "s", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, TCS_EVENT_ID_NONE, .host = S("A"), .source_ip = S("203.0.113.9"));
    hit(&w, after, joined ? s : r, TCS_EVENT_ID_NONE, .host = host, .source_ip = ip);
    expect(&w, joined, WHY_ADDRESS_HOST);
}

static void
address_host(void **state)
{
    (void)state;
    address_host_once(S("203.0.113.9"), S("a"), 2 * HOUR, NULL, true);
    address_host_once(S("203.0.113.9"), S("A"), DAY + 1, NULL, false);
    address_host_once(S("203.0.113.8"), S("A"), 2 * HOUR, NULL, false);
    address_host_once(S("203.0.113.9"), S("B"), 10, NULL, false);
    address_host_once(S("203.0.113.9"), S("A"), 2 * HOUR, "203.0.113.9", false);
}

/* --- a file --- */

static void
file_once(struct tcs_str run, struct tcs_str host, int64_t after, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 11, .host = S("A"), .user = S("ELB\\anna"), .process = S("1"),
        .object = S("C:\\Users\\Public\\x.exe:Zone.Identifier"));
    hit(&w, after, r, 1, .host = host, .user = S("NT AUTHORITY\\SYSTEM"), .process = S("2"),
        .image = run);
    expect(&w, joined, WHY_FILE);
}

static void
file(void **state)
{
    (void)state;
    file_once(S("c:\\users\\public\\X.EXE"), S("A"), DAY, true);
    file_once(S("c:\\users\\public\\X.EXE"), S("A"), DAY + 1, false);
    file_once(S("c:\\users\\public\\y.exe"), S("A"), 10, false);
    file_once(S("c:\\users\\public\\x.exe"), S("B"), 10, false);
}

/* A host that was not recorded is not one host: the same path there joins nothing. */
static void
file_of_no_host(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    hit(&w, 0, r, 11, .user = S("ELB\\anna"), .process = S("1"), .object = S("C:\\d\\x.exe"));
    hit(&w, 9, r, 1, .process = S("2"), .image = S("C:\\d\\x.exe"));
    expect(&w, false, WHY_FILE);
}

/* What everybody runs is no trace of anybody. */
static void
file_of_the_system(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    hit(&w, 0, r, 11, .host = S("A"), .user = S("ELB\\anna"), .process = S("1"),
        .object = S("C:\\Windows\\System32\\cmd.exe"));
    hit(&w, 9, r, 1, .host = S("A"), .process = S("2"),
        .image = S("C:\\Windows\\System32\\cmd.exe"));
    expect(&w, false, WHY_FILE);
}

/* anna's download is run by berta: the writing is taken into berta's incident, anna's other doings
 * are not. */
static void
borrowed_file(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "wrote", TCS_HIGH, FOOTHOLD, NULL),
             ran = rule(&w, "ran", TCS_HIGH, CREDENTIALS, NULL),
             other = rule(&w, "other", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    hit(&w, 0, r, 11, .host = S("A"), .user = S("ELB\\anna"), .process = S("1"),
        .object = S("C:\\d\\x.exe"));
    hit(&w, 1, other, 1, .host = S("A"), .user = S("ELB\\anna"), .process = S("9"));
    hit(&w, 19, ran, 1, .host = S("A"), .user = S("ELB\\berta"), .process = S("2"),
        .image = S("C:\\d\\x.exe"));
    finish(&w);
    assert_int_equal(alive(&w), 2);
    uint32_t n;
    const struct tcs_incident *in = tcs_chain_incidents(w.c, &n);
    assert_int_equal(n, 1);
    assert_int_equal(in->nlinks, 2);
    check_str(in->links[0].rule_id, "wrote");
    check_str(in->links[1].rule_id, "ran");
    assert_true(in->links[0].chosen && in->links[1].chosen);
    world_free(&w);
}

/* The same when the run itself is routine: links move up, and the chain is still of those it was.
 */
static void
borrowed_by_noise(void **state)
{
    struct world w = world_new(NULL);
    uint32_t wrote = rule(&w, "wrote", TCS_HIGH, ACCOUNT, NULL),
             b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL),
             c = rule(&w, "c", TCS_HIGH, CREDENTIALS, NULL),
             noise = rule(&w, "noise", TCS_INFORMATIONAL, FOOTHOLD, NULL);
    (void)state;
    hit(&w, 0, wrote, 11, .host = S("A"), .user = S("ELB\\anna"), .process = S("1"),
        .object = S("C:\\d\\x.exe"));
    hit(&w, 10, b, 1, .host = S("A"), .user = S("ELB\\berta"), .process = S("2"));
    hit(&w, 20, c, 1, .host = S("A"), .user = S("ELB\\berta"), .process = S("3"));
    hit(&w, 30, noise, 1, .host = S("A"), .user = S("ELB\\berta"), .process = S("4"),
        .image = S("C:\\d\\x.exe"));
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nlinks, 4);
    check_str(in->links[0].rule_id, "wrote");
    assert_true(in->links[0].chosen && in->links[1].chosen && in->links[2].chosen);
    assert_false(in->links[3].chosen);
    assert_int_equal(in->stages, 1u << ACCOUNT | 1u << FOOTHOLD | 1u << CREDENTIALS);
    world_free(&w);
}

/* --- whose act it is, where the record names two accounts --- */

/* What she did, then a record of the system about her. */
static void
target_once(enum tcs_activity act, bool hers)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .user = S("ELB\\anna"), .session = 0x11);
    hit(&w, 9, b, 1, .host = S("A"), .user = S("NT AUTHORITY\\SYSTEM"), .session = 0x3e7,
        .target = S("ELB\\anna"), .target_session = 0x11, .activity = act);
    finish(&w);
    assert_int_equal(reasons(&w, TCS_JOINED, WHY_SESSION), hers ? 1 : 0);
    world_free(&w);
}

static void
target_acts(void **state)
{
    (void)state;
    target_once(TCS_ACT_LOGON, true);
    target_once(TCS_ACT_PROCESS, true); /* she began what runs as the system */
    target_once(TCS_ACT_LOGON_FAILED, false);
    target_once(TCS_ACT_NONE, false);
}

/* --- accounts that were made --- */

static void
made_once(enum tcs_activity act, struct tcs_str user, int64_t after, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("DC"), .user = S("ELB\\anna"), .target = S("elie"),
        .target_domain = S("ELB"), .activity = act);
    hit(&w, after, r, 1, .host = S("B"), .user = user);
    expect(&w, joined, WHY_MADE_ACCOUNT);
}

static void
made_account(void **state)
{
    (void)state;
    made_once(TCS_ACT_ACCOUNT_CREATED, S("ELB\\elie"), 100 * DAY, true);
    made_once(TCS_ACT_ACCOUNT_ENABLED, S("ELB\\elie"), 100 * DAY, true);
    made_once(TCS_ACT_MEMBER, S("ELB\\elie"), 100 * DAY, true);
    made_once(TCS_ACT_ACCOUNT_DISABLED, S("ELB\\elie"), 10, false);
    made_once(TCS_ACT_ACCOUNT_CREATED, S("ELB\\support"), 10, false);
    made_once(TCS_ACT_ACCOUNT_CREATED, S("ELB\\elie"), 366 * DAY, false);
}

/* --- alerts that name nobody --- */

static void
alert_once(uint8_t level, struct tcs_str process, struct tcs_str user, int64_t after, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", level, FOOTHOLD, NULL),
             first = rule(&w, "f", TCS_HIGH, ACCOUNT, NULL);
    hit(&w, 0, first, TCS_EVENT_ID_NONE, .host = S("A"));
    hit(&w, after, r, 1, .host = S("A"), .process = process, .user = user);
    expect(&w, joined, WHY_ALERT_HOST);
}

static void
alert_host(void **state)
{
    const struct tcs_str none = {0};
    (void)state;
    alert_once(TCS_HIGH, none, none, HOUR, true);
    alert_once(TCS_HIGH, none, none, HOUR + 1, false);
    alert_once(TCS_HIGH, none, S("ELB\\anna"), 10, false);
    /* a program of SYSTEM: services make noise, only what is critical belongs to it */
    alert_once(TCS_CRITICAL, S("1"), S("NT AUTHORITY\\SYSTEM"), HOUR, true);
    alert_once(TCS_CRITICAL, S("1"), S("NT AUTHORITY\\SYSTEM"), HOUR + 1, false);
    alert_once(TCS_HIGH, S("1"), S("NT AUTHORITY\\SYSTEM"), 10, false);
}

/* --- one order to many hosts --- */

static void
sweep_once(uint8_t stage, bool same_rule, int64_t after, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, stage, NULL), other = rule(&w, "o", TCS_HIGH, stage, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .process = S("1"));
    hit(&w, after, same_rule ? r : other, 1, .host = S("B"), .process = S("2"));
    expect(&w, joined, WHY_SWEEP);
}

static void
sweep(void **state)
{
    (void)state;
    sweep_once(DESTROY, true, 120, true);
    sweep_once(DESTROY, true, 121, false);
    sweep_once(DESTROY, false, 10, false);
    sweep_once(CREDENTIALS, true, 10, false);
}

/* --- passwords that were read --- */

static void
stolen_once(const char *technique, uint8_t level, struct tcs_str from, int64_t after, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, CREDENTIALS, technique),
             s = rule(&w, "s", level, FOOTHOLD, NULL);
    hit(&w, 0, r, 10, .host = S("A"), .user = S("ELB\\anna"));
    seen(&w, after - 1, TCS_OBS_LOGON, .host = S("B"), .target = S("ELB\\adm"),
         .target_session = 0x77, .source_host = from);
    hit(&w, after, s, 1, .host = S("B"), .user = S("ELB\\adm"), .session = 0x77);
    expect(&w, joined, WHY_STOLEN);
}

static void
stolen(void **state)
{
    (void)state;
    stolen_once("T1003.001", TCS_HIGH, S("A"), W_STOLEN_S, true);
    stolen_once("T1003.001", TCS_HIGH, S("A"), W_STOLEN_S + 1, false);
    stolen_once("T1003.001", TCS_HIGH, S("C"), 100, false);
    stolen_once("T1003.001", TCS_LOW, S("A"), 100, false);
    stolen_once("T1685", TCS_HIGH, S("A"), 100, false); /* a tool off is no password */
}

/* --- weak --- */

/* What only shares one name is related, not joined. */
static void
related_once(struct tcs_identity first, struct tcs_identity second, uint8_t why)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             s = rule(&w, "s", TCS_HIGH, CREDENTIALS, NULL);
    struct tcs_finding d = {
        .time = at(0), .first = at(0), .signature = r, .count = 1, .who = first};
    d.evidence = evidence_of(&w, 1);
    detect(&w, &d);
    d = (struct tcs_finding){
        .time = at(9), .first = at(9), .signature = s, .count = 1, .who = second};
    d.evidence = evidence_of(&w, 1);
    detect(&w, &d);
    finish(&w);
    assert_int_equal(alive(&w), 2);
    assert_int_equal(reasons(&w, TCS_JOIN_RELATED, why), 1);
    world_free(&w);
}

static void
related(void **state)
{
    (void)state;
    related_once((struct tcs_identity){.host = S("A"), .user = S("ELB\\anna")},
                 (struct tcs_identity){.host = S("B"), .user = S("ELB\\anna")}, WHY_ACCOUNT);
    related_once((struct tcs_identity){.host = S("A"), .user = S("ELB\\anna")},
                 (struct tcs_identity){.host = S("A"), .user = S("ELB\\berta")}, WHY_HOST);
    related_once(
        (struct tcs_identity){.host = S("A"), .user = S("ELB\\anna"), .source_ip = S("10.0.0.1")},
        (struct tcs_identity){.host = S("B"), .user = S("ELB\\berta"), .source_ip = S("10.0.0.1")},
        WHY_ADDRESS);
}

/* anna on A and berta on B are one incident (B's program was begun by A's).  anna on B is new, but
 * account and host both lead there. */
static void
two_weak_once(uint8_t stage, bool joined)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, CREDENTIALS, NULL),
             s = rule(&w, "s", TCS_HIGH, stage, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .user = S("ELB\\anna"), .process = S("1"));
    hit(&w, 9, r, 1, .host = S("B"), .user = S("ELB\\berta"), .process = S("2"), .parent = S("1"));
    hit(&w, 20, s, 1, .host = S("B"), .user = S("ELB\\anna"), .process = S("3"));
    expect(&w, joined, WHY_TWO_WEAK);
}

static void
two_weak(void **state)
{
    (void)state;
    two_weak_once(LATERAL, true);
    two_weak_once(CREDENTIALS, false); /* the course does not go on */
    two_weak_once(FOOTHOLD, false);
}

/* A name in more than W_DEGREE incidents means nothing. */
static void
degree_once(unsigned before, uint32_t refused)
{
    static const char *const hosts[] = {"H0", "H1", "H2", "H3", "H4", "H5",
                                        "H6", "H7", "H8", "H9", "HA", "HB"};
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    for (unsigned i = 0; i <= before; i++)
        hit(&w, i * 10, r, 1, .host = tcs_base_str_of(hosts[i]), .user = S("ELB\\svc"));
    finish(&w);
    assert_int_equal(alive(&w), before + 1);
    assert_int_equal(reasons(&w, TCS_JOIN_REFUSED, WHY_DEGREE), refused);
    world_free(&w);
}

/* claim: too-much */
static void
degree(void **state)
{
    (void)state;
    degree_once(W_DEGREE, 0);
    degree_once(W_DEGREE + 1, 1);
}

/* Two that take turns are two, however often. */
static void
degree_in_turns(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        hit(&w, i * 10, r, 1, .host = i % 2 ? S("A") : S("B"), .user = S("ELB\\svc"));
    hit(&w, 2000, r, 1, .host = S("C"), .user = S("ELB\\svc"));
    finish(&w);
    assert_int_equal(alive(&w), 3);
    assert_int_equal(reasons(&w, TCS_JOIN_REFUSED, WHY_DEGREE), 0);
    assert_int_equal(reasons(&w, TCS_JOIN_RELATED, WHY_ACCOUNT), 3); /* B, A, C: each once */
    world_free(&w);
}

/* Ten that became one, since all of their sessions ran one program, are one. */
static void
degree_merged(void **state)
{
    static const char *const hosts[] = {"H0", "H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9"};
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    for (unsigned i = 0; i < 10; i++)
        hit(&w, i * 10, r, 1, .host = tcs_base_str_of(hosts[i]), .user = S("ELB\\svc"),
            .session = 0x100 + i);
    for (unsigned i = 1; i < 10; i++)
        hit(&w, 200 + i, r, 1, .host = tcs_base_str_of(hosts[i]), .user = S("ELB\\svc"),
            .session = 0x100 + i, .process = S("p"));
    hit(&w, 300, r, 1, .host = S("H0"), .user = S("ELB\\svc"), .session = 0x100, .process = S("p"));
    hit(&w, 400, r, 1, .host = S("C"), .user = S("ELB\\svc"));
    finish(&w);
    assert_int_equal(alive(&w), 2);
    for (uint32_t i = 0; i < w.c->nincs; i++) { /* C is only related, not refused */
        const struct chain_inc *in = &w.c->incs[i];
        for (uint32_t k = 0; in->into == i && in->nlinks == 1 && k < in->nreasons; k++)
            assert_int_not_equal(in->reasons[k].kind, TCS_JOIN_REFUSED);
    }
    world_free(&w);
}

/* --- months later --- */

static void
long_ago_once(bool watched, uint8_t later, bool linked)
{
    struct world w = world_new(NULL);
    uint32_t a = rule(&w, "a", TCS_HIGH, ACCOUNT, NULL),
             b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL), d = rule(&w, "d", TCS_HIGH, later, NULL);
    hit(&w, 0, a, 4624, .host = S("VPN"), .user = S("ELB\\anna"));
    if (watched)
        hit(&w, 60, b, 1, .host = S("VPN"), .user = S("ELB\\anna"));
    hit(&w, 60 + 412 * DAY, d, 1, .host = S("FS"), .user = S("ELB\\anna"));
    finish(&w);
    assert_int_equal(alive(&w), 2);
    assert_int_equal(reasons(&w, TCS_JOIN_RELATED, WHY_LONG_AGO), linked ? 1 : 0);
    uint32_t n;
    const struct tcs_incident *in = tcs_chain_incidents(w.c, &n);
    assert_int_equal(n, (watched ? 1 : 0) + (linked ? 1 : 0));
    if (linked) {
        assert_int_equal(in[1].stages, 1u << ACCOUNT | 1u << FOOTHOLD | 1u << LATERAL);
        assert_int_equal(in[1].state, TCS_STATE_WARN);
        assert_int_equal(in[1].njoins, 1);
        assert_true(has_text(in[1].joins[0].reason, "412 days before"));
        check_str(in[1].joins[0].other, in[0].id);
    }
    world_free(&w);
}

static void
long_ago(void **state)
{
    (void)state;
    long_ago_once(true, LATERAL, true);
    long_ago_once(true, FOOTHOLD, false); /* goes no further */
    long_ago_once(false, LATERAL, false); /* that was nothing to remember */
}

/* Account and host again, months later, and the course goes on: one incident. */
static void
long_ago_same_host(void **state)
{
    struct world w = world_new(NULL);
    uint32_t a = rule(&w, "a", TCS_HIGH, FOOTHOLD, NULL),
             d = rule(&w, "d", TCS_HIGH, LATERAL, NULL);
    (void)state;
    hit(&w, 0, a, 1, .host = S("A"), .user = S("ELB\\anna"));
    hit(&w, 60 * DAY, d, 1, .host = S("A"), .user = S("ELB\\anna"));
    expect(&w, true, WHY_LONG_AGO);
}

/* The same when the records of then are no longer kept: only who, how far, when, in which. */
static void
remembered_once(struct tcs_earlier row, uint8_t later, bool linked)
{
    static const char id[] = "00112233445566778899aabbccddeeff";
    struct world w = world_new(NULL);
    struct tcs_err err = {0};
    uint32_t d = rule(&w, "d", TCS_HIGH, later, NULL);
    uint32_t b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL);
    row.incident = tcs_base_str_of(id);
    assert_int_equal(tcs_chain_earlier(w.c, &row, &err), 0);
    row.stage = ACCOUNT; /* the nearer end of the same incident adds its stage */
    assert_int_equal(tcs_chain_earlier(w.c, &row, &err), 0);
    hit(&w, 412 * DAY, b, 1, .host = S("FS"), .user = S("ELB\\anna"));
    hit(&w, 412 * DAY + 9, d, 1, .host = S("FS"), .user = S("ELB\\anna"));
    finish(&w);
    assert_int_equal(reasons(&w, TCS_JOIN_RELATED, WHY_REMEMBERED), linked ? 1 : 0);
    uint32_t n;
    const struct tcs_incident *in = tcs_chain_incidents(w.c, &n);
    assert_int_equal(n, 1);
    bool account = in[0].stages & 1u << ACCOUNT;
    assert_int_equal(account, linked);
    for (uint32_t i = 0; linked && i < in[0].njoins; i++)
        if (in[0].joins[i].kind == TCS_JOIN_RELATED) {
            check_str(in[0].joins[i].other, id);
            assert_true(has_text(in[0].joins[i].reason, "412 days before"));
            assert_true(has_text(in[0].joins[i].reason, row.account ? "anna" : "FS"));
        }
    world_free(&w);
}

static void
remembered(void **state)
{
    const struct tcs_earlier anna = {
        .account = true, .name = S("elb\\anna"), .stage = FOOTHOLD, .last = at(0)};
    const struct tcs_earlier fs = {.name = S("fs"), .stage = FOOTHOLD, .last = at(0)};
    struct tcs_earlier row = anna;
    (void)state;
    remembered_once(anna, LATERAL, true);
    remembered_once(fs, LATERAL, true);
    row.name = S("ben");
    remembered_once(row, LATERAL, false); /* somebody else */
    row = anna;
    row.stage = LATERAL;
    remembered_once(row, LATERAL, false); /* goes no further */
    row = anna;
    row.last = at(411 * DAY + 3600);
    remembered_once(row, LATERAL, false); /* not long ago: its records would be kept */
}

/* --- noise --- */

/* Something routine that belongs to both joins one of them, and does not make them one. */
static void
noise_once(uint8_t level, bool bridge)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             noise = rule(&w, "n", level, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A"), .session = 0x11, .process = S("1"));
    hit(&w, 1, r, 1, .host = S("A"), .session = 0x22, .process = S("2"));
    hit(&w, 2, noise, 1, .host = S("A"), .session = 0x11, .process = S("3"), .parent = S("2"));
    finish(&w);
    assert_int_equal(alive(&w), bridge ? 1 : 2);
    world_free(&w);
}

/* claims: noise, routine */
static void
noise_does_not_bridge(void **state)
{
    (void)state;
    noise_once(TCS_INFORMATIONAL, false);
    noise_once(TCS_LOW, false);
    noise_once(TCS_MEDIUM, true);
}

/* Nor is it found by host and account later, nor begins an incident without a name. */
static void
noise_is_not_found(void **state)
{
    struct world w = world_new(NULL);
    uint32_t noise = rule(&w, "n", TCS_LOW, FOOTHOLD, NULL),
             r = rule(&w, "r", TCS_HIGH, CREDENTIALS, NULL);
    (void)state;
    hit(&w, 0, noise, 1, .host = S("A"), .user = S("ELB\\anna"), .process = S("1"));
    hit(&w, 9, r, 1, .host = S("A"), .user = S("ELB\\anna"), .process = S("2"));
    expect(&w, false, WHY_HOST_ACCOUNT);
    w = world_new(NULL);
    noise = rule(&w, "n", TCS_LOW, FOOTHOLD, NULL);
    hit(&w, 0, noise, 1, .host = S("A"), .user = S("ELB\\anna"));
    finish(&w);
    assert_int_equal(alive(&w), 0);
    world_free(&w);
}

/* --- merging --- */

/* Eight pairs that each reached watch become one: its later states are told all the same. */
static void
transitions_survive_merges(void **state)
{
    static const struct tcs_str host[] = {S("H0"), S("H1"), S("H2"), S("H3"), S("H4"), S("H5"),
                                          S("H6"), S("H7"), S("H8"), S("H9"), S("HA"), S("HB")};
    struct world w = world_new(NULL);
    uint32_t a = rule(&w, "a", TCS_HIGH, ACCOUNT, NULL),
             b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL),
             fan = rule(&w, "fan", TCS_MEDIUM, FOOTHOLD, NULL),
             e = rule(&w, "e", TCS_HIGH, DESTROY, "T1490");
    struct tcs_finding d = {.first = at(5000), .signature = fan, .count = 12, .group = 3};
    (void)state;
    for (int i = 0; i < 12; i++) {
        hit(&w, i * 10, a, 4624, .host = host[i], .session = 0x100);
        hit(&w, i * 10 + 5, b, 1, .host = host[i], .session = 0x100);
    }
    for (int i = 0; i < 12; i++) { /* one correlation over all of these sessions */
        d.time = at(5000 + i);
        d.who = (struct tcs_identity){.host = host[i], .session = 0x100};
        d.evidence = evidence_of(&w, 1);
        detect(&w, &d);
    }
    hit(&w, 6000, e, 1, .host = host[3], .session = 0x100);
    const struct tcs_incident *in = only(&w);
    assert_int_equal(alive(&w), 1);
    assert_int_equal(in->state, TCS_STATE_IMMINENT);
    assert_true(in->ntransitions >= 2);
    assert_int_equal(in->transitions[0].state, TCS_STATE_WATCH);
    assert_true(in->transitions[0].time == at(5));
    assert_int_equal(in->transitions[in->ntransitions - 1].state, TCS_STATE_IMMINENT);
    assert_true(in->transitions[in->ntransitions - 1].time == at(6000));
    world_free(&w);
}

/* The same finding once more (no new link) can still bring two incidents together by two weak
 * names; the chain is then that of both. */
static void
merged_by_a_repeat(void **state)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL),
             d = rule(&w, "d", TCS_HIGH, LATERAL, NULL);
    (void)state;
    hit(&w, 0, d, 1, .host = S("B"), .user = S("ELB\\anna"), .session = 0x55);
    hit(&w, 100, b, 1, .host = S("A"), .user = S("ELB\\anna"), .process = S("1"));
    hit(&w, 110, b, 1, .host = S("B"), .user = S("ELB\\berta"), .process = S("2"),
        .parent = S("1"));
    hit(&w, 25 * HOUR, d, 1, .host = S("B"), .user = S("ELB\\anna"), .session = 0x55);
    finish(&w);
    for (uint32_t i = 0; i < w.c->nincs;
         i++) { /* whatever was joined: stages are those of the links */
        struct chain_inc *in = &w.c->incs[i];
        if (in->into != i)
            continue;
        uint32_t score = in->score, end = in->end;
        uint8_t stages = in->stages;
        chain_score(w.c, in);
        assert_int_equal(in->score, score);
        assert_int_equal(in->end, end);
        assert_int_equal(in->stages, stages);
    }
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group),
        cmocka_unit_test(session),
        cmocka_unit_test(session_of_the_system),
        cmocka_unit_test(process),
        cmocka_unit_test(parent),
        cmocka_unit_test(parent_by_record),
        cmocka_unit_test(host_account),
        cmocka_unit_test(stopped_account),
        cmocka_unit_test(logon_from),
        cmocka_unit_test(address_account),
        cmocka_unit_test(address_host),
        cmocka_unit_test(file),
        cmocka_unit_test(file_of_no_host),
        cmocka_unit_test(file_of_the_system),
        cmocka_unit_test(borrowed_file),
        cmocka_unit_test(borrowed_by_noise),
        cmocka_unit_test(target_acts),
        cmocka_unit_test(made_account),
        cmocka_unit_test(alert_host),
        cmocka_unit_test(sweep),
        cmocka_unit_test(stolen),
        cmocka_unit_test(related),
        cmocka_unit_test(two_weak),
        cmocka_unit_test(degree),
        cmocka_unit_test(degree_in_turns),
        cmocka_unit_test(degree_merged),
        cmocka_unit_test(long_ago),
        cmocka_unit_test(long_ago_same_host),
        cmocka_unit_test(remembered),
        cmocka_unit_test(noise_does_not_bridge),
        cmocka_unit_test(noise_is_not_found),
        cmocka_unit_test(transitions_survive_merges),
        cmocka_unit_test(merged_by_a_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* unit/detect/test_parties.c - who and where each sort of record speaks of, and which records
 * tell identity.  Fields and what they mean are Microsoft's, Sysmon's and the clouds'
 * documentation; records come through the decoders, as lines of JSON in the shapes that tools
 * write.  It stands here since tests of chain/ may not use input/. */
/* claim: one-identity */
#include "decode/formats.h"
#include "identity/identity.h"

#include "check.h"
#include "event/event.h"
#include "event/fieldset.h"
#include "input/source.h"

static struct tcs_fieldset *fields;
static struct tcs_identity_plan *plan;
static struct tcs_arena *arena;

struct got {
    struct tcs_identity w;
    struct tcs_observation o;
    bool observed, wanted;
    unsigned events;
};

static int
begin(void **state)
{
    (void)state;
    fields = tcs_event_fieldset_new();
    for (uint32_t i = 0; tcs_identity_field(i).n; i++)
        assert_int_not_equal(tcs_event_fieldset_add(fields, tcs_identity_field(i)), TCS_SLOT_NONE);
    (void)tcs_event_fieldset_add(fields, TCS_STR("LogonType"));
    plan = tcs_identity_plan_new(fields);
    arena = tcs_base_arena_new(0);
    assert_non_null(plan);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    tcs_identity_plan_free(plan);
    tcs_event_fieldset_free(fields);
    tcs_base_arena_free(arena);
    return 0;
}

/* The event dies with its batch. */
static void
keep_all(struct tcs_identity *w)
{
#define TEXT(name) w->name = tcs_base_arena_str(arena, w->name);
#define OTHER(name)
    TCS_IDENTITY_FIELDS(TEXT, OTHER, OTHER)
#undef TEXT
#undef OTHER
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct got *g = ctx;
    g->events++;
    tcs_identity_of(plan, ev, arena, &g->w);
    keep_all(&g->w);
    g->wanted = tcs_identity_wants(ev);
    g->observed = tcs_identity_observe(ev, &g->w, &g->o);
    g->o.evidence = tcs_identity_evidence(ev, arena);
    if (g->observed)
        keep_all(&g->o.who);
}

static struct got
read_text(const struct tcs_format *f, const char *text, size_t n)
{
    static const struct tcs_origin origin = {.path = {"t", 1}};
    struct got g = {.events = 0};
    struct tcs_sink sink = {.ctx = &g, .event = on_event};
    uint8_t *copy = calloc(1, n + TCS_BLOCK_PADDING);
    struct tcs_decoder *d = f->open(&(struct tcs_decode_opts){.fields = fields});
    assert_non_null(copy);
    assert_non_null(d);
    memcpy(copy, text, n);
    struct tcs_block b = {.origin = &origin, .p = copy, .n = n, .first_record = 1};
    struct tcs_decode_stats stats = {0};
    f->decode(d, &b, &sink, &stats);
    f->close(d);
    free(copy);
    assert_int_equal(g.events, 1);
    assert_true(!g.observed || g.wanted); /* whatever is taken must have been wanted */
    return g;
}

/* --- Windows --- */

enum kind { NOT = -1 };

struct row {
    const char *name, *channel, *provider;
    unsigned id;
    const char *data; /* EventData */
    struct tcs_identity want;
    int observed; /* enum tcs_observed, or NOT */
    uint8_t logon_type;
};

#define S(lit)                                                                                     \
    {                                                                                              \
        "" lit, sizeof("" lit) - 1                                                                 \
    }
#define SECURITY "Security", "Microsoft-Windows-Security-Auditing"
#define SYSMON "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"
#define TS_LSM                                                                                     \
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",                          \
        "Microsoft-Windows-TerminalServices-LocalSessionManager"
#define SID1 "S-1-5-21-7-7-7-1104"

static const struct row rows[] = {
    {"logon",
     SECURITY,
     4624,
     "'SubjectUserSid':'S-1-5-18','SubjectUserName':'A$','SubjectDomainName':'ELB','SubjectLogonId'"
     ":'0x3e7',"
     "'TargetUserSid':'" SID1 "','TargetUserName':'j.falk','TargetDomainName':'ELB',"
     "'TargetLogonId':'0x5f21a3','LogonType':10,'WorkstationName':'WS07','ProcessId':'0x3f4',"
     "'ProcessName':'C:\\\\Windows\\\\System32\\\\svchost.exe','IpAddress':'203.0.113.77',"
     "'TargetLinkedLogonId':'0x5f21a9'",
     {.user = S("A$"),
      .user_domain = S("ELB"),
      .user_id = S("S-1-5-18"),
      .session = 0x3e7,
      .target = S("j.falk"),
      .target_domain = S("ELB"),
      .target_id = S(SID1),
      .target_session = 0x5f21a3,
      .linked_session = 0x5f21a9,
      .source_host = S("WS07"),
      .source_ip = S("203.0.113.77"),
      .pid = 0x3f4,
      .image = S("C:\\Windows\\System32\\svchost.exe")},
     TCS_OBS_LOGON,
     10},
    {"WinRM logon names no source",
     SECURITY,
     4624,
     "'SubjectUserName':'-','SubjectUserSid':'S-1-0-0','TargetUserName':'j.falk','TargetDomainName'"
     ":'ELB',"
     "'TargetLogonId':'0x77','LogonType':'3','WorkstationName':'-','IpAddress':'-'",
     {.target = S("j.falk"), .target_domain = S("ELB"), .target_session = 0x77},
     TCS_OBS_LOGON,
     3},
    {"a machine's logon tells its address",
     SECURITY,
     4624,
     "'TargetUserName':'WS05$','TargetDomainName':'ELB','LogonType':3,'IpAddress':'10.0.0.5'",
     {.target = S("WS05$"), .target_domain = S("ELB"), .source_ip = S("10.0.0.5")},
     TCS_OBS_ADDRESS,
     3},
    {"or nothing",
     SECURITY,
     4624,
     "'TargetUserName':'WS05$','LogonType':5,'IpAddress':'-'",
     {.target = S("WS05$")},
     NOT,
     0},
    {"failed logon: the target did nothing",
     SECURITY,
     4625,
     "'SubjectUserName':'pgustavo','SubjectDomainName':'THESHIRE','SubjectLogonId':'0x9cc0b6',"
     "'TargetUserName':'nmartha','TargetDomainName':'THESHIRE','WorkstationName':'WORKSTATION5','"
     "IpAddress':'-'",
     {.user = S("pgustavo"),
      .user_domain = S("THESHIRE"),
      .session = 0x9cc0b6,
      .target = S("nmartha"),
      .target_domain = S("THESHIRE"),
      .source_host = S("WORKSTATION5")},
     NOT,
     0},
    {"other credentials, elsewhere",
     SECURITY,
     4648,
     "'SubjectUserName':'anna','SubjectDomainName':'ELB','SubjectLogonId':'0x11','TargetUserName':'"
     "adm',"
     "'TargetDomainName':'ELB','TargetServerName':'FS02','IpAddress':'-'",
     {.user = S("anna"),
      .user_domain = S("ELB"),
      .session = 0x11,
      .target = S("adm"),
      .target_domain = S("ELB"),
      .dest_host = S("FS02")},
     TCS_OBS_EXPLICIT,
     0},
    {"other credentials, here",
     SECURITY,
     4648,
     "'SubjectUserName':'anna','TargetUserName':'adm','TargetServerName':'localhost'",
     {.user = S("anna"), .target = S("adm")},
     NOT,
     0},
    {"administrator's rights",
     SECURITY,
     4672,
     "'SubjectUserSid':'" SID1
     "','SubjectUserName':'adm','SubjectDomainName':'ELB','SubjectLogonId':'0x77'",
     {.user = S("adm"), .user_domain = S("ELB"), .user_id = S(SID1), .session = 0x77},
     TCS_OBS_ADMIN,
     0},
    {"a machine's rights",
     SECURITY,
     4672,
     "'SubjectUserName':'A$','SubjectLogonId':'0x3e7'",
     {.user = S("A$"), .session = 0x3e7},
     NOT,
     0},
    {"program started: ProcessId is the parent's",
     SECURITY,
     4688,
     "'SubjectUserName':'anna','SubjectDomainName':'ELB','SubjectLogonId':'0x11','NewProcessId':'"
     "0x1c30',"
     "'NewProcessName':'C:\\\\d\\\\x.exe','ProcessId':'0x280','TargetUserName':'-','TargetUserSid':"
     "'S-1-0-0'",
     {.user = S("anna"),
      .user_domain = S("ELB"),
      .session = 0x11,
      .pid = 0x1c30,
      .image = S("C:\\d\\x.exe")},
     TCS_OBS_PROCESS,
     0},
    {"program started as somebody else, in that one's session",
     SECURITY,
     4688,
     "'SubjectUserSid':'S-1-5-18','SubjectUserName':'A$','SubjectDomainName':'ELB','SubjectLogonId'"
     ":'0x3e7','NewProcessId':'0x1c30','TargetUserSid':'S-1-0-0','TargetUserName':'anna',"
     "'TargetDomainName':'ELB','TargetLogonId':'0x5f21a3'",
     {.user = S("anna"),
      .user_domain = S("ELB"),
      .session = 0x5f21a3,
      .target = S("A$"),
      .target_domain = S("ELB"),
      .target_id = S("S-1-5-18"),
      .target_session = 0x3e7,
      .pid = 0x1c30},
     TCS_OBS_PROCESS,
     0},
    {"program started as the machine: the person is who began it",
     SECURITY,
     4688,
     "'SubjectUserName':'anna','SubjectLogonId':'0x11','TargetUserName':'A$','TargetLogonId':"
     "'0x3e7'",
     {.user = S("A$"), .session = 0x3e7, .target = S("anna"), .target_session = 0x11},
     NOT,
     0},
    {"no session, no other account",
     SECURITY,
     4688,
     "'SubjectUserName':'anna','SubjectLogonId':'0x11','TargetUserName':'anna','TargetLogonId':"
     "'0x0'",
     {.user = S("anna"), .session = 0x11, .target = S("anna")},
     TCS_OBS_PROCESS,
     0},
    {"account made",
     SECURITY,
     4720,
     "'TargetUserName':'elie','TargetDomainName':'ELB','TargetSid':'" SID1
     "','SubjectUserName':'anna',"
     "'SubjectDomainName':'ELB','SubjectLogonId':'0x11'",
     {.user = S("anna"),
      .user_domain = S("ELB"),
      .session = 0x11,
      .target = S("elie"),
      .target_domain = S("ELB"),
      .target_id = S(SID1)},
     NOT,
     0},
    {"into a group",
     SECURITY,
     4728,
     "'MemberName':'CN=elie,OU=x,DC=elb','MemberSid':'" SID1 "','TargetUserName':'Domain Admins',"
     "'TargetDomainName':'ELB','TargetSid':'S-1-5-21-7-7-7-512','SubjectUserName':'anna','"
     "SubjectLogonId':'0x11'",
     {.user = S("anna"),
      .session = 0x11,
      .target = S("elie"),
      .target_id = S(SID1),
      .object = S("Domain Admins")},
     TCS_OBS_MEMBER,
     0},
    {"into a local group: a SID only",
     SECURITY,
     4732,
     "'MemberName':'-','MemberSid':'" SID1
     "','TargetUserName':'Administrators','SubjectUserName':'anna'",
     {.user = S("anna"), .target_id = S(SID1), .object = S("Administrators")},
     TCS_OBS_MEMBER,
     0},
    {"ticket granting ticket",
     SECURITY,
     4768,
     "'TargetUserName':'j.falk','TargetDomainName':'ELB','TargetSid':'" SID1
     "','ServiceName':'krbtgt',"
     "'IpAddress':'::ffff:10.0.0.7'",
     {.user = S("j.falk"),
      .user_domain = S("ELB"),
      .user_id = S(SID1),
      .object = S("krbtgt"),
      .source_ip = S("::ffff:10.0.0.7")},
     NOT,
     0},
    {"service ticket for a host",
     SECURITY,
     4769,
     "'TargetUserName':'j.falk@ELB.EXAMPLE','TargetDomainName':'ELB.EXAMPLE','ServiceName':'FS02$',"
     "'IpAddress':'::ffff:10.0.0.7'",
     {.user = S("j.falk@ELB.EXAMPLE"),
      .user_domain = S("ELB.EXAMPLE"),
      .dest_host = S("FS02"),
      .source_ip = S("::ffff:10.0.0.7")},
     TCS_OBS_TICKET,
     0},
    {"service ticket for an account",
     SECURITY,
     4769,
     "'TargetUserName':'j.falk@ELB.EXAMPLE','ServiceName':'svc_sql','IpAddress':'::ffff:10.0.0.7'",
     {.user = S("j.falk@ELB.EXAMPLE"), .object = S("svc_sql"), .source_ip = S("::ffff:10.0.0.7")},
     NOT,
     0},
    {"a machine's ticket tells its address",
     SECURITY,
     4769,
     "'TargetUserName':'WS05$@ELB.EXAMPLE','ServiceName':'FS02$','IpAddress':'::ffff:10.0.0.5'",
     {.user = S("WS05$@ELB.EXAMPLE"), .dest_host = S("FS02"), .source_ip = S("::ffff:10.0.0.5")},
     TCS_OBS_ADDRESS,
     0},
    {"NTLM at the controller",
     SECURITY,
     4776,
     "'PackageName':'MICROSOFT_AUTHENTICATION_PACKAGE_V1_0','TargetUserName':'nmartha','"
     "Workstation':'WORKSTATION5'",
     {.target = S("nmartha"), .source_host = S("WORKSTATION5")},
     NOT,
     0},
    {"share",
     SECURITY,
     5140,
     "'SubjectUserName':'j.falk','SubjectDomainName':'ELB','SubjectLogonId':'0x8c','IpAddress':'10."
     "0.0.7',"
     "'ShareName':'\\\\\\\\*\\\\IPC$'",
     {.user = S("j.falk"),
      .user_domain = S("ELB"),
      .session = 0x8c,
      .source_ip = S("10.0.0.7"),
      .object = S("\\\\*\\IPC$")},
     TCS_OBS_SHARE,
     0},
    {"filter, inbound: which end is this host is not certain",
     SECURITY,
     5156,
     "'Direction':'%%14592','SourceAddress':'10.0.0.7','DestAddress':'10.0.0.1'",
     {.source_ip = S("10.0.0.7")},
     NOT,
     0},
    {"filter, outbound: the source is this host",
     SECURITY,
     5156,
     "'Direction':'%%14593','SourceAddress':'10.0.0.1','DestAddress':'203.0.113.9'",
     {.own_ip = S("10.0.0.1"), .dest_ip = S("203.0.113.9")},
     NOT,
     0},
    {"boot", SECURITY, 4608, "'x':1", {.pid = 0}, TCS_OBS_BOOT, 0},
    {"what says none is passed over",
     "Application",
     "x",
     1,
     "'User':'-','SubjectUserName':'anna','UserName':'N/A','AccountName':'svc'",
     {.user = S("anna"), .named = S("svc")},
     NOT,
     0},
    {"not Security's",
     "Application",
     "x",
     4624,
     "'TargetUserName':'anna'",
     {.target = S("anna")},
     NOT,
     0},
    {"boot of the event log",
     "System",
     "EventLog",
     6005,
     "'x':1",
     {.user_id = S("S-1-5-18")},
     TCS_OBS_BOOT,
     0},
    {"service: who is in the header",
     "System",
     "Service Control Manager",
     7045,
     "'ServiceName':'kdwbqx','ImagePath':'x','AccountName':'LocalSystem'",
     {.user_id = S("S-1-5-18"), .object = S("kdwbqx"), .named = S("LocalSystem")},
     NOT,
     0},
    {"Sysmon: program",
     SYSMON,
     1,
     "'ProcessGuid':'{11111111-2222-3333-4444-555555555555}','ProcessId':7216,'Image':'C:"
     "\\\\d\\\\x.exe',"
     "'User':'ELB\\\\j.falk','LogonId':'0x5f21a3','Hashes':'MD5=AA,SHA256=BB,IMPHASH=CC',"
     "'ParentProcessGuid':'{11111111-2222-3333-4444-666666666666}','ParentProcessId':640",
     {.user = S("j.falk"),
      .user_domain = S("ELB"),
      .session = 0x5f21a3,
      .pid = 7216,
      .process = S("11111111-2222-3333-4444-555555555555"),
      .parent = S("11111111-2222-3333-4444-666666666666"),
      .image = S("C:\\d\\x.exe"),
      .hash = S("BB")},
     TCS_OBS_PROCESS,
     0},
    {"Sysmon: connection outwards",
     SYSMON,
     3,
     "'ProcessGuid':'{11111111-2222-3333-4444-555555555555}','User':'ELB\\\\anna','Initiated':'"
     "true',"
     "'SourceIp':'10.0.0.1','DestinationIp':'203.0.113.9'",
     {.user = S("anna"),
      .user_domain = S("ELB"),
      .process = S("11111111-2222-3333-4444-555555555555"),
      .own_ip = S("10.0.0.1"),
      .dest_ip = S("203.0.113.9")},
     TCS_OBS_ADDRESS,
     0},
    {"Sysmon: connection inwards",
     SYSMON,
     3,
     "'User':'ELB\\\\anna','Initiated':'false','SourceIp':'10.0.0.7','DestinationIp':'10.0.0.1'",
     {.user = S("anna"), .user_domain = S("ELB"), .source_ip = S("10.0.0.7")},
     NOT,
     0},
    {"Sysmon: memory read",
     SYSMON,
     10,
     "'SourceProcessGUID':'{11111111-2222-3333-4444-555555555555}','SourceProcessId':8124,"
     "'SourceImage':'C:\\\\d\\\\x.exe','TargetImage':'lsass.exe','SourceUser':'ELB\\\\anna',"
     "'TargetUser':'NT AUTHORITY\\\\SYSTEM'",
     {.user = S("anna"),
      .user_domain = S("ELB"),
      .target = S("SYSTEM"),
      .target_domain = S("NT AUTHORITY"),
      .pid = 8124,
      .process = S("11111111-2222-3333-4444-555555555555"),
      .image = S("C:\\d\\x.exe")},
     NOT,
     0},
    {"Sysmon: file",
     SYSMON,
     11,
     "'ProcessGuid':'{00000000-0000-0000-0000-000000000000}','ProcessId':8124,'Image':'C:"
     "\\\\d\\\\x.exe',"
     "'TargetFilename':'C:\\\\d\\\\y.exe'",
     {.pid = 8124, .image = S("C:\\d\\x.exe"), .object = S("C:\\d\\y.exe")},
     NOT,
     0},
    {"remote desktop session",
     TS_LSM,
     21,
     "'User':'ELB\\\\j.falk','SessionID':2,'Address':'203.0.113.77'",
     {.target = S("j.falk"), .target_domain = S("ELB"), .source_ip = S("203.0.113.77")},
     TCS_OBS_LOGON,
     10},
    {"session at the console",
     TS_LSM,
     21,
     "'User':'ELB\\\\j.falk','Address':'LOCAL'",
     {.target = S("j.falk"), .target_domain = S("ELB")},
     TCS_OBS_LOGON,
     10},
    {"PowerShell: who and which process are in the header",
     "Microsoft-Windows-PowerShell/Operational",
     "Microsoft-Windows-PowerShell",
     4104,
     "'ScriptBlockText':'x'",
     {.user_id = S("S-1-5-18"), .pid = 4242},
     NOT,
     0},
};

static void
check_parties(const char *name, const struct tcs_identity *got, const struct tcs_identity *want)
{
#define TEXT(f)                                                                                    \
    if (!tcs_base_str_eq(got->f, want->f))                                                         \
        fail_msg("%s: %s is \"%.*s\", not \"%.*s\"", name, #f, (int)got->f.n,                      \
                 got->f.n ? got->f.p : "", (int)want->f.n, want->f.n ? want->f.p : "");
#define NUMBER(f)                                                                                  \
    if (got->f != want->f)                                                                         \
        fail_msg("%s: %s is %llx, not %llx", name, #f, (unsigned long long)got->f,                 \
                 (unsigned long long)want->f);
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, NUMBER)
#undef TEXT
#undef NUMBER
}

static void
windows(void **state)
{
    static char line[4096];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        int n =
            snprintf(line, sizeof line,
                     "{'Event':{'System':{'Provider':{'#attributes':{'Name':'%s'}},'EventID':%u,"
                     "'EventRecordID':7,'Channel':'%s','Computer':'A.elb.example','Execution':"
                     "{'#attributes':{'ProcessID':4242,'ThreadID':1}},'Security':{'#attributes':"
                     "{'UserID':'S-1-5-18'}},'TimeCreated':{'#attributes':"
                     "{'SystemTime':'2026-03-17T19:41:08.123456Z'}}},'EventData':{%s}}}\n",
                     r->provider, r->id, r->channel, r->data);
        for (int k = 0; k < n; k++)
            line[k] = line[k] == '\'' ? '"' : line[k];
        struct got g = read_text(&tcs_decode_format_jsonl, line, (size_t)n);
        struct tcs_identity want = r->want;
        want.host = TCS_STR("A.elb.example");
        want.activity = tcs_identity_activity(tcs_base_str_of(r->channel), r->id);
        check_parties(r->name, &g.w, &want);
        if (g.observed != (r->observed != NOT) || (g.observed && g.o.kind != r->observed))
            fail_msg("%s: observed %d as %d", r->name, g.observed, g.o.kind);
        if (g.observed) {
            assert_int_equal(g.o.evidence.record_id, 7);
            assert_int_equal(g.o.evidence.event_id, r->id);
            assert_int_equal(g.o.logon_type, r->logon_type);
        }
    }
}

/* What a machine account's logon tells: HOST has the address. */
static void
addresses(void **state)
{
    static const char line[] =
        "{\"Event\":{\"System\":{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"FS02\"},"
        "\"EventData\":{\"TargetUserName\":\"WS05$\",\"IpAddress\":\"10.0.0.5\"}}}\n";
    (void)state;
    struct got g = read_text(&tcs_decode_format_jsonl, line, sizeof line - 1);
    assert_true(g.observed);
    assert_int_equal(g.o.kind, TCS_OBS_ADDRESS);
    check_str(g.o.who.source_host, "WS05");
    check_str(g.o.who.source_ip, "10.0.0.5");
    check_str(g.o.who.host, "FS02");
}

/* --- other shapes --- */

static struct tcs_identity
of_line(const char *line)
{
    return read_text(&tcs_decode_format_jsonl, line, strlen(line)).w;
}

static void
clouds(void **state)
{
    (void)state;
    struct tcs_identity w = of_line(
        "{\"category\":\"SignInLogs\",\"operationName\":\"Sign-in activity\",\"properties\":{"
        "\"userPrincipalName\":\"anna@elb.example\",\"ipAddress\":\"203.0.113.9\"}}\n");
    check_str(w.user_id, "anna@elb.example");
    check_str(w.source_ip, "203.0.113.9");
    w = of_line("{\"CreationTime\":\"2026-03-17T19:41:08\",\"Operation\":\"New-InboxRule\","
                "\"Workload\":\"Exchange\","
                "\"UserId\":\"anna@elb.example\",\"ClientIP\":\"203.0.113.9\"}\n");
    check_str(w.user_id, "anna@elb.example");
    check_str(w.source_ip, "203.0.113.9");
    w = of_line(
        "{\"eventType\":\"user.session.start\",\"published\":\"2026-03-17T19:41:08.000Z\","
        "\"actor\":{"
        "\"alternateId\":\"anna@elb.example\"},\"client\":{\"ipAddress\":\"203.0.113.9\"}}\n");
    check_str(w.user_id, "anna@elb.example");
    check_str(w.source_ip, "203.0.113.9");
}

/* What people read in a finding and what the chain joins by are one table. */
static void
accounts(void **state)
{
    static const struct {
        const char *line, *domain, *name;
    } lines[] = {
        /* Intune, as diagnostic settings write it */
        {"{\"time\":\"2026-03-17T20:04:12Z\",\"category\":\"AuditLogs\",\"properties\":{\"Actor\":"
         "{\"UPN\":\"anna@elb.example\"}}}\n",
         "", "anna@elb.example"},
        {"{\"eventTime\":\"2026-03-17T20:04:12Z\",\"eventSource\":\"iam\",\"eventName\":\"x\","
         "\"awsRegion\":\"eu\",\"userIdentity\":{\"arn\":\"arn:aws:iam::1:user/anna\"}}\n",
         "", "arn:aws:iam::1:user/anna"},
        /* Winlogbeat: the user of a record is who wrote it */
        {"{\"@timestamp\":\"2026-03-17T20:04:12Z\",\"user\":{\"name\":\"SYSTEM\",\"domain\":"
         "\"NT AUTHORITY\"},\"winlog\":{\"channel\":\"Microsoft-Windows-Sysmon/Operational\","
         "\"event_id\":11,\"computer_name\":\"A\"}}\n",
         "", ""},
        {"{\"@timestamp\":\"2026-03-17T20:04:12Z\",\"user\":{\"name\":\"anna\",\"domain\":\"ELB\"},"
         "\"winlog\":{\"channel\":\"Microsoft-Windows-PowerShell/Operational\",\"event_id\":4104,"
         "\"computer_name\":\"A\"}}\n",
         "ELB", "anna"},
        /* ECS of no Windows log: who acts */
        {"{\"@timestamp\":\"2026-03-17T20:04:12Z\",\"user\":{\"name\":\"anna\"}}\n", "", "anna"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct tcs_identity w = of_line(lines[i].line);
        struct tcs_identity_account who = tcs_identity_account(&w);
        check_str(who.name, lines[i].name);
        check_str(who.domain, lines[i].domain);
    }
}

/* What is no name of a party changes nothing; the first that is there stays. */
static void
put(void **state)
{
    struct tcs_identity w = {.user = TCS_STR("anna")};
    (void)state;
    tcs_identity_put(&w, TCS_STR("SubjectUserName"), TCS_STR("berta"));
    tcs_identity_put(&w, TCS_STR("TargetUserName"), TCS_STR("ELB\\carl"));
    tcs_identity_put(&w, TCS_STR("IpAddress"), TCS_STR("-"));
    tcs_identity_put(&w, TCS_STR("CommandLine"), TCS_STR("x"));
    tcs_identity_put(&w, TCS_STR("TargetLogonId"), TCS_STR("0x5"));
    check_str(w.user, "anna");
    check_str(w.target, "carl");
    check_str(w.target_domain, "ELB");
    check_str(w.source_ip, "");
    assert_int_equal(w.target_session, 0);
    tcs_identity_put(&w, TCS_STR("IpAddress"), TCS_STR("203.0.113.9"));
    check_str(w.source_ip, "203.0.113.9");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {T(windows), T(addresses), T(clouds), T(accounts), T(put)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* identity/identity.c - from the fields of an event to who and where.
 *
 * One table says which field names tell which role, best first; a few kinds of record mean
 * something else by them, and have a function each (`turns`; activity.c says which).  Texts stay as
 * the log wrote them; words that mean "none" become empty. */
#include "identity/activity_int.h"

#include "base/limits.h"
#include "base/num.h"

#include <stddef.h>
#include <stdlib.h>

enum role {
    R_USER,
    R_USER_DOMAIN,
    R_USER_ID,
    R_SESSION,
    R_TARGET,
    R_TARGET_DOMAIN,
    R_TARGET_ID,
    R_TARGET_SESSION,
    R_LINKED,
    R_SOURCE_IP,
    R_SOURCE_HOST,
    R_DEST_IP,
    R_DEST_HOST,
    R_PROCESS,
    R_PARENT,
    R_PID,
    R_IMAGE,
    R_OBJECT,
    R_HASHES,
    R_INITIATED,
    R_DIRECTION,
    R_MEMBER,
    R_MEMBER_ID,
    R_SERVICE,
    R_NAMED,
    R_WRITER, /* in ECS: who acts, or of a Windows log who wrote the record */
    R_WRITER_DOMAIN,
    R_WRITER_ID,
    R_WRITER_PID,
    ROLES
};

/* Within a role the first that the event has counts.  Windows Security and System, Sysmon, Terminal
 * Services, PowerShell; then sign-in and audit logs of clouds; then ECS. */
static const struct {
    struct tcs_str name;
    uint8_t role;
} table[] = {
#define F(s, r)                                                                                    \
    {                                                                                              \
        {s, sizeof(s) - 1}, r                                                                      \
    }
    F("User", R_USER),
    F("SubjectUserName", R_USER),
    F("SourceUser", R_USER),
    F("userPrincipalName", R_USER_ID),
    F("UserPrincipalName", R_USER_ID),
    F("properties.userPrincipalName", R_USER_ID),
    F("InitiatedBy.user.userPrincipalName", R_USER_ID),
    F("initiatedBy.user.userPrincipalName", R_USER_ID),
    F("properties.initiatedBy.user.userPrincipalName", R_USER_ID),
    F("actor.userPrincipalName", R_USER_ID),
    F("properties.Actor.UPN", R_USER_ID),
    F("Properties.Actor.UPN", R_USER_ID),
    F("ActorUserPrincipalName", R_USER_ID),
    F("UserId", R_USER_ID),
    F("actor.alternateId", R_USER_ID),
    F("actor.alternateid", R_USER_ID),
    F("caller", R_USER_ID),
    F("Caller", R_USER_ID),
    F("identity", R_USER_ID),
    F("Identity", R_USER_ID),
    F("userIdentity.arn", R_USER_ID),
    F("user.name", R_WRITER),
    F("user", R_USER),
    F("SubjectDomainName", R_USER_DOMAIN),
    F("user.domain", R_WRITER_DOMAIN),
    F("SubjectUserSid", R_USER_ID),
    F("SubjectLogonId", R_SESSION),
    F("LogonId", R_SESSION),
    F("TargetUserName", R_TARGET),
    F("TargetUser", R_TARGET),
    F("TargetDomainName", R_TARGET_DOMAIN),
    F("TargetUserSid", R_TARGET_ID),
    F("TargetSid", R_TARGET_ID),
    F("TargetLogonId", R_TARGET_SESSION),
    F("TargetLinkedLogonId", R_LINKED),
    F("IpAddress", R_SOURCE_IP),
    F("SourceIp", R_SOURCE_IP),
    F("Address", R_SOURCE_IP),
    F("ClientAddress", R_SOURCE_IP),
    F("ipAddress", R_SOURCE_IP),
    F("IPAddress", R_SOURCE_IP),
    F("properties.ipAddress", R_SOURCE_IP),
    F("callerIpAddress", R_SOURCE_IP),
    F("CallerIpAddress", R_SOURCE_IP),
    F("ClientIP", R_SOURCE_IP),
    F("ClientIPAddress", R_SOURCE_IP),
    F("client.ipAddress", R_SOURCE_IP),
    F("client.ipaddress", R_SOURCE_IP),
    F("sourceIPAddress", R_SOURCE_IP),
    F("source.ip", R_SOURCE_IP),
    F("src_ip", R_SOURCE_IP),
    F("SourceAddress", R_SOURCE_IP),
    F("WorkstationName", R_SOURCE_HOST),
    F("Workstation", R_SOURCE_HOST),
    F("ClientName", R_SOURCE_HOST),
    F("DestinationIp", R_DEST_IP),
    F("DestAddress", R_DEST_IP),
    F("dest_ip", R_DEST_IP),
    F("destination.ip", R_DEST_IP),
    F("TargetServerName", R_DEST_HOST),
    F("ProcessGuid", R_PROCESS),
    F("SourceProcessGUID", R_PROCESS),
    F("SourceProcessGuid", R_PROCESS),
    F("ParentProcessGuid", R_PARENT),
    F("NewProcessId", R_PID), /* 4688: its ProcessId is the parent's */
    F("ProcessId", R_PID),
    F("SourceProcessId", R_PID),
    F("Image", R_IMAGE),
    F("NewProcessName", R_IMAGE),
    F("SourceImage", R_IMAGE),
    F("ProcessName", R_IMAGE),
    F("TargetFilename", R_OBJECT),
    F("ImageLoaded", R_OBJECT),
    F("ServiceName", R_SERVICE),
    F("TaskName", R_OBJECT),
    F("ShareName", R_OBJECT),
    F("Hashes", R_HASHES),
    F("Hash", R_HASHES),
    F("Initiated", R_INITIATED),
    F("Direction", R_DIRECTION),
    F("MemberName", R_MEMBER),
    F("MemberSid", R_MEMBER_ID),
    F("UserName", R_NAMED),
    F("AccountName", R_NAMED),
    F("Security_UserID", R_WRITER_ID),
    F("Execution_ProcessID", R_WRITER_PID),
#undef F
};
enum {
    FIELDS = sizeof table / sizeof *table,
    NONE_MAX = 7 /* bytes of the longest word for none */
};

struct tcs_identity_plan {
    uint32_t nslots;
    uint8_t row[]; /* of the slot: 1 + index into the table; 0: no identity field */
};

/* What the event has: for each role the row (its rank) and the value. */
struct found {
    const struct tcs_value *value[ROLES];
    uint8_t rank[ROLES];
    const struct tcs_event *ev;
    struct tcs_arena *a;
};

struct tcs_str
tcs_identity_field(uint32_t i)
{
    return i < FIELDS ? table[i].name : (struct tcs_str){0};
}

struct tcs_identity_plan *
tcs_identity_plan_new(const struct tcs_fieldset *fs)
{
    uint32_t n = tcs_event_fieldset_count(fs);
    struct tcs_identity_plan *p = calloc(1, sizeof *p + n);
    if (!p)
        return NULL;
    p->nslots = n;
    for (uint32_t i = 0; i < FIELDS; i++) {
        uint32_t slot = tcs_event_fieldset_find(fs, table[i].name);
        if (slot < n)
            p->row[slot] = (uint8_t)(i + 1);
    }
    return p;
}

void
tcs_identity_plan_free(struct tcs_identity_plan *p)
{
    free(p);
}

/* Words that mean "none". */
static bool
means_none(struct tcs_str s)
{
    static const struct tcs_str words[] = {
        {"-", 1},     {"N/A", 3}, {"S-1-0-0", 7}, {"::", 2},   {"0.0.0.0", 7},
        {"LOCAL", 5}, {"n/a", 3}, {"null", 4},    {"NULL", 4}, {"UNKNOWN", 7}};
    for (size_t i = 0; s.n <= NONE_MAX && i < sizeof words / sizeof *words; i++)
        if (tcs_base_str_eq(s, words[i]))
            return true;
    return false;
}

/* Does the value say nothing?  Without making text of it. */
static bool
is_none(const struct tcs_value *v)
{
    char low[NONE_MAX];
    size_t step = v->type == TCS_V_UTF16 ? 2 : 1, n = v->n / step;
    if (v->type == TCS_V_SID)
        return v->n == 12 && memcmp(v->b, "\1\1\0\0\0\0\0\0\0\0\0\0", 12) == 0; /* S-1-0-0 */
    if (v->type != TCS_V_UTF8 && v->type != TCS_V_UTF16 && v->type != TCS_V_ANSI)
        return v->type == TCS_V_NULL;
    for (size_t i = 0; i < n && n <= NONE_MAX; i++) {
        low[i] = (char)v->b[step * i];
        if (step == 2 && v->b[2 * i + 1])
            return false;
    }
    return n <= NONE_MAX && (!n || means_none((struct tcs_str){low, n}));
}

static void
find(const struct tcs_identity_plan *p, struct found *f)
{
    const struct tcs_event *ev = f->ev;
    for (uint32_t i = 0; i < ev->nfields; i++) {
        const struct tcs_field *fl = &ev->fields[i];
        uint8_t row = fl->slot < p->nslots ? p->row[fl->slot] : 0;
        uint8_t role = row ? table[row - 1].role : ROLES;
        if (!row || (f->value[role] && f->rank[role] <= row) || is_none(&fl->value))
            continue;
        f->value[role] = &fl->value;
        f->rank[role] = row;
    }
}

/* --- values --- */

static struct tcs_str
text(const struct found *f, enum role role)
{
    if (!f->value[role])
        return (struct tcs_str){0};
    struct tcs_str s = tcs_base_str_trim(tcs_event_value_text(f->value[role], f->a));
    if (means_none(s))
        return (struct tcs_str){0};
    return tcs_base_str_slice(s, 0, TCS_IDENTITY_TEXT_MAX);
}

static uint64_t
number(const struct found *f, enum role role)
{
    uint64_t n;
    const struct tcs_value *v = f->value[role];
    if (!v)
        return 0;
    if (v->type == TCS_V_UINT || v->type == TCS_V_HEX || (v->type == TCS_V_INT && v->i >= 0))
        return v->u;
    struct tcs_str s = tcs_base_str_trim(tcs_event_value_text(v, f->a));
    return tcs_base_num_hex(s, &n) || tcs_base_num_u64(s, &n) ? n : 0;
}

/* A process GUID of nothing but zeros is none. */
static struct tcs_str
guid(const struct found *f, enum role role)
{
    struct tcs_str s = text(f, role);
    if (s.n > 2 && s.p[0] == '{' && s.p[s.n - 1] == '}')
        s = tcs_base_str_slice(s, 1, s.n - 1);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '0' && s.p[i] != '-')
            return s;
    return (struct tcs_str){0};
}

/* "SHA1=..,MD5=..,SHA256=.." -> the longest of them. */
static struct tcs_str
best_hash(struct tcs_str all)
{
    static const struct tcs_str kinds[] = {{"SHA256=", 7}, {"SHA1=", 5}, {"MD5=", 4}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i + kinds[k].n <= all.n; i++) {
            if (all.p[i + kinds[k].n - 1] != '=' ||
                !tcs_base_str_ieq(tcs_base_str_slice(all, i, i + kinds[k].n), kinds[k]))
                continue;
            size_t from = i + kinds[k].n;
            return tcs_base_str_slice(all, from, tcs_base_str_find(all, ',', from));
        }
    return (struct tcs_str){0};
}

/* DOMAIN\name in one text. */
static void
split(struct tcs_str *name, struct tcs_str *domain)
{
    size_t slash = tcs_base_str_find(*name, '\\', 0);
    if (slash == name->n)
        return;
    *domain = tcs_base_str_slice(*name, 0, slash);
    *name = tcs_base_str_slice(*name, slash + 1, name->n);
}

/* --- records that mean something else --- */

static void
move_user_to_target(struct tcs_identity *w)
{
    w->target = w->user;
    w->target_domain = w->user_domain;
    w->target_id = w->user_id;
    w->target_session = w->session;
    w->user = w->user_domain = w->user_id = (struct tcs_str){0};
    w->session = 0;
}

/* Of a connection's two ends one is this host.  Only of its own connections it is certain which:
 * Sysmon may name the ends of others in either order. */
static void
own_end(struct tcs_identity *w, bool inbound)
{
    struct tcs_str *own = inbound ? &w->dest_ip : &w->source_ip;
    if (!inbound)
        w->own_ip = *own;
    *own = (struct tcs_str){0};
}

/* Sysmon 3 */
static void
turn_connection(const struct found *f, struct tcs_identity *w)
{
    own_end(w, tcs_base_str_ieq(text(f, R_INITIATED), TCS_STR("false")));
}

/* 4728, 4732, 4756: the "target" is the group, the member is who is added to it. */
static void
turn_member(const struct found *f, struct tcs_identity *w)
{
    w->object = w->target;
    w->target = w->target_domain = (struct tcs_str){0};
    w->target_id = text(f, R_MEMBER_ID);
    struct tcs_str dn = text(f, R_MEMBER); /* CN=name,OU=... */
    if (dn.n > 3 && tcs_base_str_ieq(tcs_base_str_slice(dn, 0, 3), TCS_STR("CN=")))
        w->target = tcs_base_str_slice(dn, 3, tcs_base_str_find(dn, ',', 3));
}

/* 4768, 4769: the account that asks is in the target's fields; a service HOST$ is a host. */
static void
turn_ticket(const struct found *f, struct tcs_identity *w)
{
    struct tcs_str service = text(f, R_SERVICE);
    w->user = w->target;
    w->user_domain = w->target_domain;
    w->user_id = w->target_id;
    w->target = w->target_domain = w->target_id = (struct tcs_str){0};
    w->object = service;
    if (service.n > 1 && service.p[service.n - 1] == '$') {
        w->dest_host = tcs_base_str_slice(service, 0, service.n - 1);
        w->object = (struct tcs_str){0};
    }
}

/* TS-LocalSessionManager: the user is who logged on. */
static void
turn_session(const struct found *f, struct tcs_identity *w)
{
    (void)f;
    move_user_to_target(w);
}

/* 4648: TargetServerName "localhost" goes nowhere. */
static void
turn_explicit(const struct found *f, struct tcs_identity *w)
{
    (void)f;
    if (tcs_base_str_ieq(w->dest_host, TCS_STR("localhost")))
        w->dest_host = (struct tcs_str){0};
}

/* 5156, 5157: %%14592 is inbound, %%14593 outbound. */
static void
turn_filter(const struct found *f, struct tcs_identity *w)
{
    own_end(w, tcs_base_str_eq(text(f, R_DIRECTION), TCS_STR("%%14592")));
}

/* 4688: who began it is the subject; it runs as the target, in the target's session. */
static void
turn_process(const struct found *f, struct tcs_identity *w)
{
    (void)f;
    const struct tcs_identity by = *w;
    if (!w->target_session || !w->target.n)
        return;
    w->user = by.target;
    w->user_domain = by.target_domain;
    w->user_id = by.target_id;
    w->session = by.target_session;
    w->target = by.user;
    w->target_domain = by.user_domain;
    w->target_id = by.user_id;
    w->target_session = by.session;
}

static void
turn(const struct found *f, struct tcs_identity *w)
{
    static void (*const turns[])(const struct found *f, struct tcs_identity *w) = {
        [TURN_CONNECTION] = turn_connection, [TURN_FILTER] = turn_filter,
        [TURN_MEMBER] = turn_member,         [TURN_TICKET] = turn_ticket,
        [TURN_SESSION] = turn_session,       [TURN_EXPLICIT] = turn_explicit,
        [TURN_PROCESS] = turn_process,
    };
    const struct tcs_identity_row *row = tcs_identity_row(f->ev);
    if (!row)
        return;
    w->activity = row->activity;
    if (turns[row->turn])
        turns[row->turn](f, w);
}

/* PowerShell, System and others tell who only in their header; Sysmon's and Security's own writer
 * says nothing about the event.  A log without channels is none of Windows': there it is who acts.
 */
static void
take_writer(const struct found *f, struct tcs_identity *w)
{
    struct tcs_str channel = tcs_event_value_text(&f->ev->channel, f->a);
    bool nobody = !w->user.n && !w->user_id.n && !w->target.n;
    if (!tcs_identity_writer_tells(f->ev))
        return;
    if (!w->user.n && (nobody || !channel.n)) {
        w->user = text(f, R_WRITER);
        w->user_domain = text(f, R_WRITER_DOMAIN);
    }
    if (nobody)
        w->user_id = text(f, R_WRITER_ID);
    if (!w->pid && tcs_base_str_starts(channel, TCS_STR("Microsoft-Windows-PowerShell")))
        w->pid = (uint32_t)number(f, R_WRITER_PID);
}

/* Roles whose value is a field as it stands, and where. */
static const size_t texts[ROLES] = {
    [R_USER] = offsetof(struct tcs_identity, user),
    [R_USER_DOMAIN] = offsetof(struct tcs_identity, user_domain),
    [R_USER_ID] = offsetof(struct tcs_identity, user_id),
    [R_TARGET] = offsetof(struct tcs_identity, target),
    [R_TARGET_DOMAIN] = offsetof(struct tcs_identity, target_domain),
    [R_TARGET_ID] = offsetof(struct tcs_identity, target_id),
    [R_SOURCE_IP] = offsetof(struct tcs_identity, source_ip),
    [R_SOURCE_HOST] = offsetof(struct tcs_identity, source_host),
    [R_DEST_IP] = offsetof(struct tcs_identity, dest_ip),
    [R_DEST_HOST] = offsetof(struct tcs_identity, dest_host),
    [R_IMAGE] = offsetof(struct tcs_identity, image),
    [R_OBJECT] = offsetof(struct tcs_identity, object),
    [R_NAMED] = offsetof(struct tcs_identity, named),
};

static bool
is_text(int role)
{
    return texts[role] != 0; /* the first field, `host`, has no role */
}

static struct tcs_str *
text_of(struct tcs_identity *w, int role)
{
    return (struct tcs_str *)(void *)((char *)w + texts[role]);
}

void
tcs_identity_of(const struct tcs_identity_plan *p, const struct tcs_event *ev, struct tcs_arena *a,
                struct tcs_identity *ret)
{
    struct found f = {.ev = ev, .a = a};
    find(p, &f);
    struct tcs_identity w = {
        .host =
            tcs_base_str_slice(tcs_event_value_text(&ev->computer, a), 0, TCS_IDENTITY_TEXT_MAX),
        .session = number(&f, R_SESSION),
        .target_session = number(&f, R_TARGET_SESSION),
        .linked_session = number(&f, R_LINKED),
        .process = guid(&f, R_PROCESS),
        .parent = guid(&f, R_PARENT),
        .pid = (uint32_t)number(&f, R_PID),
        .hash = best_hash(text(&f, R_HASHES)),
    };
    for (int role = 0; role < ROLES; role++)
        if (is_text(role))
            *text_of(&w, role) = text(&f, (enum role)role);
    split(&w.user, &w.user_domain);
    split(&w.target, &w.target_domain);
    if (!w.object.n)
        w.object = text(&f, R_SERVICE);
    turn(&f, &w);
    take_writer(&f, &w);
    *ret = w;
}

void
tcs_identity_put(struct tcs_identity *w, struct tcs_str field, struct tcs_str value)
{
    for (uint32_t i = 0; i < FIELDS; i++) {
        int role = table[i].role == R_WRITER          ? R_USER
                   : table[i].role == R_WRITER_DOMAIN ? R_USER_DOMAIN
                                                      : table[i].role;
        if (is_text(role) && tcs_base_str_eq(table[i].name, field) && !text_of(w, role)->n &&
            !means_none(value))
            *text_of(w, role) = value;
    }
    split(&w->user, &w->user_domain);
    split(&w->target, &w->target_domain);
}

struct tcs_evidence
tcs_identity_evidence(const struct tcs_event *ev, struct tcs_arena *a)
{
    struct tcs_str channel = tcs_event_value_text(&ev->channel, a);
    return (struct tcs_evidence){
        .file = ev->origin->path,
        .channel = tcs_base_str_slice(channel.n ? channel : ev->service, 0, TCS_IDENTITY_TEXT_MAX),
        .record_id = ev->record_id,
        .offset = ev->offset,
        .event_id = ev->event_id,
        .key = tcs_identity_key(ev, a),
    };
}

static void
keep(struct tcs_str *s, struct tcs_arena *a)
{
    if (s->n && !tcs_base_arena_holds(a, s->p))
        *s = tcs_base_arena_str(a, *s);
}

void
tcs_identity_keep(struct tcs_identity *w, struct tcs_arena *a)
{
#define TEXT(name) keep(&w->name, a);
#define OTHER(name)
    TCS_IDENTITY_FIELDS(TEXT, OTHER, OTHER)
#undef TEXT
#undef OTHER
}

void
tcs_identity_evidence_keep(struct tcs_evidence *e, struct tcs_arena *a)
{
    keep(&e->channel, a);
}

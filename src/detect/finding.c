/* detect/finding.c - which account and host an event speaks of; what outlives the batch. */
#include "detect/finding.h"

enum { NAME_MAX_BYTES = 256 }; /* of a host, account or channel in a summary */

/* Field pairs that name an account, best first.  Events of the first table are about the account
 * they target, not about the service that wrote them. */
struct pair {
    struct tcs_str name, domain;
};

#define FIELD(s)                                                                                   \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }
static const struct pair acting[] = {
    {FIELD("User"), {0}},
    {FIELD("SubjectUserName"), FIELD("SubjectDomainName")},
    {FIELD("TargetUserName"), FIELD("TargetDomainName")},
    {FIELD("SourceUser"), {0}},
    {FIELD("UserName"), {0}},
    {FIELD("AccountName"), {0}},
};
static const struct pair targeted[] = {
    {FIELD("TargetUserName"), FIELD("TargetDomainName")},
    {FIELD("SubjectUserName"), FIELD("SubjectDomainName")},
};
/* In sign-in and audit logs of the cloud: one account, under the name of the export's form. */
static const struct pair cloud[] = {
    {FIELD("userPrincipalName"), {0}},
    {FIELD("UserPrincipalName"), {0}},
    {FIELD("properties.userPrincipalName"), {0}},
    {FIELD("UserId"), {0}},
    {FIELD("initiatedBy.user.userPrincipalName"), {0}},
    {FIELD("InitiatedBy.user.userPrincipalName"), {0}},
    {FIELD("properties.initiatedBy.user.userPrincipalName"), {0}},
    {FIELD("actor.userPrincipalName"), {0}},
    {FIELD("properties.Actor.UPN"), {0}},
    {FIELD("Properties.Actor.UPN"), {0}},
    {FIELD("actor.alternateId"), {0}},
    {FIELD("caller"), {0}},
    {FIELD("Caller"), {0}},
};
#undef FIELD

#define ROWS(table) (sizeof(table) / sizeof *(table))

static bool
is_cloud(const struct tcs_event *ev)
{
    return tcs_str_eq(ev->product, TCS_STR("azure")) || tcs_str_eq(ev->product, TCS_STR("m365")) ||
           tcs_str_eq(ev->product, TCS_STR("okta"));
}

/* Security events about logons, tickets and changed accounts; ascending. */
static const uint32_t about_target[] = {4624, 4625, 4634, 4647, 4648, 4720, 4722, 4723, 4724, 4725,
                                        4726, 4738, 4740, 4767, 4768, 4769, 4770, 4771, 4776, 4781};

static bool
is_about_target(uint32_t id)
{
    for (size_t i = 0; i < sizeof about_target / sizeof *about_target; i++)
        if (about_target[i] == id)
            return true;
    return false;
}

bool
tcs_event_about_target(const struct tcs_event *ev)
{
    return is_about_target(ev->event_id);
}

/* The field's text; empty also for the words that mean "none". */
static struct tcs_str
text_of(const struct tcs_event *ev, struct tcs_str field, struct tcs_arena *a)
{
    const struct tcs_field *f = field.n ? tcs_event_field(ev, field) : NULL;
    if (!f)
        return (struct tcs_str){0};
    struct tcs_str s = tcs_value_text(&f->value, a);
    if (tcs_str_eq(s, TCS_STR("-")) || tcs_str_eq(s, TCS_STR("N/A")))
        return (struct tcs_str){0};
    return s;
}

static struct tcs_account
split(struct tcs_str name, struct tcs_str domain)
{
    size_t slash = tcs_str_find(name, '\\', 0);
    if (slash < name.n && !domain.n)
        return (struct tcs_account){tcs_str_slice(name, 0, slash),
                                    tcs_str_slice(name, slash + 1, name.n)};
    return (struct tcs_account){domain, name};
}

struct tcs_account
tcs_event_account(const struct tcs_event *ev, struct tcs_arena *a)
{
    size_t n = ROWS(acting);
    const struct pair *p = acting;
    if (is_cloud(ev)) {
        p = cloud;
        n = ROWS(cloud);
    } else if (is_about_target(ev->event_id)) {
        p = targeted;
        n = ROWS(targeted);
    }
    for (size_t i = 0; i < n; i++) {
        struct tcs_str name = text_of(ev, p[i].name, a);
        if (name.n)
            return split(name, text_of(ev, p[i].domain, a));
    }
    /* Sysmon runs as Local System: its own account says nothing about the event */
    if (tcs_str_eq(tcs_value_text(&ev->provider, a), TCS_STR("Microsoft-Windows-Sysmon")))
        return (struct tcs_account){0};
    return (struct tcs_account){{0}, text_of(ev, TCS_STR("Security_UserID"), a)};
}

static struct tcs_str
keep_text(const struct tcs_value *v, struct tcs_arena *a)
{
    struct tcs_str s = tcs_str_slice(tcs_value_text(v, a), 0, NAME_MAX_BYTES);
    return tcs_arena_str(a, s);
}

static struct tcs_str
keep_account(struct tcs_account who, struct tcs_arena *a)
{
    struct tcs_str domain = tcs_str_slice(who.domain, 0, NAME_MAX_BYTES);
    struct tcs_str name = tcs_str_slice(who.name, 0, NAME_MAX_BYTES);
    if (!domain.n)
        return tcs_arena_str(a, name);
    char *p = tcs_arena_alloc(a, domain.n + 1 + name.n);
    if (!p)
        return (struct tcs_str){0};
    memcpy(p, domain.p, domain.n);
    p[domain.n] = '\\';
    memcpy(p + domain.n + 1, name.p, name.n);
    return (struct tcs_str){p, domain.n + 1 + name.n};
}

struct tcs_str
tcs_event_subject(const struct tcs_event *ev, struct tcs_arena *a)
{
    struct tcs_account who = {text_of(ev, TCS_STR("SubjectDomainName"), a),
                              text_of(ev, TCS_STR("SubjectUserName"), a)};
    if (!who.name.n || tcs_str_ends(who.name, TCS_STR("$")))
        return (struct tcs_str){0};
    return keep_account(who, a);
}

void
tcs_finding_keep(struct tcs_hunt_finding *f, const struct tcs_event *ev, const struct tcs_hit *hit,
                 struct tcs_arena *a)
{
    *f = (struct tcs_hunt_finding){
        .rule = hit->rule,
        .event_id = ev->event_id,
        .flags = ev->flags,
        .time = ev->time,
        .offset = ev->offset,
        .record_id = ev->record_id,
        .origin = ev->origin,
        .view = hit->view,
        .host = keep_text(&ev->computer, a),
        .account = keep_account(tcs_event_account(ev, a), a),
        .channel = keep_text(&ev->channel, a),
    };
}

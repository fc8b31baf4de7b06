/* identity/activity.c - which records tell identity: one row each.
 *
 * Joins and reach are learnt from these whether a rule fired or not.  A row that asks for more than
 * its numbers has a function. */
#include "identity/identity.h"

#include "base/num.h"

struct row {
    uint32_t event_id;
    uint8_t kind;       /* enum tcs_observed */
    uint8_t logon_type; /* of LOGON, where the record has no LogonType */
    const char *channel;
    /* False: not one after all.  May be NULL. */
    bool (*check)(const struct tcs_event *ev, struct tcs_observation *o);
};

static bool
to_host(const struct tcs_event *ev, struct tcs_observation *o)
{
    (void)ev;
    return o->who.dest_host.n > 0;
}

/* Machine accounts log on from the machine: that is its address. */
static bool
is_machine(struct tcs_str name)
{
    name = tcs_str_slice(name, 0, tcs_str_find(name, '@', 0));
    return name.n > 1 && name.p[name.n - 1] == '$';
}

static void
to_address(struct tcs_observation *o, struct tcs_str machine)
{
    machine = tcs_str_slice(machine, 0, tcs_str_find(machine, '@', 0));
    o->kind = TCS_OBS_ADDRESS;
    o->who.source_host = tcs_str_slice(machine, 0, machine.n - 1);
}

static bool
logon(const struct tcs_event *ev, struct tcs_observation *o)
{
    const struct tcs_field *f = tcs_event_field(ev, TCS_STR("LogonType"));
    double type;
    if (f && tcs_value_number(&f->value, &type) && type > 0 && type < 16)
        o->logon_type = (uint8_t)type;
    if (!is_machine(o->who.target))
        return o->who.target.n > 0;
    if (!o->who.source_ip.n)
        return false;
    to_address(o, o->who.target);
    return true;
}

static bool
ticket(const struct tcs_event *ev, struct tcs_observation *o)
{
    (void)ev;
    if (!is_machine(o->who.user))
        return o->who.dest_host.n > 0;
    if (!o->who.source_ip.n)
        return false;
    to_address(o, o->who.user);
    return true;
}

static bool
shared(const struct tcs_event *ev, struct tcs_observation *o)
{
    (void)ev;
    return o->who.source_ip.n && !is_machine(o->who.user);
}

/* Sysmon 3: an address of this host.  The other end is in the parties already. */
static bool
own_address(const struct tcs_event *ev, struct tcs_observation *o)
{
    (void)ev;
    o->who = (struct tcs_identity){
        .host = o->who.host, .source_host = o->who.host, .source_ip = o->who.own_ip};
    return o->who.source_ip.n > 0;
}

static bool
has_user(const struct tcs_event *ev, struct tcs_observation *o)
{
    (void)ev;
    return !is_machine(o->who.user);
}

#define SECURITY "Security"
#define SYSMON "Microsoft-Windows-Sysmon/Operational"
#define TS_LSM "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
/* Ascending by event id. */
static const struct row rows[] = {
    {1, TCS_OBS_PROCESS, 0, SYSMON, NULL},          {3, TCS_OBS_ADDRESS, 0, SYSMON, own_address},
    {21, TCS_OBS_LOGON, 10, TS_LSM, NULL},          {25, TCS_OBS_LOGON, 10, TS_LSM, NULL},
    {4608, TCS_OBS_BOOT, 0, SECURITY, NULL},        {4624, TCS_OBS_LOGON, 0, SECURITY, logon},
    {4648, TCS_OBS_EXPLICIT, 0, SECURITY, to_host}, {4672, TCS_OBS_ADMIN, 0, SECURITY, has_user},
    {4688, TCS_OBS_PROCESS, 0, SECURITY, has_user}, {4728, TCS_OBS_MEMBER, 0, SECURITY, NULL},
    {4732, TCS_OBS_MEMBER, 0, SECURITY, NULL},      {4756, TCS_OBS_MEMBER, 0, SECURITY, NULL},
    {4769, TCS_OBS_TICKET, 0, SECURITY, ticket},    {5140, TCS_OBS_SHARE, 0, SECURITY, shared},
    {6005, TCS_OBS_BOOT, 0, "System", NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* Does the value hold just this ASCII text, case ignored?  Without making text of it. */
static bool
is_word(const struct tcs_value *v, const char *word)
{
    size_t n = strlen(word), step = v->type == TCS_V_UTF16 ? 2 : 1;
    if ((v->type != TCS_V_UTF8 && v->type != TCS_V_ANSI && v->type != TCS_V_UTF16) ||
        v->n / step != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (tcs_ascii_lower((char)v->b[step * i]) != tcs_ascii_lower(word[i]) ||
            (step == 2 && v->b[2 * i + 1]))
            return false;
    return true;
}

static const struct row *
row_of(const struct tcs_event *head)
{
    uint32_t id = head->event_id;
    if (id > 6005)
        return NULL;
    for (size_t i = 0; i < ROWS && rows[i].event_id <= id; i++)
        if (rows[i].event_id == id && is_word(&head->channel, rows[i].channel))
            return &rows[i];
    return NULL;
}

bool
tcs_identity_wants(const struct tcs_event *head)
{
    return row_of(head) != NULL;
}

bool
tcs_identity_observe(const struct tcs_identity_plan *p, const struct tcs_event *ev,
                     struct tcs_arena *a, struct tcs_observation *ret)
{
    const struct row *row = row_of(ev);
    if (!row)
        return false;
    *ret = (struct tcs_observation){
        .time = ev->time, .kind = row->kind, .logon_type = row->logon_type};
    tcs_identity_of(p, ev, a, &ret->who);
    if (!ret->who.host.n || (row->check && !row->check(ev, ret)))
        return false;
    ret->evidence = tcs_identity_evidence(ev, a);
    return true;
}

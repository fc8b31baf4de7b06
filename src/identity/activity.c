/* identity/activity.c - which record tells what: one row for each log and event id, with what was
 * done, how its fields are to be read, and whether joins and reach are learnt from it.
 *
 * A log is known by its channel; a record that names none, by its provider.  A row that asks for
 * more than its numbers to be an observation has a function. */
#include "identity/activity_int.h"

#include "base/invariant.h"
#include "base/num.h"

enum log { SECURITY, SYSTEM, SYSMON, SESSIONS, LOGS };

enum { NAMES = 2 };
/* Names of the logs, case ignored: channels, and who writes them. */
static const struct {
    struct tcs_str channels[NAMES], providers[NAMES];
} logs[] = {
#define N(s)                                                                                       \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }
    [SECURITY] = {{N("Security")}, {N("Microsoft-Windows-Security-Auditing")}},
    [SYSTEM] = {{N("System")}, {N("Service Control Manager"), N("EventLog")}},
    [SYSMON] = {{N("Microsoft-Windows-Sysmon/Operational"), N("Linux-Sysmon/Operational")},
                {N("Microsoft-Windows-Sysmon"), N("Linux-Sysmon")}},
    [SESSIONS] = {{N("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational")},
                  {N("Microsoft-Windows-TerminalServices-LocalSessionManager")}},
#undef N
};
TCS_ROW_FOR_EACH(logs, LOGS);

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
    name = tcs_base_str_slice(name, 0, tcs_base_str_find(name, '@', 0));
    return name.n > 1 && name.p[name.n - 1] == '$';
}

static void
to_address(struct tcs_observation *o, struct tcs_str machine)
{
    machine = tcs_base_str_slice(machine, 0, tcs_base_str_find(machine, '@', 0));
    o->kind = TCS_OBS_ADDRESS;
    o->who.source_host = tcs_base_str_slice(machine, 0, machine.n - 1);
}

static bool
logon(const struct tcs_event *ev, struct tcs_observation *o)
{
    const struct tcs_field *f = tcs_event_field(ev, TCS_STR("LogonType"));
    double type;
    if (f && tcs_event_value_number(&f->value, &type) && type > 0 && type < 16)
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

/* Sysmon 3: an address of this host.  The other end is in the identity already. */
static bool
own_address(const struct tcs_event *ev, struct tcs_observation *o)
{
    (void)ev;
    o->who = (struct tcs_identity){.host = o->who.host,
                                   .source_host = o->who.host,
                                   .source_ip = o->who.own_ip,
                                   .activity = o->who.activity};
    return o->who.source_ip.n > 0;
}

static bool
has_user(const struct tcs_event *ev, struct tcs_observation *o)
{
    (void)ev;
    return !is_machine(o->who.user);
}

#define ROW(id, in, act, ...)                                                                      \
    {                                                                                              \
        .event_id = (id), .log = (in), .activity = TCS_ACT_##act, ##__VA_ARGS__                    \
    }
/* Ascending by event id. */
static const struct tcs_identity_row rows[] = {
    ROW(1, SYSMON, PROCESS, .observed = TCS_OBS_PROCESS),
    ROW(3, SYSMON, CONNECTION, .turn = TURN_CONNECTION, .observed = TCS_OBS_ADDRESS,
        .check = own_address),
    ROW(7, SYSMON, IMAGE_LOADED),
    ROW(21, SESSIONS, LOGON, .turn = TURN_SESSION, .observed = TCS_OBS_LOGON, .logon_type = 10),
    ROW(25, SESSIONS, LOGON, .turn = TURN_SESSION, .observed = TCS_OBS_LOGON, .logon_type = 10),
    ROW(104, SYSTEM, LOG_CLEARED),
    ROW(1102, SECURITY, LOG_CLEARED),
    ROW(4608, SECURITY, BOOT, .observed = TCS_OBS_BOOT),
    ROW(4624, SECURITY, LOGON, .observed = TCS_OBS_LOGON, .check = logon),
    ROW(4625, SECURITY, LOGON_FAILED),
    ROW(4634, SECURITY, LOGOFF),
    ROW(4647, SECURITY, LOGOFF),
    ROW(4648, SECURITY, EXPLICIT, .turn = TURN_EXPLICIT, .observed = TCS_OBS_EXPLICIT,
        .check = to_host),
    ROW(4672, SECURITY, ADMIN, .observed = TCS_OBS_ADMIN, .check = has_user),
    ROW(4688, SECURITY, PROCESS, .turn = TURN_PROCESS, .observed = TCS_OBS_PROCESS,
        .check = has_user),
    ROW(4697, SECURITY, SERVICE_INSTALLED),
    ROW(4720, SECURITY, ACCOUNT_CREATED),
    ROW(4722, SECURITY, ACCOUNT_ENABLED),
    ROW(4723, SECURITY, PASSWORD),
    ROW(4724, SECURITY, PASSWORD),
    ROW(4725, SECURITY, ACCOUNT_DISABLED),
    ROW(4726, SECURITY, ACCOUNT_DELETED),
    ROW(4728, SECURITY, MEMBER, .turn = TURN_MEMBER, .observed = TCS_OBS_MEMBER),
    ROW(4732, SECURITY, MEMBER, .turn = TURN_MEMBER, .observed = TCS_OBS_MEMBER),
    ROW(4738, SECURITY, ACCOUNT_CHANGED),
    ROW(4740, SECURITY, ACCOUNT_LOCKED),
    ROW(4756, SECURITY, MEMBER, .turn = TURN_MEMBER, .observed = TCS_OBS_MEMBER),
    ROW(4767, SECURITY, ACCOUNT_UNLOCKED),
    ROW(4768, SECURITY, TICKET_GRANTING, .turn = TURN_TICKET),
    ROW(4769, SECURITY, TICKET, .turn = TURN_TICKET, .observed = TCS_OBS_TICKET, .check = ticket),
    ROW(4770, SECURITY, TICKET_RENEWED),
    ROW(4771, SECURITY, TICKET_REFUSED, .turn = TURN_TICKET),
    ROW(4776, SECURITY, CREDENTIALS_CHECKED),
    ROW(4778, SECURITY, RECONNECT),
    ROW(4781, SECURITY, ACCOUNT_CHANGED),
    ROW(5140, SECURITY, SHARE, .observed = TCS_OBS_SHARE, .check = shared),
    ROW(5145, SECURITY, SHARE),
    ROW(5156, SECURITY, CONNECTION, .turn = TURN_FILTER),
    ROW(5157, SECURITY, CONNECTION, .turn = TURN_FILTER),
    ROW(6005, SYSTEM, BOOT, .observed = TCS_OBS_BOOT),
    ROW(7045, SYSTEM, SERVICE_INSTALLED),
};
enum { ROWS = sizeof rows / sizeof *rows };

static const uint8_t traits[TCS_ACTS] = {
    [TCS_ACT_LOGON] = TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_TARGET_ACTS,
    [TCS_ACT_LOGON_FAILED] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_LOGOFF] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_RECONNECT] = TCS_TRAIT_TARGET_ACTS,
    [TCS_ACT_EXPLICIT] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_TICKET_GRANTING] =
        TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_TARGET_ACTS | TCS_TRAIT_CONTROLLER,
    [TCS_ACT_TICKET] = TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_TARGET_ACTS | TCS_TRAIT_CONTROLLER,
    [TCS_ACT_TICKET_RENEWED] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_TICKET_REFUSED] = TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_CONTROLLER,
    [TCS_ACT_CREDENTIALS_CHECKED] = TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_CONTROLLER,
    [TCS_ACT_ADMIN] = TCS_TRAIT_TARGET_ACTS,
    [TCS_ACT_PROCESS] = TCS_TRAIT_TARGET_ACTS,
    [TCS_ACT_MEMBER] = TCS_TRAIT_MAKES_ACCOUNT,
    [TCS_ACT_ACCOUNT_CREATED] = TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_MAKES_ACCOUNT,
    [TCS_ACT_ACCOUNT_ENABLED] = TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_MAKES_ACCOUNT,
    [TCS_ACT_ACCOUNT_CHANGED] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_ACCOUNT_DISABLED] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_ACCOUNT_DELETED] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_ACCOUNT_LOCKED] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_ACCOUNT_UNLOCKED] = TCS_TRAIT_ABOUT_TARGET,
    [TCS_ACT_PASSWORD] = TCS_TRAIT_ABOUT_TARGET,
};

unsigned
tcs_identity_traits(uint32_t activity)
{
    return activity < TCS_ACTS ? traits[activity] : 0;
}

/* Does the value hold just this ASCII text, case ignored?  Without making text of it: every
 * record's header is asked. */
static bool
is_word(const struct tcs_value *v, struct tcs_str word)
{
    size_t step = v->type == TCS_V_UTF16 ? 2 : 1;
    if (v->n != step * word.n ||
        (v->type != TCS_V_UTF8 && v->type != TCS_V_ANSI && v->type != TCS_V_UTF16))
        return false;
    for (size_t i = word.n; i-- > 0;) /* the ends of these names differ sooner */
        if ((v->b[step * i] != (uint8_t)word.p[i] &&
             tcs_base_ascii_lower((char)v->b[step * i]) != tcs_base_ascii_lower(word.p[i])) ||
            (step == 2 && v->b[2 * i + 1]))
            return false;
    return true;
}

static bool
is_one_of(const struct tcs_value *v, const struct tcs_str words[NAMES])
{
    return is_word(v, words[0]) || (words[1].n && is_word(v, words[1]));
}

static bool
is_in(const struct tcs_event *head, unsigned log)
{
    return head->channel.n ? is_one_of(&head->channel, logs[log].channels)
                           : is_one_of(&head->provider, logs[log].providers);
}

/* The first row of that id, or ROWS. */
static size_t
first_of(uint32_t event_id)
{
    size_t lo = 0, hi = ROWS;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (rows[mid].event_id < event_id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct tcs_identity_row *
tcs_identity_row(const struct tcs_event *head)
{
    for (size_t i = first_of(head->event_id); i < ROWS && rows[i].event_id == head->event_id; i++)
        if (is_in(head, rows[i].log))
            return &rows[i];
    return NULL;
}

bool
tcs_identity_writer_tells(const struct tcs_event *ev)
{
    return !is_in(ev, SECURITY) && !is_in(ev, SYSMON);
}

enum tcs_activity
tcs_identity_activity(struct tcs_str channel, uint32_t event_id)
{
    const struct tcs_event head = {.event_id = event_id, .channel = tcs_event_value_str(channel)};
    const struct tcs_identity_row *row = tcs_identity_row(&head);
    return row ? (enum tcs_activity)row->activity : TCS_ACT_NONE;
}

bool
tcs_identity_wants(const struct tcs_event *head)
{
    const struct tcs_identity_row *row = tcs_identity_row(head);
    return row && row->observed;
}

bool
tcs_identity_observe(const struct tcs_event *ev, const struct tcs_identity *who,
                     struct tcs_observation *ret)
{
    /* which log it is of, its activity tells */
    size_t i = first_of(ev->event_id);
    while (i < ROWS && rows[i].event_id == ev->event_id && rows[i].activity != who->activity)
        i++;
    const struct tcs_identity_row *row = &rows[i];
    if (i == ROWS || row->event_id != ev->event_id || !row->observed)
        return false;
    *ret = (struct tcs_observation){
        .time = ev->time, .kind = row->observed, .logon_type = row->logon_type, .who = *who};
    return ret->who.host.n && (!row->check || row->check(ev, ret));
}

/* chain/learnt.c - what is learnt from observations: sessions and where they came from, processes,
 * whose an address is.
 *
 * In: observations sorted by time, names resolved.  Out: sorted indexes; every question is a look
 * into a table and a binary search among what happened to the same key.  Nothing is guessed over a
 * boot, since logon ids begin anew with it. */
#include "chain/chain_int.h"

#include "base/hash.h"

#include <stdlib.h>

enum {
    LOGON_SLACK_S = 10,     /* records of one logon are written in any order */
    LOGON_RECENT_S = 300,   /* a remote order follows its network logon at once */
    TICKET_NEAR_S = 10,     /* a service ticket is asked for just before the logon that uses it */
    CONNECTION_NEAR_S = 60, /* a connection and the logon that came through it */
    ADDRESS_NEAR_S = 86400, /* leases are kept for hours at least */
    SHARED_ADDRESS = 3,     /* more hosts than this behind one address within a day: a gateway */
};

static int
by_key(const void *pa, const void *pb)
{
    const struct chain_entry *a = pa, *b = pb;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    if (a->b != b->b)
        return a->b < b->b ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->obs < b->obs ? -1 : a->obs > b->obs;
}

/* The group of (a, b), or the free slot where it belongs. */
static struct chain_group *
slot_of(const struct chain_index *ix, uint64_t a, uint64_t b)
{
    uint64_t h = tcs_base_hash_mix(a, b);
    for (uint32_t i = (uint32_t)h & ix->mask;; i = (i + 1) & ix->mask) {
        struct chain_group *g = &ix->groups[i];
        if (!g->n || (ix->at[g->from].a == a && ix->at[g->from].b == b))
            return g;
    }
}

/* The first entry behind (a, b, time); the last one's successor if there is none of (a, b). */
static uint32_t
behind(const struct chain_index *ix, uint64_t a, uint64_t b, int64_t time)
{
    const struct chain_group *g = ix->n ? slot_of(ix, a, b) : NULL;
    if (!g || !g->n)
        return ix->n;
    uint32_t lo = g->from, hi = g->from + g->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (ix->at[mid].time <= time)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The last entry of (a, b) at or before the time. */
static const struct chain_entry *
last_before(const struct chain_index *ix, uint64_t a, uint64_t b, int64_t time)
{
    uint32_t i = behind(ix, a, b, time);
    if (i == 0 || ix->at[i - 1].a != a || ix->at[i - 1].b != b)
        return NULL;
    return &ix->at[i - 1];
}

/* Which entry an observation makes in an index; false: none. */
static bool
entry_of(enum chain_ix kind, const struct chain_obs *o, struct chain_entry *e)
{
    bool logon = o->kind == TCS_OBS_LOGON, ticket = o->kind == TCS_OBS_TICKET;
    switch (kind) {
    case IX_SESSION:
        *e = (struct chain_entry){.a = o->host, .b = o->session};
        return logon && o->session;
    case IX_FROM:
        *e = (struct chain_entry){.a = ticket ? o->dest_host : o->host, .b = o->source_ip};
        return (logon || ticket || o->kind == TCS_OBS_SHARE) && o->source_ip;
    case IX_ACCOUNT:
        *e = (struct chain_entry){.a = o->host, .b = o->target};
        return logon && o->target;
    case IX_PID:
        *e = (struct chain_entry){.a = o->host, .b = o->pid};
        return o->kind == TCS_OBS_PROCESS && o->pid;
    case IX_PROCESS:
        *e = (struct chain_entry){.a = o->process};
        return o->kind == TCS_OBS_PROCESS && o->process;
    case IX_TICKET:
        *e = (struct chain_entry){.a = o->user, .b = o->dest_host};
        return ticket;
    case IX_ADDRESS:
        *e = (struct chain_entry){.a = o->source_ip};
        return o->kind == TCS_OBS_ADDRESS;
    case IX_BOOT:
        *e = (struct chain_entry){.a = o->host};
        return o->kind == TCS_OBS_BOOT;
    case IX_COUNT:
        break;
    }
    return false;
}

/* Sorted: entries of one key stand together. */
static bool
group(struct chain_index *ix)
{
    uint32_t groups = 0, mask = 16;
    for (uint32_t i = 0; i < ix->n; i++)
        groups += i == 0 || ix->at[i - 1].a != ix->at[i].a || ix->at[i - 1].b != ix->at[i].b;
    while (mask < 2 * groups)
        mask *= 2;
    ix->groups = calloc(mask, sizeof *ix->groups);
    ix->mask = mask - 1;
    for (uint32_t i = 0; ix->groups && i < ix->n; i++) {
        struct chain_group *g = slot_of(ix, ix->at[i].a, ix->at[i].b);
        if (!g->n++)
            g->from = i;
    }
    return ix->groups != NULL;
}

static bool
build(struct chain_sessions *s, enum chain_ix kind)
{
    struct chain_index *ix = &s->ix[kind];
    struct chain_entry e;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->nobs; i++)
        n += entry_of(kind, &s->obs[i], &e);
    if (!n)
        return true;
    ix->at = calloc(n, sizeof *ix->at);
    for (uint32_t i = 0; ix->at && i < s->nobs; i++) {
        if (!entry_of(kind, &s->obs[i], &e))
            continue;
        e.time = s->obs[i].time;
        e.obs = i;
        ix->at[ix->n++] = e;
    }
    if (!ix->at)
        return false;
    qsort(ix->at, ix->n, sizeof *ix->at, by_key);
    return group(ix);
}

bool
chain_sessions_build(struct chain_sessions *s, const struct chain_entities *e,
                     const struct chain_obs *obs, uint32_t n)
{
    *s = (struct chain_sessions){.obs = obs, .nobs = n, .e = e};
    for (int i = 0; i < IX_COUNT; i++)
        if (!build(s, (enum chain_ix)i))
            return false;
    return true;
}

void
chain_sessions_done(struct chain_sessions *s)
{
    for (int i = 0; i < IX_COUNT; i++) {
        free(s->ix[i].at);
        free(s->ix[i].groups);
    }
    *s = (struct chain_sessions){0};
}

/* The host's last boot at or before the time; 0: none recorded. */
static int64_t
boot(const struct chain_sessions *s, uint32_t host, int64_t time)
{
    const struct chain_entry *e = last_before(&s->ix[IX_BOOT], host, 0, time);
    return e ? e->time : 0;
}

const struct chain_obs *
chain_logon(const struct chain_sessions *s, uint32_t host, uint64_t luid, int64_t time)
{
    if (!luid)
        return NULL;
    const struct chain_entry *e =
        last_before(&s->ix[IX_SESSION], host, luid, time + chain_seconds(LOGON_SLACK_S));
    if (!e || boot(s, host, e->time) != boot(s, host, time))
        return NULL;
    return &s->obs[e->obs];
}

const struct chain_obs *
chain_logon_of(const struct chain_sessions *s, uint32_t host, uint32_t account, int64_t time)
{
    const struct chain_entry *e = account ? last_before(&s->ix[IX_ACCOUNT], host, account,
                                                        time + chain_seconds(LOGON_SLACK_S))
                                          : NULL;
    return e && time - e->time <= chain_seconds(LOGON_RECENT_S) ? &s->obs[e->obs] : NULL;
}

uint64_t
chain_session_key(const struct chain_sessions *s, uint32_t host, uint64_t luid, int64_t time)
{
    enum { SYSTEM = 0x3e7, NETWORK = 0x3e4, LOCAL = 0x3e5, ANONYMOUS = 0x3e6 };
    if (!luid || !host || luid == SYSTEM || luid == NETWORK || luid == LOCAL || luid == ANONYMOUS)
        return 0;
    const struct chain_obs *o = chain_logon(s, host, luid, time);
    if (o && o->linked && o->linked < luid)
        luid = o->linked;
    uint64_t k = tcs_base_hash_mix(host, luid);
    return tcs_base_hash_mix(k, (uint64_t)boot(s, host, time)) | 1;
}

struct chain_source
chain_source_of(const struct chain_sessions *s, const struct chain_obs *logon)
{
    struct chain_source src = {.host = logon->source_host, .ip = logon->source_ip, .by = logon};
    if (!src.ip && !src.host) { /* WinRM names no source: the domain controller knows who asked */
        const struct chain_entry *t = last_before(&s->ix[IX_TICKET], logon->target, logon->host,
                                                  logon->time + chain_seconds(TICKET_NEAR_S));
        if (t && logon->time - t->time <= chain_seconds(TICKET_NEAR_S)) {
            src.by = &s->obs[t->obs];
            src.ip = src.by->source_ip;
        }
    }
    if (src.ip) {
        uint32_t host = chain_host_of(s, src.ip, logon->time);
        src.host = host ? host : src.host;
    }
    if (src.host == logon->host)
        src.host = src.ip = CHAIN_NONE;
    return src;
}

const struct chain_obs *
chain_process(const struct chain_sessions *s, uint64_t guid)
{
    const struct chain_entry *e = guid ? last_before(&s->ix[IX_PROCESS], guid, 0, INT64_MAX) : NULL;
    return e ? &s->obs[e->obs] : NULL;
}

/* Of the records of one start (Sysmon's and Security's) the one that knows the GUID. */
const struct chain_obs *
chain_process_by_pid(const struct chain_sessions *s, uint32_t host, uint32_t pid, int64_t time)
{
    const struct chain_index *ix = &s->ix[IX_PID];
    const int64_t slack = chain_seconds(LOGON_SLACK_S);
    const struct chain_entry *e = pid ? last_before(ix, host, pid, time + slack) : NULL;
    if (!e || boot(s, host, e->time) != boot(s, host, time))
        return NULL;
    for (const struct chain_entry *k = e;
         k >= ix->at && k->a == host && k->b == pid && e->time - k->time <= slack; k--)
        if (s->obs[k->obs].process)
            return &s->obs[k->obs];
    return &s->obs[e->obs];
}

uint32_t
chain_host_of(const struct chain_sessions *s, uint32_t ip, int64_t time)
{
    const struct chain_index *ix = &s->ix[IX_ADDRESS];
    if (!ip)
        return CHAIN_NONE;
    uint32_t i = behind(ix, ip, 0, time - chain_seconds(ADDRESS_NEAR_S)), hosts[SHARED_ADDRESS],
             n = 0;
    uint32_t best = CHAIN_NONE;
    int64_t gap = INT64_MAX;
    for (; i < ix->n && ix->at[i].a == ip && ix->at[i].time <= time + chain_seconds(ADDRESS_NEAR_S);
         i++) {
        uint32_t host = s->obs[ix->at[i].obs].source_host, k = 0;
        int64_t far = llabs(ix->at[i].time - time);
        while (k < n && hosts[k] != host)
            k++;
        if (k == n && n == SHARED_ADDRESS)
            return CHAIN_NONE;
        if (k == n)
            hosts[n++] = host;
        if (far < gap) {
            gap = far;
            best = host;
        }
    }
    return best;
}

uint32_t
chain_account_from(const struct chain_sessions *s, uint32_t host, uint32_t ip, int64_t time)
{
    const struct chain_index *ix = &s->ix[IX_FROM];
    uint32_t only = CHAIN_NONE;
    if (!ip || !host)
        return CHAIN_NONE;
    for (uint32_t i = behind(ix, host, ip, time - chain_seconds(CONNECTION_NEAR_S));
         i < ix->n && ix->at[i].a == host && ix->at[i].b == ip &&
         ix->at[i].time <= time + chain_seconds(CONNECTION_NEAR_S);
         i++) {
        const struct chain_obs *o = &s->obs[ix->at[i].obs];
        uint32_t account = o->kind == TCS_OBS_LOGON ? o->target : o->user;
        if (!account || s->e->accounts.at[account].stop)
            continue;
        if (only && only != account)
            return CHAIN_NONE;
        only = account;
    }
    return only;
}

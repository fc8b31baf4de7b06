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

/* The group of (a, b), or the free slot where it belongs. */
static struct chain_group *
slot_of(const struct chain_index *ix, uint64_t a, uint64_t b)
{
    uint64_t h = tcs_base_hash_mix(a, b);
    for (uint32_t i = (uint32_t)h & ix->mask;; i = (i + 1) & ix->mask) {
        struct chain_group *g = &ix->groups[i];
        if (!g->n || (g->a == a && g->b == b))
            return g;
    }
}

/* Entries of one key. */
struct span {
    const struct chain_entry *from, *end;
};

static struct span
all_of(const struct chain_index *ix, uint64_t a, uint64_t b)
{
    const struct chain_group *g = ix->n ? slot_of(ix, a, b) : NULL;
    return g && g->n ? (struct span){ix->at + g->from, ix->at + g->from + g->n} : (struct span){0};
}

/* The first one later than the time; the end if there is none. */
static const struct chain_entry *
behind(struct span s, int64_t time)
{
    while (s.from < s.end) {
        const struct chain_entry *mid = s.from + (s.end - s.from) / 2;
        if (mid->time <= time)
            s.from = mid + 1;
        else
            s.end = mid;
    }
    return s.from;
}

/* The last entry of (a, b) at or before the time. */
static const struct chain_entry *
last_before(const struct chain_index *ix, uint64_t a, uint64_t b, int64_t time)
{
    const struct span s = all_of(ix, a, b);
    const struct chain_entry *e = s.from ? behind(s, time) : NULL;
    return e != s.from ? e - 1 : NULL;
}

/* Under which key an observation stands in an index; false: under none. */
struct key {
    uint64_t a, b;
};

static bool
key_of(enum chain_ix kind, const struct chain_obs *o, struct key *k)
{
    bool logon = o->kind == TCS_OBS_LOGON, ticket = o->kind == TCS_OBS_TICKET;
    switch (kind) {
    case IX_SESSION:
        *k = (struct key){o->host, o->session};
        return logon && o->session;
    case IX_FROM:
        *k = (struct key){ticket ? o->dest_host : o->host, o->source_ip};
        return (logon || ticket || o->kind == TCS_OBS_SHARE) && o->source_ip;
    case IX_ACCOUNT:
        *k = (struct key){o->host, o->target};
        return logon && o->target;
    case IX_PID:
        *k = (struct key){o->host, o->pid};
        return o->kind == TCS_OBS_PROCESS && o->pid;
    case IX_PROCESS:
        *k = (struct key){o->process, 0};
        return o->kind == TCS_OBS_PROCESS && o->process;
    case IX_TICKET:
        *k = (struct key){o->user, o->dest_host};
        return ticket;
    case IX_ADDRESS:
        *k = (struct key){o->source_ip, 0};
        return o->kind == TCS_OBS_ADDRESS;
    case IX_BOOT:
        *k = (struct key){o->host, 0};
        return o->kind == TCS_OBS_BOOT;
    case IX_COUNT:
        break;
    }
    return false;
}

static bool
widen(struct chain_index *ix)
{
    struct chain_index big = {.mask = ix->groups ? ix->mask * 2 + 1 : 15};
    big.groups = calloc((size_t)big.mask + 1, sizeof *big.groups);
    if (!big.groups)
        return false;
    for (uint32_t i = 0; ix->groups && i <= ix->mask; i++)
        if (ix->groups[i].n)
            *slot_of(&big, ix->groups[i].a, ix->groups[i].b) = ix->groups[i];
    free(ix->groups);
    ix->groups = big.groups;
    ix->mask = big.mask;
    return true;
}

static bool
count(struct chain_index *ix, struct key k)
{
    if ((ix->used + 1) * 2 > ix->mask && !widen(ix))
        return false;
    struct chain_group *g = slot_of(ix, k.a, k.b);
    ix->used += !g->n;
    g->a = k.a;
    g->b = k.b;
    g->n++;
    ix->n++;
    return true;
}

/* Observations come by time, so each group is filled in its order. */
static bool
build(struct chain_sessions *s, enum chain_ix kind)
{
    struct chain_index *ix = &s->ix[kind];
    struct key k;
    uint32_t from = 0;
    for (uint32_t i = 0; i < s->nobs; i++)
        if (key_of(kind, &s->obs[i], &k) && !count(ix, k))
            return false;
    if (!ix->n)
        return true;
    ix->at = calloc(ix->n, sizeof *ix->at);
    if (!ix->at)
        return false;
    for (uint32_t i = 0; i <= ix->mask; i++) { /* `from` is where the next one goes */
        ix->groups[i].from = from;
        from += ix->groups[i].n;
    }
    for (uint32_t i = 0; i < s->nobs; i++)
        if (key_of(kind, &s->obs[i], &k))
            ix->at[slot_of(ix, k.a, k.b)->from++] = (struct chain_entry){s->obs[i].time, i};
    for (uint32_t i = 0; i <= ix->mask; i++)
        ix->groups[i].from -= ix->groups[i].n;
    return true;
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
    const int64_t slack = chain_seconds(LOGON_SLACK_S);
    const struct span all = pid ? all_of(&s->ix[IX_PID], host, pid) : (struct span){0};
    const struct chain_entry *e = all.from ? behind(all, time + slack) : NULL;
    if (e == all.from || boot(s, host, e[-1].time) != boot(s, host, time))
        return NULL;
    const struct chain_entry *last = e - 1;
    for (; e > all.from && last->time - e[-1].time <= slack; e--)
        if (s->obs[e[-1].obs].process)
            return &s->obs[e[-1].obs];
    return &s->obs[last->obs];
}

uint32_t
chain_host_of(const struct chain_sessions *s, uint32_t ip, int64_t time)
{
    const struct span all = ip ? all_of(&s->ix[IX_ADDRESS], ip, 0) : (struct span){0};
    if (!all.from)
        return CHAIN_NONE;
    const struct chain_entry *e = behind(all, time - chain_seconds(ADDRESS_NEAR_S));
    uint32_t hosts[SHARED_ADDRESS], n = 0, best = CHAIN_NONE;
    int64_t gap = INT64_MAX;
    for (; e < all.end && e->time <= time + chain_seconds(ADDRESS_NEAR_S); e++) {
        uint32_t host = s->obs[e->obs].source_host, k = 0;
        int64_t far = llabs(e->time - time);
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
    const struct span all = ip && host ? all_of(&s->ix[IX_FROM], host, ip) : (struct span){0};
    uint32_t only = CHAIN_NONE;
    if (!all.from)
        return CHAIN_NONE;
    for (const struct chain_entry *e = behind(all, time - chain_seconds(CONNECTION_NEAR_S));
         e < all.end && e->time <= time + chain_seconds(CONNECTION_NEAR_S); e++) {
        const struct chain_obs *o = &s->obs[e->obs];
        uint32_t account = o->kind == TCS_OBS_LOGON ? o->target : o->user;
        if (!account || s->e->accounts.at[account].stop)
            continue;
        if (only && only != account)
            return CHAIN_NONE;
        only = account;
    }
    return only;
}

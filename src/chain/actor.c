/* chain/actor.c - who acts in a finding, and from where the session came.
 *
 * In: a finding as its record wrote it, tables learnt from observations.  Out: its actor, place,
 * from, from_ip, acting, luid. */
#include "chain/chain_int.h"

#include "chain/weights.h"

static bool
is(const struct chain_finding *d, enum tcs_activity_trait trait)
{
    return (tcs_identity_traits(d->activity) & trait) != 0;
}

/* The first process among d's and its ancestors that ran in a session of a person. */
static const struct chain_obs *
acting_process(const struct tcs_chain *c, const struct chain_finding *d)
{
    const struct chain_sessions *s = &c->sessions;
    const struct chain_obs *p = chain_process(s, d->process);
    uint64_t parent = p ? p->parent : d->parent;
    for (int i = 0; i < W_ANCESTORS; i++) {
        if (p && !chain_stops(c, p->user))
            return p;
        p = chain_process(s, parent);
        if (!p)
            return NULL;
        parent = p->parent;
    }
    return NULL;
}

/* PowerShell's logs know a process by its number only. */
static void
resolve_process(const struct tcs_chain *c, struct chain_finding *d)
{
    const struct chain_obs *p =
        d->process ? NULL : chain_process_by_pid(&c->sessions, d->host, d->pid, d->time);
    if (!p)
        return;
    d->process = p->process;
    d->parent = d->parent ? d->parent : p->parent;
}

static void
resolve_actor(const struct tcs_chain *c, struct chain_finding *d)
{
    uint64_t luid = d->session;
    resolve_process(c, d);
    d->actor = chain_stops(c, d->user) ? CHAIN_NONE : d->user;
    if (!d->actor && is(d, TCS_TRAIT_TARGET_ACTS) && !chain_stops(c, d->target)) {
        d->actor = d->target;
        luid = d->target_session;
    }
    if (!d->actor || !luid) {
        const struct chain_obs *p = acting_process(c, d);
        if (p && (!d->actor || p->user == d->actor)) {
            d->actor = p->user;
            luid = p->session;
        }
    }
    d->acting = chain_session_key(&c->sessions, d->host, luid, d->time);
    d->luid = luid;
    const struct chain_obs *logon = d->acting
                                        ? chain_logon(&c->sessions, d->host, luid, d->time)
                                        : chain_logon_of(&c->sessions, d->host, d->actor, d->time);
    if (!logon)
        return;
    if (!d->acting) { /* the System log names who, not in which session */
        d->luid = logon->session;
        d->acting = chain_session_key(&c->sessions, d->host, logon->session, d->time);
    }
    struct chain_source src = chain_source_of(&c->sessions, logon);
    if (!d->actor && !chain_stops(c, logon->target))
        d->actor = logon->target;
    d->from = src.host;
    d->from_ip = src.ip;
}

static void
resolve_source(const struct tcs_chain *c, struct chain_finding *d)
{
    if (d->source_ip && !d->from_ip)
        d->from_ip = d->source_ip;
    if (!d->from)
        d->from = chain_host_of(&c->sessions, d->from_ip, d->time);
    if (!d->from)
        d->from = d->source_host;
    if (!d->actor) /* a connection belongs to the logon that came through it */
        d->actor = chain_account_from(&c->sessions, d->host, d->source_ip, d->time);
    d->place = d->host;
    if (is(d, TCS_TRAIT_CONTROLLER))
        d->place = d->from;
    if (d->from == d->host) /* from itself */
        d->from = CHAIN_NONE;
}

void
chain_resolve(const struct tcs_chain *c, struct chain_finding *d)
{
    resolve_actor(c, d);
    resolve_source(c, d);
}

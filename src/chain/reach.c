/* chain/reach.c - blast radius: where the compromised accounts can go, by what was observed.
 *
 *   one hop    hosts that an account of the incident logged on to; accounts that left credentials
 *              on a host of the incident, or that it put into a group
 *   two hops   hosts that those accounts logged on to
 *
 * What was never logged is not in it: this is a lower bound. */
#include "chain/chain_int.h"

#include "base/grow.h"
#include "base/hash.h"
#include "base/time.h"
#include "chain/sentences.h"

#include <stdlib.h>

enum { REACH_MAX = 128 }; /* of an incident; more tell no more */

static bool
leaves_credentials(uint8_t logon_type)
{
    enum { INTERACTIVE = 2, BATCH = 4, SERVICE = 5, CLEARTEXT = 8, REMOTE = 10, CACHED = 11 };
    return logon_type == INTERACTIVE || logon_type == BATCH || logon_type == SERVICE ||
           logon_type == CLEARTEXT || logon_type == REMOTE || logon_type == CACHED;
}

static struct chain_edge *
edge_of(struct tcs_chain *c, struct chain_keys *index, uint32_t account, uint32_t host)
{
    struct chain_key *k = chain_keys_put(index, tcs_base_hash_mix(account, host) | 1);
    if (!k)
        return NULL;
    if (k->key)
        return &c->edges[k->inc];
    if (!tcs_base_grow(&c->edges, &c->cap_edges, c->nedges, 1, sizeof *c->edges))
        return NULL;
    *k = (struct chain_key){.key = tcs_base_hash_mix(account, host) | 1, .inc = c->nedges};
    c->edges[c->nedges] = (struct chain_edge){.account = account, .host = host};
    return &c->edges[c->nedges++];
}

static bool
add_member(struct tcs_chain *c, uint32_t obs)
{
    if (!tcs_base_grow(&c->members, &c->cap_members, c->nmembers, 1, sizeof *c->members))
        return false;
    c->members[c->nmembers++] = obs;
    return true;
}

bool
chain_edges(struct tcs_chain *c)
{
    struct chain_keys index = {0};
    c->near_hosts = calloc(c->e.hosts.n + 1u, sizeof *c->near_hosts);
    c->near_accounts = calloc(c->e.accounts.n + 1u, sizeof *c->near_accounts);
    bool good = c->near_hosts && c->near_accounts;
    for (uint32_t i = 0; good && i < c->nobs; i++) {
        const struct chain_obs *o = &c->obs[i];
        if (o->kind == TCS_OBS_MEMBER && o->target)
            good = add_member(c, i);
        bool logon = o->kind == TCS_OBS_LOGON, admin = o->kind == TCS_OBS_ADMIN;
        uint32_t account = logon ? o->target : o->user;
        if ((!logon && !admin && o->kind != TCS_OBS_SHARE) || !account || !o->host ||
            c->e.accounts.at[account].stop)
            continue;
        struct chain_edge *e = edge_of(c, &index, account, o->host);
        good = e != NULL;
        if (!good)
            break;
        e->admin = e->admin || admin;
        e->leaves = e->leaves || (logon && leaves_credentials(o->logon_type));
        e->count += logon;
        e->obs = i; /* sorted by time: the last */
    }
    free(index.at);
    return good;
}

/* Marks are of one incident: what it involves, and behind that what was reached from there. */
static bool
inside(const struct tcs_chain *c, const uint32_t *near, uint32_t id)
{
    return near[id] == c->near_now;
}

static bool
reached(const struct tcs_chain *c, const uint32_t *near, uint32_t id)
{
    return near[id] > c->near_now;
}

static void
mark_inside(struct tcs_chain *c, const struct chain_inc *in)
{
    c->near_now += 2;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_det *d = &c->dets[in->links[i].det];
        if (!d->counts && in->counted)
            continue;
        c->near_hosts[d->host] = c->near_now;
        c->near_hosts[d->place] = c->near_now;
        c->near_hosts[d->from] = c->near_now;
        c->near_accounts[d->actor] = c->near_now;
    }
    c->near_hosts[CHAIN_NONE] = c->near_accounts[CHAIN_NONE] = 0;
}

/* Room for one that is new to the incident; it is now marked. */
static bool
is_new(struct tcs_chain *c, struct tcs_incident *out, uint32_t *near, uint32_t id)
{
    if (out->nreach == REACH_MAX || inside(c, near, id) || reached(c, near, id))
        return false;
    near[id] = c->near_now + 1;
    return true;
}

/* "logon of ELBWERFT\adm.k with administrator's rights, 14 times" */
static struct tcs_str
edge_text(struct tcs_chain *c, const struct chain_edge *e, bool host)
{
    struct tcs_buf b = {0};
    if (host) {
        tcs_base_buf_str(&b, chain_shown(&c->e.accounts, e->account));
        tcs_buf_lit(&b, " logged on there");
    } else {
        tcs_buf_lit(&b, "its credentials may be on ");
        tcs_base_buf_str(&b, tcs_chain_host_short(chain_shown(&c->e.hosts, e->host)));
        tcs_buf_lit(&b, ", where it logged on");
    }
    if (e->count > 1)
        tcs_base_buf_printf(&b, " %llu times", (unsigned long long)e->count);
    if (e->admin)
        tcs_buf_lit(&b, " with administrator's rights");
    struct tcs_str s = tcs_base_arena_str(c->arena, tcs_base_buf_view(&b));
    c->failed = c->failed || b.failed;
    tcs_base_buf_done(&b);
    return s;
}

static void
add(struct tcs_chain *c, struct tcs_incident *out, const struct chain_edge *e, uint8_t hops,
    bool host)
{
    uint32_t *near = host ? c->near_hosts : c->near_accounts;
    if (!is_new(c, out, near, host ? e->host : e->account))
        return;
    const struct chain_obs *o = &c->obs[e->obs];
    out->reach[out->nreach++] = (struct tcs_reach){
        .hops = hops,
        .is_host = host,
        .name = host ? chain_shown(&c->e.hosts, e->host) : chain_shown(&c->e.accounts, e->account),
        .why = edge_text(c, e, host),
        .last = o->time,
        .evidence = chain_obs_evidence(c, o)};
}

static void
add_members(struct tcs_chain *c, struct tcs_incident *out)
{
    for (uint32_t i = 0; i < c->nmembers; i++) {
        const struct chain_obs *o = &c->obs[c->members[i]];
        if (o->time < out->first || !inside(c, c->near_accounts, o->user) ||
            !is_new(c, out, c->near_accounts, o->target))
            continue;
        struct tcs_buf b = {0};
        tcs_base_buf_str(&b, chain_shown(&c->e.accounts, o->user));
        tcs_buf_lit(&b, " put it into the group ");
        tcs_base_buf_str(&b, chain_shown(&c->e.texts, o->object));
        out->reach[out->nreach++] =
            (struct tcs_reach){.hops = 1,
                               .name = chain_shown(&c->e.accounts, o->target),
                               .why = tcs_base_arena_str(c->arena, tcs_base_buf_view(&b)),
                               .last = o->time,
                               .evidence = chain_obs_evidence(c, o)};
        c->failed = c->failed || b.failed;
        tcs_base_buf_done(&b);
    }
}

static int
by_name(const void *pa, const void *pb)
{
    const struct tcs_reach *a = pa, *b = pb;
    if (a->hops != b->hops)
        return a->hops < b->hops ? -1 : 1;
    if (a->is_host != b->is_host)
        return a->is_host ? -1 : 1;
    return tcs_base_str_cmp(a->name, b->name);
}

bool
chain_reach(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    out->reach = tcs_base_arena_array(c->arena, REACH_MAX, sizeof *out->reach);
    if (!out->reach)
        return false;
    mark_inside(c, in);
    for (uint32_t i = 0; i < c->nedges; i++) {
        const struct chain_edge *e = &c->edges[i];
        if (inside(c, c->near_accounts, e->account))
            add(c, out, e, 1, true);
        else if (e->leaves && inside(c, c->near_hosts, e->host))
            add(c, out, e, 1, false);
    }
    add_members(c, out);
    for (uint32_t i = 0; i < c->nedges; i++)
        if (reached(c, c->near_accounts, c->edges[i].account))
            add(c, out, &c->edges[i], 2, true);
    if (out->nreach)
        qsort(out->reach, out->nreach, sizeof *out->reach, by_name);
    return true;
}

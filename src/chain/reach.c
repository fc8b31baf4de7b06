/* chain/reach.c - blast radius: where the compromised accounts can go, by what was observed.
 *
 *   one hop    hosts that an account of the incident logged on to; accounts that left credentials
 *              on a host of the incident, or that it put into a group
 *   two hops   hosts that those accounts logged on to
 *
 * What was never logged is not in it: this is a lower bound. */
#include "chain/chain_int.h"

#include "base/hash.h"
#include "base/time.h"
#include "chain/summary.h"

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
    struct chain_key *k = chain_keys_put(index, tcs_hash_mix(account, host) | 1);
    if (!k)
        return NULL;
    if (k->key)
        return &c->edges[k->inc];
    if (!chain_grow(&c->edges, &c->cap_edges, c->nedges, sizeof *c->edges))
        return NULL;
    *k = (struct chain_key){.key = tcs_hash_mix(account, host) | 1, .inc = c->nedges};
    c->edges[c->nedges] = (struct chain_edge){.account = account, .host = host};
    return &c->edges[c->nedges++];
}

bool
chain_edges(struct tcs_chain *c)
{
    struct chain_keys index = {0};
    bool good = true;
    for (uint32_t i = 0; good && i < c->nobs; i++) {
        const struct chain_obs *o = &c->obs[i];
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

static bool
among(const struct tcs_str *names, uint32_t n, struct tcs_str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (tcs_str_eq(names[i], name))
            return true;
    return false;
}

static bool
reached(const struct tcs_incident *out, struct tcs_str name, bool host)
{
    for (uint32_t i = 0; i < out->nreach; i++)
        if (out->reach[i].is_host == host && tcs_str_eq(out->reach[i].name, name))
            return true;
    return host ? among(out->hosts, out->nhosts, name) : among(out->accounts, out->naccounts, name);
}

/* "logon of ELBWERFT\adm.k with administrator's rights, 14 times" */
static struct tcs_str
edge_text(struct tcs_chain *c, const struct chain_edge *e, bool host)
{
    struct tcs_buf b = {0};
    if (host) {
        tcs_buf_str(&b, chain_shown(&c->e.accounts, e->account));
        tcs_buf_lit(&b, " logged on there");
    } else {
        tcs_buf_lit(&b, "its credentials may be on ");
        tcs_buf_str(&b, tcs_host_short(chain_shown(&c->e.hosts, e->host)));
        tcs_buf_lit(&b, ", where it logged on");
    }
    if (e->count > 1)
        tcs_buf_printf(&b, " %llu times", (unsigned long long)e->count);
    if (e->admin)
        tcs_buf_lit(&b, " with administrator's rights");
    struct tcs_str s = tcs_arena_str(c->arena, tcs_buf_view(&b));
    c->failed = c->failed || b.failed;
    tcs_buf_done(&b);
    return s;
}

static void
add(struct tcs_chain *c, struct tcs_incident *out, const struct chain_edge *e, uint8_t hops,
    bool host)
{
    struct tcs_str name =
        host ? chain_shown(&c->e.hosts, e->host) : chain_shown(&c->e.accounts, e->account);
    if (out->nreach == REACH_MAX || reached(out, name, host))
        return;
    const struct chain_obs *o = &c->obs[e->obs];
    out->reach[out->nreach++] = (struct tcs_reach){.hops = hops,
                                                   .is_host = host,
                                                   .name = name,
                                                   .why = edge_text(c, e, host),
                                                   .last = o->time,
                                                   .evidence = chain_obs_evidence(c, o)};
}

static void
add_members(struct tcs_chain *c, struct tcs_incident *out)
{
    for (uint32_t i = 0; i < c->nobs && out->nreach < REACH_MAX; i++) {
        const struct chain_obs *o = &c->obs[i];
        struct tcs_str name = chain_shown(&c->e.accounts, o->target);
        if (o->kind != TCS_OBS_MEMBER || o->time < out->first || !o->target ||
            !among(out->accounts, out->naccounts, chain_shown(&c->e.accounts, o->user)) ||
            reached(out, name, false))
            continue;
        struct tcs_buf b = {0};
        tcs_buf_str(&b, chain_shown(&c->e.accounts, o->user));
        tcs_buf_lit(&b, " put it into the group ");
        tcs_buf_str(&b, chain_shown(&c->e.texts, o->object));
        out->reach[out->nreach++] =
            (struct tcs_reach){.hops = 1,
                               .name = name,
                               .why = tcs_arena_str(c->arena, tcs_buf_view(&b)),
                               .last = o->time,
                               .evidence = chain_obs_evidence(c, o)};
        c->failed = c->failed || b.failed;
        tcs_buf_done(&b);
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
    return tcs_str_cmp(a->name, b->name);
}

bool
chain_reach(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    (void)in;
    out->reach = tcs_arena_array(c->arena, REACH_MAX, sizeof *out->reach);
    if (!out->reach)
        return false;
    for (uint32_t i = 0; i < c->nedges; i++) {
        const struct chain_edge *e = &c->edges[i];
        if (among(out->accounts, out->naccounts, chain_shown(&c->e.accounts, e->account)))
            add(c, out, e, 1, true);
        else if (e->leaves && among(out->hosts, out->nhosts, chain_shown(&c->e.hosts, e->host)))
            add(c, out, e, 1, false);
    }
    add_members(c, out);
    uint32_t first_hop = out->nreach;
    for (uint32_t i = 0; i < c->nedges; i++)
        for (uint32_t k = 0; k < first_hop; k++)
            if (!out->reach[k].is_host &&
                tcs_str_eq(out->reach[k].name, chain_shown(&c->e.accounts, c->edges[i].account)))
                add(c, out, &c->edges[i], 2, true);
    if (out->nreach)
        qsort(out->reach, out->nreach, sizeof *out->reach, by_name);
    return true;
}

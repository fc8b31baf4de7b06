/* chain/resolve.c - an incident in words and lists: the chain and its evidence, every join with its
 * reason, names, what is missing, what is next, what to do.
 *
 * In: incidents as they grew (links.c).  Out: struct tcs_incident, all of it in the chain's arena.
 * Nothing is decided here. */
#include "chain/chain_int.h"

#include "attack/attack.h"
#include "attack/profile.h"
#include "chain/advice.h"
#include "chain/sentences.h"
#include "event/event.h"

#include <stdlib.h>

/* --- links --- */

static struct tcs_str
source_text(const struct tcs_chain *c, const struct chain_finding *d)
{
    if (d->from)
        return chain_shown(&c->e.hosts, d->from);
    return chain_shown(&c->e.addresses, d->from_ip);
}

static bool
put_links(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    out->links = tcs_base_arena_array(c->arena, in->nlinks + 1u, sizeof *out->links);
    if (!out->links)
        return false;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_link *l = &in->links[i];
        const struct chain_finding *d = &c->findings[l->finding];
        const struct chain_sig *s = &c->sigs[d->sig];
        out->links[out->nlinks++] = (struct tcs_link){
            .time = l->first,
            .last = l->last,
            .count = l->count,
            .stage = d->stage,
            .level = s->s.level,
            .flags = d->flags,
            .unchecked = chain_shown(&c->e.texts, d->unchecked),
            .rule_id = s->s.id,
            .title = s->s.title,
            .techniques = s->s.techniques,
            .ntechniques = s->s.ntechniques,
            .host = chain_shown(&c->e.hosts, d->host),
            .account = chain_shown(&c->e.accounts, d->actor),
            .source = source_text(c, d),
            .evidence = chain_finding_evidence(c, d),
        };
    }
    for (uint32_t i = in->end; i != UINT32_MAX; i = in->links[i].prev)
        out->links[i].chosen = true;
    return true;
}

/* --- names --- */

struct tally {
    uint32_t id;
    uint64_t weight;
    struct tcs_str shown;
};

struct tallies {
    struct tally *at;
    uint32_t n;
};

static void
tally(struct tallies *t, const struct chain_names *names, uint32_t id, uint64_t weight)
{
    if (!id)
        return;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->at[i].id == id) {
            t->at[i].weight += weight;
            return;
        }
    t->at[t->n++] = (struct tally){id, weight, chain_shown(names, id)};
}

static int
by_weight(const void *pa, const void *pb)
{
    const struct tally *a = pa, *b = pb;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return tcs_base_str_cmp(a->shown, b->shown);
}

static bool
list(struct tcs_chain *c, struct tallies *t, struct tcs_str **ret, uint32_t *n)
{
    if (t->n)
        qsort(t->at, t->n, sizeof *t->at, by_weight);
    *ret = tcs_base_arena_array(c->arena, t->n + 1u, sizeof **ret);
    for (uint32_t i = 0; *ret && i < t->n; i++)
        (*ret)[i] = t->at[i].shown;
    *n = t->n;
    return *ret != NULL;
}

static bool
put_names(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    struct tallies hosts = {0}, accounts = {0}, addresses = {0};
    hosts.at = calloc(in->nlinks * 3u + 1u, sizeof *hosts.at);
    accounts.at = calloc(in->nlinks + 1u, sizeof *accounts.at);
    addresses.at = calloc(in->nlinks + 1u, sizeof *addresses.at);
    bool good = hosts.at && accounts.at && addresses.at;
    for (uint32_t i = 0; good && i < in->nlinks; i++) {
        const struct chain_finding *d = &c->findings[in->links[i].finding];
        if (!d->counts && in->counted)
            continue;
        tally(&hosts, &c->e.hosts, d->host, d->points * 2u);
        tally(&hosts, &c->e.hosts, d->place, d->points);
        tally(&hosts, &c->e.hosts, d->from, 1);
        tally(&accounts, &c->e.accounts, d->actor, d->points);
        tally(&addresses, &c->e.addresses, d->from_ip, d->points);
    }
    good = good && list(c, &hosts, &out->hosts, &out->nhosts) &&
           list(c, &accounts, &out->accounts, &out->naccounts) &&
           list(c, &addresses, &out->addresses, &out->naddresses);
    free(hosts.at);
    free(accounts.at);
    free(addresses.at);
    return good;
}

static bool
among(const struct tcs_str *names, uint32_t n, struct tcs_str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (tcs_base_str_eq(names[i], name))
            return true;
    return false;
}

/* Where the course began, as far as seen: of the first links of the chain that tell it. */
static void
put_origin(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    uint32_t host = CHAIN_NONE, account = CHAIN_NONE, ip = CHAIN_NONE;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_finding *d = &c->findings[in->links[i].finding];
        if (!out->links[i].chosen)
            continue;
        if (!host)
            host = d->from ? d->from : d->place;
        if (!account)
            account = d->actor;
        if (!ip)
            ip = d->from_ip;
    }
    out->origin_host = chain_shown(&c->e.hosts, host);
    out->origin_account = chain_shown(&c->e.accounts, account);
    out->origin_address = chain_shown(&c->e.addresses, ip);
}

static void
add_technique(struct tcs_incident *out, struct tcs_str t)
{
    for (uint32_t i = 0; i < out->ntechniques; i++)
        if (tcs_base_str_eq(out->techniques[i], t))
            return;
    out->techniques[out->ntechniques++] = t;
}

/* Those of the chain in its order, then those of the other links that count. */
static bool
put_techniques(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < out->nlinks; i++)
        n += out->links[i].ntechniques;
    out->techniques = tcs_base_arena_array(c->arena, n + 1u, sizeof *out->techniques);
    if (!out->techniques)
        return false;
    for (int chosen = 1; chosen >= 0; chosen--)
        for (uint32_t i = 0; i < out->nlinks; i++)
            for (uint32_t t = 0; t < out->links[i].ntechniques; t++)
                if (out->links[i].chosen == (chosen == 1) &&
                    c->findings[in->links[i].finding].counts)
                    add_technique(out, out->links[i].techniques[t]);
    return true;
}

/* --- state, missing, next --- */

static int
by_move(const void *pa, const void *pb)
{
    const struct chain_move *a = pa, *b = pb;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->state < b->state ? -1 : a->state > b->state;
}

static bool
put_transitions(struct tcs_chain *c, struct chain_inc *in, struct tcs_incident *out)
{
    uint8_t state = TCS_STATE_NONE;
    out->transitions = tcs_base_arena_array(c->arena, CHAIN_MOVES_MAX, sizeof *out->transitions);
    if (!out->transitions)
        return false;
    if (in->nmoves)
        qsort(in->moves, in->nmoves, sizeof *in->moves, by_move);
    for (uint32_t i = 0; i < in->nmoves; i++) {
        const struct chain_move *m = &in->moves[i];
        if (m->state <= state)
            continue; /* another part had come so far before the two were one */
        state = m->state;
        out->transitions[out->ntransitions++] = (struct tcs_transition){
            .state = m->state, .time = m->time, .why = chain_move_text(m->rule)};
    }
    return true;
}

/* Of the chain or not: that something was seen of a stage is no gap in what is logged. */
static uint32_t
seen_stages(const struct tcs_chain *c, const struct chain_inc *in)
{
    uint32_t stages = in->stages | in->earlier;
    for (uint32_t i = 0; i < in->nlinks; i++)
        if (c->findings[in->links[i].finding].counts)
            stages |= 1u << c->findings[in->links[i].finding].stage;
    return stages;
}

static bool
put_missing(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    uint8_t last = chain_furthest(out->stages);
    uint32_t seen = seen_stages(c, in);
    out->missing = tcs_base_arena_array(c->arena, TCS_STAGES, sizeof *out->missing);
    for (uint8_t s = TCS_STAGE_ACCOUNT; out->missing && s < last; s++)
        if (!(seen >> s & 1))
            out->missing[out->nmissing++] = (struct tcs_missing){s, tcs_chain_advice_missing(s)};
    return out->missing != NULL;
}

static bool
put_next(struct tcs_chain *c, struct tcs_incident *out, const struct tcs_advice_names *names)
{
    const struct tcs_advice_next *next[TCS_ADVICE_MAX];
    uint32_t n =
        tcs_chain_advice_next(out->techniques, out->ntechniques, chain_furthest(out->stages), next);
    out->expected = tcs_base_arena_array(c->arena, n + 1u, sizeof *out->expected);
    for (uint32_t i = 0; out->expected && i < n; i++)
        out->expected[out->nexpected++] =
            (struct tcs_next){.stage = next[i]->stage,
                              .technique = next[i]->technique,
                              .text = tcs_chain_advice_fill(c->arena, next[i]->text, names)};
    return out->expected != NULL;
}

/* The hosts and the account of the links that call for the step, where they tell.  A step for the
 * whole of a stage is about the chain's link of it; where to stop movement, about its origin. */
static struct tcs_advice_names
step_names(struct tcs_chain *c, const struct chain_inc *in, const struct tcs_incident *out,
           const struct tcs_advice_step *step, const struct tcs_advice_names *usual)
{
    enum { HOSTS = 32 };
    struct tcs_advice_names names = *usual;
    struct tcs_str hosts[HOSTS], account = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < out->nlinks; i++) {
        const struct tcs_link *l = &out->links[i];
        if (!c->findings[in->links[i].finding].counts || (!step->technique.n && !l->chosen) ||
            !tcs_chain_advice_fits(step, l->techniques, l->ntechniques, 1u << l->stage))
            continue;
        if (!account.n)
            account = l->account;
        if (l->host.n && n < HOSTS && !among(hosts, n, l->host))
            hosts[n++] = l->host;
    }
    if (account.n)
        names.account = account;
    if (n && (step->technique.n || step->stage != TCS_STAGE_LATERAL)) {
        struct tcs_buf b = {0};
        chain_put_names(&b, hosts, n, true);
        names.host = chain_keep(c, &b);
    }
    return names;
}

static bool
put_steps(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out,
          const struct tcs_advice_names *usual)
{
    const struct tcs_advice_step *steps[TCS_ADVICE_MAX];
    uint32_t n = tcs_chain_advice_steps(out->techniques, out->ntechniques, out->stages, steps);
    out->mitigations = tcs_base_arena_array(c->arena, n + 1u, sizeof *out->mitigations);
    for (uint32_t i = 0; out->mitigations && i < n; i++) {
        const struct tcs_advice_names names = step_names(c, in, out, steps[i], usual);
        out->mitigations[out->nmitigations++] =
            (struct tcs_next){.stage = steps[i]->stage,
                              .priority = steps[i]->priority,
                              .technique = steps[i]->technique,
                              .text = tcs_chain_advice_fill(c->arena, steps[i]->text, &names)};
    }
    return out->mitigations != NULL;
}

static bool
put_advice(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    struct tcs_buf hosts = {0};
    chain_put_names(&hosts, out->hosts, out->nhosts, true);
    const struct tcs_advice_names names = {
        .account = out->naccounts ? out->accounts[0] : (struct tcs_str){0},
        .host = tcs_chain_host_short(out->origin_host.n ? out->origin_host
                                     : out->nhosts      ? out->hosts[0]
                                                        : (struct tcs_str){0}),
        .hosts = chain_keep(c, &hosts),
        .address = out->naddresses ? out->addresses[0] : (struct tcs_str){0},
    };
    return put_next(c, out, &names) && put_steps(c, in, out, &names);
}

static bool
put_overlaps(struct tcs_chain *c, struct tcs_incident *out)
{
    out->overlaps = tcs_base_arena_array(c->arena, c->opts.nprofiles + 1u, sizeof *out->overlaps);
    for (uint32_t i = 0; out->overlaps && i < c->opts.nprofiles; i++) {
        struct tcs_overlap o = tcs_attack_profile_overlap(c->opts.profiles[i], out->techniques,
                                                          out->ntechniques, c->arena);
        if (o.shared)
            out->overlaps[out->noverlaps++] = o;
    }
    return out->overlaps != NULL;
}

static bool
put_merged(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    char id[TCS_INCIDENT_ID + 1];
    out->merged = tcs_base_arena_array(c->arena, in->nmerged + 1u, sizeof *out->merged);
    if (!out->merged)
        return false;
    for (uint32_t i = 0; i < in->nmerged; i++) {
        chain_put_id(c, &c->incs[in->merged[i]], id);
        if (strcmp(id, out->id) != 0)
            out->merged[out->nmerged++] = tcs_base_arena_str(c->arena, tcs_base_str_of(id));
    }
    return true;
}

static bool
resolve(struct tcs_chain *c, struct chain_inc *in, struct tcs_incident *out)
{
    *out = (struct tcs_incident){.state = in->state,
                                 .stages = in->stages | in->earlier,
                                 .score = in->score,
                                 .first = in->links[0].first,
                                 .last = in->last,
                                 .detections = in->findings,
                                 .dropped = in->dropped};
    chain_put_id(c, in, out->id);
    if (!put_links(c, in, out) || !chain_put_joins(c, in, out) || !put_names(c, in, out) ||
        !put_techniques(c, in, out) || !put_transitions(c, in, out) || !put_missing(c, in, out))
        return false;
    put_origin(c, in, out);
    if (!chain_reach(c, in, out) || !put_advice(c, in, out) || !put_overlaps(c, out) ||
        !put_merged(c, in, out))
        return false;
    out->summary = chain_summary(out, c->arena);
    return !c->failed;
}

static int
by_first(const void *pa, const void *pb)
{
    const struct tcs_incident *a = pa, *b = pb;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return strcmp(a->id, b->id);
}

bool
chain_explain(struct tcs_chain *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->nincs; i++)
        n += c->incs[i].into == i && c->incs[i].state >= TCS_STATE_WATCH;
    c->out = tcs_base_arena_array(c->arena, n + 1u, sizeof *c->out);
    if (!c->out || (n && !chain_edges(c)))
        return false;
    for (uint32_t i = 0; i < c->nincs; i++)
        if (c->incs[i].into == i && c->incs[i].state >= TCS_STATE_WATCH &&
            !resolve(c, &c->incs[i], &c->out[c->nout++]))
            return false;
    if (c->nout)
        qsort(c->out, c->nout, sizeof *c->out, by_first);
    c->stats.incidents = c->nout;
    return true;
}

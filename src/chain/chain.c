/* chain/chain.c - takes in, sorts, and drives the rest.
 *
 * In: findings and observations in any order.  At finish: names are resolved, both are freed of
 * repetitions and sorted by time (ties by what the record says of itself), so that join.c sees
 * the same sequence whatever order they came in. */
#include "chain/chain_int.h"

#include "attack/attack.h"
#include "attack/level.h"
#include "base/grow.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdlib.h>

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the chain");
}

/* --- begin and end --- */

/* They are names only when all others are known (finish), as those of nothing that is kept go; and
 * an image is of what records say (chain_image.c). */
static bool
keep_stops(struct tcs_chain *c)
{
    struct tcs_str *own = tcs_base_arena_array(c->arena, c->opts.nstop + 1u, sizeof *own);
    for (uint32_t i = 0; own && i < c->opts.nstop; i++)
        own[i] = tcs_base_arena_str(c->arena, c->opts.stop[i]);
    c->opts.stop = own;
    return !tcs_base_arena_failed(c->arena);
}

static uint32_t
or_else(uint32_t given, uint32_t usual)
{
    return given ? given : usual;
}

static void
set_limits(struct tcs_chain *c)
{
    c->opts.max_findings = or_else(c->opts.max_findings, TCS_CHAIN_FINDINGS_MAX);
    c->opts.max_observations = or_else(c->opts.max_observations, TCS_CHAIN_OBSERVATIONS_MAX);
    c->max_spans = or_else(c->opts.max_hosts, TCS_CHAIN_HOSTS_MAX);
    c->max_name_bytes = or_else(c->opts.max_name_bytes, TCS_CHAIN_NAME_BYTES_MAX);
    c->max_apart = or_else(c->opts.max_apart, TCS_CHAIN_APART_MAX);
}

struct tcs_chain *
tcs_chain_new(const struct tcs_chain_opts *opts)
{
    struct tcs_chain *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    if (opts)
        c->opts = *opts;
    set_limits(c);
    c->arena = tcs_base_arena_new(0);
    if (c->arena && chain_entities_init(&c->e) && keep_stops(c))
        return c;
    tcs_chain_free(c);
    return NULL;
}

void
tcs_chain_free(struct tcs_chain *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->nincs; i++) {
        free(c->incs[i].links);
        free(c->incs[i].reasons);
        free(c->incs[i].merged);
    }
    chain_sessions_done(&c->sessions);
    chain_entities_done(&c->e);
    tcs_base_map_done(&c->sig_map);
    free(c->addresses.at);
    free(c->keys.at);
    free(c->pairs.at);
    free(c->had);
    free(c->incs);
    free(c->sigs);
    free(c->findings);
    free(c->obs);
    free(c->spans);
    free(c->span_of.at);
    free(c->left_out);
    tcs_base_map_done(&c->left_out_of);
    free(c->known);
    free(c->earlier);
    free(c->edges);
    free(c->members);
    free(c->near_hosts);
    free(c->near_accounts);
    free(c->host_first);
    free(c->host_last);
    tcs_base_arena_free(c->arena);
    free(c);
}

/* --- signatures --- */

/* Is a technique, by its number of today, one of these or of their parts? */
static bool
under(struct tcs_str v19, const char *const *parents, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tcs_base_str_starts(v19, tcs_base_str_of(parents[i])))
            return true;
    return false;
}

static void
judge(struct chain_sig *s)
{
    static const char *const destroying[] = {"T1485", "T1486", "T1561", "T1495"};
    static const char *const remote[] = {"T1569", "T1543", "T1053", "T1047"};
    static const char *const impairing[] = {"T1685"};
    s->stage = s->s.stage ? s->s.stage : tcs_attack_stage_of(s->s.techniques, s->s.ntechniques);
    for (uint32_t i = 0; i < s->s.ntechniques; i++) {
        struct tcs_str t = s->s.techniques[i], v19 = tcs_attack_v19(t);
        bool warns = tcs_attack_warns(t);
        s->warns = s->warns || warns;
        s->intrudes = s->intrudes || tcs_attack_intrudes(t);
        s->impairs = s->impairs || (!warns && under(v19, impairing, 1));
        s->remote = s->remote || under(v19, remote, sizeof remote / sizeof *remote);
        s->destroys = s->destroys || under(v19, destroying, sizeof destroying / sizeof *destroying);
    }
    s->destroys = s->destroys && s->stage == TCS_STAGE_DESTROY;
}

uint32_t
tcs_chain_signature(struct tcs_chain *c, const struct tcs_signature *from)
{
    uint32_t known = tcs_base_map_get(&c->sig_map, from->id);
    if (known != TCS_MAP_NONE)
        return known;
    struct chain_sig s = {.s = *from};
    s.s.id = tcs_base_arena_str(c->arena, from->id);
    s.s.title = tcs_base_arena_str(c->arena, from->title);
    s.s.techniques = tcs_base_arena_array(c->arena, from->ntechniques + 1u, sizeof *s.s.techniques);
    if (!s.s.techniques || !tcs_base_grow(&c->sigs, &c->cap_sigs, c->nsigs, 1, sizeof s))
        return UINT32_MAX;
    for (uint32_t i = 0; i < from->ntechniques; i++)
        s.s.techniques[i] = tcs_base_arena_str(c->arena, from->techniques[i]);
    judge(&s);
    if (tcs_base_arena_failed(c->arena) || tcs_base_map_put(&c->sig_map, s.s.id, c->nsigs) < 0)
        return UINT32_MAX;
    c->sigs[c->nsigs] = s;
    return c->nsigs++;
}

const struct tcs_signature *
tcs_chain_signature_at(const struct tcs_chain *c, uint32_t number)
{
    return number < c->nsigs ? &c->sigs[number].s : NULL;
}

/* --- taking in --- */

static uint64_t
hash_of(struct tcs_str s)
{
    return s.n ? tcs_base_hash_str(s) | 1 : 0;
}

/* A path's hash for joins, case ignored; 0 for what everybody runs: the system's own folders. */
static uint64_t
path_hash(struct tcs_str p)
{
    static const struct tcs_str usual[] = {
        {":\\windows\\", 10}, {":\\program files", 15}, {"system", 6}, {"/usr/", 5}, {"/bin/", 5},
        {"\\\\*\\", 4}}; /* \\*\: a share */
    char low[TCS_IDENTITY_TEXT_MAX];
    size_t n = p.n < sizeof low ? p.n : sizeof low;
    for (size_t i = 0; i < n; i++)
        low[i] = tcs_base_ascii_lower(p.p[i]);
    struct tcs_str s = {low, n};
    struct tcs_str rest = n > 1 && low[1] == ':' ? tcs_base_str_slice(s, 1, n) : s;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (tcs_base_str_starts(rest, usual[i]))
            return 0;
    bool path = n && (memchr(low, '\\', n) || memchr(low, '/', n));
    return path ? tcs_base_hash_str(s) | 1 : 0;
}

/* A stream of a file (":Zone.Identifier") belongs to the file. */
static struct tcs_str
file_of(struct tcs_str path)
{
    size_t colon = tcs_base_str_find(path, ':', 2);
    return tcs_base_str_slice(path, 0, colon);
}

static int
put_obs(struct tcs_chain *c, const struct chain_obs *o, struct tcs_err *err)
{
    chain_fold_obs(c);
    if (!tcs_base_grow(&c->obs, &c->cap_obs, c->nobs, 1, sizeof *o))
        return no_memory(err);
    c->obs[c->nobs++] = *o;
    c->stats.observations++;
    return 0;
}

/* Once for each host, address and day of a log: the earliest, whichever was fed first. */
static int
put_address(struct tcs_chain *c, struct chain_obs a, struct tcs_err *err)
{
    a.kind = TCS_OBS_ADDRESS;
    chain_fold_obs(c); /* before its place is written down */
    struct chain_key *k = chain_keys_put(&c->addresses, chain_address_key(&a, true));
    if (!k)
        return no_memory(err);
    if (!k->key) {
        uint32_t place = c->nobs;
        int r = put_obs(c, &a, err);
        *k = (struct chain_key){.key = chain_address_key(&a, true),
                                .inc = c->nobs > place ? place : UINT32_MAX};
        return r;
    }
    if (k->inc < c->nobs && chain_order_obs(&a, &c->obs[k->inc], c) < 0)
        c->obs[k->inc] = a;
    return 0;
}

int
chain_take_obs(struct tcs_chain *c, const struct chain_obs *o, struct tcs_err *err)
{
    return o->kind == TCS_OBS_ADDRESS ? put_address(c, *o, err) : put_obs(c, o, err);
}

int
chain_take_finding(struct tcs_chain *c, const struct chain_finding *d, struct tcs_err *err)
{
    chain_fold_findings(c);
    if (!tcs_base_grow(&c->findings, &c->cap_findings, c->nfindings, 1, sizeof *d))
        return no_memory(err);
    c->findings[c->nfindings++] = *d;
    c->stats.detections++;
    return 0;
}

int
tcs_chain_observe(struct tcs_chain *c, const struct tcs_observation *o, struct tcs_err *err)
{
    const struct tcs_identity *w = &o->who;
    if (!tcs_base_time_usable(o->time)) {
        c->stats.timeless++;
        return 0;
    }
    if (!chain_make_room(c))
        return no_memory(err);
    struct chain_obs x = {
        .time = o->time,
        .kind = o->kind,
        .logon_type = o->logon_type,
        .host = chain_host(&c->e, w->host),
        .source_host = chain_host(&c->e, w->source_host),
        .source_ip = chain_address(&c->e, w->source_ip),
    };
    x.file = chain_text(&c->e, o->evidence.file);
    x.channel = chain_text(&c->e, o->evidence.channel);
    x.record = o->evidence.record_id;
    x.offset = o->evidence.offset;
    x.event_id = o->evidence.event_id;
    x.key = tcs_identity_key_hash(&o->evidence.key);
    if (x.source_host && x.source_ip) {
        int r = put_address(c, x, err);
        if (r < 0)
            return r;
    }
    if (o->kind == TCS_OBS_ADDRESS)
        return 0;
    x.user = chain_account(&c->e, w->user_domain, w->user, w->user_id);
    x.user_id = c->e.sid;
    x.target = chain_account(&c->e, w->target_domain, w->target, w->target_id);
    x.target_id = c->e.sid;
    x.dest_host = chain_host(&c->e, w->dest_host);
    x.session = o->kind == TCS_OBS_LOGON ? w->target_session : w->session;
    x.linked = w->linked_session;
    x.process = hash_of(w->process);
    x.parent = hash_of(w->parent);
    x.pid = w->pid;
    x.object = o->kind == TCS_OBS_MEMBER ? chain_text(&c->e, w->object) : CHAIN_NONE;
    return put_obs(c, &x, err);
}

int
tcs_chain_detect(struct tcs_chain *c, const struct tcs_finding *d, struct tcs_err *err)
{
    const struct tcs_identity *w = &d->who;
    if (!tcs_base_time_usable(d->time) || d->signature >= c->nsigs) {
        c->stats.timeless++;
        return 0;
    }
    if (!chain_make_room(c))
        return no_memory(err);
    uint32_t user = chain_account(&c->e, w->user_domain, w->user, w->user_id);
    uint32_t user_id = c->e.sid;
    uint32_t target = chain_account(&c->e, w->target_domain, w->target, w->target_id);
    uint32_t target_id = c->e.sid;
    struct tcs_str path = w->object.n ? file_of(w->object) : (struct tcs_str){0};
    uint64_t written = path_hash(path), run = path_hash(w->image);
    const struct chain_finding own = {
        .time = d->time,
        .key = tcs_identity_key_hash(&d->evidence.key),
        .activity = (uint8_t)w->activity,
        .session = w->session,
        .target_session = w->target_session,
        .process = hash_of(w->process),
        .parent = hash_of(w->parent),
        .path = written ? written : run,
        .record = d->evidence.record_id,
        .offset = d->evidence.offset,
        .group = d->group,
        .sig = d->signature,
        .host = chain_host(&c->e, w->host),
        .user = user,
        .target = target,
        .user_id = user_id,
        .target_id = target_id,
        .dest_host = chain_host(&c->e, w->dest_host), /* it may tell another's full name */
        .source_host = chain_host(&c->e, w->source_host),
        .source_ip = chain_address(&c->e, w->source_ip),
        .file = chain_text(&c->e, d->evidence.file),
        .channel = chain_text(&c->e, d->evidence.channel),
        .event_id = d->evidence.event_id,
        .pid = w->pid,
        .object = written ? chain_text(&c->e, path) : CHAIN_NONE,
        .image = chain_text(&c->e, w->image),
        .flags = d->flags,
        .unchecked = chain_text(&c->e, d->unchecked),
    };
    return chain_take_finding(c, &own, err);
}

int
tcs_chain_known(struct tcs_chain *c, struct tcs_str signature, struct tcs_str host, int64_t first,
                struct tcs_err *err)
{
    uint32_t sig = tcs_base_map_get(&c->sig_map, signature), id = chain_host(&c->e, host);
    if (sig == TCS_MAP_NONE || !id || !tcs_base_time_usable(first))
        return 0;
    if (!tcs_base_grow(&c->known, &c->cap_known, c->known_n, 1, sizeof *c->known))
        return no_memory(err);
    c->known[c->known_n++] = (struct chain_known){sig, id, first};
    return 0;
}

/* --- at the end --- */

static void
canon_finding(const struct tcs_chain *c, struct chain_finding *d)
{
    uint32_t *const hosts[] = {&d->host, &d->source_host};
    uint32_t *const accounts[] = {&d->user, &d->target};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (*hosts[i])
            *hosts[i] = chain_canon(&c->e.hosts, *hosts[i]);
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
        if (*accounts[i])
            *accounts[i] = chain_canon(&c->e.accounts, *accounts[i]);
}

static void
canon_obs(const struct tcs_chain *c, struct chain_obs *o)
{
    uint32_t *const hosts[] = {&o->host, &o->source_host, &o->dest_host};
    uint32_t *const accounts[] = {&o->user, &o->target};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (*hosts[i])
            *hosts[i] = chain_canon(&c->e.hosts, *hosts[i]);
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
        if (*accounts[i])
            *accounts[i] = chain_canon(&c->e.accounts, *accounts[i]);
}

bool
chain_sort_fed(struct tcs_chain *c)
{
    return chain_sort(c, c->findings, c->nfindings, sizeof *c->findings, chain_order_finding) &&
           chain_sort(c, c->obs, c->nobs, sizeof *c->obs, chain_order_obs);
}

/* Which SID is whose, and which signature is of many hosts, as what is kept says. */
static void
learn(struct tcs_chain *c)
{
    for (uint32_t i = 0; i < c->nfindings; i++) {
        const struct chain_finding *d = &c->findings[i];
        struct chain_sig *s = &c->sigs[d->sig];
        s->fans = s->fans || ((d->flags & TCS_FINDING_CORRELATION) &&
                              s->stage == TCS_STAGE_LATERAL && s->s.level >= TCS_HIGH);
        if (d->user_id)
            chain_alias(&c->e, d->user_id, d->user);
        if (d->target_id)
            chain_alias(&c->e, d->target_id, d->target);
    }
    for (uint32_t i = 0; i < c->nobs; i++) {
        const struct chain_obs *o = &c->obs[i];
        if (o->user_id)
            chain_alias(&c->e, o->user_id, o->user);
        if (o->target_id)
            chain_alias(&c->e, o->target_id, o->target);
    }
}

/* The limits, then what all names that are left mean. */
static bool
resolve_names(struct tcs_chain *c)
{
    if (!chain_cut_to_limits(c) || !chain_cut_to_join(c) || !chain_fold_addresses(c))
        return false;
    chain_sort_left_out(c);
    for (uint32_t i = 0; i < c->opts.nstop; i++)
        chain_stop(&c->e, c->opts.stop[i]);
    c->stats.names_full = chain_entities_failed(&c->e);
    learn(c);
    chain_entities_resolve(&c->e);
    for (uint32_t i = 0; i < c->nfindings; i++)
        canon_finding(c, &c->findings[i]);
    for (uint32_t i = 0; i < c->nobs; i++)
        canon_obs(c, &c->obs[i]);
    return true;
}

/* Domain controllers write for everybody: they join nothing as hosts. */
static void
stop_controllers(struct tcs_chain *c)
{
    for (uint32_t i = 0; i < c->nobs; i++)
        if (c->obs[i].kind == TCS_OBS_TICKET && c->obs[i].host)
            c->e.hosts.at[c->obs[i].host].stop = true;
}

int
tcs_chain_finish(struct tcs_chain *c, struct tcs_err *err)
{
    if (c->finished)
        return tcs_base_fail(err, TCS_EUSAGE, "the chain was finished before");
    c->finished = true;
    if (!resolve_names(c))
        return no_memory(err);
    chain_earlier_sort(c);
    stop_controllers(c);
    if (!chain_see_hosts(c) || !chain_telemetry_loss(c) || !chain_fold_lost(c) ||
        !chain_sort_fed(c))
        return no_memory(err);
    if (!chain_sessions_build(&c->sessions, &c->e, c->obs, c->nobs))
        return no_memory(err);
    chain_pairs_known(c);
    if (!chain_join_all(c) || !chain_explain(c) || c->failed || tcs_base_arena_failed(c->arena))
        return no_memory(err);
    return 0;
}

const struct tcs_incident *
tcs_chain_incidents(const struct tcs_chain *c, uint32_t *n)
{
    *n = c->nout;
    return c->out;
}

const struct tcs_chain_stats *
tcs_chain_stats(const struct tcs_chain *c)
{
    return &c->stats;
}

const struct tcs_left_out *
tcs_chain_left_out(const struct tcs_chain *c, uint32_t *n)
{
    *n = c->nleft_out;
    return c->left_out;
}

/* chain/room.c - what is kept when there is too much: of findings, observations, hosts seen and
 * names.  Whoever floods, floods his own (base/share.h, docs/adr/0031-shares-of-the-limits.md).
 *
 * In: what was taken so far.  Out: no more of it than the limits, counted by log what went; and
 * names of nothing that is kept are gone.  A limit is cut to when it is a quarter beyond, so each
 * item is looked at a few times in all. */
#include "chain/chain_int.h"

#include "attack/level.h"
#include "base/grow.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/share.h"

#include <stdlib.h>

enum { LEAST = 256, LEFT_OUT_MAX = 1024 };

/* --- whose an item is --- */

static uint32_t
hash_of(struct tcs_str s)
{
    return (uint32_t)tcs_base_hash_str(s);
}

static uint32_t
hash_name(const struct chain_names *n, uint32_t id)
{
    return id ? hash_of(n->at[id].key) : 0;
}

/* The file on the disk that it is in: archives write their members behind a mark. */
static struct tcs_str
outer(struct tcs_str file)
{
    return tcs_base_str_slice(file, 0, tcs_base_str_find(file, '!', 0));
}

/* A log first: who can write one cannot reach into another's share.  Then the rule, as rules cannot
 * be invented; names can. */
static void
put_source(const struct tcs_chain *c, uint32_t file, struct tcs_share *s)
{
    struct tcs_str name = file ? c->e.texts.at[file].key : (struct tcs_str){0};
    s->source[0] = hash_of(outer(name));
    s->source[1] = hash_of(name);
}

static void
source_of_finding(const struct tcs_chain *c, uint32_t i, struct tcs_share *s)
{
    const struct chain_finding *d = &c->findings[i];
    uint32_t sig = hash_of(c->sigs[d->sig].s.id), actor = d->user ? d->user : d->target;
    bool alert = d->flags & TCS_FINDING_ALERT; /* what these say can be invented too */
    put_source(c, d->file, s);
    s->source[2] = alert ? c->sigs[d->sig].s.level : sig;
    s->source[3] = hash_name(&c->e.hosts, d->host);
    s->source[4] = hash_name(&c->e.accounts, actor);
    s->source[5] = alert ? sig : 0;
}

static void
source_of_obs(const struct tcs_chain *c, uint32_t i, struct tcs_share *s)
{
    const struct chain_obs *o = &c->obs[i];
    put_source(c, o->file, s);
    s->source[2] = o->kind;
    if (o->kind == TCS_OBS_ADDRESS) { /* whichever record tells it */
        s->source[3] = hash_name(&c->e.hosts, o->source_host);
        s->source[4] = hash_name(&c->e.addresses, o->source_ip);
        return;
    }
    s->source[3] = hash_name(&c->e.hosts, o->host);
    s->source[4] = hash_name(&c->e.accounts, o->target ? o->target : o->user);
}

static void
source_of_span(const struct tcs_chain *c, uint32_t i, struct tcs_share *s)
{
    put_source(c, c->spans[i].file, s);
    s->source[2] = hash_name(&c->e.hosts, c->spans[i].host);
}

static int
order_finding(uint32_t a, uint32_t b, const void *ctx)
{
    const struct tcs_chain *c = ctx;
    return chain_order_finding_copy(&c->findings[a], &c->findings[b], (void *)(uintptr_t)c);
}

static int
order_obs(uint32_t a, uint32_t b, const void *ctx)
{
    const struct tcs_chain *c = ctx;
    return chain_order_obs_copy(&c->obs[a], &c->obs[b], (void *)(uintptr_t)c);
}

/* Of one log and host there is one. */
static int
order_span(uint32_t a, uint32_t b, const void *ctx)
{
    (void)ctx;
    return a < b ? -1 : a > b;
}

/* --- what went --- */

static struct tcs_left_out *
left_out_of(struct tcs_chain *c, struct tcs_str name)
{
    uint32_t i = tcs_base_map_get(&c->left_out_of, name);
    if (i != TCS_MAP_NONE)
        return &c->left_out[i];
    if (c->nleft_out == LEFT_OUT_MAX) /* the last row is of all others */
        return &c->left_out[LEFT_OUT_MAX - 1];
    struct tcs_str own =
        c->nleft_out + 1 < LEFT_OUT_MAX ? tcs_base_arena_str(c->arena, name) : (struct tcs_str){0};
    if (!tcs_base_grow(&c->left_out, &c->cap_left_out, c->nleft_out, 1, sizeof *c->left_out) ||
        (own.p && tcs_base_map_put(&c->left_out_of, own, c->nleft_out) < 0)) {
        c->failed = true;
        return NULL;
    }
    c->left_out[c->nleft_out] = (struct tcs_left_out){.source = own};
    return &c->left_out[c->nleft_out++];
}

static struct tcs_left_out *
left_out(struct tcs_chain *c, uint32_t file)
{
    return left_out_of(c, outer(file ? c->e.texts.at[file].key : (struct tcs_str){0}));
}

void
chain_left_out_again(struct tcs_chain *c, const struct tcs_left_out *row)
{
    struct tcs_left_out *l = left_out_of(c, row->source);
    c->stats.dropped_detections += row->findings;
    c->stats.dropped_grave += row->grave;
    c->stats.dropped_observations += row->observations;
    if (!l)
        return;
    l->findings += row->findings;
    l->grave += row->grave;
    l->observations += row->observations;
}

static void
finding_goes(struct tcs_chain *c, uint32_t i)
{
    const struct chain_finding *d = &c->findings[i];
    struct tcs_left_out *l = left_out(c, d->file);
    bool grave = chain_level(c, d) >= TCS_HIGH;
    c->stats.detections--;
    c->stats.dropped_detections++;
    c->stats.dropped_grave += grave;
    if (l) {
        l->findings++;
        l->grave += grave;
    }
}

static void
obs_goes(struct tcs_chain *c, uint32_t i)
{
    struct tcs_left_out *l = left_out(c, c->obs[i].file);
    c->stats.observations--;
    c->stats.dropped_observations++;
    if (l)
        l->observations++;
}

static void
span_goes(struct tcs_chain *c, uint32_t i)
{
    (void)i;
    c->stats.hosts_left_out++;
}

/* --- cutting --- */

struct list {
    char *at;
    size_t size;
    void (*source)(const struct tcs_chain *c, uint32_t i, struct tcs_share *s);
    int (*order)(uint32_t a, uint32_t b, const void *chain);
    void (*goes)(struct tcs_chain *c, uint32_t i);
};

/* What is kept moves together and stays in its order. */
static bool
cut(struct tcs_chain *c, const struct list *l, uint32_t *n, uint32_t max)
{
    const struct tcs_share_order order = {l->order, c};
    if (*n <= max)
        return true;
    struct tcs_share *at = calloc(*n, sizeof *at);
    for (uint32_t i = 0; at && i < *n; i++) {
        at[i].item = i;
        l->source(c, i, &at[i]);
    }
    bool *stays = calloc(*n, sizeof *stays);
    bool good = at && stays && tcs_base_share_cut(at, *n, max, &order) != UINT32_MAX;
    uint32_t kept = 0;
    for (uint32_t i = 0; good && i < *n; i++)
        stays[at[i].item] = at[i].kept;
    free(at);
    for (uint32_t i = 0; good && i < *n; i++)
        if (!stays[i])
            l->goes(c, i);
    for (uint32_t i = 0; good && i < *n; i++) {
        if (stays[i] && kept != i)
            memcpy(l->at + kept * l->size, l->at + i * l->size, l->size);
        kept += stays[i];
    }
    free(stays);
    *n = good ? kept : *n;
    return good;
}

bool
chain_cut_findings(struct tcs_chain *c, uint32_t max)
{
    return cut(c,
               &(struct list){(char *)c->findings, sizeof *c->findings, source_of_finding,
                              order_finding, finding_goes},
               &c->nfindings, max);
}

static bool
cut_obs(struct tcs_chain *c, uint32_t max)
{
    uint32_t before = c->nobs;
    bool good =
        cut(c, &(struct list){(char *)c->obs, sizeof *c->obs, source_of_obs, order_obs, obs_goes},
            &c->nobs, max);
    return good && (before == c->nobs || chain_addresses_moved(c));
}

static bool
cut_spans(struct tcs_chain *c, uint32_t max)
{
    uint32_t before = c->nspans;
    bool good = cut(
        c,
        &(struct list){(char *)c->spans, sizeof *c->spans, source_of_span, order_span, span_goes},
        &c->nspans, max);
    return good && (before == c->nspans || chain_spans_moved(c));
}

static bool
cut_all(struct tcs_chain *c)
{
    return chain_fold_all(c) && chain_cut_findings(c, c->opts.max_findings) &&
           cut_obs(c, c->opts.max_observations) && cut_spans(c, c->max_spans);
}

/* --- names of nothing that is kept --- */

/* Old number to new one; 0: not used.  Of each sort of names. */
struct used {
    uint32_t *hosts, *accounts, *addresses, *texts;
};

static void
each(uint32_t *used, uint32_t *const *names, size_t n, void (*f)(uint32_t *to, uint32_t *name))
{
    for (size_t i = 0; i < n; i++)
        f(used, names[i]);
}

static void
each_name(struct tcs_chain *c, const struct used *u, void (*f)(uint32_t *to, uint32_t *name))
{
    for (uint32_t i = 0; i < c->nfindings; i++) {
        struct chain_finding *d = &c->findings[i];
        uint32_t *const hosts[] = {&d->host, &d->source_host, &d->dest_host};
        uint32_t *const accounts[] = {&d->user, &d->target, &d->user_id, &d->target_id};
        uint32_t *const texts[] = {&d->file, &d->channel, &d->object, &d->image, &d->unchecked};
        each(u->hosts, hosts, sizeof hosts / sizeof *hosts, f);
        each(u->accounts, accounts, sizeof accounts / sizeof *accounts, f);
        each(u->texts, texts, sizeof texts / sizeof *texts, f);
        f(u->addresses, &d->source_ip);
    }
    for (uint32_t i = 0; i < c->nobs; i++) {
        struct chain_obs *o = &c->obs[i];
        uint32_t *const hosts[] = {&o->host, &o->source_host, &o->dest_host};
        uint32_t *const accounts[] = {&o->user, &o->target, &o->user_id, &o->target_id};
        uint32_t *const texts[] = {&o->file, &o->channel, &o->object};
        each(u->hosts, hosts, sizeof hosts / sizeof *hosts, f);
        each(u->accounts, accounts, sizeof accounts / sizeof *accounts, f);
        each(u->texts, texts, sizeof texts / sizeof *texts, f);
        f(u->addresses, &o->source_ip);
    }
    for (uint32_t i = 0; i < c->nspans; i++) {
        f(u->hosts, &c->spans[i].host);
        f(u->texts, &c->spans[i].file);
    }
    for (uint32_t i = 0; i < c->known_n; i++)
        f(u->hosts, &c->known[i].host);
    for (uint32_t i = 0; i < c->nearlier; i++) {
        f(c->earlier[i].account ? u->accounts : u->hosts, &c->earlier[i].id);
        f(u->texts, &c->earlier[i].incident);
    }
}

static void
mark(uint32_t *to, uint32_t *name)
{
    to[*name] = 1;
}

static void
renumber(uint32_t *to, uint32_t *name)
{
    *name = to[*name];
}

static uint32_t *
marks(const struct chain_names *n)
{
    return calloc(n->n + 1u, sizeof(uint32_t));
}

bool
chain_sweep_names(struct tcs_chain *c)
{
    struct chain_entities kept;
    struct used u = {marks(&c->e.hosts), marks(&c->e.accounts), marks(&c->e.addresses),
                     marks(&c->e.texts)};
    bool good = u.hosts && u.accounts && u.addresses && u.texts && chain_entities_init(&kept);
    if (good) {
        each_name(c, &u, mark);
        good = chain_names_copy(&c->e.hosts, &kept.hosts, u.hosts) &&
               chain_names_copy(&c->e.accounts, &kept.accounts, u.accounts) &&
               chain_names_copy(&c->e.addresses, &kept.addresses, u.addresses) &&
               chain_names_copy(&c->e.texts, &kept.texts, u.texts);
        if (good)
            each_name(c, &u, renumber);
        chain_entities_done(good ? &c->e : &kept);
    }
    if (good)
        c->e = kept;
    free(u.hosts);
    free(u.accounts);
    free(u.addresses);
    free(u.texts);
    return good && chain_addresses_moved(c) && chain_spans_moved(c);
}

/* --- when --- */

static bool
full(uint32_t n, uint32_t max)
{
    return n >= max && n - max >= max / 4 + 1;
}

static void
less(uint32_t *max)
{
    *max = *max / 2 > LEAST ? *max / 2 : LEAST;
}

/* Names take what they take: there is room for as many items as have room for theirs. */
static bool
make_room_for_names(struct tcs_chain *c)
{
    if (!cut_all(c) || !chain_sweep_names(c))
        return false;
    while (chain_entities_bytes(&c->e) > c->max_name_bytes / 2 &&
           (c->opts.max_findings > LEAST || c->opts.max_observations > LEAST ||
            c->max_spans > LEAST)) {
        c->limits_shrank = true;
        less(&c->opts.max_findings);
        less(&c->opts.max_observations);
        less(&c->max_spans);
        if (!cut_all(c) || !chain_sweep_names(c))
            return false;
    }
    return true;
}

bool
chain_make_room(struct tcs_chain *c)
{
    bool good = true;
    if (full(c->nfindings, c->opts.max_findings))
        good = chain_fold_all(c) && chain_cut_findings(c, c->opts.max_findings);
    if (good && full(c->nobs, c->opts.max_observations))
        good = chain_fold_all(c) && cut_obs(c, c->opts.max_observations);
    if (good && full(c->nspans, c->max_spans))
        good = cut_spans(c, c->max_spans);
    if (good && chain_entities_bytes(&c->e) > c->max_name_bytes)
        good = make_room_for_names(c);
    return good;
}

/* So that nothing of what was left out tells anything, whenever it was. */
bool
chain_cut_to_limits(struct tcs_chain *c)
{
    if (!cut_all(c))
        return false;
    bool any =
        c->stats.dropped_detections || c->stats.dropped_observations || c->stats.hosts_left_out;
    return !any || chain_sweep_names(c);
}

/* --- what would not fit when it is joined --- */

/* Have more findings than that nothing with another in common of what joins at once?  Each might
 * begin an incident.  Without memory for looking they may. */
static bool
apart(const struct tcs_chain *c, uint32_t max)
{
    uint32_t mask = 1, n = 0;
    while (mask < 4 * (uint64_t)max)
        mask *= 2;
    uint64_t *seen = calloc(mask--, sizeof *seen);
    for (uint32_t i = 0; seen && i < c->nfindings && n <= max; i++) {
        const struct chain_finding *d = &c->findings[i];
        uint64_t who = tcs_base_hash_mix(d->host, d->user ? d->user : d->target);
        uint64_t h = tcs_base_hash_mix(tcs_base_hash_mix(who, d->process),
                                       (uint64_t)(d->time / chain_seconds(3600))) |
                     1;
        uint32_t s = (uint32_t)(h >> 32) & mask;
        while (seen[s] && seen[s] != h)
            s = (s + 1) & mask;
        n += !seen[s];
        seen[s] = h;
    }
    bool more = !seen || n > max;
    free(seen);
    return more;
}

bool
chain_cut_to_join(struct tcs_chain *c)
{
    if (c->nfindings <= c->max_apart || !apart(c, c->max_apart))
        return true;
    return chain_cut_findings(c, c->max_apart) && chain_sweep_names(c);
}

static int
most_first(const void *pa, const void *pb)
{
    const struct tcs_left_out *a = pa, *b = pb;
    if (a->grave != b->grave)
        return a->grave > b->grave ? -1 : 1;
    if (a->findings != b->findings)
        return a->findings > b->findings ? -1 : 1;
    if (a->observations != b->observations)
        return a->observations > b->observations ? -1 : 1;
    return tcs_base_str_cmp(a->source, b->source);
}

void
chain_sort_left_out(struct tcs_chain *c)
{
    if (c->nleft_out)
        qsort(c->left_out, c->nleft_out, sizeof *c->left_out, most_first);
}

/* chain/join.c - one finding after the other, in time, into incidents.
 * For each: find out who acts, from where (actor.c); weigh; look its keys up; join what the keys
 * lead to (strong: always, medium: within a day); else begin an incident; then weak keys, which
 * relate and merge only when two independent ones agree; then the chain and the state anew.
 *
 * A finding that does not count (informational, routine) joins one incident and never two:
 * noise must not be the bridge between them. */
#include "chain/chain_int.h"

#include "base/grow.h"
#include "base/hash.h"
#include "chain/weights.h"

#include <string.h>

enum { FOUND_MAX = 24, WEAK_MAX = 8, HAD_MAX = W_DEGREE + 1 };

/* --- keys --- */

enum key_type {
    K_GROUP = 1,
    K_SESSION,
    K_PROCESS,
    K_HOST_ACCOUNT,
    K_ADDRESS_ACCOUNT,
    K_ADDRESS_HOST,
    K_FILE,
    K_MADE,
    K_ALERT_HOST,
    K_SWEEP,
    K_STOLEN,
    K_ACCOUNT,
    K_HOST,
    K_ADDRESS,
};

static uint64_t
key_of(enum key_type type, uint64_t a, uint64_t b)
{
    if (!a)
        return 0;
    return tcs_base_hash_mix(tcs_base_hash_mix((uint64_t)type, a), b) | 1;
}

/* Different incidents that had a weak key: enough of them to know that there are too many. */
struct chain_had {
    uint32_t inc[HAD_MAX], n; /* the last one last */
};

/* An incident that a key led to. */
struct found {
    uint32_t inc, finding, obs;
    uint8_t strength, why;
};

struct finder {
    struct tcs_chain *c;
    const struct chain_finding *d;
    uint32_t finding;
    struct found at[FOUND_MAX];
    uint32_t n;
};

static void
look(struct finder *f, uint64_t key, int64_t within, struct found how)
{
    const struct chain_key *k = chain_keys_get(&f->c->keys, key);
    if (!k || (within && f->d->time - k->last > within))
        return;
    how.inc = chain_root(f->c, k->inc)->into;
    how.finding = k->finding;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->at[i].inc == how.inc)
            return; /* the strongest reason came first */
    if (f->n < FOUND_MAX)
        f->at[f->n++] = how;
}

static void
look_strong(struct finder *f)
{
    const struct chain_finding *d = f->d;
    const struct found how = {.strength = TCS_JOIN_STRONG, .obs = UINT32_MAX};
    struct found h = how;
    h.why = WHY_GROUP;
    look(f, key_of(K_GROUP, d->group, d->sig), 0, h);
    h.why = WHY_SESSION;
    look(f, key_of(K_SESSION, d->acting, 0), 0, h);
    h.why = WHY_PROCESS;
    look(f, key_of(K_PROCESS, d->process, 0), 0, h);
    h.why = WHY_PARENT;
    uint64_t parent = d->parent;
    const struct chain_obs *p = chain_process(&f->c->sessions, d->process);
    if (!parent && p)
        parent = p->parent;
    for (int i = 0; i < W_ANCESTORS && parent; i++) {
        look(f, key_of(K_PROCESS, parent, 0), 0, h);
        p = chain_process(&f->c->sessions, parent);
        parent = p ? p->parent : 0;
    }
}

static void
look_medium(struct finder *f)
{
    const struct chain_finding *d = f->d;
    const int64_t day = chain_seconds(W_MEDIUM_JOIN_S);
    struct found h = {.strength = TCS_JOIN_MEDIUM, .obs = UINT32_MAX};
    if (d->actor) {
        h.why = WHY_HOST_ACCOUNT;
        look(f, d->place ? key_of(K_HOST_ACCOUNT, d->place, d->actor) : 0, day, h);
        h.why = WHY_LOGON_FROM;
        look(f, d->from ? key_of(K_HOST_ACCOUNT, d->from, d->actor) : 0, day, h);
        h.why = WHY_ADDRESS_ACCOUNT;
        look(f, key_of(K_ADDRESS_ACCOUNT, d->from_ip, d->actor), day, h);
        h.why = WHY_MADE_ACCOUNT;
        look(f, key_of(K_MADE, d->actor, 0), day * 365, h);
    }
    h.why = WHY_STOLEN; /* passwords were read there; now somebody else comes from there */
    if (d->actor && d->counts)
        look(f, key_of(K_STOLEN, d->from, 0), chain_seconds(W_STOLEN_S), h);
    h.why = WHY_ADDRESS_HOST;
    if (d->from_ip && !f->c->e.addresses.at[d->from_ip].stop)
        look(f, key_of(K_ADDRESS_HOST, d->from_ip, d->host), day, h);
    h.why = WHY_ALERT_HOST;
    bool bare = !d->process && d->stage && (d->flags & TCS_FINDING_ALERT);
    bool grave = d->points >= W_ACTORLESS || d->stage == TCS_STAGE_DESTROY;
    bool counts = d->counts && (!d->process || grave);
    if (!d->actor && !d->acting && (bare || counts))
        look(f, key_of(K_ALERT_HOST, d->place, 0), chain_seconds(W_ALERT_JOIN_S), h);
}

/* The same act of destruction on the next host: whatever gives the order, it is one order. */
static void
look_sweep(struct finder *f)
{
    if (f->d->counts && f->d->stage == TCS_STAGE_DESTROY)
        look(f, key_of(K_SWEEP, f->d->sig + 1u, 0), chain_seconds(W_SWEEP_S),
             (struct found){.strength = TCS_JOIN_MEDIUM, .why = WHY_SWEEP, .obs = UINT32_MAX});
}

/* Of what was found: all, or for what does not count the first (the strongest). */
static uint32_t
join_found(struct finder *f)
{
    struct tcs_chain *c = f->c;
    f->n = f->d->counts || f->n < 2 ? f->n : 1;
    uint32_t root = f->n ? f->at[0].inc : chain_begin(c, f->finding);
    for (uint32_t i = 1; i < f->n; i++)
        root = chain_merge(c, root, chain_root(c, f->at[i].inc)->into);
    return root;
}

static void
say_why(struct finder *f, struct chain_inc *in)
{
    for (uint32_t i = 0; i < f->n; i++)
        chain_add_reason(f->c, in,
                         (struct chain_reason){.kind = TCS_JOINED,
                                               .strength = f->at[i].strength,
                                               .why = f->at[i].why,
                                               .time = f->d->time,
                                               .finding = f->finding,
                                               .to = f->at[i].finding,
                                               .obs = f->at[i].obs});
}

/* --- a file that one account wrote and another ran --- */

static const struct chain_key *
writer_of(const struct finder *f)
{
    const struct chain_finding *d = f->d;
    const struct chain_key *k =
        d->path ? chain_keys_get(&f->c->keys, key_of(K_FILE, d->host, d->path)) : NULL;
    return k && d->time - k->last <= chain_seconds(W_MEDIUM_JOIN_S) && k->finding != f->finding
               ? k
               : NULL;
}

/* Run by nobody in particular (a service): the writer's incident goes on. */
static void
look_file(struct finder *f)
{
    const struct chain_key *k = f->d->actor ? NULL : writer_of(f);
    if (k)
        look(f, k->key, 0,
             (struct found){.strength = TCS_JOIN_MEDIUM, .why = WHY_FILE, .obs = UINT32_MAX});
}

/* Run by another account: only the writing is taken into the incident, not what else its writer
 * did. */
static void
borrow_file(struct finder *f, struct chain_inc *in)
{
    const struct chain_key *k = writer_of(f);
    if (!k || chain_root(f->c, k->inc) == in)
        return;
    struct chain_link l = chain_link_of(f->c, k->finding);
    if (chain_add_link(f->c, in, &l))
        in->findings++;
    chain_add_reason(f->c, in,
                     (struct chain_reason){.kind = TCS_JOINED,
                                           .strength = TCS_JOIN_MEDIUM,
                                           .why = WHY_FILE,
                                           .time = f->d->time,
                                           .finding = f->finding,
                                           .to = k->finding,
                                           .obs = UINT32_MAX});
}

/* --- weak keys --- */

/* Incidents that became one since then count as one. */
static void
fold_had(const struct tcs_chain *c, struct chain_had *h)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->n; i++) {
        uint32_t root = chain_root(c, h->inc[i])->into, k = 0;
        while (k < n && h->inc[k] != root)
            k++;
        h->inc[k] = root;
        n += k == n;
    }
    h->n = n;
}

/* `root` is the last one now. */
static void
note_had(const struct tcs_chain *c, struct chain_had *h, uint32_t root)
{
    uint32_t i = 0;
    if (h->n == HAD_MAX)
        fold_had(c, h);
    while (i < h->n && chain_root(c, h->inc[i])->into != root)
        i++;
    if (i == h->n && h->n == HAD_MAX)
        i = 0; /* the oldest is forgotten: there are too many with or without it */
    else if (i == h->n)
        h->n++;
    memmove(&h->inc[i], &h->inc[i + 1], (h->n - i - 1) * sizeof *h->inc);
    h->inc[h->n - 1] = root;
}

static bool
in_too_many(const struct tcs_chain *c, const struct chain_key *k)
{
    struct chain_had *h = k->had ? &c->had[k->had - 1] : NULL;
    if (!h || h->n <= W_DEGREE)
        return false;
    fold_had(c, h);
    return h->n > W_DEGREE;
}

/* Another incident that weak keys lead to, and which. */
struct weak {
    uint32_t inc, finding;
    unsigned whys; /* bit 1 << enum chain_why */
    int64_t last;
    bool refused;
};

struct weaks {
    struct weak at[WEAK_MAX];
    uint32_t n;
};

static void
look_weak(const struct finder *f, uint32_t root, uint64_t key, enum chain_why why, struct weaks *w)
{
    const struct chain_key *k = chain_keys_get(&f->c->keys, key);
    uint32_t other = k ? chain_root(f->c, k->inc)->into : root;
    uint32_t i = 0;
    if (other == root)
        return;
    while (i < w->n && w->at[i].inc != other)
        i++;
    if (i == WEAK_MAX)
        return;
    if (i == w->n)
        w->at[w->n++] = (struct weak){.inc = other, .finding = k->finding, .last = k->last};
    if (in_too_many(f->c, k))
        w->at[i].refused = true;
    else
        w->at[i].whys |= 1u << why;
    if (k->last > w->at[i].last)
        w->at[i].last = k->last;
}

/* Does the finding go on where the other incident stopped? */
static bool
advances(const struct chain_finding *d, const struct chain_inc *other)
{
    return other->stages && d->stage > chain_furthest(other->stages);
}

/* Or is it something new there? */
static bool
goes_on(const struct chain_finding *d, const struct chain_inc *other)
{
    return other->stages && (d->novelty >= NOVEL_HOST || advances(d, other));
}

static bool
said_before(const struct chain_inc *in, const struct chain_reason *r)
{
    for (uint32_t i = 0; i < in->nreasons; i++) {
        const struct chain_reason *k = &in->reasons[i];
        if (k->kind == r->kind && k->why != WHY_REMEMBERED && k->other == r->other)
            return true;
    }
    return false;
}

static uint32_t
relate(struct finder *f, uint32_t root, const struct weak *w)
{
    struct tcs_chain *c = f->c;
    const struct chain_finding *d = f->d;
    const struct chain_inc *other = &c->incs[w->inc];
    bool agree = __builtin_popcount(w->whys) >= 2, on = goes_on(d, other);
    bool long_ago = d->time - w->last > chain_seconds(W_MEDIUM_JOIN_S);
    struct chain_reason r = {.kind = TCS_JOIN_RELATED,
                             .strength = TCS_JOIN_WEAK,
                             .why = (uint8_t)__builtin_ctz(w->whys ? w->whys : 1u << WHY_DEGREE),
                             .time = d->time,
                             .finding = f->finding,
                             .to = w->finding,
                             .obs = UINT32_MAX,
                             .other = w->inc};
    if (!other->counted)
        return root;
    if (!w->whys) {
        r.kind = TCS_JOIN_REFUSED;
    } else if (agree && on) {
        r.kind = TCS_JOINED;
        r.why = long_ago ? WHY_LONG_AGO : WHY_TWO_WEAK;
        root = chain_merge(c, root, w->inc);
    } else if (long_ago && other->state >= TCS_STATE_WATCH && advances(d, other)) {
        r.why = WHY_LONG_AGO;
        c->incs[root].earlier |= other->stages;
        c->incs[root].changed = true;
    }
    if (r.kind != TCS_JOINED && said_before(&c->incs[root], &r))
        return root;
    chain_add_reason(c, &c->incs[root], r);
    return root;
}

static uint64_t
weak_account(const struct chain_finding *d)
{
    return key_of(K_ACCOUNT, d->actor, 0);
}

static uint64_t
weak_host(const struct tcs_chain *c, const struct chain_finding *d)
{
    return d->place && !c->e.hosts.at[d->place].stop ? key_of(K_HOST, d->place, 0) : 0;
}

static uint64_t
weak_address(const struct tcs_chain *c, const struct chain_finding *d)
{
    return d->from_ip && !c->e.addresses.at[d->from_ip].stop ? key_of(K_ADDRESS, d->from_ip, 0) : 0;
}

static uint32_t
join_weak(struct finder *f, uint32_t root)
{
    struct weaks w = {.n = 0};
    look_weak(f, root, weak_account(f->d), WHY_ACCOUNT, &w);
    look_weak(f, root, weak_host(f->c, f->d), WHY_HOST, &w);
    look_weak(f, root, weak_address(f->c, f->d), WHY_ADDRESS, &w);
    for (uint32_t i = 0; i < w.n; i++) {
        w.at[i].inc = chain_root(f->c, w.at[i].inc)->into;
        if (w.at[i].inc != root)
            root = relate(f, root, &w.at[i]);
    }
    return root;
}

/* --- remembering keys --- */

static void
remember(const struct finder *f, uint32_t root, uint64_t key)
{
    struct tcs_chain *c = f->c;
    struct chain_key *k = key ? chain_keys_put(&c->keys, key) : NULL;
    if (!k) {
        c->failed = c->failed || key;
        return;
    }
    if (!k->key)
        *k = (struct chain_key){.key = key};
    k->inc = root;
    k->finding = f->finding;
    k->last = f->d->time;
}

/* A row for the key's incidents, which begins with the one it had until now. */
static bool
begin_had(struct tcs_chain *c, struct chain_key *k)
{
    if (!tcs_base_grow(&c->had, &c->cap_had, c->nhad, 1, sizeof *c->had))
        return false;
    c->had[c->nhad] = (struct chain_had){.inc = {k->inc}, .n = 1};
    k->had = ++c->nhad;
    return true;
}

static void
remember_weak(const struct finder *f, uint32_t root, uint64_t key)
{
    struct tcs_chain *c = f->c;
    struct chain_key *k = chain_keys_get(&c->keys, key);
    bool other = k && chain_root(c, k->inc)->into != root;
    if (other && !k->had && !begin_had(c, k))
        c->failed = true;
    else if (other)
        note_had(c, &c->had[k->had - 1], root);
    remember(f, root, key);
}

/* What is so on a host.  What nobody in particular did does not push somebody's aside. */
static void
remember_host(const struct finder *f, uint32_t root, uint64_t key, int64_t within)
{
    const struct chain_key *k = chain_keys_get(&f->c->keys, key);
    bool other = k && chain_root(f->c, k->inc)->into != root && f->d->time - k->last <= within;
    if (f->d->actor || !other)
        remember(f, root, key);
}

static void
remember_all(const struct finder *f, uint32_t root)
{
    const struct chain_finding *d = f->d;
    struct tcs_chain *c = f->c;
    remember(f, root, key_of(K_GROUP, d->group, d->sig));
    remember(f, root, key_of(K_SESSION, d->acting, 0));
    remember(f, root, key_of(K_PROCESS, d->process, 0));
    if (d->object && d->activity != TCS_ACT_IMAGE_LOADED)
        remember(f, root, key_of(K_FILE, d->host, d->path));
    if (!d->counts)
        return; /* noise is found by what is certain only */
    if (d->actor) {
        remember(f, root, d->place ? key_of(K_HOST_ACCOUNT, d->place, d->actor) : 0);
        remember(f, root, d->from ? key_of(K_HOST_ACCOUNT, d->from, d->actor) : 0);
        remember(f, root, key_of(K_ADDRESS_ACCOUNT, d->from_ip, d->actor));
    }
    /* accounts that an intruder made or put into a group */
    if (tcs_identity_traits(d->activity) & TCS_TRAIT_MAKES_ACCOUNT && !chain_stops(c, d->target))
        remember(f, root, key_of(K_MADE, d->target, 0));
    if (d->from_ip && !c->e.addresses.at[d->from_ip].stop)
        remember(f, root, key_of(K_ADDRESS_HOST, d->from_ip, d->host));
    remember_host(f, root, key_of(K_ALERT_HOST, d->place, 0), chain_seconds(W_ALERT_JOIN_S));
    if (d->stage == TCS_STAGE_CREDENTIALS && c->sigs[d->sig].intrudes)
        remember_host(f, root, key_of(K_STOLEN, d->place, 0), chain_seconds(W_STOLEN_S));
    if (d->stage == TCS_STAGE_DESTROY)
        remember(f, root, key_of(K_SWEEP, d->sig + 1u, 0));
    remember_weak(f, root, weak_account(d));
    remember_weak(f, root, weak_host(c, d));
    remember_weak(f, root, weak_address(c, d));
}

/* --- one finding --- */

static bool
has_strong_key(const struct chain_finding *d)
{
    return d->acting || d->process || (d->object && d->path);
}

static void
take(struct tcs_chain *c, uint32_t finding)
{
    struct chain_finding *d = &c->findings[finding];
    struct finder f = {.c = c, .d = d, .finding = finding};
    chain_resolve(c, d);
    chain_weigh(c, d);
    look_strong(&f);
    look_medium(&f);
    look_file(&f);
    look_sweep(&f);
    if (!f.n && !d->counts && !has_strong_key(d))
        return; /* alone, and says nothing */
    uint32_t root = join_found(&f);
    if (root == UINT32_MAX)
        return;
    struct chain_link l = chain_link_of(c, finding);
    struct chain_inc *in = &c->incs[root];
    bool fresh = chain_add_link(c, in, &l);
    in->findings++;
    in->last = d->time;
    if (fresh || f.n > 1) /* one more of the same has nothing to explain */
        say_why(&f, in);
    borrow_file(&f, in);
    if (d->counts) {
        in->last_counted = d->time;
        root = join_weak(&f, root);
        chain_remind(c, &c->incs[root], finding);
    }
    remember_all(&f, root);
    if (!c->incs[root].changed)
        return;
    chain_score(c, &c->incs[root]);
    chain_states(c, &c->incs[root], finding);
}

bool
chain_join_all(struct tcs_chain *c)
{
    for (uint32_t i = 0; i < c->nfindings && !c->failed; i++)
        take(c, i);
    return !c->failed;
}

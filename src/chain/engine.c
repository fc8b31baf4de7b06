/* chain/engine.c - one detection after the other, in time, into incidents.
 *
 * For each: find out who acts, from where (resolve); weigh; look its keys up; join what the keys
 * lead to (strong: always, medium: within a day); else begin an incident; then weak keys, which
 * relate and merge only when two independent ones agree; then the chain and the state anew.
 *
 * A detection that does not count (informational, routine) joins one incident and never two:
 * noise must not be the bridge between them. */
#include "chain/chain_int.h"

#include "base/hash.h"
#include "base/time.h"
#include "chain/weights.h"

#include <stdlib.h>

enum { FOUND_MAX = 24, WEAK_MAX = 8 };

static int64_t
seconds(int64_t n)
{
    return n * TCS_TICKS_PER_SEC;
}

/* --- who acts, and from where --- */

static bool
stops(const struct tcs_chain *c, uint32_t account)
{
    return !account || c->e.accounts.at[account].stop;
}

/* Records about a logon are about the target; where it failed, the target did nothing. */
static bool
target_acts(const struct chain_det *d)
{
    static const uint32_t ids[] = {21, 25, 4624, 4672, 4688, 4768, 4769, 4778};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (d->event_id == ids[i])
            return true;
    return false;
}

/* A domain controller writes what other hosts ask of it. */
static bool
asked_of_controller(const struct chain_det *d)
{
    return d->event_id == 4768 || d->event_id == 4769 || d->event_id == 4771 || d->event_id == 4776;
}

/* The first process among d's and its ancestors that ran in a session of a person. */
static const struct chain_obs *
acting_process(const struct tcs_chain *c, const struct chain_det *d)
{
    const struct chain_sessions *s = &c->sessions;
    const struct chain_obs *p = chain_process(s, d->process);
    uint64_t parent = p ? p->parent : d->parent;
    for (int i = 0; i < W_ANCESTORS; i++) {
        if (p && !stops(c, p->user))
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
resolve_process(const struct tcs_chain *c, struct chain_det *d)
{
    const struct chain_obs *p =
        d->process ? NULL : chain_process_by_pid(&c->sessions, d->host, d->pid, d->time);
    if (!p)
        return;
    d->process = p->process;
    d->parent = d->parent ? d->parent : p->parent;
}

static void
resolve_actor(const struct tcs_chain *c, struct chain_det *d)
{
    uint64_t luid = d->session;
    resolve_process(c, d);
    d->actor = stops(c, d->user) ? CHAIN_NONE : d->user;
    if (!d->actor && target_acts(d) && !stops(c, d->target)) {
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
    if (!d->actor && !stops(c, logon->target))
        d->actor = logon->target;
    d->from = src.host;
    d->from_ip = src.ip;
}

static void
resolve_source(const struct tcs_chain *c, struct chain_det *d)
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
    if (asked_of_controller(d))
        d->place = d->from;
    if (d->from == d->host) /* from itself */
        d->from = CHAIN_NONE;
}

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
    return tcs_hash_mix(tcs_hash_mix((uint64_t)type, a), b) | 1;
}

/* An incident that a key led to. */
struct found {
    uint32_t inc, det, obs;
    uint8_t strength, why;
};

struct finder {
    struct tcs_chain *c;
    const struct chain_det *d;
    uint32_t det;
    struct found at[FOUND_MAX];
    uint32_t n;
};

static void
look(struct finder *f, uint64_t key, int64_t within, struct found how)
{
    const struct chain_key *k = key ? chain_keys_get(&f->c->keys, key) : NULL;
    if (!k || (within && f->d->time - k->last > within))
        return;
    how.inc = chain_root(f->c, k->inc)->into;
    how.det = k->det;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->at[i].inc == how.inc)
            return; /* the strongest reason came first */
    if (f->n < FOUND_MAX)
        f->at[f->n++] = how;
}

static void
look_strong(struct finder *f)
{
    const struct chain_det *d = f->d;
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
    const struct chain_det *d = f->d;
    const int64_t day = seconds(W_MEDIUM_JOIN_S);
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
        look(f, key_of(K_STOLEN, d->from, 0), seconds(W_STOLEN_S), h);
    h.why = WHY_ADDRESS_HOST;
    if (d->from_ip && !f->c->e.addresses.at[d->from_ip].stop)
        look(f, key_of(K_ADDRESS_HOST, d->from_ip, d->host), day, h);
    h.why = WHY_ALERT_HOST;
    bool bare = !d->process && d->stage && (d->flags & TCS_DET_ALERT);
    bool grave = d->points >= W_ACTORLESS || d->stage == TCS_STAGE_DESTROY;
    bool counts = d->counts && (!d->process || grave);
    if (!d->actor && !d->acting && (bare || counts))
        look(f, key_of(K_ALERT_HOST, d->place, 0), seconds(W_ALERT_JOIN_S), h);
}

/* The same act of destruction on the next host: whatever gives the order, it is one order. */
static void
look_sweep(struct finder *f)
{
    if (f->d->counts && f->d->stage == TCS_STAGE_DESTROY)
        look(f, key_of(K_SWEEP, f->d->sig + 1u, 0), seconds(W_SWEEP_S),
             (struct found){.strength = TCS_JOIN_MEDIUM, .why = WHY_SWEEP, .obs = UINT32_MAX});
}

/* --- growing and merging --- */

static void
add_reason(struct tcs_chain *c, struct chain_inc *in, struct chain_reason r)
{
    if (in->nreasons >= CHAIN_JOINS_MAX)
        return;
    if (!chain_grow(&in->reasons, &in->cap_reasons, in->nreasons, sizeof r))
        c->failed = true;
    else
        in->reasons[in->nreasons++] = r;
}

static uint64_t
print_of(const struct chain_det *d)
{
    return tcs_hash_mix(tcs_hash_mix(d->sig + 1u, d->host), d->actor + 1u);
}

static bool
before(const struct tcs_chain *c, const struct chain_link *a, const struct chain_link *b)
{
    (void)c;
    return a->first != b->first ? a->first < b->first : a->det < b->det;
}

/* Makes room in a full incident: what weighs least goes, of equals the latest. */
static bool
evict_link(struct tcs_chain *c, struct chain_inc *in, const struct chain_det *d)
{
    uint32_t least = UINT32_MAX, points = d->counts ? UINT32_MAX : 0;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_det *p = &c->dets[in->links[i].det];
        uint32_t w = p->counts ? p->points : 0;
        if (w <= points) {
            points = w;
            least = i;
        }
    }
    in->dropped++;
    c->stats.dropped_links++;
    if (least == UINT32_MAX || points >= (d->counts ? d->points : 0u))
        return false;
    in->changed = true;
    memmove(&in->links[least], &in->links[least + 1], (in->nlinks - least - 1) * sizeof *in->links);
    in->nlinks--;
    return true;
}

/* True: a new link; false: one more of a known one, or none for want of room. */
static bool
add_link(struct tcs_chain *c, struct chain_inc *in, const struct chain_link *l)
{
    for (uint32_t i = 0; i < in->nlinks; i++) {
        struct chain_link *k = &in->links[i];
        if (k->print != l->print)
            continue;
        k->count += l->count;
        k->last = l->last > k->last ? l->last : k->last;
        bool first = before(c, l, k), counts = c->dets[l->det].counts;
        bool more = counts && !c->dets[k->det].counts;
        if (first)
            k->first = l->first;
        if (more || (first && counts == c->dets[k->det].counts))
            k->det = l->det;
        in->changed = in->changed || more || (first && counts);
        return more;
    }
    if (in->nlinks == CHAIN_LINKS_MAX && !evict_link(c, in, &c->dets[l->det]))
        return false;
    if (!chain_grow(&in->links, &in->cap_links, in->nlinks, sizeof *l)) {
        c->failed = true;
        return false;
    }
    uint32_t at = in->nlinks++;
    for (; at > 0 && before(c, l, &in->links[at - 1]); at--)
        in->links[at] = in->links[at - 1];
    in->links[at] = *l;
    in->changed = in->changed || c->dets[l->det].counts || at + 1 < in->nlinks;
    return true;
}

static struct chain_link
link_of(const struct tcs_chain *c, uint32_t det)
{
    const struct chain_det *d = &c->dets[det];
    return (struct chain_link){
        .print = print_of(d), .first = d->time, .last = d->time, .count = 1, .det = det};
}

static uint32_t
begin(struct tcs_chain *c, uint32_t det)
{
    const struct chain_det *d = &c->dets[det];
    if (!chain_grow(&c->incs, &c->cap_incs, c->nincs, sizeof *c->incs)) {
        c->failed = true;
        return UINT32_MAX;
    }
    c->incs[c->nincs] = (struct chain_inc){.into = c->nincs,
                                           .own = det,
                                           .first = d->time,
                                           .last = d->time,
                                           .last_counted = d->time,
                                           .end = UINT32_MAX};
    return c->nincs++;
}

/* When a state was reached first, by whichever part. */
static void
add_move(struct chain_inc *in, struct chain_move m)
{
    for (uint32_t i = 0; i < in->nmoves; i++) {
        struct chain_move *k = &in->moves[i];
        if (k->state != m.state)
            continue;
        if (m.time < k->time || (m.time == k->time && m.det < k->det))
            *k = m;
        return;
    }
    if (in->nmoves < CHAIN_MOVES_MAX)
        in->moves[in->nmoves++] = m;
}

/* Of what was an incident of its own until then: somebody may have its id. */
static void
note_merged(struct tcs_chain *c, struct chain_inc *x, const struct chain_inc *y, uint32_t gone)
{
    for (uint32_t i = 0; i <= y->nmerged; i++) {
        uint32_t inc = i < y->nmerged ? y->merged[i] : gone;
        if (c->incs[inc].state < TCS_STATE_WATCH)
            continue;
        if (chain_grow(&x->merged, &x->cap_merged, x->nmerged, sizeof *x->merged))
            x->merged[x->nmerged++] = inc;
        else
            c->failed = true;
    }
}

/* The one that began first stays; its id is the incident's. */
static uint32_t
merge(struct tcs_chain *c, uint32_t a, uint32_t b)
{
    struct chain_inc *x = &c->incs[a], *y = &c->incs[b];
    if (y->first < x->first || (y->first == x->first && b < a)) {
        struct chain_inc *t = x;
        x = y;
        y = t;
    }
    uint32_t keep = x->into, gone = y->into;
    y->into = keep;
    for (uint32_t i = 0; i < y->nlinks; i++)
        (void)add_link(c, x, &y->links[i]);
    for (uint32_t i = 0; i < y->nreasons; i++)
        add_reason(c, x, y->reasons[i]);
    for (uint32_t i = 0; i < y->nmoves; i++)
        add_move(x, y->moves[i]);
    x->state = y->state > x->state ? y->state : x->state;
    note_merged(c, x, y, gone);
    x->last = y->last > x->last ? y->last : x->last;
    x->last_counted = y->last_counted > x->last_counted ? y->last_counted : x->last_counted;
    x->own = y->own < x->own ? y->own : x->own;
    x->detections += y->detections;
    x->dropped += y->dropped;
    x->changed = true;
    x->earlier |= y->earlier;
    free(y->links);
    free(y->reasons);
    y->links = NULL;
    y->reasons = NULL;
    y->nlinks = y->nreasons = 0;
    return keep;
}

/* Of what was found: all, or for what does not count the first (the strongest). */
static uint32_t
join_found(struct finder *f)
{
    struct tcs_chain *c = f->c;
    f->n = f->d->counts || f->n < 2 ? f->n : 1;
    uint32_t root = f->n ? f->at[0].inc : begin(c, f->det);
    for (uint32_t i = 1; i < f->n; i++)
        root = merge(c, root, chain_root(c, f->at[i].inc)->into);
    return root;
}

static void
say_why(struct finder *f, struct chain_inc *in)
{
    for (uint32_t i = 0; i < f->n; i++)
        add_reason(f->c, in,
                   (struct chain_reason){.kind = TCS_JOINED,
                                         .strength = f->at[i].strength,
                                         .why = f->at[i].why,
                                         .time = f->d->time,
                                         .det = f->det,
                                         .to = f->at[i].det,
                                         .obs = f->at[i].obs});
}

/* --- a file that one account wrote and another ran --- */

static const struct chain_key *
writer_of(const struct finder *f)
{
    const struct chain_det *d = f->d;
    const struct chain_key *k =
        d->path ? chain_keys_get(&f->c->keys, key_of(K_FILE, d->host, d->path)) : NULL;
    return k && d->time - k->last <= seconds(W_MEDIUM_JOIN_S) && k->det != f->det ? k : NULL;
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
    struct chain_link l = link_of(f->c, k->det);
    if (add_link(f->c, in, &l))
        in->detections++;
    add_reason(f->c, in,
               (struct chain_reason){.kind = TCS_JOINED,
                                     .strength = TCS_JOIN_MEDIUM,
                                     .why = WHY_FILE,
                                     .time = f->d->time,
                                     .det = f->det,
                                     .to = k->det,
                                     .obs = UINT32_MAX});
}

/* --- weak keys --- */

/* Another incident that weak keys lead to, and which. */
struct weak {
    uint32_t inc, det;
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
    const struct chain_key *k = key ? chain_keys_get(&f->c->keys, key) : NULL;
    uint32_t other = k ? chain_root(f->c, k->inc)->into : root;
    uint32_t i = 0;
    if (other == root)
        return;
    while (i < w->n && w->at[i].inc != other)
        i++;
    if (i == WEAK_MAX)
        return;
    if (i == w->n)
        w->at[w->n++] = (struct weak){.inc = other, .det = k->det, .last = k->last};
    if (k->degree > W_DEGREE)
        w->at[i].refused = true;
    else
        w->at[i].whys |= 1u << why;
    if (k->last > w->at[i].last)
        w->at[i].last = k->last;
}

/* Does the detection go on where the other incident stopped? */
static bool
advances(const struct chain_det *d, const struct chain_inc *other)
{
    unsigned stages = other->stages;
    return stages && d->stage > 31u - (unsigned)__builtin_clz(stages);
}

/* Or is it something new there? */
static bool
goes_on(const struct chain_det *d, const struct chain_inc *other)
{
    return other->stages && (d->novelty >= NOVEL_HOST || advances(d, other));
}

static uint32_t
relate(struct finder *f, uint32_t root, const struct weak *w)
{
    struct tcs_chain *c = f->c;
    const struct chain_det *d = f->d;
    const struct chain_inc *other = &c->incs[w->inc];
    bool agree = __builtin_popcount(w->whys) >= 2, on = goes_on(d, other);
    bool long_ago = d->time - w->last > seconds(W_MEDIUM_JOIN_S);
    struct chain_reason r = {.kind = TCS_JOIN_RELATED,
                             .strength = TCS_JOIN_WEAK,
                             .why = (uint8_t)__builtin_ctz(w->whys ? w->whys : 1u << WHY_DEGREE),
                             .time = d->time,
                             .det = f->det,
                             .to = w->det,
                             .obs = UINT32_MAX,
                             .other = w->inc};
    if (!other->counted)
        return root;
    if (!w->whys) {
        r.kind = TCS_JOIN_REFUSED;
    } else if (agree && on) {
        r.kind = TCS_JOINED;
        r.why = long_ago ? WHY_LONG_AGO : WHY_TWO_WEAK;
        root = merge(c, root, w->inc);
    } else if (long_ago && other->state >= TCS_STATE_WATCH && advances(d, other)) {
        r.why = WHY_LONG_AGO;
        c->incs[root].earlier |= other->stages;
        c->incs[root].changed = true;
    }
    for (uint32_t i = 0; r.kind != TCS_JOINED && i < c->incs[root].nreasons; i++)
        if (c->incs[root].reasons[i].kind == r.kind && c->incs[root].reasons[i].other == w->inc)
            return root; /* said before */
    add_reason(c, &c->incs[root], r);
    return root;
}

static uint64_t
weak_account(const struct chain_det *d)
{
    return key_of(K_ACCOUNT, d->actor, 0);
}

static uint64_t
weak_host(const struct tcs_chain *c, const struct chain_det *d)
{
    return d->place && !c->e.hosts.at[d->place].stop ? key_of(K_HOST, d->place, 0) : 0;
}

static uint64_t
weak_address(const struct tcs_chain *c, const struct chain_det *d)
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
        *k = (struct chain_key){.key = key, .inc = root, .degree = 1};
    else if (chain_root(c, k->inc)->into != root)
        k->degree++;
    k->inc = root;
    k->det = f->det;
    k->last = f->d->time;
}

/* What is so on a host.  What nobody in particular did does not push somebody's aside. */
static void
remember_host(const struct finder *f, uint32_t root, uint64_t key, int64_t within)
{
    const struct chain_key *k = key ? chain_keys_get(&f->c->keys, key) : NULL;
    bool other = k && chain_root(f->c, k->inc)->into != root && f->d->time - k->last <= within;
    if (f->d->actor || !other)
        remember(f, root, key);
}

/* Accounts that an intruder made or put into a group. */
static bool
makes_account(const struct chain_det *d)
{
    return d->event_id == 4720 || d->event_id == 4722 || d->event_id == 4728 ||
           d->event_id == 4732 || d->event_id == 4756;
}

static void
remember_all(const struct finder *f, uint32_t root)
{
    const struct chain_det *d = f->d;
    struct tcs_chain *c = f->c;
    remember(f, root, key_of(K_GROUP, d->group, d->sig));
    remember(f, root, key_of(K_SESSION, d->acting, 0));
    remember(f, root, key_of(K_PROCESS, d->process, 0));
    if (d->object && d->event_id != 7)
        remember(f, root, key_of(K_FILE, d->host, d->path));
    if (!d->counts)
        return; /* noise is found by what is certain only */
    if (d->actor) {
        remember(f, root, d->place ? key_of(K_HOST_ACCOUNT, d->place, d->actor) : 0);
        remember(f, root, d->from ? key_of(K_HOST_ACCOUNT, d->from, d->actor) : 0);
        remember(f, root, key_of(K_ADDRESS_ACCOUNT, d->from_ip, d->actor));
    }
    if (makes_account(d) && !stops(c, d->target))
        remember(f, root, key_of(K_MADE, d->target, 0));
    if (d->from_ip && !c->e.addresses.at[d->from_ip].stop)
        remember(f, root, key_of(K_ADDRESS_HOST, d->from_ip, d->host));
    remember_host(f, root, key_of(K_ALERT_HOST, d->place, 0), seconds(W_ALERT_JOIN_S));
    if (d->stage == TCS_STAGE_CREDENTIALS && c->sigs[d->sig].intrudes)
        remember_host(f, root, key_of(K_STOLEN, d->place, 0), seconds(W_STOLEN_S));
    if (d->stage == TCS_STAGE_DESTROY)
        remember(f, root, key_of(K_SWEEP, d->sig + 1u, 0));
    remember(f, root, weak_account(d));
    remember(f, root, weak_host(c, d));
    remember(f, root, weak_address(c, d));
}

/* --- one detection --- */

static bool
has_strong_key(const struct chain_det *d)
{
    return d->acting || d->process || (d->object && d->path);
}

static void
take(struct tcs_chain *c, uint32_t det)
{
    struct chain_det *d = &c->dets[det];
    struct finder f = {.c = c, .d = d, .det = det};
    resolve_actor(c, d);
    resolve_source(c, d);
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
    struct chain_link l = link_of(c, det);
    struct chain_inc *in = &c->incs[root];
    bool fresh = add_link(c, in, &l);
    in->detections++;
    in->last = d->time;
    if (fresh || f.n > 1) /* one more of the same has nothing to explain */
        say_why(&f, in);
    borrow_file(&f, in);
    if (d->counts) {
        in->last_counted = d->time;
        root = join_weak(&f, root);
    }
    remember_all(&f, root);
    if (!c->incs[root].changed)
        return;
    chain_score(c, &c->incs[root]);
    chain_states(c, &c->incs[root], det);
}

bool
chain_engine(struct tcs_chain *c)
{
    for (uint32_t i = 0; i < c->ndets && !c->failed; i++)
        take(c, i);
    return !c->failed;
}

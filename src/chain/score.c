/* chain/score.c - what a finding weighs, the best ordered chain of an incident, and its state.
 *
 * The chain is the heaviest sequence of links whose stages and times go forward (impaired defences
 * stand in the credentials' stage).  One act that several rules or logs report is one step: links
 * of the same act never follow each other. */
#include "chain/chain_int.h"

#include "attack/level.h"
#include "base/hash.h"
#include "base/invariant.h"
#include "chain/weights.h"

#include <stdlib.h>

static const uint8_t level_points[] = {
    [TCS_LEVEL_NONE] = W_LOW, [TCS_INFORMATIONAL] = W_INFORMATIONAL,
    [TCS_LOW] = W_LOW,        [TCS_MEDIUM] = W_MEDIUM,
    [TCS_HIGH] = W_HIGH,      [TCS_CRITICAL] = W_CRITICAL,
};
TCS_ROW_FOR_EACH(level_points, TCS_CRITICAL + 1);
static const uint8_t novelty_factor[] = {
    [NOVEL_KNOWN] = W_KNOWN,
    [NOVEL_LEARNING] = W_LEARNING,
    [NOVEL_HOST] = W_NEW_HOST,
    [NOVEL_EVERYWHERE] = W_NEW_ANYWHERE,
};
TCS_ROW_FOR_EACH(novelty_factor, NOVEL_EVERYWHERE + 1);

uint8_t
chain_level(const struct tcs_chain *c, const struct chain_finding *d)
{
    uint8_t level = c->sigs[d->sig].s.level;
    if (level > TCS_CRITICAL)
        level = TCS_LEVEL_NONE;
    if (!(d->flags & TCS_FINDING_UNCHECKED))
        return level;
    return level > TCS_INFORMATIONAL ? level - 1 : TCS_INFORMATIONAL;
}

/* When the pair was first seen; remembers it.  `fresh`: now. */
static int64_t
first_seen(struct tcs_chain *c, uint64_t key, int64_t now, bool *fresh)
{
    struct chain_key *k = chain_keys_put(&c->pairs, key | 1);
    *fresh = false;
    if (!k) {
        c->failed = true;
        return now;
    }
    if (!k->key) {
        k->key = key | 1;
        k->last = now;
        *fresh = true;
    }
    return k->last; /* `last` holds the first time here */
}

/* The earliest of what is known of the pair. */
static void
known_since(struct tcs_chain *c, uint64_t key, int64_t first)
{
    struct chain_key *k = chain_keys_put(&c->pairs, key | 1);
    if (!k) {
        c->failed = true;
        return;
    }
    k->last = k->key && k->last < first ? k->last : first;
    k->key = key | 1;
}

void
chain_pairs_known(struct tcs_chain *c)
{
    for (uint32_t i = 0; i < c->known_n; i++) {
        const struct chain_known *k = &c->known[i];
        uint32_t host = chain_canon(&c->e.hosts, k->host);
        known_since(c, tcs_base_hash_mix(k->sig + 1u, host), k->first);
        known_since(c, tcs_base_hash_mix(k->sig + 1u, 0xffffffffu), k->first);
        if (k->first < c->host_first[host])
            c->host_first[host] = k->first;
    }
}

static enum chain_novelty
novelty(struct tcs_chain *c, const struct chain_finding *d)
{
    uint32_t who = d->host ? d->host : 0x80000000u | d->actor;
    bool fresh, anywhere;
    int64_t seen = first_seen(c, tcs_base_hash_mix(d->sig + 1u, who), d->time, &fresh);
    (void)first_seen(c, tcs_base_hash_mix(d->sig + 1u, 0xffffffffu), d->time, &anywhere);
    bool known = d->time - seen > chain_seconds(W_LEARN_S);
    if (known && !(d->flags & TCS_FINDING_NOVEL))
        return NOVEL_KNOWN;
    int64_t since = d->host ? c->host_first[d->host] : d->time;
    if (d->time - since < chain_seconds(W_LEARN_S))
        return NOVEL_LEARNING;
    return anywhere ? NOVEL_EVERYWHERE : NOVEL_HOST;
}

void
chain_weigh(struct tcs_chain *c, struct chain_finding *d)
{
    const struct chain_sig *s = &c->sigs[d->sig];
    enum chain_novelty n = novelty(c, d);
    uint8_t level = chain_level(c, d);
    if (level >= TCS_HIGH && n == NOVEL_KNOWN)
        n = NOVEL_LEARNING; /* what is high does not become routine */
    /* a service or task that a session from another host began is movement onto this one */
    bool moved = s->remote && d->from && s->stage == TCS_STAGE_FOOTHOLD;
    d->stage = moved ? TCS_STAGE_LATERAL : s->stage;
    d->novelty = (uint8_t)n;
    d->points = (uint16_t)(level_points[level] * novelty_factor[n]);
    d->counts = d->stage && d->points >= W_COUNTS;
}

/* --- the best chain --- */

/* Alerts that name no program can be told apart by time alone: two tools see one event. */
static bool
same_act(const struct chain_finding *a, const struct chain_finding *b)
{
    if (a->host != b->host)
        return false;
    if (a->key == b->key)
        return true;
    if (a->process && a->process == b->process) /* one program is one act, unless both are grave */
        return a->points < W_GRAVE || b->points < W_GRAVE;
    if (a->pid && a->pid == b->pid && llabs(a->time - b->time) <= chain_seconds(W_SAME_PID_S))
        return a->points < W_GRAVE || b->points < W_GRAVE;
    bool bare = !a->image && !a->pid && !a->process && !b->image && !b->pid && !b->process;
    bool alike = bare || (a->image && a->image == b->image);
    return alike && llabs(a->time - b->time) <= chain_seconds(W_SAME_ACT_S);
}

/* Is d the same act as any link of the chain that ends with k? */
static bool
repeats(const struct tcs_chain *c, const struct chain_inc *in, uint32_t k,
        const struct chain_finding *d)
{
    for (; k != UINT32_MAX; k = in->links[k].prev)
        if (same_act(&c->findings[in->links[k].finding], d))
            return true;
    return false;
}

/* The heaviest chain that ends with link i. */
static void
best_to(const struct tcs_chain *c, struct chain_inc *in, uint32_t i)
{
    struct chain_link *l = &in->links[i];
    const struct chain_finding *d = &c->findings[l->finding];
    uint32_t best = 0, prev = UINT32_MAX;
    for (uint32_t k = 0; k < i; k++) {
        const struct chain_finding *p = &c->findings[in->links[k].finding];
        uint32_t w = in->links[k].best + (p->place != d->place ? W_NEW_PLACE : 0);
        if (p->counts && p->stage < d->stage && w > best && !repeats(c, in, k, d)) {
            best = w;
            prev = k;
        }
    }
    l->best = best + d->points + W_STAGE + (d->actor ? W_NAMED : 0);
    l->prev = prev;
}

void
chain_score(struct tcs_chain *c, struct chain_inc *in)
{
    in->end = UINT32_MAX;
    in->score = 0;
    in->stages = 0;
    in->counted = 0;
    in->changed = false;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        struct chain_link *l = &in->links[i];
        l->best = 0;
        l->prev = UINT32_MAX;
        if (!c->findings[l->finding].counts)
            continue;
        in->counted++;
        best_to(c, in, i);
        if (l->best > in->score) {
            in->score = l->best;
            in->end = i;
        }
    }
    for (uint32_t i = in->end; i != UINT32_MAX; i = in->links[i].prev)
        in->stages |= (uint8_t)(1u << c->findings[in->links[i].finding].stage);
}

/* --- states --- */

enum { FEW = 4 }; /* hosts told apart: the rules ask for two */

struct few {
    uint32_t at[FEW], n;
};

static void
few_add(struct few *f, uint32_t host)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (f->at[i] == host)
            return;
    if (host && f->n < FEW)
        f->at[f->n++] = host;
}

/* What the rules look at, of all links that count. */
struct facts {
    struct few destroying; /* hosts with a grave sign of destruction */
    bool certain;          /* one whose rule could be checked: the others make no state alone */
    bool end;              /* any certain sign of destruction */
    bool intruder;         /* something that is hardly an administrator's work */
    unsigned nstages;
    uint8_t stages;
    struct few lateral, impaired;
    bool sign, sign_alone; /* of coming destruction: after an earlier stage; critical */
    bool fan;              /* onto many hosts, after an earlier stage */
    bool destroyed;
};

/* A link of an earlier stage that is not the same act. */
static bool
preceded(const struct tcs_chain *c, const struct chain_inc *in, const struct chain_finding *d,
         uint8_t below)
{
    if (in->earlier)
        return true;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_finding *p = &c->findings[in->links[i].finding];
        if (p->counts && p->stage < below && in->links[i].first <= d->time &&
            !c->sigs[p->sig].warns && !same_act(p, d))
            return true;
    }
    return false;
}

/* Something before it that is hardly an administrator's work: what administrators do all day is
 * remote work, stopped services, changed policies and cleared logs. */
static bool
intruded(const struct tcs_chain *c, const struct chain_inc *in, const struct chain_finding *d)
{
    if (in->earlier)
        return true;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_finding *p = &c->findings[in->links[i].finding];
        const struct chain_sig *s = &c->sigs[p->sig];
        bool tells =
            s->intrudes || chain_level(c, p) == TCS_CRITICAL || p->stage == TCS_STAGE_ACCOUNT;
        if (p->counts && tells && in->links[i].first <= d->time && !same_act(p, d))
            return true;
    }
    return false;
}

static void
look_at(const struct tcs_chain *c, const struct chain_inc *in, const struct chain_finding *d,
        struct facts *f)
{
    const struct chain_sig *s = &c->sigs[d->sig];
    bool critical = chain_level(c, d) == TCS_CRITICAL;
    bool certain = !(d->flags & TCS_FINDING_UNCHECKED);
    f->certain = f->certain || certain;
    if (d->stage == TCS_STAGE_LATERAL)
        few_add(&f->lateral, d->place);
    f->end = f->end || (certain && d->stage == TCS_STAGE_DESTROY);
    if (d->stage == TCS_STAGE_DESTROY && chain_level(c, d) >= TCS_HIGH)
        few_add(&f->destroying, d->place);
    f->intruder = f->intruder || intruded(c, in, d);
    if (s->impairs)
        few_add(&f->impaired, d->place);
    if (s->warns) {
        f->sign = f->sign || (preceded(c, in, d, TCS_STAGE_DESTROY) && intruded(c, in, d));
        f->sign_alone = f->sign_alone || (critical && d->stage == TCS_STAGE_DESTROY);
    }
    if (s->fans)
        f->fan = f->fan || (preceded(c, in, d, TCS_STAGE_LATERAL) && intruded(c, in, d));
    if (s->destroys)
        f->destroyed = f->destroyed || critical || preceded(c, in, d, TCS_STAGE_DESTROY);
}

static struct facts
gather(const struct tcs_chain *c, const struct chain_inc *in)
{
    struct facts f = {.stages = in->stages | in->earlier};
    for (uint32_t i = 0; i < in->nlinks; i++)
        if (c->findings[in->links[i].finding].counts)
            look_at(c, in, &c->findings[in->links[i].finding], &f);
    f.nstages = (unsigned)__builtin_popcount(f.stages);
    return f;
}

static bool
two_stages(const struct facts *f)
{
    return f->nstages >= W_WATCH_STAGES;
}

static bool
end_alone(const struct facts *f)
{
    return f->end;
}

static bool
end_on_hosts(const struct facts *f)
{
    return f->destroying.n >= W_END_HOSTS;
}

static bool
three_stages(const struct facts *f)
{
    return f->nstages >= W_WARN_STAGES;
}

static bool
has_both(const struct facts *f, enum tcs_stage a, enum tcs_stage b)
{
    return f->stages >> a & 1 && f->stages >> b & 1;
}

static bool
credentials_then_lateral(const struct facts *f)
{
    return has_both(f, TCS_STAGE_CREDENTIALS, TCS_STAGE_LATERAL);
}

static bool
lateral_hosts(const struct facts *f)
{
    return f->lateral.n >= W_LATERAL_HOSTS;
}

static bool
sign_after_earlier(const struct facts *f)
{
    return f->sign;
}

static bool
impaired_hosts(const struct facts *f)
{
    return f->impaired.n >= W_IMPAIRED_HOSTS && f->intruder &&
           (f->stages & ~(1u << TCS_STAGE_CREDENTIALS)) != 0;
}

static bool
fan_after_earlier(const struct facts *f)
{
    return f->fan;
}

static bool
sign_alone(const struct facts *f)
{
    return f->sign_alone;
}

static bool
destroyed(const struct facts *f)
{
    return f->destroyed;
}

/* An incident has the highest state of which a row holds; it never goes back. */
static const struct {
    uint8_t state;
    bool (*holds)(const struct facts *f);
    struct tcs_str text;
} rules[] = {
#define T(s)                                                                                       \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }
    {TCS_STATE_WATCH, two_stages, T("two stages of an intrusion, in order")},
    {TCS_STATE_WATCH, end_alone, T("a sign of destruction, with nothing seen before it")},
    {TCS_STATE_WARN, three_stages, T("three stages of an intrusion, in order")},
    {TCS_STATE_WARN, credentials_then_lateral, T("credentials, then movement to other hosts")},
    {TCS_STATE_WARN, lateral_hosts, T("movement onto two hosts")},
    {TCS_STATE_IMMINENT, sign_after_earlier,
     T("a step that prepares destruction, after earlier stages")},
    {TCS_STATE_IMMINENT, impaired_hosts, T("security tools off on two hosts")},
    {TCS_STATE_IMMINENT, fan_after_earlier, T("one account onto many hosts, after earlier stages")},
    {TCS_STATE_IMMINENT, end_on_hosts, T("the same preparation of destruction on two hosts")},
    {TCS_STATE_IMMINENT, sign_alone, T("a critical sign of destruction")},
    {TCS_STATE_DESTRUCTION, destroyed, T("data or systems are being destroyed")},
#undef T
};
enum { RULES = sizeof rules / sizeof *rules };

void
chain_states(struct tcs_chain *c, struct chain_inc *in, uint32_t finding)
{
    struct facts f = gather(c, in);
    uint8_t state = in->state, rule = RULES;
    for (uint8_t i = 0; f.certain && i < RULES; i++)
        if (rules[i].state > state && rules[i].holds(&f)) {
            state = rules[i].state;
            rule = i;
        }
    if (rule == RULES)
        return;
    in->state = state;
    if (in->nmoves < CHAIN_MOVES_MAX)
        in->moves[in->nmoves++] = (struct chain_move){
            .state = state, .time = c->findings[finding].time, .finding = finding, .rule = rule};
}

struct tcs_str
chain_move_text(uint8_t rule)
{
    return rule < RULES ? rules[rule].text : (struct tcs_str){0};
}

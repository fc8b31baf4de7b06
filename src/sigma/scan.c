/* sigma/scan.c - one event against the ruleset: route, make its values ready, look at its
 * fields once, run the programs of the rules that this leaves.  Input: an event; output: the rules
 * that match.  The rest is in scan_route.c, scan_value.c and scan_pred.c. */
#include "sigma/scan.h"

#include "base/invariant.h"
#include "base/limits.h"
#include "sigma/scan_int.h"
#include "sigma/scan_seen.h"

#include <stdlib.h>

struct tcs_scan *
tcs_sigma_scan_new(const struct tcs_ruleset *rs)
{
    struct tcs_scan *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->rs = rs;
    s->memo = calloc(rs->npreds + 1u, sizeof *s->memo);
    s->matches = calloc(rs->nrules + 1u, sizeof *s->matches); /* each rule is reported once */
    s->fired = calloc(rs->most_triggers + 1u, sizeof *s->fired);
    s->columns = calloc(rs->most_words + 1u, sizeof *s->columns);
    s->route = sigma_scan_route_new(rs);
    s->re = tcs_match_regex_scratch_new();
    s->seen = rs->no_memory ? NULL : sigma_scan_seen_new(); /* without it all is looked at anew */
    if (!sigma_scan_values_new(s) || !s->memo || !s->matches || !s->fired || !s->columns ||
        !s->route || !s->re) {
        tcs_sigma_scan_free(s);
        return NULL;
    }
    return s;
}

void
tcs_sigma_scan_free(struct tcs_scan *s)
{
    if (!s)
        return;
    sigma_scan_values_free(s);
    sigma_scan_route_free(s->route);
    tcs_match_regex_scratch_free(s->re);
    sigma_scan_seen_free(s->seen);
    free(s->memo);
    free(s->fired);
    free(s->columns);
    free(s->matches);
    free(s->unchecked);
    free(s);
}

bool
tcs_sigma_scan_want(struct tcs_scan *s, const struct tcs_event *head)
{
    return sigma_scan_route_find(s->route, head)->nentries > 0;
}

/* Stamps carry 31 bits: after two thousand million events the old ones are wiped. */
static void
next_epoch(struct tcs_scan *s)
{
    if (++s->epoch < 1u << 31)
        return;
    memset(s->memo, 0, s->rs->npreds * sizeof *s->memo);
    memset(s->fired, 0, s->rs->most_triggers * sizeof *s->fired);
    memset(s->slots, 0,
           (tcs_event_fieldset_count(s->rs->fields) + s->rs->nmade) * sizeof *s->slots);
    s->epoch = 1;
}

/* --- candidates ------------------------------------------------------------------------------- */

struct look {
    struct tcs_scan *s;
    const struct plan_group *g;
    uint32_t ids[SEEN_IDS],
        nids; /* what the value under look made fire; more than fit: SEEN_IDS + 1 */
};

/* A trigger has been seen: its clauses hold, its predicate is true. */
static void
fire(void *ctx, uint32_t trigger)
{
    const struct look *l = ctx;
    struct tcs_scan *s = l->s;
    const struct plan_fire *f = &l->g->fires[trigger];
    if (s->fired[trigger] == s->epoch)
        return;
    s->fired[trigger] = s->epoch;
    if (f->pred != PLAN_NONE)
        s->memo[f->pred] = s->epoch << 1 | 1;
    for (const struct plan_mark *m = l->g->marks + f->first, *end = m + f->n; m < end; m++)
        s->columns[m->word] |= m->bits;
}

static void
search(struct look *l, const struct tcs_litset *lits, uint32_t value,
       void (*found)(void *ctx, uint32_t trigger))
{
    char other[SCAN_GUID_TEXT];
    struct tcs_str text = sigma_scan_folded(l->s, value);
    tcs_match_litset_scan(lits, text, found, l);
    size_t n = sigma_scan_guid_other(text, other);
    if (n)
        tcs_match_litset_scan(lits, (struct tcs_str){other, n}, found, l);
}

/* fire, and take down what fired. */
static void
fire_and_note(void *ctx, uint32_t trigger)
{
    struct look *l = ctx;
    fire(l, trigger);
    for (uint32_t i = 0; i < l->nids && i < SEEN_IDS; i++)
        if (l->ids[i] == trigger)
            return;
    if (l->nids < SEEN_IDS)
        l->ids[l->nids] = trigger;
    if (l->nids <= SEEN_IDS)
        l->nids++;
}

static bool
is_text(const struct tcs_value *v)
{
    return v->type == TCS_V_UTF8 || v->type == TCS_V_UTF16 || v->type == TCS_V_ANSI;
}

static void
look_at_text(struct look *l, const struct tcs_litset *lits, uint32_t value)
{
    struct tcs_value v = l->s->values[value].v;
    struct seen_slot *seen =
        l->s->seen && is_text(&v) ? sigma_scan_seen_find(l->s->seen, lits, &v) : NULL;
    if (!seen) {
        search(l, lits, value, fire);
    } else if (seen->known) {
        for (uint32_t i = 0; i < seen->nids; i++)
            fire(l, seen->ids[i]);
    } else {
        l->nids = 0;
        search(l, lits, value, fire_and_note);
        sigma_scan_seen_keep(seen, &v, l->ids, l->nids);
    }
}

static void
look_at_number(struct look *l, const struct plan_field *f, const struct tcs_value *v)
{
    double d;
    if (!tcs_event_value_number(v, &d))
        return;
    for (uint32_t i = 0; i < f->nnums; i++)
        if (f->nums[i].num == d)
            fire(l, f->nums[i].trigger);
}

static void
look_at(struct look *l, const struct plan_field *f, uint32_t value)
{
    const struct tcs_value *v = &l->s->values[value].v;
    if (f->present != PLAN_NONE)
        fire(l, f->present);
    if (f->nnums)
        look_at_number(l, f, v);
    if (f->lits && (!f->text_only || is_text(v)))
        look_at_text(l, f->lits, value);
}

static void
look_at_slot(struct look *l, uint32_t slot)
{
    uint32_t field = l->g->field_of[sigma_plan_slot_index(l->s->rs, slot)];
    if (field == 0)
        return;
    for (uint32_t v = sigma_scan_first(l->s, slot); v != SCAN_NO_VALUE; v = l->s->values[v].next)
        look_at(l, &l->g->fields[field - 1], v);
}

/* Every value once: those of the record with its field's literals or the keywords' alone, then the
 * made ones. */
static void
look_at_all(struct look *l)
{
    const struct tcs_scan *s = l->s;
    uint32_t nslots = tcs_event_fieldset_count(s->rs->fields), id_slot = s->rs->event_id_slot;
    memcpy(s->columns, l->g->start, (size_t)l->g->words * l->g->columns * sizeof *s->columns);
    for (uint32_t i = 0; i < s->nfields; i++) {
        uint32_t slot = s->ev->fields[i].slot;
        uint32_t field = slot < nslots && slot != id_slot ? l->g->field_of[slot] : 0;
        if (field)
            look_at(l, &l->g->fields[field - 1], i);
        else if (l->g->rest.lits)
            look_at(l, &l->g->rest, i);
    }
    look_at_slot(l, id_slot);
    for (uint32_t i = 0; i < l->g->nmade; i++)
        look_at_slot(l, PLAN_SLOT_MADE + l->g->made[i]);
}

/* --- programs --------------------------------------------------------------------------------- */

static bool
run(struct tcs_scan *s, const struct plan_group *g, uint32_t pc)
{
    while (pc < PLAN_FALSE) {
        TCS_INVARIANT(pc < g->ncode);
        const struct plan_instr *in = &g->code[pc];
        bool truth = in->pred & PLAN_SCANNED
                         ? s->memo[in->pred & ~PLAN_SCANNED] == (s->epoch << 1 | 1)
                         : sigma_scan_truth(s, in->pred);
        pc = truth ? in->on_true : in->on_false;
    }
    return pc == PLAN_TRUE;
}

static void
try_entry(struct tcs_scan *s, const struct plan_group *g, const struct plan_entry *e)
{
    struct tcs_sigma_match *last = s->nmatches ? &s->matches[s->nmatches - 1] : NULL;
    struct tcs_sigma_match m = {.rule = e->rule, .view = e->view};
    TCS_INVARIANT(!last || last->rule <= e->rule);
    last = last && last->rule == e->rule ? last : NULL; /* in an earlier view */
    if (last && !last->nunchecked)
        return;
    s->stats.candidates++;
    if (!run(s, g, e->start) || (e->doubt != PLAN_NONE && !sigma_scan_doubt(s, e, &m)))
        return;
    if (!last) {
        s->matches[s->nmatches++] = m;
        return;
    }
    s->nunchecked -= m.nunchecked ? m.nunchecked : last->nunchecked;
    *last = m.nunchecked ? *last : m;
}

/* The list of what is unchecked does not move any more. */
static void
hand_out(struct tcs_scan *s)
{
    for (uint32_t i = 0, at = 0; i < s->nmatches; at += s->matches[i++].nunchecked)
        s->matches[i].unchecked = s->matches[i].nunchecked ? s->unchecked + at : NULL;
}

static bool
is_stopped(const struct tcs_scan *s)
{
    return s->stopped && s->stopped(s->stop_ctx);
}

static void
try_candidates(struct tcs_scan *s, const struct plan_group *g)
{
    for (uint32_t w = 0; w < g->words; w++) {
        uint64_t left =
            w + 1 < g->words || g->nentries % 64 == 0 ? ~0ull : (1ull << g->nentries % 64) - 1;
        for (uint32_t c = 0; c < g->columns; c++)
            left &= s->columns[c * g->words + w];
        for (; left && !is_stopped(s); left &= left - 1)
            try_entry(s, g, &g->entries[w * 64 + (uint32_t)__builtin_ctzll(left)]);
    }
}

void
tcs_sigma_scan_stop_when(struct tcs_scan *s, bool (*stopped)(void *ctx), void *ctx)
{
    s->stopped = stopped;
    s->stop_ctx = ctx;
    tcs_match_regex_stop_when(s->re, stopped, ctx);
}

uint32_t
tcs_sigma_scan_event(struct tcs_scan *s, const struct tcs_event *ev,
                     const struct tcs_sigma_match **matches)
{
    const struct plan_group *g = sigma_scan_route_find(s->route, ev);
    struct look look = {.s = s, .g = g};
    s->stats.events++;
    s->nmatches = s->nunchecked = 0;
    *matches = s->matches;
    if (g->nentries == 0)
        return 0;
    s->stats.routed++;
    next_epoch(s);
    s->ref_left = TCS_REF_WORK_MAX;
    tcs_match_regex_renew(s->re);
    sigma_scan_values_begin(s, ev);
    sigma_scan_values_make(s, g->made, g->nmade);
    if (g->columns)
        look_at_all(&look);
    try_candidates(s, g);
    if (is_stopped(s)) /* a filter that was given up would make a finding */
        s->nmatches = 0;
    hand_out(s);
    s->stats.matches += s->nmatches;
    return s->nmatches;
}

const struct tcs_scan_stats *
tcs_sigma_scan_stats(const struct tcs_scan *s)
{
    return &s->stats;
}

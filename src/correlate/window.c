/* correlate/window.c - what each type of correlation keeps of a group's matches, and what it
 * says when one more comes.
 *
 * Matches come in event-time order.  A window is the timespan that ends with the match in hand,
 * both ends included.  Cost per match: constant for counts (amortised), the number of rules for
 * temporal types, a bounded insertion for percentile and median. */
#include "base/limits.h"
#include "correlate/correlate_int.h"

#include <stdlib.h>

bool
correlate_compare(const struct corr_def *d, double v, bool lower_only)
{
    for (uint32_t i = 0; i < d->c->nconds; i++) {
        uint8_t cmp = d->c->conds[i].cmp;
        if (lower_only && cmp == TCS_EQ)
            cmp = TCS_GE; /* it may still grow, but is not below any more */
        if (lower_only && cmp != TCS_GE && cmp != TCS_GT)
            continue;
        if (!tcs_sigma_cmp_holds(v, cmp, d->c->conds[i].num))
            return false;
    }
    return true;
}

/* --- event_count: the newest `need` --- */

static struct corr_seen *
ring_at(const struct corr_ring *r, uint32_t i)
{
    return &r->at[(r->head + i) & (r->cap - 1)];
}

/* Not tcs_base_grow: as in numbers.c. */
static bool
ring_room(struct corr_ring *r)
{
    if (r->n < r->cap)
        return true;
    uint32_t cap = r->cap ? r->cap * 2 : 4;
    struct corr_seen *at = calloc(cap, sizeof *at);
    if (!at)
        return false;
    for (uint32_t i = 0; i < r->n; i++)
        at[i] = *ring_at(r, i);
    free(r->at);
    r->at = at;
    r->cap = cap;
    r->head = 0;
    return true;
}

static void
ring_drop(struct corr_ring *r)
{
    r->head = (r->head + 1) & (r->cap - 1);
    r->n--;
}

bool
correlate_ring_add(struct corr_ring *r, uint32_t need, struct corr_seen s)
{
    if (r->n == need)
        ring_drop(r);
    if (!ring_room(r))
        return false;
    *ring_at(r, r->n++) = s;
    return true;
}

/* --- values and numbers --- */

static bool
add_value(const struct corr_def *d, struct corr_group *g, struct corr_texts *t,
          const struct corr_item *m, uint32_t id, struct corr_verdict *ret)
{
    struct corr_values *v = &g->w.values;
    uint32_t cap = correlate_values_cap(d);
    int64_t from = correlate_earlier(m->time, d->span);
    while (v->n && correlate_value_at(v, v->oldest)->last.time < from)
        correlate_values_drop(v, t);
    ret->approximate =
        v->n == cap && !correlate_values_find(v, id); /* one in the window has to go */
    if (!correlate_values_add(
            v, cap, (struct corr_value){.last = {m->time, m->ref}, .seq = g->seq, .id = id}, t))
        return false;
    ret->value = v->n;
    return true;
}

static bool
add_number(const struct corr_def *d, struct corr_group *g, const struct corr_item *m, double num,
           struct corr_verdict *ret)
{
    struct corr_numbers *w = &g->w.numbers;
    int64_t from = correlate_earlier(m->time, d->span);
    while (w->n && correlate_number_at(w, 0)->seen.time < from)
        correlate_numbers_drop(w, d->c);
    if (!correlate_numbers_add(w, d->c, (struct corr_number){{m->time, m->ref}, num}))
        return false;
    ret->approximate = w->cut >= from;
    ret->value = correlate_aggregate(w, d->c);
    return true;
}

/* --- temporal --- */

static void
add_rule(const struct corr_def *d, struct corr_group *g, const struct corr_item *m, uint32_t input,
         struct corr_verdict *ret)
{
    bool seen[TCS_CORR_RULES_MAX];
    int64_t from = correlate_earlier(m->time, d->span);
    g->w.rules[input] = (struct corr_seen){m->time, m->ref};
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->ninputs; i++) {
        seen[i] = g->w.rules[i].time >= from;
        n += seen[i] && d->inputs[i].counts;
    }
    ret->value = n;
    ret->holds = d->c->extended.n ? tcs_sigma_terms_hold(d->c, seen, false)
                                  : correlate_compare(d, ret->value, true);
}

bool
correlate_window_strict(const struct corr_def *d, const struct corr_group *g, int64_t since)
{
    bool seen[TCS_CORR_RULES_MAX];
    if (!d->c->extended.n)
        return true;
    for (uint32_t i = 0; i < d->ninputs; i++)
        seen[i] =
            (d->c->type == TCS_CORR_TEMPORAL ? g->w.rules[i].time : g->w.chains.seen[i]) >= since;
    return tcs_sigma_terms_hold(d->c, seen, true);
}

/* --- temporal_ordered --- */

/* Of two ways that were gone to the end within the window: for a number the one with more rules;
 * then the one that began last; then the one with fewer rules. */
static bool
better(const struct corr_def *d, const struct tcs_sigma_term *x, int64_t x_start,
       const struct tcs_sigma_term *y, int64_t y_start)
{
    if (!d->c->extended.n && x->n != y->n)
        return x->n > y->n;
    if (x_start != y_start)
        return x_start > y_start;
    return x->n < y->n;
}

static const struct tcs_sigma_term *
held_term(const struct corr_def *d, const struct corr_group *g, int64_t from)
{
    const struct tcs_sigma_term *best = NULL;
    int64_t start = CORR_NEVER;
    for (uint32_t i = 0; i < d->terms.n; i++) {
        const struct tcs_sigma_term *t = &d->terms.at[i];
        int64_t s = g->w.chains.now[t->at + t->n - 1].start;
        if (s < from || (best && !better(d, t, s, best, start)))
            continue;
        best = t;
        start = s;
    }
    return best;
}

/* The match as step k of a sequence. */
static void
add_step(struct corr_chains *w, const struct tcs_sigma_term *t, uint32_t k,
         const struct corr_item *m, int64_t from)
{
    struct corr_chain *to = &w->now[t->at + k];
    if (k == 0) {
        *to = (struct corr_chain){.start = m->time, .refs = {m->ref}};
        return;
    }
    const struct corr_chain *base = &w->before[t->at + k - 1];
    if (base->start < from || base->start < to->start)
        return;
    *to = *base;
    if (k < CORR_VALUES_SHOWN)
        to->refs[k] = m->ref;
}

static void
add_ordered(const struct corr_def *d, struct corr_group *g, const struct corr_item *m,
            uint32_t input, struct corr_verdict *ret)
{
    struct corr_chains *w = &g->w.chains;
    int64_t from = correlate_earlier(m->time, d->span);
    /* what the same record did to another rule is not before this */
    if (w->time != m->time || w->source != m->source || w->record != m->record ||
        w->offset != m->offset) {
        memcpy(w->before, w->now, d->terms.nsteps * sizeof *w->now);
        w->time = m->time;
        w->source = m->source;
        w->record = m->record;
        w->offset = m->offset;
    }
    w->seen[input] = m->time;
    for (uint32_t i = 0; i < d->terms.n; i++)
        for (uint32_t k = 0; k < d->terms.at[i].n; k++)
            if (d->inputs[d->terms.at[i].inputs[k]].stream == m->stream)
                add_step(w, &d->terms.at[i], k, m, from);
    const struct tcs_sigma_term *t = held_term(d, g, from);
    ret->value = t ? t->n : 0;
    ret->holds = t && (d->c->extended.n || correlate_compare(d, ret->value, true));
}

/* --- all --- */

bool
correlate_window_new(const struct corr_def *d, struct corr_group *g)
{
    if (d->c->type == TCS_CORR_TEMPORAL) {
        g->w.rules = calloc(d->ninputs, sizeof *g->w.rules);
        for (uint32_t i = 0; g->w.rules && i < d->ninputs; i++)
            g->w.rules[i].time = CORR_NEVER;
        return g->w.rules;
    }
    if (d->c->type == TCS_CORR_TEMPORAL_ORDERED) {
        struct corr_chains *w = &g->w.chains;
        w->time = CORR_NEVER;
        w->now = calloc((size_t)2 * d->terms.nsteps, sizeof *w->now);
        w->seen = calloc(d->ninputs, sizeof *w->seen);
        if (!w->now || !w->seen)
            return false;
        w->before = w->now + d->terms.nsteps;
        for (uint32_t i = 0; i < 2 * d->terms.nsteps; i++)
            w->now[i].start = CORR_NEVER;
        for (uint32_t i = 0; i < d->ninputs; i++)
            w->seen[i] = CORR_NEVER;
    }
    if (d->c->type > TCS_CORR_TEMPORAL_ORDERED)
        g->w.numbers.cut = CORR_NEVER;
    return true;
}

void
correlate_window_done(const struct corr_def *d, struct corr_group *g, struct corr_texts *t)
{
    switch (d->c->type) {
    case TCS_CORR_EVENT_COUNT:
        free(g->w.ring.at);
        break;
    case TCS_CORR_VALUE_COUNT:
        for (uint32_t i = g->w.values.oldest; i; i = correlate_value_at(&g->w.values, i)->next)
            correlate_text_drop(t, correlate_value_at(&g->w.values, i)->id);
        free(g->w.values.at);
        free(g->w.values.heads);
        break;
    case TCS_CORR_TEMPORAL:
        free(g->w.rules);
        break;
    case TCS_CORR_TEMPORAL_ORDERED:
        free(g->w.chains.now);
        free(g->w.chains.seen);
        break;
    default:
        free(g->w.numbers.at);
        free(g->w.numbers.sorted);
        break;
    }
}

bool
correlate_window_add(const struct corr_def *d, struct corr_group *g, struct corr_texts *t,
                     const struct corr_item *m, uint32_t input, struct corr_input_value v,
                     struct corr_verdict *ret)
{
    *ret = (struct corr_verdict){0};
    switch (d->c->type) {
    case TCS_CORR_TEMPORAL:
        add_rule(d, g, m, input, ret);
        return true;
    case TCS_CORR_TEMPORAL_ORDERED:
        add_ordered(d, g, m, input, ret);
        return true;
    case TCS_CORR_VALUE_COUNT:
        if (!add_value(d, g, t, m, v.id, ret))
            return false;
        break;
    case TCS_CORR_EVENT_COUNT:
        if (!correlate_ring_add(&g->w.ring, d->need, (struct corr_seen){m->time, m->ref}))
            return false;
        while (ring_at(&g->w.ring, 0)->time < correlate_earlier(m->time, d->span))
            ring_drop(&g->w.ring);
        ret->value = g->w.ring.n;
        break;
    default:
        if (!add_number(d, g, m, v.num, ret))
            return false;
    }
    ret->holds = correlate_compare(d, ret->value, true);
    return true;
}

/* --- what an episode rests on --- */

static void
show_rules(const struct corr_def *d, const struct corr_group *g, struct corr_episode *e,
           int64_t from)
{
    e->nshown = 0;
    for (uint32_t i = 0; i < d->ninputs && e->nshown < CORR_VALUES_SHOWN; i++)
        if (d->inputs[i].counts && g->w.rules[i].time >= from)
            e->shown[e->nshown++] = g->w.rules[i].ref;
}

/* Names the steps of the sequence that holds; when it began, and of how many steps it is. */
static int64_t
show_chain(const struct corr_def *d, const struct corr_group *g, struct corr_episode *e,
           int64_t from, uint64_t *steps)
{
    const struct tcs_sigma_term *t = held_term(d, g, from);
    const struct corr_chain *x = &g->w.chains.now[t->at + t->n - 1];
    e->nshown = t->n < CORR_VALUES_SHOWN ? t->n : CORR_VALUES_SHOWN;
    memcpy(e->shown, x->refs, e->nshown * sizeof *e->shown);
    *steps = t->n;
    return x->start;
}

/* Values that have come since the last hold, in the order of their newest matches. */
static void
show_values(const struct corr_group *g, struct corr_texts *t, struct corr_episode *e)
{
    const struct corr_values *v = &g->w.values;
    uint32_t i = v->newest;
    if (e->nshown == CORR_VALUES_SHOWN)
        return;
    while (correlate_value_at(v, i)->prev &&
           correlate_value_at(v, correlate_value_at(v, i)->prev)->seq > e->walked)
        i = correlate_value_at(v, i)->prev;
    for (; i && e->nshown < CORR_VALUES_SHOWN; i = correlate_value_at(v, i)->next) {
        bool known = false;
        for (uint32_t k = 0; k < e->nshown; k++)
            known = known || e->ids[k] == correlate_value_at(v, i)->id;
        if (known)
            continue;
        correlate_text_keep(t, correlate_value_at(v, i)->id);
        e->ids[e->nshown] = correlate_value_at(v, i)->id;
        e->shown[e->nshown++] = correlate_value_at(v, i)->last.ref;
    }
    e->walked = g->seq;
}

static void
begin_rules(const struct corr_def *d, const struct corr_group *g, struct corr_episode *e,
            int64_t from)
{
    e->first = INT64_MAX;
    for (uint32_t i = 0; i < d->ninputs; i++) {
        const struct corr_seen *s = &g->w.rules[i];
        if (!d->inputs[i].counts || s->time < from)
            continue;
        e->count++;
        if (s->time < e->first) {
            e->first = s->time;
            e->first_ref = s->ref;
        }
    }
    show_rules(d, g, e, from);
}

void
correlate_window_begin(const struct corr_def *d, const struct corr_group *g, struct corr_texts *t,
                       struct corr_episode *e, int64_t now)
{
    struct corr_seen first = {0};
    int64_t from = correlate_earlier(now, d->span);
    switch (d->c->type) {
    case TCS_CORR_EVENT_COUNT:
        first = *ring_at(&g->w.ring, 0);
        e->count = g->w.ring.n;
        for (uint32_t i = e->count > CORR_NEWEST ? (uint32_t)e->count - CORR_NEWEST : 0;
             i < e->count; i++)
            e->newest[e->nnewest++] = ring_at(&g->w.ring, i)->ref;
        break;
    case TCS_CORR_VALUE_COUNT:
        first = correlate_value_at(&g->w.values, g->w.values.oldest)->last;
        e->count = g->w.values.n;
        show_values(g, t, e);
        break;
    case TCS_CORR_TEMPORAL:
        begin_rules(d, g, e, from);
        return;
    case TCS_CORR_TEMPORAL_ORDERED:
        first.time = show_chain(d, g, e, from, &e->count);
        first.ref = e->shown[0];
        break;
    default:
        first = correlate_number_at(&g->w.numbers, 0)->seen;
        e->count = g->w.numbers.n;
        for (uint32_t i = e->count > CORR_NEWEST ? (uint32_t)e->count - CORR_NEWEST : 0;
             i < e->count; i++)
            e->newest[e->nnewest++] = correlate_number_at(&g->w.numbers, i)->seen.ref;
        break;
    }
    e->first = first.time;
    e->first_ref = first.ref;
}

void
correlate_window_again(const struct corr_def *d, const struct corr_group *g, struct corr_texts *t,
                       struct corr_episode *e, int64_t now)
{
    int64_t from = correlate_earlier(now, d->span);
    uint64_t steps;
    if (d->c->type == TCS_CORR_VALUE_COUNT)
        show_values(g, t, e);
    else if (d->c->type == TCS_CORR_TEMPORAL)
        show_rules(d, g, e, from);
    else if (d->c->type == TCS_CORR_TEMPORAL_ORDERED)
        (void)show_chain(d, g, e, from, &steps);
}

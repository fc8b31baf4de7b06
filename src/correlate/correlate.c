/* correlate/correlate.c - matches in order -> groups, episodes, results; results of inner
 * correlations are matches of outer ones.
 *
 * Everything happens in event time: before a match is looked at, all episodes that end before it
 * are closed, in the order of their ends and then of the correlations.  So what is handed out, and
 * in which order, depends on the matches alone. */
#include "correlate/correlate.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/num.h"
#include "correlate/correlate_int.h"

#include <stdio.h>
#include <stdlib.h>

static void handle(struct tcs_correlate *c, const struct corr_item *m);

/* --- results --- */

static void
add_ref(struct tcs_corr_result *r, uint64_t ref)
{
    for (uint32_t i = 0; i < r->nrefs; i++)
        if (r->refs[i] == ref)
            return;
    if (r->nrefs < TCS_CORR_REFS_MAX)
        r->refs[r->nrefs++] = ref;
}

static void
put_refs(struct tcs_corr_result *r, const struct corr_episode *e)
{
    add_ref(r, e->first_ref);
    for (uint32_t i = 0; i < e->nshown; i++)
        add_ref(r, e->shown[i]);
    for (uint32_t i = 0; i < e->nnewest; i++)
        add_ref(r, e->newest[i]);
}

/* The result as a match of outer correlations, at the time it became certain. */
static void
pass_on(struct tcs_correlate *c, uint32_t corr, const struct corr_episode *e, int64_t time)
{
    const struct corr_def *d = &c->plan->defs[corr];
    const struct corr_item m = {.time = time,
                                .record = e->record,
                                .offset = e->offset,
                                .ref = e->nnewest ? e->newest[e->nnewest - 1] : e->first_ref,
                                .stream = d->stream,
                                .source = e->source,
                                .values = e->carried};
    handle(c, &m);
}

static void
report(struct tcs_correlate *c, uint32_t corr, struct corr_episode *e, bool update)
{
    const struct corr_def *d = &c->plan->defs[corr];
    struct tcs_str values[TCS_CORR_FIELDS_MAX];
    struct tcs_corr_result r = {.id = e->id,
                                .corr = corr,
                                .update = update,
                                .approximate = e->approximate,
                                .first = e->first,
                                .last = e->last,
                                .count = e->count,
                                .value = e->peak,
                                .fields = d->c->group_by,
                                .values = values,
                                .nvalues = d->c->ngroup_by};
    if (d->c->type == TCS_CORR_EVENT_COUNT && !d->late)
        r.value = (double)e->count;
    for (uint32_t i = 0; i < r.nvalues; i++)
        values[i] = correlate_text(&c->texts, e->group->key[i]);
    put_refs(&r, e);
    e->told = e->count;
    if (!tcs_correlate_plan_corr_alerts(c->plan, corr))
        return;
    c->stats.results += !update;
    c->stats.approximate += !update && r.approximate;
    if (c->opts.result)
        c->opts.result(c->opts.ctx, &r);
}

/* --- episodes --- */

static uint64_t
mix(uint64_t h, const void *data, size_t n)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u; /* FNV-1a: the same everywhere */
    return h;
}

static uint64_t
mix_number(uint64_t h, uint64_t v)
{
    for (unsigned i = 0; i < 64; i += 8) {
        unsigned char byte = (unsigned char)(v >> i);
        h = mix(h, &byte, 1);
    }
    return h;
}

static uint64_t
id_of(const struct tcs_correlate *c, uint32_t corr, const struct corr_group *g,
      const struct corr_item *m)
{
    const struct tcs_correlation *k = c->plan->defs[corr].c;
    struct tcs_str name = k->doc.id.n ? k->doc.id : k->doc.name.n ? k->doc.name : k->doc.title;
    uint64_t h = mix(0xcbf29ce484222325u, name.p, name.n);
    for (uint32_t i = 0; i < k->ngroup_by; i++) {
        struct tcs_str s = correlate_text(&c->texts, correlate_fold(&c->texts, g->key[i]));
        h = mix(mix(h, "", 1), s.p, s.n);
    }
    h = mix_number(h, (uint64_t)m->time);
    h = mix_number(h, m->record);
    return mix_number(h, m->offset);
}

/* The values that outer correlations read of the result. */
static void
carry(struct tcs_correlate *c, uint32_t corr, struct corr_episode *e, const struct corr_item *m,
      uint32_t input)
{
    const struct corr_def *d = &c->plan->defs[corr];
    uint32_t n = e->carried ? c->plan->streams[d->stream].nfields : 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t id = d->from_key[i] != CORR_NONE ? e->group->key[d->from_key[i]]
                                                  : m->values[d->inputs[input].carry[i]];
        correlate_text_keep(&c->texts, id);
        correlate_text_drop(&c->texts, e->carried[i]);
        e->carried[i] = id;
    }
    e->record = m->record;
    e->offset = m->offset;
    e->source = m->source;
}

static void
push_newest(struct corr_episode *e, uint64_t ref)
{
    if (e->nnewest == CORR_NEWEST)
        memmove(e->newest, e->newest + 1, (CORR_NEWEST - 1) * sizeof *e->newest);
    else
        e->nnewest++;
    e->newest[e->nnewest - 1] = ref;
}

/* People see the group as the match in hand writes it, not as one long ago did. */
static void
respell(struct tcs_correlate *c, const struct corr_def *d, struct corr_group *g,
        const struct corr_item *m, uint32_t input)
{
    for (uint32_t i = 0; i < d->c->ngroup_by; i++) {
        uint32_t id = m->values[d->inputs[input].key[i]];
        correlate_text_keep(&c->texts, id);
        correlate_text_drop(&c->texts, g->key[i]);
        g->key[i] = id;
    }
}

static void
open_episode(struct tcs_correlate *c, uint32_t corr, struct corr_group *g,
             const struct corr_item *m, uint32_t input, const struct corr_verdict *v)
{
    const struct corr_def *d = &c->plan->defs[corr];
    struct corr_episode *e = correlate_episode_new(c, corr, g);
    if (!e) {
        c->failed = true;
        return;
    }
    respell(c, d, g, m, input);
    int64_t end = correlate_later(m->time, d->span);
    c->due = end < c->due ? end : c->due;
    e->id = id_of(c, corr, g, m);
    e->last = e->opened = m->time;
    e->peak = v->value;
    e->approximate = v->approximate;
    correlate_window_begin(d, g, &c->texts, e, m->time);
    if (!e->nnewest || e->newest[e->nnewest - 1] != m->ref)
        push_newest(e, m->ref);
    carry(c, corr, e, m, input);
    if (d->late)
        return;
    report(c, corr, e, false);
    pass_on(c, corr, e, m->time);
}

/* A match of a group whose episode is open. */
static void
extend(struct tcs_correlate *c, uint32_t corr, struct corr_group *g, const struct corr_item *m,
       uint32_t input, const struct corr_verdict *v)
{
    const struct corr_def *d = &c->plan->defs[corr];
    struct corr_episode *e = g->episode;
    e->waiting[e->since++ % CORR_NEWEST] = m->ref;
    if (!v->holds)
        return;
    for (uint64_t i = e->since > CORR_NEWEST ? e->since - CORR_NEWEST : 0; i < e->since; i++)
        push_newest(e, e->waiting[i % CORR_NEWEST]);
    e->count += e->since;
    e->since = 0;
    e->last = m->time;
    e->peak = v->value > e->peak ? v->value : e->peak;
    e->approximate = e->approximate || v->approximate;
    correlate_window_again(d, g, &c->texts, e, m->time);
    correlate_episode_touch(&c->groups[corr], e);
    if (d->late)
        carry(c, corr, e, m, input);
}

/* `end`: the time at which nothing can be added any more. */
static void
close_episode(struct tcs_correlate *c, uint32_t corr, struct corr_episode *e, int64_t end)
{
    const struct corr_def *d = &c->plan->defs[corr];
    if (!d->late && e->count != e->told)
        report(c, corr, e, true);
    if (d->late && correlate_compare(d, e->peak, false) &&
        correlate_window_strict(d, e->group, correlate_earlier(e->opened, d->span))) {
        report(c, corr, e, false);
        pass_on(c, corr, e, end);
    }
    correlate_episode_free(c, corr, e);
}

/* The correlation whose open episode ends first; *end is when. */
static uint32_t
next_end(const struct tcs_correlate *c, int64_t *end)
{
    uint32_t found = CORR_NONE;
    for (uint32_t i = 0; i < c->plan->ndefs; i++) {
        const struct corr_episode *e = c->groups[i].first;
        if (!e)
            continue;
        int64_t t = correlate_later(e->last, c->plan->defs[i].span);
        if (found == CORR_NONE || t < *end) {
            found = i;
            *end = t;
        }
    }
    return found;
}

/* Closes what ends before `time`; `all`: everything. */
static void
close_until(struct tcs_correlate *c, int64_t time, bool all)
{
    while ((all || c->due < time) && !c->failed) {
        int64_t end = INT64_MAX;
        uint32_t i = next_end(c, &end);
        c->due = end;
        if (i == CORR_NONE || (!all && end >= time))
            return;
        close_episode(c, i, c->groups[i].first, end);
        c->due = CORR_NEVER; /* look again */
    }
}

/* --- matches --- */

static bool
read_key(struct tcs_correlate *c, const struct corr_def *d, const struct corr_input *in,
         const struct corr_item *m, uint32_t *key)
{
    for (uint32_t i = 0; i < d->c->ngroup_by; i++) {
        key[i] = m->values[in->key[i]];
        if (!key[i]) {
            c->stats.missing_key++;
            return false;
        }
    }
    return true;
}

/* Several fields count as one value: their texts, each with its length before it. */
static uint32_t
tuple(struct tcs_correlate *c, const uint32_t *ids, uint32_t n)
{
    char text[TCS_CORR_TEXT_MAX];
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct tcs_str s = correlate_text(&c->texts, correlate_fold(&c->texts, ids[i]));
        uint64_t h = mix(0xcbf29ce484222325u, s.p, s.n);
        size_t most = sizeof text / TCS_CORR_FIELDS_MAX - 16;
        int k = snprintf(text + at, 16, "%04zx", s.n);
        at += k > 0 ? (size_t)k : 0;
        memcpy(text + at, &h, sizeof h); /* tells long ones apart that begin alike */
        at += sizeof h;
        s = tcs_base_str_slice(s, 0, most);
        memcpy(text + at, s.p, s.n);
        at += s.n;
    }
    return correlate_text_intern(&c->texts, (struct tcs_str){text, at});
}

/* The value that the condition speaks of, one use of it for the caller; false: none. */
static bool
read_value(struct tcs_correlate *c, const struct corr_def *d, const struct corr_input *in,
           const struct corr_item *m, struct corr_input_value *ret)
{
    uint32_t ids[TCS_CORR_FIELDS_MAX], n = d->c->ncond_fields;
    *ret = (struct corr_input_value){0};
    if (d->c->type <= TCS_CORR_TEMPORAL_ORDERED && d->c->type != TCS_CORR_VALUE_COUNT)
        return true;
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = m->values[in->cond[i]];
        if (!ids[i])
            return false;
    }
    if (d->c->type == TCS_CORR_VALUE_COUNT) {
        ret->id = n == 1 ? correlate_fold(&c->texts, ids[0]) : tuple(c, ids, n);
        if (n == 1)
            correlate_text_keep(&c->texts, ret->id);
        c->failed = c->failed || !ret->id;
        return ret->id;
    }
    uint64_t hex;
    struct tcs_str s = correlate_text(&c->texts, ids[0]);
    if (tcs_base_num_hex(s, &hex))
        ret->num = (double)hex;
    else if (!tcs_base_num_double(s, &ret->num))
        return false;
    return ret->num > -1e18 && ret->num < 1e18;
}

static void
forget_idle(struct tcs_correlate *c, uint32_t corr, int64_t time)
{
    struct corr_groups *gs = &c->groups[corr];
    while (gs->oldest && correlate_later(gs->oldest->last, c->plan->defs[corr].span) < time)
        correlate_group_free(c, corr, gs->oldest);
}

static struct corr_group *
group_of(struct tcs_correlate *c, uint32_t corr, const uint32_t *key, int64_t time)
{
    uint32_t hash;
    struct corr_group *g = correlate_group_find(c, corr, key, &hash);
    struct corr_groups *gs = &c->groups[corr];
    if (g)
        return g;
    if (gs->n >= c->opts.max_groups) {
        struct corr_group *old = gs->oldest;
        c->stats.evicted_groups++;
        if (old->episode) {
            old->episode->approximate = true;
            close_episode(c, corr, old->episode, time);
        }
        correlate_group_free(c, corr, old);
    }
    g = correlate_group_new(c, corr, key, hash);
    c->failed = c->failed || !g;
    return g;
}

static void
feed(struct tcs_correlate *c, const struct corr_reader *reader, const struct corr_item *m)
{
    const struct corr_def *d = &c->plan->defs[reader->corr];
    const struct corr_input *in = &d->inputs[reader->input];
    uint32_t key[TCS_CORR_FIELDS_MAX];
    struct corr_input_value value;
    struct corr_verdict v = {0};
    forget_idle(c, reader->corr, m->time);
    if (!read_key(c, d, in, m, key))
        return;
    if (!read_value(c, d, in, m, &value)) {
        c->stats.missing_value++;
        return;
    }
    struct corr_group *g = group_of(c, reader->corr, key, m->time);
    if (g) {
        g->last = m->time;
        g->seq++;
        correlate_group_touch(&c->groups[reader->corr], g);
        if (!correlate_window_add(d, g, &c->texts, m, reader->input, value, &v))
            c->failed = true;
    }
    correlate_text_drop(&c->texts, value.id);
    if (!g || c->failed || !in->counts)
        return;
    if (g->episode)
        extend(c, reader->corr, g, m, reader->input, &v);
    else if (v.holds)
        open_episode(c, reader->corr, g, m, reader->input, &v);
}

/* Recursion is as deep as correlations of correlations: TCS_CORR_CHAIN_MAX. */
static void
handle(struct tcs_correlate *c, const struct corr_item *m)
{
    const struct corr_stream *s = &c->plan->streams[m->stream];
    for (uint32_t i = 0; i < s->nreaders && !c->failed; i++)
        feed(c, &s->readers[i], m);
}

static void
release_one(struct tcs_correlate *c)
{
    struct corr_waiting *w = (struct corr_waiting *)(void *)(c->heap + c->nheap * c->stride);
    correlate_order_pop(c, w); /* behind the last one, where it stays until the next push */
    c->frontier = w->at;
    c->released = true;
    close_until(c, w->at.time, false);
    const struct corr_item m = {.time = w->at.time,
                                .record = w->at.record,
                                .offset = w->at.offset,
                                .ref = w->at.ref,
                                .stream = w->at.rule,
                                .source = w->at.source,
                                .values = w->values};
    handle(c, &m);
    for (uint32_t i = 0; i < c->plan->streams[w->at.rule].nfields; i++)
        correlate_text_drop(&c->texts, w->values[i]);
}

static int
result_of(const struct tcs_correlate *c, struct tcs_err *err)
{
    return c->failed ? tcs_base_fail(err, TCS_ENOMEM, "no memory for the correlations") : 0;
}

static void
release(struct tcs_correlate *c)
{
    while (c->nheap && correlate_order_top(c)->at.time < c->watermark && !c->failed)
        release_one(c);
    close_until(c, c->watermark, false);
}

static bool
too_late(const struct tcs_correlate *c, const struct tcs_corr_match *m)
{
    const struct corr_place key = {.time = m->time,
                                   .record = m->record,
                                   .offset = m->offset,
                                   .ref = m->ref,
                                   .rule = m->rule,
                                   .source = m->source};
    return m->time < c->watermark || (c->released && correlate_order_before(&key, &c->frontier));
}

int
tcs_correlate_push(struct tcs_correlate *c, const struct tcs_corr_match *m, struct tcs_err *err)
{
    if (m->rule >= c->plan->nrules || !c->plan->streams[m->rule].nreaders)
        return result_of(c, err);
    c->stats.matches++;
    if (m->time == TCS_TIME_NONE) {
        c->stats.timeless++;
        return result_of(c, err);
    }
    if (too_late(c, m)) {
        c->stats.late++;
        return result_of(c, err);
    }
    if (!correlate_order_push(c, m))
        c->failed = true;
    if (c->opts.lateness != INT64_MAX)
        correlate_order_seen(c, m->source, m->time);
    if (c->nheap > c->opts.max_waiting && !c->failed) {
        c->stats.overflowed++;
        release_one(c);
    }
    release(c);
    return result_of(c, err);
}

int
tcs_correlate_advance(struct tcs_correlate *c, int64_t time, struct tcs_err *err)
{
    c->watermark = time > c->watermark ? time : c->watermark;
    release(c);
    for (uint32_t i = 0; i < c->plan->ndefs; i++)
        forget_idle(c, i, c->watermark); /* their episodes are closed */
    return result_of(c, err);
}

int
tcs_correlate_flush(struct tcs_correlate *c, struct tcs_err *err)
{
    while (c->nheap && !c->failed)
        release_one(c);
    close_until(c, 0, true);
    for (uint32_t i = 0; i < c->plan->ndefs && !c->failed; i++)
        while (c->groups[i].oldest)
            correlate_group_free(c, i, c->groups[i].oldest);
    return result_of(c, err);
}

struct tcs_correlate *
tcs_correlate_new(const struct tcs_corrplan *p, const struct tcs_corr_opts *opts)
{
    struct tcs_correlate *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->plan = p;
    c->opts = *opts;
    if (!c->opts.max_groups)
        c->opts.max_groups = TCS_CORR_GROUPS_MAX;
    if (!c->opts.max_waiting)
        c->opts.max_waiting = TCS_CORR_WAITING_MAX;
    c->texts.seed = tcs_base_hash_secret();
    c->watermark = CORR_NEVER;
    c->due = INT64_MAX;
    c->stride = (sizeof(struct corr_waiting) + p->max_values * sizeof(uint32_t) + 7) / 8 * 8;
    c->groups = calloc(p->ndefs ? p->ndefs : 1, sizeof *c->groups);
    c->scratch = calloc(TCS_CORR_FIELDS_MAX, sizeof *c->scratch);
    if (c->groups && c->scratch)
        return c;
    tcs_correlate_free(c);
    return NULL;
}

void
tcs_correlate_free(struct tcs_correlate *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; c->groups && i < c->plan->ndefs; i++) {
        while (c->groups[i].oldest)
            correlate_group_free(c, i, c->groups[i].oldest);
        free(c->groups[i].heads);
    }
    free(c->groups);
    free(c->heap);
    free(c->sources);
    free(c->scratch);
    correlate_texts_done(&c->texts);
    free(c);
}

const struct tcs_corr_stats *
tcs_correlate_stats(const struct tcs_correlate *c)
{
    return &c->stats;
}

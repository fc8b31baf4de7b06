/* correlate/snapshot.c - the state of running correlations <-> bytes.
 *
 *   magic 8 | print 8 | statistics | time | texts | sources | waiting | per correlation: groups,
 *   episodes | seal 16
 *
 * Numbers are little-endian.  Texts are written once and meant by number, 0 is "missing".  Lists
 * are in their order, and are built anew by the functions that build them while running, so that
 * what was read is sound whatever the bytes say; the seal finds damage, it is no signature. */
#include "base/cursor.h"
#include "base/limits.h"
#include "correlate/correlate_int.h"

#include <sodium.h>
#include <stdlib.h>

enum { MAGIC = 8, STATS = sizeof(struct tcs_corr_stats) / sizeof(uint64_t) };

static const char magic[MAGIC] = "tcscorr1";

void
correlate_seal(const void *p, size_t n, uint8_t out[CORR_SEAL])
{
    /* fails only for sizes that it does not take */
    (void)crypto_generichash(out, CORR_SEAL, p, n, NULL, 0);
}

/* --- writing --- */

struct writer {
    const struct tcs_correlate *c;
    struct tcs_buf *b;
    uint32_t *number; /* of each text */
};

static void
put(struct writer *w, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        tcs_base_buf_c(w->b, (char)(v >> 8 * i & 0xff));
}

static void
put64(struct writer *w, uint64_t v)
{
    put(w, v, 8);
}

static void
put_num(struct writer *w, double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    put64(w, u);
}

static void
put_text(struct writer *w, uint32_t id)
{
    put(w, id ? w->number[id] : 0, 4);
}

static void
put_seen(struct writer *w, struct corr_seen s)
{
    put64(w, (uint64_t)s.time);
    put64(w, s.ref);
}

static void
put_texts(struct writer *w)
{
    const struct corr_texts *t = &w->c->texts;
    uint32_t n = 0;
    put(w, t->live, 4);
    for (uint32_t i = 1; i < t->n; i++) {
        if (!t->at[i].refs)
            continue;
        w->number[i] = ++n;
        put(w, t->at[i].n, 4);
        tcs_base_buf_str(w->b, correlate_text(t, i));
    }
}

static void
put_waiting(struct writer *w)
{
    put(w, w->c->nheap, 4);
    for (uint32_t i = 0; i < w->c->nheap; i++) {
        const struct corr_waiting *x =
            (const struct corr_waiting *)(const void *)(w->c->heap + i * w->c->stride);
        put64(w, (uint64_t)x->at.time);
        put64(w, x->at.record);
        put64(w, x->at.offset);
        put64(w, x->at.ref);
        put(w, x->at.rule, 4);
        put(w, x->at.source, 4);
        for (uint32_t k = 0; k < w->c->plan->streams[x->at.rule].nfields; k++)
            put_text(w, x->values[k]);
    }
}

/* How many refs step k of a sequence has. */
static uint32_t
chain_refs(uint32_t k)
{
    return k + 1 < CORR_VALUES_SHOWN ? k + 1 : CORR_VALUES_SHOWN;
}

static void
put_chains(struct writer *w, const struct corr_def *d, const struct corr_chains *x)
{
    put64(w, (uint64_t)x->time);
    put64(w, x->record);
    put64(w, x->offset);
    put(w, x->source, 4);
    for (uint32_t i = 0; i < d->ninputs; i++)
        put64(w, (uint64_t)x->seen[i]);
    for (uint32_t half = 0; half < 2; half++)
        for (uint32_t i = 0; i < d->terms.n; i++)
            for (uint32_t k = 0; k < d->terms.at[i].n; k++) {
                const struct corr_chain *one = &(half ? x->before : x->now)[d->terms.at[i].at + k];
                put64(w, (uint64_t)one->start);
                for (uint32_t r = 0; r < chain_refs(k); r++)
                    put64(w, one->refs[r]);
            }
}

static void
put_window(struct writer *w, const struct corr_def *d, const struct corr_group *g)
{
    switch (d->c->type) {
    case TCS_CORR_EVENT_COUNT:
        put(w, g->w.ring.n, 4);
        for (uint32_t i = 0; i < g->w.ring.n; i++)
            put_seen(w, g->w.ring.at[(g->w.ring.head + i) & (g->w.ring.cap - 1)]);
        break;
    case TCS_CORR_VALUE_COUNT:
        put(w, g->w.values.n, 4);
        for (uint32_t i = g->w.values.oldest; i; i = g->w.values.at[i - 1].next) {
            put_seen(w, g->w.values.at[i - 1].last);
            put64(w, g->w.values.at[i - 1].seq);
            put_text(w, g->w.values.at[i - 1].id);
        }
        break;
    case TCS_CORR_TEMPORAL:
        for (uint32_t i = 0; i < d->ninputs; i++)
            put_seen(w, g->w.rules[i]);
        break;
    case TCS_CORR_TEMPORAL_ORDERED:
        put_chains(w, d, &g->w.chains);
        break;
    default:
        put64(w, (uint64_t)g->w.numbers.cut);
        put(w, g->w.numbers.n, 4);
        for (uint32_t i = 0; i < g->w.numbers.n; i++) {
            const struct corr_number *x =
                &g->w.numbers.at[(g->w.numbers.head + i) & (g->w.numbers.cap - 1)];
            put_seen(w, x->seen);
            put_num(w, x->v);
        }
    }
}

static void
put_episode(struct writer *w, const struct corr_def *d, const struct corr_episode *e)
{
    const uint64_t words[] = {
        e->id,        e->count,           e->told,           e->since,
        e->walked,    (uint64_t)e->first, (uint64_t)e->last, (uint64_t)e->opened,
        e->first_ref, e->record,          e->offset};
    put(w, e->group->mark, 4);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        put64(w, words[i]);
    put_num(w, e->peak);
    put(w, e->approximate, 1);
    put(w, e->source, 4);
    put(w, e->nshown, 4);
    for (uint32_t i = 0; i < e->nshown; i++) {
        put64(w, e->shown[i]);
        if (d->c->type == TCS_CORR_VALUE_COUNT)
            put_text(w, e->ids[i]);
    }
    put(w, e->nnewest, 4);
    for (uint32_t i = 0; i < e->nnewest; i++)
        put64(w, e->newest[i]);
    for (uint32_t i = 0; i < CORR_NEWEST; i++)
        put64(w, e->waiting[i]);
    for (uint32_t i = 0; e->carried && i < w->c->plan->streams[d->stream].nfields; i++)
        put_text(w, e->carried[i]);
}

static void
put_groups(struct writer *w, uint32_t corr)
{
    const struct corr_groups *gs = &w->c->groups[corr];
    const struct corr_def *d = &w->c->plan->defs[corr];
    uint32_t n = 0, nepisodes = 0;
    put(w, gs->n, 4);
    for (struct corr_group *g = gs->oldest; g; g = g->next) {
        g->mark = n++;
        nepisodes += g->episode != NULL;
        for (uint32_t i = 0; i < d->c->ngroup_by; i++)
            put_text(w, g->key[i]);
        put64(w, (uint64_t)g->last);
        put64(w, g->seq);
        put_window(w, d, g);
    }
    put(w, nepisodes, 4);
    for (const struct corr_episode *e = gs->first; e; e = e->next)
        put_episode(w, d, e);
}

static void
put_state(struct writer *w)
{
    const struct tcs_correlate *c = w->c;
    uint64_t stats[STATS];
    memcpy(stats, &c->stats, sizeof stats);
    for (unsigned i = 0; i < STATS; i++)
        put64(w, stats[i]);
    put64(w, (uint64_t)c->watermark);
    put(w, c->released, 1);
    put64(w, (uint64_t)c->frontier.time);
    put64(w, c->frontier.record);
    put64(w, c->frontier.offset);
    put64(w, c->frontier.ref);
    put(w, c->frontier.rule, 4);
    put(w, c->frontier.source, 4);
    put_texts(w);
    put(w, c->pushes, 4);
    put(w, c->nsources, 4);
    for (uint32_t i = 0; i < c->nsources; i++) {
        put(w, c->sources[i].source, 4);
        put64(w, (uint64_t)c->sources[i].newest);
    }
    put_waiting(w);
    for (uint32_t i = 0; i < c->plan->ndefs; i++)
        put_groups(w, i);
}

int
tcs_correlate_save(const struct tcs_correlate *c, struct tcs_buf *b, struct tcs_err *err)
{
    struct writer w = {.c = c, .b = b};
    uint8_t seal[CORR_SEAL];
    size_t start = b->n;
    w.number = calloc((size_t)c->texts.n + 1, sizeof *w.number);
    if (!w.number || c->failed)
        b->failed = true;
    tcs_base_buf_put(b, magic, MAGIC);
    put64(&w, c->plan->print);
    if (!b->failed)
        put_state(&w);
    if (!b->failed) {
        correlate_seal(b->p + start, b->n - start, seal);
        tcs_base_buf_put(b, seal, sizeof seal);
    }
    free(w.number);
    return b->failed ? tcs_base_fail(err, TCS_ENOMEM, "no memory to save the correlations") : 0;
}

/* --- reading --- */

struct reader {
    struct tcs_correlate *to;
    struct tcs_cursor c; /* its `bad` is set by every check that fails */
    uint32_t *ids, nids;
    struct corr_group **groups;
};

static int64_t
get_time(struct reader *r)
{
    return (int64_t)tcs_base_cur_u64(&r->c);
}

static bool
check(struct reader *r, bool ok)
{
    r->c.bad = r->c.bad || !ok;
    return !r->c.bad;
}

static double
get_num(struct reader *r)
{
    uint64_t u = tcs_base_cur_u64(&r->c);
    double v;
    memcpy(&v, &u, sizeof v);
    return check(r, v > -1e300 && v < 1e300) ? v : 0;
}

/* A count of things of at least `size` bytes, at most `max`. */
static uint32_t
get_count(struct reader *r, size_t size, uint32_t max)
{
    uint32_t n = tcs_base_cur_u32(&r->c);
    return check(r, n <= tcs_base_cur_left(&r->c) / size && n <= max) ? n : 0;
}

/* One more use of a text. */
static uint32_t
get_text(struct reader *r, bool missing_too)
{
    uint32_t n = tcs_base_cur_u32(&r->c);
    if (!check(r, n <= r->nids && (n || missing_too)) || !n)
        return 0;
    correlate_text_keep(&r->to->texts, r->ids[n - 1]);
    return r->ids[n - 1];
}

static struct corr_seen
get_seen(struct reader *r)
{
    struct corr_seen s = {.time = get_time(r)};
    s.ref = tcs_base_cur_u64(&r->c);
    return s;
}

static void
get_texts(struct reader *r)
{
    uint32_t n = get_count(r, 4, UINT32_MAX);
    r->ids = calloc((size_t)n + 1, sizeof *r->ids);
    check(r, r->ids != NULL);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        uint32_t size = tcs_base_cur_u32(&r->c);
        const uint8_t *p =
            check(r, size && size <= TCS_CORR_TEXT_MAX) ? tcs_base_cur_take(&r->c, size) : NULL;
        if (!p)
            return;
        r->ids[i] = correlate_text_intern(&r->to->texts, (struct tcs_str){(const char *)p, size});
        check(r, r->ids[i] != 0);
        r->nids += r->ids[i] != 0;
    }
}

static void
get_sources(struct reader *r)
{
    r->to->pushes = tcs_base_cur_u32(&r->c);
    uint32_t n = get_count(r, 12, UINT32_MAX);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        struct corr_source *s = correlate_order_source(r->to, tcs_base_cur_u32(&r->c));
        int64_t newest = get_time(r);
        if (check(r, s && r->to->nsources == i + 1))
            s->newest = newest;
    }
}

static void
get_waiting(struct reader *r)
{
    struct tcs_correlate *c = r->to;
    uint32_t n = get_count(r, 40, UINT32_MAX);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        struct corr_waiting *x = correlate_order_blank(c);
        if (!check(r, x != NULL))
            return;
        x->at.time = get_time(r);
        x->at.record = tcs_base_cur_u64(&r->c);
        x->at.offset = tcs_base_cur_u64(&r->c);
        x->at.ref = tcs_base_cur_u64(&r->c);
        x->at.rule = tcs_base_cur_u32(&r->c);
        x->at.source = tcs_base_cur_u32(&r->c);
        if (!check(r, x->at.time != TCS_TIME_NONE && x->at.rule < c->plan->nrules &&
                          c->plan->streams[x->at.rule].nreaders))
            return;
        for (uint32_t k = 0; k < c->plan->streams[x->at.rule].nfields; k++)
            x->values[k] = get_text(r, true);
        correlate_order_insert(c, x);
    }
}

static void
get_chains(struct reader *r, const struct corr_def *d, struct corr_chains *x)
{
    x->time = get_time(r);
    x->record = tcs_base_cur_u64(&r->c);
    x->offset = tcs_base_cur_u64(&r->c);
    x->source = tcs_base_cur_u32(&r->c);
    for (uint32_t i = 0; i < d->ninputs; i++)
        x->seen[i] = get_time(r);
    for (uint32_t half = 0; half < 2; half++)
        for (uint32_t i = 0; i < d->terms.n; i++)
            for (uint32_t k = 0; k < d->terms.at[i].n && !r->c.bad; k++) {
                struct corr_chain *one = &(half ? x->before : x->now)[d->terms.at[i].at + k];
                one->start = get_time(r);
                for (uint32_t n = 0; n < chain_refs(k); n++)
                    one->refs[n] = tcs_base_cur_u64(&r->c);
            }
}

static void
get_values(struct reader *r, const struct corr_def *d, struct corr_values *v)
{
    uint32_t n = get_count(r, 28, correlate_values_cap(d));
    int64_t before = CORR_NEVER;
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        struct corr_value x = {.last = get_seen(r)};
        x.seq = tcs_base_cur_u64(&r->c);
        x.id = get_text(r, false);
        if (check(r, x.last.time >= before))
            check(r, correlate_values_add(v, correlate_values_cap(d), x, &r->to->texts) &&
                         v->n == i + 1);
        correlate_text_drop(&r->to->texts, x.id);
        before = x.last.time;
    }
}

static void
get_numbers(struct reader *r, const struct corr_def *d, struct corr_numbers *w)
{
    w->cut = get_time(r);
    uint32_t n = get_count(r, 24, TCS_CORR_NUMBERS_MAX);
    int64_t before = CORR_NEVER;
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        struct corr_number x = {.seen = get_seen(r)};
        x.v = get_num(r);
        if (check(r, x.seen.time >= before && x.v > -1e18 && x.v < 1e18))
            check(r, correlate_numbers_add(w, d->c, x));
        before = x.seen.time;
    }
}

static void
get_window(struct reader *r, const struct corr_def *d, struct corr_group *g)
{
    if (d->c->type == TCS_CORR_TEMPORAL) {
        for (uint32_t i = 0; i < d->ninputs; i++)
            g->w.rules[i] = get_seen(r);
    } else if (d->c->type == TCS_CORR_TEMPORAL_ORDERED) {
        get_chains(r, d, &g->w.chains);
    } else if (d->c->type == TCS_CORR_VALUE_COUNT) {
        get_values(r, d, &g->w.values);
    } else if (d->c->type == TCS_CORR_EVENT_COUNT) {
        uint32_t n = get_count(r, 16, d->need);
        int64_t before = CORR_NEVER;
        for (uint32_t i = 0; i < n && !r->c.bad; i++) {
            struct corr_seen s = get_seen(r);
            if (check(r, s.time >= before))
                check(r, correlate_ring_add(&g->w.ring, d->need, s));
            before = s.time;
        }
    } else {
        get_numbers(r, d, &g->w.numbers);
    }
}

static void
get_group(struct reader *r, uint32_t corr, struct corr_group **ret)
{
    const struct corr_def *d = &r->to->plan->defs[corr];
    const struct corr_group *newest = r->to->groups[corr].newest;
    uint32_t key[TCS_CORR_FIELDS_MAX], hash;
    for (uint32_t i = 0; i < d->c->ngroup_by; i++)
        key[i] = get_text(r, false);
    if (r->c.bad || !check(r, !correlate_group_find(r->to, corr, key, &hash)))
        return;
    struct corr_group *g = correlate_group_new(r->to, corr, key, hash);
    for (uint32_t i = 0; i < d->c->ngroup_by; i++)
        correlate_text_drop(&r->to->texts, key[i]);
    if (!check(r, g != NULL))
        return;
    g->last = get_time(r);
    g->seq = tcs_base_cur_u64(&r->c);
    check(r, !newest || newest->last <= g->last);
    get_window(r, d, g);
    *ret = g;
}

static void
get_shown(struct reader *r, const struct corr_def *d, struct corr_episode *e)
{
    uint32_t n = get_count(r, 8, CORR_VALUES_SHOWN);
    for (; e->nshown < n && !r->c.bad; e->nshown++) {
        e->shown[e->nshown] = tcs_base_cur_u64(&r->c);
        if (d->c->type == TCS_CORR_VALUE_COUNT)
            e->ids[e->nshown] = get_text(r, false);
    }
    e->nnewest = get_count(r, 8, CORR_NEWEST);
    for (uint32_t i = 0; i < e->nnewest; i++)
        e->newest[i] = tcs_base_cur_u64(&r->c);
    for (uint32_t i = 0; i < CORR_NEWEST; i++)
        e->waiting[i] = tcs_base_cur_u64(&r->c);
}

static void
get_episode(struct reader *r, uint32_t corr, uint32_t ngroups)
{
    struct tcs_correlate *c = r->to;
    const struct corr_def *d = &c->plan->defs[corr];
    const struct corr_episode *before = c->groups[corr].last;
    uint32_t at = tcs_base_cur_u32(&r->c);
    if (!check(r, at < ngroups && !r->groups[at]->episode))
        return;
    struct corr_episode *e = correlate_episode_new(c, corr, r->groups[at]);
    if (!check(r, e != NULL))
        return;
    uint64_t *const counts[] = {&e->id, &e->count, &e->told, &e->since, &e->walked};
    int64_t *const times[] = {&e->first, &e->last, &e->opened};
    uint64_t *const places[] = {&e->first_ref, &e->record, &e->offset};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        *counts[i] = tcs_base_cur_u64(&r->c);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        *times[i] = get_time(r);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        *places[i] = tcs_base_cur_u64(&r->c);
    e->peak = get_num(r);
    e->approximate = tcs_base_cur_u8(&r->c) & 1;
    e->source = tcs_base_cur_u32(&r->c);
    check(r, !before || before->last <= e->last);
    get_shown(r, d, e);
    for (uint32_t i = 0; e->carried && i < c->plan->streams[d->stream].nfields; i++)
        e->carried[i] = get_text(r, true);
}

static void
get_groups(struct reader *r, uint32_t corr)
{
    const struct corr_def *d = &r->to->plan->defs[corr];
    uint32_t n = get_count(r, (size_t)4 * d->c->ngroup_by + 16, UINT32_MAX);
    if (!check(r, d->runs || n == 0))
        return;
    r->groups = calloc((size_t)n + 1, sizeof *r->groups);
    check(r, r->groups != NULL);
    for (uint32_t i = 0; i < n && !r->c.bad; i++)
        get_group(r, corr, &r->groups[i]);
    uint32_t nepisodes = get_count(r, 100, n);
    for (uint32_t i = 0; i < nepisodes && !r->c.bad; i++)
        get_episode(r, corr, n);
    free(r->groups);
    r->groups = NULL;
}

static void
get_state(struct reader *r)
{
    struct tcs_correlate *c = r->to;
    uint64_t stats[STATS];
    for (unsigned i = 0; i < STATS; i++)
        stats[i] = tcs_base_cur_u64(&r->c);
    memcpy(&c->stats, stats, sizeof stats);
    c->watermark = get_time(r);
    c->released = tcs_base_cur_u8(&r->c) & 1;
    c->frontier.time = get_time(r);
    c->frontier.record = tcs_base_cur_u64(&r->c);
    c->frontier.offset = tcs_base_cur_u64(&r->c);
    c->frontier.ref = tcs_base_cur_u64(&r->c);
    c->frontier.rule = tcs_base_cur_u32(&r->c);
    c->frontier.source = tcs_base_cur_u32(&r->c);
    get_texts(r);
    if (!r->c.bad)
        get_sources(r);
    if (!r->c.bad)
        get_waiting(r);
    for (uint32_t i = 0; i < c->plan->ndefs && !r->c.bad; i++)
        get_groups(r, i);
    for (uint32_t i = 0; i < r->nids && !r->c.bad; i++)
        correlate_text_drop(&c->texts, r->ids[i]);
    c->due = CORR_NEVER;
}

int
tcs_correlate_restore(struct tcs_correlate *c, struct tcs_str saved, struct tcs_err *err)
{
    struct reader r = {.to = c};
    uint8_t seal[CORR_SEAL];
    if (saved.n < CORR_SEAL)
        return tcs_base_fail(err, TCS_ECORRUPT, "the saved correlations are cut short");
    correlate_seal(saved.p, saved.n - CORR_SEAL, seal);
    if (memcmp(seal, saved.p + saved.n - CORR_SEAL, CORR_SEAL) != 0)
        return tcs_base_fail(err, TCS_ECORRUPT, "the saved correlations are damaged");
    r.c = tcs_base_cur(saved.p, saved.n - CORR_SEAL);
    const uint8_t *start = tcs_base_cur_take(&r.c, MAGIC);
    uint64_t print = tcs_base_cur_u64(&r.c);
    if (r.c.bad || memcmp(start, magic, MAGIC) != 0)
        return tcs_base_fail(err, TCS_ECORRUPT, "these bytes are no saved correlations");
    if (print != c->plan->print)
        return tcs_base_fail(err, TCS_EUSAGE, "the correlations were saved with other rules");
    if (c->stats.matches || c->nheap)
        return tcs_base_fail(err, TCS_EUSAGE, "saved correlations are restored into a fresh state");
    get_state(&r);
    free(r.ids);
    if (r.c.bad || tcs_base_cur_left(&r.c)) {
        c->failed = true;
        return tcs_base_fail(err, TCS_ECORRUPT, "the saved correlations do not fit together");
    }
    return 0;
}

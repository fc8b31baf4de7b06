/* correlate/arrivals.c - matches in any order -> matches in the order of event time.
 *
 * A heap by time, then place in the input (source, record, offset), then rule: so the order, and
 * with it every result, does not depend on the order of arrival.  The watermark is what every
 * source has passed, less the lateness. */
#include "base/grow.h"
#include "correlate/correlate_int.h"

bool
correlate_order_before(const struct corr_place *a, const struct corr_place *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->source != b->source)
        return a->source < b->source;
    if (a->record != b->record)
        return a->record < b->record;
    if (a->offset != b->offset)
        return a->offset < b->offset;
    if (a->rule != b->rule)
        return a->rule < b->rule;
    return a->ref < b->ref;
}

/* The one behind the last is scratch: room for it is always there. */
static struct corr_waiting *
at(const struct tcs_correlate *c, uint32_t i)
{
    return (struct corr_waiting *)(void *)(c->heap + i * c->stride);
}

/* The element at `hole` is free: up with it until x fits. */
static void
sift_up(struct tcs_correlate *c, uint32_t hole, const struct corr_waiting *x)
{
    while (hole) {
        uint32_t up = (hole - 1) / 2;
        if (!correlate_order_before(&x->at, &at(c, up)->at))
            break;
        memcpy(at(c, hole), at(c, up), c->stride);
        hole = up;
    }
    memcpy(at(c, hole), x, c->stride);
}

struct corr_waiting *
correlate_order_blank(struct tcs_correlate *c)
{
    if (!tcs_base_grow(&c->heap, &c->cap_heap, c->nheap, 2, c->stride))
        return NULL;
    struct corr_waiting *x = at(c, c->nheap + 1);
    memset(x, 0, c->stride);
    return x;
}

void
correlate_order_insert(struct tcs_correlate *c, const struct corr_waiting *x)
{
    sift_up(c, c->nheap++, x);
}

bool
correlate_order_push(struct tcs_correlate *c, const struct tcs_corr_match *m)
{
    const struct corr_stream *s = &c->plan->streams[m->rule];
    struct corr_waiting *x = correlate_order_blank(c);
    if (!x)
        return false;
    x->at = (struct corr_place){.time = m->time,
                                .record = m->record,
                                .offset = m->offset,
                                .ref = m->ref,
                                .rule = m->rule,
                                .source = m->source};
    for (uint32_t i = 0; i < s->nfields && i < m->nvalues; i++) {
        if (!m->values[i].n)
            continue;
        x->values[i] = correlate_text_intern(&c->texts, m->values[i]);
        if (!x->values[i])
            return false;
    }
    correlate_order_insert(c, x);
    return true;
}

const struct corr_waiting *
correlate_order_top(const struct tcs_correlate *c)
{
    return c->nheap ? at(c, 0) : NULL;
}

void
correlate_order_pop(struct tcs_correlate *c, struct corr_waiting *to)
{
    memcpy(to, at(c, 0), c->stride);
    const struct corr_waiting *x = at(c, --c->nheap);
    uint32_t hole = 0;
    for (uint32_t kid = 1; kid < c->nheap; kid = 2 * hole + 1) {
        if (kid + 1 < c->nheap && correlate_order_before(&at(c, kid + 1)->at, &at(c, kid)->at))
            kid++;
        if (!correlate_order_before(&at(c, kid)->at, &x->at))
            break;
        memcpy(at(c, hole), at(c, kid), c->stride);
        hole = kid;
    }
    if (hole != c->nheap)
        memcpy(at(c, hole), x, c->stride);
}

/* --- the watermark --- */

struct corr_source *
correlate_order_source(struct tcs_correlate *c, uint32_t source)
{
    uint32_t low = 0, high = c->nsources;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c->sources[mid].source < source)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < c->nsources && c->sources[low].source == source)
        return &c->sources[low];
    if (!tcs_base_grow(&c->sources, &c->cap_sources, c->nsources, 1, sizeof *c->sources)) {
        c->failed = true;
        return NULL;
    }
    memmove(c->sources + low + 1, c->sources + low, (c->nsources - low) * sizeof *c->sources);
    c->sources[low] = (struct corr_source){.newest = CORR_NEVER, .source = source};
    c->nsources++;
    return &c->sources[low];
}

void
correlate_order_seen(struct tcs_correlate *c, uint32_t source, int64_t time)
{
    struct corr_source *s = correlate_order_source(c, source);
    if (!s)
        return;
    if (time > s->newest)
        s->newest = time;
    /* over all sources, but not for each match */
    if (++c->pushes < c->nsources)
        return;
    c->pushes = 0;
    int64_t newest = CORR_NEVER, oldest = INT64_MAX;
    for (uint32_t i = 0; i < c->nsources; i++)
        newest = c->sources[i].newest > newest ? c->sources[i].newest : newest;
    int64_t active = c->opts.idle > 0 ? correlate_earlier(newest, c->opts.idle) : CORR_NEVER;
    for (uint32_t i = 0; i < c->nsources; i++)
        if (c->sources[i].newest >= active && c->sources[i].newest < oldest)
            oldest = c->sources[i].newest;
    int64_t mark = correlate_earlier(oldest, c->opts.lateness);
    c->watermark = mark > c->watermark ? mark : c->watermark;
}

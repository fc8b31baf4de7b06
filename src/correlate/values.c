/* correlate/values.c - the different values of a window, by the time of the newest match of
 * each.
 *
 * A list in the order of those times and a table over it.  So the values of a window are the list's
 * newer end, and their number is the list's length once the older end is cut. */
#include "base/limits.h"
#include "correlate/correlate_int.h"

#include <stdlib.h>

uint32_t
correlate_values_cap(const struct corr_def *d)
{
    return d->need > TCS_CORR_VALUES_TOLD ? d->need : TCS_CORR_VALUES_TOLD;
}

static uint32_t *
bucket(const struct corr_values *v, uint32_t id)
{
    return &v->heads[(id * 0x9e3779b1u) >> 7 & (v->cap - 1)];
}

/* Not tcs_base_grow: the room is also the number of buckets, a power of two, and there is one such
 * array for each group, so it starts small. */
static bool
values_room(struct corr_values *v)
{
    if (v->spare || v->used < v->cap)
        return true;
    uint32_t cap = v->cap ? v->cap * 2 : 4;
    struct corr_value *at = reallocarray(v->at, cap, sizeof *at);
    if (!at)
        return false;
    v->at = at;
    uint32_t *heads = calloc(cap, sizeof *heads);
    if (!heads)
        return false;
    free(v->heads);
    v->heads = heads;
    v->cap = cap;
    for (uint32_t i = v->oldest; i; i = correlate_value_at(v, i)->next) {
        uint32_t *head = bucket(v, correlate_value_at(v, i)->id);
        correlate_value_at(v, i)->chain = *head;
        *head = i;
    }
    return true;
}

static void
values_unlink(struct corr_values *v, uint32_t i)
{
    const struct corr_value *x = correlate_value_at(v, i);
    if (x->prev)
        correlate_value_at(v, x->prev)->next = x->next;
    else
        v->oldest = x->next;
    if (x->next)
        correlate_value_at(v, x->next)->prev = x->prev;
    else
        v->newest = x->prev;
}

static void
values_append(struct corr_values *v, uint32_t i)
{
    struct corr_value *x = correlate_value_at(v, i);
    x->prev = v->newest;
    x->next = 0;
    if (v->newest)
        correlate_value_at(v, v->newest)->next = i;
    else
        v->oldest = i;
    v->newest = i;
}

void
correlate_values_drop(struct corr_values *v, struct corr_texts *t)
{
    uint32_t i = v->oldest, *link = bucket(v, correlate_value_at(v, i)->id);
    while (*link != i)
        link = &correlate_value_at(v, *link)->chain;
    *link = correlate_value_at(v, i)->chain;
    values_unlink(v, i);
    correlate_text_drop(t, correlate_value_at(v, i)->id);
    correlate_value_at(v, i)->next = v->spare;
    v->spare = i;
    v->n--;
}

uint32_t
correlate_values_find(const struct corr_values *v, uint32_t id)
{
    uint32_t i = v->cap ? *bucket(v, id) : 0;
    while (i && correlate_value_at(v, i)->id != id)
        i = correlate_value_at(v, i)->chain;
    return i;
}

bool
correlate_values_add(struct corr_values *v, uint32_t cap, struct corr_value x, struct corr_texts *t)
{
    uint32_t i = correlate_values_find(v, x.id);
    if (i) {
        values_unlink(v, i);
        correlate_value_at(v, i)->last = x.last;
        correlate_value_at(v, i)->seq = x.seq;
        values_append(v, i);
        return true;
    }
    if (v->n == cap)
        correlate_values_drop(v, t);
    if (!values_room(v))
        return false;
    i = v->spare ? v->spare : ++v->used;
    if (v->spare)
        v->spare = correlate_value_at(v, i)->next;
    uint32_t *head = bucket(v, x.id);
    x.chain = *head;
    *correlate_value_at(v, i) = x;
    *head = i;
    values_append(v, i);
    correlate_text_keep(t, x.id);
    v->n++;
    return true;
}

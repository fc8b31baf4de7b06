/* correlate/numbers.c - the numbers of a window: their sum, and if asked for their order. */
#include "base/limits.h"
#include "correlate/correlate_int.h"

#include <math.h>
#include <stdlib.h>

enum { MILLION = 1000000 };

/* Sums are of whole millionths, so that they do not depend on the order of adding. */
static __int128
millionths(double v)
{
    return (__int128)rint(v * MILLION);
}

static bool
is_sorted(const struct tcs_correlation *c)
{
    return c->type == TCS_CORR_VALUE_PERCENTILE || c->type == TCS_CORR_VALUE_MEDIAN;
}

/* Where v is, or would be. */
static uint32_t
place_of(const double *p, uint32_t n, double v)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (p[mid] < v)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Not tcs_base_grow: a ring is laid out anew, its room is a power of two, and there is one for each
 * group, so it starts small. */
static bool
numbers_room(struct corr_numbers *w, bool sorted)
{
    if (w->n < w->cap)
        return true;
    uint32_t cap = w->cap ? w->cap * 2 : 4;
    struct corr_number *at = calloc(cap, sizeof *at);
    double *order = sorted ? reallocarray(w->sorted, cap, sizeof *order) : NULL;
    if (order)
        w->sorted = order;
    if (!at || (sorted && !order)) {
        free(at);
        return false;
    }
    for (uint32_t i = 0; i < w->n; i++)
        at[i] = *correlate_number_at(w, i);
    free(w->at);
    w->at = at;
    w->cap = cap;
    w->head = 0;
    return true;
}

void
correlate_numbers_drop(struct corr_numbers *w, const struct tcs_correlation *c)
{
    double v = correlate_number_at(w, 0)->v;
    if (is_sorted(c)) {
        uint32_t i = place_of(w->sorted, w->n, v);
        memmove(w->sorted + i, w->sorted + i + 1, (w->n - i - 1) * sizeof v);
    }
    w->total -= millionths(v);
    w->head = (w->head + 1) & (w->cap - 1);
    w->n--;
}

bool
correlate_numbers_add(struct corr_numbers *w, const struct tcs_correlation *c, struct corr_number x)
{
    bool sorted = is_sorted(c);
    if (w->n == TCS_CORR_NUMBERS_MAX) {
        w->cut = correlate_number_at(w, 0)->seen.time;
        correlate_numbers_drop(w, c);
    }
    if (!numbers_room(w, sorted))
        return false;
    if (sorted) {
        uint32_t i = place_of(w->sorted, w->n, x.v);
        memmove(w->sorted + i + 1, w->sorted + i, (w->n - i) * sizeof x.v);
        w->sorted[i] = x.v;
    }
    w->total += millionths(x.v);
    *correlate_number_at(w, w->n++) = x;
    return true;
}

/* Nearest rank: the smallest value that at least `percent` of them do not exceed. */
static double
percentile(const struct corr_numbers *w, double percent)
{
    double rank = ceil(percent / 100 * w->n);
    uint32_t i = rank < 1 ? 0 : rank > w->n ? w->n - 1 : (uint32_t)rank - 1;
    return w->sorted[i];
}

double
correlate_aggregate(const struct corr_numbers *w, const struct tcs_correlation *c)
{
    switch (c->type) {
    case TCS_CORR_VALUE_SUM:
        return (double)w->total / MILLION;
    case TCS_CORR_VALUE_AVG:
        return (double)w->total / MILLION / w->n;
    case TCS_CORR_VALUE_PERCENTILE:
        return percentile(w, c->percentile < 0 ? 95 : c->percentile);
    default:
        return (w->sorted[(w->n - 1) / 2] + w->sorted[w->n / 2]) / 2;
    }
}

/* report/scale.c - from times to places on a line, so that 54 seconds and 14 months can be read.
 *
 * Silences that would take most of the line are cut out and become a break of fixed width.  In the
 * stretches between, half of the room goes to the order (every time gets its share), half to the
 * time itself.  Monotone: what came later is never further left. */
#include "report/report_int.h"

enum { BREAK_LEAST = 600, BREAK_SHARE = 4, ORDER_SHARE = 5, SHARES = 10 };

/* In heap order, then sorted; in place, no recursion. */
static void
sift(int64_t *t, uint32_t at, uint32_t n)
{
    for (uint32_t kid; (kid = 2 * at + 1) < n; at = kid) {
        if (kid + 1 < n && t[kid + 1] > t[kid])
            kid++;
        if (t[at] >= t[kid])
            return;
        int64_t x = t[at];
        t[at] = t[kid];
        t[kid] = x;
    }
}

static uint32_t
sort_distinct(int64_t *t, uint32_t n)
{
    for (uint32_t i = n / 2; i-- > 0;)
        sift(t, i, n);
    for (uint32_t end = n; end > 1; end--) {
        int64_t x = t[0];
        t[0] = t[end - 1];
        t[end - 1] = x;
        sift(t, 0, end - 1);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || t[i] != t[kept - 1])
            t[kept++] = t[i];
    return kept;
}

/* cut[i]: the line is cut between times i and i + 1.  Returns how many cuts. */
static uint32_t
choose_cuts(const int64_t *t, uint32_t n, uint32_t most, bool *cut)
{
    int64_t rest = report_between(t[0], t[n - 1]);
    uint32_t cuts = 0;
    for (; cuts < most; cuts++) {
        int64_t widest = 0;
        uint32_t at = 0;
        for (uint32_t i = 0; i + 1 < n; i++) {
            int64_t gap = report_between(t[i], t[i + 1]);
            if (!cut[i] && gap > widest) {
                widest = gap;
                at = i;
            }
        }
        if (widest < (int64_t)BREAK_LEAST * TCS_TICKS_PER_SEC || widest < rest / BREAK_SHARE)
            break;
        cut[at] = true;
        rest -= widest;
    }
    return cuts;
}

/* Places times [from, to] between x0 and x1. */
static void
place(struct rp_scale *s, uint32_t from, uint32_t to, int x0, int x1)
{
    double span = (double)report_between(s->times[from], s->times[to]);
    for (uint32_t i = from; i <= to; i++) {
        double order = to > from ? (double)(i - from) / (double)(to - from) : 0.0;
        double time = span > 0 ? (double)report_between(s->times[from], s->times[i]) / span : 0.0;
        double share = (order * ORDER_SHARE + time * (SHARES - ORDER_SHARE)) / SHARES;
        s->x[i] = x0 + (int)(share * (x1 - x0));
    }
}

static void
place_all(struct rp_scale *s, const bool *cut, const struct rp_scale_want *w)
{
    int stretches = (int)s->nbreaks + 1;
    int room = w->right - w->left - (int)s->nbreaks * w->gap;
    int least = w->segment * stretches > room ? room / stretches : w->segment;
    room -= least * stretches;
    double x = w->left;
    uint32_t from = 0, b = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        if (i + 1 < s->n && !cut[i])
            continue;
        double width = least + (double)room * (i - from + 1) / s->n;
        place(s, from, i, (int)x, (int)(x + width));
        x += width;
        if (i + 1 < s->n) {
            s->breaks[b++] =
                (struct rp_break){(int)x, w->gap, report_between(s->times[i], s->times[i + 1])};
            x += w->gap;
        }
        from = i + 1;
    }
}

bool
report_scale(struct tcs_arena *a, const int64_t *times, uint32_t n,
             const struct rp_scale_want *want, struct rp_scale *ret)
{
    int64_t *t = tcs_base_arena_array(a, n + 1, sizeof *t);
    bool *cut = tcs_base_arena_array(a, n + 1, sizeof *cut);
    *ret = (struct rp_scale){0};
    if (!t || !cut)
        return false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (times[i] != TCS_TIME_NONE)
            t[kept++] = times[i];
    kept = sort_distinct(t, kept);
    int most = (want->right - want->left - want->segment) / (want->segment + want->gap);
    ret->nbreaks = kept > 1 && most > 0 ? choose_cuts(t, kept, (uint32_t)most, cut) : 0;
    ret->breaks = tcs_base_arena_array(a, ret->nbreaks + 1, sizeof *ret->breaks);
    ret->x = tcs_base_arena_array(a, kept + 1, sizeof *ret->x);
    ret->times = t;
    ret->n = kept;
    if (!ret->breaks || !ret->x)
        return false;
    place_all(ret, cut, want);
    return true;
}

int
report_scale_x(const struct rp_scale *s, int64_t t)
{
    uint32_t from = 0, to = s->n;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (s->times[mid] <= t)
            from = mid + 1;
        else
            to = mid;
    }
    return s->n == 0 ? 0 : s->x[from ? from - 1 : 0];
}

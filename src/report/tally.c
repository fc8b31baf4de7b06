/* report/tally.c - sums over findings.  Strings live in the summary's own arena (lifetime: state).
 */
#include "report/tally.h"

#include "base/map.h"
#include "base/time.h"

#include <stdlib.h>

struct tcs_summary {
    const struct tcs_rule *rules;
    uint32_t nrules, ngroups, cap;
    struct tcs_arena *arena;
    struct tcs_map index; /* key of (rule, host, account) -> group */
    struct tcs_group *groups;
    uint64_t *per_rule, per_level[TCS_SUMMARY_LEVELS], total, ungrouped;
    struct tcs_buf key;
    struct tcs_histogram histogram;
    bool sorted;
};

struct tcs_summary *
tcs_summary_new(const struct tcs_rule *rules, uint32_t nrules)
{
    struct tcs_summary *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->rules = rules;
    s->nrules = nrules;
    s->arena = tcs_arena_new(0);
    s->per_rule = calloc(nrules ? nrules : 1, sizeof *s->per_rule);
    if (s->arena && s->per_rule)
        return s;
    tcs_summary_free(s);
    return NULL;
}

void
tcs_summary_free(struct tcs_summary *s)
{
    if (!s)
        return;
    tcs_arena_free(s->arena);
    tcs_map_done(&s->index);
    tcs_buf_done(&s->key);
    free(s->groups);
    free(s->per_rule);
    free(s);
}

static int64_t
floor_to(int64_t t, int64_t width)
{
    int64_t r = t % width;
    return t - (r < 0 ? r + width : r);
}

/* Twice the width; the bins keep their counts. */
static void
widen(struct tcs_histogram *h)
{
    int64_t width = h->width * 2, start = floor_to(h->start, width);
    size_t shift = (size_t)((h->start - start) / h->width); /* 0 or 1 */
    for (size_t l = 0; l < TCS_SUMMARY_LEVELS; l++) {
        uint32_t old[TCS_HISTOGRAM_BINS];
        memcpy(old, h->bins[l], sizeof old);
        memset(h->bins[l], 0, sizeof old);
        for (size_t i = 0; i < TCS_HISTOGRAM_BINS; i++)
            h->bins[l][(i + shift) / 2] += old[i];
    }
    h->start = start;
    h->width = width;
}

/* Move the bins so that they begin earlier; what falls off the end must be empty. */
static bool
begin_at(struct tcs_histogram *h, int64_t start)
{
    int64_t by = (h->start - start) / h->width;
    if (by >= TCS_HISTOGRAM_BINS)
        return false;
    size_t n = (size_t)by, keep = TCS_HISTOGRAM_BINS - n;
    for (size_t l = 0; l < TCS_SUMMARY_LEVELS; l++)
        for (size_t i = keep; i < TCS_HISTOGRAM_BINS; i++)
            if (h->bins[l][i])
                return false;
    for (size_t l = 0; l < TCS_SUMMARY_LEVELS; l++) {
        memmove(h->bins[l] + n, h->bins[l], keep * sizeof **h->bins);
        memset(h->bins[l], 0, n * sizeof **h->bins);
    }
    h->start = start;
    return true;
}

static void
histogram_add(struct tcs_histogram *h, int64_t t, uint8_t level)
{
    /* 200 years around 1970: real logs lie within, and the arithmetic stays far from overflow. */
    static const int64_t limit = INT64_C(200) * 366 * 86400 * TCS_TICKS_PER_SEC;
    if (t == TCS_TIME_NONE || t < -limit || t > limit)
        return;
    if (!h->width) {
        h->width = TCS_TICKS_PER_SEC;
        h->start = floor_to(t, h->width);
    }
    /* ends: every step doubles the width, and the bounded span fits into one bin at last */
    for (;;) {
        if (t < h->start && !begin_at(h, floor_to(t, h->width))) {
            widen(h);
            continue;
        }
        int64_t bin = (t - h->start) / h->width;
        if (bin < TCS_HISTOGRAM_BINS) {
            h->bins[level][bin]++;
            return;
        }
        widen(h);
    }
}

static struct tcs_group *
new_group(struct tcs_summary *s, const struct tcs_hunt_finding *f, uint8_t level)
{
    if (s->ngroups == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 256;
        struct tcs_group *p = reallocarray(s->groups, cap, sizeof *p);
        if (!p)
            return NULL;
        s->groups = p;
        s->cap = cap;
    }
    struct tcs_group *g = &s->groups[s->ngroups++];
    *g = (struct tcs_group){.rule = f->rule,
                            .level = level,
                            .host = tcs_arena_str(s->arena, f->host),
                            .account = tcs_arena_str(s->arena, f->account),
                            .first = TCS_TIME_NONE,
                            .last = TCS_TIME_NONE,
                            .origin = f->origin,
                            .offset = f->offset,
                            .record_id = f->record_id,
                            .event_id = f->event_id,
                            .channel = tcs_arena_str(s->arena, f->channel)};
    return g;
}

static struct tcs_str
key_of(struct tcs_summary *s, const struct tcs_hunt_finding *f)
{
    uint32_t host_n = (uint32_t)f->host.n;
    s->key.n = 0;
    tcs_buf_put(&s->key, &f->rule, sizeof f->rule);
    tcs_buf_put(&s->key, &host_n, sizeof host_n);
    tcs_buf_str(&s->key, f->host);
    tcs_buf_str(&s->key, f->account);
    return tcs_buf_view(&s->key);
}

/* NULL with *full: the table is full; NULL without: no memory. */
static struct tcs_group *
group_of(struct tcs_summary *s, const struct tcs_hunt_finding *f, uint8_t level, bool *full)
{
    struct tcs_str key = key_of(s, f);
    uint32_t at = s->key.failed ? TCS_MAP_NONE : tcs_map_get(&s->index, key);
    *full = false;
    if (at != TCS_MAP_NONE)
        return &s->groups[at];
    *full = s->ngroups == TCS_GROUPS_MAX;
    struct tcs_group *g = *full || s->key.failed ? NULL : new_group(s, f, level);
    if (!g)
        return NULL;
    struct tcs_str own = tcs_arena_str(s->arena, key);
    bool good = !tcs_arena_failed(s->arena) && tcs_map_put(&s->index, own, s->ngroups - 1) == 0;
    return good ? g : NULL;
}

int
tcs_summary_add(struct tcs_summary *s, const struct tcs_hunt_finding *f, struct tcs_err *err)
{
    uint8_t level = s->rules[f->rule].doc.level;
    bool full;
    s->total++;
    s->per_level[level]++;
    s->per_rule[f->rule]++;
    histogram_add(&s->histogram, f->time, level);
    struct tcs_group *g = group_of(s, f, level, &full);
    if (!g && !full)
        return tcs_fail(err, TCS_ENOMEM, "out of memory for the summary of findings");
    if (!g) {
        s->ungrouped++;
        return 0;
    }
    g->count++;
    g->carved += (f->flags & TCS_EVENT_CARVED) != 0;
    if (f->time != TCS_TIME_NONE && (g->first == TCS_TIME_NONE || f->time < g->first))
        g->first = f->time;
    if (f->time != TCS_TIME_NONE && (g->last == TCS_TIME_NONE || f->time > g->last))
        g->last = f->time;
    return 0;
}

uint64_t
tcs_summary_count(const struct tcs_summary *s, uint8_t level)
{
    return s->per_level[level];
}

uint64_t
tcs_summary_total(const struct tcs_summary *s)
{
    return s->total;
}

uint64_t
tcs_summary_rule(const struct tcs_summary *s, uint32_t rule)
{
    return s->per_rule[rule];
}

uint64_t
tcs_summary_ungrouped(const struct tcs_summary *s)
{
    return s->ungrouped;
}

const struct tcs_histogram *
tcs_summary_histogram(const struct tcs_summary *s)
{
    return &s->histogram;
}

static int
by_place(const void *pa, const void *pb)
{
    const struct tcs_group *a = pa, *b = pb;
    int c;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if ((c = tcs_str_cmp(a->host, b->host)) != 0 || (c = tcs_str_cmp(a->account, b->account)) != 0)
        return c;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* Sorting moves the groups away from where the index says they are: nothing is added after it. */
const struct tcs_group *
tcs_summary_groups(struct tcs_summary *s, uint32_t *n)
{
    if (s->ngroups && !s->sorted)
        qsort(s->groups, s->ngroups, sizeof *s->groups, by_place);
    s->sorted = true;
    *n = s->ngroups;
    return s->groups;
}

/* report/tally.c - sums over findings.  Strings live in the tally's own arena (lifetime: state).
 */
#include "report/tally.h"

#include "base/grow.h"
#include "base/invariant.h"
#include "base/map.h"
#include "base/time.h"

#include <stdlib.h>

enum { NAME_MAX_BYTES = 256 }; /* of a host or account that is told */

struct tcs_tally {
    uint32_t nrules, ngroups, cap;
    struct tcs_arena *arena;
    struct tcs_map index; /* key of (rule, host, account) -> group */
    struct tcs_group *groups;
    uint64_t *per_rule, per_level[TCS_LEVELS], total, unchecked, ungrouped;
    struct tcs_buf key;
    struct tcs_histogram histogram;
    bool sorted;
};

struct tcs_tally *
tcs_report_tally_new(uint32_t nrules)
{
    struct tcs_tally *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->nrules = nrules;
    s->arena = tcs_base_arena_new(0);
    s->per_rule = calloc(nrules ? nrules : 1, sizeof *s->per_rule);
    if (s->arena && s->per_rule)
        return s;
    tcs_report_tally_free(s);
    return NULL;
}

void
tcs_report_tally_free(struct tcs_tally *s)
{
    if (!s)
        return;
    tcs_base_arena_free(s->arena);
    tcs_base_map_done(&s->index);
    tcs_base_buf_done(&s->key);
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
    for (size_t l = 0; l < TCS_LEVELS; l++) {
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
    for (size_t l = 0; l < TCS_LEVELS; l++)
        for (size_t i = keep; i < TCS_HISTOGRAM_BINS; i++)
            if (h->bins[l][i])
                return false;
    for (size_t l = 0; l < TCS_LEVELS; l++) {
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

/* Of which host and account it is, as people are told. */
struct place {
    struct tcs_str host;
    struct tcs_identity_account account;
};

static struct place
place_of(const struct tcs_outlet_finding *t)
{
    const struct tcs_correlated *c = t->correlated;
    if (!c)
        return (struct place){t->finding->who.host, tcs_identity_account(&t->finding->who)};
    struct place p = {.host = c->host, .account.name = c->account};
    if (!p.host.n && c->some_host)
        p.host = TCS_STR("(several computers)");
    if (!p.account.name.n && c->some_account)
        p.account.name = TCS_STR("(several accounts)");
    return p;
}

static void
put_account(struct tcs_buf *b, const struct tcs_identity_account *a)
{
    tcs_base_buf_str(b, tcs_base_str_slice(a->domain, 0, NAME_MAX_BYTES));
    if (a->domain.n)
        tcs_base_buf_c(b, '\\');
    tcs_base_buf_str(b, tcs_base_str_slice(a->name, 0, NAME_MAX_BYTES));
}

/* Rule, then how long the host's name is, the host and the account: in this order in the key. */
static struct tcs_str
key_of(struct tcs_tally *s, const struct tcs_outlet_finding *t, const struct place *p)
{
    struct tcs_str host = tcs_base_str_slice(p->host, 0, NAME_MAX_BYTES);
    uint32_t head[2] = {t->nr, (uint32_t)host.n};
    s->key.n = 0;
    tcs_base_buf_put(&s->key, head, sizeof head);
    tcs_base_buf_str(&s->key, host);
    put_account(&s->key, &p->account);
    return tcs_base_buf_view(&s->key);
}

static struct tcs_group *
new_group(struct tcs_tally *s, const struct tcs_outlet_finding *t, struct tcs_str key)
{
    enum { HEAD = 2 * sizeof(uint32_t) };
    const struct tcs_evidence *e = &t->finding->evidence;
    uint32_t host;
    if (!key.p || !tcs_base_grow(&s->groups, &s->cap, s->ngroups, 1, sizeof *s->groups))
        return NULL;
    memcpy(&host, key.p + sizeof host, sizeof host);
    struct tcs_group *g = &s->groups[s->ngroups++];
    *g = (struct tcs_group){
        .rule = t->nr,
        .level = t->rule->doc.level,
        .host = tcs_base_str_slice(key, HEAD, HEAD + host),
        .account = tcs_base_str_slice(key, HEAD + host, key.n),
        .first = TCS_TIME_NONE,
        .last = TCS_TIME_NONE,
        .origin = t->origin,
        .offset = e->offset,
        .record_id = e->record_id,
        .event_id = e->event_id,
        .channel = tcs_base_arena_str(s->arena, tcs_base_str_slice(e->channel, 0, NAME_MAX_BYTES))};
    return g;
}

/* NULL with *full: the table is full; NULL without: no memory. */
static struct tcs_group *
group_of(struct tcs_tally *s, const struct tcs_outlet_finding *t, bool *full)
{
    const struct place p = place_of(t);
    struct tcs_str key = key_of(s, t, &p);
    uint32_t at = s->key.failed ? TCS_MAP_NONE : tcs_base_map_get(&s->index, key);
    *full = false;
    if (at != TCS_MAP_NONE)
        return &s->groups[at];
    *full = s->ngroups == TCS_GROUPS_MAX;
    if (*full || s->key.failed)
        return NULL;
    struct tcs_str own = tcs_base_arena_str(s->arena, key);
    struct tcs_group *g = new_group(s, t, own);
    bool good = g && !tcs_base_arena_failed(s->arena) &&
                tcs_base_map_put(&s->index, own, s->ngroups - 1) == 0;
    return good ? g : NULL;
}

int
tcs_report_tally_add(struct tcs_tally *s, const struct tcs_outlet_finding *t, struct tcs_err *err)
{
    uint8_t level = t->rule->doc.level;
    int64_t time = t->correlated ? t->correlated->last : t->finding->time;
    bool full;
    bool unchecked = t->finding->flags & TCS_FINDING_UNCHECKED;
    s->total++;
    s->unchecked += unchecked;
    s->per_level[level]++;
    TCS_INVARIANT(t->nr < s->nrules);
    s->per_rule[t->nr]++;
    histogram_add(&s->histogram, time, level);
    struct tcs_group *g = group_of(s, t, &full);
    if (!g && !full)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the summary of findings");
    if (!g) {
        s->ungrouped++;
        return 0;
    }
    g->count++;
    g->carved += (t->finding->flags & TCS_FINDING_CARVED) != 0;
    if (unchecked && !g->unchecked++)
        g->rests = tcs_base_arena_str(s->arena, t->finding->unchecked);
    if (time != TCS_TIME_NONE && (g->first == TCS_TIME_NONE || time < g->first))
        g->first = time;
    if (time != TCS_TIME_NONE && (g->last == TCS_TIME_NONE || time > g->last))
        g->last = time;
    return 0;
}

uint64_t
tcs_report_tally_count(const struct tcs_tally *s, uint8_t level)
{
    return s->per_level[level];
}

uint64_t
tcs_report_tally_total(const struct tcs_tally *s)
{
    return s->total;
}

uint64_t
tcs_report_tally_unchecked(const struct tcs_tally *s)
{
    return s->unchecked;
}

uint64_t
tcs_report_tally_rule(const struct tcs_tally *s, uint32_t rule)
{
    return s->per_rule[rule];
}

uint64_t
tcs_report_tally_ungrouped(const struct tcs_tally *s)
{
    return s->ungrouped;
}

const struct tcs_histogram *
tcs_report_tally_histogram(const struct tcs_tally *s)
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
    if ((c = tcs_base_str_cmp(a->host, b->host)) != 0 ||
        (c = tcs_base_str_cmp(a->account, b->account)) != 0)
        return c;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* Sorting moves the groups away from where the index says they are: nothing is added after it. */
const struct tcs_group *
tcs_report_tally_groups(struct tcs_tally *s, uint32_t *n)
{
    if (s->ngroups && !s->sorted)
        qsort(s->groups, s->ngroups, sizeof *s->groups, by_place);
    s->sorted = true;
    *n = s->ngroups;
    return s->groups;
}

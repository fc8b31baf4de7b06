/* detect/blindness.c - see blindness.h.  In: the rules that run and the logs that were
 * met.  Out: sums. */
#include "detect/blindness.h"

#include "sigma/blind.h"

#include <stdlib.h>

enum { FIELDS_MAX = 256 }; /* told of one view; SigmaHQ asks for 10 that 4688 never has */

struct sums {
    struct tcs_arena *a;
    struct tcs_blind_view *views;
    uint32_t n, cap;
};

/* A log that the view takes its records from was met. */
static bool
met(const struct tcs_view *v, const struct tcs_log_count *logs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        bool channel = v->nchannels == 0;
        for (uint32_t k = 0; k < v->nchannels && !channel; k++)
            channel = tcs_base_str_ieq(v->channels[k], logs[i].channel);
        if (channel && tcs_base_str_eq(v->product, logs[i].product) &&
            (!v->service.n || tcs_base_str_eq(v->service, logs[i].service)))
            return true;
    }
    return false;
}

static struct tcs_blind_view *
sum_of(struct sums *s, const struct tcs_view *v)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (tcs_base_str_eq(s->views[i].name, v->name) &&
            tcs_base_str_eq(s->views[i].product, v->product))
            return &s->views[i];
    if (!tcs_base_arena_grow(s->a, &s->views, s->n, &s->cap, sizeof *s->views))
        return NULL;
    s->views[s->n] = (struct tcs_blind_view){.product = v->product, .name = v->name};
    return &s->views[s->n++];
}

static bool
add_field(struct sums *s, struct tcs_blind_view *to, struct tcs_str name)
{
    for (uint32_t i = 0; i < to->nfields; i++)
        if (tcs_base_str_eq(to->fields[i].name, name)) {
            to->fields[i].rules++;
            return true;
        }
    if (!to->fields)
        to->fields = tcs_base_arena_array(s->a, FIELDS_MAX, sizeof *to->fields);
    if (to->fields && to->nfields < FIELDS_MAX)
        to->fields[to->nfields++] = (struct tcs_blind_field){name, 1};
    return to->fields;
}

static bool
add_rule(struct sums *s, const struct tcs_rule *rule, const struct tcs_view *v)
{
    struct tcs_blind b;
    struct tcs_blind_view *to = sum_of(s, v);
    if (!to || !tcs_sigma_blind(rule, v, s->a, &b))
        return false;
    to->rules++;
    to->cannot_match += b.cannot_match;
    to->partly += b.nfields && !b.cannot_match;
    bool good = true;
    for (uint32_t i = 0; good && i < b.nfields; i++)
        good = add_field(s, to, b.fields[i]);
    return good;
}

static int
by_rules(const void *pa, const void *pb)
{
    const struct tcs_blind_field *a = pa, *b = pb;
    if (a->rules != b->rules)
        return a->rules > b->rules ? -1 : 1;
    return tcs_base_str_cmp(a->name, b->name);
}

static int
by_blind(const void *pa, const void *pb)
{
    const struct tcs_blind_view *a = pa, *b = pb;
    uint32_t x = a->cannot_match + a->partly, y = b->cannot_match + b->partly;
    if (x != y)
        return x > y ? -1 : 1;
    int c = tcs_base_str_cmp(a->name, b->name);
    return c ? c : tcs_base_str_cmp(a->product, b->product);
}

bool
tcs_detect_blind(const struct tcs_rulebook *book, struct tcs_logs *logs, struct tcs_arena *a,
                 struct tcs_blind_view **ret, uint32_t *n)
{
    struct sums s = {.a = a};
    const struct tcs_logsources *ls = tcs_detect_rulebook_logsources(book);
    uint32_t nrules, nlogs = 0, kept = 0;
    const struct tcs_rule *rules = tcs_detect_rulebook_rules(book, &nrules);
    const struct tcs_log_count *seen = logs ? tcs_detect_logs_list(logs, &nlogs) : NULL;
    bool good = true;
    for (uint32_t i = 0; i < nrules; i++) {
        uint32_t nviews;
        const struct tcs_view *v = tcs_sigma_logsources_find(ls, &rules[i].logsource, &nviews);
        for (uint32_t k = 0; good && k < nviews; k++)
            if (v[k].closed && (!logs || met(&v[k], seen, nlogs)))
                good = add_rule(&s, &rules[i], &v[k]);
    }
    for (uint32_t i = 0; i < s.n; i++)
        if (s.views[i].nfields)
            s.views[kept++] = s.views[i];
    for (uint32_t i = 0; i < kept; i++)
        qsort(s.views[i].fields, s.views[i].nfields, sizeof *s.views[i].fields, by_rules);
    if (kept)
        qsort(s.views, kept, sizeof *s.views, by_blind);
    *ret = s.views;
    *n = kept;
    return good;
}

/* tests/property/correlate_plain.c - the plain matcher for correlations.  Slow on purpose. */
#include "correlate_plain.h"

#include "base/num.h"
#include "check.h"

#include <math.h>

enum { MATCHES_MAX = 512, NEWEST = 8, SHOWN = 16, RULES_MAX = 8 };

struct item {
    struct plain_match m;
    uint32_t inputs; /* which of the correlation's rules it is a match of */
    struct tcs_str key[PLAIN_FIELDS], value[PLAIN_FIELDS];
    double number;
};

struct plain {
    const struct plain_input *in;
    const struct tcs_correlation *c;
    uint32_t corr;
    struct item *items; /* in order, those that count */
    uint32_t n;
    struct plain_match *results; /* for outer correlations */
    uint32_t *nresults;
    bool tell;
    void (*result)(void *ctx, const struct tcs_corr_result *r);
    void *ctx;
};

static int64_t
span(const struct plain *p)
{
    return (int64_t)p->c->timespan_s * TCS_TICKS_PER_SEC;
}

/* --- order --- */

static int
by_order(const void *pa, const void *pb)
{
    const struct plain_match *a = pa, *b = pb;
#define BY(f)                                                                                      \
    if (a->f != b->f)                                                                              \
    return a->f < b->f ? -1 : 1
    BY(time);
    BY(at_end);
    if (a->at_end) {
        BY(corr1);
        BY(order);
        return 0;
    }
    if (a->corr1 || b->corr1) {
        /* a result comes behind its match, before the next one */
        BY(order);
        BY(corr1);
        return 0;
    }
    BY(source);
    BY(record);
    BY(offset);
    BY(rule);
    BY(ref);
    return 0;
#undef BY
}

static struct tcs_str
field(const struct plain_match *m, struct tcs_str name)
{
    for (int i = 0; i < PLAIN_FIELDS; i++)
        if (m->names[i].n && tcs_base_str_eq(m->names[i], name))
            return m->values[i];
    return (struct tcs_str){0};
}

static bool
named(const struct tcs_doc *d, struct tcs_str ref)
{
    return (d->id.n && tcs_base_str_eq(d->id, ref)) || (d->name.n && tcs_base_str_eq(d->name, ref));
}

static const struct tcs_doc *
doc(const struct plain *p, const struct plain_match *m)
{
    return m->corr1 ? &p->in->corrs[m->corr1 - 1].doc : &p->in->rules[m->rule].doc;
}

static struct tcs_str
aliased(const struct plain *p, const struct plain_match *m, struct tcs_str name)
{
    for (uint32_t i = 0; i < p->c->naliases; i++)
        if (tcs_base_str_eq(p->c->aliases[i].alias, name) &&
            named(doc(p, m), p->c->aliases[i].rule))
            return field(m, p->c->aliases[i].field);
    return field(m, name);
}

/* False: passed over. */
static bool
make_item(const struct plain *p, const struct plain_match *m, struct item *to)
{
    *to = (struct item){.m = *m};
    for (uint32_t i = 0; i < p->c->nrules; i++)
        if (named(doc(p, m), p->c->rules[i]))
            to->inputs |= 1u << i;
    if (!to->inputs)
        return false;
    for (uint32_t i = 0; i < p->c->ngroup_by; i++)
        if (!(to->key[i] = aliased(p, m, p->c->group_by[i])).n)
            return false;
    uint8_t type = p->c->type;
    if (type == TCS_CORR_EVENT_COUNT || type == TCS_CORR_TEMPORAL ||
        type == TCS_CORR_TEMPORAL_ORDERED)
        return true;
    for (uint32_t i = 0; i < p->c->ncond_fields; i++)
        if (!(to->value[i] = aliased(p, m, p->c->cond_fields[i])).n)
            return false;
    uint64_t hex;
    if (type == TCS_CORR_VALUE_COUNT)
        return true;
    if (tcs_base_num_hex(to->value[0], &hex))
        to->number = (double)hex;
    else if (!tcs_base_num_double(to->value[0], &to->number))
        return false;
    return fabs(to->number) < 1e18;
}

static bool
same(const struct tcs_str *a, const struct tcs_str *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!tcs_base_str_ieq(a[i], b[i]))
            return false;
    return true;
}

/* Is j in the window of i? */
static bool
in_window(const struct plain *p, uint32_t i, uint32_t j)
{
    return j <= i && p->items[j].m.time >= p->items[i].m.time - span(p) &&
           same(p->items[i].key, p->items[j].key, p->c->ngroup_by);
}

/* --- the text over rules --- */

static bool
text_holds(const struct tcs_correlation *c, uint32_t at, uint32_t seen, bool under_not, bool strict)
{
    const struct tcs_node *n = &c->nodes[at];
    if (n->op == TCS_N_SEARCH)
        return (!under_not || strict) && (seen >> n->a & 1);
    if (n->op == TCS_N_NOT)
        return !text_holds(c, n->a, seen, !under_not, strict);
    bool all = true, any = false;
    for (uint32_t i = 0; i < n->n; i++) {
        bool one = text_holds(c, c->kids[n->a + i], seen, under_not, strict);
        all = all && one;
        any = any || one;
    }
    return n->op == TCS_N_AND ? all : any;
}

static void
text_rules(const struct tcs_correlation *c, uint32_t at, bool under_not, uint32_t *outside,
           bool *negated)
{
    const struct tcs_node *n = &c->nodes[at];
    if (n->op == TCS_N_SEARCH && under_not)
        *negated = true;
    else if (n->op == TCS_N_SEARCH)
        *outside |= 1u << n->a;
    else if (n->op == TCS_N_NOT)
        text_rules(c, n->a, !under_not, outside, negated);
    else
        for (uint32_t i = 0; i < n->n; i++)
            text_rules(c, c->kids[n->a + i], under_not, outside, negated);
}

/* --- the number of a window --- */

struct number {
    double v;
    bool holds;    /* lower bounds, or the text */
    int64_t start; /* temporal_ordered: when the sequence began */
    uint32_t rests_on;
};

static bool
distinct_event(const struct plain_match *a, const struct plain_match *b)
{
    return a->time != b->time || a->source != b->source || a->record != b->record ||
           a->offset != b->offset || a->at_end != b->at_end;
}

/* Latest start of matches of the rules of `set`, in the order of the list, ending at or before i;
 * false: none.  Tries every match for the last step, and so on. */
static bool
sequence(const struct plain *p, uint32_t i, uint32_t set, uint32_t before, int64_t *start)
{
    bool found = false;
    uint32_t last = 31 - (uint32_t)__builtin_clz(set);
    for (uint32_t j = 0; j <= i && j < before; j++) {
        int64_t s = p->items[j].m.time;
        if (!in_window(p, i, j) || !(p->items[j].inputs >> last & 1))
            continue;
        if (before <= i && !distinct_event(&p->items[j].m, &p->items[before].m))
            continue;
        if ((set & (set - 1)) && !sequence(p, i, set & ~(1u << last), j, &s))
            continue;
        if (!found || s > *start)
            *start = s;
        found = true;
    }
    return found;
}

static void
ordered_number(const struct plain *p, uint32_t i, struct number *ret)
{
    const struct tcs_correlation *c = p->c;
    for (uint32_t set = 1; set < 1u << c->nrules; set++) {
        int64_t start;
        uint32_t n = (uint32_t)__builtin_popcount(set);
        if (c->extended.n && !text_holds(c, c->root, set, false, false))
            continue;
        if (!sequence(p, i, set, UINT32_MAX, &start))
            continue;
        bool take;
        if (!ret->rests_on)
            take = true;
        else if (c->extended.n) /* a set that only adds to another holds by the smaller */
            take = start > ret->start;
        else
            take = n > ret->rests_on || (n == ret->rests_on && start > ret->start);
        if (!take)
            continue;
        ret->start = start;
        ret->rests_on = n;
        ret->v = n;
        ret->holds = true;
    }
}

static int
by_number(const void *pa, const void *pb)
{
    double a, b;
    memcpy(&a, pa, sizeof a);
    memcpy(&b, pb, sizeof b);
    return a < b ? -1 : a > b;
}

static double
aggregate(const struct tcs_correlation *c, double *v, uint32_t n)
{
    long double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += rintl((long double)v[i] * 1000000);
    if (c->type == TCS_CORR_VALUE_SUM)
        return (double)sum / 1000000;
    if (c->type == TCS_CORR_VALUE_AVG)
        return (double)sum / 1000000 / n;
    qsort(v, n, sizeof *v, by_number);
    if (c->type == TCS_CORR_VALUE_MEDIAN)
        return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    double percent = c->percentile < 0 ? 95 : c->percentile;
    for (uint32_t i = 0; i < n; i++)
        if (i + 1 >= percent / 100 * n)
            return v[i];
    return v[n - 1];
}

static bool
compare(const struct tcs_correlation *c, double v, bool lower_only)
{
    for (uint32_t i = 0; i < c->nconds; i++) {
        double num = c->conds[i].num;
        bool ok = true;
        switch (c->conds[i].cmp) {
        case TCS_GT:
            ok = v > num;
            break;
        case TCS_GE:
            ok = v >= num;
            break;
        case TCS_EQ:
            ok = lower_only ? v >= num : v == num;
            break;
        case TCS_LT:
            ok = lower_only || v < num;
            break;
        case TCS_LE:
            ok = lower_only || v <= num;
            break;
        default:
            ok = lower_only || v != num;
        }
        if (!ok)
            return false;
    }
    return true;
}

/* How many of the newest are counted: more make no difference to the condition. */
static double
need(const struct tcs_correlation *c)
{
    double most = 1;
    for (uint32_t i = 0; i < c->nconds; i++) {
        double v = c->conds[i].cmp == TCS_GE ? ceil(c->conds[i].num) : floor(c->conds[i].num) + 1;
        most = v > most ? v : most;
    }
    return most;
}

/* Is there a later match of the window of i with an equal value (or, by input, of the same rule)?
 */
static bool
newer(const struct plain *p, uint32_t i, uint32_t j)
{
    for (uint32_t k = j + 1; k <= i; k++)
        if (in_window(p, i, k) && same(p->items[j].value, p->items[k].value, p->c->ncond_fields))
            return true;
    return false;
}

static struct number
number_of(const struct plain *p, uint32_t i)
{
    struct number r = {0};
    double v[MATCHES_MAX];
    uint32_t n = 0, seen = 0, outside = 0;
    bool negated;
    if (p->c->type == TCS_CORR_TEMPORAL_ORDERED) {
        ordered_number(p, i, &r);
        r.holds = r.holds && (p->c->extended.n || compare(p->c, r.v, true));
        return r;
    }
    if (p->c->extended.n)
        text_rules(p->c, p->c->root, false, &outside, &negated);
    else
        outside = UINT32_MAX;
    for (uint32_t j = 0; j <= i; j++) {
        if (!in_window(p, i, j))
            continue;
        seen |= p->items[j].inputs;
        if (p->c->type != TCS_CORR_VALUE_COUNT || !newer(p, i, j))
            v[n++] = p->items[j].number;
    }
    if (p->c->type == TCS_CORR_TEMPORAL) {
        r.v = __builtin_popcount(seen & outside);
        r.holds = p->c->extended.n ? text_holds(p->c, p->c->root, seen, false, false)
                                   : compare(p->c, r.v, true);
        return r;
    }
    r.v = p->c->type == TCS_CORR_EVENT_COUNT || p->c->type == TCS_CORR_VALUE_COUNT
              ? n
              : aggregate(p->c, v, n);
    if (p->c->type == TCS_CORR_EVENT_COUNT && r.v > need(p->c))
        r.v = need(p->c);
    r.holds = compare(p->c, r.v, true);
    return r;
}

/* --- episodes --- */

struct episode {
    int64_t first, last;
    uint32_t opened, held; /* items: first and last hold */
    uint32_t newest_from;  /* first of the items that may be among the newest */
    uint64_t count, since, count_first;
    double value;
    uint64_t refs[PLAIN_REFS], shown[SHOWN], newest[MATCHES_MAX];
    uint32_t nrefs, nshown, nnewest, shown_item[SHOWN];
    struct tcs_str seen[SHOWN][PLAIN_FIELDS];
    bool open;
};

static bool
counts(const struct plain *p, uint32_t i)
{
    uint32_t outside = 0;
    bool negated;
    if (!p->c->extended.n)
        return true;
    text_rules(p->c, p->c->root, false, &outside, &negated);
    return p->items[i].inputs & outside;
}

static bool
judged_late(const struct plain *p)
{
    uint32_t outside = 0;
    bool negated = false;
    if (p->c->extended.n)
        text_rules(p->c, p->c->root, false, &outside, &negated);
    for (uint32_t i = 0; i < p->c->nconds; i++)
        negated = negated || (p->c->conds[i].cmp != TCS_GT && p->c->conds[i].cmp != TCS_GE);
    return negated;
}

/* The match that the text or number rests on besides: newest of each rule in the window. */
static void
show_rules(const struct plain *p, struct episode *e, uint32_t i)
{
    e->nshown = 0;
    for (uint32_t r = 0; r < p->c->nrules; r++)
        for (uint32_t j = i + 1; j-- > 0;) {
            if (!in_window(p, i, j) || !(p->items[j].inputs >> r & 1) || !counts(p, j))
                continue;
            e->shown_item[e->nshown] = j;
            e->shown[e->nshown++] = p->items[j].m.ref;
            break;
        }
}

static void
show_values(const struct plain *p, struct episode *e, uint32_t i)
{
    for (uint32_t j = 0; j <= i; j++) {
        bool known = !in_window(p, i, j) || newer(p, i, j) || e->nshown == SHOWN;
        for (uint32_t k = 0; k < e->nshown && !known; k++)
            known = same(e->seen[k], p->items[j].value, p->c->ncond_fields);
        if (known)
            continue;
        memcpy(e->seen[e->nshown], p->items[j].value, sizeof e->seen[0]);
        e->shown[e->nshown++] = p->items[j].m.ref;
    }
}

static void
rests_on(const struct plain *p, struct episode *e, uint32_t i, const struct number *v)
{
    uint8_t type = p->c->type;
    e->first = INT64_MAX;
    if (type == TCS_CORR_TEMPORAL)
        show_rules(p, e, i);
    if (type == TCS_CORR_VALUE_COUNT)
        show_values(p, e, i);
    if (type == TCS_CORR_TEMPORAL_ORDERED) {
        e->first = v->start;
        e->count = v->rests_on;
        return;
    }
    for (uint32_t s = 0; type == TCS_CORR_TEMPORAL && s < e->nshown; s++)
        if (p->items[e->shown_item[s]].m.time < e->first) {
            e->first = p->items[e->shown_item[s]].m.time;
            e->refs[0] = e->shown[s];
            e->nrefs = 1;
        }
    if (type == TCS_CORR_TEMPORAL) {
        e->count = e->nshown;
        return;
    }
    for (uint32_t j = i + 1; j-- > 0;) {
        bool part = in_window(p, i, j);
        if (type == TCS_CORR_EVENT_COUNT)
            part = part && (double)e->count < need(p->c);
        if (type == TCS_CORR_VALUE_COUNT)
            part = part && !newer(p, i, j);
        if (!part)
            continue;
        e->count++;
        if (p->items[j].m.time <= e->first) {
            e->first = p->items[j].m.time;
            e->refs[0] = p->items[j].m.ref;
            e->nrefs = 1;
        }
        if (type != TCS_CORR_VALUE_COUNT)
            e->newest_from = j;
    }
}

static void
add_ref(struct tcs_corr_result *r, uint64_t ref)
{
    for (uint32_t i = 0; i < r->nrefs; i++)
        if (r->refs[i] == ref)
            return;
    r->refs[r->nrefs++] = ref;
}

static void
tell(const struct plain *p, const struct episode *e, bool update, bool late)
{
    struct tcs_corr_result r = {.corr = p->corr,
                                .update = update,
                                .first = e->first,
                                .last = e->last,
                                .count = e->count,
                                .value = e->value,
                                .fields = p->c->group_by,
                                .values = p->items[e->opened].key,
                                .nvalues = p->c->ngroup_by};
    if (p->c->type == TCS_CORR_EVENT_COUNT && !late)
        r.value = (double)e->count;
    if (e->nrefs)
        add_ref(&r, e->refs[0]);
    for (uint32_t i = 0; i < e->nshown; i++)
        add_ref(&r, e->shown[i]);
    for (uint32_t i = e->nnewest > NEWEST ? e->nnewest - NEWEST : 0; i < e->nnewest; i++)
        add_ref(&r, e->newest[i]);
    if (p->tell)
        p->result(p->ctx, &r);
}

static void
pass_on(const struct plain *p, const struct episode *e, int64_t time, bool at_end)
{
    const struct item *last = &p->items[e->held];
    struct plain_match m = last->m;
    m.time = time;
    m.at_end = at_end;
    m.order = last->m.order;
    m.corr1 = p->corr + 1;
    for (int f = 0; f < PLAIN_FIELDS; f++)
        if (m.names[f].n)
            m.values[f] = aliased(p, &last->m, m.names[f]);
    for (uint32_t k = 0; k < p->c->ngroup_by; k++) {
        int at = -1;
        for (int f = PLAIN_FIELDS; f-- > 0;)
            if (!m.names[f].n || tcs_base_str_eq(m.names[f], p->c->group_by[k]))
                at = f;
        assert_true(at >= 0);
        m.names[at] = p->c->group_by[k];
        m.values[at] = p->items[e->opened].key[k];
    }
    p->results[(*p->nresults)++] = m;
}

static void
close_episode(const struct plain *p, struct episode *e, uint32_t end_item)
{
    bool late = judged_late(p);
    int64_t end = e->last + span(p);
    e->open = false;
    if (!late) {
        if (e->count != e->count_first)
            tell(p, e, true, late);
        return;
    }
    uint32_t seen = 0;
    int64_t from = p->items[e->opened].m.time - span(p);
    for (uint32_t j = 0; j < end_item; j++)
        if (same(p->items[j].key, p->items[e->opened].key, p->c->ngroup_by) &&
            p->items[j].m.time >= from && p->items[j].m.time <= end)
            seen |= p->items[j].inputs;
    if (!compare(p->c, e->value, false) ||
        (p->c->extended.n && !text_holds(p->c, p->c->root, seen, false, true)))
        return;
    tell(p, e, false, late);
    pass_on(p, e, end, true);
}

static void
take(const struct plain *p, struct episode *e, uint32_t i, uint64_t *waiting)
{
    if (!counts(p, i))
        return;
    struct number v = number_of(p, i);
    if (!e->open && !v.holds)
        return;
    if (!e->open) {
        *e = (struct episode){.opened = i, .held = i, .open = true, .value = v.v};
        e->last = p->items[i].m.time;
        e->newest_from = i;
        rests_on(p, e, i, &v);
        e->count_first = e->count;
        for (uint32_t j = e->newest_from; j <= i; j++)
            if (in_window(p, i, j))
                e->newest[e->nnewest++] = p->items[j].m.ref;
        if (!judged_late(p)) {
            tell(p, e, false, false);
            pass_on(p, e, p->items[i].m.time, false);
        }
        return;
    }
    waiting[e->since++] = p->items[i].m.ref;
    if (!v.holds)
        return;
    for (uint64_t k = 0; k < e->since; k++)
        e->newest[e->nnewest++] = waiting[k];
    e->count += e->since;
    e->since = 0;
    e->last = p->items[i].m.time;
    e->held = i;
    e->value = v.v > e->value ? v.v : e->value;
    if (p->c->type == TCS_CORR_TEMPORAL)
        show_rules(p, e, i);
    if (p->c->type == TCS_CORR_VALUE_COUNT)
        show_values(p, e, i);
}

/* One group, whose first item is `at`. */
static void
run_group(const struct plain *p, uint32_t at)
{
    static struct episode e;
    static uint64_t waiting[MATCHES_MAX];
    e = (struct episode){0};
    for (uint32_t i = at; i < p->n; i++) {
        if (!same(p->items[i].key, p->items[at].key, p->c->ngroup_by))
            continue;
        if (e.open && p->items[i].m.time > e.last + span(p))
            close_episode(p, &e, p->n);
        take(p, &e, i, waiting);
    }
    if (e.open)
        close_episode(p, &e, p->n);
}

static void
run_one(struct plain *p, struct plain_match *all, uint32_t n)
{
    static struct item items[MATCHES_MAX];
    p->items = items;
    p->n = 0;
    qsort(all, n, sizeof *all, by_order);
    for (uint32_t i = 0; i < n; i++)
        if (make_item(p, &all[i], &items[p->n]))
            p->n++;
    for (uint32_t i = 0; i < p->n; i++) {
        bool first = true;
        for (uint32_t j = 0; j < i; j++)
            first = first && !same(items[i].key, items[j].key, p->c->ngroup_by);
        if (first)
            run_group(p, i);
    }
}

void
plain_correlate(const struct plain_input *in,
                void (*result)(void *ctx, const struct tcs_corr_result *r), void *ctx)
{
    static struct plain_match base[MATCHES_MAX], all[MATCHES_MAX], results[MATCHES_MAX];
    uint32_t nresults = 0;
    memcpy(base, in->matches, in->n * sizeof *base);
    qsort(base, in->n, sizeof *base, by_order);
    for (uint32_t i = 0; i < in->n; i++)
        base[i].order = i;
    for (int outer = 0; outer < 2; outer++)
        for (uint32_t k = 0; k < in->ncorrs; k++) {
            const struct tcs_correlation *c = &in->corrs[k];
            bool reads = false, read = false, wanted = false;
            for (uint32_t j = 0; j < in->ncorrs; j++) {
                for (uint32_t r = 0; r < c->nrules; r++)
                    reads = reads || named(&in->corrs[j].doc, c->rules[r]);
                for (uint32_t r = 0; r < in->corrs[j].nrules; r++)
                    if (named(&c->doc, in->corrs[j].rules[r])) {
                        read = true;
                        wanted = wanted || in->corrs[j].generate;
                    }
            }
            if (reads != outer)
                continue;
            struct plain p = {.in = in,
                              .c = c,
                              .corr = k,
                              .results = results,
                              .nresults = &nresults,
                              .tell = !read || wanted,
                              .result = result,
                              .ctx = ctx};
            uint32_t n = in->n;
            memcpy(all, base, n * sizeof *base);
            for (uint32_t i = 0; i < nresults && outer; i++)
                all[n++] = results[i];
            run_one(&p, all, n);
        }
}

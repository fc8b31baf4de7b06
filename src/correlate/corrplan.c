/* correlate/corrplan.c - correlations -> who reads what, by number; and the values of a match.
 *
 * Requirements of outer correlations are passed inwards: a field that an outer one reads of an
 * inner one's result is the inner group's value, or else a value of the match that made the inner
 * one hold, which then must be extracted with it. */
#include "base/limits.h"
#include "base/map.h"
#include "correlate/correlate_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct builder {
    struct tcs_corrplan *p;
    const struct tcs_rule *rules;
    struct tcs_map ids, names;
    uint32_t *order; /* of the ones that run: inner before outer */
    uint32_t norder;
    bool failed;
};

static void *
array(struct builder *b, size_t n, size_t size)
{
    void *p = tcs_base_arena_array(b->p->arena, n ? n : 1, size);
    b->failed = b->failed || !p;
    return p;
}

static void
enter(struct builder *b, const struct tcs_doc *d, uint32_t stream)
{
    if ((d->id.n && tcs_base_map_intern(&b->ids, d->id, stream) == TCS_MAP_NONE) ||
        (d->name.n && tcs_base_map_intern(&b->names, d->name, stream) == TCS_MAP_NONE))
        b->failed = true;
}

static uint32_t
stream_of(const struct builder *b, struct tcs_str ref)
{
    uint32_t s = tcs_base_map_get(&b->ids, ref);
    return s != TCS_MAP_NONE ? s : tcs_base_map_get(&b->names, ref);
}

/* The stream's value for a field, added if new. */
static uint32_t
value_of(struct builder *b, uint32_t stream, struct tcs_str field)
{
    struct corr_stream *s = &b->p->streams[stream];
    for (uint32_t i = 0; i < s->nfields; i++)
        if (tcs_base_str_eq(s->fields[i], field))
            return i;
    if (!tcs_base_arena_grow(b->p->arena, &s->fields, s->nfields, &s->cap_fields,
                             sizeof *s->fields)) {
        b->failed = true;
        return 0;
    }
    s->fields[s->nfields] = field;
    return s->nfields++;
}

static bool
names(const struct tcs_doc *d, struct tcs_str written, struct tcs_str ref)
{
    return tcs_base_str_eq(ref, written) || (d->id.n && tcs_base_str_eq(ref, d->id)) ||
           (d->name.n && tcs_base_str_eq(ref, d->name));
}

static const struct tcs_doc *
doc_of(const struct builder *b, uint32_t stream)
{
    return stream < b->p->nrules ? &b->rules[stream].doc
                                 : &b->p->defs[stream - b->p->nrules].c->doc;
}

/* What `field` of the correlation is called in its input. */
static struct tcs_str
alias(const struct builder *b, const struct corr_def *d, uint32_t input, struct tcs_str field)
{
    const struct tcs_doc *doc = doc_of(b, d->inputs[input].stream);
    for (uint32_t i = 0; i < d->c->naliases; i++)
        if (tcs_base_str_eq(d->c->aliases[i].alias, field) &&
            names(doc, d->c->rules[input], d->c->aliases[i].rule))
            return d->c->aliases[i].field;
    return field;
}

static void
read_inputs(struct builder *b, struct corr_def *d)
{
    const struct tcs_correlation *c = d->c;
    const struct corr_stream *own = &b->p->streams[d->stream];
    d->from_key = array(b, own->nfields, sizeof *d->from_key);
    for (uint32_t f = 0; !b->failed && f < own->nfields; f++) {
        d->from_key[f] = CORR_NONE;
        for (uint32_t k = c->ngroup_by; k-- > 0;)
            if (tcs_base_str_eq(c->group_by[k], own->fields[f]))
                d->from_key[f] = k;
    }
    for (uint32_t i = 0; i < d->ninputs && !b->failed; i++) {
        struct corr_input *in = &d->inputs[i];
        in->key = array(b, c->ngroup_by, sizeof *in->key);
        in->cond = array(b, c->ncond_fields, sizeof *in->cond);
        in->carry = array(b, own->nfields, sizeof *in->carry);
        for (uint32_t k = 0; !b->failed && k < c->ngroup_by; k++)
            in->key[k] = value_of(b, in->stream, alias(b, d, i, c->group_by[k]));
        for (uint32_t k = 0; !b->failed && k < c->ncond_fields; k++)
            in->cond[k] = value_of(b, in->stream, alias(b, d, i, c->cond_fields[k]));
        for (uint32_t f = 0; !b->failed && f < own->nfields; f++)
            in->carry[f] = d->from_key[f] == CORR_NONE
                               ? value_of(b, in->stream, alias(b, d, i, own->fields[f]))
                               : CORR_NONE;
    }
}

/* The number from which on it makes no difference how many there are. */
static uint32_t
need_of(const struct tcs_correlation *c)
{
    double need = 1;
    for (uint32_t i = 0; i < c->nconds; i++) {
        double v = c->conds[i].num;
        v = c->conds[i].cmp == TCS_GE ? ceil(v) : floor(v) + 1;
        need = v > need ? v : need;
    }
    return need < TCS_CORR_NEED_MAX ? (uint32_t)need : TCS_CORR_NEED_MAX;
}

static void
plain_term(struct builder *b, struct corr_def *d)
{
    d->terms.at = array(b, 1, sizeof *d->terms.at);
    if (b->failed)
        return;
    d->terms.n = 1;
    d->terms.at[0].inputs = array(b, d->ninputs, sizeof *d->terms.at[0].inputs);
    for (uint32_t i = 0; !b->failed && i < d->ninputs; i++)
        d->terms.at[0].inputs[d->terms.at[0].n++] = i;
    d->terms.nsteps = d->ninputs;
}

/* At least one of the rules, in order: every choice of them, the largest first.  The loader made
 * sure that they are few. */
static void
some_of(struct builder *b, struct corr_def *d)
{
    uint32_t choices = (1u << d->ninputs) - 1;
    d->terms.at = array(b, choices, sizeof *d->terms.at);
    for (uint32_t size = d->ninputs; size > 0 && !b->failed; size--)
        for (uint32_t set = 1; set <= choices && !b->failed; set++) {
            if ((uint32_t)__builtin_popcount(set) != size)
                continue;
            struct tcs_sigma_term *t = &d->terms.at[d->terms.n++];
            t->at = d->terms.nsteps;
            t->inputs = array(b, size, sizeof *t->inputs);
            for (uint32_t k = 0; !b->failed && k < d->ninputs; k++)
                if (set >> k & 1)
                    t->inputs[t->n++] = k;
            d->terms.nsteps += size;
        }
}

/* False: the condition is beyond what can be kept in order. */
static bool
shape(struct builder *b, struct corr_def *d)
{
    const struct tcs_correlation *c = d->c;
    bool counts[TCS_CORR_RULES_MAX] = {false}, negated = false;
    if (c->extended.n)
        tcs_sigma_terms_polarity(c, counts, &negated);
    for (uint32_t i = 0; i < d->ninputs; i++)
        d->inputs[i].counts = !c->extended.n || counts[i];
    d->late = negated;
    for (uint32_t i = 0; i < c->nconds; i++)
        d->late = d->late || (c->conds[i].cmp != TCS_GT && c->conds[i].cmp != TCS_GE);
    d->need = need_of(c);
    if (c->type != TCS_CORR_TEMPORAL_ORDERED)
        return true;
    if (c->extended.n)
        return tcs_sigma_terms_list(c, b->p->arena, &d->terms) &&
               d->terms.nsteps <= TCS_CORR_STEPS_MAX;
    if (d->need >= d->ninputs && !d->late)
        plain_term(b, d);
    else if (d->ninputs <= TCS_CORR_SOME_MAX)
        some_of(b, d);
    return d->terms.n > 0;
}

/* May it run: is everything there that it reads? */
static bool
ready(struct builder *b, struct corr_def *d)
{
    for (uint32_t i = 0; i < d->ninputs; i++) {
        uint32_t s = stream_of(b, d->c->rules[i]);
        if (s == TCS_MAP_NONE)
            return false;
        if (s >= b->p->nrules) {
            const struct corr_def *inner = &b->p->defs[s - b->p->nrules];
            if (!inner->runs)
                return false;
        }
        d->inputs[i].stream = s;
    }
    return d->ninputs > 0 && d->ninputs <= TCS_CORR_RULES_MAX &&
           d->c->ngroup_by <= TCS_CORR_FIELDS_MAX && d->c->ncond_fields <= TCS_CORR_FIELDS_MAX &&
           shape(b, d);
}

static void
settle(struct builder *b)
{
    bool progress = true;
    for (unsigned level = 0; progress && level < TCS_CORR_CHAIN_MAX && !b->failed; level++) {
        uint32_t from = b->norder;
        for (uint32_t i = 0; i < b->p->ndefs; i++) {
            struct corr_def *d = &b->p->defs[i];
            if (!d->runs && ready(b, d))
                b->order[b->norder++] = i;
        }
        progress = b->norder > from;
        for (uint32_t k = from; k < b->norder; k++) {
            b->p->defs[b->order[k]].runs = true;
            b->p->defs[b->order[k]].level = level;
        }
    }
}

/* Outer before inner, so that an event that is a match of both is first of its rule and then what
 * makes the inner one hold; then in the order of the documents. */
static int
by_level(const void *pa, const void *pb, void *ctx)
{
    const struct corr_reader *x = pa, *y = pb;
    const struct corr_def *defs = ctx;
    if (defs[x->corr].level != defs[y->corr].level)
        return defs[x->corr].level > defs[y->corr].level ? -1 : 1;
    if (x->corr != y->corr)
        return x->corr < y->corr ? -1 : 1;
    return x->input < y->input ? -1 : x->input > y->input;
}

static bool
read_before(const struct corr_def *d, uint32_t input)
{
    for (uint32_t i = 0; i < input; i++)
        if (d->inputs[i].stream == d->inputs[input].stream)
            return true;
    return false;
}

static void
connect(struct builder *b)
{
    struct tcs_corrplan *p = b->p;
    for (uint32_t k = b->norder; k-- > 0 && !b->failed;) {
        struct corr_def *d = &p->defs[b->order[k]];
        read_inputs(b, d);
        for (uint32_t i = 0; i < d->ninputs && !b->failed; i++) {
            struct corr_stream *s = &p->streams[d->inputs[i].stream];
            s->alerts = s->alerts || d->c->generate;
            s->named = true;
            if (read_before(d, i))
                continue; /* an order may name a rule twice; its match is one */
            if (tcs_base_arena_grow(p->arena, &s->readers, s->nreaders, &s->cap_readers,
                                    sizeof *s->readers))
                s->readers[s->nreaders++] = (struct corr_reader){b->order[k], i};
            else
                b->failed = true;
        }
    }
    for (uint32_t i = 0; i < p->nrules + p->ndefs; i++) {
        struct corr_stream *s = &p->streams[i];
        if (s->nreaders)
            qsort_r(s->readers, s->nreaders, sizeof *s->readers, by_level, p->defs);
        p->max_values = s->nfields > p->max_values ? s->nfields : p->max_values;
    }
}

static uint64_t
mix(uint64_t h, struct tcs_str s)
{
    for (size_t i = 0; i <= s.n; i++)
        h = (h ^ (i < s.n ? (unsigned char)s.p[i] : 0)) * 0x100000001b3u;
    return h;
}

static uint64_t
mix_number(uint64_t h, uint64_t v)
{
    char text[20];
    snprintf(text, sizeof text, "%llx", (unsigned long long)v);
    return mix(h, tcs_base_str_of(text));
}

static uint64_t
mix_list(uint64_t h, const struct tcs_str *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        h = mix(h, list[i]);
    return mix(h, TCS_STR("."));
}

/* Of what the document says. */
static uint64_t
print_of_def(const struct corr_def *d)
{
    const struct tcs_correlation *c = d->c;
    char text[128];
    uint64_t h = mix(mix(0xcbf29ce484222325u, c->doc.id), c->extended);
    snprintf(text, sizeof text, "%u %u %u %u %llu %a", c->type, d->runs, c->nrules, c->ngroup_by,
             (unsigned long long)c->timespan_s, c->percentile);
    h = mix(h, tcs_base_str_of(text));
    for (uint32_t k = 0; k < c->nconds; k++) {
        snprintf(text, sizeof text, "%u %a", c->conds[k].cmp, c->conds[k].num);
        h = mix(h, tcs_base_str_of(text));
    }
    h = mix_list(h, c->group_by, c->ngroup_by);
    h = mix_list(h, c->cond_fields, c->ncond_fields);
    for (uint32_t k = 0; k < c->naliases; k++)
        h = mix(mix(mix(h, c->aliases[k].alias), c->aliases[k].rule), c->aliases[k].field);
    return mix_list(h, c->rules, c->nrules);
}

/* Of all that a snapshot's numbers mean. */
static uint64_t
print_of(const struct tcs_corrplan *p)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < p->ndefs; i++)
        h = mix_number(h, print_of_def(&p->defs[i]));
    for (uint32_t i = 0; i < p->nrules + p->ndefs; i++)
        h = mix_list(mix(h, TCS_STR("stream")), p->streams[i].fields, p->streams[i].nfields);
    return h;
}

/* Inner ones first: what a correlation rests on has theirs in it. */
static void
find_bases(struct builder *b)
{
    struct tcs_corrplan *p = b->p;
    for (uint32_t i = 0; i < b->norder; i++) {
        struct corr_def *d = &p->defs[b->order[i]];
        uint64_t h = print_of_def(d);
        int64_t inner = 0;
        for (uint32_t k = 0; k < d->ninputs; k++) {
            uint32_t s = d->inputs[k].stream;
            const struct corr_def *from = s < p->nrules ? NULL : &p->defs[s - p->nrules];
            h = mix_number(h, from ? from->basis.print : tcs_correlate_plan_print(p, s));
            if (from && from->basis.reach > inner)
                inner = from->basis.reach;
        }
        d->basis.print = h ? h : 1;
        d->basis.reach = correlate_later(correlate_later(inner, d->span), d->span);
    }
}

static void
begin(struct builder *b, const struct tcs_correlation *corrs)
{
    struct tcs_corrplan *p = b->p;
    p->streams = array(b, (size_t)p->nrules + p->ndefs, sizeof *p->streams);
    p->defs = array(b, p->ndefs, sizeof *p->defs);
    b->order = array(b, p->ndefs, sizeof *b->order);
    for (uint32_t i = 0; i < p->nrules && p->ndefs && !b->failed; i++)
        enter(b, &b->rules[i].doc, i); /* for correlations, if there are any, to name */
    for (uint32_t i = 0; i < p->ndefs && !b->failed; i++) {
        struct corr_def *d = &p->defs[i];
        uint64_t ticks;
        d->c = &corrs[i];
        d->stream = p->nrules + i;
        d->span =
            __builtin_mul_overflow(corrs[i].timespan_s, (uint64_t)TCS_TICKS_PER_SEC, &ticks) ||
                    ticks > INT64_MAX
                ? INT64_MAX
                : (int64_t)ticks;
        d->ninputs = corrs[i].nrules;
        d->inputs = array(b, d->ninputs, sizeof *d->inputs);
        if (!b->failed)
            enter(b, &corrs[i].doc, d->stream);
    }
}

int
tcs_correlate_plan_build(const struct tcs_correlation *corrs, uint32_t ncorrs,
                         const struct tcs_rule *rules, uint32_t nrules, struct tcs_corrplan **ret,
                         uint32_t *left_out, struct tcs_err *err)
{
    struct builder b = {.p = calloc(1, sizeof *b.p), .rules = rules};
    if (b.p)
        b.p->arena = tcs_base_arena_new(0);
    b.failed = !b.p || !b.p->arena;
    if (!b.failed) {
        b.p->nrules = nrules;
        b.p->ndefs = ncorrs;
        begin(&b, corrs);
    }
    if (!b.failed)
        settle(&b);
    if (!b.failed)
        connect(&b);
    tcs_base_map_done(&b.ids);
    tcs_base_map_done(&b.names);
    if (b.failed) {
        tcs_correlate_plan_free(b.p);
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the correlations");
    }
    find_bases(&b);
    b.p->print = print_of(b.p);
    *left_out = ncorrs - b.norder;
    *ret = b.p;
    return 0;
}

void
tcs_correlate_plan_free(struct tcs_corrplan *p)
{
    if (!p)
        return;
    tcs_base_arena_free(p->arena);
    free(p);
}

bool
tcs_correlate_plan_reads(const struct tcs_corrplan *p, uint32_t rule)
{
    return p->streams[rule].nreaders > 0;
}

bool
tcs_correlate_plan_alerts(const struct tcs_corrplan *p, uint32_t rule)
{
    return !p->streams[rule].named || p->streams[rule].alerts;
}

bool
tcs_correlate_plan_runs(const struct tcs_corrplan *p, uint32_t corr)
{
    return p->defs[corr].runs;
}

bool
tcs_correlate_plan_corr_alerts(const struct tcs_corrplan *p, uint32_t corr)
{
    return tcs_correlate_plan_alerts(p, p->nrules + corr);
}

const struct tcs_str *
tcs_correlate_plan_fields(const struct tcs_corrplan *p, uint32_t rule, uint32_t *n)
{
    *n = p->streams[rule].nfields;
    return p->streams[rule].fields;
}

uint64_t
tcs_correlate_plan_print(const struct tcs_corrplan *p, uint32_t rule)
{
    return mix_list(0xcbf29ce484222325u, p->streams[rule].fields, p->streams[rule].nfields);
}

struct tcs_corr_basis
tcs_correlate_plan_basis(const struct tcs_corrplan *p, uint32_t corr)
{
    return p->defs[corr].basis;
}

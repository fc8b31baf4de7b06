/* tests/fuzz/rules_walk.h - reads every byte of loaded rules and checks what sigma/ast.h promises:
 * numbers in range, children before their parents, depth bounded, patterns that are text. */
#pragma once
#include "attack/level.h"
#include "base/limits.h"
#include "base/utf.h"
#include "correlate/correlate.h"
#include "sigma/cache.h"

#include <stdlib.h>

#define WALK_CHECK(x)                                                                              \
    do {                                                                                           \
        if (!(x))                                                                                  \
            abort();                                                                               \
    } while (0)

static volatile unsigned walk_sink;

static inline void
walk_str(struct tcs_str s)
{
    unsigned sum = 0;
    for (size_t i = 0; i < s.n; i++)
        sum += (unsigned char)s.p[i];
    walk_sink += sum;
}

static inline void
walk_list(const struct tcs_str *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        walk_str(list[i]);
}

static inline void
walk_doc(const struct tcs_doc *d)
{
    walk_str(d->path);
    walk_str(d->id);
    walk_str(d->name);
    walk_str(d->title);
    walk_str(d->author);
    walk_str(d->description);
    walk_str(d->date);
    walk_str(d->modified);
    walk_str(d->license);
    walk_list(d->tags, d->ntags);
    walk_list(d->references, d->nreferences);
    walk_list(d->falsepositives, d->nfalsepositives);
    walk_list(d->fields, d->nfields);
    WALK_CHECK(d->level <= TCS_CRITICAL && d->status <= TCS_UNSUPPORTED);
}

static inline unsigned
walk_node(const struct tcs_rule *r, uint32_t i, const unsigned *depth)
{
    const struct tcs_node *n = &r->nodes[i];
    unsigned deepest = 0;
    switch (n->op) {
    case TCS_N_AND:
    case TCS_N_OR:
        WALK_CHECK(n->a <= r->nkids && n->n <= r->nkids - n->a);
        for (uint32_t k = n->a; k < n->a + n->n; k++) {
            WALK_CHECK(r->kids[k] < i);
            deepest = depth[r->kids[k]] > deepest ? depth[r->kids[k]] : deepest;
        }
        break;
    case TCS_N_NOT:
        WALK_CHECK(n->a < i);
        deepest = depth[n->a];
        break;
    case TCS_N_SEARCH:
        WALK_CHECK(n->a < r->nsearches && r->searches[n->a].root < i);
        deepest = depth[r->searches[n->a].root];
        break;
    default:
        WALK_CHECK(n->op == TCS_N_PRED && n->a < r->npreds);
    }
    WALK_CHECK(deepest < TCS_TREE_DEPTH_MAX);
    return deepest + 1;
}

static inline void
walk_rule(const struct tcs_rule *r)
{
    unsigned *depth = calloc(r->nnodes + 1, sizeof *depth);
    WALK_CHECK(depth && r->root < r->nnodes);
    walk_doc(&r->doc);
    walk_str(r->condition);
    walk_str(r->logsource.product);
    walk_str(r->logsource.category);
    walk_str(r->logsource.service);
    walk_str(r->logsource.definition);
    for (uint32_t i = 0; i < r->nnodes; i++)
        depth[i] = walk_node(r, i, depth);
    for (uint32_t i = 0; i < r->nsearches; i++)
        walk_str(r->searches[i].name);
    for (uint32_t i = 0; i < r->npreds; i++) {
        const struct tcs_pred *p = &r->preds[i];
        WALK_CHECK(p->kind <= TCS_P_TIMEPART && p->cmp <= TCS_GE && p->part <= TCS_YEAR &&
                   p->bits <= 128);
        walk_str(p->field);
        walk_str(p->text);
    }
    free(depth);
}

/* Whatever was loaded can be made ready to run. */
static inline void
walk_plan(const struct tcs_rules *rules)
{
    uint32_t n, ncorrs, left_out;
    struct tcs_corrplan *p;
    struct tcs_err err;
    const struct tcs_rule *r = tcs_sigma_rules_all(rules, &n);
    const struct tcs_correlation *c = tcs_sigma_rules_correlations(rules, &ncorrs);
    WALK_CHECK(tcs_correlate_plan_build(c, ncorrs, r, n, &p, &left_out, &err) == 0);
    WALK_CHECK(left_out <= ncorrs);
    tcs_correlate_plan_free(p);
}

static inline void
walk_rules(const struct tcs_rules *rules)
{
    uint32_t n;
    const struct tcs_rule *r = tcs_sigma_rules_all(rules, &n);
    for (uint32_t i = 0; i < n; i++)
        walk_rule(&r[i]);
    const struct tcs_correlation *c = tcs_sigma_rules_correlations(rules, &n);
    for (uint32_t i = 0; i < n; i++) {
        walk_doc(&c[i].doc);
        walk_list(c[i].rules, c[i].nrules);
        walk_list(c[i].group_by, c[i].ngroup_by);
        walk_list(c[i].cond_fields, c[i].ncond_fields);
        walk_str(c[i].extended);
        for (uint32_t k = 0; k < c[i].naliases; k++)
            walk_str(c[i].aliases[k].field);
        for (uint32_t k = 0; k < c[i].nconds; k++)
            WALK_CHECK(c[i].conds[k].cmp <= TCS_GE);
    }
    walk_plan(rules);
    const struct tcs_diag *d = tcs_sigma_rules_diags(rules, &n);
    for (uint32_t i = 0; i < n; i++) {
        walk_str(d[i].path);
        walk_str(d[i].text);
        walk_str(d[i].rule_id);
        walk_str(tcs_base_str_of(d[i].reason));
        WALK_CHECK(d[i].severity <= TCS_SEV_WARNING);
    }
}

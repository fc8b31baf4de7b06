/* sigma/filter.c - filter documents: read, then added to the conditions of the rules they name.
 *
 * Sigma filters specification 2.1.  The rule then matches if its own condition and the filter's
 * both hold: a filter that leaves events out says `not selection`.  The specification's example
 * lacks the `not`; every tool and the documentation of the project have it, so one without any
 * negation gets a warning. */
#include "sigma/store.h"

#include <stdlib.h>

static void
bad(struct tcs_load *l, const struct tcs_ynode *at, const char *what)
{
    tcs_load_error(l, tcs_load_place(at, 0), TCS_WHY_FILTER, "%s", what);
}

static void
read_targets(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_filter *f)
{
    const struct tcs_ynode *v = tcs_yaml_get(map, "rules", NULL);
    if (!v) {
        bad(l, map, "the filter has no 'rules': a list of ids or names, or 'any'");
        return;
    }
    if (v->kind == TCS_Y_SCALAR && tcs_str_ieq(v->text, TCS_STR("any")))
        return;
    (void)tcs_document_list(l, map, "rules", &f->targets, &f->ntargets, &f->target_places);
    if (!f->ntargets && !l->refused)
        bad(l, v, "the filter's 'rules' is empty; write 'any' if it is for all rules");
}

static bool
negates(const struct tcs_build *b)
{
    for (uint32_t i = 0; i < b->nnodes; i++)
        if (b->nodes[i].op == TCS_N_NOT)
            return true;
    return false;
}

static void
read_condition(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_build *b,
               struct tcs_filter *f)
{
    uint32_t root;
    const struct tcs_ynode *c = tcs_yaml_get(map, "condition", NULL);
    if (!c) {
        bad(l, map, "the filter has no condition");
        return;
    }
    if (c->kind != TCS_Y_SCALAR) {
        bad(l, c, "a filter has one condition, like 'not selection'");
        return;
    }
    if (!tcs_condition_parse(b, c, &root, &f->rule.condition))
        return;
    f->rule.root = root;
    if (!negates(b))
        tcs_load_warn(l, tcs_load_place(c, 0), TCS_WHY_ODD,
                      "the filtered rules will match only events that meet '%.*s'; to leave such "
                      "events out write 'not (...)'",
                      TCS_QUOTE(c->text));
}

void
tcs_filter_read(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc)
{
    static const char *const skip[] = {"condition", "rules"};
    struct tcs_rules *r = l->rules;
    struct tcs_filter f = {.rule.doc = *doc};
    struct tcs_build b = tcs_build_new(l);
    const struct tcs_ynode *v = tcs_yaml_get(map, "filter", NULL);
    (void)tcs_document_logsource(l, map, &f.rule.logsource);
    if (v->kind != TCS_Y_MAP) {
        bad(l, v, "'filter' must be a map with rules, a selection and a condition");
        return;
    }
    read_targets(l, v, &f);
    tcs_detection_parse(&b, v, skip, 2);
    if (tcs_arena_failed(l->scratch))
        return;
    if (!b.nsearches)
        bad(l, v, "the filter has no selection");
    read_condition(l, v, &b, &f);
    if (l->refused || tcs_arena_failed(l->keep) || tcs_arena_failed(l->scratch))
        return;
    tcs_store_tree(r, &b, f.rule.root, &f.rule);
    if (tcs_store_room(r, &r->filters, r->nfilters, &r->cap_filters, sizeof *r->filters))
        r->filters[r->nfilters++] = f;
}

/* --- at the end --- */

static bool
agrees(struct tcs_str filter, struct tcs_str rule)
{
    return filter.n == 0 || tcs_str_eq(filter, rule);
}

/* A filter for "windows" is for every rule on Windows; one for "process_creation/windows" is not
 * for a rule on "windows". */
static bool
compatible(const struct tcs_logsource *filter, const struct tcs_logsource *rule)
{
    return agrees(filter->product, rule->product) && agrees(filter->category, rule->category) &&
           agrees(filter->service, rule->service);
}

/* rule := rule and filter */
static void
join(struct tcs_rules *r, struct tcs_rule *to, const struct tcs_rule *f)
{
    struct tcs_rule n = *to;
    n.nnodes = to->nnodes + f->nnodes + 1;
    n.nkids = to->nkids + f->nkids + 2;
    n.npreds = to->npreds + f->npreds;
    n.nsearches = to->nsearches + f->nsearches;
    n.nodes = tcs_arena_array(r->keep, n.nnodes, sizeof *n.nodes);
    n.kids = tcs_arena_array(r->keep, n.nkids, sizeof *n.kids);
    n.preds = tcs_arena_array(r->keep, n.npreds, sizeof *n.preds);
    n.searches = tcs_arena_array(r->keep, n.nsearches, sizeof *n.searches);
    if (tcs_arena_failed(r->keep))
        return;
    if (to->nkids)
        memcpy(n.kids, to->kids, to->nkids * sizeof *n.kids);
    memcpy(n.nodes, to->nodes, to->nnodes * sizeof *n.nodes);
    memcpy(n.preds, to->preds, to->npreds * sizeof *n.preds);
    memcpy(n.preds + to->npreds, f->preds, f->npreds * sizeof *n.preds);
    memcpy(n.searches, to->searches, to->nsearches * sizeof *n.searches);
    for (uint32_t i = 0; i < f->nkids; i++)
        n.kids[to->nkids + i] = f->kids[i] + to->nnodes;
    for (uint32_t i = 0; i < f->nnodes; i++) {
        struct tcs_node node = f->nodes[i];
        node.a += node.op == TCS_N_PRED     ? to->npreds
                  : node.op == TCS_N_SEARCH ? to->nsearches
                  : node.op == TCS_N_NOT    ? to->nnodes
                                            : to->nkids;
        n.nodes[to->nnodes + i] = node;
    }
    for (uint32_t i = 0; i < f->nsearches; i++) {
        struct tcs_search *s = &n.searches[to->nsearches + i];
        *s = f->searches[i];
        s->root += to->nnodes;
        s->name = tcs_arena_printf(r->keep, "%.*s/%.*s", TCS_QUOTE(f->doc.title),
                                   TCS_QUOTE(f->searches[i].name));
    }
    n.kids[n.nkids - 2] = to->root;
    n.kids[n.nkids - 1] = f->root + to->nnodes;
    n.root = n.nnodes - 1;
    n.nodes[n.root] = (struct tcs_node){.op = TCS_N_AND, .a = n.nkids - 2, .n = 2};
    n.condition = tcs_arena_printf(r->keep, "(%.*s) and (%.*s)", TCS_STR_FMT(to->condition),
                                   TCS_STR_FMT(f->condition));
    *to = n;
}

static bool
is_named(const struct tcs_doc *doc, struct tcs_str name)
{
    return tcs_str_ieq(doc->id, name) || tcs_str_eq(doc->name, name);
}

/* The number of rules that the filter now is part of. */
static uint32_t
apply_to_named(struct tcs_rules *r, const struct tcs_filter *f, uint32_t target)
{
    uint32_t done = 0;
    bool found = false;
    for (uint32_t i = 0; i < r->nrules; i++) {
        struct tcs_rule *rule = &r->rules[i];
        if (!is_named(&rule->doc, f->targets[target]))
            continue;
        found = true;
        if (!compatible(&f->rule.logsource, &rule->logsource))
            continue;
        join(r, rule, &f->rule);
        done++;
    }
    if (!done)
        tcs_store_diag(
            r, TCS_SEV_WARNING, &f->rule.doc, f->target_places[target], TCS_WHY_REFERENCE,
            found ? "the logsource of the rule '%.*s' is not the filter's, so the filter "
                    "is not applied to it"
                  : "no rule that was loaded has the id or name '%.*s'",
            TCS_QUOTE(f->targets[target]));
    return done;
}

static bool
repeated(const struct tcs_filter *f, uint32_t target)
{
    for (uint32_t i = 0; i < target; i++)
        if (tcs_str_eq(f->targets[i], f->targets[target]))
            return true;
    return false;
}

static int
cmp_filter(const void *a, const void *b)
{
    return tcs_store_order(&((const struct tcs_filter *)a)->rule.doc,
                           &((const struct tcs_filter *)b)->rule.doc);
}

void
tcs_filters_apply(struct tcs_rules *r)
{
    if (r->nfilters)
        qsort(r->filters, r->nfilters, sizeof *r->filters, cmp_filter);
    for (uint32_t i = 0; i < r->nfilters && !tcs_arena_failed(r->keep); i++) {
        const struct tcs_filter *f = &r->filters[i];
        for (uint32_t t = 0; t < f->ntargets; t++)
            if (!repeated(f, t))
                (void)apply_to_named(r, f, t);
        for (uint32_t k = 0; f->ntargets == 0 && k < r->nrules; k++)
            if (compatible(&f->rule.logsource, &r->rules[k].logsource))
                join(r, &r->rules[k], &f->rule);
    }
}

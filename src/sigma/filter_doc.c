/* sigma/filter_doc.c - filter documents: read, then added to the conditions of the rules they name.
 *
 * Sigma filters specification 2.1.  The rule then matches if its own condition and the filter's
 * both hold: a filter that leaves events out says `not selection`.  The specification's example
 * lacks the `not`; every tool and the documentation of the project have it, so one without any
 * negation gets a warning. */
#include "sigma/filter_doc.h"

#include "base/buf.h"
#include "sigma/collection.h"
#include "sigma/condition.h"
#include "sigma/detection.h"
#include "sigma/document.h"

#include <stdlib.h>

static void
bad(struct tcs_load *l, const struct tcs_ynode *at, const char *what)
{
    tcs_sigma_load_error(l, tcs_sigma_load_place(at, 0), TCS_WHY_FILTER, "%s", what);
}

static void
read_targets(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_filter *f)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "rules", NULL);
    if (!v) {
        bad(l, map, "the filter has no 'rules': a list of ids or names, or 'any'");
        return;
    }
    if (v->kind == TCS_Y_SCALAR && tcs_base_str_ieq(v->text, TCS_STR("any")))
        return;
    (void)tcs_sigma_document_list(l, map, "rules", &f->targets, &f->ntargets, &f->target_places);
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
    const struct tcs_ynode *c = tcs_sigma_yaml_get(map, "condition", NULL);
    if (!c) {
        bad(l, map, "the filter has no condition");
        return;
    }
    if (c->kind != TCS_Y_SCALAR) {
        bad(l, c, "a filter has one condition, like 'not selection'");
        return;
    }
    if (!tcs_sigma_condition_parse(b, c, &root, &f->rule.condition))
        return;
    f->rule.root = root;
    if (!negates(b))
        tcs_sigma_load_warn(
            l, tcs_sigma_load_place(c, 0), TCS_WHY_ODD,
            "the filtered rules will match only events that meet '%.*s'; to leave such "
            "events out write 'not (...)'",
            TCS_QUOTE(c->text));
}

void
tcs_sigma_filter_read(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc)
{
    static const char *const skip[] = {"condition", "rules"};
    struct tcs_rules *r = l->rules;
    struct tcs_filter f = {.rule.doc = *doc};
    struct tcs_build b = tcs_sigma_build_new(l);
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "filter", NULL);
    (void)tcs_sigma_document_logsource(l, map, &f.rule.logsource);
    if (v->kind != TCS_Y_MAP) {
        bad(l, v, "'filter' must be a map with rules, a selection and a condition");
        return;
    }
    read_targets(l, v, &f);
    tcs_sigma_detection_parse(&b, v, skip, 2);
    if (tcs_base_arena_failed(l->scratch))
        return;
    if (!b.nsearches)
        bad(l, v, "the filter has no selection");
    read_condition(l, v, &b, &f);
    if (!tcs_sigma_load_sound(l))
        return;
    tcs_sigma_build_keep(&b, f.rule.root, &f.rule);
    if (tcs_sigma_store_room(r, &r->filters, r->nfilters, &r->cap_filters, sizeof *r->filters))
        r->filters[r->nfilters++] = f;
}

/* --- at the end --- */

static bool
agrees(struct tcs_str filter, struct tcs_str rule)
{
    return filter.n == 0 || tcs_base_str_eq(filter, rule);
}

/* A filter for "windows" is for every rule on Windows; one for "process_creation/windows" is not
 * for a rule on "windows". */
static bool
compatible(const struct tcs_logsource *filter, const struct tcs_logsource *rule)
{
    return agrees(filter->product, rule->product) && agrees(filter->category, rule->category) &&
           agrees(filter->service, rule->service);
}

/* Room in `to` for the trees of `list` behind the rule's own. */
static bool
make_room(struct tcs_rules *r, const struct tcs_rule *from, struct tcs_filter *const *list,
          uint32_t n, struct tcs_rule *to)
{
    uint64_t nodes = (uint64_t)from->nnodes + 1, kids = (uint64_t)from->nkids + n + 1;
    uint64_t preds = from->npreds, searches = from->nsearches;
    for (uint32_t i = 0; i < n; i++) {
        nodes += list[i]->rule.nnodes;
        kids += list[i]->rule.nkids;
        preds += list[i]->rule.npreds;
        searches += list[i]->rule.nsearches;
    }
    if (nodes > UINT32_MAX || kids > UINT32_MAX || preds > UINT32_MAX || searches > UINT32_MAX)
        return false;
    *to = *from;
    to->nodes = tcs_base_arena_array(r->keep, nodes, sizeof *to->nodes);
    to->kids = tcs_base_arena_array(r->keep, kids, sizeof *to->kids);
    to->preds = tcs_base_arena_array(r->keep, preds, sizeof *to->preds);
    to->searches = tcs_base_arena_array(r->keep, searches, sizeof *to->searches);
    to->nnodes = to->nkids = to->npreds = to->nsearches = 0;
    return !tcs_base_arena_failed(r->keep);
}

/* f's tree behind what is there, its numbers shifted.  Returns its root. */
static uint32_t
append_tree(struct tcs_rule *to, const struct tcs_rule *f)
{
    const uint32_t nodes = to->nnodes;
    for (uint32_t i = 0; i < f->nnodes; i++) {
        struct tcs_node node = f->nodes[i];
        node.a += node.op == TCS_N_PRED     ? to->npreds
                  : node.op == TCS_N_SEARCH ? to->nsearches
                  : node.op == TCS_N_NOT    ? nodes
                                            : to->nkids;
        to->nodes[to->nnodes++] = node;
    }
    for (uint32_t i = 0; i < f->nkids; i++)
        to->kids[to->nkids++] = f->kids[i] + nodes;
    for (uint32_t i = 0; i < f->npreds; i++)
        to->preds[to->npreds++] = f->preds[i];
    for (uint32_t i = 0; i < f->nsearches; i++) {
        to->searches[to->nsearches] = f->searches[i];
        to->searches[to->nsearches++].root += nodes;
    }
    return f->root + nodes;
}

/* rule := rule and filter and filter ...; the names of the filters' searches say whose they are */
static void
join(struct tcs_rules *r, struct tcs_rule *rule, struct tcs_filter *const *list, uint32_t n)
{
    struct tcs_rule to;
    uint32_t *roots = tcs_base_arena_array(r->keep, (size_t)n + 1, sizeof *roots);
    struct tcs_buf text = {0};
    if (!roots || !make_room(r, rule, list, n, &to)) {
        r->failed = true;
        return;
    }
    roots[0] = append_tree(&to, rule);
    tcs_base_buf_printf(&text, "(%.*s)", TCS_STR_FMT(rule->condition));
    for (uint32_t i = 0; i < n; i++) {
        const struct tcs_rule *f = &list[i]->rule;
        uint32_t first = to.nsearches;
        roots[i + 1] = append_tree(&to, f);
        for (uint32_t k = first; k < to.nsearches; k++)
            to.searches[k].name = tcs_base_arena_printf(
                r->keep, "%.*s/%.*s", TCS_QUOTE(f->doc.title), TCS_QUOTE(to.searches[k].name));
        tcs_base_buf_printf(&text, " and (%.*s)", TCS_STR_FMT(f->condition));
    }
    to.root = to.nnodes++;
    to.nodes[to.root] = (struct tcs_node){.op = TCS_N_AND, .a = to.nkids, .n = n + 1};
    for (uint32_t i = 0; i <= n; i++)
        to.kids[to.nkids++] = roots[i];
    to.condition = tcs_base_arena_str(r->keep, tcs_base_buf_view(&text));
    r->failed = r->failed || text.failed;
    tcs_base_buf_done(&text);
    *rule = to;
}

enum { NOT_FOUND, OTHER_LOGSOURCE, APPLIED };

/* Is the filter for this rule?  Notes what became of its targets. */
static bool
is_for(struct tcs_filter *f, const struct tcs_rule *rule)
{
    bool fits = compatible(&f->rule.logsource, &rule->logsource), named = f->ntargets == 0;
    for (uint32_t t = 0; t < f->ntargets; t++) {
        if (!tcs_base_str_ieq(rule->doc.id, f->targets[t]) &&
            !tcs_base_str_eq(rule->doc.name, f->targets[t]))
            continue;
        named = true;
        uint8_t fate = fits ? APPLIED : OTHER_LOGSOURCE;
        f->fates[t] = f->fates[t] > fate ? f->fates[t] : fate;
    }
    return named && fits;
}

static void
report(struct tcs_rules *r, const struct tcs_filter *f)
{
    for (uint32_t t = 0; t < f->ntargets; t++)
        if (f->fates[t] == NOT_FOUND)
            tcs_sigma_store_diag(
                r, TCS_SEV_WARNING, &f->rule.doc, f->target_places[t], TCS_WHY_REFERENCE,
                "no rule that was loaded has the id or name '%.*s'", TCS_QUOTE(f->targets[t]));
        else if (f->fates[t] == OTHER_LOGSOURCE)
            tcs_sigma_store_diag(
                r, TCS_SEV_WARNING, &f->rule.doc, f->target_places[t], TCS_WHY_REFERENCE,
                "the logsource of the rule '%.*s' is not the filter's, so the filter is "
                "not applied to it",
                TCS_QUOTE(f->targets[t]));
}

static int
cmp_filter(const void *a, const void *b)
{
    return tcs_sigma_store_order(&((const struct tcs_filter *)a)->rule.doc,
                                 &((const struct tcs_filter *)b)->rule.doc);
}

void
tcs_sigma_filters_apply(struct tcs_rules *r)
{
    if (!r->nfilters)
        return;
    qsort(r->filters, r->nfilters, sizeof *r->filters, cmp_filter);
    struct tcs_filter **list = tcs_base_arena_array(r->keep, r->nfilters, sizeof *list);
    for (uint32_t i = 0; i < r->nfilters; i++)
        r->filters[i].fates = tcs_base_arena_array(r->keep, r->filters[i].ntargets, 1);
    if (tcs_base_arena_failed(r->keep))
        return;
    for (uint32_t i = 0; i < r->nrules; i++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < r->nfilters; k++)
            if (is_for(&r->filters[k], &r->rules[i]))
                list[n++] = &r->filters[k];
        if (n)
            join(r, &r->rules[i], list, n);
    }
    for (uint32_t i = 0; i < r->nfilters; i++)
        report(r, &r->filters[i]);
}

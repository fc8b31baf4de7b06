/* sigma/ruleset.c - drives the compilation of rules: the units, then routes and groups
 * (plan_route.c, plan_group.c), and owns what comes of it. */
#include "sigma/ruleset.h"

#include "base/grow.h"
#include "sigma/plan.h"

#include <stdlib.h>

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "compiling rules");
}

/* The class of a word; 0 for an empty one. */
static int
class_of(struct plan_build *b, struct tcs_map *m, struct tcs_str word, uint32_t *ret)
{
    *ret = 0;
    if (!word.n)
        return 0;
    b->key.n = 0;
    for (size_t i = 0; i < word.n; i++)
        tcs_base_buf_c(&b->key,
                       m == &b->rs->routes.channels ? tcs_base_ascii_lower(word.p[i]) : word.p[i]);
    if (b->key.failed)
        return no_memory(b);
    *ret = tcs_base_map_get(m, tcs_base_buf_view(&b->key));
    if (*ret != TCS_MAP_NONE)
        return 0;
    struct tcs_str key =
        tcs_base_arena_str(b->rs->arena, tcs_base_buf_view(&b->key)); /* read when scanning */
    *ret = m->count + 1;
    return key.p && tcs_base_map_put(m, key, *ret) == 0 ? 0 : no_memory(b);
}

static int
unit_classes(struct plan_build *b, struct plan_unit *u)
{
    struct plan_routes *r = &b->rs->routes;
    const struct tcs_view *v = u->view;
    const struct tcs_logsource *ls = &b->rs->rules[u->rule].logsource;
    int rc = class_of(b, &r->products, v ? v->product : ls->product, &u->product);
    if (rc < 0 || !v || !v->nchannels)
        return rc;
    u->channels = tcs_base_arena_array(b->tmp, v->nchannels, sizeof *u->channels);
    if (!u->channels)
        return no_memory(b);
    for (; u->nchannels < v->nchannels && rc == 0; u->nchannels++)
        rc = class_of(b, &r->channels, v->channels[u->nchannels], &u->channels[u->nchannels]);
    return rc;
}

static int
add_unit(struct plan_build *b, uint32_t rule, const struct tcs_view *view)
{
    struct plan_unit u = {.rule = rule, .view = view};
    int rc = sigma_plan_expr(b, &u);
    if (rc < 0)
        return tcs_base_wrap(b->err, "%.*s", TCS_STR_FMT(b->rs->rules[rule].doc.path));
    if (u.ex->op == PLAN_EX_FALSE)
        return 0;
    if (!tcs_base_grow(&b->units, &b->units_cap, b->nunits, 1, sizeof u))
        return no_memory(b);
    if ((rc = unit_classes(b, &u)) < 0)
        return rc;
    b->units[b->nunits++] = u;
    return 0;
}

static int
add_rule(struct plan_build *b, uint32_t i)
{
    const struct tcs_rule *rule = &b->rs->rules[i];
    uint32_t n;
    const struct tcs_view *views = tcs_sigma_logsources_find(b->ls, &rule->logsource, &n);
    int rc = 0;
    for (uint32_t v = 0; v < n && rc == 0; v++)
        rc = add_unit(b, i, &views[v]);
    if (n || rule->logsource.category.n)
        return rc;
    return add_unit(b, i, NULL);
}

static int
build(struct plan_build *b)
{
    struct tcs_ruleset *rs = b->rs;
    rs->event_id_slot = tcs_event_fieldset_add(rs->fields, TCS_STR("EventID"));
    b->reachable = tcs_base_arena_array(rs->arena, rs->nrules, sizeof *b->reachable);
    rs->reachable = b->reachable;
    if (rs->event_id_slot == TCS_SLOT_NONE || !rs->reachable)
        return no_memory(b);
    int rc = 0;
    for (uint32_t i = 0; i < rs->nrules && rc == 0; i++)
        rc = add_rule(b, i);
    return rc < 0 ? rc : sigma_plan_route(b);
}

static int
add_fields(struct plan_build *b, const struct tcs_ruleset_opts *opts)
{
    for (uint32_t i = 0; opts && i < opts->nfields; i++)
        if (tcs_event_fieldset_add(b->rs->fields, opts->fields[i]) == TCS_SLOT_NONE)
            return no_memory(b);
    return 0;
}

static void
build_done(struct plan_build *b)
{
    tcs_base_map_done(&b->slots);
    tcs_base_map_done(&b->preds);
    tcs_base_map_done(&b->mades);
    tcs_base_map_done(&b->bases);
    tcs_base_map_done(&b->groups);
    tcs_base_buf_done(&b->key);
    tcs_base_map_done(&b->trigger_map);
    tcs_base_arena_free(b->tmp);
    tcs_base_arena_free(b->group_tmp);
    tcs_base_arena_free(b->scratch);
    free(b->triggers);
    free(b->pred_triggers);
    free(b->units);
}

struct tcs_ruleset *
sigma_ruleset_new(const struct tcs_rule *rules, uint32_t n)
{
    struct tcs_ruleset *rs = calloc(1, sizeof *rs);
    if (!rs)
        return NULL;
    rs->rules = rules;
    rs->nrules = n;
    rs->arena = tcs_base_arena_new(0);
    rs->fields = tcs_event_fieldset_new();
    if (rs->arena && rs->fields)
        return rs;
    tcs_sigma_ruleset_free(rs);
    return NULL;
}

int
tcs_sigma_ruleset_build(const struct tcs_rule *rules, uint32_t n, const struct tcs_logsources *ls,
                        const struct tcs_ruleset_opts *opts, struct tcs_ruleset **ret,
                        struct tcs_err *err)
{
    struct tcs_ruleset *rs = sigma_ruleset_new(rules, n);
    struct plan_build b = {.rs = rs, .ls = ls, .err = err};
    b.tmp = tcs_base_arena_new(0);
    tcs_match_lit_costs_init(&b.costs);
    b.group_tmp = tcs_base_arena_new(0);
    b.scratch = tcs_base_arena_new(0);
    int rc = -TCS_ENOMEM;
    if (rs) {
        rs->no_prefilter = opts && opts->no_prefilter;
        rs->no_memory = opts && opts->no_memory;
    }
    if (!rs || !b.tmp || !b.group_tmp || !b.scratch)
        rc = no_memory(&b);
    else if ((rc = add_fields(&b, opts)) == 0)
        rc = build(&b);
    build_done(&b);
    if (rc < 0) {
        tcs_sigma_ruleset_free(rs);
        return rc;
    }
    *ret = rs;
    return 0;
}

void
tcs_sigma_ruleset_free(struct tcs_ruleset *rs)
{
    if (!rs)
        return;
    for (uint32_t i = 0; i < rs->npreds; i++)
        tcs_match_regex_free(rs->preds[i].re);
    if (!rs->preds_kept)
        free(rs->preds);
    free(rs->made);
    free(rs->doubts);
    free(rs->doubt_lists);
    free(rs->bases);
    free(rs->groups);
    tcs_base_map_done(&rs->routes.products);
    tcs_base_map_done(&rs->routes.channels);
    tcs_event_fieldset_free(rs->fields);
    tcs_base_arena_free(rs->arena);
    free(rs);
}

const struct tcs_fieldset *
tcs_sigma_ruleset_fields(const struct tcs_ruleset *rs)
{
    return rs->fields;
}

bool
tcs_sigma_ruleset_reachable(const struct tcs_ruleset *rs, uint32_t rule)
{
    return rule < rs->nrules && rs->reachable[rule];
}

/* sigma/correlation_check.c - correlation documents: read and checked (correlate.c runs them).
 *
 * Sigma correlation rules specification 2.1 with its JSON schema (types value_sum, value_avg,
 * value_percentile), value_median, and the boolean condition over rule names that tools have for
 * the temporal types. */
#include "sigma/correlation_check.h"

#include "base/invariant.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "sigma/collection.h"
#include "sigma/condition.h"
#include "sigma/correlation_terms.h"
#include "sigma/document.h"
#include "sigma/suggest.h"

#include <stdlib.h>

struct type {
    const char *name;
    bool needs_condition, needs_field, temporal;
};

/* In the order of enum tcs_corr_type. */
static const struct type types[] = {
    {"event_count", true, false, false},     {"value_count", true, true, false},
    {"temporal", false, false, true},        {"temporal_ordered", false, false, true},
    {"value_sum", true, true, false},        {"value_avg", true, true, false},
    {"value_percentile", true, true, false}, {"value_median", true, true, false},
};

enum { NTYPES = sizeof types / sizeof types[0] };
TCS_ROW_FOR_EACH(types, TCS_CORR_VALUE_MEDIAN + 1);

static void
bad(struct tcs_load *l, const struct tcs_ynode *at, const char *what)
{
    tcs_sigma_load_error(l, tcs_sigma_load_place(at, 0), TCS_WHY_CORRELATION, "%s", what);
}

static const struct type *
read_type(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_correlation *c)
{
    const char *names[NTYPES];
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "type", NULL);
    if (!v || v->kind != TCS_Y_SCALAR) {
        bad(l, v ? v : map, "the correlation has no type, like event_count or temporal");
        return NULL;
    }
    for (uint8_t i = 0; i < NTYPES; i++) {
        names[i] = types[i].name;
        if (tcs_base_str_eq(v->text, tcs_base_str_of(names[i]))) {
            c->type = i;
            return &types[i];
        }
    }
    const char *near = tcs_sigma_suggest(v->text, names, NTYPES);
    tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_CORRELATION,
                         "unknown correlation type '%.*s'%s%s%s", TCS_QUOTE(v->text),
                         near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    return NULL;
}

static void
read_timespan(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_correlation *c)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "timespan", NULL);
    if (!v) {
        bad(l, map, "the correlation has no timespan, like 10m");
        return;
    }
    uint64_t n = 0;
    bool ok = v->kind == TCS_Y_SCALAR && v->text.n > 1 &&
              tcs_base_num_u64(tcs_base_str_slice(v->text, 0, v->text.n - 1), &n) && n > 0;
    for (size_t i = 0; ok && i < sizeof units / sizeof units[0]; i++)
        if (v->text.p[v->text.n - 1] == units[i].unit &&
            !__builtin_mul_overflow(n, units[i].seconds, &c->timespan_s))
            return;
    bad(l, v, "a timespan is a number above 0 and one of s, m, h, d, like 90m");
}

/* The schema has it in the document, tools have it in the correlation. */
static void
read_generate(struct tcs_load *l, const struct tcs_ynode *doc, const struct tcs_ynode *map,
              struct tcs_correlation *c)
{
    const struct tcs_ynode *const at[] = {tcs_sigma_yaml_get(doc, "generate", NULL),
                                          tcs_sigma_yaml_get(map, "generate", NULL)};
    for (size_t i = 0; i < 2; i++) {
        if (at[i] && (at[i]->kind != TCS_Y_SCALAR || at[i]->type != TCS_YT_BOOL)) {
            bad(l, at[i], "'generate' must be true or false, without quotes");
            return;
        }
        if (at[i])
            c->generate = at[i]->truth;
    }
    if (at[0] && at[1] && at[0]->truth != at[1]->truth)
        bad(l, at[1], "'generate' is true in one place and false in the other");
}

static bool
listed(const struct tcs_correlation *c, struct tcs_str rule)
{
    for (uint32_t i = 0; i < c->nrules; i++)
        if (tcs_base_str_eq(c->rules[i], rule))
            return true;
    return false;
}

/* alias: {rule: field, ...} */
static void
read_alias(struct tcs_load *l, const struct tcs_ynode *key, const struct tcs_ynode *v,
           struct tcs_correlation *c, uint32_t *cap)
{
    struct tcs_str alias = tcs_base_arena_str(l->keep, key->text);
    if (v->kind != TCS_Y_MAP || v->n == 0) {
        bad(l, v, "an alias is a map of rule: field");
        return;
    }
    for (uint32_t i = 0; i < v->n; i++) {
        const struct tcs_ynode *rule = v->kids[(size_t)2 * i], *field = v->kids[(size_t)2 * i + 1];
        if (field->kind != TCS_Y_SCALAR || field->text.n == 0) {
            bad(l, field, "an alias is a map of rule: field");
            continue;
        }
        if (!listed(c, rule->text))
            tcs_sigma_load_error(l, tcs_sigma_load_place(rule, 0), TCS_WHY_CORRELATION,
                                 "the alias speaks of the rule '%.*s', which is not among the "
                                 "correlation's rules",
                                 TCS_QUOTE(rule->text));
        if (!tcs_base_arena_grow(l->keep, &c->aliases, c->naliases, cap, sizeof *c->aliases))
            return;
        c->aliases[c->naliases++] =
            (struct tcs_corr_alias){.alias = alias,
                                    .rule = tcs_base_arena_str(l->keep, rule->text),
                                    .field = tcs_base_arena_str(l->keep, field->text)};
    }
    if (v->n < c->nrules)
        tcs_sigma_load_warn(l, tcs_sigma_load_place(key, 0), TCS_WHY_ODD,
                            "the alias '%.*s' names no field for some of the correlation's rules",
                            TCS_QUOTE(alias));
}

static void
read_aliases(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_correlation *c)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "aliases", NULL);
    uint32_t cap = 0;
    if (!v)
        return;
    if (v->kind != TCS_Y_MAP)
        bad(l, v, "'aliases' must be a map of alias: {rule: field}");
    for (uint32_t i = 0; v->kind == TCS_Y_MAP && i < v->n; i++)
        read_alias(l, v->kids[(size_t)2 * i], v->kids[(size_t)2 * i + 1], c, &cap);
}

/* --- the condition as a map of comparisons --- */

static bool
comparison(struct tcs_str name, uint8_t *cmp)
{
    static const struct {
        const char *name;
        uint8_t cmp;
    } ops[] = {{"gt", TCS_GT},  {"gte", TCS_GE}, {"lt", TCS_LT},
               {"lte", TCS_LE}, {"eq", TCS_EQ},  {"neq", TCS_NE}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (tcs_base_str_eq(name, tcs_base_str_of(ops[i].name))) {
            *cmp = ops[i].cmp;
            return true;
        }
    }
    return false;
}

static bool
is_number(const struct tcs_ynode *v)
{
    return v->kind == TCS_Y_SCALAR && (v->type == TCS_YT_INT || v->type == TCS_YT_FLOAT);
}

static void
read_entry(struct tcs_load *l, const struct tcs_ynode *key, const struct tcs_ynode *v,
           struct tcs_correlation *c)
{
    static const char *const known[] = {"gt", "gte", "lt",    "lte",
                                        "eq", "neq", "field", "percentile"};
    uint8_t cmp;
    if (tcs_base_str_eq(key->text, TCS_STR("field")))
        return; /* read apart */
    if (tcs_base_str_eq(key->text, TCS_STR("percentile"))) {
        if (is_number(v) && v->num >= 0 && v->num <= 100)
            c->percentile = v->num;
        else
            bad(l, v, "a percentile is a number from 0 to 100");
    } else if (!comparison(key->text, &cmp)) {
        const char *near = tcs_sigma_suggest(key->text, known, 8);
        tcs_sigma_load_error(l, tcs_sigma_load_place(key, 0), TCS_WHY_CORRELATION,
                             "unknown word '%.*s' in the correlation's condition%s%s%s",
                             TCS_QUOTE(key->text), near ? ": did you mean '" : "", near ? near : "",
                             near ? "'?" : "");
    } else if (!is_number(v)) {
        bad(l, v, "the correlation's condition compares with a number, without quotes");
    } else {
        c->conds[c->nconds++] = (struct tcs_corr_cond){.cmp = cmp, .num = v->num};
    }
}

/* Would a window have to keep more matches than we do? */
static bool
too_large(const struct tcs_correlation *c)
{
    bool counts = c->type <= TCS_CORR_TEMPORAL_ORDERED;
    for (uint32_t i = 0; counts && i < c->nconds; i++)
        if (c->conds[i].num >= TCS_CORR_NEED_MAX)
            return true;
    return false;
}

/* Some of the rules in order: all choices are followed, so they must be few. */
static bool
too_many_choices(const struct tcs_correlation *c)
{
    if (c->type != TCS_CORR_TEMPORAL_ORDERED || c->nrules <= TCS_CORR_SOME_MAX)
        return false;
    bool all = false, upper = false;
    for (uint32_t i = 0; i < c->nconds; i++) {
        uint8_t cmp = c->conds[i].cmp;
        all = all || (cmp == TCS_GE && c->conds[i].num > c->nrules - 1) ||
              (cmp == TCS_GT && c->conds[i].num >= c->nrules - 1);
        upper = upper || (cmp != TCS_GE && cmp != TCS_GT);
    }
    return !all || upper;
}

/* Can any number meet all comparisons? */
static bool
possible(const struct tcs_correlation *c)
{
    double low = -1e300, high = 1e300;
    bool open = false; /* a bound itself is left out */
    for (uint32_t i = 0; i < c->nconds; i++) {
        uint8_t cmp = c->conds[i].cmp;
        double v = c->conds[i].num;
        if ((cmp == TCS_GT || cmp == TCS_GE || cmp == TCS_EQ) && v >= low)
            low = v;
        if ((cmp == TCS_LT || cmp == TCS_LE || cmp == TCS_EQ) && v <= high)
            high = v;
        open = open || cmp == TCS_GT || cmp == TCS_LT;
    }
    return low < high || (low == high && !open);
}

static void
read_conditions(struct tcs_load *l, const struct tcs_ynode *v, const struct type *type,
                struct tcs_correlation *c)
{
    c->conds = tcs_base_arena_array(l->keep, v->n, sizeof *c->conds);
    for (uint32_t i = 0; c->conds && i < v->n; i++)
        read_entry(l, v->kids[(size_t)2 * i], v->kids[(size_t)2 * i + 1], c);
    (void)tcs_sigma_document_list(l, v, "field", &c->cond_fields, &c->ncond_fields, NULL);
    if (l->refused)
        return;
    if (!c->nconds)
        bad(l, v,
            "the correlation's condition compares with nothing: it needs gt, gte, lt, lte, "
            "eq or neq");
    else if (!possible(c))
        bad(l, v, "no number meets this condition");
    else if (too_large(c))
        tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_LIMIT,
                             "the condition asks for more than the %d that are counted",
                             TCS_CORR_NEED_MAX - 1);
    if (too_many_choices(c))
        tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_LIMIT,
                             "an order of some of its rules takes at most %d rules",
                             TCS_CORR_SOME_MAX);
    if (type->needs_field && !c->ncond_fields)
        bad(l, v, "this type of correlation needs the name of a field in its condition");
    if (c->ncond_fields > TCS_CORR_FIELDS_MAX)
        bad(l, v, "the condition names more than 16 fields");
    if (c->ncond_fields > 1 && c->type != TCS_CORR_VALUE_COUNT)
        bad(l, v, "only value_count takes several fields");
    if (!type->needs_field && c->ncond_fields)
        tcs_sigma_load_warn(l, tcs_sigma_load_place(v, 0), TCS_WHY_ODD,
                            "'field' has no meaning for this type of correlation");
    if (c->percentile >= 0 && c->type != TCS_CORR_VALUE_PERCENTILE)
        tcs_sigma_load_warn(l, tcs_sigma_load_place(v, 0), TCS_WHY_ODD,
                            "'percentile' has no meaning for this type of correlation");
    if (c->percentile < 0 && c->type == TCS_CORR_VALUE_PERCENTILE)
        tcs_sigma_load_warn(l, tcs_sigma_load_place(v, 0), TCS_WHY_ODD,
                            "the condition does not say which percentile; it is taken as 95");
}

/* --- the condition as a text over rule names --- */

/* Without a list of rules, the names in the text are the rules. */
static void
names_in(struct tcs_load *l, const struct tcs_ynode *v, struct tcs_corr_entry *e)
{
    static const char stop[] = " \t\r\n()";
    struct tcs_str s = v->text;
    uint32_t cap = 0, cap_places = 0;
    for (size_t i = 0; i < s.n;) {
        size_t end = i;
        while (end < s.n && !memchr(stop, s.p[end], sizeof stop - 1))
            end++;
        struct tcs_str word = tcs_base_str_slice(s, i, end);
        bool op = tcs_base_str_ieq(word, TCS_STR("and")) || tcs_base_str_ieq(word, TCS_STR("or")) ||
                  tcs_base_str_ieq(word, TCS_STR("not"));
        if (word.n && !op && e->c.nrules < TCS_CORR_RULES_MAX && !listed(&e->c, word) &&
            tcs_base_arena_grow(l->keep, &e->c.rules, e->c.nrules, &cap, sizeof *e->c.rules) &&
            tcs_base_arena_grow(l->keep, &e->places, e->c.nrules, &cap_places, sizeof *e->places)) {
            e->places[e->c.nrules] = tcs_sigma_load_place(v, i);
            e->c.rules[e->c.nrules++] = tcs_base_arena_str(l->keep, word);
        }
        i = end + 1;
    }
}

static void
read_extended(struct tcs_load *l, const struct tcs_ynode *v, const struct type *type,
              struct tcs_corr_entry *e)
{
    struct tcs_build b = tcs_sigma_build_new(l);
    uint32_t root;
    b.noun = "rule";
    b.names_only = true;
    if (!type->temporal) {
        bad(l, v,
            "a condition over rule names is only for temporal and temporal_ordered; write a "
            "map like gte: 10");
        return;
    }
    if (!e->c.nrules)
        names_in(l, v, e);
    uint32_t n = e->c.nrules;
    b.searches = tcs_base_arena_array(l->scratch, n, sizeof *b.searches);
    b.used = tcs_base_arena_array(l->scratch, n, sizeof *b.used);
    for (uint32_t i = 0; b.searches && b.used && i < n; i++)
        b.searches[b.nsearches++] = (struct tcs_search){
            .name = e->c.rules[i], .line = e->places[i].line, .col = e->places[i].col};
    if (tcs_base_arena_failed(l->scratch) || tcs_base_arena_failed(l->keep) ||
        !tcs_sigma_condition_parse(&b, v, &root, &e->c.extended))
        return;
    struct tcs_rule tree = {0};
    tcs_sigma_build_keep(&b, root, &tree);
    e->c.nodes = tree.nodes;
    e->c.kids = tree.kids;
    e->c.nnodes = tree.nnodes;
    e->c.nkids = tree.nkids;
    e->c.root = root;
    if (!tcs_base_arena_failed(l->keep) && tcs_sigma_terms_idle(&e->c))
        bad(l, v,
            "the condition holds where nothing happened: at least one rule must stand outside "
            "'not' in each of its alternatives");
    else if (!tcs_base_arena_failed(l->keep) && e->c.type == TCS_CORR_TEMPORAL_ORDERED &&
             !tcs_sigma_terms_in_order(&e->c))
        tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_LIMIT,
                             "the condition can hold in more than %d ways, each an order of rules",
                             TCS_CORR_TERMS_MAX);
}

static void
read_condition(struct tcs_load *l, const struct tcs_ynode *map, const struct type *type,
               struct tcs_corr_entry *e)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "condition", NULL);
    if (v && v->kind == TCS_Y_MAP) {
        read_conditions(l, v, type, &e->c);
    } else if (v && v->kind == TCS_Y_SCALAR && v->type == TCS_YT_STR) {
        read_extended(l, v, type, e);
    } else if (v) {
        bad(l, v,
            "the correlation's condition is a map like gte: 10, or for temporal types a text "
            "over rule names");
    } else if (type->needs_condition) {
        bad(l, map, "this type of correlation needs a condition, like gte: 10");
    } else {
        /* all rules must have matched */
        e->c.conds = tcs_base_arena_array(l->keep, 1, sizeof *e->c.conds);
        if (e->c.conds)
            e->c.conds[e->c.nconds++] = (struct tcs_corr_cond){TCS_GE, e->c.nrules};
    }
}

/* Only an order makes sense of naming a rule twice. */
static void
once_each(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_corr_entry *e)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->c.nrules && e->c.type != TCS_CORR_TEMPORAL_ORDERED; i++) {
        bool again = false;
        for (uint32_t k = 0; k < n && !again; k++)
            again = tcs_base_str_eq(e->c.rules[k], e->c.rules[i]);
        if (again)
            continue;
        e->c.rules[n] = e->c.rules[i];
        e->places[n++] = e->places[i];
    }
    if (n == e->c.nrules || e->c.type == TCS_CORR_TEMPORAL_ORDERED)
        return;
    e->c.nrules = n;
    tcs_sigma_load_warn(l, tcs_sigma_load_place(map, 0), TCS_WHY_ODD,
                        "a rule that is named twice counts once here");
}

static void
check_keys(struct tcs_load *l, const struct tcs_ynode *map)
{
    static const char *const known[] = {"type",    "rules",    "group-by", "timespan",
                                        "aliases", "generate", "condition"};
    for (uint32_t i = 0; i < map->n; i++) {
        const struct tcs_ynode *k = map->kids[(size_t)2 * i];
        bool ok = false;
        for (size_t j = 0; j < sizeof known / sizeof known[0]; j++)
            ok = ok || tcs_base_str_eq(k->text, tcs_base_str_of(known[j]));
        const char *near = ok ? NULL : tcs_sigma_suggest(k->text, known, 7);
        if (near)
            tcs_sigma_load_error(l, tcs_sigma_load_place(k, 0), TCS_WHY_CORRELATION,
                                 "unknown attribute '%.*s' of a correlation: did you mean '%s'?",
                                 TCS_QUOTE(k->text), near);
    }
}

void
tcs_sigma_correlation_read(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc)
{
    struct tcs_rules *r = l->rules;
    struct tcs_corr_entry e = {.c = {.doc = *doc, .percentile = -1}};
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "correlation", NULL);
    if (v->kind != TCS_Y_MAP) {
        bad(l, v, "'correlation' must be a map with type, rules, timespan and condition");
        return;
    }
    check_keys(l, v);
    const struct type *type = read_type(l, v, &e.c);
    (void)tcs_sigma_document_list(l, v, "rules", &e.c.rules, &e.c.nrules, &e.places);
    if (e.c.nrules > TCS_CORR_RULES_MAX) {
        tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_LIMIT,
                             "the correlation has %u rules, and %d are allowed", e.c.nrules,
                             TCS_CORR_RULES_MAX);
        return;
    }
    (void)tcs_sigma_document_list(l, v, "group-by", &e.c.group_by, &e.c.ngroup_by, NULL);
    if (e.c.ngroup_by > TCS_CORR_FIELDS_MAX)
        tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_LIMIT,
                             "the correlation groups by %u fields, and %d are allowed",
                             e.c.ngroup_by, TCS_CORR_FIELDS_MAX);
    once_each(l, v, &e);
    read_timespan(l, v, &e.c);
    read_generate(l, map, v, &e.c);
    if (type && !tcs_base_arena_failed(l->keep))
        read_condition(l, v, type, &e);
    if (!e.c.nrules)
        bad(l, v, "the correlation refers to no rules");
    read_aliases(l, v, &e.c);
    if (!e.c.ngroup_by && !e.c.ncond_fields) /* "how many hosts in all" is a sound question */
        tcs_sigma_load_warn(l, tcs_sigma_load_place(v, 0), TCS_WHY_ODD,
                            "without group-by all events count as one group");
    if (!tcs_sigma_load_sound(l))
        return;
    if (tcs_sigma_store_room(r, &r->entries, r->nentries, &r->cap_entries, sizeof *r->entries))
        r->entries[r->nentries++] = e;
}

/* --- at the end: every reference must lead to something --- */

enum state { OPEN, SOUND, REFUSED };

struct resolver {
    struct tcs_rules *r;
    struct tcs_map rules, corrs; /* id or name -> index */
    uint8_t *state;              /* of each entry */
};

static bool
enter(struct resolver *x, struct tcs_map *m, const struct tcs_doc *doc, uint32_t i)
{
    if (doc->id.n && tcs_base_map_intern(m, doc->id, i) == TCS_MAP_NONE)
        return false;
    if (!doc->name.n)
        return true;
    if (tcs_base_map_get(&x->rules, doc->name) != TCS_MAP_NONE ||
        tcs_base_map_get(&x->corrs, doc->name) != TCS_MAP_NONE)
        tcs_sigma_store_diag(x->r, TCS_SEV_WARNING, doc, (struct tcs_place){doc->line, 1},
                             TCS_WHY_DUPLICATE, "the name '%.*s' is used by another document too",
                             TCS_QUOTE(doc->name));
    return tcs_base_map_intern(m, doc->name, i) != TCS_MAP_NONE;
}

/* SOUND or REFUSED as soon as it is certain. */
static enum state
look(struct resolver *x, uint32_t i)
{
    const struct tcs_corr_entry *e = &x->r->entries[i];
    enum state all = SOUND;
    for (uint32_t k = 0; k < e->c.nrules; k++) {
        uint32_t corr = tcs_base_map_get(&x->corrs, e->c.rules[k]);
        if (tcs_base_map_get(&x->rules, e->c.rules[k]) != TCS_MAP_NONE)
            continue;
        if (corr != TCS_MAP_NONE && x->state[corr] == OPEN) {
            all = OPEN;
        } else if (corr == TCS_MAP_NONE || x->state[corr] == REFUSED) {
            tcs_sigma_store_diag(x->r, TCS_SEV_ERROR, &e->c.doc, e->places[k], TCS_WHY_REFERENCE,
                                 corr == TCS_MAP_NONE
                                     ? "no rule that was loaded has the id or name '%.*s'"
                                     : "the correlation '%.*s' that this one needs was refused",
                                 TCS_QUOTE(e->c.rules[k]));
            return REFUSED;
        }
    }
    return all;
}

static void
settle(struct resolver *x)
{
    bool progress = true;
    for (unsigned level = 0; progress && level < TCS_CORR_CHAIN_MAX; level++) {
        progress = false;
        for (uint32_t i = 0; i < x->r->nentries; i++) {
            if (x->state[i] != OPEN)
                continue;
            x->state[i] = (uint8_t)look(x, i);
            progress = progress || x->state[i] != OPEN;
        }
    }
    for (uint32_t i = 0; i < x->r->nentries; i++) {
        const struct tcs_doc *doc = &x->r->entries[i].c.doc;
        if (x->state[i] == OPEN)
            tcs_sigma_store_diag(x->r, TCS_SEV_ERROR, doc, (struct tcs_place){doc->line, 1},
                                 TCS_WHY_REFERENCE,
                                 "this correlation and others refer to each other in "
                                 "a circle, or in a chain of more than %d",
                                 TCS_CORR_CHAIN_MAX);
    }
}

static int
cmp_entry(const void *a, const void *b)
{
    return tcs_sigma_store_order(&((const struct tcs_corr_entry *)a)->c.doc,
                                 &((const struct tcs_corr_entry *)b)->c.doc);
}

static bool
same_id(struct resolver *x, const struct tcs_doc *doc)
{
    if (!doc->id.n || (tcs_base_map_get(&x->rules, doc->id) == TCS_MAP_NONE &&
                       tcs_base_map_get(&x->corrs, doc->id) == TCS_MAP_NONE))
        return false;
    tcs_sigma_store_diag(x->r, TCS_SEV_ERROR, doc, (struct tcs_place){doc->line, 1},
                         TCS_WHY_DUPLICATE, "another rule or correlation has the same id");
    return true;
}

static void
resolve(struct resolver *x)
{
    struct tcs_rules *r = x->r;
    bool ok = true;
    for (uint32_t i = 0; i < r->nrules && ok; i++)
        ok = enter(x, &x->rules, &r->rules[i].doc, i);
    for (uint32_t i = 0; i < r->nentries && ok; i++) {
        if (same_id(x, &r->entries[i].c.doc))
            x->state[i] = REFUSED;
        else
            ok = enter(x, &x->corrs, &r->entries[i].c.doc, i);
    }
    r->failed = r->failed || !ok;
    if (ok)
        settle(x);
    for (uint32_t i = 0; i < r->nentries && r->corrs; i++)
        if (x->state[i] == SOUND)
            r->corrs[r->ncorrs++] = r->entries[i].c;
}

void
tcs_sigma_correlations_resolve(struct tcs_rules *r)
{
    if (r->nentries)
        qsort(r->entries, r->nentries, sizeof *r->entries, cmp_entry);
    struct resolver x = {.r = r, .state = tcs_base_arena_array(r->keep, r->nentries, 1)};
    r->corrs = tcs_base_arena_array(r->keep, r->nentries, sizeof *r->corrs);
    if (x.state)
        resolve(&x);
    tcs_base_map_done(&x.rules);
    tcs_base_map_done(&x.corrs);
}

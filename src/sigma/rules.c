/* sigma/rules.c - drives the rule parser: one file after the other comes in, sound documents stay.
 *
 * Reads rules itself, and hands filters and correlations to filter_doc.c and correlation_check.c.
 * tcs_sigma_rules_finish does what needs them all: order, duplicates, filters, references.
 * Nothing of the parser is above it; the layers below it, each of which knows only those further
 * down:
 *
 *   filter_doc  correlation_check        a document of that kind
 *   document  detection  condition       a part of a document
 *   rule_value                           one value -> predicates
 *   modifier  build                      a chain of modifiers; a tree that grows
 *   load                                 the file in hand: memory, places, diagnostics
 *   store                                the collection */
#include "sigma/rules.h"

#include "base/limits.h"
#include "sigma/collection.h"
#include "sigma/condition.h"
#include "sigma/correlation_check.h"
#include "sigma/detection.h"
#include "sigma/document.h"
#include "sigma/filter_doc.h"

#include <stdlib.h>

static struct tcs_str
keep_str(struct tcs_rules *r, struct tcs_str s)
{
    return tcs_base_arena_str(r->keep, s);
}

static void
copy_placeholders(struct tcs_rules *r, const struct tcs_placeholder *ph, uint32_t n)
{
    r->placeholders = tcs_base_arena_array(r->keep, n, sizeof *r->placeholders);
    for (uint32_t i = 0; r->placeholders && i < n; i++) {
        struct tcs_placeholder *to = &r->placeholders[r->nplaceholders++];
        struct tcs_str name = ph[i].name;
        if (name.n > 2 && name.p[0] == '%' && name.p[name.n - 1] == '%')
            name = tcs_base_str_slice(name, 1, name.n - 1);
        to->name = keep_str(r, name);
        to->values = tcs_base_arena_array(r->keep, ph[i].n, sizeof *to->values);
        for (uint32_t k = 0; to->values && k < ph[i].n; k++)
            to->values[to->n++] = keep_str(r, ph[i].values[k]);
    }
}

struct tcs_rules *
tcs_sigma_rules_new(const struct tcs_placeholder *ph, uint32_t n)
{
    struct tcs_rules *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->keep = tcs_base_arena_new(0);
    r->scratch = tcs_base_arena_new(0);
    if (r->keep && r->scratch)
        copy_placeholders(r, ph, n);
    if (!r->keep || !r->scratch || tcs_base_arena_failed(r->keep)) {
        tcs_sigma_rules_free(r);
        return NULL;
    }
    return r;
}

void
tcs_sigma_rules_free(struct tcs_rules *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->ntaken; i++)
        tcs_base_arena_free(r->taken[i]);
    tcs_base_arena_free(r->keep);
    tcs_base_arena_free(r->scratch);
    free(r->taken);
    free(r->rules);
    free(r->entries);
    free(r->filters);
    free(r->diags);
    free(r);
}

/* --- one document --- */

static void
read_rule(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc)
{
    static const char *const skip[] = {"condition", "timeframe"};
    struct tcs_rules *r = l->rules;
    struct tcs_rule rule = {.doc = *doc};
    struct tcs_build b = tcs_sigma_build_new(l);
    uint32_t root = 0;
    (void)tcs_sigma_document_logsource(l, map, &rule.logsource);
    const struct tcs_ynode *key, *d = tcs_sigma_yaml_get(map, "detection", NULL);
    if (!d || d->kind != TCS_Y_MAP) {
        tcs_sigma_load_error(
            l, tcs_sigma_load_place(d ? d : map, 0), TCS_WHY_MISSING,
            "the rule has no detection, a map of search identifiers with a condition");
        return;
    }
    tcs_sigma_detection_parse(&b, d, skip, 2);
    if (!b.nsearches && !tcs_base_arena_failed(l->scratch))
        tcs_sigma_load_error(l, tcs_sigma_load_place(d, 0), TCS_WHY_DETECTION,
                             "the detection has no search identifiers");
    const struct tcs_ynode *c = tcs_sigma_yaml_get(d, "condition", NULL);
    if (!c)
        tcs_sigma_load_error(l, tcs_sigma_load_place(d, 0), TCS_WHY_MISSING,
                             "the detection has no condition");
    else if (!tcs_base_arena_failed(l->scratch))
        (void)tcs_sigma_condition_parse(&b, c, &root, &rule.condition);
    if (tcs_sigma_yaml_get(d, "timeframe", &key))
        tcs_sigma_load_warn(
            l, tcs_sigma_load_place(key, 0), TCS_WHY_ODD,
            "'timeframe' has no effect: it belonged to the aggregations that correlation "
            "documents have replaced");
    if (!tcs_sigma_load_sound(l))
        return;
    tcs_sigma_build_keep(&b, root, &rule);
    if (tcs_sigma_store_room(r, &r->rules, r->nrules, &r->cap_rules, sizeof *r->rules))
        r->rules[r->nrules++] = rule;
}

/* Rule collections of Sigma 1 could repeat parts of a document. */
static bool
is_action(struct tcs_load *l, const struct tcs_ynode *map)
{
    const struct tcs_ynode *key;
    if (!tcs_sigma_yaml_get(map, "action", &key))
        return false;
    tcs_sigma_load_error(
        l, tcs_sigma_load_place(key, 0), TCS_WHY_NOT_SIGMA,
        "'action' (global, repeat, reset) is no longer part of Sigma: write each rule as "
        "a complete document");
    return true;
}

/* Is it anything of ours, so that its attributes are worth a look? */
static bool
is_sigma(struct tcs_load *l, const struct tcs_ynode *root)
{
    static const char *const keys[] = {"detection", "correlation", "filter", "logsource", "title"};
    for (size_t i = 0; root->kind == TCS_Y_MAP && i < sizeof keys / sizeof keys[0]; i++)
        if (tcs_sigma_yaml_get(root, keys[i], NULL))
            return true;
    tcs_sigma_load_error(l, tcs_sigma_load_place(root, 0), TCS_WHY_NOT_SIGMA,
                         "this document is no Sigma rule, correlation or filter: it has no title, "
                         "logsource or detection");
    return false;
}

static void
read_document(struct tcs_load *l, const struct tcs_ydoc *y)
{
    struct tcs_doc doc = {.path = l->path, .line = y->line};
    l->refused = false;
    l->told = 0;
    l->id = l->title = (struct tcs_str){0};
    if (y->root->kind == TCS_Y_SCALAR && y->root->type == TCS_YT_NULL)
        return; /* nothing between two `---` */
    l->rules->seen++;
    if (!is_sigma(l, y->root))
        return;
    (void)tcs_sigma_document_attributes(l, y->root, &doc);
    if (is_action(l, y->root) || tcs_base_arena_failed(l->keep))
        return;
    if (tcs_sigma_yaml_get(y->root, "correlation", NULL))
        tcs_sigma_correlation_read(l, y->root, &doc);
    else if (tcs_sigma_yaml_get(y->root, "filter", NULL))
        tcs_sigma_filter_read(l, y->root, &doc);
    else
        read_rule(l, y->root, &doc);
}

int
tcs_sigma_rules_add(struct tcs_rules *r, struct tcs_str path, struct tcs_str text,
                    struct tcs_err *err)
{
    struct tcs_load l = {
        .rules = r, .keep = r->keep, .scratch = r->scratch, .path = keep_str(r, path)};
    struct tcs_yaml y = {0};
    struct tcs_err fault;
    uint32_t before = r->seen;
    int rc = 0;
    tcs_base_arena_reset(r->scratch);
    if (text.n > TCS_RULE_FILE_MAX)
        rc = tcs_base_fail(&fault, TCS_ELIMIT, "the file has %zu bytes; rule files may have %d",
                           text.n, TCS_RULE_FILE_MAX);
    else
        rc = tcs_sigma_yaml_parse(r->scratch, text, &y, &fault);
    for (uint32_t i = 0; i < y.ndocs; i++)
        read_document(&l, &y.docs[i]);
    l.told = 0;
    if (rc == 0 && r->seen == before)
        tcs_sigma_load_warn(&l, (struct tcs_place){1, 1}, TCS_WHY_NOT_SIGMA,
                            "there is no document in this file");
    if (rc < 0 && rc != -TCS_ENOMEM) {
        l.id = l.title = (struct tcs_str){0};
        r->seen++;
        tcs_sigma_load_error(
            &l, (struct tcs_place){fault.line ? fault.line : 1, fault.col ? fault.col : 1},
            TCS_WHY_YAML, "%s", fault.msg);
    }
    if (rc == -TCS_ENOMEM || r->failed || tcs_base_arena_failed(r->keep) ||
        tcs_base_arena_failed(r->scratch))
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the rules in %.*s", TCS_QUOTE(path));
    return 0;
}

static bool
take(struct tcs_rules *dst, struct tcs_rules *src)
{
    for (uint32_t i = 0; i <= src->ntaken; i++) {
        struct tcs_arena **a = i < src->ntaken ? &src->taken[i] : &src->keep;
        if (!tcs_sigma_store_room(dst, &dst->taken, dst->ntaken, &dst->cap_taken,
                                  sizeof *dst->taken))
            return false;
        dst->taken[dst->ntaken++] = *a;
        *a = NULL;
    }
    return true;
}

struct items {
    const void *p;
    uint32_t n;
    size_t size;
};

static void
append(struct tcs_rules *r, void *array, uint32_t *n, uint32_t *cap, struct items from)
{
    for (uint32_t i = 0; i < from.n && tcs_sigma_store_room(r, array, *n, cap, from.size); i++) {
        char *to;
        memcpy(&to, array, sizeof to); /* the caller's pointer is of some other type */
        memcpy(to + *n * from.size, (const char *)from.p + i * from.size, from.size);
        ++*n;
    }
}

int
tcs_sigma_rules_merge(struct tcs_rules *dst, struct tcs_rules *src, struct tcs_err *err)
{
    dst->failed = dst->failed || src->failed || tcs_base_arena_failed(src->keep);
    if (take(dst, src)) {
        append(dst, &dst->rules, &dst->nrules, &dst->cap_rules,
               (struct items){src->rules, src->nrules, sizeof *src->rules});
        append(dst, &dst->entries, &dst->nentries, &dst->cap_entries,
               (struct items){src->entries, src->nentries, sizeof *src->entries});
        append(dst, &dst->filters, &dst->nfilters, &dst->cap_filters,
               (struct items){src->filters, src->nfilters, sizeof *src->filters});
        append(dst, &dst->diags, &dst->ndiags, &dst->cap_diags,
               (struct items){src->diags, src->ndiags, sizeof *src->diags});
        dst->seen += src->seen;
    }
    tcs_sigma_rules_free(src);
    return dst->failed ? tcs_base_fail(err, TCS_ENOMEM, "no memory for the rules") : 0;
}

/* --- all documents --- */

static int
cmp_rule(const void *a, const void *b)
{
    return tcs_sigma_store_order(&((const struct tcs_rule *)a)->doc,
                                 &((const struct tcs_rule *)b)->doc);
}

static int
cmp_diag(const void *pa, const void *pb)
{
    const struct tcs_diag *a = pa, *b = pb;
    int c = tcs_base_str_cmp(a->path, b->path);
    if (c == 0)
        c = (a->line > b->line) - (a->line < b->line);
    if (c == 0)
        c = (a->col > b->col) - (a->col < b->col);
    return c ? c : tcs_base_str_cmp(a->text, b->text);
}

/* Of rules with the same id the first, by path, stays. */
static void
drop_duplicates(struct tcs_rules *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->nrules; i++) {
        const struct tcs_doc *doc = &r->rules[i].doc, *last = n ? &r->rules[n - 1].doc : NULL;
        if (last && doc->id.n && tcs_base_str_eq(doc->id, last->id))
            tcs_sigma_store_diag(r, TCS_SEV_ERROR, doc, (struct tcs_place){doc->line, 1},
                                 TCS_WHY_DUPLICATE, "the id is already used in %.*s:%u",
                                 (int)(last->path.n > 200 ? 200 : last->path.n), last->path.p,
                                 last->line);
        else
            r->rules[n++] = r->rules[i];
    }
    r->nrules = n;
}

int
tcs_sigma_rules_finish(struct tcs_rules *r, struct tcs_err *err)
{
    if (r->nrules)
        qsort(r->rules, r->nrules, sizeof *r->rules, cmp_rule);
    drop_duplicates(r);
    tcs_sigma_filters_apply(r);
    tcs_sigma_correlations_resolve(r);
    if (r->ndiags)
        qsort(r->diags, r->ndiags, sizeof *r->diags, cmp_diag);
    tcs_base_arena_reset(r->scratch);
    if (r->failed || tcs_base_arena_failed(r->keep))
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the rules");
    return 0;
}

const struct tcs_rule *
tcs_sigma_rules_all(const struct tcs_rules *r, uint32_t *n)
{
    *n = r->nrules;
    return r->rules;
}

const struct tcs_correlation *
tcs_sigma_rules_correlations(const struct tcs_rules *r, uint32_t *n)
{
    *n = r->ncorrs;
    return r->corrs;
}

const struct tcs_diag *
tcs_sigma_rules_diags(const struct tcs_rules *r, uint32_t *n)
{
    *n = r->ndiags;
    return r->diags;
}

uint32_t
tcs_sigma_rules_seen(const struct tcs_rules *r)
{
    return r->seen;
}

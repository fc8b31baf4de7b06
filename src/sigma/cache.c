/* sigma/cache.c - finished rules -> bytes -> finished rules.
 *
 *   strings | documents
 *
 * Numbers are little-endian.  Strings are stored once and meant by number: a count, where each
 * begins and where the last ends, their bytes each with a NUL.  Then rules, correlations and
 * diagnostics, each list with its count.  A node's children have lower numbers than it, which is
 * checked, so that a tree cannot be a circle. */
#include "sigma/cache.h"

#include "attack/level.h"
#include "base/cursor.h"
#include "base/grow.h"
#include "base/limits.h"
#include "base/map.h"
#include "sigma/collection.h"

/* --- writing --- */

struct writer {
    struct tcs_buf body, starts, bytes;
    struct tcs_map numbers; /* string -> its number */
    bool failed;
};

static void
put_u8(struct writer *w, unsigned v)
{
    tcs_base_buf_c(&w->body, (char)v);
}

static void
put_le(struct tcs_buf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        tcs_base_buf_c(b, (char)(v >> 8 * i & 0xff));
}

static void
put_u32(struct writer *w, uint32_t v)
{
    put_le(&w->body, v, 4);
}

static void
put_u64(struct writer *w, uint64_t v)
{
    put_le(&w->body, v, 8);
}

static void
put_num(struct writer *w, double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    put_u64(w, u);
}

static void
put_str(struct writer *w, struct tcs_str s)
{
    uint32_t count = w->numbers.count, i = tcs_base_map_intern(&w->numbers, s, count);
    if (i == TCS_MAP_NONE || w->bytes.n + s.n >= UINT32_MAX)
        w->failed = true;
    if (i == count) {
        put_le(&w->starts, w->bytes.n, 4);
        tcs_base_buf_str(&w->bytes, s);
        tcs_base_buf_c(&w->bytes, '\0');
    }
    put_u32(w, i);
}

static void
put_list(struct writer *w, const struct tcs_str *list, uint32_t n)
{
    put_u32(w, n);
    for (uint32_t i = 0; i < n; i++)
        put_str(w, list[i]);
}

static void
put_doc(struct writer *w, const struct tcs_doc *d)
{
    put_str(w, d->path);
    put_u32(w, d->line);
    const struct tcs_str texts[] = {d->id,          d->name, d->title,    d->author,
                                    d->description, d->date, d->modified, d->license};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put_str(w, texts[i]);
    put_list(w, d->tags, d->ntags);
    put_list(w, d->references, d->nreferences);
    put_list(w, d->falsepositives, d->nfalsepositives);
    put_list(w, d->fields, d->nfields);
    put_u8(w, d->level);
    put_u8(w, d->status);
}

static void
put_pred(struct writer *w, const struct tcs_pred *p)
{
    put_u8(w, p->kind);
    put_u8(w, p->flags);
    put_u8(w, p->cmp);
    put_u8(w, p->part);
    put_u32(w, p->line);
    put_u32(w, p->col);
    put_str(w, p->field);
    put_str(w, p->text);
    if (p->kind == TCS_P_CIDR) {
        put_u8(w, p->bits);
        tcs_base_buf_put(&w->body, p->addr, sizeof p->addr);
    }
    if (p->kind == TCS_P_NUM || p->kind == TCS_P_EXISTS || p->kind == TCS_P_TIMEPART)
        put_num(w, p->num);
}

static void
put_nodes(struct writer *w, const struct tcs_node *nodes, uint32_t n)
{
    put_u32(w, n);
    for (uint32_t i = 0; i < n; i++) {
        put_u8(w, nodes[i].op);
        put_u32(w, nodes[i].a);
        put_u32(w, nodes[i].n);
    }
}

static void
put_rule(struct writer *w, const struct tcs_rule *r)
{
    put_doc(w, &r->doc);
    put_str(w, r->logsource.product);
    put_str(w, r->logsource.category);
    put_str(w, r->logsource.service);
    put_str(w, r->logsource.definition);
    put_str(w, r->condition);
    put_u32(w, r->npreds);
    for (uint32_t i = 0; i < r->npreds; i++)
        put_pred(w, &r->preds[i]);
    put_u32(w, r->nkids);
    for (uint32_t i = 0; i < r->nkids; i++)
        put_u32(w, r->kids[i]);
    put_u32(w, r->nsearches);
    for (uint32_t i = 0; i < r->nsearches; i++) {
        put_str(w, r->searches[i].name);
        put_u32(w, r->searches[i].root);
        put_u32(w, r->searches[i].line);
        put_u32(w, r->searches[i].col);
    }
    put_nodes(w, r->nodes, r->nnodes);
    put_u32(w, r->root);
}

static void
put_correlation(struct writer *w, const struct tcs_correlation *c)
{
    put_doc(w, &c->doc);
    put_u8(w, c->type);
    put_u8(w, c->generate);
    put_list(w, c->rules, c->nrules);
    put_list(w, c->group_by, c->ngroup_by);
    put_u32(w, c->naliases);
    for (uint32_t i = 0; i < c->naliases; i++) {
        put_str(w, c->aliases[i].alias);
        put_str(w, c->aliases[i].rule);
        put_str(w, c->aliases[i].field);
    }
    put_u32(w, c->nconds);
    for (uint32_t i = 0; i < c->nconds; i++) {
        put_u8(w, c->conds[i].cmp);
        put_num(w, c->conds[i].num);
    }
    put_list(w, c->cond_fields, c->ncond_fields);
    put_str(w, c->extended);
    put_u64(w, c->timespan_s);
    put_num(w, c->percentile);
    put_u32(w, c->nkids);
    for (uint32_t i = 0; i < c->nkids; i++)
        put_u32(w, c->kids[i]);
    put_nodes(w, c->nodes, c->nnodes);
    put_u32(w, c->root);
}

static void
put_diag(struct writer *w, const struct tcs_diag *d)
{
    put_str(w, d->path);
    put_u32(w, d->line);
    put_u32(w, d->col);
    put_u8(w, d->severity);
    put_str(w, d->rule_id);
    put_str(w, d->rule_title);
    put_str(w, tcs_base_str_of(d->reason));
    put_str(w, d->text);
}

static void
put_all(struct writer *w, const struct tcs_rules *r)
{
    put_u32(w, r->seen);
    put_u32(w, r->nrules);
    for (uint32_t i = 0; i < r->nrules; i++)
        put_rule(w, &r->rules[i]);
    put_u32(w, r->ncorrs);
    for (uint32_t i = 0; i < r->ncorrs; i++)
        put_correlation(w, &r->corrs[i]);
    put_u32(w, r->ndiags);
    for (uint32_t i = 0; i < r->ndiags; i++)
        put_diag(w, &r->diags[i]);
}

int
tcs_sigma_rules_save(const struct tcs_rules *r, struct tcs_buf *ret, struct tcs_err *err)
{
    struct writer w = {0};
    put_all(&w, r);
    put_le(ret, w.numbers.count, 4);
    put_le(&w.starts, w.bytes.n, 4);
    tcs_base_buf_str(ret, tcs_base_buf_view(&w.starts));
    tcs_base_buf_str(ret, tcs_base_buf_view(&w.bytes));
    tcs_base_buf_str(ret, tcs_base_buf_view(&w.body));
    bool failed = w.failed || w.body.failed || w.starts.failed || w.bytes.failed || ret->failed;
    tcs_base_buf_done(&w.body);
    tcs_base_buf_done(&w.starts);
    tcs_base_buf_done(&w.bytes);
    tcs_base_map_done(&w.numbers);
    return failed ? tcs_base_fail(err, TCS_ENOMEM, "no memory for the compiled rules") : 0;
}

/* --- reading --- */

struct reader {
    struct tcs_cursor c; /* its `bad` is set by every check that fails */
    struct tcs_arena *a;
    const uint8_t *starts; /* nstrs + 1 of them, not checked */
    struct tcs_str strs;   /* the bytes of all */
    uint32_t nstrs;
};

/* A count of things that take at least `size` bytes each: more than there is room for is bad. */
static uint32_t
get_count(struct reader *r, size_t size)
{
    uint32_t n = tcs_base_cur_u32(&r->c);
    if (n > tcs_base_cur_left(&r->c) / size)
        r->c.bad = true;
    return r->c.bad ? 0 : n;
}

/* A number below `end`. */
static uint32_t
get_below(struct reader *r, uint32_t end)
{
    uint32_t v = tcs_base_cur_u32(&r->c);
    if (v >= end)
        r->c.bad = true;
    return r->c.bad ? 0 : v;
}

static uint8_t
get_word(struct reader *r, unsigned last)
{
    uint8_t v = tcs_base_cur_u8(&r->c);
    if (v > last)
        r->c.bad = true;
    return r->c.bad ? 0 : v;
}

static double
get_num(struct reader *r)
{
    uint64_t u = tcs_base_cur_u64(&r->c);
    double v;
    memcpy(&v, &u, sizeof v);
    if (!(v >= -1e308 && v <= 1e308)) /* no infinity, no NaN */
        r->c.bad = true;
    return r->c.bad ? 0 : v;
}

static struct tcs_str
get_str(struct reader *r)
{
    const uint8_t *at = r->starts + (size_t)4 * get_below(r, r->nstrs);
    if (r->c.bad)
        return (struct tcs_str){0};
    uint32_t from = tcs_base_le32(at), to = tcs_base_le32(at + 4);
    if (from >= to || to > r->strs.n || r->strs.p[to - 1] != '\0') {
        r->c.bad = true;
        return (struct tcs_str){0};
    }
    return (struct tcs_str){r->strs.p + from, to - from - 1};
}

static void *
get_array(struct reader *r, uint32_t n, size_t size)
{
    void *p = tcs_base_arena_array(r->a, n, size);
    if (!p)
        r->c.bad = true;
    return p;
}

static struct tcs_str *
get_list(struct reader *r, uint32_t *n)
{
    uint32_t count = get_count(r, 4);
    struct tcs_str *list = get_array(r, count, sizeof *list);
    for (uint32_t i = 0; list && i < count; i++)
        list[i] = get_str(r);
    *n = r->c.bad ? 0 : count;
    return list;
}

/* The strings stay where they are. */
static void
get_strings(struct reader *r)
{
    r->nstrs = get_count(r, 4);
    r->starts = tcs_base_cur_take(&r->c, ((size_t)r->nstrs + 1) * 4);
    if (r->c.bad)
        return;
    r->strs.n = tcs_base_le32(r->starts + (size_t)4 * r->nstrs);
    r->strs.p = (const char *)tcs_base_cur_take(&r->c, r->strs.n);
}

static void
get_doc(struct reader *r, struct tcs_doc *d)
{
    d->path = get_str(r);
    d->line = tcs_base_cur_u32(&r->c);
    struct tcs_str *const texts[] = {&d->id,          &d->name, &d->title,    &d->author,
                                     &d->description, &d->date, &d->modified, &d->license};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = get_str(r);
    d->tags = get_list(r, &d->ntags);
    d->references = get_list(r, &d->nreferences);
    d->falsepositives = get_list(r, &d->nfalsepositives);
    d->fields = get_list(r, &d->nfields);
    d->level = get_word(r, TCS_CRITICAL);
    d->status = get_word(r, TCS_UNSUPPORTED);
}

static void
get_pred(struct reader *r, struct tcs_pred *p)
{
    p->kind = get_word(r, TCS_P_TIMEPART);
    p->flags = get_word(r, 2 * TCS_PF_REF_ENDS - 1);
    p->cmp = get_word(r, TCS_GE);
    p->part = get_word(r, TCS_YEAR);
    p->line = tcs_base_cur_u32(&r->c);
    p->col = tcs_base_cur_u32(&r->c);
    p->field = get_str(r);
    p->text = get_str(r);
    if (p->kind == TCS_P_CIDR) {
        p->bits = get_word(r, 128);
        const uint8_t *addr = tcs_base_cur_take(&r->c, sizeof p->addr);
        if (addr)
            memcpy(p->addr, addr, sizeof p->addr);
    }
    if (p->kind == TCS_P_NUM || p->kind == TCS_P_EXISTS || p->kind == TCS_P_TIMEPART)
        p->num = get_num(r);
}

/* Node i's children are nodes before it; *depth is how deep the tree below it is. */
static bool
check_node(const struct tcs_rule *rule, uint32_t i, const uint16_t *depths, uint16_t *depth)
{
    const struct tcs_node *n = &rule->nodes[i];
    uint16_t deepest = 0;
    if (n->op == TCS_N_AND || n->op == TCS_N_OR) {
        if (n->a > rule->nkids || n->n > rule->nkids - n->a)
            return false;
        for (uint32_t k = n->a; k < n->a + n->n; k++) {
            if (rule->kids[k] >= i)
                return false;
            deepest = depths[rule->kids[k]] > deepest ? depths[rule->kids[k]] : deepest;
        }
    } else if (n->op == TCS_N_PRED) {
        if (n->a >= rule->npreds)
            return false;
    } else {
        if (n->op == TCS_N_SEARCH && n->a >= rule->nsearches)
            return false;
        uint32_t below = n->op == TCS_N_SEARCH ? rule->searches[n->a].root : n->a;
        if (below >= i)
            return false;
        deepest = depths[below];
    }
    *depth = (uint16_t)(deepest + 1);
    return *depth <= TCS_TREE_DEPTH_MAX;
}

static struct tcs_node
get_node(struct reader *r)
{
    struct tcs_node n;
    n.op = get_word(r, TCS_N_SEARCH);
    n.a = tcs_base_cur_u32(&r->c);
    n.n = tcs_base_cur_u32(&r->c);
    return n;
}

static void
get_nodes(struct reader *r, struct tcs_rule *rule)
{
    uint32_t n = get_count(r, 9);
    rule->nodes = get_array(r, n, sizeof *rule->nodes);
    uint16_t *depths = get_array(r, n, sizeof *depths);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        rule->nodes[i] = get_node(r);
        if (!r->c.bad && !check_node(rule, i, depths, &depths[i]))
            r->c.bad = true;
    }
    rule->nnodes = n;
    for (uint32_t i = 0; i < rule->nsearches; i++)
        if (rule->searches[i].root >= n)
            r->c.bad = true;
    rule->root = get_below(r, n);
}

static void
get_rule(struct reader *r, struct tcs_rule *rule)
{
    get_doc(r, &rule->doc);
    rule->logsource.product = get_str(r);
    rule->logsource.category = get_str(r);
    rule->logsource.service = get_str(r);
    rule->logsource.definition = get_str(r);
    rule->condition = get_str(r);
    rule->npreds = get_count(r, 20);
    rule->preds = get_array(r, rule->npreds, sizeof *rule->preds);
    for (uint32_t i = 0; i < rule->npreds && !r->c.bad; i++)
        get_pred(r, &rule->preds[i]);
    rule->nkids = get_count(r, 4);
    rule->kids = get_array(r, rule->nkids, sizeof *rule->kids);
    for (uint32_t i = 0; i < rule->nkids && !r->c.bad; i++)
        rule->kids[i] = tcs_base_cur_u32(&r->c); /* checked with the node that has it */
    rule->nsearches = get_count(r, 16);
    rule->searches = get_array(r, rule->nsearches, sizeof *rule->searches);
    for (uint32_t i = 0; i < rule->nsearches && !r->c.bad; i++) {
        struct tcs_search *s = &rule->searches[i];
        s->name = get_str(r);
        s->root = tcs_base_cur_u32(&r->c); /* likewise */
        s->line = tcs_base_cur_u32(&r->c);
        s->col = tcs_base_cur_u32(&r->c);
    }
    if (!r->c.bad)
        get_nodes(r, rule);
}

/* The tree over rule names: a rule's, whose searches are the rules and lead nowhere. */
static void
get_condition(struct reader *r, struct tcs_correlation *c)
{
    struct tcs_rule tree = {0};
    tree.nkids = get_count(r, 4);
    tree.kids = get_array(r, tree.nkids, sizeof *tree.kids);
    for (uint32_t i = 0; i < tree.nkids && !r->c.bad; i++)
        tree.kids[i] = tcs_base_cur_u32(&r->c);
    uint32_t n = get_count(r, 9);
    tree.nodes = get_array(r, n, sizeof *tree.nodes);
    uint16_t *depths = get_array(r, n, sizeof *depths);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        tree.nodes[i] = get_node(r);
        bool leaf = tree.nodes[i].op == TCS_N_SEARCH;
        depths[i] = 1;
        if (!r->c.bad &&
            (leaf ? tree.nodes[i].a >= c->nrules
                  : tree.nodes[i].op == TCS_N_PRED || !check_node(&tree, i, depths, &depths[i])))
            r->c.bad = true;
    }
    uint32_t root = tcs_base_cur_u32(&r->c);
    if ((n || root || c->extended.n) && root >= n)
        r->c.bad = true;
    c->kids = tree.kids;
    c->nkids = tree.nkids;
    c->nodes = tree.nodes;
    c->nnodes = r->c.bad ? 0 : n;
    c->root = root;
}

static void
get_correlation(struct reader *r, struct tcs_correlation *c)
{
    get_doc(r, &c->doc);
    c->type = get_word(r, TCS_CORR_VALUE_MEDIAN);
    c->generate = get_word(r, 1);
    c->rules = get_list(r, &c->nrules);
    c->group_by = get_list(r, &c->ngroup_by);
    c->naliases = get_count(r, 12);
    c->aliases = get_array(r, c->naliases, sizeof *c->aliases);
    for (uint32_t i = 0; i < c->naliases && !r->c.bad; i++) {
        c->aliases[i].alias = get_str(r);
        c->aliases[i].rule = get_str(r);
        c->aliases[i].field = get_str(r);
    }
    c->nconds = get_count(r, 9);
    c->conds = get_array(r, c->nconds, sizeof *c->conds);
    for (uint32_t i = 0; i < c->nconds && !r->c.bad; i++) {
        c->conds[i].cmp = get_word(r, TCS_GE);
        c->conds[i].num = get_num(r);
    }
    c->cond_fields = get_list(r, &c->ncond_fields);
    c->extended = get_str(r);
    c->timespan_s = tcs_base_cur_u64(&r->c);
    c->percentile = get_num(r);
    get_condition(r, c);
}

static void
get_diag(struct reader *r, struct tcs_diag *d)
{
    d->path = get_str(r);
    d->line = tcs_base_cur_u32(&r->c);
    d->col = tcs_base_cur_u32(&r->c);
    d->severity = get_word(r, TCS_SEV_WARNING);
    d->rule_id = get_str(r);
    d->rule_title = get_str(r);
    d->reason = get_str(r).p; /* every string of the table ends with a NUL */
    d->text = get_str(r);
}

/* The shortest of each: all its numbers, every list empty. */
enum { DOC_MIN = 58, RULE_MIN = DOC_MIN + 40, CORR_MIN = DOC_MIN + 54, DIAG_MIN = 29 };

static void
get_all(struct reader *r, struct tcs_rules *to)
{
    to->seen = tcs_base_cur_u32(&r->c);
    uint32_t n = get_count(r, RULE_MIN);
    if (n && !tcs_base_grow(&to->rules, &to->cap_rules, 0, n, sizeof *to->rules))
        to->failed = true;
    for (uint32_t i = 0; i < n && !r->c.bad && !to->failed; i++) {
        to->rules[i] = (struct tcs_rule){0};
        get_rule(r, &to->rules[to->nrules++]);
    }
    n = get_count(r, CORR_MIN);
    to->corrs = get_array(r, n, sizeof *to->corrs);
    for (uint32_t i = 0; i < n && !r->c.bad; i++)
        get_correlation(r, &to->corrs[to->ncorrs++]);
    n = get_count(r, DIAG_MIN);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        if (!tcs_sigma_store_room(to, &to->diags, i, &to->cap_diags, sizeof *to->diags))
            return;
        struct tcs_diag d = {0};
        get_diag(r, &d);
        to->diags[to->ndiags++] = d;
    }
    if (tcs_base_cur_left(&r->c))
        r->c.bad = true;
}

int
tcs_sigma_rules_load(struct tcs_str bytes, struct tcs_rules **ret, struct tcs_err *err)
{
    struct reader r = {.c = tcs_base_cur(bytes.p, bytes.n)};
    struct tcs_rules *rules = tcs_sigma_rules_new(NULL, 0);
    if (!rules)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the rules");
    r.a = rules->keep;
    get_strings(&r);
    if (!r.c.bad)
        get_all(&r, rules);
    if (r.c.bad || rules->failed) {
        tcs_sigma_rules_free(rules);
        return tcs_base_fail(err, TCS_ECORRUPT, "the stored rules are damaged");
    }
    *ret = rules;
    return 0;
}

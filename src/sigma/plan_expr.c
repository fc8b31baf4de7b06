/* sigma/plan_expr.c - what one rule means in one view, as a tree of AND and OR over literals.
 *
 * By the letter (docs/matching.md section 2): a field that the view never has is absent, and is
 * settled here.  Whether what the tree finds is certain is asked apart, of what it finds
 * (plan_doubt.c).  Negations are pushed down to the predicates. */
#include "base/grow.h"
#include "sigma/plan.h"
#include "sigma/standing.h"

enum { DEPTH_MAX = 1024 }; /* of a rule's tree; the parser allows far less */

static const struct plan_ex ex_true = {.op = PLAN_EX_TRUE}, ex_false = {.op = PLAN_EX_FALSE};

struct ctx {
    struct plan_build *b;
    const struct tcs_rule *rule;
    const struct tcs_view *view;
    uint32_t *preds; /* of each of the rule's the compiled one; PLAN_NONE: no such field here */
    unsigned depth;
};

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "compiling rules");
}

/* --- fields --------------------------------------------------------------------------------- */

static int
own_slot(struct plan_build *b, struct tcs_str name, uint32_t *ret)
{
    *ret = tcs_event_fieldset_add(b->rs->fields, name);
    return *ret == TCS_SLOT_NONE ? no_memory(b) : 0;
}

static void
key_str(struct tcs_buf *key, struct tcs_str s)
{
    tcs_base_buf_put(key, &s.n, sizeof s.n);
    tcs_base_buf_str(key, s);
}

/* All that says how the field is made. */
static void
key_field(struct tcs_buf *key, const struct tcs_view_field *f)
{
    tcs_base_buf_c(key, (char)f->rewrite);
    tcs_base_buf_put(key, &f->nsources, sizeof f->nsources);
    tcs_base_buf_put(key, &f->npairs, sizeof f->npairs);
    tcs_base_buf_put(key, &f->where.n, sizeof f->where.n);
    key_str(key, f->sep);
    for (uint32_t i = 0; i < f->nsources; i++)
        key_str(key, f->sources[i]);
    if (f->rewrite == TCS_RW_PART)
        key_str(key, f->from[0]);
    for (uint32_t i = 0; i < f->npairs; i++) {
        key_str(key, f->from[i]);
        key_str(key, f->to ? f->to[i] : (struct tcs_str){NULL, 0});
    }
    for (uint32_t i = 0; i < f->where.n; i++) {
        key_str(key, f->where.fields[i]);
        key_str(key, f->where.values[i]);
    }
}

int
sigma_plan_made(struct tcs_ruleset *rs, const struct tcs_view_field *f, struct plan_made *ret,
                struct tcs_err *err)
{
    ret->field = f;
    ret->sources = tcs_base_arena_array(rs->arena, (size_t)f->nsources + 1, sizeof *ret->sources);
    bool ok = ret->sources != NULL;
    for (uint32_t i = 0; ok && i < f->nsources; i++) {
        ret->sources[i] = tcs_event_fieldset_add(rs->fields, f->sources[i]);
        ok = ret->sources[i] != TCS_SLOT_NONE;
    }
    for (uint32_t i = 0; ok && i < f->where.n; i++)
        ok = tcs_event_fieldset_add(rs->fields, f->where.fields[i]) != TCS_SLOT_NONE;
    if (ok && f->ncases) {
        ret->cases = tcs_base_arena_array(rs->arena, f->ncases, sizeof *ret->cases);
        ok = ret->cases != NULL;
    }
    int rc = ok ? 0 : tcs_base_fail(err, TCS_ENOMEM, "compiling rules");
    for (uint32_t i = 0; rc == 0 && i < f->ncases; i++)
        rc = sigma_plan_made(rs, &f->cases[i], &ret->cases[i], err);
    return rc;
}

/* Views of different categories make the same field in the same way; then it is one field. */
static int
made_slot(struct plan_build *b, const struct tcs_view_field *f, uint32_t *ret)
{
    struct tcs_ruleset *rs = b->rs;
    if (f->nsources == 1 && f->rewrite == TCS_RW_NONE)
        return own_slot(b, f->sources[0], ret);
    b->key.n = 0;
    key_field(&b->key, f);
    for (uint32_t i = 0; i < f->ncases; i++)
        key_field(&b->key, &f->cases[i]);
    uint32_t at = sigma_plan_intern(b, &b->mades, rs->nmade);
    if (at == PLAN_NONE || !tcs_base_grow(&rs->made, &b->made_cap, rs->nmade, 1, sizeof *rs->made))
        return no_memory(b);
    *ret = PLAN_SLOT_MADE + at;
    if (at < rs->nmade)
        return 0;
    struct plan_made m = {0};
    int rc = sigma_plan_made(rs, f, &m, b->err);
    if (rc == 0)
        rs->made[rs->nmade++] = m;
    return rc;
}

/* *ret is PLAN_NONE when the view has no such field. */
static int
field_slot(struct plan_build *b, const struct tcs_view *view, struct tcs_str name, uint32_t *ret)
{
    b->key.n = 0;
    tcs_base_buf_put(&b->key, &view, sizeof view);
    tcs_base_buf_str(&b->key, name);
    uint32_t known =
        b->key.failed ? PLAN_NONE : tcs_base_map_get(&b->slots, tcs_base_buf_view(&b->key));
    if (known != PLAN_NONE) {
        *ret = known == TCS_MAP_NONE - 1 ? PLAN_NONE : known;
        return 0;
    }
    struct tcs_str key = tcs_base_arena_str(b->tmp, tcs_base_buf_view(&b->key));
    const struct tcs_view_field *f;
    int rc = 0;
    *ret = PLAN_NONE;
    switch (tcs_sigma_view_look(view, name, &f)) {
    case TCS_LOOK_NEVER:
        break;
    case TCS_LOOK_MADE:
        rc = made_slot(b, f, ret);
        break;
    case TCS_LOOK_OWN:
        rc = own_slot(b, name, ret);
        break;
    }
    if (rc < 0)
        return rc;
    if (!key.p || tcs_base_map_put(&b->slots, key, *ret == PLAN_NONE ? TCS_MAP_NONE - 1 : *ret) < 0)
        return no_memory(b);
    return 0;
}

/* --- trees ---------------------------------------------------------------------------------- */

static const struct plan_ex *
literal(struct plan_build *b, uint32_t pred, bool neg)
{
    struct plan_ex *x = tcs_base_arena_zalloc(b->tmp, sizeof *x);
    uint32_t id;
    if (!x)
        return NULL;
    x->op = PLAN_EX_LIT;
    x->neg = neg;
    x->n = pred;
    x->event_id = sigma_plan_pred_event_id(b->rs, &b->rs->preds[pred], &id);
    return x;
}

/* kids is an array of n from tmp; it is taken over.  Constants and nesting of one kind go. */
static const struct plan_ex *
list(struct plan_build *b, enum plan_op op, const struct plan_ex **kids, uint32_t n)
{
    const struct plan_ex *neutral = op == PLAN_EX_AND ? &ex_true : &ex_false;
    const struct plan_ex *final = op == PLAN_EX_AND ? &ex_false : &ex_true;
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!kids[i])
            return NULL;
        if (kids[i]->op == final->op)
            return final;
        total += kids[i]->op == neutral->op ? 0 : kids[i]->op == op ? kids[i]->n : 1;
    }
    if (total == 0)
        return neutral;
    struct plan_ex *x = tcs_base_arena_zalloc(b->tmp, sizeof *x);
    const struct plan_ex **flat = tcs_base_arena_array(b->tmp, total, sizeof(void *));
    if (!x || !flat)
        return NULL;
    *x = (struct plan_ex){.op = (uint8_t)op, .kids = flat};
    for (uint32_t i = 0; i < n; i++) {
        if (kids[i]->op == neutral->op)
            continue;
        if (kids[i]->op != op)
            flat[x->n++] = kids[i];
        else
            for (uint32_t k = 0; k < kids[i]->n; k++)
                flat[x->n++] = kids[i]->kids[k];
        x->event_id |= kids[i]->event_id;
    }
    return x->n == 1 ? flat[0] : x;
}

static const struct plan_ex *
both(struct plan_build *b, const struct plan_ex *l, const struct plan_ex *r)
{
    const struct plan_ex **kids = tcs_base_arena_array(b->tmp, 2, sizeof(void *));
    if (!kids)
        return NULL;
    kids[0] = l;
    kids[1] = r;
    return list(b, PLAN_EX_AND, kids, 2);
}

static int
leaf(struct ctx *c, uint32_t at, bool neg, const struct plan_ex **ret)
{
    struct plan_build *b = c->b;
    const struct tcs_pred *in = &c->rule->preds[at];
    uint32_t slot = PLAN_SLOT_KEYWORD, slot2 = 0;
    int rc = in->field.n ? field_slot(b, c->view, in->field, &slot) : 0;
    if (rc == 0 && in->kind == TCS_P_FIELDREF)
        rc = field_slot(b, c->view, in->text, &slot2);
    if (rc < 0)
        return rc;
    c->preds[at] = PLAN_NONE;
    if (slot == PLAN_NONE || slot2 == PLAN_NONE) {
        *ret = sigma_asks_absence(in) != neg ? &ex_true : &ex_false;
        return 0;
    }
    if ((rc = sigma_plan_pred(b, in, slot, slot2, &c->preds[at])) < 0)
        return rc;
    *ret = literal(b, c->preds[at], neg);
    return *ret ? 0 : no_memory(b);
}

static int
tree(struct ctx *c, uint32_t node, bool neg, const struct plan_ex **ret)
{
    const struct tcs_node *n = &c->rule->nodes[node];
    if (++c->depth > DEPTH_MAX)
        return tcs_base_fail(c->b->err, TCS_ELIMIT, "a rule nests deeper than %d", DEPTH_MAX);
    int rc = 0;
    switch ((enum tcs_node_op)n->op) {
    case TCS_N_NOT:
        rc = tree(c, n->a, !neg, ret);
        break;
    case TCS_N_SEARCH:
        rc = tree(c, c->rule->searches[n->a].root, neg, ret);
        break;
    case TCS_N_PRED:
        rc = leaf(c, n->a, neg, ret);
        break;
    case TCS_N_AND:
    case TCS_N_OR: {
        const struct plan_ex **kids = tcs_base_arena_array(c->b->tmp, n->n, sizeof(void *));
        if (!kids)
            return no_memory(c->b);
        for (uint32_t i = 0; i < n->n && rc == 0; i++)
            rc = tree(c, c->rule->kids[n->a + i], neg, &kids[i]);
        if (rc < 0)
            return rc;
        *ret = list(c->b, (n->op == TCS_N_AND) != neg ? PLAN_EX_AND : PLAN_EX_OR, kids, n->n);
        rc = *ret ? 0 : no_memory(c->b);
        break;
    }
    }
    c->depth--;
    return rc;
}

/* --- what the view itself asks for ---------------------------------------------------------- */

static int
where_literal(struct plan_build *b, struct tcs_str field, struct tcs_str value,
              const struct plan_ex **ret)
{
    bool neg = value.n && value.p[0] == '!';
    uint32_t slot, pred, n = 0;
    struct tcs_str *alts = tcs_base_arena_array(b->tmp, value.n + 1, sizeof *alts);
    if (!alts)
        return no_memory(b);
    for (size_t at = neg; at <= value.n;) {
        size_t end = tcs_base_str_find(value, '|', at);
        alts[n++] = tcs_base_str_slice(value, at, end);
        at = end + 1;
    }
    int rc = own_slot(b, field, &slot);
    if (rc == 0)
        rc = sigma_plan_pred_alts(b, PLAN_P_WHERE, slot, alts, n, &pred);
    if (rc < 0)
        return rc;
    *ret = literal(b, pred, neg);
    return *ret ? 0 : no_memory(b);
}

static int
view_conditions(struct plan_build *b, const struct tcs_view *v, const struct plan_ex **ret)
{
    *ret = &ex_true;
    for (uint32_t i = 0; i < v->where.n; i++) {
        const struct plan_ex *x;
        int rc = where_literal(b, v->where.fields[i], v->where.values[i], &x);
        if (rc < 0)
            return rc;
        *ret = both(b, *ret, x);
    }
    if (v->nproviders) {
        uint32_t pred;
        int rc =
            sigma_plan_pred_alts(b, PLAN_P_PROVIDER, PLAN_NONE, v->providers, v->nproviders, &pred);
        if (rc < 0)
            return rc;
        *ret = both(b, *ret, literal(b, pred, false));
    }
    return *ret ? 0 : no_memory(b);
}

static int
service(struct plan_build *b, struct tcs_str word, const struct plan_ex **conditions)
{
    uint32_t pred;
    if (!word.n)
        return 0;
    int rc = sigma_plan_pred_alts(b, PLAN_P_SERVICE, PLAN_NONE, &word, 1, &pred);
    if (rc < 0)
        return rc;
    *conditions = both(b, *conditions, literal(b, pred, false));
    return *conditions ? 0 : no_memory(b);
}

/* Some predicate of the rule can be tried here. */
static bool
sees_anything(const struct ctx *c)
{
    for (uint32_t i = 0; i < c->rule->npreds; i++)
        if (c->preds[i] != PLAN_NONE)
            return true;
    return c->rule->npreds == 0;
}

int
sigma_plan_expr(struct plan_build *b, struct plan_unit *u)
{
    const struct tcs_rule *rule = &b->rs->rules[u->rule];
    const struct tcs_view *view = u->view;
    struct ctx c = {.b = b, .rule = rule, .view = view};
    const struct plan_ex *conditions = &ex_true, *x;
    c.preds = tcs_base_arena_array(b->tmp, rule->npreds + 1u, sizeof *c.preds);
    if (!c.preds)
        return no_memory(b);
    memset(c.preds, 0xff, rule->npreds * sizeof *c.preds); /* PLAN_NONE */
    int rc = tree(&c, rule->root, false, &x);
    if (rc == 0 && !sees_anything(&c))
        x = &ex_false;
    if (rc == 0 && view)
        rc = view_conditions(b, view, &conditions);
    if (rc == 0)
        rc = service(b, view ? view->service : rule->logsource.service, &conditions);
    if (rc < 0)
        return rc;
    u->ex = both(b, conditions, x);
    if (!u->ex)
        return no_memory(b);
    u->doubt = PLAN_NONE;
    return u->ex->op == PLAN_EX_FALSE ? 0 : sigma_plan_doubt(b, u, c.preds);
}

const struct plan_ex *
sigma_plan_expr_fold(struct plan_build *b, const struct plan_ex *ex, uint32_t id, bool other)
{
    if (!ex || !ex->event_id)
        return ex;
    if (ex->op == PLAN_EX_LIT) {
        uint32_t want;
        sigma_plan_pred_event_id(b->rs, &b->rs->preds[ex->n], &want);
        return (!other && want == id) != ex->neg ? &ex_true : &ex_false;
    }
    const struct plan_ex **kids = tcs_base_arena_array(b->tmp, ex->n, sizeof(void *));
    if (!kids)
        return NULL;
    for (uint32_t i = 0; i < ex->n; i++)
        kids[i] = sigma_plan_expr_fold(b, ex->kids[i], id, other);
    return list(b, (enum plan_op)ex->op, kids, ex->n);
}

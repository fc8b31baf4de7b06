/* sigma/plan_doubt.c - what of a rule may be unknown in a view, found once for each unit.
 *
 * In: a rule's predicates as compiled for the view.  Out: the fields by whose absence the rule may
 * be true by the letter.  If a record has them all, what was found in it is certain; else
 * scan_doubt.c looks closer.  It is asked only where a program says that its rule matches. */
#include "base/grow.h"
#include "base/limits.h"
#include "sigma/plan.h"
#include "sigma/standing.h"

struct finder {
    struct plan_build *b;
    const struct tcs_rule *rule;
    const struct tcs_view *view;
    const uint32_t *preds;
    struct plan_doubt d;
};

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "compiling rules");
}

static int
push(struct plan_build *b, uint32_t v)
{
    struct tcs_ruleset *rs = b->rs;
    if (!tcs_base_grow(&rs->doubt_lists, &b->doubt_lists_cap, rs->ndoubt_lists, 1,
                       sizeof *rs->doubt_lists))
        return no_memory(b);
    rs->doubt_lists[rs->ndoubt_lists++] = v;
    return 0;
}

static int
add_slot(struct finder *f, uint32_t slot)
{
    struct tcs_ruleset *rs = f->b->rs;
    if (slot == PLAN_SLOT_KEYWORD)
        return 0; /* nothing is unknown to it */
    for (uint32_t i = 0; i < f->d.nslots; i++)
        if (rs->doubt_lists[f->d.slots + i] == slot)
            return 0;
    f->d.nslots++;
    return push(f->b, slot);
}

/* Can the predicate be true of a value that is "" or "-"?  In a sparse view such are unknown. */
static bool
takes_blank(const struct plan_pred *p)
{
    switch (p->kind) {
    case TCS_P_STR:
        return tcs_match_glob_match(&p->glob, TCS_STR("")) ||
               tcs_match_glob_match(&p->glob, TCS_STR("-"));
    case TCS_P_NUM:
    case TCS_P_CIDR:
    case TCS_P_TIMEPART:
        return false;
    default:
        return true;
    }
}

static int
leaf(struct finder *f, uint32_t at, bool neg)
{
    const struct tcs_pred *in = &f->rule->preds[at];
    bool by_absence = sigma_asks_absence(in) != neg;
    if (f->preds[at] == PLAN_NONE) {
        f->d.always |= by_absence;
        return 0;
    }
    const struct plan_pred *p = &f->b->rs->preds[f->preds[at]];
    if (!by_absence && !(f->view->sparse && !neg && takes_blank(p)))
        return 0;
    int rc = add_slot(f, p->slot);
    return rc == 0 && p->kind == TCS_P_FIELDREF ? add_slot(f, p->slot2) : rc;
}

static int
look(struct finder *f, uint32_t node, bool neg, unsigned depth)
{
    const struct tcs_node *n = &f->rule->nodes[node];
    int rc = 0;
    if (depth > TCS_TREE_DEPTH_MAX)
        return tcs_base_fail(f->b->err, TCS_ELIMIT, "a rule nests deeper than %d",
                             TCS_TREE_DEPTH_MAX);
    switch ((enum tcs_node_op)n->op) {
    case TCS_N_NOT:
        return look(f, n->a, !neg, depth + 1);
    case TCS_N_SEARCH:
        return look(f, f->rule->searches[n->a].root, neg, depth + 1);
    case TCS_N_PRED:
        return leaf(f, n->a, neg);
    case TCS_N_AND:
    case TCS_N_OR:
        for (uint32_t i = 0; i < n->n && rc == 0; i++)
            rc = look(f, f->rule->kids[n->a + i], neg, depth + 1);
    }
    return rc;
}

int
sigma_plan_doubt(struct plan_build *b, struct plan_unit *u, const uint32_t *preds)
{
    struct tcs_ruleset *rs = b->rs;
    struct finder f = {.b = b, .rule = &rs->rules[u->rule], .view = u->view, .preds = preds};
    uint32_t before = rs->ndoubt_lists;
    int rc = 0;
    if (!u->view || (!u->view->closed && !u->view->fixed && !u->view->sparse))
        return 0; /* nothing is unknown */
    f.d.preds = before;
    for (uint32_t i = 0; i < f.rule->npreds && rc == 0; i++)
        rc = push(b, preds[i]);
    f.d.slots = rs->ndoubt_lists;
    if (rc == 0)
        rc = look(&f, f.rule->root, false, 0);
    if (rc < 0)
        return rc;
    if (!f.d.always && !f.d.nslots) {
        rs->ndoubt_lists = before;
        return 0;
    }
    if (!tcs_base_grow(&rs->doubts, &b->doubts_cap, rs->ndoubts, 1, sizeof *rs->doubts))
        return no_memory(b);
    u->doubt = rs->ndoubts;
    rs->doubts[rs->ndoubts++] = f.d;
    return 0;
}

/* sigma/standing.c - see standing.h.  In: a rule's tree and a way to try its predicates.  Out: how
 * the condition stands, with negations pushed down to the predicates. */
#include "sigma/standing.h"

#include "base/limits.h"

struct walk {
    const struct tcs_rule *rule;
    sigma_try_fn *try;
    void *ctx;
    void (*tell)(void *ctx, uint32_t search, uint32_t pred);
    uint32_t search;
};

static struct sigma_standing
of_pred(const struct walk *w, uint32_t at, bool neg)
{
    struct sigma_tried t = w->try(w->ctx, at);
    struct sigma_standing r = {.letter = t.truth != neg};
    r.certain = r.letter && t.known;
    r.speaks = r.certain && !neg && !sigma_asks_absence(&w->rule->preds[at]);
    return r;
}

static struct sigma_standing
of_node(const struct walk *w, uint32_t node, bool neg, unsigned depth)
{
    const struct tcs_node *n = &w->rule->nodes[node];
    if (depth > TCS_TREE_DEPTH_MAX)
        return (struct sigma_standing){0};
    switch ((enum tcs_node_op)n->op) {
    case TCS_N_NOT:
        return of_node(w, n->a, !neg, depth + 1);
    case TCS_N_SEARCH:
        return of_node(w, w->rule->searches[n->a].root, neg, depth + 1);
    case TCS_N_PRED:
        return of_pred(w, n->a, neg);
    case TCS_N_AND:
    case TCS_N_OR:
        break;
    }
    bool all = (n->op == TCS_N_AND) != neg;
    struct sigma_standing r = {.letter = all, .certain = all};
    for (uint32_t i = 0; i < n->n && (all ? r.letter : !r.certain || !r.speaks); i++)
        r = sigma_standing_with(r, all, of_node(w, w->rule->kids[n->a + i], neg, depth + 1));
    r.speaks = r.speaks && r.letter;
    return r;
}

/* Each part is tried again on every level above it; there are few, and few matches get here. */
static void
rests_on(struct walk *w, uint32_t node, bool neg, unsigned depth)
{
    const struct tcs_node *n = &w->rule->nodes[node];
    struct sigma_standing here = of_node(w, node, neg, depth);
    uint32_t outer = w->search;
    if (here.certain || !here.letter)
        return;
    switch ((enum tcs_node_op)n->op) {
    case TCS_N_NOT:
        rests_on(w, n->a, !neg, depth + 1);
        break;
    case TCS_N_SEARCH:
        w->search = n->a;
        rests_on(w, w->rule->searches[n->a].root, neg, depth + 1);
        w->search = outer;
        break;
    case TCS_N_PRED:
        w->tell(w->ctx, w->search, n->a);
        break;
    case TCS_N_AND:
    case TCS_N_OR:
        for (uint32_t i = 0; i < n->n; i++)
            rests_on(w, w->rule->kids[n->a + i], neg, depth + 1);
    }
}

struct sigma_standing
sigma_stand(const struct tcs_rule *rule, sigma_try_fn *try, void *ctx)
{
    const struct walk w = {.rule = rule, .try = try, .ctx = ctx};
    return of_node(&w, rule->root, false, 0);
}

void
sigma_stand_rests_on(const struct tcs_rule *rule, sigma_try_fn *try, void *ctx,
                     void (*tell)(void *ctx, uint32_t search, uint32_t pred))
{
    struct walk w = {.rule = rule, .try = try, .ctx = ctx, .tell = tell, .search = UINT32_MAX};
    rests_on(&w, rule->root, false, 0);
}

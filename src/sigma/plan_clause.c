/* sigma/plan_clause.c - from a tree, a set of triggers of which one must fire if it is true.
 *
 * Of an AND the cheapest part will do; an OR needs one from each part.  Input: a tree in negation
 * normal form; output: the clause that fires least often, by the triggers' costs. */
#include "sigma/plan.h"

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "compiling rules");
}

static int
of_literal(struct plan_build *b, const struct plan_ex *ex, struct plan_clause *ret)
{
    if (ex->neg)
        return 0;
    int rc = sigma_plan_triggers(b, ex->n);
    const struct plan_pred *p = &b->rs->preds[ex->n];
    if (rc < 0 || p->ntriggers == 0)
        return rc;
    uint32_t *list = tcs_base_arena_array(b->group_tmp, p->ntriggers, sizeof *list);
    if (!list)
        return no_memory(b);
    *ret = (struct plan_clause){.triggers = list, .n = p->ntriggers, .exact = p->exact};
    for (uint32_t i = 0; i < p->ntriggers; i++) {
        list[i] = b->pred_triggers[p->trigger + i];
        ret->cost += b->triggers[list[i]].cost;
    }
    return 1;
}

static int
of_and(struct plan_build *b, const struct plan_ex *ex, struct plan_clause *ret)
{
    bool any = false;
    for (uint32_t i = 0; i < ex->n; i++) {
        struct plan_clause c;
        int rc = sigma_plan_clause(b, ex->kids[i], &c);
        if (rc < 0)
            return rc;
        if (rc && (!any || c.cost < ret->cost)) {
            *ret = c;
            any = true;
        }
    }
    ret->exact = false;
    return any;
}

static int
of_or(struct plan_build *b, const struct plan_ex *ex, struct plan_clause *ret)
{
    struct plan_clause *parts = tcs_base_arena_array(b->group_tmp, ex->n, sizeof *parts);
    uint32_t total = 0;
    if (!parts)
        return no_memory(b);
    for (uint32_t i = 0; i < ex->n; i++) {
        int rc = sigma_plan_clause(b, ex->kids[i], &parts[i]);
        if (rc <= 0)
            return rc;
        total += parts[i].n;
    }
    uint32_t *list = tcs_base_arena_array(b->group_tmp, total, sizeof *list);
    if (!list)
        return no_memory(b);
    *ret = (struct plan_clause){.triggers = list, .n = total, .exact = true};
    total = 0;
    for (uint32_t i = 0; i < ex->n; i++) {
        memcpy(list + total, parts[i].triggers, parts[i].n * sizeof *list);
        total += parts[i].n;
        ret->cost += parts[i].cost;
        ret->exact = ret->exact && parts[i].exact;
    }
    return 1;
}

int
sigma_plan_clause(struct plan_build *b, const struct plan_ex *ex, struct plan_clause *ret)
{
    switch ((enum plan_op)ex->op) {
    case PLAN_EX_LIT:
        return of_literal(b, ex, ret);
    case PLAN_EX_AND:
        return of_and(b, ex, ret);
    case PLAN_EX_OR:
        return of_or(b, ex, ret);
    case PLAN_EX_TRUE:
    case PLAN_EX_FALSE:
        break;
    }
    return 0;
}

/* sigma/blind.c - see blind.h.  In: a checked rule and a view.  Out: the fields that are never
 * there, and whether the condition can be true without them (docs/matching.md section 2). */
#include "sigma/blind.h"

#include "base/limits.h"
#include "sigma/standing.h"

struct asker {
    const struct tcs_rule *rule;
    const struct tcs_view *view;
    struct tcs_str last; /* field: a list of values asks for one again and again */
    bool last_never;
};

static bool
never(struct asker *a, struct tcs_str field)
{
    const struct tcs_view_field *made;
    if (!field.n)
        return false;
    if (field.p != a->last.p || field.n != a->last.n)
        a->last_never = tcs_sigma_view_look(a->view, field, &made) == TCS_LOOK_NEVER;
    a->last = field;
    return a->last_never;
}

static bool
pred_never(struct asker *a, const struct tcs_pred *p)
{
    return never(a, p->field) || (p->kind == TCS_P_FIELDREF && never(a, p->text));
}

/* What can come of a part: true by the letter of some record; with something that speaks for it;
 * and true for certain. */
static struct sigma_standing
can(struct asker *a, uint32_t node, bool neg, unsigned depth)
{
    const struct tcs_node *n = &a->rule->nodes[node];
    if (depth > TCS_TREE_DEPTH_MAX)
        return (struct sigma_standing){true, true, true};
    if (n->op == TCS_N_NOT)
        return can(a, n->a, !neg, depth + 1);
    if (n->op == TCS_N_SEARCH)
        return can(a, a->rule->searches[n->a].root, neg, depth + 1);
    if (n->op == TCS_N_PRED) {
        const struct tcs_pred *p = &a->rule->preds[n->a];
        bool absence = sigma_asks_absence(p), gone = pred_never(a, p);
        return (struct sigma_standing){.letter = !gone || absence != neg,
                                       .certain = !gone,
                                       .speaks = !gone && !neg && !absence};
    }
    bool all = (n->op == TCS_N_AND) != neg;
    struct sigma_standing r = {.letter = all, .certain = all};
    for (uint32_t i = 0; i < n->n; i++)
        r = sigma_standing_with(r, all, can(a, a->rule->kids[n->a + i], neg, depth + 1));
    r.speaks = r.speaks && r.letter;
    return r;
}

static void
add(struct tcs_blind *b, struct tcs_str field)
{
    for (uint32_t i = 0; i < b->nfields; i++)
        if (tcs_base_str_eq(b->fields[i], field))
            return;
    if (b->nfields < TCS_UNCHECKED_MAX)
        b->fields[b->nfields++] = field;
}

bool
tcs_sigma_blind(const struct tcs_rule *rule, const struct tcs_view *view, struct tcs_arena *arena,
                struct tcs_blind *ret)
{
    struct asker a = {.rule = rule, .view = view};
    bool any = false;
    *ret = (struct tcs_blind){0};
    for (uint32_t i = 0; !any && i < rule->npreds; i++)
        any = pred_never(&a, &rule->preds[i]);
    if (!any)
        return true;
    ret->fields = tcs_base_arena_array(arena, TCS_UNCHECKED_MAX, sizeof *ret->fields);
    if (!ret->fields)
        return false;
    for (uint32_t i = 0; i < rule->npreds; i++) {
        const struct tcs_pred *p = &rule->preds[i];
        if (never(&a, p->field))
            add(ret, p->field);
        if (p->kind == TCS_P_FIELDREF && never(&a, p->text))
            add(ret, p->text);
    }
    struct sigma_standing r = can(&a, rule->root, false, 0);
    ret->cannot_match = !r.certain && !(r.letter && r.speaks);
    return true;
}

/* sigma/plan_group.c - one group: what is evaluated on one kind of record.
 *
 * Each unit's tree becomes a program of predicate tests with two exits each, so that evaluation
 * stops as soon as the outcome is known. */
#include "sigma/plan.h"

struct emit {
    struct plan_instr *code;
    uint32_t n;
};

/* Emits from the end, so that both targets of a test are known; returns where `ex` starts. */
static uint32_t
emit(struct emit *e, const struct plan_ex *ex, uint32_t on_true, uint32_t on_false)
{
    uint32_t at;
    switch ((enum plan_op)ex->op) {
    case PLAN_EX_TRUE:
        return on_true;
    case PLAN_EX_FALSE:
        return on_false;
    case PLAN_EX_LIT:
        e->code[e->n] = (struct plan_instr){.pred = ex->n,
                                            .on_true = ex->neg ? on_false : on_true,
                                            .on_false = ex->neg ? on_true : on_false};
        return e->n++;
    case PLAN_EX_AND:
        at = on_true;
        for (uint32_t i = ex->n; i-- > 0;)
            at = emit(e, ex->kids[i], at, on_false);
        return at;
    case PLAN_EX_OR:
        at = on_false;
        for (uint32_t i = ex->n; i-- > 0;)
            at = emit(e, ex->kids[i], on_true, at);
        return at;
    }
    return on_false;
}

static uint32_t
size_of(const struct plan_ex *ex)
{
    uint32_t n = ex->op == PLAN_EX_LIT;
    if (ex->op == PLAN_EX_AND || ex->op == PLAN_EX_OR)
        for (uint32_t i = 0; i < ex->n; i++)
            n += size_of(ex->kids[i]);
    return n;
}

/* The made fields that the group's programs read, each once. */
static int
find_made(struct plan_build *b, struct plan_group *g)
{
    struct tcs_ruleset *rs = b->rs;
    bool *seen = tcs_arena_array(b->tmp, rs->nmade, sizeof *seen);
    g->made = tcs_arena_array(rs->arena, rs->nmade, sizeof *g->made);
    if (!seen || !g->made)
        return tcs_fail(b->err, TCS_ENOMEM, "compiling rules");
    for (uint32_t i = 0; i < g->ncode; i++) {
        const struct plan_pred *p = &rs->preds[g->code[i].pred];
        const uint32_t slots[] = {p->slot, p->kind == TCS_P_FIELDREF ? p->slot2 : 0};
        for (int k = 0; k < 2; k++) {
            uint32_t made = slots[k] - PLAN_SLOT_MADE;
            if (slots[k] < PLAN_SLOT_MADE || slots[k] >= PLAN_SLOT_KEYWORD || seen[made])
                continue;
            seen[made] = true;
            g->made[g->nmade++] = made;
        }
    }
    return 0;
}

int
plan_group(struct plan_build *b, const struct plan_member *members, uint32_t n,
           struct plan_group **ret)
{
    struct tcs_arena *a = b->rs->arena;
    uint32_t size = 0;
    for (uint32_t i = 0; i < n; i++)
        size += size_of(members[i].ex);
    struct plan_group *g = tcs_arena_zalloc(a, sizeof *g);
    struct emit e = {.code = tcs_arena_array(a, size, sizeof *e.code)};
    if (!g || !e.code || !(g->entries = tcs_arena_array(a, n, sizeof *g->entries)))
        return tcs_fail(b->err, TCS_ENOMEM, "compiling rules");
    for (uint32_t i = 0; i < n; i++)
        g->entries[g->nentries++] =
            (struct plan_entry){.rule = members[i].unit->rule,
                                .start = emit(&e, members[i].ex, PLAN_TRUE, PLAN_FALSE),
                                .view = members[i].unit->view};
    g->code = e.code;
    g->ncode = e.n;
    *ret = g;
    return find_made(b, g);
}

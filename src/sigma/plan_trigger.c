/* sigma/plan_trigger.c - what must be seen in a field for a predicate to be true.
 *
 * A literal pattern is its own trigger (exact).  Patterns with inner wildcards and regular
 * expressions have literals that they cannot match without; numbers have themselves; the rest at
 * least needs the field to be there.  NULL and negations need nothing: no triggers. */
#include "base/grow.h"
#include "sigma/plan.h"

#include "base/invariant.h"
#include "match/fold.h"

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "compiling rules");
}

/* How often it fires in logs of all kinds, on a rough scale; only the order matters. */
static uint8_t
cost_of(const struct plan_build *b, const struct plan_trigger *t)
{
    size_t n = t->text.n;
    if (t->kind <= PLAN_T_CONTAINS && tcs_match_litset_usual(&b->costs, t->text))
        return t->kind == PLAN_T_CONTAINS ? 80 : 50;
    switch ((enum plan_trigger_kind)t->kind) {
    case PLAN_T_PRESENT:
        return 200;
    case PLAN_T_NUM:
        return 30;
    case PLAN_T_CONTAINS:
        return n >= 12 ? 1 : n >= 8 ? 2 : n >= 6 ? 5 : n >= 4 ? 20 : 40;
    case PLAN_T_EXACT:
        return n == 0 ? 30 : n >= 8 ? 2 : 10;
    case PLAN_T_PREFIX:
    case PLAN_T_SUFFIX:
        return n >= 12 ? 2 : n >= 6 ? 5 : 40;
    }
    return 200;
}

static int
add_trigger(struct plan_build *b, struct plan_trigger t)
{
    struct tcs_buf *key = &b->key;
    key->n = 0;
    tcs_base_buf_c(key, (char)t.kind);
    tcs_base_buf_put(key, &t.slot, sizeof t.slot);
    tcs_base_buf_put(key, &t.num, sizeof t.num);
    tcs_base_buf_str(key, t.text);
    uint32_t at = sigma_plan_intern(b, &b->trigger_map, b->ntriggers);
    if (at == PLAN_NONE ||
        !tcs_base_grow(&b->triggers, &b->triggers_cap, b->ntriggers, 1, sizeof *b->triggers) ||
        !tcs_base_grow(&b->pred_triggers, &b->pred_triggers_cap, b->npred_triggers, 1,
                       sizeof *b->pred_triggers))
        return no_memory(b);
    if (at == b->ntriggers) {
        t.cost = cost_of(b, &t);
        t.group = 0;
        t.place = t.kind <= PLAN_T_CONTAINS ? tcs_match_litset_place(&b->costs, t.kind, t.text) : 0;
        b->triggers[b->ntriggers++] = t;
    }
    b->pred_triggers[b->npred_triggers++] = at;
    return 0;
}

/* Any value shows that the field is there; keywords have no field. */
static int
present(struct plan_build *b, uint32_t slot)
{
    if (slot == PLAN_SLOT_KEYWORD)
        return 0;
    return add_trigger(b, (struct plan_trigger){.slot = slot, .kind = PLAN_T_PRESENT});
}

static int
literal(struct plan_build *b, uint32_t slot, uint8_t kind, struct tcs_str text, bool *exact)
{
    if (!tcs_match_litset_takes(kind, text)) {
        *exact = false;
        return present(b, slot);
    }
    return add_trigger(b, (struct plan_trigger){.slot = slot, .kind = kind, .text = text});
}

/* A cased pattern is found folded first. */
static int
glob(struct plan_build *b, struct plan_pred *p)
{
    static const uint8_t kinds[] = {[TCS_G_EXACT] = PLAN_T_EXACT,
                                    [TCS_G_PREFIX] = PLAN_T_PREFIX,
                                    [TCS_G_SUFFIX] = PLAN_T_SUFFIX,
                                    [TCS_G_CONTAINS] = PLAN_T_CONTAINS};
    TCS_ROW_FOR_EACH(kinds, TCS_G_PATTERN);
    struct tcs_str text = p->glob.lit;
    if (p->glob.kind == TCS_G_ALL || (p->glob.kind == TCS_G_PATTERN && text.n == 0)) {
        p->exact = p->glob.kind == TCS_G_ALL && p->slot != PLAN_SLOT_KEYWORD;
        return present(b, p->slot);
    }
    p->exact = p->glob.kind != TCS_G_PATTERN && !(p->flags & TCS_PF_CASED);
    if (p->flags & TCS_PF_CASED) {
        char *out = tcs_base_arena_alloc(b->rs->arena, TCS_FOLD_ROOM_UTF8(text.n));
        if (!out)
            return no_memory(b);
        text = (struct tcs_str){out, tcs_match_fold_utf8(text, out)};
    }
    uint8_t kind = kinds[p->glob.kind == TCS_G_PATTERN ? p->glob.lit_kind : p->glob.kind];
    return literal(b, p->slot, kind, text, &p->exact);
}

static int
regex(struct plan_build *b, const struct plan_pred *p)
{
    int rc = 0;
    bool exact;
    bool takable = p->needs.nany > 0;
    for (uint32_t i = 0; i < p->needs.nany; i++)
        takable = takable && tcs_match_litset_takes(PLAN_T_CONTAINS, p->needs.any[i]);
    if (!takable)
        return present(b, p->slot);
    for (uint32_t i = 0; i < p->needs.nany && rc == 0; i++)
        rc = literal(b, p->slot, PLAN_T_CONTAINS, p->needs.any[i], &exact);
    return rc;
}

static int
where(struct plan_build *b, const struct plan_pred *p)
{
    int rc = 0;
    bool exact;
    for (uint32_t i = 0; i < p->nalts; i++)
        if (p->alts[i].n == 0) /* true of absent fields */
            return 0;
    for (uint32_t i = 0; i < p->nalts && rc == 0; i++) {
        char *out = tcs_base_arena_alloc(b->rs->arena, TCS_FOLD_ROOM_UTF8(p->alts[i].n));
        if (!out)
            return no_memory(b);
        struct tcs_str text = {out, tcs_match_fold_utf8(p->alts[i], out)};
        rc = literal(b, p->slot, PLAN_T_EXACT, text, &exact);
    }
    return rc;
}

static int
find(struct plan_build *b, struct plan_pred *p)
{
    switch (p->kind) {
    case TCS_P_STR:
        return glob(b, p);
    case TCS_P_RE:
        return regex(b, p);
    case PLAN_P_WHERE:
        return where(b, p);
    case TCS_P_NUM:
        if (p->cmp != TCS_EQ || p->slot == PLAN_SLOT_KEYWORD)
            return present(b, p->slot);
        p->exact = true;
        return add_trigger(
            b, (struct plan_trigger){.slot = p->slot, .kind = PLAN_T_NUM, .num = p->num});
    case TCS_P_EXISTS:
        p->exact = p->num != 0;
        return p->num != 0 ? present(b, p->slot) : 0;
    case TCS_P_CIDR:
    case TCS_P_FIELDREF:
    case TCS_P_TIMEPART:
        return present(b, p->slot);
    default: /* TCS_P_NULL: true of absent fields; PLAN_P_PROVIDER, PLAN_P_SERVICE: no field */
        return 0;
    }
}

int
sigma_plan_triggers(struct plan_build *b, uint32_t pred)
{
    struct plan_pred *p = &b->rs->preds[pred];
    if (p->triggers_known)
        return 0;
    p->triggers_known = true;
    p->trigger = b->npred_triggers;
    int rc = find(b, p);
    p->ntriggers = b->npred_triggers - p->trigger;
    p->exact = p->exact && p->ntriggers > 0;
    return rc;
}

/* sigma/plan_pred.c - the distinct predicates of a ruleset: rules' predicates with slots in place
 * of names, compiled, each content once. */
#include "base/grow.h"
#include "sigma/plan.h"

#include "base/num.h"

static void
key_bytes(struct plan_build *b, const void *p, size_t n)
{
    tcs_base_buf_put(&b->key, p, n);
}

static void
key_head(struct plan_build *b, const struct plan_pred *p)
{
    const uint8_t head[] = {p->kind, p->flags, p->cmp, p->part, p->bits};
    b->key.n = 0;
    key_bytes(b, head, sizeof head);
    key_bytes(b, &p->slot, sizeof p->slot);
    key_bytes(b, &p->slot2, sizeof p->slot2);
    key_bytes(b, &p->num, sizeof p->num);
    key_bytes(b, p->addr, sizeof p->addr);
}

static int
compile_regex(struct plan_build *b, struct plan_pred *p, struct tcs_str text)
{
    unsigned flags = (p->flags & TCS_PF_RE_I ? TCS_REGEX_I : 0u) |
                     (p->flags & TCS_PF_RE_M ? TCS_REGEX_M : 0u) |
                     (p->flags & TCS_PF_RE_S ? TCS_REGEX_S : 0u);
    p->glob.pat = tcs_base_arena_str(b->rs->arena, text);
    if (!p->glob.pat.p || !tcs_match_regexlit_find(b->rs->arena, text, &p->needs))
        return tcs_base_fail(b->err, TCS_ENOMEM, "predicates");
    return tcs_match_regex_new(text, flags, &p->re, b->err);
}

/* The texts of a pattern that was compiled elsewhere, into `a`. */
static bool
keep_glob(struct tcs_arena *a, struct tcs_glob *g)
{
    struct tcs_str pat = tcs_base_arena_str(a, g->pat);
    if (!pat.p)
        return false;
    if (g->lit.p)
        g->lit.p = pat.p + (g->lit.p - g->pat.p);
    g->pat = pat;
    return true;
}

/* Adds *p under the key in b->key unless it is there; a new one is compiled. */
static int
add(struct plan_build *b, struct plan_pred *p, struct tcs_str text, uint32_t *ret)
{
    struct tcs_ruleset *rs = b->rs;
    if (!tcs_base_grow(&rs->preds, &b->preds_cap, rs->npreds, 1, sizeof *rs->preds))
        return tcs_base_fail(b->err, TCS_ENOMEM, "predicates");
    *ret = sigma_plan_intern(b, &b->preds, rs->npreds);
    if (*ret == PLAN_NONE)
        return tcs_base_fail(b->err, TCS_ENOMEM, "predicates");
    if (*ret < rs->npreds)
        return 0;
    if (p->kind == TCS_P_STR && !keep_glob(rs->arena, &p->glob))
        return tcs_base_fail(b->err, TCS_ENOMEM, "predicates");
    if (p->kind == TCS_P_RE) {
        int rc = compile_regex(b, p, text);
        if (rc < 0)
            return rc;
    }
    rs->preds[rs->npreds++] = *p;
    return 0;
}

int
sigma_plan_pred(struct plan_build *b, const struct tcs_pred *in, uint32_t slot, uint32_t slot2,
                uint32_t *ret)
{
    struct plan_pred p = {.kind = in->kind, .flags = in->flags, .slot = slot, .slot2 = PLAN_NONE};
    struct tcs_str text = in->text;
    bool made = slot >= PLAN_SLOT_MADE && slot < PLAN_SLOT_KEYWORD;
    if (in->kind == TCS_P_STR && made)
        text = tcs_sigma_view_pattern(b->rs->made[slot - PLAN_SLOT_MADE].field, text);
    switch ((enum tcs_pred_kind)in->kind) {
    case TCS_P_TIMEPART:
        p.part = in->part;
        __attribute__((fallthrough));
    case TCS_P_NUM:
        p.cmp = in->cmp;
        p.num = in->num + 0.0; /* no negative zero: equal numbers have equal bytes */
        break;
    case TCS_P_EXISTS:
        p.num = in->num != 0;
        break;
    case TCS_P_CIDR:
        p.bits = in->bits;
        memcpy(p.addr, in->addr, sizeof p.addr);
        break;
    case TCS_P_FIELDREF:
        p.slot2 = slot2;
        break;
    case TCS_P_NULL:
        break;
    case TCS_P_STR: /* by its normal form, so that spellings of one pattern are one */
        if (!tcs_match_glob_compile(b->tmp, text, p.flags & TCS_PF_CASED, &p.glob))
            return tcs_base_fail(b->err, TCS_ENOMEM, "predicates");
        text = p.glob.pat;
        if (p.glob.kind == TCS_G_ALL && slot != PLAN_SLOT_KEYWORD)
            p = (struct plan_pred){
                .kind = TCS_P_EXISTS, .slot = slot, .slot2 = PLAN_NONE, .num = 1};
        break;
    case TCS_P_RE:
        break;
    }
    text.n = p.kind == TCS_P_STR || p.kind == TCS_P_RE ? text.n : 0;
    key_head(b, &p);
    key_bytes(b, text.p, text.n);
    return add(b, &p, text, ret);
}

int
sigma_plan_pred_alts(struct plan_build *b, uint8_t kind, uint32_t slot, const struct tcs_str *alts,
                     uint32_t n, uint32_t *ret)
{
    struct plan_pred p = {.kind = kind, .slot = slot, .slot2 = PLAN_NONE, .nalts = n};
    key_head(b, &p);
    for (uint32_t i = 0; i < n; i++) {
        key_bytes(b, &alts[i].n, sizeof alts[i].n);
        key_bytes(b, alts[i].p, alts[i].n);
    }
    p.alts = tcs_base_arena_array(b->rs->arena, n, sizeof *p.alts);
    if (!p.alts)
        return tcs_base_fail(b->err, TCS_ENOMEM, "predicates");
    memcpy(p.alts, alts, n * sizeof *alts);
    return add(b, &p, (struct tcs_str){NULL, 0}, ret);
}

bool
sigma_plan_pred_event_id(const struct tcs_ruleset *rs, const struct plan_pred *p, uint32_t *ret)
{
    uint64_t id;
    if (p->slot != rs->event_id_slot)
        return false;
    if (p->kind == TCS_P_NUM && p->cmp == TCS_EQ) {
        bool whole =
            p->num >= 0 && p->num < TCS_EVENT_ID_NONE && p->num == (double)(uint32_t)p->num;
        *ret = whole ? (uint32_t)p->num : TCS_EVENT_ID_NONE;
        return true;
    }
    if (p->kind != TCS_P_STR || p->glob.kind != TCS_G_EXACT)
        return false;
    struct tcs_str t = p->glob.lit;
    bool canonical =
        tcs_base_num_u64(t, &id) && id < TCS_EVENT_ID_NONE && (t.n == 1 || t.p[0] != '0');
    *ret = canonical ? (uint32_t)id : TCS_EVENT_ID_NONE; /* NONE: equals no id */
    return true;
}

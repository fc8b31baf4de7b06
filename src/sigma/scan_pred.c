/* sigma/scan_pred.c - is one predicate true of the event?  docs/matching.md section 3, one function
 * per kind; the answer is kept for the event. */
#include "sigma/scan_int.h"

#include "base/invariant.h"
#include "base/time.h"
#include "match/ip.h"

enum { REF_BYTES = 64 }; /* of a comparison that cost as much as beginning one */

static bool
str_text(const struct plan_pred *p, struct tcs_str text)
{
    char other[SCAN_GUID_TEXT];
    if (tcs_match_glob_match(&p->glob, text))
        return true;
    size_t n = sigma_scan_guid_other(text, other);
    return n && tcs_match_glob_match(&p->glob, (struct tcs_str){other, n});
}

static bool
is_str(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    return str_text(p, p->flags & TCS_PF_CASED ? sigma_scan_clean(s, value, 0)
                                               : sigma_scan_folded(s, value));
}

static bool
found(struct tcs_scan *s, const struct plan_pred *p, struct tcs_str text)
{
    int rc = tcs_match_regex_match(p->re, s->re, text);
    s->stats.regex_limit += rc < 0;
    return rc > 0;
}

/* Cheaper than the expression: what it needs must be in the folded text, which has as many
 * characters as the other.  GUIDs, whose two texts differ in braces, go to the expression. */
static bool
is_re(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    char other[SCAN_GUID_TEXT];
    struct tcs_str text = sigma_scan_folded(s, value);
    size_t n = sigma_scan_guid_other(text, other);
    if (n == 0) {
        if (text.n < tcs_match_regex_shortest(p->re) ||
            !tcs_match_regexlit_may(&p->needs, text, p->flags & TCS_PF_RE_S))
            return false;
        if (p->needs.exact)
            return true;
    }
    text = sigma_scan_clean(s, value, 0);
    if (found(s, p, text))
        return true;
    n = sigma_scan_guid_other(text, other);
    return n && found(s, p, (struct tcs_str){other, n});
}

static bool
is_cidr(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    uint8_t addr[16];
    return tcs_match_ip_parse(sigma_scan_clean(s, value, 0), addr) &&
           tcs_match_ip_in(addr, p->addr, p->bits);
}

static bool
is_num(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    double d;
    return tcs_event_value_number(&s->values[value].v, &d) &&
           tcs_sigma_cmp_holds(d, p->cmp, p->num);
}

static double
time_part(uint8_t part, int64_t t)
{
    struct tcs_civil c = tcs_base_time_civil(t);
    switch ((enum tcs_timepart)part) {
    case TCS_MINUTE:
        return c.minute;
    case TCS_HOUR:
        return c.hour;
    case TCS_DAY:
        return c.day;
    case TCS_WEEK:
        return tcs_base_time_iso_week(c);
    case TCS_MONTH:
        return c.month;
    case TCS_YEAR:
        return c.year;
    }
    return -1;
}

static bool
is_timepart(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    const struct tcs_value *v = &s->values[value].v;
    int64_t t = v->i;
    if (v->type != TCS_V_TIME && !tcs_base_time_parse(sigma_scan_clean(s, value, 0), &t))
        return false;
    return t != TCS_TIME_NONE && tcs_sigma_cmp_holds(time_part(p->part, t), p->cmp, p->num);
}

static bool
ref_holds(uint8_t flags, struct tcs_str text, struct tcs_str ref)
{
    if (flags & TCS_PF_REF_CONTAINS)
        return ref.n == 0 || (ref.n <= text.n && memmem(text.p, text.n, ref.p, ref.n) != NULL);
    if (flags & TCS_PF_REF_STARTS)
        return tcs_base_str_starts(text, ref);
    if (flags & TCS_PF_REF_ENDS)
        return tcs_base_str_ends(text, ref);
    return tcs_base_str_eq(text, ref);
}

/* May these two be compared?  Each value of one field with each of the other is the product of two
 * numbers that a log chooses; what one event may cost is limited. */
static bool
ref_allowed(struct tcs_scan *s, uint8_t flags, struct tcs_str text, struct tcs_str ref)
{
    size_t n = flags & TCS_PF_REF_CONTAINS || text.n < ref.n ? text.n : ref.n;
    int32_t cost = 1 + (int32_t)(n / REF_BYTES);
    if (cost <= s->ref_left) {
        s->ref_left -= cost;
        return true;
    }
    s->stats.cut_values += s->ref_left >= 0; /* once for each event */
    s->ref_left = -1;
    return false;
}

/* Folding one text may move the other: the first is copied. */
static bool
is_fieldref(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    bool cased = p->flags & TCS_PF_CASED;
    if (s->values[value].v.type == TCS_V_NULL)
        return false;
    struct tcs_str text = cased ? sigma_scan_clean(s, value, 0) : sigma_scan_folded(s, value);
    s->other.n = 0;
    tcs_base_buf_str(&s->other, text);
    text = tcs_base_buf_view(&s->other);
    for (uint32_t r = sigma_scan_first(s, p->slot2); r != SCAN_NO_VALUE; r = s->values[r].next) {
        if (s->values[r].v.type == TCS_V_NULL)
            continue;
        struct tcs_str ref = cased ? sigma_scan_clean(s, r, 1) : sigma_scan_folded(s, r);
        if (!ref_allowed(s, p->flags, text, ref))
            return false;
        if (ref_holds(p->flags, text, ref))
            return true;
    }
    return false;
}

static bool
is_null(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    (void)p;
    return s->values[value].v.type == TCS_V_NULL;
}

static bool
is_alt(const struct plan_pred *p, struct tcs_str text)
{
    for (uint32_t i = 0; i < p->nalts; i++)
        if (tcs_base_str_ieq(text, p->alts[i]))
            return true;
    return false;
}

static bool
is_where(struct tcs_scan *s, const struct plan_pred *p, uint32_t value)
{
    return is_alt(p, sigma_scan_clean(s, value, 0));
}

typedef bool value_fn(struct tcs_scan *s, const struct plan_pred *p, uint32_t value);

static value_fn *const value_fns[] = {
    [TCS_P_STR] = is_str,           [TCS_P_RE] = is_re,
    [TCS_P_CIDR] = is_cidr,         [TCS_P_NUM] = is_num,
    [TCS_P_NULL] = is_null,         [TCS_P_EXISTS] = NULL,
    [TCS_P_FIELDREF] = is_fieldref, [TCS_P_TIMEPART] = is_timepart,
    [PLAN_P_WHERE] = is_where,
};
/* the two behind it are about the header and are evaluated apart */
TCS_ROW_FOR_EACH(value_fns, PLAN_P_PROVIDER);

static bool
is_provider(struct tcs_scan *s, const struct plan_pred *p)
{
    if (s->ev->provider.type == TCS_V_UTF8)
        return is_alt(p, (struct tcs_str){s->ev->provider.p, s->ev->provider.n});
    s->plain[0].n = 0;
    tcs_event_value_print(&s->ev->provider, &s->plain[0]);
    return is_alt(p, tcs_base_buf_view(&s->plain[0]));
}

static bool
evaluate(struct tcs_scan *s, const struct plan_pred *p)
{
    if (p->kind == PLAN_P_PROVIDER)
        return is_provider(s, p);
    if (p->kind == PLAN_P_SERVICE)
        return tcs_base_str_eq(s->ev->service, p->alts[0]);
    if (p->slot == PLAN_SLOT_KEYWORD) {
        for (uint32_t v = 0; v < s->nfields; v++)
            if (value_fns[p->kind](s, p, v))
                return true;
        return false;
    }
    uint32_t v = sigma_scan_first(s, p->slot);
    TCS_INVARIANT(p->kind < PLAN_P_PROVIDER && (value_fns[p->kind] || p->kind == TCS_P_EXISTS));
    if (p->kind == TCS_P_EXISTS)
        return (v != SCAN_NO_VALUE) == (p->num != 0);
    if (p->kind == TCS_P_NULL && v == SCAN_NO_VALUE)
        return true;
    if (p->kind == PLAN_P_WHERE && v == SCAN_NO_VALUE)
        return is_alt(p, (struct tcs_str){NULL, 0});
    for (; v != SCAN_NO_VALUE; v = s->values[v].next)
        if (value_fns[p->kind](s, p, v))
            return true;
    return false;
}

bool
sigma_scan_pred(struct tcs_scan *s, uint32_t pred)
{
    bool truth = evaluate(s, &s->rs->preds[pred]);
    s->memo[pred] = s->epoch << 1 | truth;
    return truth;
}

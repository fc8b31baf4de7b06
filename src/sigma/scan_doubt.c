/* sigma/scan_doubt.c - is what a rule's program found certain?  docs/matching.md section 2.
 *
 * In: a rule that is true by the letter of the event.  Out: certain; or true with something that
 * speaks for it, and what could not be checked; or neither, and then it does not match.  Most
 * matches end at the first look: the record has every field that matters. */
#include "sigma/scan_int.h"

#include "base/grow.h"
#include "base/limits.h"
#include "sigma/standing.h"

struct doubter {
    struct tcs_scan *s;
    const struct tcs_rule *rule;
    const struct tcs_view *view;
    const uint32_t *preds;
    uint32_t first; /* of the match's in s->unchecked */
};

/* Has the record what the view calls the field? */
static bool
known(struct tcs_scan *s, const struct tcs_view *view, uint32_t slot)
{
    if (slot == PLAN_SLOT_KEYWORD || !(view->fixed || view->sparse))
        return true;
    uint32_t v = sigma_scan_first(s, slot);
    if (!view->sparse)
        return v != SCAN_NO_VALUE;
    for (; v != SCAN_NO_VALUE; v = s->values[v].next) {
        struct tcs_str t = sigma_scan_folded(s, v);
        if (t.n > 1 || (t.n == 1 && t.p[0] != '-'))
            return true;
    }
    return false;
}

static struct sigma_tried
try(void *ctx, uint32_t at)
{
    const struct doubter *d = ctx;
    uint32_t pred = d->preds[at];
    if (pred == PLAN_NONE)
        return (struct sigma_tried){.truth = sigma_asks_absence(&d->rule->preds[at])};
    const struct plan_pred *p = &d->s->rs->preds[pred];
    return (struct sigma_tried){
        .truth = sigma_scan_truth(d->s, pred),
        .known = known(d->s, d->view, p->slot) &&
                 (d->rule->preds[at].kind != TCS_P_FIELDREF || known(d->s, d->view, p->slot2))};
}

/* The field of the predicate that is unknown. */
static struct tcs_str
unknown_field(const struct doubter *d, uint32_t at)
{
    const struct tcs_pred *in = &d->rule->preds[at];
    const struct tcs_view_field *made;
    if (in->kind != TCS_P_FIELDREF)
        return in->field;
    if (d->preds[at] != PLAN_NONE)
        return known(d->s, d->view, d->s->rs->preds[d->preds[at]].slot) ? in->text : in->field;
    return tcs_sigma_view_look(d->view, in->field, &made) == TCS_LOOK_NEVER ? in->field : in->text;
}

static void
tell(void *ctx, uint32_t search, uint32_t at)
{
    const struct doubter *d = ctx;
    struct tcs_scan *s = d->s;
    const struct tcs_unchecked x = {
        .search = search < d->rule->nsearches ? d->rule->searches[search].name : TCS_STR(""),
        .field = unknown_field(d, at)};
    for (uint32_t i = d->first; i < s->nunchecked; i++)
        if (tcs_base_str_eq(s->unchecked[i].field, x.field) &&
            tcs_base_str_eq(s->unchecked[i].search, x.search))
            return;
    if (s->nunchecked - d->first < TCS_UNCHECKED_MAX &&
        tcs_base_grow(&s->unchecked, &s->unchecked_cap, s->nunchecked, 1, sizeof *s->unchecked))
        s->unchecked[s->nunchecked++] = x;
}

bool
sigma_scan_doubt(struct tcs_scan *s, const struct plan_entry *e, struct tcs_sigma_match *m)
{
    const struct plan_doubt *doubt = &s->rs->doubts[e->doubt];
    const uint32_t *slots = s->rs->doubt_lists + doubt->slots;
    bool all = !doubt->always;
    for (uint32_t i = 0; i < doubt->nslots && all; i++)
        all = known(s, e->view, slots[i]);
    if (all)
        return true;
    struct doubter d = {.s = s,
                        .rule = &s->rs->rules[e->rule],
                        .view = e->view,
                        .preds = s->rs->doubt_lists + doubt->preds,
                        .first = s->nunchecked};
    struct sigma_standing r = sigma_stand(d.rule, try, &d);
    if (r.certain)
        return true;
    if (!r.speaks)
        return false;
    sigma_stand_rests_on(d.rule, try, &d, tell);
    m->nunchecked = s->nunchecked - d.first;
    return m->nunchecked > 0; /* else no memory */
}

static bool
told_before(const struct tcs_unchecked *list, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (tcs_base_str_eq(list[i].field, list[at].field))
            return true;
    return false;
}

void
tcs_sigma_unchecked_text(const struct tcs_unchecked *list, uint32_t n, struct tcs_buf *b)
{
    for (uint32_t i = 0; i < n; i++) {
        const char *before = " (";
        if (told_before(list, i))
            continue;
        tcs_base_buf_printf(b, "%s%.*s", i ? ", " : "", TCS_STR_FMT(list[i].field));
        for (uint32_t k = i; k < n; k++) {
            if (!tcs_base_str_eq(list[k].field, list[i].field) || !list[k].search.n)
                continue;
            tcs_base_buf_printf(b, "%s%.*s", before, TCS_STR_FMT(list[k].search));
            before = ", ";
        }
        tcs_base_buf_str(b, before[0] == ',' ? TCS_STR(")") : TCS_STR(""));
    }
}

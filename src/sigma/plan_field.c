/* sigma/plan_field.c - what is looked at in which field: the triggers of a group, by slot.
 *
 * Keywords are found in every value, so their literals are also in the sets of the single fields,
 * that each text is scanned once.  Not in those of fields that a view makes, nor of EventID, whose
 * value is the header's: keywords are tried on what the record holds. */
#include "sigma/plan.h"

#include <stdlib.h>

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "compiling rules");
}

/* Sorting key: the slot, so that each field's triggers stand together, keywords last. */
struct item {
    uint32_t slot, trigger;
};

static int
by_slot(const void *a, const void *b)
{
    struct item x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (x.slot != y.slot)
        return x.slot < y.slot ? -1 : 1;
    return x.trigger < y.trigger ? -1 : x.trigger > y.trigger;
}

/* Can the text of a number, a boolean, a time, a GUID, a SID or of hexadecimal bytes hold it? */
static bool
outside_text(struct tcs_str lit)
{
    for (size_t i = 0; i < lit.n; i++)
        if (!strchr("0123456789abcdefx-+.:{}tzsrulni", lit.p[i]))
            return false;
    return true;
}

struct range {
    const struct item *p;
    uint32_t n;
};

static uint32_t
add_lits(const struct plan_build *b, struct range from, struct tcs_lit *to, bool *text_only)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < from.n; i++) {
        const struct plan_trigger *t = &b->triggers[from.p[i].trigger];
        if (t->kind > PLAN_T_CONTAINS)
            continue;
        to[n++] =
            (struct tcs_lit){.text = t->text, .id = t->local, .place = t->place, .kind = t->kind};
        *text_only = *text_only && !outside_text(t->text);
    }
    return n;
}

static int
fill(struct plan_build *b, struct range own, struct range keywords, struct plan_field *f)
{
    tcs_base_arena_reset(b->scratch);
    struct tcs_lit *lits = tcs_base_arena_array(b->scratch, own.n + keywords.n, sizeof *lits);
    struct plan_num *nums = tcs_base_arena_array(b->rs->arena, own.n, sizeof *nums);
    if (!lits || !nums)
        return no_memory(b);
    f->text_only = true;
    f->present = PLAN_NONE;
    f->nums = nums;
    uint32_t n = add_lits(b, own, lits, &f->text_only);
    n += add_lits(b, keywords, lits + n, &f->text_only);
    for (uint32_t i = 0; i < own.n; i++) {
        const struct plan_trigger *t = &b->triggers[own.p[i].trigger];
        if (t->kind == PLAN_T_NUM)
            nums[f->nnums++] = (struct plan_num){.num = t->num, .trigger = t->local};
        if (t->kind == PLAN_T_PRESENT)
            f->present = t->local;
    }
    if (n == 0)
        return 0;
    f->lits = tcs_match_litset_build(b->rs->arena, b->scratch, lits, n);
    return f->lits ? 0 : no_memory(b);
}

static int
fill_all(struct plan_build *b, struct plan_group *g, struct range all, struct range keywords,
         uint16_t *field_of)
{
    for (uint32_t i = 0, end; i < all.n; i = end) {
        uint32_t slot = all.p[i].slot;
        for (end = i + 1; end < all.n && all.p[end].slot == slot;)
            end++;
        struct plan_field *f = &g->fields[g->nfields++];
        bool own = slot < PLAN_SLOT_MADE && slot != b->rs->event_id_slot;
        struct range none = {NULL, 0};
        f->slot = slot;
        field_of[sigma_plan_slot_index(b->rs, slot)] = (uint16_t)g->nfields;
        int rc = fill(b, (struct range){all.p + i, end - i}, own ? keywords : none, f);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int
sigma_plan_fields(struct plan_build *b, struct plan_group *g, const uint32_t *triggers, uint32_t n)
{
    struct tcs_arena *a = b->rs->arena;
    uint32_t nslots = tcs_event_fieldset_count(b->rs->fields) + b->rs->nmade, nkeywords = 0,
             kinds = 0;
    struct item *items = tcs_base_arena_array(b->group_tmp, n, sizeof *items);
    uint16_t *field_of = tcs_base_arena_array(a, nslots, sizeof *field_of);
    if (!items || !field_of)
        return no_memory(b);
    g->field_of = field_of;
    if (nslots > UINT16_MAX - 1)
        return tcs_base_fail(b->err, TCS_ELIMIT, "rules read more than %d fields", UINT16_MAX - 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = (struct item){b->triggers[triggers[i]].slot, triggers[i]};
    if (n)
        qsort(items, n, sizeof *items, by_slot);
    while (nkeywords < n && items[n - 1 - nkeywords].slot == PLAN_SLOT_KEYWORD)
        nkeywords++;
    struct range all = {items, n - nkeywords}, keywords = {items + n - nkeywords, nkeywords};
    for (uint32_t i = 0; i < all.n; i++)
        kinds += i == 0 || items[i].slot != items[i - 1].slot;
    g->fields = tcs_base_arena_array(a, kinds, sizeof *g->fields);
    if (!g->fields)
        return no_memory(b);
    int rc = fill_all(b, g, all, keywords, field_of);
    return rc < 0 ? rc : fill(b, (struct range){NULL, 0}, keywords, &g->rest);
}

/* sigma/plan_save.c - a ruleset to its image (plan_image.h). */
#include "sigma/plan_image.h"
#include "sigma/ruleset.h"

static void
put_texts(struct tcs_buf *b, const struct tcs_buf *lengths, const struct tcs_buf *bytes)
{
    tcs_base_image_put_array(b, lengths->p, lengths->n / 4, 4);
    tcs_base_image_put_array(b, bytes->p, bytes->n, 1);
}

/* Texts on their way into the image. */
struct texts {
    struct tcs_buf lengths, bytes;
};

static void
add_text(struct texts *t, struct tcs_str s)
{
    uint32_t n = (uint32_t)s.n;
    tcs_base_buf_put(&t->lengths, &n, sizeof n);
    tcs_base_buf_str(&t->bytes, s);
}

static void
put_and_free(struct tcs_buf *b, struct texts *t)
{
    b->failed |= t->lengths.failed || t->bytes.failed;
    put_texts(b, &t->lengths, &t->bytes);
    tcs_base_buf_done(&t->lengths);
    tcs_base_buf_done(&t->bytes);
}

static void
put_names(const struct tcs_ruleset *rs, struct tcs_buf *b)
{
    struct texts t = {0};
    for (uint32_t i = 0; i < tcs_event_fieldset_count(rs->fields); i++)
        add_text(&t, tcs_event_fieldset_name(rs->fields, i));
    put_and_free(b, &t);
}

/* The words by their classes, which number them from 1. */
static void
put_words(const struct tcs_map *m, struct tcs_arena *tmp, struct tcs_buf *b)
{
    struct texts t = {0};
    struct tcs_str *words = tcs_base_arena_array(tmp, m->count, sizeof *words), word;
    for (uint32_t at = 0, class; words && tcs_base_map_next(m, &at, &word, &class);)
        words[class - 1] = word;
    for (uint32_t i = 0; words && i < m->count; i++)
        add_text(&t, words[i]);
    put_and_free(b, &t);
}

static void
put_preds(const struct tcs_ruleset *rs, struct tcs_buf *b)
{
    struct tcs_buf list = {0}, texts = {0}, nums = {0}, addrs = {0};
    struct texts lits = {0}, alts = {0};
    for (uint32_t i = 0; i < rs->npreds; i++) {
        const struct plan_pred *p = &rs->preds[i];
        struct tcs_str pat = sigma_image_has_text(p->kind) ? p->glob.pat : TCS_STR("");
        struct image_pred x = {.kind = p->kind,
                               .flags = p->flags,
                               .cmp = p->cmp,
                               .part = p->part,
                               .bits = p->bits,
                               .glob = p->glob.kind,
                               .lit_kind = p->glob.lit_kind,
                               .exact = p->needs.exact,
                               .slot = p->slot,
                               .slot2 = p->slot2,
                               .text = (uint32_t)pat.n,
                               .n = (uint32_t)p->glob.lit.n,
                               .any = p->needs.nany + p->nalts,
                               .all = p->needs.nall};
        if (x.n)
            x.lit = (uint32_t)(p->glob.lit.p - pat.p);
        tcs_base_buf_put(&list, &x, sizeof x);
        tcs_base_buf_str(&texts, pat);
        if (sigma_image_has_num(p->kind))
            tcs_base_buf_put(&nums, &p->num, sizeof p->num);
        if (p->kind == TCS_P_CIDR)
            tcs_base_buf_put(&addrs, p->addr, sizeof p->addr);
        for (uint32_t k = 0; k < p->needs.nany; k++)
            add_text(&lits, p->needs.any[k]);
        for (uint32_t k = 0; k < p->needs.nall; k++)
            add_text(&lits, p->needs.all[k]);
        for (uint32_t k = 0; k < p->nalts; k++)
            add_text(&alts, p->alts[k]);
    }
    b->failed |= list.failed || texts.failed || nums.failed || addrs.failed;
    tcs_base_image_put_array(b, list.p, rs->npreds, sizeof(struct image_pred));
    tcs_base_image_put_array(b, texts.p, texts.n, 1);
    tcs_base_image_put_array(b, nums.p, nums.n / sizeof(double), sizeof(double));
    tcs_base_image_put_array(b, addrs.p, addrs.n / 16, 16);
    put_and_free(b, &lits);
    put_and_free(b, &alts);
    tcs_base_buf_done(&list);
    tcs_base_buf_done(&texts);
    tcs_base_buf_done(&nums);
    tcs_base_buf_done(&addrs);
}

static bool
find_field(const struct tcs_ruleset *rs, const struct tcs_logsources *ls,
           const struct tcs_view_field *field, struct image_made *ret)
{
    for (uint32_t r = 0; r < rs->nrules; r++) {
        uint32_t n;
        const struct tcs_view *v = tcs_sigma_logsources_find(ls, &rs->rules[r].logsource, &n);
        for (uint32_t i = 0; i < n; i++)
            if (field >= v[i].fields && field < v[i].fields + v[i].nfields) {
                *ret = (struct image_made){r, i, (uint32_t)(field - v[i].fields)};
                return true;
            }
    }
    return false;
}

static void
put_made(const struct tcs_ruleset *rs, const struct tcs_logsources *ls, struct tcs_arena *tmp,
         struct tcs_buf *b)
{
    struct image_made *list = tcs_base_arena_array(tmp, rs->nmade, sizeof *list);
    for (uint32_t i = 0; list && i < rs->nmade; i++)
        if (!find_field(rs, ls, rs->made[i].field, &list[i]))
            b->failed = true;
    tcs_base_image_put_array(b, list, list ? rs->nmade : 0, sizeof *list);
}

static void
put_field(struct tcs_buf *b, const struct plan_field *f)
{
    struct image_field x = {f->slot, f->present, f->text_only, f->lits != NULL};
    tcs_base_image_put_array(b, &x, 1, sizeof x);
    tcs_base_image_put_array(b, f->nums, f->nnums, sizeof *f->nums);
    if (f->lits)
        tcs_match_litset_save(f->lits, b);
}

static void
put_group(const struct tcs_ruleset *rs, const struct tcs_logsources *ls, struct tcs_buf *b,
          const struct plan_group *g)
{
    struct image_group x = {g->words, g->columns};
    tcs_base_image_put_array(b, &x, 1, sizeof x);
    static_assert(sizeof(struct image_entry) % 8 == 0, "nothing stands behind the entries");
    tcs_base_image_put(b, g->nentries);
    for (uint32_t i = 0; i < g->nentries; i++) {
        const struct plan_entry *e = &g->entries[i];
        uint32_t n;
        const struct tcs_view *v =
            e->view ? tcs_sigma_logsources_find(ls, &rs->rules[e->rule].logsource, &n) : NULL;
        struct image_entry y = {e->rule, e->start, e->doubt,
                                v ? (uint32_t)(e->view - v) : PLAN_NONE};
        tcs_base_buf_put(b, &y, sizeof y);
    }
    tcs_base_image_put_array(b, g->code, g->ncode, sizeof *g->code);
    tcs_base_image_put_array(b, g->made, g->nmade, sizeof *g->made);
    tcs_base_image_put_array(b, g->start, (size_t)g->words * g->columns, sizeof *g->start);
    tcs_base_image_put_array(b, g->field_of, tcs_event_fieldset_count(rs->fields) + rs->nmade,
                             sizeof *g->field_of);
    tcs_base_image_put_array(b, g->fires, g->ntriggers, sizeof *g->fires);
    tcs_base_image_put_array(b, g->marks, g->nmarks, sizeof *g->marks);
    tcs_base_image_put(b, g->nfields);
    for (uint32_t i = 0; i < g->nfields; i++)
        put_field(b, &g->fields[i]);
    put_field(b, &g->rest);
}

static void
put_routes(const struct tcs_ruleset *rs, struct tcs_arena *tmp, struct tcs_buf *b)
{
    const struct plan_routes *r = &rs->routes;
    for (uint32_t i = 0; i < rs->nbases; i++) {
        const struct plan_base *base = rs->bases[i];
        uint32_t n = base->nids + 2, *groups = tcs_base_arena_array(tmp, n, sizeof *groups);
        for (uint32_t k = 0; groups && k < n; k++)
            groups[k] = base->groups[k]->number;
        tcs_base_image_put_array(b, base->ids, base->nids, sizeof *base->ids);
        tcs_base_image_put_array(b, groups, groups ? n : 0, sizeof *groups);
    }
    for (uint32_t i = 0; i <= r->products.count; i++) {
        const struct plan_product *p = &r->product[i];
        uint32_t *bases = tcs_base_arena_array(tmp, p->nbases, sizeof *bases);
        for (uint32_t k = 0; bases && k < p->nbases; k++)
            bases[k] = p->bases[k]->number;
        tcs_base_image_put_array(b, bases, bases ? p->nbases : 0, sizeof *bases);
        tcs_base_image_put_array(b, p->channels, r->channels.count + 1u, sizeof *p->channels);
    }
}

int
tcs_sigma_ruleset_save(const struct tcs_ruleset *rs, const struct tcs_logsources *ls,
                       struct tcs_buf *ret, struct tcs_err *err)
{
    struct tcs_arena *tmp = tcs_base_arena_new(0);
    struct image_head head = {.rules = rs->nrules,
                              .fields = tcs_event_fieldset_count(rs->fields),
                              .products = rs->routes.products.count,
                              .channels = rs->routes.channels.count,
                              .preds = rs->npreds,
                              .made = rs->nmade,
                              .groups = rs->ngroups,
                              .bases = rs->nbases,
                              .event_id_slot = rs->event_id_slot,
                              .no_memory = rs->no_memory};
    if (tmp) {
        tcs_base_image_put_array(ret, &head, 1, sizeof head);
        put_names(rs, ret);
        put_words(&rs->routes.products, tmp, ret);
        put_words(&rs->routes.channels, tmp, ret);
        tcs_base_image_put_array(ret, rs->reachable, rs->nrules, sizeof *rs->reachable);
        put_preds(rs, ret);
        put_made(rs, ls, tmp, ret);
        tcs_base_image_put_array(ret, rs->doubts, rs->ndoubts, sizeof *rs->doubts);
        tcs_base_image_put_array(ret, rs->doubt_lists, rs->ndoubt_lists, sizeof *rs->doubt_lists);
        for (uint32_t i = 0; i < rs->ngroups; i++)
            put_group(rs, ls, ret, rs->groups[i]);
        put_routes(rs, tmp, ret);
    }
    bool failed = !tmp || tcs_base_arena_failed(tmp) || ret->failed;
    tcs_base_arena_free(tmp);
    return failed ? tcs_base_fail(err, TCS_ENOMEM, "no memory for the compiled rules") : 0;
}

/* sigma/plan_view.c - an image (plan_image.h) to a ruleset that scans may rely on.
 *
 * Every number that leads somewhere is looked at once: into which list, and that programs end.
 * What is not looked at decides at most which rules match. */
#include "base/limits.h"
#include "sigma/plan_image.h"
#include "sigma/ruleset.h"

#include <stdlib.h>

struct reader {
    struct tcs_cursor c; /* its `bad` is set by every check that fails */
    struct tcs_ruleset *rs;
    const struct tcs_logsources *ls;
    struct answer *answers; /* by rule: its views, looked up once */
    uint32_t nslots;
    struct tcs_err *err;
};

struct answer {
    const struct tcs_view *views;
    uint32_t n;
    bool known;
};

static void
check(struct reader *r, bool good)
{
    if (!good)
        r->c.bad = true;
}

static void *
array(struct reader *r, size_t n, size_t size)
{
    void *p = tcs_base_arena_array(r->rs->arena, n, size);
    check(r, p != NULL);
    return p;
}

/* --- texts ------------------------------------------------------------------------------------ */

/* Texts are taken from it one after the other. */
struct texts {
    const uint32_t *lengths;
    const char *at;
    uint32_t n, left; /* texts, bytes */
};

static struct texts
get_texts(struct reader *r)
{
    struct texts t = {0};
    t.lengths = tcs_base_image_get_array(&r->c, sizeof *t.lengths, &t.n);
    t.at = tcs_base_image_get_array(&r->c, 1, &t.left);
    return t;
}

static struct tcs_str
next_bytes(struct reader *r, struct texts *t, uint32_t n)
{
    check(r, n <= t->left);
    if (r->c.bad)
        return TCS_STR("");
    struct tcs_str s = {t->at, n};
    t->at += n;
    t->left -= n;
    return s;
}

static struct tcs_str
next_text(struct reader *r, struct texts *t)
{
    check(r, t->n > 0);
    if (r->c.bad)
        return TCS_STR("");
    t->n--;
    return next_bytes(r, t, *t->lengths++);
}

static struct tcs_str *
next_list(struct reader *r, struct texts *t, uint32_t n)
{
    check(r, n <= t->n);
    struct tcs_str *list = r->c.bad ? NULL : array(r, n, sizeof *list);
    for (uint32_t i = 0; list && i < n; i++)
        list[i] = next_text(r, t);
    return list;
}

static void
get_names(struct reader *r, uint32_t n)
{
    struct texts t = get_texts(r);
    check(r, t.n == n);
    for (uint32_t i = 0; i < n && !r->c.bad; i++)
        check(r, tcs_event_fieldset_add(r->rs->fields, next_text(r, &t)) == i);
}

static void
get_words(struct reader *r, struct tcs_map *m, uint32_t n)
{
    struct texts t = get_texts(r);
    check(r, t.n == n);
    for (uint32_t i = 0; i < n && !r->c.bad; i++)
        check(r, tcs_base_map_intern(m, next_text(r, &t), i + 1) == i + 1);
}

/* --- predicates ------------------------------------------------------------------------------- */

static bool
is_field(const struct reader *r, uint32_t slot)
{
    uint32_t own = tcs_event_fieldset_count(r->rs->fields);
    return slot < own || (slot >= PLAN_SLOT_MADE && slot - PLAN_SLOT_MADE < r->rs->nmade);
}

static bool
kind_sound(const struct reader *r, const struct image_pred *x)
{
    switch (x->kind) {
    case PLAN_P_SERVICE:
        return x->any > 0;
    case PLAN_P_PROVIDER:
        return true;
    case PLAN_P_WHERE:
    case TCS_P_EXISTS:
        return is_field(r, x->slot);
    case TCS_P_FIELDREF:
        return is_field(r, x->slot2) && (x->slot == PLAN_SLOT_KEYWORD || is_field(r, x->slot));
    default:
        return x->kind <= TCS_P_TIMEPART && (x->slot == PLAN_SLOT_KEYWORD || is_field(r, x->slot));
    }
}

static bool
pred_sound(const struct reader *r, const struct image_pred *x)
{
    return kind_sound(r, x) && x->cmp <= TCS_GE && x->part <= TCS_YEAR && x->bits <= 128 &&
           x->glob <= TCS_G_PATTERN && x->lit_kind <= TCS_G_PATTERN && x->lit <= x->text &&
           x->n <= x->text - x->lit && (x->text == 0 || sigma_image_has_text(x->kind)) &&
           (x->all == 0 || x->kind == TCS_P_RE) &&
           (x->any == 0 || x->kind == TCS_P_RE || sigma_image_has_alts(x->kind));
}

static unsigned
regex_flags(uint8_t flags)
{
    return (flags & TCS_PF_RE_I ? TCS_REGEX_I : 0u) | (flags & TCS_PF_RE_M ? TCS_REGEX_M : 0u) |
           (flags & TCS_PF_RE_S ? TCS_REGEX_S : 0u);
}

struct parts {
    struct texts texts, lits, alts;
    const double *nums;
    const uint8_t *addrs;
    uint32_t nnums, naddrs;
};

static void
get_pred(struct reader *r, const struct image_pred *x, struct parts *from, struct plan_pred *p)
{
    check(r, pred_sound(r, x));
    check(r, !sigma_image_has_num(x->kind) || from->nnums > 0);
    check(r, x->kind != TCS_P_CIDR || from->naddrs > 0);
    p->glob.pat = next_bytes(r, &from->texts, x->text);
    if (r->c.bad)
        return;
    p->kind = x->kind;
    p->flags = x->flags;
    p->cmp = x->cmp;
    p->part = x->part;
    p->bits = x->bits;
    p->slot = x->slot;
    p->slot2 = x->slot2;
    p->glob.kind = x->glob;
    p->glob.lit_kind = x->lit_kind;
    p->glob.lit = (struct tcs_str){p->glob.pat.p + x->lit, x->n};
    if (sigma_image_has_num(x->kind)) {
        p->num = *from->nums++;
        from->nnums--;
    }
    if (x->kind == TCS_P_CIDR) {
        memcpy(p->addr, from->addrs, sizeof p->addr);
        from->addrs += sizeof p->addr;
        from->naddrs--;
    }
    if (sigma_image_has_alts(x->kind)) {
        p->alts = next_list(r, &from->alts, x->any);
        p->nalts = x->any;
    }
    if (x->kind != TCS_P_RE)
        return;
    p->needs.any = next_list(r, &from->lits, x->any);
    p->needs.all = next_list(r, &from->lits, x->all);
    p->needs.nany = x->any;
    p->needs.nall = x->all;
    p->needs.exact = x->exact != 0;
    struct tcs_err ignored;
    if (!r->c.bad)
        check(r, tcs_match_regex_new(p->glob.pat, regex_flags(p->flags), &p->re, &ignored) == 0);
}

static void
get_preds(struct reader *r, uint32_t n)
{
    struct tcs_ruleset *rs = r->rs;
    struct parts from = {0};
    const struct image_pred *list = tcs_base_image_get_n(&r->c, sizeof *list, n);
    from.texts.at = tcs_base_image_get_array(&r->c, 1, &from.texts.left);
    from.nums = tcs_base_image_get_array(&r->c, sizeof *from.nums, &from.nnums);
    from.addrs = tcs_base_image_get_array(&r->c, 16, &from.naddrs);
    from.lits = get_texts(r);
    from.alts = get_texts(r);
    rs->preds = r->c.bad ? NULL : array(r, n, sizeof *rs->preds);
    rs->preds_kept = true;
    for (; rs->npreds < n && !r->c.bad; rs->npreds++)
        get_pred(r, &list[rs->npreds], &from, &rs->preds[rs->npreds]);
    check(r, rs->npreds == 0 || rs->npreds == n);
}

/* --- views ------------------------------------------------------------------------------------ */

static const struct tcs_view *
view_of(struct reader *r, uint32_t rule, uint32_t view)
{
    check(r, rule < r->rs->nrules);
    if (r->c.bad)
        return NULL;
    struct answer *a = &r->answers[rule];
    if (!a->known)
        a->views = tcs_sigma_logsources_find(r->ls, &r->rs->rules[rule].logsource, &a->n);
    a->known = true;
    check(r, view < a->n);
    return r->c.bad ? NULL : &a->views[view];
}

static void
get_made(struct reader *r, uint32_t n)
{
    struct tcs_ruleset *rs = r->rs;
    uint32_t fields = tcs_event_fieldset_count(rs->fields);
    const struct image_made *list = tcs_base_image_get_n(&r->c, sizeof *list, n);
    rs->made = r->c.bad ? NULL : calloc((size_t)n + 1, sizeof *rs->made);
    check(r, rs->made != NULL);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        const struct tcs_view *v = view_of(r, list[i].rule, list[i].view);
        check(r, v && list[i].field < v->nfields);
        if (!r->c.bad)
            check(r, sigma_plan_made(rs, &v->fields[list[i].field], &rs->made[i], r->err) == 0);
    }
    check(r, tcs_event_fieldset_count(rs->fields) == fields); /* it names what they are made of */
}

static void *
get_copy(struct reader *r, size_t size, uint32_t *n)
{
    const void *from = tcs_base_image_get_array(&r->c, size, n);
    void *p = r->c.bad ? NULL : calloc((size_t)*n + 1, size);
    check(r, p != NULL);
    if (p)
        memcpy(p, from, *n * size);
    return p;
}

static void
get_doubts(struct reader *r)
{
    r->rs->doubts = get_copy(r, sizeof *r->rs->doubts, &r->rs->ndoubts);
    r->rs->doubt_lists = get_copy(r, sizeof *r->rs->doubt_lists, &r->rs->ndoubt_lists);
}

/* --- groups ----------------------------------------------------------------------------------- */

/* A predicate that stands for one of the rule's: about fields, two if the rule's is about two. */
static bool
doubted_sound(const struct tcs_ruleset *rs, uint32_t pred, uint8_t kind)
{
    if (pred >= rs->npreds)
        return false;
    uint8_t own = rs->preds[pred].kind;
    return own < PLAN_P_PROVIDER && (kind != TCS_P_FIELDREF || own == TCS_P_FIELDREF);
}

/* The doubt of an entry: it is about that rule's predicates, and about fields that there are. */
static bool
doubt_sound(const struct reader *r, const struct plan_entry *e)
{
    const struct tcs_ruleset *rs = r->rs;
    if (e->doubt == PLAN_NONE)
        return true;
    if (e->doubt >= rs->ndoubts || !e->view)
        return false;
    const struct plan_doubt *d = &rs->doubts[e->doubt];
    const uint32_t *preds = rs->doubt_lists + d->preds, *slots = rs->doubt_lists + d->slots;
    uint32_t n = rs->rules[e->rule].npreds, left = rs->ndoubt_lists;
    if (d->preds > left || n > left - d->preds || d->slots > left || d->nslots > left - d->slots)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (preds[i] != PLAN_NONE && !doubted_sound(rs, preds[i], rs->rules[e->rule].preds[i].kind))
            return false;
    for (uint32_t i = 0; i < d->nslots; i++)
        if (!is_field(r, slots[i]))
            return false;
    return true;
}

/* Exits lead to what was written before, so that programs end. */
static bool
code_sound(const struct tcs_ruleset *rs, const struct plan_group *g)
{
    for (uint32_t i = 0; i < g->ncode; i++) {
        const struct plan_instr *in = &g->code[i];
        if ((in->pred & ~PLAN_SCANNED) >= rs->npreds ||
            (in->on_true >= i && in->on_true < PLAN_FALSE) ||
            (in->on_false >= i && in->on_false < PLAN_FALSE))
            return false;
    }
    return true;
}

static bool
marks_sound(const struct tcs_ruleset *rs, const struct plan_group *g)
{
    for (uint32_t i = 0; i < g->ntriggers; i++) {
        const struct plan_fire *f = &g->fires[i];
        if ((f->pred >= rs->npreds && f->pred != PLAN_NONE) || f->first > g->nmarks ||
            f->n > g->nmarks - f->first)
            return false;
    }
    for (uint32_t i = 0; i < g->nmarks; i++)
        if (g->marks[i].word >= g->words * g->columns)
            return false;
    return true;
}

static void
get_entries(struct reader *r, struct plan_group *g)
{
    const struct image_entry *list = tcs_base_image_get_array(&r->c, sizeof *list, &g->nentries);
    g->entries = r->c.bad ? NULL : array(r, g->nentries, sizeof *g->entries);
    for (uint32_t i = 0; i < g->nentries && !r->c.bad; i++) {
        struct plan_entry *e = &g->entries[i];
        *e = (struct plan_entry){
            .rule = list[i].rule, .start = list[i].start, .doubt = list[i].doubt};
        check(r, e->rule < r->rs->nrules && (i == 0 || e->rule >= list[i - 1].rule));
        if (!r->c.bad && list[i].view != PLAN_NONE)
            e->view = view_of(r, e->rule, list[i].view);
        if (!r->c.bad)
            check(r, doubt_sound(r, e));
    }
}

static void
get_field(struct reader *r, const struct plan_group *g, struct plan_field *f)
{
    const struct image_field *x = tcs_base_image_get_n(&r->c, sizeof *x, 1);
    f->nums = tcs_base_image_get_array(&r->c, sizeof *f->nums, &f->nnums);
    if (r->c.bad)
        return;
    f->slot = x->slot;
    f->present = x->present;
    f->text_only = x->text_only != 0;
    check(r, x->present == PLAN_NONE || x->present < g->ntriggers);
    for (uint32_t i = 0; i < f->nnums; i++)
        check(r, f->nums[i].trigger < g->ntriggers);
    if (!r->c.bad && x->lits)
        f->lits = tcs_match_litset_view(&r->c, r->rs->arena, g->ntriggers);
    check(r, !x->lits || f->lits);
}

static void
get_fields(struct reader *r, struct plan_group *g)
{
    g->nfields = tcs_base_image_get_most(&r->c, UINT16_MAX - 1);
    g->fields = array(r, g->nfields, sizeof *g->fields);
    for (uint32_t i = 0; i < g->nfields && !r->c.bad; i++)
        get_field(r, g, &g->fields[i]);
    if (!r->c.bad)
        get_field(r, g, &g->rest);
    for (uint32_t i = 0; i < r->nslots && !r->c.bad; i++)
        check(r, g->field_of[i] <= g->nfields);
}

static struct plan_group *
get_group(struct reader *r)
{
    struct tcs_ruleset *rs = r->rs;
    struct plan_group *g = array(r, 1, sizeof *g);
    const struct image_group *x = tcs_base_image_get_n(&r->c, sizeof *x, 1);
    if (r->c.bad)
        return NULL;
    get_entries(r, g);
    g->words = x->words;
    g->columns = x->columns;
    check(r, g->words == g->nentries / 64 + (g->nentries % 64 != 0) && g->columns <= PLAN_CLAUSES);
    g->code = tcs_base_image_get_array(&r->c, sizeof *g->code, &g->ncode);
    g->made = tcs_base_image_get_array(&r->c, sizeof *g->made, &g->nmade);
    g->start = tcs_base_image_get_n(&r->c, sizeof *g->start, (size_t)g->words * g->columns);
    g->field_of = tcs_base_image_get_n(&r->c, sizeof *g->field_of, r->nslots);
    g->fires = tcs_base_image_get_array(&r->c, sizeof *g->fires, &g->ntriggers);
    g->marks = tcs_base_image_get_array(&r->c, sizeof *g->marks, &g->nmarks);
    if (r->c.bad)
        return NULL;
    for (uint32_t i = 0; i < g->nentries; i++)
        check(r, g->entries[i].start < g->ncode || g->entries[i].start >= PLAN_FALSE);
    for (uint32_t i = 0; i < g->nmade; i++)
        check(r, g->made[i] < rs->nmade);
    check(r, code_sound(rs, g) && marks_sound(rs, g));
    get_fields(r, g);
    if (g->ntriggers > rs->most_triggers)
        rs->most_triggers = g->ntriggers;
    if (g->words * g->columns > rs->most_words)
        rs->most_words = g->words * g->columns;
    return r->c.bad ? NULL : g;
}

static void
get_groups(struct reader *r, uint32_t n)
{
    struct tcs_ruleset *rs = r->rs;
    check(r, n <= tcs_base_cur_left(&r->c));
    rs->groups = r->c.bad ? NULL : calloc((size_t)n + 1, sizeof(void *));
    check(r, rs->groups != NULL);
    for (; rs->ngroups < n && !r->c.bad; rs->ngroups++) {
        struct plan_group *g = get_group(r);
        if (!g)
            return;
        g->number = rs->ngroups;
        rs->groups[rs->ngroups] = g;
    }
}

/* --- routes ----------------------------------------------------------------------------------- */

static struct plan_base *
get_base(struct reader *r)
{
    struct plan_base *b = array(r, 1, sizeof *b);
    if (!b)
        return NULL;
    b->ids = tcs_base_image_get_array(&r->c, sizeof *b->ids, &b->nids);
    const uint32_t *groups = tcs_base_image_get_n(&r->c, sizeof *groups, (size_t)b->nids + 2);
    b->groups = r->c.bad ? NULL : array(r, (size_t)b->nids + 2, sizeof(void *));
    for (uint32_t i = 0; b->groups && i < b->nids + 2; i++) {
        check(r, groups[i] < r->rs->ngroups);
        if (!r->c.bad)
            b->groups[i] = r->rs->groups[groups[i]];
    }
    return r->c.bad ? NULL : b;
}

static void
get_bases(struct reader *r, uint32_t n)
{
    struct tcs_ruleset *rs = r->rs;
    check(r, n <= tcs_base_cur_left(&r->c));
    rs->bases = r->c.bad ? NULL : calloc((size_t)n + 1, sizeof(void *));
    check(r, rs->bases != NULL);
    for (; rs->nbases < n && !r->c.bad; rs->nbases++) {
        struct plan_base *b = get_base(r);
        if (!b)
            return;
        b->number = rs->nbases;
        rs->bases[rs->nbases] = b;
    }
}

static void
get_products(struct reader *r)
{
    struct tcs_ruleset *rs = r->rs;
    struct plan_routes *to = &rs->routes;
    to->product = r->c.bad ? NULL : array(r, to->products.count + 1u, sizeof *to->product);
    for (uint32_t i = 0; i <= to->products.count && !r->c.bad; i++) {
        struct plan_product *p = &to->product[i];
        const uint32_t *bases = tcs_base_image_get_array(&r->c, sizeof *bases, &p->nbases);
        p->channels = tcs_base_image_get_n(&r->c, sizeof *p->channels, to->channels.count + 1u);
        p->bases = r->c.bad ? NULL : array(r, p->nbases, sizeof(void *));
        for (uint32_t k = 0; k < p->nbases && !r->c.bad; k++) {
            check(r, bases[k] < rs->nbases);
            if (!r->c.bad)
                p->bases[k] = rs->bases[bases[k]];
        }
        for (uint32_t k = 0; k <= to->channels.count && !r->c.bad; k++)
            check(r, p->channels[k] < p->nbases);
    }
}

/* --- all -------------------------------------------------------------------------------------- */

static void
get_all(struct reader *r)
{
    struct tcs_ruleset *rs = r->rs;
    const struct image_head *head = tcs_base_image_get_n(&r->c, sizeof *head, 1);
    check(r, head && head->rules == rs->nrules && head->event_id_slot < head->fields &&
                 head->made < PLAN_SLOT_MADE && head->channels < UINT16_MAX &&
                 (uint64_t)head->fields + head->made < UINT16_MAX);
    if (r->c.bad)
        return;
    rs->event_id_slot = head->event_id_slot;
    rs->no_memory = head->no_memory != 0;
    rs->nmade = head->made;
    r->nslots = head->fields + head->made;
    get_names(r, head->fields);
    get_words(r, &rs->routes.products, head->products);
    get_words(r, &rs->routes.channels, head->channels);
    const uint8_t *reachable = tcs_base_image_get_n(&r->c, 1, rs->nrules);
    for (uint32_t i = 0; i < rs->nrules && !r->c.bad; i++)
        check(r, reachable[i] <= 1);
    rs->reachable = reachable;
    if (!r->c.bad)
        get_preds(r, head->preds);
    if (!r->c.bad)
        get_made(r, head->made);
    get_doubts(r);
    if (!r->c.bad)
        get_groups(r, head->groups);
    if (!r->c.bad)
        get_bases(r, head->bases);
    get_products(r);
    check(r, tcs_base_cur_left(&r->c) == 0);
}

int
tcs_sigma_ruleset_view(struct tcs_str image, const struct tcs_rule *rules, uint32_t n,
                       const struct tcs_logsources *ls, struct tcs_ruleset **ret,
                       struct tcs_err *err)
{
    struct reader r = {.c = tcs_base_cur(image.p, image.n), .ls = ls, .err = err};
    struct tcs_ruleset *rs = sigma_ruleset_new(rules, n);
    if (!rs)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the compiled rules");
    r.rs = rs;
    r.answers = array(&r, n, sizeof *r.answers);
    if (r.answers)
        get_all(&r);
    if (!r.c.bad) {
        *ret = rs;
        return 0;
    }
    bool memory = tcs_base_arena_failed(rs->arena);
    tcs_sigma_ruleset_free(rs);
    return memory ? tcs_base_fail(err, TCS_ENOMEM, "no memory for the compiled rules")
                  : tcs_base_fail(err, TCS_ECORRUPT, "the compiled rules are damaged");
}

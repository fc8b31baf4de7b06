/* sigma/logsource.c - the logsource table: merges what was added, answers with views.
 *
 * In: parsed tables (logsource_yaml.c), later ones on top of earlier ones.  Out: for a rule's
 * (product, category, service) an array of views, made on first demand and kept.  Does not look at
 * events (logsource_view.c does). */
#include "sigma/logsource.h"

#include "base/buf.h"
#include "base/grow.h"
#include "base/map.h"
#include "sigma/logsource_table.h"

#include <stdlib.h>

struct answer {
    struct tcs_view *views;
    uint32_t n;
};

/* What was answered already; tcs_sigma_logsources_find fills it behind its const. */
struct cache {
    struct tcs_map index;
    struct answer *answers;
    uint32_t n, cap;
    struct tcs_buf key; /* of the question in hand */
};

struct tcs_logsources {
    struct tcs_arena *arena;
    struct tcs_ls_product *products;
    struct cache *cache;
};

struct tcs_logsources *
tcs_sigma_logsources_new(void)
{
    struct tcs_logsources *ls = calloc(1, sizeof *ls);
    if (!ls)
        return NULL;
    ls->arena = tcs_base_arena_new(0);
    ls->cache = calloc(1, sizeof *ls->cache);
    if (!ls->arena || !ls->cache) {
        tcs_sigma_logsources_free(ls);
        return NULL;
    }
    return ls;
}

static void
cache_clear(struct cache *c)
{
    tcs_base_map_done(&c->index);
    tcs_base_buf_done(&c->key);
    free(c->answers);
    *c = (struct cache){0};
}

void
tcs_sigma_logsources_free(struct tcs_logsources *ls)
{
    if (!ls)
        return;
    if (ls->cache)
        cache_clear(ls->cache);
    free(ls->cache);
    tcs_base_arena_free(ls->arena);
    free(ls);
}

/* Merging ------------------------------------------------------------------------------------- */

static struct tcs_ls_spec *
find_spec(struct tcs_ls_spec *list, struct tcs_str name)
{
    while (list && !tcs_base_str_ieq(list->part.name, name))
        list = list->next;
    return list;
}

static struct tcs_ls_category *
find_category(const struct tcs_ls_product *p, struct tcs_str key)
{
    struct tcs_ls_category *c = p ? p->categories : NULL;
    while (c && !tcs_base_str_ieq(c->key, key))
        c = c->next;
    return c;
}

static struct tcs_ls_product *
find_product(const struct tcs_logsources *ls, struct tcs_str key)
{
    struct tcs_ls_product *p = ls->products;
    while (p && !tcs_base_str_ieq(p->key, key))
        p = p->next;
    return p;
}

/* `more` onto *list: an entry of the same name takes the old one's place in the order. */
static void
merge_specs(struct tcs_ls_spec **list, struct tcs_ls_spec *more)
{
    while (more) {
        struct tcs_ls_spec *next = more->next, **at = list;
        while (*at && !tcs_base_str_ieq((*at)->part.name, more->part.name))
            at = &(*at)->next;
        struct tcs_ls_spec *rest = *at ? (*at)->next : NULL;
        more->next = rest;
        *at = more->remove ? rest : more;
        more = next;
    }
}

static void
merge_category(struct tcs_ls_product *p, struct tcs_ls_category *more)
{
    struct tcs_ls_category **at = &p->categories;
    while (*at && !tcs_base_str_ieq((*at)->key, more->key))
        at = &(*at)->next;
    struct tcs_ls_category *old = *at;
    if (!old) {
        struct tcs_ls_spec *views = more->views;
        more->views = NULL;
        more->next = NULL;
        *at = more->remove ? NULL : more;
        merge_specs(&more->views, views);
    } else if (more->remove) {
        *at = old->next;
    } else {
        old->note = more->note;
        merge_specs(&old->views, more->views);
    }
}

/* The fields of a, then those of b that a does not name. */
static bool
merge_fields(struct tcs_arena *a, struct tcs_view *to, const struct tcs_view *more)
{
    struct tcs_view_field *all;
    uint32_t n = to->nfields;
    if (!more->nfields)
        return true;
    all = tcs_base_arena_array(a, (size_t)n + more->nfields, sizeof *all);
    if (!all)
        return false;
    if (n)
        memcpy(all, to->fields, n * sizeof *all);
    for (uint32_t i = 0; i < more->nfields; i++) {
        uint32_t k = 0;
        while (k < to->nfields && !tcs_base_str_eq(to->fields[k].name, more->fields[i].name))
            k++;
        if (k == to->nfields)
            all[n++] = more->fields[i];
    }
    to->fields = all;
    to->nfields = n;
    return true;
}

static bool
merge_native(struct tcs_arena *a, struct tcs_view *to, const struct tcs_view *more)
{
    struct tcs_str *all;
    if (!more->nnative)
        return true;
    all = tcs_base_arena_array(a, (size_t)to->nnative + more->nnative, sizeof *all);
    if (!all)
        return false;
    if (to->nnative)
        memcpy(all, to->native, to->nnative * sizeof *all);
    memcpy(all + to->nnative, more->native, more->nnative * sizeof *all);
    to->native = all;
    to->nnative += more->nnative;
    return true;
}

static bool
merge_product(struct tcs_logsources *ls, struct tcs_ls_product *more)
{
    struct tcs_ls_product *p = find_product(ls, more->key), **end = &ls->products;
    struct tcs_view common = more->common.part;
    if (!p) {
        p = tcs_base_arena_zalloc(ls->arena, sizeof *p);
        if (!p)
            return false;
        p->key = more->key;
        while (*end)
            end = &(*end)->next;
        *end = p;
    }
    /* the newer names win */
    if (!merge_fields(ls->arena, &common, &p->common.part) ||
        !merge_native(ls->arena, &common, &p->common.part))
        return false;
    common.fixed |= p->common.part.fixed;
    p->common.part = common;
    merge_specs(&p->shapes, more->shapes);
    merge_specs(&p->services, more->services);
    for (struct tcs_ls_category *c = more->categories, *next; c; c = next) {
        next = c->next;
        merge_category(p, c);
    }
    return true;
}

static int
unknown(const struct tcs_ls_spec *s, struct tcs_str path, const char *what, struct tcs_str name,
        struct tcs_err *err)
{
    int code =
        tcs_base_fail(err, TCS_EPARSE, "%.*s: entry %.*s names a %s that the table lacks: %.*s",
                      TCS_STR_FMT(path), TCS_STR_FMT(s->part.name), what, TCS_STR_FMT(name));
    if (err) {
        err->line = s->line;
        err->col = s->col;
    }
    return code;
}

/* Do the services and shapes that the specs name exist? */
static int
check_specs(const struct tcs_ls_product *p, const struct tcs_ls_spec *s, struct tcs_str path,
            struct tcs_err *err)
{
    for (; s; s = s->next) {
        if (s->log.n && !find_spec(p->services, s->log))
            return unknown(s, path, "log", s->log, err);
        if (s->shape.n && !find_spec(p->shapes, s->shape))
            return unknown(s, path, "shape", s->shape, err);
    }
    return 0;
}

static int
check(const struct tcs_logsources *ls, struct tcs_str path, struct tcs_err *err)
{
    for (const struct tcs_ls_product *p = ls->products; p; p = p->next) {
        int r = check_specs(p, p->services, path, err);
        for (const struct tcs_ls_category *c = p->categories; !r && c; c = c->next)
            r = check_specs(p, c->views, path, err);
        if (r)
            return r;
    }
    return 0;
}

int
tcs_sigma_logsources_add(struct tcs_logsources *ls, struct tcs_str path, struct tcs_str yaml,
                         struct tcs_err *err)
{
    struct tcs_ls_product *more = NULL;
    int r = tcs_sigma_ls_parse(ls->arena, path, yaml, &more, err);
    if (r)
        return r;
    cache_clear(ls->cache);
    for (; more; more = more->next)
        if (!merge_product(ls, more))
            return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    return check(ls, path, err);
}

/* Making views -------------------------------------------------------------------------------- */

/* Narrow one "any of these" condition by another: none means any.  False: nothing fits both. */
static bool
narrow_texts(struct tcs_arena *a, struct tcs_str **to, uint32_t *n, struct tcs_str *more,
             uint32_t nmore)
{
    uint32_t kept = 0;
    struct tcs_str *both;
    if (!*n || !nmore) {
        *to = *n ? *to : more;
        *n = *n ? *n : nmore;
        return true;
    }
    both = tcs_base_arena_array(a, *n, sizeof *both);
    for (uint32_t i = 0; both && i < *n; i++)
        for (uint32_t k = 0; k < nmore; k++)
            if (tcs_base_str_ieq((*to)[i], more[k])) {
                both[kept++] = (*to)[i];
                break;
            }
    *to = both;
    *n = kept;
    return kept != 0;
}

static bool
narrow_ids(struct tcs_arena *a, struct tcs_view *v, const struct tcs_view *more)
{
    uint32_t kept = 0, *both;
    if (!v->nevent_ids || !more->nevent_ids) {
        v->event_ids = v->nevent_ids ? v->event_ids : more->event_ids;
        v->nevent_ids = v->nevent_ids ? v->nevent_ids : more->nevent_ids;
        return true;
    }
    both = tcs_base_arena_array(a, v->nevent_ids, sizeof *both);
    for (uint32_t i = 0; both && i < v->nevent_ids; i++)
        for (uint32_t k = 0; k < more->nevent_ids; k++)
            if (v->event_ids[i] == more->event_ids[k]) {
                both[kept++] = v->event_ids[i];
                break;
            }
    v->event_ids = both;
    v->nevent_ids = kept;
    return kept != 0;
}

static bool
merge_where(struct tcs_arena *a, struct tcs_view *v, const struct tcs_view *more)
{
    const struct tcs_view_where *own = &v->where, *other = &more->where;
    size_t n = (size_t)own->n + other->n;
    struct tcs_str *field = tcs_base_arena_array(a, n + 1, sizeof *field);
    struct tcs_str *value = tcs_base_arena_array(a, n + 1, sizeof *value);
    if (!field || !value)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        field[i] = i < own->n ? own->fields[i] : other->fields[i - own->n];
        value[i] = i < own->n ? own->values[i] : other->values[i - own->n];
    }
    v->where = (struct tcs_view_where){field, value, (uint32_t)n};
    return true;
}

/* Add the conditions and fields of `more` to v, whose own fields win.  False: no event can be in
 * both (or no memory, which leaves the arena's flag set). */
static bool
combine(struct tcs_arena *a, struct tcs_view *v, const struct tcs_view *more)
{
    if (v->service.n && more->service.n && !tcs_base_str_ieq(v->service, more->service))
        return false;
    if (!v->service.n)
        v->service = more->service;
    if (!narrow_texts(a, &v->channels, &v->nchannels, more->channels, more->nchannels) ||
        !narrow_texts(a, &v->providers, &v->nproviders, more->providers, more->nproviders) ||
        !narrow_ids(a, v, more) || !merge_where(a, v, more))
        return false;
    v->closed |= more->closed;
    v->fixed |= more->fixed;
    v->sparse |= more->sparse;
    return merge_fields(a, v, more) && merge_native(a, v, more);
}

/* A view of one spec with all that it refers to.  False: it can hold no event. */
static bool
make(const struct tcs_logsources *ls, const struct tcs_ls_product *p, const struct tcs_ls_spec *s,
     struct tcs_view *v)
{
    const struct tcs_ls_spec *shape = s->shape.n ? find_spec(p->shapes, s->shape) : NULL;
    const struct tcs_ls_spec *log = s->log.n ? find_spec(p->services, s->log) : NULL;
    *v = s->part;
    if (shape && !combine(ls->arena, v, &shape->part))
        return false;
    if (log) {
        struct tcs_view base;
        if (!make(ls, p, &(struct tcs_ls_spec){.part = log->part, .shape = log->shape}, &base) ||
            !combine(ls->arena, v, &base))
            return false;
    }
    v->product = p->key;
    v->fixed |= p->common.part.fixed;
    return merge_fields(ls->arena, v, &p->common.part) &&
           merge_native(ls->arena, v, &p->common.part);
}

static uint32_t
count_specs(const struct tcs_ls_spec *s)
{
    uint32_t n = 0;
    for (; s; s = s->next)
        n++;
    return n;
}

/* The views of one product that `want` means, appended to out (which has room). */
static uint32_t
collect(const struct tcs_logsources *ls, const struct tcs_ls_product *p,
        const struct tcs_logsource *want, struct tcs_view *out)
{
    const struct tcs_ls_spec *service = find_spec(p->services, want->service);
    const struct tcs_ls_category *cat = find_category(p, want->category);
    uint32_t n = 0;
    if (!want->category.n) {
        const struct tcs_ls_spec *s =
            want->service.n ? service
                            : &(struct tcs_ls_spec){.part = {.name = p->key, .product = p->key}};
        return s && !s->note.n && make(ls, p, s, out);
    }
    for (const struct tcs_ls_spec *s = cat ? cat->views : NULL; s; s = s->next) {
        struct tcs_view by_service = {.service = want->service};
        if (!make(ls, p, s, &out[n]))
            continue;
        if (want->service.n && service && !make(ls, p, service, &by_service))
            continue;
        if (!want->service.n || combine(ls->arena, &out[n], &by_service))
            n++;
    }
    return n;
}

static struct answer
answer(const struct tcs_logsources *ls, const struct tcs_logsource *want)
{
    struct answer a = {0};
    uint32_t room = 0;
    for (const struct tcs_ls_product *p = ls->products; p; p = p->next) {
        const struct tcs_ls_category *cat = find_category(p, want->category);
        room += 1 + (cat ? count_specs(cat->views) : 0);
    }
    a.views = tcs_base_arena_array(ls->arena, (size_t)room + 1, sizeof *a.views);
    if (!a.views || (!want->product.n && !want->category.n && !want->service.n))
        return a;
    for (const struct tcs_ls_product *p = ls->products; p; p = p->next)
        if (!want->product.n || tcs_base_str_ieq(p->key, want->product))
            a.n += collect(ls, p, want, a.views + a.n);
    return a;
}

static uint32_t
remember(const struct tcs_logsources *ls, struct answer a)
{
    struct cache *c = ls->cache;
    struct tcs_str key = tcs_base_arena_str(ls->arena, tcs_base_buf_view(&c->key));
    if (!key.p || !tcs_base_grow(&c->answers, &c->cap, c->n, 1, sizeof *c->answers) ||
        tcs_base_map_put(&c->index, key, c->n))
        return TCS_MAP_NONE;
    c->answers[c->n] = a;
    return c->n++;
}

const struct tcs_view *
tcs_sigma_logsources_find(const struct tcs_logsources *ls, const struct tcs_logsource *want,
                          uint32_t *n)
{
    struct cache *c = ls->cache;
    c->key.n = 0;
    tcs_base_buf_str(&c->key, want->product);
    tcs_base_buf_c(&c->key, '\n');
    tcs_base_buf_str(&c->key, want->category);
    tcs_base_buf_c(&c->key, '\n');
    tcs_base_buf_str(&c->key, want->service);
    uint32_t at =
        c->key.failed ? TCS_MAP_NONE : tcs_base_map_get(&c->index, tcs_base_buf_view(&c->key));
    if (at == TCS_MAP_NONE)
        at = remember(ls, answer(ls, want));
    *n = at == TCS_MAP_NONE ? 0 : c->answers[at].n;
    return *n ? c->answers[at].views : NULL;
}

struct tcs_str
tcs_sigma_logsources_note(const struct tcs_logsources *ls, const struct tcs_logsource *want)
{
    for (const struct tcs_ls_product *p = ls->products; p; p = p->next) {
        const struct tcs_ls_category *cat = find_category(p, want->category);
        const struct tcs_ls_spec *service = find_spec(p->services, want->service);
        if (want->product.n && !tcs_base_str_ieq(p->key, want->product))
            continue;
        if (want->category.n && cat && cat->note.n)
            return cat->note;
        if (want->service.n && service && service->note.n)
            return service->note;
    }
    return (struct tcs_str){NULL, 0};
}

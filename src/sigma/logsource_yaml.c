/* sigma/logsource_yaml.c - YAML text of a logsource table -> its products, services, categories.
 *
 * Checks the form of every entry; whether a named service or shape exists is logsource.c's
 * question, since tables add up.  Aliases are followed, never expanded, and only where the grammar
 * has a place for their value, so that the work is bounded by the text times the grammar's depth.
 */
#include "base/limits.h"
#include "base/num.h"
#include "sigma/logsource_table.h"

#include <libfyaml.h>

struct ctx {
    struct tcs_arena *a;
    struct tcs_str path;
    struct tcs_err *err;
};

/* An error at the place of scalar `at` (the nearest key, usually). */
static int
bad(const struct ctx *c, struct fy_node *at, const char *text)
{
    struct fy_token *token = at ? fy_node_get_scalar_token(at) : NULL;
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    int code = tcs_fail(c->err, TCS_EPARSE, "%.*s: %s", TCS_STR_FMT(c->path), text);
    if (c->err && mark) {
        c->err->line = (uint32_t)mark->line + 1;
        c->err->col = (uint32_t)mark->column + 1;
    }
    return code;
}

static int
no_memory(const struct ctx *c)
{
    return tcs_fail(c->err, TCS_ENOMEM, "out of memory");
}

/* What an alias stands for; an anchor cannot name an alias, so once is enough. */
static struct fy_node *
plain(struct fy_node *n)
{
    return n && fy_node_is_alias(n) ? fy_node_resolve_alias(n) : n;
}

static bool
is_text(struct fy_node *n)
{
    return n && fy_node_is_scalar(n);
}

/* The scalar's text, copied.  {NULL,0} when there is none. */
static struct tcs_str
text_of(const struct ctx *c, struct fy_node *n)
{
    size_t len = 0;
    const char *p = is_text(n) ? fy_node_get_scalar(n, &len) : NULL;
    return p ? tcs_arena_str(c->a, (struct tcs_str){p, len}) : (struct tcs_str){NULL, 0};
}

static uint32_t
count_of(struct fy_node *n)
{
    int k = fy_node_is_sequence(n)  ? fy_node_sequence_item_count(n)
            : fy_node_is_mapping(n) ? fy_node_mapping_item_count(n)
                                    : 1;
    return k > 0 ? (uint32_t)k : 0;
}

/* A text or a list of texts. */
static int
texts(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_str **ret,
      uint32_t *count)
{
    struct fy_node *item = n;
    void *iter = NULL;
    *count = 0;
    if (!n || fy_node_is_mapping(n))
        return bad(c, at, "a text or a list of texts is expected here");
    *ret = tcs_arena_array(c->a, count_of(n) + 1, sizeof **ret);
    if (!*ret)
        return no_memory(c);
    if (fy_node_is_sequence(n))
        item = fy_node_sequence_iterate(n, &iter);
    while (item) {
        if (!is_text(plain(item)))
            return bad(c, at, "the items of this list must be texts");
        (*ret)[(*count)++] = text_of(c, plain(item));
        item = fy_node_is_sequence(n) ? fy_node_sequence_iterate(n, &iter) : NULL;
    }
    return 0;
}

/* {a: b, ...} as two arrays. */
static int
pairs(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_view_field *f)
{
    struct fy_node_pair *pair;
    void *iter = NULL;
    if (!n || !fy_node_is_mapping(n))
        return bad(c, at, "pairs {FROM: TO} are expected here");
    f->from = tcs_arena_array(c->a, count_of(n) + 1, sizeof *f->from);
    f->to = tcs_arena_array(c->a, count_of(n) + 1, sizeof *f->to);
    if (!f->from || !f->to)
        return no_memory(c);
    while ((pair = fy_node_mapping_iterate(n, &iter))) {
        struct fy_node *to = plain(fy_node_pair_value(pair));
        if (!is_text(fy_node_pair_key(pair)) || !is_text(to))
            return bad(c, at, "both sides of a pair must be texts");
        f->from[f->npairs] = text_of(c, fy_node_pair_key(pair));
        f->to[f->npairs++] = text_of(c, to);
    }
    return 0;
}

static int
field_as(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_view_field *f)
{
    struct tcs_str how = text_of(c, n);
    if (tcs_str_eq(how, TCS_STR("decimal")))
        f->rewrite = TCS_RW_DECIMAL;
    else if (tcs_str_eq(how, TCS_STR("hex")))
        f->rewrite = TCS_RW_HEX;
    else
        return bad(c, at, "`as` is decimal or hex");
    return 0;
}

/* One key of {from: .., REWRITE}. */
static int
field_key(const struct ctx *c, struct fy_node *key, struct fy_node *n, struct tcs_view_field *f)
{
    struct tcs_str k = text_of(c, key);
    if (tcs_str_eq(k, TCS_STR("from")))
        return texts(c, key, n, &f->sources, &f->nsources);
    if (tcs_str_eq(k, TCS_STR("as")))
        return field_as(c, key, n, f);
    if (tcs_str_eq(k, TCS_STR("map"))) {
        f->rewrite = TCS_RW_MAP;
        return pairs(c, key, n, f);
    }
    if (tcs_str_eq(k, TCS_STR("prefix"))) {
        if (f->rewrite == TCS_RW_NONE)
            f->rewrite = TCS_RW_PREFIX;
        return pairs(c, key, n, f);
    }
    if (!is_text(n))
        return bad(c, key, "a text is expected here");
    if (tcs_str_eq(k, TCS_STR("join"))) {
        f->rewrite = TCS_RW_JOIN;
        f->sep = text_of(c, n);
    } else if (tcs_str_eq(k, TCS_STR("part"))) {
        f->rewrite = TCS_RW_PART;
        f->from = tcs_arena_array(c->a, 1, sizeof *f->from);
        if (!f->from)
            return no_memory(c);
        f->from[0] = text_of(c, n);
    } else if (tcs_str_eq(k, TCS_STR("by"))) {
        f->sep = text_of(c, n);
    } else {
        return bad(c, key, "a field has from, as, map, prefix, join, part and by");
    }
    return 0;
}

static int
field(const struct ctx *c, struct fy_node *key, struct fy_node *n, struct tcs_view_field *f)
{
    struct fy_node_pair *pair;
    void *iter = NULL;
    int r = 0;
    f->name = text_of(c, key);
    if (!f->name.n || !n)
        return bad(c, key, "a field is NAME: FROM");
    if (!fy_node_is_mapping(n))
        return texts(c, key, n, &f->sources, &f->nsources);
    while (!r && (pair = fy_node_mapping_iterate(n, &iter)))
        r = field_key(c, fy_node_pair_key(pair), plain(fy_node_pair_value(pair)), f);
    if (r)
        return r;
    if (!f->nsources)
        return bad(c, key, "the field says nothing about where it comes from: `from` is missing");
    if (f->rewrite == TCS_RW_PART && !f->sep.n)
        return bad(c, key, "`part` needs `by`: the text that separates the parts");
    return 0;
}

static int
fields(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    struct fy_node_pair *pair;
    void *iter = NULL;
    int r = 0;
    if (!n || !fy_node_is_mapping(n))
        return bad(c, at, "fields are NAME: FROM");
    s->part.fields = tcs_arena_array(c->a, count_of(n) + 1, sizeof *s->part.fields);
    if (!s->part.fields)
        return no_memory(c);
    s->part.nfields = 0;
    while (!r && (pair = fy_node_mapping_iterate(n, &iter)))
        r = field(c, fy_node_pair_key(pair), plain(fy_node_pair_value(pair)),
                  &s->part.fields[s->part.nfields++]);
    return r;
}

static int
native(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    return texts(c, at, n, &s->part.native, &s->part.nnative);
}

static int
channels(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    return texts(c, at, n, &s->part.channels, &s->part.nchannels);
}

static int
providers(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    return texts(c, at, n, &s->part.providers, &s->part.nproviders);
}

static int
event_ids(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    struct tcs_str *words;
    uint32_t count;
    int r = texts(c, at, n, &words, &count);
    if (r)
        return r;
    s->part.event_ids = tcs_arena_array(c->a, count + 1, sizeof *s->part.event_ids);
    if (!s->part.event_ids)
        return no_memory(c);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t id;
        if (!tcs_num_u64(words[i], &id) || id >= TCS_EVENT_ID_NONE)
            return bad(c, at, "an event id is a number");
        s->part.event_ids[i] = (uint32_t)id;
    }
    s->part.nevent_ids = count;
    return 0;
}

static int
where(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    struct tcs_view_field f = {0};
    int r = pairs(c, at, n, &f);
    s->part.where_field = f.from;
    s->part.where_value = f.to;
    s->part.nwhere = f.npairs;
    return r;
}

static int
word(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_str *ret)
{
    *ret = text_of(c, n);
    return is_text(n) ? 0 : bad(c, at, "a text is expected here");
}

static int
flag(const struct ctx *c, struct fy_node *at, struct fy_node *n, bool *ret)
{
    struct tcs_str t = text_of(c, n);
    *ret = tcs_str_eq(t, TCS_STR("true"));
    return *ret || tcs_str_eq(t, TCS_STR("false")) ? 0 : bad(c, at, "true or false");
}

#define WORD(member)                                                                               \
    static int k_##member(const struct ctx *c, struct fy_node *at, struct fy_node *n,              \
                          struct tcs_ls_spec *s)                                                   \
    {                                                                                              \
        return word(c, at, n, &s->member);                                                         \
    }
#define FLAG(id, member)                                                                           \
    static int k_##id(const struct ctx *c, struct fy_node *at, struct fy_node *n,                  \
                      struct tcs_ls_spec *s)                                                       \
    {                                                                                              \
        return flag(c, at, n, &s->member);                                                         \
    }
WORD(log)
WORD(shape)
WORD(note)
FLAG(closed, part.closed)
FLAG(sparse, part.sparse)
FLAG(remove, remove)

static int
k_name(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    return word(c, at, n, &s->part.name);
}

static int
k_service(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s)
{
    return word(c, at, n, &s->part.service);
}

enum { IN_SHAPE = 1, IN_SERVICE = 2, IN_VIEW = 4 };

static const struct spec_key {
    const char *key;
    int (*parse)(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_spec *s);
    unsigned in;
} spec_keys[] = {
    {"name", k_name, IN_VIEW},
    {"log", k_log, IN_VIEW},
    {"shape", k_shape, IN_VIEW | IN_SERVICE},
    {"note", k_note, IN_SERVICE},
    {"service", k_service, IN_SERVICE | IN_VIEW},
    {"channels", channels, IN_SERVICE | IN_VIEW},
    {"providers", providers, IN_SERVICE | IN_VIEW},
    {"event_id", event_ids, IN_SERVICE | IN_VIEW},
    {"where", where, IN_SERVICE | IN_VIEW},
    {"fields", fields, IN_SHAPE | IN_SERVICE | IN_VIEW},
    {"native", native, IN_SHAPE | IN_SERVICE | IN_VIEW},
    {"closed", k_closed, IN_SHAPE | IN_SERVICE | IN_VIEW},
    {"sparse", k_sparse, IN_SHAPE | IN_SERVICE | IN_VIEW},
    {"remove", k_remove, IN_SHAPE | IN_SERVICE | IN_VIEW},
};

static int
spec_key(const struct ctx *c, struct fy_node_pair *pair, unsigned in, struct tcs_ls_spec *s)
{
    struct fy_node *key = fy_node_pair_key(pair);
    struct tcs_str k = text_of(c, key);
    for (size_t i = 0; i < sizeof spec_keys / sizeof *spec_keys; i++)
        if (tcs_str_eq(k, tcs_str_of(spec_keys[i].key)) && (spec_keys[i].in & in))
            return spec_keys[i].parse(c, key, plain(fy_node_pair_value(pair)), s);
    return bad(c, key, "unknown key; the table's head lists the keys");
}

static int
spec(const struct ctx *c, struct fy_node *at, struct fy_node *n, unsigned in, struct tcs_ls_spec *s)
{
    struct fy_token *token = at ? fy_node_get_scalar_token(at) : NULL;
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    struct fy_node_pair *pair;
    void *iter = NULL;
    int r = 0;
    s->line = mark ? (uint32_t)mark->line + 1 : 0;
    s->col = mark ? (uint32_t)mark->column + 1 : 0;
    if (!n || !fy_node_is_mapping(n))
        return bad(c, at, "an entry is a map of keys");
    while (!r && (pair = fy_node_mapping_iterate(n, &iter)))
        r = spec_key(c, pair, in, s);
    return r;
}

/* NAME: {spec} pairs, appended to *list. */
static int
named_specs(const struct ctx *c, struct fy_node *at, struct fy_node *n, unsigned in,
            struct tcs_ls_spec **list)
{
    struct fy_node_pair *pair;
    void *iter = NULL;
    int r = 0;
    if (!n || !fy_node_is_mapping(n))
        return bad(c, at, "named entries are expected here");
    while (!r && (pair = fy_node_mapping_iterate(n, &iter))) {
        struct tcs_ls_spec *s = tcs_arena_zalloc(c->a, sizeof *s);
        if (!s)
            return no_memory(c);
        s->part.name = text_of(c, fy_node_pair_key(pair));
        r = spec(c, fy_node_pair_key(pair), plain(fy_node_pair_value(pair)), in, s);
        *list = s;
        list = &s->next;
    }
    return r;
}

/* [{spec}...] */
static int
views(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_category *cat)
{
    struct tcs_ls_spec **list = &cat->views;
    struct fy_node *item;
    void *iter = NULL;
    int r = 0;
    while (!r && (item = plain(fy_node_sequence_iterate(n, &iter)))) {
        struct tcs_ls_spec *s = tcs_arena_zalloc(c->a, sizeof *s);
        if (!s)
            return no_memory(c);
        r = spec(c, at, item, IN_VIEW, s);
        if (!r && !s->part.name.n)
            return bad(c, at, "a view of this category has no `name`");
        *list = s;
        list = &s->next;
    }
    return r;
}

/* A category is a list of views, or {note: ...} or {remove: true}. */
static int
category(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_category *cat)
{
    struct tcs_ls_spec s = {0};
    int r;
    cat->key = text_of(c, at);
    if (n && fy_node_is_sequence(n))
        return views(c, at, n, cat);
    r = spec(c, at, n, IN_SERVICE, &s);
    cat->note = s.note;
    cat->remove = s.remove;
    if (!r && !s.note.n && !s.remove)
        return bad(c, at, "a category is a list of views, or has a note, or remove: true");
    return r;
}

static int
categories(const struct ctx *c, struct fy_node *at, struct fy_node *n, struct tcs_ls_product *p)
{
    struct tcs_ls_category **list = &p->categories;
    struct fy_node_pair *pair;
    void *iter = NULL;
    int r = 0;
    if (!n || !fy_node_is_mapping(n))
        return bad(c, at, "categories are CATEGORY: [views]");
    while (!r && (pair = fy_node_mapping_iterate(n, &iter))) {
        struct tcs_ls_category *cat = tcs_arena_zalloc(c->a, sizeof *cat);
        if (!cat)
            return no_memory(c);
        r = category(c, fy_node_pair_key(pair), plain(fy_node_pair_value(pair)), cat);
        *list = cat;
        list = &cat->next;
    }
    return r;
}

static int
product_key(const struct ctx *c, struct fy_node *key, struct fy_node *n, struct tcs_ls_product *p)
{
    struct tcs_str k = text_of(c, key);
    if (tcs_str_eq(k, TCS_STR("fields")))
        return fields(c, key, n, &p->common);
    if (tcs_str_eq(k, TCS_STR("native")))
        return native(c, key, n, &p->common);
    if (tcs_str_eq(k, TCS_STR("shapes")))
        return named_specs(c, key, n, IN_SHAPE, &p->shapes);
    if (tcs_str_eq(k, TCS_STR("services")))
        return named_specs(c, key, n, IN_SERVICE, &p->services);
    if (tcs_str_eq(k, TCS_STR("categories")))
        return categories(c, key, n, p);
    return bad(c, key, "a product has fields, native, shapes, services and categories");
}

static int
product(const struct ctx *c, struct fy_node_pair *pair, struct tcs_ls_product *p)
{
    struct fy_node *n = plain(fy_node_pair_value(pair));
    void *iter = NULL;
    int r = 0;
    p->key = text_of(c, fy_node_pair_key(pair));
    if (!n || !fy_node_is_mapping(n))
        return bad(c, fy_node_pair_key(pair), "a product is a map of keys");
    while (!r && (pair = fy_node_mapping_iterate(n, &iter)))
        r = product_key(c, fy_node_pair_key(pair), plain(fy_node_pair_value(pair)), p);
    return r;
}

static int
root_key(const struct ctx *c, struct fy_node_pair *pair, struct tcs_ls_product ***list)
{
    struct fy_node *key = fy_node_pair_key(pair), *n = plain(fy_node_pair_value(pair));
    void *iter = NULL;
    int r = 0;
    if (tcs_str_eq(text_of(c, key), TCS_STR("version")))
        return tcs_str_eq(text_of(c, n), TCS_STR("1")) ? 0 : bad(c, key, "version 1 is expected");
    if (!tcs_str_eq(text_of(c, key), TCS_STR("products")) || !n || !fy_node_is_mapping(n))
        return bad(c, key, "the table is {version: 1, products: {PRODUCT: ...}}");
    while (!r && (pair = fy_node_mapping_iterate(n, &iter))) {
        struct tcs_ls_product *p = tcs_arena_zalloc(c->a, sizeof *p);
        if (!p)
            return no_memory(c);
        r = product(c, pair, p);
        **list = p;
        *list = &p->next;
    }
    return r;
}

static int
root(const struct ctx *c, struct fy_node *n, struct tcs_ls_product **ret)
{
    struct fy_node_pair *pair;
    void *iter = NULL;
    int r = 0;
    if (!n || !fy_node_is_mapping(n))
        return bad(c, NULL, "not a logsource table: a map with `products` is expected");
    while (!r && (pair = fy_node_mapping_iterate(n, &iter)))
        r = root_key(c, pair, &ret);
    return r;
}

/* libfyaml's own first complaint, in our form. */
static int
syntax(const struct ctx *c, struct fy_diag *diag)
{
    void *iter = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &iter);
    int code = tcs_fail(c->err, TCS_EPARSE, "%.*s: %s", TCS_STR_FMT(c->path),
                        e && e->msg ? e->msg : "not a YAML document");
    if (e && c->err) {
        c->err->line = e->line > 0 ? (uint32_t)e->line : 0;
        c->err->col = e->column > 0 ? (uint32_t)e->column : 0;
    }
    return code;
}

int
tcs_ls_parse(struct tcs_arena *a, struct tcs_str path, struct tcs_str yaml,
             struct tcs_ls_product **ret, struct tcs_err *err)
{
    struct ctx c = {a, path, err};
    struct tcs_ls_product *products = NULL;
    if (yaml.n > TCS_RULE_FILE_MAX)
        return tcs_fail(err, TCS_ELIMIT, "%.*s: longer than %d bytes", TCS_STR_FMT(path),
                        TCS_RULE_FILE_MAX);
    struct fy_diag *diag = fy_diag_create(NULL);
    if (!diag)
        return no_memory(&c);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_document *doc = fy_document_build_from_string(&cfg, yaml.p, yaml.n);
    int r = doc ? root(&c, fy_document_root(doc), &products) : syntax(&c, diag);
    fy_document_destroy(doc);
    fy_diag_destroy(diag); /* an unref would keep the collected errors */
    if (!r && tcs_arena_failed(a))
        r = no_memory(&c);
    if (!r)
        *ret = products;
    return r;
}

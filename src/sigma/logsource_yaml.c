/* sigma/logsource_yaml.c - YAML text of a logsource table -> its products, services, categories.
 *
 * Checks the form of every entry; whether a named service or shape exists is logsource.c's
 * question, since tables add up. */
#include "base/limits.h"
#include "base/num.h"
#include "sigma/logsource_table.h"
#include "sigma/yaml.h"

struct ctx {
    struct tcs_arena *a;
    struct tcs_str path;
    struct tcs_err *err;
};

/* An error at `at`: the nearest key, usually. */
static int
bad(const struct ctx *c, const struct tcs_ynode *at, const char *text)
{
    int code = tcs_base_fail(c->err, TCS_EPARSE, "%.*s: %s", TCS_STR_FMT(c->path), text);
    if (c->err && at) {
        c->err->line = at->line;
        c->err->col = at->col;
    }
    return code;
}

static int
no_memory(const struct ctx *c)
{
    return tcs_base_fail(c->err, TCS_ENOMEM, "out of memory");
}

static bool
is_map(const struct tcs_ynode *n)
{
    return n->kind == TCS_Y_MAP;
}

static bool
is_text(const struct tcs_ynode *n)
{
    return n->kind == TCS_Y_SCALAR && n->type != TCS_YT_NULL;
}

static struct tcs_str
text_of(const struct tcs_ynode *n)
{
    return is_text(n) ? n->text : (struct tcs_str){NULL, 0};
}

/* What each part of the grammar does with one KEY: VALUE. */
typedef int each_pair(const struct ctx *c, const struct tcs_ynode *key,
                      const struct tcs_ynode *value, void *to);

/* All pairs of the map n, until one fails. */
static int
pairs_of(const struct ctx *c, const struct tcs_ynode *n, each_pair *f, void *to)
{
    int r = 0;
    for (size_t i = 0; !r && i < n->n; i++)
        r = f(c, n->kids[2 * i], n->kids[2 * i + 1], to);
    return r;
}

/* A text or a list of texts. */
static int
texts(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
      struct tcs_str **ret, uint32_t *count)
{
    bool list = n->kind == TCS_Y_SEQ;
    *count = list ? n->n : 1;
    if (is_map(n))
        return bad(c, at, "a text or a list of texts is expected here");
    *ret = tcs_base_arena_array(c->a, (size_t)*count + 1, sizeof **ret);
    if (!*ret)
        return no_memory(c);
    for (uint32_t i = 0; i < *count; i++) {
        const struct tcs_ynode *item = list ? n->kids[i] : n;
        if (!is_text(item))
            return bad(c, at, "the items of this list must be texts");
        (*ret)[i] = item->text;
    }
    return 0;
}

/* {a: b, ...} as two arrays. */
static int
pairs(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
      struct tcs_view_field *f)
{
    if (!is_map(n))
        return bad(c, at, "pairs {FROM: TO} are expected here");
    f->from = tcs_base_arena_array(c->a, (size_t)n->n + 1, sizeof *f->from);
    f->to = tcs_base_arena_array(c->a, (size_t)n->n + 1, sizeof *f->to);
    if (!f->from || !f->to)
        return no_memory(c);
    f->npairs = 0;
    for (size_t i = 0; i < n->n; i++) {
        if (!is_text(n->kids[2 * i]) || !is_text(n->kids[2 * i + 1]))
            return bad(c, at, "both sides of a pair must be texts");
        f->from[f->npairs] = n->kids[2 * i]->text;
        f->to[f->npairs++] = n->kids[2 * i + 1]->text;
    }
    return 0;
}

/* The keys of {from: .., REWRITE}. */
enum {
    SAW_FROM = 1,
    SAW_AS = 2,
    SAW_MAP = 4,
    SAW_PREFIX = 8,
    SAW_JOIN = 16,
    SAW_PART = 32,
    SAW_BY = 64,
    SAW_WHERE = 128 /* in a case; it goes with all the others */
};

static int
field_from(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
           struct tcs_view_field *f)
{
    return texts(c, at, n, &f->sources, &f->nsources);
}

static int
field_as(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
         struct tcs_view_field *f)
{
    static const struct {
        struct tcs_str word;
        uint8_t rewrite;
    } words[] = {{TCS_STR("decimal"), TCS_RW_DECIMAL},
                 {TCS_STR("hex"), TCS_RW_HEX},
                 {TCS_STR("data"), TCS_RW_DATA},
                 {TCS_STR("padded"), TCS_RW_PADDED}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tcs_base_str_eq(text_of(n), words[i].word)) {
            f->rewrite = words[i].rewrite;
            return 0;
        }
    return bad(c, at, "`as` is decimal, hex, data or padded");
}

static int
field_sep(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
          struct tcs_view_field *f)
{
    f->sep = text_of(n);
    return is_text(n) ? 0 : bad(c, at, "a text is expected here");
}

static int
field_part(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
           struct tcs_view_field *f)
{
    f->from = tcs_base_arena_array(c->a, 1, sizeof *f->from);
    if (!f->from)
        return no_memory(c);
    f->from[0] = text_of(n);
    return is_text(n) ? 0 : bad(c, at, "a text is expected here");
}

static int
conditions(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
           struct tcs_view_where *where)
{
    struct tcs_view_field f = {0};
    int r = pairs(c, at, n, &f);
    *where = (struct tcs_view_where){f.from, f.to, f.npairs};
    return r;
}

static int
field_where(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
            struct tcs_view_field *f)
{
    return conditions(c, at, n, &f->where);
}

static const struct {
    const char *key;
    int (*parse)(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
                 struct tcs_view_field *f);
    unsigned bit;
} field_keys[] = {
    {"from", field_from, SAW_FROM}, {"as", field_as, SAW_AS},
    {"map", pairs, SAW_MAP},        {"prefix", pairs, SAW_PREFIX},
    {"join", field_sep, SAW_JOIN},  {"part", field_part, SAW_PART},
    {"by", field_sep, SAW_BY},      {"where", field_where, SAW_WHERE},
};

/* Which keys go together, and the rewrite they mean. */
static const struct {
    unsigned bits;
    int rewrite; /* -1: the key has set it */
} field_shapes[] = {
    {SAW_FROM, TCS_RW_NONE},
    {SAW_FROM | SAW_AS, -1},
    {SAW_FROM | SAW_MAP, TCS_RW_MAP},
    {SAW_FROM | SAW_PREFIX, TCS_RW_PREFIX},
    {SAW_FROM | SAW_JOIN, TCS_RW_JOIN},
    {SAW_FROM | SAW_JOIN | SAW_PREFIX, TCS_RW_JOIN},
    {SAW_FROM | SAW_PART | SAW_BY, TCS_RW_PART},
};

/* A field under way. */
struct field_ctx {
    struct tcs_view_field *field;
    unsigned saw;
    bool is_case;
};

static int
field_key(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct field_ctx *f = to;
    for (size_t i = 0; i < sizeof field_keys / sizeof *field_keys; i++)
        if (tcs_base_str_eq(text_of(key), tcs_base_str_of(field_keys[i].key)) &&
            (f->is_case || field_keys[i].bit != SAW_WHERE)) {
            f->saw |= field_keys[i].bit;
            return field_keys[i].parse(c, key, n, f->field);
        }
    return bad(c, key,
               f->is_case ? "a case has from, as, map, prefix, join, part, by and where"
                          : "a field has from, as, map, prefix, join, part and by");
}

static int
field_data(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_view_field *f)
{
    static const struct tcs_event none;
    for (uint32_t i = 0; i < f->nsources; i++)
        if (!tcs_event_header(&none, f->sources[i]))
            return bad(c, key, "`as: data` is for Channel, Computer or Provider_Name");
    return 0;
}

static int
field_shape(const struct ctx *c, const struct tcs_ynode *key, const struct field_ctx *f)
{
    if (!(f->saw & SAW_FROM) || !f->field->nsources)
        return bad(c, key, "the field says nothing about where it comes from: `from` is missing");
    for (size_t i = 0; i < sizeof field_shapes / sizeof *field_shapes; i++)
        if (field_shapes[i].bits == (f->saw & ~(unsigned)SAW_WHERE)) {
            if (field_shapes[i].rewrite >= 0)
                f->field->rewrite = (uint8_t)field_shapes[i].rewrite;
            return f->field->rewrite == TCS_RW_DATA ? field_data(c, key, f->field) : 0;
        }
    return bad(c, key, "one rewrite at most: as, map, prefix, join (with prefix), or part with by");
}

/* {from: .., REWRITE}, with where in a case. */
static int
field_map(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, bool is_case,
          struct tcs_view_field *field)
{
    struct field_ctx f = {field, 0, is_case};
    int r = pairs_of(c, n, field_key, &f);
    return r ? r : field_shape(c, key, &f);
}

/* [{from: .., where: ..}...] */
static int
field_cases(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
            struct tcs_view_field *field)
{
    field->rewrite = TCS_RW_CASES;
    field->ncases = n->n;
    field->cases = tcs_base_arena_array(c->a, n->n, sizeof *field->cases);
    if (!field->cases)
        return no_memory(c);
    for (uint32_t i = 0; i < n->n; i++) {
        struct tcs_view_field *one = &field->cases[i];
        *one = (struct tcs_view_field){.name = field->name};
        if (!is_map(n->kids[i]))
            return bad(c, key, "a list of cases holds maps {from: .., where: ..} alone");
        int r = field_map(c, key, n->kids[i], true, one);
        if (r)
            return r;
        if (one->rewrite == TCS_RW_PADDED)
            return bad(c, key, "`as: padded` is for the whole field, not for a case of it");
        if (!one->where.n && i + 1 < n->n)
            return bad(c, key, "a case without `where` is always taken: it is the last");
    }
    return 0;
}

static int
field(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_ls_spec *s = to;
    struct tcs_view_field *f = &s->part.fields[s->part.nfields++];
    f->name = text_of(key);
    if (!f->name.n)
        return bad(c, key, "a field is NAME: FROM");
    if (is_map(n))
        return field_map(c, key, n, false, f);
    if (n->kind == TCS_Y_SEQ && n->n && is_map(n->kids[0]))
        return field_cases(c, key, n, f);
    return texts(c, key, n, &f->sources, &f->nsources);
}

static int
fields(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
       struct tcs_ls_spec *s)
{
    if (!is_map(n))
        return bad(c, at, "fields are NAME: FROM");
    s->part.fields = tcs_base_arena_array(c->a, (size_t)n->n + 1, sizeof *s->part.fields);
    if (!s->part.fields)
        return no_memory(c);
    s->part.nfields = 0;
    return pairs_of(c, n, field, s);
}

static int
native(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
       struct tcs_ls_spec *s)
{
    return texts(c, at, n, &s->part.native, &s->part.nnative);
}

static int
channels(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
         struct tcs_ls_spec *s)
{
    return texts(c, at, n, &s->part.channels, &s->part.nchannels);
}

static int
providers(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
          struct tcs_ls_spec *s)
{
    return texts(c, at, n, &s->part.providers, &s->part.nproviders);
}

static int
event_ids(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
          struct tcs_ls_spec *s)
{
    struct tcs_str *words;
    uint32_t count;
    int r = texts(c, at, n, &words, &count);
    if (r)
        return r;
    s->part.event_ids = tcs_base_arena_array(c->a, count + 1, sizeof *s->part.event_ids);
    if (!s->part.event_ids)
        return no_memory(c);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t id;
        if (!tcs_base_num_u64(words[i], &id) || id >= TCS_EVENT_ID_NONE)
            return bad(c, at, "an event id is a number");
        s->part.event_ids[i] = (uint32_t)id;
    }
    s->part.nevent_ids = count;
    return 0;
}

static int
where(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
      struct tcs_ls_spec *s)
{
    return conditions(c, at, n, &s->part.where);
}

static int
word(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
     struct tcs_str *ret)
{
    *ret = text_of(n);
    return is_text(n) ? 0 : bad(c, at, "a text is expected here");
}

static int
flag(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n, bool *ret)
{
    struct tcs_str t = text_of(n);
    *ret = tcs_base_str_eq(t, TCS_STR("true"));
    return *ret || tcs_base_str_eq(t, TCS_STR("false")) ? 0 : bad(c, at, "true or false");
}

#define WORD(member)                                                                               \
    static int k_##member(const struct ctx *c, const struct tcs_ynode *at,                         \
                          const struct tcs_ynode *n, struct tcs_ls_spec *s)                        \
    {                                                                                              \
        return word(c, at, n, &s->member);                                                         \
    }
#define FLAG(id, member)                                                                           \
    static int k_##id(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,  \
                      struct tcs_ls_spec *s)                                                       \
    {                                                                                              \
        return flag(c, at, n, &s->member);                                                         \
    }
WORD(log)
WORD(shape)
WORD(note)
FLAG(closed, part.closed)
FLAG(fixed, part.fixed)
FLAG(sparse, part.sparse)
FLAG(remove, remove)

static int
k_name(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
       struct tcs_ls_spec *s)
{
    return word(c, at, n, &s->part.name);
}

static int
k_service(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
          struct tcs_ls_spec *s)
{
    return word(c, at, n, &s->part.service);
}

enum { IN_SHAPE = 1, IN_SERVICE = 2, IN_VIEW = 4 };

static const struct spec_key {
    const char *key;
    int (*parse)(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
                 struct tcs_ls_spec *s);
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
    {"fixed", k_fixed, IN_SHAPE | IN_SERVICE | IN_VIEW},
    {"sparse", k_sparse, IN_SHAPE | IN_SERVICE | IN_VIEW},
    {"remove", k_remove, IN_SHAPE | IN_SERVICE | IN_VIEW},
};

/* A spec under way: which keys it may have. */
struct spec_ctx {
    struct tcs_ls_spec *spec;
    unsigned in;
};

static int
spec_key(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct spec_ctx *s = to;
    struct tcs_str k = text_of(key);
    for (size_t i = 0; i < sizeof spec_keys / sizeof *spec_keys; i++)
        if (tcs_base_str_eq(k, tcs_base_str_of(spec_keys[i].key)) && (spec_keys[i].in & s->in))
            return spec_keys[i].parse(c, key, n, s->spec);
    return bad(c, key, "unknown key; the head of data/logsource.yaml lists the keys");
}

static int
spec(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n, unsigned in,
     struct tcs_ls_spec *s)
{
    s->line = at->line;
    s->col = at->col;
    if (!is_map(n))
        return bad(c, at, "an entry is a map of keys");
    return pairs_of(c, n, spec_key, &(struct spec_ctx){s, in});
}

/* NAME: {spec} pairs, appended to *list. */
static int
named_specs(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n, unsigned in,
            struct tcs_ls_spec **list)
{
    int r = 0;
    if (!is_map(n))
        return bad(c, at, "named entries are expected here");
    for (size_t i = 0; !r && i < n->n; i++) {
        struct tcs_ls_spec *s = tcs_base_arena_zalloc(c->a, sizeof *s);
        if (!s)
            return no_memory(c);
        s->part.name = text_of(n->kids[2 * i]);
        r = spec(c, n->kids[2 * i], n->kids[2 * i + 1], in, s);
        *list = s;
        list = &s->next;
    }
    return r;
}

/* [{spec}...] */
static int
views(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
      struct tcs_ls_category *cat)
{
    struct tcs_ls_spec **list = &cat->views;
    int r = 0;
    for (size_t i = 0; !r && i < n->n; i++) {
        struct tcs_ls_spec *s = tcs_base_arena_zalloc(c->a, sizeof *s);
        if (!s)
            return no_memory(c);
        r = spec(c, at, n->kids[i], IN_VIEW, s);
        if (!r && !s->part.name.n)
            return bad(c, at, "a view of this category has no `name`");
        *list = s;
        list = &s->next;
    }
    return r;
}

/* A category is a list of views, or {note: ...} or {remove: true}. */
static int
category(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_ls_category ***end = to, *cat = tcs_base_arena_zalloc(c->a, sizeof *cat);
    struct tcs_ls_spec s = {0};
    if (!cat)
        return no_memory(c);
    cat->key = text_of(key);
    **end = cat;
    *end = &cat->next;
    if (n->kind == TCS_Y_SEQ)
        return views(c, key, n, cat);
    int r = spec(c, key, n, IN_SERVICE, &s);
    cat->note = s.note;
    cat->remove = s.remove;
    if (!r && !s.note.n && !s.remove)
        return bad(c, key, "a category is a list of views, or has a note, or remove: true");
    return r;
}

static int
categories(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
           struct tcs_ls_product *p)
{
    struct tcs_ls_category **end = &p->categories;
    return is_map(n) ? pairs_of(c, n, category, &end)
                     : bad(c, at, "categories are CATEGORY: [views]");
}

static int
product_key(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_ls_product *p = to;
    struct tcs_str k = text_of(key);
    if (tcs_base_str_eq(k, TCS_STR("fields")))
        return fields(c, key, n, &p->common);
    if (tcs_base_str_eq(k, TCS_STR("native")))
        return native(c, key, n, &p->common);
    if (tcs_base_str_eq(k, TCS_STR("fixed")))
        return k_fixed(c, key, n, &p->common);
    if (tcs_base_str_eq(k, TCS_STR("shapes")))
        return named_specs(c, key, n, IN_SHAPE, &p->shapes);
    if (tcs_base_str_eq(k, TCS_STR("services")))
        return named_specs(c, key, n, IN_SERVICE, &p->services);
    if (tcs_base_str_eq(k, TCS_STR("categories")))
        return categories(c, key, n, p);
    return bad(c, key, "a product has fields, native, fixed, shapes, services and categories");
}

static int
product(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_ls_product ***end = to, *p = tcs_base_arena_zalloc(c->a, sizeof *p);
    if (!p)
        return no_memory(c);
    p->key = text_of(key);
    **end = p;
    *end = &p->next;
    return is_map(n) ? pairs_of(c, n, product_key, p) : bad(c, key, "a product is a map of keys");
}

static int
root_key(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_str k = text_of(key);
    if (tcs_base_str_eq(k, TCS_STR("version")))
        return tcs_base_str_eq(text_of(n), TCS_STR("1")) ? 0 : bad(c, key, "version 1 is expected");
    if (!tcs_base_str_eq(k, TCS_STR("products")) || !is_map(n))
        return bad(c, key, "the table is {version: 1, products: {PRODUCT: ...}}");
    return pairs_of(c, n, product, to);
}

int
tcs_sigma_ls_parse(struct tcs_arena *a, struct tcs_str path, struct tcs_str yaml,
                   struct tcs_ls_product **ret, struct tcs_err *err)
{
    struct ctx c = {a, path, err};
    struct tcs_ls_product *products = NULL, **end = &products;
    struct tcs_yaml tree;
    if (yaml.n > TCS_RULE_FILE_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "%.*s: longer than %d bytes", TCS_STR_FMT(path),
                             TCS_RULE_FILE_MAX);
    if (tcs_sigma_yaml_parse(a, yaml, &tree, err) < 0)
        return tcs_base_wrap(err, "%.*s", TCS_STR_FMT(path));
    for (uint32_t i = 0; i < tree.ndocs; i++) {
        const struct tcs_ynode *root = tree.docs[i].root;
        int r = is_map(root)
                    ? pairs_of(&c, root, root_key, &end)
                    : bad(&c, root, "not a logsource table: a map with `products` is expected");
        if (r)
            return r;
    }
    *ret = products;
    return 0;
}

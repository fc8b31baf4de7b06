/* alertmap/alertmap_yaml.c - YAML text of an alert map -> tools, rows, patterns.
 *
 * In: text of a user or the built-in one.  Out: the map, added to.  Every mistake has its line and
 * column.  What a row means for an event is alertmap.c's. */
#include "alertmap/alertmap_int.h"
#include "attack/attack.h"
#include "base/invariant.h"
#include "base/limits.h"
#include "base/num.h"
#include "sigma/ast.h"
#include "sigma/yaml.h"

struct ctx {
    struct tcs_alertmap *map;
    struct tcs_arena *a;
    struct tcs_str path;
    struct tcs_err *err;
};

static int
bad(const struct ctx *c, const struct tcs_ynode *at, const char *text)
{
    int code = tcs_base_fail(c->err, TCS_EPARSE, "%.*s: %s", (int)(c->path.n < 80 ? c->path.n : 80),
                             c->path.p, text);
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

static struct tcs_str
text_of(const struct tcs_ynode *n)
{
    return n->kind == TCS_Y_SCALAR && n->type != TCS_YT_NULL ? n->text : (struct tcs_str){NULL, 0};
}

/* What each part of the grammar does with one KEY: VALUE. */
typedef int each_pair(const struct ctx *c, const struct tcs_ynode *key,
                      const struct tcs_ynode *value, void *to);

static int
pairs_of(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n, each_pair *f,
         void *to)
{
    int r = n->kind == TCS_Y_MAP ? 0 : bad(c, at, "pairs KEY: VALUE are expected here");
    for (size_t i = 0; !r && i < n->n; i++)
        r = f(c, n->kids[2 * i], n->kids[2 * i + 1], to);
    return r;
}

/* A text or a list of texts, none of them empty. */
static int
names(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
      struct tcs_alert_names *ret)
{
    bool list = n->kind == TCS_Y_SEQ;
    ret->n = list ? n->n : 1;
    ret->at = tcs_base_arena_array(c->a, (size_t)ret->n + 1, sizeof *ret->at);
    if (!ret->at)
        return no_memory(c);
    for (uint32_t i = 0; i < ret->n; i++) {
        ret->at[i] = text_of(list ? n->kids[i] : n);
        if (!ret->at[i].n)
            return bad(c, at, "a text or a list of texts is expected here");
    }
    return ret->n ? 0 : bad(c, at, "the list is empty");
}

/* `*` any run; a backslash before a star or a backslash makes that one plain. */
static int
glob(const struct ctx *c, struct tcs_str s, struct tcs_glob *ret)
{
    char *p = tcs_base_arena_alloc(c->a, s.n + 1);
    size_t n = 0;
    if (!p)
        return no_memory(c);
    for (size_t i = 0; i < s.n; i++) {
        bool escape = s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '*' || s.p[i + 1] == '\\');
        i += escape;
        p[n++] = s.p[i] == '*' && !escape ? TCS_ANY_RUN : s.p[i];
    }
    return tcs_match_glob_compile(c->a, (struct tcs_str){p, n}, false, ret) ? 0 : no_memory(c);
}

static int
regex(const struct ctx *c, const struct tcs_ynode *at, struct tcs_str s, struct tcs_regex **ret)
{
    struct tcs_err why;
    struct tcs_alert_regex *keep = tcs_base_arena_zalloc(c->a, sizeof *keep);
    if (!keep)
        return no_memory(c);
    if (tcs_match_regex_new(s, TCS_REGEX_I, ret, &why) < 0)
        return bad(c, at, why.msg);
    keep->re = *ret;
    keep->next = c->map->regexes;
    c->map->regexes = keep;
    return 0;
}

static int
pattern(const struct ctx *c, const struct tcs_ynode *at, struct tcs_str s,
        struct tcs_alert_pattern *ret)
{
    if (s.n > 2 && s.p[0] == '/' && s.p[s.n - 1] == '/')
        return regex(c, at, tcs_base_str_slice(s, 1, s.n - 1), &ret->re);
    return glob(c, s, &ret->glob);
}

static int
patterns(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
         struct tcs_alert_patterns *ret)
{
    struct tcs_alert_names texts = {0};
    int r = names(c, at, n, &texts);
    if (r)
        return r;
    ret->n = texts.n;
    ret->at = tcs_base_arena_array(c->a, texts.n, sizeof *ret->at);
    if (!ret->at)
        return no_memory(c);
    for (uint32_t i = 0; !r && i < texts.n; i++)
        r = pattern(c, n->kind == TCS_Y_SEQ ? n->kids[i] : n, texts.at[i], &ret->at[i]);
    return r;
}

static int
row_level(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n, uint8_t *ret)
{
    *ret = tcs_attack_level_of(text_of(n));
    return *ret ? 0 : bad(c, at, "levels are informational, low, medium, high and critical");
}

static int
row_stage(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n, uint8_t *ret)
{
    static const char *const words[] = {"account", "foothold", "credentials", "lateral", "destroy"};
    TCS_ROW_FOR_EACH(words, TCS_STAGES - TCS_STAGE_ACCOUNT);
    for (uint8_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tcs_base_str_eq(text_of(n), tcs_base_str_of(words[i]))) {
            *ret = (uint8_t)(TCS_STAGE_ACCOUNT + i);
            return 0;
        }
    return bad(c, at, "stages are account, foothold, credentials, lateral and destroy");
}

static int
row_techniques(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
               struct tcs_alert_row *row)
{
    struct tcs_alert_names list = {0};
    int r = names(c, at, n, &list);
    for (uint32_t i = 0; !r && i < list.n; i++)
        if (!tcs_attack_well_formed(list.at[i]))
            r = bad(c, at, "a technique is written T1059 or T1059.001");
    row->techniques = list.at;
    row->ntechniques = list.n;
    return r;
}

/* A row, or what is said of alerts that no row knows: that has no conditions. */
struct row_ctx {
    struct tcs_alert_row *row;
    bool conditions;
};

static int
row_key(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    static const char *const conditions[] = {
        [TCS_AK_NAME] = "name", [TCS_AK_ID] = "id", [TCS_AK_CATEGORY] = "category"};
    TCS_ROW_FOR_EACH(conditions, TCS_AK_CONDITIONS);
    const struct row_ctx *x = to;
    struct tcs_str k = text_of(key);
    for (int i = 0; x->conditions && i < TCS_AK_CONDITIONS; i++)
        if (tcs_base_str_eq(k, tcs_base_str_of(conditions[i])))
            return patterns(c, key, n, &x->row->on[i]);
    if (tcs_base_str_eq(k, TCS_STR("stage")))
        return row_stage(c, key, n, &x->row->stage);
    if (tcs_base_str_eq(k, TCS_STR("level")))
        return row_level(c, key, n, &x->row->level);
    if (tcs_base_str_eq(k, TCS_STR("techniques")))
        return row_techniques(c, key, n, x->row);
    bool drop = tcs_base_str_eq(k, TCS_STR("drop")), *flag = drop ? &x->row->drop : &x->row->novel;
    if (!drop && !tcs_base_str_eq(k, TCS_STR("novel")))
        return bad(c, key,
                   x->conditions
                       ? "a row has name, id, category, stage, techniques, level, novel and drop"
                       : "the default has stage, techniques, level, novel and drop");
    *flag = n->kind == TCS_Y_SCALAR && n->type == TCS_YT_BOOL && n->truth;
    return *flag ? 0
                 : bad(c, key,
                       drop ? "only `drop: true` means something"
                            : "only `novel: true` means something");
}

static int
row(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
    struct tcs_alert_row **ret)
{
    struct tcs_alert_row *made = tcs_base_arena_zalloc(c->a, sizeof *made);
    if (!made)
        return no_memory(c);
    int r = pairs_of(c, at, n, row_key, &(struct row_ctx){made, true});
    uint32_t asked = 0;
    for (int i = 0; i < TCS_AK_CONDITIONS; i++)
        asked += made->on[i].n;
    if (!r && !asked)
        r = bad(c, n, "the row says of no alert what it is: name, id or category is missing");
    *ret = made;
    return r;
}

/* In front of those that are there already. */
static int
rows(const struct ctx *c, const struct tcs_ynode *at, const struct tcs_ynode *n,
     struct tcs_alert_row **list)
{
    struct tcs_alert_row *old = *list;
    int r = n->kind == TCS_Y_SEQ ? 0 : bad(c, at, "a list of rows is expected here");
    for (size_t i = 0; !r && i < n->n; i++) {
        struct tcs_alert_row *made = NULL;
        r = row(c, at, n->kids[i], &made);
        if (r)
            break;
        *list = made;
        list = &made->next;
    }
    *list = old;
    return r;
}

static int
severity(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_alert_tool *t = to;
    struct tcs_alert_severity *s = tcs_base_arena_zalloc(c->a, sizeof *s);
    if (!s)
        return no_memory(c);
    struct tcs_str k = text_of(key);
    size_t dash = tcs_base_str_find(k, '-', 0);
    struct tcs_str from = tcs_base_str_slice(k, 0, dash),
                   to_text = tcs_base_str_slice(k, dash + 1, k.n);
    if (!tcs_base_num_double(from, &s->from) ||
        !tcs_base_num_double(dash < k.n ? to_text : from, &s->to))
        s->word = k;
    if (!k.n)
        return bad(c, key, "a severity is a number, a range 12-16, or a word");
    s->next = t->severities;
    t->severities = s;
    return row_level(c, key, n, &s->level);
}

static int
field(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    static const char *const keys[TCS_AKS] = {
#define TEXT(name) [TCS_AK_##name] = #name,
#define OTHER(name)
        TCS_IDENTITY_FIELDS(TEXT, OTHER, OTHER)
#undef TEXT
#undef OTHER
            [TCS_AK_NAME] = "name",
        [TCS_AK_ID] = "id",
        [TCS_AK_CATEGORY] = "category",
        [TCS_AK_TIME] = "time",
        [TCS_AK_SEVERITY] = "severity",
        [TCS_AK_TECHNIQUE] = "technique",
    };
    TCS_ROW_FOR_EACH(keys, TCS_AKS);
    struct tcs_alert_tool *t = to;
    struct tcs_str word = text_of(key);
    if (tcs_base_str_eq(word, TCS_STR("ip"))) /* of the host; its short name in maps */
        word = TCS_STR("own_ip");
    for (int i = 0; i < TCS_AKS; i++)
        if (tcs_base_str_eq(word, tcs_base_str_of(keys[i])))
            return names(c, key, n, &t->fields[i]);
    return bad(c, key, "no such field; docs/alerts.md lists them");
}

static int
where(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_alert_tool *t = to;
    struct tcs_alert_names one;
    int r = names(c, key, n, &one);
    if (r || one.n != 1 || !text_of(key).n)
        return r ? r : bad(c, key, "pairs FIELD: VALUE are expected here");
    t->where_field.at[t->where_field.n++] = text_of(key);
    t->where_value.at[t->where_value.n++] = one.at[0];
    return 0;
}

static int
wheres(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
       struct tcs_alert_tool *t)
{
    t->where_field = t->where_value = (struct tcs_alert_names){0};
    t->where_field.at = tcs_base_arena_array(c->a, (size_t)n->n + 1, sizeof(struct tcs_str));
    t->where_value.at = tcs_base_arena_array(c->a, (size_t)n->n + 1, sizeof(struct tcs_str));
    if (!t->where_field.at || !t->where_value.at)
        return no_memory(c);
    return pairs_of(c, key, n, where, t);
}

static int
otherwise(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
          struct tcs_alert_tool *t)
{
    t->otherwise = tcs_base_arena_zalloc(c->a, sizeof *t->otherwise);
    return t->otherwise ? pairs_of(c, key, n, row_key, &(struct row_ctx){t->otherwise, false})
                        : no_memory(c);
}

static int
product(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
        struct tcs_alert_tool *t)
{
    t->product = text_of(n);
    return t->product.n ? 0 : bad(c, key, "a text is expected here");
}

static int
columns(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
        struct tcs_alert_tool *t)
{
    t->product = TCS_STR("csv");
    return names(c, key, n, &t->columns);
}

static int
tool_rows(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
          struct tcs_alert_tool *t)
{
    return rows(c, key, n, &t->rows);
}

static int
tool_fields(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
            struct tcs_alert_tool *t)
{
    return pairs_of(c, key, n, field, t);
}

static int
tool_severities(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
                struct tcs_alert_tool *t)
{
    return pairs_of(c, key, n, severity, t);
}

static int
tool_key(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    static const struct {
        const char *key;
        int (*parse)(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n,
                     struct tcs_alert_tool *t);
    } keys[] = {
        {"product", product},    {"columns", columns},          {"where", wheres},
        {"fields", tool_fields}, {"severity", tool_severities}, {"alerts", tool_rows},
        {"default", otherwise},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (tcs_base_str_eq(text_of(key), tcs_base_str_of(keys[i].key)))
            return keys[i].parse(c, key, n, to);
    return bad(c, key, "a tool has product, columns, where, fields, severity, alerts and default");
}

/* The one of that name, or a new one in front of the others. */
static struct tcs_alert_tool *
tool_named(const struct ctx *c, struct tcs_str name)
{
    for (struct tcs_alert_tool *t = c->map->tools; t; t = t->next)
        if (tcs_base_str_eq(t->name, name))
            return t;
    struct tcs_alert_tool *t = tcs_base_arena_zalloc(c->a, sizeof *t);
    if (t) {
        t->name = name;
        t->next = c->map->tools;
        c->map->tools = t;
    }
    return t;
}

static int
tool(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    (void)to;
    struct tcs_str name = text_of(key);
    if (!name.n || name.n > TCS_FIELD_NAME_MAX)
        return bad(c, key, "a tool is NAME: {...}");
    struct tcs_alert_tool *t = tool_named(c, name);
    if (!t)
        return no_memory(c);
    int r = pairs_of(c, key, n, tool_key, t);
    if (!r && !t->fields[TCS_AK_NAME].n && !t->fields[TCS_AK_ID].n)
        r = bad(c, key, "`fields` must tell where the alert's `name` or `id` is");
    if (!r && !t->product.n && !t->where_field.n)
        r = bad(c, key, "product, columns or where must tell which records are this tool's");
    return r;
}

static int
root_key(const struct ctx *c, const struct tcs_ynode *key, const struct tcs_ynode *n, void *to)
{
    struct tcs_str k = text_of(key);
    (void)to;
    if (tcs_base_str_eq(k, TCS_STR("version")))
        return tcs_base_str_eq(text_of(n), TCS_STR("1")) ? 0 : bad(c, key, "version 1 is expected");
    if (tcs_base_str_eq(k, TCS_STR("alerts")))
        return rows(c, key, n, &c->map->rows);
    if (tcs_base_str_eq(k, TCS_STR("tools")))
        return pairs_of(c, key, n, tool, NULL);
    return bad(c, key, "an alert map has version, tools and alerts");
}

int
tcs_alertmap_add(struct tcs_alertmap *m, struct tcs_str path, struct tcs_str yaml,
                 struct tcs_err *err)
{
    struct ctx c = {m, m->arena, path, err};
    struct tcs_yaml tree;
    if (yaml.n > TCS_RULE_FILE_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "%.*s: longer than %d bytes", TCS_STR_FMT(path),
                             TCS_RULE_FILE_MAX);
    struct tcs_str text = tcs_base_arena_str(m->arena, yaml);
    if (!text.p)
        return no_memory(&c);
    if (tcs_sigma_yaml_parse(m->arena, text, &tree, err) < 0)
        return tcs_base_wrap(err, "%.*s", TCS_STR_FMT(path));
    for (uint32_t i = 0; i < tree.ndocs; i++) {
        const struct tcs_ynode *root = tree.docs[i].root;
        int r = pairs_of(&c, root, root, root_key, NULL);
        if (r)
            return r;
    }
    return 0;
}

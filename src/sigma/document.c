/* sigma/document.c - the attributes that every Sigma document has, and logsource. */
#include "sigma/document.h"

#include "attack/level.h"
#include "base/buf.h"
#include "base/invariant.h"
#include "base/num.h"
#include "sigma/suggest.h"

static bool
fault(struct tcs_load *l, const struct tcs_ynode *at, const char *key, const char *what)
{
    tcs_sigma_load_error(l, tcs_sigma_load_place(at, 0), TCS_WHY_ATTRIBUTE, "'%s' must be %s", key,
                         what);
    return false;
}

bool
tcs_sigma_document_text(struct tcs_load *l, const struct tcs_ynode *map, const char *key,
                        struct tcs_str *ret)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, key, NULL);
    *ret = (struct tcs_str){0};
    if (!v || (v->kind == TCS_Y_SCALAR && v->type == TCS_YT_NULL))
        return true;
    if (v->kind != TCS_Y_SCALAR)
        return fault(l, v, key, "a text");
    *ret = tcs_base_arena_str(l->keep, tcs_base_str_trim(v->text));
    return true;
}

bool
tcs_sigma_document_list(struct tcs_load *l, const struct tcs_ynode *map, const char *key,
                        struct tcs_str **ret, uint32_t *n, struct tcs_place **places)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, key, NULL);
    bool ok = true;
    *n = 0;
    *ret = NULL;
    if (!v || (v->kind == TCS_Y_SCALAR && v->type == TCS_YT_NULL))
        return true;
    if (v->kind == TCS_Y_MAP)
        return fault(l, v, key, "a list of texts");
    uint32_t count = v->kind == TCS_Y_SEQ ? v->n : 1;
    *ret = tcs_base_arena_array(l->keep, count, sizeof **ret);
    if (places)
        *places = tcs_base_arena_array(l->keep, count, sizeof **places);
    for (uint32_t i = 0; *ret && (!places || *places) && i < count; i++) {
        const struct tcs_ynode *item = v->kind == TCS_Y_SEQ ? v->kids[i] : v;
        if (item->kind != TCS_Y_SCALAR) {
            ok = fault(l, item, key, "a list of texts");
            continue;
        }
        if (places)
            (*places)[*n] = tcs_sigma_load_place(item, 0);
        (*ret)[(*n)++] = tcs_base_arena_str(l->keep, item->text);
    }
    return ok;
}

/* Authors are a text with commas; some rules have a list. */
static bool
read_author(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_str *ret)
{
    struct tcs_str *names;
    struct tcs_buf buf = {0};
    uint32_t n;
    bool ok = tcs_sigma_document_list(l, map, "author", &names, &n, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            tcs_buf_lit(&buf, ", ");
        tcs_base_buf_str(&buf, names[i]);
    }
    *ret = n == 1 ? names[0]
           : n    ? tcs_base_arena_str(l->keep, tcs_base_buf_view(&buf))
                  : (struct tcs_str){0};
    tcs_base_buf_done(&buf);
    return ok;
}

/* One word of a fixed list, numbered from 1; 0 when absent. */
static bool
read_word(struct tcs_load *l, const struct tcs_ynode *map, const char *key,
          const char *const *words, size_t n, uint8_t *ret)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, key, NULL);
    *ret = 0;
    if (!v || (v->kind == TCS_Y_SCALAR && v->type == TCS_YT_NULL))
        return true;
    if (v->kind != TCS_Y_SCALAR)
        return fault(l, v, key, "one word");
    for (size_t i = 0; i < n; i++)
        if (tcs_base_str_eq(v->text, tcs_base_str_of(words[i])))
            *ret = (uint8_t)(i + 1);
    if (*ret)
        return true;
    const char *near = tcs_sigma_suggest(v->text, words, n);
    struct tcs_buf all = {0};
    for (size_t i = 0; i < n; i++)
        tcs_base_buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
    tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_ATTRIBUTE,
                         "unknown %s '%.*s'%s%s%s (known: %.*s)", key, TCS_QUOTE(v->text),
                         near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "",
                         TCS_STR_FMT(tcs_base_buf_view(&all)));
    tcs_base_buf_done(&all);
    return false;
}

static bool
is_uuid(struct tcs_str s)
{
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = tcs_base_ascii_lower(s.p[i]);
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex)
            return false;
    }
    return true;
}

static bool
is_date(struct tcs_str s)
{
    uint64_t y, m, d;
    return s.n == 10 && s.p[4] == '-' && s.p[7] == '-' &&
           tcs_base_num_u64(tcs_base_str_slice(s, 0, 4), &y) &&
           tcs_base_num_u64(tcs_base_str_slice(s, 5, 7), &m) &&
           tcs_base_num_u64(tcs_base_str_slice(s, 8, 10), &d) && m >= 1 && m <= 12 && d >= 1 &&
           d <= 31;
}

/* namespace.name, lower case (rules specification, "Tags") */
static bool
is_tag(struct tcs_str s)
{
    size_t dot = tcs_base_str_find(s, '.', 0);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
            return false;
    }
    return dot > 0 && dot + 1 < s.n;
}

static void
odd_at(struct tcs_load *l, const struct tcs_ynode *map, const char *key, const char *what)
{
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, key, NULL);
    if (v)
        tcs_sigma_load_warn(l, tcs_sigma_load_place(v, 0), TCS_WHY_ODD, "'%s' %s", key, what);
}

/* Things that the specification asks for and that change no match. */
static void
check_form(struct tcs_load *l, const struct tcs_ynode *map, const struct tcs_doc *doc,
           const struct tcs_place *tags)
{
    if (doc->id.n && !is_uuid(doc->id))
        odd_at(l, map, "id", "should be a UUID, like 929a690e-bef0-4204-a928-ef5e620d6fcc");
    if (doc->title.n > 256)
        odd_at(l, map, "title", "should have at most 256 characters");
    if (doc->description.n > 65535)
        odd_at(l, map, "description", "should have at most 65,535 characters");
    if (doc->date.n && !is_date(doc->date))
        odd_at(l, map, "date", "should be written as YYYY-MM-DD");
    if (doc->modified.n && !is_date(doc->modified))
        odd_at(l, map, "modified", "should be written as YYYY-MM-DD");
    for (uint32_t i = 0; i < doc->ntags; i++)
        if (!is_tag(doc->tags[i]))
            tcs_sigma_load_warn(
                l, tags[i], TCS_WHY_ODD,
                "the tag '%.*s' should be a namespace, a dot and a name in lower case",
                TCS_QUOTE(doc->tags[i]));
    const struct tcs_ynode *t = tcs_sigma_yaml_get(map, "taxonomy", NULL);
    if (t && t->kind == TCS_Y_SCALAR && !tcs_base_str_eq(t->text, TCS_STR("sigma")))
        tcs_sigma_load_warn(
            l, tcs_sigma_load_place(t, 0), TCS_WHY_ODD,
            "the taxonomy '%.*s' is not translated: its field names are used as they are",
            TCS_QUOTE(t->text));
}

static void
check_related(struct tcs_load *l, const struct tcs_ynode *map)
{
    static const char *const types[] = {"correlation", "derived", "obsolete",
                                        "merged",      "renamed", "similar"};
    const struct tcs_ynode *v = tcs_sigma_yaml_get(map, "related", NULL);
    for (uint32_t i = 0; v && v->kind == TCS_Y_SEQ && i < v->n; i++) {
        const struct tcs_ynode *id = tcs_sigma_yaml_get(v->kids[i], "id", NULL);
        const struct tcs_ynode *type = tcs_sigma_yaml_get(v->kids[i], "type", NULL);
        bool known = false;
        for (size_t k = 0; type && k < sizeof types / sizeof types[0]; k++)
            known = known || tcs_base_str_eq(type->text, tcs_base_str_of(types[k]));
        if (!id || id->kind != TCS_Y_SCALAR || !is_uuid(id->text) || !known)
            tcs_sigma_load_warn(
                l, tcs_sigma_load_place(v->kids[i], 0), TCS_WHY_ODD,
                "each entry of 'related' should have an id (UUID) and a known type");
    }
    if (v && v->kind != TCS_Y_SEQ)
        odd_at(l, map, "related", "should be a list");
}

bool
tcs_sigma_document_attributes(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc)
{
    static const char *const levels[] = {"informational", "low", "medium", "high", "critical"};
    TCS_ROW_FOR_EACH(levels, TCS_CRITICAL);
    static const char *const states[] = {"stable", "test", "experimental", "deprecated",
                                         "unsupported"};
    TCS_ROW_FOR_EACH(states, TCS_UNSUPPORTED);
    struct tcs_place *tags = NULL;
    /* first what the other messages name the document by */
    bool ok = tcs_sigma_document_text(l, map, "id", &doc->id);
    ok = tcs_sigma_document_text(l, map, "title", &doc->title) && ok;
    l->id = doc->id;
    l->title = doc->title;
    ok = tcs_sigma_document_text(l, map, "name", &doc->name) && ok;
    ok = tcs_sigma_document_text(l, map, "description", &doc->description) && ok;
    ok = tcs_sigma_document_text(l, map, "date", &doc->date) && ok;
    ok = tcs_sigma_document_text(l, map, "modified", &doc->modified) && ok;
    ok = tcs_sigma_document_text(l, map, "license", &doc->license) && ok;
    ok = read_author(l, map, &doc->author) && ok;
    ok = tcs_sigma_document_list(l, map, "tags", &doc->tags, &doc->ntags, &tags) && ok;
    ok = tcs_sigma_document_list(l, map, "references", &doc->references, &doc->nreferences, NULL) &&
         ok;
    ok = tcs_sigma_document_list(l, map, "falsepositives", &doc->falsepositives,
                                 &doc->nfalsepositives, NULL) &&
         ok;
    ok = tcs_sigma_document_list(l, map, "fields", &doc->fields, &doc->nfields, NULL) && ok;
    ok = read_word(l, map, "level", levels, 5, &doc->level) && ok;
    ok = read_word(l, map, "status", states, 5, &doc->status) && ok;
    if (!doc->title.n) {
        tcs_sigma_load_error(l, tcs_sigma_load_place(map, 0), TCS_WHY_MISSING,
                             "the document has no title");
        ok = false;
    }
    if (!tcs_base_arena_failed(l->keep))
        check_form(l, map, doc, tags);
    check_related(l, map);
    return ok;
}

bool
tcs_sigma_document_logsource(struct tcs_load *l, const struct tcs_ynode *map,
                             struct tcs_logsource *ls)
{
    const struct tcs_ynode *key, *v = tcs_sigma_yaml_get(map, "logsource", &key);
    if (!v) {
        tcs_sigma_load_error(l, tcs_sigma_load_place(map, 0), TCS_WHY_MISSING,
                             "the document has no logsource");
        return false;
    }
    if (v->kind != TCS_Y_MAP)
        return fault(l, v, "logsource", "a map with category, product or service");
    bool ok = tcs_sigma_document_text(l, v, "product", &ls->product);
    ok = tcs_sigma_document_text(l, v, "category", &ls->category) && ok;
    ok = tcs_sigma_document_text(l, v, "service", &ls->service) && ok;
    ok = tcs_sigma_document_text(l, v, "definition", &ls->definition) && ok;
    if (ok && !ls->product.n && !ls->category.n && !ls->service.n)
        tcs_sigma_load_warn(
            l, tcs_sigma_load_place(key, 0), TCS_WHY_ODD,
            "the logsource names no category, product or service, so every event is "
            "tried");
    return ok;
}

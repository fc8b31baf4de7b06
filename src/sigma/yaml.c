/* sigma/yaml.c - libfyaml's events -> our nodes.
 *
 * The event interface is used and not libfyaml's documents: it is faster, and depth, size and
 * aliases are counted while the tree grows, before anything walks it.  Does not know Sigma. */
#include "sigma/yaml.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "base/utf.h"
#include "sigma/yaml_block.h"

#include <libfyaml.h>

/* A collection that is open: its kids so far. */
struct open {
    struct tcs_ynode *node;
    struct tcs_str anchor;
    const struct tcs_ynode **kids;
    uint32_t n, cap;
};

struct reader {
    struct tcs_arena *a;
    struct tcs_yaml *out;
    struct tcs_err *err;
    struct tcs_str text; /* the whole input */
    struct fy_parser *fyp;
    bool ended;          /* the parser went through to the end */
    struct fy_mark last; /* where the newest node is */
    struct open stack[TCS_YAML_DEPTH_MAX];
    uint32_t depth, docs_cap;
    struct tcs_ydoc doc;
    struct tcs_map anchors; /* name -> index into named */
    const struct tcs_ynode **named;
    uint32_t nnamed, named_cap;
};

static int
fail_at(struct reader *r, const struct fy_mark *at, int code, const char *what)
{
    int ret = tcs_base_fail(r->err, code, "%s", what);
    if (r->err && at) {
        r->err->line = (uint32_t)at->line + 1;
        r->err->col = (uint32_t)at->column + 1;
    }
    return ret;
}

static bool
one_of(struct tcs_str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tcs_base_str_eq(s, tcs_base_str_of(list[i])))
            return true;
    return false;
}

#define ONE_OF(s, list) one_of((s), (list), sizeof(list) / sizeof(list)[0])

static bool
octal(struct tcs_str s, double *ret)
{
    double v = 0;
    if (s.n < 3 || s.p[0] != '0' || s.p[1] != 'o')
        return false;
    for (size_t i = 2; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '7')
            return false;
        v = v * 8 + (s.p[i] - '0');
    }
    *ret = v;
    return true;
}

/* [-+]?[0-9]+ of any length */
static bool
is_decimal(struct tcs_str s)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    if (i == s.n)
        return false;
    for (; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

static bool
is_hex(struct tcs_str s, double *ret)
{
    uint64_t u;
    if (s.n < 3 || s.p[0] != '0' || s.p[1] != 'x' || !tcs_base_num_hex(s, &u))
        return false;
    *ret = (double)u;
    return true;
}

/* YAML 1.2.2 §10.3.2, the order of its table */
void
sigma_yaml_resolve(struct tcs_ynode *y)
{
    static const char *const null[] = {"", "null", "Null", "NULL", "~"};
    static const char *const yes[] = {"true", "True", "TRUE"};
    static const char *const no[] = {"false", "False", "FALSE"};
    if (ONE_OF(y->text, null)) {
        y->type = TCS_YT_NULL;
    } else if (ONE_OF(y->text, yes) || ONE_OF(y->text, no)) {
        y->type = TCS_YT_BOOL;
        y->truth = (y->text.p[0] | 0x20) == 't';
    } else if (strchr("0123456789+-.", y->text.p[0])) {
        if (octal(y->text, &y->num) || is_hex(y->text, &y->num))
            y->type = TCS_YT_INT;
        else if (tcs_base_num_double(y->text, &y->num))
            y->type = is_decimal(y->text) ? TCS_YT_INT : TCS_YT_FLOAT;
    }
}

static struct tcs_ynode *
new_node(struct reader *r, const struct fy_mark *at, uint8_t kind)
{
    struct tcs_ynode *y = tcs_base_arena_zalloc(r->a, sizeof *y);
    if (!y)
        return NULL;
    y->kind = kind;
    y->weight = 1;
    if (at) /* an empty value may have no place of its own */
        r->last = *at;
    y->line = (uint32_t)r->last.line + 1;
    y->col = (uint32_t)r->last.column + 1;
    return y;
}

static struct tcs_str
token_text(struct fy_token *t)
{
    size_t n = 0;
    const char *p = t ? fy_token_get_text(t, &n) : NULL;
    return (struct tcs_str){p, p ? n : 0};
}

/* One or more line ends in a quoted scalar and the blanks around them (YAML 1.2.2 §6.5): one is a
 * space, more are one less.  Returns where the text goes on. */
static size_t
fold_lines(struct tcs_str raw, size_t i, char *out, size_t *n)
{
    size_t ends = 0;
    while (*n && (out[*n - 1] == ' ' || out[*n - 1] == '\t'))
        --*n;
    for (; i < raw.n && memchr(" \t\r\n", raw.p[i], 4); i++)
        ends += raw.p[i] == '\n';
    if (ends == 1)
        out[(*n)++] = ' ';
    for (; ends > 1; ends--)
        out[(*n)++] = '\n';
    return i;
}

/* The inside of a single-quoted scalar (§7.3.2).  libfyaml 0.7.12 reads 'a\'\'\'\'b' wrong. */
static struct tcs_str
unquote(struct reader *r, struct tcs_str raw)
{
    char *out = tcs_base_arena_alloc(r->a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < raw.n;) {
        if (raw.p[i] == '\n' || (raw.p[i] == '\r' && i + 1 < raw.n && raw.p[i + 1] == '\n')) {
            i = fold_lines(raw, i, out, &n);
            continue;
        }
        i += raw.p[i] == '\'' && i + 1 < raw.n && raw.p[i + 1] == '\'' ? 1 : 0;
        out[n++] = raw.p[i++];
    }
    if (out)
        out[n] = '\0';
    return (struct tcs_str){out, out ? n : 0};
}

static struct tcs_ynode *
scalar(struct reader *r, struct fy_event *e)
{
    struct tcs_ynode *y = new_node(r, fy_event_start_mark(e), TCS_Y_SCALAR);
    if (!y)
        return NULL;
    struct fy_token *t = e->scalar.value;
    enum fy_scalar_style style = t ? fy_token_scalar_style(t) : FYSS_PLAIN;
    const struct fy_mark *from = t ? fy_token_start_mark(t) : NULL;
    const struct fy_mark *to = t ? fy_token_end_mark(t) : NULL;
    bool quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    /* the marks of a quoted token are inside its quotes */
    struct tcs_str raw = from && to ? tcs_base_str_slice(r->text, from->input_pos, to->input_pos)
                                    : (struct tcs_str){0};
    if (style == FYSS_SINGLE_QUOTED && memmem(raw.p, raw.n, "''", 2))
        y->text = unquote(r, raw);
    else if (!t || token_text(t).p) /* a text that libfyaml has no memory for is not an empty one */
        y->text = tcs_base_arena_str(r->a, token_text(t));
    if (!y->text.p)
        return NULL;
    y->inline_text = from && to && from->line == to->line && (style == FYSS_PLAIN || quoted) &&
                     (size_t)(to->input_pos - from->input_pos) == y->text.n;
    if (style == FYSS_PLAIN && !e->scalar.tag)
        sigma_yaml_resolve(y);
    return y;
}

/* Key equality is by text: a rule has no other keys than scalars. */
static int
check_keys(struct reader *r, const struct tcs_ynode *map)
{
    struct tcs_map seen = {0};
    int ret = 0;
    for (uint32_t i = 0; i < map->n && ret == 0; i++) {
        const struct tcs_ynode *k = map->kids[(size_t)2 * i];
        struct fy_mark at = {.line = (int)k->line - 1, .column = (int)k->col - 1};
        if (k->kind != TCS_Y_SCALAR) {
            ret = fail_at(r, &at, TCS_EPARSE, "a key must be a plain text, not a list or a map");
        } else if (tcs_base_map_get(&seen, k->text) != TCS_MAP_NONE) {
            ret = tcs_base_fail(
                r->err, TCS_EPARSE,
                "the key '%.*s' occurs twice in this map; write both values as a list, "
                "or in two maps",
                k->text.n > 80 ? 80 : (int)k->text.n, k->text.p);
            if (r->err) {
                r->err->line = k->line;
                r->err->col = k->col;
            }
        } else if (tcs_base_map_put(&seen, k->text, i) < 0) {
            ret = tcs_base_fail(r->err, TCS_ENOMEM, "out of memory");
        }
    }
    tcs_base_map_done(&seen);
    return ret;
}

static int
no_memory(struct reader *r)
{
    return tcs_base_fail(r->err, TCS_ENOMEM, "out of memory");
}

static int
name_anchor(struct reader *r, struct tcs_str name, const struct tcs_ynode *y)
{
    if (!name.n)
        return 0;
    if (!tcs_base_arena_grow(r->a, &r->named, r->nnamed, &r->named_cap, sizeof *r->named) ||
        tcs_base_map_put(&r->anchors, name, r->nnamed) < 0)
        return no_memory(r);
    r->named[r->nnamed++] = y;
    return 0;
}

/* A finished node goes into the collection around it, or is the document. */
static int
put(struct reader *r, const struct tcs_ynode *y, const struct fy_mark *at)
{
    if (r->depth == 0) {
        r->doc.root = y;
        return 0;
    }
    struct open *o = &r->stack[r->depth - 1];
    if (y->weight > TCS_YAML_NODES_MAX - o->node->weight)
        return fail_at(r, at, TCS_ELIMIT, "the document has too many nodes (aliases followed)");
    o->node->weight += y->weight;
    if (!tcs_base_arena_grow(r->a, &o->kids, o->n, &o->cap, sizeof *o->kids))
        return no_memory(r);
    o->kids[o->n++] = y;
    return 0;
}

static int
on_open(struct reader *r, struct fy_event *e, uint8_t kind, struct fy_token *anchor)
{
    const struct fy_mark *at = fy_event_start_mark(e);
    if (r->depth == TCS_YAML_DEPTH_MAX)
        return fail_at(r, at, TCS_ELIMIT, "lists and maps are nested too deeply");
    struct tcs_ynode *y = new_node(r, at, kind);
    struct tcs_str name = tcs_base_arena_str(r->a, token_text(anchor));
    if (!y || !name.p)
        return no_memory(r);
    r->stack[r->depth++] = (struct open){.node = y, .anchor = name};
    return 0;
}

static int
on_close(struct reader *r, struct fy_event *e)
{
    if (r->depth == 0)
        return fail_at(r, NULL, TCS_EPARSE, "a list or map ends that did not begin");
    struct open o = r->stack[--r->depth];
    o.node->kids = o.kids;
    o.node->n = o.node->kind == TCS_Y_MAP ? o.n / 2 : o.n;
    int ret = o.node->kind == TCS_Y_MAP ? check_keys(r, o.node) : 0;
    if (ret == 0)
        ret = put(r, o.node, fy_event_start_mark(e));
    /* only now, so that an alias cannot name a node that is still open */
    return ret == 0 ? name_anchor(r, o.anchor, o.node) : ret;
}

static int
on_scalar(struct reader *r, struct fy_event *e)
{
    struct tcs_ynode *y = scalar(r, e);
    struct tcs_str name = tcs_base_arena_str(r->a, token_text(e->scalar.anchor));
    if (!y || !name.p)
        return no_memory(r);
    int ret = put(r, y, fy_event_start_mark(e));
    return ret == 0 ? name_anchor(r, name, y) : ret;
}

static int
on_alias(struct reader *r, struct fy_event *e)
{
    uint32_t i = tcs_base_map_get(&r->anchors, token_text(e->alias.anchor));
    const struct fy_mark *at = fy_event_start_mark(e);
    if (i == TCS_MAP_NONE)
        return fail_at(r, at, TCS_EPARSE, "the alias names no anchor before it");
    return put(r, r->named[i], at);
}

static int
on_doc_end(struct reader *r)
{
    struct tcs_yaml *out = r->out;
    if (!r->doc.root)
        return 0;
    if (!tcs_base_arena_grow(r->a, &out->docs, out->ndocs, &r->docs_cap, sizeof *out->docs))
        return no_memory(r);
    out->docs[out->ndocs++] = r->doc;
    r->doc = (struct tcs_ydoc){0};
    tcs_base_map_done(&r->anchors);
    return 0;
}

static int
on_event(struct reader *r, struct fy_event *e)
{
    const struct fy_mark *at = fy_event_start_mark(e);
    switch (e->type) {
    case FYET_DOCUMENT_START:
        r->doc.line = at ? (uint32_t)at->line + 1 : 1;
        return 0;
    case FYET_DOCUMENT_END:
        return on_doc_end(r);
    case FYET_MAPPING_START:
        return on_open(r, e, TCS_Y_MAP, e->mapping_start.anchor);
    case FYET_SEQUENCE_START:
        return on_open(r, e, TCS_Y_SEQ, e->sequence_start.anchor);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return on_close(r, e);
    case FYET_SCALAR:
        return on_scalar(r, e);
    case FYET_ALIAS:
        return on_alias(r, e);
    case FYET_STREAM_END:
        r->ended = true;
        return 0;
    default:
        return 0;
    }
}

/* libfyaml's first message and its place. */
static int
syntax_error(struct reader *r, struct fy_diag *diag)
{
    void *prev = NULL;
    const struct fy_diag_error *d = fy_diag_errors_iterate(diag, &prev);
    int ret = tcs_base_fail(r->err, TCS_EPARSE, "%s", d && d->msg ? d->msg : "this is not YAML");
    if (r->err && d && d->line > 0) {
        r->err->line = (uint32_t)d->line;
        r->err->col = d->column > 0 ? (uint32_t)d->column : 1;
    }
    return ret;
}

static int
read_all(struct reader *r, struct fy_diag *diag)
{
    struct fy_event *e;
    int ret = 0;
    while (ret == 0 && (e = fy_parser_parse(r->fyp))) {
        ret = on_event(r, e);
        fy_parser_event_free(r->fyp, e);
    }
    if (ret == 0 && (!r->ended || fy_parser_get_stream_error(r->fyp)))
        ret = syntax_error(r, diag);
    return ret;
}

static bool
is_packed(struct tcs_str s)
{
    return tcs_base_str_starts(s, TCS_STR("PK\x03\x04")) ||
           tcs_base_str_starts(s, TCS_STR("\x1f\x8b")) ||
           tcs_base_str_starts(s, TCS_STR("7z\xbc\xaf"));
}

/* How many bytes from i on are ASCII and not NUL, eight at a time. */
static size_t
ascii_run(struct tcs_str s, size_t i)
{
    const uint64_t high = 0x8080808080808080u, low = 0x0101010101010101u;
    size_t from = i;
    for (uint64_t w; i + sizeof w <= s.n; i += sizeof w) {
        memcpy(&w, s.p + i, sizeof w);
        if ((w & high) || ((w - low) & ~w & high))
            break;
    }
    return i - from;
}

static int
not_utf8(struct reader *r, struct tcs_str s, size_t i)
{
    struct fy_mark at = {0};
    size_t line = 0; /* where it begins */
    for (size_t k = 0; k < i; k++)
        if (s.p[k] == '\n') {
            at.line++;
            line = k + 1;
        }
    at.column = (int)(i - line);
    return fail_at(r, &at, TCS_EPARSE,
                   is_packed(s) ? "the file is an archive; unpack it, and name the folder"
                                : "the file is not UTF-8 text");
}

/* A rule file is UTF-8 (Sigma rules specification, "Yaml File"). */
static int
check_utf8(struct reader *r, struct tcs_str s)
{
    for (size_t i = ascii_run(s, 0); i < s.n; i += ascii_run(s, i)) {
        size_t len = (unsigned char)s.p[i] < 0x80 ? 1 : tcs_base_utf8_len(s, i);
        if (len == 0 || s.p[i] == '\0')
            return not_utf8(r, s, i);
        i += len;
    }
    return 0;
}

static int
parse(struct reader *r)
{
    struct fy_diag_cfg dcfg;
    fy_diag_cfg_default(&dcfg);
    struct fy_diag *diag = fy_diag_create(&dcfg);
    if (!diag)
        return no_memory(r);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
                                        FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
                               .diag = diag};
    r->fyp = fy_parser_create(&cfg);
    int rc;
    if (!r->fyp || fy_parser_set_string(r->fyp, r->text.n ? r->text.p : "", r->text.n) < 0)
        rc = no_memory(r);
    else
        rc = read_all(r, diag);
    fy_parser_destroy(r->fyp);
    fy_diag_destroy(diag);
    tcs_base_map_done(&r->anchors);
    return rc;
}

int
sigma_yaml_library(struct tcs_arena *a, struct tcs_str text, struct tcs_yaml *ret,
                   struct tcs_err *err)
{
    *ret = (struct tcs_yaml){0};
    return parse(&(struct reader){.a = a, .out = ret, .err = err, .text = text});
}

int
tcs_sigma_yaml_parse(struct tcs_arena *a, struct tcs_str text, struct tcs_yaml *ret,
                     struct tcs_err *err)
{
    *ret = (struct tcs_yaml){0};
    struct reader r = {.a = a, .out = ret, .err = err};
    if (tcs_base_str_starts(text, TCS_STR("\xef\xbb\xbf")))
        text = tcs_base_str_slice(text, 3, text.n);
    r.text = text;
    int rc = check_utf8(&r, text);
    if (rc < 0)
        return rc;
    if (sigma_yaml_block(a, text, ret))
        return 0;
    return sigma_yaml_library(a, text, ret, err);
}

const struct tcs_ynode *
tcs_sigma_yaml_get(const struct tcs_ynode *map, const char *key, const struct tcs_ynode **k)
{
    struct tcs_str want = tcs_base_str_of(key);
    for (uint32_t i = 0; map->kind == TCS_Y_MAP && i < map->n; i++) {
        const struct tcs_ynode *at = map->kids[(size_t)2 * i];
        if (at->kind == TCS_Y_SCALAR && tcs_base_str_eq(at->text, want)) {
            if (k)
                *k = at;
            return map->kids[(size_t)2 * i + 1];
        }
    }
    return NULL;
}

/* decode/json/json_event.c - walks the tape once for the root keys, which tell the schema, and once
 * for the fields.  Arrays are repeated fields, objects dotted names; what else a schema does with
 * its keys is in the names (decode/json/key_table.h).
 *
 * Depth is bounded by the parser (TCS_JSON_DEPTH_MAX), so recursion is too. */
#include "decode/json/json_event.h"

#include "base/hash.h"
#include "base/limits.h"
#include "decode/text/xml.h"

#include <stdlib.h>

struct root_key {
    struct tcs_name *name;
    size_t at; /* of the value on the tape */
};

struct tcs_json_event {
    struct tcs_builder *b;
    struct root_key *keys;
    uint32_t nkeys;
    const struct tcs_simdjson_doc *doc;
    struct tcs_simdjson *inner; /* for JSON within a text; NULL until there is one */
    struct tcs_buf text;        /* that text, padded */
    bool inside;                /* `doc` is of `inner` */
};

struct tcs_json_event *
tcs_decode_json_event_new(const struct tcs_decode_opts *opts)
{
    struct tcs_json_event *je = calloc(1, sizeof *je);
    if (!je)
        return NULL;
    je->b = tcs_decode_builder_new(opts);
    je->keys = calloc(TCS_FIELDS_MAX, sizeof *je->keys);
    if (!je->b || !je->keys) {
        tcs_decode_json_event_free(je);
        return NULL;
    }
    return je;
}

void
tcs_decode_json_event_free(struct tcs_json_event *je)
{
    if (!je)
        return;
    tcs_decode_builder_free(je->b);
    tcs_decode_simdjson_free(je->inner);
    tcs_base_buf_done(&je->text);
    free(je->keys);
    free(je);
}

static struct tcs_value
scalar(const struct tcs_json_event *je, size_t at)
{
    const struct tcs_simdjson_doc *doc = je->doc;
    struct tcs_value v = {.type = TCS_V_NULL};
    switch (tcs_decode_tape_kind(doc, at)) {
    case '"':
        /* the inner parser's memory is needed again before the event is sent */
        return tcs_event_value_str(
            je->inside ? tcs_base_arena_str(je->b->rec.arena, tcs_decode_tape_str(doc, at))
                       : tcs_decode_tape_str(doc, at));
    case 'l':
        v.type = TCS_V_INT;
        v.u = doc->tape[at + 1];
        return v;
    case 'u':
        v.type = TCS_V_UINT;
        v.u = doc->tape[at + 1];
        return v;
    case 'd':
        v.type = TCS_V_REAL;
        memcpy(&v.d, &doc->tape[at + 1], sizeof v.d);
        return v;
    case 't':
    case 'f':
        v.type = TCS_V_BOOL;
        v.u = tcs_decode_tape_kind(doc, at) == 't';
        return v;
    default:
        return v;
    }
}

static void walk_value(struct tcs_json_event *je, struct tcs_name *n, size_t at);

/* The keys of one object; `table` is made when it is first asked for one. */
struct members {
    const struct tcs_simdjson_doc *doc;
    size_t begin, end; /* on the tape */
    size_t *table;     /* where a key is on the tape, by its hash; 0: free */
    size_t mask;
    uint64_t seed; /* of that hash */
};

static size_t *
member_at(const struct members *m, struct tcs_str key)
{
    size_t i = tcs_base_hash(key.p, key.n, m->seed) & m->mask;
    while (m->table[i] && !tcs_base_str_eq(tcs_decode_tape_str(m->doc, m->table[i]), key))
        i = (i + 1) & m->mask;
    return &m->table[i];
}

static bool
index_members(struct members *m, struct tcs_arena *a)
{
    size_t n = 0, at;
    for (at = m->begin; at < m->end; at = tcs_decode_tape_next(m->doc, at + 1))
        n++;
    for (m->mask = 15; m->mask < 2 * n; m->mask = 2 * m->mask + 1)
        ;
    m->seed = tcs_base_hash_secret();
    m->table = tcs_base_arena_array(a, m->mask + 1, sizeof *m->table);
    if (!m->table)
        return false;
    for (at = m->begin; at < m->end; at = tcs_decode_tape_next(m->doc, at + 1))
        *member_at(m, tcs_decode_tape_str(m->doc, at)) = at;
    return true;
}

/* Is there a key `want` in the object? */
static bool
has_key(struct members *m, struct tcs_arena *a, struct tcs_str want)
{
    bool known = m->table || (!tcs_base_arena_failed(a) && index_members(m, a));
    return known && *member_at(m, want);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void
walk_object(struct tcs_json_event *je, struct tcs_name *parent, size_t at)
{
    const struct tcs_simdjson_doc *doc = je->doc;
    size_t end = tcs_decode_tape_next(doc, at) - 1;
    struct members all = {.doc = doc, .begin = at + 1, .end = end};
    struct tcs_name *before = NULL;
    for (at = all.begin; at < end; at = tcs_decode_tape_next(doc, at + 1)) {
        struct tcs_str key = tcs_decode_tape_str(doc, at);
        struct tcs_name *n = tcs_decode_keys_after(je->b->names, parent, &before, key);
        if (!n) {
            je->b->rec.cut = true;
            continue;
        }
        if (n->base && has_key(&all, je->b->rec.arena, n->base->key))
            n = n->base;
        walk_value(je, n, at + 1);
    }
}

/* {"@Name":"Image","#text":"x"} or {"#attributes":{"Name":"Image"},"#text":"x"}: the name that the
 * element has, and where its text is on the tape (0: none). */
static struct tcs_str
data_name(const struct tcs_simdjson_doc *doc, size_t at, size_t *text)
{
    struct tcs_str name = {NULL, 0};
    size_t end = tcs_decode_tape_next(doc, at) - 1;
    for (at++; at < end; at = tcs_decode_tape_next(doc, at + 1)) {
        struct tcs_str key = tcs_decode_tape_str(doc, at), inner;
        size_t unused;
        char kind = tcs_decode_tape_kind(doc, at + 1);
        if (tcs_base_str_eq(key, TCS_STR("#text")))
            *text = at + 1;
        else if (kind == '{' && tcs_base_str_eq(key, TCS_STR("#attributes")) &&
                 (inner = data_name(doc, at + 1, &unused)).p)
            name = inner;
        else if (kind == '"' &&
                 (tcs_base_str_eq(key, TCS_STR("@Name")) || tcs_base_str_eq(key, TCS_STR("Name"))))
            name = tcs_decode_tape_str(doc, at + 1);
    }
    return name;
}

/* An object where a Data element stands.  Without a name it is an object like others. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void
walk_data(struct tcs_json_event *je, struct tcs_name *n, size_t at)
{
    size_t text = 0;
    struct tcs_str name = data_name(je->doc, at, &text);
    if (!name.p) {
        if (text)
            walk_value(je, n, text);
        else
            walk_object(je, n, at);
        return;
    }
    struct tcs_name *named = tcs_decode_keys_find(je->b->names, n->parent, name);
    if (!named)
        je->b->rec.cut = true;
    else if (text)
        walk_value(je, named, text);
    else
        tcs_decode_builder_value(je->b, named, (struct tcs_value){.type = TCS_V_NULL});
}

static bool
parse_text(struct tcs_json_event *je, struct tcs_str text, struct tcs_simdjson_doc *doc)
{
    if (!je->inner)
        je->inner = tcs_decode_simdjson_new(TCS_JSON_TEXT_MAX, TCS_JSON_DEPTH_MAX);
    je->text.n = 0;
    tcs_base_buf_str(&je->text, text);
    char *padding = tcs_base_buf_room(&je->text, TCS_BLOCK_PADDING);
    if (!je->inner || !padding)
        return false;
    memset(padding, ' ', TCS_BLOCK_PADDING);
    return tcs_decode_simdjson_parse(je->inner, (const uint8_t *)je->text.p, text.n, doc) ==
           TCS_SJ_OK;
}

/* A column whose text is JSON: what is in it become fields too.  One level: a text within it is a
 * text. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void
walk_text(struct tcs_json_event *je, struct tcs_name *n, struct tcs_str text)
{
    const struct tcs_simdjson_doc *outer = je->doc;
    struct tcs_simdjson_doc doc = {0};
    bool json = text.n > 1 && text.n <= TCS_JSON_TEXT_MAX && (*text.p == '{' || *text.p == '[');
    if (je->inside || !json || !parse_text(je, text, &doc))
        return;
    je->doc = &doc;
    je->inside = true;
    walk_value(je, n, 1);
    je->doc = outer;
    je->inside = false;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void
walk_value(struct tcs_json_event *je, struct tcs_name *n, size_t at)
{
    char kind = tcs_decode_tape_kind(je->doc, at);
    if (kind == '{' && n->kind == TCS_NAME_DATA) {
        walk_data(je, n, at);
    } else if (kind == '{' && n->kind != TCS_NAME_SKIP) {
        walk_object(je, n, at);
    } else if (kind == '[' && n->kind != TCS_NAME_SKIP) {
        size_t end = tcs_decode_tape_next(je->doc, at) - 1;
        for (at++; at < end; at = tcs_decode_tape_next(je->doc, at))
            walk_value(je, n, at);
    } else if (kind != '{' && kind != '[') {
        tcs_decode_builder_value(je->b, n, scalar(je, at));
        if (kind == '"' && n->kind == TCS_NAME_TEXT)
            walk_text(je, n, tcs_decode_tape_str(je->doc, at));
    }
}

/* The root's keys, and what they tell of the schema. */
static uint64_t
read_root(struct tcs_json_event *je, size_t at)
{
    const struct tcs_simdjson_doc *doc = je->doc;
    struct tcs_name *root = tcs_decode_keys_root(je->b->names, NULL), *before = NULL;
    size_t end = tcs_decode_tape_next(doc, at) - 1;
    uint64_t marks = 0;
    je->nkeys = 0;
    for (at++; at < end; at = tcs_decode_tape_next(doc, at + 1)) {
        struct tcs_name *n =
            tcs_decode_keys_after(je->b->names, root, &before, tcs_decode_tape_str(doc, at));
        if (!n || je->nkeys == TCS_FIELDS_MAX) {
            je->b->rec.cut = true;
            continue;
        }
        char kind = tcs_decode_tape_kind(doc, at + 1);
        marks |= n->marks[kind == '{'];
        if (n->telling && kind == '"')
            marks |= tcs_decode_schema_value_marks(n->key, tcs_decode_tape_str(doc, at + 1));
        je->keys[je->nkeys++] = (struct root_key){.name = n, .at = at + 1};
    }
    return marks;
}

/* A line of text with an event in it, carried as JSON by a log shipper.  False: there is none. */
static bool
send_xml(struct tcs_json_event *je, struct tcs_event *ev, const struct tcs_sink *sink,
         struct tcs_decode_stats *stats)
{
    for (uint32_t i = 0; i < je->nkeys; i++) {
        struct root_key k = je->keys[i];
        struct tcs_str event;
        if (!(k.name->marks[0] & TCS_MARK_TEXT) || tcs_decode_tape_kind(je->doc, k.at) != '"' ||
            !tcs_decode_xml_find(tcs_decode_tape_str(je->doc, k.at), 0, &event))
            continue;
        if (!tcs_decode_xml_send(je->b, event, ev, sink, stats))
            return true;
        tcs_decode_record_restart(&je->b->rec); /* not an event after all: an object like others */
    }
    return false;
}

void
tcs_decode_json_event_send(struct tcs_json_event *je, const struct tcs_simdjson_doc *doc,
                           struct tcs_event *ev, const struct tcs_sink *sink,
                           struct tcs_decode_stats *stats)
{
    je->doc = doc;
    tcs_decode_record_begin(&je->b->rec);
    uint64_t marks = read_root(je, 1);
    const struct tcs_schema *schema = tcs_decode_schema_of(marks);
    if (schema->xml) {
        if (send_xml(je, ev, sink, stats))
            return;
        schema = tcs_decode_schema_of(marks & ~TCS_MARK_TEXT);
    }
    for (uint32_t i = 0; i < je->nkeys; i++) {
        struct tcs_name *n = tcs_decode_keys_as(je->b->names, je->keys[i].name, schema);
        if (n)
            walk_value(je, n, je->keys[i].at);
        else
            je->b->rec.cut = true;
    }
    tcs_decode_builder_send(je->b, schema, ev, sink, stats);
}

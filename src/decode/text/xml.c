/* decode/text/xml.c - a small XML reader for events: elements, attributes, text -> named values.
 *
 * One pass, an explicit stack, every read bounded by the text's end.  Names go through the same
 * table as those of evtx_dump's JSON (decode/json/schema_event.c), so both give the same fields. */
#include "decode/text/xml.h"

#include "base/num.h"
#include "base/utf.h"

enum { DEPTH_MAX = 32 }; /* open elements; real events have five */

struct element {
    struct tcs_name *name;
    struct tcs_str tag;
    struct tcs_str text; /* so far */
    char *own;           /* where it stands if it is no slice of the input */
    size_t room;         /* bytes there; 0: it is one */
    bool filled;         /* has attributes or child elements: then no text is no value */
};

struct reader {
    struct tcs_builder *b;
    struct tcs_str s;
    size_t at;
    struct element stack[DEPTH_MAX];
    size_t depth;
    const char *bad; /* the first thing wrong */
};

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
tcs_decode_xml_find(struct tcs_str s, size_t from, struct tcs_str *ret)
{
    static const char end[] = "</Event>";
    while (from < s.n) {
        const char *p = memmem(s.p + from, s.n - from, "<Event", 6);
        if (!p)
            return false;
        from = (size_t)(p - s.p) + 6;
        if (from == s.n || (s.p[from] != '>' && !is_space(s.p[from])))
            continue;
        const char *q = memmem(s.p + from, s.n - from, end, sizeof end - 1);
        size_t to = q ? (size_t)(q - s.p) + sizeof end - 1 : s.n;
        *ret = tcs_base_str_slice(s, (size_t)(p - s.p), to);
        return true;
    }
    return false;
}

static struct tcs_str
fail(struct reader *r, const char *why)
{
    if (!r->bad)
        r->bad = why;
    r->at = r->s.n;
    return (struct tcs_str){NULL, 0};
}

static bool
looking_at(const struct reader *r, struct tcs_str word)
{
    return tcs_base_str_starts(tcs_base_str_slice(r->s, r->at, r->s.n), word);
}

static void
skip_space(struct reader *r)
{
    while (r->at < r->s.n && is_space(r->s.p[r->at]))
        r->at++;
}

static void
skip_past(struct reader *r, struct tcs_str word)
{
    const char *p = memmem(r->s.p + r->at, r->s.n - r->at, word.p, word.n);
    if (p)
        r->at = (size_t)(p - r->s.p) + word.n;
    else
        fail(r, "the XML is cut off");
}

/* A name: everything up to white space or one of = / > < */
static struct tcs_str
read_name(struct reader *r)
{
    size_t begin = r->at;
    while (r->at < r->s.n && !is_space(r->s.p[r->at]) && !memchr("=/><\"'", r->s.p[r->at], 6))
        r->at++;
    if (r->at == begin || r->at == r->s.n)
        return fail(r, "the XML is damaged in a tag");
    return tcs_base_str_slice(r->s, begin, r->at);
}

/* "&lt;" and its like at s.p[*at]: the character, stepping over it; '&' itself when it is none. */
static uint32_t
read_entity(struct tcs_str s, size_t *at)
{
    static const struct {
        struct tcs_str name;
        uint32_t c;
    } entities[] = {{TCS_STR("lt"), '<'},
                    {TCS_STR("gt"), '>'},
                    {TCS_STR("amp"), '&'},
                    {TCS_STR("quot"), '"'},
                    {TCS_STR("apos"), '\''}};
    size_t semicolon = tcs_base_str_find(tcs_base_str_slice(s, 0, *at + 12), ';', *at);
    struct tcs_str name = tcs_base_str_slice(s, *at + 1, semicolon);
    uint64_t c = 0x110000;
    char hex[16] = "0x";
    if (semicolon >= s.n || s.p[semicolon] != ';') {
        (*at)++;
        return '&';
    }
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (tcs_base_str_eq(name, entities[i].name))
            c = entities[i].c;
    if (name.n > 2 && name.p[0] == '#' && (name.p[1] == 'x' || name.p[1] == 'X')) {
        memcpy(hex + 2, name.p + 2, name.n - 2);
        if (!tcs_base_num_hex((struct tcs_str){hex, name.n}, &c))
            c = 0x110000;
    } else if (name.n > 1 && name.p[0] == '#' &&
               !tcs_base_num_u64(tcs_base_str_slice(name, 1, name.n), &c)) {
        c = 0x110000;
    }
    if (c >= 0x110000) {
        (*at)++;
        return '&';
    }
    *at = semicolon + 1;
    return (uint32_t)c;
}

/* Text with its entities replaced; borrowed when it has none. */
static struct tcs_str
unescape(struct reader *r, struct tcs_str s)
{
    if (!s.n || !memchr(s.p, '&', s.n))
        return s;
    char *p =
        tcs_base_arena_alloc(r->b->rec.arena, s.n); /* an entity is never shorter than its text */
    if (!p)
        return fail(r, "no memory to read it");
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        char put[4];
        size_t k = 1;
        if (s.p[at] == '&')
            k = tcs_base_utf8_put(put, read_entity(s, &at));
        else
            put[0] = s.p[at++];
        memcpy(p + n, put, k);
        n += k;
    }
    return (struct tcs_str){p, n};
}

/* Room for n bytes more behind the text so far; twice as much as is needed, so that text in many
 * pieces is not copied for each of them. */
static char *
text_room(struct reader *r, struct element *e, size_t n)
{
    if (e->room - e->text.n >= n && e->room)
        return e->own;
    size_t room = 2 * (e->text.n + n);
    char *p = tcs_base_arena_alloc(r->b->rec.arena, room);
    if (!p) {
        fail(r, "no memory to read it");
        return NULL;
    }
    memcpy(p, e->text.p, e->text.n);
    e->own = p;
    e->room = room;
    return p;
}

static void
add_text(struct reader *r, struct tcs_str s)
{
    struct element *e = &r->stack[r->depth - 1];
    if (s.n == 0)
        return;
    if (e->text.n == 0) {
        e->text = s;
        e->room = 0;
        return;
    }
    char *p = text_room(r, e, s.n);
    if (!p)
        return;
    memcpy(p + e->text.n, s.p, s.n);
    e->text = (struct tcs_str){p, e->text.n + s.n};
}

static struct tcs_name *
name_of(struct reader *r, struct tcs_name *parent, struct tcs_str key)
{
    struct tcs_name *n = tcs_decode_keys_find(r->b->names, parent, key);
    if (!n)
        fail(r, "an element's name is too long");
    return n;
}

static struct tcs_value
text_value(struct tcs_str s)
{
    return s.n ? tcs_event_value_str(s) : (struct tcs_value){.type = TCS_V_NULL};
}

/* An attribute of the element on top.  <Data Name="Image"> is the element Image. */
static void
add_attribute(struct reader *r, struct tcs_str key, struct tcs_str value)
{
    char at_key[TCS_FIELD_NAME_MAX];
    struct element *e = &r->stack[r->depth - 1];
    if (e->name->kind == TCS_NAME_DATA && tcs_base_str_eq(key, TCS_STR("Name"))) {
        struct tcs_name *n = name_of(r, e->name->parent, value);
        if (n)
            e->name = n;
        return;
    }
    if (key.n + 1 > sizeof at_key) {
        fail(r, "an attribute's name is too long");
        return;
    }
    at_key[0] = '@';
    memcpy(at_key + 1, key.p, key.n);
    struct tcs_name *n = name_of(r, e->name, (struct tcs_str){at_key, key.n + 1});
    if (n)
        tcs_decode_builder_value(r->b, n, text_value(value));
    e->filled = true;
}

static void
read_attribute(struct reader *r)
{
    struct tcs_str key = read_name(r);
    skip_space(r);
    if (r->at == r->s.n || r->s.p[r->at] != '=') {
        fail(r, "the XML is damaged in a tag");
        return;
    }
    r->at++;
    skip_space(r);
    char quote = r->at < r->s.n ? r->s.p[r->at] : '\0';
    size_t end = quote == '"' || quote == '\'' ? tcs_base_str_find(r->s, quote, r->at + 1) : r->s.n;
    if (end == r->s.n) {
        fail(r, "the XML is damaged in a tag");
        return;
    }
    struct tcs_str value = unescape(r, tcs_base_str_slice(r->s, r->at + 1, end));
    r->at = end + 1;
    add_attribute(r, key, value);
}

static void
close_element(struct reader *r)
{
    struct element *e = &r->stack[--r->depth];
    if (!e->filled || tcs_base_str_trim(e->text).n)
        tcs_decode_builder_value(r->b, e->name, text_value(e->text));
}

static void
open_element(struct reader *r)
{
    r->at++;
    struct tcs_str tag = read_name(r);
    if (r->bad)
        return;
    if (r->depth == DEPTH_MAX) {
        fail(r, "the XML is nested too deeply");
        return;
    }
    struct tcs_name *parent = tcs_decode_keys_root(r->b->names, tcs_decode_schema_xml());
    if (r->depth) {
        r->stack[r->depth - 1].filled = true;
        r->stack[r->depth - 1].text = (struct tcs_str){"", 0};
        parent = r->stack[r->depth - 1].name;
    }
    struct tcs_name *n = name_of(r, parent, tag);
    if (!n)
        return;
    r->stack[r->depth++] = (struct element){.name = n, .tag = tag};
    for (skip_space(r); r->at < r->s.n && r->s.p[r->at] != '>' && r->s.p[r->at] != '/';
         skip_space(r))
        read_attribute(r);
    bool empty = looking_at(r, TCS_STR("/>"));
    if (!empty && !looking_at(r, TCS_STR(">"))) {
        fail(r, "the XML is cut off");
        return;
    }
    r->at += empty ? 2 : 1;
    if (empty)
        close_element(r);
}

static void
read_end_tag(struct reader *r)
{
    r->at += 2;
    struct tcs_str tag = read_name(r);
    skip_space(r);
    if (r->bad || !looking_at(r, TCS_STR(">")) ||
        !tcs_base_str_eq(tag, r->stack[r->depth - 1].tag)) {
        fail(r, "the XML is damaged: tags do not match");
        return;
    }
    r->at++;
    close_element(r);
}

static void
read_markup(struct reader *r)
{
    if (looking_at(r, TCS_STR("</"))) {
        read_end_tag(r);
    } else if (looking_at(r, TCS_STR("<!--"))) {
        skip_past(r, TCS_STR("-->"));
    } else if (looking_at(r, TCS_STR("<![CDATA["))) {
        size_t begin = r->at += 9;
        skip_past(r, TCS_STR("]]>"));
        if (!r->bad)
            add_text(r, tcs_base_str_slice(r->s, begin, r->at - 3));
    } else if (looking_at(r, TCS_STR("<?"))) {
        skip_past(r, TCS_STR("?>"));
    } else if (looking_at(r, TCS_STR("<!"))) {
        fail(r, "the XML declares a document type, which no event has");
    } else {
        open_element(r);
    }
}

static void
read_text(struct reader *r)
{
    size_t begin = r->at;
    r->at = tcs_base_str_find(r->s, '<', begin);
    add_text(r, unescape(r, tcs_base_str_slice(r->s, begin, r->at)));
}

const char *
tcs_decode_xml_send(struct tcs_builder *b, struct tcs_str event, struct tcs_event *ev,
                    const struct tcs_sink *sink, struct tcs_decode_stats *stats)
{
    struct reader r = {.b = b, .s = event};
    open_element(&r);
    while (!r.bad && r.depth && r.at < r.s.n) {
        if (r.s.p[r.at] == '<')
            read_markup(&r);
        else
            read_text(&r);
    }
    if (!r.bad && r.depth)
        r.bad = "the XML is cut off";
    if (r.bad)
        return r.bad;
    const struct tcs_role_value *provider = &b->rec.roles[TCS_ROLE_PROVIDER];
    bool from_linux = b->rec.have & 1u << TCS_ROLE_PROVIDER &&
                      tcs_base_str_eq((struct tcs_str){provider->value.p, provider->value.n},
                                      TCS_STR("Linux-Sysmon"));
    tcs_decode_builder_send(b, from_linux ? tcs_decode_schema_xml() : tcs_decode_schemas, ev, sink,
                            stats);
    return NULL;
}

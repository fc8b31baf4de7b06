/* tests/evtxgen/binxml.c - XML text with placeholders to BinXML tokens ([MS-EVEN6] 2.2.12).
 *
 * In: text and values.  Out: bytes in the open chunk, with its string and template tables kept as
 * Windows keeps them.  Reads only the XML that tests write: no DTD, no comments, no namespaces. */
#include "evtxgen/int.h"

#include <ctype.h>

enum {
    T_EOF,
    T_OPEN,
    T_CLOSE_START,
    T_CLOSE_EMPTY,
    T_END,
    T_VALUE,
    T_ATTRIBUTE,
    T_CDATA,
    T_CHAR_REF,
    T_ENTITY_REF,
    T_PI_TARGET,
    T_PI_DATA,
    T_TEMPLATE,
    T_NORMAL,
    T_OPTIONAL,
    T_FRAGMENT,
    T_MORE = 0x40,
};

/* The text being read.  `depend`: elements carry a dependency id, as they do in templates. */
struct reader {
    struct evg *g;
    struct tcs_str s;
    size_t at;
    unsigned depth;
    bool depend;
    uint32_t last; /* place of the token to get T_MORE when another of its kind follows, or 0 */
    const char *wrong;
};

static void
wrong(struct reader *r, const char *what)
{
    if (!r->wrong)
        r->wrong = what;
    r->at = r->s.n; /* ends every loop */
}

static bool
looking_at(const struct reader *r, const char *lit)
{
    return tcs_base_str_starts(tcs_base_str_slice(r->s, r->at, r->s.n), tcs_base_str_of(lit));
}

static bool
accept(struct reader *r, const char *lit)
{
    if (!looking_at(r, lit))
        return false;
    r->at += strlen(lit);
    return true;
}

static void
need(struct reader *r, const char *lit)
{
    if (!accept(r, lit))
        wrong(r, lit);
}

static char
peek(const struct reader *r)
{
    return r->at < r->s.n ? r->s.p[r->at] : '\0';
}

static void
blanks(struct reader *r)
{
    while (isspace((unsigned char)peek(r)))
        r->at++;
}

static struct tcs_str
until(struct reader *r, const char *lit)
{
    size_t from = r->at;
    while (r->at < r->s.n && !looking_at(r, lit))
        r->at++;
    struct tcs_str s = tcs_base_str_slice(r->s, from, r->at);
    need(r, lit);
    return s;
}

static struct tcs_str
read_name(struct reader *r)
{
    size_t from = r->at;
    while (r->at < r->s.n && !strchr(" \t\r\n/>=<?;&'\"", r->s.p[r->at]))
        r->at++;
    if (r->at == from)
        wrong(r, "a name");
    return tcs_base_str_slice(r->s, from, r->at);
}

/* Characters are hashed as in the string table of a chunk: h = h * 65599 + c, 16 bits kept. */
static uint16_t
name_hash(const uint8_t *p, size_t units)
{
    uint32_t h = 0;
    for (size_t i = 0; i < units; i++)
        h = h * 65599 + (uint32_t)(p[2 * i] | p[2 * i + 1] << 8);
    return (uint16_t)h;
}

static uint32_t
get32(const struct evg *g, uint32_t at)
{
    const uint8_t *p = g->c.b + at;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Offset of the name in the chunk, and the name itself behind the offset when it is new. */
static void
put_name(struct evg *g, struct tcs_str name)
{
    size_t units;
    const uint8_t *u = evg_utf16(g, name, &units);
    uint16_t h = name_hash(u, units);
    uint32_t *bucket = &g->c.strings[h % 64];
    for (uint32_t at = *bucket; at; at = get32(g, at)) {
        uint32_t n = get32(g, at + 4) >> 16;
        if (n == units && memcmp(g->c.b + at + 8, u, 2 * units) == 0) {
            evg_put32(g, at);
            return;
        }
    }
    uint32_t at = g->c.n + 4;
    evg_put32(g, at);
    evg_put32(g, *bucket);
    evg_put16(g, h);
    evg_put16(g, (unsigned)units);
    evg_put(g, u, 2 * units);
    evg_put16(g, 0);
    if (!g->c.full)
        *bucket = at;
}

/* Text of a token: count of UTF-16 units, units. */
static void
put_text(struct evg *g, struct tcs_str s)
{
    size_t units;
    const uint8_t *u = evg_utf16(g, s, &units);
    evg_put16(g, (unsigned)units);
    evg_put(g, u, 2 * units);
}

/* A content token that says in the one before it that more follows. */
static void
put_content(struct reader *r, unsigned token)
{
    if (r->last && !r->g->c.full)
        r->g->c.b[r->last] |= T_MORE;
    r->last = r->g->c.n;
    evg_put8(r->g, token);
}

/* {N:TYPE} or {N?TYPE}, the brace read already. */
static void
substitution(struct reader *r)
{
    unsigned index = 0;
    bool optional;
    size_t from = r->at;
    while (isdigit((unsigned char)peek(r)) && index < 10000)
        index = index * 10 + (unsigned)(r->s.p[r->at++] - '0');
    optional = peek(r) == '?';
    if (r->at == from || (!optional && peek(r) != ':')) {
        wrong(r, "{number:type}");
        return;
    }
    r->at++;
    int type = evg_type(until(r, "}"));
    if (type < 0) {
        wrong(r, "a type");
        return;
    }
    r->last = 0;
    evg_put8(r->g, optional ? T_OPTIONAL : T_NORMAL);
    evg_put16(r->g, index);
    evg_put8(r->g, (unsigned)type);
}

/* &name; or &#number; */
static void
reference(struct reader *r)
{
    need(r, "&");
    if (!accept(r, "#")) {
        struct tcs_str name = until(r, ";");
        put_content(r, T_ENTITY_REF);
        put_name(r->g, name);
        return;
    }
    unsigned v = 0;
    struct tcs_str digits = until(r, ";");
    for (size_t i = 0; i < digits.n && v < 65536; i++)
        v = v * 10 + (unsigned)(digits.p[i] - '0');
    put_content(r, T_CHAR_REF);
    evg_put16(r->g, v);
}

/* Literal text up to a character of `stop`; "{{" gives a brace. */
static void
literal(struct reader *r, const char *stop)
{
    char *copy = evg_alloc(r->g, r->s.n - r->at + 1);
    size_t n = 0;
    while (r->at < r->s.n && !strchr(stop, r->s.p[r->at])) {
        if (r->s.p[r->at] == '{') {
            if (!looking_at(r, "{{"))
                break;
            r->at++;
        }
        copy[n++] = r->s.p[r->at++];
    }
    put_content(r, T_VALUE);
    evg_put8(r->g, EVG_STRING);
    put_text(r->g, (struct tcs_str){copy, n});
}

/* One part of a text: a placeholder, a reference, or literal text. */
static void
text_part(struct reader *r, const char *stop)
{
    if (peek(r) == '&') {
        reference(r);
    } else if (peek(r) == '{' && !looking_at(r, "{{")) {
        r->at++;
        substitution(r);
    } else {
        literal(r, stop);
    }
}

static void
attributes(struct reader *r)
{
    uint32_t size = r->g->c.n, more = 0;
    evg_put32(r->g, 0);
    for (blanks(r); r->at < r->s.n && peek(r) != '>' && peek(r) != '/'; blanks(r)) {
        if (more && !r->g->c.full)
            r->g->c.b[more] |= T_MORE;
        more = r->g->c.n;
        evg_put8(r->g, T_ATTRIBUTE);
        put_name(r->g, read_name(r));
        need(r, "=");
        char quote = peek(r);
        if (quote != '\'' && quote != '"')
            wrong(r, "a quote");
        r->at++;
        r->last = 0;
        while (r->at < r->s.n && peek(r) != quote)
            text_part(r, quote == '"' ? "&\"" : "&'");
        need(r, quote == '"' ? "\"" : "'");
    }
    evg_set32(r->g, size, r->g->c.n - size - 4);
}

static void content(struct reader *r);

static void
element(struct reader *r)
{
    if (++r->depth > EVG_DEPTH_MAX) {
        wrong(r, "less nesting");
        return;
    }
    need(r, "<");
    struct tcs_str name = read_name(r);
    blanks(r);
    bool attrs = peek(r) != '>' && peek(r) != '/';
    evg_put8(r->g, T_OPEN | (attrs ? T_MORE : 0));
    if (r->depend)
        evg_put16(r->g, 0xffff); /* depends on no value */
    uint32_t size = r->g->c.n;
    evg_put32(r->g, 0);
    put_name(r->g, name);
    if (attrs)
        attributes(r);
    if (accept(r, "/>")) {
        evg_put8(r->g, T_CLOSE_EMPTY);
    } else {
        need(r, ">");
        evg_put8(r->g, T_CLOSE_START);
        content(r);
        need(r, "</");
        if (!tcs_base_str_eq(read_name(r), name))
            wrong(r, "the end of the element that is open");
        need(r, ">");
        evg_put8(r->g, T_END);
    }
    evg_set32(r->g, size, r->g->c.n - size - 4);
    r->last = 0;
    r->depth--;
}

static void
instruction(struct reader *r)
{
    evg_put8(r->g, T_PI_TARGET);
    put_name(r->g, read_name(r));
    blanks(r);
    evg_put8(r->g, T_PI_DATA);
    put_text(r->g, until(r, "?>"));
    r->last = 0;
}

/* White space that only lays out the text: up to the next tag. */
static bool
layout(struct reader *r)
{
    size_t at = r->at;
    while (at < r->s.n && isspace((unsigned char)r->s.p[at]))
        at++;
    if (at == r->at || (at < r->s.n && r->s.p[at] != '<'))
        return false;
    r->at = at;
    return true;
}

static void
content(struct reader *r)
{
    r->last = 0;
    while (r->at < r->s.n && !looking_at(r, "</")) {
        if (layout(r))
            continue;
        if (accept(r, "<![CDATA[")) {
            put_content(r, T_CDATA);
            put_text(r->g, until(r, "]]>"));
        } else if (accept(r, "<?")) {
            instruction(r);
        } else if (peek(r) == '<') {
            element(r);
        } else {
            text_part(r, "&<");
        }
    }
}

static int
put_tokens(struct evg *g, const char *text, bool depend, struct tcs_err *err)
{
    struct reader r = {.g = g, .s = tcs_base_str_of(text), .depend = depend};
    content(&r);
    if (r.at < r.s.n)
        wrong(&r, "no more end tags");
    if (r.wrong)
        return tcs_base_fail(err, TCS_EPARSE, "expected %s in %.150s", r.wrong, text);
    return 0;
}

/* A template's identity: two FNV-1a hashes of its text, so that equal texts share a template. */
static void
template_guid(const char *text, uint8_t guid[16])
{
    uint64_t h[2] = {0xcbf29ce484222325u, 0x84222325cbf29ce4u};
    for (; *text; text++)
        for (int i = 0; i < 2; i++)
            h[i] = (h[i] ^ (uint8_t)*text) * 0x100000001b3u;
    for (int i = 0; i < 16; i++)
        guid[i] = (uint8_t)(h[i / 8] >> (8 * (i % 8)));
}

/* Bucket of the chunk's template table: as names are hashed, over the GUID's eight 16-bit parts. */
static uint32_t
template_bucket(const uint8_t guid[16])
{
    return name_hash(guid, 8) % 32;
}

static int
put_definition(struct evg *g, const char *text, const uint8_t guid[16], struct tcs_err *err)
{
    uint32_t at = g->c.n, *bucket = &g->c.templates[template_bucket(guid)];
    evg_put32(g, *bucket);
    evg_put(g, guid, 16);
    evg_put32(g, 0);
    if (!g->c.full)
        *bucket = at;
    evg_put(g, "\x0f\x01\x01", 4);
    int rc = put_tokens(g, text, true, err);
    evg_put8(g, T_EOF);
    evg_set32(g, at + 20, g->c.n - at - 24);
    return rc;
}

static int
put_values(struct evg *g, const struct evg_xml *x, struct tcs_err *err)
{
    evg_put32(g, x->n);
    uint32_t at = g->c.n;
    for (uint32_t i = 0; i < x->n; i++) {
        evg_put16(g, x->values[i].n);
        evg_put8(g, x->values[i].type);
        evg_put8(g, 0);
    }
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t start = g->c.n;
        if (x->values[i].type != EVG_XML || x->values[i].n) {
            evg_put(g, x->values[i].p, x->values[i].n);
            continue;
        }
        int rc = evg_put_fragment(g, x->values[i].p, err);
        if (rc < 0)
            return rc;
        if (!g->c.full)
            evg_set32(g, at + 4 * i, (g->c.n - start) | (uint32_t)EVG_XML << 16);
    }
    return 0;
}

static int
put_template(struct evg *g, const struct evg_xml *x, struct tcs_err *err)
{
    uint8_t guid[16];
    int rc = 0;
    template_guid(x->text, guid);
    evg_put8(g, T_TEMPLATE);
    evg_put8(g, 1);
    evg_put(g, guid, 4);
    uint32_t at = g->c.templates[template_bucket(guid)];
    while (at && memcmp(g->c.b + at + 4, guid, 16) != 0)
        at = get32(g, at);
    evg_put32(g, at ? at : g->c.n + 4);
    if (!at)
        rc = put_definition(g, x->text, guid, err);
    return rc < 0 ? rc : put_values(g, x, err);
}

int
evg_put_fragment(struct evg *g, const struct evg_xml *x, struct tcs_err *err)
{
    if (!(x->flags & EVG_NO_FRAGMENT))
        evg_put(g, "\x0f\x01\x01", 4);
    int rc = x->flags & EVG_DIRECT ? put_tokens(g, x->text, false, err) : put_template(g, x, err);
    evg_put8(g, T_EOF);
    return rc;
}

/* sigma/yaml_block.c - block maps and lists of scalars, line by line, in one pass.
 *
 * Read here: documents that are maps; maps and lists by indentation; plain keys; scalars that are
 * plain or quoted on one line, literal or folded blocks; comments.  Whatever else there is (flow
 * collections, anchors, tags, directives, scalars over several lines, tabs, wrong indentation,
 * a key twice) ends the reading, and libfyaml reads the whole text: it knows the rest of YAML and
 * what to say of errors.  So this is never more lenient than it, which the tests hold. */
#include "sigma/yaml_block.h"

#include "base/limits.h"

enum { KEY_MAX = 256, KEYS_MAX = 64, NODES_MAX = 1 << 17 };

struct reader {
    struct tcs_arena *a;
    struct tcs_str s;
    size_t bol, at, eol; /* the line in hand: its begin, what is next in it, its end */
    uint32_t line;       /* 1-based */
    uint32_t depth, nodes;
    bool end; /* no more lines */
};

static bool
blank(char c)
{
    return c == ' ' || c == '\n';
}

/* The byte at i, and a line end behind the text. */
static char
peek(const struct reader *r, size_t i)
{
    return i < r->s.n ? r->s.p[i] : '\n';
}

static uint32_t
column(const struct reader *r)
{
    return (uint32_t)(r->at - r->bol);
}

static void
skip_blanks(struct reader *r)
{
    while (r->at < r->eol && r->s.p[r->at] == ' ')
        r->at++;
}

/* Makes the line that begins at `bol` the one in hand. */
static void
enter_line(struct reader *r, size_t bol)
{
    r->bol = r->at = bol;
    const char *nl = bol < r->s.n ? memchr(r->s.p + bol, '\n', r->s.n - bol) : NULL;
    r->eol = nl ? (size_t)(nl - r->s.p) : r->s.n;
    r->end = bol >= r->s.n;
    skip_blanks(r);
}

static void
next_line(struct reader *r)
{
    r->line++;
    enter_line(r, r->eol + 1);
}

static bool
nothing_left(const struct reader *r)
{
    return r->at >= r->eol || r->s.p[r->at] == '#';
}

/* To the next line that is not blank and no comment, from the begin of one. */
static void
to_content(struct reader *r)
{
    while (!r->end && nothing_left(r))
        next_line(r);
}

/* From the end of a scalar: blanks and a comment at most. */
static bool
end_line(struct reader *r)
{
    size_t from = r->at;
    skip_blanks(r);
    if (!nothing_left(r) || (r->at < r->eol && r->at == from))
        return false;
    next_line(r);
    to_content(r);
    return true;
}

static bool
is_dash(const struct reader *r)
{
    return peek(r, r->at) == '-' && blank(peek(r, r->at + 1));
}

static bool
is_marker(const struct reader *r)
{
    return !r->end && r->at == r->bol && r->eol - r->bol >= 3 &&
           (memcmp(r->s.p + r->bol, "---", 3) == 0 || memcmp(r->s.p + r->bol, "...", 3) == 0);
}

/* Can a plain scalar begin with it (YAML 1.2.2 §7.3.3), without a look at what follows? */
static bool
begins_plain(const struct reader *r)
{
    char c = peek(r, r->at);
    return c == '-' ? !blank(peek(r, r->at + 1)) : !strchr("?:,[]{}#&*!|>'\"%@`", c);
}

static struct tcs_ynode *
new_node(struct reader *r, uint8_t kind)
{
    struct tcs_ynode *y = r->nodes++ < NODES_MAX ? tcs_base_arena_alloc(r->a, sizeof *y) : NULL;
    if (y)
        *y = (struct tcs_ynode){.kind = kind, .weight = 1, .line = r->line, .col = column(r) + 1};
    return y;
}

/* --- scalars ---------------------------------------------------------------------------------- */

/* Where c is on this line at or behind i, or its end. */
static size_t
find(const struct reader *r, char c, size_t i)
{
    const char *p = memchr(r->s.p + i, c, r->eol - i);
    return p ? (size_t)(p - r->s.p) : r->eol;
}

/* Where a comment begins on this line at or behind i, or its end. */
static size_t
comment(const struct reader *r, size_t i)
{
    for (i = find(r, '#', i); i < r->eol && r->s.p[i - 1] != ' ';)
        i = find(r, '#', i + 1);
    return i;
}

/* Where the plain scalar ends that begins at r->at; 0: not one of one line. */
static size_t
plain_end(const struct reader *r)
{
    size_t end = comment(r, r->at);
    for (size_t i = find(r, ':', r->at); i < end; i = find(r, ':', i + 1))
        if (blank(peek(r, i + 1)))
            return 0;
    while (r->s.p[end - 1] == ' ')
        end--;
    return end;
}

static struct tcs_ynode *
plain(struct reader *r)
{
    struct tcs_ynode *y = new_node(r, TCS_Y_SCALAR);
    size_t end = begins_plain(r) ? plain_end(r) : 0;
    if (!y || end == 0)
        return NULL;
    y->text = tcs_base_arena_str(r->a, tcs_base_str_slice(r->s, r->at, end));
    if (!y->text.p)
        return NULL;
    y->inline_text = true;
    sigma_yaml_resolve(y);
    r->at = end;
    return y;
}

/* Where the quote closes that opens at r->at, on this line; 0: elsewhere.  *odd: there is more
 * inside than stands for itself. */
static size_t
closing(const struct reader *r, bool *odd)
{
    char q = r->s.p[r->at];
    size_t i = find(r, q, r->at + 1);
    *odd = q == '"' && find(r, '\\', r->at + 1) < i;
    if (*odd)
        for (i = r->at + 1; i < r->eol && r->s.p[i] != q; i++)
            i += r->s.p[i] == '\\';
    while (q == '\'' && i < r->eol && peek(r, i + 1) == q) {
        *odd = true;
        i = find(r, q, i + 2 < r->eol ? i + 2 : r->eol);
    }
    return i < r->eol ? i : 0;
}

/* Escapes of a double-quoted scalar that rules use; '\0': another. */
static char
escape(char c)
{
    switch (c) {
    case '\\':
    case '"':
    case '/':
        return c;
    case 'n':
        return '\n';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

static struct tcs_str
unescape(struct reader *r, struct tcs_str raw, char q)
{
    char *out = tcs_base_arena_alloc(r->a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < raw.n; i++) {
        char c = raw.p[i];
        if (c == (q == '"' ? '\\' : '\'')) {
            c = q == '"' ? escape(raw.p[++i]) : raw.p[++i];
            if (!c)
                return (struct tcs_str){NULL, 0};
        }
        out[n++] = c;
    }
    if (out)
        out[n] = '\0';
    return (struct tcs_str){out, out ? n : 0};
}

static struct tcs_ynode *
quoted(struct reader *r)
{
    char q = r->s.p[r->at];
    bool odd;
    size_t end = closing(r, &odd);
    r->at++;
    struct tcs_ynode *y = end ? new_node(r, TCS_Y_SCALAR) : NULL;
    if (!y)
        return NULL;
    struct tcs_str raw = tcs_base_str_slice(r->s, r->at, end);
    y->text = odd ? unescape(r, raw, q) : tcs_base_arena_str(r->a, raw);
    y->inline_text = y->text.n == raw.n;
    r->at = end + 1;
    return y->text.p ? y : NULL;
}

/* Lines of a literal (|) or folded (>) block below a collection at column `parent`. */
static struct tcs_ynode *
block(struct reader *r, uint32_t parent)
{
    char style = r->s.p[r->at];
    bool strip = peek(r, r->at + 1) == '-';
    struct tcs_ynode *y = new_node(r, TCS_Y_SCALAR);
    r->at += 1u + strip;
    if (!y || r->at != r->eol)
        return NULL;
    next_line(r);
    uint32_t indent = column(r);
    if (r->end || r->at >= r->eol || indent <= parent)
        return NULL;
    y->line = r->line; /* libfyaml's place of it */
    y->col = 1;
    char *out = tcs_base_arena_alloc(r->a, r->s.n - r->bol + 2);
    size_t n = 0, kept = 0; /* kept: up to the last line with text */
    uint32_t empty = 0;
    for (; out && !r->end; next_line(r)) {
        if (r->at >= r->eol) {
            if (r->eol - r->bol > indent)
                return NULL; /* blanks that are text */
            empty++;
            continue;
        }
        if (column(r) < indent)
            break;
        if (style == '>' && (column(r) > indent || (n && empty)))
            return NULL; /* lines that are not folded */
        if (n && style == '>')
            out[n++] = ' ';
        else if (n)
            out[n++] = '\n';
        for (; empty && n; empty--)
            out[n++] = '\n';
        memcpy(out + n, r->s.p + r->bol + indent, r->eol - r->bol - indent);
        kept = n += r->eol - r->bol - indent;
        empty = 0;
    }
    if (!out || (r->end && r->s.p[r->s.n - 1] != '\n'))
        return NULL;
    if (!strip)
        out[kept++] = '\n';
    out[kept] = '\0';
    y->text = (struct tcs_str){out, kept};
    to_content(r);
    return r->end || column(r) <= parent || is_marker(r) ? y : NULL;
}

/* The scalar at r->at, below a collection at column `parent`; then the next line is in hand. */
static struct tcs_ynode *
scalar(struct reader *r, uint32_t parent)
{
    char c = r->s.p[r->at];
    if (c == '|' || c == '>')
        return block(r, parent);
    struct tcs_ynode *y = c == '\'' || c == '"' ? quoted(r) : plain(r);
    if (!y || !end_line(r))
        return NULL;
    return r->end || column(r) <= parent ? y : NULL; /* else it goes on there */
}

/* --- collections ------------------------------------------------------------------------------ */

static struct tcs_ynode *node(struct reader *r, uint32_t parent);

/* The kids of a collection so far. */
struct kids {
    const struct tcs_ynode **at;
    uint32_t n, cap;
};

static bool
add(struct reader *r, struct tcs_ynode *to, struct kids *kids, const struct tcs_ynode *y)
{
    if (!y || !tcs_base_arena_grow(r->a, &kids->at, kids->n, &kids->cap, sizeof *kids->at))
        return false;
    kids->at[kids->n++] = y;
    to->weight += y->weight;
    return true;
}

/* Where the plain key at r->at ends, at its colon; 0: it is no key, or none that is read here. */
static size_t
key_end(const struct reader *r)
{
    if (!begins_plain(r))
        return 0;
    size_t end = find(r, ':', r->at);
    while (end < r->eol && !blank(peek(r, end + 1)))
        end = find(r, ':', end + 1);
    if (end >= r->eol || end - r->at >= KEY_MAX || r->s.p[end - 1] == ' ' ||
        comment(r, r->at) < end)
        return 0;
    for (size_t i = r->at; i < end; i++)
        if ((unsigned char)r->s.p[i] >= 0x80)
            return 0;
    return end;
}

static struct tcs_ynode *
key(struct reader *r, const struct kids *map)
{
    size_t end = key_end(r);
    struct tcs_ynode *y = end > r->at ? new_node(r, TCS_Y_SCALAR) : NULL;
    if (!y || map->n >= 2u * KEYS_MAX)
        return NULL;
    y->text = tcs_base_arena_str(r->a, tcs_base_str_slice(r->s, r->at, end));
    for (uint32_t i = 0; i < map->n; i += 2)
        if (tcs_base_str_eq(map->at[i]->text, y->text))
            return NULL;
    y->inline_text = true;
    if (y->text.p)
        sigma_yaml_resolve(y);
    r->at = end + 1;
    skip_blanks(r);
    return y->text.p ? y : NULL;
}

/* What stands below a key or a dash at column `parent` on lines of its own. */
static struct tcs_ynode *
below(struct reader *r, uint32_t parent, bool dash_beside)
{
    next_line(r);
    to_content(r);
    if (r->end || is_marker(r))
        return NULL;
    if (column(r) > parent ? is_dash(r) || key_end(r)
                           : dash_beside && column(r) == parent && is_dash(r))
        return node(r, parent);
    return NULL; /* nothing at all, a scalar on a line of its own, or wrong */
}

static struct tcs_ynode *
map(struct reader *r)
{
    struct tcs_ynode *y = new_node(r, TCS_Y_MAP);
    uint32_t col = column(r);
    struct kids kids = {0};
    do {
        if (!y || !add(r, y, &kids, key(r, &kids)))
            return NULL;
        if (!add(r, y, &kids, nothing_left(r) ? below(r, col, true) : scalar(r, col)))
            return NULL;
    } while (!r->end && column(r) == col && !is_dash(r) && !is_marker(r));
    y->kids = kids.at;
    y->n = kids.n / 2;
    return y;
}

static struct tcs_ynode *
list(struct reader *r)
{
    struct tcs_ynode *y = new_node(r, TCS_Y_SEQ);
    uint32_t col = column(r);
    struct kids kids = {0};
    do {
        r->at++;
        skip_blanks(r);
        if (!y || !add(r, y, &kids, nothing_left(r) ? below(r, col, false) : node(r, col)))
            return NULL;
    } while (!r->end && column(r) == col && is_dash(r) && !is_marker(r));
    y->kids = kids.at;
    y->n = kids.n;
    return y;
}

/* The node at r->at, below a collection at column `parent`. */
static struct tcs_ynode *
node(struct reader *r, uint32_t parent)
{
    if (r->depth + 1 >= TCS_YAML_DEPTH_MAX)
        return NULL;
    r->depth++;
    struct tcs_ynode *y = is_dash(r) ? list(r) : key_end(r) ? map(r) : scalar(r, parent);
    r->depth--;
    /* what comes next belongs to a collection further out, or is wrong */
    return y;
}

/* --- documents -------------------------------------------------------------------------------- */

/* Characters that YAML or libfyaml treats apart: other line ends, controls, byte order marks. */
static bool
unusual(struct tcs_str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i], d = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
    return (c < 0x20 && c != '\n') || c == 0x7f || (c == 0xc2 && d < 0xa0) ||
           (c == 0xe2 && d == 0x80 && i + 2 < s.n && ((unsigned char)s.p[i + 2] & 0xfe) == 0xa8) ||
           (c == 0xef && d >= 0xbb);
}

static bool
only_usual(struct tcs_str s)
{
    typedef uint8_t v16 __attribute__((vector_size(16)));
    for (size_t i = 0; i < s.n;) {
        uint64_t odd[2] = {1};
        if (i + sizeof odd <= s.n) {
            v16 c;
            memcpy(&c, s.p + i, sizeof c);
            v16 found = (v16)((v16)(c - 0x20) >= 0x5f) & (v16)(c != '\n');
            memcpy(odd, &found, sizeof odd);
        }
        if (!(odd[0] | odd[1])) {
            i += sizeof odd;
            continue;
        }
        for (size_t end = i + sizeof odd; i < end && i < s.n; i++)
            if (unusual(s, i))
                return false;
    }
    return true;
}

static bool
document(struct reader *r, struct tcs_yaml *ret, uint32_t *cap)
{
    struct tcs_ydoc doc = {.line = r->line};
    if (is_marker(r)) {
        if (r->s.p[r->bol] == '.' || r->eol - r->bol != 3)
            return false;
        next_line(r);
        to_content(r);
    } else if (r->line > 1) {
        return false; /* libfyaml says that it began before the comments */
    }
    if (r->end || r->at != r->bol || is_marker(r) || is_dash(r) || !key_end(r))
        return false;
    doc.root = map(r);
    if (!doc.root || !(r->end || is_marker(r)))
        return false;
    if (!tcs_base_arena_grow(r->a, &ret->docs, ret->ndocs, cap, sizeof *ret->docs))
        return false;
    ret->docs[ret->ndocs++] = doc;
    return true;
}

bool
sigma_yaml_block(struct tcs_arena *a, struct tcs_str text, struct tcs_yaml *ret)
{
    struct reader r = {.a = a, .s = text, .line = 1};
    uint32_t cap = 0;
    *ret = (struct tcs_yaml){0};
    if (!only_usual(text))
        return false;
    enter_line(&r, 0);
    to_content(&r);
    if (r.end)
        return false;
    while (!r.end)
        if (!document(&r, ret, &cap))
            return false;
    return true;
}

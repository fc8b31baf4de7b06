/* input/json_scan.c - a string-aware bracket counter, eight bytes at a time. */
#include "input/json_scan.h"

#include "base/cursor.h"

#include <string.h>

#define ONES 0x0101010101010101u
#define HIGH 0x8080808080808080u

enum { ENVELOPE_MAX = 4096 }; /* bytes of an envelope's head: Graph's has two URLs in it */

/* A high bit for each zero byte of v.  Bytes above a zero one may be flagged too, so only the
 * lowest flag is sure; that also holds for several results or-ed together. */
static uint64_t
zero_bytes(uint64_t v)
{
    return (v - ONES) & ~v & HIGH;
}

static uint64_t
equal_bytes(uint64_t v, uint8_t c)
{
    return zero_bytes(v ^ (ONES * c));
}

static size_t
lowest(uint64_t flags)
{
    return (size_t)__builtin_ctzll(flags) / 8;
}

/* Over bytes that neither end the string nor escape. */
static size_t
skip_string(const uint8_t *p, size_t n, size_t at)
{
    for (; n - at >= 8; at += 8) {
        uint64_t v = tcs_base_le64(p + at);
        uint64_t flags = equal_bytes(v, '"') | equal_bytes(v, '\\') | equal_bytes(v, '\n');
        if (flags)
            return at + lowest(flags);
    }
    while (at < n && p[at] != '"' && p[at] != '\\' && p[at] != '\n')
        at++;
    return at;
}

static bool
is_structure(uint8_t c)
{
    return c == '"' || c == '{' || c == '}' || c == '[' || c == ']';
}

/* Over bytes that neither open nor close anything.  The brackets {}[] differ only in the bits that
 * the mask levels; a few letters share the pattern and are sorted out singly. */
static size_t
skip_plain(const uint8_t *p, size_t n, size_t at)
{
    while (n - at >= 8) {
        uint64_t v = tcs_base_le64(p + at);
        uint64_t flags =
            equal_bytes(v, '"') | equal_bytes((v | ONES * 0x20) & ~(ONES * 0x06), 0x79);
        at += flags ? lowest(flags) : 8;
        if (flags && is_structure(p[at]))
            return at;
        at += flags != 0;
    }
    while (at < n && !is_structure(p[at]))
        at++;
    return at;
}

/* To behind the string's end, or n. */
static size_t
scan_string(struct tcs_json_scan *st, const uint8_t *p, size_t n, size_t at)
{
    at += st->escape;
    st->escape = false;
    for (; at < n; at += 2) {
        at = skip_string(p, n, at);
        if (at < n && p[at] != '\\') {
            st->string = false;
            return at + 1;
        }
        st->escape = at + 1 == n; /* what is escaped comes with the next bytes */
    }
    return n;
}

bool
tcs_input_json_scan_object(struct tcs_json_scan *st, const uint8_t *p, size_t n, size_t *ret_at)
{
    size_t at = *ret_at;
    while (at < n) {
        if (st->string) {
            at = scan_string(st, p, n, at);
            continue;
        }
        at = skip_plain(p, n, at);
        if (at == n)
            break;
        uint8_t c = p[at++];
        if (c == '"') {
            st->string = true;
        } else if (c == '{' || c == '[') {
            st->depth++;
        } else if (--st->depth == 0) {
            *ret_at = at;
            *st = (struct tcs_json_scan){0};
            return true;
        }
    }
    *ret_at = at;
    return false;
}

/* Objects that hold the records in an array; the text of each head without white space.  '*' is any
 * string; '{' at the end has to follow and is not part of the head. */
static const char *const envelopes[] = {
    "{\"Records\":[",                                           /* CloudTrail in S3 */
    "{\"records\":[{",                                          /* Azure's event hubs */
    "{\"value\":[{",                                            /* Graph, Azure's REST API */
    "{\"@odata.context\":*,\"value\":[{",                       /* Graph */
    "{\"@odata.context\":*,\"@odata.nextLink\":*,\"value\":[{", /* Graph, one page of many */
    NULL,
};

/* Behind the string that begins at p[i]; i if there is none, n if it does not end. */
static size_t
any_string(const uint8_t *p, size_t n, size_t i)
{
    if (p[i] != '"')
        return i;
    for (i++; i < n && p[i] != '"' && p[i] != '\n'; i++)
        i += p[i] == '\\';
    return i < n ? i + (p[i] == '"') : n;
}

/* Does p[at..n) begin with this head?  1 and *end, 0 no, -1 it may when more bytes come. */
static int
match_envelope(const char *head, const uint8_t *p, size_t n, size_t *end)
{
    const char *first = head;
    size_t i = *end, from = *end;
    for (bool quoted = false; *head; head++, i++) {
        while (!quoted && i < n && i - from < ENVELOPE_MAX && memchr(" \t\r\n", p[i], 4))
            i++;
        if (i - from >= ENVELOPE_MAX)
            return 0;
        if (i == n)
            return -1;
        if (*head == '*' && (i = any_string(p, n, i)) == n)
            return n - from < ENVELOPE_MAX ? -1 : 0;
        if (*head == '*')
            i--;
        else if (p[i] != (uint8_t)*head)
            return 0;
        else if (*head == '{' && head > first && !head[1])
            break;
        quoted ^= *head == '"';
    }
    *end = i;
    return 1;
}

static int
skip_envelope(const uint8_t *p, size_t n, size_t *at)
{
    int r = 0;
    for (size_t k = 0; r == 0 && envelopes[k]; k++)
        r = match_envelope(envelopes[k], p, n, at);
    return r;
}

/* "Record 17" alone on a line, which evtx_dump prints between pretty-printed objects. */
static int
skip_record_line(const uint8_t *p, size_t n, size_t *at)
{
    static const char word[] = "Record ";
    size_t i = *at;
    for (const char *w = word; *w; w++, i++) {
        if (i == n)
            return -1;
        if (p[i] != (uint8_t)*w)
            return 0;
    }
    size_t digits = i;
    while (i < n && p[i] >= '0' && p[i] <= '9' && i - digits < 20)
        i++;
    if (i == n)
        return -1;
    if (i == digits || (p[i] != '\n' && p[i] != '\r'))
        return 0;
    *at = i;
    return 1;
}

enum tcs_json_gap
tcs_input_json_scan_gap(const uint8_t *p, size_t n, bool whole, size_t *at)
{
    while (*at < n) {
        uint8_t c = p[*at];
        int r;
        if (c == '{')
            r = skip_envelope(p, n, at);
        else if (c == 'R')
            r = skip_record_line(p, n, at);
        else if (memchr(" \t\r\n,[]}", c, 8))
            r = 1, ++*at;
        else
            return TCS_JSON_GAP_JUNK;
        if (r < 0 && !whole)
            return TCS_JSON_GAP_MORE;
        if (r <= 0)
            return c == '{' ? TCS_JSON_GAP_OBJECT : TCS_JSON_GAP_JUNK;
    }
    return TCS_JSON_GAP_END;
}

size_t
tcs_input_json_scan_junk(const uint8_t *p, size_t n, size_t at)
{
    const uint8_t *brace = at < n ? memchr(p + at, '{', n - at) : NULL;
    return brace ? (size_t)(brace - p) : n;
}

size_t
tcs_input_json_scan_resync(const uint8_t *p, size_t n, size_t at)
{
    while (at < n) {
        const uint8_t *nl = memchr(p + at, '\n', n - at);
        if (!nl)
            break;
        at = (size_t)(nl - p) + 1;
        if (at < n && p[at] == '{')
            return at;
    }
    return n;
}

size_t
tcs_input_json_scan_last(const uint8_t *p, size_t n, size_t at)
{
    size_t end = n;
    while (end > at) {
        const uint8_t *nl = memrchr(p + at, '\n', end - at);
        if (!nl)
            break;
        end = (size_t)(nl - p);
        if (end + 1 < n && p[end + 1] == '{')
            return end + 1;
    }
    return n;
}

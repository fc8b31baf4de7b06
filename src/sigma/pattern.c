/* sigma/pattern.c - the string modifiers of Sigma: escapes, runs, dashes, UTF-16, base64. */
#include "sigma/pattern.h"

#include "base/invariant.h"
#include "base/utf.h"
#include "sigma/ast.h"

/* Sigma modifiers appendix, `windash`, in its order. */
static const char *const dashes[] = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"};
TCS_ROW_FOR_EACH(dashes, TCS_DASHES);
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct tcs_pat
room(struct tcs_arena *a, uint64_t n)
{
    return (struct tcs_pat){.e = n < UINT32_MAX ? tcs_base_arena_array(a, n + 1, sizeof(uint16_t))
                                                : NULL};
}

static void
add_bytes(struct tcs_pat *p, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p->e[p->n++] = (unsigned char)s[i];
}

struct tcs_pat
tcs_sigma_pat_plain(struct tcs_arena *a, struct tcs_str s)
{
    struct tcs_pat p = room(a, s.n);
    if (p.e)
        add_bytes(&p, s.p, s.n);
    return p;
}

struct tcs_pat
tcs_sigma_pat_parse(struct tcs_arena *a, struct tcs_str s)
{
    struct tcs_pat p = room(a, s.n);
    for (size_t i = 0; p.e && i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\' && i + 1 < s.n && memchr("*?\\", s.p[i + 1], 3))
            p.e[p.n++] = (unsigned char)s.p[++i];
        else
            p.e[p.n++] = c == '*' ? TCS_E_RUN : c == '?' ? TCS_E_ONE : (unsigned char)c;
    }
    return p;
}

struct tcs_pat
tcs_sigma_pat_join(struct tcs_arena *a, struct tcs_pat x, struct tcs_pat y)
{
    struct tcs_pat p = room(a, (uint64_t)x.n + y.n);
    if (!p.e)
        return p;
    if (x.n)
        memcpy(p.e, x.e, x.n * sizeof *p.e);
    if (y.n)
        memcpy(p.e + x.n, y.e, y.n * sizeof *p.e);
    p.n = x.n + y.n;
    return p;
}

struct tcs_pat
tcs_sigma_pat_wrap(struct tcs_arena *a, struct tcs_pat p, bool before, bool after)
{
    struct tcs_pat q = room(a, (uint64_t)p.n + 2);
    if (!q.e)
        return q;
    if (before && (p.n == 0 || p.e[0] != TCS_E_RUN))
        q.e[q.n++] = TCS_E_RUN;
    if (p.n)
        memcpy(q.e + q.n, p.e, p.n * sizeof *q.e);
    q.n += p.n;
    if (after && (q.n == 0 || q.e[q.n - 1] != TCS_E_RUN))
        q.e[q.n++] = TCS_E_RUN;
    return q;
}

bool
tcs_sigma_pat_special(struct tcs_pat p)
{
    for (uint32_t i = 0; i < p.n; i++)
        if (p.e[i] > 255)
            return true;
    return false;
}

/* The length of the dash at p[i], 0 if there is none. */
static uint32_t
dash_at(struct tcs_pat p, uint32_t i)
{
    if (p.e[i] == '-' || p.e[i] == '/')
        return 1;
    return p.n - i >= 3 && p.e[i] == 0xe2 && p.e[i + 1] == 0x80 && p.e[i + 2] >= 0x93 &&
                   p.e[i + 2] <= 0x95
               ? 3
               : 0;
}

struct tcs_pat
tcs_sigma_pat_dashes(struct tcs_arena *a, struct tcs_pat p, uint32_t *n)
{
    struct tcs_pat q = room(a, p.n);
    *n = 0;
    for (uint32_t i = 0; q.e && i < p.n;) {
        uint32_t len = dash_at(p, i);
        *n += len != 0;
        q.e[q.n++] = len ? TCS_E_DASH : p.e[i];
        i += len ? len : 1;
    }
    return q;
}

struct tcs_pat
tcs_sigma_pat_with_dashes(struct tcs_arena *a, struct tcs_pat p, uint32_t which)
{
    struct tcs_pat q = room(a, (uint64_t)p.n * 3);
    for (uint32_t i = 0; q.e && i < p.n; i++) {
        if (p.e[i] != TCS_E_DASH) {
            q.e[q.n++] = p.e[i];
            continue;
        }
        const char *s = dashes[which % TCS_DASHES];
        which /= TCS_DASHES;
        add_bytes(&q, s, strlen(s));
    }
    return q;
}

static void
add_unit(struct tcs_pat *p, uint32_t unit, bool big)
{
    uint16_t low = unit & 0xff, high = (uint16_t)(unit >> 8 & 0xff);
    p->e[p->n++] = big ? high : low;
    p->e[p->n++] = big ? low : high;
}

/* The bytes of the character at p[*i] as a string, for the UTF-8 decoder; steps over it. */
static uint32_t
next_char(struct tcs_pat p, uint32_t *i)
{
    char s[4];
    size_t n = 0, at = 0;
    while (n < 4 && *i + n < p.n && p.e[*i + n] < 256) {
        s[n] = (char)p.e[*i + n];
        n++;
    }
    uint32_t cp = tcs_base_utf8_next((struct tcs_str){s, n}, &at);
    *i += (uint32_t)at;
    return cp;
}

struct tcs_pat
tcs_sigma_pat_utf16(struct tcs_arena *a, struct tcs_pat p, enum tcs_utf16 how)
{
    struct tcs_pat q = room(a, (uint64_t)p.n * 2 + 2);
    bool big = how == TCS_UTF16_BE;
    if (!q.e)
        return q;
    if (how == TCS_UTF16_BOM)
        add_unit(&q, 0xfeff, false);
    for (uint32_t i = 0; i < p.n;) {
        if (p.e[i] > 255) {
            q.e[q.n++] = p.e[i++];
            continue;
        }
        uint32_t cp = next_char(p, &i);
        if (cp >= 0x10000) {
            add_unit(&q, 0xd800 + ((cp - 0x10000) >> 10), big);
            add_unit(&q, 0xdc00 + ((cp - 0x10000) & 0x3ff), big);
        } else {
            add_unit(&q, cp, big);
        }
    }
    return q;
}

/* Bits [at, at + 6) of the value, zeros before and after it. */
static unsigned
six_bits(struct tcs_pat p, uint64_t at, unsigned shift)
{
    unsigned v = 0;
    for (uint64_t bit = at; bit < at + 6; bit++) {
        uint64_t byte = bit / 8;
        unsigned c = byte >= shift && byte - shift < p.n ? p.e[byte - shift] : 0;
        v = v << 1 | (c >> (7 - bit % 8) & 1);
    }
    return v;
}

struct tcs_pat
tcs_sigma_pat_base64(struct tcs_arena *a, struct tcs_pat p)
{
    uint64_t chars = ((uint64_t)p.n * 8 + 5) / 6, all = (chars + 3) / 4 * 4;
    struct tcs_pat q = room(a, all);
    for (uint64_t i = 0; q.e && i < all; i++)
        q.e[q.n++] = i < chars ? (unsigned char)alphabet[six_bits(p, i * 6, 0)] : '=';
    return q;
}

struct tcs_pat
tcs_sigma_pat_base64_at(struct tcs_arena *a, struct tcs_pat p, unsigned shift)
{
    uint64_t first = ((uint64_t)shift * 8 + 5) / 6, end = ((uint64_t)shift + p.n) * 8 / 6;
    struct tcs_pat q = room(a, end);
    for (uint64_t i = first; q.e && i < end; i++)
        q.e[q.n++] = (unsigned char)alphabet[six_bits(p, i * 6, shift)];
    return q;
}

/* Are the bytes of s UTF-8, where 0xff and 0xfe are wildcards? */
static bool
is_text(struct tcs_str s)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t len = c < 0x80 || c >= 0xfe ? 1 : tcs_base_utf8_len(s, i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

struct tcs_str
tcs_sigma_pat_text(struct tcs_arena *a, struct tcs_pat p)
{
    char *out = tcs_base_arena_alloc(a, (size_t)p.n + 1);
    size_t n = 0;
    for (uint32_t i = 0; out && i < p.n; i++) {
        if (p.e[i] == 0xff || p.e[i] == 0xfe)
            return (struct tcs_str){NULL, 0}; /* bytes of no character */
        if (p.e[i] == TCS_E_RUN && n && out[n - 1] == TCS_ANY_RUN)
            continue;
        out[n++] = p.e[i] == TCS_E_RUN   ? TCS_ANY_RUN
                   : p.e[i] == TCS_E_ONE ? TCS_ANY_ONE
                                         : (char)p.e[i];
    }
    struct tcs_str s = {out, n};
    return out && is_text(s) ? s : (struct tcs_str){NULL, 0};
}

static void
regex_element(struct tcs_buf *b, uint16_t e)
{
    if (e == TCS_E_RUN)
        tcs_buf_lit(b, ".*");
    else if (e == TCS_E_ONE)
        tcs_base_buf_c(b, '.');
    else if (e == TCS_E_DASH)
        tcs_buf_lit(b, "[-/\xe2\x80\x93\xe2\x80\x94\xe2\x80\x95]");
    else if (e == 0)
        tcs_buf_lit(b, "\\x00");
    else {
        if (e < 0x80 && strchr("\\^$.[]|()?*+{}#- \t\n", e))
            tcs_base_buf_c(b, '\\');
        tcs_base_buf_c(b, (char)e);
    }
}

struct tcs_str
tcs_sigma_pat_regex(struct tcs_arena *a, struct tcs_pat p, bool anchored)
{
    struct tcs_buf b = {0};
    uint32_t from = 0, to = p.n;
    bool front = anchored && (p.n == 0 || p.e[0] != TCS_E_RUN);
    bool back = anchored && (p.n == 0 || p.e[p.n - 1] != TCS_E_RUN);
    /* a run at an end of an unanchored search says nothing and costs time */
    while (anchored && from < to && p.e[from] == TCS_E_RUN)
        from++;
    while (anchored && to > from && p.e[to - 1] == TCS_E_RUN)
        to--;
    if (front)
        tcs_buf_lit(&b, "\\A");
    for (uint32_t i = from; i < to; i++)
        regex_element(&b, p.e[i]);
    if (back)
        tcs_buf_lit(&b, "\\z");
    struct tcs_str s =
        b.failed ? (struct tcs_str){NULL, 0} : tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return s;
}

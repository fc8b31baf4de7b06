/* match/fold.c - case folding.  Input: UTF-8 or UTF-16LE; output: folded UTF-8.
 *
 * Logs are nearly all ASCII, so 16 characters go in one step; the generic vector types become SSE2,
 * NEON or plain words, whatever the target always has.  The rest goes one code point at a time. */
#include "match/fold.h"

#include "base/cursor.h"
#include "base/utf.h"

#include <utf8proc.h>

typedef uint8_t v16 __attribute__((vector_size(16)));

enum { STEP = 16 };

static inline v16
lower16(v16 c)
{
    v16 upper = (v16)((v16)(c - 'A') <= 25);
    return c | (upper & 0x20);
}

static inline bool
ascii16(const char *p)
{
    uint64_t w[2];
    memcpy(w, p, sizeof w);
    return ((w[0] | w[1]) & 0x8080808080808080u) == 0;
}

/* Folds the leading ASCII bytes; returns how many. */
static size_t
ascii_utf8(const char *p, size_t n, char *out)
{
    size_t i = 0;
    for (; i + STEP <= n && ascii16(p + i); i += STEP) {
        v16 c;
        memcpy(&c, p + i, sizeof c);
        c = lower16(c);
        memcpy(out + i, &c, sizeof c);
    }
    for (; i < n && (unsigned char)p[i] < 0x80; i++)
        out[i] = tcs_base_ascii_lower(p[i]);
    return i;
}

static inline bool
narrow16(const uint8_t *p, char *out)
{
    static const v16 above = {0x80, 0xff, 0x80, 0xff, 0x80, 0xff, 0x80, 0xff,
                              0x80, 0xff, 0x80, 0xff, 0x80, 0xff, 0x80, 0xff};
    uint64_t w[2];
    v16 a, b;
    memcpy(&a, p, sizeof a);
    memcpy(&b, p + sizeof a, sizeof b);
    v16 any = (a | b) & above;
    memcpy(w, &any, sizeof w);
    if (w[0] | w[1])
        return false;
    v16 c = lower16(
        __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
    memcpy(out, &c, sizeof c);
    return true;
}

static size_t
ascii_utf16(const uint8_t *p, size_t units, char *out)
{
    size_t i = 0;
    while (i + STEP <= units && narrow16(p + 2 * i, out + i))
        i += STEP;
    /* the last, partial step again over units that are done already */
    if (i >= STEP && units - i < STEP && narrow16(p + 2 * (units - STEP), out + units - STEP))
        return units;
    for (; i < units && tcs_base_le16(p + 2 * i) < 0x80; i++)
        out[i] = tcs_base_ascii_lower((char)p[2 * i]);
    return i;
}

/* Han, kana, hangul and the like: much used, caseless. */
static inline bool
caseless(uint32_t cp)
{
    return (cp >= 0x2e80 && cp < 0xa640) || (cp >= 0xac00 && cp < 0xfb00) || cp >= 0x1e944;
}

/* libutf8proc offers full folding and simple lower case.  Where the full folding is one code point
 * it is the simple one (status C); where it is several, status S is the simple lower case.  The one
 * exception is U+0130, which has no status S mapping. */
uint32_t
tcs_match_fold_cp(uint32_t cp)
{
    utf8proc_int32_t full[8];
    if (cp < 0x80)
        return (unsigned char)tcs_base_ascii_lower((char)cp);
    if (caseless(cp) || cp == 0x130)
        return cp;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)cp, full, 8, UTF8PROC_CASEFOLD, NULL);
    return n == 1 ? (uint32_t)full[0] : (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

size_t
tcs_match_fold_utf8(struct tcs_str s, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        size_t run = ascii_utf8(s.p + i, s.n - i, out + n);
        i += run;
        n += run;
        while (i < s.n && (unsigned char)s.p[i] >= 0x80)
            n += tcs_base_utf8_put(out + n, tcs_match_fold_cp(tcs_base_utf8_next(s, &i)));
    }
    return n;
}

static uint32_t
utf16_next(const uint8_t *p, size_t units, size_t *at)
{
    uint32_t cp = tcs_base_le16(p + 2 * (*at)++);
    if (cp < 0xd800 || cp > 0xdbff || *at >= units)
        return cp;
    uint32_t low = tcs_base_le16(p + 2 * *at);
    if (low < 0xdc00 || low > 0xdfff)
        return cp;
    (*at)++;
    return 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
}

size_t
tcs_match_fold_utf16(const uint8_t *p, size_t bytes, char *out)
{
    size_t units = bytes / 2, n = 0;
    for (size_t i = 0; i < units;) {
        size_t run = ascii_utf16(p + 2 * i, units - i, out + n);
        i += run;
        n += run;
        while (i < units && tcs_base_le16(p + 2 * i) >= 0x80)
            n += tcs_base_utf8_put(out + n, tcs_match_fold_cp(utf16_next(p, units, &i)));
    }
    return n;
}

static size_t
clean_run(struct tcs_str s, size_t i)
{
    while (i < s.n) {
        if (i + STEP <= s.n && ascii16(s.p + i)) {
            i += STEP;
            continue;
        }
        size_t len = tcs_base_utf8_len(s, i);
        if (!len)
            break;
        i += len;
    }
    return i;
}

struct tcs_str
tcs_match_fold_clean(struct tcs_str s, char *out)
{
    size_t i = clean_run(s, 0), n = i;
    if (i == s.n)
        return s;
    if (!out)
        return (struct tcs_str){NULL, 1};
    memcpy(out, s.p, i);
    while (i < s.n) {
        uint32_t cp = tcs_base_utf8_next(s, &i);
        n += tcs_base_utf8_put(out + n, cp);
    }
    return (struct tcs_str){out, n};
}

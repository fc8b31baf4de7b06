/* base/utf_json.c - UTF-16LE and UTF-8 straight to the inside of a JSON string.
 *
 * Sixteen units at a time where all are plain ASCII; the first that is not is written alone, then
 * sixteen again.  One body for x86-64 (SSE2) and arm64 (NEON), both of which every such machine
 * has; elsewhere unit by unit. */
#include "base/cursor.h"
#include "base/utf.h"

#include <endian.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_neon.h>
#endif

enum { BLOCK = 16, JSON_ESCAPE = 6 };

#if defined(__SSE2__)
/* Writes 16 bytes to out and returns how many of them stand for plain characters, from the first;
 * -1 when a unit is not ASCII. */
static inline int
plain_block(const uint8_t *p, char *out)
{
    __m128i a = _mm_loadu_si128((const void *)p), b = _mm_loadu_si128((const void *)(p + 16));
    __m128i wide = _mm_and_si128(_mm_or_si128(a, b), _mm_set1_epi16((short)0xff80));
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(wide, _mm_setzero_si128())) != 0xffff)
        return -1;
    __m128i v = _mm_packus_epi16(a, b);
    __m128i special =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v));
    _mm_storeu_si128((void *)out, v);
    return __builtin_ctz((unsigned)_mm_movemask_epi8(special) | 1u << BLOCK);
}
#elif defined(__ARM_NEON) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline int
plain_block(const uint8_t *p, char *out)
{
    uint16x8_t a = vreinterpretq_u16_u8(vld1q_u8(p)), b = vreinterpretq_u16_u8(vld1q_u8(p + 16));
    if (vmaxvq_u16(vorrq_u16(a, b)) >= 0x80)
        return -1;
    uint8x16_t v = vcombine_u8(vmovn_u16(a), vmovn_u16(b));
    uint8x16_t special = vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\')));
    special = vorrq_u8(special, vcltq_u8(v, vdupq_n_u8(0x20)));
    vst1q_u8((uint8_t *)out, v);
    uint64_t nibbles =
        vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(special), 4)), 0);
    return nibbles ? __builtin_ctzll(nibbles) / 4 : BLOCK;
}
#else
static inline int
plain_block(const uint8_t *p, char *out)
{
    (void)p;
    (void)out;
    return 0;
}
#endif

/* RFC 8259: the quote, the backslash and everything below the blank. */
size_t
tcs_base_json_escape(char *out, unsigned c, bool upper)
{
    const char *hex = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    static const char names[] = "btn?fr"; /* 8..13; 11 has none */
    out[0] = '\\';
    if (c == '"' || c == '\\') {
        out[1] = (char)c;
        return 2;
    }
    if (c >= 8 && c <= 13 && c != 11) {
        out[1] = names[c - 8];
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return 6;
}

/* One character at p (of `units` units); *used: 1 or 2 units. */
static inline size_t
one(const uint8_t *p, size_t units, bool upper, char *out, size_t *used)
{
    uint32_t c = tcs_base_le16(p);
    *used = 1;
    if (c < 0x80) {
        if (c < 0x20 || c == '"' || c == '\\')
            return tcs_base_json_escape(out, c, upper);
        out[0] = (char)c;
        return 1;
    }
    if (c >= 0xd800 && c <= 0xdbff && units > 1) {
        uint32_t low = tcs_base_le16(p + 2);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *used = 2;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return tcs_base_utf8_put(out, c);
}

size_t
tcs_base_utf16_to_json(const uint8_t *p, size_t bytes, bool upper, char *out)
{
    char *to = out;
    const uint8_t *end = p + (bytes & ~(size_t)1);
    while (p < end) {
        if (end - p >= 2 * BLOCK) {
            int k = plain_block(p, to);
            if (k > 0) {
                to += k;
                p += 2 * k;
                continue;
            }
        }
        size_t used;
        to += one(p, (size_t)(end - p) / 2, upper, to, &used);
        p += 2 * used;
    }
    return (size_t)(to - out);
}

/* --- from UTF-8 --- */

/* Bytes side by side, which compilers keep in one register where the machine has such. */
typedef unsigned char bytes_block __attribute__((vector_size(BLOCK)));

/* How many of these bytes, from the first on, stand in a JSON string as they are: plain ASCII. */
static inline size_t
plain_bytes(const char *p)
{
    bytes_block c;
    uint64_t odd[2];
    memcpy(&c, p, BLOCK);
    bytes_block hits = (bytes_block)((c < 0x20) | (c == '"') | (c == '\\') | (c >= 0x80));
    memcpy(odd, &hits, BLOCK);
    if (odd[0])
        return (size_t)__builtin_ctzll(le64toh(odd[0])) / 8;
    return odd[1] ? 8 + (size_t)__builtin_ctzll(le64toh(odd[1])) / 8 : BLOCK;
}

/* What is not plain at s.p[i] and right behind it; returns how many bytes that is. */
static size_t
json_odd(struct tcs_buf *b, struct tcs_str s, size_t i)
{
    size_t at = i;
    if ((unsigned char)s.p[i] < 0x80) {
        char escape[JSON_ESCAPE];
        tcs_base_buf_put(b, escape, tcs_base_json_escape(escape, (unsigned char)s.p[i], false));
        return 1;
    }
    for (size_t len; at < s.n && (unsigned char)s.p[at] >= 0x80; at += len ? len : 1) {
        len = tcs_base_utf8_len(s, at);
        if (len)
            tcs_base_buf_put(b, s.p + at, len);
        else
            tcs_buf_lit(b, "\xef\xbf\xbd");
    }
    return at - i;
}

void
tcs_base_buf_json(struct tcs_buf *b, struct tcs_str s)
{
    for (size_t i = 0; i < s.n;) {
        const char *p = s.p + i;
        char rest[BLOCK] = {0}; /* no plain byte */
        if (s.n - i < BLOCK)
            p = memcpy(rest, p, s.n - i);
        char *to = tcs_base_buf_room(b, BLOCK);
        if (!to)
            return;
        memcpy(to, p, BLOCK); /* those beyond the plain ones will be overwritten */
        size_t plain = plain_bytes(p);
        b->n += plain;
        i += plain;
        if (plain < BLOCK && i < s.n)
            i += json_odd(b, s, i);
    }
}

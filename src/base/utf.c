/* base/utf.c - conversions.  Runs of ASCII, nearly all of what logs hold, go eight units a step. */
#include "base/utf.h"

#include "base/cursor.h"

static bool
cont(struct tcs_str s, size_t at, unsigned lo, unsigned hi)
{
    return at < s.n && (unsigned char)s.p[at] >= lo && (unsigned char)s.p[at] <= hi;
}

size_t
tcs_base_utf8_len(struct tcs_str s, size_t at)
{
    unsigned c = (unsigned char)s.p[at];
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return cont(s, at + 1, 0x80, 0xbf) ? 2 : 0;
    if (c >= 0xe0 && c <= 0xef) {
        unsigned lo = c == 0xe0 ? 0xa0 : 0x80, hi = c == 0xed ? 0x9f : 0xbf;
        return cont(s, at + 1, lo, hi) && cont(s, at + 2, 0x80, 0xbf) ? 3 : 0;
    }
    if (c >= 0xf0 && c <= 0xf4) {
        unsigned lo = c == 0xf0 ? 0x90 : 0x80, hi = c == 0xf4 ? 0x8f : 0xbf;
        return cont(s, at + 1, lo, hi) && cont(s, at + 2, 0x80, 0xbf) && cont(s, at + 3, 0x80, 0xbf)
                   ? 4
                   : 0;
    }
    return 0;
}

uint32_t
tcs_base_utf8_next(struct tcs_str s, size_t *at)
{
    static const unsigned char lead[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t n = tcs_base_utf8_len(s, *at);
    if (n == 0) {
        (*at)++;
        return 0xfffd;
    }
    uint32_t cp = (unsigned char)s.p[*at] & lead[n];
    for (size_t i = 1; i < n; i++)
        cp = cp << 6 | ((unsigned char)s.p[*at + i] & 0x3fu);
    *at += n;
    return cp;
}

size_t
tcs_base_utf8_put(char out[4], uint32_t cp)
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        cp = 0xfffd;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

/* Copies the leading ASCII units, eight at a time, and returns how many units it took.  Written as
 * plain loops that gcc and clang turn into packed narrowing on every target. */
static size_t
ascii_run(const uint8_t *p, size_t units, char *out)
{
    size_t i = 0;
    for (; i + 8 <= units; i += 8) {
        uint64_t a, b;
        memcpy(&a, p + 2 * i, 8);
        memcpy(&b, p + 2 * i + 8, 8);
        if ((a | b) & 0xff80ff80ff80ff80u)
            break;
        for (size_t k = 0; k < 8; k++)
            out[i + k] = (char)p[2 * (i + k)];
    }
    while (i < units && tcs_base_le16(p + 2 * i) < 0x80) {
        out[i] = (char)p[2 * i];
        i++;
    }
    return i;
}

size_t
tcs_base_utf16_to_utf8(const uint8_t *p, size_t bytes, char *out)
{
    size_t units = bytes / 2, n = 0;
    for (size_t i = 0; i < units;) {
        size_t run = ascii_run(p + 2 * i, units - i, out + n);
        i += run;
        n += run;
        if (i >= units)
            break;
        uint32_t cp = tcs_base_le16(p + 2 * i++);
        if (cp >= 0xd800 && cp <= 0xdbff && i < units) {
            uint32_t low = tcs_base_le16(p + 2 * i);
            if (low >= 0xdc00 && low <= 0xdfff) {
                cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
                i++;
            }
        }
        n += tcs_base_utf8_put(out + n, cp);
    }
    return n;
}

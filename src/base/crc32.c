/* base/crc32.c - CRC-32 (polynomial 0xedb88320).
 *
 * On x86-64 with carry-less multiplication (asked at run time) 64 bytes are folded per step: the
 * message is a polynomial over GF(2), and 512 bits of it may be replaced by their product with
 * x^512 mod P, added to the next 512 bits.  What remains (16 bytes and the tail) goes through
 * tables, which also serve every other machine, eight bytes per step. */
#include "base/crc32.h"

#include "base/cursor.h"

#if defined(__x86_64__)
#include <wmmintrin.h>
#endif

void
tcs_base_crc32_init(struct tcs_crc32 *t)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
        t->t[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            t->t[k][i] = t->t[k - 1][i] >> 8 ^ t->t[0][t->t[k - 1][i] & 0xff];
}

/* The register, not inverted. */
static uint32_t
by_table(const struct tcs_crc32 *t, uint32_t c, const uint8_t *p, size_t n)
{
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t v = tcs_base_le64(p) ^ c;
        c = 0;
        for (int k = 0; k < 8; k++)
            c ^= t->t[7 - k][v >> (8 * k) & 0xff];
    }
    for (; n; p++, n--)
        c = c >> 8 ^ t->t[0][(c ^ *p) & 0xff];
    return c;
}

uint32_t
tcs_base_crc32_plain(const struct tcs_crc32 *t, uint32_t crc, const uint8_t *p, size_t n)
{
    return ~by_table(t, ~crc, p, n);
}

#if defined(__x86_64__)
#define FOLDING __attribute__((target("pclmul")))

/* x moved ahead by the distance that k stands for, added to next. */
FOLDING static inline __m128i
fold(__m128i x, __m128i k, __m128i next)
{
    return _mm_xor_si128(
        _mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00), _mm_clmulepi64_si128(x, k, 0x11)), next);
}

static inline __m128i
load(const uint8_t *p)
{
    return _mm_loadu_si128((const void *)p);
}

/* n >= 64; takes a multiple of 64 bytes and returns the register behind them. */
FOLDING static uint32_t
by_folding(const struct tcs_crc32 *t, uint32_t c, const uint8_t *p, size_t n)
{
    /* x^(d+32) and x^(d-32) mod P, bits reversed, for d = 512 and 128 */
    const __m128i by512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i by128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    __m128i x0 = _mm_xor_si128(load(p), _mm_cvtsi32_si128((int)c)), x1 = load(p + 16),
            x2 = load(p + 32), x3 = load(p + 48);
    for (p += 64, n -= 64; n >= 64; p += 64, n -= 64) {
        x0 = fold(x0, by512, load(p));
        x1 = fold(x1, by512, load(p + 16));
        x2 = fold(x2, by512, load(p + 32));
        x3 = fold(x3, by512, load(p + 48));
    }
    uint8_t rest[16];
    _mm_storeu_si128((void *)rest, fold(fold(fold(x0, by128, x1), by128, x2), by128, x3));
    return by_table(t, 0, rest, sizeof rest);
}
#endif

uint32_t
tcs_base_crc32(const struct tcs_crc32 *t, uint32_t crc, const uint8_t *p, size_t n)
{
    uint32_t c = ~crc;
#if defined(__x86_64__)
    if (n >= 64 && __builtin_cpu_supports("pclmul")) {
        c = by_folding(t, c, p, n);
        p += n & ~(size_t)63;
        n &= 63;
    }
#endif
    return ~by_table(t, c, p, n);
}

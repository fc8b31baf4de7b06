/* report/uuid5.c - identifiers from names: RFC 9562 version 5, with the SHA-1 it asks for.
 *
 * SHA-1 serves here as STIX demands it for identifiers, where nothing rests on its strength; for
 * anything else there is libsodium. */
#include "report/report_int.h"

enum { BLOCK = 64, WORDS = 80, LENGTH_AT = 56 };

struct sha1 {
    uint32_t h[5];
    uint8_t block[BLOCK];
    uint64_t bytes;
};

static uint32_t
rotate(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

static void
compress(struct sha1 *s)
{
    uint32_t w[WORDS], v[5];
    for (size_t i = 0; i < 16; i++)
        w[i] = (uint32_t)s->block[4 * i] << 24 | (uint32_t)s->block[4 * i + 1] << 16 |
               (uint32_t)s->block[4 * i + 2] << 8 | s->block[4 * i + 3];
    for (size_t i = 16; i < WORDS; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    memcpy(v, s->h, sizeof v);
    for (size_t i = 0; i < WORDS; i++) {
        uint32_t f = i < 20   ? ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5a827999
                     : i < 40 ? (v[1] ^ v[2] ^ v[3]) + 0x6ed9eba1
                     : i < 60 ? ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8f1bbcdc
                              : (v[1] ^ v[2] ^ v[3]) + 0xca62c1d6;
        uint32_t next = rotate(v[0], 5) + f + v[4] + w[i];
        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (size_t i = 0; i < 5; i++)
        s->h[i] += v[i];
}

static void
update(struct sha1 *s, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++) {
        s->block[s->bytes++ % BLOCK] = p[i];
        if (s->bytes % BLOCK == 0)
            compress(s);
    }
}

static void
finish(struct sha1 *s, uint8_t out[20])
{
    uint64_t bits = s->bytes * 8;
    uint8_t length[8];
    update(s, "\x80", 1);
    while (s->bytes % BLOCK != LENGTH_AT)
        update(s, "", 1);
    for (size_t i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    update(s, length, sizeof length);
    for (size_t i = 0; i < 20; i++)
        out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void
rp_uuid5(const uint8_t space[16], struct tcs_str name, char out[RP_UUID + 1])
{
    struct sha1 s = {.h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
    uint8_t hash[20];
    update(&s, space, 16);
    if (name.n)
        update(&s, name.p, name.n);
    finish(&s, hash);
    hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x50);
    hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
    char *to = out;
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = "0123456789abcdef"[hash[i] >> 4];
        *to++ = "0123456789abcdef"[hash[i] & 15];
    }
    *to = '\0';
}

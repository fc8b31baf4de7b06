/* base/cursor.h - the only way outside bytes are read: little-endian, bounds-checked, sticky.
 *
 * A read past the end returns 0 / an empty slice, sets `bad` and leaves the position alone, so a
 * decoder may read a whole structure and test `bad` once before it uses any of it. */
#pragma once
#include "base/invariant.h"
#include "base/str.h"

#include <stdint.h>

struct tcs_cursor {
    const uint8_t *base;
    size_t n, at; /* at <= n always */
    bool bad;
};

static inline struct tcs_cursor
tcs_base_cur(const void *p, size_t n)
{
    return (struct tcs_cursor){.base = p, .n = n};
}

static inline size_t
tcs_base_cur_left(const struct tcs_cursor *c)
{
    TCS_INVARIANT(c->at <= c->n);
    return c->n - c->at;
}

/* The next n bytes, or NULL (and bad) if there are fewer.  NULL also for n == 0 at no base. */
static inline const uint8_t *
tcs_base_cur_take(struct tcs_cursor *c, size_t n)
{
    TCS_INVARIANT(c->at <= c->n);
    if (c->bad || n > c->n - c->at) {
        c->bad = true;
        return NULL;
    }
    const uint8_t *p = c->base + c->at;
    c->at += n;
    return p;
}

static inline uint8_t
tcs_base_cur_u8(struct tcs_cursor *c)
{
    const uint8_t *p = tcs_base_cur_take(c, 1);
    return p ? *p : 0;
}

static inline uint16_t
tcs_base_le16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap16(v) : v;
}

static inline uint32_t
tcs_base_le32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(v) : v;
}

static inline uint64_t
tcs_base_le64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
}

static inline uint16_t
tcs_base_cur_u16(struct tcs_cursor *c)
{
    const uint8_t *p = tcs_base_cur_take(c, 2);
    return p ? tcs_base_le16(p) : 0;
}

static inline uint32_t
tcs_base_cur_u32(struct tcs_cursor *c)
{
    const uint8_t *p = tcs_base_cur_take(c, 4);
    return p ? tcs_base_le32(p) : 0;
}

static inline uint64_t
tcs_base_cur_u64(struct tcs_cursor *c)
{
    const uint8_t *p = tcs_base_cur_take(c, 8);
    return p ? tcs_base_le64(p) : 0;
}

/* Move to an absolute position; bad if past the end. */
bool tcs_base_cur_seek(struct tcs_cursor *c, size_t at);
bool tcs_base_cur_skip(struct tcs_cursor *c, size_t n);
/* A cursor over [at, at+n) of the same bytes, positions counted from its own start; bad if outside.
 */
struct tcs_cursor tcs_base_cur_sub(const struct tcs_cursor *c, size_t at, size_t n);

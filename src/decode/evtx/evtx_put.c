/* decode/evtx/evtx_put.c - one value as JSON, decoded or straight from its bytes in the chunk.
 *
 * The common types in their regular sizes are written here without a detour; all others, and all
 * irregular sizes, become a struct tcs_value first.  The text is that of
 * tcs_decode_evtx_json_scalar. */
#include "decode/evtx/evtx_put.h"

#include "base/time.h"
#include "base/utf.h"

enum { ROOM = 64 }; /* the longest of the types with a fixed size: a time, 29 */

bool
tcs_decode_evtx_json_bare(const struct tcs_value *v)
{
    return v->type == TCS_V_INT || v->type == TCS_V_UINT || v->type == TCS_V_BOOL;
}

/* The inside of a JSON string. */
void
tcs_decode_evtx_json_text(struct evtx *e, struct tcs_buf *b, const struct tcs_value *v)
{
    if (v->type == TCS_V_UTF16) {
        char *to = tcs_base_buf_room(b, tcs_base_utf16_json_room(v->n));
        if (to)
            b->n += tcs_base_utf16_to_json(v->b, v->n, true, to);
    } else if (v->type == TCS_V_UTF8) {
        tcs_base_buf_json(b, (struct tcs_str){v->p, v->n});
    } else if (v->type == TCS_V_ANSI) {
        e->scratch.n = 0;
        tcs_event_value_print(v, &e->scratch);
        tcs_base_buf_json(b, tcs_base_buf_view(&e->scratch));
    } else {
        tcs_event_value_print(v, b);
    }
}

void
tcs_decode_evtx_json_scalar(struct evtx *e, struct tcs_buf *b, const struct tcs_value *v)
{
    if (tcs_decode_evtx_json_bare(v)) {
        tcs_event_value_print(v, b);
        return;
    }
    tcs_base_buf_c(b, '"');
    tcs_decode_evtx_json_text(e, b, v);
    tcs_base_buf_c(b, '"');
}

void
tcs_decode_evtx_json_key(struct tcs_buf *b, struct tcs_str name, uint32_t suffix)
{
    tcs_base_buf_c(b, '"');
    tcs_base_buf_json(b, name);
    if (suffix) {
        tcs_base_buf_c(b, '_');
        tcs_base_buf_u64(b, suffix);
    }
    tcs_buf_lit(b, "\":");
}

static const char digits2[] = "00010203040506070809101112131415161718192021222324"
                              "25262728293031323334353637383940414243444546474849"
                              "50515253545556575859606162636465666768697071727374"
                              "75767778798081828384858687888990919293949596979899";

static inline char *
put2(char *to, uint32_t v)
{
    to[0] = digits2[2 * v];
    to[1] = digits2[2 * v + 1];
    return to + 2;
}

static inline unsigned
count_digits(uint64_t v)
{
    unsigned n = 1;
    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* In place, from the last digit: an array for them would be cleared and guarded on every call. */
static inline char *
put_dec(char *to, uint64_t v)
{
    unsigned n = count_digits(v), at = n;
    for (; v >= 100; v /= 100)
        put2(to + (at -= 2), (uint32_t)(v % 100));
    if (v >= 10)
        put2(to, (uint32_t)v);
    else
        *to = (char)('0' + v);
    return to + n;
}

static inline char *
put_int(char *to, int64_t v)
{
    if (v < 0)
        *to++ = '-';
    return put_dec(to, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static inline char *
put_hex(char *to, uint64_t v)
{
    unsigned digits = v ? (unsigned)(67 - __builtin_clzll(v)) / 4 : 1;
    memcpy(to, "\"0x", 3);
    to += 3;
    while (digits)
        *to++ = "0123456789abcdef"[v >> (4 * --digits) & 15];
    *to++ = '"';
    return to;
}

/* Eight hex digits in upper case, all at once: each nibble moves into a byte of its own, the first
 * one lowest; those above 9 get the distance to the letters added. */
static inline void
put_hex8(char *to, uint32_t v)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t x = (uint64_t)v << 32 | v >> 16;
    x = (x & 0x0000ffff0000ffff);
    x = (x << 16 | x >> 8) & 0x00ff00ff00ff00ff;
    x = (x << 8 | x >> 4) & 0x0f0f0f0f0f0f0f0f;
    x += 0x30 * ones + ((x + 6 * ones) >> 4 & ones) * ('A' - '9' - 1);
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        x = __builtin_bswap64(x);
    memcpy(to, &x, 8);
}

/* MS-DTYP 2.3.4: three little-endian numbers, then eight bytes in order. */
static inline char *
put_guid(char *to, const uint8_t *p)
{
    char d[16];
    *to = '"';
    put_hex8(to + 1, tcs_base_le32(p));
    put_hex8(d, (uint32_t)tcs_base_le16(p + 4) << 16 | tcs_base_le16(p + 6));
    put_hex8(d + 8, __builtin_bswap32(tcs_base_le32(p + 8)));
    put_hex8(to + 29, __builtin_bswap32(tcs_base_le32(p + 12)));
    memcpy(to + 10, d, 4);
    memcpy(to + 15, d + 4, 4);
    memcpy(to + 20, d + 8, 4);
    memcpy(to + 25, d + 12, 4);
    to[9] = to[14] = to[19] = to[24] = '-';
    to[37] = '"';
    return to + 38;
}

__attribute__((noinline)) static bool
new_day(struct evtx *e, uint64_t t, uint64_t day)
{
    char tmp[TCS_TIME_TEXT];
    if (tcs_base_time_format((int64_t)t, 6, tmp).n != 27)
        return false;
    memcpy(e->date, tmp, sizeof e->date);
    e->day = (int64_t)day;
    return true;
}

/* Records follow each other within a day, so the date is kept.  NULL: no such calendar day. */
static inline char *
put_time(struct evtx *e, char *to, uint64_t ft)
{
    static const uint64_t epoch = 116444736000000000, day_ticks = 864000000000;
    if (ft < epoch || ft - epoch > (uint64_t)INT64_MAX)
        return NULL;
    uint64_t t = ft - epoch, day = t / day_ticks, left = t % day_ticks;
    if (((int64_t)day != e->day || !e->date[0]) && !new_day(e, t, day))
        return NULL;
    uint32_t sec = (uint32_t)(left / TCS_TICKS_PER_SEC);
    uint32_t micro = (uint32_t)(left % TCS_TICKS_PER_SEC / 10);
    *to++ = '"';
    memcpy(to, e->date, sizeof e->date);
    memcpy(to + 11, "00:00:00.000000Z\"", 17);
    put2(to + 11, sec / 3600);
    put2(to + 14, sec / 60 % 60);
    put2(to + 17, sec % 60);
    put2(to + 20, micro / 10000);
    put2(to + 22, micro / 100 % 100);
    put2(to + 24, micro % 100);
    return to + 28;
}

/* MS-DTYP 2.4.2.2; n >= 8.  Room: 6 + 15 + 11 for each part. */
static inline char *
put_sid(char *to, const uint8_t *p, size_t n)
{
    uint64_t authority = 0;
    for (int i = 2; i < 8; i++)
        authority = authority << 8 | p[i];
    memcpy(to, "\"S-", 3);
    to = put_dec(to + 3, p[0]);
    *to++ = '-';
    to = put_dec(to, authority);
    unsigned count = p[1];
    for (size_t at = 8; count && at + 4 <= n; at += 4, count--) {
        *to++ = '-';
        to = put_dec(to, tcs_base_le32(p + at));
    }
    *to++ = '"';
    return to;
}

/* Text in ASCII; NULL: other text, or characters that evtx_dump writes in lower-case hex here. */
static inline char *
put_ascii(char *to, const uint8_t *p, size_t n)
{
    while (n && p[n - 1] == 0)
        n--;
    *to++ = '"';
    for (size_t i = 0; i < n; i++) {
        uint8_t c = p[i];
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        size_t k = c < 0x80 ? tcs_base_json_escape(to, c, true) : 6;
        if (k != 2)
            return NULL;
        to += k;
    }
    *to++ = '"';
    return to;
}

static inline uint64_t
le(const uint8_t *p, unsigned n)
{
    return n == 1 ? p[0] : n == 2 ? tcs_base_le16(p) : n == 4 ? tcs_base_le32(p) : tcs_base_le64(p);
}

/* A type with its regular size; NULL: not one of these. */
static inline char *
put_fixed(struct evtx *e, char *to, const struct evtx_val *v)
{
    switch (v->type << 8 | (v->n <= 16 ? v->n : 0)) {
    case EVTX_T_INT8 << 8 | 1:
        return put_int(to, (int8_t)v->p[0]);
    case EVTX_T_INT16 << 8 | 2:
        return put_int(to, (int16_t)tcs_base_le16(v->p));
    case EVTX_T_INT32 << 8 | 4:
        return put_int(to, (int32_t)tcs_base_le32(v->p));
    case EVTX_T_INT64 << 8 | 8:
        return put_int(to, (int64_t)tcs_base_le64(v->p));
    case EVTX_T_UINT8 << 8 | 1:
    case EVTX_T_UINT16 << 8 | 2:
    case EVTX_T_UINT32 << 8 | 4:
    case EVTX_T_UINT64 << 8 | 8:
        return put_dec(to, le(v->p, v->n));
    case EVTX_T_HEX32 << 8 | 4:
    case EVTX_T_HEX64 << 8 | 8:
    case EVTX_T_SIZET << 8 | 4:
    case EVTX_T_SIZET << 8 | 8:
        return put_hex(to, le(v->p, v->n));
    case EVTX_T_GUID << 8 | 16:
        return put_guid(to, v->p);
    case EVTX_T_FILETIME << 8 | 8:
        return put_time(e, to, tcs_base_le64(v->p));
    default:
        return NULL;
    }
}

static inline size_t
room_for(const struct evtx_val *v)
{
    switch (v->type) {
    case EVTX_T_STRING:
        return tcs_base_utf16_json_room(v->n) + 2;
    case EVTX_T_ANSI:
        return 6u * v->n + 2;
    case EVTX_T_SID:
        return ROOM + 3u * v->n; /* a part of 4 bytes takes at most 11 */
    default:
        return ROOM;
    }
}

void
tcs_decode_evtx_put_val(struct evtx *e, struct tcs_buf *b, const struct evtx_val *v)
{
    size_t room = room_for(v);
    char *to = b->cap - b->n >= room ? b->p + b->n : tcs_base_buf_room(b, room), *end = NULL;
    if (!to)
        return;
    if (v->type == EVTX_T_STRING) {
        uint32_t n = v->n & ~1u;
        while (n && tcs_base_le16(v->p + n - 2) == 0)
            n -= 2;
        *to = '"';
        end = to + 1 + tcs_base_utf16_to_json(v->p, n, true, to + 1);
        *end++ = '"';
    } else if (v->type == EVTX_T_SID && v->n >= 8) {
        end = put_sid(to, v->p, v->n);
    } else if (v->type == EVTX_T_ANSI) {
        end = put_ascii(to, v->p, v->n);
    } else {
        end = put_fixed(e, to, v);
    }
    if (end) {
        b->n += (size_t)(end - to);
        return;
    }
    struct tcs_value t = tcs_decode_evtx_val_get(v);
    tcs_decode_evtx_json_scalar(e, b, &t);
}

/* event/value.c - values to text.  One printer per type; tcs_event_value_text adds the
 * shortcuts. */
#include "event/value.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"

#include <math.h>
#include <stdio.h>

enum { NUMBER_MAX = 20 }; /* digits of the longest, or 0x and 16 */

static void
print_utf16(const struct tcs_value *v, struct tcs_buf *b)
{
    size_t bytes = v->n < TCS_VALUE_TEXT_MAX ? v->n : TCS_VALUE_TEXT_MAX;
    char *to = tcs_base_buf_room(b, bytes / 2 * 3);
    if (to)
        b->n += tcs_base_utf16_to_utf8(v->b, bytes, to);
}

/* Windows-1252 0x80..0x9f; the five holes map to the C1 control of the same number. */
static const uint16_t cp1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
};

static void
print_ansi(const struct tcs_value *v, struct tcs_buf *b)
{
    size_t n = v->n < TCS_VALUE_TEXT_MAX ? v->n : TCS_VALUE_TEXT_MAX;
    char *to = tcs_base_buf_room(b, n * 3);
    for (size_t i = 0; to && i < n;) {
        uint64_t eight;
        if (n - i >= 8 && !(memcpy(&eight, v->b + i, 8), eight & 0x8080808080808080u)) {
            memcpy(to, v->b + i, 8);
            to += 8;
            i += 8;
            continue;
        }
        uint32_t c = v->b[i++];
        to += tcs_base_utf8_put(to, c >= 0x80 && c < 0xa0 ? cp1252[c - 0x80] : c);
    }
    if (to)
        b->n = (size_t)(to - b->p);
}

static void
print_hex_bytes(const uint8_t *p, size_t n, struct tcs_buf *b)
{
    char *to = tcs_base_buf_room(b, n * 2);
    for (size_t i = 0; to && i < n; i++) {
        *to++ = "0123456789ABCDEF"[p[i] >> 4];
        *to++ = "0123456789ABCDEF"[p[i] & 15];
    }
    if (to)
        b->n += n * 2;
}

static void
print_bin(const struct tcs_value *v, struct tcs_buf *b)
{
    print_hex_bytes(v->b, v->n < TCS_VALUE_TEXT_MAX / 2 ? v->n : TCS_VALUE_TEXT_MAX / 2, b);
}

static void
print_guid(const struct tcs_value *v, struct tcs_buf *b)
{
    /* the first three parts are little-endian, the rest is in order */
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t swapped[16];
    if (v->n < 16)
        return;
    for (size_t i = 0; i < 16; i++)
        swapped[i] = v->b[order[i]];
    static const uint8_t part[] = {4, 2, 2, 2, 6};
    const uint8_t *p = swapped;
    for (size_t i = 0; i < sizeof part; i++) {
        if (i)
            tcs_base_buf_c(b, '-');
        print_hex_bytes(p, part[i], b);
        p += part[i];
    }
}

/* MS-DTYP 2.4.2.2: revision, count, 48-bit big-endian authority, then 32-bit little-endian parts.
 * A SID that is cut short prints the parts it has. */
static void
print_sid(const struct tcs_value *v, struct tcs_buf *b)
{
    struct tcs_cursor c = tcs_base_cur(v->b, v->n);
    unsigned revision = tcs_base_cur_u8(&c), count = tcs_base_cur_u8(&c);
    uint64_t authority = 0;
    for (int i = 0; i < 6; i++)
        authority = authority << 8 | tcs_base_cur_u8(&c);
    if (c.bad)
        return;
    tcs_buf_lit(b, "S-");
    tcs_base_buf_u64(b, revision);
    tcs_base_buf_c(b, '-');
    tcs_base_buf_u64(b, authority);
    for (unsigned i = 0; i < count && tcs_base_cur_left(&c) >= 4; i++) {
        tcs_base_buf_c(b, '-');
        tcs_base_buf_u64(b, tcs_base_cur_u32(&c));
    }
}

static void
print_time(const struct tcs_value *v, struct tcs_buf *b)
{
    char tmp[TCS_TIME_TEXT];
    tcs_base_buf_str(b, tcs_base_time_format(v->i, 6, tmp));
}

/* Without an exponent from 1e-5 up to 1e16, as evtx_dump has it. */
enum { REAL_FIXED_MIN = -5, REAL_FIXED_MAX = 15 };

/* The shortest decimal that reads back as the same double; always with a point or an exponent. */
static void
print_real(const struct tcs_value *v, struct tcs_buf *b)
{
    char tmp[40];
    double back;
    int digits = 0;
    if (!isfinite(v->d)) {
        tcs_base_buf_str(b, isnan(v->d) ? TCS_STR("NaN")
                            : v->d < 0  ? TCS_STR("-inf")
                                        : TCS_STR("inf"));
        return;
    }
    do /* %e has one digit before the point */
        snprintf(tmp, sizeof tmp, "%.*e", digits, v->d);
    while (++digits < 17 && (!tcs_base_num_double(tcs_base_str_of(tmp), &back) || back != v->d));
    size_t e = tcs_base_str_find(tcs_base_str_of(tmp), 'e', 0);
    uint64_t magnitude = 0;
    for (const char *p = tmp + e + 2; *p; p++)
        magnitude = magnitude * 10 + (uint64_t)(*p - '0');
    int exponent = tmp[e + 1] == '-' ? -(int)magnitude : (int)magnitude;
    if (exponent < REAL_FIXED_MIN || exponent > REAL_FIXED_MAX) {
        tcs_base_buf_put(b, tmp, e + 2); /* with the exponent's sign, without its zeros */
        tcs_base_buf_u64(b, magnitude);
        return;
    }
    int decimals = digits - 1 - exponent;
    tcs_base_buf_printf(b, "%.*f", decimals > 1 ? decimals : 1, v->d);
}

void
tcs_event_value_print(const struct tcs_value *v, struct tcs_buf *b)
{
    switch ((enum tcs_vtype)v->type) {
    case TCS_V_NULL:
        return;
    case TCS_V_UTF8:
        tcs_base_buf_put(b, v->p, v->n < TCS_VALUE_TEXT_MAX ? v->n : TCS_VALUE_TEXT_MAX);
        return;
    case TCS_V_UTF16:
        print_utf16(v, b);
        return;
    case TCS_V_ANSI:
        print_ansi(v, b);
        return;
    case TCS_V_INT:
        tcs_base_buf_i64(b, v->i);
        return;
    case TCS_V_UINT:
        tcs_base_buf_u64(b, v->u);
        return;
    case TCS_V_HEX:
        tcs_base_buf_hex(b, v->u);
        return;
    case TCS_V_REAL:
        print_real(v, b);
        return;
    case TCS_V_BOOL:
        tcs_base_buf_str(b, v->u ? TCS_STR("true") : TCS_STR("false"));
        return;
    case TCS_V_GUID:
        print_guid(v, b);
        return;
    case TCS_V_SID:
        print_sid(v, b);
        return;
    case TCS_V_TIME:
        print_time(v, b);
        return;
    case TCS_V_BIN:
        print_bin(v, b);
        return;
    }
}

static struct tcs_str
utf16_text(const struct tcs_value *v, struct tcs_arena *a)
{
    size_t bytes = v->n < TCS_VALUE_TEXT_MAX ? v->n : TCS_VALUE_TEXT_MAX;
    char *to = tcs_base_arena_alloc(a, bytes / 2 * 3);
    return to ? (struct tcs_str){to, tcs_base_utf16_to_utf8(v->b, bytes, to)}
              : (struct tcs_str){NULL, 0};
}

/* Without memory of its own: process ids and logon ids are asked for all the time. */
static struct tcs_str
number_text(const struct tcs_value *v, struct tcs_arena *a)
{
    char tmp[NUMBER_MAX];
    struct tcs_buf b = {.p = tmp, .cap = sizeof tmp};
    tcs_event_value_print(v, &b);
    return tcs_base_arena_str(a, tcs_base_buf_view(&b));
}

struct tcs_str
tcs_event_value_text(const struct tcs_value *v, struct tcs_arena *a)
{
    if (v->type == TCS_V_UTF8)
        return (struct tcs_str){v->p, v->n < TCS_VALUE_TEXT_MAX ? v->n : TCS_VALUE_TEXT_MAX};
    if (v->type == TCS_V_UTF16)
        return utf16_text(v, a);
    if (v->type == TCS_V_UINT || v->type == TCS_V_HEX)
        return number_text(v, a);
    struct tcs_buf b = {0};
    tcs_event_value_print(v, &b);
    struct tcs_str s =
        b.failed ? (struct tcs_str){NULL, 0} : tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return s;
}

static void
json_utf16(const struct tcs_value *v, struct tcs_buf *b)
{
    size_t bytes = v->n < TCS_VALUE_TEXT_MAX ? v->n : TCS_VALUE_TEXT_MAX;
    char *to = tcs_base_buf_room(b, tcs_base_utf16_json_room(bytes));
    if (to)
        b->n += tcs_base_utf16_to_json(v->b, bytes, false, to);
}

static void
json_ansi(const struct tcs_value *v, struct tcs_buf *b)
{
    struct tcs_buf text = {0};
    print_ansi(v, &text);
    tcs_base_buf_json(b, tcs_base_buf_view(&text));
    b->failed |= text.failed;
    tcs_base_buf_done(&text);
}

void
tcs_event_value_json(const struct tcs_value *v, struct tcs_buf *b)
{
    if (v->type == TCS_V_NULL) {
        tcs_buf_lit(b, "null");
        return;
    }
    bool bare = v->type == TCS_V_INT || v->type == TCS_V_UINT || v->type == TCS_V_BOOL ||
                (v->type == TCS_V_REAL && isfinite(v->d));
    if (bare) {
        tcs_event_value_print(v, b);
        return;
    }
    tcs_base_buf_c(b, '"');
    if (v->type == TCS_V_UTF8)
        tcs_base_buf_json(b, (struct tcs_str){v->p, v->n});
    else if (v->type == TCS_V_UTF16)
        json_utf16(v, b);
    else if (v->type == TCS_V_ANSI)
        json_ansi(v, b);
    else /* digits, letters and signs that need no escape */
        tcs_event_value_print(v, b);
    tcs_base_buf_c(b, '"');
}

static bool
text_number(struct tcs_str s, double *ret)
{
    uint64_t u;
    if (tcs_base_num_hex(s, &u)) {
        *ret = (double)u;
        return true;
    }
    return tcs_base_num_double(s, ret);
}

bool
tcs_event_value_number(const struct tcs_value *v, double *ret)
{
    char tmp[64];
    switch ((enum tcs_vtype)v->type) {
    case TCS_V_INT:
        *ret = (double)v->i;
        return true;
    case TCS_V_UINT:
    case TCS_V_HEX:
        *ret = (double)v->u;
        return true;
    case TCS_V_REAL:
        *ret = v->d;
        return isfinite(v->d);
    case TCS_V_UTF8:
        return text_number((struct tcs_str){v->p, v->n}, ret);
    case TCS_V_UTF16:
        if (v->n / 2 * 3 > sizeof tmp)
            return false; /* no number is that long */
        return text_number((struct tcs_str){tmp, tcs_base_utf16_to_utf8(v->b, v->n, tmp)}, ret);
    default:
        return false;
    }
}

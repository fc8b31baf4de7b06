/* tests/evtxgen/values.c - typed values as a record stores them, little-endian.
 *
 * In: C values or text.  Out: bytes in the writer's arena.  Checks only what a test could get wrong
 * by mistake; deliberately broken values are made with evg_raw. */
#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"
#include "evtxgen/int.h"

#include <stdio.h>
#include <stdlib.h>

enum { SID_SUBS_MAX = 15 };
#define FILETIME_1970 116444736000000000u

/* Row = value type; width 0: not a number. */
static const struct {
    const char *name;
    uint8_t width;
} types[] = {
    [EVG_NULL] = {"null", 0},
    [EVG_STRING] = {"string", 0},
    [EVG_ANSI] = {"ansi", 0},
    [EVG_I8] = {"i8", 1},
    [EVG_U8] = {"u8", 1},
    [EVG_I16] = {"i16", 2},
    [EVG_U16] = {"u16", 2},
    [EVG_I32] = {"i32", 4},
    [EVG_U32] = {"u32", 4},
    [EVG_I64] = {"i64", 8},
    [EVG_U64] = {"u64", 8},
    [EVG_F32] = {"f32", 0},
    [EVG_F64] = {"f64", 0},
    [EVG_BOOL] = {"bool", 4},
    [EVG_BINARY] = {"binary", 0},
    [EVG_GUID] = {"guid", 0},
    [EVG_SIZET] = {"sizet", 8},
    [EVG_FILETIME] = {"filetime", 8},
    [EVG_SYSTEMTIME] = {"systemtime", 0},
    [EVG_SID] = {"sid", 0},
    [EVG_HEX32] = {"hex32", 4},
    [EVG_HEX64] = {"hex64", 8},
    [EVG_XML] = {"xml", 0},
};
enum { NTYPES = sizeof types / sizeof types[0] };

static void
mistake(const char *what, const char *text)
{
    fprintf(stderr, "evtxgen: bad %s \"%s\"\n", what, text);
    abort();
}

int
evg_type(struct tcs_str name)
{
    unsigned array = 0;
    if (tcs_base_str_ends(name, TCS_STR("[]"))) {
        array = EVG_ARRAY;
        name.n -= 2;
    }
    for (unsigned i = 0; i < NTYPES; i++)
        if (types[i].name && tcs_base_str_eq(name, tcs_base_str_of(types[i].name)))
            return (int)(i | array);
    return -1;
}

struct evg_value
evg_raw(struct evg *g, unsigned type, const void *p, size_t n)
{
    uint8_t *copy = evg_alloc(g, n);
    if (n && copy)
        memcpy(copy, p, n);
    return (struct evg_value){.type = (uint8_t)type, .n = copy ? (uint32_t)n : 0, .p = copy};
}

struct evg_value
evg_null(void)
{
    return (struct evg_value){.type = EVG_NULL};
}

uint8_t *
evg_utf16(struct evg *g, struct tcs_str s, size_t *units)
{
    uint8_t *out = evg_alloc(g, 2 * s.n + 2);
    size_t n = 0;
    *units = 0;
    for (size_t at = 0; out && at < s.n;) {
        uint32_t cp = tcs_base_utf8_next(s, &at);
        uint32_t part[2] = {cp, 0};
        unsigned count = 1;
        if (cp > 0xffff) {
            part[0] = 0xd800 + ((cp - 0x10000) >> 10);
            part[1] = 0xdc00 + ((cp - 0x10000) & 0x3ff);
            count = 2;
        }
        for (unsigned i = 0; i < count; i++, n++) {
            out[2 * n] = (uint8_t)part[i];
            out[2 * n + 1] = (uint8_t)(part[i] >> 8);
        }
    }
    *units = n;
    return out;
}

struct evg_value
evg_strn(struct evg *g, struct tcs_str utf8)
{
    size_t units;
    const uint8_t *p = evg_utf16(g, utf8, &units);
    return (struct evg_value){.type = EVG_STRING, .n = (uint32_t)(2 * units), .p = p};
}

struct evg_value
evg_str(struct evg *g, const char *utf8)
{
    return evg_strn(g, tcs_base_str_of(utf8));
}

struct evg_value
evg_ansi(struct evg *g, const char *bytes)
{
    return evg_raw(g, EVG_ANSI, bytes, strlen(bytes));
}

struct evg_value
evg_int(struct evg *g, unsigned type, uint64_t v)
{
    uint8_t b[8];
    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> (8 * i));
    if (type >= NTYPES || !types[type].width)
        mistake("number type", type < NTYPES ? types[type].name : "?");
    return evg_raw(g, type, b, types[type].width);
}

struct evg_value
evg_u32(struct evg *g, uint32_t v)
{
    return evg_int(g, EVG_U32, v);
}

struct evg_value
evg_filetime(struct evg *g, uint64_t ft)
{
    return evg_int(g, EVG_FILETIME, ft);
}

struct evg_value
evg_f32(struct evg *g, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    struct evg_value r = evg_int(g, EVG_U32, bits);
    r.type = EVG_F32;
    return r;
}

struct evg_value
evg_f64(struct evg *g, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    struct evg_value r = evg_int(g, EVG_U64, bits);
    r.type = EVG_F64;
    return r;
}

struct evg_value
evg_systemtime(struct evg *g, const uint16_t part[8])
{
    uint8_t b[16];
    for (int i = 0; i < 8; i++) {
        b[2 * i] = (uint8_t)part[i];
        b[2 * i + 1] = (uint8_t)(part[i] >> 8);
    }
    return evg_raw(g, EVG_SYSTEMTIME, b, sizeof b);
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = tcs_base_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of hex digits, characters of `skip` passed over.  False: something else. */
static bool
hex_bytes(struct tcs_str s, const char *skip, uint8_t *out, size_t max, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (strchr(skip, s.p[i]))
            continue;
        int hi = hex_digit(s.p[i]), lo = i + 1 < s.n ? hex_digit(s.p[i + 1]) : -1;
        if (hi < 0 || lo < 0 || *n == max)
            return false;
        out[(*n)++] = (uint8_t)(hi << 4 | lo);
        i++;
    }
    return true;
}

static bool
parse_guid(struct evg *g, struct tcs_str s, struct evg_value *ret)
{
    /* The first three groups are numbers, stored little-endian. */
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t in[16], out[16];
    size_t n;
    if (!hex_bytes(s, "{}-", in, sizeof in, &n) || n != sizeof in)
        return false;
    for (int i = 0; i < 16; i++)
        out[i] = in[order[i]];
    *ret = evg_raw(g, EVG_GUID, out, sizeof out);
    return true;
}

static bool
parse_sid(struct evg *g, struct tcs_str s, struct evg_value *ret)
{
    uint8_t b[8 + 4 * SID_SUBS_MAX] = {1};
    unsigned subs = 0;
    bool authority = false;
    if (!tcs_base_str_starts(s, TCS_STR("S-1-")))
        return false;
    for (size_t at = 4; at <= s.n;) {
        size_t end = tcs_base_str_find(s, '-', at);
        uint64_t v;
        if (!tcs_base_num_u64(tcs_base_str_slice(s, at, end), &v) || subs == SID_SUBS_MAX)
            return false;
        if (!authority) {
            for (int i = 0; i < 6; i++) /* 48 bits, big-endian */
                b[2 + i] = (uint8_t)(v >> (8 * (5 - i)));
            authority = true;
        } else {
            for (int i = 0; i < 4; i++)
                b[8 + 4 * subs + (unsigned)i] = (uint8_t)(v >> (8 * i));
            subs++;
        }
        at = end + 1;
    }
    b[1] = (uint8_t)subs;
    *ret = evg_raw(g, EVG_SID, b, 8 + 4 * subs);
    return authority;
}

struct evg_value
evg_guid(struct evg *g, const char *text)
{
    struct evg_value v;
    if (!parse_guid(g, tcs_base_str_of(text), &v))
        mistake("GUID", text);
    return v;
}

struct evg_value
evg_sid(struct evg *g, const char *text)
{
    struct evg_value v;
    if (!parse_sid(g, tcs_base_str_of(text), &v))
        mistake("SID", text);
    return v;
}

struct evg_value
evg_xml(struct evg *g, struct evg_xml xml)
{
    struct evg_xml *copy = evg_alloc(g, sizeof *copy);
    if (copy)
        *copy = xml;
    return (struct evg_value){.type = EVG_XML, .p = copy};
}

struct evg_value
evg_array(struct evg *g, const struct evg_value *v, size_t n)
{
    size_t bytes = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        bytes += v[i].n + 2;
    uint8_t *p = evg_alloc(g, bytes); /* zeroed, which makes the NULs */
    for (size_t i = 0; p && i < n; i++) {
        if (v[i].n)
            memcpy(p + at, v[i].p, v[i].n);
        at += v[i].n;
        at += v[i].type == EVG_STRING ? 2 : v[i].type == EVG_ANSI ? 1 : 0;
    }
    unsigned type = n ? v[0].type : EVG_STRING;
    return (struct evg_value){.type = (uint8_t)(type | EVG_ARRAY), .n = (uint32_t)at, .p = p};
}

static bool
parse_number(struct evg *g, unsigned type, struct tcs_str s, struct evg_value *ret)
{
    uint64_t u;
    int64_t i;
    if (tcs_base_num_hex(s, &u) || tcs_base_num_u64(s, &u)) {
        *ret = evg_int(g, type, u);
        return true;
    }
    if (!tcs_base_num_i64(s, &i))
        return false;
    *ret = evg_int(g, type, (uint64_t)i);
    return true;
}

static bool
parse_time(struct evg *g, struct tcs_str s, struct evg_value *ret)
{
    int64_t t;
    if (!tcs_base_time_parse(s, &t))
        return false;
    *ret = evg_filetime(g, (uint64_t)t + FILETIME_1970);
    return true;
}

static bool
parse_real(struct evg *g, unsigned type, struct tcs_str s, struct evg_value *ret)
{
    double d;
    if (!tcs_base_num_double(s, &d))
        return false;
    *ret = type == EVG_F32 ? evg_f32(g, (float)d) : evg_f64(g, d);
    return true;
}

static bool
parse_binary(struct evg *g, struct tcs_str s, struct evg_value *ret)
{
    uint8_t *b = evg_alloc(g, s.n / 2);
    size_t n;
    if (!b || !hex_bytes(s, " ", b, s.n / 2, &n))
        return false;
    *ret = (struct evg_value){.type = EVG_BINARY, .n = (uint32_t)n, .p = b};
    return true;
}

bool
evg_parse(struct evg *g, unsigned type, struct tcs_str text, struct evg_value *ret)
{
    switch (type) {
    case EVG_NULL:
        *ret = evg_null();
        return text.n == 0;
    case EVG_STRING:
        *ret = evg_strn(g, text);
        return true;
    case EVG_ANSI:
        *ret = evg_raw(g, EVG_ANSI, text.p, text.n);
        return true;
    case EVG_BOOL:
        *ret = evg_int(g, EVG_BOOL, tcs_base_str_eq(text, TCS_STR("true")));
        return tcs_base_str_eq(text, TCS_STR("true")) || tcs_base_str_eq(text, TCS_STR("false"));
    case EVG_GUID:
        return parse_guid(g, text, ret);
    case EVG_SID:
        return parse_sid(g, text, ret);
    case EVG_FILETIME:
        return parse_time(g, text, ret);
    case EVG_F32:
    case EVG_F64:
        return parse_real(g, type, text, ret);
    case EVG_BINARY:
        return parse_binary(g, text, ret);
    default:
        return type < NTYPES && types[type].width && parse_number(g, type, text, ret);
    }
}

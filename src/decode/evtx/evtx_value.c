/* decode/evtx/evtx_value.c - one substitution value: its type byte decides (MS-EVEN6 2.2.13).
 *
 * A value whose size does not fit its type is never an error: an integer takes the bytes there are,
 * what cannot be read as its type is shown as the bytes it is.  Arrays hand out their items. */
#include "base/num.h"
#include "base/time.h"
#include "decode/evtx/evtx_int.h"

#include <stdio.h>

enum { NOT_A_TYPE = TCS_EVTX_NOT_A_TYPE };

const uint8_t tcs_decode_evtx_width[256] = {
    [EVTX_T_NULL] = 0,
    [EVTX_T_STRING] = 0,
    [EVTX_T_ANSI] = 0,
    [EVTX_T_INT8] = 1,
    [EVTX_T_UINT8] = 1,
    [EVTX_T_INT16] = 2,
    [EVTX_T_UINT16] = 2,
    [EVTX_T_INT32] = 4,
    [EVTX_T_UINT32] = 4,
    [EVTX_T_INT64] = 8,
    [EVTX_T_UINT64] = 8,
    [EVTX_T_REAL32] = 4,
    [EVTX_T_REAL64] = 8,
    [EVTX_T_BOOL] = 4,
    [EVTX_T_BINARY] = 0,
    [EVTX_T_GUID] = 16,
    [EVTX_T_SIZET] = 0,
    [EVTX_T_FILETIME] = 8,
    [EVTX_T_SYSTIME] = 16,
    [EVTX_T_SID] = 0,
    [EVTX_T_HEX32] = 4,
    [EVTX_T_HEX64] = 8,
    [EVTX_T_HEX64 + 1 ... EVTX_T_HANDLE - 1] = NOT_A_TYPE,
    [EVTX_T_HANDLE] = 0,
    [EVTX_T_BINXML] = 0,
    [EVTX_T_BINXML + 1] = NOT_A_TYPE,
    [EVTX_T_XML] = 0,
    [EVTX_T_XML + 1 ... EVTX_T_ARRAY - 1] = NOT_A_TYPE,
    /* arrays: of what there is */
    [EVTX_T_ARRAY + EVTX_T_HEX64 + 1 ... EVTX_T_ARRAY + EVTX_T_HANDLE - 1] = NOT_A_TYPE,
    [EVTX_T_ARRAY + EVTX_T_BINXML + 1] = NOT_A_TYPE,
    [EVTX_T_ARRAY + EVTX_T_XML + 1 ... 255] = NOT_A_TYPE,
};

/* The low `max` bytes, or as many as there are. */
static uint64_t
uint_of(const struct evtx_val *v, size_t max)
{
    uint64_t u = 0;
    if (v->n == max && max == 4)
        return tcs_base_le32(v->p);
    if (v->n == max && max == 8)
        return tcs_base_le64(v->p);
    for (size_t i = 0; i < v->n && i < max; i++)
        u |= (uint64_t)v->p[i] << (8 * i);
    return u;
}

static int64_t
int_of(const struct evtx_val *v, size_t max)
{
    size_t n = v->n < max ? v->n : max;
    unsigned shift = (unsigned)(64 - 8 * n);
    return n ? (int64_t)(uint_of(v, max) << shift) >> shift : 0;
}

/* The double with the shortest decimal that still is this float: 0.1f reads as 0.1. */
static double
widen(float f)
{
    char tmp[32];
    double d;
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(tmp, sizeof tmp, "%.*g", digits, (double)f);
        if (tcs_base_num_double(tcs_base_str_of(tmp), &d) && (float)d == f)
            return d;
    }
    return (double)f;
}

static struct tcs_value
bytes_of(const struct evtx_val *v)
{
    return (struct tcs_value){.type = TCS_V_BIN, .n = v->n, .b = v->p};
}

/* Text without the NULs that end it; inner ones stay, so that nothing can hide behind them. */
static struct tcs_value
text_of(const struct evtx_val *v)
{
    uint32_t n = v->n & ~1u;
    while (n && tcs_base_le16(v->p + n - 2) == 0)
        n -= 2;
    return (struct tcs_value){.type = TCS_V_UTF16, .n = n, .b = v->p};
}

static struct tcs_value
ansi_of(const struct evtx_val *v)
{
    uint32_t n = v->n;
    while (n && v->p[n - 1] == 0)
        n--;
    return (struct tcs_value){.type = TCS_V_ANSI, .n = n, .b = v->p};
}

/* Out of line, like the next: their arrays would give every value a guarded, cleared stack frame.
 */
__attribute__((noinline)) static struct tcs_value
real_of(const struct evtx_val *v)
{
    double d;
    float f;
    uint64_t u = uint_of(v, 8);
    uint32_t lo = (uint32_t)u;
    if (v->n == 4) {
        memcpy(&f, &lo, sizeof f);
        d = widen(f);
    } else if (v->n == 8) {
        memcpy(&d, &u, sizeof d);
    } else {
        return bytes_of(v);
    }
    return (struct tcs_value){.type = TCS_V_REAL, .d = d};
}

/* A time, or the plain number when no calendar has it. */
static struct tcs_value
time_of(uint64_t ft)
{
    static const uint64_t year_10000 = 2650467744000000000;
    if (ft >= year_10000)
        return (struct tcs_value){.type = TCS_V_UINT, .u = ft};
    return (struct tcs_value){.type = TCS_V_TIME, .i = tcs_base_time_from_filetime(ft)};
}

/* SYSTEMTIME: eight u16.  All zero means unset and reads as 1601-01-01, as elsewhere. */
__attribute__((noinline)) static struct tcs_value
systime_of(const struct evtx_val *v)
{
    uint16_t part[8], any = 0;
    if (v->n != 16)
        return bytes_of(v);
    for (int i = 0; i < 8; i++)
        any |= part[i] = tcs_base_le16(v->p + 2 * i);
    if (!any)
        return time_of(0);
    if (part[1] > 12 || part[3] > 31 || part[4] > 23 || part[5] > 59 || part[6] > 59 ||
        part[7] > 999)
        return bytes_of(v);
    int64_t t = tcs_base_time_of_civil((struct tcs_civil){.year = part[0],
                                                          .month = (uint8_t)part[1],
                                                          .day = (uint8_t)part[3],
                                                          .hour = (uint8_t)part[4],
                                                          .minute = (uint8_t)part[5],
                                                          .second = (uint8_t)part[6],
                                                          .tick = part[7] * 10000u});
    return t == TCS_TIME_NONE ? bytes_of(v) : (struct tcs_value){.type = TCS_V_TIME, .i = t};
}

static struct tcs_value
number_of(uint8_t type, uint64_t u)
{
    return (struct tcs_value){.type = type, .u = u};
}

struct tcs_value
tcs_decode_evtx_val_get(const struct evtx_val *v)
{
    if (v->type == EVTX_T_STRING)
        return tcs_decode_evtx_val_fast(v);
    if (v->n == 0)
        return (struct tcs_value){.type = TCS_V_NULL};
    switch (v->type) {
    case EVTX_T_NULL:
        return (struct tcs_value){.type = TCS_V_NULL};
    case EVTX_T_XML:
        return text_of(v);
    case EVTX_T_ANSI:
        return ansi_of(v);
    case EVTX_T_INT8:
    case EVTX_T_INT16:
    case EVTX_T_INT32:
    case EVTX_T_INT64:
        return (struct tcs_value){.type = TCS_V_INT,
                                  .i = int_of(v, tcs_decode_evtx_width[v->type])};
    case EVTX_T_UINT8:
    case EVTX_T_UINT16:
    case EVTX_T_UINT32:
    case EVTX_T_UINT64:
        return number_of(TCS_V_UINT, uint_of(v, tcs_decode_evtx_width[v->type]));
    case EVTX_T_REAL32:
    case EVTX_T_REAL64:
        return real_of(v);
    case EVTX_T_BOOL: /* four bytes; some writers put other values than 0 and 1 there */
        return number_of(TCS_V_BOOL, uint_of(v, 4) != 0);
    case EVTX_T_GUID:
        return v->n == 16 ? (struct tcs_value){.type = TCS_V_GUID, .n = 16, .b = v->p}
                          : bytes_of(v);
    case EVTX_T_SIZET:
    case EVTX_T_HANDLE:
    case EVTX_T_HEX64:
        return number_of(TCS_V_HEX, uint_of(v, 8));
    case EVTX_T_HEX32:
        return number_of(TCS_V_HEX, uint_of(v, 4));
    case EVTX_T_FILETIME:
        return v->n == 8 ? time_of(uint_of(v, 8)) : bytes_of(v);
    case EVTX_T_SYSTIME:
        return systime_of(v);
    case EVTX_T_SID:
        return v->n >= 8 ? (struct tcs_value){.type = TCS_V_SID, .n = v->n, .b = v->p}
                         : bytes_of(v);
    default: /* binary; arrays without items of a known size */
        return bytes_of(v);
    }
}

bool
tcs_decode_evtx_val_empty(const struct evtx_val *v)
{
    if (v->n == 0 || v->type == EVTX_T_NULL)
        return true;
    if (v->type != EVTX_T_STRING && v->type != EVTX_T_ANSI && v->type != EVTX_T_XML)
        return false;
    struct tcs_value t = tcs_decode_evtx_val_get(v);
    return t.n == 0;
}

/* Bytes of the item at `at`, its end mark included; 0: no more. */
static size_t
item_size(const struct evtx_val *v, size_t at)
{
    uint8_t base = v->type & (uint8_t)~EVTX_T_ARRAY;
    size_t left = v->n - at, k = tcs_decode_evtx_width[base];
    if (base == EVTX_T_STRING) {
        for (k = 0; k + 2 <= left; k += 2)
            if (tcs_base_le16(v->p + at + k) == 0)
                return k + 2;
        return left & ~(size_t)1; /* the last one may lack its end mark */
    }
    if (base == EVTX_T_ANSI) {
        const uint8_t *end = left ? memchr(v->p + at, 0, left) : NULL;
        return end ? (size_t)(end - (v->p + at)) + 1 : left;
    }
    if (base == EVTX_T_SID)
        k = left >= 8 ? 8u + 4u * v->p[at + 1] : 0;
    if (base == EVTX_T_SIZET)
        k = 8;
    return k <= left ? k : 0;
}

bool
tcs_decode_evtx_val_item(const struct evtx_val *v, size_t *at, struct evtx_val *ret)
{
    size_t k = item_size(v, *at);
    if (k == 0)
        return false;
    *ret = (struct evtx_val){
        .p = v->p + *at, .n = (uint16_t)k, .type = v->type & (uint8_t)~EVTX_T_ARRAY};
    *at += k;
    return true;
}

uint32_t
tcs_decode_evtx_val_count(const struct evtx_val *v)
{
    if (!(v->type & EVTX_T_ARRAY))
        return 1;
    struct evtx_val item;
    uint32_t count = 0;
    for (size_t at = 0; tcs_decode_evtx_val_item(v, &at, &item);)
        count++;
    return count;
}

bool
tcs_decode_evtx_val_inline(struct evtx *e, struct tcs_cursor *c, struct evtx_val *ret)
{
    uint8_t type = tcs_base_cur_u8(c);
    if (!tcs_decode_evtx_type_ok(type) || type & EVTX_T_ARRAY)
        return tcs_decode_evtx_fail(e, TCS_EPARSE, "a value of an undefined type");
    size_t n = tcs_decode_evtx_width[type];
    if (type == EVTX_T_STRING || type == EVTX_T_XML)
        n = 2u * tcs_base_cur_u16(c);
    else if (type == EVTX_T_ANSI || type == EVTX_T_BINARY || type == EVTX_T_BINXML)
        n = tcs_base_cur_u16(c);
    else if (type == EVTX_T_SIZET || type == EVTX_T_HANDLE)
        n = 8;
    else if (type == EVTX_T_SID)
        n = tcs_base_cur_left(c) >= 2 ? 8u + 4u * c->base[c->at + 1] : 8;
    const uint8_t *p = tcs_base_cur_take(c, n);
    if ((!p && n) || n > UINT16_MAX)
        return tcs_decode_evtx_fail(e, TCS_EPARSE, "the record ends inside a value");
    *ret = (struct evtx_val){.p = p, .n = (uint16_t)n, .type = type};
    return true;
}

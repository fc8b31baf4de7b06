/* base/num.c - strict numbers from text. */
#include "base/num.h"

#include <math.h>
#include <stdlib.h>

bool
tcs_base_num_u64(struct tcs_str s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned d = (unsigned)(unsigned char)s.p[i] - '0';
        if (d > 9 || __builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, d, &v))
            return false;
    }
    *ret = v;
    return true;
}

bool
tcs_base_num_i64(struct tcs_str s, int64_t *ret)
{
    uint64_t v;
    bool neg = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = tcs_base_str_slice(s, 1, s.n);
    if (!tcs_base_num_u64(s, &v) || v > (uint64_t)INT64_MAX + neg)
        return false;
    *ret = neg ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool
tcs_base_num_hex(struct tcs_str s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n < 3 || s.n > 18 || s.p[0] != '0' || tcs_base_ascii_lower(s.p[1]) != 'x')
        return false;
    for (size_t i = 2; i < s.n; i++) {
        char c = tcs_base_ascii_lower(s.p[i]);
        unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                            : 16;
        if (d > 15)
            return false;
        v = v << 4 | d;
    }
    *ret = v;
    return true;
}

bool
tcs_base_num_double(struct tcs_str s, double *ret)
{
    char tmp[64], *end;
    if (s.n == 0 || s.n >= sizeof tmp)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!memchr("0123456789.+-eE", s.p[i], 15))
            return false; /* keeps out hex floats, "inf", "nan" and white space */
    memcpy(tmp, s.p, s.n);
    tmp[s.n] = '\0';
    double v = strtod(tmp, &end);
    if (end != tmp + s.n || !isfinite(v))
        return false;
    *ret = v;
    return true;
}

bool
tcs_base_num_size(struct tcs_str s, uint64_t *ret)
{
    static const char unit[] = "kmgt";
    const char *u = s.n ? memchr(unit, tcs_base_ascii_lower(s.p[s.n - 1]), 4) : NULL;
    uint64_t v, scale = u ? (uint64_t)1 << (10 * (u - unit + 1)) : 1;
    if (!tcs_base_num_u64(tcs_base_str_slice(s, 0, s.n - (u != NULL)), &v) ||
        __builtin_mul_overflow(v, scale, &v))
        return false;
    *ret = v;
    return true;
}

/* base/buf.c - growable output buffer; doubles, so appending is O(1) amortised. */
#include "base/buf.h"

#include "base/invariant.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
tcs_base_buf_done(struct tcs_buf *b)
{
    if (!b->fixed)
        free(b->p);
    *b = (struct tcs_buf){0};
}

char *
tcs_base_buf_room(struct tcs_buf *b, size_t n)
{
    TCS_INVARIANT(b->n <= b->cap);
    if (b->cap - b->n >= n)
        return b->p + b->n;
    if (b->fixed) {
        b->failed = true;
        return NULL;
    }
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->n < n) {
        if (cap > SIZE_MAX / 2) {
            b->failed = true;
            return NULL;
        }
        cap *= 2;
    }
    char *p = realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return NULL;
    }
    b->p = p;
    b->cap = cap;
    return p + b->n;
}

void
tcs_base_buf_put(struct tcs_buf *b, const void *p, size_t n)
{
    char *to = n ? tcs_base_buf_room(b, n) : NULL;
    if (!to)
        return;
    memcpy(to, p, n);
    b->n += n;
}

void
tcs_base_buf_printf(struct tcs_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *to = n < 0 ? NULL : tcs_base_buf_room(b, (size_t)n + 1);
    if (!to)
        return;
    va_start(ap, fmt);
    vsnprintf(to, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void
tcs_base_buf_u64(struct tcs_buf *b, uint64_t v)
{
    char tmp[20];
    size_t i = sizeof tmp;
    do
        tmp[--i] = (char)('0' + v % 10);
    while (v /= 10);
    tcs_base_buf_put(b, tmp + i, sizeof tmp - i);
}

void
tcs_base_buf_i64(struct tcs_buf *b, int64_t v)
{
    if (v < 0)
        tcs_base_buf_c(b, '-');
    tcs_base_buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void
tcs_base_buf_hex(struct tcs_buf *b, uint64_t v)
{
    char tmp[18];
    size_t i = sizeof tmp;
    do
        tmp[--i] = "0123456789abcdef"[v & 15];
    while (v >>= 4);
    tmp[--i] = 'x';
    tmp[--i] = '0';
    tcs_base_buf_put(b, tmp + i, sizeof tmp - i);
}

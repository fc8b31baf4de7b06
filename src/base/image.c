/* base/image.c - the form: a count as 8 bytes, its elements, zero bytes up to a multiple of 8. */
#include "base/image.h"

enum { ALIGN = 8 };

void
tcs_base_image_put(struct tcs_buf *b, uint64_t v)
{
    tcs_base_buf_put(b, &v, sizeof v);
}

void
tcs_base_image_put_array(struct tcs_buf *b, const void *p, size_t n, size_t size)
{
    static const char zero[ALIGN];
    tcs_base_image_put(b, n);
    if (n)
        tcs_base_buf_put(b, p, n * size);
    tcs_base_buf_put(b, zero, (ALIGN - n * size % ALIGN) % ALIGN);
}

uint64_t
tcs_base_image_get(struct tcs_cursor *c)
{
    uint64_t v = 0;
    const uint8_t *p = tcs_base_cur_take(c, sizeof v);
    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

uint32_t
tcs_base_image_get_most(struct tcs_cursor *c, uint32_t last)
{
    uint64_t v = tcs_base_image_get(c);
    if (v > last)
        c->bad = true;
    return c->bad ? 0 : (uint32_t)v;
}

const void *
tcs_base_image_get_array(struct tcs_cursor *c, size_t size, uint32_t *n)
{
    uint64_t count = tcs_base_image_get(c);
    *n = 0;
    if (count > tcs_base_cur_left(c) / size || count > UINT32_MAX)
        c->bad = true;
    if (c->bad)
        return NULL;
    size_t bytes = count * size;
    const uint8_t *p = tcs_base_cur_take(c, bytes + (ALIGN - bytes % ALIGN) % ALIGN);
    if (p)
        *n = (uint32_t)count;
    return p;
}

const void *
tcs_base_image_get_n(struct tcs_cursor *c, size_t size, size_t n)
{
    uint32_t count;
    const void *p = tcs_base_image_get_array(c, size, &count);
    if (count != n)
        c->bad = true;
    return c->bad ? NULL : p;
}

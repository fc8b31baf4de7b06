/* base/buf.h - growable output buffer with a sticky failure flag.
 *
 * Writers append without checking; whoever sends the bytes tests `failed` once. */
#pragma once
#include "base/str.h"

#include <stdint.h>

struct tcs_buf {
    char *p;
    size_t n, cap;
    bool failed; /* out of memory: bytes were lost */
    bool fixed;  /* p is somebody else's: not to be made larger, nor freed */
};

/* All zero is an empty buffer.  tcs_base_buf_done frees. */
void tcs_base_buf_done(struct tcs_buf *b);
/* Room for n more bytes at b->p + b->n, or NULL (failed set). */
char *tcs_base_buf_room(struct tcs_buf *b, size_t n);
void tcs_base_buf_put(struct tcs_buf *b, const void *p, size_t n);
void tcs_base_buf_printf(struct tcs_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void tcs_base_buf_u64(struct tcs_buf *b, uint64_t v); /* decimal */
void tcs_base_buf_i64(struct tcs_buf *b, int64_t v);
void tcs_base_buf_hex(struct tcs_buf *b, uint64_t v); /* "0x1f", lower case, no padding */
/* The inside of a JSON string, RFC 8259 §7: quotes not written.  Bytes that are not UTF-8 become
 * U+FFFD. */
void tcs_base_buf_json(struct tcs_buf *b, struct tcs_str s);

static inline void
tcs_base_buf_str(struct tcs_buf *b, struct tcs_str s)
{
    tcs_base_buf_put(b, s.p, s.n);
}

static inline void
tcs_base_buf_c(struct tcs_buf *b, char c)
{
    if (b->n < b->cap)
        b->p[b->n++] = c;
    else
        tcs_base_buf_put(b, &c, 1);
}

/* A string literal only: anything else does not compile. */
#define tcs_buf_lit(b, lit) tcs_base_buf_put((b), "" lit, sizeof("" lit) - 1)

static inline struct tcs_str
tcs_base_buf_view(const struct tcs_buf *b)
{
    return (struct tcs_str){b->p, b->n};
}

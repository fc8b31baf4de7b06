/* input/pool.h - buffers for blocks, used again so that memory stays flat.
 *
 * One thread takes, any thread gives back.  A buffer is always readable for TCS_BLOCK_PADDING bytes
 * beyond its `cap`. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <stdbool.h>

struct tcs_pool;

struct tcs_pool_buf {
    uint8_t *p;
    size_t cap;
    struct tcs_pool_buf *next; /* the pool's own */
    bool lent;
};

/* Somebody who has better memory for blocks than the pool: memory that is shared with those who
 * decode them.  Called from the thread that reads. */
struct tcs_pool_lender {
    void *ctx;
    /* One of at least `size` bytes and TCS_BLOCK_PADDING behind; NULL: not now. */
    struct tcs_pool_buf *(*lend)(void *ctx, size_t size);
    void (*back)(void *ctx, struct tcs_pool_buf *buf);
};

/* `size`: what a usual buffer holds.  `lender` may be NULL; borrowed.  NULL: no memory. */
struct tcs_pool *tcs_input_pool_new(size_t size, const struct tcs_pool_lender *lender);
/* Every buffer must have been given back. */
void tcs_input_pool_free(struct tcs_pool *pool);
/* A buffer of at least `size` bytes, contents undefined; NULL: no memory.  Larger ones than usual
 * are not kept when they come back. */
struct tcs_pool_buf *tcs_input_pool_get(struct tcs_pool *pool, size_t size);
void tcs_input_pool_put(struct tcs_pool *pool, struct tcs_pool_buf *buf); /* NULL is fine */

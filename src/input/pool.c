/* input/pool.c - a free list under a mutex.  It holds at most as many buffers as were in use at
 * once, which the consumer's queue bounds. */
#include "input/pool.h"

#include "input/format.h"

#include <pthread.h>
#include <stdlib.h>

struct tcs_pool {
    pthread_mutex_t lock;
    struct tcs_pool_buf *idle;
    size_t size;
    const struct tcs_pool_lender *lender;
};

struct tcs_pool *
tcs_input_pool_new(size_t size, const struct tcs_pool_lender *lender)
{
    struct tcs_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        free(pool);
        return NULL;
    }
    pool->size = size;
    pool->lender = lender;
    return pool;
}

void
tcs_input_pool_free(struct tcs_pool *pool)
{
    if (!pool)
        return;
    for (struct tcs_pool_buf *b = pool->idle, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

struct tcs_pool_buf *
tcs_input_pool_get(struct tcs_pool *pool, size_t size)
{
    struct tcs_pool_buf *b = pool->lender ? pool->lender->lend(pool->lender->ctx, size) : NULL;
    if (!b && size <= pool->size) {
        pthread_mutex_lock(&pool->lock);
        b = pool->idle;
        if (b)
            pool->idle = b->next;
        pthread_mutex_unlock(&pool->lock);
        size = pool->size;
    }
    if (b || size > SIZE_MAX / 2)
        return b;
    b = malloc(sizeof *b + size + TCS_BLOCK_PADDING);
    if (b)
        *b = (struct tcs_pool_buf){.p = (uint8_t *)(b + 1), .cap = size};
    return b;
}

void
tcs_input_pool_put(struct tcs_pool *pool, struct tcs_pool_buf *buf)
{
    if (!buf)
        return;
    if (buf->lent) {
        pool->lender->back(pool->lender->ctx, buf);
        return;
    }
    if (buf->cap != pool->size) {
        free(buf);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    buf->next = pool->idle;
    pool->idle = buf;
    pthread_mutex_unlock(&pool->lock);
}

/* base/arena.c - a list of blocks, the newest one bumped.  After a reset the blocks are reused in
 * order, so a steady batch size allocates nothing. */
#include "base/arena.h"

#include "base/invariant.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { ALIGN = 16, BLOCK = 64 << 10, HUGE_PAGE = 2 << 20 };

struct block {
    struct block *next;
    size_t size, used;
    alignas(ALIGN) unsigned char at[];
};

struct tcs_arena {
    struct block *first, *cur;
    size_t cap, used;
    bool failed;
};

struct tcs_arena *
tcs_base_arena_new(size_t cap)
{
    struct tcs_arena *a = calloc(1, sizeof *a);
    if (a)
        a->cap = cap;
    return a;
}

static void
free_blocks(struct tcs_arena *a)
{
    for (struct block *b = a->first, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    a->first = a->cur = NULL;
}

void
tcs_base_arena_free(struct tcs_arena *a)
{
    if (!a)
        return;
    free_blocks(a);
    free(a);
}

void
tcs_base_arena_reset(struct tcs_arena *a)
{
#ifdef TCS_ARENA_MALLOC
    free_blocks(a);
#else
    for (struct block *b = a->first; b; b = b->next)
        b->used = 0;
    a->cur = a->first;
#endif
    a->used = 0;
    a->failed = false;
}

/* Arenas that have become large (those of the rules) go on in huge pages: taking tens of megabytes
 * in pages of 4 KiB costs more than filling them.  A kernel that has none gives small ones. */
static struct block *
new_block(const struct tcs_arena *a, size_t need)
{
#ifdef TCS_ARENA_MALLOC
    (void)a;
    size_t bytes = sizeof(struct block) + need;
    struct block *b = malloc(bytes);
#else
    bool large = need < SIZE_MAX / 2 && a->used + need >= HUGE_PAGE;
    size_t bytes = sizeof(struct block) + (need > BLOCK ? need : BLOCK);
    if (large)
        bytes = (bytes + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    struct block *b = large ? aligned_alloc(HUGE_PAGE, bytes) : malloc(bytes);
    if (b && large)
        madvise(b, bytes, MADV_HUGEPAGE);
#endif
    if (b)
        *b = (struct block){.size = bytes - sizeof *b};
    return b;
}

static struct block *
add_block(struct tcs_arena *a, size_t need)
{
    struct block *b = new_block(a, need);
    if (!b)
        return NULL;
    /* insert after the current one: blocks behind it may still serve smaller requests */
    b->next = a->cur ? a->cur->next : a->first;
    if (a->cur)
        a->cur->next = b;
    else
        a->first = b;
    a->cur = b;
    return b;
}

static struct block *
block_for(struct tcs_arena *a, size_t need)
{
#ifndef TCS_ARENA_MALLOC
    for (struct block *b = a->cur; b; b = b->next)
        if (b->size - b->used >= need) {
            a->cur = b;
            return b;
        }
#endif
    return add_block(a, need);
}

void *
tcs_base_arena_alloc(struct tcs_arena *a, size_t n)
{
    size_t need = (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
    TCS_INVARIANT(!a->cap || a->used <= a->cap);
    if (need < n || a->failed || (a->cap && need > a->cap - a->used)) {
        a->failed = true;
        return NULL;
    }
    if (need == 0)
        need = ALIGN;
    struct block *b = a->cur;
    if (!b || b->size - b->used < need)
        b = block_for(a, need);
    if (!b) {
        a->failed = true;
        return NULL;
    }
    TCS_INVARIANT(b->used <= b->size && need <= b->size - b->used);
    void *p = b->at + b->used;
    b->used += need;
    a->used += need;
    return p;
}

void *
tcs_base_arena_zalloc(struct tcs_arena *a, size_t n)
{
    void *p = tcs_base_arena_alloc(a, n);
    return p ? memset(p, 0, n) : NULL;
}

void *
tcs_base_arena_array(struct tcs_arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        a->failed = true;
        return NULL;
    }
    return tcs_base_arena_zalloc(a, bytes);
}

bool
tcs_base_arena_grow(struct tcs_arena *a, void *array, uint32_t n, uint32_t *cap, size_t size)
{
    TCS_INVARIANT(n <= *cap); /* elements are not skipped */
    if (n < *cap)
        return true;
    if (*cap > UINT32_MAX / 2) {
        a->failed = true;
        return false;
    }
    uint32_t more = *cap ? *cap * 2 : 8;
    void *old, *bigger = tcs_base_arena_array(a, more, size);
    if (!bigger)
        return false;
    memcpy(&old, array, sizeof old); /* the caller's pointer is of some other type */
    if (n)
        memcpy(bigger, old, n * size);
    memcpy(array, &bigger, sizeof bigger);
    *cap = more;
    return true;
}

struct tcs_str
tcs_base_arena_str(struct tcs_arena *a, struct tcs_str s)
{
    char *p = s.n < SIZE_MAX ? tcs_base_arena_alloc(a, s.n + 1) : NULL;
    if (!p)
        return (struct tcs_str){NULL, 0};
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct tcs_str){p, s.n};
}

struct tcs_str
tcs_base_arena_printf(struct tcs_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : tcs_base_arena_alloc(a, (size_t)n + 1);
    if (!p)
        return (struct tcs_str){NULL, 0};
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (struct tcs_str){p, (size_t)n};
}

bool
tcs_base_arena_holds(const struct tcs_arena *a, const void *p)
{
    const struct block *b = a->cur;
    return b && (uintptr_t)p - (uintptr_t)b->at < b->used;
}

bool
tcs_base_arena_failed(const struct tcs_arena *a)
{
    return a->failed;
}

size_t
tcs_base_arena_used(const struct tcs_arena *a)
{
    return a->used;
}

/* base/arena.h - bump allocator; everything in it dies at once.
 *
 * One thread at a time.  An allocation past `cap` bytes in all, or a failed malloc, returns NULL
 * and sets a sticky flag that callers test once per batch.  Built with -Darena=malloc each
 * allocation is a malloc of its own, so that the address sanitizer sees every byte. */
#pragma once
#include "base/str.h"

#include <stdalign.h>
#include <stdint.h>

struct tcs_arena;

/* NULL when out of memory.  cap 0 means no limit.  Free with tcs_base_arena_free (NULL is fine). */
struct tcs_arena *tcs_base_arena_new(size_t cap);
void tcs_base_arena_free(struct tcs_arena *a);
/* Forget everything, keep the memory for the next batch; clears the sticky flag. */
void tcs_base_arena_reset(struct tcs_arena *a);
/* Aligned to 16, contents undefined (tcs_base_arena_zalloc: zero). NULL on overflow. */
void *tcs_base_arena_alloc(struct tcs_arena *a, size_t n);
void *tcs_base_arena_zalloc(struct tcs_arena *a, size_t n);
/* n elements of `size`, multiplication checked; zeroed. */
void *tcs_base_arena_array(struct tcs_arena *a, size_t n, size_t size);
/* Room for element n of the growing array *(void **)array (NULL and *cap 0 at first): copies it to
 * a larger place when it is full; the old place stays with the arena.  False on overflow. */
bool tcs_base_arena_grow(struct tcs_arena *a, void *array, uint32_t n, uint32_t *cap, size_t size);
/* Copies; the copy is also NUL-terminated (n does not count it). {NULL,0} on overflow. */
struct tcs_str tcs_base_arena_str(struct tcs_arena *a, struct tcs_str s);
struct tcs_str tcs_base_arena_printf(struct tcs_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Is p in the memory that was handed out last?  False: it may be elsewhere in the arena, or not. */
bool tcs_base_arena_holds(const struct tcs_arena *a, const void *p);
bool tcs_base_arena_failed(const struct tcs_arena *a); /* the sticky flag */
size_t tcs_base_arena_used(const struct tcs_arena *a); /* bytes handed out since the last reset */

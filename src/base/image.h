/* base/image.h - arrays one after the other in bytes that are used where they are mapped.
 *
 * Written and read by one program on one machine: numbers and structs are as they lie in memory.
 * Everything begins at a multiple of 8 of the image's begin, which must itself be aligned so.
 * Reading is bounds-checked and sticky as a cursor is; what the numbers mean is for the reader to
 * check. */
#pragma once
#include "base/buf.h"
#include "base/cursor.h"

/* Writing: the buffer fails, nothing else. */
void tcs_base_image_put(struct tcs_buf *b, uint64_t v);
void tcs_base_image_put_array(struct tcs_buf *b, const void *p, size_t n, size_t size);

/* Reading; the cursor is over the whole image. */
uint64_t tcs_base_image_get(struct tcs_cursor *c);
/* A number of at most `last`; more is bad, and 0. */
uint32_t tcs_base_image_get_most(struct tcs_cursor *c, uint32_t last);
/* The array, never NULL unless bad, and its length; elements need no more alignment than 8. */
const void *tcs_base_image_get_array(struct tcs_cursor *c, size_t size, uint32_t *n);
/* Likewise; another length than `n` is bad. */
const void *tcs_base_image_get_n(struct tcs_cursor *c, size_t size, size_t n);

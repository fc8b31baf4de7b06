/* detect/batch_pack.h - a batch as bytes, so that it can come from a process that is not trusted.
 *
 * One description of every member (batch_pack.c) is what both directions follow.  What tells where
 * the block is from (origin, offset, position, the problems before it) is not packed: whoever
 * handed the block out knows that better than who decoded it.  The bytes are for this program on
 * this machine, from one process to the other, and never kept. */
#pragma once
#include "detect/batch.h"

/* Appends everything but `out` itself; to->failed: no room. */
void tcs_detect_batch_pack(const struct tcs_batch *b, struct tcs_buf *to);
/* Into an empty batch, whose origin and `out` are set: findings must lie within that.  Texts stay
 * where they are in the packed bytes, which are changed (a NUL behind each text) and must live as
 * long as the batch.  0; 1: such bytes were never packed, and the batch is good for
 * tcs_detect_batch_clear only; -TCS_ENOMEM. */
int tcs_detect_batch_unpack(struct tcs_batch *b, uint8_t *packed, size_t n);

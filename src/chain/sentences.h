/* chain/sentences.h - an incident in a few sentences for a tired reader.  Private to src/chain. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "chain/incident.h"

/* "A, B and C", at most a few, "and 12 more". */
void chain_put_names(struct tcs_buf *b, const struct tcs_str *names, uint32_t n, bool hosts);
/* What happened in order, who and what is involved, what is near.  In `a`; empty: no memory. */
struct tcs_str chain_summary(const struct tcs_incident *in, struct tcs_arena *a);

/* tests/evtxgen/sample.h - an ordinary file for tests that need one. */
#pragma once
#include "evtxgen/evtxgen.h"

/* Adds chunks * per_chunk events of mixed channels.  Event i (from 0) has the EventData fields
 * Serial = i as u32, Text = "text-i" and After = "after".  0, or negative with *err filled. */
int evg_sample(struct evg *g, uint32_t chunks, uint32_t per_chunk, struct tcs_err *err);

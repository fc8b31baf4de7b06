/* decode/evtx/evtx_carve.h - records that are no longer live. */
#pragma once
#include "decode/evtx/evtx_chunk.h"

/* The record in a whole frame; e->carved is set, e->rec_mem was reset.  False with the reason
 * noted: nothing of it can be shown. */
bool tcs_decode_evtx_carve_record(struct evtx *e, const struct evtx_frame *f,
                                  const struct evtx_inst **ret);

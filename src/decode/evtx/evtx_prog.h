/* decode/evtx/evtx_prog.h - JSON prepared per template. */
#pragma once
#include "decode/evtx/evtx_int.h"

/* The record, prepared; false: b is as before, take the tree. */
bool tcs_decode_evtx_prog_run(struct evtx *e, const struct evtx_inst *in, struct tcs_buf *b);

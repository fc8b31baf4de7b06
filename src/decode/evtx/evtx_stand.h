/* decode/evtx/evtx_stand.h - values without a template get a plan.  False with the reason noted. */
#pragma once
#include "decode/evtx/evtx_int.h"

/* Of a fragment inside a record: the values as Data. */
bool tcs_decode_evtx_stand_data(struct evtx *e, struct evtx_inst *in);
/* Of a record: System with what its frame says, then the values as Data. */
bool tcs_decode_evtx_stand_record(struct evtx *e, uint64_t number, uint64_t filetime,
                                  struct evtx_inst *in);

/* decode/evtx/evtx.h - what tests may ask of the EVTX decoder beyond tcs_decode_format_evtx. */
#pragma once
#include "input/format.h"

/* From now on without the prepared paths: every record goes through the code that defines what the
 * prepared ones mean.  Slower, same output. */
void tcs_decode_evtx_plain(struct tcs_decoder *d);

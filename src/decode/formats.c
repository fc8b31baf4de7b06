/* decode/formats.c - the table of formats, in the order in which they are tried on a source. */
#include "decode/formats.h"

/* A described table first: its columns are surer than the look of some text in it. */
const struct tcs_format *const tcs_decode_formats[] = {
    &tcs_decode_format_csv,  &tcs_decode_format_evtx, &tcs_decode_format_jsonl,
    &tcs_decode_format_json, &tcs_decode_format_xml,  NULL,
};

/* decode/formats.c - the table of formats, in the order in which they are tried on a source. */
#include "decode/formats.h"

/* A described table first: its columns are surer than the look of some text in it. */
const struct tcs_format *const tcs_formats[] = {
    &tcs_format_csv, &tcs_format_evtx, &tcs_format_jsonl, &tcs_format_json, &tcs_format_xml, NULL,
};

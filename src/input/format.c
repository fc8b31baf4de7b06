/* input/format.c - the table of formats, in the order in which they are tried on a source. */
#include "input/format.h"

const struct tcs_format *const tcs_formats[] = {
    &tcs_format_evtx, &tcs_format_jsonl, &tcs_format_json, &tcs_format_xml, &tcs_format_csv, NULL,
};

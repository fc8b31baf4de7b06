/* decode/formats.h - the formats that tocsin reads, one row each. */
#pragma once
#include "input/format.h"

extern const struct tcs_format tcs_decode_format_csv, tcs_decode_format_evtx,
    tcs_decode_format_jsonl, tcs_decode_format_json, tcs_decode_format_xml;
/* Are there events of this product and service (empty: any) in some of them? */
bool tcs_decode_feeds(struct tcs_str product, struct tcs_str service);
/* All of them, in sniffing order, NULL-terminated. */
extern const struct tcs_format *const tcs_decode_formats[];

/* decode/formats.c - the table of formats, in the order in which they are tried on a source. */
#include "decode/formats.h"

#include "decode/json/schema.h"

/* A described table first: its columns are surer than the look of some text in it. */
const struct tcs_format *const tcs_decode_formats[] = {
    &tcs_decode_format_csv,  &tcs_decode_format_evtx, &tcs_decode_format_jsonl,
    &tcs_decode_format_json, &tcs_decode_format_xml,  NULL,
};

/* What EVTX has, JSON has as well. */
bool
tcs_decode_feeds(struct tcs_str product, struct tcs_str service)
{
    for (const struct tcs_schema *s = tcs_decode_schemas;; s++) {
        if ((!product.n || tcs_base_str_eq(product, s->product)) &&
            (!service.n || tcs_base_str_eq(service, s->service)))
            return true;
        if (s->all == TCS_MARK_NEVER) /* tables: the last row */
            return false;
    }
}

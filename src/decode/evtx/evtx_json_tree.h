/* decode/evtx/evtx_json_tree.h - JSON of elements, from their tree. */
#pragma once
#include "decode/evtx/evtx_int.h"

enum { EVTX_JSON_DEPTH = TCS_EVTX_NEST_MAX + TCS_EVTX_DEPTH_MAX }; /* objects in objects */

/* The attribute called Name, or NULL. */
const struct evtx_attr *tcs_decode_evtx_json_name_attr(const struct evtx_elem *el);
/* An element's value; of a Data element inside EventData. */
void tcs_decode_evtx_json_value(const struct evtx_at *at, const struct evtx_elem *el,
                                struct tcs_buf *b);
void tcs_decode_evtx_json_data(const struct evtx_at *at, const struct evtx_elem *el,
                               struct tcs_buf *b, unsigned depth);
/* "#attributes":{...} with the attributes that are not empty; false: there are none. */
bool tcs_decode_evtx_json_attrs(const struct evtx_at *at, const struct evtx_elem *el,
                                struct tcs_buf *b);

/* decode/evtx/evtx_put.h - one value, and the name before it, as JSON. */
#pragma once
#include "decode/evtx/evtx_int.h"

/* Does it stand without quotes? */
bool tcs_decode_evtx_json_bare(const struct tcs_value *v);
void tcs_decode_evtx_json_text(struct evtx *e, struct tcs_buf *b, const struct tcs_value *v);
void tcs_decode_evtx_json_scalar(struct evtx *e, struct tcs_buf *b, const struct tcs_value *v);
void tcs_decode_evtx_json_key(struct tcs_buf *b, struct tcs_str name, uint32_t suffix);
/* As tcs_decode_evtx_json_scalar writes it. */
void tcs_decode_evtx_put_val(struct evtx *e, struct tcs_buf *b, const struct evtx_val *v);

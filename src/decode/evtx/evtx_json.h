/* decode/evtx/evtx_json.h - shared by evtx_json.c, evtx_prog.c and evtx_put.c only. */
#pragma once
#include "decode/evtx/evtx_int.h"

enum { EVTX_JSON_DEPTH = TCS_EVTX_NEST_MAX + TCS_EVTX_DEPTH_MAX }; /* objects in objects */

bool tcs_evtx_json_bare(const struct tcs_value *v);
void tcs_evtx_json_text(struct evtx *e, struct tcs_buf *b, const struct tcs_value *v);
void tcs_evtx_json_scalar(struct evtx *e, struct tcs_buf *b, const struct tcs_value *v);
void tcs_evtx_json_key(struct tcs_buf *b, struct tcs_str name, uint32_t suffix);
/* The attribute called Name, or NULL. */
const struct evtx_attr *tcs_evtx_json_name_attr(const struct evtx_elem *el);
/* An element's value; of a Data element inside EventData. */
void tcs_evtx_json_value(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b);
void tcs_evtx_json_data(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b,
                        unsigned depth);
/* "#attributes":{...} with the attributes that are not empty; false: there are none. */
bool tcs_evtx_json_attrs(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b);

/* evtx_put.c: a value as tcs_evtx_json_scalar writes it. */
void tcs_evtx_put_val(struct evtx *e, struct tcs_buf *b, const struct evtx_val *v);

/* evtx_prog.c: the record, prepared; false: b is as before, take the tree. */
bool tcs_evtx_prog_run(struct evtx *e, const struct evtx_inst *in, struct tcs_buf *b);

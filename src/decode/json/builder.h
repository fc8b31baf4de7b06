/* decode/json/builder.h - what JSON and XML decoders share per thread: the record being put
 * together and the names met so far; and the last step, from a record to the sink. */
#pragma once
#include "decode/json/schema.h"
#include "input/format.h"

struct tcs_builder {
    struct tcs_record rec;
    struct tcs_names *names;
};

/* NULL: no memory. */
struct tcs_builder *tcs_decode_builder_new(const struct tcs_decode_opts *opts);
void tcs_decode_builder_free(struct tcs_builder *b);
/* A scalar where `n` stands. */
void tcs_decode_builder_value(struct tcs_builder *b, const struct tcs_name *n, struct tcs_value v);
/* The record's fields are complete: head, want, event.  ev: origin, offset, record_id, raw,
 * raw_json set, the rest zero. */
void tcs_decode_builder_send(struct tcs_builder *b, const struct tcs_schema *schema,
                             struct tcs_event *ev, const struct tcs_sink *sink,
                             struct tcs_decode_stats *stats);

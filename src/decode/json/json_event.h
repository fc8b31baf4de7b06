/* decode/json/json_event.h - a parsed JSON object to an event. */
#pragma once
#include "decode/json/builder.h"
#include "decode/json/simdjson_shim.h"

struct tcs_json_event;

struct tcs_json_event *tcs_decode_json_event_new(const struct tcs_decode_opts *opts);
void tcs_decode_json_event_free(struct tcs_json_event *je);
/* The document's root is an object.  *ev as tcs_decode_builder_send wants it. */
void tcs_decode_json_event_send(struct tcs_json_event *je, const struct tcs_simdjson_doc *doc,
                                struct tcs_event *ev, const struct tcs_sink *sink,
                                struct tcs_decode_stats *stats);

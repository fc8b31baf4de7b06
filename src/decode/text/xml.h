/* decode/text/xml.h - events as XML text: Sysmon for Linux in syslog, Windows events exported as
 * XML.
 *
 * Reads the one element <Event> with its attributes, text, entities and CDATA.  No document types,
 * no outside entities, no namespaces beyond cutting prefixes off. */
#pragma once
#include "decode/json/builder.h"

/* The next <Event ...>...</Event> at or after `from`; *ret covers it, with its end tag or, when
 * there is none, to the end of s.  False if there is no start. */
bool tcs_decode_xml_find(struct tcs_str s, size_t from, struct tcs_str *ret);
/* Parses `event` into b's record, which must be begun and empty, and sends it.  NULL, or why it
 * is no well-formed event (static text; nothing was sent then).  *ev as for
 * tcs_decode_builder_send. */
const char *tcs_decode_xml_send(struct tcs_builder *b, struct tcs_str event, struct tcs_event *ev,
                                const struct tcs_sink *sink, struct tcs_decode_stats *stats);

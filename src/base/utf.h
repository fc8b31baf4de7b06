/* base/utf.h - UTF-16LE and UTF-8, tolerant: what is malformed becomes U+FFFD, never an error. */
#pragma once
#include "base/buf.h"

/* The length in bytes of the UTF-8 sequence at s.p[at], 0 if it is malformed there
 * (Unicode 15 table 3-7: no overlong forms, no surrogates, at most U+10FFFF). */
size_t tcs_base_utf8_len(struct tcs_str s, size_t at);
/* Decode the sequence at *at and step over it; U+FFFD and one byte when malformed. at < s.n. */
uint32_t tcs_base_utf8_next(struct tcs_str s, size_t *at);
/* Writes 1..4 bytes, returns how many.  cp <= U+10FFFF; surrogates are written as U+FFFD. */
size_t tcs_base_utf8_put(char out[4], uint32_t cp);
/* UTF-16LE bytes (an odd last byte is ignored) to UTF-8.  `out` has room for 3 bytes per two input
 * bytes.  Returns bytes written.  Lone surrogates become U+FFFD. */
size_t tcs_base_utf16_to_utf8(const uint8_t *p, size_t bytes, char *out);
/* The same as the inside of a JSON string, RFC 8259 section 7; `upper`: control characters in
 * upper-case hex, as evtx_dump has them; RFC 8785 wants lower case.  `out` has room for
 * tcs_base_utf16_json_room(bytes); more than the returned length may be written. */
size_t tcs_base_utf16_to_json(const uint8_t *p, size_t bytes, bool upper, char *out);

/* The escape of one character below 0x80 that needs one; at most 6 bytes.  Returns how many. */
size_t tcs_base_json_escape(char *out, unsigned c, bool upper);

static inline size_t
tcs_base_utf16_json_room(size_t bytes)
{
    return bytes / 2 * 6 + 16;
}

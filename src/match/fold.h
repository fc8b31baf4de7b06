/* match/fold.h - text that compares equal when case is ignored: Unicode simple case folding
 * (CaseFolding.txt, status C and S, in libutf8proc's version).  One code point stays one.
 *
 * Input is read as tcs_event_value_text reads it; each byte that is no part of well-formed UTF-8
 * and each lone surrogate is U+FFFD.  Output is well-formed UTF-8.  Pure functions, any thread. */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* Room that `out` needs: FOLD_ROOM_UTF8(bytes in), FOLD_ROOM_UTF16(bytes in). */
#define TCS_FOLD_ROOM_UTF8(n) (3 * (n) + 16)
#define TCS_FOLD_ROOM_UTF16(n) ((n) / 2 * 3 + 16)

uint32_t tcs_match_fold_cp(uint32_t cp);
/* Both return the bytes written. */
size_t tcs_match_fold_utf8(struct tcs_str s, char *out);
size_t tcs_match_fold_utf16(const uint8_t *p, size_t bytes, char *out); /* little-endian */
/* Not folded, but well-formed: malformed bytes become U+FFFD.  Returns s itself when it already is
 * well-formed, else what it wrote to `out` (TCS_FOLD_ROOM_UTF8).  `out` may be NULL to only ask:
 * then malformed text gives {NULL, 1}. */
struct tcs_str tcs_match_fold_clean(struct tcs_str s, char *out);

/* decode/json/json_repair.h - a second chance for an object that is JSON but for what log writers
 * get wrong inside values. */
#pragma once
#include "base/buf.h"

/* Appends the object's text to `out` with these mended: bytes that are not UTF-8 and surrogates
 * without their half become U+FFFD, control characters become escapes, escapes that do not exist
 * their own text, and numbers that fit no 64-bit type or break the grammar strings.  The rest is
 * copied as it is. */
void tcs_decode_json_repair(struct tcs_str text, struct tcs_buf *out);

/* input/kind.h - what bytes of no known format are, as far as that matters: evidence that this
 * version cannot read is lost, and something else is no log. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A log, an archive or an image of a kind that is not read: what it is, with its article.  NULL:
 * none that is known. */
const char *tcs_input_kind_name(const uint8_t *p, size_t n);
/* Text in UTF-16, with its byte order mark or without. */
bool tcs_input_kind_utf16(const uint8_t *p, size_t n);

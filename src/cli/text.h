/* cli/text.h - numbers as people read them. */
#pragma once
#include "base/buf.h"

void tcs_cli_text_count(struct tcs_buf *b, uint64_t n); /* 1,234,567 */
void tcs_cli_text_bytes(struct tcs_buf *b, uint64_t n); /* 512 B, 1.2 MiB */
/* "1 file", "2,000 files" */
void tcs_cli_text_plural(struct tcs_buf *b, uint64_t n, const char *one, const char *many);

/* cli/correlation_text.h - correlations in words: for the report of a hunt, and for commands on
 * rules. */
#pragma once
#include "base/buf.h"
#include "sigma/rules.h"

/* "5 matches of failed_logon within 60s, by IpAddress", without a newline. */
void tcs_cli_correlation_text(struct tcs_buf *b, const struct tcs_correlation *c);
/* Whole numbers without a point. */
void tcs_cli_correlation_number(struct tcs_buf *b, double v);
void tcs_cli_correlation_list(struct tcs_buf *b, const struct tcs_str *list, uint32_t n,
                              const char *between);

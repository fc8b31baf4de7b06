/* cli/correlation_text.h - a correlation in words, for people. */
#pragma once
#include "base/buf.h"
#include "sigma/ast.h"

/* "at least 5 matches of failed_logon within 60s, with equal IpAddress", without a newline. */
void tcs_cli_correlation_text(struct tcs_buf *b, const struct tcs_correlation *corr);

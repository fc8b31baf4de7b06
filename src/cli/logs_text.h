/* cli/logs_text.h - what records were taken for, as lines for people. */
#pragma once
#include "cli/term.h"
#include "detect/logs.h"

/* A line for each log with its records, most first; of many the first few. */
void tcs_cli_logs_text(struct tcs_buf *b, const struct tcs_term *t, struct tcs_logs *logs);

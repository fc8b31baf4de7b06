/* cli/alerts_report.h - alerts of other tools, for people. */
#pragma once
#include "cli/term.h"
#include "detect/alerts.h"

/* The part of the report for people; nothing if there were none. */
void tcs_cli_alerts_text(const struct tcs_alerts *al, const struct tcs_term *term,
                         struct tcs_buf *b);

/* cli/hunt_report_int.h - shared by the parts of the report only. */
#pragma once
#include "cli/hunt_report.h"

enum tcs_style tcs_cli_report_style(uint8_t level);
void tcs_cli_report_styled(const struct tcs_report *r, struct tcs_buf *b, enum tcs_style s,
                           struct tcs_str text);
void tcs_cli_report_heading(const struct tcs_report *r, struct tcs_buf *b, const char *text);
const char *tcs_cli_report_dot(const struct tcs_report *r); /* between the parts of a line */
unsigned tcs_cli_report_width(const struct tcs_report *r);
/* "2026-04-20 10:00:35 - 10:02:11", the second date only when it is another day. */
void tcs_cli_report_span(const struct tcs_report *r, struct tcs_buf *b, int64_t first,
                         int64_t last);

/* What is to be known before anything else: of which logs grave findings were left out. */
void tcs_cli_report_grave_loss(struct tcs_buf *b, const struct tcs_report *r);
/* The incidents, most urgent first; nothing if there are none. */
void tcs_cli_report_incidents(struct tcs_buf *b, const struct tcs_report *r);
/* The findings by severity, host, account and rule. */
void tcs_cli_report_groups(struct tcs_buf *b, const struct tcs_report *r);
/* What correlations found. */
void tcs_cli_report_correlations(struct tcs_buf *b, const struct tcs_report *r);
/* What the records were taken for. */
void tcs_cli_report_logs(struct tcs_buf *b, const struct tcs_report *r);
/* What was skipped, unreadable or damaged, and what rules there were. */
void tcs_cli_report_rest(struct tcs_buf *b, const struct tcs_report *r);

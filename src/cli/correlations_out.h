/* cli/correlations_out.h - findings of correlations, printed and added up. */
#pragma once
#include "cli/report.h"
#include "detect/correlations.h"
#include "report/tally.h"

/* One JSON line each (tocsin-hunt(1), OUTPUT); what the report says of them. */
void tcs_cli_correlations_json(struct tcs_buf *b, const struct tcs_correlations *c);
void tcs_cli_correlations_text(struct tcs_buf *b, const struct tcs_report *r);
/* "5 matches of failed_logon within 60s, by IpAddress": what it waits for, without a newline. */
void tcs_cli_correlations_say(struct tcs_buf *b, const struct tcs_correlation *corr);
/* Adds the found ones to the summary of findings. */
int tcs_cli_correlations_sum(const struct tcs_correlations *c, struct tcs_summary *s,
                             struct tcs_err *err);

/* report/rules_json.h - rules, correlations, their logs and what was refused, as JSON objects, one
 * a line: what `rules list --format jsonl` prints. */
#pragma once
#include "detect/rulebook.h"

/* A log that rules are about, and how many of them. */
struct tcs_rules_input {
    const struct tcs_logsource *logsource;
    const struct tcs_view *views;
    uint32_t nviews, rules, reachable;
};

void tcs_report_rules_json_row(struct tcs_buf *b, const struct tcs_rulebook *book,
                               const struct tcs_rule *r, bool reachable);
/* `says`: the correlation in words. */
void tcs_report_rules_json_correlation(struct tcs_buf *b, const struct tcs_correlation *k,
                                       struct tcs_str says);
void tcs_report_rules_json_input(struct tcs_buf *b, const struct tcs_rules_input *in);
void tcs_report_rules_json_refused(struct tcs_buf *b, const struct tcs_diag *d);

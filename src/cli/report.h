/* cli/report.h - the result of a hunt, for people and as the summary line for machines. */
#pragma once
#include "cli/session.h"
#include "cli/term.h"
#include "detect/rulebook.h"
#include "report/tally.h"

struct tcs_correlations;
struct tcs_chain_stats; /* chain/chain.h */

struct tcs_report {
    const struct tcs_term *term;
    const struct tcs_session *session;
    const struct tcs_rulebook *book;
    struct tcs_summary *summary;
    const struct tcs_correlations *correlations;
    const struct tcs_incident *incidents;
    uint32_t nincidents;
    uint64_t alerts;                     /* of other tools */
    bool kept;                           /* the store has them */
    const struct tcs_chain_stats *chain; /* NULL: no incidents were made */
    uint64_t regex_limit, cut_values;    /* values that were matched in part */
};

/* The whole report. */
void tcs_cli_report_text(struct tcs_buf *b, const struct tcs_report *r);
/* What was skipped, unreadable or damaged, and what rules there were (report_rest.c). */
void tcs_cli_report_rest(struct tcs_buf *b, const struct tcs_report *r);
/* One JSON object and a newline: tocsin.kind "summary".  No times of this run in it, so that the
 * same input gives the same bytes. */
void tcs_cli_report_json(struct tcs_buf *b, const struct tcs_report *r);

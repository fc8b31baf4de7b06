/* cli/hunt_report.h - the result of a hunt, for people. */
#pragma once
#include "cli/hunt_report_alerts.h"
#include "cli/term.h"
#include "report/summary.h"

struct tcs_report {
    const struct tcs_term *term;
    const struct tcs_summary *sum;
    const struct tcs_cli_alerts *alerts;
    /* Of sum->engine. */
    const struct tcs_rulebook *book;
    const struct tcs_correlating *correlating;
    const struct tcs_incident *incidents;
    uint32_t nincidents;
    const struct tcs_chain_stats *chain; /* NULL: no incidents were made */
    struct tcs_engine_stats stats;
};

struct tcs_report tcs_cli_report_of(const struct tcs_summary *sum,
                                    const struct tcs_cli_alerts *alerts,
                                    const struct tcs_term *term);
/* There were records, none of them is of a known log, and nothing was found in them: that is no
 * answer. */
bool tcs_cli_report_blind(const struct tcs_summary *s);
/* The whole report. */
void tcs_cli_report_text(struct tcs_buf *b, const struct tcs_report *r);

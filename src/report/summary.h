/* report/summary.h - what a run came to, beside its findings: from this the summary object and the
 * report for people are made. */
#pragma once
#include "detect/engine.h"
#include "report/tally.h"

struct tcs_summary {
    const struct tcs_engine *engine; /* settled */
    const struct tcs_totals *totals;
    const struct tcs_inputs_stats *inputs;
    struct tcs_tally *tally; /* of rules and correlations */
    uint64_t alerts;         /* new ones of other tools */
    double seconds;          /* that reading took */
    bool kept;               /* a store has it */
};

/* Was something that was asked for not read, of logs or of rules, or not read to its end? */
bool tcs_report_summary_lacks(const struct tcs_summary *s);
/* One JSON object and a newline: tocsin.kind "summary".  No times of this run in it, so that the
 * same input gives the same bytes. */
void tcs_report_summary_json(struct tcs_buf *b, const struct tcs_summary *s);

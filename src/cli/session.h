/* cli/session.h - what hunt and dump share: output, inputs, sandbox, signals, pipeline, progress.
 */
#pragma once
#include "cli/option_groups.h"
#include "cli/output.h"
#include "detect/pipeline.h"

struct tcs_session {
    const struct tcs_cli_operands *paths; /* as given to run; must live until close */
    const struct tcs_cli_run *run;
    struct tcs_output out;
    const struct tcs_totals *totals;       /* filled by run */
    const struct tcs_inputs_stats *inputs; /* filled by run */
    double seconds;                        /* of wall clock, without start-up */
    bool ended;                            /* the inputs were read to their end, or interrupted */
    /* Set before the run when a store is open (detect/positions.h): what was read already; the sandbox
     * lets the store write. */
    const struct tcs_inputs_memory *memory;
    /* internal */
    struct tcs_pipeline *pipeline;
    struct tcs_inputs *in;
    struct tcs_stop stop;
    struct tcs_progress *progress;
};

/* Runs the job over the paths.  `out` was opened by the caller.  0, or negative with *err filled
 * (out of memory, output failed, sandbox refused); totals are there in both cases unless the
 * inputs could not even be opened.  End with tcs_cli_session_close. */
int tcs_cli_session_run(struct tcs_session *s, const struct tcs_cli_operands *paths,
                        const struct tcs_cli_run *run, struct tcs_job *job, struct tcs_err *err);
void tcs_cli_session_close(struct tcs_session *s);
/* An input could not be read at all, or one that was named has no known format, or there was
 * nothing: the run was not what was asked for. */
bool tcs_cli_session_missed(const struct tcs_session *s);
/* One line each on standard error: what was unreadable or damaged, with what is left out counted.
 * `skipped` too if asked. */
void tcs_cli_session_complain(const struct tcs_session *s, bool skipped);

/* cli/session.h - what hunt and dump share: output, files with their progress, and complaints. */
#pragma once
#include "cli/option_groups.h"
#include "cli/output.h"
#include "detect/files.h"

struct tcs_session {
    const struct tcs_cli_operands *paths; /* as given to run; must live until close */
    const struct tcs_cli_run *run;
    struct tcs_output out;
    struct tcs_guard guard; /* what is read, and what of it is our own; filled before the run */
    struct tcs_files files; /* filled by run */
    /* Set before the run: of struct tcs_files_opts. */
    const struct tcs_csv_tables *tables;
    const struct tcs_inputs_memory *memory;
    struct tcs_positions *positions;
    /* internal */
    struct tcs_crew *crew;
    struct tcs_progress *progress;
    uint64_t total;
};

/* Makes the processes that the job runs in, unless threads were asked for or that is all there is,
 * which is told: before the output and the store are open, so that they never know of them. */
void tcs_cli_session_prepare(struct tcs_session *s, const struct tcs_cli_operands *paths,
                             const struct tcs_cli_run *run, const struct tcs_job *job);
/* Runs the job over the paths.  `out` was opened by the caller.  As tcs_detect_files_run; end with
 * tcs_cli_session_close. */
int tcs_cli_session_run(struct tcs_session *s, const struct tcs_cli_operands *paths,
                        const struct tcs_cli_run *run, struct tcs_job *job, struct tcs_err *err);
/* True: nothing may be freed (tcs_detect_files_close). */
bool tcs_cli_session_close(struct tcs_session *s);
/* What reading alone comes to: TCS_EXIT_NOTHING, TCS_EXIT_ERROR if something was not read,
 * TCS_EXIT_INTERRUPTED. */
int tcs_cli_session_status(const struct tcs_session *s);
/* One line each on standard error: what was not read or was repaired, with what is left out
 * counted. */
void tcs_cli_session_complain(const struct tcs_session *s);

/* cli/session.c - what the terminal sees of a job over files: progress while it runs, and what was
 * wrong with the inputs. */
#include "cli/session.h"

#include "cli/command.h"
#include "cli/notes_text.h"
#include "cli/progress.h"
#include "cli/term.h"
#include "process/sandbox.h"

#include <time.h>

static double
now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
on_unconfined(void *ctx)
{
    (void)ctx; /* said to the quiet too: it is about what protects them, not about what was read */
    tcs_cli_complain("%s", tcs_process_sandbox_lacks(TCS_SANDBOX_NO_LANDLOCK));
}

static void
on_begin(void *ctx, uint64_t bytes)
{
    struct tcs_session *s = ctx;
    s->total = bytes;
    if (!s->run->quiet && !s->run->no_progress)
        s->progress = tcs_cli_progress_new(now());
}

static void
on_tick(void *ctx, uint64_t bytes, uint64_t events)
{
    struct tcs_session *s = ctx;
    if (s->progress)
        tcs_cli_progress_show(s->progress, bytes, s->total, events, now());
}

void
tcs_cli_session_prepare(struct tcs_session *s, const struct tcs_cli_operands *paths,
                        const struct tcs_cli_run *run, const struct tcs_job *job)
{
    const struct tcs_crew_opts opts = {.job = job,
                                       .paths = paths->at,
                                       .npaths = paths->n,
                                       .tables = s->tables,
                                       .confine = !run->no_sandbox};
    struct tcs_err err;
    if (run->workers == TCS_WORKERS_PROCESSES && tcs_detect_crew_new(&opts, &s->crew, &err) < 0)
        tcs_cli_complain("%s: logs are decoded in threads of this process", err.msg);
}

int
tcs_cli_session_run(struct tcs_session *s, const struct tcs_cli_operands *paths,
                    const struct tcs_cli_run *run, struct tcs_job *job, struct tcs_err *err)
{
    s->paths = paths;
    s->run = run;
    const struct tcs_files_opts opts = {
        .paths = paths->at,
        .npaths = paths->n,
        .tables = s->tables,
        .memory = s->memory,
        .own = s->guard.own,
        .nown = s->guard.nown,
        .positions = s->positions,
        .crew = s->crew,
        .confine = !run->no_sandbox,
        .ctx = s,
        .unconfined = on_unconfined,
        .begins = on_begin,
        .tick = run->quiet || run->no_progress || !tcs_cli_progress_possible() ? NULL : on_tick,
    };
    s->crew = NULL;
    int r = tcs_detect_files_run(&s->files, &opts, job, err);
    tcs_cli_progress_clear(s->progress);
    return r;
}

bool
tcs_cli_session_close(struct tcs_session *s)
{
    tcs_detect_crew_free(s->crew);
    bool stuck = tcs_detect_files_close(&s->files);
    if (!stuck)
        tcs_cli_progress_free(s->progress);
    return stuck;
}

int
tcs_cli_session_status(const struct tcs_session *s)
{
    if (s->files.totals->interrupted)
        return TCS_EXIT_INTERRUPTED;
    return s->files.totals->notes.counting ? TCS_EXIT_ERROR : TCS_EXIT_NOTHING;
}

void
tcs_cli_session_complain(const struct tcs_session *s)
{
    tcs_cli_notes_complain(&s->files.totals->notes);
    if (s->files.totals->interrupted)
        tcs_cli_complain("interrupted: the result covers what was read until then");
}

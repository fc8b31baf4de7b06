/* detect/files.c - inputs, signals, confinement and the run of a job, one after the other. */
#include "detect/files.h"

#include "detect/roots.h"

#include <time.h>

static double
now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* What can be done without in either case is told by whoever did it. */
static int
confined(const struct tcs_files_opts *opts, int r, bool unconfined, struct tcs_err *err)
{
    if (r < 0)
        return tcs_base_wrap(err, TCS_UNCONFINED_ADVICE);
    if (unconfined && opts->unconfined)
        opts->unconfined(opts->ctx);
    return 0;
}

/* The inputs are found, by threads of this process that read them later. */
static int
begin_here(struct tcs_files *f, const struct tcs_files_opts *opts, const struct tcs_job *job,
           struct tcs_err *err)
{
    const struct tcs_inputs_opts inputs = {
        .formats = job->formats,
        .problem = tcs_detect_run_problem,
        .ctx = f->run,
        .csv = opts->tables,
        .memory = opts->memory,
        .own = opts->own,
        .nown = opts->nown,
    };
    enum tcs_sandbox_state state = TCS_SANDBOX_FULL;
    int r = tcs_input_open(opts->paths, opts->npaths, &inputs, &f->in, err);
    if (r < 0)
        return r;
    f->inputs = tcs_input_stats(f->in);
    f->totals = tcs_detect_run_totals(f->run);
    if (!opts->confine)
        return 0;
    r = tcs_detect_roots_confine(f->in, opts->paths, opts->npaths,
                                 opts->memory ? TCS_SANDBOX_STORE : 0, &state, err);
    return confined(opts, r, state == TCS_SANDBOX_NO_LANDLOCK, err);
}

/* The same by a crew, which leaves nothing to do here that needs a file. */
static int
begin_crew(struct tcs_files *f, const struct tcs_files_opts *opts, struct tcs_err *err)
{
    enum tcs_sandbox_state state;
    bool unconfined = false;
    tcs_detect_crew_remember(f->crew, opts->positions, opts->own, opts->nown);
    f->inputs = tcs_detect_crew_inputs(f->crew);
    f->totals = tcs_detect_run_totals(f->run);
    int r = tcs_detect_crew_begin(f->crew, f->run, &f->stop, &unconfined, err);
    if (r < 0 || !opts->confine)
        return r;
    r = tcs_process_sandbox_enter(
        NULL, 0, TCS_SANDBOX_CHILDREN | (opts->positions ? TCS_SANDBOX_STORE : 0), &state, err);
    return confined(opts, r, unconfined, err);
}

int
tcs_detect_files_run(struct tcs_files *f, const struct tcs_files_opts *opts, struct tcs_job *job,
                     struct tcs_err *err)
{
    job->tick = opts->tick;
    job->tick_ctx = opts->ctx;
    f->stop = (struct tcs_stop){-1, -1, 0};
    f->crew = opts->crew;
    f->run = tcs_detect_run_new(job);
    if (!f->run)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    int r = tcs_process_signals_open(&f->stop, err);
    if (r == 0)
        r = f->crew ? begin_crew(f, opts, err) : begin_here(f, opts, job, err);
    if (r < 0)
        return r;
    double start = now();
    if (opts->begins)
        opts->begins(opts->ctx, f->inputs->bytes_total);
    r = f->crew ? tcs_detect_crew_run(f->crew, err)
                : tcs_detect_run(f->run, tcs_input_source(f->in), &f->stop, err);
    f->seconds = now() - start;
    f->ended = r == 0;
    return r;
}

bool
tcs_detect_files_close(struct tcs_files *f)
{
    if (f->totals && f->totals->abandoned)
        return true;
    tcs_detect_crew_free(f->crew);
    tcs_input_close(f->in);
    tcs_detect_run_free(f->run);
    tcs_process_signals_close(&f->stop);
    *f = (struct tcs_files){0};
    return false;
}

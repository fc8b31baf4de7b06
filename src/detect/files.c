/* detect/files.c - inputs, signals, confinement and the run of a job, one after the other. */
#include "detect/files.h"

#include "base/grow.h"
#include "process/sandbox.h"

#include <stdlib.h>
#include <time.h>

static double
now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The paths, and what links in them lead to. */
struct roots {
    const char **at;
    uint32_t n, cap;
    bool failed;
};

static void
add_root(void *ctx, const char *path)
{
    struct roots *r = ctx;
    if (tcs_base_grow(&r->at, &r->cap, r->n, 1, sizeof *r->at))
        r->at[r->n++] = path;
    else
        r->failed = true;
}

static int
confine(struct tcs_files *f, const struct tcs_files_opts *opts, struct tcs_err *err)
{
    enum tcs_sandbox_state state;
    struct roots roots = {0};
    for (size_t i = 0; i < opts->npaths; i++)
        add_root(&roots, opts->paths[i]);
    tcs_input_roots(f->in, add_root, &roots);
    int r = roots.failed
                ? tcs_base_fail(err, TCS_ENOMEM, "out of memory")
                : tcs_process_sandbox_enter(roots.at, roots.n, opts->memory != NULL, &state, err);
    free(roots.at);
    if (r < 0)
        return tcs_base_wrap(err, "use --no-sandbox to go on without");
    if (state == TCS_SANDBOX_NO_LANDLOCK && opts->unconfined)
        opts->unconfined(opts->ctx);
    return 0;
}

int
tcs_detect_files_run(struct tcs_files *f, const struct tcs_files_opts *opts, struct tcs_job *job,
                     struct tcs_err *err)
{
    job->tick = opts->tick;
    job->tick_ctx = opts->ctx;
    f->stop = (struct tcs_stop){-1, -1, 0};
    f->run = tcs_detect_run_new(job);
    if (!f->run)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    const struct tcs_inputs_opts inputs = {
        .formats = job->formats,
        .problem = tcs_detect_run_problem,
        .ctx = f->run,
        .csv = opts->tables,
        .memory = opts->memory,
        .own = opts->own,
        .nown = opts->nown,
    };
    int r = tcs_input_open(opts->paths, opts->npaths, &inputs, &f->in, err);
    if (r < 0)
        return r;
    f->inputs = tcs_input_stats(f->in);
    f->totals = tcs_detect_run_totals(f->run);
    r = tcs_process_signals_open(&f->stop, err);
    if (r == 0 && opts->confine)
        r = confine(f, opts, err);
    if (r < 0)
        return r;
    double start = now();
    if (opts->begins)
        opts->begins(opts->ctx, f->inputs->bytes_total);
    r = tcs_detect_run(f->run, tcs_input_source(f->in), &f->stop, err);
    f->seconds = now() - start;
    f->ended = r == 0;
    return r;
}

bool
tcs_detect_files_close(struct tcs_files *f)
{
    if (f->totals && f->totals->abandoned)
        return true;
    tcs_input_close(f->in);
    tcs_detect_run_free(f->run);
    if (f->totals)
        tcs_process_signals_close(&f->stop);
    *f = (struct tcs_files){0};
    return false;
}

/* cli/session.c - a run from paths to totals, in the order that safety needs: find the inputs, open
 * the output, give up rights, only then start threads that look at what others wrote. */
#include "cli/session.h"

#include "decode/formats.h"

#include "cli/progress.h"
#include "cli/term.h"
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

/* The user's paths, and what links in them lead to. */
struct roots {
    const char **at;
    size_t n, cap;
    bool failed;
};

static void
add_root(void *ctx, const char *path)
{
    struct roots *r = ctx;
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        const char **p = reallocarray(r->at, cap, sizeof *p);
        if (!p) {
            r->failed = true;
            return;
        }
        r->at = p;
        r->cap = cap;
    }
    r->at[r->n++] = path;
}

static int
enter_sandbox(struct tcs_session *s, struct tcs_err *err)
{
    enum tcs_sandbox_state state;
    struct roots roots = {0};
    for (size_t i = 0; i < s->paths->n; i++)
        add_root(&roots, s->paths->at[i]);
    tcs_inputs_roots(s->in, add_root, &roots);
    int r = roots.failed ? tcs_fail(err, TCS_ENOMEM, "out of memory")
                         : tcs_sandbox_enter(roots.at, roots.n, s->memory != NULL, &state, err);
    free(roots.at);
    if (r < 0)
        return tcs_wrap(err, "use --no-sandbox to go on without");
    if (state == TCS_SANDBOX_NO_LANDLOCK && !s->run->quiet)
        tcs_cli_complain(
            "this kernel has no Landlock: decoding runs under seccomp alone, which does "
            "not confine what can be read");
    return 0;
}

static void
on_tick(void *ctx, uint64_t bytes, uint64_t events)
{
    struct tcs_session *s = ctx;
    tcs_cli_progress_show(s->progress, bytes, s->inputs->bytes_total, events, now());
}

int
tcs_cli_session_run(struct tcs_session *s, const struct tcs_cli_operands *paths,
                    const struct tcs_cli_run *run, struct tcs_job *job, struct tcs_err *err)
{
    s->paths = paths;
    s->run = run;
    s->stop = (struct tcs_stop){-1, -1, 0};
    s->pipeline = tcs_pipeline_new(job);
    if (!s->pipeline)
        return tcs_fail(err, TCS_ENOMEM, "out of memory");
    const struct tcs_inputs_opts opts = {
        .formats = tcs_formats,
        .problem = tcs_pipeline_problem,
        .ctx = s->pipeline,
        .csv = job->csv,
        .memory = s->memory,
    };
    int r = tcs_inputs_open(paths->at, paths->n, &opts, &s->in, err);
    if (r < 0)
        return r;
    s->inputs = tcs_inputs_stats(s->in);
    s->totals = tcs_pipeline_totals(s->pipeline);
    r = tcs_stop_open(&s->stop, err);
    if (r == 0 && !run->no_sandbox)
        r = enter_sandbox(s, err);
    if (r < 0)
        return r;
    double start = now();
    if (!run->quiet && !run->no_progress)
        s->progress = tcs_cli_progress_new(start);
    if (s->progress) {
        job->tick = on_tick;
        job->tick_ctx = s;
    }
    r = tcs_pipeline_run(s->pipeline, s->in, &s->stop, err);
    tcs_cli_progress_clear(s->progress);
    s->seconds = now() - start;
    s->ended = r == 0;
    return r;
}

void
tcs_cli_session_close(struct tcs_session *s)
{
    if (s->totals && s->totals->abandoned)
        return; /* a thread still uses all of it; the process ends now */
    tcs_inputs_close(s->in);
    tcs_pipeline_free(s->pipeline);
    tcs_cli_progress_free(s->progress);
    if (s->totals)
        tcs_stop_close(&s->stop);
    *s = (struct tcs_session){0};
}

bool
tcs_cli_session_missed(const struct tcs_session *s)
{
    const struct tcs_notes *n = &s->totals->notes;
    if (n->count[TCS_NOTE_UNREADABLE] || s->totals->dead_sources)
        return true;
    if (s->inputs->sources == 0 && !s->totals->interrupted)
        return true;
    for (uint32_t i = 0; i < n->nkept[TCS_NOTE_SKIPPED]; i++)
        for (size_t p = 0; p < s->paths->n; p++)
            if (tcs_str_eq(n->kept[TCS_NOTE_SKIPPED][i].path, tcs_str_of(s->paths->at[p])))
                return true;
    return false;
}

static void
complain_kind(const struct tcs_notes *n, enum tcs_note_kind kind, const char *more)
{
    for (uint32_t i = 0; i < n->nkept[kind]; i++) {
        const struct tcs_note *note = &n->kept[kind][i];
        if (kind == TCS_NOTE_DAMAGED)
            tcs_cli_complain("%.*s: at byte %llu: %.*s", TCS_STR_FMT(note->path),
                             (unsigned long long)note->offset, TCS_STR_FMT(note->text));
        else
            tcs_cli_complain("%.*s: %.*s", TCS_STR_FMT(note->path), TCS_STR_FMT(note->text));
    }
    if (n->count[kind] > n->nkept[kind])
        tcs_cli_complain("and %llu more %s", (unsigned long long)(n->count[kind] - n->nkept[kind]),
                         more);
}

void
tcs_cli_session_complain(const struct tcs_session *s, bool skipped)
{
    const struct tcs_notes *n = &s->totals->notes;
    complain_kind(n, TCS_NOTE_UNREADABLE, "inputs that could not be read");
    complain_kind(n, TCS_NOTE_DAMAGED, "damaged places");
    if (skipped)
        complain_kind(n, TCS_NOTE_SKIPPED, "files of no known format");
    if (s->ended && s->inputs->sources == 0 && !s->totals->interrupted)
        tcs_cli_complain("nothing to read: no input has a known format");
    if (s->totals->interrupted)
        tcs_cli_complain("interrupted: the result covers what was read until then");
}

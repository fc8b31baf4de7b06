/* cli/session.c - what the terminal sees of a job over files: progress while it runs, and what was
 * wrong with the inputs. */
#include "cli/session.h"

#include "cli/progress.h"
#include "cli/term.h"

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
    tcs_cli_complain("this kernel has no Landlock: decoding runs under seccomp alone, which does "
                     "not confine what can be read");
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
        .confine = !run->no_sandbox,
        .ctx = s,
        .unconfined = on_unconfined,
        .begins = on_begin,
        .tick = run->quiet || run->no_progress || !tcs_cli_progress_possible() ? NULL : on_tick,
    };
    int r = tcs_detect_files_run(&s->files, &opts, job, err);
    tcs_cli_progress_clear(s->progress);
    return r;
}

bool
tcs_cli_session_close(struct tcs_session *s)
{
    bool stuck = tcs_detect_files_close(&s->files);
    if (!stuck)
        tcs_cli_progress_free(s->progress);
    return stuck;
}

bool
tcs_cli_session_missed(const struct tcs_session *s)
{
    const struct tcs_notes *n = &s->files.totals->notes;
    if (n->count[TCS_NOTE_UNREADABLE] || s->files.totals->dead_sources)
        return true;
    if (s->files.inputs->sources == 0 && !s->files.totals->interrupted)
        return true;
    for (uint32_t i = 0; i < n->nkept[TCS_NOTE_SKIPPED]; i++)
        for (size_t p = 0; p < s->paths->n; p++)
            if (tcs_base_str_eq(n->kept[TCS_NOTE_SKIPPED][i].path,
                                tcs_base_str_of(s->paths->at[p])))
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
    const struct tcs_notes *n = &s->files.totals->notes;
    complain_kind(n, TCS_NOTE_UNREADABLE, "inputs that could not be read");
    complain_kind(n, TCS_NOTE_DAMAGED, "damaged places");
    if (skipped)
        complain_kind(n, TCS_NOTE_SKIPPED, "files of no known format");
    if (s->files.ended && s->files.inputs->sources == 0 && !s->files.totals->interrupted)
        tcs_cli_complain("nothing to read: no input has a known format");
    if (s->files.totals->interrupted)
        tcs_cli_complain("interrupted: the result covers what was read until then");
}

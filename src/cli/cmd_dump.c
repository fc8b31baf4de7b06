/* cli/cmd_dump.c - `tocsin dump`: the events themselves, one JSON line each, in input order. */
#include "cli/command.h"
#include "cli/session.h"
#include "cli/term.h"
#include "detect/filter.h"

struct dump {
    const struct tcs_settings *set;
    struct tcs_detect_opts detect;
    struct tcs_session session;
};

/* A worker's own memory: the host name that --host looks at. */
static void *
worker_new(void *ctx)
{
    (void)ctx;
    return tcs_arena_new(0);
}

static void
worker_free(void *ctx, void *own)
{
    (void)ctx;
    tcs_arena_free(own);
}

static unsigned
want(void *ctx, const struct tcs_event *head)
{
    struct tcs_worker *w = ctx;
    const struct dump *d = w->job->ctx;
    tcs_arena_reset(w->own);
    if (!tcs_filter_wants(&d->detect, head, w->own)) {
        w->result->passed_over++;
        return TCS_WANT_NOTHING;
    }
    return d->set->format == TCS_OUT_FLAT ? TCS_WANT_FIELDS : TCS_WANT_RAW;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_worker *w = ctx;
    const struct dump *d = w->job->ctx;
    struct tcs_buf *b = &w->result->out;
    if (d->set->format == TCS_OUT_JSONL && ev->raw_json)
        ev->raw_json(ev, b);
    else
        tcs_event_json_flat(ev, b);
    tcs_buf_c(b, '\n');
}

static int
emit(void *ctx, struct tcs_result *r, struct tcs_err *err)
{
    struct dump *d = ctx;
    return tcs_output_json(&d->session.out, r->out.p, r->out.n, err);
}

static int
status_of(const struct dump *d, int r, const struct tcs_err *err)
{
    if (r < 0)
        tcs_complain("%s", err->msg);
    if (d->session.totals && !d->set->quiet)
        tcs_session_complain(&d->session, true);
    if (r < 0 || !d->session.totals)
        return TCS_EXIT_ERROR;
    if (d->session.totals->interrupted)
        return TCS_EXIT_INTERRUPTED;
    return tcs_session_missed(&d->session) ? TCS_EXIT_ERROR : 0;
}

int
tcs_cmd_dump(const struct tcs_settings *set)
{
    struct dump d = {.set = set, .detect = tcs_settings_detect(set)};
    struct tcs_err err = {0};
    if (set->npaths == 0) {
        tcs_complain("dump: name a log file or folder; tocsin dump --help explains");
        return TCS_EXIT_ERROR;
    }
    struct tcs_job job = {.ctx = &d,
                          .threads = set->threads,
                          .decode = {.carve = set->carve},
                          .worker_new = worker_new,
                          .worker_free = worker_free,
                          .want = want,
                          .event = on_event,
                          .emit = emit};
    int r = tcs_output_open(&d.session.out, set->output, &err);
    if (r == 0)
        r = tcs_session_run(&d.session, set, &job, &err);
    if (r == 0)
        r = tcs_output_close(&d.session.out, &err);
    int status = status_of(&d, r, &err);
    tcs_session_close(&d.session);
    return status;
}

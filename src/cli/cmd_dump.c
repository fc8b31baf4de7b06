/* cli/cmd_dump.c - `tocsin dump`: the events themselves, one JSON line each, in input order. */
#include "cli/command.h"
#include "cli/option_groups.h"
#include "cli/session.h"
#include "cli/term.h"
#include "decode/formats.h"
#include "detect/filter.h"

enum { DUMP_JSONL, DUMP_FLAT };

struct dump_opts {
    struct tcs_cli_records records;
    struct tcs_cli_run run;
    uint8_t format;
    const char *output;
};

static const struct tcs_cli_option options[] = {
    TCS_CLI_ROW("format", 'f', "FORMAT", "jsonl flat",
                "jsonl: each record in the shape of its source, for EVTX {\"Event\":{...}} "
                "(default). flat: one object of field names as rules use them.",
                TCS_CLI_FORMAT(struct dump_opts, format)),
    TCS_CLI_OPTS_RECORDS(struct dump_opts, records),
    TCS_CLI_OPT_OUTPUT(struct dump_opts, output),
    TCS_CLI_OPT_THREADS(struct dump_opts, run),
    TCS_CLI_OPTS_RUN(struct dump_opts, run),
    {0},
};

static const struct dump_opts defaults = {.records = {.from = TCS_TIME_NONE, .to = TCS_TIME_NONE}};

struct dump {
    const struct dump_opts *set;
    struct tcs_detect_opts detect;
    struct tcs_session session;
};

/* A worker's own memory: the host name that --host looks at. */
static void *
worker_new(void *ctx)
{
    (void)ctx;
    return tcs_base_arena_new(0);
}

static void
worker_free(void *ctx, void *own)
{
    (void)ctx;
    tcs_base_arena_free(own);
}

static unsigned
want(void *ctx, const struct tcs_event *head)
{
    struct tcs_worker *w = ctx;
    const struct dump *d = w->job->ctx;
    tcs_base_arena_reset(w->own);
    if (!tcs_detect_filter_wants(&d->detect, head, w->own)) {
        w->batch->passed_over++;
        return TCS_WANT_NOTHING;
    }
    return d->set->format == DUMP_FLAT ? TCS_WANT_FIELDS : TCS_WANT_RAW;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_worker *w = ctx;
    const struct dump *d = w->job->ctx;
    struct tcs_buf *b = &w->batch->out;
    if (d->set->format == DUMP_JSONL && ev->raw_json)
        ev->raw_json(ev, b);
    else
        tcs_event_json_flat(ev, b);
    tcs_base_buf_c(b, '\n');
}

static int
put(void *ctx, struct tcs_batch *b, struct tcs_err *err)
{
    struct dump *d = ctx;
    return tcs_cli_output_json(&d->session.out, b->out.p, b->out.n, err);
}

static int
status_of(const struct dump *d, int r, const struct tcs_err *err)
{
    if (r < 0)
        tcs_cli_complain("%s", err->msg);
    if (d->session.files.totals && !d->set->run.quiet)
        tcs_cli_session_complain(&d->session);
    if (r < 0 || !d->session.files.totals)
        return TCS_EXIT_ERROR;
    return tcs_cli_session_status(&d->session);
}

static int
dump(void *opts, const struct tcs_cli_operands *paths)
{
    const struct dump_opts *set = opts;
    static const struct tcs_rule_opts no_rules;
    struct dump d = {.set = set, .detect = tcs_cli_detect_opts(no_rules, &set->records)};
    struct tcs_err err = {0};
    if (paths->n == 0) {
        tcs_cli_complain("dump: name a log file or folder; tocsin dump --help explains");
        return TCS_EXIT_ERROR;
    }
    struct tcs_job job = {.ctx = &d,
                          .threads = tcs_cli_threads(set->run.threads),
                          .formats = tcs_decode_formats,
                          .decode = {.carve = set->records.carve},
                          .worker_new = worker_new,
                          .worker_free = worker_free,
                          .want = want,
                          .event = on_event,
                          .put = put};
    tcs_cli_session_prepare(&d.session, paths, &set->run, &job);
    tcs_detect_guard_reads(&d.session.guard, paths->at, paths->n);
    int r = tcs_cli_output_open(&d.session.out, set->output, &d.session.guard, &err);
    if (r == 0)
        r = tcs_cli_session_run(&d.session, paths, &set->run, &job, &err);
    if (r == 0)
        r = tcs_cli_output_close(&d.session.out, &err);
    int status = status_of(&d, r, &err);
    tcs_cli_session_close(&d.session);
    return status;
}

const struct tcs_command tcs_command_dump = {
    .name = "dump",
    .operands = "PATH...",
    .brief = "print the events themselves as JSON lines",
    .about = "Decodes event logs and prints each record as one line of JSON, in the order of the "
             "inputs. What cannot be read is told on standard error.\n"
             "\n"
             "Exit status: 0 all was read; 1 something was not read or could not be done; 130 "
             "interrupted.",
    .examples = "tocsin dump Security.evtx | jq 'select(.Event.System.EventID == 4624)'\n"
                "All logons of a log.\n"
                "tocsin dump --format flat --host DC01 /mnt/case/winevt/Logs\n"
                "Field names as Sigma rules use them.",
    .options = options,
    .size = sizeof(struct dump_opts),
    .defaults = &defaults,
    .run = dump,
};

/* cli/cmd_hunt.c - `tocsin hunt`: logs and rules in, findings and incidents out. */
#include "cli/command.h"
#include "cli/hunt_report.h"
#include "cli/notes_text.h"
#include "cli/option_groups.h"
#include "cli/session.h"
#include "detect/profiles.h"
#include "report/incident_json.h"
#include "report/jsonl.h"

struct hunt_opts {
    struct tcs_cli_rules rules;
    struct tcs_cli_records records;
    struct tcs_cli_run run;
    struct tcs_cli_list profiles, stops;
    uint8_t format, fail_level, unchecked, derive; /* enum unchecked; enum tcs_derive */
    const char *output;
    const char *state; /* folder of the store; NULL: none given */
    bool no_incidents;
};

/* What becomes of matches that rest on a field which is not there. */
enum unchecked { SHOW_UNCHECKED, HIDE_UNCHECKED, FAIL_UNCHECKED };

static const struct tcs_cli_option options[] = {
    TCS_CLI_OPT_RULES(struct hunt_opts, rules),
    TCS_CLI_OPTS_CHOOSE(struct hunt_opts, rules),
    TCS_CLI_OPTS_RECORDS(struct hunt_opts, records),
    TCS_CLI_OPT_FORMAT(struct hunt_opts, format),
    TCS_CLI_OPT_OUTPUT(struct hunt_opts, output),
    TCS_CLI_ROW("fail-level", 0, "LEVEL", TCS_CLI_LEVELS,
                "Exit with status 2 or 3 only when a finding has at least this level. Default: any "
                "finding.",
                TCS_CLI_LEVEL(struct hunt_opts, fail_level)),
    TCS_CLI_ROW(
        "unchecked", 0, "WHAT", "show hide fail",
        "Findings of which a part of the rule could not be checked, since the log does not have "
        "the field. show: told and marked, without exit status 2 or 3 (default). hide: left out. "
        "fail: "
        "as any other, with exit status 2 or 3.",
        TCS_CLI_WORD(struct hunt_opts, unchecked, SHOW_UNCHECKED, "is not show, hide or fail")),
    TCS_CLI_ROW("no-incidents", 0, NULL, NULL,
                "Report findings only, and do not join them into incidents.",
                TCS_CLI_FLAG(struct hunt_opts, no_incidents)),
    TCS_CLI_ROW("stop", 0, "NAME", NULL,
                "A host, account or address that many share, such as a jump host, a scanner or a "
                "service account: it joins nothing on its own. May be given several times.",
                TCS_CLI_LIST(struct hunt_opts, stops, "name something")),
    TCS_CLI_OPT_THREADS(struct hunt_opts, run),
    TCS_CLI_OPT_LOGSOURCES(struct hunt_opts, rules),
    TCS_CLI_ROW(
        "alert-map", 0, "FILE", "FILE",
        "Say which records are other tools' alerts and what they mean; CSV files whose columns it "
        "names are read. May be given several times. Suricata and Wazuh are known without.",
        TCS_CLI_LIST(struct hunt_opts, records.alert_maps, NULL)),
    TCS_CLI_ROW("profiles", 0, "PATH", "FILE",
                "Actor profiles to compare incidents with: a STIX bundle, or a folder of them. May "
                "be given several times. Default: the profiles that come with tocsin.",
                TCS_CLI_LIST(struct hunt_opts, profiles, NULL)),
    TCS_CLI_OPT_PLACEHOLDERS(struct hunt_opts, rules.placeholders),
    TCS_CLI_ROW("state", 0, "DIR", "DIR",
                "Keep what is found, and how far each log was read, in this folder; the next hunt "
                "goes on from there. Without it nothing is kept.",
                TCS_CLI_TEXT(struct hunt_opts, state, "name a folder")),
    TCS_CLI_ROW(
        "derive", 0, "HOW", "image full",
        "With --state: from an image of what is kept, however little that is, or row by row "
        "in full. The incidents are the same. Default: whichever is faster.",
        TCS_CLI_WORD(struct hunt_opts, derive, TCS_DERIVE_IMAGE, "is neither image nor full")),
    TCS_CLI_ROW("no-cache", 0, NULL, NULL,
                "Read the rules from their files, and keep no compiled copy.",
                TCS_CLI_FLAG(struct hunt_opts, rules.no_cache)),
    TCS_CLI_OPTS_RUN(struct hunt_opts, run),
    {0},
};

static const struct hunt_opts defaults = {.records = {.from = TCS_TIME_NONE, .to = TCS_TIME_NONE}};

struct hunt {
    const struct hunt_opts *set;
    struct tcs_session session;
    struct tcs_detector *detector;
    struct tcs_engine *engine;
    struct tcs_profiles profiles;
    struct tcs_outlet outlet;
    struct tcs_tally *tally;
    struct tcs_cli_alerts *alerts;
    struct tcs_buf line;
    struct tcs_err undelivered; /* why the output is not whole; code 0: it is */
    uint64_t at_fail_level;
};

/* --- what the engine tells --- */

/* What was written.  Whoever reads may leave, and a disk may be full: what is found is kept all the
 * same, if there is a store. */
static int
delivered(struct hunt *h, int r, struct tcs_err *err)
{
    if (r == 0 || !h->set->state || err->code != TCS_EIO)
        return r;
    h->undelivered = *err;
    return 0;
}

static int
put_line(struct hunt *h, struct tcs_err *err)
{
    if (!h->undelivered.code)
        return delivered(h, tcs_cli_output_buf(&h->session.out, &h->line, true, err), err);
    tcs_base_buf_done(&h->line);
    return 0;
}

static int
put_bytes(struct hunt *h, struct tcs_str bytes, struct tcs_err *err)
{
    if (h->undelivered.code)
        return 0;
    return delivered(h, tcs_cli_output_json(&h->session.out, bytes.p, bytes.n, err), err);
}

static int
on_finding(void *ctx, const struct tcs_outlet_finding *t, struct tcs_err *err)
{
    struct hunt *h = ctx;
    uint8_t level = t->rule ? t->rule->doc.level : t->alert->level;
    if (!t->is_new)
        return 0;
    if (!(t->finding->flags & TCS_FINDING_UNCHECKED) || h->set->unchecked == FAIL_UNCHECKED)
        h->at_fail_level += level >= h->set->fail_level;
    int r =
        t->rule ? tcs_report_tally_add(h->tally, t, err) : tcs_cli_alerts_add(h->alerts, t, err);
    if (r < 0 || h->set->format != TCS_OUT_JSONL)
        return r;
    if (t->correlated)
        tcs_report_jsonl_correlated(&h->line, tcs_detect_engine_correlating(h->engine), t);
    else
        return put_bytes(h, t->bytes, err);
    return put_line(h, err);
}

static int
on_incident(void *ctx, const struct tcs_incident *was, const struct tcs_incident *is,
            struct tcs_err *err)
{
    struct hunt *h = ctx;
    (void)was;
    if (h->set->no_incidents || h->set->format != TCS_OUT_JSONL)
        return 0;
    tcs_report_incident_json(&h->line, is);
    return put_line(h, err);
}

static struct tcs_summary
summary_of(const struct hunt *h)
{
    return (struct tcs_summary){.engine = h->engine,
                                .totals = h->session.files.totals,
                                .inputs = h->session.files.inputs,
                                .tally = h->tally,
                                .alerts = tcs_cli_alerts_total(h->alerts),
                                .seconds = h->session.files.seconds,
                                .kept = h->set->state && !tcs_detect_engine_unkept(h->engine)};
}

static int
put_summary(struct hunt *h, struct tcs_err *err)
{
    struct tcs_term term = tcs_cli_term_probe(h->session.out.fd);
    const struct tcs_summary sum = summary_of(h);
    if (h->set->format == TCS_OUT_JSONL) {
        tcs_report_summary_json(&h->line, &sum);
        return put_line(h, err);
    }
    struct tcs_report report = tcs_cli_report_of(&sum, h->alerts, &term);
    if (h->set->no_incidents)
        report.nincidents = 0;
    tcs_cli_report_text(&h->line, &report);
    return delivered(h, tcs_cli_output_buf(&h->session.out, &h->line, false, err), err);
}

/* --- the run --- */

static int
load(struct hunt *h, struct tcs_err *err)
{
    const struct hunt_opts *set = h->set;
    struct tcs_detect_opts opts = tcs_cli_detect_opts(
        tcs_cli_rule_opts(&set->rules, tcs_cli_threads(set->run.threads)), &set->records);
    opts.hide_unchecked = set->unchecked == HIDE_UNCHECKED;
    int r = tcs_detect_load(&opts, &h->detector, err);
    if (r < 0)
        return r;
    const struct tcs_rulebook *book = tcs_detect_rulebook(h->detector);
    if (tcs_detect_rulebook_remark(book) && !set->run.quiet)
        tcs_cli_complain("%s", tcs_detect_rulebook_remark(book));
    uint32_t nrules, ncorrs;
    (void)tcs_detect_rulebook_rules(book, &nrules);
    (void)tcs_detect_rulebook_correlations(book, &ncorrs);
    h->tally = tcs_report_tally_new(nrules + ncorrs);
    h->alerts = tcs_cli_alerts_new();
    return h->tally && h->alerts ? 0 : tcs_base_fail(err, TCS_ENOMEM, "out of memory");
}

static int
open_engine(struct hunt *h, struct tcs_err *err)
{
    const struct hunt_opts *set = h->set;
    h->outlet = (struct tcs_outlet){.ctx = h, .finding = on_finding, .incident = on_incident};
    if (set->format == TCS_OUT_JSONL) {
        h->outlet.writer_new = tcs_report_jsonl_new;
        h->outlet.writer_free = tcs_report_jsonl_free;
        h->outlet.write_match = tcs_report_jsonl_match;
        h->outlet.write_alert = tcs_report_jsonl_alert;
    }
    struct tcs_engine_opts opts = {.detector = h->detector,
                                   .outlet = &h->outlet,
                                   .incidents = !set->no_incidents || set->state,
                                   .derive = set->derive,
                                   .stops = tcs_cli_list_view(&set->stops)};
    int r = 0;
    if (opts.incidents)
        r = tcs_detect_profiles_load(tcs_cli_list_view(&set->profiles), &h->profiles, err);
    opts.profiles = h->profiles.at;
    opts.nprofiles = h->profiles.n;
    return r == 0 ? tcs_detect_engine_new(&opts, &h->engine, err) : r;
}

/* Logs first, then whatever else is named to be read. */
static void
guard(struct hunt *h, const struct tcs_cli_operands *paths)
{
    const struct hunt_opts *set = h->set;
    struct tcs_guard *g = &h->session.guard;
    tcs_detect_guard_reads(g, paths->at, paths->n);
    tcs_detect_guard_reads(g, set->rules.paths.at, set->rules.paths.n);
    tcs_detect_guard_reads(g, set->records.alert_maps.at, set->records.alert_maps.n);
    tcs_detect_guard_reads(g, set->profiles.at, set->profiles.n);
    tcs_detect_guard_reads(g, &set->rules.logsources, set->rules.logsources != NULL);
    tcs_detect_guard_reads(g, &set->rules.placeholders, set->rules.placeholders != NULL);
}

/* Workers first: they are to know nothing of what is opened behind them. */
static int
open_rest(struct hunt *h, const struct tcs_cli_operands *paths, const struct tcs_job *job,
          struct tcs_err *err)
{
    const struct hunt_opts *set = h->set;
    h->session.tables = tcs_detect_tables(h->detector);
    tcs_cli_session_prepare(&h->session, paths, &set->run, job);
    int r = tcs_detect_guard_state(&h->session.guard, set->state, err);
    if (r == 0 && set->state)
        r = tcs_detect_engine_keep(h->engine, set->state, err);
    if (r == 0 && tcs_detect_engine_unkept(h->engine))
        tcs_cli_complain("%s; the hunt goes on, and what it finds will be told and not kept",
                         tcs_detect_engine_unkept(h->engine)->msg);
    h->session.memory = tcs_detect_engine_memory(h->engine);
    h->session.positions = tcs_detect_engine_positions(h->engine);
    if (r < 0)
        return r;
    tcs_detect_guard_store(&h->session.guard, set->state);
    return tcs_cli_output_open(&h->session.out, set->output, &h->session.guard, err);
}

static int
run(struct hunt *h, const struct tcs_cli_operands *paths, struct tcs_err *err)
{
    guard(h, paths);
    int r = load(h, err);
    if (r == 0)
        r = open_engine(h, err);
    if (r < 0)
        return r;
    struct tcs_job job = tcs_detect_engine_job(h->engine, tcs_cli_threads(h->set->run.threads));
    r = open_rest(h, paths, &job, err);
    if (r == 0)
        r = tcs_cli_session_run(&h->session, paths, &h->set->run, &job, err);
    if (r == 0)
        r = tcs_detect_engine_settle(h->engine, NULL, !h->session.files.totals->interrupted, err);
    if (r == 0)
        r = put_summary(h, err);
    return r == 0 ? delivered(h, tcs_cli_output_close(&h->session.out, err), err) : r;
}

/* True: what is kept or what is told is not whole. */
static bool
lacks(const struct hunt *h)
{
    const struct tcs_err *unkept = tcs_detect_engine_unkept(h->engine);
    if (unkept)
        tcs_cli_complain("%s; what was found is told, and nothing of it is kept", unkept->msg);
    if (h->undelivered.code)
        tcs_cli_complain("%s%s", h->undelivered.msg,
                         unkept ? "" : "; what was found is kept: tocsin incidents shows it");
    return unkept || h->undelivered.code;
}

static void
complain(const struct hunt *h)
{
    tcs_cli_notes_complain(tcs_detect_rulebook_notes(tcs_detect_rulebook(h->detector)));
    tcs_cli_session_complain(&h->session);
}

/* Nothing that was read is of a known log: that nothing was found is no answer. */
static bool
is_blind(const struct hunt *h)
{
    const struct tcs_summary sum = summary_of(h);
    struct tcs_buf text = {0};
    if (!tcs_cli_report_blind(&sum))
        return false;
    const struct tcs_logs_unknown u = tcs_detect_logs_unknown(tcs_detect_engine_logs(h->engine));
    tcs_detect_logs_unknown_text(&u, &text);
    if (!h->set->run.quiet && h->set->format == TCS_OUT_JSONL)
        tcs_cli_complain("%.*s", TCS_STR_FMT(tcs_base_buf_view(&text)));
    tcs_base_buf_done(&text);
    return true;
}

static int
status_of(const struct hunt *h, int r, const struct tcs_err *err)
{
    const struct tcs_totals *totals = h->session.files.totals;
    if (r < 0)
        tcs_cli_complain("%s", err->msg);
    if (totals && !h->set->run.quiet && (r < 0 || h->set->format == TCS_OUT_JSONL))
        complain(h);
    if (r < 0)
        return TCS_EXIT_ERROR;
    bool lacking = lacks(h);
    int status = tcs_cli_session_status(&h->session);
    if (status == TCS_EXIT_INTERRUPTED)
        return status;
    if (lacking)
        status |= TCS_EXIT_ERROR;
    if (tcs_detect_rulebook_notes(tcs_detect_rulebook(h->detector))->counting)
        status |= TCS_EXIT_ERROR;
    if (is_blind(h))
        status |= TCS_EXIT_ERROR;
    return status | (h->at_fail_level ? TCS_EXIT_FOUND : TCS_EXIT_NOTHING);
}

static int
hunt(void *opts, const struct tcs_cli_operands *paths)
{
    struct hunt h = {.set = opts};
    struct tcs_err err = {0};
    if (paths->n == 0) {
        tcs_cli_complain("hunt: name a log file or folder; tocsin hunt --help explains");
        return TCS_EXIT_ERROR;
    }
    int status = status_of(&h, run(&h, paths, &err), &err);
    if (tcs_cli_session_close(&h.session))
        return status; /* a thread still looks at the rules */
    tcs_detect_engine_free(h.engine);
    tcs_detect_profiles_done(&h.profiles);
    tcs_report_tally_free(h.tally);
    tcs_cli_alerts_free(h.alerts);
    tcs_detect_unref(h.detector);
    tcs_base_buf_done(&h.line);
    return status;
}

const struct tcs_command tcs_command_hunt = {
    .name = "hunt",
    .operands = "PATH...",
    .brief = "find intrusions: logs in, incidents and findings out",
    .about =
        "Reads event logs (EVTX; JSON as evtx_dump, Winlogbeat and others write it; zip, gz and "
        "tar of them), runs Sigma rules on every record, joins what they find into incidents, and "
        "reports both, and what could not be read. A PATH is a file, a folder with everything "
        "below it, or - for standard input; the type is found by content, not by name.\n"
        "\n"
        "An incident tells how far an intrusion has come (watch, warn, imminent, destruction "
        "seen), where it began, why its parts belong together, and what to do first. Give all logs "
        "of all hosts at once, or one after the other with the same --state.\n"
        "\n"
        "Exit status: 0 nothing found, and all was read; 1 something was not read or could not be "
        "done; 2 new findings at or above --fail-level; 3 such findings, and something was not "
        "read; 130 interrupted, what was found until then is reported.",
    .examples =
        "tocsin hunt /mnt/case/winevt/Logs\n"
        "All logs of a mounted image, with the rules that come with tocsin.\n"
        "tocsin hunt --rules ~/sigma/rules --level high Security.evtx\n"
        "One log, with the SigmaHQ rules of level high and critical.\n"
        "tocsin hunt --format jsonl --from 2026-04-20 logs.zip > findings.jsonl\n"
        "For machines: one JSON object for each finding and incident, a summary as the last line.\n"
        "tocsin hunt --state ~/case17 /mnt/case/winevt/Logs\n"
        "Kept: tocsin incidents lists, tocsin report writes a page, the next hunt goes on.\n"
        "zcat events.json.gz | tocsin hunt --fail-level critical -\n"
        "From a pipe; exit status 2 or 3 only for a critical finding.",
    .options = options,
    .size = sizeof(struct hunt_opts),
    .defaults = &defaults,
    .run = hunt,
};

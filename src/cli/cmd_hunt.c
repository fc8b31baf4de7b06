/* cli/cmd_hunt.c - `tocsin hunt`: logs and rules in, findings out. */
#include "cli/alerts_report.h"
#include "cli/command.h"
#include "cli/correlations_out.h"
#include "cli/option_groups.h"
#include "cli/report.h"
#include "detect/alerts.h"
#include "detect/chained.h"
#include "detect/correlations.h"
#include "detect/filter.h"
#include "detect/profiles.h"
#include "detect/state.h"
#include "report/ecs.h"
#include "report/incident_json.h"

#include <stdatomic.h>
#include <stdlib.h>

struct hunt_opts {
    struct tcs_cli_rules rules;
    struct tcs_cli_records records;
    struct tcs_cli_run run;
    struct tcs_cli_list profiles, stops;
    uint8_t format, fail_level;
    const char *output;
    const char *state; /* folder of the store; NULL: none given */
    bool no_incidents;
};

static const struct tcs_cli_option options[] = {
    TCS_CLI_OPT_RULES(struct hunt_opts, rules),
    TCS_CLI_OPTS_CHOOSE(struct hunt_opts, rules),
    TCS_CLI_OPTS_RECORDS(struct hunt_opts, records),
    TCS_CLI_OPT_FORMAT(struct hunt_opts, format),
    TCS_CLI_OPT_OUTPUT(struct hunt_opts, output),
    TCS_CLI_ROW(
        "fail-level", 0, "LEVEL", TCS_CLI_LEVELS,
        "Exit with status 2 only when a finding has at least this level. Default: any finding.",
        TCS_CLI_LEVEL(struct hunt_opts, fail_level)),
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
    TCS_CLI_ROW("no-cache", 0, NULL, NULL,
                "Read the rules from their files, and keep no compiled copy.",
                TCS_CLI_FLAG(struct hunt_opts, rules.no_cache)),
    TCS_CLI_OPTS_RUN(struct hunt_opts, run),
    {0},
};

static const struct hunt_opts defaults = {.records = {.from = TCS_TIME_NONE, .to = TCS_TIME_NONE}};

struct hunt {
    const struct hunt_opts *set;
    const struct tcs_cli_operands *paths;
    struct tcs_detect_opts detect;
    struct tcs_session session;
    struct tcs_rulebook *book;
    struct tcs_alerts *alerts;
    const struct tcs_rule *rules;
    struct tcs_summary *summary;
    struct tcs_chained *chained; /* NULL: no incidents */
    struct tcs_profiles profiles;
    struct tcs_correlations *correlations;
    uint64_t at_fail_level;
    struct tcs_keeper *state;                     /* NULL without --state */
    struct tcs_buf rule_parts;                    /* JSON of every rule, one after the other ... */
    size_t *rule_at;                              /* ... and where rule i begins; n + 1 of them */
    atomic_uint_fast64_t regex_limit, cut_values; /* summed when a worker ends */
};

struct scanner {
    struct tcs_scan *scan;
    struct tcs_alert_reader *alerts;
    struct tcs_arena *scratch;
    struct tcs_buf event; /* the part of a finding that is the same for all rules */
};

static void
worker_free(void *ctx, void *own)
{
    struct hunt *h = ctx;
    struct scanner *s = own;
    if (s->scan) {
        atomic_fetch_add(&h->regex_limit, tcs_scan_stats(s->scan)->regex_limit);
        atomic_fetch_add(&h->cut_values, tcs_scan_stats(s->scan)->cut_values);
    }
    tcs_scan_free(s->scan);
    tcs_alert_reader_free(s->alerts);
    tcs_arena_free(s->scratch);
    tcs_buf_done(&s->event);
    free(s);
}

static void *
worker_new(void *ctx)
{
    struct hunt *h = ctx;
    struct scanner *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->scan = tcs_scan_new(tcs_rulebook_set(h->book));
    s->scratch = tcs_arena_new(0);
    s->alerts = tcs_alert_reader_new(tcs_alerts_map(h->alerts), false);
    if (s->scan && s->scratch && s->alerts)
        return s;
    worker_free(ctx, s);
    return NULL;
}

static unsigned
want(void *ctx, const struct tcs_event *head)
{
    struct tcs_worker *w = ctx;
    struct scanner *s = w->own;
    const struct hunt *h = w->job->ctx;
    if (h->detect.hosts.n)
        tcs_arena_reset(s->scratch);
    if (!tcs_filter_wants(&h->detect, head, s->scratch)) {
        w->result->passed_over++;
        return TCS_WANT_NOTHING;
    }
    if (h->chained)
        tcs_chained_head(&w->result->chained, head, w->result->arena);
    bool wanted = tcs_scan_want(s->scan, head) || tcs_alerts_want(h->alerts, head) ||
                  (h->chained && tcs_chained_wants(head));
    return wanted ? TCS_WANT_FIELDS : TCS_WANT_NOTHING;
}

static bool
room(struct tcs_result *r, uint32_t n)
{
    if (r->cap - r->nfindings >= n)
        return true;
    size_t cap = r->cap ? r->cap : 64;
    while (cap - r->nfindings < n)
        cap *= 2;
    struct tcs_hunt_finding *p = reallocarray(r->findings, cap, sizeof *p);
    if (!p) {
        r->no_memory = true;
        return false;
    }
    r->findings = p;
    r->cap = cap;
    return true;
}

static void
print_hits(struct tcs_worker *w, const struct tcs_event *ev, const struct tcs_identity *who,
           const struct tcs_hit *hits, uint32_t n)
{
    struct scanner *s = w->own;
    const struct hunt *h = w->job->ctx;
    tcs_arena_reset(s->scratch);
    s->event.n = 0;
    tcs_ecs_event(&s->event, ev, who, s->scratch);
    for (uint32_t i = 0; i < n; i++) {
        const size_t *at = &h->rule_at[hits[i].rule];
        const struct tcs_ecs_parts parts = {
            .rule = tcs_str_slice(tcs_buf_view(&h->rule_parts), at[0], at[1]),
            .event = tcs_buf_view(&s->event)};
        tcs_ecs_finding(&w->result->out, &h->rules[hits[i].rule], ev, &hits[i], &parts);
    }
    if (s->event.failed || tcs_arena_failed(s->scratch))
        w->result->no_memory = true;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_worker *w = ctx;
    struct scanner *s = w->own;
    const struct hunt *h = w->job->ctx;
    const struct tcs_hit *hits;
    tcs_alerts_event(h->alerts, s->alerts, ev, w);
    uint32_t n = tcs_scan_event(s->scan, ev, &hits);
    if (h->chained)
        tcs_chained_event(h->chained, &w->result->chained, ev, w->result->arena);
    struct tcs_identity who;
    if (n) {
        tcs_identity_of(tcs_rulebook_identity(h->book), ev, w->result->arena, &who);
        n = tcs_correlations_take(h->correlations, w->result, ev, &who, &hits, n);
    }
    if (n == 0 || !room(w->result, n))
        return;
    if (h->chained)
        tcs_chained_hits(h->chained, &w->result->chained, ev, &who, hits, n, w->result->arena);
    for (uint32_t i = 0; i < n; i++)
        tcs_finding_keep(&w->result->findings[w->result->nfindings++], ev, &hits[i], &who,
                         w->result->arena);
    if (h->set->format == TCS_OUT_JSONL)
        print_hits(w, ev, &who, hits, n);
}

static int
emit(void *ctx, struct tcs_result *r, struct tcs_err *err)
{
    struct hunt *h = ctx;
    int e = tcs_cli_output_json(&h->session.out, r->out.p, r->out.n, err);
    if (e == 0)
        e = tcs_correlations_push(h->correlations, r, err);
    for (size_t i = 0; e == 0 && i < r->nfindings; i++) {
        e = tcs_summary_add(h->summary, &r->findings[i], err);
        if (h->rules[r->findings[i].rule].doc.level >= h->set->fail_level)
            h->at_fail_level++;
    }
    if (e == 0)
        e = tcs_alerts_add(h->alerts, r, h->chained, err);
    return e == 0 && h->chained ? tcs_chained_emit(h->chained, &r->chained, err) : e;
}

static const struct tcs_incident *
incidents_of(const struct hunt *h, uint32_t *n)
{
    *n = 0;
    return h->chained && !h->set->no_incidents ? tcs_chained_incidents(h->chained, n) : NULL;
}

/* What only the whole input tells. */
static int
correlate(struct hunt *h, struct tcs_err *err)
{
    uint32_t n = 0;
    int r = h->state ? tcs_state_matches(h->state, h->correlations, err) : 0;
    if (r == 0)
        r = tcs_correlations_finish(h->correlations, err);
    if (r == 0 && h->chained)
        r = tcs_chained_correlations(h->chained, h->correlations, err);
    if (r == 0 && h->state)
        r = tcs_state_settle(h->state, h->correlations, err);
    tcs_correlations_forget(h->correlations); /* the chain knows them; they were told before */
    if (r == 0)
        r = tcs_cli_correlations_sum(h->correlations, h->summary, err);
    const struct tcs_corr_found *f = tcs_correlations_found(h->correlations, &n);
    for (uint32_t i = 0; i < n; i++)
        h->at_fail_level += h->rules[f[i].rule].doc.level >= h->set->fail_level;
    return r;
}

static int
put_result(struct hunt *h, struct tcs_err *err)
{
    struct tcs_term term = tcs_cli_term_probe(h->session.out.fd);
    struct tcs_buf b = {0};
    uint32_t nincidents = 0;
    const struct tcs_incident *incidents = incidents_of(h, &nincidents);
    const struct tcs_report report = {
        .incidents = incidents,
        .nincidents = nincidents,
        .alerts = tcs_alerts_total(h->alerts),
        .chain = h->chained ? tcs_chain_stats(tcs_chained_chain(h->chained)) : NULL,
        .kept = h->state != NULL,
        .term = &term,
        .session = &h->session,
        .book = h->book,
        .summary = h->summary,
        .correlations = h->correlations,
        .regex_limit = atomic_load(&h->regex_limit),
        .cut_values = atomic_load(&h->cut_values)};
    bool json = h->set->format == TCS_OUT_JSONL;
    if (json) {
        tcs_cli_correlations_json(&b, h->correlations);
        for (uint32_t i = 0; i < nincidents; i++)
            tcs_incident_json(&b, &incidents[i]);
        tcs_cli_report_json(&b, &report);
    } else {
        tcs_cli_report_text(&b, &report);
        tcs_cli_alerts_text(h->alerts, &term, &b);
    }
    int r = b.failed ? tcs_fail(err, TCS_ENOMEM, "out of memory for the report")
            : json   ? tcs_cli_output_json(&h->session.out, b.p, b.n, err)
                     : tcs_cli_output_write(&h->session.out, b.p, b.n, err);
    tcs_buf_done(&b);
    return r;
}

/* What is the same in every finding of a rule is written once. */
static int
write_rule_parts(struct hunt *h, uint32_t n, struct tcs_err *err)
{
    h->rule_at = calloc((size_t)n + 1, sizeof *h->rule_at);
    for (uint32_t i = 0; h->rule_at && i < n; i++) {
        h->rule_at[i] = h->rule_parts.n;
        tcs_ecs_rule(&h->rule_parts, &h->rules[i]);
    }
    if (!h->rule_at || h->rule_parts.failed)
        return tcs_fail(err, TCS_ENOMEM, "out of memory");
    h->rule_at[n] = h->rule_parts.n;
    return 0;
}

static int
begin_incidents(struct hunt *h, uint32_t nrules, struct tcs_err *err)
{
    if (h->set->no_incidents && !h->set->state) /* what is kept are incidents too */
        return 0;
    int r = tcs_profiles_load(tcs_cli_list_view(&h->set->profiles), &h->profiles, err);
    const struct tcs_chained_opts opts = {
        .rules = h->rules,
        .nrules = nrules,
        .identity = tcs_rulebook_identity(h->book),
        .profiles = h->profiles.at,
        .nprofiles = h->profiles.n,
        .stops = tcs_cli_list_view(&h->set->stops),
    };
    return r < 0 ? r : tcs_chained_new(&opts, &h->chained, err);
}

static int
run(struct hunt *h, struct tcs_err *err)
{
    uint32_t n, ncorrs;
    struct tcs_job job = {.ctx = h,
                          .threads = h->detect.rules.threads,
                          .decode = {.carve = h->detect.carve},
                          .worker_new = worker_new,
                          .worker_free = worker_free,
                          .want = want,
                          .event = on_event,
                          .emit = emit};
    int r = tcs_rulebook_load(&h->detect.rules, &h->book, err);
    if (r < 0)
        return r;
    if (tcs_rulebook_remark(h->book) && !h->set->run.quiet)
        tcs_cli_complain("%s", tcs_rulebook_remark(h->book));
    h->rules = tcs_rulebook_rules(h->book, &n);
    if (n == 0)
        return tcs_fail(err, TCS_EUSAGE,
                        "no rule is left to hunt with; tocsin rules list shows what "
                        "the options choose");
    job.decode.fields = tcs_ruleset_fields(tcs_rulebook_set(h->book));
    r = tcs_alerts_load(&h->detect, h->set->format == TCS_OUT_JSONL, &h->alerts, err);
    if (r < 0)
        return r;
    job.csv = tcs_alerts_tables(h->alerts);
    (void)tcs_rulebook_correlations(h->book, &ncorrs);
    h->summary = tcs_summary_new(h->rules, n + ncorrs);
    h->correlations = tcs_correlations_new(h->book);
    if (!h->summary || !h->correlations)
        return tcs_fail(err, TCS_ENOMEM, "out of memory");
    r = begin_incidents(h, n + ncorrs, err);
    if (r == 0 && h->set->format == TCS_OUT_JSONL)
        r = write_rule_parts(h, n, err);
    if (r == 0)
        r = tcs_cli_output_open(&h->session.out, h->set->output, err);
    if (r == 0 && h->set->state)
        r = tcs_state_open(h->set->state, tcs_rulebook_content(h->book), &h->detect, &h->state,
                           err);
    if (h->state) {
        h->session.memory = tcs_state_memory(h->state);
        tcs_chained_keep(h->chained, tcs_state_keep(h->state));
        tcs_correlations_keep(h->correlations, tcs_state_keep_matches(h->state));
    }
    if (r == 0)
        r = tcs_cli_session_run(&h->session, h->paths, &h->set->run, &job, err);
    if (r == 0)
        r = correlate(h, err);
    if (r == 0 && h->state)
        r = tcs_state_replay(h->state, h->chained, err);
    if (r == 0 && h->chained)
        r = tcs_chained_finish(h->chained, err);
    if (r == 0 && h->state)
        r = tcs_state_incidents(h->state, h->chained, err);
    if (r == 0 && h->state)
        r = tcs_state_commit(h->state, !h->session.totals->interrupted, err);
    if (r == 0)
        r = put_result(h, err);
    if (r == 0)
        r = tcs_cli_output_close(&h->session.out, err);
    return r;
}

static int
status_of(const struct hunt *h, int r, const struct tcs_err *err)
{
    if (r < 0)
        tcs_cli_complain("%s", err->msg);
    if (h->session.totals && !h->set->run.quiet && (r < 0 || h->set->format == TCS_OUT_JSONL))
        tcs_cli_session_complain(&h->session, false);
    if (r < 0)
        return TCS_EXIT_ERROR;
    if (h->session.totals->interrupted)
        return TCS_EXIT_INTERRUPTED;
    if (tcs_cli_session_missed(&h->session) ||
        tcs_rulebook_notes(h->book)->count[TCS_NOTE_UNREADABLE])
        return TCS_EXIT_ERROR;
    uint64_t alerts = tcs_alerts_at_level(h->alerts, h->set->fail_level);
    return h->at_fail_level || alerts ? TCS_EXIT_FOUND : TCS_EXIT_NOTHING;
}

static int
hunt(void *opts, const struct tcs_cli_operands *paths)
{
    const struct hunt_opts *set = opts;
    const struct tcs_rule_opts rules = tcs_cli_rule_opts(&set->rules, set->run.threads);
    struct hunt h = {
        .set = set, .paths = paths, .detect = tcs_cli_detect_opts(rules, &set->records)};
    struct tcs_err err = {0};
    if (paths->n == 0) {
        tcs_cli_complain("hunt: name a log file or folder; tocsin hunt --help explains");
        return TCS_EXIT_ERROR;
    }
    int status = status_of(&h, run(&h, &err), &err);
    bool stuck = h.session.totals && h.session.totals->abandoned;
    tcs_cli_session_close(&h.session);
    if (stuck)
        return status; /* a thread still looks at the rules */
    tcs_state_close(h.state);
    tcs_buf_done(&h.rule_parts);
    free(h.rule_at);
    tcs_chained_free(h.chained);
    tcs_profiles_done(&h.profiles);
    tcs_correlations_free(h.correlations);
    tcs_summary_free(h.summary);
    tcs_alerts_free(h.alerts);
    tcs_rulebook_free(h.book);
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
        "Exit status: 0 nothing found; 1 something could not be done, such as an input that could "
        "not be read at all; 2 findings at or above --fail-level; 130 interrupted, what was found "
        "until then is reported.",
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
        "From a pipe; exit status 2 only for a critical finding.",
    .options = options,
    .size = sizeof(struct hunt_opts),
    .defaults = &defaults,
    .run = hunt,
};

/* cli/cmd_rules_explain.c - `tocsin rules explain`: one rule, and why it did or did not match.
 *
 * Events are decoded in the same sandbox as by hunt, on one thread; what it prints is bounded: some
 * matching and some other events, the rest is counted. */
#include "cli/command.h"
#include "cli/correlation_text.h"
#include "cli/logs_text.h"
#include "cli/option_groups.h"
#include "cli/session.h"
#include "cli/term.h"
#include "decode/formats.h"
#include "detect/rulebook.h"
#include "sigma/explain.h"

#include "base/num.h"
#include "base/time.h"

#include <unistd.h>

enum { SHOWN_MAX = 20, RULES_LISTED = 20 };

struct explain_opts {
    struct tcs_cli_rules rules;
    bool carve;
};

static const struct tcs_cli_option options[] = {
    TCS_CLI_OPT_RULES(struct explain_opts, rules),
    TCS_CLI_OPT_LOGSOURCES(struct explain_opts, rules),
    TCS_CLI_OPT_PLACEHOLDERS(struct explain_opts, rules.placeholders),
    TCS_CLI_OPT_CARVE(struct explain_opts, carve),
    {0},
};

/* FILE or FILE:N */
struct place {
    struct tcs_str path;
    uint64_t record;
    bool one;
};

struct explain {
    const struct tcs_cli_operands *operands; /* the rule, then the logs */
    bool carve;
    const struct tcs_rulebook *book;
    const struct tcs_rule *rule; /* one of the two */
    const struct tcs_correlation *correlation;
    struct tcs_session session;
    struct tcs_term term;
    struct tcs_buf out;
    struct tcs_cli_operands logs; /* places without their record numbers */
    struct place *places;
    size_t nplaces;
    struct tcs_logs *others;          /* what those records are that it does not speak of */
    uint64_t hits, misses, elsewhere; /* elsewhere: of logs that the rule does not speak of */
    bool asked_one;
};

static void
put_rule(const struct explain *x, struct tcs_buf *b)
{
    const struct tcs_doc *d = &x->rule->doc;
    tcs_cli_term_put(&x->term, b, d->title, 0);
    tcs_buf_lit(b, "\n  id         ");
    tcs_cli_term_put(&x->term, b, d->id, 0);
    tcs_buf_lit(b, "\n  file       ");
    tcs_cli_term_put(&x->term, b, d->path, 0);
    tcs_base_buf_printf(b, ":%u\n  condition  ", d->line);
    tcs_cli_term_put(&x->term, b, x->rule->condition, 0);
    tcs_buf_lit(b, "\n\n");
}

static void
put_event(const struct explain *x, struct tcs_buf *b, const struct tcs_event *ev,
          const struct tcs_explain *ex)
{
    char time[TCS_TIME_TEXT];
    struct tcs_buf lines = {0};
    tcs_cli_term_put(&x->term, b, ev->origin->path, 0);
    tcs_base_buf_printf(b, ":%llu  ", (unsigned long long)ev->record_id);
    tcs_base_buf_str(b, tcs_base_time_format(ev->time, 3, time));
    tcs_base_buf_str(b, ex->verdict == TCS_YES ? TCS_STR("  matches")
                        : ex->applies          ? TCS_STR("  does not match")
                                               : TCS_STR("  is not of the rule's logsource"));
    tcs_base_buf_c(b, '\n');
    tcs_sigma_explain_print(ex, &lines);
    tcs_cli_term_lines(&x->term, b, tcs_base_buf_view(&lines));
    b->failed |= lines.failed;
    tcs_base_buf_done(&lines);
    tcs_base_buf_c(b, '\n');
}

static bool
wanted(const struct explain *x, const struct tcs_event *ev)
{
    bool named = false;
    for (size_t i = 0; i < x->nplaces; i++) {
        if (!x->places[i].one || !tcs_base_str_eq(x->places[i].path, ev->origin->path))
            continue;
        named = true;
        if (x->places[i].record == ev->record_id)
            return true;
    }
    return !named; /* a file that was named without a record number */
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_worker *w = ctx;
    struct explain *x = w->job->ctx;
    struct tcs_explain ex;
    if (!wanted(x, ev))
        return;
    if (tcs_sigma_explain(x->rule, tcs_detect_rulebook_logsources(x->book), ev, w->batch->arena,
                          &ex, NULL) < 0) {
        w->batch->no_memory = true;
        return;
    }
    if (!ex.applies)
        tcs_detect_batch_log(w->batch, ev, ev->product.n != 0);
    uint64_t *count = ex.verdict == TCS_YES ? &x->hits : ex.applies ? &x->misses : &x->elsewhere;
    bool show = ++*count <= SHOWN_MAX && (ex.applies || x->asked_one);
    if (show)
        put_event(x, &w->batch->out, ev, &ex);
}

static int
put(void *ctx, struct tcs_batch *b, struct tcs_err *err)
{
    struct explain *x = ctx;
    if (!tcs_detect_logs_add(x->others, b))
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    return tcs_cli_output_write(&x->session.out, b->out.p, b->out.n, err);
}

/* "FILE:N" unless there is a file by that whole name. */
static struct place
place_of(const char *arg)
{
    struct tcs_str s = tcs_base_str_of(arg);
    struct place p = {.path = s};
    size_t colon = s.n;
    while (colon > 0 && s.p[colon - 1] != ':')
        colon--;
    if (colon > 1 && access(arg, F_OK) != 0 &&
        tcs_base_num_u64(tcs_base_str_slice(s, colon, s.n), &p.record)) {
        p.one = true;
        p.path = tcs_base_str_slice(s, 0, colon - 1);
    }
    return p;
}

static int
explain_events(struct explain *x, struct tcs_arena *a, struct tcs_err *err)
{
    static const struct tcs_cli_run as_usual;
    size_t n = x->operands->n - 1; /* without the rule */
    const char **paths = tcs_base_arena_array(a, n, sizeof *paths);
    struct tcs_job job = {.ctx = x,
                          .threads = 1,
                          .formats = tcs_decode_formats,
                          .decode = {.carve = x->carve},
                          .event = on_event,
                          .put = put};
    x->places = tcs_base_arena_array(a, n, sizeof *x->places);
    x->others = tcs_detect_logs_new();
    if (!paths || !x->places || !x->others)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct place p = place_of(x->operands->at[i + 1]);
        paths[i] = tcs_base_arena_str(a, p.path).p;
        x->asked_one |= p.one;
        x->places[x->nplaces++] = p;
    }
    x->logs = (struct tcs_cli_operands){paths, n};
    int r = tcs_cli_session_run(&x->session, &x->logs, &as_usual, &job, err);
    if (r < 0)
        return r;
    tcs_base_buf_printf(&x->out, "%llu matching, %llu not matching, %llu of other logs\n",
                        (unsigned long long)x->hits, (unsigned long long)x->misses,
                        (unsigned long long)x->elsewhere);
    tcs_cli_logs_text(&x->out, &x->term, x->others);
    tcs_cli_session_complain(&x->session);
    return tcs_cli_output_buf(&x->session.out, &x->out, false, err);
}

static int
explain_rule(struct explain *x, struct tcs_arena *a, struct tcs_err *err)
{
    struct tcs_explain ex;
    struct tcs_buf lines = {0};
    put_rule(x, &x->out);
    if (x->operands->n > 1) {
        int r = tcs_cli_output_buf(&x->session.out, &x->out, false, err);
        return r < 0 ? r : explain_events(x, a, err);
    }
    int r = tcs_sigma_explain(x->rule, tcs_detect_rulebook_logsources(x->book), NULL, a, &ex, err);
    if (r < 0)
        return r;
    tcs_sigma_explain_print(&ex, &lines);
    tcs_cli_term_lines(&x->term, &x->out, tcs_base_buf_view(&lines));
    x->out.failed |= lines.failed;
    tcs_base_buf_done(&lines);
    return tcs_cli_output_buf(&x->session.out, &x->out, false, err);
}

/* --- correlations --- */

static void
put_row(const struct explain *x, struct tcs_buf *b, const char *name, struct tcs_str text)
{
    tcs_base_buf_printf(b, "  %-10s ", name);
    tcs_cli_term_put(&x->term, b, text, 0);
    tcs_base_buf_c(b, '\n');
}

/* "x is A in failed_logon, B in logon" */
static void
put_aliases(const struct explain *x, struct tcs_buf *b, const struct tcs_correlation *c)
{
    for (uint32_t i = 0; i < c->naliases; i++) {
        struct tcs_buf line = {0};
        tcs_base_buf_str(&line, c->aliases[i].alias);
        tcs_buf_lit(&line, " is ");
        tcs_base_buf_str(&line, c->aliases[i].field);
        tcs_buf_lit(&line, " in ");
        tcs_base_buf_str(&line, c->aliases[i].rule);
        put_row(x, b, i ? "" : "aliases", tcs_base_buf_view(&line));
        b->failed |= line.failed;
        tcs_base_buf_done(&line);
    }
}

static void
put_inputs(const struct explain *x, struct tcs_buf *b, const struct tcs_correlation *c)
{
    uint32_t n, ncorrs;
    const struct tcs_rule *rules = tcs_detect_rulebook_rules(x->book, &n);
    (void)tcs_detect_rulebook_correlations(x->book, &ncorrs);
    for (uint32_t i = 0; i < c->nrules; i++) {
        struct tcs_str title = c->rules[i];
        for (uint32_t k = 0; k < n + ncorrs; k++)
            if (tcs_base_str_eq(rules[k].doc.id, c->rules[i]) ||
                tcs_base_str_eq(rules[k].doc.name, c->rules[i])) {
                title = rules[k].doc.title;
                break;
            }
        put_row(x, b, i ? "" : "rules", title);
    }
}

static int
explain_correlation(struct explain *x, struct tcs_err *err)
{
    const struct tcs_correlation *c = x->correlation;
    struct tcs_buf *b = &x->out, says = {0}, file = {0};
    if (x->operands->n > 1)
        return tcs_base_fail(err, TCS_EUNSUPP,
                             "a correlation is about many events: explain its rules, or hunt with "
                             "--rule to see whether it holds");
    tcs_cli_term_put(&x->term, b, c->doc.title, 0);
    tcs_base_buf_c(b, '\n');
    put_row(x, b, "id", c->doc.id);
    tcs_base_buf_str(&file, c->doc.path);
    tcs_base_buf_printf(&file, ":%u", c->doc.line);
    put_row(x, b, "file", tcs_base_buf_view(&file));
    tcs_cli_correlation_text(&says, c);
    put_row(x, b, "holds when", tcs_base_buf_view(&says));
    put_inputs(x, b, c);
    put_aliases(x, b, c);
    put_row(x, b, "generate",
            c->generate ? TCS_STR("its rules make findings of their own too")
                        : TCS_STR("its rules make no findings of their own"));
    b->failed |= says.failed || file.failed;
    tcs_base_buf_done(&says);
    tcs_base_buf_done(&file);
    return tcs_cli_output_buf(&x->session.out, b, false, err);
}

/* The one correlation of a file in which all rules are there for it. */
static bool
pick_correlation(struct explain *x, uint32_t nrules)
{
    uint32_t n, found = 0;
    const struct tcs_correlation *c = tcs_detect_rulebook_correlations(x->book, &n);
    for (uint32_t i = 0; i < n; i++)
        if (tcs_detect_rulebook_corr_wanted(x->book, i)) {
            x->correlation = &c[i];
            found++;
        }
    for (uint32_t i = 0; i < nrules; i++)
        if (tcs_detect_rulebook_wanted(x->book, i) &&
            !tcs_correlate_plan_reads(tcs_detect_rulebook_corrplan(x->book), i))
            found++;
    if (found != 1)
        x->correlation = NULL;
    return x->correlation;
}

/* The one rule or correlation that the word fits; else says which ones it fits. */
static int
pick_rule(struct explain *x, struct tcs_err *err)
{
    uint32_t n, ncorrs, wanted = 0, told = 0;
    const struct tcs_rule *rules = tcs_detect_rulebook_rules(x->book, &n);
    (void)tcs_detect_rulebook_correlations(x->book, &ncorrs);
    if (pick_correlation(x, n))
        return 0;
    for (uint32_t i = 0; i < n + ncorrs; i++)
        if (i < n ? tcs_detect_rulebook_wanted(x->book, i)
                  : tcs_detect_rulebook_corr_wanted(x->book, i - n)) {
            x->rule = &rules[i];
            wanted++;
        }
    if (wanted == 1)
        return 0;
    for (uint32_t i = 0; i < n + ncorrs && told < RULES_LISTED; i++)
        if (i < n ? tcs_detect_rulebook_wanted(x->book, i)
                  : tcs_detect_rulebook_corr_wanted(x->book, i - n)) {
            tcs_cli_complain("%.*s  %.*s", TCS_STR_FMT(rules[i].doc.id),
                             TCS_STR_FMT(rules[i].doc.title));
            told++;
        }
    if (wanted == 0)
        return tcs_base_fail(
            err, TCS_EUSAGE,
            "no rule fits '%.100s'; tocsin rules list shows them, and with --refused "
            "those that could not be loaded",
            x->operands->at[0]);
    return tcs_base_fail(err, TCS_EUSAGE, "%u rules fit '%.100s'; name one of them by its id",
                         wanted, x->operands->at[0]);
}

static int
rules_explain(void *opts, const struct tcs_cli_operands *operands)
{
    struct explain_opts *set = opts;
    struct tcs_err err = {0};
    struct tcs_rulebook *book = NULL;
    if (operands->n == 0) {
        tcs_cli_complain("rules explain: name a rule; tocsin rules explain --help shows how");
        return TCS_EXIT_ERROR;
    }
    const struct tcs_cli_list rule = {.at = {operands->at[0]}, .n = 1};
    if (access(rule.at[0], R_OK) == 0) { /* a file: that rule, whatever --rules says */
        set->rules.paths = rule;
        set->rules.no_cache = true;
    } else {
        set->rules.names = rule;
    }
    struct explain x = {
        .operands = operands, .carve = set->carve, .term = tcs_cli_term_probe(STDOUT_FILENO)};
    tcs_detect_guard_reads(&x.session.guard, operands->at, operands->n);
    struct tcs_arena *a = tcs_base_arena_new(0);
    const struct tcs_rule_opts rules = tcs_cli_rule_opts(&set->rules, 0);
    int r = a ? tcs_detect_rulebook_load(&rules, &book, &err)
              : tcs_base_fail(&err, TCS_ENOMEM, "out of memory");
    x.book = book;
    if (r == 0)
        r = tcs_cli_output_open(&x.session.out, NULL, &x.session.guard, &err);
    if (r == 0)
        r = pick_rule(&x, &err);
    if (r == 0)
        r = x.correlation ? explain_correlation(&x, &err) : explain_rule(&x, a, &err);
    if (r < 0)
        tcs_cli_complain("%s", err.msg);
    int status = r < 0 ? TCS_EXIT_ERROR : TCS_EXIT_NOTHING;
    if (r == 0 && x.session.files.totals)
        status = tcs_cli_session_status(&x.session);
    if (tcs_cli_session_close(&x.session))
        return TCS_EXIT_INTERRUPTED;
    tcs_base_buf_done(&x.out);
    tcs_detect_logs_free(x.others);
    tcs_detect_rulebook_free(book);
    tcs_base_arena_free(a);
    return status;
}

const struct tcs_command tcs_command_rules_explain = {
    .name = "rules explain",
    .operands = "RULE [EVENT...]",
    .brief = "say why a rule did or did not match an event",
    .about = "RULE is an id, a file, or a part of a title that fits one rule or correlation. "
             "Without EVENT: what the rule looks for, and where. EVENT is a log file, or FILE:N "
             "for the record with number N; for each record it says where the logsource fits, and "
             "which selections hit on which field and value.",
    .examples = "tocsin rules explain my_rule.yml Security.evtx:4711\n"
                "Why did my rule not fire on record 4711?",
    .options = options,
    .size = sizeof(struct explain_opts),
    .run = rules_explain,
};

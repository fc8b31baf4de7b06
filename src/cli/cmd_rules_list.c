/* cli/cmd_rules_list.c - `tocsin rules list`: what would run, and where; or what was refused. */
#include "attack/level.h"
#include "cli/command.h"
#include "cli/correlation_text.h"
#include "cli/notes_text.h"
#include "cli/option_groups.h"
#include "cli/output.h"
#include "cli/term.h"
#include "cli/text.h"
#include "detect/blindness.h"
#include "detect/rulebook.h"
#include "report/rules_json.h"
#include "sigma/blind.h"
#include "sigma/status.h"

#include <unistd.h>

struct list_opts {
    struct tcs_cli_rules rules;
    uint8_t format;
    bool refused, inputs;
};

static const struct tcs_cli_option options[] = {
    TCS_CLI_OPT_RULES(struct list_opts, rules),
    TCS_CLI_OPTS_CHOOSE(struct list_opts, rules),
    TCS_CLI_ROW(
        "product", 0, "WORD", "windows linux macos azure aws gcp",
        "List only rules for this product, category or service. May be given several times.",
        TCS_CLI_LIST(struct list_opts, rules.products, NULL)),
    TCS_CLI_ROW("refused", 0, NULL, NULL, "List what was refused, and why, in place of the rules.",
                TCS_CLI_FLAG(struct list_opts, refused)),
    TCS_CLI_ROW("inputs", 0, NULL, NULL,
                "List the logs that the rules are about in place of the rules: how many rules, in "
                "which forms of a log they are tried, and what these do not have.",
                TCS_CLI_FLAG(struct list_opts, inputs)),
    TCS_CLI_OPT_FORMAT(struct list_opts, format),
    TCS_CLI_OPT_LOGSOURCES(struct list_opts, rules),
    TCS_CLI_OPT_PLACEHOLDERS(struct list_opts, rules.placeholders),
    {0},
};

/* "windows/process_creation" */
static struct tcs_str
logsource(const struct tcs_logsource *ls, struct tcs_buf *tmp)
{
    const struct tcs_str parts[] = {ls->product, ls->category, ls->service};
    tmp->n = 0;
    for (size_t i = 0; i < 3; i++) {
        if (!parts[i].n)
            continue;
        if (tmp->n)
            tcs_base_buf_c(tmp, '/');
        tcs_base_buf_str(tmp, parts[i]);
    }
    return tcs_base_buf_view(tmp);
}

/* `mark`: - for a rule that waits for logs, ~ for one that is blind somewhere. */
static void
text_row(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_doc *d, char mark,
         struct tcs_str source)
{
    tcs_base_buf_printf(b, "%-13s %-12s %c ", tcs_attack_level_name(d->level),
                        tcs_sigma_status_name(d->status), mark);
    size_t w = tcs_cli_term_put(t, b, source, 30);
    tcs_cli_term_pad(b, 31 - w);
    w = tcs_cli_term_put(t, b, d->id, 36);
    tcs_cli_term_pad(b, 37 - w);
    tcs_cli_term_put(t, b, d->title, t->width > 140 ? t->width - 97 : 0);
    tcs_base_buf_c(b, '\n');
}

static bool
is_blind(const struct tcs_rulebook *book, const struct tcs_rule *r)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_blind b;
    uint32_t n;
    bool blind = false;
    const struct tcs_view *v =
        tcs_sigma_logsources_find(tcs_detect_rulebook_logsources(book), &r->logsource, &n);
    for (uint32_t i = 0; a && i < n && !blind; i++)
        blind = tcs_sigma_blind(r, &v[i], a, &b) && b.nfields;
    tcs_base_arena_free(a);
    return blind;
}

static void
list_correlations(struct tcs_buf *b, bool json, const struct tcs_rulebook *book,
                  const struct tcs_term *t)
{
    uint32_t n;
    const struct tcs_correlation *k = tcs_detect_rulebook_correlations(book, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!tcs_detect_rulebook_corr_wanted(book, i))
            continue;
        struct tcs_buf says = {0};
        tcs_cli_correlation_text(&says, &k[i]);
        if (json)
            tcs_report_rules_json_correlation(b, &k[i], tcs_base_buf_view(&says));
        else
            text_row(b, t, &k[i].doc, ' ', TCS_STR("(correlation)"));
        b->failed |= says.failed;
        tcs_base_buf_done(&says);
    }
}

/* --- what is known of the logs --- */

static void
text_input(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_rules_input *in)
{
    struct tcs_buf source = {0};
    tcs_base_buf_printf(b, "%6u %c ", in->rules, in->reachable ? ' ' : '-');
    size_t w = tcs_cli_term_put(t, b, logsource(in->logsource, &source), 44);
    tcs_base_buf_done(&source);
    tcs_cli_term_pad(b, 45 - w);
    for (uint32_t i = 0; in->reachable && i < in->nviews; i++) {
        tcs_base_buf_str(b, i ? TCS_STR(", ") : TCS_STR(""));
        tcs_cli_term_put(t, b, in->views[i].name, 0);
    }
    if (!in->reachable)
        tcs_buf_lit(b, "no log of this kind is read");
    else if (!in->nviews)
        tcs_buf_lit(b, "as logged");
    else if (in->reachable < in->rules)
        tcs_base_buf_printf(b, "; %u of the rules cannot match", in->rules - in->reachable);
    tcs_base_buf_c(b, '\n');
}

static bool
same_logsource(const struct tcs_logsource *a, const struct tcs_logsource *b)
{
    return tcs_base_str_ieq(a->product, b->product) && tcs_base_str_ieq(a->category, b->category) &&
           tcs_base_str_ieq(a->service, b->service);
}

/* Is rule `at` the first of its logsource?  Then how many there are, in *in. */
static bool
count_rules(const struct tcs_rulebook *book, uint32_t at, struct tcs_rules_input *in)
{
    uint32_t n;
    const struct tcs_rule *rules = tcs_detect_rulebook_rules(book, &n);
    *in = (struct tcs_rules_input){.logsource = &rules[at].logsource};
    for (uint32_t i = 0; i < n; i++) {
        if (!tcs_detect_rulebook_wanted(book, i) ||
            !same_logsource(&rules[i].logsource, in->logsource))
            continue;
        if (i < at)
            return false;
        in->rules++;
        in->reachable += tcs_detect_rulebook_reachable(book, i);
    }
    in->views =
        tcs_sigma_logsources_find(tcs_detect_rulebook_logsources(book), in->logsource, &in->nviews);
    return in->rules > 0;
}

static void
put_blind(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_blind_view *v)
{
    enum { SHOWN = 6 };
    tcs_buf_lit(b, "  ");
    tcs_cli_term_put(t, b, v->name, 0);
    tcs_base_buf_printf(b, ": of %u rules %u cannot match, %u have parts that cannot be checked (",
                        v->rules, v->cannot_match, v->partly);
    for (uint32_t i = 0; i < v->nfields && i < SHOWN; i++) {
        tcs_base_buf_str(b, i ? TCS_STR(", ") : TCS_STR(""));
        tcs_cli_term_put(t, b, v->fields[i].name, 0);
        tcs_base_buf_printf(b, " %u", v->fields[i].rules);
    }
    if (v->nfields > SHOWN)
        tcs_base_buf_printf(b, " and %u more", v->nfields - SHOWN);
    tcs_buf_lit(b, ")\n");
}

static void
list_blind(struct tcs_buf *b, const struct tcs_rulebook *book, const struct tcs_term *t)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_blind_view *v;
    uint32_t n = 0;
    if (!a || !tcs_detect_blind(book, NULL, a, &v, &n))
        b->failed = true;
    if (n && !b->failed)
        tcs_buf_lit(b, "Blind for want of fields that the log never has:\n");
    for (uint32_t i = 0; i < n && !b->failed; i++)
        put_blind(b, t, &v[i]);
    tcs_base_arena_free(a);
}

static void
list_inputs(struct tcs_buf *b, bool json, const struct tcs_rulebook *book)
{
    struct tcs_term t = tcs_cli_term_probe(STDOUT_FILENO);
    struct tcs_rules_input in;
    uint32_t n;
    (void)tcs_detect_rulebook_rules(book, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!tcs_detect_rulebook_wanted(book, i) || !count_rules(book, i, &in))
            continue;
        if (json)
            tcs_report_rules_json_input(b, &in);
        else
            text_input(b, &t, &in);
    }
    if (!json)
        list_blind(b, book, &t);
}

static void
list_rules(struct tcs_buf *b, bool json, const struct tcs_rulebook *book)
{
    struct tcs_term t = tcs_cli_term_probe(STDOUT_FILENO);
    struct tcs_buf tmp = {0};
    const struct tcs_rulecount *c = tcs_detect_rulebook_count(book);
    uint32_t n;
    const struct tcs_rule *rules = tcs_detect_rulebook_rules(book, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!tcs_detect_rulebook_wanted(book, i))
            continue;
        bool reachable = tcs_detect_rulebook_reachable(book, i);
        if (json)
            tcs_report_rules_json_row(b, book, &rules[i], reachable);
        else
            text_row(b, &t, &rules[i].doc,
                     !reachable                  ? '-'
                     : is_blind(book, &rules[i]) ? '~'
                                                 : ' ',
                     logsource(&rules[i].logsource, &tmp));
    }
    tcs_base_buf_done(&tmp);
    list_correlations(b, json, book, &t);
    if (json)
        return;
    tcs_cli_text_plural(b, c->used, "rule", "rules");
    if (c->correlations_used) {
        tcs_buf_lit(b, ", ");
        tcs_cli_text_plural(b, c->correlations_used, "correlation", "correlations");
    }
    if (c->unreachable) {
        tcs_buf_lit(b, ", of which ");
        tcs_cli_text_count(b, c->unreachable);
        tcs_buf_lit(b, " (marked -) wait for logs that this version does not read");
    }
    tcs_buf_lit(b, "; ");
    tcs_cli_text_count(b, c->refused);
    tcs_buf_lit(b, " refused; ~: blind in some form of its log (rules list --inputs, rules "
                   "explain)\n");
}

static void
list_refused(struct tcs_buf *b, bool json, const struct tcs_rulebook *book)
{
    struct tcs_term t = tcs_cli_term_probe(STDOUT_FILENO);
    uint32_t n;
    const struct tcs_diag *d = tcs_detect_rulebook_diags(book, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (d[i].severity != TCS_SEV_ERROR)
            continue;
        if (json) {
            tcs_report_rules_json_refused(b, &d[i]);
            continue;
        }
        tcs_cli_term_put(&t, b, d[i].path, 0);
        tcs_base_buf_printf(b, ":%u: [%s] ", d[i].line, d[i].reason);
        tcs_cli_term_put(&t, b, d[i].text, 0);
        tcs_base_buf_c(b, '\n');
    }
}

static int
rules_list(void *opts, const struct tcs_cli_operands *none)
{
    const struct list_opts *set = opts;
    bool json = set->format == TCS_OUT_JSONL;
    struct tcs_rulebook *book = NULL;
    struct tcs_output out;
    struct tcs_err err = {0};
    struct tcs_buf b = {0};
    tcs_cli_output_open(&out, NULL, NULL, &err); /* standard output: cannot fail */
    const struct tcs_rule_opts rules = tcs_cli_rule_opts(&set->rules, 0);
    (void)none;
    int r = tcs_detect_rulebook_load(&rules, &book, &err);
    if (r == 0) {
        if (set->refused)
            list_refused(&b, json, book);
        else if (set->inputs)
            list_inputs(&b, json, book);
        else
            list_rules(&b, json, book);
        r = tcs_cli_output_buf(&out, &b, json, &err);
    }
    if (r < 0)
        tcs_cli_complain("%s", err.msg);
    bool bad = r < 0;
    if (book) {
        const struct tcs_notes *notes = tcs_detect_rulebook_notes(book);
        tcs_cli_notes_complain(notes);
        bad |= notes->counting != 0;
    }
    tcs_base_buf_done(&b);
    tcs_detect_rulebook_free(book);
    return bad ? TCS_EXIT_ERROR : TCS_EXIT_NOTHING;
}

const struct tcs_command tcs_command_rules_list = {
    .name = "rules list",
    .operands = "",
    .brief = "list the rules that would run, or those refused",
    .about = "Lists rules and correlations with level, status, logsource, id and title, and the "
             "views of the log in which each can match. A rule marked - waits for events that this "
             "version does not read; one marked ~ asks for fields that some form of its log never "
             "has.",
    .examples = "tocsin rules list --rules ~/sigma/rules --tag T1003\n"
                "What covers OS credential dumping?\n"
                "tocsin rules list --rules ~/sigma --refused\n"
                "What was refused, and why?\n"
                "tocsin rules list --rules ~/sigma/rules --inputs\n"
                "Which logs do the rules need, and where are they blind?",
    .options = options,
    .size = sizeof(struct list_opts),
    .run = rules_list,
};

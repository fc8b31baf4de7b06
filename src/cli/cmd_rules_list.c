/* cli/cmd_rules_list.c - `tocsin rules list`: what would run, and where; or what was refused. */
#include "attack/level.h"
#include "base/json_out.h"
#include "cli/command.h"
#include "cli/correlation_text.h"
#include "cli/notes_text.h"
#include "cli/option_groups.h"
#include "cli/output.h"
#include "cli/term.h"
#include "cli/text.h"
#include "detect/rulebook.h"
#include "sigma/status.h"

#include <unistd.h>

struct list_opts {
    struct tcs_cli_rules rules;
    uint8_t format;
    bool refused;
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

/* `mark`: - for a rule that waits for logs. */
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

static void
json_list(struct tcs_jo *j, const char *key, const struct tcs_str *s, uint32_t n)
{
    tcs_base_jo_open(j, key, '[');
    for (uint32_t i = 0; i < n; i++)
        tcs_base_jo_str(j, NULL, s[i]);
    tcs_base_jo_close(j, ']');
}

static void
json_doc(struct tcs_jo *j, const struct tcs_doc *d)
{
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(j, "id", d->id);
    tcs_base_jo_str(j, "title", d->title);
    tcs_base_jo_str(j, "level", tcs_base_str_of(tcs_attack_level_name(d->level)));
    tcs_base_jo_str(j, "status", tcs_base_str_of(tcs_sigma_status_name(d->status)));
    tcs_base_jo_str(j, "author", d->author);
    tcs_base_jo_str(j, "path", d->path);
}

static void
json_row(struct tcs_buf *b, const struct tcs_rulebook *book, const struct tcs_rule *r,
         bool reachable)
{
    struct tcs_jo j = {.b = b};
    uint32_t n;
    const struct tcs_view *v =
        tcs_sigma_logsources_find(tcs_detect_rulebook_logsources(book), &r->logsource, &n);
    json_doc(&j, &r->doc);
    tcs_base_jo_open(&j, "logsource", '{');
    tcs_base_jo_str(&j, "product", r->logsource.product);
    tcs_base_jo_str(&j, "category", r->logsource.category);
    tcs_base_jo_str(&j, "service", r->logsource.service);
    tcs_base_jo_close(&j, '}');
    json_list(&j, "tags", r->doc.tags, r->doc.ntags);
    tcs_base_jo_open(&j, "views", '[');
    for (uint32_t i = 0; i < n; i++)
        tcs_base_jo_str(&j, NULL, v[i].name);
    tcs_base_jo_close(&j, ']');
    tcs_base_jo_bool(&j, "reachable", reachable);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

static void
json_correlation(struct tcs_buf *b, const struct tcs_correlation *k)
{
    struct tcs_jo j = {.b = b};
    struct tcs_buf says = {0};
    tcs_cli_correlation_text(&says, k);
    json_doc(&j, &k->doc);
    tcs_base_jo_str(&j, "correlation", tcs_base_buf_view(&says));
    json_list(&j, "tags", k->doc.tags, k->doc.ntags);
    json_list(&j, "rules", k->rules, k->nrules);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
    b->failed |= says.failed;
    tcs_base_buf_done(&says);
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
        if (json)
            json_correlation(b, &k[i]);
        else
            text_row(b, t, &k[i].doc, ' ', TCS_STR("(correlation)"));
    }
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
        bool reachable = tcs_sigma_ruleset_reachable(tcs_detect_rulebook_set(book), i);
        if (json)
            json_row(b, book, &rules[i], reachable);
        else
            text_row(b, &t, &rules[i].doc, reachable ? ' ' : '-',
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
    tcs_buf_lit(b, " refused\n");
}

static void
json_refused(struct tcs_buf *b, const struct tcs_diag *d)
{
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    tcs_base_jo_str(&j, "id", d->rule_id);
    tcs_base_jo_str(&j, "title", d->rule_title);
    tcs_base_jo_str(&j, "path", d->path);
    tcs_base_jo_u64(&j, "line", d->line);
    tcs_base_jo_str(&j, "reason", tcs_base_str_of(d->reason));
    tcs_base_jo_str(&j, "message", d->text);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
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
            json_refused(b, &d[i]);
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
             "views of the log in which each can match. A rule without a view waits for events "
             "that this version does not read.",
    .examples = "tocsin rules list --rules ~/sigma/rules --tag T1003\n"
                "What covers OS credential dumping?\n"
                "tocsin rules list --rules ~/sigma --refused\n"
                "What was refused, and why?",
    .options = options,
    .size = sizeof(struct list_opts),
    .run = rules_list,
};

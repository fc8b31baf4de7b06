/* cli/cmd_rules_list.c - `tocsin rules list`: what would run, and where; or what was refused. */
#include "attack/level.h"
#include "cli/command.h"
#include "cli/correlations_out.h"
#include "cli/option_groups.h"
#include "cli/output.h"
#include "cli/term.h"
#include "cli/text.h"
#include "detect/correlations.h"
#include "detect/rulebook.h"
#include "report/ecs.h"
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
            tcs_buf_c(tmp, '/');
        tcs_buf_str(tmp, parts[i]);
    }
    return tcs_buf_view(tmp);
}

static void
text_row(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_rule *r, bool reachable)
{
    struct tcs_buf tmp = {0};
    tcs_buf_printf(b, "%-13s %-12s %c ", tcs_attack_level_name(r->doc.level),
                   tcs_sigma_status_name(r->doc.status), reachable ? ' ' : '-');
    size_t w = tcs_term_put(t, b, logsource(&r->logsource, &tmp), 30);
    tcs_term_pad(b, 31 - w);
    w = tcs_term_put(t, b, r->doc.id, 36);
    tcs_term_pad(b, 37 - w);
    tcs_term_put(t, b, r->doc.title, t->width > 140 ? t->width - 97 : 0);
    tcs_buf_c(b, '\n');
    tcs_buf_done(&tmp);
}

static void
strings(struct tcs_buf *b, const char *key, const struct tcs_str *s, uint32_t n)
{
    tcs_buf_printf(b, ",\"%s\":[", key);
    for (uint32_t i = 0; i < n; i++) {
        tcs_buf_str(b, i ? TCS_STR(",\"") : TCS_STR("\""));
        tcs_buf_json(b, s[i]);
        tcs_buf_c(b, '"');
    }
    tcs_buf_c(b, ']');
}

static void
json_row(struct tcs_buf *b, const struct tcs_rulebook *book, const struct tcs_rule *r,
         bool reachable)
{
    bool first = true;
    uint32_t n;
    const struct tcs_view *v =
        tcs_logsources_find(tcs_rulebook_logsources(book), &r->logsource, &n);
    tcs_buf_c(b, '{');
    tcs_ecs_member(b, &first, TCS_STR("id"), r->doc.id);
    tcs_ecs_member(b, &first, TCS_STR("title"), r->doc.title);
    tcs_ecs_member(b, &first, TCS_STR("level"), tcs_str_of(tcs_attack_level_name(r->doc.level)));
    tcs_ecs_member(b, &first, TCS_STR("status"), tcs_str_of(tcs_sigma_status_name(r->doc.status)));
    tcs_ecs_member(b, &first, TCS_STR("author"), r->doc.author);
    tcs_ecs_member(b, &first, TCS_STR("path"), r->doc.path);
    tcs_buf_lit(b, ",\"logsource\":{");
    first = true;
    tcs_ecs_member(b, &first, TCS_STR("product"), r->logsource.product);
    tcs_ecs_member(b, &first, TCS_STR("category"), r->logsource.category);
    tcs_ecs_member(b, &first, TCS_STR("service"), r->logsource.service);
    tcs_buf_c(b, '}');
    strings(b, "tags", r->doc.tags, r->doc.ntags);
    tcs_buf_lit(b, ",\"views\":[");
    first = true;
    for (uint32_t i = 0; i < n; i++) {
        tcs_buf_str(b, i ? TCS_STR(",\"") : TCS_STR("\""));
        tcs_buf_json(b, v[i].name);
        tcs_buf_c(b, '"');
    }
    tcs_buf_printf(b, "],\"reachable\":%s}\n", reachable ? "true" : "false");
}

static void
correlation_row(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_correlation *k)
{
    tcs_buf_printf(b, "%-13s %-12s   ", tcs_attack_level_name(k->doc.level),
                   tcs_sigma_status_name(k->doc.status));
    size_t w = tcs_term_put(t, b, TCS_STR("(correlation)"), 30);
    tcs_term_pad(b, 31 - w);
    w = tcs_term_put(t, b, k->doc.id, 36);
    tcs_term_pad(b, 37 - w);
    tcs_term_put(t, b, k->doc.title, t->width > 140 ? t->width - 97 : 0);
    tcs_buf_c(b, '\n');
}

static void
correlation_json(struct tcs_buf *b, const struct tcs_correlation *k)
{
    bool first = true;
    struct tcs_buf says = {0};
    tcs_correlations_say(&says, k);
    tcs_buf_c(b, '{');
    tcs_ecs_member(b, &first, TCS_STR("id"), k->doc.id);
    tcs_ecs_member(b, &first, TCS_STR("title"), k->doc.title);
    tcs_ecs_member(b, &first, TCS_STR("level"), tcs_str_of(tcs_attack_level_name(k->doc.level)));
    tcs_ecs_member(b, &first, TCS_STR("status"), tcs_str_of(tcs_sigma_status_name(k->doc.status)));
    tcs_ecs_member(b, &first, TCS_STR("author"), k->doc.author);
    tcs_ecs_member(b, &first, TCS_STR("path"), k->doc.path);
    tcs_ecs_member(b, &first, TCS_STR("correlation"), tcs_buf_view(&says));
    strings(b, "tags", k->doc.tags, k->doc.ntags);
    strings(b, "rules", k->rules, k->nrules);
    tcs_buf_lit(b, "}\n");
    b->failed |= says.failed;
    tcs_buf_done(&says);
}

static void
list_correlations(struct tcs_buf *b, bool json, const struct tcs_rulebook *book,
                  const struct tcs_term *t)
{
    uint32_t n;
    const struct tcs_correlation *k = tcs_rulebook_correlations(book, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!tcs_rulebook_corr_wanted(book, i))
            continue;
        if (json)
            correlation_json(b, &k[i]);
        else
            correlation_row(b, t, &k[i]);
    }
}

static void
list_rules(struct tcs_buf *b, bool json, const struct tcs_rulebook *book)
{
    struct tcs_term t = tcs_term_probe(STDOUT_FILENO);
    const struct tcs_rulecount *c = tcs_rulebook_count(book);
    uint32_t n;
    const struct tcs_rule *rules = tcs_rulebook_rules(book, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!tcs_rulebook_wanted(book, i))
            continue;
        bool reachable = tcs_ruleset_reachable(tcs_rulebook_set(book), i);
        if (json)
            json_row(b, book, &rules[i], reachable);
        else
            text_row(b, &t, &rules[i], reachable);
    }
    list_correlations(b, json, book, &t);
    if (json)
        return;
    tcs_text_plural(b, c->used, "rule", "rules");
    if (c->correlations_used) {
        tcs_buf_lit(b, ", ");
        tcs_text_plural(b, c->correlations_used, "correlation", "correlations");
    }
    if (c->unreachable) {
        tcs_buf_lit(b, ", of which ");
        tcs_text_count(b, c->unreachable);
        tcs_buf_lit(b, " (marked -) wait for logs that this version does not read");
    }
    tcs_buf_lit(b, "; ");
    tcs_text_count(b, c->refused);
    tcs_buf_lit(b, " refused\n");
}

static void
list_refused(struct tcs_buf *b, bool json, const struct tcs_rulebook *book)
{
    struct tcs_term t = tcs_term_probe(STDOUT_FILENO);
    uint32_t n;
    const struct tcs_diag *d = tcs_rulebook_diags(book, &n);
    for (uint32_t i = 0; i < n; i++) {
        bool first = true;
        if (d[i].severity != TCS_SEV_ERROR)
            continue;
        if (json) {
            tcs_buf_c(b, '{');
            tcs_ecs_member(b, &first, TCS_STR("id"), d[i].rule_id);
            tcs_ecs_member(b, &first, TCS_STR("title"), d[i].rule_title);
            tcs_ecs_member(b, &first, TCS_STR("path"), d[i].path);
            tcs_buf_printf(b, ",\"line\":%u", d[i].line);
            tcs_ecs_member(b, &first, TCS_STR("reason"), tcs_str_of(d[i].reason));
            tcs_ecs_member(b, &first, TCS_STR("message"), d[i].text);
            tcs_buf_lit(b, "}\n");
            continue;
        }
        tcs_term_put(&t, b, d[i].path, 0);
        tcs_buf_printf(b, ":%u: [%s] ", d[i].line, d[i].reason);
        tcs_term_put(&t, b, d[i].text, 0);
        tcs_buf_c(b, '\n');
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
    tcs_output_open(&out, NULL, &err); /* standard output: cannot fail */
    const struct tcs_rule_opts rules = tcs_cli_rule_opts(&set->rules, 0);
    (void)none;
    int r = tcs_rulebook_load(&rules, &book, &err);
    if (r == 0) {
        if (set->refused)
            list_refused(&b, json, book);
        else
            list_rules(&b, json, book);
        r = tcs_cli_output_buf(&out, &b, json, &err);
    }
    if (r < 0)
        tcs_complain("%s", err.msg);
    tcs_buf_done(&b);
    tcs_rulebook_free(book);
    return r < 0 ? TCS_EXIT_ERROR : 0;
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

/* cli/cmd_rules_check.c - `tocsin rules check`: every problem with its place, then the sums. */
#include "base/json_out.h"
#include "cli/command.h"
#include "cli/notes_text.h"
#include "cli/option_groups.h"
#include "cli/output.h"
#include "cli/term.h"
#include "cli/text.h"
#include "detect/rulebook.h"

#include <unistd.h>

struct check_opts {
    const char *placeholders;
    uint8_t format;
    bool quiet;
};

static const struct tcs_cli_option options[] = {
    TCS_CLI_OPT_PLACEHOLDERS(struct check_opts, placeholders),
    TCS_CLI_OPT_FORMAT(struct check_opts, format),
    TCS_CLI_OPT_QUIET(struct check_opts, quiet),
    {0},
};

static const char *
severity(const struct tcs_diag *d)
{
    return d->severity == TCS_SEV_ERROR ? "error" : "warning";
}

/* file:line:col: error: sentence  - what editors jump to */
static void
text_line(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_diag *d)
{
    tcs_cli_term_put(t, b, d->path, 0);
    tcs_base_buf_printf(b, ":%u:%u: ", d->line, d->col);
    tcs_cli_term_style(t, b, d->severity == TCS_SEV_ERROR ? TCS_RED : TCS_YELLOW);
    tcs_base_buf_str(b, tcs_base_str_of(severity(d)));
    tcs_cli_term_style(t, b, TCS_PLAIN);
    tcs_buf_lit(b, ": ");
    tcs_cli_term_put(t, b, d->text, 0);
    tcs_base_buf_c(b, '\n');
}

static void
json_line(struct tcs_buf *b, const struct tcs_diag *d)
{
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    tcs_base_jo_str(&j, "kind", TCS_STR("problem"));
    tcs_base_jo_str(&j, "path", d->path);
    tcs_base_jo_u64(&j, "line", d->line);
    tcs_base_jo_u64(&j, "column", d->col);
    tcs_base_jo_str(&j, "severity", tcs_base_str_of(severity(d)));
    tcs_base_jo_str(&j, "reason", tcs_base_str_of(d->reason));
    tcs_base_jo_str(&j, "message", d->text);
    tcs_base_jo_str(&j, "id", d->rule_id);
    tcs_base_jo_str(&j, "title", d->rule_title);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

static void
text_sums(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_rulecount *c)
{
    tcs_cli_text_plural(b, c->files, "file", "files");
    tcs_buf_lit(b, ", ");
    tcs_cli_text_plural(b, c->seen, "document", "documents");
    tcs_buf_lit(b, ": ");
    tcs_cli_text_plural(b, c->loaded, "rule", "rules");
    if (c->correlations) {
        tcs_buf_lit(b, ", ");
        tcs_cli_text_plural(b, c->correlations, "correlation", "correlations");
    }
    tcs_buf_lit(b, ", ");
    tcs_cli_text_count(b, c->refused);
    tcs_buf_lit(b, " refused\n");
    for (uint32_t i = 0; i < c->nreasons; i++) {
        tcs_base_buf_printf(b, "%8u  ", c->reasons[i].count);
        tcs_cli_term_put(t, b, c->reasons[i].reason, 0);
        tcs_base_buf_c(b, '\n');
    }
}

static void
json_sums(struct tcs_buf *b, const struct tcs_rulecount *c)
{
    tcs_base_buf_printf(b,
                        "{\"kind\":\"summary\",\"files\":%u,\"documents\":%u,\"rules\":%u,"
                        "\"correlations\":%u,\"refused\":%u,\"refused_by_reason\":{",
                        c->files, c->seen, c->loaded, c->correlations, c->refused);
    for (uint32_t i = 0; i < c->nreasons; i++) {
        tcs_base_buf_str(b, i ? TCS_STR(",\"") : TCS_STR("\""));
        tcs_base_buf_json(b, c->reasons[i].reason);
        tcs_base_buf_printf(b, "\":%u", c->reasons[i].count);
    }
    tcs_buf_lit(b, "}}\n");
}

static void
render(struct tcs_buf *b, const struct check_opts *set, const struct tcs_rulebook *book)
{
    struct tcs_term t = tcs_cli_term_probe(STDOUT_FILENO);
    uint32_t n;
    const struct tcs_diag *d = tcs_detect_rulebook_diags(book, &n);
    bool json = set->format == TCS_OUT_JSONL;
    for (uint32_t i = 0; i < n; i++) {
        if (json)
            json_line(b, &d[i]);
        else
            text_line(b, &t, &d[i]);
    }
    if (json)
        json_sums(b, tcs_detect_rulebook_count(book));
    else if (!set->quiet)
        text_sums(b, &t, tcs_detect_rulebook_count(book));
}

static int
rules_check(void *opts, const struct tcs_cli_operands *paths)
{
    const struct check_opts *set = opts;
    struct tcs_rulebook *book = NULL;
    struct tcs_output out;
    struct tcs_err err = {0};
    struct tcs_buf b = {0};
    if (paths->n == 0) {
        tcs_cli_complain("rules check: name a rule file or folder");
        return TCS_EXIT_ERROR;
    }
    tcs_cli_output_open(&out, NULL, NULL, &err); /* standard output: cannot fail */
    const struct tcs_rule_opts rules = {.placeholders = set->placeholders,
                                        .threads = tcs_cli_threads(0)};
    int r = tcs_detect_rulebook_read(&rules, paths->at, paths->n, &book, &err);
    if (r == 0) {
        render(&b, set, book);
        r = tcs_cli_output_buf(&out, &b, set->format == TCS_OUT_JSONL, &err);
    }
    if (r < 0)
        tcs_cli_complain("%s", err.msg);
    bool bad = r < 0;
    if (book) {
        const struct tcs_notes *notes = tcs_detect_rulebook_notes(book);
        tcs_cli_notes_complain(notes);
        bad |= notes->counting || tcs_detect_rulebook_count(book)->refused;
    }
    tcs_base_buf_done(&b);
    tcs_detect_rulebook_free(book);
    return bad ? TCS_EXIT_ERROR : 0;
}

const struct tcs_command tcs_command_rules_check = {
    .name = "rules check",
    .operands = "PATH...",
    .brief = "say what is wrong with rule files, and where",
    .about = "Checks Sigma rules, correlations and filters against the Sigma 2.1 specification. "
             "Every problem is one line with file, line and column.\n"
             "\n"
             "Exit status: 0 all documents are sound; 1 at least one was refused.",
    .examples = "tocsin rules check rules/ my_rule.yml\n"
                "Before a rule goes into use.",
    .options = options,
    .size = sizeof(struct check_opts),
    .run = rules_check,
};

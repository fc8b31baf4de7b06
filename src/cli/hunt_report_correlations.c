/* cli/hunt_report_correlations.c - findings of correlations as a section of the report. */
#include "cli/correlation_text.h"
#include "cli/hunt_report_int.h"
#include "cli/text.h"

enum { SHOWN = 20 };

static void
put_found(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_correlated *f,
          const struct tcs_rule *doc, const struct tcs_correlation *c)
{
    struct tcs_buf line = {0};
    tcs_buf_lit(b, "  ");
    tcs_cli_term_style(r->term, b, tcs_cli_report_style(doc->doc.level));
    tcs_cli_term_put(r->term, b, doc->doc.title, tcs_cli_report_width(r) - 2);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_buf_lit(b, "\n    ");
    tcs_cli_report_span(r, b, f->first, f->last);
    tcs_base_buf_str(b, tcs_base_str_of(tcs_cli_report_dot(r)));
    tcs_cli_text_plural(b, f->count, "match", "matches");
    if (c->type != TCS_CORR_EVENT_COUNT && c->type != TCS_CORR_TEMPORAL &&
        c->type != TCS_CORR_TEMPORAL_ORDERED) {
        tcs_buf_lit(&line, ", ");
        tcs_base_buf_str(&line, f->approximate ? TCS_STR("at least ") : TCS_STR(""));
        tcs_cli_correlation_number(&line, f->value);
        tcs_base_buf_str(&line, c->type == TCS_CORR_VALUE_COUNT ? TCS_STR(" different ")
                                                                : TCS_STR(" of "));
        tcs_cli_correlation_list(&line, c->cond_fields, c->ncond_fields, " + ");
    }
    for (uint32_t i = 0; i < f->nvalues; i++) {
        tcs_base_buf_str(&line, i ? TCS_STR(", ") : TCS_STR("; "));
        tcs_base_buf_str(&line, f->fields[i]);
        tcs_base_buf_c(&line, ' ');
        tcs_base_buf_str(&line, f->values[i]);
    }
    tcs_cli_term_put(r->term, b, tcs_base_buf_view(&line), 0);
    tcs_base_buf_c(b, '\n');
    b->failed |= line.failed;
    tcs_base_buf_done(&line);
}

enum { LEFT_OUT = 5 };

/* Matches that no correlation could use. */
static void
left_out(const struct tcs_correlating *c, uint64_t n[LEFT_OUT])
{
    const struct tcs_corr_stats *s = tcs_detect_correlating_stats(c);
    n[0] = s->missing_key;
    n[1] = s->missing_value;
    n[2] = s->timeless;
    n[3] = s->overflowed + s->late + tcs_detect_correlating_dropped(c);
    n[4] = tcs_detect_correlating_unused(c);
}

/* Was there something to say although nothing was found? */
static bool
passed_over(const struct tcs_correlating *c)
{
    uint64_t n[LEFT_OUT], sum = 0;
    left_out(c, n);
    for (size_t i = 0; i < LEFT_OUT; i++)
        sum += n[i];
    return sum || tcs_detect_correlating_nameless(c);
}

static void
put_left_out(struct tcs_buf *b, const struct tcs_correlating *c)
{
    static const char *const texts[LEFT_OUT] = {
        "without a value to group by", "without the value that is counted", "without a time",
        "beyond what is kept", "of earlier runs with other rules"};
    uint64_t n[LEFT_OUT];
    left_out(c, n);
    for (size_t i = 0; i < LEFT_OUT; i++) {
        if (!n[i])
            continue;
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, n[i], "match", "matches");
        tcs_base_buf_printf(b, " passed over, %s\n", texts[i]);
    }
    if (tcs_detect_correlating_nameless(c)) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, tcs_detect_correlating_nameless(c), "name", "names");
        tcs_buf_lit(b, " of hosts, accounts and logs beyond the limit, left out of evidence\n");
    }
}

void
tcs_cli_report_correlations(struct tcs_buf *b, const struct tcs_report *r)
{
    uint32_t n, nrules, ncorrs, shown = 0;
    const struct tcs_correlated *f = tcs_detect_correlated(r->correlating, &n);
    const struct tcs_rule *rules = tcs_detect_rulebook_rules(r->book, &nrules);
    const struct tcs_correlation *corrs = tcs_detect_rulebook_correlations(r->book, &ncorrs);
    if (!n && !passed_over(r->correlating))
        return;
    tcs_cli_report_heading(r, b, "Correlations");
    for (unsigned level = TCS_LEVELS; level-- > 0;)
        for (uint32_t i = 0; i < n && shown < SHOWN; i++)
            if (rules[f[i].rule].doc.level == level) {
                put_found(r, b, &f[i], &rules[f[i].rule], &corrs[f[i].corr]);
                shown++;
            }
    if (n > shown) {
        tcs_buf_lit(b, "  and ");
        tcs_cli_text_count(b, n - shown);
        tcs_buf_lit(b, " more; --format jsonl has all\n");
    }
    put_left_out(b, r->correlating);
}

/* cli/hunt_report.c - the report for people: headline, findings (hunt_report_groups.c), over
 * time, tactics and techniques, and the rest (hunt_report_rest.c).
 *
 * Everything that a log or a rule wrote goes through tcs_cli_term_put. */
#include "cli/hunt_report_int.h"

#include "attack/level.h"
#include "attack/tags.h"
#include "base/time.h"
#include "cli/text.h"

#include <stdlib.h>

enum {
    HISTOGRAM_MAX = 60,
    TECHNIQUES_SHOWN = 30,
    TECHNIQUE_TEXT = 16,
    TACTICS = 16,
};

/* A result that is not whole says so where it begins. */
static void
put_lack(const struct tcs_report *r, struct tcs_buf *b)
{
    if (tcs_report_summary_lacks(r->sum))
        tcs_cli_report_styled(r, b, TCS_RED_BOLD,
                              TCS_STR("Not everything was read: see the end of this report\n"));
}

bool
tcs_cli_report_blind(const struct tcs_summary *s)
{
    return !tcs_report_tally_total(s->tally) && !s->alerts &&
           !tcs_detect_engine_stats(s->engine).known &&
           tcs_detect_logs_all_unknown(tcs_detect_engine_logs(s->engine));
}

static void
put_headline(const struct tcs_report *r, struct tcs_buf *b)
{
    uint64_t total = tcs_report_tally_total(r->sum->tally);
    bool first = true;
    if (tcs_cli_report_blind(r->sum)) {
        tcs_cli_report_styled(r, b, TCS_BOLD, TCS_STR("Nothing was judged"));
        tcs_buf_lit(b, ": no record is of a log that tocsin knows\n");
        return;
    }
    if (!total) {
        tcs_cli_report_styled(r, b, TCS_BOLD,
                              r->sum->kept ? TCS_STR("No new findings") : TCS_STR("No findings"));
        if (r->sum->alerts) {
            tcs_buf_lit(b, " of rules; ");
            tcs_cli_text_plural(b, r->sum->alerts, "alert of another tool",
                                "alerts of other tools");
        }
        tcs_base_buf_c(b, '\n');
        return;
    }
    tcs_cli_term_style(r->term, b, TCS_BOLD);
    tcs_cli_text_plural(b, total, "finding", "findings");
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    for (unsigned l = TCS_LEVELS; l-- > 0;) {
        uint64_t n = tcs_report_tally_count(r->sum->tally, (uint8_t)l);
        if (!n)
            continue;
        tcs_base_buf_str(b, first ? TCS_STR(": ") : TCS_STR(", "));
        first = false;
        tcs_cli_term_style(r->term, b, tcs_cli_report_style((uint8_t)l));
        tcs_cli_text_count(b, n);
        tcs_base_buf_printf(b, " %s", l ? tcs_attack_level_name((uint8_t)l) : "without a level");
        tcs_cli_term_style(r->term, b, TCS_PLAIN);
    }
    if (tcs_report_tally_unchecked(r->sum->tally)) {
        tcs_buf_lit(b, "; ");
        tcs_cli_text_count(b, tcs_report_tally_unchecked(r->sum->tally));
        tcs_buf_lit(b, " with parts of the rule unchecked");
    }
    tcs_base_buf_c(b, '\n');
}

struct technique {
    char id[TECHNIQUE_TEXT];
    uint64_t count;
};

static int
by_count(const void *pa, const void *pb)
{
    const struct technique *a = pa, *b = pb;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->id, b->id);
}

static int
by_id(const void *pa, const void *pb)
{
    return strcmp(((const struct technique *)pa)->id, ((const struct technique *)pb)->id);
}

/* Rules, and behind them correlations: what findings count by. */
static uint32_t
documents(const struct tcs_report *r, const struct tcs_rule **rules)
{
    uint32_t n, ncorrs;
    *rules = tcs_detect_rulebook_rules(r->book, &n);
    (void)tcs_detect_rulebook_correlations(r->book, &ncorrs);
    return n + ncorrs;
}

/* Techniques of all rules that matched, each once with its findings, most first. */
static size_t
collect(const struct tcs_report *r, struct technique **ret)
{
    const struct tcs_rule *rules;
    uint32_t nrules = documents(r, &rules);
    size_t n = 0, cap = 0, kept = 0;
    struct technique *list = NULL;
    for (uint32_t i = 0; i < nrules; i++)
        if (tcs_report_tally_rule(r->sum->tally, i))
            cap += rules[i].doc.ntags;
    if (cap && !(list = calloc(cap, sizeof *list)))
        return 0;
    for (uint32_t i = 0; i < nrules; i++)
        for (uint32_t t = 0; tcs_report_tally_rule(r->sum->tally, i) && t < rules[i].doc.ntags; t++)
            if (tcs_attack_tag_technique(rules[i].doc.tags[t], list[n].id))
                list[n++].count = tcs_report_tally_rule(r->sum->tally, i);
    if (n)
        qsort(list, n, sizeof *list, by_id);
    for (size_t i = 0; i < n; i++) {
        if (kept && strcmp(list[kept - 1].id, list[i].id) == 0)
            list[kept - 1].count += list[i].count;
        else
            list[kept++] = list[i];
    }
    if (kept)
        qsort(list, kept, sizeof *list, by_count);
    *ret = list;
    return kept;
}

static void
put_technique_list(const struct tcs_report *r, struct tcs_buf *b)
{
    struct technique *list = NULL;
    size_t n = collect(r, &list), shown = n < TECHNIQUES_SHOWN ? n : TECHNIQUES_SHOWN;
    size_t column = 0;
    for (size_t i = 0; i < shown; i++) {
        struct tcs_buf item = {0};
        tcs_base_buf_printf(&item, "%s ", list[i].id);
        tcs_cli_text_count(&item, list[i].count);
        if (column == 0 || column + 3 + item.n > tcs_cli_report_width(r)) {
            tcs_base_buf_str(b, i ? TCS_STR("\n  ") : TCS_STR("  "));
            column = 2;
        } else {
            tcs_base_buf_str(b, tcs_base_str_of(tcs_cli_report_dot(r)));
            column += 3;
        }
        tcs_base_buf_str(b, tcs_base_buf_view(&item));
        column += item.n;
        tcs_base_buf_done(&item);
    }
    if (n > shown)
        tcs_base_buf_printf(b, " and %zu more", n - shown);
    if (n)
        tcs_base_buf_c(b, '\n');
    free(list);
}

static void
put_attack(const struct tcs_report *r, struct tcs_buf *b)
{
    uint64_t counts[TACTICS] = {0};
    const struct tcs_rule *rules;
    uint32_t any = 0, nrules = documents(r, &rules);
    for (uint32_t i = 0; i < nrules; i++)
        for (uint32_t t = 0; tcs_report_tally_rule(r->sum->tally, i) && t < rules[i].doc.ntags;
             t++) {
            int tactic = tcs_attack_tag_tactic(rules[i].doc.tags[t]);
            if (tactic < 0 || tactic >= TACTICS)
                continue;
            counts[tactic] += tcs_report_tally_rule(r->sum->tally, i);
            any = 1;
        }
    if (!any)
        return;
    tcs_cli_report_heading(r, b, "ATT&CK");
    for (unsigned t = 0; t < TACTICS && tcs_attack_tactic_name(t); t++) {
        if (!counts[t])
            continue;
        struct tcs_buf n = {0};
        tcs_cli_text_count(&n, counts[t]);
        tcs_base_buf_printf(b, "  %-22s%*s\n", tcs_attack_tactic_name(t), 10, "");
        b->n -= n.n + 1; /* right-aligned under each other */
        tcs_base_buf_str(b, tcs_base_buf_view(&n));
        tcs_base_buf_c(b, '\n');
        tcs_base_buf_done(&n);
    }
    put_technique_list(r, b);
}

/* First and last bin in use; false: none. */
static bool
used_bins(const struct tcs_histogram *h, size_t *from, size_t *to)
{
    *from = TCS_HISTOGRAM_BINS;
    *to = 0;
    for (size_t l = 0; l < TCS_LEVELS; l++)
        for (size_t i = 0; i < TCS_HISTOGRAM_BINS; i++)
            if (h->bins[l][i]) {
                *from = i < *from ? i : *from;
                *to = i + 1 > *to ? i + 1 : *to;
            }
    return *from < *to;
}

static void
put_bar(const struct tcs_report *r, struct tcs_buf *b, uint64_t n, uint64_t max)
{
    static const char *const blocks[] = {" ",
                                         "\xe2\x96\x81",
                                         "\xe2\x96\x82",
                                         "\xe2\x96\x83",
                                         "\xe2\x96\x84",
                                         "\xe2\x96\x85",
                                         "\xe2\x96\x86",
                                         "\xe2\x96\x87",
                                         "\xe2\x96\x88"};
    static const char plain[] = " .:-=+*#@";
    size_t i = n ? 1 + (size_t)(n * 7 / max) : 0;
    if (r->term->utf8)
        tcs_base_buf_str(b, tcs_base_str_of(blocks[i]));
    else
        tcs_base_buf_c(b, plain[i]);
}

/* One row of at most HISTOGRAM_MAX columns, each `per` bins. */
static void
put_row(const struct tcs_report *r, struct tcs_buf *b, uint8_t level, size_t from, size_t to,
        size_t per)
{
    const struct tcs_histogram *h = tcs_report_tally_histogram(r->sum->tally);
    uint64_t columns[TCS_HISTOGRAM_BINS] = {0}, max = 0;
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        n = (i - from) / per;
        columns[n] += h->bins[level][i];
        max = columns[n] > max ? columns[n] : max;
    }
    if (!max)
        return;
    tcs_base_buf_printf(b, "  %-14s", level ? tcs_attack_level_name(level) : "no level");
    tcs_cli_term_style(r->term, b, tcs_cli_report_style(level));
    for (size_t i = 0; i <= n; i++)
        put_bar(r, b, columns[i], max);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

static void
put_width(struct tcs_buf *b, int64_t ticks)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {{86400, "day", "days"},
                 {3600, "hour", "hours"},
                 {60, "minute", "minutes"},
                 {1, "second", "seconds"}};
    int64_t s = ticks / TCS_TICKS_PER_SEC;
    size_t u = 0;
    while (u < 3 && s < units[u].seconds * 2)
        u++;
    tcs_cli_text_plural(b, (uint64_t)((s + units[u].seconds / 2) / units[u].seconds), units[u].one,
                        units[u].many);
}

static void
put_histogram(const struct tcs_report *r, struct tcs_buf *b)
{
    const struct tcs_histogram *h = tcs_report_tally_histogram(r->sum->tally);
    size_t from, to;
    if (!h->width || !used_bins(h, &from, &to) || to - from < 2)
        return;
    size_t room =
        tcs_cli_report_width(r) - 18 < HISTOGRAM_MAX ? tcs_cli_report_width(r) - 18 : HISTOGRAM_MAX;
    size_t per = (to - from + room - 1) / room;
    tcs_cli_report_heading(r, b, "Over time");
    for (unsigned l = TCS_LEVELS; l-- > 0;)
        put_row(r, b, (uint8_t)l, from, to, per);
    tcs_cli_term_style(r->term, b, TCS_DIM);
    tcs_buf_lit(b, "  ");
    tcs_cli_report_span(r, b, h->start + (int64_t)from * h->width,
                        h->start + (int64_t)to * h->width);
    tcs_buf_lit(b, " UTC, a column is ");
    put_width(b, h->width * (int64_t)per);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

struct tcs_report
tcs_cli_report_of(const struct tcs_summary *sum, const struct tcs_cli_alerts *alerts,
                  const struct tcs_term *term)
{
    const struct tcs_engine *e = sum->engine;
    struct tcs_report r = {.term = term,
                           .sum = sum,
                           .alerts = alerts,
                           .book = tcs_detect_rulebook(tcs_detect_engine_detector(e)),
                           .correlating = tcs_detect_engine_correlating(e),
                           .chain = tcs_detect_engine_chain(e),
                           .stats = tcs_detect_engine_stats(e)};
    r.incidents = tcs_detect_engine_incidents(e, &r.nincidents);
    return r;
}

void
tcs_cli_report_text(struct tcs_buf *b, const struct tcs_report *r)
{
    put_lack(r, b);
    tcs_cli_report_grave_loss(b, r);
    tcs_cli_report_incidents(b, r);
    put_headline(r, b);
    tcs_cli_report_groups(b, r);
    tcs_cli_report_correlations(b, r);
    put_histogram(r, b);
    put_attack(r, b);
    tcs_cli_report_logs(b, r);
    tcs_cli_report_rest(b, r);
    tcs_cli_alerts_text(r->alerts, r->term, b);
}

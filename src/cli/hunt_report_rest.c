/* cli/hunt_report_rest.c - the second half of the report: what was not read, which rules
 * ran, totals. */
#include "base/invariant.h"
#include "chain/chain.h"
#include "cli/hunt_report_int.h"
#include "cli/notes_text.h"
#include "cli/text.h"
#include "detect/blindness.h"

enum { SOURCES = 5 }; /* logs shown of which something was left out */

/* What was lost with how much, by cause; then what was passed over or repaired. */
static void
put_not_read(const struct tcs_report *r, struct tcs_buf *b)
{
    static const char *const headings[] = {
        [TCS_CLASS_LOST] = "Not read",
        [TCS_CLASS_NOT_A_LOG] = "No logs",
        [TCS_CLASS_REPAIRED] = "Damaged, and read all the same",
    };
    TCS_ROW_FOR_EACH(headings, TCS_CLASSES);
    const struct tcs_notes *n = &r->sum->totals->notes;
    for (size_t k = 0; k < TCS_CLASSES; k++) {
        const enum tcs_class cls = (enum tcs_class)k;
        if (!tcs_detect_notes_count(n, cls))
            continue;
        tcs_cli_report_heading(r, b, headings[cls]);
        tcs_cli_notes_put(r->term, b, n, cls);
        if (cls == TCS_CLASS_LOST && n->bytes_lost) {
            tcs_buf_lit(b, "  ");
            tcs_cli_text_bytes(b, n->bytes_lost);
            tcs_buf_lit(b, " passed over in all\n");
        }
    }
}

/* "12 findings (9 of them grave) and 3 logons, processes and the like of x.json" */
static void
put_left_out(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_left_out *l)
{
    tcs_buf_lit(b, "  ");
    if (l->findings)
        tcs_cli_text_plural(b, l->findings, "finding", "findings");
    if (l->grave) {
        tcs_buf_lit(b, " (");
        tcs_cli_text_count(b, l->grave);
        tcs_buf_lit(b, " high or critical)");
    }
    if (l->findings && l->observations)
        tcs_buf_lit(b, " and ");
    if (l->observations) {
        tcs_cli_text_count(b, l->observations);
        tcs_buf_lit(b, " logons, processes and the like");
    }
    if (l->source.n) {
        tcs_buf_lit(b, " of ");
        tcs_cli_term_put(r->term, b, l->source, 0);
    } else {
        tcs_buf_lit(b, " of other logs");
    }
    tcs_base_buf_c(b, '\n');
}

static void
put_sources(const struct tcs_report *r, struct tcs_buf *b)
{
    uint32_t n = 0;
    const struct tcs_left_out *l = tcs_detect_engine_left_out(r->sum->engine, &n);
    for (uint32_t i = 0; i < n && i < SOURCES; i++)
        put_left_out(r, b, &l[i]);
    if (n > SOURCES)
        tcs_base_buf_printf(b, "  and of %u more logs\n", n - SOURCES);
}

void
tcs_cli_report_grave_loss(struct tcs_buf *b, const struct tcs_report *r)
{
    if (!r->chain || !r->chain->dropped_grave)
        return;
    tcs_cli_report_styled(r, b, TCS_RED_BOLD,
                          TCS_STR("Grave findings are missing in the incidents: more than these "
                                  "logs' shares of what can be joined at once"));
    tcs_base_buf_c(b, '\n');
    put_sources(r, b);
    tcs_buf_lit(b, "  No other log lost anything to them. Look at these logs alone, or at parts of "
                   "them (--from, --to, --host).\n\n");
}

/* Incidents may lack these; nothing is said where nothing is missing. */
static void
put_not_joined(const struct tcs_report *r, struct tcs_buf *b)
{
    const struct tcs_chain_stats none = {0}, *s = r->chain ? r->chain : &none;
    const struct {
        uint64_t n;
        const char *text;
    } rows[] = {
        {s->timeless, "without a time"},
        {s->dropped_detections, "findings beyond the limit"},
        {s->dropped_observations, "logons, processes and the like beyond the limit"},
        {s->dropped_links, "steps of incidents that have hundreds of them"},
        {s->hosts_left_out, "hosts beyond the limit: when they were seen is not known"},
    };
    bool any = s->names_full;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        any = any || rows[i].n;
    if (!any)
        return;
    tcs_cli_report_heading(r, b, "Left out of incidents");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!rows[i].n)
            continue;
        tcs_buf_lit(b, "  ");
        tcs_cli_text_count(b, rows[i].n);
        tcs_base_buf_printf(b, " %s\n", rows[i].text);
    }
    if (!s->dropped_grave) /* else it was said first */
        put_sources(r, b);
    if (s->names_full)
        tcs_buf_lit(b, "  names of hosts, accounts and files beyond the limit: taken as unknown\n");
}

/* Rules that the logs of this run leave blind. */
static void
put_blind(const struct tcs_report *r, struct tcs_buf *b)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_blind_view *v;
    uint32_t n = 0;
    if (!a || !tcs_detect_blind(r->book, tcs_detect_engine_logs(r->sum->engine), a, &v, &n))
        b->failed = true;
    for (uint32_t i = 0; i < n && !b->failed; i++) {
        tcs_buf_lit(b, "  blind in ");
        tcs_cli_term_put(r->term, b, v[i].name, 0);
        tcs_buf_lit(b, ", for want of ");
        tcs_cli_text_plural(b, v[i].nfields, "field", "fields");
        tcs_base_buf_printf(b, ": of %u rules %u cannot match, %u only in part be checked\n",
                            v[i].rules, v[i].cannot_match, v[i].partly);
    }
    tcs_base_arena_free(a);
}

static void
put_rules(const struct tcs_report *r, struct tcs_buf *b)
{
    const struct tcs_rulecount *c = tcs_detect_rulebook_count(r->book);
    const struct tcs_notes *n = tcs_detect_rulebook_notes(r->book);
    tcs_cli_report_heading(r, b, "Rules");
    tcs_buf_lit(b, "  ");
    tcs_cli_text_count(b, c->used);
    if (c->used != c->loaded) {
        tcs_buf_lit(b, " of ");
        tcs_cli_text_count(b, c->loaded);
    }
    tcs_buf_lit(b, " used");
    if (c->unreachable) {
        tcs_buf_lit(b, ", of which ");
        tcs_cli_text_count(b, c->unreachable);
        tcs_buf_lit(b, " wait for logs that this version does not read");
    }
    tcs_base_buf_c(b, '\n');
    if (c->correlations) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_count(b, c->correlations_used);
        if (c->correlations_used != c->correlations) {
            tcs_buf_lit(b, " of ");
            tcs_cli_text_count(b, c->correlations);
        }
        tcs_base_buf_str(b, c->correlations == 1 ? TCS_STR(" correlation used")
                                                 : TCS_STR(" correlations used"));
        if (c->needed) {
            tcs_buf_lit(b, ", and for them ");
            tcs_cli_text_plural(b, c->needed, "rule", "rules");
            tcs_buf_lit(b, " more");
        }
        tcs_base_buf_c(b, '\n');
    }
    if (c->refused) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_count(b, c->refused);
        tcs_buf_lit(b, " refused: ");
        for (uint32_t i = 0; i < c->nreasons; i++) {
            tcs_base_buf_str(b, i ? TCS_STR(", ") : TCS_STR(""));
            tcs_cli_text_count(b, c->reasons[i].count);
            tcs_base_buf_c(b, ' ');
            tcs_cli_term_put(r->term, b, c->reasons[i].reason, 0);
        }
        tcs_buf_lit(b, " (tocsin rules list --refused tells more)\n");
    }
    tcs_cli_notes_put(r->term, b, n, TCS_CLASS_LOST);
    put_blind(r, b);
}

/* What was carved is worth a look only as far as the log does not hold it anyway. */
static void
put_carved(const struct tcs_report *r, struct tcs_buf *b, uint64_t carved)
{
    uint64_t copies = r->stats.carved_copies;
    tcs_cli_text_count(b, carved);
    tcs_buf_lit(b, " carved");
    if (!copies)
        return;
    tcs_buf_lit(b, ", ");
    if (copies == carved) {
        tcs_base_buf_str(b, carved == 1 ? TCS_STR("a copy") : TCS_STR("all copies"));
    } else {
        tcs_cli_text_count(b, copies);
        tcs_base_buf_str(b, copies == 1 ? TCS_STR(" of them a copy") : TCS_STR(" of them copies"));
    }
    tcs_buf_lit(b, " of records that are there");
}

/* Findings that were not told again. */
static void
put_known(const struct tcs_report *r, struct tcs_buf *b)
{
    const struct tcs_engine_stats *s = &r->stats;
    if (s->known) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, s->known, "finding was", "findings were");
        tcs_buf_lit(b, " known from earlier hunts\n");
    }
    if (s->repeated) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, s->repeated, "finding was", "findings were");
        tcs_buf_lit(b, " of copies of records, and counted once\n");
    }
    if (s->forgotten) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, s->forgotten, "key", "keys");
        tcs_buf_lit(b, " of records had to be forgotten: copies of those counted again\n");
    }
}

static void
put_totals(const struct tcs_report *r, struct tcs_buf *b)
{
    const struct tcs_summary *s = r->sum;
    const struct tcs_decode_stats *d = &s->totals->stats;
    double took = s->seconds > 0.001 ? s->seconds : 0.001;
    tcs_cli_report_heading(r, b, "Read");
    tcs_buf_lit(b, "  ");
    tcs_cli_text_plural(b, s->inputs->sources, "log", "logs");
    if (s->inputs->already) {
        tcs_buf_lit(b, " (");
        tcs_cli_text_count(b, s->inputs->already);
        tcs_buf_lit(b, " already read)");
    }
    tcs_buf_lit(b, ", ");
    tcs_cli_text_bytes(b, d->bytes);
    tcs_buf_lit(b, ", ");
    tcs_cli_text_plural(b, d->events, "event", "events");
    if (d->carved) {
        tcs_buf_lit(b, " (");
        put_carved(r, b, d->carved);
        tcs_buf_lit(b, ")");
    }
    if (s->totals->passed_over) {
        tcs_buf_lit(b, ", ");
        tcs_cli_text_count(b, s->totals->passed_over);
        tcs_buf_lit(b, " of them outside --from, --to or --host");
    }
    tcs_base_buf_printf(b, ", in %.1f s (", s->seconds);
    tcs_cli_text_bytes(b, (uint64_t)((double)d->bytes / took));
    tcs_buf_lit(b, "/s, ");
    tcs_cli_text_count(b, (uint64_t)((double)d->events / took));
    tcs_buf_lit(b, " events/s)\n");
    put_known(r, b);
    if (s->totals->interrupted) {
        tcs_cli_term_style(r->term, b, TCS_RED_BOLD);
        tcs_buf_lit(b, "  Interrupted: this covers what was read until then.");
        tcs_cli_term_style(r->term, b, TCS_PLAIN);
        tcs_base_buf_c(b, '\n');
    }
}

void
tcs_cli_report_rest(struct tcs_buf *b, const struct tcs_report *r)
{
    put_not_read(r, b);
    put_not_joined(r, b);
    put_rules(r, b);
    put_totals(r, b);
}

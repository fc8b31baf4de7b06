/* cli/hunt_report_rest.c - the second half of the report: what was not read, which rules
 * ran, totals. */
#include "chain/chain.h"
#include "cli/hunt_report_int.h"
#include "cli/text.h"

enum { QUOTED = 3 }; /* sentences shown of each kind; the rest is counted */

static void
put_note(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_note *n, bool offset)
{
    tcs_cli_term_style(r->term, b, TCS_DIM);
    tcs_buf_lit(b, "    ");
    tcs_cli_term_put(r->term, b, n->path, 0);
    if (offset)
        tcs_base_buf_printf(b, " at byte %llu", (unsigned long long)n->offset);
    tcs_buf_lit(b, ": ");
    tcs_cli_term_put(r->term, b, n->text, 0);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

static void
put_notes(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_notes *n,
          enum tcs_note_kind kind)
{
    uint64_t shown = 0;
    for (; shown < n->nkept[kind] && shown < QUOTED; shown++)
        put_note(r, b, &n->kept[kind][shown], kind == TCS_NOTE_DAMAGED);
    if (n->count[kind] > shown)
        tcs_base_buf_printf(b, "    and %llu more\n", (unsigned long long)(n->count[kind] - shown));
}

static void
put_damage(const struct tcs_report *r, struct tcs_buf *b)
{
    const struct tcs_totals *t = r->sum->totals;
    tcs_buf_lit(b, "  ");
    tcs_cli_text_plural(b, t->notes.count[TCS_NOTE_DAMAGED], "damaged place", "damaged places");
    if (t->stats.bad_records) {
        tcs_buf_lit(b, ", ");
        tcs_cli_text_plural(b, t->stats.bad_records, "record lost", "records lost");
    }
    if (t->stats.bad_chunks) {
        tcs_buf_lit(b, ", ");
        tcs_cli_text_plural(b, t->stats.bad_chunks, "bad chunk", "bad chunks");
    }
    if (t->notes.bytes_lost) {
        tcs_buf_lit(b, ", ");
        tcs_cli_text_bytes(b, t->notes.bytes_lost);
        tcs_buf_lit(b, " passed over");
    }
    tcs_base_buf_c(b, '\n');
    put_notes(r, b, &t->notes, TCS_NOTE_DAMAGED);
}

static void
put_not_read(const struct tcs_report *r, struct tcs_buf *b)
{
    const struct tcs_notes *n = &r->sum->totals->notes;
    if (!n->count[TCS_NOTE_SKIPPED] && !n->count[TCS_NOTE_UNREADABLE] &&
        !n->count[TCS_NOTE_DAMAGED] && !r->stats.regex_limit && !r->stats.cut_values)
        return;
    tcs_cli_report_heading(r, b, "Not read");
    if (n->count[TCS_NOTE_UNREADABLE]) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, n->count[TCS_NOTE_UNREADABLE], "input", "inputs");
        tcs_buf_lit(b, " could not be read\n");
        put_notes(r, b, n, TCS_NOTE_UNREADABLE);
    }
    if (n->count[TCS_NOTE_DAMAGED])
        put_damage(r, b);
    if (n->count[TCS_NOTE_SKIPPED]) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, n->count[TCS_NOTE_SKIPPED], "file", "files");
        tcs_buf_lit(b, " of no known format skipped\n");
        put_notes(r, b, n, TCS_NOTE_SKIPPED);
    }
    if (r->stats.regex_limit) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, r->stats.regex_limit, "value", "values");
        tcs_buf_lit(b, " on which a regular expression took too long and was given up\n");
    }
    if (r->stats.cut_values) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, r->stats.cut_values, "very long value", "very long values");
        tcs_buf_lit(b, " matched on the first part only\n");
    }
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
        {s->hosts_left_out, "times that a host beyond the limit was seen"},
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
    if (s->names_full)
        tcs_buf_lit(b, "  names of hosts, accounts and files beyond the limit: taken as unknown\n");
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
    if (n->count[TCS_NOTE_UNREADABLE]) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, n->count[TCS_NOTE_UNREADABLE], "rule file", "rule files");
        tcs_buf_lit(b, " could not be read\n");
        put_notes(r, b, n, TCS_NOTE_UNREADABLE);
    }
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

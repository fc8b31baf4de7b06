/* cli/hunt_report_incidents.c - what a hunt says first: the incidents, most urgent on top.
 *
 * The first few with their chain and what to do, the others in a line each; all of them whole are
 * in the store, or in the JSON lines. */
#include "cli/hunt_report_int.h"

#include "cli/incident_text.h"
#include "cli/text.h"

#include <stdlib.h>

enum { TOLD_MAX = 5, LISTED_MAX = 40 };

static int
by_urgency(const void *pa, const void *pb)
{
    const struct tcs_incident *a = *(const struct tcs_incident *const *)pa;
    const struct tcs_incident *b = *(const struct tcs_incident *const *)pb;
    if (a->state != b->state)
        return a->state > b->state ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return strcmp(a->id, b->id);
}

static void
put_headline(const struct tcs_report *r, struct tcs_buf *b)
{
    bool first = true;
    tcs_cli_term_style(r->term, b, TCS_BOLD);
    tcs_cli_text_plural(b, r->nincidents, "incident", "incidents");
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    for (uint8_t s = TCS_STATES; s-- > TCS_STATE_WATCH;) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < r->nincidents; i++)
            n += r->incidents[i].state == s;
        if (!n)
            continue;
        tcs_base_buf_str(b, first ? TCS_STR(": ") : TCS_STR(", "));
        first = false;
        tcs_cli_text_count(b, n);
        tcs_base_buf_printf(b, " %s", tcs_chain_state_name(s));
    }
    tcs_buf_lit(b, "\n");
}

static void
put_hint(const struct tcs_report *r, struct tcs_buf *b)
{
    tcs_cli_term_style(r->term, b, TCS_DIM);
    if (r->sum->kept)
        tcs_buf_lit(b, "\nAll of one: tocsin incidents ID. As a page: tocsin report ID.\n\n");
    else
        tcs_buf_lit(b,
                    "\nWith --state DIR they are kept: tocsin incidents shows all of one, tocsin "
                    "report makes a page of it.\n\n");
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
}

void
tcs_cli_report_incidents(struct tcs_buf *b, const struct tcs_report *r)
{
    const struct tcs_incident **order = r->nincidents ? calloc(r->nincidents, sizeof *order) : NULL;
    if (!order) {
        b->failed = b->failed || r->nincidents;
        return;
    }
    for (uint32_t i = 0; i < r->nincidents; i++)
        order[i] = &r->incidents[i];
    qsort(order, r->nincidents, sizeof *order, by_urgency);
    put_headline(r, b);
    for (uint32_t i = 0; i < r->nincidents && i < LISTED_MAX; i++) {
        tcs_base_buf_c(b, '\n');
        if (i < TOLD_MAX)
            tcs_cli_incident_text(b, r->term, order[i], true);
        else
            tcs_cli_incident_line(b, r->term, order[i]);
    }
    if (r->nincidents > LISTED_MAX)
        tcs_base_buf_printf(b, "\nand %u more incidents\n", r->nincidents - LISTED_MAX);
    put_hint(r, b);
    free(order);
}

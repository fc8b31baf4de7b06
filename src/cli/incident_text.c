/* cli/incident_text.c - the head of an incident and its ordered chain, for an 80-column terminal
 * and a reader who has little time: state and summary first. */
#include "cli/incident_int.h"

#include "base/time.h"
#include "cli/text.h"

#include <stdio.h>

enum { WIDTH_UNLIMITED = 110, BRIEF_LINKS = 12, LIST_NAMES = 3, TIME = 8 };

unsigned
tcs_cli_incident_width(const struct tcs_term *t)
{
    return t->width ? t->width : WIDTH_UNLIMITED;
}

void
tcs_cli_incident_heading(struct tcs_buf *b, const struct tcs_term *t, const char *text)
{
    tcs_base_buf_c(b, '\n');
    tcs_cli_term_style(t, b, TCS_BOLD);
    tcs_base_buf_str(b, tcs_base_str_of(text));
    tcs_cli_term_style(t, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

void
tcs_cli_incident_wrap(struct tcs_buf *b, const struct tcs_term *t, struct tcs_str text, size_t at,
                      size_t indent)
{
    size_t col = at, width = tcs_cli_incident_width(t), i = 0;
    struct tcs_buf word = {0};
    bool first = true;
    while (i < text.n) {
        size_t end = tcs_base_str_find(text, ' ', i);
        word.n = 0;
        size_t w = tcs_cli_term_put(t, &word, tcs_base_str_slice(text, i, end), 0);
        i = end + 1;
        if (w == 0)
            continue;
        if (!first && col + 1 + w > width) {
            tcs_base_buf_c(b, '\n');
            tcs_cli_term_pad(b, indent);
            col = indent;
            first = true;
        }
        if (!first)
            tcs_base_buf_c(b, ' ');
        col += w + !first;
        tcs_base_buf_str(b, tcs_base_buf_view(&word));
        first = false;
    }
    if (word.failed)
        b->failed = true;
    tcs_base_buf_done(&word);
    tcs_base_buf_c(b, '\n');
}

void
tcs_cli_incident_time(struct tcs_buf *b, int64_t time)
{
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(time, 0, text);
    if (s.n < 19) {
        tcs_buf_lit(b, "(no time)");
        return;
    }
    tcs_base_buf_put(b, s.p, 10);
    tcs_base_buf_c(b, ' ');
    tcs_base_buf_put(b, s.p + 11, 8);
}

/* First and last, without repeating the date; minutes are enough in a list. */
static void
put_span(struct tcs_buf *b, const struct tcs_term *t, int64_t first, int64_t last, size_t n)
{
    char one[TCS_TIME_TEXT], two[TCS_TIME_TEXT];
    struct tcs_str a = tcs_base_time_format(first, 0, one), z = tcs_base_time_format(last, 0, two);
    if (a.n < 19 || z.n < 19) {
        tcs_buf_lit(b, "(no time)");
        return;
    }
    one[10] = two[10] = ' ';
    tcs_base_buf_put(b, a.p, n);
    if (memcmp(a.p, z.p, n) == 0)
        return;
    tcs_base_buf_str(b, t->utf8 ? TCS_STR(" \xe2\x80\x93 ") : TCS_STR(" - "));
    size_t from = memcmp(a.p, z.p, 10) == 0 ? 11 : 0;
    tcs_base_buf_put(b, z.p + from, n - from);
}

bool
tcs_cli_incident_evidence(struct tcs_buf *b, const struct tcs_evidence *e)
{
    struct tcs_str name = e->file;
    if (!e->file.n)
        return false;
    for (size_t i = e->file.n; i; i--)
        if (e->file.p[i - 1] == '/' || e->file.p[i - 1] == '!') {
            name = tcs_base_str_slice(e->file, i, e->file.n);
            break;
        }
    tcs_base_buf_str(b, name);
    if (e->record_id)
        tcs_base_buf_printf(b, ", record %llu", (unsigned long long)e->record_id);
    else
        tcs_base_buf_printf(b, ", byte %llu", (unsigned long long)e->offset);
    return true;
}

char
tcs_cli_incident_letter(uint8_t stage)
{
    return stage > TCS_STAGE_NONE && stage < TCS_STAGES ? (char)('A' + stage - 1) : '-';
}

void
tcs_cli_incident_more(struct tcs_buf *b, const struct tcs_term *t, uint64_t n)
{
    if (!n)
        return;
    tcs_cli_term_style(t, b, TCS_DIM);
    tcs_buf_lit(b, "  and ");
    tcs_cli_text_count(b, n);
    tcs_buf_lit(b, " more");
    tcs_cli_term_style(t, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

static enum tcs_style
style_of(uint8_t state)
{
    static const enum tcs_style styles[TCS_STATES] = {TCS_DIM, TCS_CYAN, TCS_YELLOW, TCS_RED,
                                                      TCS_RED_BOLD};
    return styles[state < TCS_STATES ? state : 0];
}

static void
put_state(struct tcs_buf *b, const struct tcs_term *t, uint8_t state)
{
    tcs_cli_term_style(t, b, style_of(state));
    tcs_base_buf_str(b, tcs_base_str_of(tcs_chain_state_name(state)));
    tcs_cli_term_style(t, b, TCS_PLAIN);
}

static void
put_stages(struct tcs_buf *b, uint32_t stages)
{
    for (uint8_t i = 1; i < TCS_STAGES; i++)
        tcs_base_buf_c(b, stages & (1u << i) ? tcs_cli_incident_letter(i) : '-');
}

/* "WS5, DC01 and 2 more" */
static void
add_names(struct tcs_buf *b, const struct tcs_str *names, uint32_t n, uint32_t most)
{
    for (uint32_t i = 0; i < n && i < most; i++) {
        tcs_base_buf_str(b, i ? TCS_STR(", ") : TCS_STR(""));
        tcs_base_buf_str(b, names[i]);
    }
    if (n > most)
        tcs_base_buf_printf(b, " and %u more", n - most);
}

/* Up to the first full stop that ends a sentence. */
static struct tcs_str
first_sentence(struct tcs_str s)
{
    for (size_t i = 0; i + 1 < s.n; i++)
        if (s.p[i] == '.' && (s.p[i + 1] == ' ' || s.p[i + 1] == '\n'))
            return tcs_base_str_slice(s, 0, i + 1);
    return s;
}

void
tcs_cli_incident_line(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in)
{
    enum { STATE_WIDTH = 18, MINUTES = 16 };
    struct tcs_buf who = {0};
    tcs_base_buf_put(b, in->id, TCS_INCIDENT_SHORT);
    tcs_buf_lit(b, "  ");
    put_state(b, t, in->state);
    tcs_cli_term_pad(b, STATE_WIDTH - strlen(tcs_chain_state_name(in->state)));
    put_stages(b, in->stages);
    tcs_buf_lit(b, "  ");
    put_span(b, t, in->first, in->last, MINUTES);
    tcs_base_buf_c(b, '\n');
    add_names(&who, in->hosts, in->nhosts, LIST_NAMES);
    if (in->naccounts) {
        tcs_base_buf_str(&who, who.n ? TCS_STR("; ") : TCS_STR(""));
        add_names(&who, in->accounts, in->naccounts, LIST_NAMES);
    }
    if (who.n) {
        tcs_buf_lit(b, "          ");
        tcs_cli_incident_wrap(b, t, tcs_base_buf_view(&who), 10, 10);
    }
    if (in->summary.n) {
        tcs_buf_lit(b, "          ");
        tcs_cli_incident_wrap(b, t, first_sentence(in->summary), 10, 10);
    }
    tcs_base_buf_done(&who);
}

static void
put_head(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in)
{
    enum { SECONDS = 19 };
    struct tcs_buf line = {0};
    tcs_cli_term_style(t, b, TCS_BOLD);
    tcs_buf_lit(b, "Incident ");
    tcs_base_buf_put(b, in->id, TCS_INCIDENT_SHORT);
    tcs_cli_term_style(t, b, TCS_PLAIN);
    tcs_buf_lit(b, "  ");
    put_state(b, t, in->state);
    tcs_buf_lit(b, "  ");
    put_stages(b, in->stages);
    tcs_buf_lit(b, "\n");
    put_span(&line, t, in->first, in->last, SECONDS);
    tcs_buf_lit(&line, " UTC, ");
    tcs_cli_text_plural(&line, in->detections, "finding", "findings");
    tcs_base_buf_printf(&line, ", score %u", in->score);
    tcs_cli_incident_wrap(b, t, tcs_base_buf_view(&line), 0, 0);
    tcs_base_buf_done(&line);
    tcs_base_buf_c(b, '\n');
    tcs_cli_incident_wrap(b, t, in->summary, 0, 0);
}

/* A name in a column of that width. */
static void
cell(struct tcs_buf *b, const struct tcs_term *t, struct tcs_str s, size_t width)
{
    size_t w = tcs_cli_term_put(t, b, s.n ? s : TCS_STR("-"), width);
    tcs_cli_term_pad(b, width + 1 - w);
}

/* The account without its domain where both do not fit: the names in full come at the end. */
static struct tcs_str
fitting(struct tcs_str account, size_t width)
{
    size_t slash = tcs_base_str_find(account, '\\', 0);
    if (account.n <= width || slash == account.n)
        return account;
    return tcs_base_str_slice(account, slash + 1, account.n);
}

static void
put_day(struct tcs_buf *b, const struct tcs_term *t, int64_t time)
{
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(time, 0, text);
    tcs_cli_term_style(t, b, TCS_DIM);
    tcs_buf_lit(b, "  ");
    tcs_base_buf_str(b, s.n < 10 ? TCS_STR("(no time)") : tcs_base_str_slice(s, 0, 10));
    tcs_cli_term_style(t, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

/* The second line of a link: the proof, how often, from where. */
static void
put_proof(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_link *l, size_t indent)
{
    struct tcs_buf text = {0};
    tcs_cli_incident_evidence(&text, &l->evidence);
    if (l->count > 1)
        tcs_base_buf_printf(&text, "%s%llu times", text.n ? "; " : "",
                            (unsigned long long)l->count);
    if (l->source.n) {
        tcs_base_buf_str(&text, text.n ? TCS_STR("; from ") : TCS_STR("from "));
        tcs_base_buf_str(&text, tcs_chain_host_short(l->source));
    }
    if (l->unchecked.n)
        tcs_base_buf_printf(&text, "%snot checked, for want of the field: %.*s", text.n ? "; " : "",
                            TCS_STR_FMT(l->unchecked));
    if (text.n) {
        tcs_cli_term_style(t, b, TCS_DIM);
        tcs_cli_term_pad(b, indent);
        tcs_cli_incident_wrap(b, t, tcs_base_buf_view(&text), indent, indent);
        tcs_cli_term_style(t, b, TCS_PLAIN);
    }
    tcs_base_buf_done(&text);
}

static void
put_link(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_link *l)
{
    size_t width = tcs_cli_incident_width(t), host = width / 6, account = width / 5;
    size_t what = 2 + TIME + 1 + 2 + host + 1 + account + 1;
    char text[TCS_TIME_TEXT];
    struct tcs_str time = tcs_base_time_format(l->time, 0, text);
    tcs_buf_lit(b, "  ");
    tcs_base_buf_str(b, time.n < 19 ? TCS_STR("--------") : tcs_base_str_slice(time, 11, 19));
    tcs_base_buf_printf(b, " %c ", tcs_cli_incident_letter(l->stage));
    cell(b, t, tcs_chain_host_short(l->host), host);
    cell(b, t, fitting(l->account, account), account);
    tcs_cli_incident_wrap(b, t, l->title, what, what);
    put_proof(b, t, l, 2 + TIME + 3);
}

/* The links of the chain, or those beside it; at most so many.  Returns how many were left out. */
static uint64_t
put_links(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in, bool chosen,
          uint64_t most)
{
    const int64_t day = INT64_C(86400) * TCS_TICKS_PER_SEC;
    int64_t last_day = INT64_MIN;
    uint64_t shown = 0, left = 0;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        if (l->chosen != chosen || shown == most) {
            left += l->chosen == chosen;
            continue;
        }
        if (shown == 0)
            tcs_cli_incident_heading(b, t, chosen ? "What happened, in order" : "Besides");
        if (l->time / day != last_day)
            put_day(b, t, l->time);
        last_day = l->time / day;
        put_link(b, t, l);
        shown++;
    }
    return left;
}

static void
put_chain(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in, bool brief)
{
    uint64_t left = put_links(b, t, in, true, brief ? BRIEF_LINKS : UINT64_MAX);
    left += put_links(b, t, in, false, brief ? 0 : UINT64_MAX);
    tcs_cli_incident_more(b, t, left + in->dropped);
}

void
tcs_cli_incident_text(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in,
                      bool brief)
{
    put_head(b, t, in);
    put_chain(b, t, in, brief);
    tcs_cli_incident_parts(b, t, in, brief);
}

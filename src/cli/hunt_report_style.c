/* cli/hunt_report_style.c - what the parts of the report share: levels' colours, headings,
 * time spans. */
#include "cli/hunt_report_int.h"

#include "attack/level.h"
#include "base/time.h"

enum { WIDTH_UNLIMITED = 110 }; /* where nothing says how wide the output may be */

enum tcs_style
tcs_cli_report_style(uint8_t level)
{
    static const enum tcs_style styles[TCS_LEVELS] = {TCS_DIM,    TCS_DIM, TCS_CYAN,
                                                      TCS_YELLOW, TCS_RED, TCS_RED_BOLD};
    return styles[level < TCS_LEVELS ? level : 0];
}

void
tcs_cli_report_styled(const struct tcs_report *r, struct tcs_buf *b, enum tcs_style s,
                      struct tcs_str text)
{
    tcs_cli_term_style(r->term, b, s);
    tcs_base_buf_str(b, text);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
}

void
tcs_cli_report_heading(const struct tcs_report *r, struct tcs_buf *b, const char *text)
{
    tcs_base_buf_c(b, '\n');
    tcs_cli_report_styled(r, b, TCS_BOLD, tcs_base_str_of(text));
    tcs_base_buf_c(b, '\n');
}

const char *
tcs_cli_report_dot(const struct tcs_report *r)
{
    return r->term->utf8 ? " \xc2\xb7 " : " - ";
}

/* "2026-04-20 10:00:35", or only the time when the date has just been said. */
static void
put_time(struct tcs_buf *b, int64_t t, bool date)
{
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(t, 0, text);
    if (s.n < 19) {
        tcs_buf_lit(b, "at an unknown time");
        return;
    }
    if (date) {
        tcs_base_buf_put(b, s.p, 10);
        tcs_base_buf_c(b, ' ');
    }
    tcs_base_buf_put(b, s.p + 11, 8);
}

void
tcs_cli_report_span(const struct tcs_report *r, struct tcs_buf *b, int64_t first, int64_t last)
{
    const int64_t day = INT64_C(86400) * TCS_TICKS_PER_SEC;
    put_time(b, first, true);
    if (first == TCS_TIME_NONE || last / TCS_TICKS_PER_SEC == first / TCS_TICKS_PER_SEC)
        return;
    tcs_base_buf_str(b, r->term->utf8 ? TCS_STR(" \xe2\x80\x93 ") : TCS_STR(" - "));
    put_time(b, last, last / day != first / day);
}

unsigned
tcs_cli_report_width(const struct tcs_report *r)
{
    return r->term->width ? r->term->width : WIDTH_UNLIMITED;
}

/* report/escape.c - names from logs, made harmless for each format.
 *
 * In: any bytes.  Out: visible text in which nothing acts: no markup, no control character, no
 * change of text direction, no formula, no mention.  Two steps: report_visible, then the
 * format's own escapes.  What is cut is said. */
#include "report/report_int.h"

#include "base/utf.h"

/* Characters that change how others are shown, or are shown as nothing, or that XML forbids. */
static bool
steers(uint32_t cp)
{
    static const uint32_t ranges[][2] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},    {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},  {0x2028, 0x202e},
        {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},  {0xfeff, 0xfeff},
        {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1])
            return true;
    return cp > 0xffff && (cp & 0xfffe) == 0xfffe;
}

static void
put_one(struct tcs_buf *b, uint32_t cp)
{
    char out[4];
    if (cp == '\n')
        tcs_buf_lit(b, "\\n");
    else if (cp == '\r')
        tcs_buf_lit(b, "\\r");
    else if (cp == '\t')
        tcs_buf_lit(b, "\\t");
    else if (steers(cp))
        tcs_base_buf_printf(b, cp < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)cp);
    else
        tcs_base_buf_put(b, out, tcs_base_utf8_put(out, cp));
}

void
report_visible(struct tcs_buf *b, struct tcs_str s, size_t max)
{
    size_t at = 0;
    for (size_t n = 0; at < s.n && n < max; n++)
        put_one(b, tcs_base_utf8_next(s, &at));
    if (at < s.n)
        tcs_base_buf_printf(b, "\xe2\x80\xa6 (%zu more bytes)", s.n - at);
}

static void
put_html(struct tcs_buf *b, struct tcs_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            tcs_buf_lit(b, "&amp;");
            break;
        case '<':
            tcs_buf_lit(b, "&lt;");
            break;
        case '>':
            tcs_buf_lit(b, "&gt;");
            break;
        case '"':
            tcs_buf_lit(b, "&quot;");
            break;
        case '\'':
            tcs_buf_lit(b, "&#39;");
            break;
        default:
            tcs_base_buf_c(b, s.p[i]);
        }
    }
}

void
report_html(struct tcs_buf *b, struct tcs_str s, size_t max)
{
    struct tcs_buf v = {0};
    report_visible(&v, s, max);
    put_html(b, tcs_base_buf_view(&v));
    b->failed |= v.failed;
    tcs_base_buf_done(&v);
}

/* `at` goes on with something that GitHub makes a link of although it is escaped.  An empty comment
 * in the middle of it prevents that; never at the beginning, where it would start a block of HTML.
 */
static bool
linked(struct tcs_str s, size_t at)
{
    if (at == 0)
        return false;
    return s.p[at - 1] == '@' || s.p[at - 1] == '#' ||
           tcs_base_str_starts(tcs_base_str_slice(s, at, s.n), TCS_STR("://")) ||
           (at >= 3 && s.p[at] == '.' &&
            tcs_base_str_ieq(tcs_base_str_slice(s, at - 3, at), TCS_STR("www")));
}

/* lead: only digits stand before, so that the line could still become a list, heading or quote. */
static void
put_md(struct tcs_buf *b, char c, bool lead)
{
    static const char always[] = "\\`*_[]|~$^", leading[] = "-+>#=.)";
    if (c == '<')
        tcs_buf_lit(b, "&lt;");
    else if (c == '&')
        tcs_buf_lit(b, "&amp;");
    else if (c == ' ' && lead)
        tcs_buf_lit(b, "&#32;");
    else if (strchr(always, c) || (lead && strchr(leading, c)))
        tcs_base_buf_printf(b, "\\%c", c);
    else
        tcs_base_buf_c(b, c);
}

void
report_md(struct tcs_buf *b, struct tcs_str s, size_t max)
{
    struct tcs_buf v = {0};
    bool lead = true;
    report_visible(&v, s, max);
    for (size_t i = 0; i < v.n; i++) {
        if (linked(tcs_base_buf_view(&v), i))
            tcs_buf_lit(b, "<!-- -->");
        put_md(b, v.p[i], lead);
        lead = lead && v.p[i] >= '0' && v.p[i] <= '9';
    }
    b->failed |= v.failed;
    tcs_base_buf_done(&v);
}

/* The fence is one longer than the longest run of backticks inside; a bar would end a cell of a
 * table even here. */
void
report_md_code(struct tcs_buf *b, struct tcs_str s, size_t max)
{
    struct tcs_buf v = {0};
    size_t run = 0, longest = 0;
    report_visible(&v, s, max);
    for (size_t i = 0; i < v.n; i++) {
        run = v.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    bool pad = v.n && (v.p[0] == '`' || v.p[v.n - 1] == '`' || v.p[0] == ' ');
    for (size_t i = 0; i <= longest && v.n; i++)
        tcs_base_buf_c(b, '`');
    if (pad)
        tcs_base_buf_c(b, ' ');
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '|')
            tcs_base_buf_c(b, '\\');
        tcs_base_buf_c(b, v.p[i]);
    }
    if (pad)
        tcs_base_buf_c(b, ' ');
    for (size_t i = 0; i <= longest && v.n; i++)
        tcs_base_buf_c(b, '`');
    b->failed |= v.failed;
    tcs_base_buf_done(&v);
}

/* Spreadsheets run a cell that begins so; the full-width forms too in some languages. */
static bool
is_formula(struct tcs_str s)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"};
    size_t i = 0;
    while (i < s.n && s.p[i] == ' ')
        i++;
    if (i == s.n)
        return false;
    if (strchr("=+-@|%", s.p[i]))
        return true;
    for (size_t k = 0; k < sizeof wide / sizeof *wide; k++)
        if (tcs_base_str_starts(tcs_base_str_slice(s, i, s.n), tcs_base_str_of(wide[k])))
            return true;
    return false;
}

void
report_csv(struct tcs_buf *b, struct tcs_str s, size_t max)
{
    struct tcs_buf v = {0};
    report_visible(&v, s, max);
    tcs_base_buf_c(b, '"');
    if (is_formula(tcs_base_buf_view(&v)))
        tcs_base_buf_c(b, '\'');
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '"')
            tcs_base_buf_c(b, '"');
        tcs_base_buf_c(b, v.p[i]);
    }
    tcs_base_buf_c(b, '"');
    b->failed |= v.failed;
    tcs_base_buf_done(&v);
}

/* Hundredths of the size, not less than in DejaVu Sans, the widest usual face. */
static int
advance(uint32_t cp)
{
    if (cp >= 0x80)
        return cp == 0x2026 ? 100 : cp < 0x1100 ? 85 : 120;
    if (strchr("WM@mw%", (int)cp))
        return 100;
    if (strchr("iljI.,:;|!'()[]/ ft-", (int)cp))
        return 42;
    return cp >= 'A' && cp <= 'Z' ? 79 : 66;
}

static int
width_until(struct tcs_str s, int limit, size_t *fits)
{
    enum { SIZE = 11 };
    int sum = 0;
    size_t at = 0;
    *fits = 0;
    while (at < s.n) {
        sum += advance(tcs_base_utf8_next(s, &at));
        if ((sum * SIZE + 99) / 100 > limit)
            break;
        *fits = at;
    }
    return (sum * SIZE + 99) / 100;
}

int
report_label_width(struct tcs_str s)
{
    struct tcs_buf v = {0};
    size_t fits;
    report_visible(&v, s, RP_LABEL_MAX);
    int w = width_until(tcs_base_buf_view(&v), 1 << 20, &fits);
    tcs_base_buf_done(&v);
    return w;
}

int
report_label(struct tcs_buf *b, struct tcs_str s, int px)
{
    enum { ELLIPSIS = 11 };
    struct tcs_buf v = {0};
    size_t fits;
    size_t at = 0;
    for (size_t n = 0; at < s.n && n < RP_LABEL_MAX; n++)
        put_one(&v, tcs_base_utf8_next(s, &at));
    struct tcs_str whole = tcs_base_buf_view(&v);
    int w = width_until(whole, px, &fits);
    if (w <= px && at == s.n) {
        put_html(b, whole);
    } else {
        w = width_until(whole, px - ELLIPSIS, &fits);
        put_html(b, tcs_base_str_slice(whole, 0, fits));
        tcs_buf_lit(b, "\xe2\x80\xa6");
        w = px;
    }
    b->failed |= v.failed;
    tcs_base_buf_done(&v);
    return w;
}

/* cli/term.c - terminal properties; foreign text made harmless before it is shown.
 *
 * In: any bytes.  Out: printable text of known width.  Shown as \xNN or \u{N}: C0 and C1 controls,
 * DEL, bidirectional overrides and isolates, invisible format characters.  Not done here: layout.
 */
#include "cli/term.h"

#include "base/num.h"
#include "base/utf.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { WIDTH_MIN = 40, WIDTH_MAX = 1000, COMPLAINT_MAX = 2048 };

static unsigned
width_of(int fd, bool tty)
{
    const char *env = getenv("COLUMNS");
    uint64_t n = 0;
    if (env && *env && tcs_base_num_u64(tcs_base_str_of(env), &n) && n >= WIDTH_MIN &&
        n <= WIDTH_MAX)
        return (unsigned)n;
    if (!tty)
        return 0;
    struct winsize ws;
    if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col)
        return ws.ws_col < WIDTH_MIN ? WIDTH_MIN : ws.ws_col;
    return 80;
}

struct tcs_term
tcs_cli_term_probe(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    struct tcs_term t = {.tty = isatty(fd) == 1};
    t.width = width_of(fd, t.tty);
    t.colour = t.tty && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
    t.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return t;
}

void
tcs_cli_term_style(const struct tcs_term *t, struct tcs_buf *b, enum tcs_style s)
{
    static const char *const codes[] = {
        [TCS_PLAIN] = "\033[0m",       [TCS_BOLD] = "\033[1m",   [TCS_DIM] = "\033[2m",
        [TCS_RED_BOLD] = "\033[1;31m", [TCS_RED] = "\033[31m",   [TCS_YELLOW] = "\033[33m",
        [TCS_CYAN] = "\033[36m",       [TCS_GREEN] = "\033[32m",
    };
    if (t->colour)
        tcs_base_buf_str(b, tcs_base_str_of(codes[s]));
}

/* Characters that change how other text is shown, or are shown as nothing. */
static bool
harmful(uint32_t cp)
{
    static const uint32_t ranges[][2] = {{0, 0x1f},        {0x7f, 0x9f},      {0xad, 0xad},
                                         {0x61c, 0x61c},   {0x200b, 0x200f},  {0x2028, 0x202e},
                                         {0x2060, 0x206f}, {0xfe00, 0xfe0f},  {0xfeff, 0xfeff},
                                         {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1])
            return true;
    return false;
}

/* One character's shown form in out; returns its bytes, and its columns in *cols. */
static size_t
shown(const struct tcs_term *t, uint32_t cp, char out[16], size_t *cols)
{
    int n, w = 1;
    if (cp >= 0x20 && cp < 0x7f) {
        out[0] = (char)cp;
        *cols = 1;
        return 1;
    }
    if (!harmful(cp) && t->utf8 && (w = wcwidth((wchar_t)cp)) >= 0) {
        *cols = (size_t)w;
        return tcs_base_utf8_put(out, cp);
    }
    if (cp < 0x100)
        n = snprintf(out, 16, "\\x%02x", (unsigned)cp);
    else
        n = snprintf(out, 16, "\\u{%x}", (unsigned)cp);
    *cols = (size_t)n;
    return (size_t)n;
}

/* Bytes of s that fit into max columns together with an ellipsis; s.n if all of it fits. */
static size_t
cut_at(const struct tcs_term *t, struct tcs_str s, size_t max, size_t ellipsis)
{
    size_t cols = 0, at = 0, cut = 0;
    char tmp[16];
    while (at < s.n) {
        size_t w;
        shown(t, tcs_base_utf8_next(s, &at), tmp, &w);
        cols += w;
        if (cols > max)
            return cut;
        if (cols + ellipsis <= max)
            cut = at;
    }
    return s.n;
}

size_t
tcs_cli_term_put(const struct tcs_term *t, struct tcs_buf *b, struct tcs_str s, size_t max)
{
    struct tcs_str dots = t->utf8 ? TCS_STR("\xe2\x80\xa6") : TCS_STR("...");
    size_t dots_cols = t->utf8 ? 1 : 3, cols = 0, at = 0;
    size_t end = max ? cut_at(t, s, max, dots_cols) : s.n;
    char tmp[16];
    while (at < end) {
        size_t w, n = shown(t, tcs_base_utf8_next(s, &at), tmp, &w);
        tcs_base_buf_put(b, tmp, n);
        cols += w;
    }
    if (end < s.n && max >= dots_cols) {
        tcs_base_buf_str(b, dots);
        cols += dots_cols;
    }
    return cols;
}

void
tcs_cli_term_pad(struct tcs_buf *b, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        tcs_base_buf_c(b, ' ');
}

void
tcs_cli_complain(const char *fmt, ...)
{
    char text[COMPLAINT_MAX];
    struct tcs_term t = tcs_cli_term_probe(STDERR_FILENO);
    struct tcs_buf b = {0};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tcs_buf_lit(&b, "tocsin: ");
    tcs_cli_term_put(&t, &b, tcs_base_str_of(text), 0);
    tcs_base_buf_c(&b, '\n');
    fwrite(b.p, 1, b.n, stderr);
    tcs_base_buf_done(&b);
}

void
tcs_cli_term_lines(const struct tcs_term *t, struct tcs_buf *b, struct tcs_str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t end = tcs_base_str_find(s, '\n', i);
        tcs_cli_term_put(t, b, tcs_base_str_slice(s, i, end), 0);
        tcs_base_buf_c(b, '\n');
        i = end + 1;
    }
}

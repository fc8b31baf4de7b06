/* cli/term.h - what the output device can show, and text that cannot do more than be shown.
 *
 * Logs and rules are written by others: every byte of theirs that reaches a terminal goes through
 * tcs_cli_term_put, which lets no control character, no escape sequence and no text-direction
 * override through. */
#pragma once
#include "base/buf.h"

#include <stdint.h>

struct tcs_term {
    unsigned width; /* columns; 0: no limit (not a terminal and no COLUMNS) */
    bool tty, colour, utf8;
};

enum tcs_style {
    TCS_PLAIN,
    TCS_BOLD,
    TCS_DIM,
    TCS_RED_BOLD,
    TCS_RED,
    TCS_YELLOW,
    TCS_CYAN,
    TCS_GREEN,
};

/* Reads NO_COLOR, TERM, COLUMNS and the locale's character set; setlocale is called by main. */
struct tcs_term tcs_cli_term_probe(int fd);
/* Start a style (TCS_PLAIN: end it); nothing without colour. */
void tcs_cli_term_style(const struct tcs_term *t, struct tcs_buf *b, enum tcs_style s);
/* Foreign text, made harmless, cut to `max` columns (0: not cut) with an ellipsis.  Returns the
 * columns it takes. */
size_t tcs_cli_term_put(const struct tcs_term *t, struct tcs_buf *b, struct tcs_str s, size_t max);
void tcs_cli_term_pad(struct tcs_buf *b, size_t columns); /* spaces */
/* A line of foreign text to standard error: "tocsin: ...".  Made harmless, never coloured. */
void tcs_cli_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Lines that end in \n and may hold foreign text, each through tcs_cli_term_put. */
void tcs_cli_term_lines(const struct tcs_term *t, struct tcs_buf *b, struct tcs_str s);

/* input/csv_scan.h - tables as text: RFC 4180, with a comma, a semicolon or a tab between the
 * columns.
 *
 * Nothing in a file's bytes says for sure that it is such a table, so a source is taken for one
 * only if its first row names all columns of a table that the user described (--alert-map).  That
 * row goes with every block (tcs_block.head), since blocks are decoded on their own.
 *
 * A row ends at a line feed outside quotes.  One that has text behind a closing quote, or does not
 * end within TCS_CSV_ROW_MAX bytes or before the source does, is not believed: its bytes are read
 * again line by line, so that a quote that is never closed costs its own line and no other. */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* The columns that a described table has; a source may have more of them, in any order. */
struct tcs_csv_table {
    const struct tcs_str *columns;
    uint32_t n;
};

struct tcs_csv_tables {
    const struct tcs_csv_table *at;
    uint32_t n;
};

/* Does a source that begins with these bytes have all columns of one of the tables?  Case counts.
 * `all`: the bytes are the whole source. */
bool tcs_input_csv_sniff(const struct tcs_csv_tables *t, const uint8_t *p, size_t n, bool all);

enum tcs_csv_end {
    TCS_CSV_MORE,  /* more bytes are needed to tell */
    TCS_CSV_ROW,   /* one row, its line end included */
    TCS_CSV_LINES, /* ends like a row but is none: read each line in it as one */
    TCS_CSV_OPEN,  /* does not end: the same.  A block must end behind it */
};
/* The row at the beginning of the bytes, as long as *len says.  `all`: nothing follows them.
 * n > 0.  A pure function of the bytes up to the end of what it finds. */
enum tcs_csv_end tcs_input_csv_next(const uint8_t *p, size_t n, bool all, char delimiter,
                                    size_t *len);
/* What stands between the columns of this first row. */
char tcs_input_csv_delimiter(struct tcs_str head);
/* Rows in [p, p + n), which tcs_input_csv_next found to be `end`: empty lines are none. */
uint64_t tcs_input_csv_rows(const uint8_t *p, size_t n, enum tcs_csv_end end);
/* [p, p + n) without its line end. */
struct tcs_str tcs_input_csv_line(const uint8_t *p, size_t n);

/* input/csv_scan.c - where rows end, and whether a source is a table: what framer and decoder must
 * agree on.  Reads no values. */
#include "input/csv_scan.h"
#include "base/limits.h"

static const char delimiters[] = {',', ';', '\t'};

char
tcs_input_csv_delimiter(struct tcs_str head)
{
    bool quoted = false;
    for (size_t i = 0; i < head.n; i++) {
        quoted ^= head.p[i] == '"';
        if (!quoted && head.p[i] == '\n')
            break;
        if (!quoted && memchr(delimiters, head.p[i], sizeof delimiters))
            return head.p[i];
    }
    return ',';
}

/* May this stand behind a closing quote? */
static bool
ends_value(const uint8_t *p, size_t n, char delimiter)
{
    return n == 0 || *p == (uint8_t)delimiter || *p == '\n' ||
           (*p == '\r' && (n == 1 || p[1] == '\n'));
}

/* Behind the row that begins at p, or 0: it does not end in these bytes.  *what: what it is if it
 * does, or if no more bytes follow. */
static size_t
row_end(const uint8_t *p, size_t n, char delimiter, enum tcs_csv_end *what)
{
    bool start = true; /* of a field: only there does a quote open one */
    *what = TCS_CSV_ROW;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\n')
            return i + 1;
        if (!start || p[i] != '"') {
            start = p[i] == (uint8_t)delimiter;
            continue;
        }
        start = false;
        const uint8_t *q = memchr(p + i + 1, '"', n - i - 1);
        while (q && (size_t)(q - p) + 1 < n && q[1] == '"')
            q = memchr(q + 2, '"', n - (size_t)(q - p) - 2);
        if (!q) {
            *what = TCS_CSV_OPEN;
            return 0;
        }
        i = (size_t)(q - p);
        if (!ends_value(q + 1, n - i - 1, delimiter))
            *what = TCS_CSV_LINES;
    }
    return 0;
}

/* The lines that a row of too many bytes is broken into: those that end within the limit, or the
 * one that does not. */
static enum tcs_csv_end
broken(const uint8_t *p, size_t n, bool all, size_t *len)
{
    const uint8_t *nl = memrchr(p, '\n', TCS_CSV_ROW_MAX);
    if (!nl)
        nl = memchr(p + TCS_CSV_ROW_MAX, '\n', n - TCS_CSV_ROW_MAX);
    if (!nl && !all)
        return TCS_CSV_MORE;
    *len = nl ? (size_t)(nl - p) + 1 : n;
    return TCS_CSV_OPEN;
}

enum tcs_csv_end
tcs_input_csv_next(const uint8_t *p, size_t n, bool all, char delimiter, size_t *len)
{
    bool enough = n >= TCS_CSV_ROW_MAX;
    enum tcs_csv_end what;
    size_t end = row_end(p, enough ? TCS_CSV_ROW_MAX : n, delimiter, &what);
    if (end) {
        *len = end;
        return what;
    }
    if (enough)
        return broken(p, n, all, len);
    if (!all)
        return TCS_CSV_MORE;
    *len = n;
    return what;
}

static bool
is_blank(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != '\r' && p[i] != '\n')
            return false;
    return true;
}

uint64_t
tcs_input_csv_rows(const uint8_t *p, size_t n, enum tcs_csv_end end)
{
    uint64_t rows = 0;
    if (end == TCS_CSV_ROW)
        return !is_blank(p, n);
    for (size_t at = 0; at < n;) {
        const uint8_t *nl = memchr(p + at, '\n', n - at);
        size_t next = nl ? (size_t)(nl - p) + 1 : n;
        rows += !is_blank(p + at, next - at);
        at = next;
    }
    return rows;
}

struct tcs_str
tcs_input_csv_line(const uint8_t *p, size_t n)
{
    while (n && (p[n - 1] == '\n' || p[n - 1] == '\r'))
        n--;
    return (struct tcs_str){(const char *)p, n};
}

/* Is there a column of that name in the first row?  Names with doubled quotes are not looked for.
 */
static bool
has_column(struct tcs_str head, char delimiter, struct tcs_str name)
{
    for (size_t at = 0; at <= head.n;) {
        size_t end = tcs_base_str_find(head, delimiter, at);
        if (at < head.n && head.p[at] == '"') {
            size_t close = tcs_base_str_find(head, '"', at + 1);
            if (tcs_base_str_eq(tcs_base_str_slice(head, at + 1, close), name))
                return true;
            end = tcs_base_str_find(head, delimiter, close);
        } else if (tcs_base_str_eq(tcs_base_str_slice(head, at, end), name)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

static bool
has_columns(struct tcs_str head, char delimiter, const struct tcs_csv_table *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (!has_column(head, delimiter, t->columns[i]))
            return false;
    return t->n != 0;
}

bool
tcs_input_csv_sniff(const struct tcs_csv_tables *t, const uint8_t *p, size_t n, bool all)
{
    size_t len, mark = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    p += mark;
    n -= mark;
    if (!t || n == 0)
        return false;
    char delimiter = tcs_input_csv_delimiter((struct tcs_str){(const char *)p, n});
    if (tcs_input_csv_next(p, n, all, delimiter, &len) != TCS_CSV_ROW || len > TCS_CSV_HEAD_MAX)
        return false;
    struct tcs_str head = tcs_input_csv_line(p, len);
    for (uint32_t i = 0; i < t->n; i++)
        if (has_columns(head, delimiter, &t->at[i]))
            return true;
    return false;
}

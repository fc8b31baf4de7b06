/* decode/text/csv.c - rows of a table -> events whose fields are the columns.
 *
 * Values stay slices of the block unless quotes are doubled in them.  All are text: what a number
 * or a time is, is the reader's question.  A row with more or fewer values than there are columns
 * is a problem and no event, since nobody can tell which value is which.
 *
 * A row's content is its own bytes, without the names of the columns: who exports a table twice
 * with the same columns gets the same rows, and with other columns the rows are others. */
#include "base/limits.h"
#include "decode/formats.h"
#include "decode/json/builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct column {
    struct tcs_str name;
    struct tcs_name *known; /* NULL: to be looked up for each row */
};

struct tcs_decoder {
    struct tcs_builder *builder;
    struct tcs_buf head; /* the first row that `columns` are from */
    struct tcs_arena *arena;
    struct column *columns;
    uint32_t ncolumns, cap;
    char delimiter;
};

/* One decode call. */
struct run {
    struct tcs_decoder *d;
    const struct tcs_block *b;
    const struct tcs_sink *sink;
    struct tcs_decode_stats *stats;
    uint64_t number; /* of the row */
    char why[80];    /* the row is not one */
};

static void
csv_close(struct tcs_decoder *d)
{
    if (!d)
        return;
    tcs_decode_builder_free(d->builder);
    tcs_base_arena_free(d->arena);
    tcs_base_buf_done(&d->head);
    free(d);
}

static struct tcs_decoder *
csv_open(const struct tcs_decode_opts *opts)
{
    struct tcs_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->builder = tcs_decode_builder_new(opts);
    d->arena = tcs_base_arena_new(0);
    if (d->builder && d->arena)
        return d;
    csv_close(d);
    return NULL;
}

static void
bad(struct run *r, struct tcs_str row, const char *why)
{
    char msg[160];
    snprintf(msg, sizeof msg, "row %" PRIu64 ": %s", r->number, why);
    r->stats->bad_records++;
    if (r->sink->problem)
        r->sink->problem(r->sink->ctx, r->b->origin,
                         &(struct tcs_problem){.cause = TCS_CAUSE_RECORD,
                                               .offset = r->b->offset +
                                                         (uint64_t)(row.p - (const char *)r->b->p),
                                               .skipped = row.n,
                                               .record = true,
                                               .msg = msg});
}

/* What is between the quotes, doubled ones made single: in place if there are none, else in `a`. */
static struct tcs_str
unquote(struct tcs_str s, struct tcs_arena *a)
{
    size_t at = tcs_base_str_find(s, '"', 0), n = at;
    if (at == s.n)
        return s;
    char *p = tcs_base_arena_alloc(a, s.n);
    if (!p)
        return (struct tcs_str){NULL, 0};
    memcpy(p, s.p, at);
    for (; at < s.n; at++) {
        p[n++] = s.p[at];
        at += s.p[at] == '"'; /* the second of the pair */
    }
    return (struct tcs_str){p, n};
}

/* The value at *at, which moves behind its delimiter: beyond row.n after the last one.  NULL, or
 * what is wrong with it. */
static const char *
next_value(struct tcs_str row, size_t *at, char delimiter, struct tcs_arena *a, struct tcs_str *ret)
{
    size_t begin = *at;
    if (begin == row.n || row.p[begin] != '"') {
        size_t end = tcs_base_str_find(row, delimiter, begin);
        *ret = tcs_base_str_slice(row, begin, end);
        *at = end + 1;
        return NULL;
    }
    size_t end = tcs_base_str_find(row, '"', ++begin);
    while (end + 1 < row.n && row.p[end + 1] == '"')
        end = tcs_base_str_find(row, '"', end + 2);
    if (end == row.n)
        return "a quote is not closed";
    if (end + 1 < row.n && row.p[end + 1] != delimiter)
        return "text behind a closing quote; a quote inside quotes must be doubled";
    *ret = unquote(tcs_base_str_slice(row, begin, end), a);
    *at = end + 2;
    return NULL;
}

static const char *
read_head(struct tcs_decoder *d, struct tcs_str head)
{
    const char *why = NULL;
    d->ncolumns = d->cap = 0;
    d->columns = NULL;
    tcs_base_arena_reset(d->arena);
    d->head.n = 0;
    tcs_base_buf_str(&d->head, head);
    head = tcs_base_buf_view(&d->head);
    d->delimiter = tcs_input_csv_delimiter(head);
    for (size_t at = 0; !why && at <= head.n; d->ncolumns++) {
        if (!tcs_base_arena_grow(d->arena, &d->columns, d->ncolumns, &d->cap, sizeof *d->columns))
            return "no memory for the columns";
        d->columns[d->ncolumns] = (struct column){0};
        why = next_value(head, &at, d->delimiter, d->arena, &d->columns[d->ncolumns].name);
    }
    return why;
}

/* A value into the record; columns without a name are passed over. */
static void
put_value(struct tcs_decoder *d, uint32_t i, struct tcs_str value)
{
    struct column *c = &d->columns[i];
    struct tcs_name *n = c->known;
    if (!n) {
        struct tcs_name *root = tcs_decode_keys_root(d->builder->names, tcs_decode_schema_csv());
        n = root && c->name.n ? tcs_decode_keys_find(d->builder->names, root, c->name) : NULL;
        if (n && n->lasting)
            c->known = n;
    }
    if (n)
        tcs_decode_builder_value(d->builder, n, tcs_event_value_str(value));
    else if (c->name.n)
        d->builder->rec.cut = true;
}

static const char *
read_row(struct run *r, struct tcs_str row)
{
    struct tcs_decoder *d = r->d;
    uint32_t n = 0;
    tcs_decode_record_begin(&d->builder->rec);
    for (size_t at = 0; at <= row.n; n++) {
        struct tcs_str value;
        const char *wrong = next_value(row, &at, d->delimiter, d->builder->rec.arena, &value);
        if (wrong)
            return wrong;
        if (n < d->ncolumns)
            put_value(d, n, value);
    }
    if (n == d->ncolumns)
        return NULL;
    snprintf(r->why, sizeof r->why, "%u values, but the first row names %u columns", n,
             d->ncolumns);
    return r->why;
}

static void
decode_row(struct run *r, struct tcs_str row)
{
    const char *why = read_row(r, row);
    if (why) {
        bad(r, row, why);
        return;
    }
    struct tcs_event ev = {.origin = r->b->origin,
                           .offset = r->b->offset + (uint64_t)(row.p - (const char *)r->b->p),
                           .record_id = r->number,
                           .content = row};
    tcs_decode_builder_send(r->d->builder, tcs_decode_schema_csv(), &ev, r->sink, r->stats);
}

static bool
stopped(const struct run *r)
{
    return r->sink->stopped && r->sink->stopped(r->sink->ctx);
}

/* Each line is a row of its own. */
static void
decode_lines(struct run *r, const uint8_t *p, size_t n)
{
    for (size_t at = 0; at < n && !stopped(r);) {
        const uint8_t *nl = memchr(p + at, '\n', n - at);
        size_t next = nl ? (size_t)(nl - p) + 1 : n;
        struct tcs_str row = tcs_input_csv_line(p + at, next - at);
        if (row.n) {
            decode_row(r, row);
            r->number++;
        }
        at = next;
    }
}

static void
decode_rows(struct run *r)
{
    const struct tcs_block *b = r->b;
    size_t len = 0;
    for (size_t at = 0; at < b->n && !stopped(r); at += len) {
        enum tcs_csv_end end =
            tcs_input_csv_next(b->p + at, b->n - at, true, r->d->delimiter, &len);
        struct tcs_str row = tcs_input_csv_line(b->p + at, len);
        if (end != TCS_CSV_ROW) {
            decode_lines(r, b->p + at, len);
        } else if (row.n) {
            decode_row(r, row);
            r->number++;
        }
    }
}

static void
csv_decode(struct tcs_decoder *d, const struct tcs_block *b, const struct tcs_sink *sink,
           struct tcs_decode_stats *stats)
{
    struct run r = {.d = d, .b = b, .sink = sink, .stats = stats, .number = b->first_record};
    const char *why = NULL;
    if (!d->columns || !tcs_base_str_eq(tcs_base_buf_view(&d->head), b->head))
        why = read_head(d, b->head);
    stats->bytes += b->n;
    if (!why && !d->head.failed) {
        decode_rows(&r);
        return;
    }
    d->columns = NULL;
    bad(&r, (struct tcs_str){(const char *)b->p, b->n}, why ? why : "no memory for the columns");
}

const struct tcs_format tcs_decode_format_csv = {
    .name = "csv",
    .about = "alerts as a table, CSV, whose columns an --alert-map describes",
    .sniff_table = tcs_input_csv_sniff,
    .framing = TCS_FRAMING_ROWS,
    .open = csv_open,
    .close = csv_close,
    .decode = csv_decode,
};

/* tests/fuzz/fuzz_csv.c - the CSV reader on any bytes: the first row names the columns, the rest
 * are rows.  Where a row ends must not depend on how many bytes behind it are there, and the rows
 * must be the same when the block is cut behind any of them. */
#include "decode/formats.h"
#include "input/csv_scan.h"

#include <stdlib.h>
#include <string.h>

/* What one run gives, for comparison. */
struct sum {
    uint64_t events, bad, hash;
};

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct sum *s = ctx;
    struct tcs_buf b = {0};
    tcs_event_json_flat(ev, &b);
    s->hash = s->hash * 31 + ev->offset + ev->record_id;
    for (size_t i = 0; i < b.n; i++)
        s->hash = s->hash * 31 + (uint8_t)b.p[i];
    tcs_base_buf_done(&b);
}

/* The bytes in a place of their own, so that a sanitizer sees what is read beyond them. */
static void
decode(struct tcs_decoder *d, struct tcs_block b, struct sum *s)
{
    static const struct tcs_origin origin = {.path = {"fuzz", 4}};
    struct tcs_sink sink = {.ctx = s, .event = on_event};
    struct tcs_decode_stats stats = {0};
    uint8_t *p = calloc(1, b.n + TCS_BLOCK_PADDING);
    if (!p)
        abort();
    if (b.n)
        memcpy(p, b.p, b.n);
    b.p = p;
    b.origin = &origin;
    tcs_decode_format_csv.decode(d, &b, &sink, &stats);
    s->events += stats.events;
    s->bad += stats.bad_records;
    free(p);
}

/* Row by row; each must be found with and without what follows it. */
static void
decode_cut(struct tcs_decoder *d, struct tcs_block b, struct sum *s)
{
    char delimiter = tcs_input_csv_delimiter(b.head);
    const uint8_t *p = b.p;
    for (size_t n = b.n, len = 0, less = 0; n > 0; n -= len, p += len) {
        enum tcs_csv_end end = tcs_input_csv_next(p, n, true, delimiter, &len);
        if (len == 0 || len > n)
            abort();
        if (tcs_input_csv_next(p, len, true, delimiter, &less) != end || less != len)
            abort();
        if (len > 1 && end != TCS_CSV_OPEN &&
            tcs_input_csv_next(p, len - 1, false, delimiter, &less) != TCS_CSV_MORE)
            abort();
        b.p = p;
        b.n = len;
        decode(d, b, s);
        b.offset += len;
        b.first_record += tcs_input_csv_rows(p, len, end);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tcs_str a = {"a", 1};
    static const struct tcs_csv_table table = {&a, 1};
    static const struct tcs_csv_tables tables = {&table, 1};
    static struct tcs_decoder *d; /* opening one costs more than a run */
    struct sum whole = {0}, cut = {0};
    if (!d && !(d = tcs_decode_format_csv.open(&(struct tcs_decode_opts){0})))
        abort();
    tcs_input_csv_sniff(&tables, data, size, true);
    const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
    size_t head = nl ? (size_t)(nl - data) : size;
    struct tcs_block b = {.p = data + head, .n = size - head, .first_record = 1};
    b.head = (struct tcs_str){(const char *)data, head};
    decode(d, b, &whole);
    if (whole.bad == 1 && whole.events == 0)
        return 0; /* perhaps the head itself: said once for each block */
    decode_cut(d, b, &cut);
    if (whole.events != cut.events || whole.bad != cut.bad || whole.hash != cut.hash)
        abort();
    return 0;
}

/* input/frame.c - reads into pool buffers and frames blocks; the rest of a buffer moves to the
 * next.
 *
 * A record that is longer than a block makes the buffer grow, up to TCS_JSON_RECORD_MAX; beyond
 * it the record is skipped and named. */
#include "input/frame.h"

#include "base/cursor.h"
#include "base/invariant.h"
#include "base/limits.h"
#include "input/csv_scan.h"

#include <stdio.h>

static int
fill(struct tcs_framer *c, size_t want, struct tcs_err *err)
{
    if (!c->buf || c->buf->cap < want) {
        struct tcs_pool_buf *bigger = tcs_input_pool_get(c->pool, want);
        if (!bigger)
            return tcs_base_fail(err, TCS_ENOMEM, "no memory to read %zu bytes", want);
        if (c->have)
            memcpy(bigger->p, c->buf->p, c->have);
        tcs_input_pool_put(c->pool, c->buf);
        c->buf = bigger;
    }
    while (!c->eof && c->have < want) {
        size_t got = 0;
        if (c->stream->read(c->stream, c->buf->p + c->have, want - c->have, &got, &c->failed) < 0)
            got = 0;
        c->eof = got == 0;
        c->have += got;
    }
    memset(c->buf->p + c->have, 0, TCS_BLOCK_PADDING);
    return 0;
}

static void
report(struct tcs_framer *c, struct tcs_problem p)
{
    if (c->opts->problem)
        c->opts->problem(c->opts->ctx, c->origin, &p);
}

int
tcs_input_frame_head(struct tcs_framer *c, struct tcs_err *err)
{
    size_t want = c->block > TCS_SNIFF ? c->block : TCS_SNIFF;
    return fill(c, want + TCS_EVTX_FILE_HEADER, err);
}

/* The header of an EVTX file is stepped over: its chunks say what is in them.  But that there were
 * more of them than there are is known from it alone. */
static void
skip_evtx_header(struct tcs_framer *c)
{
    enum { H_CHUNKS = 42, H_FLAGS = 120, H_CRC = 124, FLAG_NO_CRC = 4 };
    const uint8_t *p = c->buf->p;
    if (c->have >= 8 && memcmp(p, "ElfChnk", 8) == 0)
        return; /* chunks without a file around them */
    c->skip = c->have < TCS_EVTX_FILE_HEADER ? c->have : TCS_EVTX_FILE_HEADER;
    if (c->skip < TCS_EVTX_FILE_HEADER) {
        report(c, (struct tcs_problem){.cause = TCS_CAUSE_FILE_CUT,
                                       .skipped = c->have,
                                       .msg = "the file ends inside its header"});
        return;
    }
    const bool file = memcmp(p, "ElfFile", 8) == 0;
    if (file && tcs_base_le32(p + H_FLAGS) & FLAG_NO_CRC)
        return;
    if (file && tcs_base_crc32(c->crc, 0, p, H_FLAGS) == tcs_base_le32(p + H_CRC))
        c->promised = p[H_CHUNKS] | (uint32_t)p[H_CHUNKS + 1] << 8;
    else
        report(c, (struct tcs_problem){.cause = TCS_CAUSE_HEADER,
                                       .msg = "the file's header is damaged; its chunks were read "
                                              "anyway"});
}

/* All chunks were handed out. */
static void
check_promised(struct tcs_framer *c)
{
    const uint64_t chunks = (c->offset + c->skip - TCS_EVTX_FILE_HEADER) / TCS_EVTX_CHUNK;
    char msg[80];
    if (chunks >= c->promised)
        return;
    snprintf(msg, sizeof msg, "%u chunks are promised, and %llu are there", c->promised,
             (unsigned long long)chunks);
    report(c, (struct tcs_problem){
                  .cause = TCS_CAUSE_FILE_CUT, .offset = c->offset + c->skip, .msg = msg});
}

/* The first row names the columns: kept for all blocks, and not part of any. */
static int
keep_head(struct tcs_framer *c, struct tcs_err *err)
{
    const uint8_t *p = c->buf->p + c->skip;
    size_t n = c->have - c->skip, len = 0;
    c->delimiter = tcs_input_csv_delimiter((struct tcs_str){(const char *)p, n});
    if (n == 0 || tcs_input_csv_next(p, n, c->eof, c->delimiter, &len) != TCS_CSV_ROW)
        return 0; /* not recognised then; the decoder says that there are no columns */
    struct tcs_str row = {(const char *)p, len};
    while (row.n && (row.p[row.n - 1] == '\n' || row.p[row.n - 1] == '\r'))
        row.n--;
    c->head = tcs_base_arena_str(c->arena, row);
    c->skip += len;
    c->at = c->last = c->skip;
    return c->head.p ? 0 : tcs_base_fail(err, TCS_ENOMEM, "no memory for the inputs");
}

int
tcs_input_frame_start(struct tcs_framer *c, const struct tcs_format *format,
                      const struct tcs_origin *origin, struct tcs_err *err)
{
    c->format = format;
    c->origin = origin;
    c->record = format->framing == TCS_FRAMING_CHUNKS ? 0 : 1;
    if (format->framing == TCS_FRAMING_CHUNKS) {
        skip_evtx_header(c);
    } else if (c->have >= 3 && memcmp(c->buf->p, "\xef\xbb\xbf", 3) == 0) {
        c->skip = 3; /* byte order mark */
    }
    c->at = c->last = c->skip;
    return format->framing == TCS_FRAMING_ROWS ? keep_head(c, err) : 0;
}

void
tcs_input_frame_resume(struct tcs_framer *c, uint64_t offset, uint64_t records)
{
    c->have = c->skip = c->at = c->last = 0;
    c->eof = false;
    c->offset = c->whole = offset;
    c->record = records + 1;
    c->whole_records = records;
}

/* Buffer bytes [skip, end) are the block; the rest begins the next buffer. */
static int
take(struct tcs_framer *c, size_t end, struct tcs_block *ret, struct tcs_pool_buf **own,
     struct tcs_err *err)
{
    struct tcs_pool_buf *next = NULL;
    size_t rest = c->have - end;
    if (rest) {
        if (!(next = tcs_input_pool_get(c->pool, rest)))
            return tcs_base_fail(err, TCS_ENOMEM, "no memory to read on");
        memcpy(next->p, c->buf->p + end, rest);
    }
    *ret = (struct tcs_block){
        .origin = c->origin,
        .p = c->buf->p + c->skip,
        .n = end - c->skip,
        .offset = c->offset + c->skip,
        .first_record = c->record,
        .head = c->head,
    };
    *own = c->buf;
    c->buf = next;
    c->have = rest;
    c->offset += end;
    c->skip = 0;
    return 0;
}

/* Nothing is buffered: on behind zeros that were never written.  How many. */
static uint64_t
skip_hole(struct tcs_framer *c, uint64_t unit)
{
    if (c->have != c->skip || c->eof || !c->stream->skip_hole)
        return 0;
    uint64_t n = c->stream->skip_hole(c->stream, unit);
    if (n) {
        c->offset += c->skip + n;
        c->have = c->skip = c->at = c->last = 0;
    }
    return n;
}

static int
next_chunks(struct tcs_framer *c, struct tcs_block *ret, struct tcs_pool_buf **own,
            struct tcs_err *err)
{
    size_t whole = c->block / TCS_EVTX_CHUNK * TCS_EVTX_CHUNK;
    if (whole == 0)
        whole = TCS_EVTX_CHUNK;
    skip_hole(c, TCS_EVTX_CHUNK); /* chunks that were never used */
    int r = fill(c, c->skip + whole, err);
    if (r < 0)
        return r;
    size_t n = c->have - c->skip;
    if (!c->eof)
        n -= n % TCS_EVTX_CHUNK;
    return n ? take(c, c->skip + n, ret, own, err) : 1;
}

static uint64_t
count_lines(const uint8_t *p, size_t n)
{
    uint64_t lines = 0;
    const uint8_t *end = p + n, *nl;
    for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1)
        lines++;
    return lines;
}

/* Everything up to and with the next line feed is dropped; the line was too long. */
static int
drop_line(struct tcs_framer *c, struct tcs_err *err)
{
    uint64_t from = c->offset + c->skip;
    const uint8_t *nl = NULL;
    while (!nl && c->have) {
        nl = memchr(c->buf->p, '\n', c->have);
        size_t drop = nl ? (size_t)(nl - c->buf->p) + 1 : c->have;
        memmove(c->buf->p, c->buf->p + drop, c->have - drop);
        c->have -= drop;
        c->offset += drop;
        c->skip = 0;
        if (!c->have) {
            skip_hole(c, 1);
            int r = fill(c, c->block, err);
            if (r < 0)
                return r;
        }
    }
    char msg[80];
    snprintf(msg, sizeof msg, "line %llu is longer than %d MiB, skipped",
             (unsigned long long)c->record, TCS_JSON_RECORD_MAX >> 20);
    report(c, (struct tcs_problem){.cause = TCS_CAUSE_RECORD_LIMIT,
                                   .offset = from,
                                   .skipped = c->offset - from,
                                   .record = true,
                                   .msg = msg});
    c->whole = c->offset;
    c->whole_records = c->record++;
    return 0;
}

/* Twice as much, but just past the limit when that comes first: then it is known to be broken. */
static size_t
grown(const struct tcs_framer *c, size_t want)
{
    size_t most = (size_t)TCS_JSON_RECORD_MAX + c->skip + 1;
    return want < most / 2 ? want * 2 : most;
}

static int
next_lines(struct tcs_framer *c, struct tcs_block *ret, struct tcs_pool_buf **own,
           struct tcs_err *err)
{
    size_t want = c->block, end = 0;
    int r = 0;
    while (r == 0 && end == 0) {
        if (want < c->have)
            want = c->have;
        if ((r = fill(c, want, err)) < 0)
            return r;
        const uint8_t *nl = memrchr(c->buf->p + c->skip, '\n', c->have - c->skip);
        end = c->eof ? c->have : nl ? (size_t)(nl - c->buf->p) + 1 : 0;
        if (c->eof && end == c->skip)
            return 1;
        if (end == 0 && c->have > TCS_JSON_RECORD_MAX + c->skip) {
            r = drop_line(c, err);
            want = c->block;
        } else if (end == 0) {
            want = grown(c, want);
        }
    }
    if (r < 0)
        return r;
    uint64_t lines = count_lines(c->buf->p + c->skip, end - c->skip);
    const uint8_t *last = memrchr(c->buf->p + c->skip, '\n', end - c->skip);
    if (last) {
        c->whole = c->offset + (uint64_t)(last + 1 - c->buf->p);
        c->whole_records = c->record - 1 + lines;
    }
    r = take(c, end, ret, own, err);
    c->record += r == 0 ? lines : 0;
    return r;
}

/* Scan what is in the buffer; c->last and c->count tell the whole objects found. */
static void
scan_objects(struct tcs_framer *c)
{
    const uint8_t *p = c->buf->p;
    for (;;) {
        if (c->scan.depth == 0) {
            enum tcs_json_gap gap = tcs_input_json_scan_gap(p, c->have, c->eof, &c->at);
            if (gap == TCS_JSON_GAP_JUNK)
                c->at = tcs_input_json_scan_junk(p, c->have, c->at);
            if (gap == TCS_JSON_GAP_END || gap == TCS_JSON_GAP_MORE)
                return;
            if (gap == TCS_JSON_GAP_JUNK)
                continue;
        }
        if (!tcs_input_json_scan_object(&c->scan, p, c->have, &c->at))
            return;
        c->last = c->at;
        c->count++;
    }
}

static uint64_t
count_braces(const uint8_t *p, size_t n, size_t at)
{
    uint64_t count = 0;
    for (; at < n; at = tcs_input_json_scan_resync(p, n, at))
        count++;
    return count;
}

/* Where to cut when no object ends in an over-long buffer: before the last one that can be told,
 * else everything.  The decoder says what was wrong, and finds what is sound in it.  Before the
 * first one would be a block of a few bytes, the rest copied and scanned again, as often as
 * somebody likes. */
static size_t
give_up(struct tcs_framer *c)
{
    size_t end = tcs_input_json_scan_last(c->buf->p, c->have, c->skip);
    c->scan = (struct tcs_json_scan){0};
    c->at = end;
    c->count = count_braces(c->buf->p, end, c->skip);
    return end;
}

static int
next_objects(struct tcs_framer *c, struct tcs_block *ret, struct tcs_pool_buf **own,
             struct tcs_err *err)
{
    size_t want = c->block, end = 0;
    const uint64_t from = c->offset + c->skip, hole = skip_hole(c, TCS_JSON_RECORD_MAX);
    if (hole)
        report(c, (struct tcs_problem){.cause = TCS_CAUSE_RECORD,
                                       .offset = from,
                                       .skipped = hole,
                                       .msg = "a hole: nothing was ever written there"});
    while (end == 0) {
        if (want < c->have)
            want = c->have;
        int r = fill(c, want, err);
        if (r < 0)
            return r;
        scan_objects(c);
        if (c->eof && c->have == c->skip)
            return 1;
        if (c->eof)
            end = c->have;
        else if (c->last > c->skip)
            end = c->last;
        else if (c->have > TCS_JSON_RECORD_MAX + c->skip)
            end = give_up(c);
        else
            want = grown(c, want);
    }
    uint64_t count = c->count;
    int r = take(c, end, ret, own, err);
    if (r < 0)
        return r;
    c->record += count;
    c->count = 0;
    c->at -= end < c->at ? end : c->at;
    c->last = 0;
    return 0;
}

/* Whole rows in the buffer.  What does not end as a row ends the block, so that the decoder, which
 * sees the block's bytes only, finds the same. */
static void
scan_rows(struct tcs_framer *c)
{
    enum tcs_csv_end end = TCS_CSV_ROW;
    size_t len = 0;
    while (end != TCS_CSV_OPEN && c->last < c->have) {
        const uint8_t *p = c->buf->p + c->last;
        end = tcs_input_csv_next(p, c->have - c->last, c->eof, c->delimiter, &len);
        if (end == TCS_CSV_MORE)
            return;
        c->count += tcs_input_csv_rows(p, len, end);
        c->last += len;
    }
}

static int
next_rows(struct tcs_framer *c, struct tcs_block *ret, struct tcs_pool_buf **own,
          struct tcs_err *err)
{
    size_t want = c->block;
    int r = 0;
    while (r == 0 && c->last <= c->skip) {
        if (want < c->have)
            want = c->have;
        if ((r = fill(c, want, err)) < 0)
            return r;
        if (c->eof && c->have == c->skip)
            return 1;
        scan_rows(c);
        if (c->last > c->skip)
            break;
        if (c->have > TCS_JSON_RECORD_MAX + c->skip) {
            r = drop_line(c, err);
            c->last = c->skip;
            want = c->block;
        } else {
            want = grown(c, want);
        }
    }
    uint64_t count = c->count;
    if (r == 0)
        r = take(c, c->last, ret, own, err);
    if (r < 0)
        return r;
    c->record += count;
    c->count = 0;
    c->last = 0;
    return 0;
}

int
tcs_input_frame_next(struct tcs_framer *c, struct tcs_block *ret, struct tcs_pool_buf **own,
                     struct tcs_err *err)
{
    static int (*const next_block[])(struct tcs_framer *, struct tcs_block *,
                                     struct tcs_pool_buf **, struct tcs_err *) = {
        [TCS_FRAMING_CHUNKS] = next_chunks,
        [TCS_FRAMING_LINES] = next_lines,
        [TCS_FRAMING_OBJECTS] = next_objects,
        [TCS_FRAMING_ROWS] = next_rows,
    };
    TCS_ROW_FOR_EACH(next_block, TCS_FRAMING_ROWS + 1);
    int r = next_block[c->format->framing](c, ret, own, err);
    if (r == 1 && c->promised && !c->failed.code)
        check_promised(c);
    if (r == 1 && c->failed.code) {
        c->troubled = true;
        report(c, (struct tcs_problem){.cause = tcs_input_stream_cause(c->failed.code),
                                       .offset = c->offset,
                                       .msg = c->failed.msg});
        c->failed.code = 0;
    }
    return r;
}

void
tcs_input_frame_done(struct tcs_framer *c)
{
    tcs_input_pool_put(c->pool, c->buf);
    c->buf = NULL;
}

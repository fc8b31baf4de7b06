/* decode/json/json.c - the JSON formats: blocks of lines or of objects -> events.
 *
 * Each object is parsed on its own, in place, so that a broken one costs itself only: one problem
 * with its number, offset and reason, and the next one follows. */
#include "decode/formats.h"

#include "base/limits.h"
#include "decode/json/json_event.h"
#include "decode/json/json_repair.h"
#include "decode/json/simdjson_shim.h"
#include "input/json_scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PARSER_USUAL = 1 << 20, /* larger objects get a parser for themselves */
    AGAIN_MAX = 8,          /* times its length that a text is gone over again (decode_objects) */
};

struct tcs_decoder {
    struct tcs_simdjson *parser;
    struct tcs_json_event *event;
    struct tcs_buf repaired; /* the object being decoded, if it needed mending */
};

/* One decode call. */
struct run {
    struct tcs_decoder *d;
    const struct tcs_block *b;
    const struct tcs_sink *sink;
    struct tcs_decode_stats *stats;
    const char *unit; /* "line" or "object" */
};

/* One object's text in the block. */
struct text {
    const uint8_t *p;
    size_t n;
    uint64_t number;
};

static void
json_close(struct tcs_decoder *d)
{
    if (!d)
        return;
    tcs_decode_simdjson_free(d->parser);
    tcs_decode_json_event_free(d->event);
    tcs_base_buf_done(&d->repaired);
    free(d);
}

static struct tcs_decoder *
json_open(const struct tcs_decode_opts *opts)
{
    struct tcs_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->parser = tcs_decode_simdjson_new(PARSER_USUAL, TCS_JSON_DEPTH_MAX);
    d->event = tcs_decode_json_event_new(opts);
    if (!d->parser || !d->event) {
        json_close(d);
        return NULL;
    }
    return d;
}

static void
raw_json(const struct tcs_event *ev, struct tcs_buf *b)
{
    const struct tcs_str *t = ev->raw;
    char *to = tcs_base_buf_room(b, t->n);
    if (to)
        b->n += tcs_decode_simdjson_minify((const uint8_t *)t->p, t->n, to);
}

static void
bad(struct run *r, const struct text *t, enum tcs_cause cause, const char *why)
{
    char msg[200];
    snprintf(msg, sizeof msg, "%s %" PRIu64 ": %s", r->unit, t->number, why);
    struct tcs_problem p = {
        .cause = cause,
        .offset = r->b->offset + (uint64_t)(t->p - r->b->p),
        .skipped = t->n,
        .record = true,
        .msg = msg,
    };
    r->stats->bad_records++;
    if (r->sink->problem)
        r->sink->problem(r->sink->ctx, r->b->origin, &p);
}

static bool
stopped(const struct run *r)
{
    return r->sink->stopped && r->sink->stopped(r->sink->ctx);
}

/* raw: the text that was parsed. */
static void
send_event(struct run *r, const struct text *t, struct tcs_str raw,
           const struct tcs_simdjson_doc *doc)
{
    struct tcs_event ev = {
        .origin = r->b->origin,
        .offset = r->b->offset + (uint64_t)(t->p - r->b->p),
        .record_id = t->number,
        .flags = TCS_EVENT_JSON,
        .content = {(const char *)t->p, t->n},
        .raw_json = raw_json,
        .raw = &raw,
    };
    tcs_decode_json_event_send(r->d->event, doc, &ev, r->sink, r->stats);
}

static const char *
reason(enum tcs_simdjson_result result)
{
    return result == TCS_SJ_DEPTH ? "objects are nested too deeply" : "no memory to read it";
}

/* raw is followed by TCS_BLOCK_PADDING readable bytes. */
static enum tcs_simdjson_result
parse_and_send(struct run *r, const struct text *t, struct tcs_str raw)
{
    struct tcs_simdjson_doc doc = {0};
    struct tcs_simdjson *own = NULL, *parser = r->d->parser;
    if (raw.n > PARSER_USUAL)
        parser = own = tcs_decode_simdjson_new(raw.n, TCS_JSON_DEPTH_MAX);
    enum tcs_simdjson_result result =
        parser ? tcs_decode_simdjson_parse(parser, (const uint8_t *)raw.p, raw.n, &doc)
               : TCS_SJ_NOMEM;
    if (result == TCS_SJ_OK)
        send_event(r, t, raw, &doc);
    tcs_decode_simdjson_free(own);
    return result;
}

static enum tcs_simdjson_result
repair_and_send(struct run *r, const struct text *t, struct tcs_str raw)
{
    struct tcs_buf *b = &r->d->repaired;
    b->n = 0;
    tcs_decode_json_repair(raw, b);
    char *padding = tcs_base_buf_room(b, TCS_BLOCK_PADDING);
    if (b->failed || !padding) {
        tcs_base_buf_done(b);
        *b = (struct tcs_buf){0};
        return TCS_SJ_NOMEM;
    }
    memset(padding, ' ', TCS_BLOCK_PADDING);
    enum tcs_simdjson_result result = parse_and_send(r, t, tcs_base_buf_view(b));
    if (b->cap > PARSER_USUAL) { /* one huge record must not hold memory for the rest */
        tcs_base_buf_done(b);
        *b = (struct tcs_buf){0};
    }
    return result == TCS_SJ_REPAIRABLE ? TCS_SJ_SYNTAX : result;
}

/* True when the text was an object, whether it could be read or is a problem; false when it is not
 * valid JSON as a whole, so that the caller may try parts of it (no problem is reported then). */
static bool
try_object(struct run *r, const struct text *t)
{
    struct tcs_str raw = {(const char *)t->p, t->n};
    if (t->n > TCS_JSON_RECORD_MAX) {
        bad(r, t, TCS_CAUSE_RECORD_LIMIT, "larger than any log record, skipped");
        return true;
    }
    enum tcs_simdjson_result result = parse_and_send(r, t, raw);
    if (result == TCS_SJ_REPAIRABLE)
        result = repair_and_send(r, t, raw);
    if (result != TCS_SJ_OK && result != TCS_SJ_SYNTAX)
        bad(r, t, result == TCS_SJ_DEPTH ? TCS_CAUSE_RECORD_LIMIT : TCS_CAUSE_NO_MEMORY,
            reason(result));
    return result != TCS_SJ_SYNTAX;
}

/* Objects that follow each other in p[0..n).  Their numbers count up from *number, or stay when
 * they share a line.
 *
 * An object that is none is gone over again for those that it may have swallowed.  Where objects
 * that never end stand in each other this would have no end either, so what it may cost is
 * limited; after that an object ends before the next line that begins with one, which is not so
 * only in objects written without any indentation. */
static void
decode_objects(struct run *r, const uint8_t *p, size_t n, uint64_t *number, unsigned step)
{
    size_t at = 0, left = n < SIZE_MAX / AGAIN_MAX ? AGAIN_MAX * n : SIZE_MAX, end = n;
    while (!stopped(r)) {
        enum tcs_json_gap gap = tcs_input_json_scan_gap(p, n, true, &at);
        size_t begin = at;
        if (gap == TCS_JSON_GAP_END)
            return;
        if (gap == TCS_JSON_GAP_JUNK) {
            at = tcs_input_json_scan_junk(p, n, at);
            bad(r, &(struct text){p + begin, at - begin, *number}, TCS_CAUSE_RECORD,
                "text that is no JSON object");
            continue;
        }
        if (left == 0 && (end == n || end <= begin))
            end = tcs_input_json_scan_resync(p, n, begin);
        struct tcs_json_scan scan = {0};
        bool whole = tcs_input_json_scan_object(&scan, p, end, &at);
        struct text t = {p + begin, at - begin, *number};
        if (!whole || !try_object(r, &t)) {
            size_t again = tcs_input_json_scan_resync(p, at, begin);
            t.n = again - begin;
            bad(r, &t, TCS_CAUSE_RECORD, whole || again < at ? "not valid JSON" : "cut off");
            left -= at - again < left ? at - again : left;
            at = again;
        }
        *number += step;
    }
}

/* A hole in the file, as a crash leaves it, stands before what was written next. */
static size_t
skip_hole(struct run *r, const uint8_t *p, size_t n, uint64_t number)
{
    size_t zeros = 0;
    while (zeros < n && p[zeros] == 0)
        zeros++;
    if (zeros)
        bad(r, &(struct text){p, zeros, number}, TCS_CAUSE_RECORD, "begins with zero bytes");
    return zeros;
}

static void
decode_line(struct run *r, const uint8_t *p, size_t n, uint64_t number)
{
    size_t hole = n && *p == 0 ? skip_hole(r, p, n, number) : 0;
    p += hole;
    n -= hole;
    while (n && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t'))
        n--;
    while (n && (*p == ' ' || *p == '\t')) {
        p++;
        n--;
    }
    struct text t = {p, n, number};
    if (n == 0 || (*p == '{' && try_object(r, &t)))
        return;
    if (*p != '{' && *p != '[')
        bad(r, &t, TCS_CAUSE_RECORD, "not a JSON object");
    else
        decode_objects(r, p, n, &number, 0);
}

static void
jsonl_decode(struct tcs_decoder *d, const struct tcs_block *b, const struct tcs_sink *sink,
             struct tcs_decode_stats *stats)
{
    struct run r = {.d = d, .b = b, .sink = sink, .stats = stats, .unit = "line"};
    uint64_t number = b->first_record;
    for (size_t at = 0; at < b->n && !stopped(&r); number++) {
        const uint8_t *nl = memchr(b->p + at, '\n', b->n - at);
        size_t end = nl ? (size_t)(nl - b->p) : b->n;
        decode_line(&r, b->p + at, end - at, number);
        at = end + 1;
    }
    stats->bytes += b->n;
}

static void
json_decode(struct tcs_decoder *d, const struct tcs_block *b, const struct tcs_sink *sink,
            struct tcs_decode_stats *stats)
{
    struct run r = {.d = d, .b = b, .sink = sink, .stats = stats, .unit = "object"};
    uint64_t number = b->first_record;
    decode_objects(&r, b->p, b->n, &number, 1);
    stats->bytes += b->n;
}

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
skip_space(const uint8_t *p, size_t n, size_t at)
{
    while (at < n && is_space(p[at]))
        at++;
    return at;
}

static size_t
skip_mark(const uint8_t *p, size_t n)
{
    return n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* Does an object begin at p[at], as far as the bytes tell? */
static bool
begins_object(const uint8_t *p, size_t n, size_t at)
{
    if (at == n || p[at] != '{')
        return false;
    at = skip_space(p, n, at + 1);
    return at == n || p[at] == '"' || p[at] == '}';
}

/* The first line is one object and nothing else: then each line is one. */
static bool
jsonl_sniff(const uint8_t *p, size_t n)
{
    size_t begin = skip_space(p, n, skip_mark(p, n)), at = begin;
    struct tcs_json_scan scan = {0};
    if (!begins_object(p, n, begin) ||
        tcs_input_json_scan_gap(p, n, true, &at) != TCS_JSON_GAP_OBJECT || at != begin)
        return false; /* the head of an envelope is stepped over */
    bool whole = tcs_input_json_scan_object(&scan, p, n, &at);
    if (memchr(p + begin, '\n', at - begin))
        return false;
    while (at < n && (p[at] == ' ' || p[at] == '\t' || p[at] == '\r'))
        at++;
    return !whole || at == n || p[at] == '\n';
}

static bool
json_sniff(const uint8_t *p, size_t n)
{
    size_t at = skip_space(p, n, skip_mark(p, n));
    if (n - at > 8 && memcmp(p + at, "Record ", 7) == 0) {
        const uint8_t *nl = memchr(p + at, '\n', n - at > 40 ? 40 : n - at);
        at = nl ? (size_t)(nl - p) + 1 : n;
    } else if (at < n && p[at] == '[') {
        at = skip_space(p, n, at + 1);
    }
    return begins_object(p, n, at);
}

const struct tcs_format tcs_decode_format_jsonl = {
    .name = "jsonl",
    .about = "events as JSON, one object per line",
    .sniff = jsonl_sniff,
    .framing = TCS_FRAMING_LINES,
    .open = json_open,
    .close = json_close,
    .decode = jsonl_decode,
};

const struct tcs_format tcs_decode_format_json = {
    .name = "json",
    .about = "events as JSON objects: arrays, concatenated, pretty-printed, CloudTrail files",
    .sniff = json_sniff,
    .framing = TCS_FRAMING_OBJECTS,
    .open = json_open,
    .close = json_close,
    .decode = json_decode,
};

/* decode/text/xml_lines.c - the format of lines that hold events as XML: Sysmon for Linux as syslog
 * writes it, exports of Windows events.  What stands before and behind an event on its line is not
 * read. Lines without one belong to other programs; they are counted and reported, once per block.
 */
#include "decode/formats.h"
#include "decode/text/xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct tcs_decoder {
    struct tcs_builder *builder;
};

/* One decode call. */
struct run {
    struct tcs_builder *builder;
    const struct tcs_block *b;
    const struct tcs_sink *sink;
    struct tcs_decode_stats *stats;
    uint64_t others, other_bytes, first_other; /* lines without an event */
};

static void
xml_close(struct tcs_decoder *d)
{
    if (!d)
        return;
    tcs_decode_builder_free(d->builder);
    free(d);
}

static struct tcs_decoder *
xml_open(const struct tcs_decode_opts *opts)
{
    struct tcs_decoder *d = calloc(1, sizeof *d);
    if (d && !(d->builder = tcs_decode_builder_new(opts))) {
        free(d);
        return NULL;
    }
    return d;
}

static void
report(const struct run *r, struct tcs_problem p)
{
    if (r->sink->problem)
        r->sink->problem(r->sink->ctx, r->b->origin, &p);
}

static void
decode_event(struct run *r, struct tcs_str event, uint64_t offset, uint64_t number)
{
    struct tcs_event ev = {
        .origin = r->b->origin, .offset = offset, .record_id = number, .content = event};
    tcs_decode_record_begin(&r->builder->rec);
    const char *why = tcs_decode_xml_send(r->builder, event, &ev, r->sink, r->stats);
    if (!why)
        return;
    char msg[160];
    snprintf(msg, sizeof msg, "line %" PRIu64 ": %s", number, why);
    r->stats->bad_records++;
    report(r, (struct tcs_problem){.cause = TCS_CAUSE_RECORD,
                                   .offset = offset,
                                   .skipped = event.n,
                                   .record = true,
                                   .msg = msg});
}

static void
decode_line(struct run *r, size_t begin, size_t end, uint64_t number)
{
    struct tcs_str line = {(const char *)r->b->p + begin, end - begin}, event;
    size_t at = 0;
    while (tcs_decode_xml_find(line, at, &event)) {
        size_t in_line = (size_t)(event.p - line.p);
        decode_event(r, event, r->b->offset + begin + in_line, number);
        at = in_line + event.n;
    }
    if (at || tcs_base_str_trim(line).n == 0)
        return;
    if (r->others++ == 0)
        r->first_other = r->b->offset + begin;
    r->other_bytes += line.n;
}

static void
xml_decode(struct tcs_decoder *d, const struct tcs_block *b, const struct tcs_sink *sink,
           struct tcs_decode_stats *stats)
{
    struct run r = {.builder = d->builder, .b = b, .sink = sink, .stats = stats};
    uint64_t number = b->first_record;
    for (size_t at = 0; at < b->n && !(sink->stopped && sink->stopped(sink->ctx)); number++) {
        const uint8_t *nl = memchr(b->p + at, '\n', b->n - at);
        size_t end = nl ? (size_t)(nl - b->p) : b->n;
        decode_line(&r, at, end, number);
        at = end + 1;
    }
    stats->bytes += b->n;
    if (!r.others)
        return;
    char msg[80];
    snprintf(msg, sizeof msg, "%" PRIu64 " lines that hold no event", r.others);
    report(&r, (struct tcs_problem){.cause = TCS_CAUSE_OTHER_LINES,
                                    .offset = r.first_other,
                                    .skipped = r.other_bytes,
                                    .msg = msg});
}

/* A whole event on one line, beginning as events do. */
static bool
xml_sniff(const uint8_t *p, size_t n)
{
    struct tcs_str s = {(const char *)p, n}, event;
    if (!tcs_decode_xml_find(s, 0, &event))
        return false;
    return memmem(event.p, event.n, "<System>", 8) &&
           tcs_base_str_ends(event, TCS_STR("</Event>")) && !memchr(event.p, '\n', event.n);
}

const struct tcs_format tcs_decode_format_xml = {
    .name = "xml",
    .about = "events as XML, each on one line: Sysmon for Linux in syslog, Windows XML exports",
    .sniff = xml_sniff,
    .framing = TCS_FRAMING_LINES,
    .open = xml_open,
    .close = xml_close,
    .decode = xml_decode,
};

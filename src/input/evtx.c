/* input/evtx.c - blocks of a Windows event log to events: chunk by chunk, record by record.
 *
 * In: runs of 64 KiB chunks, the file's header already gone.  Out: events and problems to a sink.
 * Counters and offsets in headers are not believed where the records themselves say otherwise: a
 * record stands on its own, so what can be read is read, and what cannot is reported once, with its
 * place.  Not done here: opening files, and anything about more than one chunk at a time. */
#include "input/evtx.h"

#include "base/time.h"
#include "input/evtx_int.h"

#include <stdlib.h>

struct tcs_decoder {
    struct evtx e;
};

/* What the walk of one chunk needs. */
struct walk {
    struct evtx *e;
    const struct tcs_block *block;
    const struct tcs_sink *sink;
    struct tcs_decode_stats *stats;
    uint64_t offset; /* of the chunk in the origin */
    size_t end;      /* live records are before it */
};

static void
problem(struct walk *w, int code, size_t at, size_t skipped, const char *msg)
{
    if (w->sink->problem)
        w->sink->problem(
            w->sink->ctx, w->block->origin,
            &(struct tcs_problem){
                .code = code, .offset = w->offset + at, .skipped = skipped, .msg = msg});
}

static void
bad_record(struct walk *w, size_t at, size_t size)
{
    w->stats->bad_records++;
    if (w->sink->problem)
        w->sink->problem(w->sink->ctx, w->block->origin,
                         &(struct tcs_problem){.code = w->e->code,
                                               .offset = w->offset + at,
                                               .skipped = size,
                                               .record = true,
                                               .msg = w->e->why});
}

struct raw {
    struct evtx *e;
    const struct evtx_inst *inst;
};

static void
raw_json(const struct tcs_event *ev, struct tcs_buf *b)
{
    const struct raw *r = ev->raw;
    tcs_evtx_json(r->e, r->inst, b);
}

/* The record at `at`, `size` bytes: an event, or false with the reason noted. */
static bool
record(struct walk *w, size_t at, size_t size, uint32_t flags)
{
    struct evtx *e = w->e;
    const uint8_t *p = e->chunk + at;
    const struct evtx_inst *in;
    struct tcs_cursor c = tcs_cur(e->chunk, at + size - 4);
    c.at = at + 24;
    tcs_arena_reset(e->rec_mem);
    e->torn = false;
    struct evtx_parse_opts o = {.mem = e->rec_mem};
    if (!tcs_evtx_parse(e, &c, &o, &in))
        return false;
    struct raw raw = {.e = e, .inst = in};
    struct tcs_event ev = {.origin = w->block->origin,
                           .offset = w->offset + at,
                           .record_id = tcs_le64(p + 8),
                           .time = tcs_time_from_filetime(tcs_le64(p + 16)),
                           .flags = flags,
                           .raw = &raw,
                           .raw_json = raw_json};
    if (!tcs_evtx_head(e, in, &ev))
        return false;
    unsigned want = w->sink->want ? w->sink->want(w->sink->ctx, &ev) : TCS_WANT_FIELDS;
    if (want & TCS_WANT_FIELDS) {
        if (!tcs_evtx_fields(e, in))
            return false;
        ev.fields = e->fields;
        ev.nfields = e->nfields;
    }
    w->stats->events++;
    if (e->torn)
        problem(w, TCS_ECORRUPT, at, 0, "a record is torn: part of its data is missing");
    if (want != TCS_WANT_NOTHING)
        w->sink->event(w->sink->ctx, &ev);
    return true;
}

static bool
stopped(const struct walk *w)
{
    return w->sink->stopped && w->sink->stopped(w->sink->ctx);
}

static void
records(struct walk *w)
{
    struct evtx *e = w->e;
    size_t at = TCS_EVTX_CHUNK_HEADER;
    while (at + TCS_EVTX_RECORD_MIN <= w->end && !stopped(w)) {
        uint32_t magic = tcs_le32(e->chunk + at), size = tcs_le32(e->chunk + at + 4);
        if (magic == 0)
            return;
        if (magic != 0x2a2a || size < TCS_EVTX_RECORD_MIN || size > e->nchunk - at) {
            tcs_evtx_fail(e, TCS_ECORRUPT, "a record's header is damaged");
            bad_record(w, at, w->end - at);
            return;
        }
        if (!record(w, at, size, 0))
            bad_record(w, at, size);
        at += size;
    }
}

static void
chunk(struct walk *w)
{
    struct evtx *e = w->e;
    if (memcmp(e->chunk, "ElfChnk", 8) != 0) {
        bool zero = true;
        for (size_t i = 0; i < e->nchunk && zero; i++)
            zero = e->chunk[i] == 0;
        if (zero) {
            w->stats->empty_chunks++;
            return;
        }
        w->stats->bad_chunks++;
        problem(w, TCS_ECORRUPT, 0, e->nchunk, "a chunk's header is damaged");
        return;
    }
    w->stats->chunks++;
    e->stamp++;
    e->nplans = 0;
    e->compiled = 0;
    e->budget = TCS_EVTX_WORK_MAX;
    tcs_evtx_names_trim(e);
    tcs_arena_reset(e->chunk_mem);
    w->end = tcs_le32(e->chunk + 48);
    if (w->end < TCS_EVTX_CHUNK_HEADER || w->end > e->nchunk)
        w->end = e->nchunk;
    records(w);
}

static void
decode(struct tcs_decoder *d, const struct tcs_block *b, const struct tcs_sink *sink,
       struct tcs_decode_stats *stats)
{
    struct walk w = {.e = &d->e, .block = b, .sink = sink, .stats = stats};
    stats->bytes += b->n;
    for (size_t at = 0; at < b->n && !stopped(&w); at += TCS_EVTX_CHUNK) {
        size_t left = b->n - at;
        d->e.chunk = b->p + at;
        d->e.nchunk = left < TCS_EVTX_CHUNK ? left : TCS_EVTX_CHUNK;
        w.offset = b->offset + at;
        if (d->e.nchunk >= TCS_EVTX_CHUNK_HEADER)
            chunk(&w);
    }
}

static void
close_decoder(struct tcs_decoder *d)
{
    if (!d)
        return;
    tcs_arena_free(d->e.chunk_mem);
    tcs_arena_free(d->e.rec_mem);
    tcs_arena_free(d->e.name_mem);
    tcs_map_done(&d->e.name_map);
    tcs_buf_done(&d->e.scratch);
    free(d->e.names);
    free(d->e.fields);
    free(d);
}

static struct tcs_decoder *
open_decoder(const struct tcs_decode_opts *opts)
{
    struct tcs_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->e.opts = *opts;
    d->e.chunk_mem = tcs_arena_new(EVTX_CHUNK_MEM);
    d->e.rec_mem = tcs_arena_new(EVTX_RECORD_MEM);
    d->e.name_mem = tcs_arena_new(0);
    if (d->e.chunk_mem && d->e.rec_mem && d->e.name_mem)
        return d;
    close_decoder(d);
    return NULL;
}

void
tcs_evtx_plain(struct tcs_decoder *d)
{
    d->e.plain = true;
}

static bool
sniff(const uint8_t *p, size_t n)
{
    return (n >= 8 && memcmp(p, "ElfFile", 8) == 0) || (n >= 8 && memcmp(p, "ElfChnk", 8) == 0);
}

const struct tcs_format tcs_format_evtx = {
    .name = "evtx",
    .about = "Windows event log (.evtx)",
    .sniff = sniff,
    .cut = TCS_CUT_CHUNKS,
    .open = open_decoder,
    .close = close_decoder,
    .decode = decode,
};

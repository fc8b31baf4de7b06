/* decode/evtx/evtx.c - blocks of a Windows event log to events: chunk by chunk, record by record.
 *
 * In: runs of 64 KiB chunks, the file's header already gone.  Out: events and problems to a sink.
 * Counters and offsets in headers are not believed where the records themselves say otherwise: a
 * record stands on its own, so what can be read is read, and what cannot is reported once, with its
 * place.  Not done here: opening files, and anything about more than one chunk at a time. */
#include "decode/evtx/evtx.h"
#include "decode/formats.h"

#include "base/hash.h"
#include "base/time.h"
#include "decode/evtx/evtx_carve.h"

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
    struct evtx_bounds live;
    bool dry; /* there is no whole record to go on with */
};

static void
problem(struct walk *w, enum tcs_cause cause, size_t at, size_t skipped, const char *msg)
{
    if (w->sink->problem)
        w->sink->problem(
            w->sink->ctx, w->block->origin,
            &(struct tcs_problem){
                .cause = cause, .offset = w->offset + at, .skipped = skipped, .msg = msg});
}

static enum tcs_cause
cause_of(int code)
{
    return code == TCS_ELIMIT   ? TCS_CAUSE_RECORD_LIMIT
           : code == TCS_ENOMEM ? TCS_CAUSE_NO_MEMORY
                                : TCS_CAUSE_RECORD;
}

static void
bad_record(struct walk *w, size_t at, size_t size)
{
    w->stats->bad_records++;
    if (w->sink->problem)
        w->sink->problem(w->sink->ctx, w->block->origin,
                         &(struct tcs_problem){.cause = cause_of(w->e->code),
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
    tcs_decode_evtx_json(r->e, r->inst, b);
}

/* The event of an instance to the sink; false with the reason noted. */
static bool
emit(struct walk *w, const struct evtx_frame *f, const struct evtx_inst *in)
{
    struct evtx *e = w->e;
    struct raw raw = {.e = e, .inst = in};
    struct tcs_event ev = {.origin = w->block->origin,
                           .offset = w->offset + f->at,
                           .record_id = f->id,
                           .time = tcs_base_time_from_filetime(f->filetime),
                           .flags = (e->carved ? TCS_EVENT_CARVED : 0u) |
                                    (f->whole ? TCS_EVENT_NUMBERED : 0u),
                           .raw = &raw,
                           .raw_json = raw_json};
    if (!tcs_decode_evtx_head(e, in, &ev))
        return false;
    unsigned want = w->sink->want ? w->sink->want(w->sink->ctx, &ev) : TCS_WANT_FIELDS;
    if (want & TCS_WANT_FIELDS) {
        if (!tcs_decode_evtx_fields(e, in))
            return false;
        ev.fields = e->fields;
        ev.nfields = e->nfields;
    }
    w->stats->events++;
    w->stats->carved += e->carved;
    if (want != TCS_WANT_NOTHING)
        w->sink->event(w->sink->ctx, &ev);
    if (e->budget == 0)
        problem(w, TCS_CAUSE_RECORD_LIMIT, f->at, 0,
                "a record was cut: it unfolds into far more than it holds");
    return true;
}

/* Each record starts anew; those that ask for too much leave less for the ones behind them. */
static void
start_record(struct evtx *e)
{
    if (e->budget == 0 && e->limit > TCS_EVTX_WORK_MIN)
        e->limit /= 2;
    e->budget = e->limit;
    e->torn = false;
    tcs_base_arena_reset(e->rec_mem);
}

static bool
record(struct walk *w, const struct evtx_frame *f)
{
    struct evtx *e = w->e;
    const struct evtx_inst *in;
    struct tcs_cursor c = tcs_base_cur(e->chunk, f->at + f->size - 4);
    c.at = f->at + 24;
    start_record(e);
    if (!tcs_decode_evtx_parse(e, &c, &(struct evtx_parse_opts){.mem = e->rec_mem}, &in) ||
        !emit(w, f, in))
        return false;
    if (e->torn)
        problem(w, TCS_CAUSE_RECORD_TORN, f->at, 0,
                "a record is torn: part of its data is missing");
    return true;
}

static bool
stopped(const struct walk *w)
{
    return w->sink->stopped && w->sink->stopped(w->sink->ctx);
}

static size_t
resync(struct walk *w, size_t from)
{
    size_t at = w->dry ? 0 : tcs_decode_evtx_resync(w->e, from, &w->live);
    w->dry = at == 0;
    return at;
}

/* No record starts at f->at.  Where to go on; 0: nowhere. */
static size_t
gap(struct walk *w, const struct evtx_frame *f)
{
    size_t next = resync(w, f->at + 1);
    if (f->magic == 0 && next == 0 && !w->live.cut)
        return 0; /* unused space */
    tcs_decode_evtx_fail(w->e, TCS_ECORRUPT,
                         f->magic == 0 ? "records are missing: zeros in their place"
                                       : "a record's header is damaged");
    bad_record(w, f->at, (next ? next : w->live.end) - f->at);
    return next;
}

/* Behind a record.  When its size was damaged, the next one starts elsewhere. */
static size_t
step(struct walk *w, const struct evtx_frame *f, bool good)
{
    struct evtx_frame next;
    size_t at = f->at + f->size;
    if (f->whole || at == w->live.end || (good && tcs_decode_evtx_frame(w->e, at, &next)))
        return at;
    size_t other = resync(w, f->at + TCS_EVTX_RECORD_MIN);
    return other && other < at ? other : at; /* farther on: what is between is a gap */
}

/* Records go on behind the live part: appended after the header was last written. */
static bool
appended(const struct walk *w, const struct evtx_frame *f)
{
    return w->live.known && w->live.open && f->whole && w->live.after && f->id == w->live.after + 1;
}

/* Where the live part ends the header does not say: not at a record of the chunk's earlier use. */
static bool
stale(const struct walk *w, const struct evtx_frame *f)
{
    return !w->live.known && w->live.after && f->framed &&
           (f->id <= w->live.after || w->live.after == w->live.until);
}

/* All live records; where they end. */
static size_t
records(struct walk *w)
{
    struct evtx_frame f;
    size_t at = TCS_EVTX_CHUNK_HEADER;
    while (at + TCS_EVTX_RECORD_MIN <= w->e->nchunk && !stopped(w)) {
        tcs_decode_evtx_frame(w->e, at, &f);
        if ((at >= w->live.end && !appended(w, &f)) || stale(w, &f))
            break;
        if (!f.framed || (!f.whole && f.size > w->live.end - at)) {
            size_t next = gap(w, &f);
            if (next == 0)
                break;
            at = next;
            continue;
        }
        bool good = record(w, &f);
        size_t next = step(w, &f, good);
        if (!good)
            bad_record(w, at, next - at);
        w->live.after = f.id;
        at = next;
    }
    return at;
}

/* Whole records behind the live ones.  What cannot be shown was not promised: no problems. */
static void
carve(struct walk *w, size_t from)
{
    struct evtx *e = w->e;
    struct evtx_bounds all = {.end = e->nchunk, .until = UINT64_MAX};
    e->carved = true;
    for (size_t at = from; (at = tcs_decode_evtx_resync(e, at, &all)) && !stopped(w);) {
        struct evtx_frame f;
        const struct evtx_inst *in;
        tcs_decode_evtx_frame(e, at, &f);
        start_record(e);
        at += tcs_decode_evtx_carve_record(e, &f, &in) && emit(w, &f, in) ? f.size : 1;
    }
    e->carved = false;
}

static void
start_chunk(struct evtx *e)
{
    e->stamp++;
    e->nplans = 0;
    e->compiled = 0;
    e->budget = e->limit = TCS_EVTX_WORK_MAX;
    e->slack = TCS_EVTX_CARVE_MAX;
    tcs_decode_evtx_shared_trim(e, tcs_decode_evtx_names_trim(e));
    tcs_base_arena_reset(e->chunk_mem);
}

/* A chunk without its signature: its records may be there all the same. */
static bool
headless(struct walk *w)
{
    struct evtx_frame f;
    if (w->e->nchunk >= TCS_EVTX_CHUNK_HEADER &&
        tcs_decode_evtx_frame(w->e, TCS_EVTX_CHUNK_HEADER, &f) && f.whole) {
        problem(w, TCS_CAUSE_HEADER, 0, 0,
                "a chunk's header is damaged; its records were read anyway");
        return true;
    }
    problem(w, TCS_CAUSE_CHUNK, 0, w->e->nchunk, "a chunk's header is damaged");
    return false;
}

static void
chunk(struct walk *w)
{
    struct evtx *e = w->e;
    w->dry = false;
    bool header = e->nchunk >= TCS_EVTX_CHUNK_HEADER && memcmp(e->chunk, "ElfChnk", 8) == 0;
    if (!header) {
        if (tcs_decode_evtx_chunk_empty(e)) {
            w->stats->empty_chunks++;
            return;
        }
        w->stats->bad_chunks++;
        if (!headless(w))
            return;
    } else {
        w->stats->chunks++;
    }
    start_chunk(e);
    tcs_decode_evtx_chunk_bounds(e, &w->live);
    const char *wrong = header ? tcs_decode_evtx_chunk_checksum(e) : NULL;
    if (wrong)
        problem(w, TCS_CAUSE_CHECKSUM, 0, 0, wrong);
    w->live.open |= wrong != NULL;
    size_t end = records(w);
    if (e->opts.carve)
        carve(w, end);
    if (w->live.cut && !stopped(w))
        problem(w, TCS_CAUSE_FILE_CUT, e->nchunk, 0, "the file ends inside a chunk");
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
        chunk(&w);
    }
}

static void
close_decoder(struct tcs_decoder *d)
{
    if (!d)
        return;
    tcs_base_arena_free(d->e.chunk_mem);
    tcs_base_arena_free(d->e.rec_mem);
    tcs_base_arena_free(d->e.name_mem);
    tcs_base_arena_free(d->e.shared_mem);
    tcs_base_buf_done(&d->e.canon);
    tcs_base_map_done(&d->e.name_map);
    tcs_base_buf_done(&d->e.scratch);
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
    d->e.secret = tcs_base_hash_secret();
    tcs_base_crc32_init(&d->e.crc);
    d->e.chunk_mem = tcs_base_arena_new(EVTX_CHUNK_MEM);
    d->e.rec_mem = tcs_base_arena_new(EVTX_RECORD_MEM);
    d->e.name_mem = tcs_base_arena_new(0);
    d->e.shared_mem = tcs_base_arena_new(0);
    if (d->e.chunk_mem && d->e.rec_mem && d->e.name_mem && d->e.shared_mem)
        return d;
    close_decoder(d);
    return NULL;
}

void
tcs_decode_evtx_plain(struct tcs_decoder *d)
{
    d->e.plain = true;
}

/* A file, chunks without one around them, or a file whose header was overwritten. */
static bool
sniff(const uint8_t *p, size_t n)
{
    const size_t first = TCS_EVTX_FILE_HEADER;
    return (n >= 8 && (memcmp(p, "ElfFile", 8) == 0 || memcmp(p, "ElfChnk", 8) == 0)) ||
           (n >= first + 8 && memcmp(p + first, "ElfChnk", 8) == 0);
}

const struct tcs_format tcs_decode_format_evtx = {
    .name = "evtx",
    .about = "Windows event log (.evtx)",
    .sniff = sniff,
    .framing = TCS_FRAMING_CHUNKS,
    .open = open_decoder,
    .close = close_decoder,
    .decode = decode,
};

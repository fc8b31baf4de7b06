/* tests/property/decode.h - a file image through the EVTX decoder, every event handed to a
 * function.
 *
 * The bytes are copied into a block of exactly their size (and the padding that decoders may read),
 * so that the address sanitizer sees a read beyond it. */
#pragma once
#include "check.h"

#include "base/num.h"
#include "decode/evtx/evtx.h"
#include "decode/formats.h"

/* How many times as many trials as usual: TOCSIN_ROUNDS, for long runs. */
static inline uint64_t
decode_rounds(void)
{
    uint64_t n;
    const char *s = getenv("TOCSIN_ROUNDS");
    return s && tcs_base_num_u64(tcs_base_str_of(s), &n) && n ? n : 1;
}

struct decode_opts {
    bool carve, plain; /* plain: tcs_decode_evtx_plain */
    void (*event)(void *ctx, const struct tcs_event *ev);
    void *ctx;
};

struct decode_result {
    struct tcs_decode_stats stats;
    uint64_t problems, records; /* records: problems that cost one record */
    uint64_t at;                /* the first problem's offset */
    char first[160];            /* and sentence */
};

static inline void
decode_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    struct decode_result *r = ctx;
    (void)origin;
    if (!r->problems++) {
        snprintf(r->first, sizeof r->first, "%s", p->msg);
        r->at = p->offset;
    }
    r->records += p->record;
}

struct decode_ctx {
    struct decode_result *result;
    const struct decode_opts *opts;
};

static inline void
decode_on_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    decode_problem(((struct decode_ctx *)ctx)->result, origin, p);
}

static inline void
decode_on_event(void *ctx, const struct tcs_event *ev)
{
    const struct decode_opts *o = ((struct decode_ctx *)ctx)->opts;
    o->event(o->ctx, ev);
}

static inline struct decode_result
decode_file(const void *file, size_t n, const struct decode_opts *opts)
{
    enum { HEADER = 4096 };
    struct decode_result r = {0};
    struct decode_ctx ctx = {&r, opts};
    struct tcs_origin origin = {.path = TCS_STR("made.evtx")};
    struct tcs_sink sink = {.ctx = &ctx, .event = decode_on_event, .problem = decode_on_problem};
    struct tcs_decoder *d =
        tcs_decode_format_evtx.open(&(struct tcs_decode_opts){.carve = opts->carve});
    size_t left = n > HEADER ? n - HEADER : 0;
    uint8_t *copy = calloc(1, left + TCS_BLOCK_PADDING);
    assert_non_null(d);
    assert_non_null(copy);
    if (opts->plain)
        tcs_decode_evtx_plain(d);
    if (left)
        memcpy(copy, (const uint8_t *)file + HEADER, left);
    struct tcs_block b = {.origin = &origin, .p = copy, .n = left, .offset = HEADER};
    tcs_decode_format_evtx.decode(d, &b, &sink, &r.stats);
    free(copy);
    tcs_decode_format_evtx.close(d);
    return r;
}

/* The field's text in the arena; empty (with p == NULL) when the event has no such field. */
static inline struct tcs_str
decode_text(const struct tcs_event *ev, const char *name, struct tcs_arena *a)
{
    const struct tcs_field *f = tcs_event_field(ev, tcs_base_str_of(name));
    return f ? tcs_event_value_text(&f->value, a) : (struct tcs_str){NULL, 0};
}

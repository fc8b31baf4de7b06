/* unit/decode/evtx_load.h - a file or a block through the EVTX decoder, counted and kept. */
#pragma once
#include "check.h"

#include "decode/evtx/evtx.h"
#include "decode/formats.h"

struct evtx_run {
    struct tcs_buf json, flat; /* one line per event */
    struct tcs_decode_stats stats;
    uint64_t problems; /* all that were reported */
    char last[256];    /* the last one's sentence */
    uint64_t last_at;
    unsigned want;
    uint64_t seen, carved; /* events delivered; those tagged as carved */
};

static inline unsigned
evtx_run_want(void *ctx, const struct tcs_event *head)
{
    (void)head;
    return ((struct evtx_run *)ctx)->want;
}

static inline void
evtx_run_event(void *ctx, const struct tcs_event *ev)
{
    struct evtx_run *r = ctx;
    r->seen++;
    r->carved += (ev->flags & TCS_EVENT_CARVED) != 0;
    ev->raw_json(ev, &r->json);
    tcs_base_buf_c(&r->json, '\n');
    tcs_event_json_flat(ev, &r->flat);
    tcs_base_buf_c(&r->flat, '\n');
}

static inline void
evtx_run_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    struct evtx_run *r = ctx;
    (void)origin;
    r->problems++;
    r->last_at = p->offset;
    snprintf(r->last, sizeof r->last, "%s", p->msg);
}

/* Decodes a whole file image: everything behind its first 4096 bytes. */
static inline void
evtx_run_bytes(struct evtx_run *r, const uint8_t *file, size_t n, const struct tcs_decode_opts *o,
               bool plain)
{
    struct tcs_origin origin = {.path = TCS_STR("test.evtx")};
    struct tcs_sink sink = {
        .ctx = r, .want = evtx_run_want, .event = evtx_run_event, .problem = evtx_run_problem};
    struct tcs_decoder *d = tcs_decode_format_evtx.open(o);
    assert_non_null(d);
    if (plain)
        tcs_decode_evtx_plain(d);
    if (!r->want)
        r->want = TCS_WANT_FIELDS | TCS_WANT_RAW;
    size_t skip = n < 4096 ? n : 4096;
    uint8_t *copy = calloc(1, n - skip + TCS_BLOCK_PADDING);
    assert_non_null(copy);
    memcpy(copy, file + skip, n - skip);
    struct tcs_block b = {.origin = &origin, .p = copy, .n = n - skip, .offset = skip};
    tcs_decode_format_evtx.decode(d, &b, &sink, &r->stats);
    free(copy);
    tcs_decode_format_evtx.close(d);
}

static inline void
evtx_run_done(struct evtx_run *r)
{
    tcs_base_buf_done(&r->json);
    tcs_base_buf_done(&r->flat);
}

/* The file's bytes, malloc'd; fails the test when it is not there. */
static inline uint8_t *
evtx_slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    uint8_t *p = malloc(*n + 1);
    assert_non_null(p);
    assert_int_equal(fread(p, 1, *n, f), *n);
    p[*n] = 0;
    fclose(f);
    return p;
}

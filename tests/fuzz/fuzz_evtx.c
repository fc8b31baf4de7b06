/* tests/fuzz/fuzz_evtx.c - the EVTX decoder on any bytes: no fault, bounded work, and the prepared
 * path says what the plain one says.
 *
 * Input: a byte of options, then the bytes of a chunk behind its header (bit 0), or of a block as
 * it is.  The header is ours, so that mutations reach records and not signatures. */
#include "decode/evtx/evtx.h"
#include "decode/formats.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPT_HEADER = 1, OPT_CARVE = 2, CHUNK = 65536, HEADER = 512, MAX = 2 * CHUNK };

struct got {
    struct tcs_buf json, flat;
    uint64_t fields;
    bool limited; /* the budget ran out, which each path reaches in its own time */
};

static unsigned
want(void *ctx, const struct tcs_event *head)
{
    (void)ctx;
    return head->record_id % 7 == 3 ? TCS_WANT_NOTHING : TCS_WANT_FIELDS | TCS_WANT_RAW;
}

static void
event(void *ctx, const struct tcs_event *ev)
{
    struct got *g = ctx;
    if (g->json.n > 16 << 20)
        g->limited = true;
    if (g->limited)
        return;
    size_t before = g->json.n;
    ev->raw_json(ev, &g->json);
    tcs_event_json_flat(ev, &g->flat);
    if (g->json.n - before > 20 &&
        memmem(g->json.p + before, g->json.n - before, "#damaged", 8) != NULL)
        g->limited = true;
    for (uint32_t i = 0; i < ev->nfields; i++)
        g->fields += ev->fields[i].value.n;
}

static void
problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    struct got *g = ctx;
    (void)origin;
    g->limited |= p->cause == TCS_CAUSE_RECORD_LIMIT;
}

static void
decode(const uint8_t *p, size_t n, bool carve, bool plain, struct got *g)
{
    struct tcs_decode_opts o = {.carve = carve};
    struct tcs_decode_stats st = {0};
    struct tcs_origin origin = {.path = TCS_STR("fuzz")};
    struct tcs_sink sink = {.ctx = g, .want = want, .event = event, .problem = problem};
    struct tcs_decoder *d = tcs_decode_format_evtx.open(&o);
    struct tcs_block b = {.origin = &origin, .p = p, .n = n, .offset = 4096};
    if (!d)
        return;
    if (plain)
        tcs_decode_evtx_plain(d);
    tcs_decode_format_evtx.decode(d, &b, &sink, &st);
    tcs_decode_format_evtx.close(d);
}

static void
differ(const char *what, const struct tcs_buf *a, const struct tcs_buf *b)
{
    fprintf(stderr, "%s differ:\n%.*s\n%.*s\n", what, (int)a->n, a->p, (int)b->n, b->p);
    abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > MAX)
        return 0;
    size_t head = data[0] & OPT_HEADER ? HEADER : 0, n = head + size - 1;
    uint8_t *p = calloc(1, n + TCS_BLOCK_PADDING);
    struct got a = {0}, b = {0};
    if (!p)
        return 0;
    memcpy(p + head, data + 1, size - 1);
    if (head) {
        size_t free_at = n < CHUNK ? n : CHUNK;
        memcpy(p, "ElfChnk", 8);
        for (size_t i = 0; i < 4; i++)
            p[48 + i] = (uint8_t)(free_at >> (8 * i));
        if (data[0] & OPT_CARVE && data[0] & 4)
            p[48] = 0, p[49] = 2, p[50] = 0; /* all of it is slack */
        p[120] = 1;                          /* dirty: no checksums */
    }
    decode(p, n, data[0] & OPT_CARVE, false, &a);
    decode(p, n, data[0] & OPT_CARVE, true, &b);
    if (!a.limited && !b.limited) {
        if (!tcs_base_str_eq(tcs_base_buf_view(&a.json), tcs_base_buf_view(&b.json)))
            differ("JSON", &a.json, &b.json);
        if (!tcs_base_str_eq(tcs_base_buf_view(&a.flat), tcs_base_buf_view(&b.flat)))
            differ("fields", &a.flat, &b.flat);
    }
    tcs_base_buf_done(&a.json);
    tcs_base_buf_done(&a.flat);
    tcs_base_buf_done(&b.json);
    tcs_base_buf_done(&b.flat);
    free(p);
    return 0;
}

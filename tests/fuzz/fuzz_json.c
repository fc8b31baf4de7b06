/* tests/fuzz/fuzz_json.c - the JSON decoders on any bytes: what lines give must not depend on where
 * they are cut, nor on what was decoded before (the decoders stay open from run to run). */
#include "decode/formats.h"
#include "input/frame.h"

#include <stdlib.h>

/* What one run gives, for comparison. */
struct sum {
    uint64_t events, bad, hash;
};

struct memory {
    struct tcs_stream stream; /* first */
    const uint8_t *p;
    size_t n, at;
};

static int
memory_read(struct tcs_stream *s, void *to, size_t n, size_t *got, struct tcs_err *err)
{
    struct memory *m = (struct memory *)s;
    (void)err;
    *got = n < m->n - m->at ? n : m->n - m->at;
    if (*got)
        memcpy(to, m->p + m->at, *got);
    m->at += *got;
    return 0;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct sum *s = ctx;
    struct tcs_buf b = {0};
    tcs_event_json_flat(ev, &b);
    if (ev->raw_json)
        ev->raw_json(ev, &b);
    s->hash = s->hash * 31 + ev->offset + ev->record_id;
    for (size_t i = 0; i < b.n; i++)
        s->hash = s->hash * 31 + (uint8_t)b.p[i];
    tcs_base_buf_done(&b);
}

static struct sum
run(const struct tcs_format *f, struct tcs_decoder *d, const uint8_t *p, size_t n, size_t block)
{
    static const struct tcs_origin origin = {.path = {"fuzz", 4}};
    struct sum s = {0};
    struct tcs_pool *pool = tcs_input_pool_new(block, NULL);
    struct memory m = {.stream = {.read = memory_read}, .p = p, .n = n};
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats};
    struct tcs_framer c = {.stream = &m.stream, .pool = pool, .block = block, .opts = &opts};
    struct tcs_sink sink = {.ctx = &s, .event = on_event};
    struct tcs_decode_stats stats = {0};
    struct tcs_block b;
    struct tcs_pool_buf *own;
    if (!pool || tcs_input_frame_head(&c, NULL) < 0)
        abort();
    if (tcs_input_frame_start(&c, f, &origin, NULL) < 0)
        abort();
    while (tcs_input_frame_next(&c, &b, &own, NULL) == 0) {
        f->decode(d, &b, &sink, &stats);
        tcs_input_pool_put(pool, own);
    }
    s.events = stats.events;
    s.bad = stats.bad_records;
    tcs_input_frame_done(&c);
    tcs_input_pool_free(pool);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tcs_format *const formats[] = {&tcs_decode_format_jsonl,
                                                       &tcs_decode_format_json};
    static struct tcs_decoder *decoders[2]; /* opening one costs more than a run */
    for (size_t i = 0; i < 2; i++) {
        if (!decoders[i] && !(decoders[i] = formats[i]->open(&(struct tcs_decode_opts){0})))
            abort();
        formats[i]->sniff(data, size);
        struct sum whole = run(formats[i], decoders[i], data, size, 1 << 16);
        struct sum cut = run(formats[i], decoders[i], data, size, 1);
        if (i == 0 &&
            (whole.events != cut.events || whole.bad != cut.bad || whole.hash != cut.hash))
            abort();
    }
    return 0;
}

/* tests/fuzz/fuzz_xml.c - the XML event reader on any bytes. */
#include "decode/formats.h"

#include <stdlib.h>
#include <string.h>

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    (void)ctx;
    struct tcs_buf b = {0};
    tcs_event_json_flat(ev, &b);
    tcs_base_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tcs_origin origin = {.path = {"fuzz", 4}};
    static struct tcs_decoder *d; /* opening one costs more than a run */
    if (!d)
        d = tcs_decode_format_xml.open(&(struct tcs_decode_opts){0});
    uint8_t *p = calloc(1, size + TCS_BLOCK_PADDING);
    if (!d || !p)
        abort();
    if (size)
        memcpy(p, data, size);
    struct tcs_sink sink = {.event = on_event};
    struct tcs_decode_stats stats = {0};
    struct tcs_block b = {.origin = &origin, .p = p, .n = size, .first_record = 1};
    tcs_decode_format_xml.sniff(data, size);
    tcs_decode_format_xml.decode(d, &b, &sink, &stats);
    free(p);
    return 0;
}

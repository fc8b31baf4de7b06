/* tests/fuzz/fuzz_archive.c - any bytes as standard input: containers, formats, cutting, decoding.
 *
 * The bytes go through a file in memory that stands for standard input, so that no path and no name
 * is involved.  EVTX and JSON inside are decoded too. */
#include "decode/formats.h"
#include "input/source.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    (void)ctx;
    (void)ev;
}

/* A gigabyte of zeros packs into a few kilobytes: enough is enough for one run. */
static bool
too_much(const struct tcs_decode_stats *stats)
{
    return stats->bytes > 8 << 20;
}

static void
decode(struct tcs_inputs *in)
{
    struct tcs_sink sink = {.event = on_event};
    struct tcs_decode_stats stats = {0};
    struct tcs_unit u;
    while (!too_much(&stats) && tcs_input_next(in, &u, NULL) == 0) {
        struct tcs_decoder *d = u.format->open(&(struct tcs_decode_opts){0});
        if (!d)
            abort();
        u.format->decode(d, &u.block, &sink, &stats);
        u.format->close(d);
        tcs_input_unit_free(in, &u);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const path = "-";
    const struct tcs_inputs_opts opts = {.formats = tcs_decode_formats};
    struct tcs_inputs *in;
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0 ||
        dup2(fd, STDIN_FILENO) < 0 || tcs_input_open(&path, 1, &opts, &in, NULL) < 0)
        abort();
    close(fd);
    decode(in);
    tcs_input_close(in);
    return 0;
}

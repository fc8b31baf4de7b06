/* unit/decode/evtx_cat.c - prints the events of .evtx files, one JSON object per line.
 *
 * Usage: evtx_cat [-f] [-q] [-c] [-p] FILE...
 *   -f  fields by their names (the flat form) instead of evtx_dump's shape
 *   -q  decode, print nothing        -n  want nothing but headers
 *   -c  also carved records          -p  without the decoder's fast paths
 * Counts and problems go to standard error. */
#include "decode/evtx/evtx.h"
#include "decode/formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct out {
    struct tcs_buf b;
    bool flat, quiet, nothing;
};

static unsigned
want(void *ctx, const struct tcs_event *head)
{
    struct out *o = ctx;
    (void)head;
    if (o->nothing)
        return TCS_WANT_NOTHING;
    return o->flat || o->quiet ? TCS_WANT_FIELDS : TCS_WANT_RAW;
}

static void
event(void *ctx, const struct tcs_event *ev)
{
    struct out *o = ctx;
    if (o->quiet)
        return;
    if (o->flat)
        tcs_event_json_flat(ev, &o->b);
    else
        ev->raw_json(ev, &o->b);
    tcs_base_buf_c(&o->b, '\n');
    if (o->b.n > 1 << 16) {
        fwrite(o->b.p, 1, o->b.n, stdout);
        o->b.n = 0;
    }
}

static void
on_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    (void)ctx;
    fprintf(stderr, "%.*s: offset %llu: %s (%llu bytes skipped)%s\n", TCS_STR_FMT(origin->path),
            (unsigned long long)p->offset, p->msg, (unsigned long long)p->skipped,
            p->record ? " [record]" : "");
}

enum { HEADER = 4096, BLOCK = 1 << 20 };

/* The file in blocks of whole chunks, as the pipeline would cut it. */
static bool
decode_file(struct tcs_decoder *d, const char *path, const struct tcs_sink *sink,
            struct tcs_decode_stats *st)
{
    static uint8_t bytes[BLOCK + TCS_BLOCK_PADDING];
    FILE *f = fopen(path, "rb");
    struct tcs_origin origin = {.path = tcs_base_str_of(path)};
    struct tcs_block b = {.origin = &origin, .p = bytes, .offset = HEADER};
    if (!f)
        return false;
    setvbuf(f, NULL, _IONBF, 0);
    if (fseek(f, HEADER, SEEK_SET) == 0)
        while ((b.n = fread(bytes, 1, BLOCK, f)) > 0) {
            tcs_decode_format_evtx.decode(d, &b, sink, st);
            b.offset += b.n;
        }
    fclose(f);
    return true;
}

int
main(int argc, char **argv)
{
    struct out o = {0};
    struct tcs_decode_opts opts = {0};
    bool plain = false;
    for (int c; (c = getopt(argc, argv, "fqncp")) != -1;) {
        o.flat |= c == 'f';
        o.quiet |= c == 'q';
        o.nothing |= c == 'n';
        opts.carve |= c == 'c';
        plain |= c == 'p';
        if (c == '?')
            return 1;
    }
    struct tcs_decoder *d = tcs_decode_format_evtx.open(&opts);
    struct tcs_sink sink = {.ctx = &o, .want = want, .event = event, .problem = on_problem};
    if (!d)
        return 1;
    if (plain)
        tcs_decode_evtx_plain(d);
    for (int i = optind; i < argc; i++) {
        struct tcs_decode_stats st = {0};
        if (!decode_file(d, argv[i], &sink, &st)) {
            perror(argv[i]);
            return 1;
        }
        fprintf(stderr,
                "%s: %llu events, %llu bad, %llu carved, %llu chunks, %llu bad, %llu empty\n",
                argv[i], (unsigned long long)st.events, (unsigned long long)st.bad_records,
                (unsigned long long)st.carved, (unsigned long long)st.chunks,
                (unsigned long long)st.bad_chunks, (unsigned long long)st.empty_chunks);
    }
    fwrite(o.b.p, 1, o.b.n, stdout);
    tcs_base_buf_done(&o.b);
    tcs_decode_format_evtx.close(d);
    return 0;
}

/* tests/unit/evtx/evtx_cat.c - prints the events of .evtx files, one JSON object per line.
 *
 * Usage: evtx_cat [-f] [-q] [-c] [-p] FILE...
 *   -f  fields by their names (the flat form) instead of evtx_dump's shape
 *   -q  decode, print nothing        -n  want nothing but headers
 *   -c  also carved records          -p  without the decoder's fast paths
 * Counts and problems go to standard error. */
#include "input/evtx.h"
#include "input/format.h"

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
    tcs_buf_c(&o->b, '\n');
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

static uint8_t *
load(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) < 0)
        return NULL;
    *n = (size_t)ftell(f);
    rewind(f);
    uint8_t *p = calloc(1, *n + TCS_BLOCK_PADDING);
    if (p && fread(p, 1, *n, f) != *n)
        *n = 0;
    fclose(f);
    return p;
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
    struct tcs_decoder *d = tcs_format_evtx.open(&opts);
    struct tcs_sink sink = {.ctx = &o, .want = want, .event = event, .problem = on_problem};
    if (!d)
        return 1;
    if (plain)
        tcs_evtx_plain(d);
    for (int i = optind; i < argc; i++) {
        struct tcs_decode_stats st = {0};
        size_t n = 0;
        uint8_t *p = load(argv[i], &n);
        struct tcs_origin origin = {.path = tcs_str_of(argv[i])};
        size_t skip = n < 4096 ? n : 4096;
        if (!p) {
            perror(argv[i]);
            return 1;
        }
        struct tcs_block block = {.origin = &origin, .p = p + skip, .n = n - skip, .offset = skip};
        tcs_format_evtx.decode(d, &block, &sink, &st);
        free(p);
        fprintf(stderr,
                "%s: %llu events, %llu bad, %llu carved, %llu chunks, %llu bad, %llu empty\n",
                argv[i], (unsigned long long)st.events, (unsigned long long)st.bad_records,
                (unsigned long long)st.carved, (unsigned long long)st.chunks,
                (unsigned long long)st.bad_chunks, (unsigned long long)st.empty_chunks);
    }
    fwrite(o.b.p, 1, o.b.n, stdout);
    tcs_buf_done(&o.b);
    tcs_format_evtx.close(d);
    return 0;
}

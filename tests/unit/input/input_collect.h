/* tests/unit/input/input_collect.h - runs sources or blocks through their decoders and writes what
 * comes out as text, so that tests compare strings. */
#pragma once
#include "base/buf.h"
#include "base/time.h"
#include "check.h"
#include "decode/formats.h"
#include "input/source.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

struct collect {
    struct tcs_buf events;   /* one line each */
    struct tcs_buf problems; /* one line each: path, sentence */
    struct tcs_decode_stats stats;
    bool places; /* offset and record id before each event */
};

static inline void
collect_done(struct collect *c)
{
    tcs_base_buf_done(&c->events);
    tcs_base_buf_done(&c->problems);
}

static inline void
collect_event(void *ctx, const struct tcs_event *ev)
{
    struct collect *c = ctx;
    if (c->places)
        tcs_base_buf_printf(&c->events, "%u %llu %llu ", ev->origin->index,
                            (unsigned long long)ev->offset, (unsigned long long)ev->record_id);
    tcs_event_json_flat(ev, &c->events);
    tcs_base_buf_c(&c->events, '\n');
}

static inline void
collect_problem(void *ctx, const struct tcs_origin *o, const struct tcs_problem *p)
{
    struct collect *c = ctx;
    tcs_base_buf_printf(&c->problems, "%.*s: %s\n", TCS_STR_FMT(o->path), p->msg);
}

static inline struct tcs_sink
collect_sink(struct collect *c)
{
    return (struct tcs_sink){.ctx = c, .event = collect_event, .problem = collect_problem};
}

/* One block, as the format's decoder sees it. */
static inline void
collect_text(struct collect *c, const struct tcs_format *f, const char *text, size_t n)
{
    static const struct tcs_origin origin = {.path = {"t", 1}};
    uint8_t *copy = calloc(1, n + TCS_BLOCK_PADDING);
    struct tcs_decoder *d = f->open(&(struct tcs_decode_opts){0});
    struct tcs_sink sink = collect_sink(c);
    assert_non_null(copy);
    assert_non_null(d);
    memcpy(copy, text, n);
    struct tcs_block b = {.origin = &origin, .p = copy, .n = n, .first_record = 1};
    f->decode(d, &b, &sink, &c->stats);
    f->close(d);
    free(copy);
}

/* Everything below the paths. */
static inline void
collect_paths(struct collect *c, const char *const *paths, size_t n, size_t block)
{
    struct tcs_inputs_opts opts = {
        .formats = tcs_decode_formats, .block = block, .problem = collect_problem, .ctx = c};
    struct tcs_sink sink = collect_sink(c);
    struct tcs_inputs *in;
    struct tcs_unit u;
    struct tcs_err err;
    uint64_t seq = 0;
    int r;
    assert_int_equal(tcs_input_open(paths, n, &opts, &in, &err), 0);
    const struct tcs_format *format = NULL;
    struct tcs_decoder *d = NULL;
    while ((r = tcs_input_next(in, &u, &err)) == 0) {
        if (u.format != format) {
            if (d)
                format->close(d);
            format = u.format;
            d = format->open(&(struct tcs_decode_opts){0});
            assert_non_null(d);
        }
        assert_int_equal(u.seq, seq++);
        format->decode(d, &u.block, &sink, &c->stats);
        tcs_input_unit_free(in, &u);
    }
    assert_int_equal(r, 1);
    if (d)
        format->close(d);
    tcs_input_close(in);
}

static inline void
collect_check(struct tcs_buf *b, const char *want)
{
    check_str(tcs_base_buf_view(b), want);
}

/* A folder of the test's own. */
static inline void
tmp_make(char dir[64])
{
    const char *base = getenv("TMPDIR");
    snprintf(dir, 64, "%.40s/tcs-input-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
}

static inline int
tmp_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void
tmp_remove(const char *dir)
{
    assert_int_equal(chdir("/"), 0);
    nftw(dir, tmp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
tmp_write(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

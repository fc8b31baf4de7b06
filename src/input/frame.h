/* input/frame.h - one source's bytes into blocks that can be decoded on their own.
 *
 * Chunks are cut at every 64 KiB behind the file header; lines at line feeds; objects behind their
 * closing brace; rows of CSV at line feeds outside quotes.  The same records come out whatever the
 * block size. */
#pragma once
#include "base/crc32.h"
#include "input/json_scan.h"
#include "input/pool.h"
#include "input/source.h"
#include "input/stream.h"

enum { TCS_SNIFF = 65536 }; /* bytes that decide about the format */

struct tcs_framer {
    /* set by the owner before tcs_input_frame_head */
    struct tcs_stream *stream;
    struct tcs_pool *pool;
    size_t block; /* bytes of a block, about */
    const struct tcs_inputs_opts *opts;
    const struct tcs_crc32 *crc;
    struct tcs_arena *arena; /* what blocks share lives here; CSV only */
    /* the framer's own */
    const struct tcs_format *format;
    const struct tcs_origin *origin;
    struct tcs_pool_buf *buf;
    size_t have, skip;             /* bytes in buf; of those, consumed at its start */
    uint64_t offset;               /* of buf->p[0] in the source */
    uint64_t record;               /* number of the next record */
    uint64_t whole, whole_records; /* lines: behind the last line feed, and lines up to there */
    bool eof;
    bool troubled;         /* reading failed, whoever was told of it */
    struct tcs_err failed; /* why reading ended early; code 0 if it did not */
    struct tcs_json_scan scan;
    size_t at, last;     /* objects: scanned so far, behind the last whole one */
    uint64_t count;      /* objects or rows seen up to `last` */
    struct tcs_str head; /* CSV: the first row */
    char delimiter;
    uint32_t promised; /* chunks: how many the file's header counts; 0: unknown */
};

/* Reads the first bytes: TCS_SNIFF or all there are.  Negative: out of memory. */
int tcs_input_frame_head(struct tcs_framer *c, struct tcs_err *err);
/* From now on the source is of this format.  0, or -TCS_ENOMEM. */
int tcs_input_frame_start(struct tcs_framer *c, const struct tcs_format *format,
                          const struct tcs_origin *origin, struct tcs_err *err);
/* A source of lines begins at `offset`, behind `records` lines; the stream has been moved there. */
void tcs_input_frame_resume(struct tcs_framer *c, uint64_t offset, uint64_t records);
/* 0: block filled and *own the buffer it is in; 1: no more; negative: out of memory.  Problems go
 * to opts->problem. */
int tcs_input_frame_next(struct tcs_framer *c, struct tcs_block *ret, struct tcs_pool_buf **own,
                         struct tcs_err *err);
void tcs_input_frame_done(struct tcs_framer *c);

/* input/source.h - from the user's paths to blocks that decoders take.
 *
 *   walk    paths -> files, sorted, folders entered, links to folders not followed
 *   unpack  zip, tar, gz, zst members are sources of their own, by content, without temporary files
 *   sniff   the format, by content
 *   frame   into blocks; one thread produces, any number decode */
#pragma once
#include "base/err.h"
#include "input/format.h"
#include "input/pool.h"
#include "input/walk.h"

struct tcs_inputs;

/* A regular file that has been opened; archives are one file here, whatever is in them. */
struct tcs_inputs_file {
    struct tcs_str path;
    uint64_t size;
    int64_t mtime; /* ticks */
    /* Up to n bytes of it from `offset` on; how many there were.  Only during the call that the
     * file is handed to. */
    size_t (*read_at)(void *file, uint64_t offset, void *to, size_t n);
    void *file;
};

/* How far something was read, as it was handed out. */
struct tcs_position {
    void *mark; /* whose: what tcs_inputs_memory.begin gave; NULL: nobody's */
    /* Bytes up to which everything was handed out (at the end of a log of lines: behind its last
     * whole line), and the records in them where they are counted. */
    uint64_t read, records;
    bool whole;    /* all of it was handed out, and nothing was wrong with it as a file */
    uint64_t torn; /* of a block of lines: where its last one begins if that has no end yet, so that
                      it will be read again; else 0 */
};

struct tcs_inputs_from {
    bool skip;                /* nothing of it is new */
    uint64_t offset, records; /* logs of lines only: read on behind so many bytes and records */
    void *mark;               /* comes back with every position in this file */
};

/* What earlier runs have read.  Called from the thread that calls next. */
struct tcs_inputs_memory {
    void *ctx;
    void (*begin)(void *ctx, const struct tcs_inputs_file *f, struct tcs_inputs_from *ret);
    /* At the file's end, before it closes: it was handed out up to this position.  Or NULL. */
    void (*end)(void *ctx, const struct tcs_inputs_file *f, const struct tcs_position *at);
};

struct tcs_inputs_opts {
    const struct tcs_format *const *formats; /* that are known, NULL-terminated; borrowed */
    size_t block;                            /* bytes of a block, about; 0: 1 MiB */
    const struct tcs_inputs_memory *memory;  /* borrowed; NULL: read everything */
    const struct tcs_pool_lender *lender; /* borrowed; NULL: blocks come in memory of their own */
    /* Told of each thing not read: unreadable folder, unknown format, damaged archive.  Called
     * from the thread that calls tcs_input_next. */
    void (*problem)(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p);
    void (*entered)(void *ctx, const char *path); /* a file comes next; may be NULL */
    void *ctx;
    const struct tcs_csv_tables *csv; /* tables to be recognised; NULL: none.  Borrowed */
    const struct tcs_input_own *own;  /* files that are not read, since the run writes them */
    size_t nown;
};

/* A block with its source's format; owns its bytes.  Or, format NULL, no bytes: only a position
 * that was reached. */
struct tcs_unit {
    struct tcs_block block;
    const struct tcs_format *format;
    struct tcs_position position; /* behind the block */
    uint64_t seq;                 /* 0, 1, 2 ... in input order: the order of output */
    void *own;
};

/* Where units come from: files, and whatever else tocsin learns to read.  `ctx` is the source's. */
struct tcs_source {
    void *ctx;
    /* 0 and *ret: the next unit; 1: no more; negative: out of memory.  One thread at a time; may
     * block.  The origin in the block lives until close. */
    int (*next)(void *ctx, struct tcs_unit *ret, struct tcs_err *err);
    /* Every unit is given back, by any thread. */
    void (*give_back)(void *ctx, struct tcs_unit *u);
    /* What was handed out up to this position has had its effect, which is durable now.  NULL: the
     * source does not need to know. */
    void (*ack)(void *ctx, const struct tcs_position *p);
    const uint64_t *bytes_read; /* for progress; written by next only */
};

/* `opts` names the formats at least.  `paths` "-" is standard input.  Walks at once (so that
 * progress knows the total); opens files one at a time later.  Paths that do not exist are
 * problems, not failures. */
int tcs_input_open(const char *const *paths, size_t n, const struct tcs_inputs_opts *opts,
                   struct tcs_inputs **ret, struct tcs_err *err);
/* Every unit must have been given back. */
void tcs_input_close(struct tcs_inputs *in);
/* Before a sandbox that opens files only under the user's paths: calls root for each link in a
 * walked folder that leads to a file, which may lie outside. */
void tcs_input_roots(const struct tcs_inputs *in, void (*root)(void *ctx, const char *path),
                     void *ctx);
/* The inputs as a source; lives as long as they do. */
const struct tcs_source *tcs_input_source(struct tcs_inputs *in);
int tcs_input_next(struct tcs_inputs *in, struct tcs_unit *ret, struct tcs_err *err);
void tcs_input_unit_free(struct tcs_inputs *in, struct tcs_unit *u); /* any thread */

struct tcs_inputs_stats {
    uint64_t files, bytes_total, bytes_read; /* files on disk; archives by their packed size */
    uint64_t sources;                        /* files and members that had a format */
    uint64_t already; /* of the sources: files that memory said hold nothing new */
};
const struct tcs_inputs_stats *tcs_input_stats(const struct tcs_inputs *in);

/* Where in the inputs a file begins: another reader of the same paths can begin with it. */
struct tcs_inputs_place {
    uint64_t entry;
    uint32_t index, top;
    bool told; /* of the user's path that it lies below: what was found there, or that it was not */
    struct tcs_inputs_stats stats;
};

/* Of the file that is read now; of the first one before that. */
void tcs_input_place(const struct tcs_inputs *in, struct tcs_inputs_place *ret);
/* Nothing was read yet: begin there. */
void tcs_input_go_to(struct tcs_inputs *in, const struct tcs_inputs_place *p);

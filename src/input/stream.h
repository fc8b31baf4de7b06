/* input/stream.h - bytes that come one after the other: a file, standard input, a member of an
 * archive. */
#pragma once
#include "base/err.h"
#include "event/cause.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tcs_stream {
    /* Up to n bytes; *got 0 at the end.  Negative with *err filled. */
    int (*read)(struct tcs_stream *s, void *to, size_t n, size_t *got, struct tcs_err *err);
    /* Move to an absolute position; NULL when the bytes come only once. */
    void (*seek)(struct tcs_stream *s, uint64_t at);
    uint64_t size; /* of a stream that can seek, when it was opened */
    /* Moves on behind zeros that were never written (a hole), by a multiple of `unit`; by how many
     * bytes.  NULL: holes are read as zeros. */
    uint64_t (*skip_hole)(struct tcs_stream *s, uint64_t unit);
};

/* What it means that a stream, or the archive it comes from, failed with this code. */
enum tcs_cause tcs_input_stream_cause(int code);

/* A regular file or a descriptor that is already open. */
struct tcs_file {
    struct tcs_stream stream; /* first */
    int fd;
    bool regular; /* read with pread: position is ours */
    uint64_t at;
    int64_t mtime;    /* ticks */
    bool shrank;      /* it ended before the size that it had when it was opened */
    uint64_t covered; /* read without a gap from the start: what counts as read */
    uint64_t *count;  /* bytes covered are added here; all of the file's when it is closed */
};

/* Opens for reading.  Negative with *err filled: not there, no permission, not a regular file. */
int tcs_input_file_open(struct tcs_file *f, const char *path, uint64_t *count, struct tcs_err *err);
/* Standard input, whatever it is. */
void tcs_input_file_stdin(struct tcs_file *f, uint64_t *count);
void tcs_input_file_close(struct tcs_file *f);
/* How large it is; of a pipe, how much has come so far. */
uint64_t tcs_input_file_bytes(const struct tcs_file *f);

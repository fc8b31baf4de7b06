/* cli/output.h - where results go: standard output or a file, opened before the sandbox. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "detect/guard.h"

struct tcs_output {
    int fd;
    bool own; /* to be closed */
    bool tty; /* a terminal reads it */
};

/* `path` NULL: standard output.  What *g says is read is refused, and left as it is; else the file
 * is emptied, and one of *g's own.  g NULL: nothing is read. */
int tcs_cli_output_open(struct tcs_output *o, const char *path, struct tcs_guard *g,
                        struct tcs_err *err);
/* All of the bytes.  err->sys is EPIPE when the reader is gone. */
int tcs_cli_output_write(const struct tcs_output *o, const void *p, size_t n, struct tcs_err *err);
/* The same for lines of JSON.  A terminal gets the characters that it would obey (DEL, C1 controls,
 * text direction) as \u escapes, which mean the same in JSON; all others get the bytes as they are.
 */
int tcs_cli_output_json(const struct tcs_output *o, const void *p, size_t n, struct tcs_err *err);
/* All of *b, which is emptied; as lines of JSON if said.  An error too if *b ran out of memory. */
int tcs_cli_output_buf(const struct tcs_output *o, struct tcs_buf *b, bool json,
                       struct tcs_err *err);
/* Also reports what the system only says at the end (a full disk). */
int tcs_cli_output_close(struct tcs_output *o, struct tcs_err *err);

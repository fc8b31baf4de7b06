/* cli/output.h - where results go: standard output or a file, opened before the sandbox. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct tcs_output {
    int fd;
    bool own; /* to be closed */
};

/* `path` NULL: standard output. */
int tcs_output_open(struct tcs_output *o, const char *path, struct tcs_err *err);
/* All of the bytes.  err->sys is EPIPE when the reader is gone. */
int tcs_output_write(const struct tcs_output *o, const void *p, size_t n, struct tcs_err *err);
/* Also reports what the system only says at the end (a full disk). */
int tcs_output_close(struct tcs_output *o, struct tcs_err *err);

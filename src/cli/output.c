/* cli/output.c - whole writes, and failures as sentences.  No buffering: results come in large
 * pieces. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int
tcs_output_open(struct tcs_output *o, const char *path, struct tcs_err *err)
{
    *o = (struct tcs_output){STDOUT_FILENO, false};
    if (!path)
        return 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return tcs_fail_sys(err, errno, "cannot write %.150s", path);
    *o = (struct tcs_output){fd, true};
    return 0;
}

int
tcs_output_write(const struct tcs_output *o, const void *p, size_t n, struct tcs_err *err)
{
    const char *at = p;
    while (n) {
        ssize_t done = write(o->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EPIPE)
            return tcs_fail_sys(err, EPIPE, "the reader of the output is gone");
        if (done < 0)
            return tcs_fail_sys(err, errno, "cannot write the output");
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

int
tcs_output_close(struct tcs_output *o, struct tcs_err *err)
{
    if (!o->own)
        return 0;
    o->own = false;
    return close(o->fd) < 0 ? tcs_fail_sys(err, errno, "cannot write the output") : 0;
}

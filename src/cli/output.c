/* cli/output.c - whole writes, and failures as sentences.  No buffering: results come in large
 * pieces. */
#include "cli/output.h"

#include "base/utf.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is in the file goes only now that it was looked at; pipes have nothing to lose. */
static int
open_file(const char *path, int *ret, struct tcs_err *err)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "cannot write %.150s", path);
    if (fstat(fd, &st) < 0 || (S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0)) {
        int sys = errno;
        close(fd);
        return tcs_base_fail_sys(err, sys, "cannot write %.150s", path);
    }
    *ret = fd;
    return 0;
}

int
tcs_cli_output_open(struct tcs_output *o, const char *path, struct tcs_guard *g,
                    struct tcs_err *err)
{
    int fd = STDOUT_FILENO, r = g ? tcs_detect_guard_output(g, path, err) : 0;
    if (r == 0 && path)
        r = open_file(path, &fd, err);
    if (r < 0)
        return r;
    *o = (struct tcs_output){fd, path != NULL, isatty(fd) == 1};
    if (g) {
        tcs_detect_guard_own(g, fd, "the output of this run, not read");
        tcs_detect_guard_own(g, STDERR_FILENO, "the messages of this run, not read");
    }
    return 0;
}

int
tcs_cli_output_write(const struct tcs_output *o, const void *p, size_t n, struct tcs_err *err)
{
    const char *at = p;
    while (n) {
        ssize_t done = write(o->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EPIPE)
            return tcs_base_fail_sys(err, EPIPE, "the reader of the output is gone");
        if (done <= 0) /* none of it, without a reason: asking again would not end */
            return tcs_base_fail_sys(err, done < 0 ? errno : EIO, "cannot write the output");
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

/* In JSON such characters stand inside strings only, so an escape can take the place of each. */
static bool
obeyed(uint32_t cp)
{
    return (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x202a && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069);
}

int
tcs_cli_output_json(const struct tcs_output *o, const void *p, size_t n, struct tcs_err *err)
{
    struct tcs_str s = {p, n};
    struct tcs_buf b = {0};
    size_t from = 0, at = 0;
    if (!o->tty)
        return tcs_cli_output_write(o, p, n, err);
    while (at < n) {
        size_t start = at;
        uint32_t cp = tcs_base_utf8_next(s, &at);
        if (!obeyed(cp))
            continue;
        tcs_base_buf_put(&b, s.p + from, start - from);
        tcs_base_buf_printf(&b, "\\u%04x", (unsigned)cp);
        from = at;
    }
    if (n)
        tcs_base_buf_put(&b, s.p + from, n - from);
    return tcs_cli_output_buf(o, &b, false, err);
}

int
tcs_cli_output_buf(const struct tcs_output *o, struct tcs_buf *b, bool json, struct tcs_err *err)
{
    int r = b->failed ? tcs_base_fail(err, TCS_ENOMEM, "out of memory")
            : json    ? tcs_cli_output_json(o, b->p, b->n, err)
                      : tcs_cli_output_write(o, b->p, b->n, err);
    tcs_base_buf_done(b);
    return r;
}

int
tcs_cli_output_close(struct tcs_output *o, struct tcs_err *err)
{
    if (!o->own)
        return 0;
    o->own = false;
    return close(o->fd) < 0 ? tcs_base_fail_sys(err, errno, "cannot write the output") : 0;
}

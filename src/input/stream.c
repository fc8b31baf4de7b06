/* input/stream.c - files and standard input as streams.
 *
 * Files are read, not mapped: one that is cut short while it is read must not kill the process, and
 * pages of a mapping count as memory.  Reading goes on until the end that the file has by then, so
 * that what is appended meanwhile is seen too. */
#include "input/stream.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* An archive is read from both ends, and parts of it twice; progress goes one way. */
static void
cover(struct tcs_file *f, uint64_t end)
{
    if (end > f->covered) {
        *f->count += end - f->covered;
        f->covered = end;
    }
}

static int
file_read(struct tcs_stream *s, void *to, size_t n, size_t *got, struct tcs_err *err)
{
    struct tcs_file *f = (struct tcs_file *)s;
    ssize_t k;
    do {
        k = f->regular ? pread(f->fd, to, n, (off_t)f->at) : read(f->fd, to, n);
    } while (k < 0 && errno == EINTR);
    if (k < 0) {
        tcs_base_fail_sys(err, errno, "cannot be read on from byte %llu",
                          (unsigned long long)f->at);
        return -TCS_EIO;
    }
    f->shrank |= k == 0 && f->regular && f->at < f->stream.size;
    if (f->at <= f->covered)
        cover(f, f->at + (uint64_t)k);
    f->at += (uint64_t)k;
    *got = (size_t)k;
    return 0;
}

static void
file_seek(struct tcs_stream *s, uint64_t at)
{
    ((struct tcs_file *)s)->at = at;
}

/* Where the file system cannot tell, all of it is data. */
static uint64_t
file_skip_hole(struct tcs_stream *s, uint64_t unit)
{
    struct tcs_file *f = (struct tcs_file *)s;
    off_t data = lseek(f->fd, (off_t)f->at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) /* nothing but a hole up to its end */
        data = lseek(f->fd, 0, SEEK_END);
    if (data < 0 || (uint64_t)data <= f->at)
        return 0;
    uint64_t n = (uint64_t)data - f->at;
    n -= n % unit;
    if (f->at <= f->covered)
        cover(f, f->at + n);
    f->at += n;
    return n;
}

uint64_t
tcs_input_file_bytes(const struct tcs_file *f)
{
    return f->regular ? f->stream.size : f->covered;
}

enum tcs_cause
tcs_input_stream_cause(int code)
{
    switch (code) {
    case TCS_EIO:
        return TCS_CAUSE_UNREADABLE;
    case TCS_ELOCKED:
        return TCS_CAUSE_LOCKED;
    case TCS_EUNSUPP:
        return TCS_CAUSE_PACKING;
    case TCS_ELIMIT:
        return TCS_CAUSE_UNPACKED;
    default:
        return TCS_CAUSE_ARCHIVE;
    }
}

int
tcs_input_file_open(struct tcs_file *f, const char *path, uint64_t *count, struct tcs_err *err)
{
    struct stat st;
    /* O_NONBLOCK: the name may have become a pipe since the walk */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "cannot be opened");
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return tcs_base_fail(err, TCS_EUNSUPP, "not a regular file, not read");
    }
    *f = (struct tcs_file){
        .stream = {.read = file_read,
                   .seek = file_seek,
                   .size = (uint64_t)st.st_size,
                   .skip_hole = file_skip_hole},
        .fd = fd,
        .regular = true,
        .mtime = (int64_t)st.st_mtim.tv_sec * TCS_TICKS_PER_SEC + st.st_mtim.tv_nsec / 100,
        .count = count,
    };
    return 0;
}

void
tcs_input_file_stdin(struct tcs_file *f, uint64_t *count)
{
    *f = (struct tcs_file){.stream = {.read = file_read}, .fd = STDIN_FILENO, .count = count};
}

void
tcs_input_file_close(struct tcs_file *f)
{
    if (f->fd > STDIN_FILENO) {
        cover(f, f->stream.size);
        close(f->fd);
    }
    f->fd = -1;
}

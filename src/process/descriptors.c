/* process/descriptors.c - descriptors as they must be before anything is opened. */
#include "process/descriptors.h"

#include "base/num.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OTHERS = STDERR_FILENO + 1, KEPT_MAX = 64, CLOSED_BY_HAND = 4096 };

/* A descriptor that is open the wrong way round: reads from it, or writes to it, fail.  Where there
 * is no /dev/null (a bare container), one that is for neither. */
static void
take_standard(void)
{
    static const int ways[OTHERS] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < OTHERS; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", ways[fd]) != fd && open("/", O_PATH) != fd)
            _exit(1); /* there is nobody to tell */
}

/* The descriptor that a word of the command line names, or -1. */
static int
named(const char *word)
{
    static const char *const before[] = {"/dev/fd/", "/proc/self/fd/"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        const char *at = strstr(word, before[i]);
        uint64_t fd;
        if (at && tcs_base_num_u64(tcs_base_str_of(at + strlen(before[i])), &fd) && fd >= OTHERS &&
            fd < INT_MAX)
            return (int)fd;
    }
    return -1;
}

static void
close_between(unsigned first, unsigned last)
{
    if (first > last || close_range(first, last, 0) == 0)
        return;
    /* a kernel before 5.9, or a container that does not know the call */
    for (unsigned fd = first; fd <= last && fd < CLOSED_BY_HAND; fd++)
        close((int)fd);
}

static int
ascending(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static void
close_others(int argc, char *const *argv)
{
    int kept[KEPT_MAX];
    size_t n = 0;
    for (int i = 1; i < argc && n < KEPT_MAX; i++)
        if ((kept[n] = named(argv[i])) >= 0)
            n++;
    qsort(kept, n, sizeof *kept, ascending);
    unsigned from = OTHERS;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned)kept[i] > from)
            close_between(from, (unsigned)kept[i] - 1);
        fcntl(kept[i], F_SETFD, FD_CLOEXEC);
        from = (unsigned)kept[i] + 1;
    }
    close_between(from, UINT_MAX);
}

void
tcs_process_descriptors(int argc, char *const *argv)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGXFSZ, &ignore, NULL);
    take_standard();
    close_others(argc, argv);
}

/* detect/crew_msg.c - messages over a channel that keeps their bounds. */
#include "detect/crew_int.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

bool
detect_crew_say(int channel, struct crew_msg *m, struct tcs_str text)
{
    m->text = (uint32_t)(text.n < CREW_TEXT_MAX ? text.n : CREW_TEXT_MAX);
    struct iovec io[2] = {{m, sizeof *m}, {(void *)(uintptr_t)text.p, m->text}};
    const ssize_t want = (ssize_t)(sizeof *m + m->text);
    ssize_t n;
    while ((n = writev(channel, io, m->text ? 2 : 1)) < 0 && errno == EINTR)
        ;
    return n == want;
}

int
detect_crew_hear(int channel, struct crew_msg *m, struct tcs_str *text, char *room)
{
    struct iovec io[2] = {{m, sizeof *m}, {room, CREW_TEXT_MAX}};
    ssize_t n;
    /* ECONNRESET comes once, if the other end was closed with messages that nobody had read there:
     * its own are still to be had */
    while ((n = readv(channel, io, 2)) < 0 && (errno == EINTR || errno == ECONNRESET))
        ;
    if (n < 0 && errno == EAGAIN)
        return 1;
    if (n < (ssize_t)sizeof *m || (size_t)n != sizeof *m + m->text)
        return -1;
    *text = (struct tcs_str){room, m->text};
    return 0;
}

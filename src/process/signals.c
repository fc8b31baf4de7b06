/* process/signals.c - signals as something to wait for, next to a wake-up from our own threads. */
#include "process/signals.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <errno.h>

static void
stop_set(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

int
tcs_process_signals_open(struct tcs_stop *s, struct tcs_err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t set;
    stop_set(&set);
    *s = (struct tcs_stop){-1, -1, 0};
    sigaction(SIGPIPE, &ignore, NULL);
    int bad = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (bad)
        return tcs_base_fail_sys(err, bad, "cannot block signals");
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->signals >= 0)
        s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->signals < 0 || s->wake < 0) {
        int sys = errno;
        tcs_process_signals_close(s);
        return tcs_base_fail_sys(err, sys, "cannot wait for signals");
    }
    return 0;
}

void
tcs_process_signals_release(const struct tcs_stop *s)
{
    sigset_t set;
    (void)s;
    stop_set(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void
tcs_process_signals_close(struct tcs_stop *s)
{
    if (s->signals >= 0)
        close(s->signals);
    if (s->wake >= 0)
        close(s->wake);
    s->signals = s->wake = -1;
}

void
tcs_process_signals_wake(const struct tcs_stop *s)
{
    uint64_t one = 1;
    ssize_t n = write(s->wake, &one, sizeof one);
    (void)n; /* full means that a wake-up is waiting already */
}

bool
tcs_process_signals_wait(struct tcs_stop *s, int ms)
{
    struct pollfd fds[2] = {{.fd = s->signals, .events = POLLIN},
                            {.fd = s->wake, .events = POLLIN}};
    struct signalfd_siginfo info;
    uint64_t count;
    poll(fds, 2, ms);
    ssize_t woken = read(s->wake, &count, sizeof count);
    (void)woken;
    if (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info && !s->signo)
        s->signo = (int)info.ssi_signo;
    return s->signo != 0;
}

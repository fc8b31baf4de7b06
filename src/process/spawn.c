/* process/spawn.c - the spawner: a forked copy that forks again whenever it is asked to. */
#include "process/spawn.h"

#include "base/grow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANNEL = 3 }; /* the spawner's only descriptor beside the standard ones */

/* What a request is answered with, beside the channel: 0, or why there is none. */
struct answer {
    int32_t sys;
};

/* --- in the spawner --- */

/* Processes that were made and not yet waited for: their numbers are nobody else's. */
struct children {
    pid_t *at;
    uint32_t n, cap;
};

static void
forget_ended(struct children *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n; i++)
        if (waitpid(c->at[i], NULL, WNOHANG) == 0)
            c->at[kept++] = c->at[i];
    c->n = kept;
}

static void
end_all(struct children *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        kill(c->at[i], SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
}

/* Dies with its parent, even if that was gone before this was said. */
static void
die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}

/* A process that crashes ends: a handler of the parent's would run on what is damaged. */
static void
crash_at_once(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigaction(crashes[i], &usual, NULL);
}

static _Noreturn void
begin(const struct tcs_spawn_opts *opts, unsigned what, int own, pid_t spawner)
{
    die_with(spawner);
    crash_at_once();
    dup2(own, CHANNEL); /* the spawner's is closed by that */
    fcntl(CHANNEL, F_SETFD, FD_CLOEXEC);
    close(own);
    opts->run(opts->ctx, what, CHANNEL);
    _exit(0);
}

static int
answer(int channel, int sys, int fd)
{
    struct answer a = {sys};
    struct iovec io = {&a, sizeof a};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        *c = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return sendmsg(channel, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* One process for whoever asked. */
static int
make(const struct tcs_spawn_opts *opts, struct children *c, unsigned what)
{
    int ends[2];
    pid_t self = getpid();
    forget_ended(c);
    if (!tcs_base_grow(&c->at, &c->cap, c->n, 1, sizeof *c->at))
        return answer(CHANNEL, ENOMEM, -1);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return answer(CHANNEL, errno, -1);
    pid_t pid = fork();
    int sys = errno;
    if (pid == 0) {
        close(ends[0]);
        begin(opts, what, ends[1], self);
    }
    close(ends[1]);
    if (pid > 0)
        c->at[c->n++] = pid;
    int r = pid < 0 ? answer(CHANNEL, sys, -1) : answer(CHANNEL, 0, ends[0]);
    close(ends[0]);
    return r;
}

/* Nothing of what was open is left but the channel. */
static bool
close_all(int own, bool keep_input)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool good = null >= 0;
    for (int fd = keep_input ? 1 : 0; good && fd <= STDERR_FILENO; fd++) {
#ifdef TCS_SANITIZED
        if (fd == STDERR_FILENO) /* what a sanitizer says is said there */
            break;
#endif
        good = dup2(null, fd) == fd;
    }
    if (good && own != CHANNEL)
        good = dup2(own, CHANNEL) == CHANNEL;
    return good && fcntl(CHANNEL, F_SETFD, FD_CLOEXEC) == 0 &&
           close_range(CHANNEL + 1, ~0U, 0) == 0;
}

static _Noreturn void
serve(const struct tcs_spawn_opts *opts, int own, pid_t parent)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct children children = {0};
    uint32_t what;
    die_with(parent);
    /* whoever is interrupted is the parent: it says when the end has come */
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        sigaction(ignored[i], &ignore, NULL);
    if (!close_all(own, opts->keep_input))
        _exit(1);
    for (;;) {
        ssize_t n = read(CHANNEL, &what, sizeof what);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != sizeof what || make(opts, &children, what) < 0)
            break;
    }
    end_all(&children);
    _exit(0);
}

/* --- in whoever made it --- */

int
tcs_process_spawner_new(const struct tcs_spawn_opts *opts, struct tcs_spawner *ret,
                        struct tcs_err *err)
{
    int ends[2];
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return tcs_base_fail_sys(err, errno, "cannot make a channel to a process");
    fflush(NULL); /* what waits to be written is written once */
    pid_t pid = fork();
    if (pid == 0)
        serve(opts, ends[1], self);
    int sys = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return tcs_base_fail_sys(err, sys, "cannot start a process");
    }
    *ret = (struct tcs_spawner){ends[0], pid};
    return 0;
}

static int
received(struct msghdr *m)
{
    int fd = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
            c->cmsg_len == CMSG_LEN(sizeof fd))
            memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

int
tcs_process_spawn(struct tcs_spawner *s, unsigned what, int *channel, struct tcs_err *err)
{
    uint32_t request = what;
    struct answer a = {0};
    struct iovec io = {&a, sizeof a};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr m = {
        .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n = write(s->channel, &request, sizeof request);
    while (n > 0 && (n = recvmsg(s->channel, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        n = 1;
    int fd = n == sizeof a ? received(&m) : -1;
    if (n == sizeof a && a.sys)
        return tcs_base_fail_sys(err, a.sys, "cannot start a process");
    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return tcs_base_fail(err, TCS_EIO, "cannot start a process: its parent is gone");
    *channel = fd;
    return 0;
}

void
tcs_process_spawner_end(struct tcs_spawner *s)
{
    if (!s->pid)
        return;
    close(s->channel);
    while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *s = (struct tcs_spawner){-1, 0};
}

/* --- in a new process --- */

/* Bytes of data that the process has; 0: not known. */
static rlim_t
data_now(void)
{
    unsigned long pages[6] = {0};
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    int n = fscanf(f, "%lu %lu %lu %lu %lu %lu", &pages[0], &pages[1], &pages[2], &pages[3],
                   &pages[4], &pages[5]);
    fclose(f);
    return n == 6 ? (rlim_t)pages[5] * (rlim_t)sysconf(_SC_PAGESIZE) : 0;
}

void
tcs_process_spawned(const char *name, size_t memory)
{
    struct rlimit none = {0, 0};
    prctl(PR_SET_NAME, name);
    setrlimit(RLIMIT_CORE, &none); /* it would hold the log */
#ifdef TCS_SANITIZED
    (void)memory; /* shadow memory is data too */
    (void)data_now;
#else
    rlim_t now = data_now();
    struct rlimit data;
    if (memory && now && getrlimit(RLIMIT_DATA, &data) == 0 && now + memory < data.rlim_max) {
        data.rlim_cur = data.rlim_max = now + memory;
        setrlimit(RLIMIT_DATA, &data);
    }
#endif
}

void
tcs_process_spawned_no_input(void)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null > STDIN_FILENO) {
        dup2(null, STDIN_FILENO);
        close(null);
    }
}

/* process/sandbox.c - Landlock confines which files can be read, seccomp which system calls exist.
 *
 * Landlock: every right its ABI knows is taken away; reading files and folders is given back below
 * the inputs.  seccomp: a list of calls that may be made; all others fail with EPERM, so that a
 * library that tries one gets an error it handles instead of killing an investigation.  Opening for
 * writing is refused by argument, so files stay unwritten even without Landlock. */
#include "process/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the kernel headers of Debian 12: bits 13..15, and the fields behind the first. */
struct landlock_attr {
    uint64_t fs, net, scoped;
};

enum { ABI_MAX = 7 };

/* What version N of Landlock can take away: all rights known to it, by their number of bits. */
static const struct {
    unsigned fs, net, scoped;
} abi_bits[ABI_MAX + 1] = {
    {0, 0, 0}, {13, 0, 0}, {14, 0, 0}, {15, 0, 0}, {15, 2, 0}, {16, 2, 0}, {16, 2, 2}, {16, 2, 2},
};

static uint64_t
bits(unsigned n)
{
    return (UINT64_C(1) << n) - 1;
}

/* Errors that the path itself is the reason of: whoever reads it meets them too, and says so.
 * After any other one (no descriptor, no memory) the file might be read but for the sandbox. */
static bool
is_the_path(int sys)
{
    return sys == ENOENT || sys == ENOTDIR || sys == EACCES || sys == ELOOP || sys == ENAMETOOLONG;
}

/* Give back reading below `path`. */
static int
allow_reading(int ruleset, const char *path, struct tcs_err *err)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return is_the_path(errno) ? 0 : tcs_base_fail_sys(err, errno, "sandbox: %.150s", path);
    struct landlock_path_beneath_attr attr = {.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
                                              .parent_fd = fd};
    long r = fstat(fd, &st);
    if (r == 0 && S_ISDIR(st.st_mode))
        attr.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
    if (r == 0)
        r = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
    int sys = errno;
    close(fd);
    return r < 0 ? tcs_base_fail_sys(err, sys, "sandbox: %.150s", path) : 0;
}

static int
restrict_to(int ruleset, const char *const *paths, size_t n, struct tcs_err *err)
{
    for (size_t i = 0; i < n; i++) {
        int r = strcmp(paths[i], "-") == 0 ? 0 : allow_reading(ruleset, paths[i], err);
        if (r < 0)
            return r;
    }
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        return tcs_base_fail_sys(err, errno, "sandbox: Landlock refused");
    return 0;
}

static int
enter_landlock(const char *const *paths, size_t n, enum tcs_sandbox_state *state,
               struct tcs_err *err)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        *state = TCS_SANDBOX_NO_LANDLOCK;
        return 0;
    }
    size_t v = abi > ABI_MAX ? ABI_MAX : (size_t)abi;
    struct landlock_attr attr = {bits(abi_bits[v].fs), bits(abi_bits[v].net),
                                 bits(abi_bits[v].scoped)};
    size_t size = abi_bits[v].scoped ? sizeof attr : abi_bits[v].net ? 16 : 8;
    long fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "sandbox: Landlock");
    int r = restrict_to((int)fd, paths, n, err);
    close((int)fd);
    *state = TCS_SANDBOX_FULL;
    return r;
}

/* Allowed whatever their arguments.  None of them creates, connects, executes or touches another
 * process.  Numbers that an architecture lacks are left out by libseccomp. */
static const int file_calls[] = {
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(fadvise64),
    SCMP_SYS(readahead),
    SCMP_SYS(getdents64),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(getcwd),
    SCMP_SYS(fstatfs),
    SCMP_SYS(statfs),
    /* a pipe to itself: the sanitizers test pointers with one */
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
};

static const int plain_calls[] = {
    /* descriptors that exist */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(dup),
    /* memory */
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(membarrier),
    /* threads of this process */
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(restart_syscall),
    /* its signals */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    /* harmless questions */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
};

static int
allow_calls(scmp_filter_ctx ctx, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
        if (r < 0 && r != -EDOM) /* EDOM: not on this architecture */
            return r;
    }
    return 0;
}

/* No memory that can be run: the compiled expressions were made before. */
static int
allow_memory(scmp_filter_ctx ctx)
{
    int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return r < 0 ? r
                 : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* Calls that are fine with some arguments only. */
static int
allow_by_argument(scmp_filter_ctx ctx)
{
    const uint64_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, writing, O_RDONLY));
    if (r == -EDOM)
        r = 0;
    if (r == 0)
        r = allow_memory(ctx);
    /* threads, not processes; clone3 hides its flags behind a pointer, so libc must use clone */
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    /* the size of the window; whether it is a terminal */
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_EQ, TIOCGWINSZ, 0));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_EQ, TCGETS, 0));
    return r;
}

/* What may be asked of a descriptor, and signals to this process itself (abort). */
static int
allow_own_process(scmp_filter_ctx ctx)
{
    static const int asks[] = {F_GETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC, F_SETFL};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof asks / sizeof *asks; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                             SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)asks[i], 0));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    return r;
}

/* Only on descriptors, and those were opened before: none of it reaches another file. */
static int
allow_store(scmp_filter_ctx ctx)
{
    static const int locks[] = {F_SETLK, F_GETLK};
    int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(pwrite64), 0);
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ftruncate), 0);
    for (size_t i = 0; r == 0 && i < sizeof locks / sizeof *locks; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                             SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)locks[i], 0));
    return r;
}

/* Nobody but the spawner is at the other end of what it receives on. */
static int
allow_children(scmp_filter_ctx ctx)
{
    static const int calls[] = {SCMP_SYS(recvmsg), SCMP_SYS(wait4)};
    return allow_calls(ctx, calls, sizeof calls / sizeof *calls);
}

#define ALLOW(ctx, calls) allow_calls(ctx, calls, sizeof(calls) / sizeof *(calls))

/* What whoever opens files may do. */
static int
allow_files(scmp_filter_ctx ctx, unsigned rights)
{
    int r = ALLOW(ctx, plain_calls);
    if (r == 0)
        r = ALLOW(ctx, file_calls);
    if (r == 0)
        r = allow_by_argument(ctx);
    if (r == 0 && rights & TCS_SANDBOX_STORE)
        r = allow_store(ctx);
    if (r == 0 && rights & TCS_SANDBOX_CHILDREN)
        r = allow_children(ctx);
    return r;
}

#ifndef TCS_SANITIZED /* sanitizers ask the system for more, and tell what they found */

/* What nobody asks for who computes: whoever does was taken over, and ends.  Other calls that are
 * not allowed fail, since a newer libc may try harmless ones. */
static const int deadly_calls[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(creat),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(link),
    SCMP_SYS(linkat),
    SCMP_SYS(symlink),
    SCMP_SYS(symlinkat),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(truncate),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(clone),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(memfd_create),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(mount),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
};

static int
end_at(scmp_filter_ctx ctx)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof deadly_calls / sizeof *deadly_calls; i++) {
        r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, deadly_calls[i], 0);
        r = r == -EDOM ? 0 : r;
    }
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mmap), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mprotect), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    return r;
}

static int
allow_computing(scmp_filter_ctx ctx, unsigned rights)
{
    (void)rights;
    int r = ALLOW(ctx, plain_calls);
    if (r == 0)
        r = allow_memory(ctx);
    return r < 0 ? r : end_at(ctx);
}

#endif

static int
enter_seccomp(int (*allow)(scmp_filter_ctx ctx, unsigned rights), unsigned rights,
              struct tcs_err *err)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!ctx)
        return tcs_base_fail(err, TCS_ENOMEM, "sandbox: out of memory");
    int r = allow(ctx, rights);
    if (r == 0)
        r = allow_own_process(ctx);
    if (r == 0)
        r = seccomp_load(ctx); /* sets no_new_privs */
    seccomp_release(ctx);
    if (r == -ECANCELED) /* the library's word for whatever the kernel said */
        return tcs_base_fail(err, TCS_EIO, "sandbox: this kernel has no seccomp, or refuses it");
    return r < 0 ? tcs_base_fail_sys(err, -r, "sandbox: seccomp") : 0;
}

const char *
tcs_process_sandbox_lacks(enum tcs_sandbox_state state)
{
    return state == TCS_SANDBOX_NO_LANDLOCK
               ? "this kernel has no Landlock: decoding runs under seccomp alone, which does not "
                 "confine what can be read"
               : NULL;
}

int
tcs_process_sandbox_enter(const char *const *paths, size_t n, unsigned rights,
                          enum tcs_sandbox_state *state, struct tcs_err *err)
{
    enum tcs_sandbox_state got = TCS_SANDBOX_FULL;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return tcs_base_fail_sys(err, errno, "sandbox: no_new_privs");
    int r = enter_landlock(paths, n, &got, err);
    if (r == 0)
        r = enter_seccomp(allow_files, rights, err);
    if (r == 0)
        *state = got;
    return r;
}

int
tcs_process_sandbox_compute(struct tcs_err *err)
{
    enum tcs_sandbox_state state;
#ifdef TCS_SANITIZED
    return tcs_process_sandbox_enter(NULL, 0, 0, &state, err);
#else
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return tcs_base_fail_sys(err, errno, "sandbox: no_new_privs");
    int r = enter_landlock(NULL, 0, &state, err);
    return r < 0 ? r : enter_seccomp(allow_computing, 0, err);
#endif
}

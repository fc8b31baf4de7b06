/* Tests process/sandbox.c from inside: a child enters it and tries what an attacker who took over a
 * decoder would try.  Each attempt must fail; reading an input, memory and threads must work. */
#include "check.h"

#include "process/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char top[] = "/tmp/tocsin-test-XXXXXX";
static char input[64], outside[64], fresh[64], state_file[64];
static int input_fd, state_fd; /* open before the sandbox; the second for writing */

/* Attempts return true when they succeeded. */
static bool
created(void)
{
    return open(fresh, O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool
created_beside_input(void)
{
    char path[80];
    snprintf(path, sizeof path, "%s/in/new", top);
    return open(path, O_RDWR | O_CREAT | O_EXCL, 0600) >= 0;
}

static bool
opened_for_writing(void)
{
    return open(input, O_WRONLY) >= 0 || open(input, O_RDWR) >= 0 ||
           open(input, O_RDONLY | O_TRUNC) >= 0 || open(input, O_WRONLY | O_APPEND) >= 0;
}

static bool
made_nameless(void)
{
    return open(top, O_TMPFILE | O_RDWR, 0600) >= 0;
}

static bool
read_outside(void)
{
    return open(outside, O_RDONLY) >= 0;
}

static bool
read_passwd(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool
removed(void)
{
    return unlink(input) == 0 || rmdir(top) == 0;
}

static bool
renamed(void)
{
    return rename(input, fresh) == 0;
}

static bool
linked(void)
{
    return link(input, fresh) == 0 || symlink(input, fresh) == 0;
}

static bool
changed_mode(void)
{
    return chmod(input, 0777) == 0 || fchmod(input_fd, 0777) == 0;
}

static bool
truncated(void)
{
    return truncate(input, 0) == 0;
}

static bool
made_folder(void)
{
    return mkdir(fresh, 0700) == 0;
}

static bool
made_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ||
           socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool
made_socket_pair(void)
{
    int fds[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0;
}

static bool
executed(void)
{
    char path[] = "/bin/true";
    char *argv[] = {path, NULL};
    execv(path, argv); /* on success the child exits with 0, which is no pass either */
    return false;
}

static bool
forked(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool
traced(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool
signalled_others(void)
{
    return kill(getppid(), 0) == 0 || kill(-1, 0) == 0;
}

static bool
mapped_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static bool
made_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED || mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool
used_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno == EFAULT;
}

static bool
made_memory_file(void)
{
    return memfd_create("x", 0) >= 0;
}

static bool
left_the_root(void)
{
    return chroot(top) == 0 || chdir("/") == 0;
}

/* What the work needs, as attempts whose failure would succeed. */
static bool
could_not_read(void)
{
    char c;
    int fd = open(input, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, &c, 1) == 1 && c == 'i' && lseek(fd, 0, SEEK_SET) == 0 &&
                pread(fd, &c, 1, 0) == 1;
    return !good;
}

static bool
could_not_list(void)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "%s/in", top);
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    return fd < 0 || fstatat(fd, "file", &st, 0) < 0;
}

static void *
touch(void *arg)
{
    char *big = malloc(8 << 20);
    if (big)
        memset(big, 1, 8 << 20);
    *(bool *)arg = big != NULL;
    free(big);
    return NULL;
}

static bool
could_not_thread(void)
{
    pthread_t t;
    bool worked = false;
    if (pthread_create(&t, NULL, touch, &worked) != 0)
        return true;
    pthread_join(t, NULL);
    return !worked;
}

static bool
could_not_write(void)
{
    int fd = open("/dev/null", O_WRONLY); /* refused here; the standard streams are open already */
    return fd >= 0 || write(STDOUT_FILENO, "", 0) < 0;
}

/* A store: SQLite's calls on a file that was opened before. */
static bool
wrote_at_a_place(void)
{
    return pwrite(state_fd, "x", 1, 5) == 1;
}

static bool
locked(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    return fcntl(state_fd, F_SETLK, &lock) == 0;
}

static bool
cut(void)
{
    return ftruncate(state_fd, 2) == 0;
}

static bool
mapped_shared(void)
{
    return mmap(NULL, 2, PROT_READ | PROT_WRITE, MAP_SHARED, state_fd, 0) != MAP_FAILED;
}

static bool
could_not_use_a_store(void)
{
    return !(wrote_at_a_place() && locked() && cut() && mapped_shared() && fsync(state_fd) == 0);
}

static const struct {
    const char *name;
    bool (*succeeds)(void);
    bool needs_landlock;
} attempts[] = {
    {"create a file", created, false},
    {"create a file beside an input", created_beside_input, false},
    {"open for writing", opened_for_writing, false},
    {"make a nameless file", made_nameless, false},
    {"read a file outside the inputs", read_outside, true},
    {"read /etc/passwd", read_passwd, true},
    {"remove", removed, false},
    {"rename", renamed, false},
    {"link", linked, false},
    {"change a mode", changed_mode, false},
    {"truncate", truncated, false},
    {"make a folder", made_folder, false},
    {"make a socket", made_socket, false},
    {"make a pair of sockets", made_socket_pair, false},
    {"run a program", executed, false},
    {"fork", forked, false},
    {"ptrace", traced, false},
    {"signal another process", signalled_others, false},
    {"map memory as code", mapped_code, false},
    {"turn memory into code", made_code, false},
    {"use io_uring", used_io_uring, false},
    {"make a file in memory", made_memory_file, false},
    {"change the root or the folder", left_the_root, false},
    {"(needed) read an input", could_not_read, false},
    {"(needed) list an input folder", could_not_list, false},
    {"(needed) start a thread and use memory", could_not_thread, false},
    {"(needed) write to what is open", could_not_write, false},
};

/* Besides all of the above, with a store and without. */
static const struct {
    const char *name;
    bool (*succeeds)(void);
    bool store; /* in the sandbox of a run with a store */
} store_attempts[] = {
    {"write at a place without a store", wrote_at_a_place, false},
    {"lock without a store", locked, false},
    {"cut without a store", cut, false},
    {"(needed) write, lock, cut and map what is open", could_not_use_a_store, true},
};

enum { STAYED_OUT = 10, SUCCEEDED, SKIPPED, HELD };

/* In a child: a process cannot leave the sandbox again. */
static int
child(bool (*succeeds)(void), bool needs_landlock, bool store)
{
    char folder[64];
    enum tcs_sandbox_state state;
    struct tcs_err err;
    snprintf(folder, sizeof folder, "%s/in", top);
    const char *paths[] = {folder, "-", "/no/such/path"};
    if (tcs_process_sandbox_enter(paths, 3, store ? TCS_SANDBOX_STORE : 0, &state, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        return STAYED_OUT;
    }
    if (needs_landlock && state == TCS_SANDBOX_NO_LANDLOCK)
        return SKIPPED;
    return succeeds() ? SUCCEEDED : HELD;
}

static void
attempt(const char *name, bool (*succeeds)(void), bool needs_landlock, bool store)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child(succeeds, needs_landlock, store));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        printf("skipped, this kernel has no Landlock: %s\n", name);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != HELD)
        fail_msg("%s: the sandbox did not hold, or held too much (status %x)", name,
                 (unsigned)status);
}

/* With a store all of it holds just as well. */
/* claims: sandbox, store-sandbox, sends-nothing, distrusts, no-network */
static void
test_attempts(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        attempt(attempts[i].name, attempts[i].succeeds, attempts[i].needs_landlock, false);
        attempt(attempts[i].name, attempts[i].succeeds, attempts[i].needs_landlock, true);
    }
    for (size_t i = 0; i < sizeof store_attempts / sizeof *store_attempts; i++)
        attempt(store_attempts[i].name, store_attempts[i].succeeds, false, store_attempts[i].store);
}

/* --- a process that computes --- */

static bool
opened(void)
{
    return open(input, O_RDONLY) >= 0;
}

static bool
made_a_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool
made_a_process(void)
{
    return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0;
}

static bool
started_a_program(void)
{
    char name[] = "true";
    char *const argv[] = {name, NULL}, *const env[] = {NULL};
    return execve("/bin/true", argv, env) == 0;
}

static bool
killed_its_parent(void)
{
    return kill(getppid(), SIGWINCH) == 0;
}

/* (needed) memory, and what is open. */
static bool
could_not_compute(void)
{
    char c;
    void *p = malloc((size_t)64 << 20);
    bool good = p && read(input_fd, &c, 1) >= 0;
    if (p)
        memset(p, 1, (size_t)64 << 20);
    free(p);
    return !good;
}

static int
computing(bool (*succeeds)(void))
{
    struct tcs_err err;
    if (tcs_process_sandbox_compute(&err) < 0)
        return STAYED_OUT;
    return succeeds() ? SUCCEEDED : HELD;
}

/* What only an attacker asks for is the end, not an error that he may try to get round. */
static void
test_computing(void **unused)
{
    static const struct {
        bool (*succeeds)(void);
        bool needed;
    } rows[] = {{opened, false},          {made_a_socket, false},     {made_a_process, false},
                {mapped_code, false},     {started_a_program, false}, {killed_its_parent, false},
                {could_not_compute, true}};
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(computing(rows[i].succeeds));
        assert_int_equal(waitpid(pid, &status, 0), pid);
#ifdef TCS_SANITIZED /* sanitizers could not tell what they found: refused, as for others */
        assert_true(WIFEXITED(status));
#else
        if (!rows[i].needed)
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
#endif
        if (rows[i].needed)
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == HELD);
    }
}

/* With room for so many descriptors more; 0: refused, with a sentence that names the sandbox and
 * what it lacks. */
static int
enter_with_descriptors(rlim_t more, const char *path)
{
    enum tcs_sandbox_state state;
    struct tcs_err err = {0};
    const char *paths[] = {path};
    int next = dup(0);
    struct rlimit few = {(rlim_t)next + more, (rlim_t)next + more};
    close(next);
    if (setrlimit(RLIMIT_NOFILE, &few) < 0)
        return STAYED_OUT;
    if (tcs_process_sandbox_enter(paths, 1, 0, &state, &err) == 0)
        return state == TCS_SANDBOX_NO_LANDLOCK ? SKIPPED : SUCCEEDED;
    fprintf(stderr, "%s\n", err.msg);
    bool told = strncmp(err.msg, "sandbox: ", 9) == 0 && err.sys == EMFILE;
    return told && (more == 0 || strstr(err.msg, path)) ? HELD : STAYED_OUT;
}

/* A path that the sandbox could not open for want of descriptors is not forgotten: the reader
 * would find "permission denied" on it. */
static void
test_no_descriptors(void **unused)
{
    static const struct {
        rlim_t more;
        const char *path;
        int status;
    } rows[] = {{0, input, HELD},
                {1, input, HELD}, /* the ruleset takes it */
                {2, input, SUCCEEDED},
                {2, "/no/such/path", SUCCEEDED}, /* the reader's to say */
                {2, "/proc/self/cmdline/x", SUCCEEDED}};
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(enter_with_descriptors(rows[i].more, rows[i].path));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) != SKIPPED)
            assert_int_equal(WEXITSTATUS(status), rows[i].status);
    }
}

/* The attempts are real: outside the sandbox they do succeed. */
static void
test_attempts_succeed_without(void **unused)
{
    static bool (*const plain[])(void) = {created,
                                          opened_for_writing,
                                          read_outside,
                                          read_passwd,
                                          made_socket,
                                          made_socket_pair,
                                          forked,
                                          traced,
                                          mapped_code,
                                          made_memory_file,
                                          changed_mode,
                                          linked,
                                          wrote_at_a_place,
                                          locked,
                                          cut};
    (void)unused;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        int status;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(plain[i]() ? SUCCEEDED : HELD);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != SUCCEEDED)
            fail_msg("attempt %zu fails even outside the sandbox: it proves nothing", i);
        unlink(fresh);
    }
}

static int
write_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    bool good = fd >= 0 && write(fd, "input", 5) == 5 && close(fd) == 0;
    return good ? 0 : -1;
}

static int
setup(void **state)
{
    char folder[64];
    (void)state;
    if (!mkdtemp(top))
        return -1;
    snprintf(folder, sizeof folder, "%s/in", top);
    snprintf(input, sizeof input, "%s/in/file", top);
    snprintf(outside, sizeof outside, "%s/outside", top);
    snprintf(fresh, sizeof fresh, "%s/fresh", top);
    snprintf(state_file, sizeof state_file, "%s/state", top);
    if (mkdir(folder, 0700) < 0 || write_file(input) < 0 || write_file(outside) < 0 ||
        write_file(state_file) < 0)
        return -1;
    input_fd = open(input, O_RDONLY);
    state_fd = open(state_file, O_RDWR);
    return input_fd < 0 || state_fd < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
    char folder[64];
    (void)state;
    snprintf(folder, sizeof folder, "%s/in", top);
    close(input_fd);
    close(state_fd);
    unlink(state_file);
    unlink(input);
    unlink(outside);
    unlink(fresh);
    rmdir(folder);
    return rmdir(top);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attempts_succeed_without),
        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_computing),
        cmocka_unit_test(test_no_descriptors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

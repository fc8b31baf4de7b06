/* process/dirs.c - folders by the XDG base directory specification and by the place of the program.
 *
 * What is trusted later (compiled rules, their key) lies only in folders that are ours alone. */
#include "process/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXE_PATH_MAX = 4096 };

static bool
is_dir(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ../share/tocsin/NAME or ../NAME from where the program lies; NULL: neither is there. */
static const char *
beside(struct tcs_arena *a, const char *name)
{
    static const char *const tries[] = {"../share/tocsin/", "../"};
    char exe[EXE_PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe);
    if (n == (ssize_t)sizeof exe)
        return NULL; /* cut: another folder's name */
    while (n > 0 && exe[n - 1] != '/')
        n--;
    for (size_t i = 0; n > 0 && i < sizeof tries / sizeof *tries; i++) {
        struct tcs_str s = tcs_base_arena_printf(a, "%.*s%s%s", (int)n, exe, tries[i], name);
        if (is_dir(s.p))
            return s.p;
    }
    return NULL;
}

int
tcs_process_dirs_rules(struct tcs_arena *a, const char **ret, struct tcs_err *err)
{
    const char *dir = beside(a, "rules");
    if (!dir)
        return tcs_base_fail(err, TCS_EIO,
                             "the rules that come with tocsin are not beside the program; name "
                             "a folder with --rules");
    *ret = dir;
    return 0;
}

int
tcs_process_dirs_profiles(struct tcs_arena *a, const char **ret, struct tcs_err *err)
{
    const char *dir = beside(a, "profiles");
    if (!dir)
        return tcs_base_fail(
            err, TCS_EIO,
            "the profiles that come with tocsin are not beside the program; name a "
            "folder with --profiles");
    *ret = dir;
    return 0;
}

/* mkdir -p for the last parts of a path; modes of existing folders are left alone. */
static int
make_path(char *path)
{
    int refused = 0; /* why a folder above could not be made; it may be there all the same */
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        int r = mkdir(path, 0700);
        *p = '/';
        if (r < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            return -1;
        if (r < 0 && errno != EEXIST)
            refused = errno;
    }
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    if (errno == ENOENT && refused)
        errno = refused;
    return -1;
}

static int
ours_alone(const char *path, const struct stat *st, struct tcs_err *err)
{
    if (!S_ISDIR(st->st_mode))
        return tcs_base_fail(err, TCS_EUSAGE, "%.150s is not a folder", path);
    if (st->st_uid != geteuid())
        return tcs_base_fail(err, TCS_EUSAGE,
                             "%.150s belongs to another user (%u); whoever owns it can change what "
                             "is kept there",
                             path, (unsigned)st->st_uid);
    if (st->st_mode & 022)
        return tcs_base_fail(err, TCS_EUSAGE,
                             "%.150s can be written to by others than you; chmod go-w mends it",
                             path);
    return 0;
}

int
tcs_process_dirs_ours(const char *path, struct tcs_err *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", path);
    return ours_alone(path, &st, err);
}

static int
prepare(struct tcs_arena *a, const char *base, const char *tail, const char **ret,
        struct tcs_err *err)
{
    struct tcs_str s = tcs_base_arena_printf(a, "%s%s", base, tail);
    if (!s.p)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    char *path = tcs_base_arena_alloc(a, s.n + 1);
    if (!path)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    memcpy(path, s.p, s.n + 1);
    if (make_path(path) < 0)
        return tcs_base_fail_sys(err, errno, "cannot make %.150s", path);
    struct stat st;
    if (lstat(path, &st) < 0) /* a link that somebody made there is none of ours */
        return tcs_base_fail_sys(err, errno, "%.150s", path);
    int r = ours_alone(path, &st, err);
    if (r == 0)
        *ret = path;
    return r;
}

/* $NAME/tocsin when it is an absolute path, else $HOME/fallback/tocsin. */
static int
xdg(struct tcs_arena *a, const char *name, const char *fallback, const char **ret,
    struct tcs_err *err)
{
    const char *dir = getenv(name), *home = getenv("HOME");
    if (dir && dir[0] == '/')
        return prepare(a, dir, "/tocsin", ret, err);
    if (home && home[0] == '/')
        return prepare(a, home, fallback, ret, err);
    return tcs_base_fail(err, TCS_EUSAGE, "neither %s nor HOME names a folder", name);
}

int
tcs_process_dirs_cache(struct tcs_arena *a, const char **ret, struct tcs_err *err)
{
    return xdg(a, "XDG_CACHE_HOME", "/.cache/tocsin", ret, err);
}

int
tcs_process_dirs_state(struct tcs_arena *a, const char **ret, struct tcs_err *err)
{
    const char *dir = getenv("STATE_DIRECTORY");
    if (dir && dir[0] == '/')
        return prepare(a, dir, "", ret, err);
    return xdg(a, "XDG_STATE_HOME", "/.local/state/tocsin", ret, err);
}

int
tcs_process_dirs_state_path(struct tcs_arena *a, const char **ret, struct tcs_err *err)
{
    const char *service = getenv("STATE_DIRECTORY"), *xdg_dir = getenv("XDG_STATE_HOME"),
               *home = getenv("HOME");
    struct tcs_str s;
    if (service && service[0] == '/')
        s = tcs_base_arena_str(a, tcs_base_str_of(service));
    else if (xdg_dir && xdg_dir[0] == '/')
        s = tcs_base_arena_printf(a, "%s/tocsin", xdg_dir);
    else if (home && home[0] == '/')
        s = tcs_base_arena_printf(a, "%s/.local/state/tocsin", home);
    else
        return tcs_base_fail(err, TCS_EUSAGE,
                             "neither XDG_STATE_HOME nor HOME names a folder; use --state");
    if (!s.p)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    *ret = s.p;
    return 0;
}

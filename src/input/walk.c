/* input/walk.c - paths to a flat, ordered list of files.  Reads names and sizes, never contents. */
#include "input/walk.h"

#include "base/grow.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct walker {
    struct tcs_arena *arena;
    struct tcs_walk *out;
    const struct tcs_input_own *own;
    size_t nown;
    uint32_t top;
};

/* The names of one folder, to be sorted. */
struct names {
    char **p;
    uint32_t n, cap;
};

static int
add(struct walker *w, struct tcs_walk_entry e)
{
    struct tcs_walk *out = w->out;
    if (!e.path)
        return -TCS_ENOMEM;
    if (!tcs_base_grow(&out->entries, &out->cap, out->n, 1, sizeof *out->entries))
        return -TCS_ENOMEM;
    e.top = w->top;
    e.named = strcmp(e.path, out->tops[w->top]) == 0;
    out->entries[out->n++] = e;
    return 0;
}

static int
add_problem(struct walker *w, const char *path, enum tcs_cause cause, const char *what, int sys)
{
    const char *why = sys ? strerrordesc_np(sys) : NULL;
    const char *msg =
        tcs_base_arena_printf(w->arena, "%s%s%s", what, why ? ": " : "", why ? why : "").p;
    return msg ? add(w, (struct tcs_walk_entry){.path = path, .cause = cause, .msg = msg})
               : -TCS_ENOMEM;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
names_add(struct names *names, const char *name)
{
    char *copy =
        tcs_base_grow(&names->p, &names->cap, names->n, 1, sizeof *names->p) ? strdup(name) : NULL;
    if (!copy)
        return -TCS_ENOMEM;
    names->p[names->n++] = copy;
    return 0;
}

static void
names_done(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->p[i]);
    free(names->p);
}

/* All names of the folder, sorted.  *sys: errno when it could not be read to its end. */
static int
names_read(const char *path, struct names *names, int *sys)
{
    DIR *dir = opendir(path);
    if (!dir) {
        *sys = errno;
        return 0;
    }
    int r = 0;
    for (;;) {
        errno = 0;
        struct dirent *e = readdir(dir);
        if (!e) {
            *sys = errno;
            break;
        }
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if ((r = names_add(names, e->d_name)) < 0)
            break;
    }
    closedir(dir);
    if (names->n)
        qsort(names->p, names->n, sizeof *names->p, compare_names);
    return r;
}

static int walk_folder(struct walker *w, const char *path, int depth);

static int
walk_known(struct walker *w, const char *path, const struct stat *st, int depth)
{
    if (S_ISDIR(st->st_mode))
        return walk_folder(w, path, depth);
    if (!S_ISREG(st->st_mode))
        return add_problem(w, path, TCS_CAUSE_NOT_A_FILE, "not a regular file, not opened", 0);
    for (size_t i = 0; i < w->nown; i++)
        if (w->own[i].dev == st->st_dev && w->own[i].ino == st->st_ino)
            return add_problem(w, path, TCS_CAUSE_OWN, w->own[i].what, 0);
    return add(w, (struct tcs_walk_entry){.path = path, .size = (uint64_t)st->st_size});
}

/* A name inside a folder; a link is read when it leads to a file. */
static int
walk_child(struct walker *w, const char *path, int depth)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return add_problem(w, path, TCS_CAUSE_UNREADABLE, "cannot be read", errno);
    if (!S_ISLNK(st.st_mode))
        return walk_known(w, path, &st, depth);
    if (stat(path, &st) < 0)
        return add_problem(w, path, errno == ELOOP ? TCS_CAUSE_LINK_LOOP : TCS_CAUSE_UNREADABLE,
                           "cannot follow the link", errno);
    if (S_ISDIR(st.st_mode)) /* what it leads to is walked where it is, or was not asked for */
        return add_problem(w, path, TCS_CAUSE_LINK_FOLDER, "a link to a folder, not entered", 0);
    int r = walk_known(w, path, &st, depth);
    if (r == 0 && !w->out->entries[w->out->n - 1].msg)
        w->out->entries[w->out->n - 1].link = true;
    return r;
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by TCS_WALK_DEPTH_MAX */
static int
walk_folder(struct walker *w, const char *path, int depth)
{
    struct names names = {0};
    int sys = 0;
    if (depth >= TCS_WALK_DEPTH_MAX)
        return add_problem(w, path, TCS_CAUSE_TOO_DEEP,
                           "folders are nested too deeply, not entered", 0);
    int r = names_read(path, &names, &sys);
    size_t len = strlen(path);
    bool slash = len > 0 && path[len - 1] == '/';
    for (size_t i = 0; r == 0 && i < names.n; i++) {
        const char *child =
            tcs_base_arena_printf(w->arena, "%s%s%s", path, slash ? "" : "/", names.p[i]).p;
        r = child ? walk_child(w, child, depth + 1) : -TCS_ENOMEM;
    }
    names_done(&names);
    if (r == 0 && sys)
        r = add_problem(w, path, TCS_CAUSE_UNREADABLE, "cannot read the folder", sys);
    return r;
}

static int
walk_top(struct walker *w, const char *path)
{
    struct stat st;
    const char *copy = tcs_base_arena_str(w->arena, tcs_base_str_of(path)).p;
    if (!copy)
        return -TCS_ENOMEM;
    w->top = w->out->ntops++;
    w->out->tops[w->top] = copy;
    if (strcmp(path, "-") == 0)
        return add(w, (struct tcs_walk_entry){.path = copy});
    if (stat(path, &st) < 0)
        return add_problem(w, copy, TCS_CAUSE_UNREADABLE, "cannot be read", errno);
    return walk_known(w, copy, &st, 0);
}

int
tcs_input_walk_paths(const char *const *paths, size_t n, const struct tcs_input_own *own,
                     size_t nown, struct tcs_arena *a, struct tcs_walk *ret, struct tcs_err *err)
{
    struct tcs_walk out = {.tops = tcs_base_arena_array(a, n + 1, sizeof *out.tops)};
    struct walker w = {.arena = a, .out = &out, .own = own, .nown = nown};
    for (size_t i = 0; i < n; i++)
        if (!out.tops || walk_top(&w, paths[i]) < 0) {
            tcs_input_walk_done(&out);
            return tcs_base_fail(err, TCS_ENOMEM, "no memory for the list of files");
        }
    *ret = out;
    return 0;
}

void
tcs_input_walk_done(struct tcs_walk *w)
{
    free(w->entries);
    *w = (struct tcs_walk){0};
}

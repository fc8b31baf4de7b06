/* detect/guard.c - by device and inode: is what is to be written something that is read? */
#include "detect/guard.h"

#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tcs_input_own
id_of(const struct stat *st, const char *what)
{
    return (struct tcs_input_own){.dev = st->st_dev, .ino = st->st_ino, .what = what};
}

static bool
is(const struct tcs_input_own *own, const struct stat *st)
{
    return own->dev == st->st_dev && own->ino == st->st_ino;
}

static bool
look(const char *path, struct stat *st)
{
    return strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, st) == 0 : stat(path, st) == 0;
}

void
tcs_detect_guard_reads(struct tcs_guard *g, const char *const *at, size_t n)
{
    if (g->nreads == TCS_GUARD_LISTS || n == 0)
        return;
    g->reads[g->nreads].at = at;
    g->reads[g->nreads++].n = n;
}

/* The path of a list that leads to this very file or folder; NULL: none does. */
static const char *
named(const struct tcs_guard *g, size_t list, const struct tcs_input_own *id)
{
    struct stat st;
    for (size_t i = 0; i < g->reads[list].n; i++)
        if (look(g->reads[list].at[i], &st) && is(id, &st))
            return g->reads[list].at[i];
    return NULL;
}

int
tcs_detect_guard_state(const struct tcs_guard *g, const char *dir, struct tcs_err *err)
{
    struct stat st;
    if (!dir || !g->nreads || stat(dir, &st) < 0)
        return 0;
    const struct tcs_input_own id = id_of(&st, NULL);
    if (!named(g, 0, &id))
        return 0;
    return tcs_base_fail(err, TCS_EUSAGE,
                         "%.120s is to be read and is the folder of --state too: give the store a "
                         "folder of its own",
                         dir);
}

static void
add_own(struct tcs_guard *g, const struct stat *st, const char *what)
{
    if (g->nown < TCS_GUARD_OWN && S_ISREG(st->st_mode))
        g->own[g->nown++] = id_of(st, what);
}

void
tcs_detect_guard_store(struct tcs_guard *g, const char *dir)
{
    struct stat st;
    char *path;
    for (const char *const *name = tcs_store_files; dir && *name; name++) {
        if (asprintf(&path, "%s/%s", dir, *name) < 0)
            return;
        if (stat(path, &st) == 0)
            add_own(g, &st, "part of the store of --state, not read");
        free(path);
    }
}

void
tcs_detect_guard_own(struct tcs_guard *g, int fd, const char *what)
{
    struct stat st;
    if (fstat(fd, &st) == 0)
        add_own(g, &st, what);
}

/* The file as it is met below the paths of a list; *ret "": it is not. */
static int
meet(const struct tcs_guard *g, size_t list, const struct tcs_input_own *id, char ret[150],
     struct tcs_err *err)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_walk walk = {0};
    *ret = '\0';
    int r = a ? tcs_input_walk_paths(g->reads[list].at, g->reads[list].n, id, 1, a, &walk, err)
              : tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    for (uint32_t i = 0; r == 0 && i < walk.n && !*ret; i++)
        if (walk.entries[i].msg && walk.entries[i].cause == TCS_CAUSE_OWN)
            snprintf(ret, 150, "%s", walk.entries[i].path);
    tcs_input_walk_done(&walk);
    tcs_base_arena_free(a);
    return r;
}

/* What is in the file was not written through this very descriptor, by commands before this one. */
static bool
has_content(const char *path, const struct stat *st)
{
    bool appends = !path && (fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND);
    return st->st_size > 0 && (path || appends || lseek(STDOUT_FILENO, 0, SEEK_CUR) != st->st_size);
}

int
tcs_detect_guard_output(const struct tcs_guard *g, const char *path, struct tcs_err *err)
{
    struct stat st;
    if ((path ? stat(path, &st) : fstat(STDOUT_FILENO, &st)) < 0 || !S_ISREG(st.st_mode))
        return 0; /* not there yet; or nothing that could be harmed */
    const struct tcs_input_own id = id_of(&st, "");
    const char *to = path ? path : "standard output";
    for (size_t i = 0; i < g->nown; i++)
        if (is(&g->own[i], &st))
            return tcs_base_fail(err, TCS_EUSAGE,
                                 "%.150s is %s: it was left as it is; write to another file", to,
                                 g->own[i].what);
    for (size_t i = 0; i < g->nreads; i++) {
        const char *read = named(g, i, &id);
        if (read)
            return tcs_base_fail(err, TCS_EUSAGE,
                                 "%.90s is the file that is to be read as %.90s: it was left as it "
                                 "is; write to another file",
                                 to, read);
    }
    char met[150] = "";
    int r = 0;
    for (size_t i = 0; r == 0 && !*met && has_content(path, &st) && i < g->nreads; i++)
        r = meet(g, i, &id, met, err);
    return r < 0 || !*met ? r
                          : tcs_base_fail(err, TCS_EUSAGE,
                                          "%.90s is not empty, and is to be read as %.90s: it was "
                                          "left as it is; write to another file",
                                          to, met);
}

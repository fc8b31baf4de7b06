/* detect/rulefiles.c - the only place where rules touch the disk.
 *
 * In: paths.  Out: the rule files in an order that does not depend on the file system, and the
 * bytes of those that are asked for.  Not here: what the bytes mean (sigma/), the cache of compiled
 * rules (rulecache.c). */
#include "detect/rulefiles.h"

#include "base/grow.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory while reading rules");
}

void
tcs_detect_rulefiles_note(struct tcs_rulefiles *f, struct tcs_str path, const char *msg)
{
    struct tcs_origin origin = {.path = path};
    struct tcs_problem p = {.cause = TCS_CAUSE_RULES, .msg = msg};
    tcs_detect_notes_add(&f->notes, &origin, &p);
}

static int
read_all(int fd, char *p, size_t max, size_t *n)
{
    *n = 0;
    while (*n < max) {
        ssize_t got = read(fd, p + *n, max - *n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return 0;
}

static int
slurp_fd(struct tcs_arena *a, int fd, const char *path, size_t max, struct tcs_str *ret,
         struct tcs_err *err)
{
    struct stat st;
    size_t n;
    if (fstat(fd, &st) < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", path);
    if (!S_ISREG(st.st_mode))
        return tcs_base_fail(err, TCS_EUSAGE, "%.150s: not a regular file", path);
    if (st.st_size < 0 || (uint64_t)st.st_size > max)
        return tcs_base_fail(err, TCS_ELIMIT, "%.150s: larger than %zu bytes", path, max);
    size_t room = (size_t)st.st_size;
    char *p = tcs_base_arena_alloc(a, room + 1);
    if (!p)
        return no_memory(err);
    if (read_all(fd, p, room, &n) < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", path);
    p[n] = '\0';
    *ret = (struct tcs_str){p, n};
    return 0;
}

int
tcs_detect_rulefiles_slurp(struct tcs_arena *a, const char *path, size_t max, struct tcs_str *ret,
                           struct tcs_err *err)
{
    /* O_NONBLOCK: a FIFO in a rules folder must not hang the program before fstat sees it */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", path);
    int r = slurp_fd(a, fd, path, max, ret, err);
    close(fd);
    return r;
}

static struct tcs_filestamp
stamp_of(const struct stat *st)
{
    return (struct tcs_filestamp){.device = st->st_dev,
                                  .inode = st->st_ino,
                                  .size = (uint64_t)st->st_size,
                                  .owner = st->st_uid,
                                  .mtime_s = st->st_mtim.tv_sec,
                                  .mtime_ns = st->st_mtim.tv_nsec,
                                  .ctime_s = st->st_ctim.tv_sec,
                                  .ctime_ns = st->st_ctim.tv_nsec};
}

static int
add_file(struct tcs_rulefiles *f, struct tcs_str path, const struct stat *st, struct tcs_err *err)
{
    if (!tcs_base_grow(&f->at, &f->cap, f->n, 1, sizeof *f->at))
        return no_memory(err);
    f->at[f->n++] = (struct tcs_rulefile){.path = path, .stamp = stamp_of(st)};
    return 0;
}

static bool
is_rule_name(const char *name)
{
    struct tcs_str s = tcs_base_str_of(name);
    return s.p[0] != '.' &&
           (tcs_base_str_ends(s, TCS_STR(".yml")) || tcs_base_str_ends(s, TCS_STR(".yaml")));
}

/* A folder that waits to be read, with its depth. */
struct folder {
    struct tcs_str path;
    unsigned depth;
};

struct walk {
    struct tcs_rulefiles *files;
    struct folder *stack;
    uint32_t n, cap;
};

static int
push(struct walk *w, struct tcs_str path, unsigned depth, struct tcs_err *err)
{
    if (!tcs_base_grow(&w->stack, &w->cap, w->n, 1, sizeof *w->stack))
        return no_memory(err);
    w->stack[w->n++] = (struct folder){path, depth};
    return 0;
}

/* DT_DIR, DT_REG or something else, links to files resolved, links to folders not.  *st is filled
 * for files if it is asked for. */
static unsigned char
type_of(int dirfd, const struct dirent *e, bool stamps, struct stat *st)
{
    if (e->d_type == DT_DIR || (e->d_type == DT_REG && !stamps))
        return e->d_type;
    bool link = e->d_type == DT_LNK;
    if (fstatat(dirfd, e->d_name, st, link ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
        return DT_UNKNOWN;
    return S_ISREG(st->st_mode) ? DT_REG : S_ISDIR(st->st_mode) && !link ? DT_DIR : DT_UNKNOWN;
}

static struct tcs_str
join(struct tcs_arena *a, struct tcs_str dir, struct tcs_str name)
{
    bool slash = !tcs_base_str_ends(dir, TCS_STR("/"));
    char *p = tcs_base_arena_alloc(a, dir.n + name.n + 2);
    if (!p)
        return (struct tcs_str){NULL, 0};
    memcpy(p, dir.p, dir.n);
    p[dir.n] = '/';
    memcpy(p + dir.n + slash, name.p, name.n + 1); /* with its NUL */
    return (struct tcs_str){p, dir.n + slash + name.n};
}

static int
visit(struct walk *w, DIR *d, struct folder dir, const struct dirent *e, struct tcs_err *err)
{
    struct stat st = {0};
    if (e->d_name[0] == '.' || (e->d_type == DT_REG && !is_rule_name(e->d_name)))
        return 0;
    unsigned char type = type_of(dirfd(d), e, w->files->stamps, &st);
    if (type != DT_DIR && (type != DT_REG || !is_rule_name(e->d_name)))
        return 0;
    struct tcs_str path = join(w->files->arena, dir.path, tcs_base_str_of(e->d_name));
    if (!path.p)
        return no_memory(err);
    if (type == DT_REG)
        return add_file(w->files, path, &st, err);
    if (dir.depth < TCS_WALK_DEPTH_MAX)
        return push(w, path, dir.depth + 1, err);
    struct tcs_err deep;
    tcs_base_fail(&deep, TCS_ELIMIT, "more than %d folders deep", TCS_WALK_DEPTH_MAX);
    tcs_detect_rulefiles_note(w->files, path, deep.msg);
    return 0;
}

static int
read_folder(struct walk *w, struct folder dir, struct tcs_err *err)
{
    struct tcs_err failed;
    DIR *d = opendir(dir.path.p);
    int r = 0;
    if (!d) {
        tcs_base_fail_sys(&failed, errno, "cannot read the folder");
        tcs_detect_rulefiles_note(w->files, dir.path, failed.msg);
        return 0;
    }
    const struct dirent *e;
    while (r == 0 && (e = readdir(d)))
        r = visit(w, d, dir, e, err);
    closedir(d);
    return r;
}

static int
find_files(struct tcs_rulefiles *f, const char *path, struct tcs_err *err)
{
    struct walk w = {.files = f};
    struct stat st;
    struct tcs_str own = tcs_base_arena_str(f->arena, tcs_base_str_of(path));
    if (!own.p)
        return no_memory(err);
    if (stat(path, &st) < 0) {
        struct tcs_err failed;
        tcs_base_fail_sys(&failed, errno, "cannot read");
        tcs_detect_rulefiles_note(f, own, failed.msg);
        return 0;
    }
    if (!S_ISDIR(st.st_mode))
        return add_file(f, own, &st, err);
    int r = push(&w, own, 0, err);
    while (r == 0 && w.n)
        r = read_folder(&w, w.stack[--w.n], err);
    free(w.stack);
    return r;
}

static int
by_path(const void *a, const void *b)
{
    return tcs_base_str_cmp(((const struct tcs_rulefile *)a)->path,
                            ((const struct tcs_rulefile *)b)->path);
}

/* Sorted; a file that two of the given paths reach is read once. */
static void
sort_unique(struct tcs_rulefiles *f)
{
    uint32_t n = 0;
    if (f->n)
        qsort(f->at, f->n, sizeof *f->at, by_path);
    for (uint32_t i = 0; i < f->n; i++)
        if (n == 0 || !tcs_base_str_eq(f->at[n - 1].path, f->at[i].path))
            f->at[n++] = f->at[i];
    f->n = n;
}

int
tcs_detect_rulefiles_text(struct tcs_rulefiles *f, uint32_t i, struct tcs_err *err)
{
    struct tcs_rulefile *file = &f->at[i];
    struct tcs_err failed = {0};
    int r =
        tcs_detect_rulefiles_slurp(f->arena, file->path.p, TCS_RULE_FILE_MAX, &file->text, &failed);
    if (r == -TCS_ENOMEM)
        return no_memory(err);
    if (r < 0)
        tcs_detect_rulefiles_note(f, file->path, failed.msg);
    return r < 0;
}

int
tcs_detect_rulefiles_texts(struct tcs_rulefiles *f, struct tcs_err *err)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        int r = f->at[i].text.p ? 0 : tcs_detect_rulefiles_text(f, i, err);
        if (r < 0)
            return r;
        if (r == 0)
            f->at[n++] = f->at[i];
    }
    f->n = n;
    return 0;
}

int
tcs_detect_rulefiles_find(struct tcs_rulefiles *f, const char *const *paths, size_t n, bool stamps,
                          struct tcs_err *err)
{
    *f = (struct tcs_rulefiles){
        .arena = tcs_base_arena_new(0), .looked = time(NULL), .stamps = stamps};
    f->notes.arena = tcs_base_arena_new(0);
    if (!f->arena || !f->notes.arena)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        int r = find_files(f, paths[i], err);
        if (r < 0)
            return r;
    }
    sort_unique(f);
    return 0;
}

void
tcs_detect_rulefiles_done(struct tcs_rulefiles *f)
{
    tcs_base_arena_free(f->arena);
    tcs_base_arena_free(f->notes.arena);
    free(f->at);
    *f = (struct tcs_rulefiles){0};
}

static int
values_of(struct tcs_arena *a, struct tcs_str text, struct tcs_placeholder *ret,
          struct tcs_err *err)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    ret->values = tcs_base_arena_array(a, lines, sizeof *ret->values);
    if (!ret->values)
        return no_memory(err);
    for (size_t i = 0; i < text.n;) {
        size_t end = tcs_base_str_find(text, '\n', i);
        struct tcs_str line = tcs_base_str_trim(tcs_base_str_slice(text, i, end));
        if (line.n && line.p[0] != '#')
            ret->values[ret->n++] = line;
        i = end + 1;
    }
    return 0;
}

static int
placeholder(struct tcs_arena *a, const char *dir, const struct dirent *e,
            struct tcs_placeholder *ret, struct tcs_err *err)
{
    struct tcs_str name = tcs_base_str_of(e->d_name), text;
    struct tcs_str path = tcs_base_arena_printf(a, "%s/%s", dir, e->d_name);
    if (!path.p)
        return no_memory(err);
    int r = tcs_detect_rulefiles_slurp(a, path.p, TCS_RULE_FILE_MAX, &text, err);
    if (r < 0)
        return r;
    ret->name = tcs_base_arena_str(a, tcs_base_str_slice(name, 0, name.n - 4)); /* without ".txt" */
    ret->n = 0;
    return values_of(a, text, ret, err);
}

static int
is_text_file(const struct dirent *e)
{
    struct tcs_str s = tcs_base_str_of(e->d_name);
    return s.n > 4 && s.p[0] != '.' && tcs_base_str_ends(s, TCS_STR(".txt"));
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int
tcs_detect_rulefiles_placeholders(struct tcs_arena *a, const char *dir,
                                  struct tcs_placeholder **ret, uint32_t *n, struct tcs_err *err)
{
    struct dirent **entries = NULL;
    *ret = NULL;
    *n = 0;
    if (!dir)
        return 0;
    int count = scandir(dir, &entries, is_text_file, by_name);
    if (count < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", dir);
    int r = 0;
    struct tcs_placeholder *list = tcs_base_arena_array(a, (size_t)count + 1, sizeof *list);
    if (!list)
        r = no_memory(err);
    for (int i = 0; r == 0 && i < count; i++)
        r = placeholder(a, dir, entries[i], &list[i], err);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    if (r == 0) {
        *ret = list;
        *n = (uint32_t)count;
    }
    return r;
}

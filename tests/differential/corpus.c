/* tests/differential/corpus.c - see corpus.h. */
#include "corpus.h"
#include "decode/formats.h"

#include "input/source.h"

#include <dirent.h>
#include <sys/stat.h>

const char *
corpus_path(struct tcs_arena *a, const char *dir, const char *name)
{
    return tcs_base_arena_printf(a, "%s/%s", dir, name).p;
}

struct list {
    const char **paths;
    size_t n, cap;
};

static void
add(struct list *l, const char *path)
{
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 256;
        l->paths = realloc(l->paths, l->cap * sizeof *l->paths);
        assert_non_null(l->paths);
    }
    l->paths[l->n++] = path;
}

/* Files below dir; folders wait in `todo`. */
static void
list_folder(struct tcs_arena *a, const char *dir, const char *ending, struct list *files,
            struct list *todo)
{
    const struct dirent *e;
    DIR *d = opendir(dir);
    if (!d)
        fail_msg("%s: cannot be listed", dir);
    while ((e = readdir(d))) {
        struct stat st;
        const char *path = corpus_path(a, dir, e->d_name);
        if (e->d_name[0] == '.' || stat(path, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode))
            add(todo, path);
        else if (tcs_base_str_ends(tcs_base_str_of(path), tcs_base_str_of(ending)))
            add(files, path);
    }
    closedir(d);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **
corpus_files(struct tcs_arena *a, const char *dir, const char *ending, size_t *n)
{
    struct list files = {0}, todo = {0};
    add(&todo, dir);
    while (todo.n)
        list_folder(a, todo.paths[--todo.n], ending, &files, &todo);
    if (files.n)
        qsort(files.paths, files.n, sizeof *files.paths, by_text);
    const char **ret = tcs_base_arena_array(a, files.n + 1, sizeof *ret);
    assert_non_null(ret);
    for (size_t i = 0; i < files.n; i++)
        ret[i] = files.paths[i];
    *n = files.n;
    free(files.paths);
    free(todo.paths);
    return ret;
}

struct tcs_str
corpus_read(struct tcs_arena *a, const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) < 0)
        fail_msg("%s: cannot be read", path);
    char *p = tcs_base_arena_alloc(a, (size_t)st.st_size + 1);
    assert_non_null(p);
    struct tcs_str text = {p, fread(p, 1, (size_t)st.st_size, f)};
    fclose(f);
    return text;
}

struct tcs_rules *
corpus_sigmahq(struct tcs_arena *a, const char *corpora)
{
    static const char *const sets[] = {"sigma/rules", "sigma/rules-emerging-threats",
                                       "sigma/rules-threat-hunting", "sigma/rules-compliance"};
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    struct tcs_err err = {0};
    assert_non_null(r);
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        size_t n;
        const char **files = corpus_files(a, corpus_path(a, corpora, sets[s]), ".yml", &n);
        for (size_t i = 0; i < n; i++)
            if (tcs_sigma_rules_add(r, tcs_base_str_of(files[i]), corpus_read(a, files[i]), &err))
                fail_msg("%s: %s", files[i], err.msg);
    }
    assert_int_equal(tcs_sigma_rules_finish(r, &err), 0);
    return r;
}

struct tcs_logsources *
corpus_logsources(void)
{
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    struct tcs_err err = {0};
    assert_non_null(ls);
    if (tcs_sigma_logsources_add(ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(), &err))
        fail_msg("%s", err.msg);
    return ls;
}

/* --- events ----------------------------------------------------------------------------------- */

struct formats {
    const struct tcs_format *format[8];
    struct tcs_decoder *decoder[8];
    size_t n;
};

/* One decoder per format, opened when the format is first met. */
static struct tcs_decoder *
decoder(struct formats *f, const struct tcs_format *format, const struct tcs_fieldset *fields)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->format[i] == format)
            return f->decoder[i];
    assert_true(f->n < sizeof f->format / sizeof *f->format);
    f->format[f->n] = format;
    f->decoder[f->n] = format->open(&(struct tcs_decode_opts){.fields = fields});
    assert_non_null(f->decoder[f->n]);
    return f->decoder[f->n++];
}

static void
no_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    /* the corpora hold damaged files on purpose; the input tests judge the problems */
    (void)ctx, (void)origin, (void)p;
}

uint64_t
corpus_events(const char *const *paths, size_t n, const struct corpus_sink *to)
{
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats, .problem = no_problem};
    struct tcs_sink sink = {
        .ctx = to->ctx, .want = to->want, .event = to->event, .problem = no_problem};
    struct tcs_decode_stats stats = {0};
    struct formats formats = {.n = 0};
    struct tcs_inputs *in;
    struct tcs_unit unit;
    struct tcs_err err = {0};
    int r;
    if (tcs_input_open(paths, n, &opts, &in, &err))
        fail_msg("%s", err.msg);
    while ((r = tcs_input_next(in, &unit, &err)) == 0) {
        struct tcs_decoder *d = decoder(&formats, unit.format, to->fields);
        unit.format->decode(d, &unit.block, &sink, &stats);
        tcs_input_unit_free(in, &unit);
    }
    assert_int_equal(r, 1);
    for (size_t i = 0; i < formats.n; i++)
        formats.format[i]->close(formats.decoder[i]);
    tcs_input_close(in);
    return stats.events;
}

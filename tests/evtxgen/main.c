/* tests/evtxgen/main.c - EVTX files from a case's text, or a sample with a chosen damage. */
#include "base/num.h"
#include "evtxgen/case.h"
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int
usage(void)
{
    fputs(
        "usage: evtxgen case DIR TEXT...                   write the logs of a case into DIR\n"
        "       evtxgen sample FILE [DAMAGE [SEED]]        write a sample file, damaged if asked\n"
        "       evtxgen damages                            list the damages\n",
        stderr);
    return 1;
}

static int
fail(const char *path, const struct tcs_err *err)
{
    fprintf(stderr, "evtxgen: %s:%u: %s\n", path, err->line, err->msg);
    return 1;
}

/* The file's bytes in the arena; {NULL,0} after saying why not. */
static struct tcs_str
slurp(struct tcs_arena *a, const char *path)
{
    struct tcs_str none = {NULL, 0};
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) < 0) {
        perror(path);
        return none;
    }
    size_t n = (size_t)st.st_size;
    char *p = tcs_base_arena_alloc(a, n + 1);
    if (!p || fread(p, 1, n, f) != n) {
        perror(path);
        p = NULL;
    }
    fclose(f);
    return p ? (struct tcs_str){p, n} : none;
}

static int
cmd_case(int argc, char **argv)
{
    struct evg_case c = {.a = tcs_base_arena_new(0)};
    struct tcs_err err = {0};
    int rc = 0;
    if (argc < 2 || !c.a)
        return usage();
    if (mkdir(argv[0], 0777) < 0 && errno != EEXIST) {
        perror(argv[0]);
        rc = 1;
    }
    for (int i = 1; i < argc && !rc; i++) {
        struct tcs_str text = slurp(c.a, argv[i]);
        if (!text.p)
            rc = 1;
        else if (evg_case_read(&c, text, &err) < 0)
            rc = fail(argv[i], &err);
    }
    if (!rc && evg_case_write(&c, argv[0], &err) < 0)
        rc = fail(argv[argc - 1], &err);
    tcs_base_arena_free(c.a);
    return rc;
}

static const struct evg_damage *
find_damage(const char *name)
{
    const struct evg_damage *d = evg_damages;
    while (d->name && strcmp(d->name, name) != 0)
        d++;
    return d->name ? d : NULL;
}

static int
cmd_sample(int argc, char **argv)
{
    enum { CHUNKS = 3, PER_CHUNK = 20 };
    struct evg *g = evg_new();
    struct tcs_err err = {0};
    struct evg_image im;
    uint64_t seed = 1;
    const struct evg_damage *d = argc > 1 ? find_damage(argv[1]) : NULL;
    if (argc < 1 || (argc > 1 && !d) ||
        (argc > 2 && !tcs_base_num_u64(tcs_base_str_of(argv[2]), &seed))) {
        evg_free(g);
        return usage();
    }
    struct tcs_buf *file = g && evg_sample(g, CHUNKS, PER_CHUNK, &err) == 0 ? evg_finish(g) : NULL;
    int rc = 1;
    if (file && evg_image(g, file, seed, &im)) {
        if (d && d->apply)
            d->apply(&im);
        evg_image_done(&im);
        FILE *o = fopen(argv[0], "wb");
        if (o && fwrite(file->p, 1, file->n, o) == file->n)
            rc = 0;
        if (!o || fclose(o) != 0)
            rc = 1;
    }
    if (rc)
        perror(argv[0]);
    evg_free(g);
    return rc;
}

int
main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "case") == 0)
        return cmd_case(argc - 2, argv + 2);
    if (argc >= 2 && strcmp(argv[1], "sample") == 0)
        return cmd_sample(argc - 2, argv + 2);
    if (argc == 2 && strcmp(argv[1], "damages") == 0) {
        for (const struct evg_damage *d = evg_damages; d->name; d++)
            printf("%-26s%s\n", d->name, d->about);
        return 0;
    }
    return usage();
}

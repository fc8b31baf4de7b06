/* tests/report/render.c - `render SAMPLE FORMAT`: one hand-made incident in one format, to standard
 * output; without arguments, the names of both. */
#include "report/report.h"
#include "samples.h"

#include <stdio.h>

static const struct tcs_report_format *
format_of(const char *name)
{
    for (const struct tcs_report_format *f = tcs_report_formats; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static int
list(void)
{
    for (const struct sample *s = samples; s->name; s++)
        printf("sample %s\n", s->name);
    for (const struct tcs_report_format *f = tcs_report_formats; f->name; f++)
        printf("format %s\n", f->name);
    return 0;
}

int
main(int argc, char **argv)
{
    const struct sample *s = argc > 2 ? sample_find(argv[1]) : NULL;
    const struct tcs_report_format *f = argc > 2 ? format_of(argv[2]) : NULL;
    struct tcs_incident in = {0};
    struct tcs_buf b = {0};
    if (argc == 1)
        return list();
    struct tcs_arena *a = tcs_base_arena_new(0);
    if (!s || !f || !a)
        return 1;
    s->make(a, &in);
    f->write(&b, &in);
    bool good = !b.failed && fwrite(b.p, 1, b.n, stdout) == b.n && fflush(stdout) == 0;
    tcs_base_buf_done(&b);
    tcs_base_arena_free(a);
    return good ? 0 : 1;
}

/* Tests the positions of input/source.c: how far units say that something was read, and what memory
 * makes of it.  Expected values are counted by hand from the texts. */
#include "input_collect.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[64];

/* Memory that answers the same for each file, and names it by its mark. */
struct memory {
    struct tcs_inputs_from from;
    char marks[8][16];
    uint64_t sizes[8];
    uint32_t n;
};

static void
on_begin(void *ctx, const struct tcs_inputs_file *f, struct tcs_inputs_from *ret)
{
    struct memory *m = ctx;
    assert_true(m->n < 8);
    snprintf(m->marks[m->n], sizeof *m->marks, "%.*s", TCS_STR_FMT(f->path));
    m->sizes[m->n] = f->size;
    *ret = m->from;
    ret->mark = m->marks[m->n++];
}

/* A line for each unit: the mark; offset and length of a block, or "end"; what was read and how
 * many records; "whole"; where a torn line begins. */
static void
read_all(struct memory *m, const char *const *paths, size_t n, const char *want,
         struct tcs_inputs_stats *stats)
{
    const struct tcs_inputs_memory memory = {m, on_begin, NULL};
    const struct tcs_inputs_opts opts = {
        .formats = tcs_decode_formats, .block = 8, .memory = m ? &memory : NULL};
    struct tcs_buf got = {0};
    struct tcs_inputs *in;
    struct tcs_unit u;
    struct tcs_err err;
    int r;
    assert_int_equal(tcs_input_open(paths, n, &opts, &in, &err), 0);
    while ((r = tcs_input_next(in, &u, &err)) == 0) {
        const struct tcs_position *p = &u.position;
        tcs_base_buf_printf(&got, "%s ", p->mark ? (const char *)p->mark : "-");
        if (u.format)
            tcs_base_buf_printf(&got, "%u+%u", (unsigned)u.block.offset, (unsigned)u.block.n);
        else
            assert_true(u.block.n == 0 && !u.block.origin);
        tcs_base_buf_printf(&got, "%s read %u", u.format ? "" : "end", (unsigned)p->read);
        if (p->records)
            tcs_base_buf_printf(&got, " records %u", (unsigned)p->records);
        tcs_base_buf_printf(&got, "%s", p->whole ? " whole" : "");
        if (p->torn)
            tcs_base_buf_printf(&got, " torn %u", (unsigned)p->torn);
        tcs_base_buf_c(&got, '\n');
        tcs_input_unit_free(in, &u);
    }
    assert_int_equal(r, 1);
    if (stats)
        *stats = *tcs_input_stats(in);
    tcs_input_close(in);
    collect_check(&got, want);
    tcs_base_buf_done(&got);
}

static void
put(const char *path, const char *text)
{
    tmp_write(path, text, strlen(text));
}

#define ONE(path) (const char *const[]){path}, 1

/* Blocks of about one line: what is read grows with them; the end is a unit of its own. */
static void
test_lines(void **state)
{
    struct memory m = {0};
    (void)state;
    put("f", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    read_all(&m, ONE("f"),
             "f 0+24 read 24\n"
             "f end read 24 records 3 whole\n",
             NULL);
    assert_int_equal(m.sizes[0], 24);
    read_all(NULL, ONE("f"), "- 0+24 read 24\n", NULL); /* nobody asks: no end is told */
}

/* The last line has no end: it is handed out, and read again. */
static void
test_torn(void **state)
{
    struct memory m = {0};
    (void)state;
    put("f", "{\"a\":1}\n{\"a\":2}");
    read_all(&m, ONE("f"),
             "f 0+15 read 15 torn 8\n"
             "f end read 8 records 1 whole\n",
             NULL);
    put("f", "{\"a\":1}"); /* all of it is that line */
    m = (struct memory){0};
    read_all(&m, ONE("f"),
             "f 0+7 read 7\n"
             "f end read 0 whole\n",
             NULL);
}

static void
test_read_on(void **state)
{
    struct memory m = {.from = {.offset = 8, .records = 1}};
    (void)state;
    put("f", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}");
    read_all(&m, ONE("f"),
             "f 8+8 read 16\n"
             "f 16+7 read 23 torn 16\n"
             "f end read 16 records 2 whole\n",
             NULL);
    /* nothing new: only the end */
    m = (struct memory){.from = {.offset = 16, .records = 2}};
    put("f", "{\"a\":1}\n{\"a\":2}\n");
    read_all(&m, ONE("f"), "f end read 16 records 2 whole\n", NULL);
    /* no line ends there, or the file does before: from the beginning */
    m = (struct memory){.from = {.offset = 5, .records = 1}};
    read_all(&m, ONE("f"), "f 0+16 read 16\nf end read 16 records 2 whole\n", NULL);
    m = (struct memory){.from = {.offset = 17, .records = 3}};
    read_all(&m, ONE("f"), "f 0+16 read 16\nf end read 16 records 2 whole\n", NULL);
}

/* Objects and rows are not counted: they are read again from the beginning. */
static void
test_not_lines(void **state)
{
    struct memory m = {.from = {.offset = 9, .records = 1}};
    (void)state;
    put("f", "[{\"a\":1},\n{\"a\":2}]");
    read_all(&m, ONE("f"),
             "f 0+18 read 18\n"
             "f end read 18 whole\n",
             NULL);
}

static void
test_skipped(void **state)
{
    struct memory m = {.from = {.skip = true}};
    struct tcs_inputs_stats stats;
    (void)state;
    put("f", "{\"a\":1}\n");
    read_all(&m, ONE("f"), "", &stats);
    assert_int_equal(stats.sources, 1);
    assert_int_equal(stats.already, 1);
}

/* Of what cannot be read, or is of no known format, or is not there, no end is told; the mark of
 * one file is not that of the next. */
static void
test_not_whole(void **state)
{
    struct memory m = {0};
    struct tcs_inputs_stats stats;
    (void)state;
    put("a", "no log at all");
    put("b", "{\"a\":1}\n");
    put("c", "PK\003\004 this is no archive");
    read_all(&m, (const char *const[]){"a", "b", "c", "d"}, 4,
             "b 0+8 read 8\n"
             "b end read 8 records 1 whole\n",
             &stats);
    assert_int_equal(stats.sources, 1);
}

/* An archive is one file: its members' blocks bear its mark, its end is told once, by its size on
 * disk. */
static void
test_archive(void **state)
{
    struct memory m = {0};
    (void)state;
    put("x", "{\"a\":1}\n");
    put("y", "{\"b\":1}\n{\"b\":2}\n");
    assert_int_equal(system("tar -cf t.tar x y"), 0);
    read_all(&m, ONE("t.tar"),
             "t.tar 0+8 read 8\n"
             "t.tar 0+16 read 16\n"
             "t.tar end read 10240 whole\n",
             NULL);
    assert_int_equal(m.n, 1);
    assert_int_equal(truncate("t.tar", 1100), 0); /* in the header of y */
    m = (struct memory){0};
    read_all(&m, ONE("t.tar"), "t.tar 0+8 read 8\n", NULL);
}

static int
make(void **state)
{
    (void)state;
    tmp_make(folder);
    return 0;
}

static int
tidy(void **state)
{
    (void)state;
    tmp_remove(folder);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_torn),
        cmocka_unit_test(test_read_on), cmocka_unit_test(test_not_lines),
        cmocka_unit_test(test_skipped), cmocka_unit_test(test_not_whole),
        cmocka_unit_test(test_archive),
    };
    return cmocka_run_group_tests(tests, make, tidy);
}

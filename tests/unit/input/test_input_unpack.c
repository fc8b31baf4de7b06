/* tests/unit/input/test_input_unpack.c - containers: kinds, names, nesting, damage, passwords. */
#include "base/limits.h"
#include "input_collect.h"

#include <archive.h>
#include <archive_entry.h>

enum { ROOM = 1 << 20 };

struct packed {
    char p[ROOM];
    size_t n;
};

struct member {
    const char *name;
    const void *p;
    size_t n;
};

static const char line[] = "{\"a\":1}\n";

/* An archive of these members, as libarchive writes it.  options: NULL, or e.g. a password. */
static void
pack(struct packed *ret, int (*format)(struct archive *), int (*filter)(struct archive *),
     const struct member *m, size_t n)
{
    struct archive *a = archive_write_new();
    assert_int_equal(format(a), ARCHIVE_OK);
    if (filter)
        assert_int_equal(filter(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, ret->p, sizeof ret->p, &ret->n), ARCHIVE_OK);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *e = archive_entry_new();
        archive_entry_set_pathname(e, m[i].name);
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, (la_int64_t)m[i].n);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, m[i].p, m[i].n), (la_ssize_t)m[i].n);
        archive_entry_free(e);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

static void
check_file(const char *path, const char *events, const char *problems)
{
    struct collect c = {0};
    collect_paths(&c, &path, 1, 0);
    collect_check(&c.events, events);
    collect_check(&c.problems, problems);
    collect_done(&c);
}

static void
test_kinds(void **state)
{
    (void)state;
    static const struct kind {
        int (*format)(struct archive *), (*filter)(struct archive *);
    } kinds[] = {
        {archive_write_set_format_zip, NULL},
        {archive_write_set_format_7zip, NULL},
        {archive_write_set_format_ustar, NULL},
        {archive_write_set_format_pax, archive_write_add_filter_gzip},
        {archive_write_set_format_gnutar, archive_write_add_filter_zstd},
        {archive_write_set_format_ustar, archive_write_add_filter_bzip2},
        {archive_write_set_format_ustar, archive_write_add_filter_xz},
        {archive_write_set_format_ustar, archive_write_add_filter_lz4},
        {archive_write_set_format_raw, archive_write_add_filter_gzip},
        {archive_write_set_format_raw, archive_write_add_filter_zstd},
    };
    struct packed *a = malloc(sizeof *a);
    assert_non_null(a);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct member m = {"b/c.txt", line, sizeof line - 1};
        pack(a, kinds[i].format, kinds[i].filter, &m, 1);
        tmp_write("a.bin", a->p, a->n); /* the name says nothing */
        check_file("a.bin", "{\"a\":1}\n", "");
    }
    free(a);
}

/* Members are read in the archive's order, named behind it, and told by content. */
static void
test_members(void **state)
{
    (void)state;
    struct packed *a = malloc(sizeof *a);
    assert_non_null(a);
    const struct member m[] = {
        {"z.json", "{\"z\":1}", 7},
        {"noise.json", "nothing that we know", 20},
        {"empty", "", 0},
        {"d/a.json", "{\"a\":1}\n{\"bad\n{\"a\":3}\n", 22},
        {"w.txt", "\xff\xfe{\0", 4},
    };
    pack(a, archive_write_set_format_zip, NULL, m, 5);
    tmp_write("m.zip", a->p, a->n);
    check_file("m.zip", "{\"z\":1}\n{\"a\":1}\n{\"a\":3}\n",
               "m.zip!noise.json: no known format, not read\n"
               "m.zip!empty: empty\n"
               "m.zip!d/a.json: line 2: cut off\n"
               "m.zip!w.txt: text in UTF-16; convert it to UTF-8 first\n");
    free(a);
}

/* claims: archive-limits, limit-nesting */
static void
test_nested(void **state)
{
    (void)state;
    struct packed *in = malloc(sizeof *in), *out = malloc(sizeof *out);
    assert_non_null(in);
    assert_non_null(out);
    struct member m = {"x.json", line, sizeof line - 1};
    pack(in, archive_write_set_format_zip, NULL, &m, 1);
    static const char *const names[] = {"1.zip", "2.zip", "3.zip"};
    for (int i = 0; i < TCS_ARCHIVE_NEST_MAX; i++) {
        tmp_write("n.bin", in->p, in->n);
        check_file("n.bin", "{\"a\":1}\n", "");
        m = (struct member){names[i], in->p, in->n};
        pack(out, i % 2 ? archive_write_set_format_zip : archive_write_set_format_ustar, NULL, &m,
             1);
        struct packed *swap = in;
        in = out;
        out = swap;
    }
    tmp_write("n.bin", in->p, in->n);
    check_file("n.bin", "", "n.bin!3.zip!2.zip!1.zip: an archive inside 3 others, not opened\n");
    free(in);
    free(out);
}

static size_t
count_lines_of(const struct tcs_buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += b->p[i] == '\n';
    return n;
}

/* Cut at every length: never more events than there are, what precedes the cut is used, and a loss
 * is a problem.  Stored, so that each byte of the file is one of the data. */
static void
test_truncated(void **state)
{
    (void)state;
    enum { LINES = 40 };
    char text[LINES * (sizeof line - 1)];
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line - 1);
    struct packed *a = malloc(sizeof *a);
    assert_non_null(a);
    struct member m = {"x.json", text, sizeof text};
    pack(a, archive_write_set_format_ustar, NULL, &m, 1);
    for (size_t n = 0; n < a->n; n += 7) {
        struct collect c = {0};
        const char *path = "t.tar";
        tmp_write(path, a->p, n);
        collect_paths(&c, &path, 1, 0);
        size_t data = n > 512 ? n - 512 : 0;
        size_t lines = (data + 1) / (sizeof line - 1); /* the last line feed may be missing */
        assert_int_equal(count_lines_of(&c.events), lines < LINES ? lines : LINES);
        if (lines < LINES)
            assert_true(c.problems.n > 0);
        collect_done(&c);
    }
    free(a);
}

/* Bytes turned over: whatever comes, it ends, and nothing is read that is not there (the address
 * sanitizer watches). */
static void
test_damaged(void **state)
{
    (void)state;
    struct packed *a = malloc(sizeof *a);
    assert_non_null(a);
    const struct member m[] = {{"x.json", line, sizeof line - 1},
                               {"y.json", line, sizeof line - 1}};
    static int (*const formats[])(struct archive *) = {
        archive_write_set_format_zip, archive_write_set_format_7zip, archive_write_set_format_pax};
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        pack(a, formats[f], archive_write_add_filter_none, m, 2);
        for (size_t i = 0; i < a->n && i < 700; i += 3) {
            struct collect c = {0};
            const char *path = "d.bin";
            a->p[i] ^= 0x55;
            tmp_write(path, a->p, a->n);
            a->p[i] ^= 0x55;
            collect_paths(&c, &path, 1, 0);
            assert_true(count_lines_of(&c.events) <= 2);
            collect_done(&c);
        }
    }
    free(a);
}

static void
test_password(void **state)
{
    (void)state;
    struct packed *p = malloc(sizeof *p);
    assert_non_null(p);
    struct archive *a = archive_write_new();
    archive_write_set_format_zip(a);
    archive_write_set_passphrase(a, "secret");
    if (archive_write_set_options(a, "zip:encryption=zipcrypt") != ARCHIVE_OK) {
        archive_write_free(a);
        free(p);
        skip(); /* a libarchive without encryption */
    }
    archive_write_open_memory(a, p->p, sizeof p->p, &p->n);
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, "x.json");
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_size(e, sizeof line - 1);
    archive_write_header(a, e);
    archive_write_data(a, line, sizeof line - 1);
    archive_entry_free(e);
    archive_write_close(a);
    archive_write_free(a);
    tmp_write("p.zip", p->p, p->n);
    check_file("p.zip", "", "p.zip!x.json: protected by a password; unpack it first\n");
    free(p);
}

/* A zip of one empty member, by hand: names are UTF-8 when bit 11 of the flags is set (APPNOTE
 * 4.4.4), whatever the locale of the process is. */
static void
test_utf8_name(void **state)
{
    (void)state;
    static const char zip[] =
        "PK\x03\x04\x14\0\0\x08\0\0\0\0\x21\0" /* version, flags, stored, date */
        "\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0"   /* crc, sizes, name's length */
        "\xc3\xbc.txt"
        "PK\x01\x02\x14\0\x14\0\0\x08\0\0\0\0\x21\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\xc3\xbc.txt"
        "PK\x05\x06\0\0\0\0\x01\0\x01\0\x34\0\0\0\x24\0\0\0\0";
    tmp_write("u.zip", zip, sizeof zip);
    check_file("u.zip", "", "u.zip!\xc3\xbc.txt: empty\nu.zip: holds nothing of a known format\n");
}

/* A sparse member (pax, as tar -S makes it): what lies behind a hole is where it was. */
static void
test_holes(void **state)
{
    (void)state;
    enum { HOLE = 8192, SIZE = 3 * HOLE };
    struct packed *p = malloc(sizeof *p);
    char *text = calloc(1, SIZE);
    assert_non_null(p);
    assert_non_null(text);
    memcpy(text, line, sizeof line - 1);
    text[HOLE - 1] = '\n';
    memcpy(text + 2 * HOLE, line, sizeof line - 1); /* and its end is a hole too */
    struct archive *a = archive_write_new();
    assert_int_equal(archive_write_set_format_pax(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, p->p, sizeof p->p, &p->n), ARCHIVE_OK);
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, "x.jsonl");
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_size(e, SIZE);
    archive_entry_sparse_add_entry(e, 0, 512);
    archive_entry_sparse_add_entry(e, 2 * HOLE, 512);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, text, SIZE), SIZE);
    archive_entry_free(e);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    tmp_write("s.tar", p->p, p->n);
    struct collect c = {.places = true};
    const char *path = "s.tar";
    collect_paths(&c, &path, 1, 0);
    collect_check(&c.events, "1 0 1 {\"a\":1}\n1 16384 2 {\"a\":1}\n");
    assert_int_equal(c.stats.bytes, SIZE);
    collect_done(&c);
    free(text);
    free(p);
}

/* Out of layers of layers comes no more than so many times the size of the file.
 * claims: archive-limits, limit-unpacked */
static void
test_limit(void **state)
{
    (void)state;
    enum { ZEROS = 40 << 20 };
    struct packed *in = malloc(sizeof *in), *out = malloc(sizeof *out);
    char *zeros = calloc(1, ZEROS);
    assert_non_null(in);
    assert_non_null(out);
    assert_non_null(zeros);
    struct member m = {"x", zeros, ZEROS};
    pack(in, archive_write_set_format_raw, archive_write_add_filter_gzip, &m, 1);
    tmp_write("one.gz", in->p, in->n); /* one layer: as it is */
    check_file("one.gz", "", "one.gz: no known format, not read\n");
    m = (struct member){"x", in->p, in->n};
    pack(out, archive_write_set_format_raw, archive_write_add_filter_gzip, &m, 1);
    tmp_write("two.gz", out->p, out->n);
    check_file("two.gz", "",
               "two.gz: no known format, not read\n"
               "two.gz: unpacks to more than 1100 times its size, the rest is not read\n");
    /* a log is read as far as the limit goes */
    for (size_t i = 0; i < ZEROS; i += sizeof line - 1)
        memcpy(zeros + i, line, i + sizeof line - 1 < ZEROS ? sizeof line - 1 : ZEROS - i);
    m = (struct member){"x", zeros, ZEROS};
    pack(in, archive_write_set_format_raw, archive_write_add_filter_gzip, &m, 1);
    m = (struct member){"x", in->p, in->n};
    pack(out, archive_write_set_format_raw, archive_write_add_filter_gzip, &m, 1);
    tmp_write("log.gz", out->p, out->n);
    struct collect c = {0};
    const char *path = "log.gz";
    collect_paths(&c, &path, 1, 0);
    assert_true(c.stats.events > (16 << 20) / sizeof line && c.stats.bytes < 40 << 20);
    assert_true(memmem(c.problems.p, c.problems.n, "1100 times", 10) != NULL);
    collect_done(&c);
    free(zeros);
    free(in);
    free(out);
}

/* Standard input is a stream that cannot seek; zip works there too. */
static void
test_stdin(void **state)
{
    (void)state;
    struct packed *a = malloc(sizeof *a);
    assert_non_null(a);
    struct member m = {"x.json", line, sizeof line - 1};
    pack(a, archive_write_set_format_zip, NULL, &m, 1);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], a->p, a->n), a->n);
    close(fds[1]);
    int old = dup(STDIN_FILENO);
    dup2(fds[0], STDIN_FILENO);
    close(fds[0]);
    check_file("-", "{\"a\":1}\n", "");
    dup2(old, STDIN_FILENO);
    close(old);
    free(a);
}

int
main(void)
{
    char dir[64];
    tmp_make(dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),   cmocka_unit_test(test_members),
        cmocka_unit_test(test_nested),  cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_damaged), cmocka_unit_test(test_password),
        cmocka_unit_test(test_holes),   cmocka_unit_test(test_limit),
        cmocka_unit_test(test_stdin),   cmocka_unit_test(test_utf8_name),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tmp_remove(dir);
    return failed;
}

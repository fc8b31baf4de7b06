/* tests/unit/input/test_input_cut.c - the same events whatever the block size; chunks; files that
 * change while they are read. */
#include "base/limits.h"
#include "decode/formats.h"
#include "input/stream.h"
#include "input_collect.h"

#include <fcntl.h>

/* Objects with what could confuse a bracket counter, in the three ways of putting them together. */
static const char *const objects[] = {
    "{\"a\":1}",
    "{\"b\":\"}{][\\\"\\\\\",\"c\":[{\"d\":[1,2,{\"e\":{}}]}]}",
    "{}",
    "{\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
    "{\"esc\":\"\\\\\\\"{\"}",
    "{\"u\":\"\\u007b\xc3\xa9\"}",
    "{\"l\":[1,2]}",
};
enum { OBJECTS = sizeof objects / sizeof *objects };

static const char *const flat[] = {
    "{\"a\":1}",
    "{\"b\":\"}{][\\\"\\\\\",\"c.d\":[1,2]}",
    "{}",
    "{\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
    "{\"esc\":\"\\\\\\\"{\"}",
    "{\"u\":\"{\xc3\xa9\"}",
    "{\"l\":[1,2]}",
};

static void
put_objects(struct tcs_buf *b, const char *before, const char *between, const char *after,
            int times)
{
    tcs_base_buf_str(b, tcs_base_str_of(before));
    for (int i = 0; i < times * OBJECTS; i++) {
        if (i)
            tcs_base_buf_str(b, tcs_base_str_of(between));
        tcs_base_buf_str(b, tcs_base_str_of(objects[i % OBJECTS]));
    }
    tcs_base_buf_str(b, tcs_base_str_of(after));
}

/* Several times what is read at once, so that every kind of cut happens. */
enum { TIMES = 700 };

static void
check_sizes(const char *before, const char *between, const char *after)
{
    static const size_t sizes[] = {1, 2, 3, 5, 8, 63, 64, 65, 1000, 65536, 100000, 1 << 20};
    struct tcs_buf text = {0}, want = {0};
    put_objects(&text, before, between, after, TIMES);
    tmp_write("f", text.p, text.n);
    for (int i = 0; i < TIMES * OBJECTS; i++) {
        tcs_base_buf_str(&want, tcs_base_str_of(flat[i % OBJECTS]));
        tcs_base_buf_c(&want, '\n');
    }
    tcs_base_buf_c(&want, '\0');
    struct tcs_buf first = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct collect c = {0}, placed = {.places = true};
        collect_paths(&c, (const char *const[]){"f"}, 1, sizes[i]);
        collect_check(&c.problems, "");
        collect_check(&c.events, want.p);
        collect_paths(&placed, (const char *const[]){"f"}, 1, sizes[i]);
        if (i == 0)
            tcs_base_buf_str(&first, tcs_base_buf_view(&placed.events));
        assert_true(tcs_base_str_eq(tcs_base_buf_view(&first), tcs_base_buf_view(&placed.events)));
        collect_done(&c);
        collect_done(&placed);
    }
    tcs_base_buf_done(&first);
    tcs_base_buf_done(&text);
    tcs_base_buf_done(&want);
}

static void
test_lines(void **state)
{
    (void)state;
    check_sizes("", "\n", "\n");
    check_sizes("\xef\xbb\xbf", "\r\n\r\n", "");
}

static void
test_array(void **state)
{
    (void)state;
    check_sizes("[", ",", "]");
    check_sizes("[\n  ", ",\n  ", "\n]\n");
}

static void
test_concatenated(void **state)
{
    (void)state;
    check_sizes("", "", "");
    check_sizes("Record 1\n", "\nRecord 17\r\n", "");
}

static void
test_envelope(void **state)
{
    (void)state;
    check_sizes("{\"Records\":[", ",", "]}");
    check_sizes("{ \"Records\" : [\n", ",\n", "\n] }\n{\"Records\":[]}");
    check_sizes("{\"records\": [", ",", "]}\n");
    check_sizes("{\"@odata.context\":\"https://x\",\"value\":[", ",", "]}");
}

/* Numbers and offsets, by hand. */
static void
test_places(void **state)
{
    (void)state;
    struct collect c = {.places = true};
    tmp_write("g", "{\"a\":1}\n\n  {\"b\":2}\r\nx\n{\"c\":3}", 29);
    collect_paths(&c, (const char *const[]){"g"}, 1, 1);
    collect_check(&c.events, "0 0 1 {\"a\":1}\n0 11 3 {\"b\":2}\n0 22 5 {\"c\":3}\n");
    collect_check(&c.problems, "g: line 4: not a JSON object\n");
    collect_done(&c);
    c = (struct collect){.places = true};
    tmp_write("g", "[{\"a\":1},\n {\"b\":2}]", 19);
    collect_paths(&c, (const char *const[]){"g"}, 1, 1);
    collect_check(&c.events, "0 1 1 {\"a\":1}\n0 11 2 {\"b\":2}\n");
    collect_done(&c);
}

/* One object is broken: it alone is lost, and the numbers go on. */
static void
test_broken_object(void **state)
{
    (void)state;
    struct collect c = {.places = true};
    const char text[] = "[\n{\"a\": 1},\n{\"b\": [1, \"x },\n{\"c\": 2}\n]";
    tmp_write("g", text, sizeof text - 1);
    collect_paths(&c, (const char *const[]){"g"}, 1, 4);
    collect_check(&c.events, "0 2 1 {\"a\":1}\n0 28 3 {\"c\":2}\n");
    collect_check(&c.problems, "g: object 2: not valid JSON\n");
    collect_done(&c);
}

/* A record over the limit is refused by number whether or not it fits a block. */
static void
test_huge(void **state)
{
    (void)state;
    size_t n = TCS_JSON_RECORD_MAX;
    char *text = malloc(n + 64);
    assert_non_null(text);
    memcpy(text, "{\"a\":1}\n{\"b\":\"", 14);
    memset(text + 14, 'x', n);
    memcpy(text + 14 + n, "\"}\n{\"c\":2}\n", 11);
    tmp_write("h", text, n + 25);
    struct collect c = {.places = true};
    collect_paths(&c, (const char *const[]){"h"}, 1, 0);
    char want[80];
    snprintf(want, sizeof want, "0 0 1 {\"a\":1}\n0 %zu 3 {\"c\":2}\n", n + 17);
    collect_check(&c.events, want);
    collect_check(&c.problems, "h: line 2 is longer than 16 MiB, skipped\n");
    collect_done(&c);
    free(text);
}

/* n chunks behind a file header, each filled with its number. */
static size_t
make_evtx(char *p, unsigned chunks)
{
    memset(p, 0, TCS_EVTX_FILE_HEADER);
    memcpy(p, "ElfFile", 8);
    for (unsigned i = 0; i < chunks; i++)
        memset(p + TCS_EVTX_FILE_HEADER + i * TCS_EVTX_CHUNK, (int)i + 1, TCS_EVTX_CHUNK);
    return TCS_EVTX_FILE_HEADER + (size_t)chunks * TCS_EVTX_CHUNK;
}

/* Chunk n begins at block offset 4096 + n * 65536 and is whole, whatever the block size. */
static uint64_t
check_chunks(struct tcs_inputs *in, uint64_t seen, uint64_t bytes)
{
    struct tcs_unit u;
    while (seen < bytes && tcs_input_next(in, &u, NULL) == 0) {
        assert_int_equal(u.block.offset, TCS_EVTX_FILE_HEADER + seen);
        for (size_t i = 0; i < u.block.n; i++)
            assert_int_equal(u.block.p[i], (uint8_t)((seen + i) / TCS_EVTX_CHUNK + 1));
        seen += u.block.n;
        assert_true(seen % TCS_EVTX_CHUNK == 0 || seen == bytes);
        tcs_input_unit_free(in, &u);
    }
    return seen;
}

static void
test_chunks(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 65536, 65537, 200000, 0};
    char *p = malloc(TCS_EVTX_FILE_HEADER + 40 * TCS_EVTX_CHUNK);
    assert_non_null(p);
    size_t n = make_evtx(p, 40) - 1000; /* the last one is short */
    tmp_write("c.log", p, n);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tcs_inputs *in;
        struct tcs_unit u;
        const char *path = "c.log";
        struct tcs_inputs_opts opts = {.formats = tcs_decode_formats, .block = sizes[i]};
        assert_int_equal(tcs_input_open(&path, 1, &opts, &in, NULL), 0);
        uint64_t bytes = n - TCS_EVTX_FILE_HEADER;
        assert_int_equal(check_chunks(in, 0, bytes), bytes);
        assert_int_equal(tcs_input_next(in, &u, NULL), 1);
        assert_int_equal(tcs_input_stats(in)->bytes_read, n);
        tcs_input_close(in);
    }
    free(p);
}

static void
test_growing(void **state)
{
    (void)state;
    char *p = malloc(TCS_EVTX_FILE_HEADER + 8 * TCS_EVTX_CHUNK);
    assert_non_null(p);
    size_t n = make_evtx(p, 8), half = TCS_EVTX_FILE_HEADER + 3 * TCS_EVTX_CHUNK + 100;
    tmp_write("c.log", p, half);
    struct tcs_inputs *in;
    const char *path = "c.log";
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats, .block = TCS_EVTX_CHUNK};
    assert_int_equal(tcs_input_open(&path, 1, &opts, &in, NULL), 0);
    assert_int_equal(check_chunks(in, 0, TCS_EVTX_CHUNK), TCS_EVTX_CHUNK);
    int fd = open("c.log", O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, p + half, n - half), n - half);
    close(fd);
    assert_int_equal(check_chunks(in, TCS_EVTX_CHUNK, 8 * TCS_EVTX_CHUNK), 8 * TCS_EVTX_CHUNK);
    tcs_input_close(in);
    free(p);
}

/* claim: race */
static void
test_shrinking(void **state)
{
    (void)state;
    char *p = malloc(TCS_EVTX_FILE_HEADER + 8 * TCS_EVTX_CHUNK);
    assert_non_null(p);
    tmp_write("c.log", p, make_evtx(p, 8));
    struct tcs_inputs *in;
    struct tcs_unit u;
    const char *path = "c.log";
    struct collect c = {0};
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats,
                                   .block = TCS_EVTX_CHUNK,
                                   .problem = collect_problem,
                                   .ctx = &c};
    assert_int_equal(tcs_input_open(&path, 1, &opts, &in, NULL), 0);
    assert_int_equal(check_chunks(in, 0, TCS_EVTX_CHUNK), TCS_EVTX_CHUNK);
    c.problems.n = 0; /* of the made header */
    assert_int_equal(truncate("c.log", TCS_EVTX_FILE_HEADER + TCS_EVTX_CHUNK), 0);
    assert_int_equal(tcs_input_next(in, &u, NULL), 1);
    collect_check(&c.problems, "c.log: became shorter while it was read\n");
    collect_done(&c);
    tcs_input_close(in);
    free(p);
}

/* Past 4 GiB: positions are 64-bit.  A sparse file, so that it costs no disk. */
static void
test_over_4_gib(void **state)
{
    (void)state;
    uint64_t last = TCS_EVTX_FILE_HEADER + (uint64_t)65537 * TCS_EVTX_CHUNK, count = 0;
    int fd = open("big.log", O_WRONLY | O_CREAT, 0644);
    bool sparse = pwrite(fd, "x", 1, (off_t)last) == 1;
    close(fd);
    if (!sparse)
        skip(); /* a file system without files of this size */
    struct tcs_file f;
    char p[4] = "";
    size_t got = 0;
    assert_int_equal(tcs_input_file_open(&f, "big.log", &count, NULL), 0);
    assert_int_equal(f.stream.size, last + 1);
    f.stream.seek(&f.stream, last);
    assert_int_equal(f.stream.read(&f.stream, p, sizeof p, &got, NULL), 0);
    assert_int_equal(got, 1);
    assert_int_equal(p[0], 'x');
    tcs_input_file_close(&f);
    assert_int_equal(count, last + 1);
    unlink("big.log");
}

int
main(void)
{
    char dir[64];
    tmp_make(dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),        cmocka_unit_test(test_array),
        cmocka_unit_test(test_concatenated), cmocka_unit_test(test_envelope),
        cmocka_unit_test(test_places),       cmocka_unit_test(test_broken_object),
        cmocka_unit_test(test_huge),         cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_growing),      cmocka_unit_test(test_shrinking),
        cmocka_unit_test(test_over_4_gib),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tmp_remove(dir);
    return failed;
}

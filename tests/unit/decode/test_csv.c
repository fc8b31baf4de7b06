/* unit/decode/test_csv.c - tables: RFC 4180's examples and its corners, rows that are none,
 * the same events whatever the block size, and what is not taken for a table.
 *
 * Expected values are from RFC 4180, section 2, and by hand. */
#include "base/limits.h"
#include "decode/formats.h"
#include "input/csv_scan.h"
#include "unit/input/input_collect.h"

static const struct tcs_str ab[] = {{"a", 1}, {"b", 1}};
static const struct tcs_str words[] = {{"name", 4}, {"host", 4}};
static const struct tcs_csv_table described[] = {{ab, 2}, {words, 2}};
static const struct tcs_csv_tables tables = {described, 2};

/* Everything of the file f, read in blocks of about that size. */
static void
read_file(struct collect *c, size_t block, const struct tcs_csv_tables *csv)
{
    const char *path = "f";
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats,
                                   .block = block,
                                   .problem = collect_problem,
                                   .ctx = c,
                                   .csv = csv};
    struct tcs_sink sink = collect_sink(c);
    struct tcs_inputs *in;
    struct tcs_unit u;
    struct tcs_err err;
    struct tcs_decoder *d = tcs_decode_format_csv.open(&(struct tcs_decode_opts){0});
    int r;
    assert_non_null(d);
    assert_int_equal(tcs_input_open(&path, 1, &opts, &in, &err), 0);
    while ((r = tcs_input_next(in, &u, &err)) == 0) {
        assert_ptr_equal(u.format, &tcs_decode_format_csv);
        u.format->decode(d, &u.block, &sink, &c->stats);
        tcs_input_unit_free(in, &u);
    }
    assert_int_equal(r, 1);
    tcs_decode_format_csv.close(d);
    tcs_input_close(in);
}

static void
check(const char *text, size_t n, const char *events, const char *problems)
{
    struct collect c = {.places = true};
    tmp_write("f", text, n);
    read_file(&c, 0, &tables);
    collect_check(&c.events, events);
    collect_check(&c.problems, problems);
    collect_done(&c);
}

#define CHECK(text, events, problems) check(text, sizeof(text) - 1, events, problems)

/* Before each event: source, byte offset, number of the row. */
static void
test_rfc4180(void **state)
{
    (void)state;
    CHECK("a,b,c\r\naaa,bbb,ccc\r\nzzz,yyy,xxx\r\n",
          "0 7 1 {\"a\":\"aaa\",\"b\":\"bbb\",\"c\":\"ccc\"}\n"
          "0 20 2 {\"a\":\"zzz\",\"b\":\"yyy\",\"c\":\"xxx\"}\n",
          "");
    /* the last line end may be missing; blanks belong to the value */
    CHECK("a,b\n x , y ", "0 4 1 {\"a\":\" x \",\"b\":\" y \"}\n", "");
    CHECK("a,b\n\"b CRLF\r\nbb\",\"c,\"\"c\"\"\"\r\n",
          "0 4 1 {\"a\":\"b CRLF\\r\\nbb\",\"b\":\"c,\\\"c\\\"\"}\n", "");
    CHECK("a,b\n\"\",\n\"\"\"\",\"\"\"\"\"\"\n",
          "0 4 1 {\"a\":\"\",\"b\":\"\"}\n"
          "0 8 2 {\"a\":\"\\\"\",\"b\":\"\\\"\\\"\"}\n",
          "");
}

/* claim: limit-csv */
static void
test_heads(void **state)
{
    (void)state;
    CHECK("\xef\xbb\xbf"
          "b;a\n1;2\n",
          "0 7 1 {\"b\":\"1\",\"a\":\"2\"}\n", "");
    CHECK("a\tb\n1,5\t2\n", "0 4 1 {\"a\":\"1,5\",\"b\":\"2\"}\n", "");
    CHECK("\"a\",\"x \"\"y\"\"\",\"b\"\n1,2,3\n",
          "0 18 1 {\"a\":\"1\",\"x \\\"y\\\"\":\"2\",\"b\":\"3\"}\n", "");
    CHECK("a,,b\n1,2,3\n", "0 5 1 {\"a\":\"1\",\"b\":\"3\"}\n", ""); /* nameless: passed over */
    CHECK("a,b\n", "", "");
}

/* Time and host are found under the usual names. */
static void
head_event(void *ctx, const struct tcs_event *ev)
{
    char text[TCS_TIME_TEXT];
    struct collect *c = ctx;
    tcs_base_buf_printf(&c->events, "%.*s %.*s %.*s\n", TCS_STR_FMT(ev->product),
                        (int)ev->computer.n, ev->computer.p,
                        TCS_STR_FMT(tcs_base_time_format(ev->time, 0, text)));
}

static void
test_head_of_event(void **state)
{
    (void)state;
    static const struct tcs_origin origin = {.path = {"t", 1}};
    static const char rows[64 + TCS_BLOCK_PADDING] = "1642723347,x,mail\n";
    struct collect c = {0};
    struct tcs_sink sink = {.ctx = &c, .event = head_event};
    struct tcs_decoder *d = tcs_decode_format_csv.open(&(struct tcs_decode_opts){0});
    struct tcs_block b = {.origin = &origin,
                          .p = (const uint8_t *)rows,
                          .n = strlen(rows),
                          .first_record = 1,
                          .head = TCS_STR("time,name,host")};
    assert_non_null(d);
    tcs_decode_format_csv.decode(d, &b, &sink, &c.stats);
    collect_check(&c.events, "csv mail 2022-01-21T00:02:27Z\n"); /* date -u -d @1642723347 */
    tcs_decode_format_csv.close(d);
    collect_done(&c);
}

static void
test_no_rows(void **state)
{
    (void)state;
    CHECK("a,b\n1\n1,2\n\n1,2,3\n", "0 6 2 {\"a\":\"1\",\"b\":\"2\"}\n",
          "f: row 1: 1 values, but the first row names 2 columns\n"
          "f: row 3: 3 values, but the first row names 2 columns\n");
    CHECK("a,b\n\"x\"y,2\n3,4\n", "0 11 2 {\"a\":\"3\",\"b\":\"4\"}\n",
          "f: row 1: text behind a closing quote; a quote inside quotes must be doubled\n");
    /* a quote inside a value that does not begin with one is a character */
    CHECK("a,b\n5\" disk,2\n", "0 4 1 {\"a\":\"5\\\" disk\",\"b\":\"2\"}\n", "");
    /* a quote that is never closed costs its line */
    CHECK("a,b\n\"x,1\n2,3\n4,\"5\n6,7\n",
          "0 9 2 {\"a\":\"2\",\"b\":\"3\"}\n0 18 4 {\"a\":\"6\",\"b\":\"7\"}\n",
          "f: row 1: a quote is not closed\nf: row 3: a quote is not closed\n");
}

/* Quoted line feeds, long rows, rows that are none, and a quote that is open for longer than a row
 * may be: all must be the same however the bytes are cut. */
static void
put_rows(struct tcs_buf *b)
{
    tcs_base_buf_str(b, TCS_STR("a,b\r\n"));
    for (int i = 0; i < 3000; i++) {
        tcs_base_buf_printf(b, "%d,\"x\n\"\"%d\"\"\n\"\r\n", i, i);
        if (i % 7 == 0)
            tcs_base_buf_str(b, TCS_STR("\n,\n1\nq\"q,\"\"\n"));
        if (i % 500 == 0)
            tcs_base_buf_printf(b, "%d,%0*d\n", i, 30000 + i, 0);
    }
    tcs_base_buf_str(b, TCS_STR("open,\"\n"));
    for (int i = 0; i < 300000; i++) /* twice the limit */
        tcs_base_buf_printf(b, "%d,%d\n", i, i % 10);
    tcs_base_buf_str(b, TCS_STR("1,2\n3,\"4\n5,6"));
}

static void
test_block_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 70000, 100001, 1 << 20, 3 << 20};
    struct tcs_buf text = {0};
    struct collect first = {.places = true};
    put_rows(&text);
    assert_true(text.n > 2 * (size_t)TCS_CSV_ROW_MAX);
    tmp_write("f", text.p, text.n);
    read_file(&first, sizes[0], &tables);
    /* Good ones: 3000, the "," behind every seventh, `q"q,""` too, six long; then lines to the end
     * of the limit, rows behind it, 1,2 and 5,6.  Bad: 429 times `1`, the two open quotes. */
    assert_int_equal(first.stats.events, 3000 + 2 * 429 + 6 + 300000 + 2);
    assert_int_equal(first.stats.bad_records, 429 + 2);
    for (size_t i = 1; i < sizeof sizes / sizeof *sizes; i++) {
        struct collect c = {.places = true};
        read_file(&c, sizes[i], &tables);
        assert_int_equal(c.stats.events, first.stats.events);
        assert_true(
            tcs_base_str_eq(tcs_base_buf_view(&c.events), tcs_base_buf_view(&first.events)));
        assert_true(
            tcs_base_str_eq(tcs_base_buf_view(&c.problems), tcs_base_buf_view(&first.problems)));
        collect_done(&c);
    }
    collect_done(&first);
    tcs_base_buf_done(&text);
}

static void
test_not_a_table(void **state)
{
    (void)state;
    static const char *const texts[] = {"a\n1\n",  "A,B\n1,2\n", "1,2\na,b\n",
                                        "\na,b\n", "\"a,b\n",    "x a,b\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct collect c = {0};
        tmp_write("f", texts[i], strlen(texts[i]));
        read_file(&c, 0, &tables);
        collect_check(&c.events, "");
        collect_check(&c.problems, "f: no known format, not read\n");
        collect_done(&c);
    }
    struct collect c = {0};
    tmp_write("f", "a,b\n1,2\n", 8);
    read_file(&c, 0, NULL); /* nobody described one */
    collect_check(&c.problems, "f: no known format, not read\n");
    collect_done(&c);
}

static void
test_next(void **state)
{
    (void)state;
    size_t len = 0;
    const uint8_t *p = (const uint8_t *)"a,\"b\n\"\nc";
    assert_int_equal(tcs_input_csv_next(p, 4, false, ',', &len), TCS_CSV_MORE);
    assert_int_equal(tcs_input_csv_next(p, 5, false, ',', &len), TCS_CSV_MORE);
    assert_int_equal(tcs_input_csv_next(p, 6, false, ',', &len), TCS_CSV_MORE);
    assert_int_equal(tcs_input_csv_next(p, 7, false, ',', &len), TCS_CSV_ROW);
    assert_int_equal(len, 7);
    assert_int_equal(tcs_input_csv_next(p, 5, true, ',', &len), TCS_CSV_OPEN);
    assert_int_equal(len, 5);
    assert_int_equal(tcs_input_csv_next(p + 7, 1, true, ',', &len), TCS_CSV_ROW);
    assert_int_equal(len, 1);
}

int
main(void)
{
    char dir[64];
    tmp_make(dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc4180),       cmocka_unit_test(test_heads),
        cmocka_unit_test(test_head_of_event), cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_block_sizes),   cmocka_unit_test(test_not_a_table),
        cmocka_unit_test(test_next),
    };
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    tmp_remove(dir);
    return r;
}

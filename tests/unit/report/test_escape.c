/* Foreign text made harmless: expected values by hand, from the HTML, GFM and RFC 4180 rules. */
#include "check.h"
#include "report/report_int.h"

typedef void write_fn(struct tcs_buf *b, struct tcs_str s, size_t max);

static void
check_n(write_fn *write, struct tcs_str s, size_t max, const char *want)
{
    struct tcs_buf b = {0};
    write(&b, s, max);
    assert_false(b.failed);
    check_str(tcs_base_buf_view(&b), want);
    tcs_base_buf_done(&b);
}

static void
check(write_fn *write, const char *s, const char *want)
{
    check_n(write, tcs_base_str_of(s), 100, want);
}

static void
visible(void **state)
{
    (void)state;
    check(report_visible, "ELBWERFT\\j.brandt", "ELBWERFT\\j.brandt");
    check(report_visible, "Z\xc3\xbcrich \xe4\xb8\xad \xf0\x9f\x94\xa5",
          "Z\xc3\xbcrich \xe4\xb8\xad \xf0\x9f\x94\xa5");
    check(report_visible, "a\nb\rc\td\x1b[1m\x7f", "a\\nb\\rc\\td\\x1b[1m\\x7f");
    check_n(report_visible, TCS_STR("a\0b"), 9, "a\\x00b");
    check(report_visible, "abc\xe2\x80\xaetxt.exe", "abc\\u{202e}txt.exe");
    check(report_visible, "\xe2\x80\x8b\xef\xbb\xbf\xc2\xad\xc2\x85\xef\xbf\xbf",
          "\\u{200b}\\u{feff}\\u{ad}\\u{85}\\u{ffff}");
    check(report_visible, "\xff\xc3(", "\xef\xbf\xbd\xef\xbf\xbd(");
    check_n(report_visible, TCS_STR("abcdef"), 4, "abcd\xe2\x80\xa6 (2 more bytes)");
    check_n(report_visible, TCS_STR("abcd"), 4, "abcd");
    check_n(report_visible, (struct tcs_str){0}, 4, "");
}

/* claim: report-escaped */
static void
html(void **state)
{
    (void)state;
    check(report_html, "<script>alert('1')&\"</script>",
          "&lt;script&gt;alert(&#39;1&#39;)&amp;&quot;&lt;/script&gt;");
    check(report_html, "&lt;", "&amp;lt;");
}

/* claim: report-escaped */
static void
markdown(void **state)
{
    (void)state;
    check(report_md, "plain words, 1.5 times", "plain words, 1.5 times");
    check(report_md, "*a* _b_ [c](d) | `e`", "\\*a\\* \\_b\\_ \\[c\\](d) \\| \\`e\\`");
    check(report_md, "<b>&amp;", "&lt;b>&amp;amp;");
    check(report_md, "@all #1", "@<!-- -->all #<!-- -->1");
    check(report_md, "http://x www.y", "http<!-- -->://x www<!-- -->.y");
    check(report_md, "a@b.example", "a@<!-- -->b.example");
    check(report_md, "- a-b", "\\- a-b");
    check(report_md, "12. a", "12\\. a");
    check(report_md, "# a", "\\#<!-- --> a");
    check(report_md, "> a", "\\> a");
    check(report_md, "    a", "&#32;   a");
    check(report_md_code, "WS-014", "`WS-014`");
    check(report_md_code, "a`b``c", "```a`b``c```");
    check(report_md_code, "`a", "`` `a ``");
    check(report_md_code, "a|b\nc", "`a\\|b\\nc`");
    check(report_md_code, "", "");
}

/* claim: report-escaped */
static void
csv(void **state)
{
    (void)state;
    check(report_csv, "", "\"\"");
    check(report_csv, "say \"hi\", you", "\"say \"\"hi\"\", you\"");
    check(report_csv, "=1+1", "\"'=1+1\"");
    check(report_csv, "+1", "\"'+1\"");
    check(report_csv, "-1", "\"'-1\"");
    check(report_csv, "@SUM(A1)", "\"'@SUM(A1)\"");
    check(report_csv, "  =1", "\"'  =1\"");
    check(report_csv, "\t=1",
          "\"\\t=1\""); /* the tab is shown, so the cell does not begin with it */
    check(report_csv,
          "\xef\xbc\x9d"
          "1",
          "\"'\xef\xbc\x9d"
          "1\"");
    check(report_csv, "a=1", "\"a=1\"");
    check(report_csv, "a\r\nb", "\"a\\r\\nb\"");
}

static void
labels(void **state)
{
    struct tcs_buf b = {0};
    (void)state;
    int whole = report_label_width(TCS_STR("WORKSTATION5"));
    assert_in_range(whole, 80, 140); /* DejaVu Sans at 11 px: 94 */
    assert_int_equal(report_label(&b, TCS_STR("WORKSTATION5"), whole), whole);
    check_str(tcs_base_buf_view(&b), "WORKSTATION5");
    b.n = 0;
    assert_in_range(report_label(&b, TCS_STR("WORKSTATION5"), 60), 1, 60);
    assert_true(tcs_base_str_starts(tcs_base_buf_view(&b), TCS_STR("WORK")));
    assert_true(tcs_base_str_ends(tcs_base_buf_view(&b), TCS_STR("\xe2\x80\xa6")));
    b.n = 0;
    report_label(&b, TCS_STR("<&>"), 100);
    check_str(tcs_base_buf_view(&b), "&lt;&amp;&gt;");
    tcs_base_buf_done(&b);
    assert_true(report_label_width(TCS_STR("WW")) > report_label_width(TCS_STR("ii")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(visible), cmocka_unit_test(html),
                                       cmocka_unit_test(markdown), cmocka_unit_test(csv),
                                       cmocka_unit_test(labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests cli/term.c, text.c, words.c and filter.c: what reaches a terminal, and small decisions.
 * Expectations are by hand from the Unicode and ATT&CK conventions the headers name. */
#include "check.h"

#include "attack/level.h"
#include "attack/tags.h"
#include "base/time.h"
#include "cli/term.h"
#include "cli/text.h"
#include "sigma/ast.h"
#include "sigma/status.h"

#include <locale.h>
#include <wchar.h>

static const struct tcs_term utf8 = {.utf8 = true}, ascii = {.utf8 = false};

static void
shows(const struct tcs_term *t, struct tcs_str in, size_t max, const char *want, size_t columns)
{
    struct tcs_buf b = {0};
    size_t got = tcs_cli_term_put(t, &b, in, max);
    check_str(tcs_base_buf_view(&b), want);
    assert_int_equal(got, columns);
    tcs_base_buf_done(&b);
}

static void
test_harmless(void **state)
{
    (void)state;
    shows(&utf8, TCS_STR("plain ~ text"), 0, "plain ~ text", 12);
    shows(&utf8, TCS_STR("\x1b[31mred"), 0, "\\x1b[31mred", 11);
    shows(&utf8, TCS_STR("a\nb\tc\x7f"), 0, "a\\x0ab\\x09c\\x7f", 15);
    shows(&utf8,
          TCS_STR("\xc2\x9b"
                  "31m"),
          0, "\\x9b31m", 7);
    shows(&utf8, TCS_STR("x\xe2\x80\xaegnp.exe"), 0, "x\\u{202e}gnp.exe", 16);
    shows(&utf8, TCS_STR("\0z"), 0, "\\x00z", 5);
    shows(&utf8, TCS_STR("a\xff"), 0, "a\xef\xbf\xbd", 2);
    shows(&ascii, TCS_STR("gr\xc3\xbc\xc3\x9f"), 0, "gr\\xfc\\xdf", 10);
    shows(&ascii, TCS_STR("\xe2\x82\xac"), 0, "\\u{20ac}", 8);
}

static void
test_cut(void **state)
{
    (void)state;
    shows(&utf8, TCS_STR("abcdef"), 6, "abcdef", 6);
    shows(&utf8, TCS_STR("abcdefg"), 6, "abcde\xe2\x80\xa6", 6);
    shows(&ascii, TCS_STR("abcdefg"), 6, "abc...", 6);
    shows(&utf8,
          TCS_STR("ab\x1b"
                  "cd"),
          5, "ab\xe2\x80\xa6", 3); /* an escape is never cut in two */
    if (wcwidth(0x6f22) == 2) {
        shows(&utf8, TCS_STR("\xe6\xbc\xa2\xe5\xad\x97"), 0, "\xe6\xbc\xa2\xe5\xad\x97", 4);
        shows(&utf8, TCS_STR("\xe6\xbc\xa2\xe5\xad\x97"), 3, "\xe6\xbc\xa2\xe2\x80\xa6", 3);
    }
}

static void
test_numbers(void **state)
{
    static const struct {
        uint64_t n;
        const char *count, *bytes;
    } rows[] = {
        {0, "0", "0 B"},
        {999, "999", "999 B"},
        {1000, "1,000", "1000 B"},
        {1024, "1,024", "1.0 KiB"},
        {1234567, "1,234,567", "1.2 MiB"},
        {1073741823, "1,073,741,823", "1.0 GiB"},
        {UINT64_MAX, "18,446,744,073,709,551,615", "16.0 EiB"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcs_buf b = {0};
        tcs_cli_text_count(&b, rows[i].n);
        check_str(tcs_base_buf_view(&b), rows[i].count);
        b.n = 0;
        tcs_cli_text_bytes(&b, rows[i].n);
        check_str(tcs_base_buf_view(&b), rows[i].bytes);
        tcs_base_buf_done(&b);
    }
}

static void
test_tags(void **state)
{
    char id[16];
    (void)state;
    assert_true(tcs_attack_tag_technique(TCS_STR("attack.t1059.001"), id));
    assert_string_equal(id, "T1059.001");
    assert_true(tcs_attack_tag_technique(TCS_STR("ATTACK.T1003"), id));
    assert_string_equal(id, "T1003");
    assert_false(tcs_attack_tag_technique(TCS_STR("attack.t105"), id));
    assert_false(tcs_attack_tag_technique(TCS_STR("attack.t1059.01"), id));
    assert_false(tcs_attack_tag_technique(TCS_STR("attack.t1059x"), id));
    assert_false(tcs_attack_tag_technique(TCS_STR("attack.s0002"), id));
    assert_false(tcs_attack_tag_technique(TCS_STR("cve.2021-44228"), id));
    assert_false(tcs_attack_tag_technique(TCS_STR("attack."), id));
    assert_string_equal(
        tcs_attack_tactic_name((unsigned)tcs_attack_tag_tactic(TCS_STR("attack.lateral_movement"))),
        "Lateral Movement");
    assert_string_equal(
        tcs_attack_tactic_name((unsigned)tcs_attack_tag_tactic(TCS_STR("attack.lateral-movement"))),
        "Lateral Movement");
    assert_int_equal(tcs_attack_tag_tactic(TCS_STR("attack.lateral")), -1);
    assert_int_equal(tcs_attack_tag_tactic(TCS_STR("attack.t1059")), -1);
    assert_int_equal(tcs_attack_level_of(TCS_STR("High")), TCS_HIGH);
    assert_int_equal(tcs_attack_level_of(TCS_STR("none")), 0);
    assert_int_equal(tcs_sigma_status_of(TCS_STR("experimental")), TCS_EXPERIMENTAL);
    assert_true(tcs_sigma_status_maturity(TCS_STABLE) > tcs_sigma_status_maturity(TCS_TEST));
    assert_true(tcs_sigma_status_maturity(TCS_TEST) > tcs_sigma_status_maturity(TCS_EXPERIMENTAL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_harmless),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_tags),
    };
    locale_t loc = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (loc)
        uselocale(loc);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    if (loc) {
        uselocale(LC_GLOBAL_LOCALE);
        freelocale(loc);
    }
    return r;
}

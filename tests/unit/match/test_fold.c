/* Folding: expected values from Unicode's CaseFolding.txt (status C and S) and docs/matching.md. */
#include "match/fold.h"

#include "base/utf.h"
#include "check.h"

#include <utf8proc.h>

static struct tcs_str
fold(const char *s)
{
    static char out[4096];
    struct tcs_str in = tcs_base_str_of(s);
    return (struct tcs_str){out, tcs_match_fold_utf8(in, out)};
}

static void
ascii(void **state)
{
    (void)state;
    check_str(fold(""), "");
    check_str(fold("@AZ[`az{"), "@az[`az{");
    check_str(fold("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\POWERSHELL.EXE -NoP"),
              "c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe -nop");
}

static void
unicode(void **state)
{
    (void)state;
    check_str(fold("\u00c4\u00d6\u00dc"), "\u00e4\u00f6\u00fc");
    check_str(fold("Stra\u00dfe \u1e9e"), "stra\u00dfe \u00df");
    check_str(fold("\u017f\u212a\u212b"), "sk\u00e5"); /* long s, Kelvin, Angstrom */
    check_str(fold("\u03a3\u03c3\u03c2"), "\u03c3\u03c3\u03c3");
    check_str(fold("\u0130\u0131"), "\u0130\u0131");
    check_str(fold("\u0414\u0416"), "\u0434\u0436");
    check_str(fold("\u1f88\u1fbc"), "\u1f80\u1fb3"); /* status S */
    check_str(fold("\u13a0\uab70"), "\u13a0\u13a0"); /* Cherokee folds to upper case */
    check_str(fold("\U00010400"), "\U00010428");
    check_str(fold("\u6f22\u5b57 ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
              "\u6f22\u5b57 abcdefghijklmnopqrstuvwxyz");
}

static void
malformed(void **state)
{
    (void)state;
    check_str(fold("A\xc3"), "a\xef\xbf\xbd");
    check_str(fold("\xff\xfeZ"), "\xef\xbf\xbd\xef\xbf\xbdz");
    static const uint8_t lone[] = {0x3d, 0xd8, 'X', 0, 0x00, 0xde};
    char out[64];
    size_t n = tcs_match_fold_utf16(lone, sizeof lone, out);
    check_str((struct tcs_str){out, n}, "\xef\xbf\xbdx\xef\xbf\xbd");
}

/* The shortcut for caseless scripts hides no mapping of the library. */
static void
caseless_ranges(void **state)
{
    (void)state;
    for (uint32_t cp = 0x80; cp <= 0x10ffff; cp++) {
        utf8proc_int32_t full[8];
        if (utf8proc_decompose_char((int32_t)cp, full, 8, UTF8PROC_CASEFOLD, NULL) == 1)
            assert_int_equal(tcs_match_fold_cp(cp), full[0]);
        assert_int_equal(tcs_match_fold_cp(tcs_match_fold_cp(cp)), tcs_match_fold_cp(cp));
    }
}

/* UTF-16 in one pass gives what UTF-8 gives, at every length and position of a wide character. */
static void
both_encodings(void **state)
{
    (void)state;
    for (size_t n = 0; n < 70; n++)
        for (size_t at = 0; at <= n; at++) {
            uint8_t wide[160];
            char text[400], a[400], b[400];
            size_t w = 0, t = 0;
            for (size_t i = 0; i < n; i++) {
                uint16_t c = i == at ? 0xc4 : (uint16_t)('A' + i % 60);
                wide[w++] = (uint8_t)c;
                wide[w++] = (uint8_t)(c >> 8);
                t += tcs_base_utf8_put(text + t, c);
            }
            size_t na = tcs_match_fold_utf16(wide, w, a);
            size_t nb = tcs_match_fold_utf8((struct tcs_str){text, t}, b);
            assert_int_equal(na, nb);
            assert_memory_equal(a, b, na);
        }
}

static void
clean(void **state)
{
    (void)state;
    char out[256];
    struct tcs_str good = TCS_STR("plain \u00c4 text that is longer than sixteen bytes");
    assert_ptr_equal(tcs_match_fold_clean(good, NULL).p, good.p);
    check_str(tcs_match_fold_clean(TCS_STR("0123456789abcdefX\x80Y"), out),
              "0123456789abcdefX\xef\xbf\xbdY");
    assert_null(tcs_match_fold_clean(TCS_STR("\xc0\xaf"), NULL).p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii),          cmocka_unit_test(unicode),
        cmocka_unit_test(malformed),      cmocka_unit_test(caseless_ranges),
        cmocka_unit_test(both_encodings), cmocka_unit_test(clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

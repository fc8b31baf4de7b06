/* tests/unit/base/test_utf_json.c - UTF-16 to JSON is the same as the way over UTF-8, wherever
 * special characters stand; UTF-8 to JSON is the same as a byte at a time. */
#include "check.h"

#include "base/utf.h"

static void
same(const uint8_t *p, size_t bytes)
{
    char direct[8 * 80], text[8 * 80];
    struct tcs_buf b = {0};
    assert_true(tcs_base_utf16_json_room(bytes) <= sizeof direct);
    size_t n = tcs_base_utf16_to_json(p, bytes, false, direct);
    size_t k = tcs_base_utf16_to_utf8(p, bytes, text);
    tcs_base_buf_json(&b, (struct tcs_str){text, k});
    if (!tcs_base_str_eq((struct tcs_str){direct, n}, tcs_base_buf_view(&b)))
        fail_msg("got \"%.*s\", want \"%.*s\"", (int)n, direct, (int)b.n, b.p);
    tcs_base_buf_done(&b);
}

static void
set_unit(uint8_t *p, size_t i, unsigned c)
{
    p[2 * i] = (uint8_t)c;
    p[2 * i + 1] = (uint8_t)(c >> 8);
}

static void
test_each_character_everywhere(void **state)
{
    (void)state;
    static const unsigned special[] = {
        0,    1,    8,    9,     10,    11,    12,     13,     0x1f,   ' ',    '"',    '\\',
        0x7f, 0x80, 0xff, 0x100, 0x7ff, 0x800, 0x20ac, 0xd800, 0xdc00, 0xfffd, 0xffff, 0x8080};
    enum { UNITS = 40 };
    uint8_t p[2 * UNITS];
    for (size_t k = 0; k < sizeof special / sizeof special[0]; k++)
        for (size_t at = 0; at < UNITS; at++)
            for (size_t len = at + 1; len <= UNITS; len++) {
                for (size_t i = 0; i < UNITS; i++)
                    set_unit(p, i, 'a' + (unsigned)i % 26);
                set_unit(p, at, special[k]);
                same(p, 2 * len);
                same(p, 2 * len - 1); /* an odd byte at the end */
            }
}

static void
test_pairs(void **state)
{
    (void)state;
    uint8_t p[2 * 36];
    for (size_t at = 0; at < 35; at++) {
        for (size_t i = 0; i < 36; i++)
            set_unit(p, i, 'x');
        set_unit(p, at, 0xd83d);
        set_unit(p, at + 1, 0xde00);
        same(p, sizeof p);
        set_unit(p, at + 1, 0xd83d);
        same(p, sizeof p);
    }
}

/* RFC 8259 section 7, a byte at a time. */
static void
plainly(struct tcs_str s, struct tcs_buf *b)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t sound = tcs_base_utf8_len(s, i);
        const char *names = "btn?fr";
        if (c == '"' || c == '\\')
            tcs_base_buf_printf(b, "\\%c", c);
        else if (c >= 8 && c <= 13 && c != 11)
            tcs_base_buf_printf(b, "\\%c", names[c - 8]);
        else if (c < 0x20)
            tcs_base_buf_printf(b, "\\u%04x", c);
        else if (sound)
            tcs_base_buf_put(b, s.p + i, sound);
        else
            tcs_base_buf_printf(b, "\xef\xbf\xbd");
        i += sound ? sound : 1;
    }
}

static void
test_utf8_each_length_and_place(void **state)
{
    static const char *const special[] = {
        "\"",       "\\",       "\b",           "\x1f",
        "\x7f",     "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        "\xff\xfe", "\xc3",     "\xe2\x82",     "\xed\xa0\x80"};
    (void)state;
    for (size_t k = 0; k < sizeof special / sizeof *special; k++)
        for (size_t before = 0; before < 40; before++)
            for (size_t after = 0; after < 40; after++) {
                struct tcs_buf in = {0}, got = {0}, want = {0};
                for (size_t i = 0; i < before; i++)
                    tcs_base_buf_c(&in, (char)('a' + i % 26));
                tcs_base_buf_str(&in, tcs_base_str_of(special[k]));
                if (after % 3 == 0)
                    tcs_base_buf_c(&in, '\0');
                for (size_t i = 0; i < after; i++)
                    tcs_base_buf_c(&in, (char)('A' + i % 26));
                tcs_base_buf_json(&got, tcs_base_buf_view(&in));
                plainly(tcs_base_buf_view(&in), &want);
                assert_true(tcs_base_str_eq(tcs_base_buf_view(&got), tcs_base_buf_view(&want)));
                tcs_base_buf_done(&in);
                tcs_base_buf_done(&got);
                tcs_base_buf_done(&want);
            }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_character_everywhere),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_utf8_each_length_and_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Values to text: the forms that Windows documents (MS-DTYP) and evtx_dump prints. */
#include "event/value.h"

#include "check.h"

static void
check(struct tcs_value v, const char *text, const char *json)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_buf b = {0};
    struct tcs_str got = tcs_event_value_text(&v, a);
    assert_true(tcs_base_str_eq(got, tcs_base_str_of(text)));
    tcs_event_value_json(&v, &b);
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&b), tcs_base_str_of(json)));
    tcs_base_buf_done(&b);
    tcs_base_arena_free(a);
}

#define BYTES(type_, ...)                                                                          \
    (struct tcs_value)                                                                             \
    {                                                                                              \
        .type = (type_), .n = sizeof((const uint8_t[]){__VA_ARGS__}), .b = (const uint8_t[])       \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static void
every_type(void **state)
{
    (void)state;
    check((struct tcs_value){.type = TCS_V_NULL}, "", "null");
    check(tcs_event_value_str(TCS_STR("a\"\n\x01")), "a\"\n\x01", "\"a\\\"\\n\\u0001\"");
    check(tcs_event_value_str(TCS_STR("\xc3(")), "\xc3(", "\"\xef\xbf\xbd(\"");
    check(BYTES(TCS_V_UTF16, 'h', 0, 0xe9, 0, 0x3d, 0xd8, 0x00, 0xde), "h\xc3\xa9\xf0\x9f\x98\x80",
          "\"h\xc3\xa9\xf0\x9f\x98\x80\"");
    check(BYTES(TCS_V_UTF16, 0x3d, 0xd8, 'x', 0, 7), "\xef\xbf\xbdx", "\"\xef\xbf\xbdx\"");
    check(BYTES(TCS_V_ANSI, 0x80, 'a', 0xe9),
          "\xe2\x82\xac"
          "a\xc3\xa9",
          "\"\xe2\x82\xac"
          "a\xc3\xa9\"");
    check((struct tcs_value){.type = TCS_V_INT, .i = INT64_MIN}, "-9223372036854775808",
          "-9223372036854775808");
    check((struct tcs_value){.type = TCS_V_UINT, .u = UINT64_MAX}, "18446744073709551615",
          "18446744073709551615");
    check((struct tcs_value){.type = TCS_V_HEX, .u = 0x3e7}, "0x3e7", "\"0x3e7\"");
    check((struct tcs_value){.type = TCS_V_HEX}, "0x0", "\"0x0\"");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 0.1}, "0.1", "0.1");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 3}, "3.0", "3.0");
    /* what evtx_dump prints for these doubles */
    check((struct tcs_value){.type = TCS_V_REAL, .d = -1440}, "-1440.0", "-1440.0");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 1e15}, "1000000000000000.0",
          "1000000000000000.0");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 9999999999999998}, "9999999999999998.0",
          "9999999999999998.0");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 1e16}, "1e+16", "1e+16");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 12345678901234567890.0},
          "1.2345678901234567e+19", "1.2345678901234567e+19");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 1.5e-5}, "0.000015", "0.000015");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 1.234e-7}, "1.234e-7", "1.234e-7");
    check((struct tcs_value){.type = TCS_V_REAL, .d = -0.0}, "-0.0", "-0.0");
    check((struct tcs_value){.type = TCS_V_REAL, .d = 5e-324}, "5e-324", "5e-324");
    check((struct tcs_value){.type = TCS_V_BOOL, .u = 1}, "true", "true");
    check(BYTES(TCS_V_GUID, 0x5f, 0x38, 0x70, 0x57, 0x2a, 0xc2, 0xe0, 0x43, 0xbf, 0x4c, 0x06, 0xf5,
                0x69, 0x8f, 0xfb, 0xd9),
          "5770385F-C22A-43E0-BF4C-06F5698FFBD9", "\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"");
    check(BYTES(TCS_V_SID, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0), "S-1-5-18", "\"S-1-5-18\"");
    check(BYTES(TCS_V_SID, 1, 1, 0, 1, 0, 0, 0, 5, 18, 0, 0, 0), "S-1-4294967301-18",
          "\"S-1-4294967301-18\"");
    check(BYTES(TCS_V_SID, 1, 5, 0), "", "\"\"");
    check((struct tcs_value){.type = TCS_V_TIME, .i = 0}, "1970-01-01T00:00:00.000000Z",
          "\"1970-01-01T00:00:00.000000Z\"");
    check(BYTES(TCS_V_BIN, 0, 0xab), "00AB", "\"00AB\"");
}

static void
numbers(void **state)
{
    double d;
    (void)state;
    struct tcs_value v = tcs_event_value_str(TCS_STR("0x1F"));
    assert_true(tcs_event_value_number(&v, &d) && d == 31);
    v = tcs_event_value_str(TCS_STR("-2.5e1"));
    assert_true(tcs_event_value_number(&v, &d) && d == -25);
    v = BYTES(TCS_V_UTF16, '4', 0, '2', 0);
    assert_true(tcs_event_value_number(&v, &d) && d == 42);
    v = tcs_event_value_str(TCS_STR("42 "));
    assert_false(tcs_event_value_number(&v, &d));
    v = (struct tcs_value){.type = TCS_V_NULL};
    assert_false(tcs_event_value_number(&v, &d));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_type), cmocka_unit_test(numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

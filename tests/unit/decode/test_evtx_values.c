/* unit/decode/test_evtx_values.c - every value type, in regular and in odd sizes: its text as
 * rules see it, and its JSON.  Expected texts: MS-DTYP for GUID and SID, evtx_dump's notation for
 * the rest. */
#include "evtx_load.h"
#include "evtxgen/damage.h"

static const uint64_t WHEN = 133500000000000000u;

static struct evtx_run
one_value(struct evg *g, struct evg_value v)
{
    struct tcs_err err = {0};
    struct tcs_decode_opts o = {0};
    const struct evg_value values[] = {v, evg_u32(g, 77)};
    const struct evg_xml xml = {
        .text = "<Event><EventData><Data Name='v'>{0:string}</Data><Data Name='after'>{1:u32}"
                "</Data></EventData></Event>",
        .values = values,
        .n = 2};
    struct evtx_run r[2] = {{.want = 0}, {.want = 0}};
    if (evg_add(g, &(struct evg_record){.filetime = WHEN, .xml = xml}, &err) < 0)
        fail_msg("encoder: %s", err.msg);
    struct tcs_buf *file = evg_finish(g);
    assert_non_null(file);
    for (int plain = 0; plain < 2; plain++)
        evtx_run_bytes(&r[plain], (const uint8_t *)file->p, file->n, &o, plain);
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&r[0].json), tcs_base_buf_view(&r[1].json)));
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&r[0].flat), tcs_base_buf_view(&r[1].flat)));
    evtx_run_done(&r[1]);
    evg_free(g);
    return r[0];
}

/* `json` is the value as it stands in evtx_dump's JSON. */
static void
check_value(struct evg *g, struct evg_value v, const char *json)
{
    char want[512];
    struct evtx_run r = one_value(g, v);
    snprintf(want, sizeof want, "{\"Event\":{\"EventData\":{\"v\":%s,\"after\":77}}}\n", json);
    check_str(tcs_base_buf_view(&r.json), want);
    evtx_run_done(&r);
}

static void
test_numbers(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        uint64_t v;
        const char *json;
    } rows[] = {
        {EVG_I8, 0x80, "-128"},
        {EVG_U8, 255, "255"},
        {EVG_I16, 0x8000, "-32768"},
        {EVG_U16, 65535, "65535"},
        {EVG_I32, 0x80000000u, "-2147483648"},
        {EVG_U32, 4294967295u, "4294967295"},
        {EVG_I64, UINT64_MAX, "-1"},
        {EVG_U64, UINT64_MAX, "18446744073709551615"},
        {EVG_U64, 100, "100"},
        {EVG_U64, 10, "10"},
        {EVG_U64, 9, "9"},
        {EVG_U64, 0, "0"},
        {EVG_BOOL, 0, "false"},
        {EVG_BOOL, 1, "true"},
        {EVG_HEX32, 0xf003f, "\"0xf003f\""},
        {EVG_HEX32, 0, "\"0x0\""},
        {EVG_HEX64, 0x8000000000000000u, "\"0x8000000000000000\""},
        {EVG_HEX64, 0x10, "\"0x10\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct evg *g = evg_new();
        check_value(g, evg_int(g, rows[i].type, rows[i].v), rows[i].json);
    }
}

static void
test_reals(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    check_value(g, evg_f32(g, 0.1f), "\"0.1\"");
    g = evg_new();
    check_value(g, evg_f64(g, -2.5), "\"-2.5\"");
    g = evg_new();
    check_value(g, evg_f64(g, 3), "\"3.0\"");
}

static void
test_guid_sid_time(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    check_value(g, evg_guid(g, "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"),
                "\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"");
    g = evg_new();
    check_value(g, evg_sid(g, "S-1-5-21-1-2-3-500"), "\"S-1-5-21-1-2-3-500\"");
    g = evg_new();
    check_value(g, evg_filetime(g, WHEN + 1234567), "\"2024-01-17T21:20:00.123456Z\"");
    g = evg_new();
    const uint16_t parts[8] = {2024, 2, 4, 29, 23, 59, 58, 7};
    check_value(g, evg_systemtime(g, parts), "\"2024-02-29T23:59:58.007000Z\"");
}

static void
test_bytes_and_text(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    check_value(g, evg_raw(g, EVG_BINARY, "\x00\xff\x1a", 3), "\"00FF1A\"");
    g = evg_new();
    check_value(g, evg_raw(g, EVG_BINARY, "", 0), "\"\"");
    g = evg_new();
    check_value(g, evg_ansi(g, "caf\xe9 \x80"), "\"caf\xc3\xa9 \xe2\x82\xac\"");
    g = evg_new(); /* the hex digits differ between ANSI and UTF-16, as in evtx_dump */
    check_value(g, evg_ansi(g, "\r\n\\\"\x1f"), "\"\\r\\n\\\\\\\"\\u001f\"");
    g = evg_new();
    check_value(g, evg_str(g, "\r\n\\\"\x1f"), "\"\\r\\n\\\\\\\"\\u001F\"");
    g = evg_new();
    check_value(g, evg_str(g, ""), "\"\"");
    g = evg_new();
    check_value(g, evg_null(), "\"\"");
}

/* Sizes that do not fit: what is there is shown, nothing behind is lost. */
static void
test_wrong_sizes(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    check_value(g, evg_raw(g, EVG_U32, "\x01\x02", 2), "513");
    g = evg_new();
    check_value(g, evg_raw(g, EVG_I16, "\xff", 1), "-1");
    g = evg_new();
    check_value(g, evg_raw(g, EVG_U32, "", 0), "\"\"");
    g = evg_new();
    check_value(g, evg_raw(g, EVG_GUID, "\x01\x02", 2), "\"0102\"");
    g = evg_new();
    check_value(g, evg_raw(g, EVG_SID, "\1\1\0\0", 4), "\"01010000\"");
    g = evg_new();
    check_value(g, evg_raw(g, EVG_FILETIME, "\xff\xff\xff\xff\xff\xff\xff\xff", 8),
                "18446744073709551615"); /* no calendar has it */
    g = evg_new();
    check_value(g, evg_raw(g, EVG_STRING, "a\0\0\0b\0\0\0", 8), "\"a\\u0000b\"");
}

/* The encoder's table of odd values: those with a prescribed text have it, and all leave the field
 * behind them alone or cost just their record. */
static void
test_odd_values(void **state)
{
    (void)state;
    for (const struct evg_odd *o = evg_odds; o->name; o++) {
        struct evg *g = evg_new();
        struct evtx_run r = one_value(g, evg_raw(g, o->type, o->bytes, o->n));
        if (r.seen + r.stats.bad_records != 1)
            fail_msg("%s: neither an event nor a bad record", o->name);
        if (r.seen && !memmem(r.flat.p, r.flat.n, "\"after\":77", 10))
            fail_msg("%s: the field behind it is lost", o->name);
        if (o->text) {
            struct tcs_buf want = {0};
            assert_int_equal(r.seen, 1);
            bool bare = o->type == EVG_BOOL || (o->type >= EVG_I8 && o->type <= EVG_U64);
            tcs_base_buf_str(&want, bare ? TCS_STR("{\"v\":") : TCS_STR("{\"v\":\""));
            tcs_base_buf_json(&want, (struct tcs_str){o->text, o->text_n});
            tcs_base_buf_str(&want, bare ? TCS_STR(",") : TCS_STR("\","));
            if (r.flat.n < want.n || memcmp(r.flat.p, want.p, want.n) != 0)
                fail_msg("%s: %.*s does not start with %.*s", o->name, (int)r.flat.n, r.flat.p,
                         (int)want.n, want.p);
            tcs_base_buf_done(&want);
        }
        evtx_run_done(&r);
    }
}

static void
test_array_types(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    struct evg_value n[] = {evg_u32(g, 1), evg_u32(g, 2)};
    check_value(g, evg_array(g, n, 2), "1,\"v\":2"); /* as evtx_dump: the member repeats */
    g = evg_new();
    struct evg_value s[] = {evg_sid(g, "S-1-5-18"), evg_sid(g, "S-1-5-21-7-8")};
    check_value(g, evg_array(g, s, 2), "\"S-1-5-18\",\"v\":\"S-1-5-21-7-8\"");
    g = evg_new();
    struct evg_value b[] = {evg_int(g, EVG_BOOL, 1), evg_int(g, EVG_BOOL, 0)};
    check_value(g, evg_array(g, b, 2), "true,\"v\":false");
    g = evg_new();
    struct evg_value t[] = {evg_filetime(g, WHEN), evg_filetime(g, WHEN)};
    check_value(g, evg_array(g, t, 2),
                "\"2024-01-17T21:20:00.000000Z\",\"v\":\"2024-01-17T21:20:00.000000Z\"");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_reals),
        cmocka_unit_test(test_guid_sid_time), cmocka_unit_test(test_bytes_and_text),
        cmocka_unit_test(test_wrong_sizes),   cmocka_unit_test(test_odd_values),
        cmocka_unit_test(test_array_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* unit/decode/test_xml.c - events as XML: in syslog lines, in JSON, well-formed and not. */
#include "decode/formats.h"
#include "unit/input/input_collect.h"

static void
check(const struct tcs_format *f, const char *text, const char *events, const char *problems)
{
    struct collect c = {0};
    collect_text(&c, f, text, strlen(text));
    collect_check(&c.events, events);
    collect_check(&c.problems, problems);
    collect_done(&c);
}

#define SYSTEM                                                                                     \
    "<System><Provider Name=\"Linux-Sysmon\" Guid=\"{ff032593-a8d3-4f13-b0d6-01fc615a0f97}\"/>"    \
    "<EventID>1</EventID><TimeCreated SystemTime=\"2022-05-11T18:10:20.399931000Z\"/>"             \
    "<EventRecordID>7</EventRecordID><Correlation/><Execution ProcessID=\"5\" ThreadID='6'/>"      \
    "<Channel>Linux-Sysmon/Operational</Channel><Computer>U</Computer><Security UserId=\"0\"/>"    \
    "</System>"
#define DATA                                                                                       \
    "<EventData><Data Name=\"Image\">/bin/a&lt;b&#62;&amp;&apos;&quot;&#x41;</Data><Data "         \
    "Name=\"User\"/><Data Name='Empty'></Data><Data>plain</Data></EventData>"
#define WANT                                                                                       \
    "{\"Correlation\":null,\"Image\":\"/bin/a<b>&'\\\"A\",\"User\":null,\"Empty\":null,"           \
    "\"Data\":\"plain\",\"Provider_Name\":\"Linux-Sysmon\","                                       \
    "\"Provider_Guid\":\"FF032593-A8D3-4F13-B0D6-01FC615A0F97\",\"EventID\":\"1\","                \
    "\"EventRecordID\":\"7\",\"TimeCreated\":\"2022-05-11T18:10:20.399931Z\","                     \
    "\"Execution_ProcessID\":\"5\",\"Execution_ThreadID\":\"6\","                                  \
    "\"Channel\":\"Linux-Sysmon/Operational\",\"Computer\":\"U\",\"Security_UserID\":\"0\"}\n"

static void
test_lines(void **state)
{
    (void)state;
    check(&tcs_decode_format_xml, "May 11 18:10:20 U sysmon: <Event>" SYSTEM DATA "</Event>\n",
          WANT, "");
    check(&tcs_decode_format_xml,
          "<Event>" SYSTEM DATA "</Event> <Event xmlns='u'>" SYSTEM DATA "</Event>\nother\n\nmore",
          WANT WANT, "t: 2 lines that hold no event\n");
}

/* Both ways of carrying it give the same fields. */
static void
test_in_json(void **state)
{
    (void)state;
    struct tcs_buf b = {0};
    tcs_buf_lit(&b, "{\"Facility\":\"user\",\"SyslogMessage\":\"");
    tcs_base_buf_json(&b, TCS_STR("<Event>" SYSTEM DATA "</Event>"));
    tcs_buf_lit(&b, "\"}");
    tcs_base_buf_c(&b, '\0');
    check(&tcs_decode_format_jsonl, b.p, WANT, "");
    tcs_base_buf_done(&b);
    check(&tcs_decode_format_jsonl, "{\"message\":\"<Event> is a word\",\"a\":1}",
          "{\"message\":\"<Event> is a word\",\"a\":1}\n", "");
}

static void
test_cdata(void **state)
{
    (void)state;
    check(&tcs_decode_format_xml,
          "<Event><?pi x?><!-- <Data> --><EventData><Data Name='A'>x<![CDATA[<&amp;>]]>y&bad;&"
          "</Data></EventData></Event>",
          "{\"A\":\"x<&amp;>y&bad;&\"}\n", "");
}

static void
test_wrong(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<Event>",
        "<Event><System>",
        "<Event><System></Event>",
        "<Event><A b></A></Event>",
        "<Event><A b=c></A></Event>",
        "<Event><A b='c></A></Event>",
        "<Event><!DOCTYPE x></Event>",
        "<Event><!-- </Event>",
        "<Event><![CDATA[ </Event>",
        "<Event><></></Event>",
        "<Event / ></Event>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct collect c = {0};
        collect_text(&c, &tcs_decode_format_xml, texts[i], strlen(texts[i]));
        collect_check(&c.events, "");
        assert_int_equal(c.stats.bad_records, 1);
        assert_true(
            tcs_base_str_starts(tcs_base_buf_view(&c.problems), TCS_STR("t: line 1: the XML ")));
        collect_done(&c);
    }
}

static void
test_depth(void **state)
{
    (void)state;
    struct tcs_buf b = {0};
    tcs_buf_lit(&b, "<Event>");
    for (int i = 0; i < 100000; i++)
        tcs_buf_lit(&b, "<a>");
    tcs_buf_lit(&b, "</Event>");
    tcs_base_buf_c(&b, '\0');
    check(&tcs_decode_format_xml, b.p, "", "t: line 1: the XML is nested too deeply\n");
    tcs_base_buf_done(&b);
}

static void
test_sniff(void **state)
{
    (void)state;
    static const char yes[] = "x <Event>" SYSTEM "</Event>\n", no[] = "<Event>\n" SYSTEM "</Event>";
    assert_true(tcs_decode_format_xml.sniff((const uint8_t *)yes, sizeof yes - 1));
    assert_false(tcs_decode_format_xml.sniff((const uint8_t *)no, sizeof no - 1));
    assert_false(tcs_decode_format_xml.sniff((const uint8_t *)yes, 40));
    assert_false(tcs_decode_format_xml.sniff((const uint8_t *)"<Events>", 8));
}

static void
product_event(void *ctx, const struct tcs_event *ev)
{
    tcs_base_buf_printf(ctx, "%.*s/%.*s ", TCS_STR_FMT(ev->product), TCS_STR_FMT(ev->service));
}

static void
test_product(void **state)
{
    (void)state;
    static const char text[] =
        "<Event>" SYSTEM "</Event>"
        "<Event><System><Provider Name='Microsoft-Windows-Sysmon'/></System></Event>";
    static const struct tcs_origin origin = {.path = {"t", 1}};
    struct tcs_buf got = {0};
    struct tcs_decoder *d = tcs_decode_format_xml.open(&(struct tcs_decode_opts){0});
    struct tcs_sink sink = {.ctx = &got, .event = product_event};
    struct tcs_decode_stats stats = {0};
    struct tcs_block b = {.origin = &origin, .p = (const uint8_t *)text, .n = sizeof text - 1};
    tcs_decode_format_xml.decode(d, &b, &sink, &stats);
    tcs_decode_format_xml.close(d);
    collect_check(&got, "linux/sysmon windows/ ");
    tcs_base_buf_done(&got);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_in_json),
        cmocka_unit_test(test_cdata),   cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_depth),   cmocka_unit_test(test_sniff),
        cmocka_unit_test(test_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* unit/decode/test_json.c - objects to fields: shapes, values, names, and what is wrong. */
#include "base/limits.h"
#include "decode/formats.h"
#include "unit/input/input_collect.h"

/* The fields of a text that holds one object or more, and its problems. */
static void
check(const char *text, const char *events, const char *problems)
{
    struct collect c = {0};
    collect_text(&c, &tcs_decode_format_jsonl, text, strlen(text));
    collect_check(&c.events, events);
    collect_check(&c.problems, problems);
    collect_done(&c);
}

static void
test_generic(void **state)
{
    (void)state;
    check("{\"a\":{\"b\":{\"c\":1},\"d\":\"x\"},\"e\":[1,[2,{\"f\":true}],null],\"g\":{},\"h\":[]}",
          "{\"a.b.c\":1,\"a.d\":\"x\",\"e\":[1,2,null],\"e.f\":true}\n", "");
    check("{\"a\":1,\"a\":2}", "{\"a\":[1,2]}\n", ""); /* a key twice: both stay */
    check("{\"i\":-9223372036854775808,\"u\":18446744073709551615,\"r\":1.25,\"z\":-0.0}",
          "{\"i\":-9223372036854775808,\"u\":18446744073709551615,\"r\":1.25,\"z\":-0.0}\n", "");
    check("{\"\":1,\"a.b\":2,\"\\u0000\":3}", "{\"\":1,\"a.b\":2,\"\\u0000\":3}\n", "");
}

/* What log writers get wrong inside values is mended; the record is not lost. */
static void
test_repaired(void **state)
{
    (void)state;
    check("{\"n\":123456789012345678901,\"m\":-99999999999999999999,\"r\":1e999,\"o\":007}",
          "{\"n\":\"123456789012345678901\",\"m\":\"-99999999999999999999\",\"r\":\"1e999\","
          "\"o\":\"007\"}\n",
          "");
    check("{\"n\":1.5,\"s\":\"a\x01\tb\"}", "{\"n\":1.5,\"s\":\"a\\u0001\\tb\"}\n", "");
    check("{\"s\":\"\xe9t\xe9\",\"t\":\"\xc3\xa9\"}",
          "{\"s\":\"\xef\xbf\xbdt\xef\xbf\xbd\",\"t\":\"\xc3\xa9\"}\n", "");
    check("{\"s\":\"\\ud83d\\ude00 \\ud83d \\ude00\"}",
          "{\"s\":\"\xf0\x9f\x98\x80 \xef\xbf\xbd \xef\xbf\xbd\"}\n", "");
    check("{\"p\":\"C:\\Windows\\system32\"}", "{\"p\":\"C:\\\\Windows\\\\system32\"}\n", "");
}

static void
test_wrong(void **state)
{
    (void)state;
    check("{\"a\":1}\nplain text\n{\"a\":}\n{\"a\":2\n\n{\"a\":3}", "{\"a\":1}\n{\"a\":3}\n",
          "t: line 2: not a JSON object\nt: line 3: not valid JSON\nt: line 4: cut off\n");
    check("{\"a\":1}{\"a\":2} {\"a\":\n{\"a\":4}", "{\"a\":1}\n{\"a\":2}\n{\"a\":4}\n",
          "t: line 1: cut off\n");
    check("{\"a\":1},\n[{\"a\":2}],\n", "{\"a\":1}\n{\"a\":2}\n", "");
    check("{\"a\":1} x {\"a\":2}", "{\"a\":1}\n{\"a\":2}\n",
          "t: line 1: text that is no JSON object\n");
    struct collect c = {0};
    collect_text(&c, &tcs_decode_format_jsonl, "{\"a\":1}\n\0\0\0{\"a\":2}\n", 19);
    collect_check(&c.events, "{\"a\":1}\n{\"a\":2}\n");
    collect_check(&c.problems, "t: line 2: begins with zero bytes\n");
    assert_int_equal(c.stats.events, 2);
    assert_int_equal(c.stats.bad_records, 1);
    collect_done(&c);
}

static void
put_many(struct tcs_buf *b, const char *s, int times)
{
    while (times-- > 0)
        tcs_base_buf_str(b, tcs_base_str_of(s));
}

/* claims: named-limits, every-length, limit-fields */
static void
test_limits(void **state)
{
    (void)state;
    struct tcs_buf b = {0};
    put_many(&b, "{\"a\":", TCS_JSON_DEPTH_MAX + 1);
    put_many(&b, "1", 1);
    put_many(&b, "}", TCS_JSON_DEPTH_MAX + 1);
    tcs_base_buf_c(&b, '\0');
    check(b.p, "", "t: line 1: objects are nested too deeply\n");
    b.n = 0;
    put_many(&b, "[", 100000); /* not closed, far deeper than any stack */
    tcs_base_buf_c(&b, '\0');
    check(b.p, "", "");
    b.n = 0;
    put_many(&b, "{\"", 1);
    put_many(&b, "k", TCS_FIELD_NAME_MAX + 1);
    put_many(&b, "\":1,\"b\":2}", 1);
    tcs_base_buf_c(&b, '\0');
    static const char much[] =
        "t: a record has too many fields or too long names; the rest of it was not read\n";
    check(b.p, "{\"b\":2}\n", much);
    b.n = 0;
    put_many(&b, "{\"a\":[0", 1);
    put_many(&b, ",0", TCS_FIELDS_MAX);
    put_many(&b, "]}", 1);
    struct collect c = {0};
    collect_text(&c, &tcs_decode_format_jsonl, b.p, b.n);
    collect_check(&c.problems, much);
    assert_int_equal(c.stats.events, 1);
    collect_done(&c);
    tcs_base_buf_done(&b);
}

/* More names than are remembered: the results are those of the first ones. */
static void
test_many_names(void **state)
{
    (void)state;
    struct tcs_buf b = {0}, want = {0};
    for (int i = 0; i < 40000; i++) {
        tcs_base_buf_printf(&b, "{\"k%d\":{\"l%d\":1},\"x\":2}\n", i, i);
        tcs_base_buf_printf(&want, "{\"k%d.l%d\":1,\"x\":2}\n", i, i);
    }
    tcs_base_buf_c(&want, '\0');
    struct collect c = {0};
    collect_text(&c, &tcs_decode_format_jsonl, b.p, b.n);
    collect_check(&c.events, want.p);
    collect_check(&c.problems, "");
    collect_done(&c);
    tcs_base_buf_done(&b);
    tcs_base_buf_done(&want);
}

/* The head of one object. */
struct head {
    char text[512];
    const struct tcs_fieldset *fields;
};

static unsigned
head_want(void *ctx, const struct tcs_event *ev)
{
    struct head *h = ctx;
    char time[TCS_TIME_TEXT];
    struct tcs_str t = tcs_base_time_format(ev->time, 3, time);
    snprintf(h->text, sizeof h->text, "%.*s/%.*s %.*s %d %.*s | %.*s | %.*s | %llu",
             TCS_STR_FMT(ev->product), TCS_STR_FMT(ev->service), TCS_STR_FMT(t), (int)ev->event_id,
             (int)ev->channel.n, ev->channel.p, (int)ev->provider.n, ev->provider.p,
             (int)ev->computer.n, ev->computer.p, (unsigned long long)ev->record_id);
    return TCS_WANT_NOTHING;
}

static void
check_head(const char *text, const char *want)
{
    struct head h = {.text = ""};
    static const struct tcs_origin origin = {.path = {"t", 1}};
    char *copy = calloc(1, strlen(text) + TCS_BLOCK_PADDING);
    assert_non_null(copy);
    memcpy(copy, text, strlen(text));
    struct tcs_decoder *d = tcs_decode_format_jsonl.open(&(struct tcs_decode_opts){0});
    struct tcs_sink sink = {.ctx = &h, .want = head_want};
    struct tcs_decode_stats stats = {0};
    struct tcs_block b = {
        .origin = &origin, .p = (uint8_t *)copy, .n = strlen(text), .first_record = 7};
    tcs_decode_format_jsonl.decode(d, &b, &sink,
                                   &stats); /* no event callback: must not be called */
    tcs_decode_format_jsonl.close(d);
    free(copy);
    assert_string_equal(h.text, want);
}

static void
test_heads(void **state)
{
    (void)state;
    check_head(
        "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"P\"}},\"EventID\":"
        "{\"#attributes\":{\"Qualifiers\":1},\"#text\":4624},\"TimeCreated\":{\"#attributes\":"
        "{\"SystemTime\":\"2020-01-02T03:04:05.678901Z\"}},\"EventRecordID\":99,\"Channel\":"
        "\"Security\",\"Computer\":\"C\"},\"EventData\":null}}",
        "windows/ 2020-01-02T03:04:05.678Z 4624 Security | P | C | 99");
    check_head("{\"Event\":{\"System\":{\"Provider_attributes\":{\"Name\":\"P\"},\"EventID\":1,"
               "\"TimeCreated_attributes\":{\"SystemTime\":\"2020-01-02T03:04:05Z\"},\"Channel\":"
               "\"Ch\",\"Computer\":\"C\"}}}",
               "windows/ 2020-01-02T03:04:05.000Z 1 Ch | P | C | 7");
    check_head(
        "{\"@timestamp\":\"2020-01-02T03:04:05Z\",\"winlog\":{\"channel\":\"Ch\",\"event_id\":"
        "\"1\",\"provider_name\":\"P\",\"computer_name\":\"C\",\"record_id\":\"5\"},"
        "\"event\":{\"code\":2},\"host\":{\"name\":\"H\"}}",
        "windows/ 2020-01-02T03:04:05.000Z 1 Ch | P | C | 5");
    check_head("{\"winlog.channel\":\"Ch\",\"event.code\":\"11\",\"event.provider\":\"P\","
               "\"host.name\":\"H\"}",
               "windows/  11 Ch | P | H | 7");
    check_head("{\"log_name\":\"Ch\",\"event_id\":3,\"source_name\":\"P\",\"computer_name\":\"C\","
               "\"record_number\":\"42\",\"event_data\":{\"Image\":\"x\"},\"@timestamp\":"
               "\"2019-03-19T17:14:25.901Z\"}",
               "windows/ 2019-03-19T17:14:25.901Z 3 Ch | P | C | 42");
    check_head("{\"EventTime\":\"2020-01-01 00:00:00\",\"@timestamp\":\"2020-01-02T00:00:00Z\","
               "\"EventID\":5,\"Channel\":\"Ch\",\"ProviderName\":\"not\",\"SourceName\":\"P\","
               "\"host\":\"collector\",\"Hostname\":\"C\",\"RecordNumber\":8}",
               "windows/ 2020-01-02T00:00:00.000Z 5 Ch | P | C | 8");
    check_head(
        "{\"eventTime\":\"2020-01-02T00:00:00Z\",\"eventSource\":\"s3\",\"eventName\":\"Get\","
        "\"awsRegion\":\"r\"}",
        "aws/cloudtrail 2020-01-02T00:00:00.000Z -1  |  |  | 7");
    /* docs.suricata.io, "Eve JSON Format"; an event that is no alert is of the same shape */
    check_head("{\"timestamp\":\"2017-04-07T22:24:37.251547+0100\",\"flow_id\":586497171462735,"
               "\"event_type\":\"alert\",\"src_ip\":\"192.168.2.14\",\"host\":\"s1\",\"alert\":{"
               "\"action\":\"allowed\",\"severity\":2}}",
               "suricata/eve 2017-04-07T21:24:37.251Z -1  |  | s1 | 7");
    check_head("{\"timestamp\":\"2017-04-07T22:24:37Z\",\"event_type\":\"stats\",\"stats\":{}}",
               "suricata/eve 2017-04-07T22:24:37.000Z -1  |  |  | 7");
    /* documentation.wazuh.com, "Alerts": rule, agent, manager, decoder; agent 000 is the manager */
    check_head(
        "{\"timestamp\":\"2020-01-02T03:04:05.678+0000\",\"rule\":{\"level\":5,\"id\":\"5710\"},"
        "\"agent\":{\"id\":\"001\",\"name\":\"web\"},\"manager\":{\"name\":\"m\"},"
        "\"decoder\":{\"name\":\"sshd\"},\"location\":\"/var/log/auth.log\"}",
        "wazuh/alerts 2020-01-02T03:04:05.678Z -1  |  | web | 7");
    check_head("{\"timestamp\":\"2020-01-02T03:04:05Z\",\"rule\":{\"level\":5},"
               "\"manager\":{\"name\":\"m\"}}",
               "wazuh/alerts 2020-01-02T03:04:05.000Z -1  |  | m | 7");
    /* a rule or an event_type alone is anybody's */
    check_head("{\"timestamp\":\"2020-01-02T03:04:05Z\",\"rule\":{\"level\":5},\"agent\":{}}",
               "/ 2020-01-02T03:04:05.000Z -1  |  |  | 7");
    check_head("{\"timestamp\":\"2020-01-02T03:04:05Z\",\"event_type\":\"login\"}",
               "/ 2020-01-02T03:04:05.000Z -1  |  |  | 7");
    check_head("{\"ts\":1577934245.5,\"host\":\"h\",\"EventID\":9}",
               "/ 2020-01-02T03:04:05.500Z -1  |  | h | 7");
    check_head("{\"time\":1577934245678}", "/ 2020-01-02T03:04:05.678Z -1  |  |  | 7");
}

/* The same record in every shape gives the same fields. */
static void
test_shapes(void **state)
{
    (void)state;
    static const char want[] =
        "{\"Image\":\"C:\\\\a.exe\",\"User\":null,\"Data\":[\"one\",\"two\"],"
        "\"Provider_Name\":\"P\",\"EventID\":1,\"EventRecordID\":4,"
        "\"TimeCreated\":\"2020-01-02T03:04:05.000000Z\",\"Channel\":\"Ch\",\"Computer\":\"C\"}\n";
    check("{\"Event\":{\"#attributes\":{\"xmlns\":\"u\"},\"System\":{\"Provider\":{\"#attributes\":"
          "{\"Name\":\"P\"}},\"EventID\":1,\"TimeCreated\":{\"#attributes\":{\"SystemTime\":"
          "\"2020-01-02T03:04:05Z\"}},\"EventRecordID\":4,\"Channel\":\"Ch\",\"Computer\":\"C\"},"
          "\"EventData\":{\"Image\":\"C:\\\\a.exe\",\"User\":null,\"Data\":{\"#text\":[\"one\","
          "\"two\"]}}}}",
          want, "");
    check("{\"Event\":{\"@xmlns\":\"u\",\"System\":{\"Provider\":{\"@Name\":\"P\"},\"EventID\":1,"
          "\"TimeCreated\":{\"@SystemTime\":\"2020-01-02T03:04:05Z\"},\"EventRecordID\":4,"
          "\"Channel\":\"Ch\",\"Computer\":\"C\"},\"EventData\":{\"Data\":[{\"@Name\":\"Image\","
          "\"#text\":\"C:\\\\a.exe\"},{\"@Name\":\"User\"},\"one\",{\"#text\":\"two\"}]}}}",
          want, "");
    check("{\"System\":{\"Provider\":{\"Name\":\"P\"},\"EventID\":{\"Value\":1},\"TimeCreated\":"
          "{\"SystemTime\":1577934245},\"EventRecordID\":4,\"Channel\":\"Ch\",\"Computer\":\"C\"},"
          "\"EventData\":{\"Image\":\"C:\\\\a.exe\",\"User\":null,\"Data\":[\"one\",\"two\"]}}",
          want, "");
    check("{\"winlog\":{\"provider_name\":\"P\",\"event_id\":1,\"record_id\":4,\"channel\":\"Ch\","
          "\"computer_name\":\"C\",\"event_data\":{\"Image\":\"C:\\\\a.exe\",\"User\":null,"
          "\"Data\":[\"one\",\"two\"]}},\"@timestamp\":\"2020-01-02T03:04:05Z\"}",
          want, "");
    check("{\"winlog.provider_name\":\"P\",\"winlog.event_id\":1,\"winlog.record_id\":4,"
          "\"winlog.channel\":\"Ch\",\"winlog.computer_name\":\"C\",\"winlog.event_data.Image\":"
          "\"C:\\\\a.exe\",\"winlog.event_data.User\":null,\"winlog.event_data.Data\":[\"one\","
          "\"two\"],\"@timestamp\":\"2020-01-02T03:04:05Z\"}",
          want, "");
    check("{\"source_name\":\"P\",\"event_id\":1,\"record_number\":4,\"log_name\":\"Ch\","
          "\"computer_name\":\"C\",\"event_data\":{\"Image\":\"C:\\\\a.exe\",\"User\":null,"
          "\"Data\":[\"one\",\"two\"]},\"@timestamp\":\"2020-01-02T03:04:05Z\"}",
          want, "");
    check("{\"SourceName\":\"P\",\"EventID\":1,\"RecordNumber\":4,\"Channel\":\"Ch\",\"Hostname\":"
          "\"C\",\"Image\":\"C:\\\\a.exe\",\"User\":null,\"Data\":[\"one\",\"two\"],"
          "\"TimeCreated\":\"2020-01-02T03:04:05Z\"}",
          want, "");
}

/* The parts of System that only some shapes carry. */
static void
test_system(void **state)
{
    (void)state;
    check(
        "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"P\",\"Guid\":\"G\","
        "\"EventSourceName\":\"S\"}},\"EventID\":{\"#attributes\":{\"Qualifiers\":16384},"
        "\"#text\":7},\"Keywords\":\"0x80\",\"Correlation\":{\"#attributes\":{\"ActivityID\":"
        "\"A\"}},\"Execution\":{\"#attributes\":{\"ProcessID\":4,\"ThreadID\":8}},\"Channel\":"
        "\"C\","
        "\"Security\":{\"#attributes\":{\"UserID\":\"S-1-5-18\"}}}}}",
        "{\"Provider_EventSourceName\":\"S\",\"EventID_Qualifiers\":16384,\"Provider_Name\":\"P\","
        "\"Provider_Guid\":\"G\",\"EventID\":7,\"Keywords\":\"0x80\",\"Correlation_ActivityID\":"
        "\"A\",\"Execution_ProcessID\":4,\"Execution_ThreadID\":8,\"Channel\":\"C\","
        "\"Security_UserID\":\"S-1-5-18\"}\n",
        "");
    /* a signed mask is the same bits; a GUID loses its braces; the process of the record's writer
     * may as well be event data and stays under its own name too */
    check("{\"EventID\":1,\"Channel\":\"C\",\"Keywords\":-9223372036854775808,\"ProviderGuid\":"
          "\"{5770385f-c22a-43e0-bf4c-06f5698ffbd9}\",\"ProcessID\":4,\"OpcodeValue\":2,"
          "\"Opcode\":\"Stop\",\"UtcTime\":\"2020-01-02 03:04:05.678\"}",
          "{\"ProcessID\":4,\"Opcode\":[\"Stop\",2],\"UtcTime\":\"2020-01-02 03:04:05.678\","
          "\"Provider_Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\",\"EventID\":1,"
          "\"Keywords\":\"0x8000000000000000\",\"TimeCreated\":\"2020-01-02T03:04:05.678000Z\","
          "\"Execution_ProcessID\":4,\"Channel\":\"C\"}\n",
          "");
}

static void
test_user_data(void **state)
{
    (void)state;
    check("{\"Event\":{\"System\":{\"EventID\":104},\"UserData\":{\"LogFileCleared\":{\"#"
          "attributes\":"
          "{\"xmlns:auto-ns3\":\"u\",\"Kind\":\"k\"},\"SubjectUserName\":\"bob\",\"Channel\":"
          "\"System\",\"Inner\":{\"Deep\":\"d\"}}}}}",
          "{\"EventID\":104,\"LogFileCleared_Kind\":\"k\",\"SubjectUserName\":\"bob\","
          "\"Channel\":\"System\",\"Deep\":\"d\"}\n",
          "");
    /* a number behind a repeated element falls off; a name that ends like one keeps it */
    check("{\"Event\":{\"System\":{\"EventID\":1},\"UserData\":{\"E\":{\"Header\":\"a\","
          "\"Header_1\":\"b\",\"Header_2\":\"c\",\"Other_1\":\"d\"}}}}",
          "{\"Header\":[\"a\",\"b\",\"c\"],\"Other_1\":\"d\",\"EventID\":1}\n", "");
    check("{\"Event\":{\"System\":{\"EventID\":1},\"UserData\":{\"E\":{\"Header_1\":\"b\"}}}}",
          "{\"Header_1\":\"b\",\"EventID\":1}\n", "");
}

/* A name that System and the data have: System's value is the first, as in EVTX. */
static void
test_names_of_system_in_data(void **state)
{
    (void)state;
    check("{\"Event\":{\"System\":{\"EventID\":104,\"Channel\":\"System\"},\"UserData\":{"
          "\"LogFileCleared\":{\"SubjectUserName\":\"bob\",\"Channel\":\"Setup\"}}}}",
          "{\"EventID\":104,\"Channel\":[\"System\",\"Setup\"],\"SubjectUserName\":\"bob\"}\n", "");
    check("{\"winlog\":{\"user_data\":{\"SubjectUserName\":\"bob\",\"Channel\":\"Setup\"},"
          "\"channel\":\"System\",\"event_id\":104}}",
          "{\"EventID\":104,\"Channel\":[\"System\",\"Setup\"],\"SubjectUserName\":\"bob\"}\n", "");
    check("{\"Event\":{\"System\":{\"EventID\":1,\"Version\":0},\"EventData\":{\"Data\":["
          "{\"@Name\":\"Version\",\"#text\":\"6.0\"}]}}}",
          "{\"EventID\":1,\"Version\":[0,\"6.0\"]}\n", "");
}

/* Winlogbeat calls data without a name param1, param2; rules call them Data. */
static void
test_params(void **state)
{
    (void)state;
    check("{\"winlog\":{\"channel\":\"Windows "
          "PowerShell\",\"event_id\":400,\"event_data\":{\"param1\":"
          "\"x\",\"param3\":\"y\"}},\"message\":\"m\"}",
          "{\"param1\":\"x\",\"Data\":[\"x\",\"y\"],\"param3\":\"y\",\"Message\":\"m\","
          "\"EventID\":400,\"Channel\":\"Windows PowerShell\"}\n",
          "");
}

/* Names and slots of one event's fields. */
static void
slots_event(void *ctx, const struct tcs_event *ev)
{
    for (uint32_t i = 0; i < ev->nfields; i++)
        tcs_base_buf_printf(ctx, "%.*s=%d ", TCS_STR_FMT(ev->fields[i].name),
                            (int)ev->fields[i].slot);
}

static void
test_slots(void **state)
{
    (void)state;
    static const struct tcs_origin origin = {.path = {"t", 1}};
    static const char text[] =
        "{\"Image\":1,\"SourceName\":2,\"EventID\":3,\"Channel\":4,\"A\":5}\n"
        "{\"x\":{\"y\":1},\"Image\":2}";
    struct tcs_fieldset *fs = tcs_event_fieldset_new();
    tcs_event_fieldset_add(fs, TCS_STR("Provider_Name"));
    tcs_event_fieldset_add(fs, TCS_STR("x.y"));
    tcs_event_fieldset_add(fs, TCS_STR("Image"));
    struct tcs_decoder *d = tcs_decode_format_jsonl.open(&(struct tcs_decode_opts){.fields = fs});
    struct tcs_buf got = {0};
    struct tcs_sink sink = {.ctx = &got, .event = slots_event};
    struct tcs_decode_stats stats = {0};
    uint8_t padded[sizeof text + TCS_BLOCK_PADDING] = {0};
    memcpy(padded, text, sizeof text - 1);
    struct tcs_block b = {.origin = &origin, .p = padded, .n = sizeof text - 1};
    tcs_decode_format_jsonl.decode(d, &b, &sink, &stats);
    collect_check(&got, "Image=2 A=-1 Provider_Name=0 EventID=-1 Channel=-1 x.y=1 Image=2 ");
    tcs_decode_format_jsonl.close(d);
    tcs_event_fieldset_free(fs);
    tcs_base_buf_done(&got);
}

static void
sniff_is(const char *text, const struct tcs_format *want)
{
    const struct tcs_format *got = NULL;
    for (size_t i = 0; tcs_decode_formats[i] && !got; i++)
        if (tcs_decode_formats[i]->sniff &&
            tcs_decode_formats[i]->sniff((const uint8_t *)text, strlen(text)))
            got = tcs_decode_formats[i];
    if (got != want)
        fail_msg("\"%s\" is taken for %s", text, got ? got->name : "nothing");
}

static void
test_sniff(void **state)
{
    (void)state;
    sniff_is("", NULL);
    sniff_is("{", &tcs_decode_format_jsonl);
    sniff_is("{\"a\":1}", &tcs_decode_format_jsonl);
    sniff_is("\xef\xbb\xbf \n{\"a\":1} \r\n{", &tcs_decode_format_jsonl);
    sniff_is("{\"a\":1}{\"a\":2}", &tcs_decode_format_json);
    sniff_is("{\n\"a\":1}", &tcs_decode_format_json);
    sniff_is("[{\"a\":1}]", &tcs_decode_format_json);
    sniff_is("[]", NULL);
    sniff_is("{\"Records\":[{\"a\":1}]}", &tcs_decode_format_json);
    sniff_is("Record 1\n{\n", &tcs_decode_format_json);
    sniff_is("[section]\nkey=1\n", NULL);
    sniff_is("[2020-01-01] started {\n", NULL);
    sniff_is("{ not json }", NULL);
    sniff_is("<html>", NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generic),    cmocka_unit_test(test_repaired),
        cmocka_unit_test(test_wrong),      cmocka_unit_test(test_limits),
        cmocka_unit_test(test_many_names), cmocka_unit_test(test_heads),
        cmocka_unit_test(test_shapes),     cmocka_unit_test(test_system),
        cmocka_unit_test(test_user_data),  cmocka_unit_test(test_names_of_system_in_data),
        cmocka_unit_test(test_params),     cmocka_unit_test(test_slots),
        cmocka_unit_test(test_sniff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

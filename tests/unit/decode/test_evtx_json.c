/* unit/decode/test_evtx_json.c - shapes: elements, attributes, holes, arrays and fragments as
 * evtx_dump's JSON and as fields.  The expected JSON is what evtx_dump 0.12.2 prints for the same
 * records, except where a comment says why not. */
#include "evtx_load.h"
#include "evtxgen/evtxgen.h"

static const uint64_t WHEN = 133500000000000000u; /* 2024-01-17T21:20:00Z */

/* One record through both paths: its JSON and its fields. */
static void
shape(struct evg *g, struct evg_xml xml, const char *json, const char *flat)
{
    struct tcs_err err = {0};
    struct tcs_decode_opts o = {0};
    if (evg_add(g, &(struct evg_record){.filetime = WHEN, .xml = xml}, &err) < 0)
        fail_msg("encoder: %s", err.msg);
    struct tcs_buf *file = evg_finish(g);
    assert_non_null(file);
    for (int plain = 0; plain < 2; plain++) {
        struct evtx_run r = {0};
        evtx_run_bytes(&r, (const uint8_t *)file->p, file->n, &o, plain);
        if (r.problems)
            fail_msg("%s: %s", xml.text, r.last);
        assert_int_equal(r.seen, 1);
        r.json.n--; /* newlines */
        r.flat.n--;
        check_str(tcs_base_buf_view(&r.json), json);
        check_str(tcs_base_buf_view(&r.flat), flat);
        evtx_run_done(&r);
    }
    evg_free(g);
}

#define XML(text_, ...)                                                                            \
    (struct evg_xml)                                                                               \
    {                                                                                              \
        .text = text_, .values = (const struct evg_value[]){__VA_ARGS__},                          \
        .n = sizeof((const struct evg_value[]){__VA_ARGS__}) / sizeof(struct evg_value)            \
    }

static void
test_leaves(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><System><Level>{0:u8}</Level><Task>{1:null}</Task><Opcode>{1?null}</Opcode>"
              "<Version>{2:string}</Version></System></Event>",
              evg_int(g, EVG_U8, 4), evg_null(), evg_str(g, "")),
          "{\"Event\":{\"System\":{\"Level\":4,\"Task\":null,\"Opcode\":null,\"Version\":null}}}",
          "{\"Level\":4,\"Task\":null,\"Opcode\":null,\"Version\":null}");
}

static void
test_attributes(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event xmlns='u'><System><Provider Name='{0:string}' Guid='{1?guid}'/>"
              "<EventID Qualifiers='{2:u16}'>{3:u16}</EventID>"
              "<Execution ProcessID='{3:u16}' ThreadID='{4?u32}'/>"
              "<Security UserID='{4?sid}'/></System></Event>",
              evg_str(g, "P"), evg_null(), evg_int(g, EVG_U16, 16384), evg_int(g, EVG_U16, 7),
              evg_null()),
          "{\"Event\":{\"#attributes\":{\"xmlns\":\"u\"},\"System\":{"
          "\"Provider\":{\"#attributes\":{\"Name\":\"P\"}},"
          "\"EventID\":{\"#attributes\":{\"Qualifiers\":16384},\"#text\":7},"
          "\"Execution\":{\"#attributes\":{\"ProcessID\":7}},\"Security\":null}}}",
          "{\"Provider_Name\":\"P\",\"EventID_Qualifiers\":16384,\"EventID\":7,"
          "\"Execution_ProcessID\":7,\"Security\":null}");
}

static void
test_text_parts(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><U A='x{0:u32}y'>a &lt;{0:u32}&amp;</U><V>{0:u32}{0:u32}</V>"
              "<W>{1?null}{0:u32}</W></Event>",
              evg_u32(g, 5), evg_null()),
          "{\"Event\":{\"U\":{\"#attributes\":{\"A\":\"x5y\"},\"#text\":\"a <5&\"},\"V\":\"55\","
          "\"W\":5}}",
          "{\"U_A\":\"x5y\",\"U\":\"a <5&\",\"V\":\"55\",\"W\":5}");
}

/* evtx_dump refuses records with these; MS-EVEN6 2.2.12 says what they are. */
static void
test_cdata_and_references(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g, XML("<Event><A><![CDATA[<x>]]></A><B>&#65;&#66;</B><?go now?></Event>", evg_null()),
          "{\"Event\":{\"A\":\"<x>\",\"B\":\"AB\"}}", "{\"A\":\"<x>\",\"B\":\"AB\"}");
}

static void
test_repeated_names(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><UserData><H>{0:u32}</H><H>2</H><I/><H>{0:u32}</H></UserData></Event>",
              evg_u32(g, 1)),
          "{\"Event\":{\"UserData\":{\"H\":1,\"H_1\":\"2\",\"I\":null,\"H_2\":1}}}",
          "{\"H\":[1,\"2\",1],\"I\":null}");
}

static void
test_named_data(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><EventData><Data Name='a'>{0:u32}</Data><Data Name='b'>{1:null}</Data>"
              "<Data Name='c'/><Binary>{2:binary}</Binary></EventData></Event>",
              evg_u32(g, 1), evg_null(), evg_raw(g, EVG_BINARY, "\xab\x01", 2)),
          "{\"Event\":{\"EventData\":{\"a\":1,\"b\":\"\",\"c\":\"\",\"Binary\":\"AB01\"}}}",
          "{\"a\":1,\"b\":\"\",\"c\":\"\",\"Binary\":\"AB01\"}");
}

static void
test_positional_data(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><EventData><Data>{0:u32}</Data><Data>{1:string}</Data><Data/></EventData>"
              "</Event>",
              evg_u32(g, 1), evg_str(g, "x")),
          "{\"Event\":{\"EventData\":{\"Data\":{\"#text\":[1,\"x\",\"\"]}}}}",
          "{\"Data\":[1,\"x\",\"\"]}");
    g = evg_new();
    shape(g, XML("<Event><EventData><Data>{0:u32}</Data></EventData></Event>", evg_u32(g, 1)),
          "{\"Event\":{\"EventData\":{\"Data\":{\"#text\":1}}}}", "{\"Data\":1}");
}

static void
test_complex_data(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><EventData><ComplexData Name='c'>{0:string}</ComplexData>"
              "<Data Name='d'>1</Data></EventData></Event>",
              evg_str(g, "v")),
          "{\"Event\":{\"EventData\":{\"ComplexData\":{\"#attributes\":{\"Name\":\"c\"},"
          "\"#text\":\"v\"},\"d\":\"1\"}}}",
          "{\"c\":\"v\",\"d\":\"1\"}");
}

static void
test_string_array(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    struct evg_value items[] = {evg_str(g, "one"), evg_str(g, ""), evg_str(g, "three")};
    shape(g,
          XML("<Event><EventData><Data>{0:string[]}</Data><Data>{1:u32}</Data></EventData></Event>",
              evg_array(g, items, 3), evg_u32(g, 9)),
          "{\"Event\":{\"EventData\":{\"Data\":{\"#text\":[\"one\",\"\",\"three\",9]}}}}",
          "{\"Data\":[\"one\",\"\",\"three\",9]}");
    g = evg_new();
    struct evg_value one[] = {evg_str(g, "only")};
    shape(g,
          XML("<Event><EventData><Data Name='n'>{0:string[]}</Data></EventData></Event>",
              evg_array(g, one, 1)),
          "{\"Event\":{\"EventData\":{\"n\":\"only\"}}}", "{\"n\":\"only\"}");
    g = evg_new();
    shape(g,
          XML("<Event><EventData><Data Name='n'>{0:string[]}</Data></EventData></Event>",
              evg_raw(g, EVG_STRING | EVG_ARRAY, "", 0)),
          "{\"Event\":{\"EventData\":{\"n\":\"\"}}}", "{\"n\":\"\"}");
}

/* An array in an attribute repeats the element too; two arrays unfold against each other. */
static void
test_arrays_elsewhere(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    struct evg_value n[] = {evg_u32(g, 1), evg_u32(g, 2)};
    struct evg_value t[] = {evg_str(g, "x"), evg_str(g, "y")};
    shape(g,
          XML("<Event><UserData><E A='{0:u32[]}'>{1:string[]}</E></UserData></Event>",
              evg_array(g, n, 2), evg_array(g, t, 2)),
          "{\"Event\":{\"UserData\":{"
          "\"E\":{\"#attributes\":{\"A\":1},\"#text\":\"x\"},"
          "\"E_1\":{\"#attributes\":{\"A\":2},\"#text\":\"x\"},"
          "\"E_2\":{\"#attributes\":{\"A\":1},\"#text\":\"y\"},"
          "\"E_3\":{\"#attributes\":{\"A\":2},\"#text\":\"y\"}}}}",
          "{\"E_A\":[1,2,1,2],\"E\":[\"x\",\"x\",\"y\",\"y\"]}");
}

/* The array is in an attribute that is otherwise ignored, the content is one value. */
static void
test_array_beside_name(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    struct evg_value n[] = {evg_u32(g, 1), evg_u32(g, 2)};
    shape(g,
          XML("<Event><EventData><Data Name='b' X='{0:u32[]}'>{1:string}</Data></EventData>"
              "</Event>",
              evg_array(g, n, 2), evg_str(g, "t")),
          "{\"Event\":{\"EventData\":{\"b\":\"t\",\"b\":\"t\"}}}", "{\"b\":[\"t\",\"t\"]}");
}

static void
test_nested_fragments(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    struct evg_value *in = evg_alloc(g, sizeof *in);
    *in = evg_u32(g, 3);
    struct evg_xml data = {
        .text = "<EventData><Data Name='n'>{0:u32}</Data></EventData>", .values = in, .n = 1};
    shape(g, XML("<Event><System><EventID>1</EventID></System>{0:xml}</Event>", evg_xml(g, data)),
          "{\"Event\":{\"System\":{\"EventID\":\"1\"},\"EventData\":{\"n\":3}}}",
          "{\"EventID\":\"1\",\"n\":3}");
    g = evg_new();
    struct evg_xml direct = {.text = "<X><Y Z='q'>w</Y></X>", .flags = EVG_DIRECT};
    shape(g, XML("<Event><UserData>{0:xml}</UserData></Event>", evg_xml(g, direct)),
          "{\"Event\":{\"UserData\":{\"X\":{\"Y\":{\"#attributes\":{\"Z\":\"q\"},"
          "\"#text\":\"w\"}}}}}",
          "{\"Y_Z\":\"q\",\"Y\":\"w\"}");
}

static void
test_direct_record(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          (struct evg_xml){.text = "<Event><System><Level>4</Level></System></Event>",
                           .flags = EVG_DIRECT},
          "{\"Event\":{\"System\":{\"Level\":\"4\"}}}", "{\"Level\":\"4\"}");
}

/* Forwarded events carry a rendering, whose names are those of System again. */
static void
test_rendering(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><System><Level>{0:u8}</Level></System><RenderingInfo Culture='c'>"
              "<Message>m</Message><Level>Info</Level></RenderingInfo></Event>",
              evg_int(g, EVG_U8, 4)),
          "{\"Event\":{\"System\":{\"Level\":4},\"RenderingInfo\":{\"#attributes\":{"
          "\"Culture\":\"c\"},\"Message\":\"m\",\"Level\":\"Info\"}}}",
          "{\"Level\":4,\"RenderingInfo_Culture\":\"c\",\"Message\":\"m\","
          "\"RenderingInfo_Level\":\"Info\"}");
}

static void
test_escapes(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    shape(g,
          XML("<Event><A>{0:string}</A></Event>",
              evg_str(g, "C:\\Windows\\System32\\cmd.exe \"a\tb\"\n\x01\x1f \xe2\x82\xac 0123456789"
                         "0123456789 \xf0\x9f\x98\x80 end")),
          "{\"Event\":{\"A\":\"C:\\\\Windows\\\\System32\\\\cmd.exe \\\"a\\tb\\\"\\n\\u0001\\u001F "
          "\xe2\x82\xac 01234567890123456789 \xf0\x9f\x98\x80 end\"}}",
          "{\"A\":\"C:\\\\Windows\\\\System32\\\\cmd.exe \\\"a\\tb\\\"\\n\\u0001\\u001f "
          "\xe2\x82\xac 01234567890123456789 \xf0\x9f\x98\x80 end\"}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_text_parts),
        cmocka_unit_test(test_cdata_and_references),
        cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_named_data),
        cmocka_unit_test(test_positional_data),
        cmocka_unit_test(test_complex_data),
        cmocka_unit_test(test_string_array),
        cmocka_unit_test(test_arrays_elsewhere),
        cmocka_unit_test(test_array_beside_name),
        cmocka_unit_test(test_nested_fragments),
        cmocka_unit_test(test_direct_record),
        cmocka_unit_test(test_rendering),
        cmocka_unit_test(test_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

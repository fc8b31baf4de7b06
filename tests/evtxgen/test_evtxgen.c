/* tests/evtxgen/test_evtxgen.c - the bytes evtxgen writes, against the format's description and
 * values seen in Windows' files.  That the contents come back is the business of tests/property. */
#include "check.h"
#include "evtxgen/evtxgen.h"

#define TIME 133500000000000000u

static uint32_t
le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void
crc_vector(void **state)
{
    (void)state;
    assert_int_equal(evg_crc32(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(evg_crc32(evg_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
}

static void
file_of_two_chunks(void **state)
{
    (void)state;
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    struct evg_record r = {.filetime = TIME, .xml = {.text = "<Event><A b='c'/></Event>"}};
    assert_int_equal(evg_add(g, &r, &err), 0);
    assert_int_equal(evg_add(g, &r, &err), 0);
    evg_chunk(g);
    assert_int_equal(evg_add(g, &r, &err), 0);
    struct tcs_buf *b = evg_finish(g);
    const uint8_t *p = (const uint8_t *)b->p, *c = p + EVG_HEADER;

    assert_int_equal(b->n, EVG_HEADER + 2 * EVG_CHUNK);
    assert_memory_equal(p, "ElfFile", 8);
    assert_int_equal(p[16], 1);                            /* last chunk */
    assert_int_equal(p[24], 4);                            /* next record id */
    assert_int_equal(p[42], 2);                            /* chunks */
    assert_int_equal(le32(p + 124), evg_crc32(0, p, 120)); /* header CRC */

    assert_memory_equal(c, "ElfChnk", 8);
    assert_int_equal(c[24], 1); /* first record id */
    assert_int_equal(c[32], 2); /* last */
    assert_int_equal(c[EVG_CHUNK + 24], 3);
    uint32_t last = le32(c + 44), end = le32(c + 48);
    assert_memory_equal(c + last, "**\0", 4);
    assert_int_equal(last + le32(c + last + 4), end);
    assert_int_equal(le32(c + end - 4), le32(c + last + 4));
    assert_int_equal(le32(c + 52), evg_crc32(0, c + 512, end - 512));
    assert_int_equal(le32(c + 124), evg_crc32(evg_crc32(0, c, 120), c + 128, 384));
    evg_free(g);
}

/* In Windows' files the name "Event" has the hash 0x0cba, "xmlns" 0x0fbc. */
static void
string_table(void **state)
{
    (void)state;
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    struct evg_record r = {.filetime = TIME, .xml = {.text = "<Event xmlns='u'/>"}};
    assert_int_equal(evg_add(g, &r, &err), 0);
    const uint8_t *c = (const uint8_t *)evg_finish(g)->p + EVG_HEADER;
    static const struct {
        uint16_t hash;
        const char *utf16;
        size_t units;
    } want[] = {{0x0cba, "E\0v\0e\0n\0t\0", 5}, {0x0fbc, "x\0m\0l\0n\0s\0", 5}};
    for (size_t i = 0; i < 2; i++) {
        uint32_t at = le32(c + 128 + 4 * (want[i].hash % 64));
        assert_true(at > 512);
        assert_int_equal(c[at + 4] | c[at + 5] << 8, want[i].hash);
        assert_int_equal(c[at + 6] | c[at + 7] << 8, want[i].units);
        assert_memory_equal(c + at + 8, want[i].utf16, 2 * want[i].units);
    }
    evg_free(g);
}

/* The second use of a template in a chunk refers to the first; a new chunk defines it anew. */
static void
templates_once_per_chunk(void **state)
{
    (void)state;
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    struct evg_record r = {.filetime = TIME, .xml = {.text = "<Event><A>text</A></Event>"}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(evg_add(g, &r, &err), 0);
    evg_chunk(g);
    assert_int_equal(evg_add(g, &r, &err), 0);
    size_t n;
    const struct evg_place *pl = evg_places(g, &n);
    assert_int_equal(n, 3);
    assert_true(pl[1].size < pl[0].size);
    assert_int_equal(pl[2].size, pl[0].size);
    assert_int_equal(pl[2].chunk, 1);
    evg_free(g);
}

static void
rolls_over(void **state)
{
    (void)state;
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    static char big[20001];
    memset(big, 'x', 20000);
    big[20000] = '\0';
    struct evg_value v = evg_str(g, big), huge[2] = {v, v};
    struct evg_record r = {.filetime = TIME, .xml = {"<E>{0:string}</E>", &v, 1, 0}};
    struct evg_record no = {.filetime = TIME, .xml = {"<E>{0:string}{1:string}</E>", huge, 2, 0}};
    assert_int_equal(evg_add(g, &r, &err), 0);
    assert_int_equal(evg_add(g, &no, &err), -TCS_ELIMIT);
    assert_int_equal(evg_add(g, &r, &err), 0);
    size_t n;
    const struct evg_place *pl = evg_places(g, &n);
    assert_int_equal(n, 2);
    assert_int_equal(pl[1].chunk, 1);
    evg_free(g);
}

static void
text_that_is_no_xml(void **state)
{
    (void)state;
    static const char *const bad[] = {"<A>",        "<A></B>",         "<A b=c/>",
                                      "<A>{0}</A>", "<A>{0:what}</A>", "</A>",
                                      "<A b='c/>",  "<A>&lt</A>"};
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct evg_record r = {.filetime = TIME, .xml = {.text = bad[i]}};
        assert_int_equal(evg_add(g, &r, &err), -TCS_EPARSE);
    }
    size_t n;
    evg_places(g, &n);
    assert_int_equal(n, 0);
    evg_free(g);
}

static void
value_bytes(void **state)
{
    (void)state;
    struct evg *g = evg_new();
    struct evg_value v = evg_sid(g, "S-1-5-21-1");
    assert_int_equal(v.n, 16);
    assert_memory_equal(v.p, "\1\2\0\0\0\0\0\5\x15\0\0\0\1\0\0\0", 16);
    v = evg_guid(g, "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}");
    assert_memory_equal(v.p, "\x5f\x38\x70\x57\x2a\xc2\xe0\x43\xbf\x4c\x06\xf5\x69\x8f\xfb\xd9",
                        16);
    v = evg_str(g, "\xf0\x9f\x98\x80");
    assert_int_equal(v.n, 4);
    assert_memory_equal(v.p, "\x3d\xd8\x00\xde", 4);
    struct evg_value s[2] = {evg_str(g, "a"), evg_str(g, "")};
    v = evg_array(g, s, 2);
    assert_int_equal(v.type, 0x81);
    assert_int_equal(v.n, 6);
    assert_memory_equal(v.p, "a\0\0\0\0\0", 6);
    assert_true(evg_parse(g, EVG_FILETIME, TCS_STR("1970-01-01T00:00:00Z"), &v));
    assert_memory_equal(v.p, "\x00\x80\x3e\xd5\xde\xb1\x9d\x01", 8);
    assert_true(evg_parse(g, EVG_I8, TCS_STR("-1"), &v));
    assert_memory_equal(v.p, "\xff", 1);
    assert_false(evg_parse(g, EVG_SID, TCS_STR("S-1-"), &v));
    assert_false(evg_parse(g, EVG_GUID, TCS_STR("{12}"), &v));
    evg_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_vector),   cmocka_unit_test(file_of_two_chunks),
        cmocka_unit_test(string_table), cmocka_unit_test(templates_once_per_chunk),
        cmocka_unit_test(rolls_over),   cmocka_unit_test(text_that_is_no_xml),
        cmocka_unit_test(value_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

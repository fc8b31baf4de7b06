/* Ids of STIX observables, against those that the Python library stix2 gives. */
#include "check.h"
#include "stix/id.h"

static void
check(const char *type, const char *properties, const char *want)
{
    char out[TCS_STIX_ID];
    tcs_stix_observable_id(out, type, tcs_base_str_of(properties));
    assert_string_equal(out, want);
}

static void
published(void **state)
{
    (void)state;
    check("ipv4-addr", "{\"value\":\"198.51.100.3\"}",
          "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    check("domain-name", "{\"value\":\"example.com\"}",
          "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7");
    check("url", "{\"value\":\"http://example.com/foo\"}",
          "url--8c3d789a-07ae-540c-a863-886334bea427");
    check("file",
          "{\"hashes\":{\"MD5\":\"79054025255fb1a26e4bc422aef54eb4\"},\"name\":\"foo.exe\"}",
          "file--c744dfb3-3fc2-5a37-9ffa-c93eccf15aee");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(published)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Version 5 identifiers against the example of RFC 9562 (A.4), those of STIX 2.1 observables that
 * the Python library stix2 gives, and SHA-1's edges by Python's uuid module. */
#include "check.h"
#include "report/report_int.h"

static const uint8_t dns[16] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
static const uint8_t stix[16] = {0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
                                 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7};

static void
check(const uint8_t space[16], const char *name, const char *want)
{
    char out[RP_UUID + 1];
    rp_uuid5(space, tcs_str_of(name), out);
    assert_string_equal(out, want);
}

static void
published(void **state)
{
    (void)state;
    check(dns, "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    check(stix, "{\"value\":\"198.51.100.3\"}", "28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    check(stix, "{\"value\":\"example.com\"}", "bedb4899-d24b-5401-bc86-8f6b4cc18ec7");
}

/* 16 bytes of name space + n: around SHA-1's block of 64 and its room for the length, 56. */
static void
block_edges(void **state)
{
    static const struct {
        size_t n;
        const char *want;
    } rows[] = {
        {0, "4ebd0208-8328-5d69-8c44-ec50939c0967"},
        {38, "f3ddef67-6e5b-53ca-baa2-12b379ef6ced"},
        {39, "2f80c0d1-1c62-579f-8d68-e61ad5592c9b"},
        {40, "e56fd57a-7633-5e1d-8f80-70e05ac413e5"},
        {47, "a112377b-8258-5ef7-b5b0-d2540bc03abb"},
        {48, "83993b6c-dea9-55ca-be5b-9989c85943fc"},
        {49, "a0f0b33b-afbf-5cad-b334-d8140d5af575"},
        {111, "1a48738a-dc98-5032-bf56-974c361d949d"},
        {112, "0243b19e-8bd4-5b57-95a2-1fcacc3142a0"},
        {113, "4e772fc6-7f5c-5655-afd4-f6e0a2e8e912"},
        {127, "d3bfea0a-2dca-5411-bdd5-09267a3bb172"},
    };
    static const char xs[] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[RP_UUID + 1];
        rp_uuid5(dns, (struct tcs_str){xs, rows[i].n}, out);
        assert_string_equal(out, rows[i].want);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(published), cmocka_unit_test(block_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

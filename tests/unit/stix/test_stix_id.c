/* tests/unit/stix/test_stix_id.c - UUIDs of version 5.  Truth: Python's uuid.uuid5 with the same
 * namespace and names. */
#include "check.h"
#include "stix/id.h"

static void
known(void **state)
{
    char id[TCS_STIX_ID];
    (void)state;
    tcs_stix_id(id, "attack-pattern", TCS_STR("T1003.001"));
    assert_string_equal(id, "attack-pattern--73bc0dd9-b65d-52d0-8bbb-6e3d5cd5cb73");
    tcs_stix_id(id, "bundle", TCS_STR(""));
    assert_string_equal(id, "bundle--e651ea2f-8a37-5e43-b688-ee3dce7ae229");
    tcs_stix_id(id, "identity", TCS_STR("\xc3\xa9"));
    assert_string_equal(id, "identity--0ded3b1d-619f-5169-b2d7-bd930c6ae948");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* unit/attack/test_profile.c - overlap of an incident's techniques with a profile, by hand. */
#include "attack/profile.h"
#include "check.h"

#define T(lit)                                                                                     \
    {                                                                                              \
        "" lit, sizeof("" lit) - 1                                                                 \
    }

static struct tcs_profile_use uses[] = {
    {T("T1003.001"), T("AA22-264A")},
    {T("T1110"), T("AA24-290A")},
    {T("T1490"), T("AA22-257A")},
    {T("T1685.001"), T("AA22-264A")},
};
static const struct tcs_profile profile = {
    .id = T("x"), .name = T("Somebody"), .source = T("AA22-264A"), .uses = uses, .nuses = 4};

static void
both_versions_and_parents(void **state)
{
    /* T1562.002 is T1685.001; T1110.003 falls under T1110; T1003 may be T1003.001; T1003.006 and
     * T1021.001 are not in the profile; T1003 comes twice */
    const struct tcs_str seen[] = {T("T1562.002"), T("T1110.003"), T("T1003"),
                                   T("T1003.006"), T("T1021.001"), T("T1003")};
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_overlap o = tcs_attack_profile_overlap(&profile, seen, 6, a);
    (void)state;
    check_str(o.profile, "Somebody");
    check_str(o.source, "AA22-264A");
    assert_int_equal(o.of_incident, 5);
    assert_int_equal(o.of_profile, 4);
    assert_int_equal(o.shared, 3);
    assert_int_equal(o.ntechniques, 3);
    check_str(o.techniques[0], "T1003");
    check_str(o.techniques[1], "T1110.003");
    check_str(o.techniques[2], "T1685.001");
    tcs_base_arena_free(a);
}

static void
nothing(void **state)
{
    const struct tcs_str seen[] = {T("T1021.001"), T("")};
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_overlap o = tcs_attack_profile_overlap(&profile, seen, 2, a);
    (void)state;
    assert_int_equal(o.shared, 0);
    assert_int_equal(o.of_incident, 1);
    o = tcs_attack_profile_overlap(&profile, NULL, 0, a);
    assert_int_equal(o.of_incident, 0);
    assert_int_equal(o.shared, 0);
    tcs_base_arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions_and_parents),
        cmocka_unit_test(nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* unit/attack/test_attack.c - the table of techniques.  Stages by hand from what each
 * technique is (MITRE's page of it); renewed numbers from ATT&CK v19's list of replaced techniques.
 */
#include "attack/attack_int.h"
#include "check.h"

static void
order(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < tcs_attack_nrows; i++)
        if (strcmp(tcs_attack_rows[i - 1].technique, tcs_attack_rows[i].technique) >= 0)
            fail_msg("row %s is out of order", tcs_attack_rows[i].technique);
    for (uint32_t i = 1; i < tcs_attack_naliases; i++)
        if (strcmp(tcs_attack_aliases[i - 1].from, tcs_attack_aliases[i].from) >= 0)
            fail_msg("alias %s is out of order", tcs_attack_aliases[i].from);
    for (uint32_t i = 1; i < tcs_attack_nnames; i++)
        if (strcmp(tcs_attack_names[i - 1].technique, tcs_attack_names[i].technique) >= 0)
            fail_msg("name %s is out of order", tcs_attack_names[i].technique);
}

/* "T1234" or "T1234.001", a stage that exists, a name; an own row only where it differs. */
static void
rows(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < tcs_attack_nrows; i++) {
        const struct tcs_attack_row *r = &tcs_attack_rows[i];
        size_t n = strlen(r->technique);
        assert_true(n == 5 || (n == 9 && r->technique[5] == '.'));
        assert_int_equal(strspn(r->technique + 1, "0123456789."), n - 1);
        assert_true(r->stage < TCS_STAGES);
        assert_true(r->name && *r->name);
        assert_true(tcs_base_str_eq(tcs_attack_v19(tcs_base_str_of(r->technique)),
                                    tcs_base_str_of(r->technique)));
    }
}

/* Every alias leads, in one step, to a number that is current and known. */
static void
aliases(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < tcs_attack_naliases; i++) {
        struct tcs_str to = tcs_base_str_of(tcs_attack_aliases[i].to);
        check_str(tcs_attack_v19(to), tcs_attack_aliases[i].to);
        check_str(tcs_attack_v19(tcs_base_str_of(tcs_attack_aliases[i].from)),
                  tcs_attack_aliases[i].to);
        assert_true(tcs_attack_name(to).n);
    }
}

static void
renewed(void **state)
{
    static const char *const pairs[][2] = {
        {"T1562", "T1685"},
        {"T1562.001", "T1685"},
        {"T1562.002", "T1685.001"},
        {"T1562.003", "T1690"},
        {"T1562.004", "T1686"},
        {"T1562.006", "T1685"},
        {"T1562.007", "T1686.001"},
        {"T1562.008", "T1685.002"},
        {"T1562.009", "T1688"},
        {"T1562.010", "T1689"},
        {"T1562.011", "T1685.003"},
        {"T1562.012", "T1685.004"},
        {"T1562.013", "T1686.002"},
        {"T1070.001", "T1685.005"},
        {"T1070.002", "T1685.006"},
        {"T1656", "T1684.001"},
        {"T1672", "T1684.002"},
        {"T1086", "T1059.001"},
        {"T1050", "T1543.003"},
        {"T1035", "T1569.002"},
        {"t1562.001", "T1685"},
        {"T1003.001", "T1003.001"},
        {"T1070.004", "T1070.004"},
        {"T9999", "T9999"},
        {"", ""},
        {"T15", "T15"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_str(tcs_attack_v19(tcs_base_str_of(pairs[i][0])), pairs[i][1]);
}

static const struct {
    const char *technique;
    uint8_t stage;
    bool warns;
} spots[] = {
    {"T1110", TCS_STAGE_ACCOUNT, false},
    {"T1110.003", TCS_STAGE_ACCOUNT, false},
    {"T1110.002", TCS_STAGE_CREDENTIALS, false},
    {"T1078.004", TCS_STAGE_ACCOUNT, false},
    {"T1621", TCS_STAGE_ACCOUNT, false},
    {"T1566.001", TCS_STAGE_ACCOUNT, false},
    {"T1133", TCS_STAGE_ACCOUNT, false},
    {"T1098.005", TCS_STAGE_ACCOUNT, false},
    {"T1595", TCS_STAGE_ACCOUNT, false},
    {"T1656", TCS_STAGE_ACCOUNT, false},
    {"T1190", TCS_STAGE_FOOTHOLD, false},
    {"T1505.003", TCS_STAGE_FOOTHOLD, false},
    {"T1059.001", TCS_STAGE_FOOTHOLD, false},
    {"T1046", TCS_STAGE_FOOTHOLD, false},
    {"T1098", TCS_STAGE_FOOTHOLD, false},
    {"T1105", TCS_STAGE_FOOTHOLD, false},
    {"T1134", TCS_STAGE_FOOTHOLD, false},
    {"T1003.001", TCS_STAGE_CREDENTIALS, false},
    {"T1558.003", TCS_STAGE_CREDENTIALS, false},
    {"T1685", TCS_STAGE_CREDENTIALS, false},
    {"T1562.001", TCS_STAGE_CREDENTIALS, false},
    {"T1070.001", TCS_STAGE_CREDENTIALS, true},
    {"T1685.005", TCS_STAGE_CREDENTIALS, true},
    {"T1685.006", TCS_STAGE_CREDENTIALS, true},
    {"T1021.001", TCS_STAGE_LATERAL, false},
    {"T1021.002", TCS_STAGE_LATERAL, false},
    {"T1550.002", TCS_STAGE_LATERAL, false},
    {"T1570", TCS_STAGE_LATERAL, false},
    {"T1484.001", TCS_STAGE_LATERAL, true},
    {"T1484.002", TCS_STAGE_LATERAL, false},
    {"T1490", TCS_STAGE_DESTROY, true},
    {"T1489", TCS_STAGE_DESTROY, true},
    {"T1486", TCS_STAGE_DESTROY, false},
    {"T1485", TCS_STAGE_DESTROY, false},
    {"T1561.002", TCS_STAGE_DESTROY, false},
    {"t1561.002", TCS_STAGE_DESTROY, false},
    {"T1498", TCS_STAGE_NONE, false},
    {"T1003.999", TCS_STAGE_CREDENTIALS, false}, /* a child that is not known yet */
    {"T9999", TCS_STAGE_NONE, false},
    {"T1003.", TCS_STAGE_NONE, false},
    {"", TCS_STAGE_NONE, false},
    {"TA0040", TCS_STAGE_NONE, false},
};

static void
stages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spots / sizeof *spots; i++) {
        struct tcs_str t = tcs_base_str_of(spots[i].technique);
        if (tcs_attack_stage(t) != spots[i].stage || tcs_attack_warns(t) != spots[i].warns)
            fail_msg("%s: stage %u, warns %d", spots[i].technique, tcs_attack_stage(t),
                     tcs_attack_warns(t));
    }
}

static uint8_t
of(const char *a, const char *b)
{
    const struct tcs_str t[] = {tcs_base_str_of(a), tcs_base_str_of(b)};
    return tcs_attack_stage_of(t, *b ? 2 : 1);
}

static void
several(void **state)
{
    (void)state;
    assert_int_equal(of("T1003.001", "T1021.002"), TCS_STAGE_LATERAL);
    assert_int_equal(of("T1021.002", "T1003.001"), TCS_STAGE_LATERAL);
    assert_int_equal(of("T1566.001", "T1059.001"),
                     TCS_STAGE_ACCOUNT); /* the interpreter is general */
    assert_int_equal(of("T1059.001", ""), TCS_STAGE_FOOTHOLD);
    assert_int_equal(of("T1078", ""), TCS_STAGE_ACCOUNT);
    assert_int_equal(of("T1078", "T1505.003"), TCS_STAGE_FOOTHOLD);
    assert_int_equal(of("T1489", "T1562.001"), TCS_STAGE_CREDENTIALS); /* a protection's service */
    assert_int_equal(of("T1489", "T1490"), TCS_STAGE_DESTROY);
    assert_int_equal(of("T9999", "T1110"), TCS_STAGE_ACCOUNT);
    assert_int_equal(of("T9999", ""), TCS_STAGE_NONE);
    assert_int_equal(tcs_attack_stage_of(NULL, 0), TCS_STAGE_NONE);
}

static void
names(void **state)
{
    (void)state;
    check_str(tcs_attack_name(TCS_STR("T1490")), "Inhibit System Recovery");
    check_str(tcs_attack_name(TCS_STR("T1562")), "Disable or Modify Tools");
    check_str(tcs_attack_name(TCS_STR("T1070.001")), "Clear Windows Event Logs");
    check_str(tcs_attack_name(TCS_STR("T1003.001")), "LSASS Memory");
    check_str(tcs_attack_name(TCS_STR("t1562.013")), "Network Device Firewall");
    check_str(tcs_attack_name(TCS_STR("T1003.999")), "OS Credential Dumping");
    check_str(tcs_attack_name(TCS_STR("T9999")), "");
}

static void
well_formed(void **state)
{
    static const char *const none[] = {"",      "T100",      "T1003.", "T1003.01",
                                       "t1003", "T1003x001", "S0002"};
    (void)state;
    assert_true(tcs_attack_well_formed(TCS_STR("T1003")));
    assert_true(tcs_attack_well_formed(TCS_STR("T1003.001")));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(tcs_attack_well_formed(tcs_base_str_of(none[i])));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),   cmocka_unit_test(rows),        cmocka_unit_test(aliases),
        cmocka_unit_test(renewed), cmocka_unit_test(stages),      cmocka_unit_test(several),
        cmocka_unit_test(names),   cmocka_unit_test(well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

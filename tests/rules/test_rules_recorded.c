/* tests/rules/test_rules_recorded.c - the project's correlations over recorded attacks and over
 * ordinary machines.
 *
 * argv: the folder of rules.  What is to be found, and what is not, is from the recordings' own
 * descriptions: the playbook's spray of seven accounts on WORKSTATION5 and its three sessions by
 * WinRM; the enumeration of accounts by Kerberos from 172.16.66.1.  evtx-parser-samples are logs of
 * ordinary machines, and LSASS_campaign_01 is an attack on one host: no correlation there. */
#include "rules_run.h"

struct found {
    const char *name;
    uint32_t results;
};

static void
check_found(const char *below, const struct found *want, size_t n)
{
    char path[PATH_SIZE];
    struct stat st;
    struct count c = {.engine_only = true};
    snprintf(path, sizeof path, "%s/%s", check_corpora(), below);
    if (stat(path, &st) < 0)
        skip();
    run(path, &c);
    assert_true(c.events);
    for (uint32_t i = 0; i < t.ncorrs; i++) {
        uint32_t results = 0;
        for (size_t k = 0; k < n; k++)
            if (tcs_base_str_eq(t.corrs[i].doc.name, tcs_base_str_of(want[k].name)))
                results = want[k].results;
        if (tcs_correlate_plan_corr_alerts(t.corrplan, i) && c.results[i] != results)
            fail_msg("%s: %.*s has %u results, not %u", below, TCS_STR_FMT(t.corrs[i].doc.name),
                     c.results[i], results);
    }
}

static void
test_playbook(void **state)
{
    (void)state;
    static const struct found want[] = {
        {"tocsin_password_spray_workstation", 1}, /* 4625 on WORKSTATION5, no address */
        {"tocsin_password_spray_ntlm", 1},        /* 4776 on the domain controller */
        {"tocsin_winrm_fan_out", 1},              /* pgustavo on WORKSTATION6, 7 and MORDORDC */
    };
    check_found("security-datasets/atomic/windows/lateral_movement/host/"
                "purplesharp_ad_playbook_I.zip",
                want, 3);
}

static void
test_kerberos(void **state)
{
    (void)state;
    static const struct found want[] = {{"tocsin_password_spray_kerberos", 1}};
    check_found("evtx-attack-samples", want, 1);
}

static void
test_one_host(void **state)
{
    (void)state;
    check_found("security-datasets/compound/LSASS_campaign_01", NULL, 0);
}

static void
test_ordinary(void **state)
{
    (void)state;
    check_found("evtx-parser-samples", NULL, 0);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_playbook),
        cmocka_unit_test(test_kerberos),
        cmocka_unit_test(test_one_host),
        cmocka_unit_test(test_ordinary),
    };
    if (argc != 2)
        return 1;
    if (!check_corpora())
        return EXIT_SKIP;
    rules_dir = argv[1];
    return cmocka_run_group_tests(tests, load, unload);
}

/* Tests cli/alerts_report.c: more signatures than are kept apart are counted, those that are kept
 * still count.  Expected values are counted by hand. */
#include "check.h"

#include "cli/alerts_int.h"

static void
add(struct tcs_alerts *al, unsigned i)
{
    char id[32];
    struct tcs_err err = {0};
    snprintf(id, sizeof id, "tool:%u", i);
    struct tcs_alerted x = {.tool = TCS_STR("tool"),
                            .signature = {.id = tcs_str_of(id), .level = 3},
                            .detection = {.who.host = TCS_STR("A")}};
    const struct tcs_result r = {.alerts = &x, .nalerts = 1};
    assert_int_equal(tcs_alerts_add(al, &r, NULL, &err), 0);
}

static void
test_full_table_of_signatures(void **state)
{
    const struct tcs_settings set = {.threads = 1};
    struct tcs_alerts *al = NULL;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(tcs_alerts_load(&set, &al, &err), 0);
    for (unsigned i = 0; i < TCS_ALERT_GROUPS_MAX + 10; i++)
        add(al, i);
    add(al, 3);
    assert_int_equal(tcs_alerts_total(al), TCS_ALERT_GROUPS_MAX + 11);
    assert_int_equal(al->ungrouped, 10);
    assert_int_equal(al->groups[3].count, 2);
    tcs_alerts_free(al);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_table_of_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

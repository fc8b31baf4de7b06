/* Tests cli/hunt_report_alerts.c: more signatures than are kept apart are counted, those that
 * are kept still count.  Expected values are counted by hand. */
#include "check.h"

#include "cli/hunt_report_alerts.h"

#include <stdlib.h>

enum { KEPT = 8192, SHOWN = 40, BEYOND = 10 };

static void
add(struct tcs_cli_alerts *al, unsigned i, const char *host)
{
    char id[32];
    struct tcs_err err = {0};
    snprintf(id, sizeof id, "number %u.", i);
    const struct tcs_signature s = {
        .id = tcs_base_str_of(id), .title = tcs_base_str_of(id), .level = TCS_HIGH};
    const struct tcs_finding f = {.who.host = tcs_base_str_of(host)};
    const struct tcs_outlet_finding t = {.finding = &f, .alert = &s, .tool = TCS_STR("tool")};
    assert_int_equal(tcs_cli_alerts_add(al, &t, &err), 0);
    memset(id, 'x', sizeof id); /* as a batch's texts, they are gone afterwards */
}

static void
test_full_table_of_signatures(void **state)
{
    struct tcs_cli_alerts *al = tcs_cli_alerts_new();
    const struct tcs_term term = {.width = 80};
    struct tcs_buf b = {0};
    (void)state;
    assert_non_null(al);
    tcs_cli_alerts_text(al, &term, &b);
    assert_int_equal(b.n, 0);
    for (unsigned i = 0; i < KEPT + BEYOND; i++)
        add(al, i, "A");
    add(al, 3, "B");
    add(al, KEPT + 3, "A"); /* beyond: it is counted alone, however often it comes */
    add(al, KEPT + 3, "A");
    assert_int_equal(tcs_cli_alerts_total(al), KEPT + BEYOND + 3);
    tcs_cli_alerts_text(al, &term, &b);
    tcs_base_buf_c(&b, '\0');
    assert_false(b.failed);
    /* the most first */
    const char *most = strstr(b.p, "number ");
    assert_non_null(most);
    assert_int_equal(strncmp(most, "number 3.", 9), 0);
    assert_int_equal(strncmp(most - 3, "2  ", 3), 0);
    assert_non_null(strstr(b.p, "A and others"));
    char rest[64];
    snprintf(rest, sizeof rest, "and %u other kinds", KEPT - SHOWN);
    assert_non_null(strstr(b.p, rest));
    snprintf(rest, sizeof rest, "and %u alerts of kinds beyond", BEYOND + 2);
    assert_non_null(strstr(b.p, rest));
    tcs_base_buf_done(&b);
    tcs_cli_alerts_free(al);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_table_of_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

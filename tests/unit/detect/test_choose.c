/* Which rules run and which records are looked at: the truth is what tocsin-hunt(1) says of --tag,
 * --rule,
 * --product, --level, --status, --from, --to and --host. */
#include "attack/level.h"
#include "check.h"
#include "detect/filter.h"
#include "detect/rulebook.h"

static void
test_pick(void **state)
{
    struct tcs_str tags[] = {TCS_STR("attack.credential-access"), TCS_STR("attack.t1003.001"),
                             TCS_STR("cve.2021-44228")};
    const struct tcs_rule rule = {
        .doc = {.path = TCS_STR("/r/win/lsass_dump.yml"),
                .id = TCS_STR("abc-1"),
                .title = TCS_STR("Dump of LSASS"),
                .tags = tags,
                .ntags = 3,
                .level = TCS_MEDIUM,
                .status = TCS_TEST},
        .logsource = {.product = TCS_STR("windows"), .category = TCS_STR("process_access")}};
    static const struct {
        const char *tag, *name, *product;
        bool want;
    } rows[] = {
        {"T1003", NULL, NULL, true},          {"t1003.001", NULL, NULL, true},
        {"T1003.002", NULL, NULL, false},     {"T100", NULL, NULL, false},
        {"attack.t1003", NULL, NULL, true},   {"credential_access", NULL, NULL, true},
        {"cve.2021-44228", NULL, NULL, true}, {"cve", NULL, NULL, true},
        {"attack", NULL, NULL, true},         {"impact", NULL, NULL, false},
        {NULL, "ABC-1", NULL, true},          {NULL, "lsass_dump", NULL, true},
        {NULL, "lsass_dump.yml", NULL, true}, {NULL, "of lsass", NULL, true},
        {NULL, "lsass_dum", NULL, false},     {NULL, NULL, "Windows", true},
        {NULL, NULL, "process_access", true}, {NULL, NULL, "linux", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct tcs_rule_opts s = {.tags = {&rows[i].tag, rows[i].tag != NULL},
                                        .names = {&rows[i].name, rows[i].name != NULL},
                                        .products = {&rows[i].product, rows[i].product != NULL}};
        if (tcs_detect_rulebook_wants(&s, &rule) != rows[i].want)
            fail_msg("row %zu", i);
    }
    struct tcs_rule_opts s = {.level = TCS_MEDIUM};
    assert_true(tcs_detect_rulebook_wants(&s, &rule));
    s.level = TCS_HIGH;
    assert_false(tcs_detect_rulebook_wants(&s, &rule));
    s = (struct tcs_rule_opts){.status = TCS_EXPERIMENTAL};
    assert_true(tcs_detect_rulebook_wants(&s, &rule));
    s.status = TCS_STABLE;
    assert_false(tcs_detect_rulebook_wants(&s, &rule));
}

static void
test_event_filter(void **state)
{
    struct tcs_detect_opts set = {.from = TCS_TIME_NONE, .to = TCS_TIME_NONE};
    struct tcs_event ev = {.time = 1000,
                           .computer = tcs_event_value_str(TCS_STR("DC01.corp.example"))};
    struct tcs_arena *a = tcs_base_arena_new(0);
    (void)state;
    assert_true(tcs_detect_filter_wants(&set, &ev, a));
    set.from = 1000;
    set.to = 1001;
    assert_true(tcs_detect_filter_wants(&set, &ev, a));
    set.to = 1000;
    assert_false(tcs_detect_filter_wants(&set, &ev, a));
    set.from = 1001;
    set.to = TCS_TIME_NONE;
    assert_false(tcs_detect_filter_wants(&set, &ev, a));
    ev.time = TCS_TIME_NONE; /* cannot be shown to lie outside */
    assert_true(tcs_detect_filter_wants(&set, &ev, a));
    static const struct {
        const char *pattern;
        bool want;
    } rows[] = {{"dc01", true},    {"dc01.corp.example", true},
                {"dc0?", true},    {"*", true},
                {"dc*1", true},    {"*.example", true},
                {"dc", false},     {"corp", false},
                {"*c*r*p*", true}, {"", false},
                {"dc01?", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set.hosts = (struct tcs_detect_list){&rows[i].pattern, 1};
        if (tcs_detect_filter_wants(&set, &ev, a) != rows[i].want)
            fail_msg("--host '%s'", rows[i].pattern);
    }
    tcs_base_arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pick),
        cmocka_unit_test(test_event_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

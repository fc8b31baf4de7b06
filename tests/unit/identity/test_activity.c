/* unit/identity/test_activity.c - what was done, by log and number.  The numbers' meanings are
 * Microsoft's and Sysmon's documentation. */
#include "identity/identity.h"

#include "check.h"

#define SYSMON "Microsoft-Windows-Sysmon/Operational"
#define SESSIONS "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

static const struct row {
    const char *channel;
    uint32_t id;
    enum tcs_activity want;
} rows[] = {
    {"Security", 4624, TCS_ACT_LOGON},
    {"security", 4625, TCS_ACT_LOGON_FAILED},
    {"Security", 4647, TCS_ACT_LOGOFF},
    {"Security", 4688, TCS_ACT_PROCESS},
    {"Security", 4720, TCS_ACT_ACCOUNT_CREATED},
    {"Security", 4756, TCS_ACT_MEMBER},
    {"Security", 4776, TCS_ACT_CREDENTIALS_CHECKED},
    {"Security", 1102, TCS_ACT_LOG_CLEARED},
    {"System", 104, TCS_ACT_LOG_CLEARED},
    {"System", 7045, TCS_ACT_SERVICE_INSTALLED},
    {"System", 6005, TCS_ACT_BOOT},
    {SYSMON, 1, TCS_ACT_PROCESS},
    {SYSMON, 7, TCS_ACT_IMAGE_LOADED},
    {"Linux-Sysmon/Operational", 1, TCS_ACT_PROCESS},
    {SESSIONS, 25, TCS_ACT_LOGON},
    /* the same numbers of other logs are something else */
    {"Application", 4625, TCS_ACT_NONE},
    {"System", 7, TCS_ACT_NONE},
    {SYSMON, 25, TCS_ACT_NONE},
    {"Security", 1, TCS_ACT_NONE},
    {"", 4624, TCS_ACT_NONE},
    {"Security", 0, TCS_ACT_NONE},
    {"Security", TCS_EVENT_ID_NONE, TCS_ACT_NONE},
};

static void
by_log_and_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (tcs_identity_activity(tcs_base_str_of(rows[i].channel), rows[i].id) != rows[i].want)
            fail_msg("%s %u", rows[i].channel, rows[i].id);
}

/* A record that names no channel is known by who wrote it. */
static void
by_provider(void **state)
{
    struct tcs_event head = {
        .event_id = 4624,
        .provider = tcs_event_value_str(TCS_STR("Microsoft-Windows-Security-Auditing"))};
    (void)state;
    assert_true(tcs_identity_wants(&head));
    head.channel = tcs_event_value_str(TCS_STR("Application"));
    assert_false(tcs_identity_wants(&head));
    head.channel = tcs_event_value_str(TCS_STR("SECURITY"));
    assert_true(tcs_identity_wants(&head));
    head.event_id = 4625; /* tells, but no identity */
    assert_false(tcs_identity_wants(&head));
}

static void
traits(void **state)
{
    (void)state;
    assert_int_equal(tcs_identity_traits(TCS_ACT_NONE), 0);
    assert_int_equal(tcs_identity_traits(TCS_ACTS), 0);
    assert_int_equal(tcs_identity_traits(UINT32_MAX), 0);
    assert_int_equal(tcs_identity_traits(TCS_ACT_LOGON_FAILED), TCS_TRAIT_ABOUT_TARGET);
    assert_int_equal(tcs_identity_traits(TCS_ACT_LOGON),
                     TCS_TRAIT_ABOUT_TARGET | TCS_TRAIT_TARGET_ACTS);
    assert_true(tcs_identity_traits(TCS_ACT_MEMBER) & TCS_TRAIT_MAKES_ACCOUNT);
    assert_true(tcs_identity_traits(TCS_ACT_TICKET_REFUSED) & TCS_TRAIT_CONTROLLER);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_log_and_number),
                                       cmocka_unit_test(by_provider), cmocka_unit_test(traits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

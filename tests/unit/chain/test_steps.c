/* tests/unit/chain/test_steps.c - what to do names the hosts and the account of what calls for it,
 * not those where the course began.  Sentences are those of chain/advice_rows.c with the names put
 * in by hand. */
#include "chain_make.h"

static bool
says(const struct tcs_incident *in, const char *part)
{
    for (uint32_t i = 0; i < in->nmitigations; i++)
        if (has_text(in->mitigations[i].text, part))
            return true;
    return false;
}

static void
hosts_of_the_technique(void **state)
{
    (void)state;
    struct world w = world_new(NULL);
    uint32_t guess = rule(&w, "guess", TCS_HIGH, ACCOUNT, "T1110.003"),
             service = rule(&w, "service", TCS_HIGH, FOOTHOLD, "T1543.003"),
             off = rule(&w, "off", TCS_HIGH, CREDENTIALS, "T1562.001");
    hit(&w, 0, guess, 1, .host = S("WS07"), .user = S("j.falk"), .session = 5);
    for (int i = 0; i < 2; i++) {
        struct tcs_str host = i ? S("DC01") : S("FS02");
        seen(&w, HOUR + i, TCS_OBS_LOGON, .host = host, .target = S("j.falk"),
             .target_session = 9 + (uint64_t)i, .source_host = S("WS07"));
        hit(&w, HOUR + 1 + i, service, 7045, .host = host, .user = S("j.falk"),
            .session = 9 + (uint64_t)i);
    }
    hit(&w, 2 * HOUR, off, 1, .host = S("DC01"), .user = S("adm.roth"), .session = 10);
    const struct tcs_incident *in = only(&w);
    assert_true(tcs_base_str_eq(in->origin_host, S("WS07")));
    assert_true(says(in, "Stop and delete the service on FS02 and DC01,"));
    assert_true(says(in, "Switch protection on DC01 back on"));
    assert_true(says(in, "Reset the password of j.falk,"));
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hosts_of_the_technique)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

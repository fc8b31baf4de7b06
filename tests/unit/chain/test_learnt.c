/* tests/unit/chain/test_learnt.c - sessions, where they came from, processes and addresses, by
 * hand: facts of Windows' logs (split tokens, LUIDs that begin anew, WinRM logons without a
 * source). */
#include "chain_make.h"

static const struct chain_sessions *
learn(struct world *w)
{
    finish(w);
    return &w->c->sessions;
}

static uint32_t
host(struct world *w, const char *name)
{
    uint32_t id = chain_host(&w->c->e, tcs_base_str_of(name));
    return w->c->e.hosts.at[id].canon;
}

static uint32_t
ip(struct world *w, const char *name)
{
    return chain_address(&w->c->e, tcs_base_str_of(name));
}

/* Both halves of a split token are one session. */
static void
split_token(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    seen(&w, 0, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"), .target_session = 0xc10d0f,
         .linked_session = 0xc10d27);
    seen(&w, 0, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"), .target_session = 0xc10d27,
         .linked_session = 0xc10d0f);
    const struct chain_sessions *s = learn(&w);
    uint32_t a = host(&w, "A");
    uint64_t low = chain_session_key(s, a, 0xc10d0f, at(60)),
             high = chain_session_key(s, a, 0xc10d27, at(60));
    assert_true(low != 0);
    assert_true(low == high);
    assert_true(chain_session_key(s, a, 0xc10d28, at(60)) != low);
    assert_true(chain_session_key(s, host(&w, "B"), 0xc10d0f, at(60)) != low);
    world_free(&w);
}

/* A number that is used again after a boot is another session, and the old logon is not its. */
static void
boots(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    seen(&w, 0, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"), .target_session = 0x5000);
    seen(&w, 1000, TCS_OBS_BOOT, .host = S("A"));
    seen(&w, 1000, TCS_OBS_BOOT, .host = S("B"));
    const struct chain_sessions *s = learn(&w);
    uint32_t a = host(&w, "A");
    assert_true(chain_session_key(s, a, 0x5000, at(999)) !=
                chain_session_key(s, a, 0x5000, at(1001)));
    assert_non_null(chain_logon(s, a, 0x5000, at(999)));
    assert_null(chain_logon(s, a, 0x5000, at(1001)));
    world_free(&w);
}

/* Records of one logon are written in any order: ten seconds either way. */
static void
logon_slack(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    seen(&w, 100, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"),
         .target_session = 0x5000);
    const struct chain_sessions *s = learn(&w);
    uint32_t a = host(&w, "A");
    assert_non_null(chain_logon(s, a, 0x5000, at(90)));
    assert_null(chain_logon(s, a, 0x5000, at(89)));
    assert_non_null(chain_logon(s, a, 0x5000, at(100 + 30 * DAY)));
    assert_null(chain_logon(s, a, 0, at(100)));
    world_free(&w);
}

/* WinRM's 4624 names no source; the domain controller gave a ticket for HOST$ just before. */
static void
winrm_once(int64_t ticket, const char *account, const char *service, bool found)
{
    struct world w = world_new(NULL);
    seen(&w, ticket, TCS_OBS_TICKET, .host = S("DC"), .user = tcs_base_str_of(account),
         .dest_host = tcs_base_str_of(service), .source_ip = S("::ffff:172.18.39.5"));
    seen(&w, 100, TCS_OBS_LOGON, .host = S("WS6"), .target = S("ELB\\anna"),
         .target_session = 0x77);
    seen(&w, 50, TCS_OBS_ADDRESS, .host = S("WS5"), .source_host = S("WS5"),
         .source_ip = S("172.18.39.5"));
    const struct chain_sessions *s = learn(&w);
    const struct chain_obs *logon = chain_logon(s, host(&w, "WS6"), 0x77, at(100));
    assert_non_null(logon);
    struct chain_source src = chain_source_of(s, logon);
    assert_int_equal(src.ip, found ? ip(&w, "172.18.39.5") : CHAIN_NONE);
    assert_int_equal(src.host, found ? host(&w, "WS5") : CHAIN_NONE);
    world_free(&w);
}

static void
winrm(void **state)
{
    (void)state;
    winrm_once(90, "anna@ELB.EXAMPLE", "WS6", true);
    winrm_once(110, "anna@ELB.EXAMPLE", "WS6", true);
    winrm_once(89, "anna@ELB.EXAMPLE", "WS6", false);
    winrm_once(111, "anna@ELB.EXAMPLE", "WS6", false);
    winrm_once(95, "berta@ELB.EXAMPLE", "WS6", false);
    winrm_once(95, "anna@ELB.EXAMPLE", "WS7", false);
}

/* A logon from the host itself comes from nowhere. */
static void
from_itself(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    seen(&w, 0, TCS_OBS_ADDRESS, .host = S("A"), .source_host = S("A"), .source_ip = S("10.0.0.1"));
    seen(&w, 9, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"), .target_session = 0x5,
         .source_ip = S("10.0.0.1"));
    const struct chain_sessions *s = learn(&w);
    struct chain_source src = chain_source_of(s, chain_logon(s, host(&w, "A"), 0x5, at(9)));
    assert_int_equal(src.host, CHAIN_NONE);
    assert_int_equal(src.ip, CHAIN_NONE);
    world_free(&w);
}

/* Which host has an address: a day either way, the nearest in time; behind a gateway nobody. */
static void
address_to_host(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    seen(&w, DAY, TCS_OBS_ADDRESS, .host = S("A"), .source_host = S("A"),
         .source_ip = S("10.0.0.1"));
    seen(&w, DAY + 1000, TCS_OBS_LOGON, .host = S("X"), .target = S("ELB\\anna"),
         .source_host = S("B"), .source_ip = S("10.0.0.1"));
    static const char *const many[] = {"H1", "H2", "H3", "H4"};
    for (int i = 0; i < 4; i++)
        seen(&w, i, TCS_OBS_ADDRESS, .host = tcs_base_str_of(many[i]),
             .source_host = tcs_base_str_of(many[i]), .source_ip = S("10.0.0.9"));
    for (int i = 0; i < 3; i++)
        seen(&w, i, TCS_OBS_ADDRESS, .host = tcs_base_str_of(many[i]),
             .source_host = tcs_base_str_of(many[i]), .source_ip = S("10.0.0.8"));
    const struct chain_sessions *s = learn(&w);
    uint32_t one = ip(&w, "10.0.0.1");
    assert_int_equal(chain_host_of(s, one, at(DAY + 499)), host(&w, "A"));
    assert_int_equal(chain_host_of(s, one, at(DAY + 501)), host(&w, "B"));
    assert_int_equal(chain_host_of(s, one, at(0)), host(&w, "A"));
    assert_int_equal(chain_host_of(s, one, at(-1)), CHAIN_NONE);
    assert_int_equal(chain_host_of(s, one, at(2 * DAY + 999)), host(&w, "B"));
    assert_int_equal(chain_host_of(s, one, at(2 * DAY + 1001)), CHAIN_NONE);
    assert_int_equal(chain_host_of(s, ip(&w, "10.0.0.9"), at(2)), CHAIN_NONE); /* a gateway */
    assert_int_equal(chain_host_of(s, ip(&w, "10.0.0.8"), at(2)), host(&w, "H3"));
    assert_int_equal(chain_host_of(s, CHAIN_NONE, at(2)), CHAIN_NONE);
    world_free(&w);
}

/* Of a day the earliest counts, whichever was fed first. */
static void
earliest_address_of_a_day(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct world w = world_new(NULL);
        const int64_t times[] = {HOUR, 20 * HOUR};
        for (int i = 0; i < 2; i++)
            seen(&w, times[i ^ k], TCS_OBS_ADDRESS, .host = S("A"), .source_host = S("A"),
                 .source_ip = S("10.0.0.1"));
        seen(&w, 10 * HOUR, TCS_OBS_ADDRESS, .host = S("B"), .source_host = S("B"),
             .source_ip = S("10.0.0.1"));
        const struct chain_sessions *s = learn(&w);
        assert_int_equal(tcs_chain_stats(w.c)->observations, 2);
        assert_int_equal(chain_host_of(s, ip(&w, "10.0.0.1"), at(2 * HOUR)), host(&w, "A"));
        assert_int_equal(chain_host_of(s, ip(&w, "10.0.0.1"), at(21 * HOUR)), host(&w, "B"));
        world_free(&w);
    }
}

/* The account behind a connection: if one logged on within a minute, and only one. */
static void
account_of_a_connection(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    seen(&w, 100, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"),
         .source_ip = S("10.0.0.1"));
    seen(&w, 105, TCS_OBS_SHARE, .host = S("A"), .user = S("ELB\\anna"),
         .source_ip = S("10.0.0.1"));
    seen(&w, 100, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\WS1$"),
         .source_ip = S("10.0.0.1"));
    seen(&w, 400, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"),
         .source_ip = S("10.0.0.2"));
    seen(&w, 401, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\berta"),
         .source_ip = S("10.0.0.2"));
    seen(&w, 500, TCS_OBS_TICKET, .host = S("DC"), .user = S("ELB\\anna"), .dest_host = S("A"),
         .source_ip = S("10.0.0.3"));
    const struct chain_sessions *s = learn(&w);
    uint32_t anna =
        w.c->e.accounts.at[chain_account(&w.c->e, S("ELB"), S("anna"), (struct tcs_str){0})].canon;
    uint32_t a = host(&w, "A");
    assert_int_equal(chain_account_from(s, a, ip(&w, "10.0.0.1"), at(40)), anna);
    assert_int_equal(chain_account_from(s, a, ip(&w, "10.0.0.1"), at(39)), CHAIN_NONE);
    assert_int_equal(chain_account_from(s, a, ip(&w, "10.0.0.1"), at(166)), CHAIN_NONE);
    assert_int_equal(chain_account_from(s, a, ip(&w, "10.0.0.2"), at(400)), CHAIN_NONE); /* two */
    assert_int_equal(chain_account_from(s, a, ip(&w, "10.0.0.3"), at(500)), anna);
    assert_int_equal(chain_account_from(s, host(&w, "B"), ip(&w, "10.0.0.1"), at(100)), CHAIN_NONE);
    world_free(&w);
}

/* A process number is used again: the last start before counts; not over a boot. */
static void
process_numbers(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    seen(&w, 0, TCS_OBS_PROCESS, .host = S("A"), .pid = 77, .process = S("{old}"));
    seen(&w, 1000, TCS_OBS_PROCESS, .host = S("A"), .pid = 77, .process = S("{new}"));
    seen(&w, 1001, TCS_OBS_PROCESS, .host = S("A"),
         .pid = 77); /* Security's record of it: no GUID */
    seen(&w, 5000, TCS_OBS_BOOT, .host = S("A"));
    const struct chain_sessions *s = learn(&w);
    uint32_t a = host(&w, "A");
    const struct chain_obs *old = chain_process_by_pid(s, a, 77, at(900)),
                           *new = chain_process_by_pid(s, a, 77, at(2000));
    assert_non_null(old);
    assert_non_null(new);
    assert_true(old->time == at(0) && old->process);
    assert_true(new->time == at(1000) && new->process); /* the one that knows the GUID */
    assert_null(chain_process_by_pid(s, a, 77, at(5001)));
    assert_null(chain_process_by_pid(s, a, 78, at(2000)));
    assert_null(chain_process_by_pid(s, a, 0, at(2000)));
    assert_null(chain_process_by_pid(s, host(&w, "B"), 77, at(2000)));
    assert_ptr_equal(chain_process(s, new->process), new);
    assert_null(chain_process(s, 0));
    world_free(&w);
}

/* PowerShell's 4104 knows a number only: by it the session of the process is found. */
static void
powershell_by_number(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             q = rule(&w, "q", TCS_HIGH, CREDENTIALS, NULL);
    (void)state;
    seen(&w, 0, TCS_OBS_PROCESS, .host = S("A"), .user = S("ELB\\anna"), .session = 0x9cc0b6,
         .pid = 77, .process = S("{p}"));
    hit(&w, 10, r, 1, .host = S("A"), .user = S("ELB\\anna"), .session = 0x9cc0b6,
        .process = S("{o}"));
    hit(&w, 3 * DAY, q, 4104, .host = S("A"), .user_id = S("S-1-5-18"), .pid = 77);
    finish(&w);
    assert_int_equal(alive(&w), 1);
    assert_int_equal(reasons(&w, TCS_JOINED, WHY_SESSION), 1);
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_token),
        cmocka_unit_test(boots),
        cmocka_unit_test(logon_slack),
        cmocka_unit_test(winrm),
        cmocka_unit_test(from_itself),
        cmocka_unit_test(address_to_host),
        cmocka_unit_test(earliest_address_of_a_day),
        cmocka_unit_test(account_of_a_connection),
        cmocka_unit_test(process_numbers),
        cmocka_unit_test(powershell_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

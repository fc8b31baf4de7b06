/* tests/unit/chain/test_entity.c - which names mean the same host, account or address.  The
 * spellings are those that Windows, Sysmon, Kerberos and clouds use; what is equal follows from
 * their meaning. */
#include "chain/chain_int.h"

#include "base/limits.h"
#include "check.h"

static const struct tcs_str no = {0};
#define S(lit) TCS_STR(lit)

static struct chain_entities e;

static int
begin(void **state)
{
    (void)state;
    assert_true(chain_entities_init(&e));
    return 0;
}

static int
end(void **state)
{
    (void)state;
    assert_false(chain_entities_failed(&e));
    chain_entities_done(&e);
    return 0;
}

static bool
same_host(uint32_t a, uint32_t b)
{
    return chain_canon(&e.hosts, a) == chain_canon(&e.hosts, b);
}

static bool
same_account(uint32_t a, uint32_t b)
{
    return chain_canon(&e.accounts, a) == chain_canon(&e.accounts, b);
}

static uint32_t
user(struct tcs_str domain, struct tcs_str name)
{
    return chain_account(&e, domain, name, no);
}

static bool
stopped(uint32_t account)
{
    return e.accounts.at[chain_canon(&e.accounts, account)].stop;
}

static void
short_name_is_the_full_one(void **state)
{
    uint32_t a = chain_host(&e, S("WS05")), b = chain_host(&e, S("ws05.theshire.local")),
             c = chain_host(&e, S("WS05.TheShire.Local")), d = chain_host(&e, S("\\\\ws05")),
             f = chain_host(&e, S("ws05.theshire.local.")), g = chain_host(&e, S("WS05$")),
             other = chain_host(&e, S("ws050.theshire.local"));
    (void)state;
    chain_entities_resolve(&e);
    assert_true(same_host(a, b) && same_host(b, c) && same_host(c, d) && same_host(d, f));
    assert_true(same_host(a, g));
    assert_false(same_host(a, other));
    check_str(chain_shown(&e.hosts, a), "WS05.TheShire.Local"); /* capitals come first */
}

static void
equal_short_names_stay_apart(void **state)
{
    uint32_t a = chain_host(&e, S("dc01.east.example")), b = chain_host(&e, S("DC01")),
             c = chain_host(&e, S("dc01.west.example"));
    (void)state;
    chain_entities_resolve(&e);
    assert_false(same_host(a, c));
    assert_false(same_host(a, b)); /* which of the two cannot be known */
    assert_false(same_host(c, b));
}

static void
addresses_are_no_short_names(void **state)
{
    uint32_t a = chain_host(&e, S("10.0.0.5")), b = chain_host(&e, S("10")),
             c = chain_host(&e, S("fe80::1.x")), d = chain_host(&e, S("fe80::1"));
    (void)state;
    chain_entities_resolve(&e);
    assert_false(same_host(a, b));
    assert_false(same_host(c, d));
    assert_int_equal(chain_host(&e, no), CHAIN_NONE);
    assert_int_equal(chain_host(&e, S("$")), CHAIN_NONE);
    assert_int_equal(chain_host(&e, S("\\\\")), CHAIN_NONE);
}

static void
upn_and_netbios(void **state)
{
    uint32_t a = user(S("THESHIRE"), S("pgustavo")), b = user(no, S("pgustavo@theshire.local")),
             c = user(no, S("TheShire\\PGustavo")),
             d = user(S("THESHIRE.LOCAL"), S("pgustavo@THESHIRE.LOCAL")),
             f = chain_account(&e, no, no, S("pgustavo@theshire.local")),
             other = user(no, S("pgustavo@mordor.local"));
    (void)state;
    chain_entities_resolve(&e);
    assert_true(same_account(a, b) && same_account(b, c) && same_account(c, d));
    assert_true(same_account(a, f));
    assert_false(same_account(a, other));
}

static void
sid_learnt_after_and_before(void **state)
{
    uint32_t early = chain_account(&e, no, no, S("S-1-5-21-1-2-3-1104"));
    uint32_t named = chain_account(&e, S("ELB"), S("j.falk"), S("S-1-5-21-1-2-3-1104"));
    uint32_t late = chain_account(&e, no, S("s-1-5-21-1-2-3-1104"), no);
    uint32_t other = chain_account(&e, no, no, S("S-1-5-21-1-2-3-1105"));
    (void)state;
    assert_false(same_account(early, named)); /* not before all is known */
    chain_entities_resolve(&e);
    assert_true(same_account(early, named) && same_account(late, named));
    assert_false(same_account(other, named));
    check_str(chain_shown(&e.accounts, early), "ELB\\j.falk");
    check_str(chain_shown(&e.accounts, other), "S-1-5-21-1-2-3-1105");
}

/* A record that calls the account by its bare name gives the SID the same account. */
static void
sid_through_a_bare_name(void **state)
{
    uint32_t bare = chain_account(&e, no, S("j.falk"), S("S-1-5-21-1-2-3-1104"));
    uint32_t full = user(S("ELB"), S("j.falk")),
             sid = chain_account(&e, no, no, S("S-1-5-21-1-2-3-1104"));
    (void)state;
    chain_entities_resolve(&e);
    assert_true(same_account(bare, full) && same_account(sid, full));
}

static void
bare_user(void **state)
{
    uint32_t bare = user(no, S("J.Falk")), full = user(S("ELB"), S("j.falk"));
    uint32_t twice = user(no, S("admin")), here = user(S("WS01"), S("admin")),
             there = user(S("WS02"), S("admin"));
    (void)state;
    chain_entities_resolve(&e);
    assert_true(same_account(bare, full));
    assert_false(same_account(twice, here)); /* ambiguous: of neither */
    assert_false(same_account(twice, there));
    assert_false(same_account(here, there)); /* local accounts of two hosts */
}

static void
addresses(void **state)
{
    uint32_t v4 = chain_address(&e, S("172.18.39.5"));
    (void)state;
    assert_int_equal(chain_address(&e, S("::ffff:172.18.39.5")), v4);
    assert_int_equal(chain_address(&e, S("::FFFF:172.18.39.5")), v4);
    assert_int_not_equal(chain_address(&e, S("172.18.39.50")), v4);
    assert_int_equal(chain_address(&e, S("FE80::1%12")), chain_address(&e, S("fe80::1")));
    assert_int_equal(chain_address(&e, S("127.0.0.1")), CHAIN_NONE);
    assert_int_equal(chain_address(&e, S("::ffff:127.0.0.1")), CHAIN_NONE);
    assert_int_equal(chain_address(&e, S("::1")), CHAIN_NONE);
    assert_int_equal(chain_address(&e, S("-")), CHAIN_NONE);
    assert_int_equal(chain_address(&e, no), CHAIN_NONE);
}

static void
system_accounts_join_nothing(void **state)
{
    static const struct {
        struct tcs_str domain, user, id;
    } system[] = {
        {S("NT AUTHORITY"), S("SYSTEM"), {0}},
        {S("NT-AUTORIT\xc3\x84T"), S("LOKALER DIENST"), {0}},
        {S("AUTORITE NT"), S("Syst\xc3\xa8me"), {0}},
        {S("AUTORIDADE NT"), S("SISTEMA"), {0}},
        {{0}, S("SYSTEM"), {0}},
        {{0}, S("ANONYMOUS LOGON"), S("S-1-5-7")},
        {{0}, S("whatever"), S("S-1-5-18")},
        {{0}, {0}, S("S-1-5-19")},
        {{0}, {0}, S("S-1-5-20")},
        {S("Window Manager"), S("DWM-3"), S("S-1-5-90-0-3")},
        {S("Font Driver Host"), S("UMFD-1"), S("S-1-5-96-0-1")},
        {S("ELB"), S("WS05$"), {0}},
        {{0}, S("WS05$@ELB.EXAMPLE"), {0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        assert_true(stopped(chain_account(&e, system[i].domain, system[i].user, system[i].id)));
    assert_false(stopped(user(S("ELB"), S("systemadmin"))));
    assert_false(stopped(user(S("ELB"), S("j.falk"))));
    assert_false(stopped(user(S("ELB"), S("cash$er"))));
    assert_false(stopped(user(S("NTLAB"), S("anna"))));
}

static void
stop_list_in_any_spelling(void **state)
{
    (void)state;
    chain_stop(&e, S("svc_scan"));
    chain_stop(&e, S("jump01"));
    chain_stop(&e, S("10.9.9.9"));
    uint32_t account = user(S("ELB"), S("SVC_Scan")),
             host = chain_host(&e, S("JUMP01.elb.example")),
             elsewhere = user(S("LAB"), S("svc_scan")),
             ip = chain_address(&e, S("::ffff:10.9.9.9")), free_one = user(S("ELB"), S("anna"));
    chain_entities_resolve(&e);
    assert_true(stopped(account));
    assert_true(stopped(elsewhere)); /* the bare name means both */
    assert_true(e.hosts.at[chain_canon(&e.hosts, host)].stop);
    assert_true(e.addresses.at[ip].stop);
    assert_false(stopped(free_one));
}

/* A backslash with nothing before it says nothing. */
static void
empty_domain(void **state)
{
    uint32_t bare = user(no, S("anna")), slash = user(no, S("\\anna")),
             full = user(S("ELB"), S("anna")), twice = user(S("\\ELB"), S("\\anna"));
    (void)state;
    assert_int_equal(bare, slash);
    assert_int_equal(full, twice);
    assert_int_equal(user(no, S("\\")), CHAIN_NONE);
    assert_int_equal(user(no, S("ELB\\")), CHAIN_NONE);
    chain_entities_resolve(&e);
    assert_true(same_account(slash, full));
}

/* The shown spelling and what is the same do not depend on which name came first. */
static void
order_does_not_matter(void **state)
{
    static const struct tcs_str hosts[] = {S("dc01"), S("DC01.elb.example"), S("Dc01.ELB.example")};
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        struct chain_entities x;
        uint32_t id = 0;
        assert_true(chain_entities_init(&x));
        for (int i = 0; i < 3; i++)
            id = chain_host(&x, hosts[(turn + i) % 3]);
        chain_entities_resolve(&x);
        check_str(chain_shown(&x.hosts, id), "DC01.elb.example");
        chain_entities_done(&x);
    }
}

/* Two names that differ only beyond the limit are one, and nothing is written beyond a buffer. */
static void
long_names(void **state)
{
    static char big[3 * TCS_IDENTITY_TEXT_MAX];
    (void)state;
    memset(big, 'A', sizeof big);
    uint32_t a = chain_host(&e, (struct tcs_str){big, sizeof big}),
             b = chain_host(&e, (struct tcs_str){big, TCS_IDENTITY_TEXT_MAX});
    assert_int_equal(a, b);
    a = user((struct tcs_str){big, sizeof big}, (struct tcs_str){big, sizeof big});
    assert_int_equal(e.accounts.at[a].key.n, 2 * TCS_IDENTITY_TEXT_MAX + 1);
    (void)chain_address(&e, (struct tcs_str){big, sizeof big});
    (void)chain_text(&e, (struct tcs_str){big, sizeof big});
    chain_entities_resolve(&e);
}

/* A full table knows what it has; only what is new is unknown. */
static void
full(void **state)
{
    static struct chain_entities own;
    char name[32];
    (void)state;
    assert_true(chain_entities_init(&own));
    uint32_t first = chain_host(&own, S("First"));
    for (uint32_t i = 2; i < TCS_CHAIN_NAMES_MAX; i++) {
        int n = snprintf(name, sizeof name, "h%u", i);
        assert_int_equal(chain_host(&own, (struct tcs_str){name, (size_t)n}), i);
    }
    assert_false(chain_entities_failed(&own));
    assert_int_equal(chain_host(&own, S("new")), CHAIN_NONE);
    assert_true(chain_entities_failed(&own));
    assert_int_equal(chain_host(&own, S("FIRST")), first);
    check_str(own.hosts.at[first].shown, "FIRST");
    assert_int_equal(chain_host(&own, S("h77")), 77);
    assert_int_not_equal(chain_text(&own, S("another table")), CHAIN_NONE);
    chain_entities_done(&own);
}

/* A table of keys that must grow for one more needs nothing for one that it has. */
static void
keys(void **state)
{
    struct chain_keys k = {0};
    (void)state;
    uint64_t next = 1;
    do {
        struct chain_key *slot = chain_keys_put(&k, next);
        assert_int_equal(slot->key, 0);
        slot->key = next++;
    } while (k.n < k.mask / 4 * 3);
    uint32_t mask = k.mask;
    assert_int_equal(chain_keys_put(&k, 5)->key, 5);
    assert_int_equal(k.mask, mask);
    assert_int_equal(chain_keys_put(&k, next)->key, 0);
    assert_int_equal(k.mask, 2 * mask + 1);
    free(k.at);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(short_name_is_the_full_one),
        T(equal_short_names_stay_apart),
        T(addresses_are_no_short_names),
        T(upn_and_netbios),
        T(sid_learnt_after_and_before),
        T(sid_through_a_bare_name),
        T(bare_user),
        T(addresses),
        T(system_accounts_join_nothing),
        T(stop_list_in_any_spelling),
        T(empty_domain),
        T(order_does_not_matter),
        T(long_names),
        T(full),
        T(keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

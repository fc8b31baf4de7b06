/* tests/unit/chain/test_reach.c - where the accounts of an incident can go, by a small network
 * drawn by hand. */
#include "chain_make.h"

/* anna's incident on A and B, between one hour and two. */
static void
incident(struct world *w)
{
    uint32_t b = rule(w, "b", TCS_HIGH, FOOTHOLD, NULL), d = rule(w, "d", TCS_HIGH, LATERAL, NULL);
    hit(w, HOUR, b, 1, .host = S("A"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.1"));
    hit(w, 2 * HOUR, d, 1, .host = S("B"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.1"));
}

static void
logon(struct world *w, int64_t seconds, const char *host, const char *account, uint8_t type)
{
    struct tcs_observation o = {
        .time = at(seconds),
        .kind = TCS_OBS_LOGON,
        .logon_type = type,
        .who = {.host = tcs_base_str_of(host), .target = tcs_base_str_of(account)},
        .evidence = evidence_of(w, 4624)};
    observe(w, &o);
}

static const struct tcs_reach *
find(const struct tcs_incident *in, bool host, const char *name)
{
    for (uint32_t i = 0; i < in->nreach; i++)
        if (in->reach[i].is_host == host &&
            tcs_base_str_eq(in->reach[i].name, tcs_base_str_of(name)))
            return &in->reach[i];
    return NULL;
}

static void
one_hop(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    incident(&w);
    for (int i = 0; i < 14; i++)
        logon(&w, i * 60, i % 2 ? "c.elb.example" : "C", "ELB\\anna", 3);
    seen(&w, 5, TCS_OBS_ADMIN, .host = S("C"), .user = S("ELB\\anna"));
    logon(&w, 10, "A", "ELB\\anna", 3);   /* in the incident already */
    logon(&w, 10, "A", "ELB\\berta", 10); /* leaves its credentials there */
    logon(&w, 10, "A", "ELB\\carl", 3);   /* does not */
    logon(&w, 10, "A", "NT AUTHORITY\\SYSTEM", 5);
    logon(&w, 10, "X", "ELB\\dora", 10); /* not a host of the incident */
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nreach, 2);
    const struct tcs_reach *c = find(in, true, "c.elb.example"), *b = find(in, false, "ELB\\berta");
    assert_non_null(c);
    assert_non_null(b);
    assert_ptr_equal(c, &in->reach[0]); /* hosts first */
    assert_int_equal(c->hops, 1);
    check_str(c->why, "ELB\\anna logged on there 14 times with administrator's rights");
    assert_true(c->last == at(13 * 60));
    check_str(c->evidence.file, "a.evtx");
    assert_int_equal(b->hops, 1);
    check_str(b->why, "its credentials may be on A, where it logged on");
    world_free(&w);
}

static void
kinds_of_logons(void **state)
{
    /* interactive, batch, service, cleartext, remote, cached: not network, unlock, new credentials
     */
    static const struct {
        uint8_t type;
        bool leaves;
    } rows[] = {{2, true}, {3, false}, {4, true},  {5, true}, {7, false},
                {8, true}, {9, false}, {10, true}, {11, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w = world_new(NULL);
        incident(&w);
        logon(&w, 10, "A", "ELB\\berta", rows[i].type);
        assert_int_equal(only(&w)->nreach, rows[i].leaves);
        world_free(&w);
    }
}

static void
two_hops(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    incident(&w);
    logon(&w, 10, "A", "ELB\\berta", 2);
    logon(&w, 20, "D", "ELB\\berta", 3);
    logon(&w, 30, "D", "ELB\\carl", 2);
    logon(&w, 40, "E", "ELB\\carl", 3); /* three hops away */
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nreach, 2);
    assert_int_equal(find(in, false, "ELB\\berta")->hops, 1);
    assert_int_equal(find(in, true, "D")->hops, 2);
    check_str(find(in, true, "D")->why, "ELB\\berta logged on there");
    world_free(&w);
}

static void
groups(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    incident(&w);
    seen(&w, 2 * HOUR, TCS_OBS_MEMBER, .host = S("DC"), .user = S("ELB\\anna"), .target = S("elie"),
         .target_domain = S("ELB"), .object = S("Domain Admins"));
    seen(&w, HOUR - 1, TCS_OBS_MEMBER, .host = S("DC"), .user = S("ELB\\anna"), .target = S("old"),
         .target_domain = S("ELB"), .object = S("Domain Admins")); /* before it all */
    seen(&w, 2 * HOUR, TCS_OBS_MEMBER, .host = S("DC"), .user = S("ELB\\zoe"), .target = S("new"),
         .target_domain = S("ELB"), .object = S("Domain Admins")); /* by somebody else */
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nreach, 1);
    check_str(in->reach[0].name, "ELB\\elie");
    check_str(in->reach[0].why, "ELB\\anna put it into the group Domain Admins");
    world_free(&w);
}

/* The same log given twice is not twice as many logons. */
static void
copies(void **state)
{
    struct world w = world_new(NULL);
    struct tcs_observation o = {.time = at(5),
                                .kind = TCS_OBS_LOGON,
                                .logon_type = 3,
                                .who = {.host = S("C"),
                                        .target = S("ELB\\anna"),
                                        .source_host = S("A"),
                                        .source_ip = S("10.0.0.1")}};
    (void)state;
    incident(&w);
    o.evidence = evidence_of(&w, 4624);
    observe(&w, &o);
    o.evidence.file = S("z.evtx");
    o.evidence.offset = 1;
    observe(&w, &o);
    check_str(find(only(&w), true, "C")->why, "ELB\\anna logged on there");
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_hop), cmocka_unit_test(kinds_of_logons), cmocka_unit_test(two_hops),
        cmocka_unit_test(groups),  cmocka_unit_test(copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/chain/test_resolve.c - an incident in words and lists: ids, names, origin, reasons,
 * arrows, what is missing.  Sentences are those that docs/chain.md promises: who, where, from
 * where. */
#include "chain_make.h"

static const struct tcs_join *
join_with(const struct tcs_incident *in, const char *part)
{
    for (uint32_t i = 0; i < in->njoins; i++)
        if (has_text(in->joins[i].reason, part))
            return &in->joins[i];
    return NULL;
}

/* Account, then foothold; `swap`: fed the other way round, and from a copy of the log; `from`:
 * other records. */
static void
small(struct world *w, bool swap, uint64_t from)
{
    uint32_t r[2];
    r[swap] = rule(w, swap ? "b" : "a", TCS_HIGH, swap ? FOOTHOLD : ACCOUNT, NULL);
    r[!swap] = rule(w, swap ? "a" : "b", TCS_HIGH, swap ? ACCOUNT : FOOTHOLD, NULL);
    for (int i = 0; i < 2; i++) {
        int k = i ^ swap;
        struct tcs_finding d = {.time = at(k * 100),
                                .first = at(k * 100),
                                .signature = r[k],
                                .count = 1,
                                .who = {.host = S("A"), .user = S("ELB\\anna")},
                                .evidence = {.file = swap ? S("copy.evtx") : S("a.evtx"),
                                             .channel = S("Log"),
                                             .record_id = 70 + (uint64_t)k,
                                             .offset = swap ? 5 : 9,
                                             .event_id = 1,
                                             .key = key_of(70 + (uint64_t)k + from)}};
        detect(w, &d);
    }
}

static void
ids(void **state)
{
    char id[3][TCS_INCIDENT_ID + 1];
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct world w = world_new(NULL);
        small(&w, i == 1, i == 2 ? 9 : 0);
        memcpy(id[i], only(&w)->id, sizeof id[i]);
        assert_int_equal(strspn(id[i], "0123456789abcdef"), TCS_INCIDENT_ID);
        world_free(&w);
    }
    assert_string_equal(id[0], id[1]); /* of the record, not of the file or the order */
    assert_string_not_equal(id[0], id[2]);
}

/* Its id stays when more is known later. */
static void
id_stays(void **state)
{
    char id[TCS_INCIDENT_ID + 1];
    struct world w = world_new(NULL);
    (void)state;
    small(&w, false, 0);
    memcpy(id, only(&w)->id, sizeof id);
    world_free(&w);
    w = world_new(NULL);
    small(&w, false, 0);
    hit(&w, 900, rule(&w, "d", TCS_HIGH, LATERAL, NULL), 1, .host = S("A"), .user = S("ELB\\anna"));
    assert_string_equal(only(&w)->id, id);
    world_free(&w);
}

/* The spray from outside, the host it reached, and onwards. */
static void
course(struct world *w)
{
    uint32_t a = rule(w, "spray", TCS_HIGH, ACCOUNT, "T1110.003"),
             b = rule(w, "shell", TCS_CRITICAL, FOOTHOLD, "T1059"),
             d = rule(w, "smb", TCS_HIGH, LATERAL, "T1021.002");
    seen(w, 0, TCS_OBS_LOGON, .host = S("WS.elb.example"), .target = S("ELB\\anna"),
         .target_session = 0x9cc0b6, .source_ip = S("203.0.113.1"));
    hit(w, 10, a, 4624, .host = S("WS.elb.example"), .target = S("ELB\\anna"),
        .target_session = 0x9cc0b6, .source_ip = S("203.0.113.1"), .activity = TCS_ACT_LOGON);
    hit(w, 100, b, 1, .host = S("WS"), .user = S("anna@elb.example"), .session = 0x9cc0b6);
    seen(w, 190, TCS_OBS_LOGON, .host = S("FS"), .target = S("ELB\\anna"), .target_session = 0x77,
         .source_host = S("WS"));
    hit(w, 200, d, 1, .host = S("FS"), .user = S("ELB\\anna"), .session = 0x77);
}

static void
names_and_origin(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    course(&w);
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nhosts, 2);
    check_str(in->hosts[0], "WS.elb.example"); /* most happened there */
    check_str(in->hosts[1], "FS");
    assert_int_equal(in->naccounts, 1);
    check_str(in->accounts[0], "ELB\\anna");
    check_str(in->addresses[0], "203.0.113.1");
    check_str(in->origin_account, "ELB\\anna");
    check_str(in->origin_address, "203.0.113.1");
    check_str(in->origin_host, "WS.elb.example");
    assert_int_equal(in->ntechniques, 3);
    check_str(in->techniques[0], "T1110.003");
    check_str(in->techniques[2], "T1021.002");
    assert_int_equal(in->state, TCS_STATE_WARN);
    assert_true(in->first == at(10) && in->last == at(200));
    assert_true(has_text(in->summary, "ELB\\anna"));
    assert_true(has_text(in->summary, "203.0.113.1"));
    assert_true(has_text(in->summary, "WS"));
    assert_true(has_text(in->summary, "FS"));
    assert_true(has_text(in->summary, "2026-03-17"));
    world_free(&w);
}

static void
reasons_and_arrows(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    course(&w);
    const struct tcs_incident *in = only(&w);
    const struct tcs_join *session = join_with(in, "same logon session 0x9cc0b6 on WS"),
                          *hop = join_with(in, "session of ELB\\anna came from WS");
    assert_non_null(session);
    assert_int_equal(session->strength, TCS_JOIN_STRONG);
    assert_int_equal(session->link, 1);
    assert_int_equal(session->to, 0);
    assert_non_null(hop);
    assert_int_equal(hop->kind, TCS_JOINED);
    assert_int_equal(hop->strength, TCS_JOIN_MEDIUM);
    check_str(hop->from_host, "WS.elb.example");
    check_str(hop->to_host, "FS");
    assert_int_equal(hop->link, 2);
    world_free(&w);
}

static void
missing_and_next(void **state)
{
    struct world w = world_new(NULL);
    (void)state;
    course(&w);
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nmissing, 1); /* credentials; destruction is not missing but to come */
    assert_int_equal(in->missing[0].stage, CREDENTIALS);
    assert_true(in->missing[0].text.n > 0);
    assert_true(in->nexpected > 0 && in->nmitigations > 0);
    for (uint32_t i = 0; i < in->nmitigations; i++)
        assert_null(memchr(in->mitigations[i].text.p, '{', in->mitigations[i].text.n));
    world_free(&w);
}

/* One more of the same is counted, not told again. */
static void
repeats(void **state)
{
    struct world w = world_new(NULL);
    uint32_t a = rule(&w, "a", TCS_HIGH, ACCOUNT, NULL),
             b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    for (int i = 0; i < 50; i++)
        hit(&w, i * 10, a, 1, .host = S("A"), .user = S("ELB\\anna"));
    hit(&w, 600, b, 1, .host = S("A"), .user = S("ELB\\anna"));
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nlinks, 2);
    assert_int_equal(in->links[0].count, 50);
    assert_true(in->links[0].time == at(0) && in->links[0].last == at(490));
    assert_int_equal(in->detections, 51);
    assert_int_equal(in->njoins, 1);
    world_free(&w);
}

/* Incidents come by their first time. */
static void
sorted(void **state)
{
    struct world w = world_new(NULL);
    uint32_t a = rule(&w, "a", TCS_HIGH, ACCOUNT, NULL),
             b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL), n;
    static const struct tcs_str hosts[] = {S("C"), S("A"), S("B")};
    (void)state;
    for (int i = 2; i >= 0; i--) {
        hit(&w, i * 1000, a, 1, .host = hosts[i], .session = 0x11);
        hit(&w, i * 1000 + 5000, b, 1, .host = hosts[i], .session = 0x11);
    }
    finish(&w);
    const struct tcs_incident *in = tcs_chain_incidents(w.c, &n);
    assert_int_equal(n, 3);
    for (int i = 0; i < 3; i++)
        check_str(in[i].hosts[0], hosts[i].p);
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),
        cmocka_unit_test(id_stays),
        cmocka_unit_test(names_and_origin),
        cmocka_unit_test(reasons_and_arrows),
        cmocka_unit_test(missing_and_next),
        cmocka_unit_test(repeats),
        cmocka_unit_test(sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/unit/chain/test_room.c - the true incident under a flood of forged findings and logons,
 * before, between and after it: the limits of the chain are shared by log, then by rule, host and
 * account (docs/adr/0031), so who floods evicts his own.  Truth: what is told without the flood. */
#include "base/limits.h"
#include "chain_make.h"

#include <stdlib.h>

enum { FLOOD = 6000, MAX = 1000 };

/* What an attacker can make up in his own log. */
enum forged { ONE_HOST, MANY_HOSTS, MANY_ACCOUNTS, MANY_RULES, TRUE_NAMES, LOGONS, FORGED };

struct rules {
    uint32_t run, steal, move, wipe, many[64];
};

static struct rules
add_rules(struct world *w)
{
    struct rules r = {rule(w, "run", TCS_HIGH, FOOTHOLD, "T1059.001"),
                      rule(w, "steal", TCS_CRITICAL, CREDENTIALS, "T1003.001"),
                      rule(w, "move", TCS_HIGH, LATERAL, "T1021.002"),
                      rule(w, "wipe", TCS_CRITICAL, DESTROY, "T1490"),
                      {0}};
    char id[16];
    for (uint32_t i = 0; i < 64; i++) {
        snprintf(id, sizeof id, "forged%u", i);
        r.many[i] = rule(w, id, TCS_CRITICAL, CREDENTIALS, "T1003");
    }
    return r;
}

static void
put(struct world *w, const char *file, struct tcs_finding d)
{
    d.evidence = evidence_of(w, 4688);
    d.evidence.file = tcs_base_str_of(file);
    d.first = d.time;
    d.count = 1;
    detect(w, &d);
}

/* Steps of the intrusion: half of them, or the other half. */
static void
truth(struct world *w, const struct rules *r, int part)
{
    const struct tcs_identity ws = {.host = S("WS07"), .user = S("ELB\\anna"), .session = 0x77};
    const struct tcs_identity fs = {.host = S("FS02"), .user = S("ELB\\anna"), .session = 0x99};
    const struct tcs_observation logon = {.time = at(HOUR + 1200),
                                          .kind = TCS_OBS_LOGON,
                                          .logon_type = 3,
                                          .who = {.host = S("FS02"),
                                                  .target = S("ELB\\anna"),
                                                  .target_session = 0x99,
                                                  .source_host = S("WS07"),
                                                  .source_ip = S("10.0.0.7")},
                                          .evidence = {.file = S("true.evtx"),
                                                       .channel = S("Log"),

                                                       .record_id = 900000,
                                                       .key = key_of(900000)}};
    if (part == 0) {
        put(w, "true.evtx", (struct tcs_finding){.time = at(HOUR), .signature = r->run, .who = ws});
        put(w, "true.evtx",
            (struct tcs_finding){.time = at(HOUR + 600), .signature = r->steal, .who = ws});
        observe(w, &logon);
        return;
    }
    put(w, "true.evtx",
        (struct tcs_finding){.time = at(HOUR + 1201), .signature = r->move, .who = fs});
    put(w, "true.evtx",
        (struct tcs_finding){.time = at(HOUR + 1800), .signature = r->wipe, .who = fs});
}

static void
flood(struct world *w, const struct rules *r, enum forged kind, uint32_t from, const char *file)
{
    char host[24], user[24];
    for (uint32_t i = from; i < from + FLOOD; i++) {
        snprintf(host, sizeof host, "INV%u", kind == MANY_HOSTS || kind == LOGONS ? i : 1);
        snprintf(user, sizeof user, "inv%u", kind == MANY_ACCOUNTS || kind == LOGONS ? i : 1);
        struct tcs_finding d = {
            .time = at(i),
            .signature = kind == MANY_RULES ? r->many[i % 64] : r->steal,
            .who = {.host = tcs_base_str_of(host), .user = tcs_base_str_of(user)}};
        if (kind == TRUE_NAMES) { /* a day after: the same names on the day itself would join */
            d.time = at(30 * DAY + i);
            d.who.host = S("WS07");
        }
        if (kind != LOGONS) {
            put(w, file, d);
            continue;
        }
        struct tcs_observation o = {.time = d.time,
                                    .kind = TCS_OBS_LOGON,
                                    .logon_type = 3,
                                    .who = {.host = d.who.host,
                                            .target = d.who.user,
                                            .source_host = d.who.user,
                                            .source_ip = d.who.host,
                                            .target_session = i},
                                    .evidence = evidence_of(w, 4624)};
        o.evidence.file = tcs_base_str_of(file);
        observe(w, &o);
    }
}

/* Of the incident that the true findings are of. */
static const struct tcs_incident *
true_one(const struct world *w)
{
    uint32_t n;
    const struct tcs_incident *in = tcs_chain_incidents(w->c, &n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < in[i].nlinks; k++)
            if (tcs_base_str_ieq(in[i].links[k].host, S("FS02")))
                return &in[i];
    return NULL;
}

static void
check_truth(struct world *w)
{
    finish(w);
    const struct tcs_incident *in = true_one(w);
    assert_non_null(in);
    assert_int_equal(in->state, TCS_STATE_IMMINENT);
    assert_int_equal(in->stages,
                     1u << FOOTHOLD | 1u << CREDENTIALS | 1u << LATERAL | 1u << DESTROY);
    assert_int_equal(in->nlinks, 4);
    for (uint32_t i = 0; i < in->nlinks; i++)
        check_str(in->links[i].account, "ELB\\anna");
}

static struct world
small(void)
{
    return world_new(&(struct tcs_chain_opts){
        .max_findings = MAX, .max_observations = MAX, .max_hosts = MAX, .max_apart = MAX});
}

static void
alone(void **state)
{
    (void)state;
    struct world w = small();
    struct rules r = add_rules(&w);
    truth(&w, &r, 0);
    truth(&w, &r, 1);
    check_truth(&w);
    world_free(&w);
}

/* claim: shares */
static void
under_a_flood(void **state)
{
    (void)state;
    for (enum forged kind = 0; kind < FORGED; kind++)
        for (int place = 0; place < 3; place++) {
            struct world w = small();
            struct rules r = add_rules(&w);
            uint32_t n;
            if (place == 0)
                flood(&w, &r, kind, 0, "forged.json");
            truth(&w, &r, 0);
            if (place == 1)
                flood(&w, &r, kind, 0, "forged.json");
            truth(&w, &r, 1);
            if (place == 2)
                flood(&w, &r, kind, 0, "forged.json");
            check_truth(&w);
            const struct tcs_chain_stats *s = tcs_chain_stats(w.c);
            const struct tcs_left_out *l = tcs_chain_left_out(w.c, &n);
            assert_int_equal(n, 1);
            check_str(l->source, "forged.json");
            assert_int_equal(l->grave, s->dropped_grave);
            assert_int_equal(l->findings, kind == LOGONS ? 0 : FLOOD + 4 - MAX);
            assert_int_equal(s->dropped_observations, l->observations);
            assert_true(kind != LOGONS || l->observations > FLOOD);
            world_free(&w);
        }
}

/* In the same log: rules cannot be invented, so what other rules say stays, however many hosts are
 * made up. */
static void
in_its_own_log(void **state)
{
    (void)state;
    for (enum forged kind = MANY_HOSTS; kind <= MANY_RULES; kind++) {
        struct world w = small();
        struct rules r = add_rules(&w);
        uint32_t steal = r.steal;
        truth(&w, &r, 0);
        r.steal = r.many[0];
        flood(&w, &r, kind, 0, "true.evtx");
        r.steal = steal;
        truth(&w, &r, 1);
        check_truth(&w);
        assert_int_equal(tcs_chain_stats(w.c)->dropped_grave, FLOOD + 4 - MAX);
        world_free(&w);
    }
}

/* Members of an archive are one source, however many there are. */
static void
in_an_archive(void **state)
{
    (void)state;
    struct world w = small();
    struct rules r = add_rules(&w);
    char file[32];
    uint32_t n;
    truth(&w, &r, 0);
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(file, sizeof file, "x.zip!%u.json", i);
        put(&w, file,
            (struct tcs_finding){.time = at(i), .signature = r.steal, .who = {.host = S("INV")}});
    }
    truth(&w, &r, 1);
    check_truth(&w);
    check_str(tcs_chain_left_out(w.c, &n)->source, "x.zip");
    assert_int_equal(n, 1);
    world_free(&w);
}

/* Names of what was left out are gone, and long ones cannot take more than names may. */
static void
names_have_a_limit(void **state)
{
    (void)state;
    enum { ROOM = 1 << 20 };
    struct world w = world_new(&(struct tcs_chain_opts){.max_name_bytes = ROOM});
    struct rules r = add_rules(&w);
    char host[600];
    memset(host, 'x', sizeof host);
    truth(&w, &r, 0);
    for (uint32_t i = 0; i < 20000; i++) {
        snprintf(host, 12, "h%09u", i);
        host[10] = 'x';
        put(&w, "forged.json",
            (struct tcs_finding){
                .time = at(i), .signature = r.steal, .who = {.host = {host, 500}}});
        assert_true(chain_entities_bytes(&w.c->e) < ROOM + 4096);
    }
    truth(&w, &r, 1);
    check_truth(&w);
    assert_false(tcs_chain_stats(w.c)->names_full);
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone),
        cmocka_unit_test(under_a_flood),
        cmocka_unit_test(in_its_own_log),
        cmocka_unit_test(in_an_archive),
        cmocka_unit_test(names_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

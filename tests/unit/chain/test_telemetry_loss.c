/* tests/unit/chain/test_telemetry_loss.c - a host that falls silent after a finding, and recordings
 * that just end: the first is said, the second is not. */
#include "chain_make.h"

#include "base/limits.h"

static const char id[] = "tocsin:host-silent";

static void
seen_host(struct world *w, const char *host, int64_t first, int64_t last)
{
    const struct tcs_host_seen h = {tcs_base_str_of(host), S("a.evtx"), at(first), at(last)};
    assert_int_equal(tcs_chain_host_seen(w->c, &h, NULL), 0);
}

/* Findings of telemetry loss. */
static uint32_t
silent(struct world *w)
{
    uint32_t n = 0;
    finish(w);
    for (uint32_t i = 0; i < w->c->nfindings; i++)
        n += tcs_base_str_eq(w->c->sigs[w->c->findings[i].sig].s.id, tcs_base_str_of(id));
    world_free(w);
    return n;
}

struct story {
    uint8_t level, stage;
    const char *technique;
    int64_t before, after;        /* how long A was seen before and after the finding */
    int64_t other_from, other_to; /* when B was seen, from the end of A */
    uint32_t silent;
};

static void
tell(struct story t)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", t.level, t.stage, t.technique);
    const int64_t when = DAY, end = when + t.after;
    seen_host(&w, "A", when - t.before, end);
    seen_host(&w, "B", end + t.other_from, end + t.other_to);
    hit(&w, when, r, 10, .host = S("a.elb.example"), .user = S("ELB\\anna"));
    assert_int_equal(silent(&w), t.silent);
}

static void
falls_silent(void **state)
{
    const struct story yes = {TCS_HIGH, CREDENTIALS, "T1003", HOUR, 300, -2 * HOUR, HOUR, 1};
    struct story t = yes;
    (void)state;
    tell(t);
    t.stage = LATERAL, t.technique = "T1021", tell(t);
    t = yes, t.after = 0, tell(t);
    t = yes, t.other_to = W_LOSS_PROOF_S, tell(t);
}

static void
does_not(void **state)
{
    const struct story yes = {TCS_HIGH, CREDENTIALS, "T1003", HOUR, 300, -2 * HOUR, HOUR, 0};
    struct story t = yes;
    (void)state;
    t.after = W_LOSS_S + 1, tell(t);                   /* it went on */
    t = yes, t.other_to = W_LOSS_PROOF_S - 1, tell(t); /* the recording ends for all */
    t = yes, t.other_to = -1, tell(t);
    t = yes, t.other_from = -W_LOSS_S, tell(t); /* B was switched on just then */
    t = yes, t.before = HOUR - 1, tell(t);      /* hardly known */
    t = yes, t.level = TCS_MEDIUM, tell(t);
    t = yes, t.stage = FOOTHOLD, t.technique = "T1059", tell(t);
    t = yes, t.technique = NULL, tell(t);
}

/* One host alone cannot tell: its recording may just end. */
static void
alone(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, CREDENTIALS, "T1003");
    (void)state;
    seen_host(&w, "A", 0, DAY);
    hit(&w, DAY, r, 10, .host = S("A"));
    assert_int_equal(silent(&w), 0);
}

/* It is part of the incident of the finding, at the time of the last record, and no second stage of
 * it; nor a security tool seen going off. */
static void
joins_its_finding(void **state)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", TCS_HIGH, FOOTHOLD, "T1068"),
             c = rule(&w, "c", TCS_HIGH, CREDENTIALS, "T1003");
    (void)state;
    for (int i = 0; i < 3; i++)
        seen_host(&w, i == 0 ? "A" : i == 1 ? "B" : "C", 0, i == 2 ? 2 * DAY : DAY);
    hit(&w, DAY - 100, b, 1, .host = S("A"), .user = S("ELB\\anna"));
    hit(&w, DAY - 50, c, 10, .host = S("A"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.1"));
    hit(&w, DAY - 40, c, 10, .host = S("B"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.1"));
    hit(&w, DAY - 40, c, 10, .host = S("B"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.1"));
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->state, TCS_STATE_WATCH);
    assert_int_equal(in->nlinks, 5);
    check_str(in->links[3].rule_id, id);
    check_str(in->links[4].rule_id, id);
    assert_true(in->links[3].time == at(DAY) && in->links[4].time == at(DAY));
    assert_int_equal(in->stages, 1u << FOOTHOLD | 1u << CREDENTIALS);
    world_free(&w);
}

/* However often and in whatever turns: one span for each. */
static void
one_span_for_each(void **state)
{
    struct world w = world_new(NULL);
    char name[16];
    (void)state;
    for (int i = 0; i < 1000 * 1000; i++)
        seen_host(&w, "A", i, i + 1);
    assert_true(w.c->cap_spans <= 16);     /* the least room that is made */
    for (int i = 0; i < 100 * 1000; i++) { /* more in turn than any window of the last ones */
        snprintf(name, sizeof name, "h%d", i % 1000);
        seen_host(&w, name, i, i + 1);
    }
    assert_true(w.c->cap_spans <= 2048);
    finish(&w);
    for (uint32_t h = 1; h < w.c->e.hosts.n; h++) {
        struct tcs_str host = w.c->e.hosts.at[h].shown;
        bool a = host.p[0] == 'A';
        int i = a ? 0 : atoi(host.p + 1);
        assert_true(w.c->host_first[h] == at(i));
        assert_true(w.c->host_last[h] == at(a ? 1000 * 1000 : i + 99 * 1000 + 1));
    }
    assert_int_equal(w.c->e.hosts.n, 1002);
    assert_int_equal(tcs_chain_stats(w.c)->hosts_left_out, 0);
    world_free(&w);
}

/* Hosts beyond the limit are counted, and are those of the log that has most. */
static void
beyond_the_limit(void **state)
{
    struct world w = world_new(&(struct tcs_chain_opts){.max_hosts = 1000});
    char name[16];
    (void)state;
    seen_host(&w, "before", 0, 10);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "h%d", i);
        const struct tcs_host_seen h = {tcs_base_str_of(name), S("forged.json"), at(5), at(6)};
        assert_int_equal(tcs_chain_host_seen(w.c, &h, NULL), 0);
    }
    seen_host(&w, "after", 0, 10);
    seen_host(&w, "before", 20, 30);
    finish(&w);
    assert_int_equal(tcs_chain_stats(w.c)->hosts_left_out, 4002);
    uint32_t before = chain_host(&w.c->e, S("before")), after = chain_host(&w.c->e, S("after"));
    assert_true(w.c->host_first[before] == at(0) && w.c->host_last[before] == at(30));
    assert_true(w.c->host_first[after] == at(0) && w.c->host_last[after] == at(10));
    assert_int_equal(w.c->e.hosts.n, 1001); /* names of what was left out are gone too */
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(falls_silent),
        cmocka_unit_test(does_not),
        cmocka_unit_test(alone),
        cmocka_unit_test(joins_its_finding),
        cmocka_unit_test(one_span_for_each),
        cmocka_unit_test(beyond_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

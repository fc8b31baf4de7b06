/* property/test_chain_deduplication.c - folding repetitions while they are taken in loses
 * nothing: what is left is what was different, counted by hand. */
#include "report/incident_json.h"
#include "unit/chain/chain_make.h"

enum { DIFFERENT = 12000 };

static uint32_t
kinds(const struct world *w, uint8_t kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->c->nobs; i++)
        n += w->c->obs[i].kind == kind;
    return n;
}

static void
shares(struct world *w, uint64_t from_record)
{
    w->record = from_record;
    for (int64_t i = 0; i < DIFFERENT; i++)
        seen(w, HOUR + i, TCS_OBS_SHARE, .host = S("fs02"), .user = S("a.berg"), .session = 7);
}

/* An address that an earlier record tells again after a fold, in which all places have moved, does
 * not take the place of something else. */
static void
address_after_fold(void **state)
{
    (void)state;
    struct world w = world_new(NULL);
    shares(&w, 0);
    w.record = 0;
    for (int64_t i = 0; i < 4000; i++) /* a second copy: folded with what follows */
        seen(&w, HOUR + i, TCS_OBS_SHARE, .host = S("fs02"), .user = S("a.berg"), .session = 7);
    w.record = 50000;
    seen(&w, 5 * HOUR, TCS_OBS_ADDRESS, .source_host = S("ws07"), .source_ip = S("10.20.4.37"),
         .host = S("dc01"));
    shares(&w, 100000);
    w.record = 60000;
    seen(&w, HOUR / 2, TCS_OBS_ADDRESS, .source_host = S("ws07"), .source_ip = S("10.20.4.37"),
         .host = S("dc01"));
    finish(&w);
    assert_int_equal(kinds(&w, TCS_OBS_SHARE), 2 * DIFFERENT);
    assert_int_equal(kinds(&w, TCS_OBS_ADDRESS), 1);
    world_free(&w);
}

/* One copy of a log: findings of three stages on ten hosts, and the logons they belong to. */
static void
copy_of_log(struct world *w, struct tcs_str file)
{
    static const char *const hosts[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    const uint32_t rules[] = {rule(w, "run", TCS_HIGH, FOOTHOLD, NULL),
                              rule(w, "steal", TCS_HIGH, CREDENTIALS, NULL),
                              rule(w, "move", TCS_MEDIUM, LATERAL, NULL)};
    w->record = 0;
    for (int64_t i = 0; i < DIFFERENT; i++) {
        struct tcs_identity who = {.host = tcs_base_str_of(hosts[i % 10]), .session = 100};
        struct tcs_finding d = {.time = at(60 * i), .first = at(60 * i), .count = 1, .who = who};
        struct tcs_observation o = {.time = at(60 * i), .kind = TCS_OBS_LOGON, .logon_type = 3};
        d.who.user = i % 7 ? S("a.berg") : S("SYSTEM");
        d.signature = rules[i % 3];
        d.evidence = evidence_of(w, 4688);
        d.evidence.file = file;
        detect(w, &d);
        o.who =
            (struct tcs_identity){.host = who.host, .target = S("a.berg"), .source_host = S("a")};
        o.who.target_session = i % 2 ? 100 : 200;
        o.evidence = evidence_of(w, 4624);
        o.evidence.file = file;
        observe(w, &o);
    }
}

/* What is told of three copies of a log, the first in order of names fed in between. */
static struct tcs_buf
incidents_of(bool folds, uint32_t *taken)
{
    struct world w = world_new(NULL);
    struct tcs_buf b = {0};
    uint32_t n;
    w.c->fold_dets = w.c->fold_obs = folds ? 0 : UINT32_MAX;
    copy_of_log(&w, S("b.evtx"));
    copy_of_log(&w, S("a.evtx"));
    copy_of_log(&w, S("c.evtx"));
    *taken = w.c->ndets + w.c->nobs;
    finish(&w);
    const struct tcs_incident *in = tcs_chain_incidents(w.c, &n);
    for (uint32_t i = 0; i < n; i++)
        tcs_report_incident_json(&b, &in[i]);
    tcs_base_buf_printf(&b, "%llu", (unsigned long long)tcs_chain_stats(w.c)->repeated);
    world_free(&w);
    return b;
}

static void
same_as_without(void **state)
{
    (void)state;
    uint32_t less, all;
    struct tcs_buf with_it = incidents_of(true, &less), without = incidents_of(false, &all);
    assert_int_equal(all, 6 * DIFFERENT);
    assert_true(less < all / 3 * 2);
    assert_true(without.n > 100); /* there is an incident */
    assert_int_equal(with_it.n, without.n);
    assert_memory_equal(with_it.p, without.p, with_it.n);
    tcs_base_buf_done(&with_it);
    tcs_base_buf_done(&without);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(address_after_fold),
                                       cmocka_unit_test(same_as_without)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

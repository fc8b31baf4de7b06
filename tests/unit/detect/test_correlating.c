/* Tests detect/correlating.c, alone and behind an engine: what is kept of matches, what their
 * results say, and what comes back from a store.  The rules are made up; expected values are what
 * was pushed, counted by hand. */
#include "rig.h"

static const struct tcs_origin a = {.path = TCS_STR("/a/log.evtx")},
                               b = {.path = TCS_STR("/b/log.evtx")};
static const char rules[] =
    RIG_RULE("1", "failed", "4625", "low") RIG_MANY("2", "many", "failed", "4");

/* --- alone --- */

struct who {
    const char *host, *account, *source_ip;
};

/* One failed logon each second, of the value's group. */
static void
push_of(struct tcs_correlating *c, const struct tcs_origin *log, struct tcs_str value,
        int64_t second, struct who who)
{
    struct tcs_err err = {0};
    const struct tcs_batch_match m = {
        .match = {.time =
                      second == INT64_MIN ? TCS_TIME_NONE : (RIG_DAY + second) * TCS_TICKS_PER_SEC,
                  .record = (uint64_t)second,
                  .values = &value,
                  .nvalues = 1},
        .evidence = {.file = log->path, .record_id = (uint64_t)second},
        .host = tcs_base_str_of(who.host),
        .account = tcs_base_str_of(who.account),
        .source_ip = tcs_base_str_of(who.source_ip)};
    if (tcs_detect_correlating_push(c, &m, log, &err) < 0)
        fail_msg("%s", err.msg);
}

static void
push(struct tcs_correlating *c, int64_t second, struct who who)
{
    push_of(c, &a, TCS_STR("192.0.2.7"), second, who);
}

static const struct tcs_correlated *
finish(struct tcs_correlating *c, uint32_t want)
{
    struct tcs_err err = {0};
    uint32_t n;
    if (tcs_detect_correlating_finish(c, &err) < 0)
        fail_msg("%s", err.msg);
    const struct tcs_correlated *f = tcs_detect_correlated(c, &n);
    assert_int_equal(n, want);
    return f;
}

/* Two names fit: what is known stays known, what is new is left out and counted. */
static void
test_full_table_of_names(void **state)
{
    static const char *const hosts[] = {"A", "", "A", ""}, *const accounts[] = {"a", "", "a", "a"};
    struct tcs_detector *d = rig_detector(rules);
    (void)state;
    struct tcs_correlating *c = tcs_detect_correlating_new(tcs_detect_rulebook(d), NULL);
    assert_non_null(c);
    tcs_detect_correlating_limit(c, 2, 100);
    push(c, 1, (struct who){"A", "a", ""});
    push(c, 2, (struct who){"B", "b", ""});
    push(c, 3, (struct who){"A", "a", ""});
    push(c, 4, (struct who){"C", "a", ""});
    const struct tcs_correlated *f = finish(c, 1);
    assert_int_equal(f->count, 4);
    for (uint32_t i = 0; i < f->nrefs; i++) {
        struct tcs_correlated_record e = tcs_detect_correlated_record(c, f->refs[i]);
        assert_in_range(e.record_id, 1, 4);
        check_str(e.host, hosts[e.record_id - 1]);
        check_str(e.account, accounts[e.record_id - 1]);
    }
    assert_int_equal(tcs_detect_correlating_nameless(c), 3); /* B, b, C */
    tcs_detect_correlating_free(c);
    tcs_detect_unref(d);
}

/* What all records say the result says; what they differ about it does not. */
static void
test_parties(void **state)
{
    struct tcs_detector *d = rig_detector(rules);
    (void)state;
    for (int same = 0; same < 2; same++) {
        struct tcs_correlating *c = tcs_detect_correlating_new(tcs_detect_rulebook(d), NULL);
        for (int64_t i = 1; i <= 4; i++)
            push(c, i,
                 (struct who){i % 2 ? "dc01" : "DC01", i == 2 && !same ? "b" : "a",
                              i == 3 && !same ? "192.0.2.8" : "192.0.2.9"});
        const struct tcs_correlated *f = finish(c, 1);
        check_str(f->host, "dc01"); /* without case; as the first has it */
        check_str(f->account, same ? "a" : "");
        check_str(f->source_ip, same ? "192.0.2.9" : "");
        assert_true(f->some_host && f->some_account);
        assert_true(f->is_new);
        tcs_detect_correlating_free(c);
    }
    tcs_detect_unref(d);
}

/* No window sees what has no time. */
static void
test_timeless(void **state)
{
    struct tcs_detector *d = rig_detector(rules);
    (void)state;
    struct tcs_correlating *c = tcs_detect_correlating_new(tcs_detect_rulebook(d), NULL);
    for (int64_t i = 1; i <= 3; i++)
        push(c, i, (struct who){"A", "a", ""});
    push(c, INT64_MIN, (struct who){"A", "a", ""});
    push(c, INT64_MIN, (struct who){"A", "a", ""});
    finish(c, 0);
    assert_int_equal(tcs_detect_correlating_stats(c)->timeless, 2);
    assert_int_equal(tcs_detect_correlating_stats(c)->matches, 5);
    tcs_detect_correlating_free(c);
    tcs_detect_unref(d);
}

/* A match in the store's words and back; bytes that cannot be such are refused. */
static void
test_packed(void **state)
{
    struct tcs_str values[] = {TCS_STR("192.0.2.7"), {NULL, 0}, TCS_STR("x")};
    struct tcs_batch_match m = {.match = {.time = 5, .values = values, .nvalues = 3},
                                .evidence = {.record_id = 7, .offset = 9},
                                .host = TCS_STR("H"),
                                .source_ip = TCS_STR("s"),
                                .about_target = true},
                           back;
    struct tcs_store_match packed;
    struct tcs_buf buf = {0};
    struct tcs_arena *arena = tcs_base_arena_new(0);
    (void)state;
    tcs_detect_match_pack(&m, &buf, &packed);
    assert_int_equal(packed.values.n, 3 * 4 + 9 + 1); /* each behind its length */
    assert_true(tcs_detect_match_unpack(&packed, arena, &back));
    assert_int_equal(back.match.nvalues, 3);
    for (int i = 0; i < 3; i++)
        assert_true(tcs_base_str_eq(back.match.values[i], values[i]));
    assert_int_equal(back.match.time, 5);
    assert_int_equal(back.match.record, 7);
    assert_int_equal(back.match.offset, 9);
    check_str(back.source_ip, "s");
    assert_true(back.about_target);
    for (size_t n = 1; n < buf.n; n++) {
        packed.values.n = n;
        bool ends = n == 13 || n == 17; /* behind a value */
        assert_int_equal(tcs_detect_match_unpack(&packed, arena, &back), ends);
    }
    packed.values = TCS_STR("\xff\xff\xff\xff");
    assert_false(tcs_detect_match_unpack(&packed, arena, &back));
    tcs_base_buf_done(&buf);
    tcs_base_arena_free(arena);
}

/* --- behind an engine --- */

/* Failed logons of these seconds; their numbers are the seconds. */
static void
put(struct tcs_engine *e, const struct tcs_origin *o, int64_t from, int64_t to)
{
    struct tcs_batch x = rig_batch(o);
    for (int64_t s = from; s <= to; s++)
        rig_matched(&x, 0, rig_numbered(&x, "DC01", (uint64_t)s, s), "192.0.2.7", s);
    rig_put(e, &x);
}

static void
run(struct rig *r, const char *text, const char *store, const struct tcs_origin *o, int64_t from,
    int64_t to, uint64_t unused)
{
    struct tcs_detector *d = rig_detector(text);
    rig_forget(r);
    struct tcs_engine *e = rig_engine(r, d, store);
    put(e, o, from, to);
    rig_settle(e);
    assert_int_equal(tcs_detect_correlating_unused(tcs_detect_engine_correlating(e)), unused);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

/* Read from two places, a record is one match. */
static void
test_copies(void **state)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(rules);
    (void)state;
    rig_told(&r);
    struct tcs_engine *e = rig_engine(&r, d, NULL);
    put(e, &a, 1, 3);
    put(e, &b, 1, 3);
    rig_settle(e);
    assert_int_equal(r.nfindings, 0);
    tcs_detect_engine_free(e);
    e = rig_engine(&r, d, NULL);
    put(e, &a, 1, 3);
    put(e, &b, 1, 5);
    rig_settle(e);
    assert_int_equal(r.nfindings, 1);
    assert_string_equal(r.findings[0], "+many x5");
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

/* What an earlier run kept comes back once, whether this one meets it or not; a result that was
 * told is told again when more came to it, and else not. */
static void
test_known_matches(void **state)
{
    struct rig r;
    const char *store = rig_path("state");
    (void)state;
    rig_told(&r);
    run(&r, rules, store, &a, 1, 3, 0);
    assert_int_equal(r.nfindings, 0);
    run(&r, rules, store, &b, 3, 4, 0); /* 3 is known */
    assert_int_equal(r.nfindings, 1);
    assert_string_equal(r.findings[0], "+many x4");
    run(&r, rules, store, &a, 700, 700, 0); /* too late for any window of those */
    assert_int_equal(r.nfindings, 0);
    run(&r, rules, store, &a, 5, 6, 0);
    assert_int_equal(r.nfindings, 1);
    assert_int_equal(rig_ask(store, "SELECT count(*) FROM matched"), 7);
}

/* Matches of a rule that is not there, or whose values are of other fields now, are of no use. */
static void
test_unused_matches(void **state)
{
    static const char other_rule[] =
        RIG_RULE("3", "failed", "4625", "low") RIG_MANY("4", "many", "failed", "4");
    static const char other_field[] =
        RIG_RULE("1", "failed", "4625",
                 "low") "---\ntitle: many\nid: 00000000-0000-4000-8000-000000000002\nlevel: high\n"
                        "correlation: {type: event_count, rules: [failed], group-by: [Account], "
                        "timespan: 10m, "
                        "condition: {gte: 4}}\n";
    struct rig r;
    (void)state;
    rig_told(&r);
    run(&r, rules, rig_path("one"), &a, 1, 3, 0);
    run(&r, other_rule, rig_path("one"), &a, 4, 4, 3);
    assert_int_equal(r.nfindings, 0);
    run(&r, rules, rig_path("two"), &a, 1, 3, 0);
    run(&r, other_field, rig_path("two"), &a, 4, 4, 3);
    assert_int_equal(r.nfindings, 0);
}

/* --- a log of a cloud --- */

#define REFUSED(id, ip)                                                                            \
    "{\"eventType\":\"user.mfa.okta_verify.deny_push\",\"uuid\":\"" id                             \
    "\",\"published\":\"2026-03-17T00:00:0" id "Z\",\"actor\":{\"alternateId\":\"a@elb\"},"        \
    "\"client\":{\"ipAddress\":\"" ip "\"},\"outcome\":{\"result\":\"FAILURE\"}}\n"

static struct tcs_str told_ip;

static int
on_finding(void *ctx, const struct tcs_outlet_finding *t, struct tcs_err *err)
{
    (void)err;
    assert_non_null(t->correlated);
    check_str(t->correlated->source_ip, ctx);
    told_ip = t->finding->who.source_ip;
    check_str(told_ip, "203.0.113.7"); /* of the first record */
    return 0;
}

/* It names no host, but where its records came from. */
static void
test_cloud(void **state)
{
    static const char okta[] =
        "title: refused\nid: 00000000-0000-4000-8000-000000000001\nname: refused\nlevel: low\n"
        "logsource: {product: okta, service: okta}\n"
        "detection: {s: {eventType: user.mfa.okta_verify.deny_push}, condition: s}\n"
        "---\ntitle: again\nid: 00000000-0000-4000-8000-000000000002\nlevel: high\n"
        "tags: [attack.impact, attack.t1490]\n"
        "correlation: {type: event_count, rules: [refused], group-by: [actor.alternateId], "
        "timespan: 1h, condition: {gte: 3}}\n";
    static const char *const logs[] = {
        REFUSED("1", "203.0.113.7") REFUSED("2", "203.0.113.7") REFUSED("3", "203.0.113.7"),
        REFUSED("1", "203.0.113.7") REFUSED("2", "203.0.113.8") REFUSED("3", "203.0.113.7")};
    static char agreed[][16] = {"203.0.113.7", ""};
    struct tcs_detector *d = rig_detector(okta);
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct tcs_outlet outlet = {.ctx = agreed[i], .finding = on_finding};
        const struct tcs_engine_opts opts = {.detector = d, .outlet = &outlet, .incidents = true};
        const char *path = rig_write(i ? "two.jsonl" : "one.jsonl", tcs_base_str_of(logs[i]));
        struct tcs_engine *e;
        struct tcs_err err = {0};
        uint32_t n;
        assert_int_equal(tcs_detect_engine_new(&opts, &e, &err), 0);
        told_ip = (struct tcs_str){0};
        rig_hunt(e, &path, 1, 1);
        assert_int_equal(told_ip.n, 11);
        const struct tcs_incident *in = tcs_detect_engine_incidents(e, &n);
        assert_int_equal(n, 1);
        assert_int_equal(in->naddresses, 1);
        check_str(in->addresses[0], "203.0.113.7");
        tcs_detect_engine_free(e);
    }
    tcs_detect_unref(d);
}

/* Four true matches, two before and two behind thousands in another log, of a group each: they are
 * judged as if those were not there, and names of what went are gone. */
static void
test_flood(void **state)
{
    enum { FLOOD = 5000, MAX = 100 };
    struct tcs_detector *d = rig_detector(rules);
    char name[24];
    (void)state;
    struct tcs_correlating *c = tcs_detect_correlating_new(tcs_detect_rulebook(d), NULL);
    assert_non_null(c);
    tcs_detect_correlating_limit(c, 1000, MAX);
    for (int i = 1; i < 3; i++)
        push(c, i, (struct who){"A", "a", ""});
    for (int i = 0; i < FLOOD; i++) {
        snprintf(name, sizeof name, "inv%d", i);
        push_of(c, &b, tcs_base_str_of(name), i, (struct who){name, name, name});
    }
    for (int i = 3; i < 5; i++)
        push(c, i, (struct who){"A", "a", ""});
    const struct tcs_correlated *f = finish(c, 1);
    assert_int_equal(f->count, 4);
    check_str(f->host, "A");
    assert_int_equal(tcs_detect_correlating_dropped(c), FLOOD + 4 - MAX);
    assert_int_equal(tcs_detect_correlating_nameless(c), 0);
    tcs_detect_correlating_free(c);
    tcs_detect_unref(d);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_full_table_of_names),
        TEST(test_flood),
        TEST(test_parties),
        TEST(test_timeless),
        TEST(test_packed),
        TEST(test_copies),
        TEST(test_known_matches),
        TEST(test_unused_matches),
        TEST(test_cloud),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

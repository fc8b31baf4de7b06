/* Tests what store/ keeps for windows of correlations that span runs: matches as a set, results by
 * their number; and the steps from older files.  Expected values are what was put, or counted by
 * hand. */
#include "scratch.h"

#include "base/time.h"

/* --- correlations --- */

static struct tcs_store_match
match_of(int64_t time)
{
    struct tcs_finding d = seen(time);
    return (struct tcs_store_match){.rule = TCS_STR("failed_logon"),
                                    .plan = UINT64_MAX - 4,
                                    .host = d.who.host,
                                    .account = TCS_STR("ELB\\j.brandt"),
                                    .subject = TCS_STR("svc"),
                                    .source_ip = TCS_STR("192.0.2.7"),
                                    .evidence = d.evidence,
                                    .time = time,
                                    .flags = 1,
                                    .about_target = true,
                                    .values = {"a\0b", 3}};
}

static int
put_match(struct tcs_store *s, struct tcs_store_match m)
{
    struct tcs_err err = {0};
    int r = tcs_store_match_put(s, &m, &err);
    good(r, &err);
    return r;
}

struct got_matches {
    struct tcs_store_match m[8];
    unsigned n;
};

static int
got_match(void *ctx, const struct tcs_store_match *m, struct tcs_err *err)
{
    struct got_matches *g = ctx;
    (void)err;
    assert_true(g->n < 8);
    struct tcs_store_match *to = &g->m[g->n++];
    *to = *m;
    struct tcs_str *texts[] = {
        &to->rule,      &to->host,   &to->account,       &to->subject,
        &to->source_ip, &to->values, &to->evidence.file, &to->evidence.channel};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = tcs_base_arena_str(arena, *texts[i]);
    return 0;
}

static void
test_matches_come_back(void **unused)
{
    const int64_t t = INT64_C(17000000000000000);
    struct tcs_err err = {0};
    struct got_matches g = {0};
    struct tcs_store_match x, m = match_of(t);
    struct tcs_store *s = begun();
    (void)unused;
    assert_int_equal(put_match(s, m), TCS_STORE_NEW);
    assert_int_equal(put_match(s, m), TCS_STORE_KNOWN);
    x = m; /* a copy of the log, exported as JSON */
    x.evidence.file = TCS_STR("/backup/dc01.jsonl");
    x.evidence.offset = 9;
    x.time = t + 1;
    assert_int_equal(put_match(s, x), 0);
    x = m;
    x.rule = TCS_STR("logon");
    assert_int_equal(put_match(s, x), 1);
    x = m;
    x.plan++;
    x.values = (struct tcs_str){0};
    assert_int_equal(put_match(s, x), 1);
    good(tcs_store_matches(s, got_match, &g, &err), &err);
    assert_int_equal(g.n, 0); /* those of earlier runs only */
    assert_int_equal(tcs_store_stats(s)->matches, 3);
    end(s);
    s = begun();
    assert_int_equal(put_match(s, x), 0);
    x.evidence.key.b[7] ^= 1;
    assert_int_equal(put_match(s, x), TCS_STORE_NEW);
    good(tcs_store_matches(s, got_match, &g, &err), &err);
    assert_true(tcs_store_matches_after(s) == INT64_MIN);
    tcs_store_close(s);
    assert_int_equal(g.n, 3);
    check_str(g.m[1].rule, "logon");
    assert_true(g.m[2].plan == UINT64_MAX - 3 && g.m[2].values.n == 0);
    check_str(g.m[0].rule, "failed_logon");
    check_str(g.m[0].host, "DC01.elbwerft.example");
    check_str(g.m[0].account, "ELB\\j.brandt");
    check_str(g.m[0].subject, "svc");
    check_str(g.m[0].source_ip, "192.0.2.7");
    check_str(g.m[0].evidence.file, "/mnt/a/Security.evtx");
    check_str(g.m[0].evidence.channel, "Security");
    assert_true(g.m[0].evidence.record_id == 4711 && g.m[0].evidence.offset == 100);
    assert_memory_equal(g.m[0].evidence.key.b, m.evidence.key.b, TCS_KEY);
    assert_true(g.m[0].plan == UINT64_MAX - 4 && g.m[0].time == t && g.m[0].flags == 1);
    assert_true(g.m[0].about_target && g.m[0].values.n == 3);
    assert_memory_equal(g.m[0].values.p, "a\0b", 3);
}

/* The newest stay, whatever the order; an older one is not kept, but the run may use it. */
static void
test_matches_have_a_limit(void **unused)
{
    const struct tcs_store_limits limits = {8, 8, 100, 100, 10, 10, 8, 0};
    struct tcs_store *s = NULL;
    (void)unused;
    for (int run = 0; run < 4; run++) {
        s = begun();
        tcs_store_limit(s, &limits);
        for (int i = 0; i < 5; i++)
            put_match(s, match_of(DAY * (1 + (run * 5 + i) * 7 % 20)));
        end(s);
    }
    assert_int_equal(ask("SELECT count(*) FROM matched"), 8);
    assert_int_equal(ask("SELECT min(time) / 864000000000 FROM matched"), 13);
    s = begun();
    assert_true(tcs_store_matches_after(s) == 12 * DAY);
    assert_int_equal(put_match(s, match_of(DAY)), TCS_STORE_BEYOND);
    assert_int_equal(tcs_store_stats(s)->beyond, 1);
    assert_int_equal(tcs_store_stats(s)->matches, 0);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM matched"), 8);
}

static int
put_result(struct tcs_store *s, const struct tcs_finding *d, uint64_t plan, bool news)
{
    struct tcs_err err = {0};
    struct tcs_store_result r = {.signature = &rule_one, .detection = d, .plan = plan};
    int e = tcs_store_result_put(s, &r, &err);
    good(e, &err);
    assert_int_equal(r.news, news);
    return e;
}

static void
test_results_are_replaced(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_finding a = seen(1000), b = seen(2000), c = seen(3000);
    struct tcs_store *s = begun();
    (void)unused;
    a.flags = b.flags = c.flags = TCS_FINDING_CORRELATION;
    a.group = 77;
    b.group = UINT64_MAX;
    c.group = 99;
    put(s, seen(500)); /* a rule's detection, never touched */
    assert_int_equal(put_result(s, &a, 5, true), 1);
    assert_int_equal(put_result(s, &b, UINT64_MAX, true), 1);
    assert_int_equal(put_result(s, &c, 5, true), 1);
    good(tcs_store_results_settle(s, 5, INT64_MIN, &err), &err);
    assert_int_equal(tcs_store_stats(s)->undone, 0);
    end(s);
    s = begun(); /* another record, another count: the same result, one row in its place */
    assert_int_equal(put_result(s, &a, 5, false), 0);
    a.count = 9;
    a.first = 900;
    a.evidence.record_id = 1;
    assert_int_equal(put_result(s, &a, 6, true), 0);
    a.who.host = TCS_STR("DC02"); /* of another host */
    assert_int_equal(put_result(s, &a, 6, true), 1);
    good(tcs_store_results_settle(s, 5, 3000, &err), &err); /* c is not later */
    good(tcs_store_results_settle(s, 0, INT64_MIN, &err), &err);
    good(tcs_store_results_settle(s, 6, INT64_MIN, &err), &err);
    assert_int_equal(tcs_store_stats(s)->undone, 0);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 5);
    assert_int_equal(ask("SELECT count * 1000 + record_id FROM detection WHERE grouped = 77 AND "
                         "host <> 'DC02' AND nr = 2"),
                     9001);
    s = begun();
    good(tcs_store_results_settle(s, 5, 2999, &err), &err);
    assert_int_equal(tcs_store_stats(s)->undone, 1);
    good(tcs_store_results_settle(s, UINT64_MAX, INT64_MIN, &err), &err);
    assert_int_equal(tcs_store_stats(s)->undone, 2);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM detection WHERE grouped IN (0, 77)"), 3);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 3);
}

/* --- an older file --- */

/* What the step from version 1 reads, as version 1 had it; never to be changed. */
static const char version_1[] =
    "PRAGMA journal_mode = WAL; PRAGMA application_id = 1952674670; PRAGMA user_version = 1;"
    "CREATE TABLE source(nr INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, head BLOB NOT NULL, "
    "head_size INTEGER NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, "
    "read INTEGER NOT NULL, records INTEGER NOT NULL, content BLOB NOT NULL) STRICT;"
    "CREATE TABLE blob(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE signature(nr INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, "
    "level INTEGER NOT NULL, stage INTEGER NOT NULL) STRICT;"
    "CREATE TABLE signature_technique(signature INTEGER NOT NULL REFERENCES signature(nr) "
    "ON DELETE CASCADE, n INTEGER NOT NULL, technique TEXT NOT NULL, "
    "PRIMARY KEY (signature, n)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE detection(nr INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
    "signature INTEGER NOT NULL REFERENCES signature(nr), time INTEGER NOT NULL, "
    "first INTEGER NOT NULL, flags INTEGER NOT NULL, count INTEGER NOT NULL, "
    "grouped INTEGER NOT NULL, host TEXT NOT NULL, user TEXT NOT NULL, user_domain TEXT NOT NULL, "
    "user_id TEXT NOT NULL, "
    "target TEXT NOT NULL, target_domain TEXT NOT NULL, target_id TEXT NOT NULL, "
    "source_ip TEXT NOT NULL, source_host TEXT NOT NULL, dest_ip TEXT NOT NULL, "
    "dest_host TEXT NOT NULL, own_ip TEXT NOT NULL, pid INTEGER NOT NULL, session INTEGER NOT "
    "NULL, target_session INTEGER NOT NULL, "
    "linked_session INTEGER NOT NULL, process TEXT NOT NULL, parent TEXT NOT NULL, "
    "image TEXT NOT NULL, object TEXT NOT NULL, hash TEXT NOT NULL, file TEXT NOT NULL, "
    "channel TEXT NOT NULL, record_id INTEGER NOT NULL, offset INTEGER NOT NULL, "
    "event_id INTEGER NOT NULL) STRICT;"
    "CREATE TABLE link(incident INTEGER NOT NULL, n INTEGER NOT NULL, time INTEGER NOT NULL, "
    "last INTEGER NOT NULL, count INTEGER NOT NULL, stage INTEGER NOT NULL, "
    "level INTEGER NOT NULL, flags INTEGER NOT NULL, chosen INTEGER NOT NULL, "
    "rule_id TEXT NOT NULL, title TEXT NOT NULL, host TEXT NOT NULL, account TEXT NOT NULL, "
    "source TEXT NOT NULL, file TEXT NOT NULL, channel TEXT NOT NULL, "
    "record_id INTEGER NOT NULL, offset INTEGER NOT NULL, event_id INTEGER NOT NULL, "
    "PRIMARY KEY (incident, n)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE observation(nr INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
    "time INTEGER NOT NULL, kind INTEGER NOT NULL, logon_type INTEGER NOT NULL, "
    "host TEXT NOT NULL, user TEXT NOT NULL, user_domain TEXT NOT NULL, user_id TEXT NOT NULL, "
    "target TEXT NOT NULL, target_domain TEXT NOT NULL, target_id TEXT NOT NULL, "
    "source_ip TEXT NOT NULL, source_host TEXT NOT NULL, dest_ip TEXT NOT NULL, "
    "dest_host TEXT NOT NULL, own_ip TEXT NOT NULL, pid INTEGER NOT NULL, session INTEGER NOT "
    "NULL, target_session INTEGER NOT NULL, "
    "linked_session INTEGER NOT NULL, process TEXT NOT NULL, parent TEXT NOT NULL, "
    "image TEXT NOT NULL, object TEXT NOT NULL, hash TEXT NOT NULL, file TEXT NOT NULL, "
    "channel TEXT NOT NULL, record_id INTEGER NOT NULL, offset INTEGER NOT NULL, "
    "event_id INTEGER NOT NULL) STRICT;"
    "INSERT INTO signature VALUES (5, 'one', 'One', 4, 3);"
    "INSERT INTO detection SELECT value, randomblob(16), 5, value * 864000000000 + 1, 1, 0, 1, 0, "
    "'Host1', 'Anna', '', '', '', '', '', '', '', '', '', '', 0, 0, 0, 0, '', '', '', '', '', 'f', "
    "'c', "
    "value, 0, 1 FROM (WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM c "
    "LIMIT 3) SELECT value FROM c);";

static void
count_pairs(void *ctx, const struct tcs_store_pair *row)
{
    unsigned *n = ctx;
    check_str(row->host, "host1");
    assert_int_equal(row->count, 3);
    assert_int_equal(row->days, 3);
    ++*n;
}

/* Version 2 knows what is usual: what version 1 kept counts. */
static void
test_migration_from_1(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_store *s = NULL;
    unsigned n = 0;
    (void)unused;
    do_sql(version_1);
    assert_int_equal(tcs_store_open(dir, TCS_STORE_READ, &s, &err), -TCS_EUNSUPP);
    assert_non_null(strstr(err.msg, "older tocsin"));
    assert_int_equal(ask("PRAGMA user_version"), 1);
    s = begun();
    put(s, seen(DAY));
    tcs_store_close(s); /* the migration stands, the run does not */
    assert_int_equal(ask("PRAGMA user_version"), 6);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 3);
    s = opened(TCS_STORE_READ);
    good(tcs_store_baseline(s, count_pairs, &n, &err), &err);
    tcs_store_close(s);
    assert_int_equal(n, 2);
}

/* What version 2 had more, as far as the step from it may meet it; never to be changed.  The rows:
 * two of one result, as an episode that grew left them, and one of another. */
static const char version_2[] =
    "PRAGMA user_version = 2;"
    "CREATE TABLE heard(host TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID;"
    "CREATE TABLE summary(kind TEXT NOT NULL, name TEXT NOT NULL, stage INTEGER NOT NULL, "
    "technique TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
    "count INTEGER NOT NULL, incident TEXT NOT NULL, "
    "PRIMARY KEY (kind, name, stage, technique)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE baseline(kind TEXT NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL, "
    "day INTEGER NOT NULL, count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
    "PRIMARY KEY (kind, name, host, day)) STRICT, WITHOUT ROWID;"
    "UPDATE detection SET flags = 1, grouped = 77, count = 10 - nr WHERE nr < 3;"
    "UPDATE detection SET flags = 1, grouped = 78 WHERE nr = 3;"
    "INSERT INTO detection SELECT 4, randomblob(16), 5, 9, 9, 0, 1, 77, host, user, user_domain, "
    "user_id, target, target_domain, target_id, source_ip, source_host, dest_ip, dest_host, "
    "own_ip, pid, session, target_session, linked_session, process, parent, image, object, hash, "
    "file, channel, record_id, offset, event_id FROM detection WHERE nr = 3;";

/* Version 3 knows results by their number: what version 2 kept is met again, not added to. */
static void
test_migration_from_2(void **unused)
{
    struct tcs_finding d = seen(DAY);
    (void)unused;
    do_sql(version_1);
    do_sql(version_2);
    tcs_store_close(opened(TCS_STORE_WRITE));
    assert_int_equal(ask("PRAGMA user_version"), 6);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 3);
    assert_int_equal(ask("SELECT count FROM detection WHERE flags = 1 AND grouped = 77"), 9);
    assert_int_equal(ask("SELECT count(*) FROM matched"), 0);
    d.flags = TCS_FINDING_CORRELATION;
    d.group = 77;
    d.who.host = TCS_STR("HOST1");
    struct tcs_store *s = begun();
    assert_int_equal(put_result(s, &d, 5, true), 0);
    d.group = 78;
    assert_int_equal(put_result(s, &d, 5, true), 0);
    d.group = 79;
    assert_int_equal(put_result(s, &d, 5, true), 1);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 4);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_matches_come_back), T(test_matches_have_a_limit), T(test_results_are_replaced),
        T(test_migration_from_1),  T(test_migration_from_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests store/: what is put comes back (random incidents, compared member by member), rows are
 * sets, limits and their order, one writer and many readers, files that are not ours.  Expected
 * values are what was put, or counted by hand. */
#include "check.h"

#include "made.h"
#include "store/store.h"

#include "base/limits.h"
#include "base/time.h"

#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64], file[96];
static struct tcs_arena *arena;

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int
setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/tocsin-store-XXXXXX");
    arena = tcs_arena_new(0);
    if (!mkdtemp(dir) || !arena)
        return -1;
    snprintf(file, sizeof file, "%s/tocsin.db", dir);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    tcs_arena_free(arena);
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct tcs_store *
opened(enum tcs_store_mode mode)
{
    struct tcs_err err = {0};
    struct tcs_store *s = NULL;
    if (tcs_store_open(dir, mode, &s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

static struct tcs_store *
begun(void)
{
    struct tcs_err err = {0};
    struct tcs_store *s = opened(TCS_STORE_WRITE);
    if (tcs_store_begin(s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

static void
good(int r, const struct tcs_err *err)
{
    if (r < 0)
        fail_msg("%s", err->msg);
}

static void
end(struct tcs_store *s)
{
    struct tcs_err err = {0};
    good(tcs_store_commit(s, &err), &err);
    tcs_store_close(s);
}

/* The first number of a query of the test's own. */
static int64_t
ask(const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static void
do_sql(const char *text)
{
    sqlite3 *db;
    char *msg = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &msg) != SQLITE_OK)
        fail_msg("%s", msg);
    sqlite3_close(db);
}

/* --- incidents --- */

static void
test_incidents_come_back(void **unused)
{
    enum { N = 300 };
    static struct tcs_incident in[N];
    uint64_t seed = 7;
    struct tcs_err err = {0};
    struct tcs_store *s = begun();
    (void)unused;
    for (int i = 0; i < N; i++) {
        in[i] = made_incident(&seed, arena);
        good(tcs_store_incident_put(s, &in[i], &err), &err);
    }
    for (int i = 0; i < N; i += 7) { /* replaced: nothing of the old one is left */
        struct tcs_incident again = made_incident(&seed, arena);
        memcpy(again.id, in[i].id, sizeof again.id);
        in[i] = again;
        good(tcs_store_incident_put(s, &in[i], &err), &err);
    }
    end(s);
    s = opened(TCS_STORE_READ);
    for (int i = 0; i < N; i++) {
        struct tcs_incident got;
        struct tcs_str id = tcs_str_of(in[i].id);
        int r = tcs_store_incident_get(s, tcs_str_slice(id, 0, i % 2 ? 12 : 32), arena, &got, &err);
        good(r, &err);
        assert_int_equal(r, 1);
        const char *what = made_differs(&in[i], &got);
        if (what)
            fail_msg("incident %d: %s differs", i, what);
        for (uint32_t m = 0; m < in[i].nmerged; m++) {
            good(tcs_store_incident_get(s, in[i].merged[m], arena, &got, &err), &err);
            check_str(tcs_str_of(got.id), in[i].id);
        }
    }
    tcs_store_close(s);
}

static struct tcs_incident
named(const char *id, int64_t last, uint8_t state)
{
    struct tcs_incident in = {.state = state, .first = 1, .last = last};
    snprintf(in.id, sizeof in.id, "%s", id);
    return in;
}

#define ID_A "aaaa0000000000000000000000000001"
#define ID_B "aaaa1000000000000000000000000002"
#define ID_C "cccc0000000000000000000000000003"

static void
test_ids(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_incident got, a = named(ID_A, 1, 1), b = named(ID_B, 2, 2), c = named(ID_C, 3, 3);
    struct tcs_store *s = begun();
    (void)unused;
    good(tcs_store_incident_put(s, &a, &err), &err);
    good(tcs_store_incident_put(s, &b, &err), &err);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("aaaa1"), arena, &got, &err), 1);
    check_str(tcs_str_of(got.id), ID_B);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("AAAA0"), arena, &got, &err), 1);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("bbbb"), arena, &got, &err), 0);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("no id"), arena, &got, &err), 0);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("aaa"), arena, &got, &err), -TCS_EUSAGE);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("aaaa"), arena, &got, &err), -TCS_EUSAGE);
    /* a into b, b into c: both lead to c, and aaaa is no longer ambiguous */
    struct tcs_str merged_b[] = {TCS_STR(ID_A)}, merged_c[] = {TCS_STR(ID_B)};
    b.merged = merged_b;
    b.nmerged = 1;
    c.merged = merged_c;
    c.nmerged = 1;
    good(tcs_store_incident_put(s, &b, &err), &err);
    good(tcs_store_incident_put(s, &c, &err), &err);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("aaaa"), arena, &got, &err), 1);
    check_str(tcs_str_of(got.id), ID_C);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID_A), arena, &got, &err), 1);
    check_str(tcs_str_of(got.id), ID_C);
    /* it stands on its own again */
    good(tcs_store_incident_put(s, &a, &err), &err);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID_A), arena, &got, &err), 1);
    check_str(tcs_str_of(got.id), ID_A);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM incident"), 2);
    assert_int_equal(ask("SELECT count(*) FROM alias"), 1);
}

static void
add_id(void *ctx, const struct tcs_incident *head)
{
    char *ids = ctx;
    size_t n = strlen(ids);
    memcpy(ids + n, head->id, 4);
    ids[n + 4] = '\0';
}

static void
test_list(void **unused)
{
    char ids[64] = "";
    struct tcs_err err = {0};
    struct tcs_incident in[] = {named(ID_A, 1, TCS_STATE_WARN), named(ID_B, 9, TCS_STATE_WATCH),
                                named(ID_C, 5, TCS_STATE_DESTRUCTION)};
    struct tcs_store *s = begun();
    (void)unused;
    for (int i = 0; i < 3; i++)
        good(tcs_store_incident_put(s, &in[i], &err), &err);
    end(s);
    s = opened(TCS_STORE_READ);
    good(tcs_store_incidents(s, 0, add_id, ids, &err), &err);
    assert_string_equal(ids, "aaaaccccaaaa");
    ids[0] = '\0';
    good(tcs_store_incidents(s, TCS_STATE_WARN, add_id, ids, &err), &err);
    assert_string_equal(ids, "ccccaaaa");
    tcs_store_close(s);
}

/* A run that made other incidents of the same evidence replaces the older ones. */
static void
test_settle(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_link link = {.time = 10, .last = 10, .rule_id = TCS_STR("r"), .host = TCS_STR("H")};
    struct tcs_link wider = {.time = 5, .last = 20, .rule_id = TCS_STR("r"), .host = TCS_STR("H")};
    struct tcs_incident got, a = named(ID_A, 1, 1), b = named(ID_B, 2, 2), c = named(ID_C, 3, 3);
    (void)unused;
    a.links = &link;
    a.nlinks = 1;
    c.links = &wider;
    c.nlinks = 1;
    struct tcs_store *s = begun();
    good(tcs_store_incident_put(s, &a, &err), &err);
    good(tcs_store_incident_put(s, &b, &err), &err);
    end(s);
    s = begun();
    good(tcs_store_incident_put(s, &c, &err), &err);
    good(tcs_store_incidents_settle(s, &err), &err);
    end(s);
    s = opened(TCS_STORE_READ);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID_A), arena, &got, &err), 1);
    check_str(tcs_str_of(got.id), ID_C);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID_B), arena, &got, &err), 0);
    tcs_store_close(s);
}

/* --- detections and observations --- */

static const struct tcs_signature rule_one = {.id = TCS_STR("one"), .title = TCS_STR("One")};

static struct tcs_detection
seen(int64_t time)
{
    return (struct tcs_detection){
        .time = time,
        .first = time,
        .count = 1,
        .who = {.host = TCS_STR("DC01.elbwerft.example"), .user = TCS_STR("j.brandt")},
        .evidence = {.file = TCS_STR("/mnt/a/Security.evtx"),
                     .channel = TCS_STR("Security"),
                     .record_id = 4711,
                     .offset = 100}};
}

static int
put(struct tcs_store *s, struct tcs_detection d)
{
    struct tcs_err err = {0};
    int r = tcs_store_detection_put(s, &rule_one, &d, &err);
    good(r, &err);
    return r;
}

static void
test_the_same_record(void **unused)
{
    const int64_t t = INT64_C(17000000000000000);
    struct tcs_signature two = {.id = TCS_STR("two")};
    struct tcs_detection d = seen(t), x;
    struct tcs_err err = {0};
    struct tcs_store *s = begun();
    (void)unused;
    assert_int_equal(put(s, d), 1);
    assert_int_equal(put(s, d), 0);
    x = d; /* a copy of the log, exported as JSON: another file, offset and fraction of a second */
    x.evidence.file = TCS_STR("/backup/dc01.jsonl");
    x.evidence.offset = 9;
    x.time = t + 1;
    assert_int_equal(put(s, x), 0);
    x = d;
    x.who.host = TCS_STR("DC02.elbwerft.example");
    assert_int_equal(put(s, x), 1);
    x = d;
    x.evidence.record_id = 4712;
    assert_int_equal(put(s, x), 1);
    x = d; /* numbers begin anew in a log that was cleared */
    x.time = t + INT64_C(3600) * TCS_TICKS_PER_SEC;
    assert_int_equal(put(s, x), 1);
    assert_int_equal(tcs_store_detection_put(s, &two, &d, &err), 1);
    /* a log without numbers of its own: its base name and the offset */
    d.evidence.channel = (struct tcs_str){0};
    assert_int_equal(put(s, d), 1);
    x = d;
    x.evidence.file = TCS_STR("/elsewhere/Security.evtx");
    assert_int_equal(put(s, x), 0);
    x.evidence.offset++;
    assert_int_equal(put(s, x), 1);
    assert_int_equal(tcs_store_stats(s)->detections, 7);
    assert_int_equal(tcs_store_stats(s)->known, 3);
    end(s);
}

/* --- correlations --- */

static struct tcs_store_match
match_of(int64_t time)
{
    struct tcs_detection d = seen(time);
    return (struct tcs_store_match){.rule = TCS_STR("failed_logon"),
                                    .plan = UINT64_MAX - 4,
                                    .host = d.who.host,
                                    .account = TCS_STR("ELB\\j.brandt"),
                                    .subject = TCS_STR("svc"),
                                    .source_ip = TCS_STR("192.0.2.7"),
                                    .evidence = d.evidence,
                                    .time = time,
                                    .flags = 5,
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
        *texts[i] = tcs_arena_str(arena, *texts[i]);
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
    assert_int_equal(put_match(s, m), 1);
    assert_int_equal(put_match(s, m), 0);
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
    x.evidence.record_id++;
    assert_int_equal(put_match(s, x), 1);
    good(tcs_store_matches(s, got_match, &g, &err), &err);
    assert_true(tcs_store_matches_after(s) == INT64_MIN);
    tcs_store_close(s);
    assert_int_equal(g.n, 3);
    check_str(g.m[1].rule, "logon");
    assert_true(g.m[2].plan == UINT64_MAX - 3 && g.m[2].values.n == 0);
    assert_true(!g.m[0].met && !g.m[1].met && g.m[2].met);
    check_str(g.m[0].rule, "failed_logon");
    check_str(g.m[0].host, "DC01.elbwerft.example");
    check_str(g.m[0].account, "ELB\\j.brandt");
    check_str(g.m[0].subject, "svc");
    check_str(g.m[0].source_ip, "192.0.2.7");
    check_str(g.m[0].evidence.file, "/mnt/a/Security.evtx");
    check_str(g.m[0].evidence.channel, "Security");
    assert_true(g.m[0].evidence.record_id == 4711 && g.m[0].evidence.offset == 100);
    assert_true(g.m[0].plan == UINT64_MAX - 4 && g.m[0].time == t && g.m[0].flags == 5);
    assert_true(g.m[0].about_target && g.m[0].values.n == 3);
    assert_memory_equal(g.m[0].values.p, "a\0b", 3);
}

/* The newest stay, whatever the order; an older one is not kept, but the run may use it. */
static void
test_matches_have_a_limit(void **unused)
{
    const struct tcs_store_limits limits = {8, 8, 100, 100, 10, 10, 8};
    struct tcs_store *s = NULL;
    (void)unused;
    for (int run = 0; run < 4; run++) {
        s = begun();
        tcs_store_limit(s, &limits);
        for (int i = 0; i < 5; i++)
            put_match(s, match_of(INT64_C(864000000000) * (1 + (run * 5 + i) * 7 % 20)));
        end(s);
    }
    assert_int_equal(ask("SELECT count(*) FROM matched"), 8);
    assert_int_equal(ask("SELECT min(time) / 864000000000 FROM matched"), 13);
    s = begun();
    assert_true(tcs_store_matches_after(s) == 12 * INT64_C(864000000000));
    assert_int_equal(put_match(s, match_of(864000000000)), 1);
    assert_int_equal(tcs_store_stats(s)->beyond, 1);
    assert_int_equal(tcs_store_stats(s)->matches, 0);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM matched"), 8);
}

static int
put_result(struct tcs_store *s, const struct tcs_detection *d, uint64_t plan, bool news)
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
    struct tcs_detection a = seen(1000), b = seen(2000), c = seen(3000);
    struct tcs_store *s = begun();
    (void)unused;
    a.flags = b.flags = c.flags = TCS_DET_CORRELATION;
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

struct got {
    struct tcs_detection d[64];
    struct tcs_observation o[64];
    struct tcs_str ids[64];
    uint32_t nd, no, ns;
};

static int
got_signature(void *ctx, uint32_t nr, const struct tcs_signature *sig, struct tcs_err *err)
{
    struct got *g = ctx;
    (void)err;
    assert_true(nr < 64);
    g->ids[nr] = tcs_arena_str(arena, sig->id);
    g->ns++;
    return 0;
}

static void
keep_texts(struct tcs_parties *who, struct tcs_evidence *e)
{
    struct tcs_str *all[] = {
        &who->host,          &who->user,      &who->user_domain, &who->user_id,   &who->target,
        &who->target_domain, &who->target_id, &who->hash,        &who->source_ip, &who->source_host,
        &who->dest_ip,       &who->dest_host, &who->process,     &who->parent,    &who->image,
        &who->object,        &e->file,        &e->channel,       &who->own_ip};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = tcs_arena_str(arena, *all[i]);
}

static int
got_detection(void *ctx, const struct tcs_detection *d, struct tcs_err *err)
{
    struct got *g = ctx;
    (void)err;
    g->d[g->nd] = *d;
    keep_texts(&g->d[g->nd].who, &g->d[g->nd].evidence);
    g->nd++;
    return 0;
}

static int
got_observation(void *ctx, const struct tcs_observation *o, struct tcs_err *err)
{
    struct got *g = ctx;
    (void)err;
    g->o[g->no] = *o;
    keep_texts(&g->o[g->no].who, &g->o[g->no].evidence);
    g->no++;
    return 0;
}

static void
same_parties(const struct tcs_parties *a, const struct tcs_parties *b)
{
#define SAME(m) assert_true(tcs_str_eq(a->m, b->m))
    SAME(host);
    SAME(user);
    SAME(user_domain);
    SAME(user_id);
    SAME(target);
    SAME(target_domain);
    SAME(target_id);
    SAME(source_ip);
    SAME(source_host);
    SAME(dest_ip);
    SAME(dest_host);
    SAME(own_ip);
    SAME(process);
    SAME(parent);
    SAME(image);
    SAME(object);
    SAME(hash);
#undef SAME
    assert_true(a->session == b->session && a->target_session == b->target_session &&
                a->linked_session == b->linked_session && a->pid == b->pid);
}

static void
same_evidence(const struct tcs_evidence *a, const struct tcs_evidence *b)
{
    assert_true(tcs_str_eq(a->file, b->file) && tcs_str_eq(a->channel, b->channel));
    assert_true(a->record_id == b->record_id && a->offset == b->offset);
    assert_int_equal(a->event_id, b->event_id);
}

static void
test_evidence_comes_back(void **unused)
{
    enum { N = 60 };
    static struct tcs_detection d[N];
    static struct tcs_observation o[N];
    static struct got g;
    struct tcs_signature sig[N];
    uint64_t seed = 11;
    struct tcs_err err = {0};
    struct tcs_store *s = begun();
    (void)unused;
    for (int i = 0; i < N; i++) {
        sig[i] = made_signature(&seed, arena);
        d[i] = made_detection(&seed, arena);
        o[i] = made_observation(&seed, arena);
        assert_int_equal(tcs_store_detection_put(s, &sig[i], &d[i], &err), 1);
        assert_int_equal(tcs_store_observation_put(s, &o[i], &err), 1);
    }
    end(s);
    s = opened(TCS_STORE_READ);
    const struct tcs_store_reader to = {&g, got_signature, got_detection, got_observation};
    good(tcs_store_read(s, &to, &err), &err);
    tcs_store_close(s);
    assert_int_equal(g.nd, N);
    assert_int_equal(g.no, N);
    for (int i = 0; i < N; i++) {
        assert_true(tcs_str_eq(g.ids[g.d[i].signature], sig[i].id));
        assert_true(g.d[i].time == d[i].time && g.d[i].first == d[i].first);
        assert_true(g.d[i].flags == d[i].flags && g.d[i].count == d[i].count);
        assert_true(g.d[i].group == d[i].group);
        same_parties(&g.d[i].who, &d[i].who);
        same_evidence(&g.d[i].evidence, &d[i].evidence);
        assert_true(g.o[i].time == o[i].time && g.o[i].kind == o[i].kind);
        assert_int_equal(g.o[i].logon_type, o[i].logon_type);
        same_parties(&g.o[i].who, &o[i].who);
        same_evidence(&g.o[i].evidence, &o[i].evidence);
    }
}

/* --- limits, long memory --- */

#define DAY (INT64_C(86400) * TCS_TICKS_PER_SEC)

static void
sum_rows(void *ctx, const struct tcs_store_summary *row)
{
    uint64_t *sums = ctx;
    bool host = tcs_str_eq(row->kind, TCS_STR("host"));
    assert_true(host || tcs_str_eq(row->kind, TCS_STR("account")));
    check_str(row->name, host ? "dc01.elbwerft.example" : "j.brandt");
    check_str(row->technique, "T1003.001");
    assert_int_equal(row->stage, TCS_STAGE_CREDENTIALS);
    assert_int_equal(row->first, DAY);
    sums[host ? 0 : 1] += row->count;
}

/* 20 detections in runs of 5, whatever the order: the newest 8 stay, 12 are remembered. */
static void
limits_in_order(int step)
{
    struct tcs_str technique = TCS_STR("T1003.001");
    const struct tcs_signature sig = {.id = TCS_STR("one"),
                                      .stage = TCS_STAGE_CREDENTIALS,
                                      .techniques = &technique,
                                      .ntechniques = 1};
    const struct tcs_store_limits limits = {8, 8, 100, 100, 10, 10, 8};
    struct tcs_err err = {0};
    uint64_t sums[2] = {0};
    for (int run = 0; run < 4; run++) {
        struct tcs_store *s = begun();
        tcs_store_limit(s, &limits);
        for (int i = 0; i < 5; i++) {
            struct tcs_detection d = seen(DAY * (1 + (run * 5 + i) * step % 20));
            good(tcs_store_detection_put(s, &sig, &d, &err), &err);
        }
        end(s);
    }
    assert_int_equal(ask("SELECT count(*) FROM detection"), 8);
    assert_int_equal(ask("SELECT min(time) FROM detection"), 13 * DAY);
    struct tcs_store *s = opened(TCS_STORE_READ);
    good(tcs_store_summaries(s, sum_rows, sums, &err), &err);
    tcs_store_close(s);
    if (step == 1) { /* in order of time nothing is too old to be taken */
        assert_int_equal(sums[0], 12);
        assert_int_equal(sums[1], 12);
    }
}

static void
test_limits(void **unused)
{
    (void)unused;
    limits_in_order(1);
}

static void
test_limits_in_another_order(void **unused)
{
    struct tcs_err err = {0};
    (void)unused;
    limits_in_order(7);
    struct tcs_store *s = begun();
    struct tcs_detection old = seen(DAY);
    assert_int_equal(tcs_store_detection_put(s, &rule_one, &old, &err), 0);
    assert_int_equal(tcs_store_stats(s)->beyond, 1);
    tcs_store_close(s);
}

static void
check_pair(void *ctx, const struct tcs_store_pair *row)
{
    unsigned *n = ctx;
    check_str(row->host, "dc01.elbwerft.example");
    bool account = tcs_str_eq(row->kind, TCS_STR("account"));
    check_str(row->name, account ? "j.brandt" : "one");
    assert_int_equal(row->count, account ? 4 : 3); /* the logon counts for the account too */
    assert_int_equal(row->days, 2);
    assert_int_equal(row->first, DAY + 1);
    assert_int_equal(row->last, 2 * DAY + TCS_TICKS_PER_SEC);
    ++*n;
}

static void
test_baseline(void **unused)
{
    struct tcs_err err = {0};
    unsigned n = 0;
    struct tcs_detection d = seen(DAY + 1);
    struct tcs_observation o = {.kind = TCS_OBS_LOGON, .time = DAY + 2, .who = d.who};
    (void)unused;
    o.who.target = TCS_STR("J.Brandt");
    struct tcs_store *s = begun();
    put(s, d);
    end(s);
    s = begun(); /* another run: the old row does not count again */
    put(s, d);
    put(s, seen(2 * DAY));
    put(s, seen(2 * DAY + TCS_TICKS_PER_SEC));
    end(s);
    s = begun();
    good(tcs_store_observation_put(s, &o, &err), &err);
    end(s);
    s = opened(TCS_STORE_READ);
    good(tcs_store_baseline(s, check_pair, &n, &err), &err);
    tcs_store_close(s);
    assert_int_equal(n, 2);
}

/* --- sources and blobs --- */

static void
count_source(void *ctx, const struct tcs_store_source *src)
{
    uint64_t *sum = ctx;
    *sum += src->size;
}

static void
test_sources(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_str bytes;
    uint64_t sum = 0;
    struct tcs_store_source got, src = {.path = TCS_STR("/logs/a.jsonl"),
                                        .head = {1, 2, 3},
                                        .head_size = 4096,
                                        .size = 1 << 20,
                                        .mtime = -5,
                                        .read = UINT64_MAX,
                                        .records = 77,
                                        .content = {9}};
    struct tcs_store *s = begun();
    (void)unused;
    good(tcs_store_source_put(s, &src, &err), &err);
    src.size = 42;
    good(tcs_store_source_put(s, &src, &err), &err);
    good(tcs_store_blob_put(s, "correlations", (struct tcs_str){"a\0b", 3}, &err), &err);
    assert_int_equal(tcs_store_blob_get(s, "other", arena, &bytes, &err), 0);
    end(s);
    s = opened(TCS_STORE_READ);
    assert_int_equal(tcs_store_source_get(s, src.path, arena, &got, &err), 1);
    check_str(got.path, "/logs/a.jsonl");
    assert_memory_equal(got.head, src.head, sizeof got.head);
    assert_memory_equal(got.content, src.content, sizeof got.content);
    assert_true(got.size == 42 && got.mtime == -5 && got.read == UINT64_MAX && got.records == 77);
    assert_int_equal(tcs_store_source_get(s, TCS_STR("/logs/b"), arena, &got, &err), 0);
    good(tcs_store_sources(s, arena, count_source, &sum, &err), &err);
    assert_int_equal(sum, 42);
    assert_int_equal(tcs_store_blob_get(s, "correlations", arena, &bytes, &err), 1);
    assert_int_equal(bytes.n, 3);
    assert_memory_equal(bytes.p, "a\0b", 3);
    tcs_store_close(s);
}

/* --- transactions --- */

static void
test_without_commit_nothing(void **unused)
{
    struct tcs_store *s = begun();
    (void)unused;
    put(s, seen(DAY));
    end(s);
    s = begun();
    put(s, seen(9 * DAY));
    tcs_store_close(s);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 1);
}

static void
test_readers_while_writing(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_store *w = begun(), *r, *second;
    struct tcs_incident got, in = named(ID_A, 1, 1);
    (void)unused;
    good(tcs_store_incident_put(w, &in, &err), &err);
    r = opened(TCS_STORE_READ);
    assert_int_equal(tcs_store_incident_get(r, TCS_STR(ID_A), arena, &got, &err), 0);
    assert_int_equal(tcs_store_incident_put(r, &in, &err), -TCS_EUSAGE);
    assert_int_equal(tcs_store_begin(r, &err), -TCS_EUSAGE);
    second = opened(TCS_STORE_WRITE);
    assert_int_equal(tcs_store_begin(second, &err), -TCS_EIO);
    assert_non_null(strstr(err.msg, "another tocsin writes to"));
    tcs_store_close(second);
    end(w);
    /* still what it saw first */
    assert_int_equal(tcs_store_incident_get(r, TCS_STR(ID_A), arena, &got, &err), 0);
    tcs_store_close(r);
    r = opened(TCS_STORE_READ);
    assert_int_equal(tcs_store_incident_get(r, TCS_STR(ID_A), arena, &got, &err), 1);
    tcs_store_close(r);
}

static void
test_modes(void **unused)
{
    struct stat st;
    char path[128];
    (void)unused;
    umask(0);
    snprintf(dir + strlen(dir), sizeof dir - strlen(dir), "/new");
    snprintf(file, sizeof file, "%s/tocsin.db", dir);
    tcs_store_close(begun());
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", file, tails[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    *strrchr(dir, '/') = '\0';
}

/* --- files that are not ours --- */

static void
write_file(const void *p, size_t n)
{
    FILE *f = fopen(file, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void
refused(int code, const char *word)
{
    static char before[1 << 16], after[1 << 16];
    FILE *f = fopen(file, "rb");
    size_t n = fread(before, 1, sizeof before, f);
    fclose(f);
    for (int mode = TCS_STORE_READ; mode <= TCS_STORE_WRITE; mode++) {
        struct tcs_store *s = NULL;
        struct tcs_err err = {0};
        assert_int_equal(tcs_store_open(dir, (enum tcs_store_mode)mode, &s, &err), -code);
        assert_null(s);
        if (!strstr(err.msg, word))
            fail_msg("'%s' lacks '%s'", err.msg, word);
    }
    f = fopen(file, "rb");
    assert_int_equal(fread(after, 1, sizeof after, f), n);
    fclose(f);
    assert_memory_equal(before, after, n);
}

static void
test_foreign_files(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_store *s = NULL;
    (void)unused;
    assert_int_equal(tcs_store_open(dir, TCS_STORE_READ, &s, &err), -TCS_EIO);
    assert_non_null(strstr(err.msg, "holds no store"));
    write_file("my notes, not to be lost\n", 25);
    refused(TCS_EPARSE, "not a store of tocsin");
    unlink(file);
    do_sql("CREATE TABLE precious(x); INSERT INTO precious VALUES (1)");
    /* the journal's mode is not changed either: the file's bytes are compared */
    refused(TCS_EPARSE, "not a store of tocsin");
    unlink(file);
    tcs_store_close(begun());
    do_sql("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
    refused(TCS_EUNSUPP, "newer tocsin");
}

static void
test_damaged_file(void **unused)
{
    char bytes[8192];
    struct tcs_err err = {0};
    struct tcs_store *s = begun();
    (void)unused;
    for (int i = 0; i < 50; i++)
        put(s, seen(DAY * (i + 1)));
    end(s);
    do_sql("PRAGMA wal_checkpoint(TRUNCATE)");
    memset(bytes, 0xa5, sizeof bytes);
    FILE *f = fopen(file, "r+b"); /* the schema's page, behind the header */
    fseek(f, 100, SEEK_SET);
    fwrite(bytes, 1, 2000, f);
    fclose(f);
    refused(TCS_ECORRUPT, "damaged");
    f = fopen(file, "r+b");
    fwrite("SQLite format 3\0", 1, 16, f);
    fwrite(bytes, 1, 84, f);
    fclose(f);
    s = NULL;
    assert_true(tcs_store_open(dir, TCS_STORE_WRITE, &s, &err) < 0);
    assert_null(s);
}

static void
test_a_link_is_not_followed(void **unused)
{
    struct tcs_store *s = NULL;
    struct tcs_err err = {0};
    (void)unused;
    assert_int_equal(symlink("/tmp/no-such-file-of-tocsin", file), 0);
    assert_int_equal(tcs_store_open(dir, TCS_STORE_WRITE, &s, &err), -TCS_EIO);
    assert_int_not_equal(access("/tmp/no-such-file-of-tocsin", F_OK), 0);
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
    assert_int_equal(ask("PRAGMA user_version"), 3);
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
    struct tcs_detection d = seen(DAY);
    (void)unused;
    do_sql(version_1);
    do_sql(version_2);
    tcs_store_close(opened(TCS_STORE_WRITE));
    assert_int_equal(ask("PRAGMA user_version"), 3);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 3);
    assert_int_equal(ask("SELECT count FROM detection WHERE flags = 1 AND grouped = 77"), 9);
    assert_int_equal(ask("SELECT count(*) FROM matched"), 0);
    d.flags = TCS_DET_CORRELATION;
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
        T(test_incidents_come_back),
        T(test_ids),
        T(test_list),
        T(test_settle),
        T(test_the_same_record),
        T(test_matches_come_back),
        T(test_matches_have_a_limit),
        T(test_results_are_replaced),
        T(test_evidence_comes_back),
        T(test_limits),
        T(test_limits_in_another_order),
        T(test_baseline),
        T(test_sources),
        T(test_without_commit_nothing),
        T(test_readers_while_writing),
        T(test_modes),
        T(test_foreign_files),
        T(test_damaged_file),
        T(test_a_link_is_not_followed),
        T(test_migration_from_1),
        T(test_migration_from_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

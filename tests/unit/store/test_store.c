/* Tests store/: what is put comes back (random incidents, compared member by member), rows are
 * sets, limits and their order, one writer and many readers, files that are not ours.  Expected
 * values are what was put, or counted by hand. */
#include "scratch.h"

#include "made.h"

#include "base/limits.h"
#include "base/time.h"
#include "chain/chain.h"
#include "sigma/ast.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
        struct tcs_str id = tcs_base_str_of(in[i].id);
        int r = tcs_store_incident_get(s, tcs_base_str_slice(id, 0, i % 2 ? 12 : 32), arena, &got,
                                       &err);
        good(r, &err);
        assert_int_equal(r, 1);
        const char *what = made_differs(&in[i], &got);
        if (what)
            fail_msg("incident %d: %s differs", i, what);
        for (uint32_t m = 0; m < in[i].nmerged; m++) {
            good(tcs_store_incident_get(s, in[i].merged[m], arena, &got, &err), &err);
            check_str(tcs_base_str_of(got.id), in[i].id);
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
    check_str(tcs_base_str_of(got.id), ID_B);
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
    check_str(tcs_base_str_of(got.id), ID_C);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID_A), arena, &got, &err), 1);
    check_str(tcs_base_str_of(got.id), ID_C);
    /* it stands on its own again */
    good(tcs_store_incident_put(s, &a, &err), &err);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID_A), arena, &got, &err), 1);
    check_str(tcs_base_str_of(got.id), ID_A);
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
    check_str(tcs_base_str_of(got.id), ID_C);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID_B), arena, &got, &err), 0);
    tcs_store_close(s);
}

/* --- detections and observations --- */

/* Which record it is says the key alone; who says it is the rule. */
static void
test_the_same_record(void **unused)
{
    const int64_t t = INT64_C(17000000000000000);
    struct tcs_signature two = {.id = TCS_STR("two")};
    struct tcs_finding d = seen(t), x = d;
    struct tcs_observation o = {.kind = TCS_OBS_LOGON, .time = t, .evidence = d.evidence};
    struct tcs_err err = {0};
    struct tcs_store *s = begun();
    (void)unused;
    assert_int_equal(put(s, d), TCS_STORE_NEW);
    assert_int_equal(put(s, d), TCS_STORE_KNOWN);
    x.evidence = (struct tcs_evidence){.file = TCS_STR("/backup/dc01.jsonl"), .offset = 9};
    x.evidence.key = d.evidence.key;
    x.time = t + 1;
    x.who.host = TCS_STR("dc01");
    assert_int_equal(put(s, x), TCS_STORE_KNOWN);
    x = d;
    x.evidence.key.b[15] ^= 1;
    assert_int_equal(put(s, x), TCS_STORE_NEW);
    assert_int_equal(tcs_store_detection_put(s, &two, &d, &err), TCS_STORE_NEW);
    assert_int_equal(tcs_store_observation_put(s, &o, &err), TCS_STORE_NEW);
    o.time++;
    assert_int_equal(tcs_store_observation_put(s, &o, &err), TCS_STORE_KNOWN);
    o.kind = TCS_OBS_ADMIN;
    assert_int_equal(tcs_store_observation_put(s, &o, &err), TCS_STORE_NEW);
    o.evidence.key.b[0] ^= 1;
    assert_int_equal(tcs_store_observation_put(s, &o, &err), TCS_STORE_NEW);
    assert_int_equal(tcs_store_stats(s)->findings, 3);
    assert_int_equal(tcs_store_stats(s)->observations, 3);
    assert_int_equal(tcs_store_stats(s)->known, 3);
    end(s);
}

struct got {
    struct tcs_finding d[64];
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
    g->ids[nr] = tcs_base_arena_str(arena, sig->id);
    g->ns++;
    return 0;
}

static void
keep_texts(struct tcs_identity *who, struct tcs_evidence *e)
{
#define TEXT(m) who->m = tcs_base_arena_str(arena, who->m);
#define NUMBER(m)
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, NUMBER)
#undef TEXT
#undef NUMBER
    e->file = tcs_base_arena_str(arena, e->file);
    e->channel = tcs_base_arena_str(arena, e->channel);
}

static int
got_detection(void *ctx, const struct tcs_finding *d, struct tcs_err *err)
{
    struct got *g = ctx;
    (void)err;
    g->d[g->nd] = *d;
    g->d[g->nd].unchecked = tcs_base_arena_str(arena, d->unchecked);
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
same_parties(const struct tcs_identity *a, const struct tcs_identity *b)
{
#define TEXT(m) assert_true(tcs_base_str_eq(a->m, b->m));
#define NUMBER(m) assert_true(a->m == b->m);
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, NUMBER)
#undef TEXT
#undef NUMBER
}

static void
same_evidence(const struct tcs_evidence *a, const struct tcs_evidence *b)
{
    assert_true(tcs_base_str_eq(a->file, b->file) && tcs_base_str_eq(a->channel, b->channel));
    assert_true(a->record_id == b->record_id && a->offset == b->offset);
    assert_int_equal(a->event_id, b->event_id);
    assert_memory_equal(a->key.b, b->key.b, TCS_KEY);
}

static void
test_evidence_comes_back(void **unused)
{
    enum { N = 60 };
    static struct tcs_finding d[N];
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
        assert_true(tcs_base_str_eq(g.ids[g.d[i].signature], sig[i].id));
        assert_true(g.d[i].time == d[i].time && g.d[i].first == d[i].first);
        assert_true(g.d[i].flags == d[i].flags && g.d[i].count == d[i].count);
        assert_true(g.d[i].group == d[i].group);
        assert_true(tcs_base_str_eq(g.d[i].unchecked, d[i].unchecked));
        same_parties(&g.d[i].who, &d[i].who);
        same_evidence(&g.d[i].evidence, &d[i].evidence);
        const struct tcs_observation *back = &g.o[N - 1 - i]; /* the newest first */
        assert_true(back->time == o[i].time && back->kind == o[i].kind);
        assert_int_equal(back->logon_type, o[i].logon_type);
        same_parties(&back->who, &o[i].who);
        same_evidence(&back->evidence, &o[i].evidence);
    }
}

/* --- limits, long memory --- */

static void
sum_rows(void *ctx, const struct tcs_store_summary *row)
{
    uint64_t *sums = ctx;
    bool host = tcs_base_str_eq(row->kind, TCS_STR("host"));
    assert_true(host || tcs_base_str_eq(row->kind, TCS_STR("account")));
    check_str(row->name, host ? "dc01.elbwerft.example" : "j.brandt");
    check_str(row->technique, "T1003.001");
    assert_int_equal(row->stage, TCS_STAGE_CREDENTIALS);
    assert_int_equal(row->first, DAY);
    sums[host ? 0 : 1] += row->count;
}

/* 20 findings in runs of 5, whatever the order: the newest 8 stay, 12 are remembered. */
static void
limits_in_order(int step)
{
    struct tcs_str technique = TCS_STR("T1003.001");
    const struct tcs_signature sig = {.id = TCS_STR("one"),
                                      .stage = TCS_STAGE_CREDENTIALS,
                                      .techniques = &technique,
                                      .ntechniques = 1};
    const struct tcs_store_limits limits = {8, 8, 100, 100, 10, 10, 8, 0};
    struct tcs_err err = {0};
    uint64_t sums[2] = {0};
    for (int run = 0; run < 4; run++) {
        struct tcs_store *s = begun();
        tcs_store_limit(s, &limits);
        for (int i = 0; i < 5; i++) {
            struct tcs_finding d = seen(DAY * (1 + (run * 5 + i) * step % 20));
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
    struct tcs_finding old = seen(DAY);
    struct tcs_observation seen_old = {.kind = TCS_OBS_BOOT, .time = DAY};
    assert_int_equal(tcs_store_detection_put(s, &rule_one, &old, &err), TCS_STORE_BEYOND);
    assert_int_equal(tcs_store_stats(s)->beyond, 1);
    assert_int_equal(tcs_store_observation_put(s, &seen_old, &err), TCS_STORE_NEW);
    tcs_store_close(s);
}

/* What was pruned is not forgotten: the account goes further a year later. */
static void
test_summaries_reach_the_chain(void **unused)
{
    static const char id[] = "00112233445566778899aabbccddeeff";
    struct tcs_str dump = TCS_STR("T1003.001"), share = TCS_STR("T1021.002");
    const struct tcs_signature was = {.id = TCS_STR("was"),
                                      .level = TCS_HIGH,
                                      .stage = TCS_STAGE_CREDENTIALS,
                                      .techniques = &dump,
                                      .ntechniques = 1},
                               now = {.id = TCS_STR("now"),
                                      .level = TCS_HIGH,
                                      .techniques = &share,
                                      .ntechniques = 1};
    const struct tcs_store_limits limits = {1, 8, 100, 100, 10, 10, 10, 0};
    const struct tcs_finding first = seen(DAY), last = seen(366 * DAY);
    struct tcs_link link = {.time = DAY, .last = DAY, .rule_id = was.id, .host = first.who.host};
    struct tcs_incident in = {.links = &link, .nlinks = 1, .first = DAY, .last = DAY};
    struct tcs_err err = {0};
    (void)unused;
    memcpy(in.id, id, sizeof id);
    struct tcs_store *s = begun();
    good(tcs_store_detection_put(s, &was, &first, &err), &err);
    good(tcs_store_incident_put(s, &in, &err), &err);
    end(s);
    s = begun();
    tcs_store_limit(s, &limits);
    good(tcs_store_detection_put(s, &now, &last, &err), &err);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 1);

    struct tcs_chain *c = tcs_chain_new(NULL);
    uint32_t n;
    s = opened(TCS_STORE_READ);
    good(tcs_store_replay(s, c, &err), &err);
    good(tcs_chain_finish(c, &err), &err);
    const struct tcs_incident *out = tcs_chain_incidents(c, &n);
    assert_int_equal(n, 1);
    assert_int_equal(out->stages, 1u << TCS_STAGE_CREDENTIALS | 1u << TCS_STAGE_LATERAL);
    assert_int_equal(out->njoins, 2); /* by the account and by the host */
    check_str(out->joins[0].other, id);
    assert_non_null(strstr(out->joins[0].reason.p, "365 days before"));
    tcs_store_close(s);
    tcs_chain_free(c);
}

static void
check_pair(void *ctx, const struct tcs_store_pair *row)
{
    unsigned *n = ctx;
    check_str(row->host, "dc01.elbwerft.example");
    bool account = tcs_base_str_eq(row->kind, TCS_STR("account"));
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
    struct tcs_finding d = seen(DAY + 1);
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
                                        .read = INT64_MAX,
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
    assert_true(got.size == 42 && got.mtime == -5 && got.read == INT64_MAX && got.records == 77);
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

/* claim: store-modes */
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

/* claim: store-hostile */
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

/* One row in every table. */
static void
put_one_of_each(void)
{
    const struct tcs_store_limits limits = {1, 8, 100, 100, 10, 10, 10, 0};
    struct tcs_str t = TCS_STR("T1003.001");
    struct tcs_link links[] = {{.rule_id = TCS_STR("one"), .techniques = &t, .ntechniques = 1}};
    struct tcs_join joins[] = {{.link = 0, .to = 0, .reason = TCS_STR("why")}};
    struct tcs_transition moves[] = {{.state = 1, .why = TCS_STR("why")}};
    struct tcs_reach reach[] = {{.hops = 1, .name = TCS_STR("H")}};
    struct tcs_missing missing[] = {{.stage = 1, .text = TCS_STR("feed")}};
    struct tcs_next next[] = {{.stage = 1, .priority = 1, .text = TCS_STR("do")}};
    struct tcs_overlap overlaps[] = {{.profile = TCS_STR("p"), .shared = 1}};
    struct tcs_incident in = named(ID_A, 1, 1);
    struct tcs_store_source src = {.path = TCS_STR("/logs/a")};
    struct tcs_finding d = seen(9 * DAY);
    struct tcs_observation o = {.kind = TCS_OBS_LOGON, .time = DAY, .who = d.who};
    struct tcs_store_match m = {.rule = TCS_STR("one"), .time = DAY, .host = d.who.host};
    struct tcs_err err = {0};
    in.links = links;
    in.joins = joins;
    in.transitions = moves;
    in.reach = reach;
    in.missing = missing;
    in.expected = in.mitigations = next;
    in.overlaps = overlaps;
    in.nlinks = in.njoins = in.ntransitions = in.nreach = in.nmissing = 1;
    in.nexpected = in.nmitigations = in.noverlaps = 1;
    struct tcs_store *s = begun();
    tcs_store_limit(s, &limits);
    put(s, seen(DAY)); /* pruned: a summary, a horizon */
    put(s, d);
    good(tcs_store_observation_put(s, &o, &err), &err);
    good(tcs_store_match_put(s, &m, &err), &err);
    good(tcs_store_incident_put(s, &in, &err), &err);
    good(tcs_store_source_put(s, &src, &err), &err);
    good(tcs_store_host_seen_put(s, d.who.host, DAY, 9 * DAY, &err), &err);
    end(s);
}

static int
no_match(void *ctx, const struct tcs_store_match *m, struct tcs_err *err)
{
    (void)ctx;
    (void)m;
    (void)err;
    return 0;
}

static void
no_pair(void *ctx, const struct tcs_store_pair *row)
{
    (void)ctx;
    (void)row;
}

static void
no_head(void *ctx, const struct tcs_incident *head)
{
    (void)ctx;
    (void)head;
}

/* Everything is asked for; the first refusal. */
static int
ask_all(struct tcs_err *err)
{
    uint64_t sum = 0;
    struct tcs_incident in;
    struct tcs_chain *c = tcs_chain_new(NULL);
    struct tcs_store *s = opened(TCS_STORE_WRITE);
    int r = tcs_store_begin(s, err);
    if (r == 0)
        r = tcs_store_replay(s, c, err);
    if (r == 0)
        r = tcs_chain_finish(c, err);
    if (r == 0)
        r = tcs_store_matches(s, no_match, NULL, err);
    if (r == 0)
        r = tcs_store_baseline(s, no_pair, NULL, err);
    if (r == 0)
        r = tcs_store_sources(s, arena, count_source, &sum, err);
    if (r == 0)
        r = tcs_store_incidents(s, 0, no_head, NULL, err);
    if (r == 0)
        r = tcs_store_incident_get(s, TCS_STR(ID_A), arena, &in, err);
    tcs_store_close(s);
    tcs_chain_free(c);
    return r < 0 ? r : 0;
}

/* Numbers that cannot be, each alone in a file that is sound otherwise. */
#define SMALL "-9223372036854775808"
#define GREAT "9223372036854775807"
static const char *const damages[] = {
    "UPDATE signature SET nr = -1",
    "UPDATE signature SET nr = 4294967295",
    "UPDATE signature SET nr = " GREAT,
    "UPDATE signature SET level = 6",
    "UPDATE signature SET level = -1",
    "UPDATE signature SET stage = 6",
    "UPDATE signature SET stage = 4294967297",
    "UPDATE detection SET signature = 77",
    "UPDATE detection SET signature = -1",
    "UPDATE detection SET signature = 4294967297",
    "UPDATE detection SET nr = " GREAT,
    "UPDATE detection SET time = " GREAT,
    "UPDATE detection SET first = 1 + " SMALL,
    "UPDATE detection SET flags = 64",
    "UPDATE detection SET flags = -1",
    "UPDATE detection SET count = -1",
    "UPDATE detection SET pid = 4294967296",
    "UPDATE detection SET event_id = -1",
    "UPDATE observation SET kind = 10",
    "UPDATE observation SET kind = -1",
    "UPDATE observation SET logon_type = 256",
    "UPDATE observation SET time = " GREAT,
    "UPDATE observation SET nr = " GREAT,
    "UPDATE matched SET time = " GREAT,
    "UPDATE matched SET time = " SMALL,
    "UPDATE matched SET flags = 130",
    "UPDATE matched SET about_target = 2",
    "UPDATE heard SET first = " SMALL,
    "UPDATE heard SET last = " GREAT,
    "UPDATE blob SET bytes = x'ffffffffffffff7f00000000000000000000000000000000'",
    "UPDATE summary SET stage = 6",
    "UPDATE summary SET stage = 256 + stage",
    "UPDATE summary SET first = " GREAT,
    "UPDATE summary SET last = " GREAT,
    "UPDATE summary SET count = -1",
    "UPDATE OR IGNORE summary SET kind = 'user'",
    "UPDATE baseline SET first = " SMALL,
    "UPDATE baseline SET last = " GREAT,
    "UPDATE baseline SET count = -1",
    "UPDATE baseline SET count = " GREAT,
    "UPDATE OR IGNORE baseline SET kind = 'rule'",
    "UPDATE source SET head_size = 4097",
    "UPDATE source SET size = -1",
    "UPDATE source SET read = -1",
    "UPDATE source SET records = -1",
    "UPDATE source SET head = x'00'",
    "UPDATE incident SET state = 5",
    "UPDATE incident SET stages = 64",
    "UPDATE incident SET stages = -1",
    "UPDATE incident SET score = 4294967296",
    "UPDATE incident SET first = " SMALL,
    "UPDATE incident SET last = " GREAT,
    "UPDATE incident SET detections = -1",
    "UPDATE incident SET id = 'aaaa0000/../../../../../../etc/x'",
    "UPDATE link SET stage = 6",
    "UPDATE link SET level = 6",
    "UPDATE link SET flags = 64",
    "UPDATE link SET chosen = -1",
    "UPDATE link SET time = " SMALL,
    "UPDATE link SET last = " GREAT,
    "UPDATE link SET count = -1",
    "UPDATE joined SET kind = 3",
    "UPDATE joined SET strength = 3",
    "UPDATE joined SET link = 1",
    "UPDATE joined SET link = -1",
    "UPDATE joined SET to_link = 4294967294",
    "UPDATE joined SET time = " GREAT,
    "UPDATE transition SET state = 5",
    "UPDATE transition SET time = " SMALL,
    "UPDATE reach SET hops = 3",
    "UPDATE reach SET is_host = 2",
    "UPDATE reach SET last = " GREAT,
    "UPDATE missing SET stage = 6",
    "UPDATE expected SET stage = 6",
    "UPDATE mitigation SET priority = 256",
    "UPDATE overlap SET shared = -1",
};

/* claim: store-hostile */
static void
test_damaged_rows(void **unused)
{
    struct tcs_err err = {0};
    (void)unused;
    put_one_of_each();
    good(ask_all(&err), &err);
    do_sql("PRAGMA wal_checkpoint(TRUNCATE)");
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char sql[300];
        snprintf(sql, sizeof sql, "VACUUM INTO '%s.kept'", file);
        do_sql(sql);
        do_sql(damages[i]);
        err = (struct tcs_err){0};
        int r = ask_all(&err);
        if (r != -TCS_ECORRUPT || !err.msg[0])
            fail_msg("%s: %d %s", damages[i], r, err.msg);
        snprintf(sql, sizeof sql, "%s.kept", file);
        assert_int_equal(rename(sql, file), 0);
        snprintf(sql, sizeof sql, "%s-wal", file);
        unlink(sql);
        snprintf(sql, sizeof sql, "%s-shm", file);
        unlink(sql);
    }
    good(ask_all(&err), &err);
}

/* Any number will do as a name, and takes no more memory than another. */
static void
test_a_great_number_of_a_rule(void **unused)
{
    struct tcs_err err = {0};
    (void)unused;
    put_one_of_each();
    do_sql("UPDATE signature SET nr = 3000000000; UPDATE detection SET signature = 3000000000");
    good(ask_all(&err), &err);
}

/* A log may say any time: what was kept because of it is not damage. */
static void
test_any_time_of_a_record(void **unused)
{
    const int64_t times[] = {TCS_TIME_NONE, TCS_TIME_FIRST, tcs_base_time_from_filetime(0),
                             tcs_base_time_from_filetime(INT64_MAX)};
    struct tcs_err err = {0};
    (void)unused;
    put_one_of_each();
    assert_true(tcs_base_time_from_filetime(INT64_MAX) == TCS_TIME_LAST);
    struct tcs_store *s = begun();
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct tcs_finding d = seen(times[i]);
        struct tcs_observation o = {.kind = TCS_OBS_LOGON, .time = times[i], .who = d.who};
        put(s, d);
        good(tcs_store_observation_put(s, &o, &err), &err);
    }
    end(s);
    good(ask_all(&err), &err);
}

/* claim: store-modes */
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
        T(test_evidence_comes_back),
        T(test_limits),
        T(test_limits_in_another_order),
        T(test_summaries_reach_the_chain),
        T(test_baseline),
        T(test_sources),
        T(test_without_commit_nothing),
        T(test_readers_while_writing),
        T(test_modes),
        T(test_foreign_files),
        T(test_damaged_file),
        T(test_damaged_rows),
        T(test_a_great_number_of_a_rule),
        T(test_any_time_of_a_record),
        T(test_a_link_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

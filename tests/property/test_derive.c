/* property/test_derive.c - worlds made up from a seed, put into a store in any split into runs, in
 * any order, with results of correlations that come and go, rows that are pruned and rows that come
 * again: whatever is faster gives the incidents that the store's rows give one by one, byte for
 * byte; and if nothing was pruned, those of one chain that was fed everything. */
#include "store/store.h"
#include "worlds.h"

#include <ftw.h>
#include <sqlite3.h>
#include <unistd.h>

enum { WORLDS = 16, SPLITS = 3, RUNS = 5, RESULTS = 6 };

static char dir[64];
static struct tcs_chain_opts room; /* of chains; all 0: as usual */

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static void
good(int r, const struct tcs_err *err)
{
    if (r < 0)
        fail_msg("%s", err->msg);
}

/* One run: the chain that takes the fast way, the one that takes the plain one. */
struct run {
    struct tcs_store *s;
    struct tcs_chain *fast, *plain;
    uint32_t fast_rules[RULES], plain_rules[RULES];
};

static struct tcs_signature
signature(uint32_t i, struct tcs_str *technique)
{
    const struct made_rule *r = &made_rules[i];
    *technique = r->technique ? tcs_base_str_of(r->technique) : (struct tcs_str){0};
    return (struct tcs_signature){.id = tcs_base_str_of(r->id),
                                  .title = tcs_base_str_of(r->id),
                                  .level = r->level,
                                  .stage = r->stage,
                                  .techniques = technique,
                                  .ntechniques = r->technique ? 1 : 0};
}

static void
feed_both(struct run *r, const struct fed *f)
{
    feed(r->fast, f, r->fast_rules);
    feed(r->plain, f, r->plain_rules);
}

/* As the engine puts it: what is new goes on. */
static void
put(struct run *r, const struct fed *f)
{
    struct tcs_err err = {0};
    struct tcs_str technique;
    struct tcs_signature sig = signature(f->d.signature, &technique);
    int e = f->what == OBSERVE  ? tcs_store_observation_put(r->s, &f->o, &err)
            : f->what == DETECT ? tcs_store_detection_put(r->s, &sig, &f->d, &err)
            : f->what == HEARD  ? tcs_store_host_seen_put(r->s, f->o.who.host, f->o.time,
                                                          f->o.time + TCS_TICKS_PER_SEC * 60, &err)
                                : TCS_STORE_KNOWN;
    good(e, &err);
    if (f->what == HEARD || (f->what != KNOWN && e == TCS_STORE_NEW))
        feed_both(r, f);
}

/* Some hold in this run, in words that change; the others do not hold any more. */
static void
put_results(struct run *r)
{
    struct tcs_err err = {0};
    for (uint32_t i = 0; i < RESULTS && i < nfed; i++) {
        struct fed f = fed[i];
        struct tcs_str technique;
        if (below(3) == 0)
            continue;
        f.what = DETECT;
        f.d.flags = TCS_FINDING_CORRELATION;
        f.d.group = 1000 + i;
        f.d.count = 1 + below(3);
        f.d.time = f.d.first + (int64_t)below(3) * TCS_TICKS_PER_SEC;
        struct tcs_signature sig = signature(f.d.signature, &technique);
        struct tcs_store_result row = {.signature = &sig, .detection = &f.d, .plan = 1 + i % 2};
        int e = tcs_store_result_put(r->s, &row, &err);
        good(e, &err);
        if (e == TCS_STORE_NEW)
            feed_both(r, &f);
    }
    if (below(4))
        good(tcs_store_results_settle(r->s, 1, INT64_MIN, &err), &err);
}

static void
begin_run(struct run *r, const struct tcs_store_limits *limits, bool stops)
{
    struct tcs_err err = {0};
    struct tcs_str stop = S("FS01");
    struct tcs_chain_opts opts = room;
    opts.stop = &stop;
    opts.nstop = stops && below(2);
    good(tcs_store_open(dir, TCS_STORE_WRITE, &r->s, &err), &err);
    tcs_store_limit(r->s, limits);
    good(tcs_store_begin(r->s, &err), &err);
    r->fast = tcs_chain_new(&opts);
    r->plain = tcs_chain_new(&opts);
    add_rules(r->fast, r->fast_rules, below(RULES));
    add_rules(r->plain, r->plain_rules, below(RULES));
}

/* The incidents, which both ways gave. */
static struct tcs_buf
end_run(struct run *r, bool results, uint32_t world)
{
    struct tcs_err err = {0};
    struct tcs_buf fast = {0}, plain = {0};
    good(tcs_store_recall(r->s, r->fast, &err), &err);
    if (results)
        put_results(r);
    good(tcs_store_complete(r->s, r->fast, &err), &err);
    good(tcs_store_replay(r->s, r->plain, &err), &err);
    const uint64_t before = left_out;
    conclude(r->fast, &fast);
    const uint64_t fast_left_out = left_out - before;
    conclude(r->plain, &plain);
    same(plain, fast, world, "fast and plain");
    assert_int_equal(left_out - before, 2 * fast_left_out);
    good(tcs_store_commit(r->s, &err), &err);
    tcs_store_close(r->s);
    tcs_base_buf_done(&plain);
    return fast;
}

static struct tcs_buf
in_runs(const uint32_t *order, const struct tcs_store_limits *limits, bool results, uint32_t world)
{
    struct tcs_buf b = {0};
    uint32_t from = 0, runs = 1 + below(RUNS);
    strcpy(dir, "/tmp/tocsin-derive-XXXXXX");
    assert_non_null(mkdtemp(dir));
    for (uint32_t k = 1; k <= runs; k++) {
        uint32_t end = k == runs ? nfed : from + below(nfed - from + 1);
        struct run r;
        begin_run(&r, limits, results);
        for (uint32_t i = below(4) ? from : 0; i < end; i++)
            put(&r, &fed[order[i]]);
        tcs_base_buf_done(&b);
        b = end_run(&r, results, world);
        from = end;
    }
    assert_int_equal(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    return b;
}

static void
number(uint32_t *order)
{
    for (uint32_t i = 0; i < nfed; i++)
        order[i] = i;
}

static const struct tcs_store_limits wide = {10000, 10000, 10000, 10000, 1000, 1000, 1000, 0};

/* Everything at once and no store. */
static struct tcs_buf
at_once(void)
{
    struct tcs_buf b = {0};
    struct tcs_chain *c = tcs_chain_new(NULL);
    uint32_t rules[RULES];
    add_rules(c, rules, 0);
    for (uint32_t i = 0; i < nfed; i++)
        if (fed[i].what != KNOWN)
            feed(c, &fed[i], rules);
    conclude(c, &b);
    return b;
}

static void
any_split(void **state)
{
    static uint32_t order[FED_MAX];
    size_t told = 0;
    (void)state;
    for (uint32_t w = 0; w < WORLDS; w++) {
        seed = w * 700001u + 5;
        make_world();
        number(order);
        for (uint32_t s = 0; s < SPLITS; s++) {
            shuffle(order, nfed);
            struct tcs_buf got = in_runs(order, &wide, true, w);
            told += got.n;
            tcs_base_buf_done(&got);
        }
    }
    assert_true(told > 0); /* else nothing was compared */
}

static void
as_at_once(void **state)
{
    static uint32_t order[FED_MAX];
    (void)state;
    for (uint32_t w = 0; w < WORLDS; w++) {
        seed = w * 300007u + 23;
        make_world();
        number(order);
        struct tcs_buf want = at_once();
        for (uint32_t s = 0; s < SPLITS; s++) {
            shuffle(order, nfed);
            struct tcs_buf got = in_runs(order, &wide, false, w);
            same(want, got, w, "in runs and at once");
            tcs_base_buf_done(&got);
        }
        tcs_base_buf_done(&want);
    }
}

static void
pruned(void **state)
{
    static uint32_t order[FED_MAX];
    (void)state;
    for (uint32_t w = 0; w < WORLDS; w++) {
        seed = w * 900007u + 11;
        make_world();
        number(order);
        for (uint32_t s = 0; s < SPLITS; s++) {
            struct tcs_store_limits tight = wide;
            tight.findings = 20 + below(nfed / 2);
            tight.observations = 20 + below(nfed / 2);
            tight.image = below(2) ? 0 : 50;
            shuffle(order, nfed);
            struct tcs_buf got = in_runs(order, &tight, below(2), w);
            tcs_base_buf_done(&got);
        }
    }
}

/* So little room that each chain leaves out most. */
static void
within_limits(void **state)
{
    static uint32_t order[FED_MAX];
    (void)state;
    spellings = 1; /* which is shown may be that of what was left out */
    room = (struct tcs_chain_opts){.max_findings = 100, .max_observations = 40, .max_hosts = 9};
    left_out = 0;
    for (uint32_t w = 0; w < WORLDS; w++) {
        seed = w * 110017u + 7;
        make_world();
        number(order);
        for (uint32_t s = 0; s < SPLITS; s++) {
            shuffle(order, nfed);
            struct tcs_buf got = in_runs(order, &wide, true, w);
            tcs_base_buf_done(&got);
        }
    }
    assert_true(left_out > 1000);
    spellings = 3;
    room = (struct tcs_chain_opts){0};
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_split),
        cmocka_unit_test(as_at_once),
        cmocka_unit_test(pruned),
        cmocka_unit_test(within_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

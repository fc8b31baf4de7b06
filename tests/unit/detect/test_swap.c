/* Tests that a detector can be replaced while a run is going on (detect/engine.h,
 * tcs_detect_engine_swap): what came before is judged by the old one, what comes after by the new
 * one, on any number of threads.  Rules and records are made up; expected values follow from which
 * unit the replacement came with. */
#include "rig.h"

#include "decode/formats.h"

enum { UNITS = 12, TEXT_MAX = 512 };

/* Records that each stand in a unit of their own, handed out in order. */
struct source {
    struct tcs_source source;
    struct tcs_origin origin;
    struct tcs_engine *engine;
    char text[UNITS][TEXT_MAX + TCS_BLOCK_PADDING];
    uint64_t next, bytes;
    /* Replaces the engine's with unit i before it is handed out, and lets go of it; NULL: not. */
    struct tcs_detector *swap[UNITS];
};

static int
next(void *ctx, struct tcs_unit *ret, struct tcs_err *err)
{
    struct source *s = ctx;
    const uint64_t i = s->next;
    (void)err;
    if (i == UNITS)
        return 1;
    if (s->swap[i]) {
        tcs_detect_engine_swap(s->engine, s->swap[i]);
        tcs_detect_unref(s->swap[i]);
    }
    *ret = (struct tcs_unit){.block = {.origin = &s->origin,
                                       .p = (const uint8_t *)s->text[i],
                                       .n = strlen(s->text[i]),
                                       .offset = i * TEXT_MAX,
                                       .first_record = i + 1},
                             .format = &tcs_decode_format_jsonl,
                             .seq = i};
    s->next++;
    s->bytes += ret->block.n;
    return 0;
}

static void
give_back(void *ctx, struct tcs_unit *u)
{
    (void)ctx;
    (void)u;
}

/* Unit i holds record i, a second after the one before. */
static void
make(struct source *s, unsigned event_id)
{
    *s = (struct source){.source = {.ctx = s, .next = next, .give_back = give_back},
                         .origin = {.path = TCS_STR("/a/log.jsonl")}};
    s->source.bytes_read = &s->bytes;
    for (unsigned i = 0; i < UNITS; i++)
        snprintf(s->text[i], TEXT_MAX,
                 "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"Microsoft-"
                 "Windows-Security-Auditing\"}},\"EventID\":%u,\"EventRecordID\":%u,\"Channel\":"
                 "\"Security\",\"Computer\":\"H\",\"TimeCreated\":{\"#attributes\":{\"SystemTime\":"
                 "\"2026-03-17T00:00:%02uZ\"}}},\"EventData\":{\"IpAddress\":\"192.0.2.7\"}}}\n",
                 event_id, i, i);
}

/* The run has a copy of the job. */
static struct tcs_run *
open_run(struct tcs_engine *e, unsigned threads)
{
    struct tcs_job job = tcs_detect_engine_job(e, threads);
    struct tcs_run *r = tcs_detect_run_new(&job);
    assert_non_null(r);
    memset(&job, 0x55, sizeof job);
    return r;
}

/* The whole source through the engine, then settled.  Takes `first` over. */
static void
run(struct rig *r, struct source *s, struct tcs_detector *first, const char *store,
    unsigned threads)
{
    struct tcs_err err = {0};
    struct tcs_stop stop;
    rig_told(r);
    s->engine = rig_engine(r, first, store);
    tcs_detect_unref(first);
    struct tcs_run *run = open_run(s->engine, threads);
    assert_int_equal(tcs_process_signals_open(&stop, &err), 0);
    if (tcs_detect_run(run, &s->source, &stop, &err) < 0)
        fail_msg("%s", err.msg);
    tcs_process_signals_close(&stop);
    tcs_process_signals_release(&stop);
    tcs_detect_run_free(run);
    rig_settle(s->engine);
    tcs_detect_engine_free(s->engine);
}

static const char old_rules[] = RIG_RULE("1", "old", "4688", "high"),
                  new_rules[] = RIG_RULE("2", "new", "4688", "high");

static void
expect(const struct rig *r, unsigned unit, const char *rule)
{
    char word[32];
    snprintf(word, sizeof word, "+%s H/%u", rule, unit);
    if (strcmp(r->findings[unit], word) != 0)
        fail_msg("%s, not %s", r->findings[unit], word);
}

static void
test_once(void **state)
{
    struct rig r;
    struct source s;
    (void)state;
    for (unsigned threads = 1; threads <= 5; threads += 2)
        for (unsigned at = 0; at < UNITS; at += 3)
            for (int kept = 0; kept < 2; kept++) {
                char store[32];
                snprintf(store, sizeof store, "s%u.%u", threads, at);
                make(&s, 4688);
                s.swap[at] = rig_detector(new_rules);
                run(&r, &s, rig_detector(old_rules), kept ? rig_path(store) : NULL, threads);
                assert_int_equal(r.nfindings, UNITS);
                for (unsigned i = 0; i < UNITS; i++)
                    expect(&r, i, i < at ? "old" : "new");
                if (kept)
                    assert_int_equal(rig_ask(rig_path(store), "SELECT count(*) FROM detection"),
                                     UNITS);
            }
}

/* To and fro with every unit: a worker never uses another's. */
static void
test_often(void **state)
{
    struct rig r;
    struct source s;
    (void)state;
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        make(&s, 4688);
        for (unsigned i = 0; i < UNITS; i++)
            s.swap[i] = rig_detector(i % 2 ? old_rules : new_rules);
        run(&r, &s, rig_detector(old_rules), NULL, threads);
        assert_int_equal(r.nfindings, UNITS);
        for (unsigned i = 0; i < UNITS; i++)
            expect(&r, i, i % 2 ? "old" : "new");
    }
}

/* Replaced twice before a unit came: the last one counts. */
static void
test_last_one_counts(void **state)
{
    struct rig r;
    struct source s;
    struct tcs_detector *other = rig_detector(RIG_RULE("3", "other", "4688", "high"));
    (void)state;
    rig_told(&r);
    make(&s, 4688);
    s.engine = rig_engine(&r, other, NULL);
    tcs_detect_engine_swap(s.engine, other); /* by itself: nothing changes */
    assert_ptr_equal(tcs_detect_engine_detector(s.engine), other);
    struct tcs_detector *d = rig_detector(new_rules);
    tcs_detect_engine_swap(s.engine, d);
    /* not before a batch of it comes */
    assert_ptr_equal(tcs_detect_engine_detector(s.engine), other);
    tcs_detect_engine_swap(s.engine, other);
    tcs_detect_unref(d);
    tcs_detect_engine_free(s.engine);
    tcs_detect_unref(other);
}

#define COUNTING RIG_RULE("4", "failed", "4625", "low")
#define MANY RIG_MANY("5", "many", "failed", "12")
static const char counting[] = COUNTING MANY;
static const char counting_more[] = COUNTING MANY "---\n" RIG_RULE("6", "more", "4625", "low");

/* Twelve failures, five before the swap: with a store a window sees them all, without it begins
 * anew. */
static void
test_correlations(void **state)
{
    struct rig r;
    struct source s;
    (void)state;
    for (unsigned threads = 1; threads <= 3; threads += 2)
        for (int kept = 0; kept < 2; kept++) {
            make(&s, 4625);
            s.swap[5] = rig_detector(counting_more);
            run(&r, &s, rig_detector(counting), kept ? rig_path(threads == 1 ? "a" : "b") : NULL,
                threads);
            assert_int_equal(rig_has(&r, "+many x12"), kept);
            assert_int_equal(rig_has(&r, "+more H/5"), 1);
            assert_int_equal(rig_has(&r, "+more H/4"), 0);
        }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_once),
        TEST(test_often),
        TEST(test_last_one_counts),
        TEST(test_correlations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests detect/engine.c and settle.c with batches made by hand: which findings are new, what the
 * store keeps, who is told what and when.  Expected values follow from the contracts in engine.h,
 * outlet.h and identity/key.h, counted by hand. */
#include "rig.h"

static const struct tcs_origin a = {.path = TCS_STR("/a/log.jsonl"), .index = 0},
                               b = {.path = TCS_STR("/b/log.jsonl"), .index = 1},
                               c = {.path = TCS_STR("/c/log.jsonl"), .index = 2};
static const char rules[] = RIG_RULE("1", "seen", "4688", "high");

/* A numbered record of a host, and what the rule found in it. */
static void
number(struct tcs_batch *x, const char *host, uint64_t n)
{
    rig_found(x, 0, rig_numbered(x, host, n, (int64_t)n), host, n, (int64_t)n);
}

/* Lines of an export, a letter each. */
static void
lines(struct tcs_batch *x, const char *letters)
{
    for (uint64_t i = 0; letters[i]; i++) {
        const char text[2] = {letters[i], '\0'};
        rig_found(x, 0, rig_line(x, text), "H", (uint64_t)letters[i], 1);
    }
}

static void
put_numbers(struct tcs_engine *e, const struct tcs_origin *o, const char *host, uint64_t from,
            uint64_t to)
{
    struct tcs_batch x = rig_batch(o);
    for (uint64_t n = from; n <= to; n++)
        number(&x, host, n);
    rig_put(e, &x);
}

static void
put_lines(struct tcs_engine *e, const struct tcs_origin *o, const char *letters)
{
    struct tcs_batch x = rig_batch(o);
    lines(&x, letters);
    rig_put(e, &x);
}

/* --- which are new --- */

/* claim: each-once */
static void
test_copies_of_a_record(void **state)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(rules);
    uint32_t n;
    (void)state;
    rig_told(&r);
    struct tcs_engine *e = rig_engine(&r, d, NULL);
    put_numbers(e, &a, "H1", 1, 2);
    put_numbers(e, &b, "h1", 2, 3); /* names without case */
    assert_int_equal(r.nfindings, 4);
    assert_string_equal(r.findings[0], "+seen H1/1");
    assert_string_equal(r.findings[1], "+seen H1/2");
    assert_string_equal(r.findings[2], "seen h1/2");
    assert_string_equal(r.findings[3], "+seen h1/3");
    rig_settle(e);
    struct tcs_engine_stats s = tcs_detect_engine_stats(e);
    assert_int_equal(s.findings, 3);
    assert_int_equal(s.repeated, 1);
    assert_int_equal(s.known, 0);
    const struct tcs_incident *in = tcs_detect_engine_incidents(e, &n);
    assert_int_equal(n, 1);
    assert_int_equal(in->detections, 3);
    assert_int_equal(r.nincidents, 1);
    assert_true(r.incidents[0].before == UINT64_MAX);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

/* Two rules on one record are two findings, however often it is read. */
static void
test_rules_of_a_record(void **state)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(
        RIG_RULE("1", "seen", "4688", "high") "---\n" RIG_RULE("2", "also", "4688", "low"));
    (void)state;
    rig_told(&r);
    struct tcs_engine *e = rig_engine(&r, d, NULL);
    for (int turn = 0; turn < 2; turn++) {
        struct tcs_batch x = rig_batch(turn ? &b : &a);
        uint32_t record = rig_numbered(&x, "H", 1, 1);
        rig_found(&x, 0, record, "H", 1, 1);
        rig_found(&x, 1, record, "H", 1, 1);
        rig_put(e, &x);
    }
    assert_int_equal(r.nfindings, 4);
    assert_int_equal(rig_fresh(&r), 2);
    assert_true(rig_has(&r, "+seen H/1") && rig_has(&r, "+also H/1"));
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

/* Equal lines of a file stay as many; the same file elsewhere adds none; of two exports that
 * overlap, each line comes as often as in the one that has most of it. */
static void
equal_lines(const char *store)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(rules);
    rig_told(&r);
    struct tcs_engine *e = rig_engine(&r, d, store);
    put_lines(e, &a, "LL");
    put_lines(e, &a, "LM"); /* another block of the same file */
    assert_int_equal(rig_fresh(&r), 4);
    put_lines(e, &b, "LLLM");
    assert_int_equal(rig_fresh(&r), 4);
    if (store) {
        rig_settle(e);
        tcs_detect_engine_free(e);
        e = rig_engine(&r, d, store);
    }
    put_lines(e, &c, "LLMMN"); /* M once more, and N */
    assert_int_equal(rig_fresh(&r), 6);
    struct tcs_engine_stats s = tcs_detect_engine_stats(e);
    assert_int_equal(s.findings, store ? 2 : 6);
    assert_int_equal(s.repeated, store ? 0 : 7);
    assert_int_equal(s.known, store ? 3 : 0);
    rig_settle(e);
    if (store)
        assert_int_equal(rig_ask(store, "SELECT count(*) FROM detection"), 6);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

/* claim: equal-lines */
static void
test_equal_lines(void **state)
{
    (void)state;
    equal_lines(NULL);
    equal_lines(rig_path("state"));
}

/* What had to be forgotten is told: its copies count again. */
/* claims: keys-bounded, memory */
static void
test_forgotten(void **state)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(rules);
    (void)state;
    rig_told(&r);
    struct tcs_engine *e = rig_engine(&r, d, NULL);
    tcs_detect_engine_limit(e, &(struct tcs_engine_limits){.seen = 4});
    put_numbers(e, &a, "H", 1, 5); /* 1 and 2 were forgotten for 5 */
    put_numbers(e, &b, "H", 5, 5);
    put_numbers(e, &b, "H", 1, 1);
    assert_int_equal(rig_fresh(&r), 6);
    assert_int_equal(tcs_detect_engine_stats(e).forgotten, 2);
    assert_int_equal(tcs_detect_engine_stats(e).repeated, 1);
    tcs_detect_engine_free(e);
    e = rig_engine(&r, d, NULL);
    tcs_detect_engine_limit(e, &(struct tcs_engine_limits){.repeats = 2});
    put_lines(e, &a, "LMN"); /* L and M for N */
    put_numbers(e, &b, "H", 1, 1);
    assert_int_equal(tcs_detect_engine_stats(e).forgotten, 2);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

/* --- carved records --- */

static void
sighted(struct tcs_batch *x, uint64_t hash, bool carved)
{
    assert_true(tcs_detect_batch_room(x, &x->sightings, &x->cap_sightings, x->nsightings, 1,
                                      sizeof *x->sightings));
    x->sightings[x->nsightings++] = (struct tcs_batch_sighting){hash, carved};
}

/* Live before or behind the carved ones, and carved twice; in another log it is another record. */
/* claim: limit-sightings */
static void
test_carved_copies(void **state)
{
    struct tcs_detector *d = rig_detector(rules);
    (void)state;
    for (int small = 0; small < 2; small++) {
        struct tcs_engine *e = rig_engine(NULL, d, NULL);
        if (small) /* the carved ones turn over: the older half is looked at too */
            tcs_detect_engine_limit(e, &(struct tcs_engine_limits){.sightings = 4});
        struct tcs_batch x = rig_batch(&a);
        sighted(&x, 1, false);
        sighted(&x, 1, true);
        sighted(&x, 2, true);
        sighted(&x, 3, true);
        sighted(&x, 3, true); /* one copy */
        rig_put(e, &x);
        x = rig_batch(&a);
        sighted(&x, 2, false);
        rig_put(e, &x);
        x = rig_batch(&b);
        sighted(&x, 3, false);
        rig_put(e, &x);
        rig_settle(e);
        assert_int_equal(tcs_detect_engine_stats(e).carved_copies, 3);
        tcs_detect_engine_free(e);
    }
    tcs_detect_unref(d);
}

/* --- a store --- */

static void
test_known_to_the_store(void **state)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(rules);
    const char *store = rig_path("state");
    (void)state;
    rig_told(&r);
    struct tcs_engine *e = rig_engine(&r, d, store);
    put_numbers(e, &a, "H", 1, 3);
    assert_int_equal(rig_fresh(&r), 3);
    rig_settle(e);
    tcs_detect_engine_free(e);
    rig_forget(&r);
    e = rig_engine(&r, d, store);
    put_numbers(e, &b, "H", 2, 4);
    assert_int_equal(r.nfindings, 3);
    assert_string_equal(r.findings[0], "seen H/2");
    assert_string_equal(r.findings[2], "+seen H/4");
    assert_int_equal(tcs_detect_engine_stats(e).known, 2);
    assert_int_equal(tcs_detect_engine_stats(e).findings, 1);
    assert_int_equal(tcs_detect_engine_stats(e).repeated, 0);
    rig_settle(e);
    assert_int_equal(r.nincidents, 1);
    assert_int_equal(r.incidents[0].before, 3);
    assert_int_equal(r.incidents[0].detections, 4);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

/* Whoever settles in between gets what one who puts everything at once gets, and is told how it
 * was. */
static void
test_settled_twice(void **state)
{
    struct rig once, twice;
    struct tcs_detector *d = rig_detector(rules);
    const char *first = rig_path("first"), *second = rig_path("second");
    (void)state;
    rig_told(&once);
    rig_told(&twice);
    struct tcs_engine *e = rig_engine(&once, d, first);
    put_numbers(e, &a, "H1", 1, 3);
    put_numbers(e, &b, "H1", 3, 4);
    put_numbers(e, &b, "H2", 1, 1);
    rig_settle(e);
    tcs_detect_engine_free(e);
    e = rig_engine(&twice, d, second);
    put_numbers(e, &a, "H1", 1, 3);
    rig_settle(e);
    assert_int_equal(twice.nincidents, 1);
    assert_int_equal(twice.incidents[0].detections, 3);
    assert_true(twice.incidents[0].before == UINT64_MAX);
    twice.nincidents = 0;
    put_numbers(e, &b, "H1", 3, 4);
    put_numbers(e, &b, "H2", 1, 1);
    rig_settle(e);
    tcs_detect_engine_free(e);
    assert_int_equal(rig_fresh(&once), 5);
    assert_int_equal(rig_fresh(&twice), 5);
    assert_int_equal(once.nincidents, 1);
    assert_int_equal(twice.nincidents, once.nincidents);
    for (uint32_t i = 0; i < once.nincidents; i++) {
        assert_string_equal(twice.incidents[i].id, once.incidents[i].id);
        assert_int_equal(twice.incidents[i].detections, once.incidents[i].detections);
        assert_true(once.incidents[i].before == UINT64_MAX);
        assert_int_equal(twice.incidents[i].before, 3);
    }
    tcs_detect_unref(d);
}

static void
test_never_settled(void **state)
{
    struct tcs_detector *d = rig_detector(rules);
    const char *store = rig_path("state");
    (void)state;
    struct tcs_engine *e = rig_engine(NULL, d, store);
    put_numbers(e, &a, "H", 1, 2);
    rig_settle(e);
    tcs_detect_engine_free(e);
    e = rig_engine(NULL, d, store);
    put_numbers(e, &a, "H", 3, 9);
    tcs_detect_engine_free(e);
    assert_int_equal(rig_ask(store, "SELECT count(*) FROM detection"), 2);
    tcs_detect_unref(d);
}

/* --- who is told --- */

/* A source that only listens: what the store held when it was told, and of which position. */
struct listener {
    const char *store;
    unsigned calls;
    int64_t kept;
    uint64_t read;
};

static void
on_ack(void *ctx, const struct tcs_position *p)
{
    struct listener *l = ctx;
    l->calls++;
    l->kept = rig_ask(l->store, "SELECT count(*) FROM detection");
    l->read = p->read;
}

/* claim: acknowledged */
static void
test_acknowledged(void **state)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(rules);
    struct listener l = {.store = rig_path("state")};
    const struct tcs_source source = {.ctx = &l, .ack = on_ack};
    struct tcs_err err = {0};
    (void)state;
    rig_told(&r);
    struct tcs_engine *e = rig_engine(&r, d, l.store);
    for (uint64_t i = 1; i <= 3; i++) {
        struct tcs_batch x = rig_batch(&a);
        x.position.read = i * 100;
        number(&x, "H", i);
        rig_put(e, &x);
    }
    assert_int_equal(l.calls, 0);
    assert_int_equal(tcs_detect_engine_settle(e, &source, true, &err), 0);
    assert_int_equal(l.calls, 1);
    assert_int_equal(l.kept, 3); /* durable by then */
    assert_int_equal(l.read, 300);
    assert_int_equal(r.nincidents, 1);
    /* nothing was put since */
    assert_int_equal(tcs_detect_engine_settle(e, &source, true, &err), 0);
    assert_int_equal(l.calls, 1);
    assert_int_equal(r.nincidents, 1);
    /* a block of which a part is missing must be handed out again */
    struct tcs_batch part = rig_batch(&a);
    part.position.read = 400;
    number(&part, "H", 4);
    rig_put(e, &part);
    assert_int_equal(tcs_detect_engine_settle(e, &source, false, &err), 0);
    assert_int_equal(l.calls, 1);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

static void
test_outlet_that_fails(void **state)
{
    struct rig r;
    struct tcs_detector *d = rig_detector(rules);
    struct tcs_err err = {0};
    struct tcs_batch x = rig_batch(&a);
    (void)state;
    rig_told(&r);
    r.fail_at = 2;
    struct tcs_engine *e = rig_engine(&r, d, NULL);
    for (uint64_t i = 1; i <= 3; i++)
        number(&x, "H", i);
    assert_int_equal(tcs_detect_engine_put(e, &x, &err), -TCS_EIO);
    assert_string_equal(err.msg, "nobody listens");
    assert_int_equal(r.nfindings, 2); /* none behind it */
    tcs_detect_batch_close(&x);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_copies_of_a_record), TEST(test_rules_of_a_record), TEST(test_equal_lines),
        TEST(test_forgotten),          TEST(test_carved_copies),     TEST(test_known_to_the_store),
        TEST(test_settled_twice),      TEST(test_never_settled),     TEST(test_acknowledged),
        TEST(test_outlet_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

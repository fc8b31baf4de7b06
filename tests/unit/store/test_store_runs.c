/* Tests what store/ keeps from run to run: how many equal records a source had, and many runs on
 * one handle.  Expected values are what was put, or counted by hand. */
#include "scratch.h"

#define ID "aaaa0000000000000000000000000001"

static int
count_repeat(void *ctx, const struct tcs_store_repeat *row, struct tcs_err *err)
{
    uint64_t *sum = ctx; /* a digit for each row */
    (void)err;
    assert_true(row->record.uncounted);
    *sum = *sum * 10 + row->record.b[0] * row->count;
    return 0;
}

static uint64_t
repeats_of(struct tcs_store *s, const char *path)
{
    uint64_t sum = 0;
    struct tcs_err err = {0};
    good(tcs_store_repeats_get(s, tcs_base_str_of(path), count_repeat, &sum, &err), &err);
    return sum;
}

/* How many equal records there were, with the position of their source, and no longer. */
static void
test_repeats(void **unused)
{
    const struct tcs_store_limits limits = {8, 8, 100, 100, 1, 10, 10, 0};
    const struct tcs_store_repeat rows[] = {{{.b = {2}}, 4}, {{.b = {1}}, 3}};
    struct tcs_store_source a = {.path = TCS_STR("/logs/a")}, b = {.path = TCS_STR("/logs/b")};
    struct tcs_err err = {0};
    struct tcs_store *s = begun();
    (void)unused;
    assert_int_equal(tcs_store_repeats_put(s, a.path, rows, 2, &err), -TCS_EUSAGE);
    assert_non_null(strstr(err.msg, "/logs/a"));
    good(tcs_store_source_put(s, &a, &err), &err);
    good(tcs_store_source_put(s, &b, &err), &err);
    good(tcs_store_repeats_put(s, a.path, rows, 2, &err), &err);
    good(tcs_store_repeats_put(s, b.path, rows, 1, &err), &err);
    end(s);
    s = begun();
    assert_int_equal(repeats_of(s, "/logs/a"), 38);
    assert_int_equal(repeats_of(s, "/logs/b"), 8);
    assert_int_equal(repeats_of(s, "/logs/c"), 0);
    good(tcs_store_repeats_put(s, a.path, rows + 1, 1, &err), &err);
    assert_int_equal(repeats_of(s, "/logs/a"), 3);
    good(tcs_store_source_put(s, &b, &err), &err); /* another position: they are of the older */
    assert_int_equal(repeats_of(s, "/logs/b"), 0);
    tcs_store_limit(s, &limits);
    end(s); /* a is read least recently, and goes */
    assert_int_equal(ask("SELECT count(*) FROM source"), 1);
    assert_int_equal(ask("SELECT count(*) FROM repeated"), 0);
}

static int
count_detection(void *ctx, const struct tcs_finding *d, struct tcs_err *err)
{
    (void)err;
    *(uint64_t *)ctx += d->count;
    return 0;
}

static int
no_signature(void *ctx, uint32_t nr, const struct tcs_signature *sig, struct tcs_err *err)
{
    (void)ctx;
    (void)nr;
    (void)sig;
    (void)err;
    return 0;
}

static int
no_observation(void *ctx, const struct tcs_observation *o, struct tcs_err *err)
{
    (void)ctx;
    (void)o;
    (void)err;
    return 0;
}

static void
sum_pairs(void *ctx, const struct tcs_store_pair *row)
{
    if (tcs_base_str_eq(row->kind, TCS_STR("signature")))
        *(uint64_t *)ctx += row->count;
}

/* Many runs on one handle, as who watches logs settles again and again: each begins as the first
 * one did, and what is there at its end is there for others. */
static void
test_rounds(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_store *s = opened(TCS_STORE_WRITE), *reader;
    (void)unused;
    for (int round = 0; round < 3; round++) {
        struct tcs_incident got,
            in = {.id = ID, .state = (uint8_t)(1 + round), .first = 1, .last = 1};
        uint64_t earlier = 0, pairs = 0;
        const struct tcs_store_reader to = {&earlier, no_signature, count_detection,
                                            no_observation};
        good(tcs_store_begin(s, &err), &err);
        assert_int_equal(tcs_store_stats(s)->findings, 0);
        assert_int_equal(put(s, seen(DAY * (round + 1))), TCS_STORE_NEW);
        assert_int_equal(put(s, seen(DAY)), TCS_STORE_KNOWN);
        good(tcs_store_read(s, &to, &err), &err);
        assert_int_equal(earlier, round); /* of earlier runs only */
        /* what it was before, and what it is now */
        int r = tcs_store_incident_get(s, TCS_STR(ID), arena, &got, &err);
        assert_int_equal(r, round > 0);
        assert_true(r == 0 || got.state == round);
        good(tcs_store_incident_put(s, &in, &err), &err);
        assert_int_equal(tcs_store_incident_get(s, TCS_STR(ID), arena, &got, &err), 1);
        assert_int_equal(got.state, round + 1);
        good(tcs_store_incidents_settle(s, &err), &err);
        good(tcs_store_commit(s, &err), &err);
        assert_int_equal(tcs_store_stats(s)->findings, 1);
        assert_int_equal(tcs_store_stats(s)->known, 1);
        assert_int_equal(tcs_store_stats(s)->incidents, 1);
        assert_int_equal(tcs_store_incident_put(s, &in, &err), -TCS_EUSAGE);
        reader = opened(TCS_STORE_READ);
        good(tcs_store_baseline(reader, sum_pairs, &pairs, &err), &err);
        assert_int_equal(pairs, round + 1); /* each row counted once */
        tcs_store_close(reader);
    }
    good(tcs_store_begin(s, &err), &err); /* an incident that the last run did not make goes */
    good(tcs_store_incidents_settle(s, &err), &err);
    good(tcs_store_commit(s, &err), &err);
    tcs_store_close(s);
    assert_int_equal(ask("SELECT count(*) FROM incident"), 0);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 3);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_repeats), T(test_rounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

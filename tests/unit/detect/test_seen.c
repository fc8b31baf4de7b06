/* Tests detect/seen.c: expected values follow from the contract in its header, by hand. */
#include "check.h"
#include "detect/seen.h"

static void
test_set(void **state)
{
    struct tcs_seen s = {0};
    (void)state;
    /* many more than the first table holds; 0 is a hash like any other */
    for (uint64_t i = 0; i < 5000; i++)
        assert_int_equal(tcs_detect_seen_add(&s, i * 7919), 1);
    for (uint64_t i = 0; i < 5000; i++)
        assert_int_equal(tcs_detect_seen_add(&s, i * 7919), 0);
    assert_int_equal(tcs_detect_seen_add(&s, 5000 * 7919), 1);
    assert_int_equal(s.forgotten, 0);
    tcs_detect_seen_done(&s);
    assert_int_equal(tcs_detect_seen_add(&s, 7919), 1); /* empty again */
    tcs_detect_seen_done(&s);
}

/* Hashes that fall on one slot are still told apart. */
static void
test_collisions(void **state)
{
    struct tcs_seen s = {0};
    (void)state;
    for (uint64_t i = 1; i <= 300; i++)
        assert_int_equal(tcs_detect_seen_add(&s, i << 20), 1);
    for (uint64_t i = 1; i <= 300; i++)
        assert_int_equal(tcs_detect_seen_add(&s, i << 20), 0);
    tcs_detect_seen_done(&s);
}

/* Two halves of four: the ninth turns out the first four, no others. */
/* claim: limit-seen */
static void
test_forgets_the_older_half(void **state)
{
    struct tcs_seen s = {.max = 4};
    (void)state;
    for (uint64_t i = 1; i <= 8; i++)
        assert_int_equal(tcs_detect_seen_add(&s, i), 1);
    for (uint64_t i = 1; i <= 8; i++)
        assert_int_equal(tcs_detect_seen_add(&s, i), 0);
    assert_int_equal(s.forgotten, 0);
    assert_int_equal(tcs_detect_seen_add(&s, 9), 1);
    assert_int_equal(s.forgotten, 4);
    for (uint64_t i = 5; i <= 9; i++)
        assert_int_equal(tcs_detect_seen_add(&s, i), 0);
    for (uint64_t i = 1; i <= 3; i++) /* with 9 they fill the half: 5 to 8 are still there */
        assert_int_equal(tcs_detect_seen_add(&s, i), 1);
    assert_int_equal(tcs_detect_seen_add(&s, 5), 0);
    assert_int_equal(s.forgotten, 4);
    assert_int_equal(tcs_detect_seen_add(&s, 4), 1);
    assert_int_equal(s.forgotten, 8);
    assert_int_equal(tcs_detect_seen_add(&s, 9), 0);
    tcs_detect_seen_done(&s);
    assert_int_equal(s.max, 4);
    assert_int_equal(s.forgotten, 0);
}

static struct tcs_key
key(uint32_t i)
{
    struct tcs_key k = {.uncounted = true};
    memcpy(k.b, &i, sizeof i);
    return k;
}

static uint64_t
nth(struct tcs_repeats *r, uint32_t i, uint64_t count)
{
    const struct tcs_key k = key(i);
    uint64_t n = UINT64_MAX;
    assert_int_equal(tcs_detect_repeats_next(r, &k, count, &n), 0);
    return n;
}

static void
test_counts(void **state)
{
    struct tcs_repeats r = {0};
    (void)state;
    assert_int_equal(nth(&r, 1, 1), 0);
    assert_int_equal(nth(&r, 2, 1), 0);
    assert_int_equal(nth(&r, 1, 1), 1);
    assert_int_equal(nth(&r, 1, 1), 2);
    assert_int_equal(nth(&r, 3, 40), 0); /* of an earlier run */
    assert_int_equal(nth(&r, 3, 1), 40);
    assert_int_equal(r.n, 3);
    tcs_detect_repeats_clear(&r);
    assert_int_equal(r.n, 0);
    assert_int_equal(nth(&r, 1, 1), 0);
    assert_int_equal(nth(&r, 1, 1), 1);
    tcs_detect_repeats_done(&r);
}

/* Of 3,000 records three each, in turn; then the big table is given back and all begins anew. */
static void
test_counts_grow(void **state)
{
    struct tcs_repeats r = {0};
    (void)state;
    for (uint64_t turn = 0; turn < 3; turn++)
        for (uint32_t i = 0; i < 3000; i++)
            assert_int_equal(nth(&r, i, 1), turn);
    assert_int_equal(r.n, 3000);
    assert_int_equal(r.forgotten, 0);
    tcs_detect_repeats_clear(&r);
    assert_null(r.at);
    assert_int_equal(nth(&r, 5, 1), 0);
    tcs_detect_repeats_done(&r);
}

/* The key is all of its bytes, not only those that the slot is made of. */
static void
test_keys_of_one_slot(void **state)
{
    struct tcs_repeats r = {0};
    uint64_t n;
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        struct tcs_key k = key(7);
        k.b[TCS_KEY - 1] = (uint8_t)i;
        assert_int_equal(tcs_detect_repeats_next(&r, &k, 1, &n), 0);
        assert_int_equal(n, 0);
    }
    assert_int_equal(r.n, 200);
    tcs_detect_repeats_done(&r);
}

/* claim: limit-repeats */
static void
test_counts_forget(void **state)
{
    struct tcs_repeats r = {.max = 3};
    (void)state;
    for (uint32_t i = 1; i <= 3; i++)
        assert_int_equal(nth(&r, i, 1), 0);
    assert_int_equal(r.forgotten, 0);
    assert_int_equal(nth(&r, 4, 1), 0); /* no room: all are counted anew, and it is told */
    assert_int_equal(r.forgotten, 3);
    assert_int_equal(r.n, 1);
    assert_int_equal(nth(&r, 1, 1), 0);
    assert_int_equal(nth(&r, 4, 1), 1);
    tcs_detect_repeats_done(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_collisions),
        cmocka_unit_test(test_forgets_the_older_half),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_counts_grow),
        cmocka_unit_test(test_keys_of_one_slot),
        cmocka_unit_test(test_counts_forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

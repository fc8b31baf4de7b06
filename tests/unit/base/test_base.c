/* The small tools everything stands on. */
#include "base/arena.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/invariant.h"
#include "base/map.h"
#include "base/num.h"
#include "base/utf.h"

#include "check.h"
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* claims: cursor, outside-bytes */
static void
cursor_is_sticky(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 2, 3, 4, 5};
    struct tcs_cursor c = tcs_base_cur(bytes, sizeof bytes);
    assert_int_equal(tcs_base_cur_u32(&c), 0x04030201);
    assert_int_equal(tcs_base_cur_u16(&c), 0);
    assert_true(c.bad);
    assert_int_equal(tcs_base_cur_u8(&c), 0); /* one byte is left, but the cursor is bad */
    assert_int_equal(c.at, 4);
    c = tcs_base_cur(bytes, sizeof bytes);
    assert_true(tcs_base_cur_sub(&c, 3, 3).bad);
    assert_true(tcs_base_cur_sub(&c, SIZE_MAX, 2).bad);
    assert_false(tcs_base_cur_sub(&c, 5, 0).bad);
    assert_false(tcs_base_cur_skip(&c, SIZE_MAX));
}

static void
arena_caps_and_reuses(void **state)
{
    (void)state;
    struct tcs_arena *a = tcs_base_arena_new(1 << 20);
    assert_non_null(tcs_base_arena_alloc(a, 100000));
    assert_null(tcs_base_arena_alloc(a, 1 << 20));
    assert_true(tcs_base_arena_failed(a));
    assert_null(tcs_base_arena_alloc(a, 1)); /* sticky */
    tcs_base_arena_reset(a);
    assert_false(tcs_base_arena_failed(a));
    for (int i = 0; i < 1000; i++)
        assert_int_equal((uintptr_t)tcs_base_arena_alloc(a, 1) % 16, 0);
    assert_null(tcs_base_arena_array(a, SIZE_MAX / 2, 3));
    tcs_base_arena_free(a);
}

/* Never true of what is not in it; true of what came last, wherever allocations lie. */
static void
arena_holds_its_own(void **state)
{
    (void)state;
    static const char outside[] = "x";
    struct tcs_arena *a = tcs_base_arena_new(0), *b = tcs_base_arena_new(0);
    assert_false(tcs_base_arena_holds(a, outside));
    assert_false(tcs_base_arena_holds(a, NULL));
    struct tcs_str s = tcs_base_arena_str(a, TCS_STR("anna")),
                   t = tcs_base_arena_str(b, TCS_STR("berta"));
    assert_true(tcs_base_arena_holds(a, s.p));
    assert_true(tcs_base_arena_holds(a, s.p + s.n - 1));
    assert_false(tcs_base_arena_holds(a, t.p));
    assert_false(tcs_base_arena_holds(a, outside));
    tcs_base_arena_reset(a);
    assert_false(tcs_base_arena_holds(a, outside));
    tcs_base_arena_free(a);
    tcs_base_arena_free(b);
}

static void
map_finds_all_it_was_given(void **state)
{
    (void)state;
    struct tcs_map m = {0};
    struct tcs_arena *a = tcs_base_arena_new(0);
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(tcs_base_map_put(&m, tcs_base_arena_printf(a, "k%u", i), i), 0);
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(tcs_base_map_get(&m, tcs_base_arena_printf(a, "k%u", i)), i);
    assert_int_equal(tcs_base_map_get(&m, TCS_STR("k5000")), TCS_MAP_NONE);
    assert_int_equal(tcs_base_map_intern(&m, TCS_STR("k7"), 9), 7);
    assert_int_equal(tcs_base_map_intern(&m, TCS_STR("new"), 9), 9);
    for (unsigned i = 5000; (uint64_t)m.count * 3 < (uint64_t)m.mask * 2; i++)
        assert_int_equal(tcs_base_map_put(&m, tcs_base_arena_printf(a, "k%u", i), i), 0);
    /* the next new one takes a bigger table; what is there needs none */
    uint32_t mask = m.mask;
    assert_int_equal(tcs_base_map_intern(&m, TCS_STR("k7"), 9), 7);
    assert_int_equal(tcs_base_map_put(&m, TCS_STR("k8"), 88), 0);
    assert_int_equal(tcs_base_map_get(&m, TCS_STR("k8")), 88);
    assert_int_equal(m.mask, mask);
    assert_int_equal(tcs_base_map_intern(&m, TCS_STR("newer"), 9), 9);
    assert_int_equal(m.mask, 2 * mask + 1);
    tcs_base_map_done(&m);
    tcs_base_arena_free(a);
}

/* 16 bytes whose second half is one factor's constant let all that stands before be forgotten, if
 * the seed is not in that factor: any number of texts of one hash, whatever the seed. */
static void
hashes_cannot_be_foretold(void **state)
{
    (void)state;
    char text[24] = {0};
    const uint64_t constant = UINT64_C(0xd6e8feb86659fd93), seed = tcs_base_hash_secret();
    memcpy(text + 8, &constant, sizeof constant);
    uint64_t before = tcs_base_hash(text, sizeof text, seed);
    for (int i = 1; i < 100; i++) {
        text[0] = (char)i;
        uint64_t hash = tcs_base_hash(text, sizeof text, seed);
        assert_true(hash != before);
        before = hash;
    }
    assert_true(seed == tcs_base_hash_secret());
}

static void
numbers_are_whole_or_nothing(void **state)
{
    uint64_t u;
    int64_t i;
    double d;
    (void)state;
    assert_true(tcs_base_num_u64(TCS_STR("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_false(tcs_base_num_u64(TCS_STR("18446744073709551616"), &u));
    assert_false(tcs_base_num_u64(TCS_STR(""), &u) || tcs_base_num_u64(TCS_STR("1 "), &u));
    assert_true(tcs_base_num_i64(TCS_STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_false(tcs_base_num_i64(TCS_STR("9223372036854775808"), &i));
    assert_true(tcs_base_num_hex(TCS_STR("0xFFFFFFFFffffffff"), &u) && u == UINT64_MAX);
    assert_false(tcs_base_num_hex(TCS_STR("0x"), &u) ||
                 tcs_base_num_hex(TCS_STR("0x1ffffffffffffffff"), &u));
    assert_true(tcs_base_num_double(TCS_STR("1e3"), &d) && d == 1000);
    assert_false(tcs_base_num_double(TCS_STR("inf"), &d) ||
                 tcs_base_num_double(TCS_STR("0x1p3"), &d));
    assert_true(tcs_base_num_size(TCS_STR("2G"), &u) && u == (uint64_t)2 << 30);
    assert_false(tcs_base_num_size(TCS_STR("99999999999999T"), &u));
}

static void
utf8_rejects_what_unicode_rejects(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",         "\xc0\xaf",         "\xe0\x80\xaf",
                                      "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80",
                                      "\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(tcs_base_utf8_len(tcs_base_str_of(bad[i]), 0), 0);
    size_t at = 0;
    assert_int_equal(tcs_base_utf8_next(TCS_STR("\xf0\x9f\x98\x80"), &at), 0x1f600);
    assert_int_equal(at, 4);
}

static void
errors_carry_context_and_never_overrun(void **state)
{
    struct tcs_err err;
    (void)state;
    assert_int_equal(tcs_base_fail(&err, TCS_ELIMIT, "%500d", 1), -TCS_ELIMIT);
    assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
    assert_int_equal(tcs_base_fail_sys(&err, ENOENT, "open"), -TCS_EIO);
    assert_string_equal(err.msg, "open: No such file or directory");
    assert_int_equal(tcs_base_wrap(&err, "%s", "a.evtx"), -TCS_EIO);
    assert_string_equal(err.msg, "a.evtx: open: No such file or directory");
    assert_int_equal(err.sys, ENOENT);
}

/* In a build without checks the condition is not even evaluated. */
static void
invariants_cost_nothing_in_a_release(void **state)
{
    (void)state;
    int evaluated = 0;
    TCS_INVARIANT(++evaluated == 1);
#ifdef TCS_CHECKED
    assert_int_equal(evaluated, 1);
#else
    assert_int_equal(evaluated, 0);
#endif
}

#ifdef TCS_CHECKED
static void
broken_invariants_stop(void **state)
{
    (void)state;
    int status;
    struct tcs_arena *a = tcs_base_arena_new(0);
    uint32_t *list = NULL, cap = 0;
    pid_t child = fork();
    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        (void)tcs_base_arena_grow(a, &list, 9, &cap, sizeof *list); /* eight elements skipped */
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    tcs_base_arena_free(a);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor_is_sticky),
        cmocka_unit_test(arena_caps_and_reuses),
        cmocka_unit_test(arena_holds_its_own),
        cmocka_unit_test(map_finds_all_it_was_given),
        cmocka_unit_test(hashes_cannot_be_foretold),
        cmocka_unit_test(numbers_are_whole_or_nothing),
        cmocka_unit_test(utf8_rejects_what_unicode_rejects),
        cmocka_unit_test(errors_carry_context_and_never_overrun),
        cmocka_unit_test(invariants_cost_nothing_in_a_release),
#ifdef TCS_CHECKED
        cmocka_unit_test(broken_invariants_stop),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

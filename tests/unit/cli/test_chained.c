/* Tests cli/chained.c: hosts that a block's records name.  Names and times are made up, expected
 * values follow from them. */
#include "check.h"

#include "base/time.h"
#include "cli/chained.h"

enum { HOSTS = 1000 };

static void
head(struct tcs_chained_block *b, struct tcs_arena *a, const char *host, int64_t time)
{
    char text[32]; /* as an event's, it is gone afterwards */
    snprintf(text, sizeof text, "%s", host);
    const struct tcs_event ev = {
        .time = time, .computer = {.type = TCS_V_UTF8, .p = text, .n = (uint32_t)strlen(text)}};
    tcs_chained_head(b, &ev, a);
    memset(text, 'x', sizeof text);
}

/* A thousand hosts in turn are a thousand, each from its first record to its last. */
static void
test_many_hosts_in_a_block(void **state)
{
    struct tcs_arena *a = tcs_arena_new(0);
    struct tcs_chained_block b = {0};
    char name[32];
    (void)state;
    for (int block = 0; block < 3; block++) {
        bool seen[HOSTS] = {false};
        tcs_chained_block_clear(&b);
        for (int i = 0; i < 3 * HOSTS; i++) {
            snprintf(name, sizeof name, "HOST%d", i % HOSTS);
            head(&b, a, name, i);
        }
        head(&b, a, "HOST0", TCS_TIME_NONE);
        head(&b, a, "HOST0", TCS_TIME_LAST); /* the year 30828 */
        head(&b, a, "", 5);
        assert_int_equal(b.nheard, HOSTS);
        assert_false(b.no_memory);
        for (size_t k = 0; k < b.nheard; k++) {
            int i = atoi(b.heard[k].host.p + 4);
            assert_false(seen[i]);
            seen[i] = true;
            assert_true(b.heard[k].first == i && b.heard[k].last == i + 2 * HOSTS);
        }
        tcs_arena_reset(a);
    }
    tcs_chained_block_done(&b);
    tcs_arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_hosts_in_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

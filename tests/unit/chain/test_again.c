/* tests/unit/chain/test_again.c - folding repetitions while they are taken in loses nothing: what
 * is left is what was different, counted by hand. */
#include "chain_make.h"

enum { DIFFERENT = 12000 };

static uint32_t
kinds(const struct world *w, uint8_t kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->c->nobs; i++)
        n += w->c->obs[i].kind == kind;
    return n;
}

static void
shares(struct world *w, uint64_t from_record)
{
    w->record = from_record;
    for (int64_t i = 0; i < DIFFERENT; i++)
        seen(w, HOUR + i, TCS_OBS_SHARE, .host = S("fs02"), .user = S("a.berg"), .session = 7);
}

/* An address that an earlier record tells again after a fold, in which all places have moved, does
 * not take the place of something else. */
static void
address_after_fold(void **state)
{
    (void)state;
    struct world w = world_new(NULL);
    shares(&w, 0);
    w.record = 0;
    for (int64_t i = 0; i < 4000; i++) /* a second copy: folded with what follows */
        seen(&w, HOUR + i, TCS_OBS_SHARE, .host = S("fs02"), .user = S("a.berg"), .session = 7);
    w.record = 50000;
    seen(&w, 5 * HOUR, TCS_OBS_ADDRESS, .source_host = S("ws07"), .source_ip = S("10.20.4.37"),
         .host = S("dc01"));
    shares(&w, 100000);
    w.record = 60000;
    seen(&w, HOUR / 2, TCS_OBS_ADDRESS, .source_host = S("ws07"), .source_ip = S("10.20.4.37"),
         .host = S("dc01"));
    finish(&w);
    assert_int_equal(kinds(&w, TCS_OBS_SHARE), 2 * DIFFERENT);
    assert_int_equal(kinds(&w, TCS_OBS_ADDRESS), 1);
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(address_after_fold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* unit/decode/test_evtx_damage.c - damaged, dirty and hostile files: records that are whole
 * come back, the rest is reported, nothing runs away. */
#include "evtx_load.h"
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

#include "base/limits.h"

enum { CHUNKS = 3, PER_CHUNK = 8, SEEDS = 25 };

/* Is event number `serial` of the sample among the lines, with all its fields? */
static bool
has_serial(const struct tcs_buf *flat, size_t serial)
{
    char want[80];
    int n = snprintf(want, sizeof want, "\"Serial\":%zu,\"Text\":\"text-%zu\",\"After\":\"after\"",
                     serial, serial);
    return memmem(flat->p, flat->n, want, (size_t)n) != NULL;
}

static void
check_fates(const struct evg_damage *d, const struct evg_image *im, const struct evtx_run *r,
            bool carve)
{
    for (size_t i = 0; i < im->nplaces; i++) {
        bool there = r->flat.n && has_serial(&r->flat, i);
        if (im->fate[i] == EVG_KEPT && !there)
            fail_msg("%s: whole record %zu is missing", d->name, i);
        if (im->fate[i] == EVG_LOST && there)
            fail_msg("%s: record %zu cannot be there", d->name, i);
        if (im->fate[i] == EVG_SLACK && there != carve)
            fail_msg("%s: slack record %zu, carving %d", d->name, i, carve);
    }
    if (im->report == EVG_REPORTS && !r->problems)
        fail_msg("%s: not reported", d->name);
    if (im->report == EVG_SILENT && r->problems)
        fail_msg("%s: reported without need: %s", d->name, r->last);
}

static void
one_damage(const struct evg_damage *d, uint64_t seed, bool carve)
{
    struct tcs_err err = {0};
    struct tcs_decode_opts o = {.carve = carve};
    struct evg *g = evg_new();
    struct evg_image im;
    struct evtx_run a = {0}, b = {0};
    assert_int_equal(evg_sample(g, CHUNKS, PER_CHUNK, &err), 0);
    assert_true(evg_image(g, evg_finish(g), seed, &im));
    if (d->apply)
        d->apply(&im);
    evtx_run_bytes(&a, (const uint8_t *)im.file->p, im.file->n, &o, false);
    evtx_run_bytes(&b, (const uint8_t *)im.file->p, im.file->n, &o, true);
    check_fates(d, &im, &a, carve);
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&a.json), tcs_base_buf_view(&b.json)));
    assert_int_equal(a.stats.events, a.seen);
    evtx_run_done(&a);
    evtx_run_done(&b);
    evg_image_done(&im);
    evg_free(g);
}

static void
test_damages(void **state)
{
    (void)state;
    for (const struct evg_damage *d = evg_damages; d->name; d++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++)
            one_damage(d, seed * 0x9e3779b97f4a7c15u, seed % 2);
}

/* A record that asks for too much costs itself, not its neighbours. */
/* claim: recursion */
static void
test_bombs(void **state)
{
    (void)state;
    for (const struct evg_bomb *bomb = evg_bombs; bomb->name; bomb++) {
        struct tcs_err err = {0};
        struct tcs_decode_opts o = {0};
        struct evtx_run r = {0};
        struct evg *g = evg_new();
        assert_int_equal(evg_sample(g, 1, 2, &err), 0);
        assert_int_equal(bomb->add(g, 133500000000000000u, &err), 0);
        assert_int_equal(evg_sample(g, 1, 3, &err), 0);
        struct tcs_buf *file = evg_finish(g);
        evtx_run_bytes(&r, (const uint8_t *)file->p, file->n, &o, false);
        for (size_t i = 0; i < 3; i++)
            if (!has_serial(&r.flat, i))
                fail_msg("%s: neighbour %zu is missing", bomb->name, i);
        if (r.seen + r.stats.bad_records != 6)
            fail_msg("%s: %u events, %u bad", bomb->name, (unsigned)r.seen,
                     (unsigned)r.stats.bad_records);
        assert_true(r.json.n < 64u << 20);
        evtx_run_done(&r);
        evg_free(g);
    }
}

/* Every length of a file: nothing is read beyond the end, whole records are read. */
/* claim: cursor */
static void
test_every_truncation(void **state)
{
    (void)state;
    struct tcs_err err = {0};
    struct tcs_decode_opts o = {0};
    struct evg *g = evg_new();
    assert_int_equal(evg_sample(g, 1, 3, &err), 0);
    struct tcs_buf *file = evg_finish(g);
    size_t count;
    const struct evg_place *p = evg_places(g, &count);
    for (size_t n = 0; n < p[2].offset + p[2].size + 8; n++) {
        struct evtx_run r = {0};
        size_t whole = 0;
        for (size_t i = 0; i < count; i++)
            whole += p[i].offset + p[i].size <= n;
        evtx_run_bytes(&r, (const uint8_t *)file->p, n, &o, false);
        if (r.seen != whole)
            fail_msg("%zu bytes: %u of %zu records", n, (unsigned)r.seen, whole);
        if (n > 4096 && n < p[2].offset + p[2].size && !r.problems)
            fail_msg("%zu bytes: not reported", n);
        evtx_run_done(&r);
    }
    evg_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damages),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_every_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

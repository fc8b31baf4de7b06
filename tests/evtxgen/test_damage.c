/* tests/evtxgen/test_damage.c - each damage changes a good file, stays inside it, and names the
 * fate of each record.  What a decoder makes of it is tested in tests/property. */
#include "check.h"
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

enum { CHUNKS = 3, PER_CHUNK = 8 };

static struct evg *
good_file(struct tcs_buf **file)
{
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    assert_int_equal(evg_sample(g, CHUNKS, PER_CHUNK, &err), 0);
    *file = evg_finish(g);
    assert_non_null(*file);
    return g;
}

static unsigned
fates(const struct evg_image *im, enum evg_fate fate)
{
    unsigned n = 0;
    for (size_t i = 0; i < im->nplaces; i++)
        n += im->fate[i] == fate;
    return n;
}

static void
damages_change_the_file(void **state)
{
    (void)state;
    struct tcs_buf *plain, *file;
    struct evg *reference = good_file(&plain);
    for (const struct evg_damage *d = evg_damages; d->name; d++) {
        struct evg *g = good_file(&file);
        struct evg_image im;
        assert_true(evg_image(g, file, 42, &im));
        if (d->apply)
            d->apply(&im);
        bool same = file->n == plain->n && memcmp(file->p, plain->p, plain->n) == 0;
        if (same != !d->apply)
            fail_msg("%s: %s", d->name, same ? "nothing changed" : "changed");
        if (fates(&im, EVG_KEPT) < PER_CHUNK) /* damage is local */
            fail_msg("%s: only %u records are kept", d->name, fates(&im, EVG_KEPT));
        for (size_t i = 0; i < im.nplaces; i++)
            if (im.fate[i] == EVG_KEPT && d->apply != NULL)
                assert_memory_equal(file->p + im.places[i].offset + 2, "\0", 2);
        evg_image_done(&im);
        evg_free(g);
    }
    evg_free(reference);
}

static void
slack_is_counted(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = good_file(&file);
    struct evg_image im;
    assert_true(evg_image(g, file, 7, &im));
    for (const struct evg_damage *d = evg_damages; d->name; d++)
        if (strcmp(d->name, "slack") == 0)
            d->apply(&im);
    assert_in_range(fates(&im, EVG_SLACK), 1, PER_CHUNK - 1);
    assert_int_equal(fates(&im, EVG_SLACK) + fates(&im, EVG_KEPT), CHUNKS * PER_CHUNK);
    evg_image_done(&im);
    evg_free(g);
}

static void
bombs_fit_in_a_chunk(void **state)
{
    (void)state;
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    for (const struct evg_bomb *b = evg_bombs; b->name; b++)
        if (b->add(g, 133500000000000000u, &err) < 0)
            fail_msg("%s: %s", b->name, err.msg);
    evg_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damages_change_the_file),
        cmocka_unit_test(slack_is_counted),
        cmocka_unit_test(bombs_fit_in_a_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

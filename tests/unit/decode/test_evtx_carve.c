/* unit/decode/test_evtx_carve.c - records behind the live ones: tagged, off by default, shown
 * by their own template or, when that is gone, as bare values. */
#include "evtx_load.h"
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

enum { PER_CHUNK = 8 };

static const struct evg_damage *
damage(const char *name)
{
    const struct evg_damage *d = evg_damages;
    while (d->name && strcmp(d->name, name) != 0)
        d++;
    assert_non_null(d->name);
    return d;
}

static struct evtx_run
damaged(const char *name, bool carve, unsigned *slack)
{
    struct tcs_err err = {0};
    struct tcs_decode_opts o = {.carve = carve};
    struct evg *g = evg_new();
    struct evg_image im;
    struct evtx_run r = {0};
    assert_int_equal(evg_sample(g, 2, PER_CHUNK, &err), 0);
    assert_true(evg_image(g, evg_finish(g), 5, &im));
    damage(name)->apply(&im);
    evtx_run_bytes(&r, (const uint8_t *)im.file->p, im.file->n, &o, false);
    *slack = 0;
    for (size_t i = 0; i < im.nplaces; i++)
        *slack += im.fate[i] == EVG_SLACK;
    evg_image_done(&im);
    evg_free(g);
    return r;
}

static void
test_off_by_default(void **state)
{
    (void)state;
    unsigned slack;
    struct evtx_run r = damaged("slack", false, &slack);
    assert_int_equal(r.seen, 2 * PER_CHUNK - slack);
    assert_int_equal(r.stats.carved, 0);
    evtx_run_done(&r);
}

static void
test_tagged(void **state)
{
    (void)state;
    unsigned slack;
    struct evtx_run r = damaged("slack", true, &slack);
    assert_true(slack > 0);
    assert_int_equal(r.seen, 2 * PER_CHUNK);
    assert_int_equal(r.stats.carved, slack);
    assert_int_equal(r.carved, slack);
    evtx_run_done(&r);
}

/* The template went with the first record; the values of those behind it still are there. */
static void
test_bare_values(void **state)
{
    (void)state;
    unsigned slack, shown = 0;
    struct evtx_run r = damaged("slack-without-template", true, &slack);
    assert_true(r.stats.carved > 0);
    for (unsigned i = 0; i < 2 * PER_CHUNK; i++) {
        char want[40];
        int n = snprintf(want, sizeof want, "\"text-%u\",\"after\"", i);
        shown += memmem(r.flat.p, r.flat.n, want, (size_t)n) != NULL;
    }
    assert_true(shown >= r.stats.carved);
    assert_non_null(memmem(r.json.p, r.json.n, "\"EventData\":{\"Data\":{\"#text\":[", 30));
    evtx_run_done(&r);
}

/* In real logs: never less than the whole frames behind the free space offset, found by a plain
 * search that knows nothing else. */
static uint64_t
plain_search(const uint8_t *file, size_t n)
{
    uint64_t count = 0;
    for (size_t c = 4096; c + 65536 <= n; c += 65536) {
        const uint8_t *p = file + c;
        size_t at = memcmp(p, "ElfChnk", 8) == 0 ? p[48] + 256u * p[49] + 65536u * p[50] : 65536;
        while (at + 28 <= 65536) {
            size_t size = p[at + 4] + 256u * p[at + 5] + 65536u * p[at + 6];
            bool whole = memcmp(p + at, "\x2a\x2a\0\0", 4) == 0 && p[at + 7] == 0 && size >= 28 &&
                         size <= 65536 - at && memcmp(p + at + 4, p + at + size - 4, 4) == 0;
            count += whole;
            at += whole ? size : 1;
        }
    }
    return count;
}

/* claim: carve */
static void
test_real_slack(void **state)
{
    (void)state;
    const char *corpora = check_corpora();
    char path[4096];
    size_t n;
    struct tcs_decode_opts o = {.carve = true};
    struct evtx_run r = {0};
    if (!corpora) {
        skip();
        return;
    }
    snprintf(path, sizeof path, "%s/evtx-parser-samples/security.evtx", corpora);
    uint8_t *file = evtx_slurp(path, &n);
    evtx_run_bytes(&r, file, n, &o, false);
    uint64_t frames = plain_search(file, n);
    assert_int_equal(r.stats.events - r.stats.carved, 2261); /* the live ones, as ever */
    assert_true(frames > 0 && r.stats.carved >= frames * 9 / 10);
    free(file);
    evtx_run_done(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off_by_default),
        cmocka_unit_test(test_tagged),
        cmocka_unit_test(test_bare_values),
        cmocka_unit_test(test_real_slack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/property/test_damage_decode.c - every damage of evtxgen, at many places, through the
 * decoder.
 *
 * What must hold: records that the damage left alone come back unaltered, exactly once, at their
 * offset; records that are gone do not; slack comes back by carving only, and tagged; damage that
 * costs anything is reported, harmless oddities are not; the prepared and the plain path agree. */
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

#include "decode.h"

enum { CHUNKS = 3, PER_CHUNK = 12, SEEDS = 24 };

/* What came back of the record that the image has at a place. */
struct seen {
    unsigned times, wrong;
    bool carved;
};

struct survey {
    const struct evg_image *im;
    struct seen *seen;  /* one per place */
    unsigned elsewhere; /* events at no place of a record */
    struct tcs_arena *a;
};

static bool
is_record(const struct tcs_event *ev, size_t serial, struct tcs_arena *a)
{
    char number[24], text[32];
    snprintf(number, sizeof number, "%zu", serial);
    snprintf(text, sizeof text, "text-%zu", serial);
    return tcs_base_str_eq(decode_text(ev, "Serial", a), tcs_base_str_of(number)) &&
           tcs_base_str_eq(decode_text(ev, "Text", a), tcs_base_str_of(text)) &&
           tcs_base_str_eq(decode_text(ev, "After", a), TCS_STR("after")) &&
           tcs_base_str_eq(decode_text(ev, "Computer", a), TCS_STR("sample.example"));
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct survey *s = ctx;
    size_t i = 0;
    while (i < s->im->nplaces && s->im->places[i].offset != ev->offset)
        i++;
    tcs_base_arena_reset(s->a);
    if (i == s->im->nplaces) {
        s->elsewhere++;
        return;
    }
    s->seen[i].times++;
    s->seen[i].wrong += !is_record(ev, i, s->a);
    s->seen[i].carved = (ev->flags & TCS_EVENT_CARVED) != 0;
}

/* One record: is what came back what its fate allows? */
static const char *
judge(enum evg_fate fate, const struct seen *s, bool carve)
{
    if (s->times > 1)
        return "came back twice";
    switch (fate) {
    case EVG_KEPT:
        return s->times == 0 ? "is missing"
               : s->wrong    ? "came back altered"
               : s->carved   ? "was taken for a carved one"
                             : NULL;
    case EVG_LOST:
        return s->times && !s->carved ? "came back though its bytes are gone" : NULL;
    case EVG_SLACK:
        if (!carve)
            return s->times ? "came back without carving" : NULL;
        return s->times == 0 ? "was not carved"
               : s->wrong    ? "was carved altered"
               : !s->carved  ? "was carved without the tag"
                             : NULL;
    case EVG_EITHER:
        return NULL;
    }
    return NULL;
}

struct trial {
    const struct evg_damage *d;
    uint64_t seed;
    bool carve, plain;
};

static void
check_report(const struct trial *t, const struct evg_image *im, const struct decode_result *r)
{
    unsigned expect = t->d->apply ? im->report : EVG_SILENT;
    if (expect == EVG_REPORTS && r->problems == 0)
        fail_msg("%s, seed %llu: not reported", t->d->name, (unsigned long long)t->seed);
    if (expect == EVG_SILENT && r->problems != 0)
        fail_msg("%s, seed %llu: reported: %s", t->d->name, (unsigned long long)t->seed, r->first);
}

static void
run_trial(const struct trial *t, struct tcs_arena *a)
{
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    struct evg_image im;
    assert_int_equal(evg_sample(g, CHUNKS, PER_CHUNK, &err), 0);
    struct tcs_buf *file = evg_finish(g);
    assert_true(evg_image(g, file, t->seed, &im));
    if (t->d->apply)
        t->d->apply(&im);
    struct seen seen[CHUNKS * PER_CHUNK] = {0};
    struct survey s = {.im = &im, .seen = seen, .a = a};
    struct decode_result r = decode_file(
        file->p, file->n,
        &(struct decode_opts){.carve = t->carve, .plain = t->plain, .event = on_event, .ctx = &s});
    check_report(t, &im, &r);
    for (size_t i = 0; i < im.nplaces; i++) {
        const char *wrong = judge(im.fate[i], &seen[i], t->carve);
        if (wrong)
            fail_msg("%s, seed %llu%s%s: record %zu %s (first problem: %s)", t->d->name,
                     (unsigned long long)t->seed, t->carve ? ", carve" : "",
                     t->plain ? ", plain" : "", i, wrong, r.first);
    }
    if (s.elsewhere)
        fail_msg("%s, seed %llu: %u events where no record was written", t->d->name,
                 (unsigned long long)t->seed, s.elsewhere);
    evg_image_done(&im);
    evg_free(g);
}

static void
damages(void **state)
{
    (void)state;
    struct tcs_arena *a = tcs_base_arena_new(0);
    for (const struct evg_damage *d = evg_damages; d->name; d++)
        for (uint64_t seed = 1; seed <= SEEDS * decode_rounds(); seed++)
            for (unsigned how = 0; how < 4; how++)
                run_trial(&(struct trial){d, seed, how & 1, how & 2}, a);
    tcs_base_arena_free(a);
}

/* Two damages at once: only that nothing outside is read and that the decoder comes to an end. */
static void
ignore(void *ctx, const struct tcs_event *ev)
{
    struct tcs_buf *b = ctx;
    b->n = 0;
    tcs_event_json_flat(ev, b);
    if (ev->raw_json)
        ev->raw_json(ev, b);
}

static void
pairs_of_damages(void **state)
{
    (void)state;
    struct tcs_buf b = {0};
    uint64_t seed = 77;
    for (const struct evg_damage *d = evg_damages + 1; d->name; d++)
        for (const struct evg_damage *e = evg_damages + 1; e->name; e++) {
            struct tcs_err err = {0};
            struct evg *g = evg_new();
            struct evg_image im;
            assert_int_equal(evg_sample(g, 2, 5, &err), 0);
            struct tcs_buf *file = evg_finish(g);
            assert_true(evg_image(g, file, evg_random(&seed), &im));
            size_t n = file->n;
            e->apply(&im);
            if (file->n >= n) /* else the places of the second one are gone */
                d->apply(&im);
            decode_file(file->p, file->n,
                        &(struct decode_opts){.carve = seed & 1, .event = ignore, .ctx = &b});
            evg_image_done(&im);
            evg_free(g);
        }
    tcs_base_buf_done(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damages),
        cmocka_unit_test(pairs_of_damages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

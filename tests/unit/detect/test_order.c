/* Tests that what is found depends on the set of records alone: not on the order of paths, the
 * number of threads, copies, formats, or how it is spread over runs.  The log is evtxgen's sample;
 * expected counts follow from tests/evtxgen/sample.h: every third event has id 4624. */
#include "rig.h"

#include "decode/formats.h"
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

enum { CHUNKS = 2, PER_CHUNK = 12, LOGONS = CHUNKS * PER_CHUNK / 3, LINES = 4, PATHS = 6 };

#define LINE(host) "{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"" host "\"}\n"
/* Lines that nothing numbers: each comes as often as in the export that has most of it. */
static const char one[] = LINE("L") LINE("L") LINE("M"), two[] = LINE("L") LINE("M") LINE("M");

static const char rules[] = RIG_RULE("1", "seen", "4624", "high");

/* --- the set --- */

static const char *
damaged(const char *name, const char *damage)
{
    struct evg *g = evg_new();
    struct tcs_err err = {0};
    struct evg_image im;
    assert_int_equal(evg_sample(g, CHUNKS, PER_CHUNK, &err), 0);
    struct tcs_buf *file = evg_finish(g);
    if (damage) {
        const struct evg_damage *d = evg_damages;
        while (strcmp(d->name, damage) != 0)
            d++;
        assert_true(evg_image(g, file, 5, &im));
        d->apply(&im);
        evg_image_done(&im);
    }
    const char *path = rig_write(name, tcs_base_buf_view(file));
    evg_free(g);
    return path;
}

static void
to_json(void *ctx, const struct tcs_event *ev)
{
    struct tcs_buf *b = ctx;
    ev->raw_json(ev, b);
    tcs_base_buf_c(b, '\n');
}

/* The sample as evtx_dump would export it. */
static const char *
exported(const char *name)
{
    static const struct tcs_origin origin = {.path = TCS_STR("x")};
    struct evg *g = evg_new();
    struct tcs_err err = {0};
    struct tcs_buf out = {0};
    struct tcs_decode_stats stats = {0};
    const struct tcs_format *f = &tcs_decode_format_evtx;
    struct tcs_decoder *d = f->open(&(struct tcs_decode_opts){0});
    assert_int_equal(evg_sample(g, CHUNKS, PER_CHUNK, &err), 0);
    struct tcs_buf *file = evg_finish(g);
    const size_t n = file->n - EVG_HEADER;
    tcs_base_buf_put(file, (const char[TCS_BLOCK_PADDING]){0}, TCS_BLOCK_PADDING);
    const struct tcs_block block = {
        .origin = &origin, .p = (const uint8_t *)file->p + EVG_HEADER, .n = n};
    const struct tcs_sink sink = {.ctx = &out, .event = to_json};
    f->decode(d, &block, &sink, &stats);
    assert_int_equal(stats.events, CHUNKS * PER_CHUNK);
    f->close(d);
    const char *path = rig_write(name, tcs_base_buf_view(&out));
    tcs_base_buf_done(&out);
    evg_free(g);
    return path;
}

static void
make(const char *paths[PATHS])
{
    paths[0] = damaged("log.evtx", NULL);
    paths[1] = damaged("copy.evtx", NULL);
    paths[2] = damaged("carved.evtx", "slack");
    paths[3] = exported("export.jsonl");
    paths[4] = rig_write("one.jsonl", tcs_base_str_of(one));
    paths[5] = rig_write("two.jsonl", tcs_base_str_of(two));
}

/* --- runs --- */

/* One incident, of one id, whatever came before. */
static void
same_incident(const struct rig *r, char id[TCS_INCIDENT_ID + 1])
{
    assert_int_equal(r->nincidents, 1);
    if (!*id)
        memcpy(id, r->incidents[0].id, TCS_INCIDENT_ID + 1);
    assert_string_equal(r->incidents[0].id, id);
    assert_int_equal(r->incidents[0].detections, LOGONS);
}

/* Order i: turned by i, or back to front. */
static void
arrange(const char *const *from, const char **to, unsigned i)
{
    for (unsigned k = 0; k < PATHS; k++)
        to[i < PATHS ? k : PATHS - 1 - k] = from[(k + i) % PATHS];
}

static void
test_orders_and_threads(void **state)
{
    static const unsigned threads[] = {1, 2, 5};
    const char *paths[PATHS], *turned[PATHS];
    char id[TCS_INCIDENT_ID + 1] = "";
    struct rig r;
    struct tcs_detector *d = rig_carver(rules);
    (void)state;
    make(paths);
    for (unsigned i = 0; i < 2 * PATHS; i++)
        for (unsigned t = 0; t < 3; t++) {
            arrange(paths, turned, i);
            rig_told(&r);
            struct tcs_engine *e = rig_engine(&r, d, NULL);
            rig_hunt(e, turned, PATHS, threads[t]);
            struct tcs_engine_stats s = tcs_detect_engine_stats(e);
            assert_int_equal(rig_fresh(&r), LOGONS + LINES);
            assert_int_equal(s.findings, LOGONS + LINES);
            /* of all that was found */
            assert_int_equal(s.repeated, r.nfindings - (LOGONS + LINES));
            assert_int_equal(r.nfindings, 4 * LOGONS + 6);
            same_incident(&r, id);
            tcs_detect_engine_free(e);
        }
    tcs_detect_unref(d);
}

/* A run for each path, over one store. */
static void
test_orders_of_runs(void **state)
{
    const char *paths[PATHS], *turned[PATHS];
    char id[TCS_INCIDENT_ID + 1] = "", name[16];
    struct rig r;
    struct tcs_detector *d = rig_carver(rules);
    (void)state;
    make(paths);
    for (unsigned i = 0; i < 2 * PATHS; i += 3) {
        uint32_t fresh = 0;
        snprintf(name, sizeof name, "state%u", i);
        const char *store = rig_path(name);
        arrange(paths, turned, i);
        for (unsigned k = 0; k < PATHS; k++) {
            rig_told(&r);
            struct tcs_engine *e = rig_engine(&r, d, store);
            rig_hunt(e, &turned[k], 1, 2);
            fresh += rig_fresh(&r);
            tcs_detect_engine_free(e);
        }
        assert_int_equal(fresh, LOGONS + LINES);
        assert_int_equal(rig_ask(store, "SELECT count(*) FROM detection"), LOGONS + LINES);
        same_incident(&r, id);
    }
    tcs_detect_unref(d);
}

/* The carved copies alone are the log. */
static void
test_carved_alone(void **state)
{
    const char *path = damaged("carved.evtx", "slack");
    struct rig r;
    (void)state;
    for (int carve = 0; carve < 2; carve++) {
        struct tcs_detector *d = carve ? rig_carver(rules) : rig_detector(rules);
        rig_told(&r);
        struct tcs_engine *e = rig_engine(&r, d, NULL);
        rig_hunt(e, &path, 1, 1);
        assert_int_equal(rig_fresh(&r) == LOGONS, carve);
        tcs_detect_engine_free(e);
        tcs_detect_unref(d);
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_orders_and_threads),
        TEST(test_orders_of_runs),
        TEST(test_carved_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

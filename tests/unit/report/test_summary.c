/* Tests report/summary_json.c: numbers of an engine that put batches made by hand.  Expected values
 * are counted by hand. */
#include "unit/detect/rig.h"

#include "report/summary.h"

static const char rules[] =
    RIG_RULE("1", "seen", "4688", "high") "---\n" RIG_RULE("2", "low", "1", "low");
static const struct tcs_origin a = {.path = TCS_STR("/a")}, b = {.path = TCS_STR("/b")};

static void
put(struct tcs_engine *e, const struct tcs_origin *o, uint64_t from, uint64_t to)
{
    struct tcs_batch x = rig_batch(o);
    for (uint64_t n = from; n <= to; n++)
        rig_found(&x, 0, rig_numbered(&x, "H", n, (int64_t)n), "H", n, (int64_t)n);
    for (int i = 0; i < 3; i++) { /* one of the log, two of it carved */
        assert_true(tcs_detect_batch_room(&x, &x.sightings, &x.cap_sightings, x.nsightings, 1,
                                          sizeof *x.sightings));
        x.sightings[x.nsightings++] = (struct tcs_batch_sighting){5, i != 0};
    }
    rig_put(e, &x);
}

static void
has(const struct tcs_buf *got, const char *part)
{
    if (!memmem(got->p, got->n, part, strlen(part)))
        fail_msg("no %s in %.*s", part, (int)got->n, got->p);
}

/* What the findings are told to. */
static int
add(void *tally, const struct tcs_outlet_finding *t, struct tcs_err *err)
{
    return t->is_new ? tcs_report_tally_add(tally, t, err) : 0;
}

struct run {
    struct tcs_buf text;
    struct tcs_engine_limits limits;
    bool kept;
};

static void
run(struct run *r, const struct tcs_origin *o, uint64_t from, uint64_t to, bool twice)
{
    struct tcs_tally *tally = tcs_report_tally_new(2);
    const struct tcs_outlet outlet = {.ctx = tally, .finding = add};
    struct tcs_detector *d = rig_detector(rules);
    const struct tcs_engine_opts opts = {.detector = d,
                                         .outlet = &outlet,
                                         .state = r->kept ? rig_path("state") : NULL,
                                         .incidents = true};
    struct tcs_engine *e;
    struct tcs_err err = {0};
    struct tcs_totals totals = {.stats = {.bytes = 1000, .events = 30, .carved = 4},
                                .passed_over = 2};
    const struct tcs_inputs_stats inputs = {.sources = 5, .already = 1};
    if (tcs_detect_engine_new(&opts, &e, &err) < 0)
        fail_msg("%s", err.msg);
    tcs_detect_engine_limit(e, &r->limits);
    put(e, o, from, to);
    if (twice)
        put(e, &b, from, to);
    rig_settle(e);
    const struct tcs_summary s = {.engine = e,
                                  .totals = &totals,
                                  .inputs = &inputs,
                                  .tally = tally,
                                  .alerts = 3,
                                  .kept = r->kept};
    r->text.n = 0;
    tcs_report_summary_json(&r->text, &s);
    tcs_detect_engine_free(e);
    tcs_detect_unref(d);
    tcs_report_tally_free(tally);
}

/* Each of three records from two places. */
static void
test_repeated(void **state)
{
    struct run r = {0};
    (void)state;
    run(&r, &a, 1, 3, true);
    has(&r.text, "{\"tocsin\":{\"kind\":\"summary\",\"version\":\"" TCS_VERSION
                 "\",\"interrupted\":false,\"complete\":true,\"findings\":{\"total\":3,"
                 "\"critical\":0,\"high\":3,"
                 "\"medium\":0,\"low\":0,\"informational\":0,");
    has(&r.text, "\"known\":0,\"repeated\":3,\"forgotten\":0},\"alerts\":3,");
    /* carved: two of each log, as its own */
    has(&r.text, "\"input\":{\"logs\":5,\"already_read\":1,\"bytes\":1000,\"events\":30,"
                 "\"carved\":4,\"carved_copies\":4,\"passed_over\":2,");
    has(&r.text, "\"rules\":{\"used\":2,\"loaded\":2,");
    has(&r.text, "\"incidents\":{\"found\":1,\"detections\":3,");
    assert_null(memmem(r.text.p, r.text.n, "kept_unused", 11));
    has(&r.text, "}}\n");
    tcs_base_buf_done(&r.text);
}

/* Three records of an earlier run and two new ones. */
static void
test_known(void **state)
{
    struct run r = {.kept = true};
    (void)state;
    run(&r, &a, 1, 3, false);
    has(&r.text, "\"total\":3,");
    has(&r.text, "\"known\":0,\"repeated\":0,");
    run(&r, &b, 1, 5, false);
    has(&r.text, "\"total\":2,");
    has(&r.text, "\"known\":3,\"repeated\":0,\"forgotten\":0}");
    has(&r.text, "\"kept_unused\":0}");
    tcs_base_buf_done(&r.text);
}

/* Two are remembered: the third turns out the first, the fourth the second. */
static void
test_forgotten(void **state)
{
    struct run r = {.limits = {.seen = 2}};
    (void)state;
    run(&r, &a, 1, 4, false);
    has(&r.text, "\"total\":4,");
    has(&r.text, "\"repeated\":0,\"forgotten\":2}");
    tcs_base_buf_done(&r.text);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {TEST(test_repeated), TEST(test_known), TEST(test_forgotten)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

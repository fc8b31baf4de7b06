/* Tests detect/run.c over a source and a format of its own: order, bounds, failures. */
#include "check.h"

#include "detect/run.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* --- a source: `blocks` blocks of one origin each ten, with a problem before every seventh --- */
struct source {
    uint64_t next, blocks, bytes_read;
    struct tcs_origin origins[64];
    struct tcs_run *run;
    int fail_at; /* block at which it fails; -1: never */
};
static atomic_int in_flight, most_in_flight;

static int
next_block(void *ctx, struct tcs_unit *ret, struct tcs_err *err)
{
    struct source *in = ctx;
    if (in->fail_at >= 0 && in->next == (uint64_t)in->fail_at)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for a block");
    if (in->next == in->blocks)
        return 1;
    struct tcs_origin *o = &in->origins[in->next / 10 % 64];
    if (in->next % 7 == 0) {
        const struct tcs_problem p = {.cause = TCS_CAUSE_NO_FORMAT, .msg = "skipped"};
        tcs_detect_run_problem(in->run, o, &p);
    }
    if (!o->path.n) /* blocks of it may be in work */
        o->path = TCS_STR("origin");
    extern const struct tcs_format test_format;
    *ret = (struct tcs_unit){.block = {.origin = o, .n = 1, .offset = in->next},
                             .format = &test_format,
                             .position = {.read = in->next + 1},
                             .seq = in->next};
    in->next++;
    in->bytes_read++;
    int now = atomic_fetch_add(&in_flight, 1) + 1, most = atomic_load(&most_in_flight);
    while (now > most && !atomic_compare_exchange_weak(&most_in_flight, &most, now))
        ;
    return 0;
}

static void
give_back(void *ctx, struct tcs_unit *u)
{
    (void)ctx;
    (void)u;
}

/* --- a format: every block is one event whose record id is the block's number; every fifth block
 *     is damaged, and takes some more work than others --- */
static bool
sniff(const uint8_t *p, size_t n)
{
    (void)p;
    (void)n;
    return true;
}

static struct tcs_decoder *
open_decoder(const struct tcs_decode_opts *opts)
{
    (void)opts;
    return malloc(1);
}

static void
close_decoder(struct tcs_decoder *d)
{
    free(d);
}

static void
decode(struct tcs_decoder *d, const struct tcs_block *b, const struct tcs_sink *sink,
       struct tcs_decode_stats *stats)
{
    (void)d;
    const struct tcs_event ev = {.origin = b->origin, .record_id = b->offset};
    volatile unsigned spin = b->offset % 5 ? 0 : 200000;
    while (spin)
        spin--;
    if (b->offset % 5 == 0) {
        const struct tcs_problem p = {.cause = TCS_CAUSE_RECORD, .msg = "damaged", .skipped = 3};
        sink->problem(sink->ctx, b->origin, &p);
    }
    stats->events++;
    stats->bytes += b->n;
    if (!sink->stopped(sink->ctx))
        sink->event(sink->ctx, &ev);
}

extern const struct tcs_format test_format;
const struct tcs_format test_format = {.name = "test",
                                       .about = "a test",
                                       .sniff = sniff,
                                       .open = open_decoder,
                                       .close = close_decoder,
                                       .decode = decode};
static const struct tcs_format *const formats[] = {&test_format, NULL};

/* --- a job: prints the numbers, checks that they come in order --- */
struct seen {
    uint64_t next;
    uint64_t fail_at;
    bool disorder;
};

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_worker *w = ctx;
    tcs_base_buf_u64(&w->batch->out, ev->record_id);
}

static int
put(void *ctx, struct tcs_batch *b, struct tcs_err *err)
{
    struct seen *s = ctx;
    struct tcs_buf want = {0};
    tcs_base_buf_u64(&want, s->next);
    s->disorder |= !tcs_base_str_eq(tcs_base_buf_view(&want), tcs_base_buf_view(&b->out));
    tcs_base_buf_done(&want);
    /* the position of a block comes with it */
    s->disorder |= b->position.read != s->next + 1;
    atomic_fetch_sub(&in_flight, 1);
    if (s->next == s->fail_at)
        return tcs_base_fail(err, TCS_EIO, "the output failed");
    s->next++;
    return 0;
}

static int
run(unsigned threads, struct source *in, struct seen *seen, struct tcs_totals *totals)
{
    const struct tcs_job job = {
        .ctx = seen, .threads = threads, .formats = formats, .event = on_event, .put = put};
    struct tcs_run *p = tcs_detect_run_new(&job);
    struct tcs_stop stop;
    struct tcs_err err = {0};
    assert_non_null(p);
    assert_int_equal(tcs_process_signals_open(&stop, &err), 0);
    atomic_store(&in_flight, 0);
    atomic_store(&most_in_flight, 0);
    in->run = p;
    const struct tcs_source source = {
        .ctx = in, .next = next_block, .give_back = give_back, .bytes_read = &in->bytes_read};
    int r = tcs_detect_run(p, &source, &stop, &err);
    *totals = *tcs_detect_run_totals(p);
    totals->notes.arena = NULL; /* freed with the run; counts stay */
    tcs_process_signals_close(&stop);
    tcs_process_signals_release(&stop);
    tcs_detect_run_free(p);
    return r;
}

static void
test_order(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 9; threads += 2) {
        struct source in = {.blocks = 500, .fail_at = -1};
        struct seen seen = {.fail_at = UINT64_MAX};
        struct tcs_totals t;
        assert_int_equal(run(threads, &in, &seen, &t), 0);
        assert_false(seen.disorder);
        assert_int_equal(seen.next, 500);
        assert_int_equal(t.stats.events, 500);
        assert_int_equal(t.notes.count[TCS_CAUSE_RECORD], 100);
        assert_int_equal(t.notes.count[TCS_CAUSE_NO_FORMAT], 72); /* 0, 7 ... 497 */
        assert_int_equal(t.notes.bytes_lost, 300);
        assert_int_equal(t.notes.counting, 100);
        /* memory is bounded: one block each in work, half as many and two that wait */
        assert_in_range(atomic_load(&most_in_flight), 1, threads + threads / 2 + 2);
    }
}

static void
test_failing_output(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        struct source in = {.blocks = 100000, .fail_at = -1};
        struct seen seen = {.fail_at = 20};
        struct tcs_totals t;
        assert_int_equal(run(threads, &in, &seen, &t), -TCS_EIO);
        assert_int_equal(seen.next, 20); /* nothing is handed on after the failure */
        assert_true(in.next < 100);      /* and little was read */
    }
}

static void
test_failing_input(void **state)
{
    struct source in = {.blocks = 100, .fail_at = 30};
    struct seen seen = {.fail_at = UINT64_MAX};
    struct tcs_totals t;
    (void)state;
    assert_int_equal(run(3, &in, &seen, &t), -TCS_ENOMEM);
    assert_true(seen.next <= 30);
    assert_false(seen.disorder);
}

static void
test_nothing(void **state)
{
    struct source in = {.blocks = 0, .fail_at = -1};
    struct seen seen = {.fail_at = UINT64_MAX};
    struct tcs_totals t;
    (void)state;
    assert_int_equal(run(2, &in, &seen, &t), 0);
    assert_int_equal(t.stats.events, 0);
    assert_false(t.interrupted);
}

/* A signal that is waiting already: what is in work is finished and handed on, the rest is not
 * begun. */
static void
test_interrupt(void **state)
{
    struct source in = {.blocks = UINT64_MAX, .fail_at = -1};
    struct seen seen = {.fail_at = UINT64_MAX};
    const struct tcs_job job = {
        .ctx = &seen, .threads = 2, .formats = formats, .event = on_event, .put = put};
    struct tcs_run *p = tcs_detect_run_new(&job);
    struct tcs_stop stop;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(tcs_process_signals_open(&stop, &err), 0);
    assert_int_equal(kill(getpid(), SIGINT), 0);
    in.run = p;
    const struct tcs_source source = {
        .ctx = &in, .next = next_block, .give_back = give_back, .bytes_read = &in.bytes_read};
    assert_int_equal(tcs_detect_run(p, &source, &stop, &err), 0);
    assert_true(tcs_detect_run_totals(p)->interrupted);
    assert_false(tcs_detect_run_totals(p)->abandoned);
    tcs_process_signals_close(&stop);
    tcs_detect_run_free(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),         cmocka_unit_test(test_failing_output),
        cmocka_unit_test(test_failing_input), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_interrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

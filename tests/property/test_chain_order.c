/* property/test_chain_order.c - worlds made up from a seed (hosts, accounts, sessions,
 * processes, addresses, findings, alerts): whatever order they are fed in, however often, and
 * whatever part of them comes back as an image, the same incidents come out, byte for byte; also
 * where limits leave most of it out. */
#include "worlds.h"

enum { WORLDS = 40, SHUFFLES = 12 };

static bool copies = true; /* of other logs, too */
static struct tcs_chain_opts limits;

/* Once more; half of the time from a copy of the log. */
static void
feed_again(struct tcs_chain *c, const struct fed *f, const uint32_t *rules)
{
    struct fed copy = *f;
    if (copies && below(2)) {
        copy.d.evidence.file = copy.o.evidence.file = S("z-copy.evtx");
        copy.d.evidence.offset = copy.o.evidence.offset = 7;
    }
    feed(c, &copy, rules);
}

/* The incidents as JSON; `again` in 100 of the things are fed twice, then `more` in all. */
static struct tcs_buf
run(const uint32_t *order, uint32_t first_rule, uint32_t again, uint32_t more)
{
    struct tcs_chain *c = tcs_chain_new(&limits);
    struct tcs_buf b = {0};
    uint32_t rules[RULES];
    add_rules(c, rules, first_rule);
    for (uint32_t i = 0; i < nfed; i++) {
        feed(c, &fed[order[i]], rules);
        if (below(100) < again)
            feed_again(c, &fed[order[below(i + 1)]], rules);
    }
    for (uint32_t i = 0; i < more; i++)
        feed_again(c, &fed[below(nfed)], rules);
    conclude(c, &b);
    return b;
}

static void
worlds_in_any_order(void)
{
    static uint32_t order[FED_MAX];
    size_t incidents = 0;
    for (uint32_t w = 0; w < WORLDS; w++) {
        seed = w * 1000003u + 17;
        make_world();
        for (uint32_t i = 0; i < nfed; i++)
            order[i] = i;
        struct tcs_buf want = run(order, 0, 0, 0);
        for (uint32_t i = 0; i < want.n; i++)
            incidents += want.p[i] == '\n';
        for (uint32_t s = 0; s < SHUFFLES; s++) {
            shuffle(order, nfed);
            struct tcs_buf got = run(order, s, s % 3 ? 10 : 0, 0);
            same(want, got, w, s % 3 ? "shuffled, some twice" : "shuffled");
            tcs_base_buf_done(&got);
        }
        tcs_base_buf_done(&want);
    }
    assert_true(incidents > WORLDS); /* else nothing was compared */
}

/* claim: order */
static void
any_order(void **state)
{
    (void)state;
    worlds_in_any_order();
    assert_int_equal(left_out, 0);
}

/* So little room that lists are cut again and again while they come in. */
static void
within_limits(void **state)
{
    (void)state;
    copies = false; /* whose share a copy in another log is of depends on which comes first */
    spellings = 1;  /* which is shown may be that of what was left out */
    limits = (struct tcs_chain_opts){.max_findings = 150, .max_observations = 60, .max_hosts = 9};
    worlds_in_any_order();
    assert_true(left_out > 10000);
    limits = (struct tcs_chain_opts){0};
    copies = true;
    spellings = 3;
}

/* --- images --- */

static int
keep_part(void *ctx, struct tcs_str part, struct tcs_err *err)
{
    struct tcs_buf *b = ctx;
    uint32_t n = (uint32_t)part.n;
    (void)err;
    tcs_base_buf_put(b, &n, sizeof n);
    tcs_base_buf_str(b, part);
    return b->failed ? -TCS_ENOMEM : 0;
}

static void
take_parts(struct tcs_chain *c, struct tcs_str parts)
{
    struct tcs_chain_unpacker *u = tcs_chain_unpacker_new(c);
    struct tcs_err err = {0};
    for (uint32_t n; parts.n; parts = tcs_base_str_slice(parts, sizeof n + n, parts.n)) {
        memcpy(&n, parts.p, sizeof n);
        int r = tcs_chain_unpack(u, tcs_base_str_slice(parts, sizeof n, sizeof n + n), &err);
        if (r < 0)
            fail_msg("%s", err.msg);
    }
    tcs_chain_unpacker_free(u);
}

/* What is not of findings and observations is told to every chain anew. */
static bool
imaged(const struct fed *f)
{
    return f->what == OBSERVE || f->what == DETECT;
}

/* As in so many runs: each has the image of those before, and feeds what is new before it takes
 * that, or after it. */
static struct tcs_buf
run_in_parts(const uint32_t *order, uint32_t parts)
{
    struct tcs_buf image = {0}, b = {0};
    uint32_t from = 0, rules[RULES];
    for (uint32_t part = 1; part <= parts; part++) {
        const struct tcs_str stop = S("FS01");
        const struct tcs_chain_opts opts = {.stop = &stop, .nstop = part < parts && below(2)};
        struct tcs_chain *c = tcs_chain_new(&opts);
        uint32_t end = part == parts ? nfed : from + below(nfed - from + 1);
        uint32_t mid = from + below(end - from + 1);
        add_rules(c, rules, below(RULES));
        for (uint32_t i = 0; part == parts && i < nfed; i++)
            if (!imaged(&fed[order[i]]))
                feed(c, &fed[order[i]], rules);
        for (uint32_t i = from; i < end; i++) {
            if (i == mid)
                take_parts(c, tcs_base_buf_view(&image));
            if (imaged(&fed[order[i]]))
                feed(c, &fed[order[i]], rules);
        }
        if (mid == end)
            take_parts(c, tcs_base_buf_view(&image));
        if (part == parts) {
            conclude(c, &b);
            break;
        }
        const struct tcs_chain_parts to = {keep_part, &image};
        image.n = 0;
        assert_int_equal(tcs_chain_pack(c, &to, NULL), 0);
        if (below(2)) /* a run goes on after it */
            assert_int_equal(tcs_chain_finish(c, NULL), 0);
        tcs_chain_free(c);
        from = end;
    }
    tcs_base_buf_done(&image);
    return b;
}

static void
in_parts(void **state)
{
    static uint32_t order[FED_MAX];
    (void)state;
    for (uint32_t w = 0; w < WORLDS; w++) {
        seed = w * 500009u + 29;
        make_world();
        for (uint32_t i = 0; i < nfed; i++)
            order[i] = i;
        struct tcs_buf want = run(order, 0, 0, 0);
        for (uint32_t s = 0; s < SHUFFLES; s++) {
            shuffle(order, nfed);
            struct tcs_buf got = run_in_parts(order, 2 + below(4));
            same(want, got, w, "in parts");
            tcs_base_buf_done(&got);
        }
        tcs_base_buf_done(&want);
    }
}

/* So many repetitions that they are folded away while they come in. */
static void
often(void **state)
{
    static uint32_t order[FED_MAX];
    (void)state;
    for (uint32_t w = 0; w < 5; w++) {
        seed = w * 7919u + 3;
        make_world();
        for (uint32_t i = 0; i < nfed; i++)
            order[i] = i;
        struct tcs_buf want = run(order, 0, 0, 0), got = run(order, 0, 0, 100000);
        same(want, got, w, "fed often");
        tcs_base_buf_done(&want);
        tcs_base_buf_done(&got);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order),
        cmocka_unit_test(within_limits),
        cmocka_unit_test(often),
        cmocka_unit_test(in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

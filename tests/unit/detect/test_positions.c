/* Tests detect/positions.c behind an engine: how far logs were read, and how often their lines
 * came, over several runs.  Batches are made by hand; expected values follow from input/source.h
 * and identity/key.h: each line of a log is one finding, whatever was read when. */
#include "rig.h"

static const char rules[] = RIG_RULE("1", "seen", "4688", "high");
static const char other_rules[] = RIG_RULE("2", "other", "4688", "high");
static const char path_a[] = "/a/log.jsonl", path_b[] = "/b/log.jsonl";

/* A run over logs: each of its lines is a letter, of one byte. */
struct run {
    struct rig rig;
    struct tcs_detector *detector;
    struct tcs_engine *engine;
    struct tcs_origin origin;
    struct tcs_inputs_from from; /* of the log in hand */
    const char *head;            /* its first bytes */
    uint64_t at, lines;          /* behind what was put of it */
};

static void
begin(struct run *r, const char *text)
{
    *r = (struct run){.detector = rig_detector(text)};
    rig_told(&r->rig);
    r->engine = rig_engine(&r->rig, r->detector, rig_path("state"));
}

static void
end(struct run *r, bool whole)
{
    struct tcs_err err = {0};
    if (tcs_detect_engine_settle(r->engine, NULL, whole, &err) < 0)
        fail_msg("%s", err.msg);
    tcs_detect_engine_free(r->engine);
    tcs_detect_unref(r->detector);
}

/* Of the log there are the first bytes alone. */
static size_t
read_at(void *file, uint64_t offset, void *to, size_t n)
{
    const char *head = file;
    size_t all = strlen(head);
    size_t some = offset >= all ? 0 : all - offset < n ? all - offset : n;
    memcpy(to, head + (some ? offset : 0), some);
    return some;
}

static struct tcs_inputs_file
file_of(const struct run *r)
{
    union {
        const char *from;
        void *to;
    } head = {r->head};
    return (struct tcs_inputs_file){.path = r->origin.path, .read_at = read_at, .file = head.to};
}

/* A log is opened that begins with `head`, is so long and was changed last then. */
static void
open_changed(struct run *r, const char *path, const char *head, uint64_t size, int64_t mtime)
{
    const struct tcs_inputs_memory *m = tcs_detect_engine_memory(r->engine);
    r->origin = (struct tcs_origin){.path = tcs_base_str_of(path)};
    r->head = head;
    struct tcs_inputs_file f = file_of(r);
    f.size = size;
    f.mtime = mtime;
    r->from = (struct tcs_inputs_from){0};
    m->begin(m->ctx, &f, &r->from);
    assert_non_null(r->from.mark);
    r->at = r->from.offset;
    r->lines = r->from.records;
}

static void
open_log(struct run *r, const char *path, const char *head, uint64_t size)
{
    open_changed(r, path, head, size, (int64_t)size);
}

/* A block of it, made by `by`.  The last `torn` of its lines, which are one, have no end yet. */
static void
block(struct run *r, const char *letters, uint32_t torn, struct tcs_detector *by)
{
    const uint64_t n = strlen(letters);
    struct tcs_batch b = rig_batch(&r->origin);
    b.detector = by;
    b.offset = r->at;
    b.position = (struct tcs_position){.mark = r->from.mark, .read = r->at + n};
    b.ntorn = torn;
    for (uint64_t i = 0; letters[i]; i++) {
        const char text[2] = {letters[i], '\0'};
        rig_found(&b, 0, rig_line(&b, text), "H", r->at + i, 1);
    }
    r->at += n - torn;
    r->lines += n - torn;
    rig_put(r->engine, &b);
}

/* Its end came. */
static void
close_log(struct run *r)
{
    struct tcs_batch b = rig_batch(NULL);
    b.position = (struct tcs_position){
        .mark = r->from.mark, .read = r->at, .records = r->lines, .whole = true};
    const struct tcs_inputs_memory *m = tcs_detect_engine_memory(r->engine);
    const struct tcs_inputs_file f = file_of(r);
    m->end(m->ctx, &f, &b.position);
    rig_put(r->engine, &b);
}

static void
hunt(const char *path, const char *head, const char *letters, uint32_t fresh)
{
    struct run r;
    begin(&r, rules);
    open_log(&r, path, head, strlen(letters));
    block(&r, letters, 0, NULL);
    close_log(&r);
    end(&r, true);
    assert_int_equal(rig_fresh(&r.rig), fresh);
}

static int64_t
kept(void)
{
    return rig_ask(rig_path("state"), "SELECT count(*) FROM detection");
}

static int64_t
positions(void)
{
    return rig_ask(rig_path("state"), "SELECT count(*) FROM source");
}

/* Line by line over three runs, then all of it at once from another place. */
static void
test_read_on(void **state)
{
    struct run r;
    (void)state;
    hunt(path_a, "L", "LL", 2);
    for (int turn = 0; turn < 2; turn++) {
        begin(&r, rules);
        open_log(&r, path_a, "L", 3 + (uint64_t)turn);
        assert_int_equal(r.from.offset, 2 + turn);
        assert_int_equal(r.from.records, 2 + turn);
        assert_false(r.from.skip);
        block(&r, "L", 0, NULL);
        close_log(&r);
        end(&r, true);
        assert_int_equal(rig_fresh(&r.rig), 1);
    }
    hunt(path_b, "L", "LLLL", 0);
    assert_int_equal(kept(), 4);
}

/* A log that was written and did not grow: something in it may have changed, so it is read anew,
 * and its lines are known.  Another log is read before it, whose counts are not its own. */
static void
test_touched(void **state)
{
    struct run r;
    (void)state;
    hunt(path_a, "L", "LL", 2);
    begin(&r, rules);
    open_log(&r, path_b, "M", 3);
    block(&r, "MMM", 0, NULL);
    close_log(&r);
    open_changed(&r, path_a, "L", 2, 7);
    assert_int_equal(r.from.offset, 0);
    block(&r, "LL", 0, NULL);
    close_log(&r);
    end(&r, true);
    assert_int_equal(kept(), 5);
    begin(&r, rules);
    open_log(&r, path_a, "L", 3);
    block(&r, "L", 0, NULL);
    close_log(&r);
    end(&r, true);
    assert_int_equal(rig_fresh(&r.rig), 1);
    assert_int_equal(kept(), 6);
}

/* The last line had no end: it is found, and read again when it has one; then it is no other. */
static void
test_torn_line(void **state)
{
    struct run r;
    (void)state;
    begin(&r, rules);
    open_log(&r, path_a, "L", 4);
    block(&r, "LMMN", 2, NULL);
    close_log(&r);
    end(&r, true);
    assert_int_equal(rig_fresh(&r.rig), 4);
    begin(&r, rules);
    open_log(&r, path_a, "L", 6);
    assert_int_equal(r.from.offset, 2);
    block(&r, "MNMN", 0, NULL);
    close_log(&r);
    end(&r, true);
    assert_int_equal(rig_fresh(&r.rig), 2);
    assert_int_equal(kept(), 6);
}

/* It did not change, and is looked at with other rules. */
static void
test_what_is_skipped(void **state)
{
    struct run r;
    (void)state;
    begin(&r, rules);
    open_log(&r, path_a, "L", 2);
    assert_false(r.from.skip);
    block(&r, "LL", 0, NULL);
    close_log(&r);
    end(&r, true);
    begin(&r, rules);
    open_log(&r, path_a, "L", 2);
    assert_true(r.from.skip);
    open_log(&r, path_a, "X", 2); /* another file of that name */
    assert_false(r.from.skip);
    assert_int_equal(r.from.offset, 0);
    open_log(&r, path_a, "L", 1); /* it shrank */
    assert_false(r.from.skip);
    assert_int_equal(r.from.offset, 0);
    end(&r, true);
    begin(&r, other_rules);
    open_log(&r, path_a, "L", 2);
    assert_false(r.from.skip);
    assert_int_equal(r.from.offset, 0);
    end(&r, true);
}

/* Of a run that was interrupted nothing is told to be read; nor of a log whose end did not come. */
static void
test_not_whole(void **state)
{
    struct run r;
    (void)state;
    begin(&r, rules);
    open_log(&r, path_a, "L", 2);
    block(&r, "LL", 0, NULL);
    close_log(&r);
    end(&r, false);
    assert_int_equal(kept(), 2);
    assert_int_equal(positions(), 0);
    begin(&r, rules);
    open_log(&r, path_a, "L", 2);
    block(&r, "LL", 1, NULL);
    end(&r, true);
    assert_int_equal(positions(), 0);
    hunt(path_a, "L", "LL", 0);
    assert_int_equal(positions(), 1);
    assert_int_equal(kept(), 2);
}

/* A log that was opened under one detector, and seen in part or whole by another one, is read again
 * by both. */
static void
test_two_detectors(void **state)
{
    static const char *const parts[][2] = {{"L", "M"}, {"", "LM"}, {"LM", ""}};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct run r;
        const char *path = i == 0 ? "/a" : i == 1 ? "/b" : "/c";
        struct tcs_detector *other = rig_detector(other_rules);
        begin(&r, rules);
        open_log(&r, path, "L", 2);
        if (*parts[i][0])
            block(&r, parts[i][0], 0, r.detector);
        tcs_detect_engine_swap(r.engine, other);
        if (*parts[i][1])
            block(&r, parts[i][1], 0, other);
        close_log(&r);
        end(&r, true);
        tcs_detect_unref(other);
        begin(&r, other_rules);
        open_log(&r, path, "L", 2);
        assert_false(r.from.skip);
        end(&r, true);
        begin(&r, rules);
        open_log(&r, path, "L", 2);
        assert_int_equal(r.from.skip, i == 2);
        end(&r, true);
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_read_on),         TEST(test_touched),   TEST(test_torn_line),
        TEST(test_what_is_skipped), TEST(test_not_whole), TEST(test_two_detectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

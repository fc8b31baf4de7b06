/* unit/decode/test_evtx_walk.c - the walk over chunks and records: offsets beyond 4 GiB, logs
 * still being written, headers that lie, sinks that want little, and the checksum. */
#include "decode/formats.h"
#include "evtx_load.h"
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

#include "base/crc32.h"

enum { CHUNK = 65536, H_LAST_ID = 32, H_FREE = 48, H_FLAGS = 120 };

struct seen {
    uint64_t offsets[64], times[64];
    unsigned n, heads, stop_after;
    unsigned want;
    uint32_t flags;
};

static unsigned
want(void *ctx, const struct tcs_event *head)
{
    struct seen *s = ctx;
    s->heads++;
    assert_null(head->fields);
    return s->want;
}

static void
event(void *ctx, const struct tcs_event *ev)
{
    struct seen *s = ctx;
    s->offsets[s->n % 64] = ev->offset;
    s->flags |= ev->flags;
    s->n++;
}

static bool
stopped(void *ctx)
{
    const struct seen *s = ctx;
    return s->stop_after && s->n >= s->stop_after;
}

static struct tcs_decode_stats
decode(struct seen *s, const struct tcs_buf *file, uint64_t offset)
{
    struct tcs_origin origin = {.path = TCS_STR("x")};
    struct tcs_sink sink = {.ctx = s, .want = want, .event = event, .stopped = stopped};
    struct tcs_decode_opts o = {0};
    struct tcs_decode_stats st = {0};
    struct tcs_decoder *d = tcs_decode_format_evtx.open(&o);
    assert_non_null(d);
    struct tcs_block b = {.origin = &origin,
                          .p = (const uint8_t *)file->p + 4096,
                          .n = file->n - 4096,
                          .offset = offset};
    tcs_decode_format_evtx.decode(d, &b, &sink, &st);
    tcs_decode_format_evtx.close(d);
    return st;
}

static struct evg *
sample(uint32_t chunks, uint32_t per_chunk, struct tcs_buf **file)
{
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    assert_int_equal(evg_sample(g, chunks, per_chunk, &err), 0);
    *file = evg_finish(g);
    assert_non_null(*file);
    tcs_base_buf_room(*file, TCS_BLOCK_PADDING);
    return g;
}

static void
set32(struct tcs_buf *file, size_t at, uint32_t v)
{
    for (size_t i = 0; i < 4; i++)
        file->p[4096 + at + i] = (char)(v >> (8 * i));
}

static void
test_offsets_beyond_4gib(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = sample(2, 3, &file);
    struct seen s = {.want = TCS_WANT_FIELDS};
    const uint64_t far = ((uint64_t)70000 << 16) + 4096;
    size_t count;
    const struct evg_place *p = evg_places(g, &count);
    decode(&s, file, far);
    assert_int_equal(s.n, 6);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(s.offsets[i], far + p[i].offset - 4096);
    evg_free(g);
}

static void
test_want_nothing(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = sample(1, 5, &file);
    struct seen s = {.want = TCS_WANT_NOTHING};
    struct tcs_decode_stats st = decode(&s, file, 4096);
    assert_int_equal(s.heads, 5);
    assert_int_equal(s.n, 0);
    assert_int_equal(st.events, 5);
    evg_free(g);
}

static void
test_stop(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = sample(2, 5, &file);
    struct seen s = {.want = TCS_WANT_FIELDS, .stop_after = 3};
    decode(&s, file, 4096);
    assert_int_equal(s.n, 3);
    evg_free(g);
}

/* A log that was copied while open: the header knows 2 of 5 records. */
static void
test_file_being_written(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = sample(1, 5, &file);
    size_t count;
    const struct evg_place *p = evg_places(g, &count);
    set32(file, H_FREE, (uint32_t)(p[2].offset - 4096));
    set32(file, H_LAST_ID, (uint32_t)p[1].id);
    set32(file, H_FLAGS, 1);
    struct seen s = {.want = TCS_WANT_FIELDS};
    struct tcs_decode_stats st = decode(&s, file, 4096);
    assert_int_equal(s.n, 5);
    assert_int_equal(s.flags, TCS_EVENT_NUMBERED);
    assert_int_equal(st.bad_records, 0);
    evg_free(g);
}

/* The same, but what follows is of an earlier use of the chunk: its numbers do not go on. */
static void
test_stale_records_behind(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = sample(1, 5, &file);
    size_t count;
    const struct evg_place *p = evg_places(g, &count);
    set32(file, H_FREE, (uint32_t)(p[2].offset - 4096));
    set32(file, H_FLAGS, 1);
    for (size_t i = 2; i < count; i++)
        file->p[p[i].offset + 9] = 7; /* number + 1792 */
    struct seen s = {.want = TCS_WANT_FIELDS};
    decode(&s, file, 4096);
    assert_int_equal(s.n, 2);
    evg_free(g);
}

/* Free space offset and last number both impossible: records to the end, then zeros. */
/* claims: hints, header-hints */
static void
test_header_lies(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = sample(1, 5, &file);
    static const uint32_t frees[] = {0, 1, 511, 65537, 0xffffffff};
    for (size_t i = 0; i < sizeof frees / sizeof frees[0]; i++) {
        set32(file, H_FREE, frees[i]);
        set32(file, H_LAST_ID, 0xffffff);
        struct seen s = {.want = TCS_WANT_FIELDS};
        struct tcs_decode_stats st = decode(&s, file, 4096);
        assert_int_equal(s.n, 5);
        assert_int_equal(st.bad_records, 0);
    }
    evg_free(g);
}

/* A record's own times: System says one, the frame another; System is believed. */
static void
time_of(void *ctx, const struct tcs_event *ev)
{
    *(int64_t *)ctx = ev->time;
}

static void
test_time_and_number(void **state)
{
    (void)state;
    struct tcs_buf *file;
    struct evg *g = sample(1, 1, &file);
    size_t count;
    const struct evg_place *p = evg_places(g, &count);
    memset(file->p + p[0].offset + 16, 0, 8); /* the frame's time */
    int64_t t = 0;
    struct tcs_origin origin = {.path = TCS_STR("x")};
    struct tcs_sink sink = {.ctx = &t, .event = time_of};
    struct tcs_decode_opts o = {0};
    struct tcs_decode_stats st = {0};
    struct tcs_decoder *d = tcs_decode_format_evtx.open(&o);
    struct tcs_block b = {.origin = &origin,
                          .p = (const uint8_t *)file->p + 4096,
                          .n = file->n - 4096,
                          .offset = 4096};
    tcs_decode_format_evtx.decode(d, &b, &sink, &st);
    tcs_decode_format_evtx.close(d);
    assert_int_equal(t, 133500000000000000 - 116444736000000000);
    evg_free(g);
}

/* Templates of the same layout in different chunks, told apart by a name, a text, a kind of hole or
 * the number of it alone: what one chunk taught must not be applied to another. */
static void
test_templates_across_chunks(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<Event><EventData><Data Name='aa'>{0:u32}</Data><X>t</X></EventData></Event>",
        "<Event><EventData><Data Name='bb'>{0:u32}</Data><X>t</X></EventData></Event>",
        "<Event><EventData><Data Name='aa'>{0:u32}</Data><Y>t</Y></EventData></Event>",
        "<Event><EventData><Data Name='aa'>{0:u32}</Data><X>u</X></EventData></Event>",
        "<Event><EventData><Data Name='aa'>{1:u32}</Data><X>t</X></EventData></Event>",
        "<Event><EventData><Data Nome='aa'>{0:u32}</Data><X>t</X></EventData></Event>",
        "<Event><UserData><Data Name='aa'>{0?u32}</Data><X>t</X></UserData></Event>",
    };
    enum { N = sizeof texts / sizeof texts[0], ROUNDS = 3 };
    struct tcs_err err = {0};
    struct tcs_decode_opts o = {0};
    struct evtx_run shared = {0}, plain = {0};
    struct evg *g = evg_new();
    for (int i = 0; i < N * ROUNDS; i++) {
        const struct evg_value v[] = {evg_u32(g, 5), evg_u32(g, 6)};
        const struct evg_xml xml = {.text = texts[i % N], .values = v, .n = 2};
        evg_chunk(g);
        assert_int_equal(evg_add(g, &(struct evg_record){.filetime = 1, .xml = xml}, &err), 0);
    }
    struct tcs_buf *file = evg_finish(g);
    evtx_run_bytes(&shared, (const uint8_t *)file->p, file->n, &o, false);
    evtx_run_bytes(&plain, (const uint8_t *)file->p, file->n, &o, true);
    assert_int_equal(shared.seen, N * ROUNDS);
    check_str(tcs_base_str_slice(tcs_base_buf_view(&shared.flat), 0, 34),
              "{\"aa\":5,\"X\":\"t\"}\n{\"bb\":5,\"X\":\"t\"}\n");
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&shared.json), tcs_base_buf_view(&plain.json)));
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&shared.flat), tcs_base_buf_view(&plain.flat)));
    evtx_run_done(&shared);
    evtx_run_done(&plain);
    evg_free(g);
}

static void
test_crc(void **state)
{
    (void)state;
    static struct tcs_crc32 t;
    static uint8_t data[5000];
    uint64_t seed = 3;
    tcs_base_crc32_init(&t);
    assert_int_equal(tcs_base_crc32(&t, 0, (const uint8_t *)"123456789", 9), 0xcbf43926);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)evg_random(&seed);
    for (size_t n = 0; n < 700; n++) {
        uint32_t want_crc = evg_crc32(0, data + n % 13, n);
        assert_int_equal(tcs_base_crc32(&t, 0, data + n % 13, n), want_crc);
        assert_int_equal(tcs_base_crc32_plain(&t, 0, data + n % 13, n), want_crc);
        uint32_t half = tcs_base_crc32(&t, 0, data, n);
        assert_int_equal(tcs_base_crc32(&t, half, data + n, sizeof data - n),
                         evg_crc32(0, data, sizeof data));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offsets_beyond_4gib),
        cmocka_unit_test(test_want_nothing),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_file_being_written),
        cmocka_unit_test(test_stale_records_behind),
        cmocka_unit_test(test_header_lies),
        cmocka_unit_test(test_time_and_number),
        cmocka_unit_test(test_templates_across_chunks),
        cmocka_unit_test(test_crc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/property/test_roundtrip.c - random records through the encoder and back.
 *
 * Each record has fields of every value type, under EventData or UserData, in templates or without,
 * nested, as arrays, with references and CDATA between.  What is expected is written down while the
 * record is made, from the format of canonical text in event/value.h.  A failure names its seed. */
#include "base/time.h"
#include "base/utf.h"
#include "evtxgen/damage.h"
#include "evtxgen/evtxgen.h"

#include "decode.h"

#include <inttypes.h>

enum { FIELDS_MAX = 80, RECORDS = 60, FILES = 60 };
#define START 133500000000000000u
#define FILETIME_1970 116444736000000000

struct expected {
    const char *name, *text;
};

/* A record being made: its text, its values, and what must come of it. */
struct made {
    struct evg *g;
    uint64_t *seed;
    struct tcs_buf text;
    struct evg_value values[FIELDS_MAX];
    uint32_t nvalues;
    struct expected want[FIELDS_MAX];
    uint32_t nwant;
};

struct made_record {
    uint64_t id, filetime;
    struct expected *want;
    uint32_t nwant;
};

static uint64_t
below(struct made *m, uint64_t n)
{
    return evg_random(m->seed) % n;
}

static void
want(struct made *m, const char *name, const char *text)
{
    assert_true(m->nwant < FIELDS_MAX);
    m->want[m->nwant++] = (struct expected){name, text};
}

/* Text of 0..20 characters from all planes, no NUL. */
static char *
some_text(struct made *m)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {{0x20, 0x7e},     {0x20, 0x7e},     {0xa1, 0x17f},
                  {0x4e00, 0x9fff}, {0xe000, 0xfffd}, {0x1f300, 0x1f6ff}};
    size_t n = below(m, 21), len = 0;
    char *s = evg_alloc(m->g, 4 * n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t r = below(m, sizeof ranges / sizeof ranges[0]);
        uint32_t cp = ranges[r].from + (uint32_t)below(m, ranges[r].to - ranges[r].from + 1);
        len += tcs_base_utf8_put(s + len, cp);
    }
    return s;
}

/* A number of the given width, small ones and extremes more often than chance has it. */
static uint64_t
some_bits(struct made *m, unsigned bytes)
{
    uint64_t mask = bytes == 8 ? UINT64_MAX : (1ull << (8 * bytes)) - 1;
    switch (below(m, 5)) {
    case 0:
        return below(m, 10);
    case 1:
        return mask - below(m, 3);
    case 2:
        return ((mask >> 1) + below(m, 3)) & mask;
    default:
        return evg_random(m->seed) & mask;
    }
}

struct pair {
    struct evg_value value;
    char *text;
};

static struct pair
integer(struct made *m, unsigned type)
{
    static const struct {
        uint8_t type, bytes;
        bool sign;
    } types[] = {{EVG_I8, 1, true},  {EVG_U8, 1, false},  {EVG_I16, 2, true}, {EVG_U16, 2, false},
                 {EVG_I32, 4, true}, {EVG_U32, 4, false}, {EVG_I64, 8, true}, {EVG_U64, 8, false}};
    size_t i = 0;
    while (types[i].type != type)
        i++;
    uint64_t v = some_bits(m, types[i].bytes);
    unsigned unused = 64 - 8u * types[i].bytes;
    int64_t s = (int64_t)(v << unused) >> unused;
    return (struct pair){evg_int(m->g, type, v), types[i].sign ? evg_text(m->g, "%" PRId64, s)
                                                               : evg_text(m->g, "%" PRIu64, v)};
}

static struct pair
hexadecimal(struct made *m, unsigned type)
{
    uint64_t v = some_bits(m, type == EVG_HEX32 ? 4 : 8);
    return (struct pair){evg_int(m->g, type, v), evg_text(m->g, "0x%" PRIx64, v)};
}

static struct pair
real(struct made *m, unsigned type)
{
    double d = ((double)below(m, 20001) - 10000) / 4;        /* exact, short in decimal */
    const char *point = (double)(int64_t)d == d ? ".0" : ""; /* as evtx_dump writes whole ones */
    return (struct pair){type == EVG_F32 ? evg_f32(m->g, (float)d) : evg_f64(m->g, d),
                         evg_text(m->g, "%.17g%s", d, point)};
}

static struct pair
guid(struct made *m)
{
    uint64_t a = evg_random(m->seed), b = evg_random(m->seed);
    char *t =
        evg_text(m->g, "%08X-%04X-%04X-%04X-%012" PRIX64, (unsigned)a, (unsigned)(a >> 32) & 0xffff,
                 (unsigned)(a >> 48), (unsigned)(b >> 48), b & 0xffffffffffffu);
    return (struct pair){evg_guid(m->g, t), t};
}

static struct pair
sid(struct made *m)
{
    struct tcs_buf b = {0};
    unsigned parts = (unsigned)below(m, 16);
    tcs_base_buf_printf(&b, "S-1-%" PRIu64, some_bits(m, 6));
    for (unsigned i = 0; i < parts; i++)
        tcs_base_buf_printf(&b, "-%" PRIu64, some_bits(m, 4));
    char *t = evg_text(m->g, "%.*s", (int)b.n, b.p);
    tcs_base_buf_done(&b);
    return (struct pair){evg_sid(m->g, t), t};
}

static struct pair
filetime(struct made *m)
{
    /* years 1601 to 9999 */
    uint64_t ft = below(m, 3) ? START + below(m, 1u << 30) : below(m, 2650467743990000000u);
    char t[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format((int64_t)(ft - FILETIME_1970), 6, t);
    return (struct pair){evg_filetime(m->g, ft), evg_text(m->g, "%.*s", (int)s.n, s.p)};
}

static struct pair
systemtime(struct made *m)
{
    uint16_t p[8] = {(uint16_t)(1601 + below(m, 8000)),
                     (uint16_t)(1 + below(m, 12)),
                     (uint16_t)below(m, 7),
                     (uint16_t)(1 + below(m, 28)),
                     (uint16_t)below(m, 24),
                     (uint16_t)below(m, 60),
                     (uint16_t)below(m, 60),
                     (uint16_t)below(m, 1000)};
    return (struct pair){evg_systemtime(m->g, p),
                         evg_text(m->g, "%04u-%02u-%02uT%02u:%02u:%02u.%03u000Z", p[0], p[1], p[3],
                                  p[4], p[5], p[6], p[7])};
}

static struct pair
binary(struct made *m)
{
    uint8_t b[12];
    size_t n = 1 + below(m, sizeof b);
    char *t = evg_alloc(m->g, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        b[i] = (uint8_t)evg_random(m->seed);
        snprintf(t + 2 * i, 3, "%02X", b[i]);
    }
    return (struct pair){evg_raw(m->g, EVG_BINARY, b, n), t};
}

static struct pair
some_value(struct made *m, unsigned type)
{
    char *t;
    switch (type) {
    case EVG_STRING:
        t = some_text(m);
        return (struct pair){evg_str(m->g, t), t};
    case EVG_ANSI:
        t = evg_text(m->g, "ansi %u", (unsigned)below(m, 1000));
        return (struct pair){evg_ansi(m->g, t), t};
    case EVG_F32:
    case EVG_F64:
        return real(m, type);
    case EVG_BOOL: {
        uint64_t v = below(m, 2);
        return (struct pair){evg_int(m->g, EVG_BOOL, v), evg_text(m->g, v ? "true" : "false")};
    }
    case EVG_BINARY:
        return binary(m);
    case EVG_GUID:
        return guid(m);
    case EVG_FILETIME:
        return filetime(m);
    case EVG_SYSTEMTIME:
        return systemtime(m);
    case EVG_SID:
        return sid(m);
    case EVG_SIZET:
    case EVG_HEX32:
    case EVG_HEX64:
        return hexadecimal(m, type);
    default:
        return integer(m, type);
    }
}

static unsigned
some_type(struct made *m)
{
    return EVG_STRING + (unsigned)below(m, EVG_HEX64 - EVG_STRING + 1);
}

static const char *const type_names[] = {
    "null",  "string",   "ansi",       "i8",  "u8",    "i16",  "u16",    "i32",
    "u32",   "i64",      "u64",        "f32", "f64",   "bool", "binary", "guid",
    "sizet", "filetime", "systemtime", "sid", "hex32", "hex64"};

static uint32_t
add_value(struct made *m, struct evg_value v)
{
    assert_true(m->nvalues < FIELDS_MAX);
    m->values[m->nvalues] = v;
    return m->nvalues++;
}

/* ---- parts of a record; each appends text, values and expectations ---- */

static void
part_value(struct made *m, const char *name)
{
    unsigned type = some_type(m);
    struct pair p = some_value(m, type);
    tcs_base_buf_printf(&m->text, "<Data Name='%s'>{%u%c%s}</Data>", name, add_value(m, p.value),
                        *p.text && below(m, 2) ? '?' : ':', type_names[type]);
    want(m, name, p.text);
}

static void
part_null(struct made *m, const char *name)
{
    tcs_base_buf_printf(&m->text, "<Data Name='%s'>{%u:string}</Data>", name,
                        add_value(m, evg_null()));
    want(m, name, "");
}

/* An array repeats its element once per item. */
static void
part_array(struct made *m, const char *name)
{
    static const uint8_t types[] = {EVG_STRING, EVG_U8,  EVG_I16,      EVG_U32,   EVG_I64, EVG_F64,
                                    EVG_GUID,   EVG_SID, EVG_FILETIME, EVG_HEX32, EVG_BOOL};
    unsigned type = types[below(m, sizeof types)];
    struct evg_value items[5];
    size_t n = 1 + below(m, 5);
    for (size_t i = 0; i < n; i++) {
        struct pair p = some_value(m, type);
        items[i] = p.value;
        want(m, name, p.text);
    }
    tcs_base_buf_printf(&m->text, "<Data Name='%s'>{%u:%s[]}</Data>", name,
                        add_value(m, evg_array(m->g, items, n)), type_names[type]);
}

static void
part_literal(struct made *m, const char *name)
{
    unsigned k = (unsigned)below(m, 1000);
    tcs_base_buf_printf(&m->text, "<Data Name='%s'>a&lt;%u&amp;&#8364;<![CDATA[<b>]]></Data>", name,
                        k);
    want(m, name, evg_text(m->g, "a<%u&\xe2\x82\xac<b>", k));
}

/* Text and values in one element. */
static void
part_mixed(struct made *m, const char *name)
{
    struct pair p = some_value(m, EVG_U32), q = some_value(m, EVG_STRING);
    tcs_base_buf_printf(&m->text, "<Data Name='%s'>pid {%u:u32}, {%u:string}!</Data>", name,
                        add_value(m, p.value), add_value(m, q.value));
    want(m, name, evg_text(m->g, "pid %s, %s!", p.text, q.text));
}

typedef void part_fn(struct made *m, const char *name);

static void
some_parts(struct made *m)
{
    static part_fn *const parts[] = {part_value, part_value,   part_value, part_null,
                                     part_array, part_literal, part_mixed};
    for (uint64_t n = 1 + below(m, 9); n; n--)
        parts[below(m, sizeof parts / sizeof parts[0])](
            m, evg_text(m->g, "x_%c%u", (int)('a' + below(m, 26)), m->nwant));
}

/* Takes what was made so far as the content of a nested fragment. */
static void
nest(struct made *m, unsigned flags)
{
    struct evg_value *v = evg_alloc(m->g, (m->nvalues ? m->nvalues : 1) * sizeof *v);
    memcpy(v, m->values, m->nvalues * sizeof *v);
    struct evg_xml x = {.text = evg_text(m->g, "%.*s", (int)m->text.n, m->text.p),
                        .values = v,
                        .n = m->nvalues,
                        .flags = flags};
    m->text.n = 0;
    m->nvalues = 0;
    tcs_base_buf_printf(&m->text, "{%u:xml}", add_value(m, evg_xml(m->g, x)));
}

/* Puts `before` and `after` around what was made so far. */
static void
wrap(struct made *m, const char *before, const char *after)
{
    struct tcs_buf b = {0};
    tcs_base_buf_printf(&b, "%s%.*s%s", before, (int)m->text.n, m->text.p, after);
    tcs_base_buf_done(&m->text);
    m->text = b;
}

/* UserData: elements in elements, attributes; fragments in fragments. */
static void
user_data(struct made *m)
{
    struct pair a = some_value(m, EVG_U32), b = some_value(m, some_type(m));
    struct pair c = some_value(m, EVG_GUID);
    unsigned kind = (unsigned)below(m, 1000);
    const char *leaf = evg_text(m->g, "x_leaf%u", kind);
    tcs_base_buf_printf(&m->text, "<%s>{%u:%s}</%s>", leaf, add_value(m, b.value),
                        type_names[b.value.type], leaf);
    if (below(m, 2))
        nest(m, 0);
    wrap(m, "<x_mid>", "</x_mid>");
    if (below(m, 2))
        nest(m, 0);
    tcs_base_buf_printf(&m->text, "<x_last id='{%u?guid}' n='{%u:u32}'/>", add_value(m, c.value),
                        add_value(m, a.value));
    wrap(m, evg_text(m->g, "<x_outer kind='k%u'>", kind), "</x_outer>");
    if (below(m, 2))
        nest(m, 0);
    wrap(m, "<UserData>", "</UserData>");
    want(m, "x_outer_kind", evg_text(m->g, "k%u", kind));
    want(m, leaf, b.text);
    want(m, "x_last_id", c.text);
    want(m, "x_last_n", a.text);
}

/* EventData without a template: no values, no dependency ids. */
static void
direct_data(struct made *m)
{
    part_literal(m, "x_direct1");
    part_literal(m, "x_direct2");
    wrap(m, "<EventData>", "</EventData>");
    nest(m, EVG_DIRECT);
}

static void
make_record(struct made *m)
{
    unsigned shape = (unsigned)below(m, 8);
    switch (shape) {
    case 0:
    case 1:
        user_data(m);
        break;
    case 2:
        direct_data(m);
        break;
    default:
        some_parts(m);
        wrap(m, "<EventData>", "</EventData>");
    }
    if (shape != 2 && below(m, 2))
        nest(m, 0);
    wrap(m,
         "<Event><System><Provider Name='P'/><EventID>7</EventID><Channel>Test</Channel>"
         "<Computer>c.example</Computer></System>",
         "</Event>");
}

/* ---- comparison ---- */

struct check {
    const struct made_record *records;
    size_t n, next;
    uint64_t seed;
    struct tcs_arena *a;
};

static bool
ours(struct tcs_str name)
{
    return tcs_base_str_starts(name, TCS_STR("x_"));
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct check *c = ctx;
    tcs_base_arena_reset(c->a);
    if (c->next == c->n)
        fail_msg("seed %" PRIu64 ": more events than records", c->seed);
    const struct made_record *r = &c->records[c->next++];
    uint32_t k = 0;
    if (ev->record_id != r->id) {
        c->next = ev->record_id; /* one was refused: the problem says why */
        return;
    }
    assert_int_equal(ev->time, (int64_t)r->filetime - FILETIME_1970);
    assert_int_equal(ev->event_id, 7);
    for (uint32_t i = 0; i < ev->nfields; i++) {
        if (!ours(ev->fields[i].name))
            continue;
        struct tcs_str text = tcs_event_value_text(&ev->fields[i].value, c->a);
        if (k == r->nwant ||
            !tcs_base_str_eq(ev->fields[i].name, tcs_base_str_of(r->want[k].name)) ||
            !tcs_base_str_eq(text, tcs_base_str_of(r->want[k].text)))
            fail_msg("seed %" PRIu64 ", record %" PRIu64 ": field %u is %.*s = \"%.*s\", want "
                     "%s = \"%s\"",
                     c->seed, r->id, k, TCS_STR_FMT(ev->fields[i].name), TCS_STR_FMT(text),
                     k < r->nwant ? r->want[k].name : "none", k < r->nwant ? r->want[k].text : "");
        k++;
    }
    if (k != r->nwant)
        fail_msg("seed %" PRIu64 ", record %" PRIu64 ": %u fields, want %u", c->seed, r->id, k,
                 r->nwant);
}

static void
one_record(struct evg *g, uint64_t *seed, struct made_record *ret)
{
    struct tcs_err err = {0};
    struct made m = {.g = g, .seed = seed};
    make_record(&m);
    ret->nwant = m.nwant;
    ret->want = evg_alloc(g, (m.nwant ? m.nwant : 1) * sizeof *ret->want);
    memcpy(ret->want, m.want, m.nwant * sizeof *ret->want);
    struct evg_record r = {.id = ret->id,
                           .filetime = ret->filetime,
                           .xml = {.text = evg_text(g, "%.*s", (int)m.text.n, m.text.p),
                                   .values = m.values,
                                   .n = m.nvalues}};
    if (evg_add(g, &r, &err) < 0)
        fail_msg("%s", err.msg);
    tcs_base_buf_done(&m.text);
}

static void
one_file(uint64_t seed, bool plain, struct tcs_arena *a)
{
    struct made_record records[RECORDS] = {0};
    struct evg *g = evg_new();
    uint64_t rng = seed;
    for (size_t i = 0; i < RECORDS; i++) {
        records[i].id = i + 1;
        records[i].filetime = START + evg_random(&rng) % (1u << 30);
        one_record(g, &rng, &records[i]);
        if (evg_random(&rng) % 16 == 0)
            evg_chunk(g);
    }
    struct tcs_buf *file = evg_finish(g);
    struct check c = {.records = records, .n = RECORDS, .seed = seed, .a = a};
    struct decode_result r = decode_file(
        file->p, file->n, &(struct decode_opts){.plain = plain, .event = on_event, .ctx = &c});
    if (r.problems)
        fail_msg("seed %" PRIu64 ": problem at %" PRIu64 ": %s", seed, r.at, r.first);
    assert_int_equal(c.next, RECORDS);
    assert_int_equal(r.stats.events, RECORDS);
    evg_free(g);
}

static void
round_trips(void **state)
{
    (void)state;
    struct tcs_arena *a = tcs_base_arena_new(0);
    for (uint64_t seed = 1; seed <= FILES * decode_rounds(); seed++) {
        one_file(seed, false, a);
        one_file(seed, true, a);
    }
    tcs_base_arena_free(a);
}

/* ---- values that are strange inside whole records ----
 *
 * Where no text is prescribed the decoder may also refuse the record, if it says so. */

struct odd_check {
    const struct evg_odd *odd;
    unsigned events;
    struct tcs_arena *a;
};

static void
on_odd(void *ctx, const struct tcs_event *ev)
{
    struct odd_check *c = ctx;
    tcs_base_arena_reset(c->a);
    c->events++;
    struct tcs_str after = decode_text(ev, "After", c->a), text = decode_text(ev, "Odd", c->a);
    if (!tcs_base_str_eq(after, TCS_STR("after")))
        fail_msg("%s: the field behind it is \"%.*s\"", c->odd->name, TCS_STR_FMT(after));
    if (c->odd->text && !tcs_base_str_eq(text, (struct tcs_str){c->odd->text, c->odd->text_n}))
        fail_msg("%s: text is \"%.*s\", want \"%.*s\"", c->odd->name, TCS_STR_FMT(text),
                 (int)c->odd->text_n, c->odd->text);
}

static void
odd_values(void **state)
{
    (void)state;
    struct tcs_arena *a = tcs_base_arena_new(0);
    for (const struct evg_odd *o = evg_odds; o->name; o++) {
        struct tcs_err err = {0};
        struct evg *g = evg_new();
        struct evg_field f[] = {{"Odd", evg_raw(g, o->type, o->bytes, o->n)},
                                {"After", evg_str(g, "after")}};
        struct evg_event ev = {.provider = "P",
                               .channel = "Test",
                               .computer = "c.example",
                               .filetime = START,
                               .qualifiers = -1,
                               .fields = f,
                               .nfields = 2};
        for (int i = 0; i < 3; i++)
            assert_int_equal(evg_add_event(g, &ev, &err), 0);
        struct tcs_buf *file = evg_finish(g);
        for (int plain = 0; plain < 2; plain++) {
            struct odd_check c = {.odd = o, .a = a};
            struct decode_result r =
                decode_file(file->p, file->n,
                            &(struct decode_opts){.plain = plain, .event = on_odd, .ctx = &c});
            if (c.events + (o->text ? 0 : r.records) != 3)
                fail_msg("%s: %u of 3 records came back: %s", o->name, c.events, r.first);
        }
        evg_free(g);
    }
    tcs_base_arena_free(a);
}

/* ---- bombs ---- */

struct bomb_check {
    unsigned ordinary;
    struct tcs_buf json;
};

static void
on_bomb(void *ctx, const struct tcs_event *ev)
{
    struct bomb_check *c = ctx;
    c->ordinary += tcs_event_field(ev, TCS_STR("After")) != NULL;
    c->json.n = 0;
    tcs_event_json_flat(ev, &c->json);
    if (ev->raw_json)
        ev->raw_json(ev, &c->json);
    assert_true(c->json.n < 256u << 20);
}

/* Each bomb stands between ordinary records, which must survive it. */
static void
bombs(void **state)
{
    (void)state;
    for (const struct evg_bomb *bomb = evg_bombs; bomb->name; bomb++) {
        struct tcs_err err = {0};
        struct evg *g = evg_new();
        struct evg_field f[] = {{"After", evg_str(g, "after")}};
        struct evg_event ev = {.provider = "P",
                               .channel = "Test",
                               .computer = "c.example",
                               .filetime = START,
                               .qualifiers = -1,
                               .fields = f,
                               .nfields = 1};
        assert_int_equal(evg_add_event(g, &ev, &err), 0);
        assert_int_equal(bomb->add(g, START, &err), 0);
        assert_int_equal(evg_add_event(g, &ev, &err), 0);
        struct tcs_buf *file = evg_finish(g);
        for (int plain = 0; plain < 2; plain++) {
            struct bomb_check c = {0};
            decode_file(file->p, file->n,
                        &(struct decode_opts){.plain = plain, .event = on_bomb, .ctx = &c});
            tcs_base_buf_done(&c.json);
            if (c.ordinary != 2)
                fail_msg("%s: %u of 2 ordinary records came back", bomb->name, c.ordinary);
        }
        evg_free(g);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(odd_values),
        cmocka_unit_test(bombs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

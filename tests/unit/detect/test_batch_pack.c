/* Tests detect/batch_pack.c: a batch as bytes and back, and bytes that no worker of ours would
 * send.  Values are made up, each another one, so that a member that is left out or confused
 * shows. */
#include "base/time.h"
#include "check.h"
#include "detect/batch_pack.h"

#include <stdlib.h>

static const struct tcs_origin origin = {.path = TCS_STR("case.zip!Security.evtx"), .index = 3};

/* Another text and another number each time. */
static unsigned made;

static struct tcs_str
text(struct tcs_batch *b)
{
    struct tcs_str s = tcs_base_arena_printf(b->arena, "text %u", made++);
    assert_non_null(s.p);
    return s;
}

static struct tcs_identity
somebody(struct tcs_batch *b)
{
    struct tcs_identity w = {0};
#define TEXT(name) w.name = text(b);
#define NUMBER(name) w.name = UINT64_MAX - made++;
#define SMALL(name) w.name = UINT32_MAX - made++;
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)
#undef TEXT
#undef NUMBER
#undef SMALL
    w.activity = TCS_ACT_LOGON;
    w.named = (struct tcs_str){0};             /* not said */
    w.hash = tcs_base_str_slice(w.hash, 0, 0); /* said, and empty */
    return w;
}

static struct tcs_evidence
somewhere(struct tcs_batch *b)
{
    struct tcs_evidence e = {.file = origin.path, .channel = text(b)};
    e.record_id = made++;
    e.offset = made++;
    e.event_id = made++;
    return e;
}

#define ROOM(b, list)                                                                              \
    tcs_detect_batch_room(b, &(b)->list, &(b)->cap_##list, (b)->n##list, 1, sizeof *(b)->list)

static void
fill(struct tcs_batch *b)
{
    static struct tcs_str techniques[2], values[3];
    const struct tcs_problem p = {
        .cause = TCS_CAUSE_RECORD, .offset = 77, .skipped = 3, .record = true, .msg = "damaged"};
    for (unsigned i = 0; i < 3; i++) {
        assert_true(ROOM(b, records));
        b->records[b->nrecords++] =
            (struct tcs_key){.b = {(uint8_t)i, 1, 2, 255}, .uncounted = i == 1};
    }
    techniques[0] = text(b);
    techniques[1] = text(b);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(ROOM(b, findings));
        b->findings[b->nfindings++] =
            (struct tcs_batch_finding){.finding = {.time = -5 - (int64_t)i,
                                                   .flags = TCS_FINDING_NOVEL,
                                                   .count = 1,
                                                   .first = INT64_MIN,
                                                   .group = made++,
                                                   .unchecked = text(b),
                                                   .who = somebody(b),
                                                   .evidence = somewhere(b)},
                                       .rule = i ? TCS_BATCH_ALERT : 7,
                                       .record = i,
                                       .from = 2 * i,
                                       .to = 2 * i + 2};
    }
    b->findings[1].alert = (struct tcs_signature){.id = text(b),
                                                  .title = text(b),
                                                  .level = TCS_HIGH,
                                                  .stage = TCS_STAGE_LATERAL,
                                                  .techniques = techniques,
                                                  .ntechniques = 2};
    b->findings[1].tool = text(b);
    assert_true(ROOM(b, observations));
    b->observations[b->nobservations++] =
        (struct tcs_batch_observation){.observation = {.time = 9,
                                                       .kind = TCS_OBS_SHARE,
                                                       .logon_type = 10,
                                                       .who = somebody(b),
                                                       .evidence = somewhere(b)},
                                       .record = 2};
    values[0] = text(b);
    values[2] = text(b);
    assert_true(ROOM(b, matches));
    b->matches[b->nmatches++] =
        (struct tcs_batch_match){.match = {.time = 11,
                                           .rule = 12,
                                           .source = origin.index,
                                           .record = 13,
                                           .offset = 14,
                                           .values = values,
                                           .nvalues = 3},
                                 .evidence = somewhere(b),
                                 .host = text(b),
                                 .account = text(b),
                                 .subject = text(b),
                                 .source_ip = text(b),
                                 .record = 1,
                                 .flags = TCS_EVENT_CARVED | TCS_MATCH_UNCHECKED,
                                 .about_target = true};
    tcs_detect_batch_host(b, &(struct tcs_value){.type = TCS_V_UTF8, .p = "DC01", .n = 4}, 5);
    tcs_detect_batch_log(b,
                         &(struct tcs_event){.product = TCS_STR("windows"),
                                             .service = TCS_STR("s"),
                                             .schema = "flat",
                                             .offset = 21,
                                             .channel = tcs_event_value_str(TCS_STR("Security"))},
                         true);
    assert_true(ROOM(b, sightings));
    b->sightings[b->nsightings++] = (struct tcs_batch_sighting){.hash = 99, .carved = true};
    tcs_detect_notes_add(&b->notes, &origin, &p);
    b->stats = (struct tcs_decode_stats){1, 2, 3, 4, 5, 6, 7};
    b->passed_over = 8;
    b->hosts_dropped = 9;
    b->ntorn = 1;
    tcs_base_buf_put(&b->out, "{}{}", 4);
}

static struct tcs_batch
empty(void)
{
    struct tcs_batch b = {.origin = &origin};
    assert_true(tcs_detect_batch_open(&b));
    return b;
}

static struct tcs_batch
full(struct tcs_buf *packed)
{
    struct tcs_batch b = empty();
    made = 1;
    fill(&b);
    tcs_detect_batch_pack(&b, packed);
    assert_false(packed->failed);
    return b;
}

/* --- there and back --- */

static void
same_text(struct tcs_str a, struct tcs_str b)
{
    assert_true(tcs_base_str_eq(a, b));
    assert_true((a.p == NULL) == (b.p == NULL));
    if (b.p)
        assert_int_equal(b.p[b.n], '\0');
}

static void
same_person(const struct tcs_identity *a, const struct tcs_identity *b)
{
#define TEXT(name) same_text(a->name, b->name);
#define NUMBER(name) assert_true(a->name == b->name);
#define SMALL(name) NUMBER(name)
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)
#undef TEXT
#undef NUMBER
#undef SMALL
}

static void
same_place(const struct tcs_evidence *a, const struct tcs_evidence *b)
{
    same_text(a->file, b->file);
    same_text(a->channel, b->channel);
    assert_int_equal(a->record_id, b->record_id);
    assert_int_equal(a->offset, b->offset);
    assert_int_equal(a->event_id, b->event_id);
}

static void
same_finding(const struct tcs_batch_finding *a, const struct tcs_batch_finding *b)
{
    assert_true(a->finding.time == b->finding.time && a->finding.first == b->finding.first);
    assert_int_equal(a->finding.flags, b->finding.flags);
    assert_int_equal(a->finding.count, b->finding.count);
    assert_int_equal(a->finding.group, b->finding.group);
    same_person(&a->finding.who, &b->finding.who);
    same_place(&a->finding.evidence, &b->finding.evidence);
    assert_int_equal(a->rule, b->rule);
    assert_int_equal(a->record, b->record);
    assert_true(a->from == b->from && a->to == b->to);
    same_text(a->alert.id, b->alert.id);
    same_text(a->alert.title, b->alert.title);
    assert_int_equal(a->alert.level, b->alert.level);
    assert_int_equal(a->alert.stage, b->alert.stage);
    assert_int_equal(a->alert.ntechniques, b->alert.ntechniques);
    for (uint32_t i = 0; i < a->alert.ntechniques; i++)
        same_text(a->alert.techniques[i], b->alert.techniques[i]);
    same_text(a->tool, b->tool);
    same_text(a->finding.unchecked, b->finding.unchecked);
}

static void
same_match(const struct tcs_batch_match *a, const struct tcs_batch_match *b)
{
    assert_true(a->match.time == b->match.time && a->match.record == b->match.record);
    assert_true(a->match.rule == b->match.rule && a->match.source == b->match.source);
    assert_true(a->match.offset == b->match.offset && a->match.nvalues == b->match.nvalues);
    for (uint32_t i = 0; i < a->match.nvalues; i++)
        same_text(a->match.values[i], b->match.values[i]);
    same_place(&a->evidence, &b->evidence);
    same_text(a->host, b->host);
    same_text(a->account, b->account);
    same_text(a->subject, b->subject);
    same_text(a->source_ip, b->source_ip);
    assert_true(a->record == b->record && a->flags == b->flags &&
                a->about_target == b->about_target);
}

static void
test_there_and_back(void **state)
{
    struct tcs_buf packed = {0};
    struct tcs_batch a = full(&packed), b = empty();
    (void)state;
    tcs_base_buf_put(&b.out, "{}{}", 4);
    assert_int_equal(tcs_detect_batch_unpack(&b, (uint8_t *)packed.p, packed.n), 0);
    assert_int_equal(b.nrecords, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_memory_equal(a.records[i].b, b.records[i].b, TCS_KEY);
        assert_int_equal(a.records[i].uncounted, b.records[i].uncounted);
    }
    assert_int_equal(b.nfindings, 2);
    same_finding(&a.findings[0], &b.findings[0]);
    same_finding(&a.findings[1], &b.findings[1]);
    assert_int_equal(b.nobservations, 1);
    assert_int_equal(a.observations[0].observation.time, b.observations[0].observation.time);
    assert_int_equal(a.observations[0].observation.kind, b.observations[0].observation.kind);
    assert_int_equal(a.observations[0].observation.logon_type,
                     b.observations[0].observation.logon_type);
    assert_int_equal(a.observations[0].record, b.observations[0].record);
    same_person(&a.observations[0].observation.who, &b.observations[0].observation.who);
    same_place(&a.observations[0].observation.evidence, &b.observations[0].observation.evidence);
    assert_int_equal(b.nmatches, 1);
    same_match(&a.matches[0], &b.matches[0]);
    assert_int_equal(b.nhosts, 1);
    same_text(a.hosts[0].name, b.hosts[0].name);
    assert_true(b.hosts[0].first == 5 && b.hosts[0].last == 5);
    assert_int_equal(b.nlogs, 1);
    same_text(a.logs[0].product, b.logs[0].product);
    same_text(a.logs[0].service, b.logs[0].service);
    same_text(a.logs[0].channel, b.logs[0].channel);
    same_text(a.logs[0].schema, b.logs[0].schema);
    assert_true(b.logs[0].records == 1 && b.logs[0].first == 21 && b.logs[0].known);
    assert_true(b.hosts[0].records == 1);
    assert_int_equal(b.nsightings, 1);
    assert_true(b.sightings[0].hash == 99 && b.sightings[0].carved);
    assert_memory_equal(&a.stats, &b.stats, sizeof a.stats);
    assert_true(b.passed_over == 8 && b.hosts_dropped == 9 && b.ntorn == 1 && !b.no_memory);
    assert_int_equal(b.notes.count[TCS_CAUSE_RECORD], 1);
    assert_int_equal(b.notes.counting, 1);
    assert_int_equal(b.notes.bytes_lost, 3);
    const struct tcs_note *note = &b.notes.kept[0];
    same_text(note->path, origin.path);
    same_text(note->text, TCS_STR("damaged"));
    assert_true(note->offset == 77 && note->record);
    tcs_detect_batch_close(&a);
    tcs_detect_batch_close(&b);
    tcs_base_buf_done(&packed);
}

/* --- bytes that were never packed --- */

static int
unpack(const struct tcs_buf *packed, size_t n, size_t out)
{
    struct tcs_batch b = empty();
    uint8_t *own = malloc(n ? n : 1); /* of just this size, for the address sanitizer */
    assert_non_null(own);
    memcpy(own, packed->p, n);
    assert_non_null(tcs_base_buf_room(&b.out, 64));
    b.out.n = out;
    int r = tcs_detect_batch_unpack(&b, own, n);
    tcs_detect_batch_clear(&b);
    tcs_detect_batch_close(&b);
    free(own);
    return r;
}

static void
test_cut_and_longer(void **state)
{
    struct tcs_buf packed = {0};
    struct tcs_batch a = full(&packed);
    (void)state;
    for (size_t n = 0; n < packed.n; n++)
        assert_int_equal(unpack(&packed, n, 4), 1);
    assert_int_equal(unpack(&packed, packed.n, 4), 0);
    tcs_base_buf_c(&packed, '\0');
    assert_int_equal(unpack(&packed, packed.n, 4), 1);
    tcs_detect_batch_close(&a);
    tcs_base_buf_done(&packed);
}

/* Every byte as every other: refused or taken, and no fault. */
static void
test_changed_bytes(void **state)
{
    struct tcs_buf packed = {0};
    struct tcs_batch a = full(&packed);
    (void)state;
    for (size_t i = 0; i < packed.n; i++) {
        const char was = packed.p[i];
        for (unsigned flip = 1; flip < 256; flip <<= 1) {
            packed.p[i] = (char)(was ^ (char)flip);
            int r = unpack(&packed, packed.n, 4);
            assert_true(r == 0 || r == 1);
        }
        packed.p[i] = was;
    }
    tcs_detect_batch_close(&a);
    tcs_base_buf_done(&packed);
}

/* Packs a batch with one thing wrong. */
static int
wrong(void (*spoil)(struct tcs_batch *b))
{
    struct tcs_buf packed = {0};
    struct tcs_batch b = empty();
    made = 1;
    fill(&b);
    spoil(&b);
    tcs_detect_batch_pack(&b, &packed);
    int r = unpack(&packed, packed.n, 4);
    tcs_detect_batch_close(&b);
    tcs_base_buf_done(&packed);
    return r;
}

static void
nothing(struct tcs_batch *b)
{
    (void)b;
}

#define SPOIL(name, member, value)                                                                 \
    static void name(struct tcs_batch *b)                                                          \
    {                                                                                              \
        b->member = value;                                                                         \
    }
SPOIL(of_no_record, findings[0].record, 3)
SPOIL(beyond_the_bytes, findings[1].to, 5)
SPOIL(backwards, findings[0].from, 3)
SPOIL(over_another, findings[1].from, 1)
SPOIL(no_level, findings[1].alert.level, TCS_LEVELS)
SPOIL(no_stage, findings[1].alert.stage, TCS_STAGES)
SPOIL(no_flag, findings[0].finding.flags, TCS_FINDING_FLAGS + 1)
SPOIL(no_activity, findings[0].finding.who.activity, TCS_ACTS)
SPOIL(observed_nowhere, observations[0].record, 3)
SPOIL(observed_nothing, observations[0].observation.kind, TCS_OBS_KINDS)
SPOIL(matched_nowhere, matches[0].record, 3)
SPOIL(matched_oddly, matches[0].flags, (TCS_EVENT_CARVED | TCS_MATCH_UNCHECKED) + 1)
SPOIL(torn_more_than_there_are, ntorn, 4)
SPOIL(more_notes_than_counted, notes.count[TCS_CAUSE_RECORD], 0)
SPOIL(no_cause, notes.kept[0].cause, TCS_CAUSES)

static void
test_what_cannot_be(void **state)
{
    (void)state;
    assert_int_equal(wrong(nothing), 0);
    assert_int_equal(wrong(of_no_record), 1);
    assert_int_equal(wrong(beyond_the_bytes), 1);
    assert_int_equal(wrong(backwards), 1);
    assert_int_equal(wrong(over_another), 1);
    assert_int_equal(wrong(no_level), 1);
    assert_int_equal(wrong(no_stage), 1);
    assert_int_equal(wrong(no_flag), 1);
    assert_int_equal(wrong(no_activity), 1);
    assert_int_equal(wrong(observed_nowhere), 1);
    assert_int_equal(wrong(observed_nothing), 1);
    assert_int_equal(wrong(matched_nowhere), 1);
    assert_int_equal(wrong(matched_oddly), 1);
    assert_int_equal(wrong(torn_more_than_there_are), 1);
    assert_int_equal(wrong(more_notes_than_counted), 1);
    assert_int_equal(wrong(no_cause), 1);
}

/* A count that memory could not hold is refused by what is there, before anything is made. */
/* claim: batches */
static void
test_counts_are_bounded_by_the_bytes(void **state)
{
    struct tcs_buf packed = {0};
    struct tcs_batch b = empty();
    (void)state;
    tcs_detect_batch_pack(&b, &packed);
    const size_t lists = 7;
    for (size_t i = 1; i <= lists; i++) {
        char *count = packed.p + packed.n - 4 * i;
        memset(count, 0xff, 4);
        assert_int_equal(unpack(&packed, packed.n, 4), 1);
        memset(count, 0, 4);
    }
    assert_int_equal(unpack(&packed, packed.n, 4), 0);
    tcs_detect_batch_close(&b);
    tcs_base_buf_done(&packed);
}

/* Room that does not grow: what does not fit is seen, and nothing is written behind it. */
static void
test_no_room(void **state)
{
    struct tcs_buf packed = {0};
    struct tcs_batch a = full(&packed);
    char *room = malloc(packed.n);
    (void)state;
    assert_non_null(room);
    for (size_t n = 0; n < packed.n; n += 7) {
        struct tcs_buf small = {.p = room, .cap = n, .fixed = true};
        tcs_detect_batch_pack(&a, &small);
        assert_true(small.failed && small.n <= n);
        tcs_base_buf_done(&small);
    }
    struct tcs_buf just = {.p = room, .cap = packed.n, .fixed = true};
    tcs_detect_batch_pack(&a, &just);
    assert_true(!just.failed && just.n == packed.n);
    free(room);
    tcs_detect_batch_close(&a);
    tcs_base_buf_done(&packed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_cut_and_longer),
        cmocka_unit_test(test_changed_bytes),
        cmocka_unit_test(test_what_cannot_be),
        cmocka_unit_test(test_counts_are_bounded_by_the_bytes),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

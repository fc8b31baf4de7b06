/* unit/detect/test_keys.c - one record is one key, in whatever form it is read: identity/key.h's
 * rules through the decoders.  It stands here since tests of identity/ may not use decode/. */
#include "decode/formats.h"
#include "identity/key.h"

#include "base/time.h"
#include "check.h"
#include "evtxgen/damage.h"
#include "evtxgen/sample.h"

enum { KEYS_MAX = 64 };

struct seen {
    struct tcs_key keys[KEYS_MAX];
    uint32_t flags[KEYS_MAX];
    uint32_t n;
    struct tcs_arena *arena;
    struct tcs_buf forms[3]; /* the events as evtx_dump, Winlogbeat and an XML export write them */
};

/* The same record in other tools' words, from its head alone. */
static void
put_forms(struct seen *s, const struct tcs_event *ev)
{
    char time[TCS_TIME_TEXT], number[24];
    struct tcs_str channel = tcs_event_value_text(&ev->channel, s->arena),
                   provider = tcs_event_value_text(&ev->provider, s->arena),
                   computer = tcs_event_value_text(&ev->computer, s->arena);
    snprintf(number, sizeof number, "%llu", (unsigned long long)ev->record_id);
    ev->raw_json(ev, &s->forms[0]);
    tcs_base_buf_c(&s->forms[0], '\n');
    struct tcs_str t = tcs_base_time_format(ev->time, 3, time); /* milliseconds */
    tcs_base_buf_printf(
        &s->forms[1],
        "{\"@timestamp\":\"%.*s\",\"winlog\":{\"channel\":\"%.*s\",\"record_id\":%s,"
        "\"event_id\":\"%u\",\"provider_name\":\"%.*s\",\"computer_name\":\"%.*s\"}}\n",
        TCS_STR_FMT(t), TCS_STR_FMT(channel), number, ev->event_id, TCS_STR_FMT(provider),
        TCS_STR_FMT(computer));
    t = tcs_base_time_format(ev->time, 7, time);
    tcs_base_buf_printf(
        &s->forms[2],
        "<Event><System><Provider Name='%.*s'/><EventID>%u</EventID><TimeCreated "
        "SystemTime='%.*s'/><EventRecordID>%s</EventRecordID><Channel>%.*s</Channel>"
        "<Computer>%.*s</Computer></System></Event>\n",
        TCS_STR_FMT(provider), ev->event_id, TCS_STR_FMT(t), number, TCS_STR_FMT(channel),
        TCS_STR_FMT(computer));
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct seen *s = ctx;
    assert_true(s->n < KEYS_MAX);
    s->keys[s->n] = tcs_identity_key(ev, s->arena);
    s->flags[s->n++] = ev->flags;
    if (ev->raw_json && !ev->content.n)
        put_forms(s, ev);
}

static void
read_bytes(struct seen *s, const struct tcs_format *f, const char *p, size_t n, bool carve)
{
    static const struct tcs_origin origin = {.path = {"t", 1}};
    struct tcs_sink sink = {.ctx = s, .event = on_event};
    struct tcs_decoder *d = f->open(&(struct tcs_decode_opts){.carve = carve});
    struct tcs_decode_stats stats = {0};
    uint8_t *copy = calloc(1, n + TCS_BLOCK_PADDING);
    assert_non_null(d);
    assert_non_null(copy);
    memcpy(copy, p, n);
    struct tcs_block b = {.origin = &origin, .p = copy, .n = n, .first_record = 1};
    if (f == &tcs_decode_format_csv)
        b.head = TCS_STR("a,b");
    f->decode(d, &b, &sink, &stats);
    f->close(d);
    free(copy);
}

static struct seen
seen_new(void)
{
    struct seen s = {.arena = tcs_base_arena_new(0)};
    assert_non_null(s.arena);
    return s;
}

static void
seen_done(struct seen *s)
{
    for (int i = 0; i < 3; i++)
        tcs_base_buf_done(&s->forms[i]);
    tcs_base_arena_free(s->arena);
}

static struct seen
of_text(const struct tcs_format *f, const char *text)
{
    struct seen s = seen_new();
    read_bytes(&s, f, text, strlen(text), false);
    return s;
}

static bool
has(const struct seen *s, const struct tcs_key *k)
{
    bool found = false;
    for (uint32_t i = 0; i < s->n; i++)
        found = found || tcs_identity_key_eq(&s->keys[i], k);
    return found;
}

/* --- one Windows record --- */

/* claims: copy-key, counts-once */
static void
four_forms(void **state)
{
    static const struct tcs_format *const formats[] = {
        &tcs_decode_format_jsonl, &tcs_decode_format_jsonl, &tcs_decode_format_xml};
    struct tcs_err err = {0};
    struct evg *g = evg_new();
    struct seen s = seen_new();
    (void)state;
    assert_int_equal(evg_sample(g, 2, 4, &err), 0);
    const struct tcs_buf *file = evg_finish(g);
    read_bytes(&s, &tcs_decode_format_evtx, file->p + 4096, file->n - 4096, false);
    assert_int_equal(s.n, 8);
    for (uint32_t i = 0; i < s.n; i++) {
        assert_int_equal(s.flags[i], TCS_EVENT_NUMBERED);
        for (uint32_t k = 0; k < i; k++)
            assert_false(tcs_identity_key_eq(&s.keys[i], &s.keys[k]));
    }
    for (int f = 0; f < 3; f++) {
        struct seen t = seen_new();
        read_bytes(&t, formats[f], s.forms[f].p, s.forms[f].n, false);
        assert_int_equal(t.n, s.n);
        for (uint32_t i = 0; i < t.n; i++) {
            assert_true(t.flags[i] & TCS_EVENT_NUMBERED);
            if (!tcs_identity_key_eq(&t.keys[i], &s.keys[i]))
                fail_msg("form %d, record %u", f, i);
        }
        seen_done(&t);
    }
    seen_done(&s);
    evg_free(g);
}

/* What is left of a record behind the live ones is that record; where its template is gone, so are
 * channel and host, and nobody can tell. */
static void
carved(void **state)
{
    static const char *const names[] = {"slack", "slack-without-template"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct tcs_err err = {0};
        struct evg *g = evg_new();
        struct evg_image im;
        struct seen whole = seen_new(), s = seen_new();
        uint32_t live = 0, found = 0;
        const struct evg_damage *d = evg_damages;
        while (d->name && strcmp(d->name, names[i]) != 0)
            d++;
        assert_int_equal(evg_sample(g, 2, 8, &err), 0);
        struct tcs_buf *file = evg_finish(g);
        read_bytes(&whole, &tcs_decode_format_evtx, file->p + 4096, file->n - 4096, false);
        assert_true(evg_image(g, file, 5, &im));
        d->apply(&im);
        read_bytes(&s, &tcs_decode_format_evtx, im.file->p + 4096, im.file->n - 4096, true);
        for (uint32_t k = 0; k < s.n; k++) {
            live += !(s.flags[k] & TCS_EVENT_CARVED);
            found += has(&whole, &s.keys[k]);
        }
        assert_true(live < s.n);
        assert_true(i ? found >= live && found < s.n : found == s.n);
        evg_image_done(&im);
        evg_free(g);
        seen_done(&s);
        seen_done(&whole);
    }
}

/* --- exports --- */

static void
same(const struct tcs_format *f, const char *text, const struct tcs_format *f2, const char *other)
{
    struct seen a = of_text(f, text), b = of_text(f2, other);
    assert_int_equal(a.n, 1);
    assert_int_equal(b.n, 1);
    if (!tcs_identity_key_eq(&a.keys[0], &b.keys[0]))
        fail_msg("%s\n%s", text, other);
    assert_int_equal(a.keys[0].uncounted, b.keys[0].uncounted);
    seen_done(&a);
    seen_done(&b);
}

static void
printed_otherwise(void **state)
{
    (void)state;
    same(
        &tcs_decode_format_jsonl, "{\"a\":[1,{\"b\":\"x  y\"}]}\n", &tcs_decode_format_json,
        "{\n    \"a\": [\n        1,\n        {\n            \"b\": \"x  y\"\n        }\n    ]\n}");
    same(&tcs_decode_format_json, "[{\"a\":1}]", &tcs_decode_format_json, "{\"a\": 1}");
}

/* Equal lines are one key each, to be counted; different ones are different. */
static void
lines(void **state)
{
    (void)state;
    struct seen s = of_text(&tcs_decode_format_jsonl, "{\"a\":1}\n{\"a\":1}\n{\"a\":2}\n"),
                c = of_text(&tcs_decode_format_csv, "1,2\n1,2\n3,4\n"),
                x = of_text(&tcs_decode_format_xml, "<Event><System/><a>1</a></Event>\n"
                                                    "<Event><System/><a>1</a></Event>\n"
                                                    "<Event><System/><a>2</a></Event>\n");
    const struct seen *const all[] = {&s, &c, &x};
    for (int i = 0; i < 3; i++) {
        const struct tcs_key *k = all[i]->keys;
        assert_int_equal(all[i]->n, 3);
        assert_true(k[0].uncounted && k[1].uncounted && k[2].uncounted);
        assert_true(tcs_identity_key_eq(&k[0], &k[1]));
        assert_false(tcs_identity_key_eq(&k[1], &k[2]));
        struct tcs_key first = tcs_identity_key_count(k[0], 0),
                       second = tcs_identity_key_count(k[1], 1);
        assert_false(tcs_identity_key_eq(&first, &second));
    }
    seen_done(&s);
    seen_done(&c);
    seen_done(&x);
}

/* A Windows record whose export left its number or its log out. */
static void
without_number(void **state)
{
    static const char *const texts[] = {
        "{\"EventID\":1,\"Channel\":\"Security\",\"Computer\":\"A\"}\n",
        "{\"EventID\":1,\"SourceName\":\"X\",\"EventRecordID\":7,\"Computer\":\"A\"}\n",
    };
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct seen s = of_text(&tcs_decode_format_jsonl, texts[i]);
        assert_int_equal(s.n, 1);
        assert_false(s.flags[0] & TCS_EVENT_NUMBERED);
        assert_true(s.keys[0].uncounted);
        seen_done(&s);
    }
}

/* --- logs that give each event an id --- */

#define ID "0a1b2c3d-4e5f-4000-8000-00000000000"
#define T "2026-03-17T20:04:12Z"

static void
one_id(void **state)
{
    static const struct tcs_format *const j = &tcs_decode_format_jsonl;
    (void)state;
    /* sign-ins: portal, diagnostic settings, table */
    same(j,
         "{\"id\":\"" ID "1\",\"createdDateTime\":\"" T "\",\"userPrincipalName\":\"j\",\"status\":"
         "{\"errorCode\":0}}\n",
         j,
         "{\"time\":\"" T "\",\"resourceId\":\"/t\",\"category\":\"SignInLogs\",\"properties\":"
         "{\"id\":\"" ID "1\",\"createdDateTime\":\"" T "\"}}\n");
    same(j,
         "{\"id\":\"" ID "1\",\"createdDateTime\":\"" T "\",\"userPrincipalName\":\"j\",\"status\":"
         "{\"errorCode\":0}}\n",
         j, "{\"Type\":\"SigninLogs\",\"TimeGenerated\":\"" T "\",\"Id\":\"" ID "1\"}\n");
    /* directory audit */
    same(j,
         "{\"id\":\"Directory_" ID "1\",\"activityDateTime\":\"" T "\",\"activityDisplayName\":"
         "\"Add user\",\"initiatedBy\":{}}\n",
         j,
         "{\"time\":\"" T "\",\"resourceId\":\"/t\",\"category\":\"AuditLogs\",\"properties\":{"
         "\"id\":\"Directory_" ID "1\"}}\n");
    /* Intune: Graph and diagnostic settings */
    same(j,
         "{\"id\":\"" ID "1\",\"activityDateTime\":\"" T "\",\"componentName\":\"M\","
         "\"activityType\":\"wipe\",\"actor\":{}}\n",
         j,
         "{\"time\":\"" T "\",\"category\":\"AuditLogs\",\"properties\":{\"AuditEventId\":\"" ID
         "1\"}}\n");
    /* Azure: portal and table */
    same(j,
         "{\"eventDataId\":\"" ID "1\",\"eventTimestamp\":\"" T "\",\"operationName\":{\"value\":"
         "\"a\"}}\n",
         j,
         "{\"Type\":\"AzureActivity\",\"TimeGenerated\":\"" T "\",\"EventDataId\":\"" ID "1\"}\n");
    /* Microsoft 365: the API's record, and as the text of a search's column */
    same(j,
         "{\"Id\":\"" ID "1\",\"CreationTime\":\"2026-03-17T20:04:12\",\"Operation\":\"o\","
         "\"Workload\":\"Exchange\"}\n",
         j,
         "{\"CreationDate\":\"" T "\",\"AuditData\":\"{\\\"Id\\\":\\\"" ID
         "1\\\",\\\"Operation\\\":\\\"o\\\"}\"}\n");
}

#define OKTA(id)                                                                                   \
    "{\"uuid\":\"" id "\",\"eventType\":\"user.session.start\",\"published\":\"" T                 \
    "\",\"actor\":{},\"x\":\"y\"}\n"

static void
two_ids(void **state)
{
    (void)state;
    /* each the first line of its file, in the same second */
    struct seen a = of_text(&tcs_decode_format_jsonl, OKTA(ID "1")),
                b = of_text(&tcs_decode_format_jsonl, OKTA(ID "2"));
    assert_false(tcs_identity_key_eq(&a.keys[0], &b.keys[0]));
    assert_false(a.keys[0].uncounted);
    seen_done(&a);
    seen_done(&b);
    /* an export that writes one word for all ids */
    a = of_text(&tcs_decode_format_jsonl, OKTA("redacted"));
    assert_true(a.keys[0].uncounted);
    seen_done(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_forms),        cmocka_unit_test(carved),
        cmocka_unit_test(printed_otherwise), cmocka_unit_test(lines),
        cmocka_unit_test(without_number),    cmocka_unit_test(one_id),
        cmocka_unit_test(two_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

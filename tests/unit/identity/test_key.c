/* unit/identity/test_key.c - which record an event is.  What is the same and what is not follows
 * from the rules in identity/key.h. */
#include "identity/key.h"

#include "base/time.h"
#include "check.h"

static struct tcs_key
key(struct tcs_event ev)
{
    static const struct tcs_origin here = {.path = {"here/a.jsonl", 12}};
    struct tcs_arena *a = tcs_base_arena_new(0);
    if (!ev.origin)
        ev.origin = &here;
    struct tcs_key k = tcs_identity_key(&ev, a);
    tcs_base_arena_free(a);
    return k;
}

static void
same(struct tcs_event a, struct tcs_event b)
{
    struct tcs_key ka = key(a), kb = key(b);
    assert_true(tcs_identity_key_eq(&ka, &kb));
    assert_true(tcs_identity_key_hash(&ka) == tcs_identity_key_hash(&kb));
    assert_int_equal(ka.uncounted, kb.uncounted);
}

static void
differ(struct tcs_event a, struct tcs_event b)
{
    struct tcs_key ka = key(a), kb = key(b);
    assert_false(tcs_identity_key_eq(&ka, &kb));
}

static struct tcs_event
numbered(void)
{
    return (struct tcs_event){.flags = TCS_EVENT_NUMBERED,
                              .record_id = 7,
                              .time = INT64_C(17737056000000000),
                              .channel = tcs_event_value_str(TCS_STR("Security")),
                              .computer = tcs_event_value_str(TCS_STR("WS5.elb.example"))};
}

/* Rule 1 */
static void
numbers(void **state)
{
    static const struct tcs_origin there = {.path = {"there/b.json", 12}};
    static const uint8_t utf16[] = {'s', 0, 'e', 0, 'c', 0, 'u', 0, 'r', 0, 'i', 0, 't', 0, 'y', 0};
    struct tcs_event a = numbered(), b = a;
    (void)state;
    b.origin = &there; /* wherever it lies, in whatever form */
    b.offset = 900;
    b.flags |= TCS_EVENT_CARVED | TCS_EVENT_JSON;
    b.content = TCS_STR("{}");
    b.uid = TCS_STR("an id of a log shipper");
    b.channel = (struct tcs_value){.type = TCS_V_UTF16, .n = sizeof utf16, .b = utf16};
    b.computer = tcs_event_value_str(TCS_STR("ws5.ELB.example"));
    b.time += TCS_TICKS_PER_SEC - 1; /* another fraction */
    same(a, b);
    assert_false(key(a).uncounted);
    b = a, b.record_id++;
    differ(a, b);
    b = a, b.time += TCS_TICKS_PER_SEC; /* the log was cleared and counts anew */
    differ(a, b);
    b = a, b.channel = tcs_event_value_str(TCS_STR("System"));
    differ(a, b);
    b = a, b.computer = tcs_event_value_str(TCS_STR("WS5"));
    differ(a, b);
    /* what stands side by side must not run into each other */
    b = a;
    b.computer = tcs_event_value_str(TCS_STR("WS5.elb.exampleS"));
    b.channel = tcs_event_value_str(TCS_STR("ecurity"));
    differ(a, b);
}

/* A number alone, of which log nobody knows, is none. */
static void
numbers_of_no_log(void **state)
{
    struct tcs_event a = numbered(), b;
    (void)state;
    a.channel = (struct tcs_value){.type = TCS_V_NULL};
    b = a, b.offset = 4096;
    differ(a, b);
    a = numbered(), a.computer = (struct tcs_value){.type = TCS_V_NULL};
    b = a, b.offset = 4096;
    differ(a, b);
    a = numbered(), a.flags = 0; /* the number of a line */
    b = a, b.offset = 4096;
    differ(a, b);
}

/* Rule 2 */
static void
own_ids(void **state)
{
    struct tcs_event a = {.product = TCS_STR("azure"),
                          .record_id = 3,
                          .uid = TCS_STR("0a1b2c3d-0000-4000-8000-000000000001"),
                          .content = TCS_STR("{\"id\":1}")},
                     b = a;
    (void)state;
    b.content = TCS_STR("{\"properties\":{\"id\":1}}");
    b.record_id = 99;
    b.time = 5;
    same(a, b);
    assert_false(key(a).uncounted);
    b = a, b.uid = TCS_STR("0a1b2c3d-0000-4000-8000-000000000002"); /* same line, same second */
    differ(a, b);
    b = a, b.product = TCS_STR("okta");
    differ(a, b);
}

static struct tcs_event
object(const char *text)
{
    return (struct tcs_event){
        .flags = TCS_EVENT_JSON, .record_id = 1, .content = tcs_base_str_of(text)};
}

/* Rule 3 */
/* claim: copy-key */
static void
contents(void **state)
{
    struct tcs_event line = {.content = TCS_STR("a,b c")}, other = {.content = TCS_STR("a,bc")};
    (void)state;
    same(object("{\"a\":[1,2],\"b\":\"x y\"}"),
         object("{\n  \"a\": [\n    1,\t2\r\n  ],\n  \"b\": \"x y\"\n}"));
    differ(object("{\"a\":\"x y\"}"), object("{\"a\":\"xy\"}"));
    differ(object("{\"a\":\"x\\\" y\"}"), object("{\"a\":\"x\\\"y\"}")); /* the string goes on */
    same(object("{\"a\":\"x\\\\\" , \"b\":1}"), object("{\"a\":\"x\\\\\",\"b\":1}")); /* it ended */
    differ(line, other); /* no JSON: white space is data */
    char text[1200] = "{\"a\":\"", more[1200];
    memset(text + 6, 'x', 1000);
    memcpy(text + 1006, "\"}", 3);
    memcpy(more, text, sizeof more);
    same(object(text), object(more));
    more[1005] = 'y';
    differ(object(text), object(more));
    assert_true(key(line).uncounted);
}

/* n equal lines stay n, and are the same n in another file. */
static void
counted(void **state)
{
    struct tcs_key k = key(object("{}")), first = tcs_identity_key_count(k, 0),
                   second = tcs_identity_key_count(k, 1), again = tcs_identity_key_count(k, 1);
    (void)state;
    assert_true(k.uncounted);
    assert_false(first.uncounted);
    assert_false(tcs_identity_key_eq(&first, &second));
    assert_false(tcs_identity_key_eq(&first, &k));
    assert_true(tcs_identity_key_eq(&second, &again));
}

/* Rule 4 */
static void
places(void **state)
{
    static const struct tcs_origin copies[] = {{.path = {"case/a.log", 10}},
                                               {.path = {"C:\\x\\a.log", 10}},
                                               {.path = {"z.zip!a.log", 11}}},
                                   other = {.path = {"case/b.log", 10}};
    struct tcs_event a = {.origin = &copies[0], .offset = 64, .time = 100}, b = a;
    (void)state;
    for (int i = 1; i < 3; i++) {
        b.origin = &copies[i];
        same(a, b);
    }
    b.origin = &other;
    differ(a, b);
    b = a, b.offset = 65;
    differ(a, b);
}

static void
said_by(void **state)
{
    struct tcs_key k = key(numbered()), a = tcs_identity_key_with(k, TCS_STR("rule 1")),
                   b = tcs_identity_key_with(k, TCS_STR("rule 2")),
                   c = tcs_identity_key_with(k, TCS_STR("rule 1"));
    (void)state;
    assert_false(tcs_identity_key_eq(&a, &b));
    assert_false(tcs_identity_key_eq(&a, &k));
    assert_true(tcs_identity_key_eq(&a, &c));
}

/* Stores and ids are made of it: the bytes are those of BLAKE2b-128 (RFC 7693) over the parts as
 * key.c describes them, worked out with Python's hashlib. */
/* claim: one-key */
static void
for_ever(void **state)
{
    struct tcs_key k = key((struct tcs_event){.content = TCS_STR("a,b")});
    static const uint8_t want[TCS_KEY] = {0x85, 0x2d, 0x40, 0x7f, 0x5c, 0x77, 0x80, 0x1d,
                                          0xaa, 0xa0, 0xf6, 0x82, 0x7b, 0xd0, 0x19, 0x7c};
    (void)state;
    assert_memory_equal(k.b, want, TCS_KEY);
    assert_true(tcs_identity_key_hash(&k) == UINT64_C(0x1d80775c7f402d85));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),  cmocka_unit_test(numbers_of_no_log), cmocka_unit_test(own_ids),
        cmocka_unit_test(contents), cmocka_unit_test(counted),           cmocka_unit_test(places),
        cmocka_unit_test(said_by),  cmocka_unit_test(for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

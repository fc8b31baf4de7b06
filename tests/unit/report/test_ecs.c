/* Tests report/ecs.c and finding.c: findings as JSON, what is kept.  Expected lines are
 * written by hand from tocsin-hunt(1), OUTPUT. */
#include "attack/level.h"
#include "check.h"

#include "base/time.h"
#include "report/ecs.h"

static const struct tcs_origin origin = {.path = {"a/\"b\".evtx", 10}};

static struct tcs_field
text_field(const char *name, const char *value)
{
    return (struct tcs_field){.name = tcs_base_str_of(name),
                              .value = tcs_event_value_str(tcs_base_str_of(value)),
                              .slot = TCS_SLOT_NONE};
}

static struct tcs_field
number_field(const char *name, uint64_t n)
{
    return (struct tcs_field){.name = tcs_base_str_of(name),
                              .value = {.type = TCS_V_UINT, .u = n},
                              .slot = TCS_SLOT_NONE};
}

static struct tcs_event
windows_event(struct tcs_field *fields, uint32_t n)
{
    return (struct tcs_event){.origin = &origin,
                              .offset = 4608,
                              .record_id = 7,
                              .time = 0,
                              .product = TCS_STR("windows"),
                              .event_id = 4624,
                              .channel = tcs_event_value_str(TCS_STR("Security")),
                              .provider = tcs_event_value_str(TCS_STR("P")),
                              .computer = tcs_event_value_str(TCS_STR("H")),
                              .fields = fields,
                              .nfields = n};
}

static struct tcs_identity
identity_of(const struct tcs_event *ev, struct tcs_arena *a)
{
    struct tcs_fieldset *fs = tcs_event_fieldset_new();
    struct tcs_identity who;
    for (uint32_t i = 0; i < ev->nfields; i++)
        ev->fields[i].slot = tcs_event_fieldset_add(fs, ev->fields[i].name);
    struct tcs_identity_plan *plan = tcs_identity_plan_new(fs);
    assert_non_null(plan);
    tcs_identity_of(plan, ev, a, &who);
    tcs_identity_plan_free(plan);
    tcs_event_fieldset_free(fs);
    return who;
}

static void
prints(const struct tcs_rule *rule, const struct tcs_event *ev, const struct tcs_sigma_match *hit,
       const char *want)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_buf head = {0}, tail = {0}, b = {0};
    struct tcs_identity who = identity_of(ev, a);
    tcs_report_ecs_rule(&head, rule);
    tcs_report_ecs_event(&tail, ev, &who, a);
    const struct tcs_ecs_parts parts = {tcs_base_buf_view(&head), tcs_base_buf_view(&tail)};
    tcs_report_ecs_finding(&b, rule, ev, hit, &parts);
    check_str(tcs_base_buf_view(&b), want);
    tcs_base_buf_done(&head);
    tcs_base_buf_done(&tail);
    tcs_base_buf_done(&b);
    tcs_base_arena_free(a);
}

static void
test_windows(void **state)
{
    struct tcs_field f[] = {
        text_field("Provider_Name", "P"),
        number_field("EventID", 4624),
        number_field("Execution_ProcessID", 8),
        text_field("Security_UserID", "S-1-5-18"),
        text_field("TargetUserName", "anna"),
        text_field("TargetDomainName", "CORP"),
        text_field("Data", "one"),
        number_field("Level", 9),
        text_field("Data", "t\x1b\xffo"),
        number_field("Level", 4),
    };
    struct tcs_str tags[] = {TCS_STR("attack.execution"), TCS_STR("attack.t1059"),
                             TCS_STR("attack.execution"), TCS_STR("car.2013-05-004")};
    struct tcs_str refs[] = {TCS_STR("https://example.org/")};
    const struct tcs_view view = {.name = TCS_STR("v")};
    const struct tcs_rule rule = {.doc = {.id = TCS_STR("u"),
                                          .title = TCS_STR("T"),
                                          .author = TCS_STR("A, B"),
                                          .license = TCS_STR("DRL 1.1"),
                                          .references = refs,
                                          .nreferences = 1,
                                          .tags = tags,
                                          .ntags = 4,
                                          .level = TCS_HIGH,
                                          .status = TCS_STABLE}};
    struct tcs_event ev = windows_event(f, 10);
    (void)state;
    ev.flags = TCS_EVENT_CARVED;
    prints(
        &rule, &ev, &(struct tcs_sigma_match){.view = &view},
        "{\"@timestamp\":\"1970-01-01T00:00:00.000000Z\",\"ecs\":{\"version\":\"8.11.0\"},"
        "\"tocsin\":{\"kind\":\"finding\",\"level\":\"high\",\"status\":\"stable\",\"view\":\"v\","
        "\"carved\":true},"
        "\"rule\":{\"uuid\":\"u\",\"name\":\"T\",\"author\":\"A, B\",\"license\":\"DRL 1.1\","
        "\"reference\":\"https://example.org/\"},"
        "\"threat\":{\"framework\":\"MITRE ATT&CK\",\"tactic\":{\"name\":[\"Execution\"]},"
        "\"technique\":{\"id\":[\"T1059\"]}},"
        "\"event\":{\"kind\":\"alert\",\"code\":\"4624\",\"provider\":\"P\"},"
        "\"host\":{\"name\":\"H\"},\"user\":{\"name\":\"anna\",\"domain\":\"CORP\"},"
        "\"log\":{\"file\":{\"path\":\"a/\\\"b\\\".evtx\"},\"offset\":4608},"
        "\"winlog\":{\"channel\":\"Security\",\"record_id\":7,\"provider_name\":\"P\","
        "\"event_id\":4624,\"level\":9,\"process\":{\"pid\":8},"
        "\"user\":{\"identifier\":\"S-1-5-18\"},"
        "\"event_data\":{\"TargetUserName\":\"anna\",\"TargetDomainName\":\"CORP\","
        "\"Data\":[\"one\",\"t\\u001b\xef\xbf\xbdo\"],\"Level\":4}}}\n");
}

static void
test_bare(void **state)
{
    struct tcs_field f[] = {text_field("a", "x"), text_field("b", "y"), text_field("a", "z")};
    const struct tcs_rule rule = {.doc = {.title = TCS_STR("T")}};
    struct tcs_event ev = {.origin = &origin,
                           .time = TCS_TIME_NONE,
                           .event_id = TCS_EVENT_ID_NONE,
                           .product = TCS_STR("linux"),
                           .fields = f,
                           .nfields = 3};
    (void)state;
    prints(&rule, &ev, &(struct tcs_sigma_match){0},
           "{\"ecs\":{\"version\":\"8.11.0\"},\"tocsin\":{\"kind\":\"finding\",\"level\":\"none\","
           "\"status\":\"none\"},\"rule\":{\"name\":\"T\"},\"event\":{\"kind\":\"alert\"},"
           "\"log\":{\"file\":{\"path\":\"a/\\\"b\\\".evtx\"},\"offset\":0},"
           "\"linux\":{\"a\":[\"x\",\"z\"],\"b\":\"y\"}}\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_bare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

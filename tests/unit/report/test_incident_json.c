/* unit/report/test_incident_json.c - the contract for machines: one incident by hand, and the
 * line that the manual promises for it. */
#include "report/incident_json.h"

#include "base/time.h"
#include "unit/chain/chain_make.h"

#define L(lit)                                                                                     \
    {                                                                                              \
        "" lit, sizeof("" lit) - 1                                                                 \
    }
static struct tcs_str two[] = {L("A.elb.example"), L("B\"\x1b")};
static struct tcs_str users[] = {L("ELB\\anna"), L("S-1-5-21-7")};
static struct tcs_str ips[] = {L("203.0.113.1")};
static struct tcs_str techniques[] = {L("T1110.003"), L("T1490")};

static const char *const whole_parts[] = {
    "{\"@timestamp\":\"2026-03-17T00:00:09.000000Z\"",
    "\"event\":{\"kind\":\"alert\"}",
    "\"host\":{\"name\":[\"A.elb.example\",\"B\\\"\\u001b\"]}",
    "\"user\":{\"name\":[\"anna\",\"S-1-5-21-7\"]}",
    "\"source\":{\"ip\":[\"203.0.113.1\"]}",
    "\"technique\":{\"id\":[\"T1110.003\",\"T1490\"]}",
    "\"tocsin\":{\"kind\":\"incident\",\"incident\":{\"id\":"
    "\"0123456789abcdef0123456789abcdef\"",
    "\"state\":\"destruction seen\",\"score\":42,\"stages\":[\"account\",\"destruction\"]",
    "\"first\":\"2026-03-17T00:00:00.000000Z\",\"last\":\"2026-03-17T00:00:09.000000Z\"",
    "\"summary\":\"line\\nbreak\",\"detections\":12,\"dropped\":1",
    "\"accounts\":[\"ELB\\\\anna\",\"S-1-5-21-7\"]",
    "\"origin\":{\"host\":\"A.elb.example\"}",
    "\"time\":\"2026-03-17T00:00:00.000000Z\",\"last\":\"2026-03-17T00:00:05.000000Z\","
    "\"count\":3,"
    "\"stage\":\"account\",\"chosen\":true,\"rule\":\"r-1\",\"title\":\"Spray\",\"level\":"
    "\"high\","
    "\"technique\":[\"T1110.003\"]",
    "\"evidence\":{\"file\":\"a.evtx\",\"channel\":\"Security\",\"record\":7,\"offset\":512,"
    "\"event_id\":4624}",
    "{\"kind\":\"related\",\"strength\":\"weak\",\"time\":\"2026-03-17T00:00:01.000000Z\","
    "\"link\":0,"
    "\"reason\":\"same account\",\"incident\":\"00ff\"}",
    "\"transitions\":[{\"state\":\"destruction "
    "seen\",\"time\":\"2026-03-17T00:00:09.000000Z\",\"why\":\"why\"}]",
    "\"missing\":[{\"stage\":\"lateral movement\",\"text\":\"m\"}]",
    "\"next\":[{\"stage\":\"destruction\",\"priority\":1,\"technique\":\"T1486\",\"text\":"
    "\"t\"}]",
    "\"mitigations\":[]",
    "{\"hops\":2,\"host\":\"C\",\"why\":\"w\",\"last\":\"2026-03-17T00:00:03.000000Z\"",
};

static void
whole(void **state)
{
    const struct tcs_evidence e = {.file = S("a.evtx"),
                                   .channel = S("Security"),
                                   .record_id = 7,
                                   .offset = 512,
                                   .event_id = 4624};
    struct tcs_link links[] = {{.time = at(0),
                                .last = at(5),
                                .count = 3,
                                .stage = ACCOUNT,
                                .level = TCS_HIGH,
                                .chosen = true,
                                .rule_id = S("r-1"),
                                .title = S("Spray"),
                                .techniques = techniques,
                                .ntechniques = 1,
                                .host = S("A.elb.example"),
                                .account = S("ELB\\anna"),
                                .source = S("203.0.113.1"),
                                .evidence = e}};
    struct tcs_join joins[] = {{.kind = TCS_JOIN_RELATED,
                                .strength = TCS_JOIN_WEAK,
                                .time = at(1),
                                .link = 0,
                                .to = UINT32_MAX,
                                .reason = S("same account"),
                                .other = S("00ff")}};
    struct tcs_transition moves[] = {{TCS_STATE_DESTRUCTION, at(9), S("why")}};
    struct tcs_reach reach[] = {
        {.hops = 2, .is_host = true, .name = S("C"), .why = S("w"), .last = at(3), .evidence = e}};
    struct tcs_missing missing[] = {{LATERAL, S("m")}};
    struct tcs_next next[] = {
        {.stage = DESTROY, .priority = 1, .technique = S("T1486"), .text = S("t")}};
    struct tcs_incident in = {.id = "0123456789abcdef0123456789abcdef",
                              .state = TCS_STATE_DESTRUCTION,
                              .stages = 1u << ACCOUNT | 1u << DESTROY,
                              .score = 42,
                              .first = at(0),
                              .last = at(9),
                              .summary = S("line\nbreak"),
                              .detections = 12,
                              .dropped = 1,
                              .links = links,
                              .nlinks = 1,
                              .joins = joins,
                              .njoins = 1,
                              .transitions = moves,
                              .ntransitions = 1,
                              .reach = reach,
                              .nreach = 1,
                              .missing = missing,
                              .nmissing = 1,
                              .expected = next,
                              .nexpected = 1,
                              .hosts = two,
                              .nhosts = 2,
                              .accounts = users,
                              .naccounts = 2,
                              .addresses = ips,
                              .naddresses = 1,
                              .techniques = techniques,
                              .ntechniques = 2,
                              .origin_host = S("A.elb.example")};
    struct tcs_buf b = {0};
    (void)state;
    tcs_report_incident_json(&b, &in);
    for (size_t i = 0; i < sizeof whole_parts / sizeof *whole_parts; i++)
        if (!has_text(tcs_base_buf_view(&b), whole_parts[i]))
            fail_msg("no %s in %.*s", whole_parts[i], (int)b.n, b.p);
    assert_int_equal(b.p[b.n - 1], '\n');
    assert_null(memchr(b.p, '\n', b.n - 1)); /* one line */
    tcs_base_buf_done(&b);
}

/* Nobody and nowhere: no empty objects, and the lists that consumers loop over are there. */
static void
bare(void **state)
{
    const struct tcs_incident in = {.state = TCS_STATE_WATCH, .first = at(0), .last = at(0)};
    static const char *const lists[] = {"chain",  "joins",       "transitions", "missing",
                                        "next",   "mitigations", "reach",       "overlap",
                                        "merged", "stages",      "accounts"};
    struct tcs_buf b = {0};
    (void)state;
    tcs_report_incident_json(&b, &in);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char want[32];
        snprintf(want, sizeof want, "\"%s\":[]", lists[i]);
        assert_true(has_text(tcs_base_buf_view(&b), want));
    }
    assert_false(has_text(tcs_base_buf_view(&b), "\"host\""));
    assert_false(has_text(tcs_base_buf_view(&b), "\"user\""));
    assert_false(has_text(tcs_base_buf_view(&b), "\"source\""));
    assert_false(has_text(tcs_base_buf_view(&b), "\"threat\""));
    tcs_base_buf_done(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(bare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

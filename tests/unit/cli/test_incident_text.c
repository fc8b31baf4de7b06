/* Tests cli/incident_text.c on one incident written by hand: what must stand where, that every line
 * fits the terminal, and that foreign text stays harmless. */
#include "check.h"

#include "cli/incident_text.h"

#include "base/time.h"

#define S(lit) TCS_STR(lit)

static int64_t
at(const char *text)
{
    int64_t t = TCS_TIME_NONE;
    assert_true(tcs_base_time_parse(tcs_base_str_of(text), &t));
    return t;
}

/* An account guessed, a logon, credentials read, the next host, shadow copies removed. */
static struct tcs_incident
example(void)
{
    static struct tcs_link links[5];
    static struct tcs_join joins[3];
    static struct tcs_next now[4], next[1];
    static struct tcs_missing missing[1];
    static struct tcs_reach reach[1];
    static struct tcs_transition transitions[1];
    static struct tcs_overlap overlaps[1];
    static struct tcs_str hosts[] = {S("WS5"), S("DC01"), S("FS1"), S("FS2")},
                          accounts[] = {S("ELBWERFT\\j.brandt")}, techniques[] = {S("T1110.003")};
    static const char *const titles[] = {
        "Many failed logons for many accounts from one address",
        "PowerShell started with an encoded command",
        "LSASS memory was read by a tool that dumps it",
        "Administrator's logon over the network from a workstation\033[2J",
        "All shadow copies were removed"};
    for (uint32_t i = 0; i < 5; i++)
        links[i] =
            (struct tcs_link){.time = at(i < 4 ? "2026-04-20T22:10:05Z" : "2026-04-21T02:11:00Z"),
                              .count = i == 0 ? 412 : 1,
                              .stage = (uint8_t)(i + 1),
                              .level = 4,
                              .chosen = i != 3,
                              .title = tcs_base_str_of(titles[i]),
                              .host = hosts[i < 3 ? 0 : 1],
                              .account = accounts[0],
                              .source = i == 0 ? S("198.51.100.7") : S(""),
                              .evidence = {.file = S("/case/logs.zip!Security.evtx"),
                                           .channel = S("Security"),
                                           .record_id = 4711 + i,
                                           .event_id = 4625}};
    joins[0] = (struct tcs_join){.kind = TCS_JOINED,
                                 .strength = TCS_JOIN_STRONG,
                                 .link = 1,
                                 .to = 0,
                                 .reason = S("session 0x9cc0b6 on WS5")};
    joins[1] = (struct tcs_join){.kind = TCS_JOINED,
                                 .link = 3,
                                 .to = 2,
                                 .reason = S("the account logged on from WS5"),
                                 .from_host = S("WS5"),
                                 .to_host = S("DC01"),
                                 .evidence = {.file = S("Security.evtx"),
                                              .channel = S("Security"),
                                              .record_id = 99,
                                              .event_id = 4624}};
    joins[2] = (struct tcs_join){.kind = TCS_JOIN_REFUSED,
                                 .link = UINT32_MAX,
                                 .to = UINT32_MAX,
                                 .reason = S("JUMP01 is on the stop list")};
    for (uint32_t i = 0; i < 4; i++)
        now[i] = (struct tcs_next){.priority = 1, .text = S("Disable ELBWERFT\\j.brandt.")};
    next[0] = (struct tcs_next){.technique = S("T1486"), .text = S("Files are encrypted.")};
    missing[0] = (struct tcs_missing){TCS_STAGE_LATERAL, S("no log of FS1 was read")};
    reach[0] = (struct tcs_reach){.hops = 2, .is_host = true, .name = S("FS2"), .why = S("share")};
    transitions[0] =
        (struct tcs_transition){TCS_STATE_WARN, at("2026-04-20T23:00:00Z"), S("C then D")};
    overlaps[0] = (struct tcs_overlap){S("Profile"), S("AA22-264A"), 3, 5, 40, techniques, 1};
    return (struct tcs_incident){
        .id = "4f1c23ab000000000000000000000001",
        .state = TCS_STATE_IMMINENT,
        .stages = 0x3e,
        .score = 87,
        .first = links[0].time,
        .last = links[4].time,
        .summary =
            S("ELBWERFT\\j.brandt was guessed from 198.51.100.7 and used on WS5. Recovery was "
              "removed on DC01."),
        .detections = 1416,
        .dropped = 2,
        .links = links,
        .nlinks = 5,
        .joins = joins,
        .njoins = 3,
        .mitigations = now,
        .nmitigations = 4,
        .expected = next,
        .nexpected = 1,
        .missing = missing,
        .nmissing = 1,
        .reach = reach,
        .nreach = 1,
        .transitions = transitions,
        .ntransitions = 1,
        .overlaps = overlaps,
        .noverlaps = 1,
        .hosts = hosts,
        .nhosts = 4,
        .accounts = accounts,
        .naccounts = 1,
        .techniques = techniques,
        .ntechniques = 1,
    };
}

static size_t
position(const struct tcs_buf *b, const char *text)
{
    const char *p = memmem(b->p, b->n, text, strlen(text));
    if (!p)
        fail_msg("\"%s\" is not in:\n%.*s", text, (int)b->n, b->p);
    return (size_t)(p - b->p);
}

static void
fits(const struct tcs_buf *b, size_t width)
{
    struct tcs_str s = tcs_base_buf_view(b);
    for (size_t from = 0, to; from < s.n; from = to + 1) {
        to = tcs_base_str_find(s, '\n', from);
        if (to - from > width)
            fail_msg("wider than %zu: %.*s", width, (int)(to - from), s.p + from);
    }
    assert_true(s.n == 0 || s.p[s.n - 1] == '\n');
}

static void
test_order_and_width(void **unused)
{
    static const char *const order[] = {
        "Incident 4f1c23ab  imminent  ABCDE\n",
        "2026-04-20 22:10:05 - 2026-04-21 02:11:00 UTC, ",
        "1,416 findings, score 87\n",
        "was guessed from",
        "What happened",
        "  2026-04-20\n",
        "  22:10:05 A WS5 ",
        "Security.evtx, record 4711;",
        "  2026-04-21\n",
        "  02:11:00 E DC01 ",
        "and 2 more",
        "Why one incident",
        "session 0x9cc0b6 on WS5",
        "WS5 -> DC01",
        "(Security.evtx, record 99)",
        "Do now",
        "  1 Disable",
        "  4 Disable",
        "Likely next",
        "[T1486]",
        "Not seen",
        "D lateral movement: no log of FS1 was read",
        "Reach",
        "host FS2, in 2 steps: share",
        "Not joined",
        "JUMP01 is on the stop list",
        "When it became what it is",
        "2026-04-20 23:00:00 warn: C then D",
        "Profile: 3 of this incident's 5, of the profile's 40: T1110.003",
        "(AA22-264A)",
        "Hosts: WS5, DC01, FS1, FS2",
        "Id: 4f1c23ab000000000000000000000001\n"};
    static const unsigned widths[] = {60, 80, 120};
    const struct tcs_incident in = example();
    (void)unused;
    for (size_t w = 0; w < 3; w++) {
        const struct tcs_term term = {.width = widths[w]};
        struct tcs_buf b = {0};
        tcs_cli_incident_text(&b, &term, &in, false);
        fits(&b, widths[w]);
        if (widths[w] >= 80)
            for (size_t i = 0, last = 0; i < sizeof order / sizeof *order; i++) {
                size_t p = position(&b, order[i]);
                if (p < last)
                    fail_msg("\"%s\" stands too early", order[i]);
                last = p;
            }
        assert_null(memchr(b.p, '\033', b.n));
        tcs_base_buf_done(&b);
    }
}

static void
test_brief(void **unused)
{
    const struct tcs_incident in = example();
    const struct tcs_term term = {.width = 80};
    struct tcs_buf b = {0};
    (void)unused;
    tcs_cli_incident_text(&b, &term, &in, true);
    fits(&b, 80);
    assert_true(position(&b, "and 3 more") < position(&b, "Do now")); /* 1 not chosen, 2 dropped */
    assert_true(position(&b, "and 1 more") > position(&b, "  3 Disable"));
    assert_null(memmem(b.p, b.n, "Not joined", 10));
    assert_null(memmem(b.p, b.n, "Administrator's", 15));
    tcs_base_buf_done(&b);
}

static void
test_line(void **unused)
{
    const struct tcs_incident in = example();
    const struct tcs_term term = {.width = 80};
    struct tcs_buf b = {0};
    (void)unused;
    tcs_cli_incident_line(&b, &term, &in);
    check_str(tcs_base_buf_view(&b),
              "4f1c23ab  imminent          ABCDE  2026-04-20 22:10 - 2026-04-21 02:11\n"
              "          WS5, DC01, FS1 and 1 more; ELBWERFT\\j.brandt\n"
              "          ELBWERFT\\j.brandt was guessed from 198.51.100.7 and used on WS5.\n");
    tcs_base_buf_done(&b);
}

static void
test_colour(void **unused)
{
    const struct tcs_incident in = example();
    const struct tcs_term term = {.width = 80, .tty = true, .colour = true};
    struct tcs_buf b = {0};
    (void)unused;
    tcs_cli_incident_line(&b, &term, &in);
    position(&b, "\033[31mimminent\033[0m");
    tcs_base_buf_done(&b);
}

/* Nothing filled in, and times that are none. */
static void
test_empty(void **unused)
{
    const struct tcs_incident in = {.first = TCS_TIME_NONE, .last = INT64_MAX};
    const struct tcs_term term = {0};
    struct tcs_buf b = {0};
    (void)unused;
    tcs_cli_incident_text(&b, &term, &in, false);
    tcs_cli_incident_line(&b, &term, &in);
    position(&b, "(no time)");
    tcs_base_buf_done(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_width),
        cmocka_unit_test(test_brief),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

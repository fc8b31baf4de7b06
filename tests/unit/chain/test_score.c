/* tests/unit/chain/test_score.c - what a finding weighs, the ordered chain, and the states: numbers
 * by hand from chain/weights.h, states by the table of docs/chain.md. */
#include "chain_make.h"
#include "report/incident_json.h"

enum {
    HIGH = W_HIGH * W_LEARNING, /* a host that was never seen before */
    MEDIUM = W_MEDIUM * W_LEARNING,
    CRITICAL = W_CRITICAL * W_LEARNING,
};

/* One account's session on one host; times are far enough apart not to be one act. */
#define did(w, seconds, sig) hit(w, seconds, sig, 1, .host = S("A"), .session = 0x11)

/* The same, with a part of the rule that could not be checked. */
static void
doubtful(struct world *w, int64_t seconds, uint32_t sig)
{
    detect(w, &(const struct tcs_finding){.time = at(seconds),
                                          .first = at(seconds),
                                          .signature = sig,
                                          .count = 1,
                                          .flags = TCS_FINDING_UNCHECKED,
                                          .unchecked = S("ParentImage (filter)"),
                                          .who = {.host = S("A"), .session = 0x11},
                                          .evidence = evidence_of(w, 1)});
}

/* --- the chain --- */

static void
ordered(void **state)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", TCS_MEDIUM, FOOTHOLD, NULL),
             c = rule(&w, "c", TCS_CRITICAL, CREDENTIALS, NULL),
             b2 = rule(&w, "b2", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    did(&w, 0, b);
    did(&w, 100, b2);
    did(&w, 200, c);
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->score, HIGH + W_STAGE + CRITICAL + W_STAGE); /* one link a stage */
    assert_int_equal(in->stages, 1u << FOOTHOLD | 1u << CREDENTIALS);
    assert_false(in->links[0].chosen);
    assert_true(in->links[1].chosen && in->links[2].chosen);
    world_free(&w);
}

static void
never_back(void **state)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL),
             d = rule(&w, "d", TCS_HIGH, LATERAL, NULL);
    (void)state;
    did(&w, 0, d);
    did(&w, 100, b);
    assert_int_equal(told(&w), 0);
    assert_int_equal(alive(&w), 1);
    assert_int_equal(w.c->incs[0].score, HIGH + W_STAGE);
    world_free(&w);
}

static void
another_host_weighs_more(void **state)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL),
             d = rule(&w, "d", TCS_HIGH, LATERAL, NULL);
    (void)state;
    hit(&w, 0, b, 1, .host = S("A"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.1"));
    hit(&w, 100, d, 1, .host = S("B"), .user = S("ELB\\anna"), .source_ip = S("203.0.113.1"));
    assert_int_equal(only(&w)->score, 2 * (HIGH + W_STAGE + W_NAMED) + W_NEW_PLACE);
    world_free(&w);
}

/* Of two of a stage the one that says who is told, though the other is no lighter. */
static void
who_is_told(void **state)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL),
             c = rule(&w, "c", TCS_HIGH, CREDENTIALS, NULL);
    (void)state;
    hit(&w, 0, b, 1, .host = S("A"), .session = 0x11);
    hit(&w, 50, b, 1, .host = S("A"), .session = 0x11, .user = S("ELB\\anna"));
    hit(&w, 100, c, 1, .host = S("A"), .session = 0x11);
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nlinks, 3);
    assert_false(in->links[0].chosen);
    assert_true(in->links[1].chosen && in->links[2].chosen);
    assert_int_equal(in->score, 2 * (HIGH + W_STAGE) + W_NAMED);
    world_free(&w);
}

/* A service begun by a session from another host is movement onto this one. */
static void
begun_from_elsewhere(void **state)
{
    static const struct {
        const char *technique;
        struct tcs_str from;
        uint8_t stage;
    } rows[] = {
        {"T1543.003", TCS_STR("B"), LATERAL},  {"T1053.005", TCS_STR("B"), LATERAL},
        {"T1543.003", TCS_STR("A"), FOOTHOLD}, {"T1543.003", {0}, FOOTHOLD},
        {"T1136.001", TCS_STR("B"), FOOTHOLD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w = world_new(NULL);
        seen(&w, 0, TCS_OBS_LOGON, .host = S("A"), .target = S("ELB\\anna"), .target_session = 0x11,
             .source_host = rows[i].from);
        did(&w, 9, rule(&w, "r", TCS_HIGH, FOOTHOLD, rows[i].technique));
        finish(&w);
        assert_int_equal(w.c->findings[0].stage, rows[i].stage);
        world_free(&w);
    }
}

/* Light steps of more stages weigh more than the heaviest of fewer. */
static void
more_stages_weigh_more(void **state)
{
    enum {
        LIGHT = W_COUNTS + W_STAGE,
        HEAVY = W_CRITICAL * W_NEW_ANYWHERE + W_NAMED + W_NEW_PLACE + W_STAGE
    };
    (void)state;
    for (int n = 1; n < TCS_STAGES - 1; n++)
        assert_true((n + 1) * LIGHT > n * HEAVY);
    struct world w = world_new(NULL);
    static const struct {
        const char *id;
        uint8_t level, stage;
    } rows[] = {{"b", TCS_CRITICAL, FOOTHOLD},
                {"d", TCS_CRITICAL, LATERAL},
                {"a", TCS_LOW, ACCOUNT},
                {"b2", TCS_LOW, FOOTHOLD},
                {"c", TCS_LOW, CREDENTIALS}};
    assert_int_equal(
        tcs_chain_host_seen(w.c, &(struct tcs_host_seen){S("A"), S("a.evtx"), at(-2 * DAY), at(0)},
                            NULL),
        0);
    for (int i = 0; i < 5; i++)
        did(&w, i * 100, rule(&w, rows[i].id, rows[i].level, rows[i].stage, NULL));
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->stages, 1u << ACCOUNT | 1u << FOOTHOLD | 1u << CREDENTIALS);
    assert_int_equal(in->state, TCS_STATE_WARN);
    assert_int_equal(in->score, 3 * (W_LOW * W_NEW_ANYWHERE + W_STAGE));
    world_free(&w);
}

/* --- one act --- */

/* How many of the two stages count when one act is told twice: both joined by the session. */
static void
act_once(struct tcs_identity first, struct tcs_identity second, int64_t after, uint8_t level,
         bool same_record, bool two)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", level, FOOTHOLD, NULL), c = rule(&w, "c", level, CREDENTIALS, NULL);
    struct tcs_finding d = {
        .time = at(0), .first = at(0), .signature = b, .count = 1, .who = first};
    d.evidence = evidence_of(&w, 1);
    detect(&w, &d);
    d = (struct tcs_finding){.time = at(after),
                             .first = at(after),
                             .signature = c,
                             .count = 1,
                             .who = second,
                             .evidence = d.evidence};
    if (!same_record)
        d.evidence = evidence_of(&w, 1);
    detect(&w, &d);
    finish(&w);
    assert_int_equal(alive(&w), 1);
    assert_int_equal(__builtin_popcount(w.c->incs[0].stages), two ? 2 : 1);
    world_free(&w);
}

static void
same_act(void **state)
{
    const struct tcs_identity
        bare = {.host = S("A"), .session = 0x11},
        p1 = {.host = S("A"), .session = 0x11, .process = S("1"), .image = S("C:\\a.exe")},
        p2 = {.host = S("A"), .session = 0x11, .process = S("2"), .image = S("C:\\b.exe")},
        sec = {.host = S("A"), .session = 0x11, .pid = 77, .image = S("C:\\a.exe")},
        sec2 = {.host = S("A"), .session = 0x11, .pid = 77, .image = S("C:\\b.exe")},
        sec3 = {.host = S("A"), .session = 0x11, .pid = 78, .image = S("C:\\b.exe")};
    (void)state;
    act_once(bare, bare, 0, TCS_HIGH, true, false); /* two rules on one record */
    act_once(p1, sec, 1, TCS_HIGH, false, false);   /* Sysmon and Security of one start */
    act_once(p1, sec, W_SAME_ACT_S + 1, TCS_HIGH, false, true);
    act_once(bare, bare, W_SAME_ACT_S, TCS_HIGH, false, false); /* two tools see one thing */
    act_once(bare, bare, W_SAME_ACT_S + 1, TCS_HIGH, false, true);
    act_once(p1, p2, 0, TCS_HIGH, false, true);      /* two programs */
    act_once(p1, p1, 100, TCS_MEDIUM, false, false); /* one program is one act ... */
    act_once(p1, p1, 100, TCS_HIGH, false, true);    /* ... unless both are grave */
    act_once(sec, sec2, W_SAME_PID_S, TCS_MEDIUM, false, false);
    act_once(sec, sec2, W_SAME_PID_S + 1, TCS_MEDIUM, false, true); /* the number was used again */
    act_once(sec, sec3, 1, TCS_MEDIUM, false, true);
}

/* --- novelty --- */

/* Points of the last finding of rule "r" on host A at `t`. */
static uint32_t
points(struct world *w)
{
    uint32_t p = w->c->findings[w->c->nfindings - 1].points;
    world_free(w);
    return p;
}

static void
novelty(void **state)
{
    (void)state;
    /* nothing is known of the host */
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_MEDIUM, FOOTHOLD, NULL);
    hit(&w, 0, r, 1, .host = S("A"));
    finish(&w);
    assert_int_equal(points(&w), W_MEDIUM * W_LEARNING);
    /* a day of it is known: by another rule, or by any record */
    for (int k = 0; k < 2; k++) {
        w = world_new(NULL);
        r = rule(&w, "r", TCS_MEDIUM, FOOTHOLD, NULL);
        if (k)
            assert_int_equal(
                tcs_chain_host_seen(w.c, &(struct tcs_host_seen){S("a"), S("a.evtx"), at(0), at(5)},
                                    NULL),
                0);
        else
            hit(&w, 0, rule(&w, "o", TCS_LOW, FOOTHOLD, NULL), 1, .host = S("A"));
        hit(&w, DAY, r, 1, .host = S("A"));
        finish(&w);
        assert_int_equal(points(&w), W_MEDIUM * W_NEW_ANYWHERE);
    }
    /* one second less than a day */
    w = world_new(NULL);
    r = rule(&w, "r", TCS_MEDIUM, FOOTHOLD, NULL);
    assert_int_equal(
        tcs_chain_host_seen(w.c, &(struct tcs_host_seen){S("A"), S("a.evtx"), at(1), at(5)}, NULL),
        0);
    hit(&w, DAY, r, 1, .host = S("A"));
    finish(&w);
    assert_int_equal(points(&w), W_MEDIUM * W_LEARNING);
    /* on another host before */
    w = world_new(NULL);
    r = rule(&w, "r", TCS_MEDIUM, FOOTHOLD, NULL);
    assert_int_equal(
        tcs_chain_host_seen(w.c, &(struct tcs_host_seen){S("A"), S("a.evtx"), at(0), at(5)}, NULL),
        0);
    hit(&w, 10, r, 1, .host = S("B"));
    hit(&w, 2 * DAY, r, 1, .host = S("A"));
    finish(&w);
    assert_int_equal(points(&w), W_MEDIUM * W_NEW_HOST);
}

static void
routine(void **state)
{
    static const struct {
        uint8_t level, flags;
        int64_t after;
        uint32_t points;
    } rows[] = {
        {TCS_MEDIUM, 0, DAY + 1, W_MEDIUM * W_KNOWN},
        {TCS_MEDIUM, 0, DAY, W_MEDIUM * W_NEW_HOST}, /* not longer than a day ago: still new */
        {TCS_LOW, 0, DAY + 1, W_LOW * W_KNOWN},
        {TCS_HIGH, 0, DAY + 1, W_HIGH * W_LEARNING}, /* what is high does not become routine */
        {TCS_CRITICAL, 0, DAY + 1, W_CRITICAL * W_LEARNING},
        {TCS_MEDIUM, TCS_FINDING_NOVEL, DAY + 1,
         W_MEDIUM * W_NEW_HOST}, /* its tool says it is new */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w = world_new(NULL);
        uint32_t r = rule(&w, "r", rows[i].level, FOOTHOLD, NULL);
        hit(&w, 0, r, 1, .host = S("A"));
        struct tcs_finding d = {.time = at(rows[i].after),
                                .first = at(rows[i].after),
                                .signature = r,
                                .count = 1,
                                .flags = rows[i].flags,
                                .who = {.host = S("A")}};
        d.evidence = evidence_of(&w, 1);
        detect(&w, &d);
        finish(&w);
        assert_int_equal(points(&w), rows[i].points);
    }
}

/* What was learnt before counts as if it had been seen then. */
static void
learnt(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_MEDIUM, FOOTHOLD, NULL);
    (void)state;
    assert_int_equal(tcs_chain_known(w.c, S("r"), S("a.elb.example"), at(0), NULL), 0);
    hit(&w, DAY + 1, r, 1, .host = S("A"));
    finish(&w);
    assert_int_equal(points(&w), W_MEDIUM * W_KNOWN);
    w = world_new(NULL);
    r = rule(&w, "r", TCS_MEDIUM, FOOTHOLD, NULL);
    assert_int_equal(tcs_chain_known(w.c, S("r"), S("B"), at(0), NULL), 0);
    hit(&w, DAY + 1, r, 1, .host = S("A"));
    finish(&w);
    assert_int_equal(points(&w), W_MEDIUM * W_LEARNING);
    /* the same rule and host, learnt twice: the earlier */
    w = world_new(NULL);
    r = rule(&w, "r", TCS_MEDIUM, FOOTHOLD, NULL);
    assert_int_equal(tcs_chain_known(w.c, S("r"), S("A"), at(DAY), NULL), 0);
    assert_int_equal(tcs_chain_known(w.c, S("r"), S("a.elb.example"), at(0), NULL), 0);
    hit(&w, DAY + 1, r, 1, .host = S("A"));
    finish(&w);
    assert_int_equal(points(&w), W_MEDIUM * W_KNOWN);
}

static void
what_counts(void **state)
{
    static const struct {
        uint8_t level;
        bool counts;
    } rows[] = {{TCS_INFORMATIONAL, false},
                {TCS_LOW, false},
                {TCS_MEDIUM, true},
                {TCS_HIGH, true},
                {TCS_CRITICAL, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) { /* while learning */
        struct world w = world_new(NULL);
        did(&w, 0, rule(&w, "r", rows[i].level, FOOTHOLD, NULL));
        finish(&w);
        assert_int_equal(w.c->findings[0].counts, rows[i].counts);
        world_free(&w);
    }
    struct world w = world_new(NULL); /* no stage: tells nothing about the course */
    did(&w, 0, rule(&w, "r", TCS_CRITICAL, 0, NULL));
    finish(&w);
    assert_false(w.c->findings[0].counts);
    world_free(&w);
}

/* What a part of its rule could not be checked for is a level lower, and no state alone. */
/* claim: blind */
static void
unchecked(void **state)
{
    static const struct {
        uint8_t level, as;
    } rows[] = {{TCS_CRITICAL, W_HIGH},
                {TCS_HIGH, W_MEDIUM},
                {TCS_MEDIUM, W_LOW},
                {TCS_LOW, W_INFORMATIONAL},
                {TCS_INFORMATIONAL, W_INFORMATIONAL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w = world_new(NULL);
        doubtful(&w, 0, rule(&w, "r", rows[i].level, FOOTHOLD, NULL));
        finish(&w);
        assert_int_equal(points(&w), rows[i].as * W_LEARNING);
    }
    /* a critical sign of destruction is an imminent incident, and nothing if it was not checked */
    for (int certain = 0; certain < 2; certain++) {
        struct world w = world_new(NULL);
        uint32_t r = rule(&w, "r", TCS_CRITICAL, DESTROY, "T1490");
        if (certain)
            did(&w, 0, r);
        else
            doubtful(&w, 0, r);
        assert_int_equal(told(&w), certain);
        world_free(&w);
    }
    /* three stages, none of them certain; then one is */
    for (int certain = 0; certain < 2; certain++) {
        struct world w = world_new(NULL);
        doubtful(&w, 0, rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL));
        doubtful(&w, 100, rule(&w, "c", TCS_HIGH, CREDENTIALS, NULL));
        uint32_t d = rule(&w, "d", TCS_HIGH, LATERAL, NULL);
        if (certain)
            did(&w, 200, d);
        else
            doubtful(&w, 200, d);
        assert_int_equal(told(&w), certain);
        world_free(&w);
    }
    /* the same rule with its field is another link, and says nothing of the first */
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    doubtful(&w, 0, r);
    did(&w, 50, r);
    did(&w, 100, rule(&w, "c", TCS_HIGH, CREDENTIALS, NULL));
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nlinks, 3);
    assert_true(in->links[1].chosen && !in->links[0].chosen);
    assert_true(tcs_base_str_eq(in->links[0].unchecked, S("ParentImage (filter)")));
    assert_int_equal(in->links[1].unchecked.n, 0);
    world_free(&w);
}

/* --- states --- */

struct step {
    int64_t time;
    const char *host;
    uint8_t level, stage;
    const char *technique;
    uint8_t state; /* reached with it */
};

/* One logon session by correlation id: the same group joins whatever the host. */
static void
course(const struct step *steps, size_t n)
{
    struct world w = world_new(NULL);
    uint8_t state = TCS_STATE_NONE;
    uint32_t moves = 0;
    for (size_t i = 0; i < n; i++) {
        char id[8] = {'r', (char)('0' + i)};
        uint32_t r = rule(&w, id, steps[i].level, steps[i].stage, steps[i].technique);
        hit(&w, steps[i].time, r, 1, .host = tcs_base_str_of(steps[i].host), .user = S("ELB\\anna"),
            .source_ip = S("203.0.113.1"));
        moves += steps[i].state > state;
        state = steps[i].state > state ? steps[i].state : state;
    }
    if (state == TCS_STATE_NONE) {
        assert_int_equal(told(&w), 0);
        world_free(&w);
        return;
    }
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->state, state);
    assert_int_equal(in->ntransitions, moves);
    state = TCS_STATE_NONE;
    for (size_t i = 0, m = 0; i < n; i++) {
        if (steps[i].state <= state)
            continue;
        assert_int_equal(in->transitions[m].state, steps[i].state);
        assert_true(in->transitions[m].time ==
                    at(steps[i].time)); /* event time, when it happened */
        assert_true(in->transitions[m].why.n > 0);
        state = steps[i].state;
        m++;
    }
    world_free(&w);
}
#define COURSE(...)                                                                                \
    do {                                                                                           \
        const struct step steps[] = {__VA_ARGS__};                                                 \
        course(steps, sizeof steps / sizeof *steps);                                               \
    } while (0)

static void
watch(void **state)
{
    (void)state;
    COURSE({0, "A", TCS_HIGH, ACCOUNT, NULL, 0},
           {60, "A", TCS_HIGH, FOOTHOLD, NULL, TCS_STATE_WATCH});
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, NULL, 0}, {60, "A", TCS_HIGH, FOOTHOLD, NULL, 0});
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, NULL, 0},
           {60, "A", TCS_HIGH, ACCOUNT, NULL, 0});                 /* out of order */
    COURSE({0, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_WATCH}); /* with nothing before */
    COURSE({0, "A", TCS_CRITICAL, CREDENTIALS, "T1003", 0});
}

static void
warn(void **state)
{
    (void)state;
    COURSE({0, "A", TCS_HIGH, ACCOUNT, NULL, 0},
           {60, "A", TCS_HIGH, FOOTHOLD, NULL, TCS_STATE_WATCH},
           {90, "A", TCS_HIGH, CREDENTIALS, NULL, TCS_STATE_WARN});
    COURSE({0, "A", TCS_HIGH, CREDENTIALS, NULL, 0},
           {60, "A", TCS_HIGH, LATERAL, NULL, TCS_STATE_WARN});
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, NULL, 0},
           {60, "A", TCS_HIGH, LATERAL, NULL, TCS_STATE_WATCH});
    COURSE({0, "A", TCS_HIGH, LATERAL, NULL, 0},
           {60, "B", TCS_HIGH, LATERAL, NULL, TCS_STATE_WARN});
    COURSE({0, "A", TCS_HIGH, LATERAL, NULL, 0},
           {60, "A", TCS_HIGH, LATERAL, NULL, 0}); /* one host */
}

static void
imminent(void **state)
{
    (void)state;
    /* a sign of destruction after what an intruder did; not before it, nor after what is work */
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, "T1068", 0},
           {60, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_IMMINENT});
    COURSE({0, "A", TCS_HIGH, ACCOUNT, NULL, 0},
           {60, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_IMMINENT});
    COURSE({0, "A", TCS_CRITICAL, FOOTHOLD, NULL, 0},
           {60, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_IMMINENT});
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, NULL, 0},
           {60, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_WATCH});
    COURSE({0, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_WATCH},
           {60, "A", TCS_HIGH, FOOTHOLD, "T1068", 0});
    /* destruction's stage, but nothing that prepares it */
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, "T1068", 0},
           {60, "A", TCS_HIGH, DESTROY, "T1491", TCS_STATE_WATCH});
    /* security tools off: on two hosts, and something an intruder did */
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, "T1068", 0},
           {60, "A", TCS_HIGH, CREDENTIALS, "T1685", TCS_STATE_WATCH},
           {90, "B", TCS_HIGH, CREDENTIALS, "T1562.001", TCS_STATE_IMMINENT});
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, NULL, 0},
           {60, "A", TCS_HIGH, CREDENTIALS, "T1685", TCS_STATE_WATCH},
           {90, "B", TCS_HIGH, CREDENTIALS, "T1685", 0});
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, "T1068", 0},
           {60, "A", TCS_HIGH, CREDENTIALS, "T1685", TCS_STATE_WATCH},
           {90, "A", TCS_HIGH, CREDENTIALS, "T1685", 0});
    COURSE({0, "A", TCS_HIGH, CREDENTIALS, "T1685", 0},
           {60, "B", TCS_HIGH, CREDENTIALS, "T1685", 0});
    /* recovery removed on two hosts, with nothing before */
    COURSE({0, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_WATCH},
           {60, "B", TCS_HIGH, DESTROY, "T1490", TCS_STATE_IMMINENT});
    COURSE({0, "A", TCS_HIGH, DESTROY, "T1490", TCS_STATE_WATCH},
           {60, "B", TCS_MEDIUM, DESTROY, "T1490", 0});
    /* a critical one alone */
    COURSE({0, "A", TCS_CRITICAL, DESTROY, "T1490", TCS_STATE_IMMINENT});
    /* logs cleared warns; before anything else it is only a log cleared */
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, "T1068", 0},
           {60, "A", TCS_HIGH, CREDENTIALS, "T1070.001", TCS_STATE_IMMINENT});
    COURSE({0, "A", TCS_HIGH, CREDENTIALS, "T1070.001", 0});
}

static void
destruction(void **state)
{
    (void)state;
    COURSE({0, "A", TCS_CRITICAL, DESTROY, "T1561.002", TCS_STATE_DESTRUCTION});
    COURSE({0, "A", TCS_HIGH, DESTROY, "T1486", TCS_STATE_WATCH});
    COURSE({0, "A", TCS_HIGH, FOOTHOLD, NULL, 0},
           {60, "A", TCS_HIGH, DESTROY, "T1486", TCS_STATE_DESTRUCTION});
    COURSE({0, "A", TCS_HIGH, DESTROY, "T1486", TCS_STATE_WATCH},
           {60, "A", TCS_HIGH, FOOTHOLD, NULL, 0});
    /* the whole course, one state after the other, and never back */
    COURSE({0, "A", TCS_HIGH, ACCOUNT, "T1110", 0},
           {60, "A", TCS_HIGH, FOOTHOLD, "T1505", TCS_STATE_WATCH},
           {120, "A", TCS_HIGH, CREDENTIALS, "T1003", TCS_STATE_WARN},
           {180, "B", TCS_HIGH, LATERAL, "T1021", 0},
           {240, "B", TCS_HIGH, DESTROY, "T1490", TCS_STATE_IMMINENT},
           {300, "B", TCS_HIGH, DESTROY, "T1486", TCS_STATE_DESTRUCTION},
           {360, "B", TCS_HIGH, ACCOUNT, "T1110", 0});
}

/* A correlation over many hosts: onto them, after something else. */
static void
fan_once(const char *before, bool correlation, uint8_t state)
{
    struct world w = world_new(NULL);
    uint32_t b = rule(&w, "b", TCS_HIGH, FOOTHOLD, before),
             fan = rule(&w, "fan", TCS_HIGH, LATERAL, "T1021");
    if (before)
        hit(&w, 0, b, 1, .host = S("A"), .user = S("ELB\\anna"));
    struct tcs_finding d = {.time = at(60),
                            .first = at(30),
                            .signature = fan,
                            .count = 30,
                            .flags = correlation ? TCS_FINDING_CORRELATION : 0,
                            .who = {.host = S("A"), .user = S("ELB\\anna")}};
    d.evidence = evidence_of(&w, 4624);
    detect(&w, &d);
    finish(&w);
    assert_int_equal(w.c->incs[0].state, state);
    world_free(&w);
}

static void
fan(void **state)
{
    (void)state;
    fan_once("T1068", true, TCS_STATE_IMMINENT);
    fan_once("T1136", true, TCS_STATE_WATCH); /* administrators make accounts */
    fan_once("T1068", false, TCS_STATE_WATCH);
    fan_once(NULL, true, TCS_STATE_NONE);
}

/* What happens later changes nothing about when a state was reached. */
static void
causal(void **state)
{
    int64_t reached[2];
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct world w = world_new(NULL);
        uint32_t a = rule(&w, "a", TCS_HIGH, ACCOUNT, NULL),
                 b = rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL),
                 e = rule(&w, "e", TCS_HIGH, DESTROY, "T1490");
        if (k) /* later, and fed first */
            did(&w, 900, e);
        did(&w, 0, a);
        did(&w, 60, b);
        const struct tcs_incident *in = only(&w);
        reached[k] = in->transitions[0].time;
        assert_int_equal(in->transitions[0].state, TCS_STATE_WATCH);
        assert_int_equal(in->ntransitions, k ? 2 : 1);
        world_free(&w);
    }
    assert_true(reached[0] == at(60) && reached[1] == at(60));
}

/* --- limits --- */

/* More different links than an incident keeps: the heaviest stay, the rest is counted. */
static void
many_links(void **state)
{
    enum { LIGHT = CHAIN_LINKS_MAX + 50 };
    static char ids[LIGHT][8];
    struct world w = world_new(NULL);
    (void)state;
    for (int i = 0; i < LIGHT; i++) {
        snprintf(ids[i], sizeof ids[i], "m%d", i);
        did(&w, i * 10, rule(&w, ids[i], i % 2 ? TCS_MEDIUM : TCS_LOW, FOOTHOLD, NULL));
    }
    did(&w, 4000, rule(&w, "cred", TCS_HIGH, CREDENTIALS, NULL));
    did(&w, 4100, rule(&w, "lat", TCS_CRITICAL, LATERAL, NULL));
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nlinks, CHAIN_LINKS_MAX);
    assert_int_equal(in->detections, LIGHT + 2);
    assert_int_equal(in->dropped, LIGHT + 2 - CHAIN_LINKS_MAX);
    assert_int_equal(tcs_chain_stats(w.c)->dropped_links, LIGHT + 2 - CHAIN_LINKS_MAX);
    check_str(in->links[CHAIN_LINKS_MAX - 2].rule_id, "cred");
    check_str(in->links[CHAIN_LINKS_MAX - 1].rule_id, "lat");
    assert_int_equal(in->score, MEDIUM + HIGH + CRITICAL + 3 * W_STAGE);
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        chosen += in->links[i].chosen;
        assert_true(!in->links[i].chosen || in->links[i].level >= TCS_MEDIUM);
    }
    assert_int_equal(chosen, 3);
    world_free(&w);
}

/* Routine beyond the limit: what came first stays, and the chain is untouched. */
static void
many_routine_links(void **state)
{
    enum { LIGHT = CHAIN_LINKS_MAX + 20 };
    static char ids[LIGHT][8];
    struct world w = world_new(NULL);
    (void)state;
    did(&w, 0, rule(&w, "b", TCS_HIGH, FOOTHOLD, NULL));
    did(&w, 100, rule(&w, "c", TCS_HIGH, CREDENTIALS, NULL));
    for (int i = 0; i < LIGHT; i++) {
        snprintf(ids[i], sizeof ids[i], "i%d", i);
        did(&w, 200 + i * 10, rule(&w, ids[i], TCS_INFORMATIONAL, FOOTHOLD, NULL));
    }
    const struct tcs_incident *in = only(&w);
    assert_int_equal(in->nlinks, CHAIN_LINKS_MAX);
    assert_int_equal(in->dropped, LIGHT + 2 - CHAIN_LINKS_MAX);
    check_str(in->links[2].rule_id, "i0");
    check_str(in->links[CHAIN_LINKS_MAX - 1].rule_id, "i253");
    assert_true(in->links[0].chosen && in->links[1].chosen);
    assert_int_equal(in->score, 2 * (HIGH + W_STAGE));
    world_free(&w);
}

static void
caps(void **state)
{
    const struct tcs_chain_opts opts = {.max_findings = 3, .max_observations = 2};
    struct world w = world_new(&opts);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL);
    (void)state;
    for (int i = 0; i < 5; i++)
        hit(&w, i * 10, r, 1, .host = S("A"), .session = 0x11);
    for (int i = 0; i < 5; i++)
        seen(&w, i, TCS_OBS_PROCESS, .host = S("A"), .pid = 7);
    hit(&w, 0, r + 1, 1, .host = S("A")); /* no such rule */
    detect(&w, &(const struct tcs_finding){.time = TCS_TIME_NONE, .signature = r});
    observe(&w, &(const struct tcs_observation){.time = TCS_TIME_NONE});
    /* from the year 10000 on, as a FILETIME can say: sums of such times would overflow */
    detect(&w, &(const struct tcs_finding){.time = TCS_TIME_LAST, .signature = r});
    observe(&w, &(const struct tcs_observation){.time = INT64_C(2534023008000000000)});
    finish(&w);
    const struct tcs_chain_stats *s = tcs_chain_stats(w.c);
    assert_int_equal(s->detections, 3);
    assert_int_equal(s->dropped_detections, 2);
    assert_int_equal(s->observations, 2);
    assert_int_equal(s->dropped_observations, 3);
    assert_int_equal(s->timeless, 5);
    assert_int_equal(s->repeated, 0);
    world_free(&w);
}

/* The same record of a log and of its copy, which an export gave another fraction of the second. */
static void
repeated(void **state)
{
    struct world w = world_new(NULL);
    uint32_t r = rule(&w, "r", TCS_HIGH, FOOTHOLD, NULL),
             o = rule(&w, "o", TCS_HIGH, FOOTHOLD, NULL);
    struct tcs_finding d = {.time = at(0),
                            .first = at(0),
                            .signature = r,
                            .count = 1,
                            .who = {.host = S("A"), .session = 0x11}};
    (void)state;
    d.evidence = evidence_of(&w, 4624);
    d.time += 4567;
    detect(&w, &d);
    hit(&w, 0, o, 1, .host = S("A"), .session = 0x11); /* stands between the two */
    d.time = at(0);
    d.evidence.file = S("copy.jsonl");
    d.evidence.offset = 9;
    d.evidence.event_id = TCS_EVENT_ID_NONE;
    detect(&w, &d); /* again */
    d.signature = o;
    detect(&w, &d); /* another rule on it */
    d.group = 7;
    detect(&w, &d); /* a correlation that it is the evidence of */
    d.group = 8;
    detect(&w, &d); /* another result */
    d.evidence.key = key_of(99);
    detect(&w, &d); /* another record that says the same */
    finish(&w);
    assert_int_equal(tcs_chain_stats(w.c)->repeated, 1);
    assert_int_equal(w.c->nfindings, 6);
    world_free(&w);
}

static void
finished_once(void **state)
{
    struct world w = world_new(NULL);
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(told(&w), 0);
    assert_int_equal(tcs_chain_finish(w.c, &err), -TCS_EUSAGE);
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordered),
        cmocka_unit_test(never_back),
        cmocka_unit_test(another_host_weighs_more),
        cmocka_unit_test(who_is_told),
        cmocka_unit_test(begun_from_elsewhere),
        cmocka_unit_test(more_stages_weigh_more),
        cmocka_unit_test(same_act),
        cmocka_unit_test(novelty),
        cmocka_unit_test(routine),
        cmocka_unit_test(learnt),
        cmocka_unit_test(what_counts),
        cmocka_unit_test(unchecked),
        cmocka_unit_test(watch),
        cmocka_unit_test(warn),
        cmocka_unit_test(imminent),
        cmocka_unit_test(destruction),
        cmocka_unit_test(fan),
        cmocka_unit_test(causal),
        cmocka_unit_test(many_links),
        cmocka_unit_test(many_routine_links),
        cmocka_unit_test(caps),
        cmocka_unit_test(repeated),
        cmocka_unit_test(finished_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

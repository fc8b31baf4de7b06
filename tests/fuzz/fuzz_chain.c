/* tests/fuzz/fuzz_chain.c - findings and observations of any texts, numbers and times, as hostile
 * logs make them: finishing is clean, each incident is one line of well-formed JSON that names only
 * links that exist, and feeding the same things backwards gives the same bytes.
 *
 * A byte picks what is fed; names are mostly drawn from a few, so that things join. */
#include "base/arena.h"
#include "base/time.h"
#include "base/utf.h"
#include "chain/chain.h"
#include "event/event.h"
#include "report/incident_json.h"

#include <stdlib.h>

enum { THINGS = 512, RULES = 12 };

struct source {
    struct tcs_arena *a;
    const uint8_t *p;
    size_t n;
};

struct thing {
    uint8_t what; /* 0: observation, 1: detection, 2: heard, 3: known */
    struct tcs_observation o;
    struct tcs_finding d;
};

static uint8_t
byte(struct source *s)
{
    uint8_t b = s->n ? *s->p : 0;
    s->p += s->n ? 1 : 0;
    s->n -= s->n ? 1 : 0;
    return b;
}

static uint64_t
number(struct source *s)
{
    uint64_t v = 0;
    for (int n = byte(s) & 7; n > 0; n--)
        v = v << 8 | byte(s);
    return v;
}

/* Copied, so that the sanitizer sees a read beyond the end. */
static struct tcs_str
text(struct source *s)
{
    static const char *const usual[] = {"",
                                        "A",
                                        "a.elb.example",
                                        "B",
                                        "ELB\\anna",
                                        "anna@elb.example",
                                        "anna",
                                        "ELB\\berta",
                                        "S-1-5-18",
                                        "SYSTEM",
                                        "S-1-5-21-1",
                                        "10.0.0.1",
                                        "10.0.0.2",
                                        "::ffff:10.0.0.1",
                                        "{g1}",
                                        "{g2}",
                                        "{g3}",
                                        "C:\\d\\x.exe",
                                        "C:\\d\\x.exe:Z",
                                        "A$",
                                        "\\\\A",
                                        "127.0.0.1"};
    enum { USUAL = sizeof usual / sizeof *usual };
    uint8_t k = byte(s);
    if (k < 200)
        return tcs_base_str_of(usual[k % USUAL]);
    size_t n = k - 200u;
    n = n > s->n ? s->n : n;
    struct tcs_str t = tcs_base_arena_str(s->a, (struct tcs_str){(const char *)s->p, n});
    s->p += n;
    s->n -= n;
    return t;
}

static int64_t
time_of(struct source *s)
{
    uint8_t kind = byte(s);
    if (kind == 0)
        return TCS_TIME_NONE;
    if (kind == 1) /* as a FILETIME says */
        return tcs_base_time_from_filetime(number(s) << (byte(s) & 31));
    return INT64_C(17737056000000000) +
           (int64_t)(number(s) & 0xffffffff) * (1 << (kind & 15)) * 100;
}

static struct tcs_evidence
evidence(struct source *s)
{
    static const uint32_t ids[] = {1,    3,    7,    10,   11,   4624,
                                   4672, 4720, 4769, 4776, 4104, TCS_EVENT_ID_NONE};
    struct tcs_evidence e = {
        .file = text(s), .channel = text(s), .record_id = number(s), .offset = number(s)};
    e.event_id = ids[byte(s) % (sizeof ids / sizeof *ids)];
    e.key.b[0] = byte(s); /* few: the same record is met again, and says something else */
    return e;
}

static struct tcs_identity
parties(struct source *s)
{
    uint8_t has = byte(s), more = byte(s);
    struct tcs_identity w = {.host = text(s)};
    if (has & 1)
        w.user = text(s);
    if (has & 2)
        w.user_id = text(s);
    if (has & 4)
        w.target = text(s);
    if (has & 8)
        w.source_ip = text(s);
    if (has & 16)
        w.session = number(s);
    if (has & 32)
        w.process = text(s);
    if (has & 64)
        w.image = text(s);
    if (has & 128)
        w.object = text(s);
    if (more & 1)
        w.user_domain = text(s);
    if (more & 2)
        w.target_id = text(s);
    if (more & 4)
        w.target_domain = text(s);
    if (more & 8)
        w.source_host = text(s);
    if (more & 16)
        w.target_session = number(s), w.linked_session = number(s);
    if (more & 32)
        w.parent = text(s);
    if (more & 64)
        w.pid = byte(s);
    if (more & 128)
        w.dest_host = text(s), w.dest_ip = text(s);
    w.activity = byte(s) % (TCS_ACTS + 1);
    return w;
}

static void
take(struct source *s, struct thing *t)
{
    uint8_t k = byte(s);
    t->what = k < 90 ? 0 : k < 230 ? 1 : k < 250 ? 2 : 3;
    t->o = (struct tcs_observation){.time = time_of(s),
                                    .kind = byte(s) % TCS_OBS_KINDS,
                                    .logon_type = k & 15,
                                    .who = parties(s)};
    t->o.evidence = evidence(s);
    t->d = (struct tcs_finding){.time = t->o.time,
                                .first = t->o.time,
                                .signature = k % RULES,
                                .flags = byte(s) & 31,
                                .count = 1 + (k & 3),
                                .group = k % 7 ? 0 : k,
                                .who = t->o.who,
                                .evidence = t->o.evidence};
}

static void
add_rules(struct source *s, struct tcs_signature rules[RULES])
{
    static struct tcs_str techniques[RULES] = {
        {"T1110", 5}, {"T1068", 5}, {"T1003", 5}, {"T1685", 5},     {"T1021", 5}, {"T1490", 5},
        {"T1486", 5}, {"T1561", 5}, {"T1033", 5}, {"T1484.001", 9}, {"T9999", 5}, {"\xff\"\n", 3}};
    static const char *const ids[RULES] = {"a", "b", "c", "d", "e", "f",
                                           "g", "h", "i", "j", "k", "l"};
    for (int i = 0; i < RULES; i++)
        rules[i] = (struct tcs_signature){.id = tcs_base_str_of(ids[i]),
                                          .title = text(s),
                                          .level = byte(s) % 6,
                                          .techniques = &techniques[i],
                                          .ntechniques = 1};
}

static void
feed(struct tcs_chain *c, const struct thing *t, const struct tcs_signature *rules)
{
    int64_t first = t->o.time;
    int r = 0;
    if (t->what == 0)
        r = tcs_chain_observe(c, &t->o, NULL);
    else if (t->what == 1)
        r = tcs_chain_detect(c, &t->d, NULL);
    else if (t->what == 2)
        r = tcs_chain_host_seen(
            c, &(struct tcs_host_seen){t->o.who.host, t->o.evidence.file, first, first}, NULL);
    else if (first != TCS_TIME_NONE)
        r = tcs_chain_known(c, rules[t->d.signature].id, t->o.who.host, first, NULL);
    if (r < 0)
        abort();
}

/* --- is it JSON? --- */

struct reader {
    const char *p;
    size_t n, at;
};

static char
next(const struct reader *r)
{
    return r->at < r->n ? r->p[r->at] : '\0';
}

static void
expect(struct reader *r, char c)
{
    if (next(r) != c)
        abort();
    r->at++;
}

static void
string(struct reader *r)
{
    expect(r, '"');
    while (next(r) != '"') {
        if ((unsigned char)next(r) < 0x20)
            abort();
        r->at += next(r) == '\\' ? 2 : 1;
        if (r->at >= r->n)
            abort();
    }
    r->at++;
}

static void
word(struct reader *r)
{
    size_t from = r->at;
    while (next(r) && !strchr(",]}\n", next(r)))
        r->at++;
    struct tcs_str s = {r->p + from, r->at - from};
    bool digits = s.n > 0;
    for (size_t i = 0; i < s.n; i++)
        digits = digits && s.p[i] >= '0' && s.p[i] <= '9';
    if (!digits && !tcs_base_str_eq(s, TCS_STR("true")) && !tcs_base_str_eq(s, TCS_STR("false")) &&
        !tcs_base_str_eq(s, TCS_STR("null")))
        abort();
}

/* Depth is that of our own format: a handful. */
static void
value(struct reader *r, int depth)
{
    char open = next(r);
    if (depth > 12)
        abort();
    if (open == '"') {
        string(r);
        return;
    }
    if (open != '{' && open != '[') {
        word(r);
        return;
    }
    r->at++;
    for (bool first = true; next(r) != (open == '{' ? '}' : ']'); first = false) {
        if (!first)
            expect(r, ',');
        if (open == '{') {
            string(r);
            expect(r, ':');
        }
        value(r, depth + 1);
    }
    r->at++;
}

static void
check(const struct tcs_incident *in, uint32_t n, struct tcs_str json)
{
    struct reader r = {json.p, json.n, 0};
    for (uint32_t i = 0; i < n; i++) {
        value(&r, 0);
        expect(&r, '\n');
        for (uint32_t k = 0; k < in[i].njoins; k++)
            if ((in[i].joins[k].link != UINT32_MAX && in[i].joins[k].link >= in[i].nlinks) ||
                (in[i].joins[k].to != UINT32_MAX && in[i].joins[k].to >= in[i].nlinks))
                abort();
        if (in[i].state == TCS_STATE_NONE || !in[i].nlinks || !in[i].ntransitions)
            abort();
        if (in[i].transitions[in[i].ntransitions - 1].state != in[i].state)
            abort();
    }
    for (size_t i = 0, len; i < json.n; i += len)
        if (!(len = tcs_base_utf8_len(json, i)))
            abort();
    if (r.at != r.n)
        abort();
}

static struct tcs_buf
run(const struct thing *things, uint32_t n, const struct tcs_signature *rules, bool backwards)
{
    struct tcs_chain *c = tcs_chain_new(NULL);
    struct tcs_buf b = {0};
    uint32_t ninc;
    for (int i = 0; i < RULES; i++)
        if (tcs_chain_signature(c, &rules[i]) != (uint32_t)i)
            abort();
    for (uint32_t i = 0; i < n; i++)
        feed(c, &things[backwards ? n - 1 - i : i], rules);
    if (tcs_chain_finish(c, NULL) < 0)
        abort();
    const struct tcs_incident *in = tcs_chain_incidents(c, &ninc);
    for (uint32_t i = 0; i < ninc; i++)
        tcs_report_incident_json(&b, &in[i]);
    check(in, ninc, tcs_base_buf_view(&b));
    tcs_chain_free(c);
    return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct thing *things = calloc(THINGS, sizeof *things);
    struct source s = {a, data, size};
    struct tcs_signature rules[RULES];
    uint32_t n = 0;
    if (!a || !things)
        abort();
    add_rules(&s, rules);
    while (s.n && n < THINGS)
        take(&s, &things[n++]);
    struct tcs_buf one = run(things, n, rules, false);
    struct tcs_buf two = run(things, n, rules, true);
    if (!tcs_base_str_eq(tcs_base_buf_view(&one), tcs_base_buf_view(&two)))
        abort();
    tcs_base_buf_done(&one);
    tcs_base_buf_done(&two);
    free(things);
    tcs_base_arena_free(a);
    return 0;
}

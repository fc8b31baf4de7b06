/* tests/unit/store/made.c - random values, and a comparison written member by member, so that it
 * does not share a mistake with the store's table of columns. */
#include "made.h"
#include "attack/level.h"

#include <stdio.h>

uint64_t
made_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

uint32_t
made_below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)((made_random(seed) >> 20) % n);
}

/* Mostly words; at times empty, or any bytes: NUL, no UTF-8. */
struct tcs_str
made_text(uint64_t *seed, struct tcs_arena *a)
{
    uint32_t kind = made_below(seed, 8), n = made_below(seed, 40);
    if (kind == 0)
        return (struct tcs_str){"", 0};
    char *p = tcs_base_arena_alloc(a, n + 1);
    for (uint32_t i = 0; i < n; i++)
        p[i] = kind == 1 ? (char)made_random(seed) : (char)('a' + made_below(seed, 26));
    return (struct tcs_str){p, n};
}

static int64_t
time_of(uint64_t *seed)
{
    return INT64_C(17000000000000000) + (int64_t)(made_random(seed) >> 20);
}

static struct tcs_str *
texts(uint64_t *seed, struct tcs_arena *a, uint32_t *n)
{
    *n = made_below(seed, 5);
    struct tcs_str *p = tcs_base_arena_array(a, *n + 1, sizeof *p);
    for (uint32_t i = 0; i < *n; i++)
        p[i] = made_text(seed, a);
    return p;
}

static struct tcs_evidence
evidence(uint64_t *seed, struct tcs_arena *a)
{
    struct tcs_evidence e = {.file = made_text(seed, a),
                             .channel = made_text(seed, a),
                             .record_id = made_random(seed),
                             .offset = made_random(seed),
                             .event_id = (uint32_t)made_random(seed)};
    for (unsigned i = 0; i < TCS_KEY; i++)
        e.key.b[i] = (uint8_t)made_random(seed);
    return e;
}

static struct tcs_identity
parties(uint64_t *seed, struct tcs_arena *a)
{
    struct tcs_identity p;
#define TEXT(m) p.m = made_text(seed, a);
#define NUMBER(m) p.m = made_random(seed);
#define SMALL(m) p.m = (uint32_t)made_random(seed);
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)
#undef TEXT
#undef NUMBER
#undef SMALL
    return p;
}

struct tcs_signature
made_signature(uint64_t *seed, struct tcs_arena *a)
{
    struct tcs_signature s = {.id = tcs_base_arena_printf(a, "rule-%u", made_below(seed, 50)),
                              .title = made_text(seed, a),
                              .level = (uint8_t)made_below(seed, TCS_LEVELS),
                              .stage = (uint8_t)made_below(seed, TCS_STAGES)};
    s.techniques = texts(seed, a, &s.ntechniques);
    return s;
}

struct tcs_finding
made_detection(uint64_t *seed, struct tcs_arena *a)
{
    return (struct tcs_finding){.time = time_of(seed),
                                .flags = (uint8_t)made_below(seed, TCS_FINDING_FLAGS + 1),
                                .count = (uint32_t)made_random(seed),
                                .first = time_of(seed),
                                .group = made_random(seed),
                                .unchecked = made_text(seed, a),
                                .who = parties(seed, a),
                                .evidence = evidence(seed, a)};
}

struct tcs_observation
made_observation(uint64_t *seed, struct tcs_arena *a)
{
    return (struct tcs_observation){.time = time_of(seed),
                                    .kind = (uint8_t)made_below(seed, TCS_OBS_KINDS),
                                    .logon_type = (uint8_t)made_below(seed, 256),
                                    .who = parties(seed, a),
                                    .evidence = evidence(seed, a)};
}

static void
make_links(uint64_t *seed, struct tcs_arena *a, struct tcs_incident *in)
{
    in->nlinks = made_below(seed, 6);
    in->links = tcs_base_arena_array(a, in->nlinks + 1, sizeof *in->links);
    for (uint32_t i = 0; i < in->nlinks; i++) {
        struct tcs_link *l = &in->links[i];
        *l = (struct tcs_link){.time = time_of(seed),
                               .last = time_of(seed),
                               .count = made_random(seed) >> 1,
                               .stage = (uint8_t)made_below(seed, TCS_STAGES),
                               .level = (uint8_t)made_below(seed, TCS_LEVELS),
                               .flags = (uint8_t)made_below(seed, TCS_FINDING_FLAGS + 1),
                               .chosen = made_below(seed, 2),
                               .rule_id = made_text(seed, a),
                               .title = made_text(seed, a),
                               .host = made_text(seed, a),
                               .account = made_text(seed, a),
                               .source = made_text(seed, a),
                               .unchecked = made_text(seed, a),
                               .evidence = evidence(seed, a)};
        l->techniques = texts(seed, a, &l->ntechniques);
    }
}

static void
make_joins(uint64_t *seed, struct tcs_arena *a, struct tcs_incident *in)
{
    in->njoins = made_below(seed, 6);
    in->joins = tcs_base_arena_array(a, in->njoins + 1, sizeof *in->joins);
    for (uint32_t i = 0; i < in->njoins; i++)
        in->joins[i] = (struct tcs_join){
            .kind = (uint8_t)made_below(seed, 3),
            .strength = (uint8_t)made_below(seed, 3),
            .time = time_of(seed),
            .link = in->nlinks ? made_below(seed, in->nlinks) : UINT32_MAX,
            .to = in->nlinks && made_below(seed, 2) ? made_below(seed, in->nlinks) : UINT32_MAX,
            .reason = made_text(seed, a),
            .other = made_text(seed, a),
            .from_host = made_text(seed, a),
            .to_host = made_text(seed, a),
            .evidence = evidence(seed, a)};
}

static struct tcs_next *
make_next(uint64_t *seed, struct tcs_arena *a, uint32_t *n)
{
    *n = made_below(seed, 4);
    struct tcs_next *p = tcs_base_arena_array(a, *n + 1, sizeof *p);
    for (uint32_t i = 0; i < *n; i++)
        p[i] =
            (struct tcs_next){(uint8_t)made_below(seed, TCS_STAGES), (uint8_t)made_below(seed, 256),
                              made_text(seed, a), made_text(seed, a)};
    return p;
}

static void
make_rest(uint64_t *seed, struct tcs_arena *a, struct tcs_incident *in)
{
    in->ntransitions = made_below(seed, 4);
    in->transitions = tcs_base_arena_array(a, in->ntransitions + 1, sizeof *in->transitions);
    for (uint32_t i = 0; i < in->ntransitions; i++)
        in->transitions[i] = (struct tcs_transition){(uint8_t)made_below(seed, TCS_STATES),
                                                     time_of(seed), made_text(seed, a)};
    in->nreach = made_below(seed, 4);
    in->reach = tcs_base_arena_array(a, in->nreach + 1, sizeof *in->reach);
    for (uint32_t i = 0; i < in->nreach; i++)
        in->reach[i] = (struct tcs_reach){
            (uint8_t)made_below(seed, 3), made_below(seed, 2), made_text(seed, a),
            made_text(seed, a),           time_of(seed),       evidence(seed, a)};
    in->nmissing = made_below(seed, 4);
    in->missing = tcs_base_arena_array(a, in->nmissing + 1, sizeof *in->missing);
    for (uint32_t i = 0; i < in->nmissing; i++)
        in->missing[i] =
            (struct tcs_missing){(uint8_t)made_below(seed, TCS_STAGES), made_text(seed, a)};
    in->noverlaps = made_below(seed, 3);
    in->overlaps = tcs_base_arena_array(a, in->noverlaps + 1, sizeof *in->overlaps);
    for (uint32_t i = 0; i < in->noverlaps; i++) {
        struct tcs_overlap *o = &in->overlaps[i];
        *o = (struct tcs_overlap){.profile = made_text(seed, a),
                                  .source = made_text(seed, a),
                                  .shared = made_below(seed, 100),
                                  .of_incident = made_below(seed, 100),
                                  .of_profile = made_below(seed, 100)};
        o->techniques = texts(seed, a, &o->ntechniques);
    }
}

static void
make_id(uint64_t *seed, char out[TCS_INCIDENT_ID + 1])
{
    snprintf(out, TCS_INCIDENT_ID + 1, "%016llx%016llx", (unsigned long long)made_random(seed),
             (unsigned long long)made_random(seed));
}

struct tcs_incident
made_incident(uint64_t *seed, struct tcs_arena *a)
{
    struct tcs_incident in = {.state = (uint8_t)made_below(seed, TCS_STATES),
                              .stages = made_below(seed, 1u << TCS_STAGES),
                              .score = (uint32_t)made_random(seed),
                              .first = time_of(seed),
                              .last = time_of(seed),
                              .summary = made_text(seed, a),
                              .detections = made_random(seed) >> 1,
                              .dropped = made_random(seed) >> 1,
                              .origin_host = made_text(seed, a),
                              .origin_account = made_text(seed, a),
                              .origin_address = made_text(seed, a)};
    make_id(seed, in.id);
    make_links(seed, a, &in);
    make_joins(seed, a, &in);
    make_rest(seed, a, &in);
    in.expected = make_next(seed, a, &in.nexpected);
    in.mitigations = make_next(seed, a, &in.nmitigations);
    in.hosts = texts(seed, a, &in.nhosts);
    in.accounts = texts(seed, a, &in.naccounts);
    in.addresses = texts(seed, a, &in.naddresses);
    in.techniques = texts(seed, a, &in.ntechniques);
    in.nmerged = made_below(seed, 3);
    in.merged = tcs_base_arena_array(a, in.nmerged + 1, sizeof *in.merged);
    for (uint32_t i = 0; i < in.nmerged; i++) {
        char id[TCS_INCIDENT_ID + 1];
        make_id(seed, id);
        in.merged[i] = tcs_base_arena_str(a, tcs_base_str_of(id));
    }
    return in;
}

/* --- comparison --- */

#define NUM(m)                                                                                     \
    if (a->m != b->m)                                                                              \
    return #m
#define TEXT(m)                                                                                    \
    if (!tcs_base_str_eq(a->m, b->m))                                                              \
    return #m
#define EVIDENCE()                                                                                 \
    TEXT(evidence.file);                                                                           \
    TEXT(evidence.channel);                                                                        \
    NUM(evidence.record_id);                                                                       \
    NUM(evidence.offset);                                                                          \
    NUM(evidence.event_id)
#define TEXTS(m)                                                                                   \
    NUM(n##m);                                                                                     \
    for (uint32_t i = 0; i < a->n##m; i++)                                                         \
    TEXT(m[i])
#define EACH(m, differs)                                                                           \
    NUM(n##m);                                                                                     \
    for (uint32_t i = 0; i < a->n##m; i++) {                                                       \
        const char *what = differs(&a->m[i], &b->m[i]);                                            \
        if (what)                                                                                  \
            return what;                                                                           \
    }

static const char *
link_differs(const struct tcs_link *a, const struct tcs_link *b)
{
    NUM(time);
    NUM(last);
    NUM(count);
    NUM(stage);
    NUM(level);
    NUM(flags);
    NUM(chosen);
    TEXT(rule_id);
    TEXT(title);
    TEXTS(techniques);
    TEXT(host);
    TEXT(account);
    TEXT(source);
    TEXT(unchecked);
    EVIDENCE();
    return NULL;
}

static const char *
join_differs(const struct tcs_join *a, const struct tcs_join *b)
{
    NUM(kind);
    NUM(strength);
    NUM(time);
    NUM(link);
    NUM(to);
    TEXT(reason);
    TEXT(other);
    TEXT(from_host);
    TEXT(to_host);
    EVIDENCE();
    return NULL;
}

static const char *
transition_differs(const struct tcs_transition *a, const struct tcs_transition *b)
{
    NUM(state);
    NUM(time);
    TEXT(why);
    return NULL;
}

static const char *
reach_differs(const struct tcs_reach *a, const struct tcs_reach *b)
{
    NUM(hops);
    NUM(is_host);
    TEXT(name);
    TEXT(why);
    NUM(last);
    EVIDENCE();
    return NULL;
}

static const char *
missing_differs(const struct tcs_missing *a, const struct tcs_missing *b)
{
    NUM(stage);
    TEXT(text);
    return NULL;
}

static const char *
next_differs(const struct tcs_next *a, const struct tcs_next *b)
{
    NUM(stage);
    NUM(priority);
    TEXT(technique);
    TEXT(text);
    return NULL;
}

static const char *
overlap_differs(const struct tcs_overlap *a, const struct tcs_overlap *b)
{
    TEXT(profile);
    TEXT(source);
    NUM(shared);
    NUM(of_incident);
    NUM(of_profile);
    TEXTS(techniques);
    return NULL;
}

const char *
made_differs(const struct tcs_incident *a, const struct tcs_incident *b)
{
    if (memcmp(a->id, b->id, sizeof a->id) != 0)
        return "id";
    NUM(state);
    NUM(stages);
    NUM(score);
    NUM(first);
    NUM(last);
    TEXT(summary);
    NUM(detections);
    NUM(dropped);
    EACH(links, link_differs);
    EACH(joins, join_differs);
    EACH(transitions, transition_differs);
    EACH(reach, reach_differs);
    EACH(missing, missing_differs);
    EACH(expected, next_differs);
    EACH(mitigations, next_differs);
    EACH(overlaps, overlap_differs);
    TEXTS(hosts);
    TEXTS(accounts);
    TEXTS(addresses);
    TEXTS(techniques);
    TEXTS(merged);
    TEXT(origin_host);
    TEXT(origin_account);
    TEXT(origin_address);
    return NULL;
}

/* tests/unit/chain/chain_make.h - small worlds for tests of the chain: rules, findings and logons
 * in a line each.  Seconds count from 2026-03-17T00:00:00Z. */
#pragma once
#include "base/time.h"
#include "chain/chain_int.h"
#include "chain/weights.h"
#include "check.h"
#include "event/event.h"
#include "sigma/ast.h"

enum { HOUR = 3600, DAY = 86400 };
enum {
    ACCOUNT = TCS_STAGE_ACCOUNT,
    FOOTHOLD = TCS_STAGE_FOOTHOLD,
    CREDENTIALS = TCS_STAGE_CREDENTIALS,
    LATERAL = TCS_STAGE_LATERAL,
    DESTROY = TCS_STAGE_DESTROY,
};

#define S(lit)                                                                                     \
    (struct tcs_str)                                                                               \
    {                                                                                              \
        "" lit, sizeof("" lit) - 1                                                                 \
    }

struct world {
    struct tcs_chain *c;
    uint64_t record; /* the last one given to a finding or a logon */
};

static inline int64_t
at(int64_t seconds)
{
    return (INT64_C(1773705600) + seconds) * TCS_TICKS_PER_SEC;
}

static inline struct world
world_new(const struct tcs_chain_opts *opts)
{
    struct world w = {.c = tcs_chain_new(opts)};
    assert_non_null(w.c);
    return w;
}

/* A rule with one technique (may be NULL). */
static inline uint32_t
rule(struct world *w, const char *id, uint8_t level, uint8_t stage, const char *technique)
{
    struct tcs_str t = technique ? tcs_base_str_of(technique) : (struct tcs_str){0};
    struct tcs_signature s = {.id = tcs_base_str_of(id),
                              .title = tcs_base_str_of(id),
                              .level = level,
                              .stage = stage,
                              .techniques = &t,
                              .ntechniques = technique ? 1 : 0};
    uint32_t n = tcs_chain_signature(w->c, &s);
    assert_int_not_equal(n, UINT32_MAX);
    return n;
}

/* Of the record of that number, whatever copy of its log it is read from. */
static inline struct tcs_key
key_of(uint64_t record)
{
    struct tcs_key k = {.uncounted = false};
    memcpy(k.b, &record, sizeof record);
    return k;
}

static inline struct tcs_evidence
evidence_of(struct world *w, uint32_t event_id)
{
    return (struct tcs_evidence){.file = S("a.evtx"),
                                 .channel = S("Log"),
                                 .record_id = ++w->record,
                                 .offset = w->record * 512,
                                 .event_id = event_id,
                                 .key = key_of(w->record)};
}

static inline void
detect(struct world *w, const struct tcs_finding *d)
{
    assert_int_equal(tcs_chain_detect(w->c, d, NULL), 0);
}

/* hit(w, seconds, rule, event id, .host = S("A"), ...) */
#define hit(w, seconds, sig, id, ...)                                                              \
    detect(w, &(const struct tcs_finding){.time = at(seconds),                                     \
                                          .first = at(seconds),                                    \
                                          .signature = (sig),                                      \
                                          .count = 1,                                              \
                                          .who = {__VA_ARGS__},                                    \
                                          .evidence = evidence_of(w, id)})

static inline void
observe(struct world *w, const struct tcs_observation *o)
{
    assert_int_equal(tcs_chain_observe(w->c, o, NULL), 0);
}

/* seen(w, seconds, TCS_OBS_LOGON, .host = S("A"), ...); logons are of type 3. */
#define seen(w, seconds, what, ...)                                                                \
    observe(w, &(const struct tcs_observation){.time = at(seconds),                                \
                                               .kind = (what),                                     \
                                               .logon_type = (what) == TCS_OBS_LOGON ? 3 : 0,      \
                                               .who = {__VA_ARGS__},                               \
                                               .evidence = evidence_of(w, 4624)})

static inline void
finish(struct world *w)
{
    assert_int_equal(tcs_chain_finish(w->c, NULL), 0);
}

/* Incidents of any state, merged ones not counted. */
static inline uint32_t
alive(const struct world *w)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->c->nincs; i++)
        n += w->c->incs[i].into == i;
    return n;
}

/* How often the reason was given, by the incidents that are alive. */
static inline uint32_t
reasons(const struct world *w, uint8_t kind, uint8_t why)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->c->nincs; i++)
        for (uint32_t k = 0; w->c->incs[i].into == i && k < w->c->incs[i].nreasons; k++)
            n += w->c->incs[i].reasons[k].kind == kind && w->c->incs[i].reasons[k].why == why;
    return n;
}

/* Finishes; the only incident that is told. */
static inline const struct tcs_incident *
only(struct world *w)
{
    uint32_t n;
    finish(w);
    const struct tcs_incident *in = tcs_chain_incidents(w->c, &n);
    assert_int_equal(n, 1);
    return in;
}

/* Finishes, and says how many are told. */
static inline uint32_t
told(struct world *w)
{
    uint32_t n;
    finish(w);
    (void)tcs_chain_incidents(w->c, &n);
    return n;
}

static inline void
world_free(struct world *w)
{
    tcs_chain_free(w->c);
    w->c = NULL;
}

static inline bool
has_text(struct tcs_str s, const char *part)
{
    return memmem(s.p ? s.p : "", s.n, part, strlen(part)) != NULL;
}

/* unit/detect/rig.h - an engine on a bench: rules from text, batches made by hand, and a list of
 * what it told.  Every test has a folder of its own. */
#pragma once
#include "base/time.h"
#include "check.h"
#include "detect/engine.h"

enum { RIG_TOLD_MAX = 64 };

extern char rig_dir[64];
/* Of cmocka. */
int rig_setup(void **state);
int rig_teardown(void **state);
/* A path in the folder; lives until the test ends. */
const char *rig_path(const char *name);
const char *rig_write(const char *name, struct tcs_str bytes);
/* The first number of the first row of the store in the folder `state`. */
int64_t rig_ask(const char *state, const char *query);

/* A rule on one event id (a sign of destruction: alone it makes an incident), and a correlation: so
 * many of its matches from one address. */
#define RIG_RULE(nr, name, id, level)                                                              \
    "title: " name "\nid: 00000000-0000-4000-8000-00000000000" nr "\nname: " name                  \
    "\nlevel: " level "\ntags: [attack.impact, attack.t1490]\n"                                    \
    "logsource: {product: windows, service: security}\n"                                           \
    "detection: {s: {EventID: " id "}, condition: s}\n"
#define RIG_MANY(nr, name, of, count)                                                              \
    "---\ntitle: " name "\nid: 00000000-0000-4000-8000-00000000000" nr                             \
    "\nlevel: high\ncorrelation: {type: event_count, rules: [" of                                  \
    "], group-by: [IpAddress], timespan: 10m, condition: {gte: " count "}}\n"

struct tcs_detector *rig_detector(const char *rules);
struct tcs_detector *rig_carver(const char *rules); /* that looks at slack too */

/* --- what was told --- */

struct rig {
    struct tcs_outlet outlet; /* of this list */
    /* TITLE HOST/RECORD, "+" before it if it is new; correlations as TITLE xCOUNT. */
    char findings[RIG_TOLD_MAX][48];
    uint32_t nfindings;
    struct {
        char id[TCS_INCIDENT_ID + 1];
        uint64_t detections, before; /* before: UINT64_MAX if it was not there */
    } incidents[RIG_TOLD_MAX];
    uint32_t nincidents;
    uint64_t fail_at; /* the how manieth finding is refused, from 1; 0: none */
};

void rig_told(struct rig *r);   /* begins an empty list */
void rig_forget(struct rig *r); /* what was told so far */
bool rig_has(const struct rig *r, const char *word);
uint32_t rig_fresh(const struct rig *r); /* findings that were told as new */
/* `state` may be NULL: no store. */
struct tcs_engine *rig_engine(struct rig *r, struct tcs_detector *d, const char *state);
void rig_settle(struct tcs_engine *e);
/* Reads the files and settles. */
void rig_hunt(struct tcs_engine *e, const char *const *paths, size_t n, unsigned threads);

/* --- batches by hand --- */

#define RIG_DAY INT64_C(1773705600) /* 2026-03-17T00:00:00Z */

struct tcs_batch rig_batch(const struct tcs_origin *origin);
/* A record that a log numbers, or a line of an export. */
uint32_t rig_numbered(struct tcs_batch *b, const char *host, uint64_t number, int64_t second);
uint32_t rig_line(struct tcs_batch *b, const char *text);
/* What a rule found in it. */
void rig_found(struct tcs_batch *b, uint32_t rule, uint32_t record, const char *host,
               uint64_t number, int64_t second);
/* The same for correlations, from an address; second INT64_MIN: no time. */
void rig_matched(struct tcs_batch *b, uint32_t rule, uint32_t record, const char *ip,
                 int64_t second);
/* Puts and empties it; fails the test if the engine refuses. */
void rig_put(struct tcs_engine *e, struct tcs_batch *b);

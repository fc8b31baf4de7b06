/* stix/bundle.h - a STIX 2.x bundle as a graph: who uses which ATT&CK technique.
 *
 * Only what profiles need is kept: intrusion sets, campaigns, software, attack patterns, and the
 * relationships `uses` and `attributed-to` between them.  Revoked and deprecated objects are left
 * out.  Texts belong to the bundle. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

struct tcs_stix_bundle;

enum tcs_stix_kind {
    TCS_STIX_OTHER,
    TCS_STIX_SET,
    TCS_STIX_CAMPAIGN,
    TCS_STIX_SOFTWARE,
    TCS_STIX_PATTERN,
};

struct tcs_stix_object {
    uint8_t kind;            /* enum tcs_stix_kind, never OTHER */
    struct tcs_str id, name; /* name: empty if it has none */
    struct tcs_str external; /* ATT&CK's id: "G0059", "C0038", "T1003.001"; empty if none */
    struct tcs_str *aliases; /* the name itself may be among them */
    struct tcs_str *sources; /* "ATT&CK G0059", "AA22-264A": where it is described */
    uint32_t naliases, nsources;
    int64_t modified; /* ticks; TCS_TIME_NONE: not said */
};

struct tcs_stix_link {
    bool attributed;            /* else uses */
    uint32_t from, to;          /* objects */
    struct tcs_str *references; /* ids, else addresses, else names of publications */
    uint32_t nreferences;
    int64_t modified;
};

/* jansson draws the seed of its tables: before a sandbox takes /dev/urandom away. */
void tcs_stix_seed(void);
/* -TCS_EPARSE with line and column, -TCS_ELIMIT, -TCS_ENOMEM. */
int tcs_stix_bundle_new(struct tcs_str json, struct tcs_stix_bundle **ret, struct tcs_err *err);
void tcs_stix_bundle_free(struct tcs_stix_bundle *b);
/* In the order of the bundle. */
const struct tcs_stix_object *tcs_stix_objects(const struct tcs_stix_bundle *b, uint32_t *n);
const struct tcs_stix_link *tcs_stix_links(const struct tcs_stix_bundle *b, uint32_t *n);

/* A group or campaign, and how many techniques it uses itself. */
struct tcs_stix_actor {
    const struct tcs_stix_object *o;
    uint32_t techniques;
};
/* actors.c: all of them, by ATT&CK id, then name; in the arena.  NULL: no memory. */
struct tcs_stix_actor *tcs_stix_actors(const struct tcs_stix_bundle *b, struct tcs_arena *a,
                                       uint32_t *n);

/* attack/profile.h - which techniques a named set of actors is publicly known to use.
 *
 * A profile is a list of techniques with their references; how it is read from and written to a
 * STIX bundle is stix/profile_stix.h.  Overlap with a profile is said to be overlap, never
 * attribution: techniques are shared by many. */
#pragma once
#include "base/arena.h"

#include <stdint.h>

struct tcs_profile_use {
    struct tcs_str technique; /* "T1003.001", v19 number where the two differ */
    struct tcs_str reference; /* where it is published: advisory id or URL */
};

struct tcs_profile {
    struct tcs_str id, name, source; /* source: "AA22-264A, AA24-241A, AA24-290A" */
    struct tcs_profile_use *uses;    /* ascending by technique, each once */
    uint32_t nuses;
};

/* How far the techniques agree with a published profile.  Overlap is no attribution. */
struct tcs_overlap {
    struct tcs_str profile, source;           /* name; advisory or bundle it is from */
    uint32_t shared, of_incident, of_profile; /* techniques; parents count for their children */
    struct tcs_str *techniques;               /* the shared ones */
    uint32_t ntechniques;
};

/* What the techniques (as logs tagged them, v18 or v19) share with the profile; texts in `a`. */
struct tcs_overlap tcs_attack_profile_overlap(const struct tcs_profile *p,
                                              const struct tcs_str *techniques, uint32_t n,
                                              struct tcs_arena *a);

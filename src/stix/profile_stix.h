/* stix/profile_stix.h - actor profiles (attack/profile.h) from STIX bundles and back. */
#pragma once
#include "attack/profile.h"
#include "base/buf.h"
#include "stix/bundle.h"

/* Which actors: by ATT&CK id, STIX id, name or alias, case ignored. */
struct tcs_stix_pick {
    const char *const *groups; /* with the campaigns attributed to them */
    size_t ngroups;
    const char *const *campaigns;
    size_t ncampaigns;
    bool software; /* also what the software does that they use */
};

/* The techniques that the actors use, v19 numbers, with where that is published; all texts in `a`.
 * *modified: the newest time of what went in.  -TCS_EUSAGE: an actor is not there, or nothing is
 * known of it. */
int tcs_stix_profile_pick(const struct tcs_stix_bundle *b, const struct tcs_stix_pick *pick,
                          struct tcs_arena *a, struct tcs_profile *ret, int64_t *modified,
                          struct tcs_err *err);
/* A file with one profile: its intrusion sets, or else its campaigns, taken together.  -TCS_EUSAGE:
 * none, or so many that it is a whole knowledge base. */
int tcs_stix_profile_read(struct tcs_arena *a, struct tcs_str json, struct tcs_profile *ret,
                          struct tcs_err *err);
/* A bundle of STIX 2.1, marked TLP:CLEAR, one object a line; the same bytes for the same profile.
 */
void tcs_stix_profile_write(struct tcs_buf *b, const struct tcs_profile *p, int64_t modified);

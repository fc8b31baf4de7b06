/* detect/profiles.h - actor profiles from disk: --profiles, or those that come with tocsin. */
#pragma once
#include "attack/profile.h"
#include "base/err.h"
#include "detect/opts.h"

struct tcs_profiles {
    struct tcs_arena *arena;
    const struct tcs_profile **at; /* as tcs_chain_opts wants them */
    uint32_t n;
};

/* Reads files, and the .json files of folders in the order of their names.  Call before the
 * sandbox. Without --profiles and without the bundled folder there are none.  A file that is no
 * profile fails.  Release with tcs_detect_profiles_done, also after a failure. */
int tcs_detect_profiles_load(struct tcs_detect_list paths, struct tcs_profiles *ret,
                             struct tcs_err *err);
void tcs_detect_profiles_done(struct tcs_profiles *p);

/* sigma/ruleset.h - rules compiled for the engine (sigma/scan.h): once, then frozen and shared
 * by all threads. */
#pragma once
#include "base/buf.h"
#include "event/fieldset.h"
#include "sigma/logsource.h"
#include "sigma/rules.h"

struct tcs_ruleset;

struct tcs_ruleset_opts {
    bool no_prefilter; /* evaluate every rule of the group on every event: the differential test */
    bool no_memory;    /* look at every value anew, also at one that came before: the same */
    /* Names that get a slot although no rule may read them: for others who look at events. */
    const struct tcs_str *fields;
    uint32_t nfields;
};

/* Takes nothing over: `rules` and `ls` must outlive the ruleset.  Rules that can match no event
 * (see tcs_sigma_logsources_find) are kept but unreachable; tcs_sigma_ruleset_reachable tells. */
int tcs_sigma_ruleset_build(const struct tcs_rule *rules, uint32_t n,
                            const struct tcs_logsources *ls, const struct tcs_ruleset_opts *opts,
                            struct tcs_ruleset **ret, struct tcs_err *err);
void tcs_sigma_ruleset_free(struct tcs_ruleset *rs);
const struct tcs_fieldset *tcs_sigma_ruleset_fields(const struct tcs_ruleset *rs);
bool tcs_sigma_ruleset_reachable(const struct tcs_ruleset *rs, uint32_t rule);

/* As an image (base/image.h): the program that wrote it can view it for the same rules, logsources
 * and options.  -TCS_ENOMEM. */
int tcs_sigma_ruleset_save(const struct tcs_ruleset *rs, const struct tcs_logsources *ls,
                           struct tcs_buf *ret, struct tcs_err *err);
/* The ruleset that was saved; what is large stays in `image`, which is aligned to 8 and must
 * outlive it, as must `rules` and `ls`.  No bytes do more than fail, and what can be viewed keeps
 * every promise that a scan relies on: -TCS_ECORRUPT, -TCS_ENOMEM. */
int tcs_sigma_ruleset_view(struct tcs_str image, const struct tcs_rule *rules, uint32_t n,
                           const struct tcs_logsources *ls, struct tcs_ruleset **ret,
                           struct tcs_err *err);

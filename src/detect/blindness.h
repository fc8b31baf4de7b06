/* detect/blindness.h - which rules are blind where: by view of the logs, how many of the rules
 * that run cannot match there, or have parts that cannot be checked, for want of which fields. */
#pragma once
#include "detect/logs.h"
#include "detect/rulebook.h"

struct tcs_blind_field {
    struct tcs_str name;
    uint32_t rules; /* that ask for it */
};

struct tcs_blind_view {
    struct tcs_str product, name;
    uint32_t rules;                 /* that are tried there */
    uint32_t cannot_match, partly;  /* of these */
    struct tcs_blind_field *fields; /* most rules first; of very many the first that were met */
    uint32_t nfields;
};

/* Views in which some rule is blind, in `a`, most blind rules first; of `logs`, if given, only
 * those whose log was met.  False: no memory. */
bool tcs_detect_blind(const struct tcs_rulebook *book, struct tcs_logs *logs, struct tcs_arena *a,
                      struct tcs_blind_view **ret, uint32_t *n);

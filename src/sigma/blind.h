/* sigma/blind.h - where a rule does not see: what it asks for that a view never has. */
#pragma once
#include "sigma/logsource.h"

struct tcs_blind {
    bool cannot_match;      /* in this view, whatever a record holds */
    struct tcs_str *fields; /* of the rule, that the view never has; each once, in its order, the
                               first TCS_UNCHECKED_MAX */
    uint32_t nfields;
};

/* In `a`; false: no memory.  Of a view that has all of the rule's fields everything is zero. */
bool tcs_sigma_blind(const struct tcs_rule *rule, const struct tcs_view *view, struct tcs_arena *a,
                     struct tcs_blind *ret);

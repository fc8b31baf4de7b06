/* sigma/correlation_terms.h - a correlation's condition over rule names, asked apart from windows:
 * may it hold, and in which ways? */
#pragma once
#include "base/arena.h"
#include "sigma/ast.h"

/* Does the condition hold, `seen` telling which rules matched?  Not strict: as far as seen. */
bool tcs_sigma_terms_hold(const struct tcs_correlation *c, const bool *seen, bool strict);
/* Which rules occur outside `not`, and is there a `not`? */
void tcs_sigma_terms_polarity(const struct tcs_correlation *c, bool *counts, bool *negated);

/* A sequence of rules; one step's match must come after the one before it. */
struct tcs_sigma_term {
    uint32_t *inputs, n;
    uint32_t at; /* of its first step among all steps */
};

struct tcs_sigma_terms {
    struct tcs_sigma_term *at;
    uint32_t n, nsteps;
};

/* The ways in which it can hold, as sequences in the order of the list, added to *ret, which lives
 * in `a`.  False: too many, or no memory. */
bool tcs_sigma_terms_list(const struct tcs_correlation *c, struct tcs_arena *a,
                          struct tcs_sigma_terms *ret);
/* Can the condition hold without any match? */
bool tcs_sigma_terms_idle(const struct tcs_correlation *c);
/* Are the ways in which it can hold few enough to be followed in order? */
bool tcs_sigma_terms_in_order(const struct tcs_correlation *c);

/* sigma/correlate_terms.h - what the parser asks about a condition over rule names.  Internal to
 * src/sigma. */
#pragma once
#include "sigma/ast.h"

/* Can it hold without any match? */
bool tcs_correlation_idle(const struct tcs_correlation *c);
/* Are the ways in which it can hold few enough to be followed in order? */
bool tcs_correlation_in_order(const struct tcs_correlation *c);

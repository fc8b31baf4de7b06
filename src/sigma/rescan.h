/* sigma/rescan.h - which regular expressions a rule may have.  Internal to src/sigma. */
#pragma once
#include "base/str.h"

/* The name of the first construct that Sigma does not allow and that a matcher could spend
 * unbounded time on, its place in *at; NULL if there is none.  Does not check the syntax. */
const char *tcs_sigma_rescan(struct tcs_str re, size_t *at);

/* match/regexlit.h - what a regular expression cannot match without: for prefilters. */
#pragma once
#include "base/arena.h"

#include <stdint.h>

enum { TCS_REGEXLIT_MAX = 64 };

/* Literals (ASCII, folded) of which at least one is in every folded text that `pattern` matches, in
 * whatever mode.  Returns how many, with *ret in `a`; 0: none can be named.  Literals have at least
 * `shortest` bytes. */
uint32_t tcs_regexlit(struct tcs_arena *a, struct tcs_str pattern, size_t shortest,
                      struct tcs_str **ret);

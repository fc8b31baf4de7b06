/* match/regexlit.h - what a regular expression cannot match without: for prefilters. */
#pragma once
#include "base/arena.h"

#include <stdint.h>

enum { TCS_REGEXLIT_MAX = 64 };

/* What is in every folded text that the pattern matches, in whatever mode.  Literals are ASCII,
 * folded, at least one byte each. */
struct tcs_regexlit {
    struct tcs_str *any; /* at least one of these, the least usual such set; nany 0: unknown */
    struct tcs_str *all; /* all of these, in this order, one behind the other */
    uint32_t nany, nall;
    bool exact; /* the pattern is literals without letters, with `.*` between: `all` says it all */
};

/* In `a`; false when it is full. */
bool tcs_match_regexlit_find(struct tcs_arena *a, struct tcs_str pattern, struct tcs_regexlit *ret);
/* May a text with that folded form match?  `dotall`: the pattern's `.` takes line feeds as well
 * (what matters to exact ones, for which the answer is final). */
bool tcs_match_regexlit_may(const struct tcs_regexlit *rl, struct tcs_str folded, bool dotall);

/* match/glob.h - one wildcard pattern against one text (sigma/ast.h: TCS_ANY_RUN, TCS_ANY_ONE).
 *
 * Compiled once, then immutable; any thread.  Matching never backtracks over more than one
 * segment, so its time is at most text x longest segment, and linear without `?`. */
#pragma once
#include "base/arena.h"

#include <stdint.h>

enum tcs_glob_kind {
    TCS_G_ALL,      /* `*`: every text */
    TCS_G_EXACT,    /* lit */
    TCS_G_PREFIX,   /* lit* */
    TCS_G_SUFFIX,   /* *lit */
    TCS_G_CONTAINS, /* *lit* */
    TCS_G_PATTERN,  /* anything else */
};

struct tcs_glob {
    uint8_t kind;
    struct tcs_str lit; /* PATTERN: the longest literal run, for prefilters; may be empty */
    uint8_t lit_kind;   /* PATTERN: how `lit` must occur: EXACT never, PREFIX, SUFFIX, CONTAINS */
    struct tcs_str pat; /* PATTERN: all of it, runs of `*` merged */
};

/* In `a`; folded unless `cased`.  Returns false when `a` is full. */
bool tcs_match_glob_compile(struct tcs_arena *a, struct tcs_str pattern, bool cased,
                            struct tcs_glob *ret);
/* `text` is folded (or, for a cased pattern, clean) UTF-8. */
bool tcs_match_glob_match(const struct tcs_glob *g, struct tcs_str text);

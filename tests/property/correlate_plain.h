/* tests/property/correlate_plain.h - the plain matcher for correlations, written from
 * docs/correlations.md alone: every window is counted anew, nothing is kept between matches. */
#pragma once
#include "correlate/correlate.h"

enum { PLAIN_FIELDS = 8, PLAIN_REFS = 64 };

/* A match, or an inner correlation's result. */
struct plain_match {
    int64_t time;
    uint64_t record, offset, ref;
    uint32_t source, rule;
    struct tcs_str names[PLAIN_FIELDS], values[PLAIN_FIELDS]; /* canonical; empty: missing */
    /* of inner results only */
    bool at_end;    /* comes after all matches of its time */
    uint32_t corr1; /* its correlation + 1 */
    uint64_t order; /* of the match that made it: its place among all matches */
};

struct plain_input {
    const struct tcs_rule *rules;
    const struct tcs_correlation *corrs; /* at most two levels deep */
    uint32_t nrules, ncorrs;
    const struct plain_match *matches;
    uint32_t n;
};

/* Results in no particular order; those of correlations that make none of their own are left out.
 * The id is not filled in, nor refs of temporal_ordered. */
void plain_correlate(const struct plain_input *in,
                     void (*result)(void *ctx, const struct tcs_corr_result *r), void *ctx);

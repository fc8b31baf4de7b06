/* chain/advice.h - what to say about a technique or stage: in a sentence about the past, about
 * what usually comes next, about what to do, and about the log that would show what was not
 * seen.
 *
 * Static texts, in which {account} {host} {hosts} {address} stand for names;
 * tcs_chain_advice_fill puts them in.  Techniques may be of v18 or v19; what fits a technique
 * fits its sub-techniques. */
#pragma once
#include "base/arena.h"
#include "chain/finding.h"

enum { TCS_ADVICE_MAX = 24 }; /* rows that one call returns at most */

/* What an intruder who has come so far usually does next. */
struct tcs_advice_next {
    struct tcs_str after; /* a technique; empty: the stage alone */
    uint8_t after_stage;
    uint8_t stage;            /* of what comes */
    struct tcs_str technique; /* v19 number of what comes */
    struct tcs_str text;      /* one sentence */
    struct tcs_str source;    /* the publication that tells it: "AA22-264A" */
};

/* What to do about it. */
struct tcs_advice_step {
    struct tcs_str technique; /* for this one; empty: for the stage */
    uint8_t stage;            /* the stage it belongs to */
    uint8_t priority;         /* 1 first: what stops the worst soonest */
    uint8_t topic;            /* of rows with the same one, the first is given; 0: none */
    struct tcs_str text;      /* one sentence, imperative */
};

struct tcs_advice_names {
    struct tcs_str account, host, hosts, address; /* empty: "the account" ... stands in */
};

/* In the past tense, between account and host: "{account} PHRASE on {host} at 21:05 UTC."  The
 * parent's if the technique has none of its own, else the stage's; never empty. */
struct tcs_str tcs_chain_advice_phrase(struct tcs_str technique, uint8_t stage);
/* Rows that fit the techniques seen, then those of the furthest stage; what was seen already is
 * left out, and a technique comes once.  Returns how many are in ret. */
uint32_t tcs_chain_advice_next(const struct tcs_str *seen, uint32_t n, uint8_t furthest,
                               const struct tcs_advice_next *ret[TCS_ADVICE_MAX]);
/* Rows that fit the techniques seen or the stages seen (bits 1 << stage), by priority; rows of one
 * priority from the furthest stage back. */
uint32_t tcs_chain_advice_steps(const struct tcs_str *seen, uint32_t n, uint32_t stages,
                                const struct tcs_advice_step *ret[TCS_ADVICE_MAX]);
/* Is the row for one of these techniques, or, as it names none, for one of these stages? */
bool tcs_chain_advice_fits(const struct tcs_advice_step *row, const struct tcs_str *seen,
                           uint32_t n, uint32_t stages);
/* Which logs would show this stage: "no ... seen: feed ..."; empty for TCS_STAGE_NONE. */
struct tcs_str tcs_chain_advice_missing(uint8_t stage);
/* The text with names for the placeholders, in `a`; {NULL,0}: no memory. */
struct tcs_str tcs_chain_advice_fill(struct tcs_arena *a, struct tcs_str text,
                                     const struct tcs_advice_names *names);

/* sigma/standing.h - how a rule's condition stands where fields may be unknown: docs/matching.md
 * section 2, for the engine and for explain.  Internal to src/sigma. */
#pragma once
#include "sigma/ast.h"

/* One predicate on one event: its truth on the values that are there, and whether its fields are
 * known. */
struct sigma_tried {
    bool truth, known;
};
/* Tries predicate `pred` of the rule. */
typedef struct sigma_tried sigma_try_fn(void *ctx, uint32_t pred);

/* Of a part of the condition: true by the letter; whatever the unknown is; and has it something
 * that speaks for it? */
struct sigma_standing {
    bool letter, certain, speaks;
};

/* Of an AND (`all`) or an OR, with one more part.  `speaks` is of the parts: it counts for the
 * whole only where that is true by the letter. */
static inline struct sigma_standing
sigma_standing_with(struct sigma_standing whole, bool all, struct sigma_standing part)
{
    return (struct sigma_standing){
        .letter = all ? whole.letter && part.letter : whole.letter || part.letter,
        .certain = all ? whole.certain && part.certain : whole.certain || part.certain,
        .speaks = whole.speaks || part.speaks};
}

struct sigma_standing sigma_stand(const struct tcs_rule *rule, sigma_try_fn *try, void *ctx);
/* Of a condition that is true by the letter: each unknown predicate that it rests on, with the
 * search it is in (UINT32_MAX: none). */
void sigma_stand_rests_on(const struct tcs_rule *rule, sigma_try_fn *try, void *ctx,
                          void (*tell)(void *ctx, uint32_t search, uint32_t pred));

/* Does the predicate ask for absence: is it true of a field that is not there? */
static inline bool
sigma_asks_absence(const struct tcs_pred *p)
{
    return p->kind == TCS_P_NULL || (p->kind == TCS_P_EXISTS && p->num == 0);
}

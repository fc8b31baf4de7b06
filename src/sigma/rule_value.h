/* sigma/rule_value.h - a value of a rule and its chain of modifiers -> predicates.
 * Internal to src/sigma. */
#pragma once
#include "sigma/build.h"
#include "sigma/modifier.h"

/* The node for one value: a predicate, or an OR of what the modifiers made of it.  `v` is a scalar
 * that passed tcs_sigma_mods_check_value.  False after saying what is wrong. */
bool tcs_sigma_value_build(struct tcs_build *b, const struct tcs_mods *m, const struct tcs_ynode *v,
                           uint32_t *node);

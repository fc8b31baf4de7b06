/* attack/attack.h - the one table of ATT&CK techniques that the chain knows: stage, and the numbers
 * that changed between v18 and v19.  Extend here; docs/chain.md says why each stage. */
#pragma once
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Is it written as a technique's number: "T1059" or "T1059.001"? */
bool tcs_attack_well_formed(struct tcs_str s);
/* The v19 number of a technique: "T1562.001" -> "T1685"; unchanged ones as they are. */
struct tcs_str tcs_attack_v19(struct tcs_str technique);
/* enum tcs_stage of one technique of either version; the parent's if the child has no row;
 * TCS_STAGE_NONE if neither has. */
uint8_t tcs_attack_stage(struct tcs_str technique);
/* The stage of a rule with these techniques: the furthest along, where general techniques (valid
 * accounts, interpreters) count only if there is nothing better. */
uint8_t tcs_attack_stage_of(const struct tcs_str *techniques, uint32_t n);
/* A sign that comes before destruction: recovery removed, logs cleared, defences off by policy. */
bool tcs_attack_warns(struct tcs_str technique);
/* Hardly ever the work of an administrator: guessing, stealing credentials, web shells. */
bool tcs_attack_intrudes(struct tcs_str technique);
/* ATT&CK's name of the technique, or of its parent; empty if the tables have none. */
struct tcs_str tcs_attack_name(struct tcs_str technique);

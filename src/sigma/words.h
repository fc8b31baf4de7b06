/* sigma/words.h - the words of levels, statuses and ATT&CK tags, in one place. */
#pragma once
#include "base/str.h"

#include <stdint.h>

enum { TCS_LEVELS = 6, TCS_STATUSES = 6 };

/* "critical" for TCS_CRITICAL; "none" for a rule without one. */
const char *tcs_level_name(uint8_t level);
const char *tcs_status_name(uint8_t status);
/* The code of the word, 0 if there is no such (case ignored). */
uint8_t tcs_level_of(struct tcs_str word);
uint8_t tcs_status_of(struct tcs_str word);
/* How far along a rule is: stable 4, test 3, experimental 2, deprecated 1, unsupported and none 0.
 */
unsigned tcs_status_maturity(uint8_t status);

/* "attack.t1003.001" -> "T1003.001" written to out; false if the tag is not a technique's. */
bool tcs_tag_technique(struct tcs_str tag, char out[16]);
/* "attack.credential-access" (or with '_') -> index of the tactic in attack order, or -1. */
int tcs_tag_tactic(struct tcs_str tag);
/* Name of the tactic as ATT&CK writes it; NULL beyond the last. */
const char *tcs_tactic_name(unsigned i);

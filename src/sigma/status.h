/* sigma/status.h - the words of a rule's status. */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* "stable" for TCS_STABLE; "none" for a rule without one. */
const char *tcs_sigma_status_name(uint8_t status);
/* The code of the word, 0 if there is no such (case ignored). */
uint8_t tcs_sigma_status_of(struct tcs_str word);
/* How far along a rule is: stable 4, test 3, experimental 2, deprecated 1, unsupported and none 0.
 */
unsigned tcs_sigma_status_maturity(uint8_t status);

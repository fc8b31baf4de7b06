/* attack/level.h - how grave a finding is: the levels of Sigma, used for everything that is found.
 */
#pragma once
#include "base/str.h"

#include <stdint.h>

enum tcs_level {
    TCS_LEVEL_NONE,
    TCS_INFORMATIONAL,
    TCS_LOW,
    TCS_MEDIUM,
    TCS_HIGH,
    TCS_CRITICAL,
    TCS_LEVELS
};

/* "critical" for TCS_CRITICAL; "none" for what has no level. */
const char *tcs_attack_level_name(uint8_t level);
/* The code of the word, 0 if there is no such (case ignored). */
uint8_t tcs_attack_level_of(struct tcs_str word);

/* attack/level.c - the words of levels.  A table only. */
#include "attack/level.h"

#include "base/invariant.h"

static const char *const level_names[] = {
    [TCS_LEVEL_NONE] = "none", [TCS_INFORMATIONAL] = "informational",
    [TCS_LOW] = "low",         [TCS_MEDIUM] = "medium",
    [TCS_HIGH] = "high",       [TCS_CRITICAL] = "critical",
};
TCS_ROW_FOR_EACH(level_names, TCS_LEVELS);

const char *
tcs_attack_level_name(uint8_t level)
{
    return level_names[level < TCS_LEVELS ? level : 0];
}

uint8_t
tcs_attack_level_of(struct tcs_str word)
{
    for (uint8_t i = 1; i < TCS_LEVELS; i++)
        if (tcs_base_str_ieq(word, tcs_base_str_of(level_names[i])))
            return i;
    return 0;
}

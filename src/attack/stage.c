/* attack/stage.c - the words of stages. */
#include "attack/stage.h"

#include "base/invariant.h"

static const char *const names[] = {
    "", "account", "foothold", "credentials", "lateral movement", "destruction",
};
TCS_ROW_FOR_EACH(names, TCS_STAGES);

const char *
tcs_attack_stage_name(uint8_t stage)
{
    return stage < TCS_STAGES ? names[stage] : "";
}

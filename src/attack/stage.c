/* attack/stage.c - the words of stages. */
#include "attack/stage.h"

static const char *const names[TCS_STAGES] = {
    "", "account", "foothold", "credentials", "lateral movement", "destruction",
};

const char *
tcs_attack_stage_name(uint8_t stage)
{
    return stage < TCS_STAGES ? names[stage] : "";
}

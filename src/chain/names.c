/* chain/names.c - the words of stages and states. */
#include "chain/detection.h"

static const char *const stages[TCS_STAGES] = {
    "", "account", "foothold", "credentials", "lateral movement", "destruction",
};
static const char *const states[TCS_STATES] = {
    "", "watch", "warn", "imminent", "destruction seen",
};

const char *
tcs_stage_name(uint8_t stage)
{
    return stage < TCS_STAGES ? stages[stage] : "";
}

const char *
tcs_state_name(uint8_t state)
{
    return state < TCS_STATES ? states[state] : "";
}

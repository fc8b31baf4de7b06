/* chain/names.c - the words of stages and states. */
#include "chain/detection.h"

#include "base/invariant.h"

static const char *const stages[] = {
    "", "account", "foothold", "credentials", "lateral movement", "destruction",
};
TCS_ROW_FOR_EACH(stages, TCS_STAGES);
static const char *const states[] = {
    "", "watch", "warn", "imminent", "destruction seen",
};
TCS_ROW_FOR_EACH(states, TCS_STATES);

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

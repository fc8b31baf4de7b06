/* chain/names.c - the words of states. */
#include "chain/finding.h"

static const char *const states[TCS_STATES] = {
    "", "watch", "warn", "imminent", "destruction seen",
};

const char *
tcs_chain_state_name(uint8_t state)
{
    return state < TCS_STATES ? states[state] : "";
}

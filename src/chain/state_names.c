/* chain/state_names.c - the words of states. */
#include "chain/finding.h"

#include "base/invariant.h"

static const char *const states[] = {
    "", "watch", "warn", "imminent", "destruction seen",
};
TCS_ROW_FOR_EACH(states, TCS_STATES);

const char *
tcs_chain_state_name(uint8_t state)
{
    return state < TCS_STATES ? states[state] : "";
}

/* sigma/status.c - the words of a rule's status.  A table only. */
#include "sigma/status.h"

#include "base/invariant.h"
#include "sigma/ast.h"

static const struct {
    const char *name;
    unsigned maturity;
} statuses[] = {
    [TCS_STATUS_NONE] = {"none", 0},
    [TCS_STABLE] = {"stable", 4},
    [TCS_TEST] = {"test", 3},
    [TCS_EXPERIMENTAL] = {"experimental", 2},
    [TCS_DEPRECATED] = {"deprecated", 1},
    [TCS_UNSUPPORTED] = {"unsupported", 0},
};
TCS_ROW_FOR_EACH(statuses, TCS_STATUSES);

const char *
tcs_sigma_status_name(uint8_t status)
{
    return statuses[status < TCS_STATUSES ? status : 0].name;
}

uint8_t
tcs_sigma_status_of(struct tcs_str word)
{
    for (uint8_t i = 1; i < TCS_STATUSES; i++)
        if (tcs_base_str_ieq(word, tcs_base_str_of(statuses[i].name)))
            return i;
    return 0;
}

unsigned
tcs_sigma_status_maturity(uint8_t status)
{
    return statuses[status < TCS_STATUSES ? status : 0].maturity;
}

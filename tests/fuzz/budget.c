/* tests/fuzz/budget.c - each input of a fuzz target may take so many steps and no more
 * (steps/steps.h), in builds that count them: an input that stalls the program is found as one that
 * crashes it is.  The linker puts this between libFuzzer, or the replay, and the target.
 *
 * FUZZ_STEPS=1 in the environment prints, for each input, its bytes and its steps. */
#include "steps/steps.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

int __real_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
__wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t before = steps_now();
    steps_limit((uint64_t)BUDGET_ONCE + (uint64_t)BUDGET_BYTE * size);
    int ret = __real_LLVMFuzzerTestOneInput(data, size);
    steps_limit(UINT64_MAX);
    if (getenv("FUZZ_STEPS"))
        printf("%zu %llu\n", size, (unsigned long long)(steps_now() - before));
    return ret;
}

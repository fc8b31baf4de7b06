/* tests/fuzz/fuzz_cache.c - any bytes as stored rules, as if somebody had stolen the key that seals
 * them.  What loads keeps the promises of sigma/ast.h. */
/* claim: cache-checked */
#include "rules_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_err err;
    struct tcs_rules *got;
    uint8_t *exact = malloc(size ? size : 1); /* so that a read past the end is seen */
    WALK_CHECK(exact);
    if (size)
        memcpy(exact, data, size);
    int rc = tcs_sigma_rules_load((struct tcs_str){(const char *)exact, size}, &got, &err);
    WALK_CHECK(rc == 0 || rc == -TCS_ECORRUPT);
    if (rc == 0) {
        walk_rules(got);
        tcs_sigma_rules_free(got);
    }
    free(exact);
    return 0;
}

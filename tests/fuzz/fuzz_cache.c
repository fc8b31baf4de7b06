/* tests/fuzz/fuzz_cache.c - any bytes as compiled rules, behind a right header and a right keyed
 * hash: as if somebody had stolen the key.  What loads keeps the promises of sigma/ast.h. */
#include "rules_walk.h"

#include <sodium.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 8 + 32 + 4 + 16 + 32, SIGNED = 8 + 32 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tcs_cache_key key = {{1}, {2}};
    struct tcs_err err;
    struct tcs_buf b = {0};
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0), *got;
    /* the header of no rules at all is that of any others */
    WALK_CHECK(r && tcs_sigma_rules_finish(r, &err) == 0 &&
               tcs_sigma_rules_save(r, &key, &b, &err) == 0);
    tcs_sigma_rules_free(r);
    b.n = HEADER;
    tcs_base_buf_put(&b, data, size);
    WALK_CHECK(!b.failed);
    (void)crypto_generichash((uint8_t *)b.p + 8, 32, (const uint8_t *)b.p + SIGNED, b.n - SIGNED,
                             key.key, sizeof key.key);
    uint8_t *exact = malloc(b.n); /* so that a read past the end is seen */
    WALK_CHECK(exact);
    memcpy(exact, b.p, b.n);
    int rc = tcs_sigma_rules_load((struct tcs_str){(const char *)exact, b.n}, &key, &got, &err);
    WALK_CHECK(rc == 0 || rc == -TCS_ECORRUPT);
    if (rc == 0) {
        walk_rules(got);
        tcs_sigma_rules_free(got);
    }
    free(exact);
    tcs_base_buf_done(&b);
    return 0;
}

/* tests/fuzz/fuzz_rules.c - any bytes as a rule file: YAML, modifiers, conditions, filters,
 * correlations.  What loads keeps the promises of sigma/ast.h, and comes back out of the cache. */
#include "rules_walk.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tcs_str values[] = {{"a*", 2}, {"10.0.0.0/8", 10}, {"", 0}};
    static const struct tcs_placeholder ph[] = {{{"p", 1}, values, 3}, {{"q", 1}, values, 1}};
    struct tcs_err err;
    uint32_t n;
    struct tcs_buf bytes = {0};
    struct tcs_rules *r = tcs_sigma_rules_new(ph, 2), *again;
    struct tcs_str text = {(const char *)data, size};
    WALK_CHECK(r && tcs_sigma_rules_add(r, TCS_STR("a.yml"), text, &err) == 0);
    WALK_CHECK(tcs_sigma_rules_add(r, TCS_STR("b.yml"), text, &err) == 0); /* every id twice */
    WALK_CHECK(tcs_sigma_rules_finish(r, &err) == 0);
    walk_rules(r);
    const struct tcs_diag *d = tcs_sigma_rules_diags(r, &n);
    for (uint32_t i = 0; i < n; i++)
        WALK_CHECK(d[i].line > 0 && d[i].col > 0);
    WALK_CHECK(tcs_sigma_rules_save(r, &bytes, &err) == 0);
    WALK_CHECK(tcs_sigma_rules_load(tcs_base_buf_view(&bytes), &again, &err) == 0);
    walk_rules(again);
    tcs_sigma_rules_free(again);
    tcs_sigma_rules_free(r);
    tcs_base_buf_done(&bytes);
    return 0;
}

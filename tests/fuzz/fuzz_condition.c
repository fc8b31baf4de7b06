/* tests/fuzz/fuzz_condition.c - any text as the condition of a detection with eight searches. */
#include "rules_walk.h"
#include "sigma/collection.h"
#include "sigma/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a",       "b",        "_hidden", "sel_1",
                                        "sel_2_x", "filter_a", "all",     "x.conf"};
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    WALK_CHECK(r);
    struct tcs_load l = {.rules = r, .keep = r->keep, .scratch = r->scratch};
    struct tcs_build b = tcs_sigma_build_new(&l);
    struct tcs_rule rule = {0};
    uint32_t root;
    struct tcs_search searches[8];
    bool used[8] = {false};
    b.searches = searches;
    b.used = used;
    for (uint32_t i = 0; i < 8; i++)
        searches[b.nsearches++] =
            (struct tcs_search){.name = tcs_base_str_of(names[i]),
                                .root = tcs_sigma_build_pred(&b, (struct tcs_pred){0}),
                                .line = 1,
                                .col = 1};
    struct tcs_ynode y = {.kind = TCS_Y_SCALAR,
                          .type = TCS_YT_STR,
                          .inline_text = true,
                          .line = 1,
                          .col = 1,
                          .text = {(const char *)data, size}};
    if (tcs_sigma_condition_parse(&b, &y, &root, &rule.condition)) {
        tcs_sigma_build_keep(&b, root, &rule);
        walk_rule(&rule);
    } else {
        WALK_CHECK(l.refused);
    }
    tcs_sigma_rules_free(r);
    return 0;
}

/* tests/fuzz/fuzz_yaml.c - what the quick reader of YAML reads, libfyaml reads the same. */
#include "plain/yaml_same.h"
#include "sigma/yaml_block.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_str text = {(const char *)data, size};
    struct tcs_yaml quick, whole, again;
    struct tcs_err err;
    if (!a)
        abort();
    /* the whole way first: it says what is text at all */
    if (tcs_sigma_yaml_parse(a, text, &whole, &err) == 0 && sigma_yaml_block(a, text, &quick) &&
        (sigma_yaml_library(a, text, &again, &err) < 0 || !yaml_same(&quick, &again)))
        abort();
    tcs_base_arena_free(a);
    return 0;
}

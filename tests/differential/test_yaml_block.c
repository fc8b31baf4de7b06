/* Every rule file of the corpora, and our own: what the quick reader of YAML reads is what libfyaml
 * reads, in every member of every node; and it reads nearly all of them. */
#include "corpus.h"

#include "check.h"
#include "plain/yaml_same.h"
#include "sigma/yaml_block.h"

static void
test_same(void **state)
{
    struct tcs_arena *a = tcs_base_arena_new(0), *tmp = tcs_base_arena_new(0);
    struct tcs_yaml quick, whole;
    struct tcs_err err;
    size_t n, read = 0;
    const char **files = corpus_files(a, corpus_path(a, *state, "sigma"), ".yml", &n);
    for (size_t i = 0; i < n; i++) {
        struct tcs_str text = corpus_read(tmp, files[i]);
        if (sigma_yaml_block(tmp, text, &quick)) {
            read++;
            if (sigma_yaml_library(tmp, text, &whole, &err) || !yaml_same(&quick, &whole))
                fail_msg("%s: read differently", files[i]);
        }
        tcs_base_arena_reset(tmp);
    }
    print_message("%zu of %zu files\n", read, n);
    assert_true(read > n - n / 20);
    tcs_base_arena_free(tmp);
    tcs_base_arena_free(a);
}

int
main(void)
{
    const char *corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_same, (void *)(uintptr_t)corpora),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SigmaHQ's own rules: each loads, or is refused for a reason that the specification supports.
 * Counts from the corpus's README and a count with PyYAML. */
/* claims: finds, no-conversion */
#include "check.h"

#include "sigma/rules.h"

#include <ftw.h>

static struct tcs_rules *rules;

static int
add(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)ftw;
    struct tcs_err err;
    size_t len = strlen(path), n = (size_t)st->st_size;
    if (type != FTW_F || len < 4 || strcmp(path + len - 4, ".yml") != 0)
        return 0;
    char *text = malloc(n + 1);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fread(text, 1, n, f), n);
    fclose(f);
    assert_int_equal(
        tcs_sigma_rules_add(rules, tcs_base_str_of(path), (struct tcs_str){text, n}, &err), 0);
    free(text);
    return 0;
}

static void
load(const char *const *folders, size_t n)
{
    struct tcs_err err;
    char path[4096];
    rules = tcs_sigma_rules_new(NULL, 0);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/sigma/%s", check_corpora(), folders[i]);
        assert_int_equal(nftw(path, add, 16, FTW_PHYS), 0);
    }
    assert_int_equal(tcs_sigma_rules_finish(rules, &err), 0);
}

/* Documents with an error of that reason (NULL: any). */
static uint32_t
refused_for(const char *reason)
{
    uint32_t n, count = 0;
    const struct tcs_diag *d = tcs_sigma_rules_diags(rules, &n);
    struct tcs_str last = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (d[i].severity != TCS_SEV_ERROR || (reason && strcmp(d[i].reason, reason) != 0) ||
            (count && tcs_base_str_eq(d[i].path, last)))
            continue;
        last = d[i].path;
        count++;
    }
    return count;
}

static uint32_t
loaded(void)
{
    uint32_t n;
    (void)tcs_sigma_rules_all(rules, &n);
    return n;
}

/* 3,757 rules; two name %known_cdcs%, for which nobody gave values. */
static void
main_set(void **state)
{
    (void)state;
    static const char *const folders[] = {"rules", "rules-emerging-threats", "rules-threat-hunting",
                                          "rules-compliance"};
    load(folders, 4);
    assert_int_equal(tcs_sigma_rules_seen(rules), 3757);
    assert_int_equal(loaded(), 3755);
    assert_int_equal(refused_for(NULL), 2);
    assert_int_equal(refused_for("placeholder without values"), 2);
    tcs_sigma_rules_free(rules);
}

static void
placeholder_set(void **state)
{
    (void)state;
    static const char *const folders[] = {"rules-placeholder"};
    load(folders, 1);
    assert_int_equal(tcs_sigma_rules_seen(rules), 23);
    assert_int_equal(loaded(), 0);
    assert_int_equal(refused_for("placeholder without values"), 23);
    tcs_sigma_rules_free(rules);
}

/* 54 aggregations of Sigma 1; one is without its `|`. */
static void
unsupported_set(void **state)
{
    (void)state;
    static const char *const folders[] = {"unsupported"};
    load(folders, 1);
    assert_int_equal(refused_for("aggregation in the condition"), 54);
    tcs_sigma_rules_free(rules);
}

int
main(void)
{
    if (!check_corpora())
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(main_set),
        cmocka_unit_test(placeholder_set),
        cmocka_unit_test(unsupported_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

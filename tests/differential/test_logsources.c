/* Every logsource of SigmaHQ's Windows rules means some events, or the table says why not. */
#include "corpus.h"

/* Written to the ETW provider Microsoft-Windows-Kernel-File only, says the taxonomy. */
static const char *const no_event_log[] = {"file_access", "file_rename"};

static bool
listed(struct tcs_str category)
{
    for (size_t i = 0; i < sizeof no_event_log / sizeof *no_event_log; i++)
        if (tcs_base_str_eq(category, tcs_base_str_of(no_event_log[i])))
            return true;
    return false;
}

static void
test_windows_rules(void **state)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_logsources *ls = corpus_logsources();
    struct tcs_rules *rules = corpus_sigmahq(a, *state);
    unsigned with_views = 0, noted = 0, lost = 0, elsewhere = 0;
    uint32_t n;
    const struct tcs_rule *rule = tcs_sigma_rules_all(rules, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct tcs_logsource *want = &rule[i].logsource;
        uint32_t views;
        tcs_sigma_logsources_find(ls, want, &views);
        if (!tcs_base_str_eq(want->product, TCS_STR("windows"))) {
            elsewhere += views > 0;
            continue;
        }
        bool note = tcs_sigma_logsources_note(ls, want).n > 0;
        assert_int_equal(note, listed(want->category));
        with_views += views > 0;
        noted += note;
        if (!views && !note && lost++ < 20)
            print_error("%.*s: %.*s %.*s means nothing\n", TCS_STR_FMT(rule[i].doc.path),
                        TCS_STR_FMT(want->category), TCS_STR_FMT(want->service));
    }
    print_message("windows: %u rules with views, %u without event log; others: %u with views\n",
                  with_views, noted, elsewhere);
    assert_int_equal(lost, 0);
    assert_true(with_views > 2500);
    assert_true(noted > 0);
    tcs_sigma_rules_free(rules);
    tcs_sigma_logsources_free(ls);
    tcs_base_arena_free(a);
}

int
main(void)
{
    const char *corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_windows_rules, (void *)(uintptr_t)corpora),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

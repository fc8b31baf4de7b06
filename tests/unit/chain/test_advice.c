/* tests/unit/chain/test_advice.c - that the tables of advice are sound, and which rows are given
 * for what, by hand. */
#include "attack/attack.h"
#include "chain/advice_int.h"
#include "check.h"

#define T(lit)                                                                                     \
    {                                                                                              \
        "" lit, sizeof("" lit) - 1                                                                 \
    }

static void
tables(void **state)
{
    (void)state;
    assert_true(tcs_chain_advice_nphrases >= 60);
    for (uint32_t i = 0; i < tcs_chain_advice_nphrases; i++) {
        struct tcs_str t = tcs_base_str_of(tcs_chain_advice_phrases[i].technique);
        if (i && strcmp(tcs_chain_advice_phrases[i - 1].technique, t.p) >= 0)
            fail_msg("%s is out of order", t.p);
        check_str(tcs_attack_v19(t), t.p);
        assert_true(tcs_attack_name(t).n);
        assert_true(*tcs_chain_advice_phrases[i].text);
        assert_true(
            tcs_chain_advice_phrases[i].text[strlen(tcs_chain_advice_phrases[i].text) - 1] != '.');
    }
    for (uint32_t i = 0; i < tcs_chain_advice_nnexts; i++) {
        const struct tcs_advice_next *r = &tcs_chain_advice_nexts[i];
        assert_true(r->text.n && r->text.p[r->text.n - 1] == '.');
        assert_true(r->source.n);
        assert_true(tcs_attack_name(r->technique).n);
        assert_true(!r->after.n || tcs_attack_name(r->after).n);
        assert_true(r->after_stage > TCS_STAGE_NONE && r->after_stage < TCS_STAGES);
    }
    for (uint32_t i = 0; i < tcs_chain_advice_nsteps; i++) {
        const struct tcs_advice_step *r = &tcs_chain_advice_all_steps[i];
        assert_true(r->text.n && r->text.p[r->text.n - 1] == '.');
        assert_in_range(r->priority, 1, 5);
        if (r->technique.n && tcs_attack_stage(r->technique) != r->stage)
            fail_msg("%.*s: stage", TCS_STR_FMT(r->technique));
    }
}

static void
phrases(void **state)
{
    (void)state;
    check_str(tcs_chain_advice_phrase(TCS_STR("T1110"), 0), "had its password guessed");
    check_str(tcs_chain_advice_phrase(TCS_STR("T1110.001"), 0), "had its password guessed");
    check_str(tcs_chain_advice_phrase(TCS_STR("t1003.001"), 0),
              "read passwords from memory (LSASS)");
    check_str(tcs_chain_advice_phrase(TCS_STR("T1562.001"), 0), "switched off protection");
    check_str(tcs_chain_advice_phrase(TCS_STR("T1070.001"), 0), "cleared event logs");
    check_str(tcs_chain_advice_phrase(TCS_STR("T1543.003"), 0), "installed a service");
    check_str(tcs_chain_advice_phrase(TCS_STR("T9999"), TCS_STAGE_LATERAL), "moved between hosts");
    check_str(tcs_chain_advice_phrase(TCS_STR(""), TCS_STAGE_DESTROY),
              "damaged data or the way back to it");
    check_str(tcs_chain_advice_phrase(TCS_STR(""), 200), "was noticed");
}

static void
next(void **state)
{
    const struct tcs_advice_next *ret[TCS_ADVICE_MAX];
    const struct tcs_str spray[] = {T("T1110.003")};
    const struct tcs_str moved[] = {T("T1110.003"), T("T1003.001"), T("T1021.001")};
    uint32_t n = tcs_chain_advice_next(spray, 1, TCS_STAGE_ACCOUNT, ret);
    (void)state;
    assert_true(n >= 3);
    check_str(ret[0]->technique, "T1621");
    check_str(ret[1]->technique, "T1133");
    check_str(ret[2]->technique, "T1098.005");
    assert_int_equal(n, 3); /* T1133 of the stage was given already */
    n = tcs_chain_advice_next(moved, 3, TCS_STAGE_LATERAL, ret);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(ret[i]->stage >= TCS_STAGE_LATERAL);
        assert_false(tcs_base_str_eq(ret[i]->technique, TCS_STR("T1021.001")));
        for (uint32_t k = 0; k < i; k++)
            assert_false(tcs_base_str_eq(ret[i]->technique, ret[k]->technique));
    }
    check_str(ret[0]->technique, "T1570");
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++)
        assert_true(tcs_chain_advice_next(NULL, 0, s, ret) >= 1);
    assert_int_equal(tcs_chain_advice_next(NULL, 0, TCS_STAGE_NONE, ret), 0);
}

static void
steps(void **state)
{
    const struct tcs_advice_step *ret[TCS_ADVICE_MAX];
    const struct tcs_str seen[] = {T("T1490"), T("T1562.001"), T("T1110.003")};
    uint32_t n =
        tcs_chain_advice_steps(seen, 3, 1u << TCS_STAGE_DESTROY | 1u << TCS_STAGE_ACCOUNT, ret);
    bool tools = false;
    (void)state;
    assert_true(n > 5);
    assert_true(tcs_base_str_starts(ret[0]->text, TCS_STR("Cut {hosts} off the network now")));
    assert_true(tcs_base_str_starts(ret[1]->text, TCS_STR("Disable {account} and every account")));
    assert_true(tcs_base_str_starts(ret[2]->text, TCS_STR("Take the backup servers")));
    for (uint32_t i = 1; i < n; i++)
        assert_true(ret[i - 1]->priority <= ret[i]->priority);
    for (uint32_t i = 0, blocks = 0; i < n; i++) {
        blocks += tcs_base_str_starts(ret[i]->text, TCS_STR("Block {address}"));
        assert_true(blocks <= 1); /* one for the spray, none for the stage */
    }
    for (uint32_t i = 0; i < n; i++)
        tools = tools || tcs_base_str_eq(ret[i]->technique, TCS_STR("T1685"));
    assert_true(tools);
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++)
        assert_true(tcs_chain_advice_steps(NULL, 0, 1u << s, ret) >= 1);
    assert_int_equal(tcs_chain_advice_steps(NULL, 0, 0, ret), 0);
}

static void
fill(void **state)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    const struct tcs_advice_names names = {.account = TCS_STR("j.brandt"), .host = TCS_STR("FS02")};
    (void)state;
    check_str(tcs_chain_advice_fill(a, TCS_STR("{account} on {host}, {hosts}; {address} {other} {"),
                                    &names),
              "j.brandt on FS02, the hosts; the source address {other} {");
    check_str(tcs_chain_advice_fill(a, TCS_STR(""), &names), "");
    tcs_base_arena_free(a);
}

/* No row has a placeholder that is not filled. */
static void
all_filled(void **state)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    const struct tcs_advice_names names = {0};
    (void)state;
    for (uint32_t i = 0; i < tcs_chain_advice_nsteps; i++) {
        struct tcs_str s = tcs_chain_advice_fill(a, tcs_chain_advice_all_steps[i].text, &names);
        assert_int_equal(tcs_base_str_find(s, '{', 0), s.n);
    }
    for (uint32_t i = 0; i < tcs_chain_advice_nnexts; i++) {
        struct tcs_str s = tcs_chain_advice_fill(a, tcs_chain_advice_nexts[i].text, &names);
        assert_int_equal(tcs_base_str_find(s, '{', 0), s.n);
    }
    tcs_base_arena_free(a);
}

static void
missing(void **state)
{
    (void)state;
    check_str(tcs_chain_advice_missing(TCS_STAGE_NONE), "");
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++)
        assert_true(tcs_chain_advice_missing(s).n > 40);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables),  cmocka_unit_test(phrases), cmocka_unit_test(next),
        cmocka_unit_test(steps),   cmocka_unit_test(fill),    cmocka_unit_test(all_filled),
        cmocka_unit_test(missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

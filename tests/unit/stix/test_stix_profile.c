/* tests/unit/stix/test_stix_profile.c - profiles out of bundles, by hand: who is found by which
 * name, which relationships count, what is left out, and that what was written reads back the same.
 */
#include "base/time.h"
#include "check.h"
#include "stix/profile_stix.h"

#define PATTERN(id, t)                                                                             \
    "{\"type\":\"attack-pattern\",\"id\":\"attack-pattern--" id "\",\"name\":\"n\","               \
    "\"external_references\":[{\"source_name\":\"mitre-attack\",\"external_id\":\"" t "\"}]}"
#define LINK(kind, from, to, more)                                                                 \
    "{\"type\":\"relationship\",\"id\":\"relationship--" from to                                   \
    "\",\"relationship_type\":\"" kind "\",\"source_ref\":\"" from "\",\"target_ref\":\"" to       \
    "\"" more "}"

/* Set S1 with campaign C1 attributed to it and software W1; set S2; a revoked set. */
static const char *const bundle = "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
    /* relationships may come first */
    LINK("uses", "intrusion-set--1", "attack-pattern--1",
         ",\"external_references\":[{\"source_name\":\"CISA\",\"external_id\":\"AA22-264A\"},"
         "{\"source_name\":\"a paper\",\"url\":\"https://example.org/p\"}],"
         "\"modified\":\"2024-05-01T00:00:00.000Z\"") "," LINK("uses",
                                                               "intrusion-set--1", "attack-pattern--2", "") "," LINK("uses",
                                                                                                                     "intrusion-set--1",
                                                                                                                     "attack-pattern--3", ",\"revoked\":true") "," LINK("uses", "intrusion-set--1", "attack-pattern--4", ",\"x_mitre_deprecated\":true") "," LINK("uses", "intrusion-set--1", "attack-pattern--5", "") "," LINK("uses",
                                                                                                                                                                                                                                                                                                                                "intrusion-set--1", "attack-pattern--6", "") "," LINK("uses",
                                                                                                                                                                                                                                                                                                                                                                                      "intrusion-set--1",
                                                                                                                                                                                                                                                                                                                                                                                      "attack-pattern--99",
                                                                                                                                                                                                                                                                                                                                                                                      "") "," LINK("detects", "intrusion-set--1", "attack-pattern--3", "") "," LINK("attributed-to",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "campaign--1",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "intrusion-set--1",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "") "," LINK("uses",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "campaign--1", "attack-pattern--3", "") "," LINK("uses",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "intrusion-set--1", "malware--1", "") "," LINK("uses",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "malware--1",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "attack-pattern--4",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "") "," LINK("uses",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              "intrusion-set--2",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              "attack-pattern--4",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              "") "," LINK("uses",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "intrusion-set--3",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "attack-pattern--4", "") "," PATTERN("1",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "T1003.001") "," PATTERN("2",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "T1562.001") "," PATTERN("3",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "T1490") "," PATTERN("4",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "T1486") "," PATTERN("5",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "TA0040") "," PATTERN("6",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "T1685") ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "{\"type\":\"intrusion-set\",\"id\":\"intrusion-set--1\",\"name\":\"Sand Cat\",\"aliases\":[\"Sand "
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "Cat\",\"APT 0\"],\"modified\":\"2023-01-01T00:00:00Z\",\"external_references\":[{\"source_name\":"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "\"mitre-attack\",\"external_id\":\"G9001\"},{\"source_name\":\"other\"}]},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "{\"type\":\"intrusion-set\",\"id\":\"intrusion-set--2\",\"name\":\"Other\"},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "{\"type\":\"intrusion-set\",\"id\":\"intrusion-set--3\",\"name\":\"Gone\",\"revoked\":true},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "{\"type\":\"campaign\",\"id\":\"campaign--1\",\"name\":\"Night\",\"external_references\":[{"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "\"source_name\":\"mitre-attack\",\"external_id\":\"C9001\"}]},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":\"W\"},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "17,null,[],{},{\"type\":5},{\"type\":\"campaign\"},{\"type\":\"tool\",\"id\":[]}"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "]}";

static struct tcs_arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = tcs_base_arena_new(0);
    return arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    tcs_base_arena_free(arena);
    return 0;
}

static int
pick(const char *group, const char *campaign, bool software, struct tcs_profile *p,
     struct tcs_err *err)
{
    struct tcs_stix_bundle *b = NULL;
    const struct tcs_stix_pick one = {&group, group != NULL, &campaign, campaign != NULL, software};
    int64_t modified;
    assert_int_equal(tcs_stix_bundle_new(tcs_base_str_of(bundle), &b, err), 0);
    int r = tcs_stix_profile_pick(b, &one, arena, p, &modified, err);
    tcs_stix_bundle_free(b);
    return r;
}

static void
check_uses(const struct tcs_profile *p, const char *const *want)
{
    for (uint32_t i = 0; i < p->nuses; i++) {
        if (!want[i])
            fail_msg("one too many: %.*s", TCS_STR_FMT(p->uses[i].technique));
        check_str(p->uses[i].technique, want[i]);
    }
    assert_null(want[p->nuses]);
}

static void
group(void **state)
{
    /* T1562.001 is T1685, which is there already; T1490 comes by the campaign; T1486 only by the
     * software; TA0040 is no technique */
    static const char *const want[] = {"T1003.001", "T1490", "T1685", NULL};
    static const char *const more[] = {"T1003.001", "T1486", "T1490", "T1685", NULL};
    static const char *const names[] = {"G9001", "sand cat", "apt 0", "intrusion-set--1"};
    struct tcs_profile p;
    struct tcs_err err = {0};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pick(names[i], NULL, false, &p, &err), 0);
        check_uses(&p, want);
    }
    check_str(p.name, "Sand Cat");
    check_str(p.id, "G9001");
    check_str(p.source, "ATT&CK G9001, ATT&CK C9001");
    check_str(p.uses[0].reference, "AA22-264A, https://example.org/p");
    check_str(p.uses[1].reference, "ATT&CK C9001"); /* the relationship names nothing */
    assert_int_equal(pick("G9001", NULL, true, &p, &err), 0);
    check_uses(&p, more);
}

static void
campaign(void **state)
{
    static const char *const want[] = {"T1490", NULL};
    struct tcs_profile p;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(pick(NULL, "c9001", false, &p, &err), 0);
    check_uses(&p, want);
    check_str(p.name, "Night");
    check_str(p.source, "ATT&CK C9001");
}

static void
not_there(void **state)
{
    struct tcs_profile p;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(pick("Nobody", NULL, false, &p, &err), -TCS_EUSAGE);
    assert_non_null(strstr(err.msg, "Nobody"));
    assert_int_equal(pick("Gone", NULL, false, &p, &err), -TCS_EUSAGE);
    assert_int_equal(pick("", NULL, false, &p, &err), -TCS_EUSAGE);
    assert_int_equal(pick(NULL, "Sand Cat", false, &p, &err), -TCS_EUSAGE); /* a group, not that */
    assert_int_equal(pick(NULL, NULL, false, &p, &err), -TCS_EUSAGE);
}

static void
there_and_back(void **state)
{
    struct tcs_profile p, q;
    struct tcs_err err = {0};
    struct tcs_buf b = {0}, again = {0};
    int64_t t = 0;
    (void)state;
    assert_true(tcs_base_time_parse(TCS_STR("2024-05-01"), &t));
    assert_int_equal(pick("G9001", NULL, true, &p, &err), 0);
    tcs_stix_profile_write(&b, &p, t);
    tcs_stix_profile_write(&again, &p, t);
    assert_true(!b.failed && tcs_base_str_eq(tcs_base_buf_view(&b), tcs_base_buf_view(&again)));
    assert_int_equal(tcs_stix_profile_read(arena, tcs_base_buf_view(&b), &q, &err), 0);
    assert_true(tcs_base_str_eq(p.id, q.id));
    assert_true(tcs_base_str_eq(p.name, q.name));
    assert_true(tcs_base_str_eq(p.source, q.source));
    assert_int_equal(p.nuses, q.nuses);
    for (uint32_t i = 0; i < p.nuses; i++) {
        assert_true(tcs_base_str_eq(p.uses[i].technique, q.uses[i].technique));
        assert_true(tcs_base_str_eq(p.uses[i].reference, q.uses[i].reference));
    }
    tcs_base_buf_done(&b);
    tcs_base_buf_done(&again);
}

/* claim: stix-limits */
static void
refused(void **state)
{
    static const struct {
        const char *text, *part;
        int code;
    } rows[] = {
        {"", "not JSON", TCS_EPARSE},
        {"{", "not JSON", TCS_EPARSE},
        {"[]", "not a STIX bundle", TCS_EPARSE},
        {"{\"type\":\"bundle\"}", "not a STIX bundle", TCS_EPARSE},
        {"{\"type\":\"bundle\",\"objects\":{}}", "not a STIX bundle", TCS_EPARSE},
        {"{\"type\":\"bundle\",\"type\":\"bundle\",\"objects\":[]}", "duplicate", TCS_EPARSE},
        {"{\"type\":\"bundle\",\"objects\":[]}", "no intrusion set", TCS_EUSAGE},
        {"{\"type\":\"bundle\",\"objects\":[{\"type\":\"campaign\",\"id\":\"campaign--1\"}]}",
         "no ATT&CK technique", TCS_EUSAGE},
    };
    struct tcs_profile p = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcs_err err = {0};
        assert_int_equal(tcs_stix_profile_read(arena, tcs_base_str_of(rows[i].text), &p, &err),
                         -rows[i].code);
        if (!strstr(err.msg, rows[i].part))
            fail_msg("%s: %s", rows[i].text, err.msg);
        assert_int_equal(p.nuses, 0);
    }
}

/* 17 sets are a knowledge base. */
static void
too_many_actors(void **state)
{
    struct tcs_buf b = {0};
    struct tcs_profile p;
    struct tcs_err err = {0};
    (void)state;
    tcs_buf_lit(&b, "{\"type\":\"bundle\",\"objects\":[");
    for (int i = 0; i < 17; i++)
        tcs_base_buf_printf(&b, "%s{\"type\":\"intrusion-set\",\"id\":\"intrusion-set--%d\"}",
                            i ? "," : "", i);
    tcs_buf_lit(&b, "]}");
    assert_int_equal(tcs_stix_profile_read(arena, tcs_base_buf_view(&b), &p, &err), -TCS_EUSAGE);
    assert_non_null(strstr(err.msg, "17 actors"));
    tcs_base_buf_done(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group),     cmocka_unit_test(campaign),
        cmocka_unit_test(not_there), cmocka_unit_test(there_and_back),
        cmocka_unit_test(refused),   cmocka_unit_test(too_many_actors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/* tests/unit/stix/test_stix_attack_bundle.c - the real Enterprise ATT&CK: every technique of it is
 * in the chain's table, under its name; campaign C0038 has the 25 techniques that its page lists;
 * and the bundled profile, written from the advisories, holds 22 of them.  Truth: MITRE's bundle
 * (v18). */
#include "attack/attack.h"
#include "check.h"
#include "stix/profile_stix.h"

static struct tcs_arena *arena;
static struct tcs_stix_bundle *bundle;

static struct tcs_str
slurp(const char *dir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return (struct tcs_str){0};
    struct tcs_buf b = {0};
    char *p;
    size_t n;
    while ((p = tcs_base_buf_room(&b, 1 << 20)) && (n = fread(p, 1, 1 << 20, f)) > 0)
        b.n += n;
    fclose(f);
    struct tcs_str s = tcs_base_arena_str(arena, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return s;
}

static void
every_technique(void **state)
{
    uint32_t n, techniques = 0, other = 0;
    const struct tcs_stix_object *o = tcs_stix_objects(bundle, &n);
    (void)state;
    for (uint32_t i = 0; i < n; i++) {
        if (o[i].kind != TCS_STIX_PATTERN)
            continue;
        struct tcs_str name = tcs_attack_name(o[i].external);
        bool same = tcs_base_str_eq(name, o[i].name);
        techniques++;
        if (!name.n)
            fail_msg("%.*s is not known", TCS_STR_FMT(o[i].external));
        /* v19 renamed what it renumbered */
        bool renewed = !tcs_base_str_eq(tcs_attack_v19(o[i].external), o[i].external);
        if (!same && !renewed)
            fail_msg("%.*s: %.*s", TCS_STR_FMT(o[i].external), TCS_STR_FMT(name));
        other += !same;
    }
    printf("%u techniques, %u renewed under another name\n", techniques, other);
    assert_true(techniques > 600);
}

static void
homeland_justice(void **state)
{
    static const char *const c = "C0038";
    const struct tcs_stix_pick pick = {.campaigns = &c, .ncampaigns = 1};
    struct tcs_profile theirs, ours;
    struct tcs_str seen[64];
    struct tcs_err err = {0};
    int64_t modified;
    (void)state;
    assert_int_equal(tcs_stix_profile_pick(bundle, &pick, arena, &theirs, &modified, &err), 0);
    check_str(theirs.name, "HomeLand Justice");
    assert_int_equal(theirs.nuses, 25);
    struct tcs_str text = slurp(getenv("PROFILES"), "iran-linked.json");
    assert_int_equal(tcs_stix_profile_read(arena, text, &ours, &err), 0);
    check_str(ours.source, "AA22-264A, AA24-241A, AA24-290A");
    for (uint32_t i = 0; i < theirs.nuses; i++)
        seen[i] = theirs.uses[i].technique;
    struct tcs_overlap o = tcs_attack_profile_overlap(&ours, seen, theirs.nuses, arena);
    printf("%u of %u techniques of C0038 are among the %u of the bundled profile\n", o.shared,
           o.of_incident, o.of_profile);
    /* not: T1134.001, and the two of preparation, T1588.002 and T1588.003 */
    assert_int_equal(o.of_incident, 25);
    assert_int_equal(o.shared, 22);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_technique),
        cmocka_unit_test(homeland_justice),
    };
    struct tcs_err err = {0};
    const char *corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    arena = tcs_base_arena_new(0);
    struct tcs_str text = slurp(corpora, "attack/enterprise-attack.json");
    if (!text.n) {
        puts("skipped: no ATT&CK bundle in the corpora");
        return EXIT_SKIP;
    }
    if (tcs_stix_bundle_new(text, &bundle, &err) < 0) {
        puts(err.msg);
        return 1;
    }
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    tcs_stix_bundle_free(bundle);
    tcs_base_arena_free(arena);
    return r;
}

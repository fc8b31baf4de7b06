/* tests/rules/test_rules.c - the project's rules: each loads without a remark, matches its own test
 * events and not its counter-examples; and over the bundled case each finds what the story tells.
 *
 * A file with a correlation has no test events for the rules in it, but for the correlation: the
 * events of NAME.match.jsonl give one result, and without the last of them none, so that they show
 * the threshold exactly; those of NAME.no-match.jsonl give none.
 *
 * argv: the folder of rules, the folder of the case's logs.  The engine and the plain matcher are
 * both asked.  The numbers of the case are counted in cases/night-shift, by hand. */
#include "rules_run.h"

static const char *case_dir;

static void
rules_load_without_remark(void **state)
{
    (void)state;
    uint32_t n;
    const struct tcs_diag *d = tcs_sigma_rules_diags(t.rules, &n);
    if (n)
        fail_msg("%.*s:%u: %.*s", TCS_STR_FMT(d->path), d->line, TCS_STR_FMT(d->text));
    for (uint32_t i = 0; i < t.n; i++)
        if (!tcs_sigma_ruleset_reachable(t.set, i))
            fail_msg("%.*s can match no event", TCS_STR_FMT(t.all[i].doc.path));
}

/* `how` is run, or scan_inputs for events that need no time. */
static struct count
run_events(const struct tcs_doc *doc, const char *kind, uint32_t stop,
           void (*how)(const char *path, struct count *c))
{
    char path[PATH_SIZE];
    struct count c = {.stop = stop};
    snprintf(path, sizeof path, "%s/tests/%.*s.%s.jsonl", rules_dir, TCS_STR_FMT(stem(doc)), kind);
    how(path, &c);
    if (!c.events)
        fail_msg("%s holds no event", path);
    return c;
}

/* The correlation that the test events of its file are for: one that no other is made of. */
static const struct tcs_doc *
tested_correlation(struct tcs_str path)
{
    for (uint32_t i = 0; i < t.ncorrs; i++)
        if (tcs_base_str_eq(t.corrs[i].doc.path, path) &&
            tcs_correlate_plan_corr_alerts(t.corrplan, i))
            return &t.corrs[i].doc;
    return NULL;
}

static void
test_events(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < t.n; i++) {
        if (tested_correlation(t.all[i].doc.path))
            continue;
        struct count c = run_events(&t.all[i].doc, "match", 0, scan_inputs);
        if (c.hits[i] != c.events)
            fail_msg("%.*s: %u of %u events match", TCS_STR_FMT(stem(&t.all[i].doc)), c.hits[i],
                     c.events);
        c = run_events(&t.all[i].doc, "no-match", 0, scan_inputs);
        if (c.hits[i])
            fail_msg("%.*s: %u counter-examples match", TCS_STR_FMT(stem(&t.all[i].doc)),
                     c.hits[i]);
    }
}

static uint32_t
hits_of_all(const struct count *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t.n; i++)
        n += c->hits[i];
    return n;
}

static void
test_correlations(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < t.ncorrs; i++) {
        const struct tcs_doc *doc = &t.corrs[i].doc;
        if (!tcs_correlate_plan_corr_alerts(t.corrplan, i))
            continue;
        if (tested_correlation(doc->path) != doc)
            fail_msg("%.*s: a file is for one correlation", TCS_STR_FMT(doc->path));
        struct count all = run_events(doc, "match", 0, run);
        struct count less = run_events(doc, "match", all.events - 1, run);
        struct count none = run_events(doc, "no-match", 0, run);
        if (hits_of_all(&none) < all.events)
            fail_msg("%.*s: counter-examples that are far from it", TCS_STR_FMT(stem(doc)));
        if (all.results[i] != 1 || less.results[i] || none.results[i])
            fail_msg("%.*s: %u results, %u without the last event, %u of counter-examples",
                     TCS_STR_FMT(stem(doc)), all.results[i], less.results[i], none.results[i]);
    }
}

enum { MANY = UINT32_MAX }; /* what everybody does all day: some, not counted */

/* What the story tells, per rule by its file or name; background included where a rule means it.
 * Rules and correlations that are not here find nothing in it. */
static const struct {
    const char *rule;
    uint32_t hits;
} story[] = {
    {"win_security_logon_failed_public_address", 25 + 19}, /* two rounds of the spray */
    {"win_security_kerberos_preauth_failed", 20 + 4},      /* spray; slips of the keyboard */
    {"win_security_remote_desktop_logon_public_address", 1},
    {"win_session_logon_public_address", 1},
    {"win_security_debug_privilege_assigned", 3}, /* WS07, FS02, DC01 */
    {"win_security_service_manager_pipe", 1},
    {"win_system_service_command_interpreter", 2}, /* FS02, DC01 */
    {"win_security_service_command_interpreter", 1},
    {"proc_creation_win_services_command_interpreter", 3}, /* FS02: Sysmon and 4688; DC01: 4688 */
    {"proc_creation_win_domain_administrators_listed", 2}, /* net group, nltest */
    {"proc_creation_win_lsass_dump_comsvcs", 1},
    {"proc_access_win_lsass_memory_read", 2},     /* rundll32, powershell */
    {"proc_creation_win_registry_hive_saved", 2}, /* SAM, SYSTEM */
    {"win_defender_realtime_protection_off", 2},  /* FS02, DC01 */
    {"win_defender_setting_weakened", 1},
    {"posh_ps_defender_preference_weakened", 2},       /* FS02, DC01 */
    {"proc_creation_win_security_service_stopped", 2}, /* stop, disable */
    {"proc_creation_win_shadow_copies_deleted", 4},    /* FS02: vssadmin twice, wmic; DC01 */
    {"proc_creation_win_boot_recovery_disabled", 3},   /* FS02: two settings; DC01 */
    {"proc_creation_win_backup_catalog_deleted", 1},
    {"win_security_logon_failed_address", 25 + 19 + 1}, /* the spray; h.brandt's slip */
    {"win_security_remote_logon", MANY},
    {"win_security_remote_desktop_logon", 2}, /* j.falk, h.brandt */
    {"tocsin_remote_desktop_session", 2},     /* the same two */
    {"tocsin_service_installed", 3},          /* FS02, DC01; the nightly backup */
    {"tocsin_service_installed_audit", 1},
    {"tocsin_password_spray_address", 2},     /* two rounds, twenty minutes apart */
    {"tocsin_password_spray_then_logon", 1},  /* j.falk */
    {"tocsin_password_spray_kerberos", 1},    /* only the first round reached DC01 */
    {"tocsin_security_tool_off_on_hosts", 1}, /* FS02, DC01 */
    {"tocsin_recovery_removed_on_hosts", 1},  /* FS02, DC01 */
};

static void
check_story(const struct tcs_doc *doc, uint32_t hits)
{
    uint32_t want = 0;
    for (size_t i = 0; i < sizeof story / sizeof story[0]; i++)
        if (tcs_base_str_eq(stem(doc), tcs_base_str_of(story[i].rule)) ||
            tcs_base_str_eq(doc->name, tcs_base_str_of(story[i].rule)))
            want = story[i].hits;
    if (want == MANY ? !hits : hits != want)
        fail_msg("%.*s, %.*s: %u hits, the story has %u", TCS_STR_FMT(stem(doc)),
                 TCS_STR_FMT(doc->name), hits, want);
}

static void
bundled_case(void **state)
{
    (void)state;
    struct count c = {0};
    run(case_dir, &c);
    for (uint32_t i = 0; i < t.n; i++)
        check_story(&t.all[i].doc, c.hits[i]);
    for (uint32_t i = 0; i < t.ncorrs; i++)
        if (tcs_correlate_plan_corr_alerts(t.corrplan, i))
            check_story(&t.corrs[i].doc, c.results[i]);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_load_without_remark),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_correlations),
        cmocka_unit_test(bundled_case),
    };
    if (argc != 3)
        return 1;
    rules_dir = argv[1];
    case_dir = argv[2];
    return cmocka_run_group_tests(tests, load, unload);
}

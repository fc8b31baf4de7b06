/* unit/detect/test_profiles.c - which profile files are read, and that those bundled are. */
#include "check.h"
#include "detect/profiles.h"

#include <sys/stat.h>
#include <unistd.h>

/* A campaign with one technique. */
#define SMALL(name)                                                                                \
    "{\"type\":\"bundle\",\"objects\":["                                                           \
    "{\"type\":\"campaign\",\"id\":\"campaign--1\",\"name\":\"" name "\"},"                        \
    "{\"type\":\"attack-pattern\",\"id\":\"attack-pattern--1\",\"external_references\":[{"         \
    "\"source_name\":\"mitre-attack\",\"external_id\":\"T1490\"}]},"                               \
    "{\"type\":\"relationship\",\"relationship_type\":\"uses\",\"source_ref\":\"campaign--1\","    \
    "\"target_ref\":\"attack-pattern--1\"}]}"

static char dir[] = "/tmp/tocsin-profiles-XXXXXX";

static const char *
put(const char *name, const char *text)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static void
folder(void **state)
{
    const char *at[] = {dir};
    const struct tcs_detect_list paths = {at, 1};
    struct tcs_profiles p;
    struct tcs_err err = {0};
    (void)state;
    put("b.json", SMALL("second"));
    put("a.json", SMALL("first"));
    put("c.txt", "not read");
    put(".d.json", "not read");
    assert_int_equal(tcs_detect_profiles_load(paths, &p, &err), 0);
    assert_int_equal(p.n, 2);
    check_str(p.at[0]->name, "first");
    check_str(p.at[1]->name, "second");
    check_str(p.at[0]->uses[0].technique, "T1490");
    tcs_detect_profiles_done(&p);
}

static void
bad(void **state)
{
    const char *at[] = {dir};
    const struct tcs_detect_list paths = {at, 1};
    struct tcs_profiles p;
    struct tcs_err err = {0};
    (void)state;
    const char *path = put("z.json", "{");
    assert_int_equal(tcs_detect_profiles_load(paths, &p, &err), -TCS_EPARSE);
    assert_non_null(strstr(err.msg, "z.json: not JSON"));
    tcs_detect_profiles_done(&p);
    unlink(path);
    at[0] = "/nonexistent";
    assert_int_equal(tcs_detect_profiles_load(paths, &p, &err), -TCS_EIO);
    tcs_detect_profiles_done(&p);
}

static void
bundled(void **state)
{
    const char *at[] = {getenv("PROFILES")};
    const struct tcs_detect_list paths = {at, 1};
    struct tcs_profiles p;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(tcs_detect_profiles_load(paths, &p, &err), 0);
    assert_true(p.n >= 1);
    check_str(p.at[0]->source, "AA22-264A, AA24-241A, AA24-290A");
    assert_true(p.at[0]->nuses >= 40);
    for (uint32_t i = 0; i < p.at[0]->nuses; i++)
        assert_true(tcs_base_str_starts(p.at[0]->uses[i].reference, TCS_STR("AA2")));
    tcs_detect_profiles_done(&p);
}

static int
make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int
remove_dir(void **state)
{
    static const char *const names[] = {"a.json", "b.json", "c.txt", ".d.json", "z.json"};
    char path[128];
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder),
        cmocka_unit_test(bad),
        cmocka_unit_test(bundled),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

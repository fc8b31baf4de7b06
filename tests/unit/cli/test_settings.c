/* Tests cli/options.c and settings.c: argv to settings. */
#include "attack/level.h"
#include "check.h"

#include "base/time.h"
#include "cli/command.h"

static const struct tcs_command hunt = {.name = "hunt", .options = tcs_options_hunt};

enum { ARGS_MAX = 12 };

/* Parses the words; argv is kept by the caller, because settings point into it. */
static int
parse(char *argv[ARGS_MAX], struct tcs_settings *set, struct tcs_err *err)
{
    int n = 0;
    while (argv[n])
        n++;
    return tcs_settings_parse(&hunt, n, argv, set, err);
}

#define ARGV(...)                                                                                  \
    (char *[ARGS_MAX])                                                                             \
    {                                                                                              \
        words[0], __VA_ARGS__, NULL                                                                \
    }

static char *
word(const char *s)
{
    static char store[64][64];
    static size_t next;
    char *p = store[next++ % 64];
    snprintf(p, 64, "%s", s);
    return p;
}

static void
test_values(void **state)
{
    char *words[] = {word("hunt")};
    struct tcs_settings s;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(
        parse(ARGV(word("a.evtx"), word("--level"), word("High"), word("-j"), word("3"),
                   word("-fjsonl"), word("b.evtx"), word("--rules=r1"), word("-r"), word("r2")),
              &s, &err),
        0);
    assert_int_equal(s.npaths, 2);
    assert_string_equal(s.paths[0], "a.evtx");
    assert_string_equal(s.paths[1], "b.evtx");
    assert_int_equal(s.level, TCS_HIGH);
    assert_int_equal(s.threads, 3);
    assert_int_equal(s.format, TCS_OUT_JSONL);
    assert_int_equal(s.rules.n, 2);
    assert_string_equal(s.rules.at[1], "r2");
    assert_int_equal(s.from, TCS_TIME_NONE);
    assert_false(s.carve);
}

static void
test_times(void **state)
{
    char *words[] = {word("hunt")};
    struct tcs_settings s;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(
        parse(ARGV(word("--from"), word("1970-01-02"), word("--to"), word("1970-01-01T00:00:01Z")),
              &s, &err),
        0);
    assert_int_equal(s.from, INT64_C(86400) * TCS_TICKS_PER_SEC);
    assert_int_equal(s.to, TCS_TICKS_PER_SEC);
}

static void
test_refused(void **state)
{
    static const char *const bad[][3] = {
        {"--level", "loud", "loud"},     {"--status", "new", "new"},
        {"--threads", "0", "threads"},   {"--threads", "1x", "1x"},
        {"--from", "today", "today"},    {"--format", "flat", "flat"},
        {"--no-such", "x", "--no-such"}, {"--fail-level", "none", "none"},
    };
    char *words[] = {word("hunt")};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tcs_settings s;
        struct tcs_err err = {0};
        assert_int_equal(parse(ARGV(word(bad[i][0]), word(bad[i][1])), &s, &err), -TCS_EUSAGE);
        if (!strstr(err.msg, bad[i][2]))
            fail_msg("'%s' does not say '%s'", err.msg, bad[i][2]);
    }
}

static void
test_help_and_dashes(void **state)
{
    char *words[] = {word("hunt")};
    struct tcs_settings s;
    struct tcs_err err = {0};
    (void)state;
    assert_int_equal(parse(ARGV(word("x"), word("--help")), &s, &err), 1);
    assert_int_equal(parse(ARGV(word("-h")), &s, &err), 1);
    assert_int_equal(parse(ARGV(word("-"), word("--"), word("--level")), &s, &err), 0);
    assert_int_equal(s.npaths, 2);
    assert_string_equal(s.paths[0], "-");
    assert_string_equal(s.paths[1], "--level");
    assert_true(s.threads >= 1);
}

static void
test_list_limit(void **state)
{
    char *argv[2 * TCS_SETTING_LIST_MAX + 4] = {word("hunt")};
    static char option[] = "-r", value[] = "x";
    struct tcs_settings s;
    struct tcs_err err = {0};
    int n = 1;
    (void)state;
    for (int i = 0; i <= TCS_SETTING_LIST_MAX; i++) {
        argv[n++] = option;
        argv[n++] = value;
    }
    assert_int_equal(tcs_settings_parse(&hunt, n, argv, &s, &err), -TCS_ELIMIT);
    assert_int_equal(tcs_settings_parse(&hunt, n - 2, argv, &s, &err), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_times),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_help_and_dashes),
        cmocka_unit_test(test_list_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

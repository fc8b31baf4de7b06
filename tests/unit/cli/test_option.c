/* Tests cli/option.c and option_groups.c: argv to a command's struct, on a command made for it that
 * has every kind of value.  Times are by hand from the calendar. */
#include "attack/level.h"
#include "check.h"

#include "cli/option_groups.h"
#include "sigma/ast.h"

enum { ARGS_MAX = 16, FIRST_COLOUR = 3 };

struct made {
    struct tcs_cli_rules rules;
    struct tcs_cli_records records;
    struct tcs_cli_run run;
    struct tcs_cli_list names;
    uint8_t format, colour, fail_level;
    const char *output, *folder;
};

static const struct tcs_cli_option rows[] = {
    TCS_CLI_OPT_RULES(struct made, rules),
    TCS_CLI_OPTS_CHOOSE(struct made, rules),
    TCS_CLI_OPTS_RECORDS(struct made, records),
    TCS_CLI_OPT_FORMAT(struct made, format),
    TCS_CLI_OPT_OUTPUT(struct made, output),
    TCS_CLI_OPT_STORE(struct made, folder),
    TCS_CLI_OPT_THREADS(struct made, run),
    TCS_CLI_OPTS_RUN(struct made, run),
    TCS_CLI_ROW("name", 0, "NAME", NULL, "", TCS_CLI_LIST(struct made, names, "name something")),
    TCS_CLI_ROW("fail-level", 0, "LEVEL", NULL, "", TCS_CLI_LEVEL(struct made, fail_level)),
    TCS_CLI_ROW("colour", 'c', "WORD", "red green", "",
                TCS_CLI_WORD(struct made, colour, FIRST_COLOUR, "is no colour: red or green")),
    {0},
};

/* The words of a command line after the command's name; getopt moves them about. */
#define PARSE(...) parse((char *[ARGS_MAX]){name, __VA_ARGS__, NULL})

static char name[] = "made";
static struct made got;
static struct tcs_cli_operands operands;
static struct tcs_err err;

static int
parse(char **argv)
{
    int n = 0;
    while (argv[n])
        n++;
    got = (struct made){.records = {.from = TCS_TIME_NONE, .to = TCS_TIME_NONE}};
    err = (struct tcs_err){0};
    return tcs_cli_options_parse(rows, n, argv, &got, &operands, &err);
}

/* Literals are not const for getopt, which does not change them either. */
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
    (void)state;
    char *argv[ARGS_MAX] = {
        name,       word("a.evtx"),  word("--level"),  word("High"),    word("-j"),
        word("3"),  word("-fjsonl"), word("b.evtx"),   word("--carve"), word("--rules=r1"),
        word("-r"), word("r2"),      word("--status"), word("test"),    word("-qcgreen")};
    assert_int_equal(parse(argv), 0);
    assert_int_equal(operands.n, 2);
    assert_string_equal(operands.at[0], "a.evtx");
    assert_string_equal(operands.at[1], "b.evtx");
    assert_int_equal(got.rules.level, TCS_HIGH);
    assert_int_equal(got.rules.status, TCS_TEST);
    assert_int_equal(got.run.threads, 3);
    assert_int_equal(got.format, TCS_OUT_JSONL);
    assert_int_equal(got.colour, FIRST_COLOUR + 1);
    assert_int_equal(got.rules.paths.n, 2);
    assert_string_equal(got.rules.paths.at[1], "r2");
    assert_true(got.run.quiet);
    assert_true(got.records.carve);
    /* what was not given is as it was */
    assert_int_equal(got.records.from, TCS_TIME_NONE);
    assert_false(got.run.no_progress);
    assert_int_equal(got.fail_level, TCS_LEVEL_NONE);
    assert_null(got.output);
}

static void
test_times(void **state)
{
    (void)state;
    assert_int_equal(
        PARSE(word("--from"), word("1970-01-02"), word("--to"), word("1970-01-01T00:00:01Z")), 0);
    assert_int_equal(got.records.from, INT64_C(86400) * TCS_TICKS_PER_SEC);
    assert_int_equal(got.records.to, TCS_TICKS_PER_SEC);
}

static void
test_refused(void **state)
{
    static const char *const bad[][3] = {
        {"--level", "loud", "critical"},  {"--status", "new", "experimental"},
        {"--threads", "0", "threads"},    {"--threads", "1x", "1x"},
        {"--threads", "257", "256"},      {"--from", "today", "2026-04-20"},
        {"--format", "flat", "flat"},     {"--format", "", "no format"},
        {"--colour", "blue", "green"},    {"--colour", "red green", "no colour"},
        {"--no-such", "x", "--no-such"},  {"--fail-level", "none", "none"},
        {"--state", "", "name a folder"}, {"--name", "", "name something"},
        {"--quiet=1", "x", "no value"},   {"--output", NULL, "needs a value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(PARSE(word(bad[i][0]), bad[i][1] ? word(bad[i][1]) : NULL), -TCS_EUSAGE);
        if (!strstr(err.msg, bad[i][2]))
            fail_msg("'%s' does not say '%s'", err.msg, bad[i][2]);
    }
}

static void
test_help_and_dashes(void **state)
{
    (void)state;
    assert_int_equal(PARSE(word("x"), word("--help")), 1);
    assert_int_equal(PARSE(word("-h")), 1);
    assert_int_equal(PARSE(word("-"), word("--"), word("--level")), 0);
    assert_int_equal(operands.n, 2);
    assert_string_equal(operands.at[0], "-");
    assert_string_equal(operands.at[1], "--level");
}

static void
test_list_limit(void **state)
{
    char *argv[2 * TCS_CLI_LIST_MAX + 4] = {name};
    static char option[] = "-r", value[] = "x";
    int n = 1;
    (void)state;
    for (int i = 0; i < TCS_CLI_LIST_MAX; i++) {
        argv[n++] = option;
        argv[n++] = value;
    }
    assert_int_equal(parse(argv), 0);
    assert_int_equal(got.rules.paths.n, TCS_CLI_LIST_MAX);
    argv[n++] = option;
    argv[n++] = value;
    assert_int_equal(parse(argv), -TCS_ELIMIT);
}

/* What was asked for reaches detect/, member by member. */
static void
test_detect_opts(void **state)
{
    (void)state;
    assert_int_equal(PARSE(word("-t"), word("T1003"), word("--rule"), word("one"), word("-r"),
                           word("dir"), word("--host"), word("DC01"), word("-lhigh"), word("--to"),
                           word("1970-01-02")),
                     0);
    const struct tcs_rule_opts rules = tcs_cli_rule_opts(&got.rules, got.run.threads);
    const struct tcs_detect_opts opts = tcs_cli_detect_opts(rules, &got.records);
    assert_string_equal(opts.rules.tags.at[0], "T1003");
    assert_string_equal(opts.rules.names.at[0], "one");
    assert_string_equal(opts.rules.paths.at[0], "dir");
    assert_int_equal(opts.rules.products.n, 0);
    assert_int_equal(opts.rules.level, TCS_HIGH);
    assert_int_equal(opts.hosts.n, 1);
    assert_int_equal(opts.from, TCS_TIME_NONE);
    assert_int_equal(opts.to, INT64_C(86400) * TCS_TICKS_PER_SEC);
    /* one for each core when no number was given */
    assert_true(opts.rules.threads >= 1 && opts.rules.threads <= TCS_CLI_THREADS_MAX);
    assert_int_equal(tcs_cli_threads(7), 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_times),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_help_and_dashes),
        cmocka_unit_test(test_list_limit), cmocka_unit_test(test_detect_opts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* cli/option.c - argv into a command's struct: the getopt table is made from the rows.
 *
 * Files that options name are opened by those who use them. */
#include "cli/option.h"

#include "attack/level.h"
#include "base/num.h"
#include "base/time.h"
#include "sigma/status.h"

#include <getopt.h>

enum { LONG_BASE = 256, HELP = LONG_BASE + TCS_CLI_OPTIONS_MAX };

/* --- values --- */

/* Stores the value in a place of its kind. */
typedef int store_fn(const struct tcs_cli_option *o, void *to, const char *arg,
                     struct tcs_err *err);

static int
store_flag(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    (void)o;
    (void)arg;
    (void)err;
    *(bool *)to = true;
    return 0;
}

static int
store_text(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    if (o->wrong && !*arg)
        return tcs_base_fail(err, TCS_EUSAGE, "%s", o->wrong);
    *(const char **)to = arg;
    return 0;
}

static int
store_list(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    struct tcs_cli_list *l = to;
    if (o->wrong && !*arg)
        return tcs_base_fail(err, TCS_EUSAGE, "%s", o->wrong);
    if (l->n == TCS_CLI_LIST_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "the option may be given at most %d times",
                             TCS_CLI_LIST_MAX);
    l->at[l->n++] = arg;
    return 0;
}

static int
store_level(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    uint8_t level = tcs_attack_level_of(tcs_base_str_of(arg));
    (void)o;
    if (!level)
        return tcs_base_fail(err, TCS_EUSAGE,
                             "'%.40s' is no level; levels are informational, low, medium, high and "
                             "critical",
                             arg);
    *(uint8_t *)to = level;
    return 0;
}

static int
store_status(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    uint8_t status = tcs_sigma_status_of(tcs_base_str_of(arg));
    (void)o;
    if (!status)
        return tcs_base_fail(err, TCS_EUSAGE,
                             "'%.40s' is no status; statuses are stable, test, experimental, "
                             "deprecated and unsupported",
                             arg);
    *(uint8_t *)to = status;
    return 0;
}

static int
store_time(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    (void)o;
    if (!tcs_base_time_parse(tcs_base_str_of(arg), to))
        return tcs_base_fail(err, TCS_EUSAGE,
                             "'%.40s' is no time; write 2026-04-20 or 2026-04-20T10:00:00Z", arg);
    return 0;
}

static int
store_count(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    uint64_t n;
    if (!tcs_base_num_u64(tcs_base_str_of(arg), &n) || n < 1 || n > o->limit)
        return tcs_base_fail(err, TCS_EUSAGE, "'%.40s' %s: give a number from 1 to %u", arg,
                             o->wrong, o->limit);
    *(unsigned *)to = (unsigned)n;
    return 0;
}

static int
store_word(const struct tcs_cli_option *o, void *to, const char *arg, struct tcs_err *err)
{
    struct tcs_str words = tcs_base_str_of(o->words), want = tcs_base_str_of(arg);
    unsigned value = o->limit;
    for (size_t i = 0, end; i < words.n; i = end + 1, value++) {
        end = tcs_base_str_find(words, ' ', i);
        if (tcs_base_str_eq(tcs_base_str_slice(words, i, end), want)) {
            *(uint8_t *)to = (uint8_t)value;
            return 0;
        }
    }
    return tcs_base_fail(err, TCS_EUSAGE, "'%.40s' %s", arg, o->wrong);
}

static int
store(const struct tcs_cli_option *o, void *opts, const char *arg, struct tcs_err *err)
{
    static store_fn *const kinds[TCS_CLI_KINDS] = {
        [TCS_CLI_KIND_FLAG] = store_flag,     [TCS_CLI_KIND_TEXT] = store_text,
        [TCS_CLI_KIND_LIST] = store_list,     [TCS_CLI_KIND_LEVEL] = store_level,
        [TCS_CLI_KIND_STATUS] = store_status, [TCS_CLI_KIND_TIME] = store_time,
        [TCS_CLI_KIND_COUNT] = store_count,   [TCS_CLI_KIND_WORD] = store_word,
    };
    int r = kinds[o->kind](o, (char *)opts + o->at, arg, err);
    return r < 0 ? tcs_base_wrap(err, "--%s", o->name) : 0;
}

/* --- argv --- */

/* The tables getopt_long wants, made from the rows. */
struct getopt_tables {
    struct option longs[TCS_CLI_OPTIONS_MAX + 2];
    char shorts[2 * TCS_CLI_OPTIONS_MAX + 4];
};

static void
fill_tables(const struct tcs_cli_option *rows, struct getopt_tables *t)
{
    size_t n = 0, s = 0;
    t->shorts[s++] = ':'; /* a missing argument is reported apart from an unknown option */
    for (const struct tcs_cli_option *o = rows; o->name && n < TCS_CLI_OPTIONS_MAX; o++, n++) {
        t->longs[n] = (struct option){o->name, o->arg ? required_argument : no_argument, NULL,
                                      LONG_BASE + (int)n};
        if (!o->letter)
            continue;
        t->shorts[s++] = o->letter;
        if (o->arg)
            t->shorts[s++] = ':';
    }
    t->longs[n++] = (struct option){"help", no_argument, NULL, HELP};
    t->longs[n] = (struct option){0};
    t->shorts[s++] = 'h';
    t->shorts[s] = '\0';
}

static const struct tcs_cli_option *
option_of(const struct tcs_cli_option *rows, int code)
{
    if (code >= LONG_BASE)
        return &rows[code - LONG_BASE];
    while (rows->letter != code)
        rows++; /* getopt knows only letters of the rows */
    return rows;
}

static int
refuse(int code, char **argv, struct tcs_err *err)
{
    const char *word = argv[optind - 1];
    if (code == ':')
        return tcs_base_fail(err, TCS_EUSAGE, "option '%.60s' needs a value", word);
    if (optopt && optopt < LONG_BASE && word[0] == '-' && word[1] != '-')
        return tcs_base_fail(err, TCS_EUSAGE, "there is no option '-%c'", optopt);
    if (optopt >= LONG_BASE)
        return tcs_base_fail(err, TCS_EUSAGE, "option '%.60s' takes no value", word);
    return tcs_base_fail(err, TCS_EUSAGE, "there is no option '%.60s', or it is short for several",
                         word);
}

int
tcs_cli_options_parse(const struct tcs_cli_option *rows, int argc, char **argv, void *opts,
                      struct tcs_cli_operands *ret, struct tcs_err *err)
{
    struct getopt_tables t;
    int code;
    fill_tables(rows, &t);
    opterr = 0;
    optind = 0; /* glibc: start anew */
    while ((code = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
        if (code == HELP || code == 'h')
            return 1;
        if (code == ':' || code == '?')
            return refuse(code, argv, err);
        int r = store(option_of(rows, code), opts, optarg, err);
        if (r < 0)
            return r;
    }
    *ret = (struct tcs_cli_operands){(const char *const *)argv + optind, (size_t)(argc - optind)};
    return 0;
}

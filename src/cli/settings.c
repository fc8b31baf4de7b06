/* cli/settings.c - argv into settings: the getopt table is made from the rows of options.c. */
#include "cli/settings.h"

#include "base/time.h"
#include "cli/command.h"

#include <getopt.h>
#include <sched.h>

enum { OPTIONS_MAX = 64, LONG_BASE = 256, HELP = LONG_BASE + OPTIONS_MAX };

/* The tables getopt_long wants, made from the rows. */
struct getopt_tables {
    struct option longs[OPTIONS_MAX + 2];
    char shorts[2 * OPTIONS_MAX + 4];
};

static void
fill_tables(const struct tcs_command *cmd, struct getopt_tables *t)
{
    size_t n = 0, s = 0;
    t->shorts[s++] = ':'; /* a missing argument is reported apart from an unknown option */
    for (; cmd->options[n] && n < OPTIONS_MAX; n++) {
        const struct tcs_option *o = cmd->options[n];
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

static const struct tcs_option *
option_of(const struct tcs_command *cmd, int code)
{
    if (code >= LONG_BASE)
        return cmd->options[code - LONG_BASE];
    for (size_t i = 0; cmd->options[i]; i++)
        if (cmd->options[i]->letter == code)
            return cmd->options[i];
    return NULL;
}

static unsigned
cores(void)
{
    cpu_set_t set; /* what this process may use, which containers and taskset lower */
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > TCS_THREADS_MAX ? TCS_THREADS_MAX : (unsigned)n;
}

static int
refuse(int code, char **argv, struct tcs_err *err)
{
    const char *word = argv[optind - 1];
    if (code == ':')
        return tcs_fail(err, TCS_EUSAGE, "option '%.60s' needs a value", word);
    if (optopt && optopt < LONG_BASE && word[0] == '-' && word[1] != '-')
        return tcs_fail(err, TCS_EUSAGE, "there is no option '-%c'", optopt);
    if (optopt >= LONG_BASE)
        return tcs_fail(err, TCS_EUSAGE, "option '%.60s' takes no value", word);
    return tcs_fail(err, TCS_EUSAGE, "there is no option '%.60s', or it is short for several",
                    word);
}

int
tcs_settings_parse(const struct tcs_command *cmd, int argc, char **argv, struct tcs_settings *ret,
                   struct tcs_err *err)
{
    struct getopt_tables t;
    int code;
    fill_tables(cmd, &t);
    *ret = (struct tcs_settings){.from = TCS_TIME_NONE, .to = TCS_TIME_NONE, .threads = cores()};
    if (cmd->options == tcs_options_dump)
        ret->format = TCS_OUT_JSONL;
    opterr = 0;
    optind = 0; /* glibc: start anew */
    while ((code = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
        if (code == HELP || code == 'h')
            return 1;
        if (code == ':' || code == '?')
            return refuse(code, argv, err);
        const struct tcs_option *o = option_of(cmd, code);
        int r = o->set(ret, optarg, err);
        if (r < 0)
            return tcs_wrap(err, "--%s", o->name);
    }
    ret->paths = (const char *const *)argv + optind;
    ret->npaths = (size_t)(argc - optind);
    return 0;
}

static struct tcs_detect_list
view(const struct tcs_setting_list *l)
{
    return (struct tcs_detect_list){l->at, l->n};
}

struct tcs_detect_opts
tcs_settings_detect(const struct tcs_settings *set)
{
    return (struct tcs_detect_opts){
        .rules = {.paths = view(&set->rules),
                  .tags = view(&set->tags),
                  .names = view(&set->names),
                  .products = view(&set->products),
                  .level = set->level,
                  .status = set->status,
                  .logsources = set->logsources,
                  .placeholders = set->placeholders,
                  .threads = set->threads,
                  .no_cache = set->no_cache},
        .hosts = view(&set->hosts),
        .alert_maps = view(&set->alert_maps),
        .from = set->from,
        .to = set->to,
        .carve = set->carve,
    };
}

/* cli/option_groups.c - what commands share of their options, as detect/ wants it. */
#include "cli/option_groups.h"

#include <sched.h>

unsigned
tcs_cli_threads(unsigned asked)
{
    cpu_set_t set; /* what this process may use, which containers and taskset lower */
    int n = 1;
    if (asked)
        return asked;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > TCS_CLI_THREADS_MAX ? TCS_CLI_THREADS_MAX : (unsigned)n;
}

struct tcs_detect_list
tcs_cli_list_view(const struct tcs_cli_list *l)
{
    return (struct tcs_detect_list){l->at, l->n};
}

struct tcs_rule_opts
tcs_cli_rule_opts(const struct tcs_cli_rules *rules, unsigned threads)
{
    return (struct tcs_rule_opts){
        .paths = tcs_cli_list_view(&rules->paths),
        .tags = tcs_cli_list_view(&rules->tags),
        .names = tcs_cli_list_view(&rules->names),
        .products = tcs_cli_list_view(&rules->products),
        .level = rules->level,
        .status = rules->status,
        .logsources = rules->logsources,
        .placeholders = rules->placeholders,
        .threads = tcs_cli_threads(threads),
        .no_cache = rules->no_cache,
    };
}

struct tcs_detect_opts
tcs_cli_detect_opts(struct tcs_rule_opts rules, const struct tcs_cli_records *records)
{
    return (struct tcs_detect_opts){
        .rules = rules,
        .hosts = tcs_cli_list_view(&records->hosts),
        .alert_maps = tcs_cli_list_view(&records->alert_maps),
        .from = records->from,
        .to = records->to,
        .carve = records->carve,
    };
}

/* cli/option_groups.h - options that several commands have, so that their names, help and
 * completion are the same everywhere, and the structs that some of them fill together.
 *
 * A macro is one row or several of a command's table: s is the command's struct, m its member. */
#pragma once
#include "cli/option.h"

#include "detect/opts.h"

enum { TCS_CLI_THREADS_MAX = 256 };

/* --- which rules run: struct tcs_cli_rules --- */

struct tcs_cli_rules {
    struct tcs_cli_list paths, tags, names, products;
    uint8_t level, status; /* 0: not given */
    const char *logsources, *placeholders;
    bool no_cache;
};

#define TCS_CLI_OPT_RULES(s, m)                                                                    \
    TCS_CLI_ROW("rules", 'r', "PATH", "FILE",                                                      \
                "Sigma rules: a file, or a folder with all the .yml and .yaml files below it. "    \
                "May be given several times. Default: the rules that come with tocsin.",           \
                TCS_CLI_LIST(s, m.paths, NULL))
#define TCS_CLI_LEVELS "informational low medium high critical"
#define TCS_CLI_OPTS_CHOOSE(s, m)                                                                  \
    TCS_CLI_ROW("level", 'l', "LEVEL", TCS_CLI_LEVELS, "Use only rules of this level and above.",  \
                TCS_CLI_LEVEL(s, m.level)),                                                        \
        TCS_CLI_ROW("status", 0, "STATUS", "stable test experimental deprecated",                  \
                    "Use only rules that are at least this mature: stable is above test, test "    \
                    "above experimental.",                                                         \
                    TCS_CLI_STATUS(s, m.status)),                                                  \
        TCS_CLI_ROW(                                                                               \
            "tag", 't', "TAG", NULL,                                                               \
            "Use only rules with this tag: attack.credential-access, T1003 (which includes "       \
            "T1003.001), cve.2021-44228. May be given several times; one of them is enough.",      \
            TCS_CLI_LIST(s, m.tags, NULL)),                                                        \
        TCS_CLI_ROW("rule", 0, "RULE", NULL,                                                       \
                    "Use only the rule with this id or file name, or those with this text in "     \
                    "their title. May be given several times.",                                    \
                    TCS_CLI_LIST(s, m.names, NULL))
#define TCS_CLI_OPT_LOGSOURCES(s, m)                                                               \
    TCS_CLI_ROW(                                                                                   \
        "logsources", 0, "FILE", "FILE",                                                           \
        "Add to or replace entries of the table that says which events a rule's logsource means.", \
        TCS_CLI_TEXT(s, m.logsources, NULL))

/* --- which records are looked at: struct tcs_cli_records --- */

struct tcs_cli_records {
    struct tcs_cli_list hosts, alert_maps;
    int64_t from, to; /* ticks; TCS_TIME_NONE, the default: no bound */
    bool carve;
};

#define TCS_CLI_OPTS_RECORDS(s, m)                                                                 \
    TCS_CLI_ROW("from", 0, "TIME", NULL,                                                           \
                "Only events at or after this time, UTC: 2026-04-20 or 2026-04-20T10:00:00Z. "     \
                "Events without a time are kept.",                                                 \
                TCS_CLI_TIME(s, m.from)),                                                          \
        TCS_CLI_ROW("to", 0, "TIME", NULL,                                                         \
                    "Only events before this time. A date alone means its first moment.",          \
                    TCS_CLI_TIME(s, m.to)),                                                        \
        TCS_CLI_ROW("host", 0, "NAME", NULL,                                                       \
                    "Only events of this computer: a name with or without its domain, * and ? as " \
                    "wildcards. May be given several times.",                                      \
                    TCS_CLI_LIST(s, m.hosts, NULL)),                                               \
        TCS_CLI_OPT_CARVE(s, m.carve)

/* --- how a run goes: struct tcs_cli_run --- */

struct tcs_cli_run {
    unsigned threads; /* 0: not given */
    uint8_t workers;
    bool no_sandbox, no_progress, quiet;
};

enum tcs_cli_workers { TCS_WORKERS_PROCESSES, TCS_WORKERS_THREADS };

#define TCS_CLI_OPT_THREADS(s, m)                                                                  \
    TCS_CLI_ROW(                                                                                   \
        "threads", 'j', "N", NULL,                                                                 \
        "Decode and match on N threads. The output is the same for any N. Default: one per core.", \
        TCS_CLI_COUNT(s, m.threads, TCS_CLI_THREADS_MAX, "threads")),                              \
        TCS_CLI_ROW("workers", 0, "HOW", "processes threads",                                      \
                    "processes: logs are read and decoded in processes of their own, which can "   \
                    "reach nothing else (default). threads: in this one.",                         \
                    TCS_CLI_WORD(s, m.workers, 0, "is neither processes nor threads"))
#define TCS_CLI_OPTS_RUN(s, m)                                                                     \
    TCS_CLI_ROW("no-sandbox", 0, NULL, NULL,                                                       \
                "Do not give up the right to open, create and connect before reading logs. For "   \
                "systems whose kernel refuses the sandbox.",                                       \
                TCS_CLI_FLAG(s, m.no_sandbox)),                                                    \
        TCS_CLI_ROW("no-progress", 0, NULL, NULL,                                                  \
                    "No progress line on standard error (there is none unless it is a terminal).", \
                    TCS_CLI_FLAG(s, m.no_progress)),                                               \
        TCS_CLI_OPT_QUIET(s, m.quiet)

/* --- single options: m is the member itself --- */

enum tcs_cli_format { TCS_OUT_TEXT, TCS_OUT_JSONL };

#define TCS_CLI_OPT_FORMAT(s, m)                                                                   \
    TCS_CLI_ROW("format", 'f', "FORMAT", "text jsonl",                                             \
                "text: a report for people (default). jsonl: one JSON object per line.",           \
                TCS_CLI_FORMAT(s, m))
#define TCS_CLI_OPT_OUTPUT(s, m)                                                                   \
    TCS_CLI_ROW("output", 'o', "FILE", "FILE", "Write to this file instead of standard output.",   \
                TCS_CLI_TEXT(s, m, NULL))
#define TCS_CLI_OPT_STORE(s, m)                                                                    \
    TCS_CLI_ROW("state", 0, "DIR", "DIR",                                                          \
                "The folder that hunt was given. Default: $STATE_DIRECTORY, else "                 \
                "$XDG_STATE_HOME/tocsin, else ~/.local/state/tocsin.",                             \
                TCS_CLI_TEXT(s, m, "name a folder"))
#define TCS_CLI_OPT_PLACEHOLDERS(s, m)                                                             \
    TCS_CLI_ROW("placeholders", 0, "DIR", "DIR",                                                   \
                "Values for the expand modifier: %name% stands for the lines of DIR/name.txt.",    \
                TCS_CLI_TEXT(s, m, NULL))
#define TCS_CLI_OPT_CARVE(s, m)                                                                    \
    TCS_CLI_ROW(                                                                                   \
        "carve", 0, NULL, NULL,                                                                    \
        "Also look at deleted and left-over records in EVTX slack. They are tagged as carved.",    \
        TCS_CLI_FLAG(s, m))
#define TCS_CLI_OPT_QUIET(s, m)                                                                    \
    TCS_CLI_ROW("quiet", 'q', NULL, NULL, "Only the result: no progress and no remarks.",          \
                TCS_CLI_FLAG(s, m))

/* --- what detect/ makes of them; texts stay where they are --- */

/* The threads that were asked for, else one for each core that this process may use. */
unsigned tcs_cli_threads(unsigned asked);
struct tcs_detect_list tcs_cli_list_view(const struct tcs_cli_list *l);
struct tcs_rule_opts tcs_cli_rule_opts(const struct tcs_cli_rules *rules, unsigned threads);
struct tcs_detect_opts tcs_cli_detect_opts(struct tcs_rule_opts rules,
                                           const struct tcs_cli_records *records);

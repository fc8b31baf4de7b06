/* cli/settings.h - what the command line asked for, and the rows of options it is made of.
 *
 * An option is one row, used by every command that has it, so that its name, help and completion
 * are the same everywhere. */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include "detect/opts.h"

struct tcs_command;

enum { TCS_SETTING_LIST_MAX = 64, TCS_THREADS_MAX = 256 };

/* Values of an option that may be given several times; they point into argv. */
struct tcs_setting_list {
    const char *at[TCS_SETTING_LIST_MAX];
    size_t n;
};

enum tcs_out_format { TCS_OUT_TEXT, TCS_OUT_JSONL, TCS_OUT_FLAT };

struct tcs_settings {
    const char *const *paths; /* operands */
    size_t npaths;
    struct tcs_setting_list rules, tags, names, hosts, products;
    struct tcs_setting_list profiles, groups, campaigns, alert_maps, stops;
    uint8_t level, fail_level, status; /* enum tcs_level, enum tcs_status; 0: not given */
    uint8_t format;                    /* enum tcs_out_format */
    int64_t from, to;                  /* ticks; TCS_TIME_NONE: not given */
    unsigned threads;                  /* never 0 after parsing */
    const char *output, *logsources, *placeholders;
    const char *state;  /* folder of the store; NULL: none given */
    uint8_t min_state;  /* enum tcs_state */
    uint8_t document;   /* row of tcs_report_formats */
    const char *bundle; /* intel profile */
    bool no_sandbox, carve, no_cache, quiet, no_progress, refused;
    bool no_incidents;
    bool list, software; /* intel profile */
};

struct tcs_option {
    const char *name;  /* long name */
    char letter;       /* short name, or 0 */
    const char *arg;   /* how help calls the argument; NULL: takes none */
    const char *words; /* for completion: "a b c", or "FILE", "DIR"; NULL: nothing to offer */
    const char *help;
    /* Stores the (possibly NULL) argument.  0, or negative with *err filled. */
    int (*set)(struct tcs_settings *s, const char *arg, struct tcs_err *err);
};

/* Rows for the command table, each defined once. */
extern const struct tcs_option *const tcs_options_incidents[];
extern const struct tcs_option *const tcs_options_hunt[],
    *const tcs_options_dump[], *const tcs_options_check[], *const tcs_options_list[],
                                                               *const tcs_options_explain[],
                                                                   *const tcs_options_report[],
                                                                       *const tcs_options_none[];

extern const struct tcs_option *const tcs_options_intel_profile[];

/* argv[0] is the command's last word.  0; 1: --help was asked for; negative with *err filled. */
int tcs_settings_parse(const struct tcs_command *cmd, int argc, char **argv,
                       struct tcs_settings *ret, struct tcs_err *err);

/* The part that decides what is found; points into *set. */
struct tcs_detect_opts tcs_settings_detect(const struct tcs_settings *set);

/* cli/command.h - the one table of commands: dispatch, --help, man pages and completion come from
 * it or are checked against it. */
#pragma once
#include "cli/settings.h"

#include "base/buf.h"

/* What a command ends with (man page: EXIT STATUS). */
enum {
    TCS_EXIT_NOTHING = 0,
    TCS_EXIT_ERROR = 1,
    TCS_EXIT_FOUND = 2,
    TCS_EXIT_INTERRUPTED = 130, /* 128 + SIGINT, as shells count */
};

struct tcs_command {
    const char *name;                        /* one word, or two ("rules check") */
    const char *operands;                    /* "PATH..." as usage shows it; "" if none */
    const char *brief;                       /* one line for the list of commands */
    const char *about;                       /* paragraphs for --help, blank line between */
    const char *examples;                    /* command line and explanation in turns, one a line */
    const struct tcs_option *const *options; /* ends with NULL */
    int (*run)(const struct tcs_settings *set); /* returns an exit status */
};

extern const struct tcs_command tcs_commands[]; /* ends with a row without a name */

/* The command that argv[1] (and argv[2]) name; *words is how many it took.  NULL: none. */
const struct tcs_command *tcs_command_find(int argc, char *const *argv, int *words);

/* Help texts, wrapped at `width` columns. */
void tcs_help_all(struct tcs_buf *b, unsigned width);
void tcs_help_group(struct tcs_buf *b, const char *first_word, unsigned width);
void tcs_help_command(struct tcs_buf *b, const struct tcs_command *cmd, unsigned width);

/* Completion script for "bash" or "zsh"; false: no such shell. */
bool tcs_completion_print(struct tcs_buf *b, const char *shell);

/* One row per command, defined in cmd_*.c. */
int tcs_cmd_hunt(const struct tcs_settings *set);
int tcs_cmd_dump(const struct tcs_settings *set);
int tcs_cmd_incidents(const struct tcs_settings *set);
int tcs_cmd_rules_check(const struct tcs_settings *set);
int tcs_cmd_rules_list(const struct tcs_settings *set);
int tcs_cmd_rules_explain(const struct tcs_settings *set);
int tcs_cmd_intel_profile(const struct tcs_settings *set);

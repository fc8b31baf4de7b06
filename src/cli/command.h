/* cli/command.h - the one table of commands: dispatch, --help, man pages and completion come from
 * it or are checked against it.
 *
 * A command is one file, cmd_NAME.c: its options, their struct, its texts, and what it does. */
#pragma once
#include "cli/option.h"

#include "base/buf.h"

/* What a command ends with (man page: EXIT STATUS). */
enum {
    TCS_EXIT_NOTHING = 0,
    TCS_EXIT_ERROR = 1,         /* something was not read or could not be done ... */
    TCS_EXIT_FOUND = 2,         /* ... findings: neither hides the other, so both together are 3 */
    TCS_EXIT_INTERRUPTED = 130, /* 128 + SIGINT, as shells count */
};

struct tcs_command {
    const char *name;                     /* one word, or two ("rules check") */
    const char *operands;                 /* "PATH..." as usage shows it; "" if none */
    const char *brief;                    /* one line for the list of commands */
    const char *about;                    /* paragraphs for --help, blank line between */
    const char *examples;                 /* command line and explanation in turns, one a line */
    const struct tcs_cli_option *options; /* ends with a row without a name */
    size_t size;                          /* of the struct that the options fill */
    const void *defaults;                 /* what it holds before; NULL: zeroes */
    /* Returns an exit status.  *opts lives as long as the process. */
    int (*run)(void *opts, const struct tcs_cli_operands *operands);
};

extern const struct tcs_command tcs_command_hunt, tcs_command_dump, tcs_command_incidents,
    tcs_command_report, tcs_command_rules_check, tcs_command_rules_list, tcs_command_rules_explain,
    tcs_command_intel_profile;

/* In the order of --help; ends with NULL. */
extern const struct tcs_command *const tcs_commands[];

/* The first (0) or second (1) word of a command's name; empty: it has but one. */
struct tcs_str tcs_cli_command_word(const struct tcs_command *cmd, unsigned which);
/* The command that argv[1] (and argv[2]) name; *words is how many it took.  NULL: none. */
const struct tcs_command *tcs_cli_command_find(int argc, char *const *argv, int *words);

/* Help texts, wrapped at `width` columns. */
void tcs_cli_help_all(struct tcs_buf *b, unsigned width);
void tcs_cli_help_group(struct tcs_buf *b, const char *first_word, unsigned width);
void tcs_cli_help_command(struct tcs_buf *b, const struct tcs_command *cmd, unsigned width);

/* Completion script for "bash" or "zsh"; false: no such shell. */
bool tcs_cli_completion_print(struct tcs_buf *b, const char *shell);

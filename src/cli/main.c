/* cli/main.c - the command table, and from argv to one of its rows. */
#include "cli/command.h"
#include "cli/term.h"
#include "process/descriptors.h"

#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const struct tcs_command *const tcs_commands[] = {
    &tcs_command_hunt,          &tcs_command_dump,          &tcs_command_incidents,
    &tcs_command_report,        &tcs_command_rules_check,   &tcs_command_rules_list,
    &tcs_command_rules_explain, &tcs_command_intel_profile, NULL,
};

static unsigned
help_width(int fd)
{
    enum { WIDEST = 100, USUAL = 80 };
    unsigned w = tcs_cli_term_probe(fd).width;
    return w == 0 ? USUAL : w > WIDEST ? WIDEST : w;
}

/* Prints and frees; the exit status. */
static int
print(struct tcs_buf *b, FILE *to, int status)
{
    bool good = !b->failed && fwrite(b->p, 1, b->n, to) == b->n && fflush(to) == 0;
    tcs_base_buf_done(b);
    return good ? status : TCS_EXIT_ERROR;
}

static bool
is_group(const char *word)
{
    for (const struct tcs_command *const *c = tcs_commands; *c; c++)
        if (tcs_cli_command_word(*c, 1).n &&
            tcs_base_str_eq(tcs_cli_command_word(*c, 0), tcs_base_str_of(word)))
            return true;
    return false;
}

/* `tocsin help`, `tocsin help rules check`, `tocsin --help`. */
static int
help(int argc, char **argv)
{
    struct tcs_buf b = {0};
    int words;
    const struct tcs_command *cmd = tcs_cli_command_find(argc, argv, &words);
    unsigned width = help_width(STDOUT_FILENO);
    if (cmd)
        tcs_cli_help_command(&b, cmd, width);
    else if (argc > 1 && is_group(argv[1]))
        tcs_cli_help_group(&b, argv[1], width);
    else
        tcs_cli_help_all(&b, width);
    return print(&b, stdout, 0);
}

static int
no_command(int argc, char **argv)
{
    struct tcs_buf b = {0};
    if (argc > 1 && is_group(argv[1])) {
        if (argc > 2 && strcmp(argv[2], "--help") != 0 && strcmp(argv[2], "-h") != 0)
            tcs_cli_complain("there is no command '%s %s'", argv[1], argv[2]);
        tcs_cli_help_group(&b, argv[1], help_width(STDERR_FILENO));
        bool asked = argc == 3 && argv[2][0] == '-';
        return print(&b, asked ? stdout : stderr, asked ? 0 : TCS_EXIT_ERROR);
    }
    if (argc > 1) {
        tcs_cli_complain("there is no command '%s'; tocsin --help lists them", argv[1]);
        return TCS_EXIT_ERROR;
    }
    tcs_cli_help_all(&b, help_width(STDERR_FILENO));
    return print(&b, stderr, TCS_EXIT_ERROR);
}

static int
completion(const char *shell)
{
    struct tcs_buf b = {0};
    if (tcs_cli_completion_print(&b, shell))
        return print(&b, stdout, 0);
    tcs_cli_complain("there is completion for bash and zsh, not for '%s'", shell);
    return TCS_EXIT_ERROR;
}

static int
run(int argc, char **argv)
{
    static void *opts; /* never freed: a thread that is stuck may still look at them */
    struct tcs_cli_operands operands;
    struct tcs_err err = {0};
    int words = 0;
    const struct tcs_command *cmd = tcs_cli_command_find(argc, argv, &words);
    if (!cmd)
        return no_command(argc, argv);
    opts = calloc(1, cmd->size);
    if (opts && cmd->defaults)
        memcpy(opts, cmd->defaults, cmd->size);
    int r = opts ? tcs_cli_options_parse(cmd->options, argc - words, argv + words, opts, &operands,
                                         &err)
                 : tcs_base_fail(&err, TCS_ENOMEM, "out of memory");
    if (r > 0)
        return help(argc, argv);
    if (r < 0) {
        tcs_cli_complain("%s: %s; tocsin %s --help lists the options", cmd->name, err.msg,
                         cmd->name);
        return TCS_EXIT_ERROR;
    }
    return cmd->run(opts, &operands);
}

int
main(int argc, char **argv)
{
    enum { LARGE = 1 << 20 };
    /* What is large goes back to the system when it is freed, and not only once it lies last. */
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    tcs_process_descriptors(argc, argv);
    /* for the character set of names and its widths; numbers and times stay as they are */
    locale_t loc = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (loc)
        uselocale(loc);
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(first, "--version") == 0) {
        puts("tocsin " TCS_VERSION);
        return 0;
    }
    if (strcmp(first, "--print-completion") == 0)
        return completion(argc > 2 ? argv[2] : "");
    return run(argc, argv);
}

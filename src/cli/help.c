/* cli/help.c - help texts from the command table, wrapped to the width of the terminal. */
#include "cli/command.h"

enum { INDENT = 2, OPTION_COLUMN = 24, COMMAND_COLUMN = 16 };

struct tcs_str
tcs_cli_command_word(const struct tcs_command *cmd, unsigned which)
{
    struct tcs_str name = tcs_base_str_of(cmd->name);
    size_t blank = tcs_base_str_find(name, ' ', 0);
    if (which == 0)
        return tcs_base_str_slice(name, 0, blank);
    return blank < name.n ? tcs_base_str_slice(name, blank + 1, name.n) : (struct tcs_str){0};
}

const struct tcs_command *
tcs_cli_command_find(int argc, char *const *argv, int *words)
{
    for (const struct tcs_command *const *c = tcs_commands; *c; c++) {
        struct tcs_str second = tcs_cli_command_word(*c, 1);
        if (argc < 2 || !tcs_base_str_eq(tcs_base_str_of(argv[1]), tcs_cli_command_word(*c, 0)))
            continue;
        *words = second.n ? 2 : 1;
        if (!second.n || (argc > 2 && tcs_base_str_eq(tcs_base_str_of(argv[2]), second)))
            return *c;
    }
    return NULL;
}

static void
spaces(struct tcs_buf *b, size_t n)
{
    while (n--)
        tcs_base_buf_c(b, ' ');
}

/* Append `text` word by word; the cursor stands in column `at`, later lines start at `indent`. */
static void
wrap(struct tcs_buf *b, struct tcs_str text, size_t at, size_t indent, size_t width)
{
    size_t i = 0;
    bool first = true;
    while (i < text.n) {
        size_t end = tcs_base_str_find(text, ' ', i), len = end - i;
        if (!first && at + 1 + len > width) {
            tcs_base_buf_c(b, '\n');
            spaces(b, indent);
            at = indent;
        } else if (!first) {
            tcs_base_buf_c(b, ' ');
            at++;
        }
        tcs_base_buf_put(b, text.p + i, len);
        at += len;
        first = false;
        i = end + 1;
    }
    tcs_base_buf_c(b, '\n');
}

/* Lines of a text, each wrapped on its own; empty ones kept. */
static void
paragraphs(struct tcs_buf *b, const char *text, size_t indent, size_t width)
{
    struct tcs_str s = tcs_base_str_of(text);
    for (size_t i = 0; i < s.n;) {
        size_t end = tcs_base_str_find(s, '\n', i);
        if (end > i)
            spaces(b, indent);
        wrap(b, tcs_base_str_slice(s, i, end), indent, indent, width);
        i = end + 1;
    }
}

static void
command_rows(struct tcs_buf *b, struct tcs_str first_word, size_t width)
{
    for (const struct tcs_command *const *c = tcs_commands; *c; c++) {
        struct tcs_str name = tcs_base_str_of((*c)->name);
        if (first_word.n && !tcs_base_str_eq(tcs_cli_command_word(*c, 0), first_word))
            continue;
        spaces(b, INDENT);
        tcs_base_buf_str(b, name);
        size_t at = INDENT + name.n;
        spaces(b, at < COMMAND_COLUMN ? COMMAND_COLUMN - at : 1);
        wrap(b, tcs_base_str_of((*c)->brief), COMMAND_COLUMN, COMMAND_COLUMN, width);
    }
}

void
tcs_cli_help_all(struct tcs_buf *b, unsigned width)
{
    tcs_buf_lit(b, "Usage: tocsin COMMAND [OPTION]... [PATH]...\n\n");
    paragraphs(b,
               "Finds intrusions in recorded logs with Sigma rules and joins what it finds into "
               "incidents: how far it has come, why, and what to do first. Says what could not be "
               "read and what was refused.",
               0, width);
    tcs_buf_lit(b, "\nCommands:\n");
    command_rows(b, (struct tcs_str){0}, width);
    tcs_buf_lit(b, "\nStart here:\n");
    paragraphs(b,
               "tocsin hunt /mnt/case/Windows/System32/winevt/Logs\n"
               "tocsin help hunt",
               INDENT, width);
    tcs_buf_lit(b, "\ntocsin COMMAND --help explains a command, tocsin --version names this "
                   "version.\n");
}

void
tcs_cli_help_group(struct tcs_buf *b, const char *first_word, unsigned width)
{
    tcs_base_buf_printf(b, "Usage: tocsin %s COMMAND [OPTION]...\n\nCommands:\n", first_word);
    command_rows(b, tcs_base_str_of(first_word), width);
    tcs_base_buf_printf(b, "\ntocsin %s COMMAND --help explains a command.\n", first_word);
}

static void
option_row(struct tcs_buf *b, const struct tcs_cli_option *o, size_t width)
{
    size_t from = b->n;
    if (o->letter)
        tcs_base_buf_printf(b, "  -%c, --%s", o->letter, o->name);
    else
        tcs_base_buf_printf(b, "      --%s", o->name);
    if (o->arg)
        tcs_base_buf_printf(b, " %s", o->arg);
    size_t at = b->n - from;
    if (at + 2 > OPTION_COLUMN) {
        tcs_base_buf_c(b, '\n');
        at = 0;
    }
    spaces(b, OPTION_COLUMN - at);
    wrap(b, tcs_base_str_of(o->help), OPTION_COLUMN, OPTION_COLUMN, width);
}

/* Command lines and their explanations in turns. */
static void
examples(struct tcs_buf *b, const char *text, size_t width)
{
    struct tcs_str s = tcs_base_str_of(text);
    bool command = true;
    for (size_t i = 0; i < s.n; command = !command) {
        size_t end = tcs_base_str_find(s, '\n', i), indent = command ? INDENT : INDENT + 4;
        spaces(b, indent);
        wrap(b, tcs_base_str_slice(s, i, end), indent, indent, command ? SIZE_MAX : width);
        i = end + 1;
    }
}

void
tcs_cli_help_command(struct tcs_buf *b, const struct tcs_command *cmd, unsigned width)
{
    static const struct tcs_cli_option help = {
        .name = "help", .letter = 'h', .help = "Show this text."};
    tcs_base_buf_printf(b, "Usage: tocsin %s [OPTION]...%s%s\n\n", cmd->name,
                        *cmd->operands ? " " : "", cmd->operands);
    paragraphs(b, cmd->about, 0, width);
    tcs_buf_lit(b, "\nOptions:\n");
    for (const struct tcs_cli_option *o = cmd->options; o->name; o++)
        option_row(b, o, width);
    option_row(b, &help, width);
    if (*cmd->examples) {
        tcs_buf_lit(b, "\nExamples:\n");
        examples(b, cmd->examples, width);
    }
}

/* cli/complete.c - bash and zsh completion written from the command table.
 *
 * Values are offered where a row of options names them: words, files or folders. */
#include "cli/command.h"

static bool
is_path(const char *words)
{
    return strcmp(words, "FILE") == 0 || strcmp(words, "DIR") == 0;
}

static void
bash_options(struct tcs_buf *b, const struct tcs_command *c)
{
    for (const struct tcs_cli_option *o = c->options; o->name; o++)
        tcs_base_buf_printf(b, "--%s ", o->name);
    tcs_buf_lit(b, "--help");
}

/* case branches: what may follow an option that takes a value */
static void
bash_values(struct tcs_buf *b, const struct tcs_command *c)
{
    for (const struct tcs_cli_option *o = c->options; o->name; o++) {
        if (!o->arg)
            continue;
        tcs_base_buf_printf(b, "        '%s:--%s'", c->name, o->name);
        if (o->letter)
            tcs_base_buf_printf(b, "|'%s:-%c'", c->name, o->letter);
        if (!o->words)
            tcs_buf_lit(b, ") return ;;\n");
        else if (is_path(o->words))
            tcs_base_buf_printf(
                b, ") compopt -o filenames; COMPREPLY=($(compgen -%c -- \"$cur\")); return ;;\n",
                o->words[0] == 'D' ? 'd' : 'f');
        else
            tcs_base_buf_printf(b, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n",
                                o->words);
    }
}

/* The first words of the table, or the second words of the group `first`. */
static void
names(struct tcs_buf *b, struct tcs_str first)
{
    struct tcs_str last = {0};
    for (const struct tcs_command *const *c = tcs_commands; *c; c++) {
        struct tcs_str head = tcs_cli_command_word(*c, 0), second = tcs_cli_command_word(*c, 1);
        if (first.n && tcs_base_str_eq(head, first) && second.n) {
            tcs_base_buf_str(b, second);
            tcs_base_buf_c(b, ' ');
        } else if (!first.n && !tcs_base_str_eq(head, last)) {
            tcs_base_buf_str(b, head);
            tcs_base_buf_c(b, ' ');
        }
        last = head;
    }
    if (!first.n)
        tcs_buf_lit(b, "help");
}

/* The first word of a command of two words that begins a group; empty: it begins none. */
static struct tcs_str
group_of(const struct tcs_command *c, struct tcs_str last)
{
    struct tcs_str head = tcs_cli_command_word(c, 0);
    bool begins = tcs_cli_command_word(c, 1).n && !tcs_base_str_eq(head, last);
    return begins ? head : (struct tcs_str){0};
}

/* After the first word of a group: its second words; then the command is both. */
static void
bash_groups(struct tcs_buf *b)
{
    struct tcs_str last = {0};
    for (const struct tcs_command *const *c = tcs_commands; *c; c++) {
        struct tcs_str head = group_of(*c, last);
        if (!head.n)
            continue;
        last = head;
        tcs_base_buf_printf(b,
                            "    if [[ $cmd == %.*s ]]; then\n"
                            "        if ((COMP_CWORD == 2)); then\n"
                            "            COMPREPLY=($(compgen -W '",
                            TCS_STR_FMT(head));
        names(b, head);
        tcs_base_buf_printf(b,
                            "' -- \"$cur\"))\n            return\n        fi\n"
                            "        cmd=\"%.*s ${COMP_WORDS[2]}\"\n    fi\n",
                            TCS_STR_FMT(head));
    }
}

static void
bash(struct tcs_buf *b)
{
    tcs_buf_lit(b, "# bash completion for tocsin, made from its command table\n"
                   "_tocsin() {\n"
                   "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                   "    local cmd=${COMP_WORDS[1]}\n"
                   "    COMPREPLY=()\n"
                   "    if ((COMP_CWORD == 1)); then\n"
                   "        COMPREPLY=($(compgen -W '");
    names(b, (struct tcs_str){0});
    tcs_buf_lit(b, " --help --version' -- \"$cur\"))\n        return\n    fi\n");
    bash_groups(b);
    tcs_buf_lit(b, "    case \"$cmd:$prev\" in\n");
    for (const struct tcs_command *const *c = tcs_commands; *c; c++)
        bash_values(b, *c);
    tcs_buf_lit(b, "    esac\n    if [[ $cur != -* ]]; then\n"
                   "        compopt -o filenames\n"
                   "        COMPREPLY=($(compgen -f -- \"$cur\"))\n        return\n    fi\n"
                   "    case \"$cmd\" in\n");
    for (const struct tcs_command *const *c = tcs_commands; *c; c++) {
        tcs_base_buf_printf(b, "        '%s') COMPREPLY=($(compgen -W '", (*c)->name);
        bash_options(b, *c);
        tcs_buf_lit(b, "' -- \"$cur\")) ;;\n");
    }
    tcs_buf_lit(b, "    esac\n}\ncomplete -F _tocsin tocsin\n");
}

/* Text inside '...' inside [...] of a zsh option specification. */
static void
zsh_text(struct tcs_buf *b, const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            tcs_base_buf_c(b, '\\');
        if (*text == '\'')
            tcs_buf_lit(b, "'\\'");
        tcs_base_buf_c(b, *text);
    }
}

/* Options with a short form are two specifications that exclude each other. */
static void
zsh_option(struct tcs_buf *b, const struct tcs_cli_option *o)
{
    tcs_buf_lit(b, "            ");
    if (o->letter)
        tcs_base_buf_printf(b, "{-%c,--%s}'[", o->letter, o->name);
    else
        tcs_base_buf_printf(b, "'--%s[", o->name);
    zsh_text(b, o->help);
    tcs_base_buf_c(b, ']');
    if (o->arg) {
        tcs_base_buf_printf(b, ":%s:", o->arg);
        if (o->words && is_path(o->words))
            tcs_base_buf_str(b, o->words[0] == 'D' ? TCS_STR("_files -/") : TCS_STR("_files"));
        else if (o->words)
            tcs_base_buf_printf(b, "(%s)", o->words);
    }
    tcs_buf_lit(b, "' \\\n");
}

static void
zsh_groups(struct tcs_buf *b)
{
    struct tcs_str last = {0};
    for (const struct tcs_command *const *c = tcs_commands; *c; c++) {
        struct tcs_str head = group_of(*c, last);
        if (!head.n)
            continue;
        tcs_base_buf_printf(b,
                            "    %s [[ $cmd == %.*s ]]; then\n"
                            "        if ((CURRENT == 3)); then\n            compadd -- ",
                            last.n ? "elif" : "if", TCS_STR_FMT(head));
        last = head;
        names(b, head);
        tcs_base_buf_printf(b,
                            "\n            return\n        fi\n"
                            "        cmd=\"%.*s $words[3]\"\n"
                            "        words=($words[1] $words[4,-1])\n        ((CURRENT -= 2))\n",
                            TCS_STR_FMT(head));
    }
}

static void
zsh(struct tcs_buf *b)
{
    tcs_buf_lit(b, "#compdef tocsin\n# zsh completion for tocsin, made from its command table\n"
                   "_tocsin() {\n    local cmd=$words[2]\n"
                   "    if ((CURRENT == 2)); then\n        compadd -- ");
    names(b, (struct tcs_str){0});
    tcs_buf_lit(b, "\n        return\n    fi\n");
    zsh_groups(b);
    tcs_buf_lit(b, "    else\n        words=($words[2,-1])\n        ((CURRENT -= 1))\n    fi\n"
                   "    case $cmd in\n");
    for (const struct tcs_command *const *c = tcs_commands; *c; c++) {
        tcs_base_buf_printf(b, "    '%s')\n        _arguments -s \\\n", (*c)->name);
        for (const struct tcs_cli_option *o = (*c)->options; o->name; o++)
            zsh_option(b, o);
        tcs_buf_lit(
            b, "            '--help[Show the help text.]' \\\n            '*:path:_files' ;;\n");
    }
    tcs_buf_lit(b, "    esac\n}\n_tocsin \"$@\"\n");
}

bool
tcs_cli_completion_print(struct tcs_buf *b, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        bash(b);
    else if (strcmp(shell, "zsh") == 0)
        zsh(b);
    else
        return false;
    return true;
}

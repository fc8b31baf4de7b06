/* cli/main.c - the command table, and from argv to one of its rows. */
#include "cli/command.h"
#include "cli/term.h"

#include <locale.h>
#include <stdio.h>
#include <unistd.h>

const struct tcs_command tcs_commands[] = {
    {"hunt", "PATH...", "find intrusions: logs in, incidents and findings out",
     "Reads event logs (EVTX; JSON as evtx_dump, Winlogbeat and others write it; zip, gz and tar "
     "of "
     "them), runs Sigma rules on every record, joins what they find into incidents, and reports "
     "both, and what could not be read. A PATH is a file, a folder with everything below it, or - "
     "for standard input; the type is found by content, not by name.\n"
     "\n"
     "An incident tells how far an intrusion has come (watch, warn, imminent, destruction seen), "
     "where it began, why its parts belong together, and what to do first. Give all logs of all "
     "hosts at once, or one after the other with the same --state.\n"
     "\n"
     "Exit status: 0 nothing found; 1 something could not be done, such as an input that could not "
     "be read at all; 2 findings at or above --fail-level; 130 interrupted, what was found until "
     "then is reported.",
     "tocsin hunt /mnt/case/winevt/Logs\n"
     "All logs of a mounted image, with the rules that come with tocsin.\n"
     "tocsin hunt --rules ~/sigma/rules --level high Security.evtx\n"
     "One log, with the SigmaHQ rules of level high and critical.\n"
     "tocsin hunt --format jsonl --from 2026-04-20 logs.zip > findings.jsonl\n"
     "For machines: one JSON object for each finding and incident, a summary as the last line.\n"
     "tocsin hunt --state ~/case17 /mnt/case/winevt/Logs\n"
     "Kept: tocsin incidents lists, tocsin report writes a page, the next hunt goes on.\n"
     "zcat events.json.gz | tocsin hunt --fail-level critical -\n"
     "From a pipe; exit status 2 only for a critical finding.",
     tcs_options_hunt, tcs_cmd_hunt},
    {"dump", "PATH...", "print the events themselves as JSON lines",
     "Decodes event logs and prints each record as one line of JSON, in the order of the inputs. "
     "Damaged records are skipped and counted on standard error.\n"
     "\n"
     "Exit status: 0 done; 1 something could not be done; 130 interrupted.",
     "tocsin dump Security.evtx | jq 'select(.Event.System.EventID == 4624)'\n"
     "All logons of a log.\n"
     "tocsin dump --format flat --host DC01 /mnt/case/winevt/Logs\n"
     "Field names as Sigma rules use them.",
     tcs_options_dump, tcs_cmd_dump},
    {"incidents", "[ID]", "list and show the incidents that are kept",
     "Reads the store that tocsin hunt --state DIR writes. Without ID: one line for each incident, "
     "newest change first. With ID, or the first digits of one: all that is known of it. Works "
     "while a hunt is writing, and shows the state before that hunt.\n"
     "\n"
     "Exit status: 0 done; 1 something could not be done, such as an id that is not there.",
     "tocsin incidents --min-state warn\n"
     "What needs somebody now?\n"
     "tocsin incidents 4f1c\n"
     "One incident: what happened, why it is one, what to do.\n"
     "tocsin incidents --format jsonl > incidents.jsonl\n"
     "All of them, whole, for machines.",
     tcs_options_incidents, tcs_cmd_incidents},
    {"report", "INCIDENT", "one incident as a page, ticket, CSV, ATT&CK layer or STIX bundle",
     "Writes one incident of the store as a document. INCIDENT is its id or the first digits of "
     "it, "
     "four at least. The page needs nothing but itself: no network, no scripts; it holds internal "
     "names, so think before it is passed on. On a terminal the page goes to a file named after "
     "the incident.\n"
     "\n"
     "Exit status: 0 written; 1 something could not be done.",
     "tocsin report 3c9a51d0\n"
     "A page, incident-3c9a51d0.html.\n"
     "tocsin report --format md 3c9a51d0 > ticket.md\n"
     "For a ticket.\n"
     "tocsin report -f stix -o incident.json 3c9a51d0\n"
     "For a partner that reads STIX.",
     tcs_options_report, tcs_cmd_report},
    {"rules check", "PATH...", "say what is wrong with rule files, and where",
     "Checks Sigma rules, correlations and filters against the Sigma 2.1 specification. Every "
     "problem is one line with file, line and column.\n"
     "\n"
     "Exit status: 0 all documents are sound; 1 at least one was refused.",
     "tocsin rules check rules/ my_rule.yml\n"
     "Before a rule goes into use.",
     tcs_options_check, tcs_cmd_rules_check},
    {"rules list", "", "list the rules that would run, or those refused",
     "Lists rules and correlations with level, status, logsource, id and title, and the views of "
     "the log in which "
     "each can match. A rule without a view waits for events that this version does not read.",
     "tocsin rules list --rules ~/sigma/rules --tag T1003\n"
     "What covers OS credential dumping?\n"
     "tocsin rules list --rules ~/sigma --refused\n"
     "What was refused, and why?",
     tcs_options_list, tcs_cmd_rules_list},
    {"rules explain", "RULE [EVENT...]", "say why a rule did or did not match an event",
     "RULE is an id, a file, or a part of a title that fits one rule or correlation. Without "
     "EVENT: "
     "what the rule "
     "looks for, and where. EVENT is a log file, or FILE:N for the record with number N; for each "
     "record it says where the logsource fits, and which selections hit on which field and value.",
     "tocsin rules explain my_rule.yml Security.evtx:4711\n"
     "Why did my rule not fire on record 4711?",
     tcs_options_explain, tcs_cmd_rules_explain},
    {"intel profile", "", "make an actor profile from a STIX bundle",
     "Takes groups and campaigns out of a STIX bundle, such as ATT&CK's, and writes the techniques "
     "that they are publicly known to use as a small bundle of its own, each with where that is "
     "published. tocsin hunt --profiles compares incidents with it: an overlap tells what may come "
     "next, not who it is.\n"
     "\n"
     "Exit status: 0 done; 1 something could not be done.",
     "tocsin intel profile --from enterprise-attack.json --list\n"
     "Which groups and campaigns are there?\n"
     "tocsin intel profile --from enterprise-attack.json --group 'Magic Hound' -o "
     "magic-hound.json\n"
     "One group, with the campaigns attributed to it.",
     tcs_options_intel_profile, tcs_cmd_intel_profile},
    {0},
};

static unsigned
help_width(int fd)
{
    enum { WIDEST = 100, USUAL = 80 };
    unsigned w = tcs_term_probe(fd).width;
    return w == 0 ? USUAL : w > WIDEST ? WIDEST : w;
}

/* Prints and frees; the exit status. */
static int
print(struct tcs_buf *b, FILE *to, int status)
{
    bool good = !b->failed && fwrite(b->p, 1, b->n, to) == b->n && fflush(to) == 0;
    tcs_buf_done(b);
    return good ? status : TCS_EXIT_ERROR;
}

static bool
is_group(const char *word)
{
    for (const struct tcs_command *c = tcs_commands; c->name; c++) {
        struct tcs_str name = tcs_str_of(c->name);
        size_t blank = tcs_str_find(name, ' ', 0);
        if (blank < name.n && tcs_str_eq(tcs_str_slice(name, 0, blank), tcs_str_of(word)))
            return true;
    }
    return false;
}

/* `tocsin help`, `tocsin help rules check`, `tocsin --help`. */
static int
help(int argc, char **argv)
{
    struct tcs_buf b = {0};
    int words;
    const struct tcs_command *cmd = tcs_command_find(argc, argv, &words);
    unsigned width = help_width(STDOUT_FILENO);
    if (cmd)
        tcs_help_command(&b, cmd, width);
    else if (argc > 1 && is_group(argv[1]))
        tcs_help_group(&b, argv[1], width);
    else
        tcs_help_all(&b, width);
    return print(&b, stdout, 0);
}

static int
no_command(int argc, char **argv)
{
    struct tcs_buf b = {0};
    if (argc > 1 && is_group(argv[1])) {
        if (argc > 2 && strcmp(argv[2], "--help") != 0 && strcmp(argv[2], "-h") != 0)
            tcs_complain("there is no command '%s %s'", argv[1], argv[2]);
        tcs_help_group(&b, argv[1], help_width(STDERR_FILENO));
        bool asked = argc == 3 && argv[2][0] == '-';
        return print(&b, asked ? stdout : stderr, asked ? 0 : TCS_EXIT_ERROR);
    }
    if (argc > 1) {
        tcs_complain("there is no command '%s'; tocsin --help lists them", argv[1]);
        return TCS_EXIT_ERROR;
    }
    tcs_help_all(&b, help_width(STDERR_FILENO));
    return print(&b, stderr, TCS_EXIT_ERROR);
}

static int
completion(const char *shell)
{
    struct tcs_buf b = {0};
    if (tcs_completion_print(&b, shell))
        return print(&b, stdout, 0);
    tcs_complain("there is completion for bash and zsh, not for '%s'", shell);
    return TCS_EXIT_ERROR;
}

static int
run(int argc, char **argv)
{
    struct tcs_settings set;
    struct tcs_err err = {0};
    int words = 0;
    const struct tcs_command *cmd = tcs_command_find(argc, argv, &words);
    if (!cmd)
        return no_command(argc, argv);
    int r = tcs_settings_parse(cmd, argc - words, argv + words, &set, &err);
    if (r > 0)
        return help(argc, argv);
    if (r < 0) {
        tcs_complain("%s: %s; tocsin %s --help lists the options", cmd->name, err.msg, cmd->name);
        return TCS_EXIT_ERROR;
    }
    return cmd->run(&set);
}

int
main(int argc, char **argv)
{
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

/* cli/options.c - the options: one row each, and which of them a command has.
 *
 * In: the text of an option's argument.  Out: its place in struct tcs_settings, whose strings point
 * into argv.  Files named by options are opened by those who use them. */
#include "cli/settings.h"

#include "attack/level.h"
#include "base/num.h"
#include "base/time.h"
#include "chain/finding.h"
#include "report/report.h"
#include "sigma/status.h"

static int
push(struct tcs_setting_list *l, const char *arg, struct tcs_err *err)
{
    if (l->n == TCS_SETTING_LIST_MAX)
        return tcs_fail(err, TCS_ELIMIT, "the option may be given at most %d times",
                        TCS_SETTING_LIST_MAX);
    l->at[l->n++] = arg;
    return 0;
}

static int
set_rules(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->rules, arg, err);
}

static int
set_tag(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->tags, arg, err);
}

static int
set_rule(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->names, arg, err);
}

static int
set_host(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->hosts, arg, err);
}

static int
set_product(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->products, arg, err);
}

static int
set_profiles(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->profiles, arg, err);
}

static int
set_group(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->groups, arg, err);
}

static int
set_campaign(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->campaigns, arg, err);
}

static int
level_of(const char *arg, uint8_t *ret, struct tcs_err *err)
{
    *ret = tcs_attack_level_of(tcs_str_of(arg));
    if (!*ret)
        return tcs_fail(err, TCS_EUSAGE,
                        "'%.40s' is no level; levels are informational, low, "
                        "medium, high and critical",
                        arg);
    return 0;
}

static int
set_level(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return level_of(arg, &s->level, err);
}

static int
set_fail_level(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return level_of(arg, &s->fail_level, err);
}

static int
set_status(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    s->status = tcs_sigma_status_of(tcs_str_of(arg));
    if (!s->status)
        return tcs_fail(err, TCS_EUSAGE,
                        "'%.40s' is no status; statuses are stable, test, "
                        "experimental, deprecated and unsupported",
                        arg);
    return 0;
}

static int
time_of(const char *arg, int64_t *ret, struct tcs_err *err)
{
    if (!tcs_time_parse(tcs_str_of(arg), ret))
        return tcs_fail(err, TCS_EUSAGE,
                        "'%.40s' is no time; write 2026-04-20 or "
                        "2026-04-20T10:00:00Z",
                        arg);
    return 0;
}

static int
set_from(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return time_of(arg, &s->from, err);
}

static int
set_to(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return time_of(arg, &s->to, err);
}

static int
set_threads(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    uint64_t n;
    if (!tcs_num_u64(tcs_str_of(arg), &n) || n < 1 || n > TCS_THREADS_MAX)
        return tcs_fail(err, TCS_EUSAGE, "'%.40s' threads: give a number from 1 to %d", arg,
                        TCS_THREADS_MAX);
    s->threads = (unsigned)n;
    return 0;
}

static int
format_of(struct tcs_settings *s, const char *arg, const char *const *words, struct tcs_err *err)
{
    for (uint8_t i = 0; i <= TCS_OUT_FLAT; i++)
        if (words[i] && strcmp(arg, words[i]) == 0) {
            s->format = i;
            return 0;
        }
    return tcs_fail(err, TCS_EUSAGE, "'%.40s' is no format here; see --help", arg);
}

static int
set_report_format(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    static const char *const words[] = {[TCS_OUT_TEXT] = "text", [TCS_OUT_JSONL] = "jsonl", NULL};
    return format_of(s, arg, words, err);
}

static int
set_dump_format(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    static const char *const words[] = {NULL, [TCS_OUT_JSONL] = "jsonl", [TCS_OUT_FLAT] = "flat"};
    return format_of(s, arg, words, err);
}

static int
set_document(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    for (uint8_t i = 0; tcs_report_formats[i].name; i++)
        if (strcmp(arg, tcs_report_formats[i].name) == 0) {
            s->document = i;
            return 0;
        }
    return tcs_fail(err, TCS_EUSAGE, "'%.40s' is no format here; see --help", arg);
}

static int
set_output(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    (void)err;
    s->output = arg;
    return 0;
}

static int
set_logsources(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    (void)err;
    s->logsources = arg;
    return 0;
}

static int
set_placeholders(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    (void)err;
    s->placeholders = arg;
    return 0;
}

static int
set_alert_map(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return push(&s->alert_maps, arg, err);
}

static int
set_stop(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    return *arg ? push(&s->stops, arg, err) : tcs_fail(err, TCS_EUSAGE, "name something");
}

static int
set_state(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    s->state = arg;
    return *arg ? 0 : tcs_fail(err, TCS_EUSAGE, "name a folder");
}

static int
set_min_state(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    static const char *const words[TCS_STATES] = {NULL, "watch", "warn", "imminent", "destruction"};
    for (uint8_t i = 1; i < TCS_STATES; i++)
        if (strcmp(arg, words[i]) == 0) {
            s->min_state = i;
            return 0;
        }
    return tcs_fail(err, TCS_EUSAGE,
                    "'%.40s' is no state; states are watch, warn, imminent and destruction", arg);
}

static int
set_bundle(struct tcs_settings *s, const char *arg, struct tcs_err *err)
{
    (void)err;
    s->bundle = arg;
    return 0;
}

#define FLAG(member)                                                                               \
    static int set_##member(struct tcs_settings *s, const char *arg, struct tcs_err *err)          \
    {                                                                                              \
        (void)arg;                                                                                 \
        (void)err;                                                                                 \
        s->member = true;                                                                          \
        return 0;                                                                                  \
    }
FLAG(no_sandbox)
FLAG(carve)
FLAG(no_cache)
FLAG(quiet)
FLAG(no_progress)
FLAG(refused)
FLAG(no_incidents)
FLAG(list)
FLAG(software)
#undef FLAG

#define LEVELS "informational low medium high critical"
#define ROW static const struct tcs_option
ROW o_rules = {
    "rules",
    'r',
    "PATH",
    "FILE",
    "Sigma rules: a file, or a folder with all the .yml and .yaml files below it. May be "
    "given several times. Default: the rules that come with tocsin.",
    set_rules};
ROW o_level = {"level", 'l', "LEVEL", LEVELS, "Use only rules of this level and above.", set_level};
ROW o_status = {"status",
                0,
                "STATUS",
                "stable test experimental deprecated",
                "Use only rules that are at least this mature: stable is above test, test above "
                "experimental.",
                set_status};
ROW o_tag = {"tag",
             't',
             "TAG",
             NULL,
             "Use only rules with this tag: attack.credential-access, T1003 (which includes "
             "T1003.001), cve.2021-44228. May be given several times; one of them is enough.",
             set_tag};
ROW o_rule = {
    "rule",
    0,
    "RULE",
    NULL,
    "Use only the rule with this id or file name, or those with this text in their title. "
    "May be given several times.",
    set_rule};
ROW o_product = {"product",
                 0,
                 "WORD",
                 "windows linux macos azure aws gcp",
                 "List only rules for this product, category or service. May be given several "
                 "times.",
                 set_product};
ROW o_refused = {
    "refused",  0, NULL, NULL, "List what was refused, and why, in place of the rules.",
    set_refused};
ROW o_from = {"from",
              0,
              "TIME",
              NULL,
              "Only events at or after this time, UTC: 2026-04-20 or 2026-04-20T10:00:00Z. Events "
              "without a time are kept.",
              set_from};
ROW o_to = {
    "to",  0, "TIME", NULL, "Only events before this time. A date alone means its first moment.",
    set_to};
ROW o_host = {"host",
              0,
              "NAME",
              NULL,
              "Only events of this computer: a name with or without its domain, * and ? as "
              "wildcards. May be given several times.",
              set_host};
ROW o_threads = {"threads",
                 'j',
                 "N",
                 NULL,
                 "Decode and match on N threads. The output is the same for any N. Default: one "
                 "per core.",
                 set_threads};
ROW o_fail_level = {"fail-level",
                    0,
                    "LEVEL",
                    LEVELS,
                    "Exit with status 2 only when a finding has at least this level. Default: any "
                    "finding.",
                    set_fail_level};
ROW o_report = {"format",
                'f',
                "FORMAT",
                "text jsonl",
                "text: a report for people (default). jsonl: one JSON object per line.",
                set_report_format};
ROW o_dump_format = {"format",
                     'f',
                     "FORMAT",
                     "jsonl flat",
                     "jsonl: each record in the shape of its source, for EVTX {\"Event\":{...}} "
                     "(default). flat: one object of field names as rules use them.",
                     set_dump_format};
ROW o_document = {"format",
                  'f',
                  "FORMAT",
                  "html md jsonl navigator timesketch stix",
                  "html: a page of its own (default). md: for a ticket. jsonl: one JSON object. "
                  "navigator: a layer for the ATT&CK Navigator. timesketch: CSV. stix: a STIX 2.1 "
                  "bundle, marked TLP:AMBER.",
                  set_document};
ROW o_output = {"output",  'o', "FILE", "FILE", "Write to this file instead of standard output.",
                set_output};
ROW o_logsources = {"logsources",
                    0,
                    "FILE",
                    "FILE",
                    "Add to or replace entries of the table that says which events a rule's "
                    "logsource means.",
                    set_logsources};
ROW o_alert_map = {"alert-map",
                   0,
                   "FILE",
                   "FILE",
                   "Say which records are other tools' alerts and what they mean; CSV files whose "
                   "columns it names are read. May be given several times. Suricata and Wazuh are "
                   "known without.",
                   set_alert_map};
ROW o_placeholders = {
    "placeholders",
    0,
    "DIR",
    "DIR",
    "Values for the expand modifier: %name% stands for the lines of DIR/name.txt.",
    set_placeholders};
ROW o_carve = {"carve",
               0,
               NULL,
               NULL,
               "Also look at deleted and left-over records in EVTX slack. They are tagged as "
               "carved.",
               set_carve};
ROW o_no_sandbox = {"no-sandbox",
                    0,
                    NULL,
                    NULL,
                    "Do not give up the right to open, create and connect before reading logs. For "
                    "systems whose kernel refuses the sandbox.",
                    set_no_sandbox};
ROW o_no_cache = {
    "no-cache",  0, NULL, NULL, "Read the rules from their files, and keep no compiled copy.",
    set_no_cache};
ROW o_no_incidents = {
    "no-incidents",  0, NULL, NULL, "Report findings only, and do not join them into incidents.",
    set_no_incidents};
ROW o_stop = {"stop",
              0,
              "NAME",
              NULL,
              "A host, account or address that many share, such as a jump host, a scanner or a "
              "service account: it joins nothing on its own. May be given several times.",
              set_stop};
ROW o_no_progress = {"no-progress",
                     0,
                     NULL,
                     NULL,
                     "No progress line on standard error (there is none unless it is a terminal).",
                     set_no_progress};
ROW o_quiet = {"quiet", 'q', NULL, NULL, "Only the result: no progress and no remarks.", set_quiet};

ROW o_profiles = {
    "profiles",
    0,
    "PATH",
    "FILE",
    "Actor profiles to compare incidents with: a STIX bundle, or a folder of them. May "
    "be given several times. Default: the profiles that come with tocsin.",
    set_profiles};
ROW o_bundle = {"from",
                0,
                "BUNDLE",
                "FILE",
                "The STIX bundle to take from, such as ATT&CK's enterprise-attack.json.",
                set_bundle};
ROW o_group = {
    "group",
    0,
    "NAME",
    NULL,
    "Take this group and the campaigns attributed to it: an ATT&CK id (G0059), a name or "
    "an alias. May be given several times.",
    set_group};
ROW o_campaign = {"campaign",
                  0,
                  "NAME",
                  NULL,
                  "Take this campaign: an ATT&CK id (C0038) or a name. May be given several times.",
                  set_campaign};
ROW o_software = {"software",  0, NULL, NULL, "Take also what the software does that they use.",
                  set_software};
ROW o_list = {"list", 0, NULL, NULL, "List the groups and campaigns of the bundle.", set_list};

ROW o_state = {"state",
               0,
               "DIR",
               "DIR",
               "Keep what is found, and how far each log was read, in this folder; the next hunt "
               "goes on from there. Without it nothing is kept.",
               set_state};
ROW o_store = {"state",
               0,
               "DIR",
               "DIR",
               "The folder that hunt was given. Default: $STATE_DIRECTORY, else "
               "$XDG_STATE_HOME/tocsin, else ~/.local/state/tocsin.",
               set_state};
ROW o_min_state = {
    "min-state",
    0,
    "STATE",
    "watch warn imminent destruction",
    "List only incidents in this state or beyond: watch, warn, imminent, destruction.",
    set_min_state};

/* One a line, in the order of --help. */
/* clang-format off */
const struct tcs_option *const tcs_options_incidents[] = {
    &o_store,
    &o_min_state,
    &o_report,
    &o_output,
    NULL,
};
const struct tcs_option *const tcs_options_hunt[] = {
    &o_rules,
    &o_level,
    &o_status,
    &o_tag,
    &o_rule,
    &o_from,
    &o_to,
    &o_host,
    &o_carve,
    &o_report,
    &o_output,
    &o_fail_level,
    &o_no_incidents,
    &o_stop,
    &o_threads,
    &o_logsources,
    &o_alert_map,
    &o_profiles,
    &o_placeholders,
    &o_state,
    &o_no_cache,
    &o_no_sandbox,
    &o_no_progress,
    &o_quiet,
    NULL,
};
const struct tcs_option *const tcs_options_dump[] = {
    &o_dump_format,
    &o_from,
    &o_to,
    &o_host,
    &o_carve,
    &o_output,
    &o_threads,
    &o_no_sandbox,
    &o_no_progress,
    &o_quiet,
    NULL,
};
const struct tcs_option *const tcs_options_check[] = {
    &o_placeholders,
    &o_report,
    &o_quiet,
    NULL,
};
const struct tcs_option *const tcs_options_list[] = {
    &o_rules,
    &o_level,
    &o_status,
    &o_tag,
    &o_rule,
    &o_product,
    &o_refused,
    &o_report,
    &o_logsources,
    &o_placeholders,
    NULL,
};
const struct tcs_option *const tcs_options_intel_profile[] = {
    &o_bundle,
    &o_group,
    &o_campaign,
    &o_software,
    &o_list,
    &o_report,
    &o_output,
    NULL,
};
const struct tcs_option *const tcs_options_explain[] = {
    &o_rules,
    &o_logsources,
    &o_placeholders,
    &o_carve,
    NULL,
};
const struct tcs_option *const tcs_options_report[] = {
    &o_document,
    &o_store,
    &o_output,
    NULL,
};
const struct tcs_option *const tcs_options_none[] = {
    NULL,
};
/* clang-format on */

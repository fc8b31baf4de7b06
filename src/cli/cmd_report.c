/* cli/cmd_report.c - `tocsin report`: one incident of the store as a document.
 *
 * In: an id or its beginning.  Out: the document, to standard output or a file; a page goes to a
 * file of its own if it would be poured over a terminal.  What the document says is made by
 * report/, what is known by store/. */
#include "cli/command.h"
#include "cli/option_groups.h"
#include "cli/output.h"
#include "cli/term.h"
#include "process/dirs.h"
#include "report/report.h"
#include "store/store.h"

enum { SHORT_ID = 8, NEAR_MAX = 5 };

struct report_opts {
    uint8_t document; /* row of tcs_report_formats */
    const char *state, *output;
};

static const struct tcs_cli_option options[] = {
    /* words in the order of tcs_report_formats */
    TCS_CLI_ROW("format", 'f', "FORMAT", "html md jsonl navigator timesketch stix",
                "html: a page of its own (default). md: for a ticket. jsonl: one JSON object. "
                "navigator: a layer for the ATT&CK Navigator. timesketch: CSV. stix: a STIX 2.1 "
                "bundle, marked TLP:AMBER.",
                TCS_CLI_FORMAT(struct report_opts, document)),
    TCS_CLI_OPT_STORE(struct report_opts, state),
    TCS_CLI_OPT_OUTPUT(struct report_opts, output),
    {0},
};

/* Incidents to name when the one that was asked for is not there. */
struct near {
    struct tcs_str wanted;
    struct {
        char id[TCS_INCIDENT_ID + 1];
        uint8_t state;
        size_t common; /* characters that agree from the beginning */
    } at[NEAR_MAX];
    size_t n;
    uint64_t all;
};

static size_t
agree(struct tcs_str wanted, const char *id)
{
    size_t n = 0;
    while (n < wanted.n && id[n] && tcs_base_ascii_lower(wanted.p[n]) == id[n])
        n++;
    return n;
}

/* Keeps those that agree longest; among equals the newer, which come first. */
static void
keep_near(void *ctx, const struct tcs_incident *head)
{
    struct near *w = ctx;
    size_t common = agree(w->wanted, head->id), at = w->n;
    w->all++;
    while (at > 0 && w->at[at - 1].common < common)
        at--;
    if (at == NEAR_MAX)
        return;
    size_t kept = w->n < NEAR_MAX ? w->n : NEAR_MAX - 1;
    memmove(&w->at[at + 1], &w->at[at], (kept - at) * sizeof w->at[0]);
    memcpy(w->at[at].id, head->id, sizeof w->at[at].id);
    w->at[at].state = head->state;
    w->at[at].common = common;
    w->n = kept + 1;
}

static int
unknown(struct tcs_store *s, const char *id, struct tcs_err *err)
{
    struct near w = {.wanted = tcs_base_str_of(id)};
    int r = tcs_store_incidents(s, TCS_STATE_NONE, keep_near, &w, err);
    if (r < 0)
        return r;
    if (w.n == 0)
        return tcs_base_fail(
            err, TCS_EUSAGE,
            "there are no incidents in the store yet; tocsin hunt --state finds them");
    for (size_t i = 0; i < w.n; i++)
        tcs_cli_complain("%.*s  %s", TCS_INCIDENT_ID, w.at[i].id,
                         tcs_chain_state_name(w.at[i].state));
    return tcs_base_fail(err, TCS_EUSAGE,
                         "no incident begins with '%.40s'; above the nearest of %llu", id,
                         (unsigned long long)w.all);
}

static int
find(const struct report_opts *set, const char *id, struct tcs_arena *a, struct tcs_incident *in,
     struct tcs_guard *guard, struct tcs_err *err)
{
    const char *dir = set->state;
    struct tcs_store *s;
    int r = dir ? 0 : tcs_process_dirs_state(a, &dir, err);
    if (r == 0)
        r = tcs_store_open(dir, TCS_STORE_READ, &s, err);
    if (r < 0)
        return r;
    r = tcs_store_incident_get(s, tcs_base_str_of(id), a, in, err);
    if (r == 0)
        r = unknown(s, id, err);
    tcs_store_close(s);
    tcs_detect_guard_store(guard, dir);
    return r < 0 ? r : 0;
}

/* The file that a page gets if a terminal would have to take it; NULL: none. */
static const char *
own_file(const struct report_opts *set, const struct tcs_incident *in, struct tcs_arena *a)
{
    bool page = set->document == 0;
    if (set->output || !page || !tcs_cli_term_probe(1).tty)
        return set->output;
    return tcs_base_arena_printf(a, "incident-%.*s.html", SHORT_ID, in->id).p;
}

static int
emit(const struct report_opts *set, const struct tcs_incident *in, struct tcs_arena *a,
     struct tcs_guard *guard, struct tcs_err *err)
{
    const struct tcs_report_format *format = &tcs_report_formats[set->document];
    const char *path = own_file(set, in, a);
    struct tcs_output out;
    struct tcs_buf b = {0};
    format->write(&b, in);
    int r = b.failed ? tcs_base_fail(err, TCS_ENOMEM, "out of memory") : 0;
    if (r == 0)
        r = tcs_cli_output_open(&out, path, guard, err);
    if (r == 0) {
        r = tcs_cli_output_buf(&out, &b, true, err); /* as it is, but for terminals */
        int closed = tcs_cli_output_close(&out, r < 0 ? &(struct tcs_err){0} : err);
        r = r < 0 ? r : closed;
    }
    if (r == 0 && path != set->output)
        tcs_cli_complain("written to %s", path);
    tcs_base_buf_done(&b);
    return r;
}

static int
report(void *opts, const struct tcs_cli_operands *ids)
{
    struct tcs_err err = {0};
    struct tcs_incident in = {0};
    struct tcs_guard guard = {0};
    if (ids->n != 1) {
        tcs_cli_complain("report: name one incident; tocsin report --help shows how");
        return TCS_EXIT_ERROR;
    }
    struct tcs_arena *a = tcs_base_arena_new(0);
    int r = a ? find(opts, ids->at[0], a, &in, &guard, &err)
              : tcs_base_fail(&err, TCS_ENOMEM, "out of memory");
    if (r == 0)
        r = emit(opts, &in, a, &guard, &err);
    if (r < 0)
        tcs_cli_complain("report: %s", err.msg);
    tcs_base_arena_free(a);
    return r < 0 ? TCS_EXIT_ERROR : 0;
}

const struct tcs_command tcs_command_report = {
    .name = "report",
    .operands = "INCIDENT",
    .brief = "one incident as a page, ticket, CSV, ATT&CK layer or STIX bundle",
    .about = "Writes one incident of the store as a document. INCIDENT is its id or the first "
             "digits of it, four at least. The page needs nothing but itself: no network, no "
             "scripts; it holds internal names, so think before it is passed on. On a terminal the "
             "page goes to a file named after the incident.\n"
             "\n"
             "Exit status: 0 written; 1 something could not be done.",
    .examples = "tocsin report 3c9a51d0\n"
                "A page, incident-3c9a51d0.html.\n"
                "tocsin report --format md 3c9a51d0 > ticket.md\n"
                "For a ticket.\n"
                "tocsin report -f stix -o incident.json 3c9a51d0\n"
                "For a partner that reads STIX.",
    .options = options,
    .size = sizeof(struct report_opts),
    .run = report,
};

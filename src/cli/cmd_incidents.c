/* cli/cmd_incidents.c - `tocsin incidents`: what the store holds, as a list or one of them whole.
 */
#include "cli/command.h"
#include "cli/incident_text.h"
#include "cli/option_groups.h"
#include "cli/output.h"
#include "process/dirs.h"
#include "report/incident_json.h"
#include "store/store.h"

struct incidents_opts {
    uint8_t min_state, format;
    const char *state, *output;
};

static const struct tcs_cli_option options[] = {
    TCS_CLI_OPT_STORE(struct incidents_opts, state),
    TCS_CLI_ROW("min-state", 0, "STATE", "watch warn imminent destruction",
                "List only incidents in this state or beyond: watch, warn, imminent, destruction.",
                TCS_CLI_WORD(struct incidents_opts, min_state, TCS_STATE_WATCH,
                             "is no state; states are watch, warn, imminent and destruction")),
    TCS_CLI_OPT_FORMAT(struct incidents_opts, format),
    TCS_CLI_OPT_OUTPUT(struct incidents_opts, output),
    {0},
};

struct list {
    bool json;
    uint8_t min_state;
    const struct tcs_term *term;
    struct tcs_buf *out;
    struct tcs_arena *arena;
    char (*ids)[TCS_INCIDENT_ID + 1]; /* for jsonl, which shows them whole */
    uint32_t n, cap;
    bool failed;
};

static void
on_head(void *ctx, const struct tcs_incident *head)
{
    struct list *l = ctx;
    if (!l->json) {
        if (l->n++)
            tcs_base_buf_c(l->out, '\n');
        tcs_cli_incident_line(l->out, l->term, head);
        return;
    }
    if (!tcs_base_arena_grow(l->arena, &l->ids, l->n, &l->cap, sizeof *l->ids))
        l->failed = true;
    else
        memcpy(l->ids[l->n++], head->id, sizeof head->id);
}

static int
put_list(struct tcs_store *s, struct list *l, const struct tcs_output *o, struct tcs_err *err)
{
    int r = tcs_store_incidents(s, l->min_state, on_head, l, err);
    struct tcs_arena *a = tcs_base_arena_new(0);
    if (r == 0 && (l->failed || !a))
        r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    for (uint32_t i = 0; r == 0 && l->json && i < l->n; i++) {
        struct tcs_incident in;
        tcs_base_arena_reset(a);
        r = tcs_store_incident_get(s, tcs_base_str_of(l->ids[i]), a, &in, err);
        if (r == 1) {
            tcs_report_incident_json(l->out, &in);
            r = tcs_cli_output_buf(o, l->out, true, err);
        }
    }
    tcs_base_arena_free(a);
    if (r < 0 || l->json)
        return r < 0 ? r : 0;
    if (l->n == 0)
        tcs_base_buf_str(l->out, l->min_state ? TCS_STR("no incident in that state\n")
                                              : TCS_STR("no incidents\n"));
    return tcs_cli_output_buf(o, l->out, false, err);
}

static int
put_one(struct tcs_store *s, struct list *l, const char *id, const struct tcs_output *o,
        struct tcs_err *err)
{
    struct tcs_incident in;
    int r = tcs_store_incident_get(s, tcs_base_str_of(id), l->arena, &in, err);
    if (r == 0)
        return tcs_base_fail(err, TCS_EUSAGE,
                             "there is no incident %.40s; tocsin incidents lists them", id);
    if (r < 0)
        return r;
    if (l->json)
        tcs_report_incident_json(l->out, &in);
    else
        tcs_cli_incident_text(l->out, l->term, &in, false);
    return tcs_cli_output_buf(o, l->out, l->json, err);
}

static int
run(const struct incidents_opts *set, const char *id, struct tcs_arena *a, struct tcs_err *err)
{
    struct tcs_output o;
    struct tcs_guard guard = {0};
    struct tcs_buf out = {0};
    struct tcs_store *s = NULL;
    const char *dir = set->state;
    int r = dir ? 0 : tcs_process_dirs_state_path(a, &dir, err);
    if (r == 0)
        r = tcs_store_open(dir, TCS_STORE_READ, &s, err);
    if (r == 0)
        tcs_detect_guard_store(&guard, dir);
    if (r == 0)
        r = tcs_cli_output_open(&o, set->output, &guard, err);
    if (r == 0) {
        struct tcs_term term = tcs_cli_term_probe(o.fd);
        struct list l = {.json = set->format == TCS_OUT_JSONL,
                         .min_state = set->min_state,
                         .term = &term,
                         .out = &out,
                         .arena = a};
        r = id ? put_one(s, &l, id, &o, err) : put_list(s, &l, &o, err);
        struct tcs_err late;
        int closed = tcs_cli_output_close(&o, r < 0 ? &late : err);
        r = r < 0 ? r : closed;
    }
    tcs_base_buf_done(&out);
    tcs_store_close(s);
    return r;
}

static int
incidents(void *opts, const struct tcs_cli_operands *ids)
{
    struct tcs_err err = {0};
    if (ids->n > 1) {
        tcs_cli_complain("incidents: give one id, or none for the list");
        return TCS_EXIT_ERROR;
    }
    struct tcs_arena *a = tcs_base_arena_new(0);
    int r = a ? run(opts, ids->n ? ids->at[0] : NULL, a, &err)
              : tcs_base_fail(&err, TCS_ENOMEM, "out of memory");
    tcs_base_arena_free(a);
    if (r == 0)
        return TCS_EXIT_NOTHING;
    tcs_cli_complain("%s", err.msg);
    return TCS_EXIT_ERROR;
}

const struct tcs_command tcs_command_incidents = {
    .name = "incidents",
    .operands = "[ID]",
    .brief = "list and show the incidents that are kept",
    .about = "Reads the store that tocsin hunt --state DIR writes. Without ID: one line for each "
             "incident, newest change first. With ID, or the first digits of one: all that is "
             "known of it. Works while a hunt is writing, and shows the state before that hunt.\n"
             "\n"
             "Exit status: 0 done; 1 something could not be done, such as an id that is not there.",
    .examples = "tocsin incidents --min-state warn\n"
                "What needs somebody now?\n"
                "tocsin incidents 4f1c\n"
                "One incident: what happened, why it is one, what to do.\n"
                "tocsin incidents --format jsonl > incidents.jsonl\n"
                "All of them, whole, for machines.",
    .options = options,
    .size = sizeof(struct incidents_opts),
    .run = incidents,
};

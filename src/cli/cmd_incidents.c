/* cli/cmd_incidents.c - `tocsin incidents`: what the store holds, as a list or one of them whole.
 */
#include "cli/command.h"
#include "cli/incident_text.h"
#include "cli/output.h"
#include "process/dirs.h"
#include "report/incident_json.h"
#include "store/store.h"

struct list {
    const struct tcs_settings *set;
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
    if (l->set->format == TCS_OUT_TEXT) {
        if (l->n++)
            tcs_buf_c(l->out, '\n');
        tcs_incident_line(l->out, l->term, head);
        return;
    }
    if (!tcs_arena_grow(l->arena, &l->ids, l->n, &l->cap, sizeof *l->ids))
        l->failed = true;
    else
        memcpy(l->ids[l->n++], head->id, sizeof head->id);
}

static int
put_list(struct tcs_store *s, struct list *l, const struct tcs_output *o, struct tcs_err *err)
{
    int r = tcs_store_incidents(s, l->set->min_state, on_head, l, err);
    struct tcs_arena *a = tcs_arena_new(0);
    if (r == 0 && (l->failed || !a))
        r = tcs_fail(err, TCS_ENOMEM, "out of memory");
    for (uint32_t i = 0; r == 0 && l->set->format == TCS_OUT_JSONL && i < l->n; i++) {
        struct tcs_incident in;
        tcs_arena_reset(a);
        l->out->n = 0;
        r = tcs_store_incident_get(s, tcs_str_of(l->ids[i]), a, &in, err);
        if (r == 1) {
            tcs_incident_json(l->out, &in);
            r = tcs_output_json(o, l->out->p, l->out->n, err);
        }
    }
    tcs_arena_free(a);
    if (r < 0 || l->set->format == TCS_OUT_JSONL)
        return r < 0 ? r : 0;
    if (l->n == 0)
        tcs_buf_str(l->out, l->set->min_state ? TCS_STR("no incident in that state\n")
                                              : TCS_STR("no incidents\n"));
    return tcs_output_write(o, l->out->p, l->out->n, err);
}

static int
put_one(struct tcs_store *s, struct list *l, const struct tcs_output *o, struct tcs_err *err)
{
    struct tcs_incident in;
    int r = tcs_store_incident_get(s, tcs_str_of(l->set->paths[0]), l->arena, &in, err);
    if (r == 0)
        return tcs_fail(err, TCS_EUSAGE, "there is no incident %.40s; tocsin incidents lists them",
                        l->set->paths[0]);
    if (r < 0)
        return r;
    bool json = l->set->format == TCS_OUT_JSONL;
    if (json)
        tcs_incident_json(l->out, &in);
    else
        tcs_incident_text(l->out, l->term, &in, false);
    return json ? tcs_output_json(o, l->out->p, l->out->n, err)
                : tcs_output_write(o, l->out->p, l->out->n, err);
}

static int
run(const struct tcs_settings *set, struct tcs_arena *a, struct tcs_err *err)
{
    struct tcs_output o;
    struct tcs_buf out = {0};
    struct tcs_store *s = NULL;
    const char *dir = set->state;
    int r = dir ? 0 : tcs_dirs_state_path(a, &dir, err);
    if (r == 0)
        r = tcs_store_open(dir, TCS_STORE_READ, &s, err);
    if (r == 0)
        r = tcs_output_open(&o, set->output, err);
    if (r == 0) {
        struct tcs_term term = tcs_term_probe(o.fd);
        struct list l = {.set = set, .term = &term, .out = &out, .arena = a};
        r = set->npaths ? put_one(s, &l, &o, err) : put_list(s, &l, &o, err);
        if (r == 0 && out.failed)
            r = tcs_fail(err, TCS_ENOMEM, "out of memory");
        struct tcs_err late;
        int closed = tcs_output_close(&o, r < 0 ? &late : err);
        r = r < 0 ? r : closed;
    }
    tcs_buf_done(&out);
    tcs_store_close(s);
    return r;
}

int
tcs_cmd_incidents(const struct tcs_settings *set)
{
    struct tcs_err err = {0};
    if (set->npaths > 1) {
        tcs_complain("incidents: give one id, or none for the list");
        return TCS_EXIT_ERROR;
    }
    struct tcs_arena *a = tcs_arena_new(0);
    int r = a ? run(set, a, &err) : tcs_fail(&err, TCS_ENOMEM, "out of memory");
    tcs_arena_free(a);
    if (r == 0)
        return TCS_EXIT_NOTHING;
    tcs_complain("%s", err.msg);
    return TCS_EXIT_ERROR;
}

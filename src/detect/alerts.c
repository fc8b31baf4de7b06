/* detect/alerts.c - loads the maps, and turns events that are alerts into detections and lines.
 *
 * In: events in the workers.  Out: struct tcs_alerted in the block's result, one JSON object each
 * (tocsin-hunt(1), OUTPUT), and their sums (alerts_report.c).  What an alert means is the map's. */
#include "detect/alerts.h"

#include "attack/level.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/time.h"
#include "detect/alerts_int.h"
#include "detect/rulefiles.h"

#include <stdlib.h>

static int
no_memory(struct tcs_err *err)
{
    return tcs_fail(err, TCS_ENOMEM, "out of memory for the alerts of other tools");
}

/* The tables that --alert-map describes, for the one who looks at the files. */
static int
collect_tables(struct tcs_alerts *al, struct tcs_err *err)
{
    const struct tcs_str *columns;
    uint32_t n, cap = 0;
    while ((columns = tcs_alertmap_table(al->map, al->tables.n, &n))) {
        if (!tcs_arena_grow(al->arena, &al->table, al->tables.n, &cap, sizeof *al->table))
            return no_memory(err);
        al->table[al->tables.n++] = (struct tcs_csv_table){columns, n};
    }
    al->tables.at = al->table;
    return 0;
}

static int
load(struct tcs_alerts *al, const struct tcs_detect_opts *opts, struct tcs_err *err)
{
    int r = tcs_alertmap_add(al->map, TCS_STR("(built in)"), tcs_alertmap_builtin(), err);
    for (size_t i = 0; r == 0 && i < opts->alert_maps.n; i++) {
        struct tcs_str text;
        const char *path = opts->alert_maps.at[i];
        r = tcs_rulefiles_slurp(al->arena, path, TCS_RULE_FILE_MAX, &text, err);
        if (r == 0)
            r = tcs_alertmap_add(al->map, tcs_str_of(path), text, err);
        if (r < 0 && err->line)
            return tcs_wrap(err, "line %u, column %u", err->line, err->col);
    }
    return r ? r : collect_tables(al, err);
}

int
tcs_alerts_load(const struct tcs_detect_opts *opts, bool lines, struct tcs_alerts **ret,
                struct tcs_err *err)
{
    struct tcs_alerts *al = calloc(1, sizeof *al);
    if (!al)
        return no_memory(err);
    al->opts = opts;
    al->lines = lines;
    al->arena = tcs_arena_new(0);
    al->map = tcs_alertmap_new();
    int r = al->arena && al->map ? load(al, opts, err) : no_memory(err);
    if (r < 0)
        tcs_alerts_free(al);
    else
        *ret = al;
    return r;
}

void
tcs_alerts_free(struct tcs_alerts *al)
{
    if (!al)
        return;
    tcs_alertmap_free(al->map);
    tcs_arena_free(al->arena);
    tcs_map_done(&al->index);
    tcs_buf_done(&al->key);
    free(al->groups);
    free(al);
}

const struct tcs_csv_tables *
tcs_alerts_tables(const struct tcs_alerts *al)
{
    return &al->tables;
}

const struct tcs_alertmap *
tcs_alerts_map(const struct tcs_alerts *al)
{
    return al->map;
}

bool
tcs_alerts_want(const struct tcs_alerts *al, const struct tcs_event *head)
{
    return tcs_alertmap_wants(al->map, head);
}

static void
put_techniques(struct tcs_jo *j, const struct tcs_signature *s)
{
    if (!s->ntechniques)
        return;
    tcs_jo_open(j, "threat", '{');
    tcs_jo_str(j, "framework", TCS_STR("MITRE ATT&CK"));
    tcs_jo_open(j, "technique", '{');
    tcs_jo_open(j, "id", '[');
    for (uint32_t i = 0; i < s->ntechniques; i++)
        tcs_jo_str(j, NULL, s->techniques[i]);
    tcs_jo_close(j, ']');
    tcs_jo_close(j, '}');
    tcs_jo_close(j, '}');
}

static void
put_tocsin(struct tcs_jo *j, const struct tcs_alerted *x)
{
    tcs_jo_open(j, "tocsin", '{');
    tcs_jo_str(j, "kind", TCS_STR("finding"));
    tcs_jo_str(j, "level", tcs_str_of(tcs_attack_level_name(x->signature.level)));
    tcs_jo_str_if(j, "stage", tcs_str_of(tcs_attack_stage_name(x->signature.stage)));
    tcs_jo_open(j, "alert", '{');
    tcs_jo_str(j, "tool", x->tool);
    tcs_jo_u64(j, "record", x->detection.evidence.record_id);
    tcs_jo_close(j, '}');
    tcs_jo_close(j, '}');
}

/* {"KEY":{"name":...}}, or the other keys; nothing without any of them. */
static void
put_object(struct tcs_jo *j, const char *key, const char *const keys[2],
           const struct tcs_str values[2])
{
    if (!values[0].n && !values[1].n)
        return;
    tcs_jo_open(j, key, '{');
    for (int i = 0; i < 2; i++)
        tcs_jo_str_if(j, keys[i], values[i]);
    tcs_jo_close(j, '}');
}

static void
put_parties(struct tcs_jo *j, const struct tcs_identity *p)
{
    static const char *const host[2] = {"name", ""}, *const user[2] = {"name", "domain"};
    static const char *const address[2] = {"ip", "domain"};
    const struct tcs_str none = {NULL, 0};
    struct tcs_str name = p->user.n ? p->user : p->target;
    struct tcs_str domain = p->user.n ? p->user_domain : p->target_domain;
    put_object(j, "host", host, (const struct tcs_str[2]){p->host, none});
    put_object(j, "user", user, (const struct tcs_str[2]){name, domain});
    put_object(j, "source", address, (const struct tcs_str[2]){p->source_ip, p->source_host});
    put_object(j, "destination", address, (const struct tcs_str[2]){p->dest_ip, p->dest_host});
}

/* One object and a newline. */
static void
put_line(struct tcs_buf *b, const struct tcs_alerted *x)
{
    struct tcs_jo j = {.b = b};
    tcs_jo_open(&j, NULL, '{');
    if (x->detection.time != TCS_TIME_NONE)
        tcs_jo_time(&j, "@timestamp", x->detection.time);
    tcs_jo_open(&j, "ecs", '{');
    tcs_jo_str(&j, "version", TCS_STR("8.11.0"));
    tcs_jo_close(&j, '}');
    put_tocsin(&j, x);
    tcs_jo_open(&j, "rule", '{');
    tcs_jo_str(&j, "id", x->signature.id);
    tcs_jo_str(&j, "name", x->signature.title);
    tcs_jo_close(&j, '}');
    put_techniques(&j, &x->signature);
    tcs_jo_open(&j, "event", '{');
    tcs_jo_str(&j, "kind", TCS_STR("alert"));
    tcs_jo_close(&j, '}');
    put_parties(&j, &x->detection.who);
    tcs_jo_open(&j, "log", '{');
    tcs_jo_open(&j, "file", '{');
    tcs_jo_str(&j, "path", x->detection.evidence.file);
    tcs_jo_close(&j, '}');
    tcs_jo_u64(&j, "offset", x->detection.evidence.offset);
    tcs_jo_close(&j, '}');
    tcs_jo_close(&j, '}');
    tcs_buf_c(b, '\n');
}

static struct tcs_alerted *
room(struct tcs_result *r)
{
    if (r->nalerts == r->alerts_cap) {
        size_t cap = r->alerts_cap ? 2 * r->alerts_cap : 64;
        struct tcs_alerted *p = reallocarray(r->alerts, cap, sizeof *p);
        if (!p)
            return NULL;
        r->alerts = p;
        r->alerts_cap = cap;
    }
    return &r->alerts[r->nalerts];
}

static bool
in_span(const struct tcs_detect_opts *opts, int64_t time)
{
    return time == TCS_TIME_NONE || ((opts->from == TCS_TIME_NONE || time >= opts->from) &&
                                     (opts->to == TCS_TIME_NONE || time < opts->to));
}

void
tcs_alerts_event(const struct tcs_alerts *al, struct tcs_alert_reader *reader,
                 const struct tcs_event *ev, struct tcs_worker *w)
{
    struct tcs_alert alert;
    struct tcs_result *r = w->result;
    if (!tcs_alertmap_apply(reader, ev, r->arena, &alert)) {
        r->no_memory |= tcs_arena_failed(r->arena);
        return;
    }
    /* the map may know another time than the decoder did */
    if (!in_span(al->opts, alert.time) || alert.signature.level < al->opts->rules.level)
        return;
    struct tcs_alerted *x = room(r);
    if (!x) {
        r->no_memory = true;
        return;
    }
    *x = (struct tcs_alerted){
        .tool = alert.tool,
        .signature = alert.signature,
        .detection = {.time = alert.time,
                      .first = alert.time,
                      .count = 1,
                      .flags = (uint8_t)(TCS_DET_ALERT | (alert.novel ? TCS_DET_NOVEL : 0)),
                      .who = alert.who,
                      .evidence = {.file = ev->origin->path,
                                   .record_id = ev->record_id,
                                   .offset = ev->offset,
                                   .event_id = TCS_EVENT_ID_NONE,
                                   .key = tcs_identity_key(ev, r->arena)}},
        .origin = ev->origin,
    };
    r->nalerts++;
    if (al->lines)
        put_line(&r->out, x);
}

/* report/summary_json.c - the summary object that ends a jsonl result. */
#include "detect/blindness.h"
#include "report/ecs.h"
#include "report/summary.h"

enum { SOURCES = 20 }; /* logs named of which something was left out */

static void
number(struct tcs_buf *b, bool *first, const char *key, uint64_t n)
{
    tcs_base_buf_printf(b, "%s\"%s\":", *first ? "" : ",", key);
    tcs_base_buf_u64(b, n);
    *first = false;
}

static void
put_findings(struct tcs_buf *b, const struct tcs_summary *r)
{
    const struct tcs_engine_stats e = tcs_detect_engine_stats(r->engine);
    bool first = true;
    tcs_buf_lit(b, ",\"findings\":{");
    number(b, &first, "total", tcs_report_tally_total(r->tally));
    for (unsigned l = TCS_LEVELS; l-- > 0;)
        number(b, &first, tcs_attack_level_name((uint8_t)l),
               tcs_report_tally_count(r->tally, (uint8_t)l));
    number(b, &first, "unchecked", tcs_report_tally_unchecked(r->tally));
    number(b, &first, "known", e.known);
    number(b, &first, "repeated", e.repeated);
    number(b, &first, "forgotten", e.forgotten);
    tcs_base_buf_c(b, '}');
}

static void
put_input(struct tcs_buf *b, const struct tcs_summary *r)
{
    const struct tcs_engine_stats e = tcs_detect_engine_stats(r->engine);
    const struct tcs_decode_stats *d = &r->totals->stats;
    bool first = true;
    tcs_buf_lit(b, ",\"input\":{");
    number(b, &first, "logs", r->inputs->sources);
    number(b, &first, "already_read", r->inputs->already);
    number(b, &first, "bytes", d->bytes);
    number(b, &first, "events", d->events);
    number(b, &first, "carved", d->carved);
    number(b, &first, "carved_copies", e.carved_copies);
    number(b, &first, "passed_over", r->totals->passed_over);
    number(b, &first, "bad_records", d->bad_records);
    number(b, &first, "bad_chunks", d->bad_chunks);
    number(b, &first, "bytes_lost", r->totals->notes.bytes_lost);
    number(b, &first, "regex_given_up", r->totals->notes.count[TCS_CAUSE_REGEX]);
    number(b, &first, "values_cut", r->totals->notes.count[TCS_CAUSE_VALUE_CUT]);
    tcs_base_buf_c(b, '}');
}

static void
text(struct tcs_buf *b, const char *key, struct tcs_str value)
{
    bool first = false;
    if (value.n)
        tcs_report_ecs_member(b, &first, tcs_base_str_of(key), value);
}

/* What the records were taken for. */
static void
put_taken_for(struct tcs_buf *b, const struct tcs_summary *r)
{
    struct tcs_logs *logs = tcs_detect_engine_logs(r->engine);
    const struct tcs_logs_unknown unknown = tcs_detect_logs_unknown(logs);
    uint64_t more;
    uint32_t n, nhosts;
    const struct tcs_log_count *l = tcs_detect_logs_list(logs, &n);
    const struct tcs_host_count *h = tcs_detect_logs_hosts(logs, &nhosts, &more);
    tcs_buf_lit(b, ",\"taken_for\":{\"logs\":[");
    for (uint32_t i = 0; i < n; i++) {
        bool first = true;
        tcs_base_buf_str(b, i ? TCS_STR(",{") : TCS_STR("{"));
        number(b, &first, "records", l[i].records);
        tcs_base_buf_printf(b, ",\"known\":%s", l[i].known ? "true" : "false");
        text(b, "product", l[i].product);
        text(b, "service", l[i].service);
        text(b, "channel", l[i].channel);
        text(b, "schema", l[i].schema);
        tcs_base_buf_c(b, '}');
    }
    tcs_buf_lit(b, "],\"hosts\":[");
    for (uint32_t i = 0; i < nhosts; i++) {
        bool first = true;
        tcs_base_buf_str(b, i ? TCS_STR(",{") : TCS_STR("{"));
        number(b, &first, "records", h[i].records);
        text(b, "name", h[i].name);
        tcs_base_buf_c(b, '}');
    }
    bool first = true;
    tcs_buf_lit(b, "],");
    number(b, &first, "other_hosts", more);
    tcs_buf_lit(b, ",\"unknown\":{");
    first = true;
    number(b, &first, "records", unknown.records);
    text(b, "path", unknown.path);
    if (unknown.records)
        number(b, &first, "offset", unknown.offset);
    tcs_buf_lit(b, "}}");
}

/* Rules that the logs of this run leave blind, by view. */
static void
put_blind(struct tcs_buf *b, const struct tcs_summary *r)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_blind_view *v;
    uint32_t n = 0;
    if (!a || !tcs_detect_blind(tcs_detect_rulebook(tcs_detect_engine_detector(r->engine)),
                                tcs_detect_engine_logs(r->engine), a, &v, &n))
        b->failed = true;
    for (uint32_t i = 0; i < n && !b->failed; i++) {
        bool first = true;
        tcs_base_buf_str(b, i ? TCS_STR(",{") : TCS_STR("{"));
        tcs_report_ecs_member(b, &first, TCS_STR("view"), v[i].name);
        number(b, &first, "rules", v[i].rules);
        number(b, &first, "cannot_match", v[i].cannot_match);
        number(b, &first, "in_part", v[i].partly);
        tcs_buf_lit(b, ",\"fields\":{");
        first = true;
        for (uint32_t k = 0; k < v[i].nfields; k++) {
            tcs_base_buf_str(b, k ? TCS_STR(",\"") : TCS_STR("\""));
            tcs_base_buf_json(b, v[i].fields[k].name);
            tcs_buf_lit(b, "\":");
            tcs_base_buf_u64(b, v[i].fields[k].rules);
        }
        tcs_buf_lit(b, "}}");
    }
    tcs_base_arena_free(a);
}

static void
put_rules(struct tcs_buf *b, const struct tcs_summary *r)
{
    const struct tcs_rulecount *c =
        tcs_detect_rulebook_count(tcs_detect_rulebook(tcs_detect_engine_detector(r->engine)));
    bool first = true;
    tcs_buf_lit(b, ",\"rules\":{");
    number(b, &first, "used", c->used);
    number(b, &first, "loaded", c->loaded);
    number(b, &first, "unreachable", c->unreachable);
    number(b, &first, "correlations", c->correlations);
    number(b, &first, "correlations_used", c->correlations_used);
    number(b, &first, "for_correlations", c->needed);
    number(b, &first, "refused", c->refused);
    tcs_buf_lit(b, ",\"refused_by_reason\":{");
    for (uint32_t i = 0; i < c->nreasons; i++) {
        tcs_base_buf_str(b, i ? TCS_STR(",\"") : TCS_STR("\""));
        tcs_base_buf_json(b, c->reasons[i].reason);
        tcs_buf_lit(b, "\":");
        tcs_base_buf_u64(b, c->reasons[i].count);
    }
    tcs_buf_lit(b, "},\"blind\":[");
    put_blind(b, r);
    tcs_buf_lit(b, "]}");
}

static void
put_correlations(struct tcs_buf *b, const struct tcs_summary *r)
{
    const struct tcs_correlating *c = tcs_detect_engine_correlating(r->engine);
    const struct tcs_corr_stats *s = tcs_detect_correlating_stats(c);
    bool first = true;
    uint32_t n;
    (void)tcs_detect_correlated(c, &n);
    tcs_buf_lit(b, ",\"correlations\":{");
    number(b, &first, "found", n);
    number(b, &first, "matches", s->matches);
    number(b, &first, "without_key", s->missing_key);
    number(b, &first, "without_value", s->missing_value);
    number(b, &first, "without_time", s->timeless);
    number(b, &first, "overflowed", s->overflowed + s->late + tcs_detect_correlating_dropped(c));
    number(b, &first, "groups_evicted", s->evicted_groups);
    number(b, &first, "names_left_out", tcs_detect_correlating_nameless(c));
    if (r->kept)
        number(b, &first, "kept_unused", tcs_detect_correlating_unused(c));
    tcs_base_buf_c(b, '}');
}

/* By log, who lost most of what is grave first. */
static void
put_left_out(struct tcs_buf *b, const struct tcs_summary *r)
{
    uint32_t n;
    const struct tcs_left_out *l = tcs_detect_engine_left_out(r->engine, &n);
    tcs_buf_lit(b, ",\"left_out\":[");
    for (uint32_t i = 0; i < n && i < SOURCES; i++) {
        bool first = true;
        tcs_base_buf_str(b, i ? TCS_STR(",{") : TCS_STR("{"));
        if (l[i].source.n)
            tcs_report_ecs_member(b, &first, TCS_STR("path"), l[i].source);
        number(b, &first, "detections", l[i].findings);
        number(b, &first, "grave", l[i].grave);
        number(b, &first, "observations", l[i].observations);
        tcs_base_buf_c(b, '}');
    }
    tcs_base_buf_c(b, ']');
}

static void
put_chain(struct tcs_buf *b, const struct tcs_summary *r)
{
    const struct tcs_chain_stats *s = tcs_detect_engine_chain(r->engine);
    bool first = true;
    if (!s)
        return;
    tcs_buf_lit(b, ",\"incidents\":{");
    number(b, &first, "found", s->incidents);
    number(b, &first, "detections", s->detections);
    number(b, &first, "without_time", s->timeless);
    number(b, &first, "detections_dropped", s->dropped_detections);
    number(b, &first, "observations_dropped", s->dropped_observations);
    number(b, &first, "links_dropped", s->dropped_links);
    number(b, &first, "hosts_left_out", s->hosts_left_out);
    number(b, &first, "grave_dropped", s->dropped_grave);
    put_left_out(b, r);
    tcs_base_buf_printf(b, ",\"names_full\":%s}", s->names_full ? "true" : "false");
}

static void
put_problem(struct tcs_buf *b, const struct tcs_note *n)
{
    bool first = true;
    tcs_base_buf_c(b, '{');
    tcs_report_ecs_member(b, &first, TCS_STR("cause"),
                          tcs_base_str_of(tcs_event_cause(n->cause)->name));
    tcs_report_ecs_member(b, &first, TCS_STR("path"), n->path);
    number(b, &first, "offset", n->offset);
    tcs_report_ecs_member(b, &first, TCS_STR("message"), n->text);
    tcs_base_buf_c(b, '}');
}

static void
put_class(struct tcs_buf *b, const struct tcs_notes *n, enum tcs_class cls)
{
    bool first = true, first_cause = true;
    tcs_base_buf_printf(b, "%s\"%s\":{\"count\":", cls ? "," : "", tcs_event_class_name(cls));
    tcs_base_buf_u64(b, tcs_detect_notes_count(n, cls));
    tcs_buf_lit(b, ",\"causes\":{");
    for (size_t c = 0; c < TCS_CAUSES; c++)
        if (n->count[c] && tcs_event_cause((enum tcs_cause)c)->cls == cls)
            number(b, &first_cause, tcs_event_cause((enum tcs_cause)c)->name, n->count[c]);
    tcs_buf_lit(b, "},\"first\":[");
    for (uint32_t i = 0; i < n->nkept; i++) {
        if (tcs_event_cause(n->kept[i].cause)->cls != cls)
            continue;
        tcs_base_buf_put(b, ",", first ? 0 : 1);
        put_problem(b, &n->kept[i]);
        first = false;
    }
    tcs_buf_lit(b, "]}");
}

static void
put_problems(struct tcs_buf *b, const struct tcs_summary *r)
{
    const struct tcs_notes *n = &r->totals->notes;
    tcs_buf_lit(b, ",\"problems\":{");
    for (size_t k = 0; k < TCS_CLASSES; k++)
        put_class(b, n, (enum tcs_class)k);
    tcs_base_buf_c(b, '}');
}

bool
tcs_report_summary_lacks(const struct tcs_summary *r)
{
    const struct tcs_rulebook *book = tcs_detect_rulebook(tcs_detect_engine_detector(r->engine));
    return r->totals->interrupted || r->totals->notes.counting ||
           tcs_detect_rulebook_notes(book)->counting;
}

void
tcs_report_summary_json(struct tcs_buf *b, const struct tcs_summary *r)
{
    tcs_buf_lit(b, "{\"tocsin\":{\"kind\":\"summary\",\"version\":\"" TCS_VERSION "\"");
    tcs_base_buf_printf(b, ",\"interrupted\":%s", r->totals->interrupted ? "true" : "false");
    tcs_base_buf_printf(b, ",\"complete\":%s", tcs_report_summary_lacks(r) ? "false" : "true");
    put_findings(b, r);
    tcs_base_buf_printf(b, ",\"alerts\":%llu", (unsigned long long)r->alerts);
    put_input(b, r);
    put_taken_for(b, r);
    put_rules(b, r);
    put_correlations(b, r);
    put_chain(b, r);
    put_problems(b, r);
    tcs_buf_lit(b, "}}\n");
}

/* report/jsonl.c - lines of JSON: matches and alerts while their event is there, correlations
 * when they are settled. */
#include "report/jsonl.h"

#include "attack/level.h"
#include "attack/stage.h"
#include "base/json_out.h"
#include "base/time.h"
#include "detect/detector.h"
#include "report/ecs.h"
#include "sigma/status.h"

#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_TEXT = 32 };

/* --- matches, on workers --- */

struct writer {
    const struct tcs_rule *rules;
    struct tcs_arena *scratch;
    struct tcs_buf event;      /* the part of a finding that is the same for all rules */
    struct tcs_buf rule_parts; /* JSON of the rules that matched, one after the other ... */
    struct span {
        size_t from, to; /* ... and where that of each rule is; to 0: not written yet */
    } * rule_at;
};

/* What is the same in every finding of a rule is written once, when it first matches. */
static struct tcs_str
rule_part(struct writer *w, uint32_t rule)
{
    struct span *at = &w->rule_at[rule];
    if (!at->to) {
        at->from = w->rule_parts.n;
        tcs_report_ecs_rule(&w->rule_parts, &w->rules[rule]);
        at->to = w->rule_parts.n;
    }
    return tcs_base_str_slice(tcs_base_buf_view(&w->rule_parts), at->from, at->to);
}

void *
tcs_report_jsonl_new(void *ctx, const struct tcs_detector *d)
{
    (void)ctx;
    uint32_t n;
    struct writer *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->rules = tcs_detect_rulebook_rules(tcs_detect_rulebook(d), &n);
    w->scratch = tcs_base_arena_new(0);
    w->rule_at = calloc((size_t)n + 1, sizeof *w->rule_at);
    if (w->scratch && w->rule_at)
        return w;
    tcs_report_jsonl_free(w);
    return NULL;
}

void
tcs_report_jsonl_free(void *writer)
{
    struct writer *w = writer;
    tcs_base_arena_free(w->scratch);
    tcs_base_buf_done(&w->event);
    tcs_base_buf_done(&w->rule_parts);
    free(w->rule_at);
    free(w);
}

bool
tcs_report_jsonl_match(void *writer, const struct tcs_event *ev, const struct tcs_identity *who,
                       const struct tcs_sigma_match *match, bool first, struct tcs_buf *out)
{
    struct writer *w = writer;
    if (first) {
        tcs_base_arena_reset(w->scratch);
        w->event.n = 0;
        tcs_report_ecs_event(&w->event, ev, who, w->scratch);
    }
    const struct tcs_ecs_parts parts = {.rule = rule_part(w, match->rule),
                                        .event = tcs_base_buf_view(&w->event)};
    tcs_report_ecs_finding(out, &w->rules[match->rule], ev, match, &parts);
    return !w->event.failed && !w->rule_parts.failed && !out->failed &&
           !tcs_base_arena_failed(w->scratch);
}

/* --- alerts of other tools, on workers --- */

static void
put_alert_techniques(struct tcs_jo *j, const struct tcs_signature *s)
{
    if (!s->ntechniques)
        return;
    tcs_base_jo_open(j, "threat", '{');
    tcs_base_jo_str(j, "framework", TCS_STR("MITRE ATT&CK"));
    tcs_base_jo_open(j, "technique", '{');
    tcs_base_jo_list(j, "id", s->techniques, s->ntechniques);
    tcs_base_jo_close(j, '}');
    tcs_base_jo_close(j, '}');
}

static void
put_alert(struct tcs_jo *j, const struct tcs_batch_finding *x)
{
    tcs_base_jo_open(j, "tocsin", '{');
    tcs_base_jo_str(j, "kind", TCS_STR("finding"));
    tcs_base_jo_str(j, "level", tcs_base_str_of(tcs_attack_level_name(x->alert.level)));
    tcs_base_jo_str_if(j, "stage", tcs_base_str_of(tcs_attack_stage_name(x->alert.stage)));
    tcs_base_jo_open(j, "alert", '{');
    tcs_base_jo_str(j, "tool", x->tool);
    tcs_base_jo_u64(j, "record", x->finding.evidence.record_id);
    tcs_base_jo_close(j, '}');
    tcs_base_jo_close(j, '}');
}

/* {"KEY":{"name":...}}, or the other keys; nothing without any of them. */
static void
put_object(struct tcs_jo *j, const char *key, const char *const keys[2],
           const struct tcs_str values[2])
{
    if (!values[0].n && !values[1].n)
        return;
    tcs_base_jo_open(j, key, '{');
    for (int i = 0; i < 2; i++)
        tcs_base_jo_str_if(j, keys[i], values[i]);
    tcs_base_jo_close(j, '}');
}

static void
put_identity(struct tcs_jo *j, const struct tcs_identity *p)
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
put_alert_line(struct tcs_buf *b, const struct tcs_batch_finding *x)
{
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    if (x->finding.time != TCS_TIME_NONE)
        tcs_base_jo_time(&j, "@timestamp", x->finding.time);
    tcs_base_jo_open(&j, "ecs", '{');
    tcs_base_jo_str(&j, "version", TCS_STR("8.11.0"));
    tcs_base_jo_close(&j, '}');
    put_alert(&j, x);
    tcs_base_jo_open(&j, "rule", '{');
    tcs_base_jo_str(&j, "id", x->alert.id);
    tcs_base_jo_str(&j, "name", x->alert.title);
    tcs_base_jo_close(&j, '}');
    put_alert_techniques(&j, &x->alert);
    tcs_base_jo_open(&j, "event", '{');
    tcs_base_jo_str(&j, "kind", TCS_STR("alert"));
    tcs_base_jo_close(&j, '}');
    put_identity(&j, &x->finding.who);
    tcs_base_jo_open(&j, "log", '{');
    tcs_base_jo_open(&j, "file", '{');
    tcs_base_jo_str(&j, "path", x->finding.evidence.file);
    tcs_base_jo_close(&j, '}');
    tcs_base_jo_u64(&j, "offset", x->finding.evidence.offset);
    tcs_base_jo_close(&j, '}');
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

bool
tcs_report_jsonl_alert(void *writer, const struct tcs_batch_finding *f, struct tcs_buf *out)
{
    (void)writer;
    put_alert_line(out, f);
    return !out->failed;
}

/* --- correlations --- */

static const char *const types[] = {"event_count",      "value_count", "temporal",
                                    "temporal_ordered", "value_sum",   "value_avg",
                                    "value_percentile", "value_median"};

static void
put_number(struct tcs_buf *b, double v)
{
    if (v > -1e15 && v < 1e15 && v == (double)(int64_t)v)
        tcs_base_buf_i64(b, (int64_t)v);
    else
        tcs_base_buf_printf(b, "%.12g", v);
}

static void
put_correlation(struct tcs_jo *j, const struct tcs_correlated *f, const struct tcs_correlation *c)
{
    struct tcs_buf number = {0};
    put_number(&number, f->value);
    tcs_base_jo_open(j, "correlation", '{');
    char id[NUMBER_TEXT];
    snprintf(id, sizeof id, "%016llx", (unsigned long long)f->id);
    tcs_base_jo_str(j, "id", tcs_base_str_of(id));
    tcs_base_jo_str(j, "type", tcs_base_str_of(types[c->type]));
    tcs_base_jo_raw(j, "value", tcs_base_buf_view(&number));
    if (f->approximate)
        tcs_base_jo_bool(j, "approximate", true);
    tcs_base_jo_u64(j, "count", f->count);
    tcs_base_jo_time(j, "first", f->first);
    tcs_base_jo_time(j, "last", f->last);
    tcs_base_jo_open(j, "group", '{');
    for (uint32_t i = 0; i < f->nvalues; i++) {
        char name[256];
        size_t n = f->fields[i].n < sizeof name - 1 ? f->fields[i].n : sizeof name - 1;
        memcpy(name, f->fields[i].p, n);
        name[n] = '\0';
        tcs_base_jo_str(j, name, f->values[i]);
    }
    tcs_base_jo_close(j, '}');
    tcs_base_jo_list(j, "rules", c->rules, c->nrules);
    tcs_base_jo_close(j, '}');
    tcs_base_buf_done(&number);
}

/* Did an earlier record of the result name the rule as one that could not be checked? */
static bool
named_before(const struct tcs_correlating *c, const struct tcs_correlated *f, uint32_t at,
             uint32_t rule)
{
    for (uint32_t i = 0; i < at; i++) {
        struct tcs_correlated_record r = tcs_detect_correlated_record(c, f->refs[i]);
        if (r.rule == rule && r.flags & TCS_MATCH_UNCHECKED)
            return true;
    }
    return false;
}

/* The rules of whose matches a part could not be checked. */
static void
put_unchecked(struct tcs_jo *j, const struct tcs_correlating *c, const struct tcs_correlated *f)
{
    uint32_t n;
    const struct tcs_rule *rules = tcs_detect_rulebook_rules(tcs_detect_correlating_book(c), &n);
    tcs_base_jo_open(j, "unchecked", '[');
    for (uint32_t i = 0; i < f->nrefs; i++) {
        struct tcs_correlated_record r = tcs_detect_correlated_record(c, f->refs[i]);
        if (!(r.flags & TCS_MATCH_UNCHECKED) || named_before(c, f, i, r.rule) || r.rule >= n)
            continue;
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_str(j, "rule", rules[r.rule].doc.id);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, ']');
}

static void
put_evidence(struct tcs_jo *j, const struct tcs_correlated_record *e)
{
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_time(j, "@timestamp", e->time);
    tcs_base_jo_open(j, "log", '{');
    tcs_base_jo_open(j, "file", '{');
    tcs_base_jo_str(j, "path", e->origin->path);
    tcs_base_jo_close(j, '}');
    tcs_base_jo_u64(j, "offset", e->offset);
    tcs_base_jo_close(j, '}');
    if (e->event_id != TCS_EVENT_ID_NONE) { /* else it is no record of Windows */
        tcs_base_jo_open(j, "winlog", '{');
        tcs_base_jo_str_if(j, "channel", e->channel);
        tcs_base_jo_u64(j, "record_id", e->record_id);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, '}');
}

static void
put_account(struct tcs_jo *j, struct tcs_str account)
{
    if (!account.n)
        return;
    size_t slash = tcs_base_str_find(account, '\\', 0);
    tcs_base_jo_open(j, "user", '{');
    tcs_base_jo_str(
        j, "name", slash < account.n ? tcs_base_str_slice(account, slash + 1, account.n) : account);
    if (slash < account.n)
        tcs_base_jo_str_if(j, "domain", tcs_base_str_slice(account, 0, slash));
    tcs_base_jo_close(j, '}');
}

static struct tcs_str
related(const struct tcs_correlated_record *e, unsigned which)
{
    return which == 0 ? e->host : which == 1 ? e->account : e->source_ip;
}

/* All that the evidence names, each once. */
static void
put_related(struct tcs_jo *j, const struct tcs_correlating *c, const struct tcs_correlated *f)
{
    static const char *const keys[] = {"hosts", "user", "ip"};
    tcs_base_jo_open(j, "related", '{');
    for (unsigned which = 0; which < 3; which++) {
        struct tcs_str seen[TCS_CORR_REFS_MAX];
        uint32_t n = 0;
        for (uint32_t i = 0; i < f->nrefs; i++) {
            struct tcs_correlated_record e = tcs_detect_correlated_record(c, f->refs[i]);
            struct tcs_str s = related(&e, which);
            bool known = !s.n;
            for (uint32_t k = 0; k < n; k++)
                known = known || tcs_base_str_ieq(seen[k], s);
            if (!known)
                seen[n++] = s;
        }
        if (!n)
            continue;
        tcs_base_jo_list(j, keys[which], seen, n);
    }
    tcs_base_jo_close(j, '}');
}

void
tcs_report_jsonl_correlated(struct tcs_buf *b, const struct tcs_correlating *c,
                            const struct tcs_outlet_finding *t)
{
    uint32_t ncorrs;
    const struct tcs_correlated *f = t->correlated;
    const struct tcs_rule *doc = t->rule;
    const struct tcs_correlation *corr =
        &tcs_detect_rulebook_correlations(tcs_detect_correlating_book(c), &ncorrs)[f->corr];
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    tcs_base_jo_time(&j, "@timestamp", f->last);
    tcs_base_jo_raw(&j, "ecs", TCS_STR("{\"version\":\"8.11.0\"}"));
    tcs_base_jo_open(&j, "tocsin", '{');
    tcs_base_jo_str(&j, "kind", TCS_STR("finding"));
    tcs_base_jo_str_if(&j, "level", tcs_base_str_of(tcs_attack_level_name(doc->doc.level)));
    tcs_base_jo_str_if(&j, "status", tcs_base_str_of(tcs_sigma_status_name(doc->doc.status)));
    if (t->finding->flags & TCS_FINDING_UNCHECKED)
        put_unchecked(&j, c, f);
    put_correlation(&j, f, corr);
    tcs_base_jo_open(&j, "evidence", '[');
    for (uint32_t i = 0; i < f->nrefs; i++) {
        struct tcs_correlated_record e = tcs_detect_correlated_record(c, f->refs[i]);
        put_evidence(&j, &e);
    }
    tcs_base_jo_close(&j, ']');
    tcs_base_jo_close(&j, '}');
    tcs_report_ecs_rule(b, doc);
    tcs_base_jo_raw(&j, "event", TCS_STR("{\"kind\":\"alert\"}"));
    if (f->host.n) {
        tcs_base_jo_open(&j, "host", '{');
        tcs_base_jo_str(&j, "name", f->host);
        tcs_base_jo_close(&j, '}');
    }
    put_account(&j, f->account);
    if (f->source_ip.n) {
        tcs_base_jo_open(&j, "source", '{');
        tcs_base_jo_str(&j, "ip", f->source_ip);
        tcs_base_jo_close(&j, '}');
    }
    put_related(&j, c, f);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

/* cli/correlations_out.c - correlated findings as JSON lines and as a section of the report. */
#include "cli/correlations_out.h"
#include "attack/level.h"
#include "base/json_out.h"
#include "base/time.h"
#include "cli/report_int.h"
#include "cli/text.h"
#include "report/ecs.h"
#include "sigma/status.h"

#include <stdio.h>

enum { SHOWN = 20, NUMBER_TEXT = 32 };

static const char *const types[] = {"event_count",      "value_count", "temporal",
                                    "temporal_ordered", "value_sum",   "value_avg",
                                    "value_percentile", "value_median"};

static void
put_number(struct tcs_buf *b, double v)
{
    if (v > -1e15 && v < 1e15 && v == (double)(int64_t)v)
        tcs_buf_i64(b, (int64_t)v);
    else
        tcs_buf_printf(b, "%.12g", v);
}

/* --- JSON --- */

static void
put_correlation(struct tcs_jo *j, const struct tcs_corr_found *f, const struct tcs_correlation *c)
{
    struct tcs_buf number = {0};
    put_number(&number, f->value);
    tcs_jo_open(j, "correlation", '{');
    char id[NUMBER_TEXT];
    snprintf(id, sizeof id, "%016llx", (unsigned long long)f->id);
    tcs_jo_str(j, "id", tcs_str_of(id));
    tcs_jo_str(j, "type", tcs_str_of(types[c->type]));
    tcs_jo_raw(j, "value", tcs_buf_view(&number));
    if (f->approximate)
        tcs_jo_bool(j, "approximate", true);
    tcs_jo_u64(j, "count", f->count);
    tcs_jo_time(j, "first", f->first);
    tcs_jo_time(j, "last", f->last);
    tcs_jo_open(j, "group", '{');
    for (uint32_t i = 0; i < f->nvalues; i++) {
        char name[256];
        size_t n = f->fields[i].n < sizeof name - 1 ? f->fields[i].n : sizeof name - 1;
        memcpy(name, f->fields[i].p, n);
        name[n] = '\0';
        tcs_jo_str(j, name, f->values[i]);
    }
    tcs_jo_close(j, '}');
    tcs_jo_open(j, "rules", '[');
    for (uint32_t i = 0; i < c->nrules; i++)
        tcs_jo_str(j, NULL, c->rules[i]);
    tcs_jo_close(j, ']');
    tcs_jo_close(j, '}');
    tcs_buf_done(&number);
}

static void
put_evidence(struct tcs_jo *j, const struct tcs_corr_evidence *e)
{
    tcs_jo_open(j, NULL, '{');
    tcs_jo_time(j, "@timestamp", e->time);
    tcs_jo_open(j, "log", '{');
    tcs_jo_open(j, "file", '{');
    tcs_jo_str(j, "path", e->origin->path);
    tcs_jo_close(j, '}');
    tcs_jo_u64(j, "offset", e->offset);
    tcs_jo_close(j, '}');
    tcs_jo_open(j, "winlog", '{');
    tcs_jo_str_if(j, "channel", e->channel);
    tcs_jo_u64(j, "record_id", e->record_id);
    tcs_jo_close(j, '}');
    tcs_jo_close(j, '}');
}

static void
put_account(struct tcs_jo *j, struct tcs_str account)
{
    if (!account.n)
        return;
    size_t slash = tcs_str_find(account, '\\', 0);
    tcs_jo_open(j, "user", '{');
    tcs_jo_str(j, "name",
               slash < account.n ? tcs_str_slice(account, slash + 1, account.n) : account);
    if (slash < account.n)
        tcs_jo_str_if(j, "domain", tcs_str_slice(account, 0, slash));
    tcs_jo_close(j, '}');
}

static struct tcs_str
party(const struct tcs_corr_evidence *e, unsigned which)
{
    return which == 0 ? e->host : which == 1 ? e->account : e->source_ip;
}

/* All that the evidence names, each once. */
static void
put_related(struct tcs_jo *j, const struct tcs_correlations *c, const struct tcs_corr_found *f)
{
    static const char *const keys[] = {"hosts", "user", "ip"};
    tcs_jo_open(j, "related", '{');
    for (unsigned which = 0; which < 3; which++) {
        struct tcs_str seen[TCS_CORR_REFS_MAX];
        uint32_t n = 0;
        for (uint32_t i = 0; i < f->nrefs; i++) {
            struct tcs_corr_evidence e = tcs_correlations_evidence(c, f->refs[i]);
            struct tcs_str s = party(&e, which);
            bool known = !s.n;
            for (uint32_t k = 0; k < n; k++)
                known = known || tcs_str_ieq(seen[k], s);
            if (!known)
                seen[n++] = s;
        }
        if (!n)
            continue;
        tcs_jo_open(j, keys[which], '[');
        for (uint32_t i = 0; i < n; i++)
            tcs_jo_str(j, NULL, seen[i]);
        tcs_jo_close(j, ']');
    }
    tcs_jo_close(j, '}');
}

static void
put_json(struct tcs_buf *b, const struct tcs_correlations *c, const struct tcs_corr_found *f,
         const struct tcs_rule *doc, const struct tcs_correlation *corr)
{
    struct tcs_jo j = {.b = b};
    tcs_jo_open(&j, NULL, '{');
    tcs_jo_time(&j, "@timestamp", f->last);
    tcs_jo_raw(&j, "ecs", TCS_STR("{\"version\":\"8.11.0\"}"));
    tcs_jo_open(&j, "tocsin", '{');
    tcs_jo_str(&j, "kind", TCS_STR("finding"));
    tcs_jo_str_if(&j, "level", tcs_str_of(tcs_attack_level_name(doc->doc.level)));
    tcs_jo_str_if(&j, "status", tcs_str_of(tcs_sigma_status_name(doc->doc.status)));
    put_correlation(&j, f, corr);
    tcs_jo_open(&j, "evidence", '[');
    for (uint32_t i = 0; i < f->nrefs; i++) {
        struct tcs_corr_evidence e = tcs_correlations_evidence(c, f->refs[i]);
        put_evidence(&j, &e);
    }
    tcs_jo_close(&j, ']');
    tcs_jo_close(&j, '}');
    tcs_ecs_rule(b, doc);
    tcs_jo_raw(&j, "event", TCS_STR("{\"kind\":\"alert\"}"));
    if (f->host.n) {
        tcs_jo_open(&j, "host", '{');
        tcs_jo_str(&j, "name", f->host);
        tcs_jo_close(&j, '}');
    }
    put_account(&j, f->account);
    if (f->source_ip.n) {
        tcs_jo_open(&j, "source", '{');
        tcs_jo_str(&j, "ip", f->source_ip);
        tcs_jo_close(&j, '}');
    }
    put_related(&j, c, f);
    tcs_jo_close(&j, '}');
    tcs_buf_c(b, '\n');
}

void
tcs_cli_correlations_json(struct tcs_buf *b, const struct tcs_correlations *c)
{
    uint32_t n, nrules, ncorrs;
    const struct tcs_corr_found *f = tcs_correlations_found(c, &n);
    const struct tcs_rulebook *book = tcs_correlations_book(c);
    const struct tcs_rule *rules = tcs_rulebook_rules(book, &nrules);
    const struct tcs_correlation *corrs = tcs_rulebook_correlations(book, &ncorrs);
    for (uint32_t i = 0; i < n; i++)
        put_json(b, c, &f[i], &rules[f[i].rule], &corrs[f[i].corr]);
}

/* --- text --- */

static void
put_span(struct tcs_buf *b, uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t u = 0;
    while (seconds % units[u].seconds)
        u++;
    tcs_buf_printf(b, "%llu%c", (unsigned long long)(seconds / units[u].seconds), units[u].unit);
}

static void
put_list(struct tcs_buf *b, const struct tcs_str *list, uint32_t n, const char *between)
{
    for (uint32_t i = 0; i < n; i++) {
        tcs_buf_str(b, i ? tcs_str_of(between) : TCS_STR(""));
        tcs_buf_str(b, list[i]);
    }
}

static void
put_conditions(struct tcs_buf *b, const struct tcs_correlation *c)
{
    static const char *const words[] = {"exactly ", "other than ", "fewer than ",
                                        "at most ", "more than ",  "at least "};
    for (uint32_t i = 0; i < c->nconds; i++) {
        tcs_buf_printf(b, "%s%s", i ? " and " : "", words[c->conds[i].cmp]);
        put_number(b, c->conds[i].num);
    }
}

void
tcs_cli_correlations_say(struct tcs_buf *b, const struct tcs_correlation *c)
{
    static const char *const of[] = {" matches of ",
                                     " different values of ",
                                     " of ",
                                     " of ",
                                     " is the sum of ",
                                     " is the average of ",
                                     " is the percentile of ",
                                     " is the median of "};
    bool ordered = c->type == TCS_CORR_TEMPORAL_ORDERED;
    bool temporal = c->type == TCS_CORR_TEMPORAL || ordered;
    bool all =
        temporal && c->nconds == 1 && c->conds[0].cmp == TCS_GE && c->conds[0].num == c->nrules;
    if (c->extended.n) {
        tcs_buf_str(b, c->extended);
    } else if (all) {
        put_list(b, c->rules, c->nrules, ordered ? ", then " : " and ");
    } else {
        put_conditions(b, c);
        tcs_buf_str(b, tcs_str_of(of[c->type]));
        if (!temporal && c->type != TCS_CORR_EVENT_COUNT) {
            put_list(b, c->cond_fields, c->ncond_fields, " + ");
            tcs_buf_lit(b, " in ");
        }
        put_list(b, c->rules, c->nrules, ", ");
    }
    if (ordered && !all)
        tcs_buf_lit(b, ", in the order of its rules");
    tcs_buf_lit(b, " within ");
    put_span(b, c->timespan_s);
    tcs_buf_str(b, c->ngroup_by ? TCS_STR(", with equal ") : TCS_STR(", of all events together"));
    put_list(b, c->group_by, c->ngroup_by, " and ");
}

static void
put_found(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_corr_found *f,
          const struct tcs_rule *doc, const struct tcs_correlation *c)
{
    struct tcs_buf line = {0};
    tcs_buf_lit(b, "  ");
    tcs_cli_term_style(r->term, b, tcs_cli_report_style(doc->doc.level));
    tcs_cli_term_put(r->term, b, doc->doc.title, tcs_cli_report_width(r) - 2);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_buf_lit(b, "\n    ");
    tcs_cli_report_span(r, b, f->first, f->last);
    tcs_buf_str(b, tcs_str_of(tcs_cli_report_dot(r)));
    tcs_cli_text_plural(b, f->count, "match", "matches");
    if (c->type != TCS_CORR_EVENT_COUNT && c->type != TCS_CORR_TEMPORAL &&
        c->type != TCS_CORR_TEMPORAL_ORDERED) {
        tcs_buf_lit(&line, ", ");
        tcs_buf_str(&line, f->approximate ? TCS_STR("at least ") : TCS_STR(""));
        put_number(&line, f->value);
        tcs_buf_str(&line,
                    c->type == TCS_CORR_VALUE_COUNT ? TCS_STR(" different ") : TCS_STR(" of "));
        put_list(&line, c->cond_fields, c->ncond_fields, " + ");
    }
    for (uint32_t i = 0; i < f->nvalues; i++) {
        tcs_buf_str(&line, i ? TCS_STR(", ") : TCS_STR("; "));
        tcs_buf_str(&line, f->fields[i]);
        tcs_buf_c(&line, ' ');
        tcs_buf_str(&line, f->values[i]);
    }
    tcs_cli_term_put(r->term, b, tcs_buf_view(&line), 0);
    tcs_buf_c(b, '\n');
    b->failed |= line.failed;
    tcs_buf_done(&line);
}

static void
put_left_out(struct tcs_buf *b, const struct tcs_correlations *c)
{
    const struct tcs_corr_stats *s = tcs_correlations_stats(c);
    const struct {
        uint64_t n;
        const char *text;
    } rows[] = {{s->missing_key, "without a value to group by"},
                {s->missing_value, "without the value that is counted"},
                {s->timeless, "without a time"},
                {s->overflowed + s->late + tcs_correlations_dropped(c), "beyond what is kept"},
                {tcs_correlations_unused(c), "of earlier runs with other rules"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!rows[i].n)
            continue;
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, rows[i].n, "match", "matches");
        tcs_buf_printf(b, " passed over, %s\n", rows[i].text);
    }
    if (tcs_correlations_nameless(c)) {
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, tcs_correlations_nameless(c), "name", "names");
        tcs_buf_lit(b, " of hosts, accounts and logs beyond the limit, left out of evidence\n");
    }
}

void
tcs_cli_correlations_text(struct tcs_buf *b, const struct tcs_report *r)
{
    uint32_t n, nrules, ncorrs, shown = 0;
    const struct tcs_corr_found *f = tcs_correlations_found(r->correlations, &n);
    const struct tcs_rule *rules = tcs_rulebook_rules(r->book, &nrules);
    const struct tcs_correlation *corrs = tcs_rulebook_correlations(r->book, &ncorrs);
    const struct tcs_corr_stats *s = tcs_correlations_stats(r->correlations);
    if (!n && !s->overflowed && !tcs_correlations_dropped(r->correlations))
        return;
    tcs_cli_report_heading(r, b, "Correlations");
    for (unsigned level = TCS_LEVELS; level-- > 0;)
        for (uint32_t i = 0; i < n && shown < SHOWN; i++)
            if (rules[f[i].rule].doc.level == level) {
                put_found(r, b, &f[i], &rules[f[i].rule], &corrs[f[i].corr]);
                shown++;
            }
    if (n > shown) {
        tcs_buf_lit(b, "  and ");
        tcs_cli_text_count(b, n - shown);
        tcs_buf_lit(b, " more; --format jsonl has all\n");
    }
    put_left_out(b, r->correlations);
}

int
tcs_cli_correlations_sum(const struct tcs_correlations *c, struct tcs_summary *s,
                         struct tcs_err *err)
{
    int r = 0;
    uint32_t n;
    const struct tcs_corr_found *found = tcs_correlations_found(c, &n);
    for (uint32_t i = 0; i < n && r == 0; i++) {
        const struct tcs_corr_found *f = &found[i];
        struct tcs_corr_evidence e = tcs_correlations_evidence(c, f->refs[0]);
        const struct tcs_hunt_finding one = {.rule = f->rule,
                                             .event_id = e.event_id,
                                             .time = f->last,
                                             .offset = e.offset,
                                             .record_id = e.record_id,
                                             .origin = e.origin,
                                             .host = f->host.n  ? f->host
                                                     : e.host.n ? TCS_STR("(several computers)")
                                                                : e.host,
                                             .account = f->account.n ? f->account
                                                        : e.account.n
                                                            ? TCS_STR("(several accounts)")
                                                            : e.account,
                                             .channel = e.channel};
        r = tcs_summary_add(s, &one, err);
    }
    return r;
}

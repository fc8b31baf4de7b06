/* report/rules_json.c - rules, correlations, their logs and what was refused, as JSON objects, one
 * a line: what `rules list --format jsonl` prints. */
#include "report/rules_json.h"

#include "attack/level.h"
#include "base/json_out.h"
#include "sigma/blind.h"
#include "sigma/status.h"

static void
json_views(struct tcs_jo *j, const struct tcs_view *v, uint32_t n)
{
    tcs_base_jo_open(j, "views", '[');
    for (uint32_t i = 0; i < n; i++)
        tcs_base_jo_str(j, NULL, v[i].name);
    tcs_base_jo_close(j, ']');
}

static void
json_doc(struct tcs_jo *j, const struct tcs_doc *d)
{
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(j, "id", d->id);
    tcs_base_jo_str(j, "title", d->title);
    tcs_base_jo_str(j, "level", tcs_base_str_of(tcs_attack_level_name(d->level)));
    tcs_base_jo_str(j, "status", tcs_base_str_of(tcs_sigma_status_name(d->status)));
    tcs_base_jo_str(j, "author", d->author);
    tcs_base_jo_str(j, "path", d->path);
}

/* Where the rule cannot match, or has parts that cannot be checked. */
static void
json_blind(struct tcs_jo *j, const struct tcs_rule *r, const struct tcs_view *v, uint32_t n)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_blind b;
    tcs_base_jo_open(j, "blind", '[');
    for (uint32_t i = 0; a && i < n; i++) {
        if (!tcs_sigma_blind(r, &v[i], a, &b) || !b.nfields)
            continue;
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_str(j, "view", v[i].name);
        tcs_base_jo_bool(j, "cannot_match", b.cannot_match);
        tcs_base_jo_list(j, "fields", b.fields, b.nfields);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, ']');
    j->b->failed |= !a;
    tcs_base_arena_free(a);
}

void
tcs_report_rules_json_row(struct tcs_buf *b, const struct tcs_rulebook *book,
                          const struct tcs_rule *r, bool reachable)
{
    struct tcs_jo j = {.b = b};
    uint32_t n;
    const struct tcs_view *v =
        tcs_sigma_logsources_find(tcs_detect_rulebook_logsources(book), &r->logsource, &n);
    json_doc(&j, &r->doc);
    tcs_base_jo_open(&j, "logsource", '{');
    tcs_base_jo_str(&j, "product", r->logsource.product);
    tcs_base_jo_str(&j, "category", r->logsource.category);
    tcs_base_jo_str(&j, "service", r->logsource.service);
    tcs_base_jo_close(&j, '}');
    tcs_base_jo_list(&j, "tags", r->doc.tags, r->doc.ntags);
    json_views(&j, v, n);
    json_blind(&j, r, v, n);
    tcs_base_jo_bool(&j, "reachable", reachable);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

void
tcs_report_rules_json_correlation(struct tcs_buf *b, const struct tcs_correlation *k,
                                  struct tcs_str says)
{
    struct tcs_jo j = {.b = b};
    json_doc(&j, &k->doc);
    tcs_base_jo_str(&j, "correlation", says);
    tcs_base_jo_list(&j, "tags", k->doc.tags, k->doc.ntags);
    tcs_base_jo_list(&j, "rules", k->rules, k->nrules);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

void
tcs_report_rules_json_input(struct tcs_buf *b, const struct tcs_rules_input *in)
{
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    tcs_base_jo_str_if(&j, "product", in->logsource->product);
    tcs_base_jo_str_if(&j, "category", in->logsource->category);
    tcs_base_jo_str_if(&j, "service", in->logsource->service);
    tcs_base_jo_u64(&j, "rules", in->rules);
    tcs_base_jo_u64(&j, "reachable", in->reachable);
    json_views(&j, in->views, in->nviews);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

void
tcs_report_rules_json_refused(struct tcs_buf *b, const struct tcs_diag *d)
{
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    tcs_base_jo_str(&j, "id", d->rule_id);
    tcs_base_jo_str(&j, "title", d->rule_title);
    tcs_base_jo_str(&j, "path", d->path);
    tcs_base_jo_u64(&j, "line", d->line);
    tcs_base_jo_str(&j, "reason", tcs_base_str_of(d->reason));
    tcs_base_jo_str(&j, "message", d->text);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

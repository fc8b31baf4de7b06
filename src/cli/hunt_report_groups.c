/* cli/hunt_report_groups.c - findings by severity, host, account and rule.
 *
 * A rule that fired for many accounts of one host (a password spray) is shown once with their
 * names, not once for each. */
#include "cli/hunt_report_int.h"

#include "attack/level.h"
#include "attack/tags.h"
#include "base/time.h"
#include "cli/text.h"

#include <stdlib.h>

enum {
    COUNT_COLUMNS = 12,
    TECHNIQUE_TEXT = 16,
    FOLD_MIN = 5,    /* accounts from which a rule is shown once for all of them */
    NAMES_SHOWN = 6, /* of those accounts */
};

static struct tcs_str
upper(const char *word, char out[16])
{
    size_t n = 0;
    for (; word[n] && n < 15; n++)
        out[n] = (char)(word[n] >= 'a' && word[n] <= 'z' ? word[n] - 'a' + 'A' : word[n]);
    return (struct tcs_str){out, n};
}

static void
put_techniques(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_doc *doc)
{
    char id[TECHNIQUE_TEXT];
    bool any = false;
    for (uint32_t i = 0; i < doc->ntags; i++) {
        if (!tcs_attack_tag_technique(doc->tags[i], id))
            continue;
        tcs_base_buf_str(b, tcs_base_str_of(any ? " " : tcs_cli_report_dot(r)));
        tcs_base_buf_str(b, tcs_base_str_of(id));
        any = true;
    }
    any = false;
    for (uint32_t i = 0; i < doc->ntags; i++) {
        int t = tcs_attack_tag_tactic(doc->tags[i]);
        if (t < 0)
            continue;
        tcs_base_buf_str(b, tcs_base_str_of(any ? ", " : tcs_cli_report_dot(r)));
        tcs_base_buf_str(b, tcs_base_str_of(tcs_attack_tactic_name((unsigned)t)));
        any = true;
    }
}

/* The end of a path says more than its beginning. */
static void
put_path(const struct tcs_report *r, struct tcs_buf *b, struct tcs_str path)
{
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/')
        from--;
    tcs_cli_term_put(r->term, b, tcs_base_str_slice(path, from, path.n), 0);
}

static void
put_example(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_group *g)
{
    if (g->channel.n)
        tcs_cli_term_put(r->term, b, g->channel, 0);
    if (g->channel.n && g->event_id != TCS_EVENT_ID_NONE)
        tcs_base_buf_c(b, ' ');
    if (g->event_id != TCS_EVENT_ID_NONE)
        tcs_base_buf_u64(b, g->event_id);
    if (g->channel.n || g->event_id != TCS_EVENT_ID_NONE)
        tcs_base_buf_str(b, tcs_base_str_of(tcs_cli_report_dot(r)));
    tcs_base_buf_str(b, g->count > 1 ? TCS_STR("first is record ") : TCS_STR("record "));
    tcs_base_buf_u64(b, g->record_id);
    tcs_buf_lit(b, " of ");
    put_path(r, b, g->origin->path);
    if (g->carved)
        tcs_base_buf_printf(b, "%s%llu carved", tcs_cli_report_dot(r),
                            (unsigned long long)g->carved);
}

/* Of a group that has them: what could not be checked, since the field is not there. */
static void
put_unchecked(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_group *g)
{
    tcs_buf_lit(b, "\n      not checked");
    if (g->unchecked < g->count)
        tcs_base_buf_printf(b, " in %llu of them", (unsigned long long)g->unchecked);
    tcs_buf_lit(b, ", for want of the field: ");
    tcs_cli_term_put(r->term, b, g->rests, 0);
}

/* Title and count on one line; when, what and where below it; the author, whom the rules' licence
 * wants named with every match, last and never cut. */
static void
put_group(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_rule *rule,
          const struct tcs_group *g)
{
    size_t room = tcs_cli_report_width(r) - 4 - COUNT_COLUMNS, used;
    tcs_buf_lit(b, "    ");
    tcs_cli_term_style(r->term, b, tcs_cli_report_style(g->level));
    used = tcs_cli_term_put(r->term, b, rule->doc.title, room);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    struct tcs_buf count = {0};
    tcs_cli_text_count(&count, g->count);
    tcs_cli_term_pad(b, room - used + (COUNT_COLUMNS > count.n ? COUNT_COLUMNS - count.n : 1));
    tcs_base_buf_str(b, tcs_base_buf_view(&count));
    tcs_base_buf_done(&count);
    tcs_cli_term_style(r->term, b, TCS_DIM);
    tcs_buf_lit(b, "\n      ");
    tcs_cli_report_span(r, b, g->first, g->last);
    put_techniques(r, b, &rule->doc);
    tcs_buf_lit(b, "\n      ");
    put_example(r, b, g);
    if (g->unchecked)
        put_unchecked(r, b, g);
    if (rule->doc.author.n) {
        tcs_buf_lit(b, "\n      rule by ");
        tcs_cli_term_put(r->term, b, rule->doc.author, 0);
    }
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

/* Windows' own accounts, which logs often name by number only. */
static struct tcs_str
account_name(struct tcs_str account)
{
    static const struct {
        const char *sid, *shown;
    } known[] = {{"S-1-5-18", "S-1-5-18 (Local System)"},
                 {"S-1-5-19", "S-1-5-19 (Local Service)"},
                 {"S-1-5-20", "S-1-5-20 (Network Service)"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (tcs_base_str_eq(account, tcs_base_str_of(known[i].sid)))
            return tcs_base_str_of(known[i].shown);
    return account.n ? account : TCS_STR("(no account named)");
}

static void
put_account(const struct tcs_report *r, struct tcs_buf *b, struct tcs_str account)
{
    tcs_buf_lit(b, "  ");
    tcs_cli_term_put(r->term, b, account_name(account), 0);
    tcs_base_buf_c(b, '\n');
}

/* The groups of one level and host: [from, to) of the sorted list. */
struct block {
    const struct tcs_rule *rules;
    const struct tcs_group *g;
    uint32_t n;
    uint32_t *by_rule; /* indexes of g, groups of equal rules together */
};

static int
compare_rules(const void *pa, const void *pb, void *ctx)
{
    const struct tcs_group *g = ctx;
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    if (g[a].rule != g[b].rule)
        return g[a].rule < g[b].rule ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* One group in place of the `n` of equal rule that by_rule lists from `at` on. */
static struct tcs_group
fold(const struct block *k, uint32_t at, uint32_t n)
{
    struct tcs_group sum = k->g[k->by_rule[at]];
    struct tcs_str rests = sum.rests;
    for (uint32_t i = at + 1; i < at + n; i++) {
        const struct tcs_group *g = &k->g[k->by_rule[i]];
        if (g->first != TCS_TIME_NONE && (sum.first == TCS_TIME_NONE || g->first < sum.first)) {
            /* the earliest is the example */
            uint64_t count = sum.count, carved = sum.carved, unchecked = sum.unchecked;
            int64_t last = sum.last;
            sum = *g;
            sum.count = count;
            sum.carved = carved;
            sum.unchecked = unchecked;
            sum.last = last > g->last ? last : g->last;
        }
        sum.last = g->last > sum.last ? g->last : sum.last;
        sum.count += g->count;
        sum.carved += g->carved;
        sum.unchecked += g->unchecked;
        rests = rests.n ? rests : g->rests;
    }
    sum.rests = rests;
    return sum;
}

static void
put_folded(const struct tcs_report *r, struct tcs_buf *b, const struct block *k, uint32_t at,
           uint32_t n)
{
    struct tcs_group sum = fold(k, at, n);
    uint32_t shown = n < NAMES_SHOWN ? n : NAMES_SHOWN;
    tcs_base_buf_printf(b, "  %u accounts: ", n);
    for (uint32_t i = 0; i < shown; i++) {
        tcs_base_buf_str(b, i ? TCS_STR(", ") : TCS_STR(""));
        tcs_cli_term_put(r->term, b, account_name(k->g[k->by_rule[at + i]].account), 0);
    }
    if (n > shown)
        tcs_base_buf_printf(b, " and %u more", n - shown);
    tcs_base_buf_c(b, '\n');
    put_group(r, b, &k->rules[sum.rule], &sum);
}

/* Shows the rules with many accounts and marks their groups as done. */
static void
put_all_folded(const struct tcs_report *r, struct tcs_buf *b, const struct block *k, bool *done)
{
    for (uint32_t at = 0, n; at < k->n; at += n) {
        for (n = 1; at + n < k->n && k->g[k->by_rule[at + n]].rule == k->g[k->by_rule[at]].rule;)
            n++;
        if (n < FOLD_MIN)
            continue;
        put_folded(r, b, k, at, n);
        for (uint32_t i = at; i < at + n; i++)
            done[k->by_rule[i]] = true;
    }
}

static void
put_block(const struct tcs_report *r, struct tcs_buf *b, struct block *k)
{
    bool *done = calloc(k->n, sizeof *done);
    k->by_rule = calloc(k->n, sizeof *k->by_rule);
    const struct tcs_group *last = NULL;
    if (!done || !k->by_rule)
        b->failed = true;
    if (!b->failed) {
        for (uint32_t i = 0; i < k->n; i++)
            k->by_rule[i] = i;
        /* the list is not changed through the context pointer */
        union {
            const struct tcs_group *in;
            void *out;
        } ctx = {k->g};
        qsort_r(k->by_rule, k->n, sizeof *k->by_rule, compare_rules, ctx.out);
        put_all_folded(r, b, k, done);
        for (uint32_t i = 0; i < k->n; i++) {
            if (done[i])
                continue;
            if (!last || !tcs_base_str_eq(last->account, k->g[i].account))
                put_account(r, b, k->g[i].account);
            last = &k->g[i];
            put_group(r, b, &k->rules[k->g[i].rule], &k->g[i]);
        }
    }
    free(done);
    free(k->by_rule);
}

static void
put_level(const struct tcs_report *r, struct tcs_buf *b, uint8_t level)
{
    char word[16];
    tcs_base_buf_c(b, '\n');
    tcs_cli_report_styled(r, b, tcs_cli_report_style(level),
                          upper(tcs_attack_level_name(level), word));
    tcs_base_buf_c(b, '\n');
}

void
tcs_cli_report_groups(struct tcs_buf *b, const struct tcs_report *r)
{
    uint32_t n, nrules;
    const struct tcs_group *g = tcs_report_tally_groups(r->sum->tally, &n);
    struct block k = {.rules = tcs_detect_rulebook_rules(r->book, &nrules)};
    for (uint32_t i = 0; i < n; i += k.n) {
        if (i == 0 || g[i].level != g[i - 1].level)
            put_level(r, b, g[i].level);
        tcs_cli_term_style(r->term, b, TCS_BOLD);
        tcs_cli_term_put(r->term, b, g[i].host.n ? g[i].host : TCS_STR("(no computer named)"), 0);
        tcs_cli_term_style(r->term, b, TCS_PLAIN);
        tcs_base_buf_c(b, '\n');
        k.g = &g[i];
        for (k.n = 1; i + k.n < n && g[i + k.n].level == g[i].level &&
                      tcs_base_str_eq(g[i + k.n].host, g[i].host);)
            k.n++;
        put_block(r, b, &k);
    }
    if (tcs_report_tally_ungrouped(r->sum->tally)) {
        tcs_buf_lit(b, "    and ");
        tcs_cli_text_plural(b, tcs_report_tally_ungrouped(r->sum->tally), "finding", "findings");
        tcs_buf_lit(b, " beyond the groups shown; --format jsonl has all\n");
    }
}

/* cli/alerts_report.c - alerts of other tools added up by signature, and shown to people. */
#include "cli/alerts_report.h"
#include "attack/level.h"
#include "base/time.h"
#include "cli/report_int.h"
#include "cli/text.h"
#include "detect/alerts_int.h"

#include <stdlib.h>

enum { SHOWN_MAX = 40, COUNT_COLUMNS = 12 };

/* The group of the alert; NULL with *failed false: there are too many. */
static struct tcs_alert_group *
group_of(struct tcs_alerts *al, const struct tcs_alerted *x, bool *failed)
{
    al->key.n = 0;
    tcs_buf_c(&al->key, (char)('0' + x->signature.level));
    tcs_buf_str(&al->key, x->signature.id);
    *failed = al->key.failed;
    uint32_t at = *failed ? TCS_MAP_NONE : tcs_map_get(&al->index, tcs_buf_view(&al->key));
    if (at != TCS_MAP_NONE)
        return &al->groups[at];
    if (*failed || al->ngroups == TCS_ALERT_GROUPS_MAX)
        return NULL;
    if (al->ngroups == al->cap) {
        uint32_t cap = al->cap ? 2 * al->cap : 64;
        struct tcs_alert_group *p = reallocarray(al->groups, cap, sizeof *p);
        *failed = !p;
        if (!p)
            return NULL;
        al->groups = p;
        al->cap = cap;
    }
    struct tcs_alert_group *g = &al->groups[al->ngroups];
    *g = (struct tcs_alert_group){.tool = tcs_arena_str(al->arena, x->tool),
                                  .title = tcs_arena_str(al->arena, x->signature.title),
                                  .level = x->signature.level,
                                  .stage = x->signature.stage,
                                  .first = TCS_TIME_NONE,
                                  .last = TCS_TIME_NONE,
                                  .host = tcs_arena_str(al->arena, x->detection.who.host)};
    g->techniques = tcs_arena_array(al->arena, x->signature.ntechniques + 1, sizeof *g->techniques);
    for (uint32_t i = 0; g->techniques && i < x->signature.ntechniques; i++)
        g->techniques[g->ntechniques++] = tcs_arena_str(al->arena, x->signature.techniques[i]);
    struct tcs_str key = tcs_arena_str(al->arena, tcs_buf_view(&al->key));
    *failed = tcs_arena_failed(al->arena) || tcs_map_put(&al->index, key, al->ngroups) < 0;
    al->ngroups += !*failed;
    return *failed ? NULL : g;
}

static void
count(struct tcs_alert_group *g, const struct tcs_finding *d)
{
    g->count++;
    g->hosts |= !tcs_str_eq(g->host, d->who.host);
    if (d->time == TCS_TIME_NONE)
        return;
    if (g->first == TCS_TIME_NONE || d->time < g->first)
        g->first = d->time;
    if (g->last == TCS_TIME_NONE || d->time > g->last)
        g->last = d->time;
}

int
tcs_alerts_add(struct tcs_alerts *al, const struct tcs_result *r, struct tcs_chained *chain,
               struct tcs_err *err)
{
    for (size_t i = 0; i < r->nalerts; i++) {
        bool failed;
        struct tcs_alert_group *g = group_of(al, &r->alerts[i], &failed);
        if (failed)
            return tcs_fail(err, TCS_ENOMEM, "out of memory for the alerts of other tools");
        al->total++;
        al->levels[r->alerts[i].signature.level & 7]++;
        if (g)
            count(g, &r->alerts[i].detection);
        else
            al->ungrouped++;
        int e =
            chain ? tcs_chained_detect(chain, &r->alerts[i].signature, &r->alerts[i].detection, err)
                  : 0;
        if (e < 0)
            return e;
    }
    return 0;
}

uint64_t
tcs_alerts_total(const struct tcs_alerts *al)
{
    return al->total;
}

uint64_t
tcs_alerts_at_level(const struct tcs_alerts *al, uint8_t level)
{
    uint64_t n = 0;
    for (size_t i = level; i < sizeof al->levels / sizeof *al->levels; i++)
        n += al->levels[i];
    return n;
}

/* Highest level first, then most, then by name. */
static int
by_weight(const void *pa, const void *pb)
{
    const struct tcs_alert_group *a = *(const struct tcs_alert_group *const *)pa;
    const struct tcs_alert_group *b = *(const struct tcs_alert_group *const *)pb;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int c = tcs_str_cmp(a->title, b->title);
    return c ? c : tcs_str_cmp(a->tool, b->tool);
}

static void
put_group(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_alert_group *g)
{
    struct tcs_buf n = {0};
    tcs_cli_text_count(&n, g->count);
    tcs_cli_term_pad(b, n.n < COUNT_COLUMNS ? COUNT_COLUMNS - n.n : 0);
    tcs_buf_str(b, tcs_buf_view(&n));
    tcs_buf_done(&n);
    tcs_buf_lit(b, "  ");
    tcs_cli_term_put(r->term, b, g->title, tcs_cli_report_width(r) - COUNT_COLUMNS - 2);
    tcs_buf_c(b, '\n');
    tcs_cli_term_style(r->term, b, TCS_DIM);
    tcs_cli_term_pad(b, COUNT_COLUMNS + 2);
    tcs_cli_term_put(r->term, b, g->tool, 0);
    for (uint32_t i = 0; i < g->ntechniques; i++) {
        tcs_buf_str(b, tcs_str_of(i ? " " : tcs_cli_report_dot(r)));
        tcs_cli_term_put(r->term, b, g->techniques[i], 0);
    }
    tcs_buf_str(b, tcs_str_of(tcs_cli_report_dot(r)));
    if (g->host.n)
        tcs_cli_term_put(r->term, b, g->host, 0);
    tcs_buf_str(b, g->hosts ? TCS_STR(" and others, ") : g->host.n ? TCS_STR(", ") : TCS_STR(""));
    tcs_cli_report_span(r, b, g->first, g->last);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_buf_c(b, '\n');
}

void
tcs_cli_alerts_text(const struct tcs_alerts *al, const struct tcs_term *term, struct tcs_buf *b)
{
    const struct tcs_report r = {.term = term};
    uint8_t level = TCS_LEVELS;
    if (!al->total)
        return;
    const struct tcs_alert_group **order = calloc(al->ngroups + 1, sizeof *order);
    if (!order) {
        b->failed = true;
        return;
    }
    for (uint32_t i = 0; i < al->ngroups; i++)
        order[i] = &al->groups[i];
    qsort(order, al->ngroups, sizeof *order, by_weight);
    tcs_cli_report_heading(&r, b, "Alerts of other tools");
    for (uint32_t i = 0; i < al->ngroups && i < SHOWN_MAX; i++) {
        if (order[i]->level != level) {
            level = order[i]->level;
            tcs_buf_lit(b, "  ");
            tcs_cli_report_styled(&r, b, tcs_cli_report_style(level),
                                  tcs_str_of(tcs_attack_level_name(level)));
            tcs_buf_c(b, '\n');
        }
        put_group(&r, b, order[i]);
    }
    if (al->ngroups > SHOWN_MAX)
        tcs_buf_printf(b, "  and %u other kinds\n", al->ngroups - SHOWN_MAX);
    free(order);
}

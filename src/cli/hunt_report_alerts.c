/* cli/hunt_report_alerts.c - alerts of other tools added up by signature, and shown to people. */
#include "cli/hunt_report_alerts.h"

#include "attack/level.h"
#include "base/grow.h"
#include "base/map.h"
#include "base/time.h"
#include "cli/hunt_report_int.h"
#include "cli/text.h"

#include <stdlib.h>

enum { SHOWN_MAX = 40, COUNT_COLUMNS = 12 };
enum { GROUPS_MAX = 8192 }; /* (signature, level) kept apart; more are counted only */

/* The alerts of one signature. */
struct group {
    struct tcs_str tool, title;
    struct tcs_str *techniques;
    uint32_t ntechniques;
    uint8_t level;
    uint64_t count;
    int64_t first, last; /* TCS_TIME_NONE: none had a time */
    struct tcs_str host; /* of the first in the input */
    bool hosts;          /* and there are others */
};

struct tcs_cli_alerts {
    struct tcs_arena *arena;
    struct tcs_map index; /* of the group, by level and signature id */
    struct tcs_buf key;
    struct group *groups;
    uint32_t ngroups, cap;
    uint64_t total, ungrouped;
};

struct tcs_cli_alerts *
tcs_cli_alerts_new(void)
{
    struct tcs_cli_alerts *al = calloc(1, sizeof *al);
    if (al && (al->arena = tcs_base_arena_new(0)))
        return al;
    free(al);
    return NULL;
}

void
tcs_cli_alerts_free(struct tcs_cli_alerts *al)
{
    if (!al)
        return;
    tcs_base_arena_free(al->arena);
    tcs_base_map_done(&al->index);
    tcs_base_buf_done(&al->key);
    free(al->groups);
    free(al);
}

static void
new_group(struct tcs_cli_alerts *al, const struct tcs_outlet_finding *t, struct group *g)
{
    const struct tcs_signature *s = t->alert;
    *g = (struct group){.tool = tcs_base_arena_str(al->arena, t->tool),
                        .title = tcs_base_arena_str(al->arena, s->title),
                        .level = s->level,
                        .first = TCS_TIME_NONE,
                        .last = TCS_TIME_NONE,
                        .host = tcs_base_arena_str(al->arena, t->finding->who.host)};
    g->techniques = tcs_base_arena_array(al->arena, s->ntechniques + 1u, sizeof *g->techniques);
    for (uint32_t i = 0; g->techniques && i < s->ntechniques; i++)
        g->techniques[g->ntechniques++] = tcs_base_arena_str(al->arena, s->techniques[i]);
}

/* The group of the alert; NULL with *failed false: there are too many. */
static struct group *
group_of(struct tcs_cli_alerts *al, const struct tcs_outlet_finding *t, bool *failed)
{
    al->key.n = 0;
    tcs_base_buf_c(&al->key, (char)('0' + t->alert->level));
    tcs_base_buf_str(&al->key, t->alert->id);
    *failed = al->key.failed;
    uint32_t at =
        *failed ? TCS_MAP_NONE : tcs_base_map_get(&al->index, tcs_base_buf_view(&al->key));
    if (at != TCS_MAP_NONE)
        return &al->groups[at];
    if (*failed || al->ngroups == GROUPS_MAX)
        return NULL;
    *failed = !tcs_base_grow(&al->groups, &al->cap, al->ngroups, 1, sizeof *al->groups);
    if (*failed)
        return NULL;
    struct group *g = &al->groups[al->ngroups];
    new_group(al, t, g);
    struct tcs_str key = tcs_base_arena_str(al->arena, tcs_base_buf_view(&al->key));
    *failed =
        tcs_base_arena_failed(al->arena) || tcs_base_map_put(&al->index, key, al->ngroups) < 0;
    al->ngroups += !*failed;
    return *failed ? NULL : g;
}

static void
count(struct group *g, const struct tcs_finding *f)
{
    g->count++;
    g->hosts |= !tcs_base_str_eq(g->host, f->who.host);
    if (f->time == TCS_TIME_NONE)
        return;
    if (g->first == TCS_TIME_NONE || f->time < g->first)
        g->first = f->time;
    if (g->last == TCS_TIME_NONE || f->time > g->last)
        g->last = f->time;
}

int
tcs_cli_alerts_add(struct tcs_cli_alerts *al, const struct tcs_outlet_finding *t,
                   struct tcs_err *err)
{
    bool failed;
    struct group *g = group_of(al, t, &failed);
    if (failed)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the alerts of other tools");
    al->total++;
    if (g)
        count(g, t->finding);
    else
        al->ungrouped++;
    return 0;
}

uint64_t
tcs_cli_alerts_total(const struct tcs_cli_alerts *al)
{
    return al->total;
}

/* Highest level first, then most, then by name. */
static int
by_weight(const void *pa, const void *pb)
{
    const struct group *a = *(const struct group *const *)pa;
    const struct group *b = *(const struct group *const *)pb;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int c = tcs_base_str_cmp(a->title, b->title);
    return c ? c : tcs_base_str_cmp(a->tool, b->tool);
}

static void
put_group(const struct tcs_report *r, struct tcs_buf *b, const struct group *g)
{
    struct tcs_buf n = {0};
    tcs_cli_text_count(&n, g->count);
    tcs_cli_term_pad(b, n.n < COUNT_COLUMNS ? COUNT_COLUMNS - n.n : 0);
    tcs_base_buf_str(b, tcs_base_buf_view(&n));
    tcs_base_buf_done(&n);
    tcs_buf_lit(b, "  ");
    tcs_cli_term_put(r->term, b, g->title, tcs_cli_report_width(r) - COUNT_COLUMNS - 2);
    tcs_base_buf_c(b, '\n');
    tcs_cli_term_style(r->term, b, TCS_DIM);
    tcs_cli_term_pad(b, COUNT_COLUMNS + 2);
    tcs_cli_term_put(r->term, b, g->tool, 0);
    for (uint32_t i = 0; i < g->ntechniques; i++) {
        tcs_base_buf_str(b, tcs_base_str_of(i ? " " : tcs_cli_report_dot(r)));
        tcs_cli_term_put(r->term, b, g->techniques[i], 0);
    }
    tcs_base_buf_str(b, tcs_base_str_of(tcs_cli_report_dot(r)));
    if (g->host.n)
        tcs_cli_term_put(r->term, b, g->host, 0);
    tcs_base_buf_str(b, g->hosts    ? TCS_STR(" and others, ")
                        : g->host.n ? TCS_STR(", ")
                                    : TCS_STR(""));
    tcs_cli_report_span(r, b, g->first, g->last);
    tcs_cli_term_style(r->term, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

void
tcs_cli_alerts_text(const struct tcs_cli_alerts *al, const struct tcs_term *term, struct tcs_buf *b)
{
    const struct tcs_report r = {.term = term};
    uint8_t level = TCS_LEVELS;
    if (!al->total)
        return;
    const struct group **order = calloc(al->ngroups + 1, sizeof *order);
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
                                  tcs_base_str_of(tcs_attack_level_name(level)));
            tcs_base_buf_c(b, '\n');
        }
        put_group(&r, b, order[i]);
    }
    if (al->ngroups > SHOWN_MAX)
        tcs_base_buf_printf(b, "  and %u other kinds\n", al->ngroups - SHOWN_MAX);
    if (al->ungrouped) {
        tcs_buf_lit(b, "  and ");
        tcs_cli_text_plural(b, al->ungrouped, "alert", "alerts");
        tcs_buf_lit(b, " of kinds beyond those; --format jsonl has all\n");
    }
    free(order);
}

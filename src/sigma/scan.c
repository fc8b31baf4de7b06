/* sigma/scan.c - one event against the ruleset: route, make its values ready, run the programs of
 * the group.  Input: an event; output: the rules that match.  The rest is in scan_route.c,
 * scan_value.c and scan_pred.c. */
#include "sigma/scan.h"

#include "sigma/scan_int.h"

#include <stdlib.h>

static uint32_t
most_entries(const struct tcs_ruleset *rs)
{
    return rs->nrules; /* each rule is reported once */
}

struct tcs_scan *
tcs_scan_new(const struct tcs_ruleset *rs)
{
    struct tcs_scan *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->rs = rs;
    s->memo = calloc(rs->npreds + 1u, sizeof *s->memo);
    s->hits = calloc(most_entries(rs) + 1u, sizeof *s->hits);
    s->route = scan_route_new(rs);
    s->re = tcs_regex_scratch_new();
    if (!scan_values_new(s) || !s->memo || !s->hits || !s->route || !s->re) {
        tcs_scan_free(s);
        return NULL;
    }
    return s;
}

void
tcs_scan_free(struct tcs_scan *s)
{
    if (!s)
        return;
    scan_values_free(s);
    scan_route_free(s->route);
    tcs_regex_scratch_free(s->re);
    free(s->memo);
    free(s->hits);
    free(s);
}

bool
tcs_scan_want(struct tcs_scan *s, const struct tcs_event *head)
{
    return scan_route_find(s->route, head)->nentries > 0;
}

/* Stamps carry 31 bits: after two thousand million events the old ones are wiped. */
static void
next_epoch(struct tcs_scan *s)
{
    if (++s->epoch < 1u << 31)
        return;
    memset(s->memo, 0, s->rs->npreds * sizeof *s->memo);
    memset(s->slots, 0, (tcs_fieldset_count(s->rs->fields) + s->rs->nmade) * sizeof *s->slots);
    s->epoch = 1;
}

static bool
run(struct tcs_scan *s, const struct plan_group *g, uint32_t pc)
{
    while (pc < PLAN_FALSE) {
        const struct plan_instr *in = &g->code[pc];
        pc = scan_truth(s, in->pred) ? in->on_true : in->on_false;
    }
    return pc == PLAN_TRUE;
}

static void
try_entry(struct tcs_scan *s, const struct plan_group *g, const struct plan_entry *e)
{
    if (s->nhits && s->hits[s->nhits - 1].rule == e->rule)
        return; /* an earlier view matched */
    s->stats.candidates++;
    if (run(s, g, e->start))
        s->hits[s->nhits++] = (struct tcs_hit){.rule = e->rule, .view = e->view};
}

uint32_t
tcs_scan_event(struct tcs_scan *s, const struct tcs_event *ev, const struct tcs_hit **hits)
{
    const struct plan_group *g = scan_route_find(s->route, ev);
    s->stats.events++;
    s->nhits = 0;
    *hits = s->hits;
    if (g->nentries == 0)
        return 0;
    s->stats.routed++;
    next_epoch(s);
    scan_values_begin(s, ev);
    scan_values_make(s, g->made, g->nmade);
    for (uint32_t i = 0; i < g->nentries; i++)
        try_entry(s, g, &g->entries[i]);
    s->stats.hits += s->nhits;
    return s->nhits;
}

const struct tcs_scan_stats *
tcs_scan_stats(const struct tcs_scan *s)
{
    return &s->stats;
}

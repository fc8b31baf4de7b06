/* report/lanes.c - one lane for each host, most involved first; arrows where something went from
 * one to another. */
#include "report/report_int.h"

enum { NO_LANE = 0xffffffffu };

static uint32_t
find(const struct rp_chart *c, struct tcs_str name)
{
    for (uint32_t i = 0; i < c->nlanes; i++)
        if (!c->lanes[i].rest && tcs_base_str_eq(c->lanes[i].name, name))
            return i;
    return NO_LANE;
}

/* The last two of the room are kept for what has no host, and for hosts beyond the limit. */
static void
want_host(struct rp_chart *c, struct tcs_str name)
{
    if (name.n && c->nlanes < RP_LANES_MAX && find(c, name) == NO_LANE) {
        bool start = tcs_base_str_eq(name, c->in->origin_host);
        c->lanes[c->nlanes++] = (struct rp_lane){.name = name, .start = start};
    }
}

static bool
is_arrow(const struct tcs_join *j)
{
    return j->kind == TCS_JOINED && j->from_host.n && j->to_host.n &&
           !tcs_base_str_eq(j->from_host, j->to_host);
}

static uint32_t
lane_or_rest(struct rp_chart *c, struct tcs_str name, uint32_t *rest)
{
    uint32_t lane = find(c, name);
    if (lane != NO_LANE)
        return lane;
    if (name.n == 0) {
        c->lanes[c->nlanes] = (struct rp_lane){0};
        return c->nlanes++;
    }
    if (*rest == NO_LANE) {
        *rest = c->nlanes;
        c->lanes[c->nlanes++] = (struct rp_lane){.rest = true};
    }
    return *rest;
}

bool
report_chart_lanes(struct tcs_arena *a, struct rp_chart *c)
{
    const struct tcs_incident *in = c->in;
    uint32_t rest = NO_LANE;
    c->lanes = tcs_base_arena_array(a, RP_LANES_MAX + 2, sizeof *c->lanes);
    c->lane_of = tcs_base_arena_array(a, in->nlinks + 1, sizeof *c->lane_of);
    if (!c->lanes || !c->lane_of)
        return false;
    for (uint32_t i = 0; i < in->nhosts; i++)
        want_host(c, in->hosts[i]);
    for (uint32_t i = 0; i < in->nlinks; i++)
        want_host(c, in->links[i].host);
    for (uint32_t i = 0; i < in->njoins; i++)
        if (is_arrow(&in->joins[i])) {
            want_host(c, in->joins[i].from_host);
            want_host(c, in->joins[i].to_host);
        }
    for (uint32_t i = 0; i < in->nlinks; i++) {
        c->lane_of[i] = lane_or_rest(c, in->links[i].host, &rest);
        c->lanes[c->lane_of[i]].links++;
    }
    return true;
}

/* The same two lanes at the same place: one arrow with a number. */
static struct rp_arrow *
same_arrow(struct rp_chart *c, const struct rp_arrow *want)
{
    for (uint32_t i = 0; i < c->narrows; i++) {
        struct rp_arrow *r = &c->arrows[i];
        if (r->from == want->from && r->to == want->to && r->x == want->x)
            return r;
    }
    return NULL;
}

bool
report_chart_arrows(struct tcs_arena *a, struct rp_chart *c)
{
    c->arrows = tcs_base_arena_array(a, RP_ARROWS_MAX, sizeof *c->arrows);
    if (!c->arrows)
        return false;
    for (uint32_t i = 0; i < c->in->njoins; i++) {
        const struct tcs_join *j = &c->in->joins[i];
        struct rp_arrow arrow = {.join = i, .count = 1};
        if (!is_arrow(j))
            continue;
        arrow.from = find(c, j->from_host);
        arrow.to = find(c, j->to_host);
        arrow.x = report_scale_x(&c->scale, j->time);
        struct rp_arrow *same = same_arrow(c, &arrow);
        if (same)
            same->count++;
        else if (arrow.from == NO_LANE || arrow.to == NO_LANE || c->narrows == RP_ARROWS_MAX)
            c->more_arrows++;
        else
            c->arrows[c->narrows++] = arrow;
    }
    return true;
}

/* correlate/groups.c - the groups of a correlation: found by key, kept in the order of their
 * newest matches; and their open episodes, in the order of their last holds. */
#include "base/hash.h"
#include "correlate/correlate_int.h"

#include <stdlib.h>

/* `key` is of lower-case forms. */
static uint32_t
hash_of(const struct tcs_correlate *c, const uint32_t *key, uint32_t n)
{
    return (uint32_t)tcs_base_hash(key, n * sizeof *key, c->texts.seed ^ n);
}

static bool
same(const struct tcs_correlate *c, const struct corr_group *g, const uint32_t *key, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (g->key[i] != key[i] &&
            correlate_fold(&c->texts, g->key[i]) != correlate_fold(&c->texts, key[i]))
            return false;
    return true;
}

struct corr_group *
correlate_group_find(struct tcs_correlate *c, uint32_t corr, const uint32_t *key, uint32_t *hash)
{
    const struct corr_groups *gs = &c->groups[corr];
    uint32_t n = c->plan->defs[corr].c->ngroup_by;
    for (uint32_t i = 0; i < n; i++)
        c->scratch[i] = correlate_fold(&c->texts, key[i]);
    *hash = hash_of(c, c->scratch, n);
    struct corr_group *g = gs->heads ? gs->heads[*hash & gs->mask] : NULL;
    while (g && !(g->hash == *hash && same(c, g, key, n)))
        g = g->chain;
    return g;
}

static bool
grow(struct corr_groups *gs)
{
    uint32_t n = gs->heads ? (gs->mask + 1) * 2 : 16;
    struct corr_group **heads = calloc(n, sizeof(struct corr_group *));
    if (!heads)
        return false;
    free(gs->heads);
    gs->heads = heads;
    gs->mask = n - 1;
    for (struct corr_group *g = gs->oldest; g; g = g->next) {
        g->chain = heads[g->hash & gs->mask];
        heads[g->hash & gs->mask] = g;
    }
    return true;
}

static void
append(struct corr_groups *gs, struct corr_group *g)
{
    g->prev = gs->newest;
    g->next = NULL;
    if (gs->newest)
        gs->newest->next = g;
    else
        gs->oldest = g;
    gs->newest = g;
}

static void
unlink_group(struct corr_groups *gs, struct corr_group *g)
{
    if (g->prev)
        g->prev->next = g->next;
    else
        gs->oldest = g->next;
    if (g->next)
        g->next->prev = g->prev;
    else
        gs->newest = g->prev;
}

struct corr_group *
correlate_group_new(struct tcs_correlate *c, uint32_t corr, const uint32_t *key, uint32_t hash)
{
    const struct corr_def *d = &c->plan->defs[corr];
    struct corr_groups *gs = &c->groups[corr];
    uint32_t n = d->c->ngroup_by;
    if ((!gs->heads || gs->n > gs->mask) && !grow(gs))
        return NULL;
    struct corr_group *g = calloc(1, sizeof *g + n * sizeof *g->key);
    if (!g)
        return NULL;
    if (!correlate_window_new(d, g)) {
        correlate_window_done(d, g, &c->texts);
        free(g);
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        correlate_text_keep(&c->texts, key[i]);
        g->key[i] = key[i];
    }
    g->hash = hash;
    g->chain = gs->heads[hash & gs->mask];
    gs->heads[hash & gs->mask] = g;
    append(gs, g);
    gs->n++;
    return g;
}

void
correlate_group_touch(struct corr_groups *gs, struct corr_group *g)
{
    if (gs->newest == g)
        return;
    unlink_group(gs, g);
    append(gs, g);
}

void
correlate_group_free(struct tcs_correlate *c, uint32_t corr, struct corr_group *g)
{
    struct corr_groups *gs = &c->groups[corr];
    struct corr_group **link = &gs->heads[g->hash & gs->mask];
    while (*link != g)
        link = &(*link)->chain;
    *link = g->chain;
    unlink_group(gs, g);
    gs->n--;
    if (g->episode)
        correlate_episode_free(c, corr, g->episode);
    correlate_window_done(&c->plan->defs[corr], g, &c->texts);
    for (uint32_t i = 0; i < c->plan->defs[corr].c->ngroup_by; i++)
        correlate_text_drop(&c->texts, g->key[i]);
    free(g);
}

static void
append_episode(struct corr_groups *gs, struct corr_episode *e)
{
    e->prev = gs->last;
    e->next = NULL;
    if (gs->last)
        gs->last->next = e;
    else
        gs->first = e;
    gs->last = e;
}

static void
unlink_episode(struct corr_groups *gs, struct corr_episode *e)
{
    if (e->prev)
        e->prev->next = e->next;
    else
        gs->first = e->next;
    if (e->next)
        e->next->prev = e->prev;
    else
        gs->last = e->prev;
}

struct corr_episode *
correlate_episode_new(struct tcs_correlate *c, uint32_t corr, struct corr_group *g)
{
    const struct corr_stream *s = &c->plan->streams[c->plan->defs[corr].stream];
    struct corr_episode *e = calloc(1, sizeof *e);
    if (e && s->nreaders && s->nfields)
        e->carried = calloc(s->nfields, sizeof *e->carried);
    if (!e || (s->nreaders && s->nfields && !e->carried)) {
        free(e);
        return NULL;
    }
    e->group = g;
    g->episode = e;
    append_episode(&c->groups[corr], e);
    return e;
}

void
correlate_episode_touch(struct corr_groups *gs, struct corr_episode *e)
{
    if (gs->last == e)
        return;
    unlink_episode(gs, e);
    append_episode(gs, e);
}

void
correlate_episode_free(struct tcs_correlate *c, uint32_t corr, struct corr_episode *e)
{
    const struct corr_def *d = &c->plan->defs[corr];
    unlink_episode(&c->groups[corr], e);
    e->group->episode = NULL;
    for (uint32_t i = 0; d->c->type == TCS_CORR_VALUE_COUNT && i < e->nshown; i++)
        correlate_text_drop(&c->texts, e->ids[i]);
    for (uint32_t i = 0; e->carried && i < c->plan->streams[d->stream].nfields; i++)
        correlate_text_drop(&c->texts, e->carried[i]);
    free(e->carried);
    free(e);
}

/* stix/profile_in.c - the part of a bundle that belongs to some actors, as a profile.
 *
 * Actors are marked first, then the campaigns attributed to them, then their software; every `uses`
 * from what is marked to an attack pattern is one use.  Not here: JSON (bundle.c, profile_out.c).
 */
#include "stix/profile_stix.h"

#include "attack/attack.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdlib.h>

struct gather {
    const struct tcs_stix_bundle *bundle;
    const struct tcs_stix_object *objects;
    const struct tcs_stix_link *links;
    uint32_t nobjects, nlinks;
    bool *marked; /* by object */
    struct tcs_arena *a;
    struct tcs_profile_use *uses;
    uint32_t nuses, capuses;
    int64_t modified;
};

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory while making a profile");
}

static int
gather_new(struct gather *g, const struct tcs_stix_bundle *b, struct tcs_arena *a,
           struct tcs_err *err)
{
    *g = (struct gather){.bundle = b, .a = a, .modified = TCS_TIME_NONE};
    g->objects = tcs_stix_objects(b, &g->nobjects);
    g->links = tcs_stix_links(b, &g->nlinks);
    g->marked = calloc(g->nobjects + 1, sizeof *g->marked);
    return g->marked ? 0 : no_memory(err);
}

static bool
called(const struct tcs_stix_object *o, struct tcs_str name)
{
    if (tcs_base_str_ieq(o->external, name) || tcs_base_str_ieq(o->id, name) ||
        tcs_base_str_ieq(o->name, name))
        return true;
    for (uint32_t i = 0; i < o->naliases; i++)
        if (tcs_base_str_ieq(o->aliases[i], name))
            return true;
    return false;
}

static int
mark_named(struct gather *g, const char *const *names, size_t n, uint8_t kind, struct tcs_err *err)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (uint32_t k = 0; k < g->nobjects && *names[i]; k++) {
            if (g->objects[k].kind != kind || !called(&g->objects[k], tcs_base_str_of(names[i])))
                continue;
            g->marked[k] = found = true;
        }
        if (!found)
            return tcs_base_fail(err, TCS_EUSAGE,
                                 "the bundle knows no %s '%.80s'; --list names them",
                                 kind == TCS_STIX_SET ? "group" : "campaign", names[i]);
    }
    return 0;
}

static uint32_t
mark_kind(struct gather *g, uint8_t kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nobjects; i++)
        if (g->objects[i].kind == kind)
            n += g->marked[i] = true;
    return n;
}

static void
mark_campaigns(struct gather *g)
{
    for (uint32_t i = 0; i < g->nlinks; i++) {
        const struct tcs_stix_link *l = &g->links[i];
        if (l->attributed && g->objects[l->from].kind == TCS_STIX_CAMPAIGN &&
            g->objects[l->to].kind == TCS_STIX_SET && g->marked[l->to])
            g->marked[l->from] = true;
    }
}

static void
mark_software(struct gather *g)
{
    for (uint32_t i = 0; i < g->nlinks; i++) {
        const struct tcs_stix_link *l = &g->links[i];
        if (!l->attributed && g->objects[l->to].kind == TCS_STIX_SOFTWARE &&
            g->objects[l->from].kind != TCS_STIX_SOFTWARE && g->marked[l->from])
            g->marked[l->to] = true;
    }
}

/* "AA22-264A, https://..." */
static struct tcs_str
joined(struct tcs_arena *a, const struct tcs_str *list, uint32_t n)
{
    struct tcs_buf b = {0};
    for (uint32_t i = 0; i < n; i++) {
        tcs_base_buf_str(&b, i ? TCS_STR(", ") : TCS_STR(""));
        tcs_base_buf_str(&b, list[i]);
    }
    struct tcs_str ret =
        b.failed ? (struct tcs_str){0} : tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return ret;
}

/* What the relationship names, else where its actor or software is described. */
static struct tcs_str
reference(const struct gather *g, const struct tcs_stix_link *l)
{
    const struct tcs_stix_object *by = &g->objects[l->from];
    if (l->nreferences)
        return joined(g->a, l->references, l->nreferences);
    return by->nsources ? joined(g->a, by->sources, by->nsources) : joined(g->a, &by->name, 1);
}

static void
newest(struct gather *g, int64_t t)
{
    g->modified = t > g->modified ? t : g->modified;
}

static int
add_use(struct gather *g, const struct tcs_stix_link *l, struct tcs_err *err)
{
    struct tcs_str technique = g->objects[l->to].external;
    if (g->objects[l->to].kind != TCS_STIX_PATTERN || !tcs_attack_well_formed(technique))
        return 0;
    if (g->nuses == TCS_PROFILE_USES_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "more than %d uses of techniques",
                             TCS_PROFILE_USES_MAX);
    if (!tcs_base_arena_grow(g->a, &g->uses, g->nuses, &g->capuses, sizeof *g->uses))
        return no_memory(err);
    g->uses[g->nuses++] = (struct tcs_profile_use){
        .technique = tcs_base_arena_str(g->a, tcs_attack_v19(technique)),
        .reference = reference(g, l),
    };
    newest(g, l->modified);
    return 0;
}

/* The longer reference first: it is the one that is kept. */
static int
by_technique(const void *a, const void *b)
{
    const struct tcs_profile_use *x = a, *y = b;
    int c = tcs_base_str_cmp(x->technique, y->technique);
    if (c == 0 && x->reference.n != y->reference.n)
        return x->reference.n > y->reference.n ? -1 : 1;
    return c ? c : tcs_base_str_cmp(x->reference, y->reference);
}

static void
sort_unique(struct gather *g)
{
    uint32_t n = 0;
    if (g->nuses)
        qsort(g->uses, g->nuses, sizeof *g->uses, by_technique);
    for (uint32_t i = 0; i < g->nuses; i++)
        if (n == 0 || !tcs_base_str_eq(g->uses[n - 1].technique, g->uses[i].technique))
            g->uses[n++] = g->uses[i];
    g->nuses = n;
}

/* Names and sources of what is marked: groups, or campaigns if there is no group. */
static void
name_it(const struct gather *g, uint8_t kind, struct tcs_profile *ret)
{
    struct tcs_str names[TCS_STIX_REFS_MAX], ids[TCS_STIX_REFS_MAX], sources[TCS_STIX_REFS_MAX];
    uint32_t n = 0, nsources = 0;
    for (uint32_t i = 0; i < g->nobjects; i++) {
        const struct tcs_stix_object *o = &g->objects[i];
        if (!g->marked[i] || (o->kind != TCS_STIX_SET && o->kind != TCS_STIX_CAMPAIGN))
            continue;
        for (uint32_t k = 0; k < o->nsources && nsources < TCS_STIX_REFS_MAX; k++)
            sources[nsources++] = o->sources[k];
        if (o->kind != kind || n == TCS_STIX_REFS_MAX)
            continue;
        ids[n] = o->external.n ? o->external : o->id;
        names[n++] = o->name.n ? o->name : o->id;
    }
    ret->id = joined(g->a, ids, n);
    ret->name = joined(g->a, names, n);
    ret->source = joined(g->a, sources, nsources);
}

static int
finish(struct gather *g, uint8_t kind, struct tcs_profile *ret, struct tcs_err *err)
{
    struct tcs_profile p = {0};
    for (uint32_t i = 0; i < g->nlinks; i++) {
        const struct tcs_stix_link *l = &g->links[i];
        int r = !l->attributed && g->marked[l->from] ? add_use(g, l, err) : 0;
        if (r < 0)
            return r;
    }
    for (uint32_t i = 0; i < g->nobjects; i++)
        if (g->marked[i] && g->objects[i].kind != TCS_STIX_SOFTWARE)
            newest(g, g->objects[i].modified);
    if (g->nuses == 0)
        return tcs_base_fail(err, TCS_EUSAGE,
                             "the bundle names no ATT&CK technique for these actors");
    sort_unique(g);
    name_it(g, kind, &p);
    p.uses = g->uses;
    p.nuses = g->nuses;
    if (tcs_base_arena_failed(g->a))
        return no_memory(err);
    *ret = p;
    return 0;
}

int
tcs_stix_profile_pick(const struct tcs_stix_bundle *b, const struct tcs_stix_pick *pick,
                      struct tcs_arena *a, struct tcs_profile *ret, int64_t *modified,
                      struct tcs_err *err)
{
    struct gather g;
    int r = gather_new(&g, b, a, err);
    if (r == 0)
        r = mark_named(&g, pick->groups, pick->ngroups, TCS_STIX_SET, err);
    if (r == 0)
        mark_campaigns(&g);
    if (r == 0)
        r = mark_named(&g, pick->campaigns, pick->ncampaigns, TCS_STIX_CAMPAIGN, err);
    if (r == 0 && pick->software)
        mark_software(&g);
    if (r == 0)
        r = finish(&g, pick->ngroups ? TCS_STIX_SET : TCS_STIX_CAMPAIGN, ret, err);
    if (r == 0)
        *modified = g.modified;
    free(g.marked);
    return r;
}

int
tcs_stix_profile_read(struct tcs_arena *a, struct tcs_str json, struct tcs_profile *ret,
                      struct tcs_err *err)
{
    struct tcs_stix_bundle *b = NULL;
    struct gather g = {0};
    int r = tcs_stix_bundle_new(json, &b, err);
    if (r == 0)
        r = gather_new(&g, b, a, err);
    if (r == 0) {
        uint32_t sets = mark_kind(&g, TCS_STIX_SET);
        uint32_t n = sets ? sets : mark_kind(&g, TCS_STIX_CAMPAIGN);
        if (n == 0)
            r = tcs_base_fail(err, TCS_EUSAGE, "no intrusion set and no campaign in it");
        else if (n > TCS_STIX_REFS_MAX)
            r = tcs_base_fail(
                err, TCS_EUSAGE,
                "%u actors are no profile; take some of them with tocsin intel profile", n);
        else
            mark_campaigns(&g);
        if (r == 0)
            r = finish(&g, sets ? TCS_STIX_SET : TCS_STIX_CAMPAIGN, ret, err);
    }
    free(g.marked);
    tcs_stix_bundle_free(b);
    return r;
}

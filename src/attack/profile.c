/* attack/profile.c - how far the techniques of an incident agree with a profile.
 *
 * Both sides are renewed to v19 first.  A child agrees with its parent in either direction: an
 * advisory that says T1110 means T1110.003 too, and a rule that can only say T1110 is no witness
 * against a profile with T1110.003. */
#include "attack/profile.h"

#include "attack/attack.h"

#include <stdlib.h>

enum { PARENT = 5 }; /* "T1003" */

static int
order(const void *a, const void *b)
{
    return tcs_base_str_cmp(*(const struct tcs_str *)a, *(const struct tcs_str *)b);
}

/* Renewed, sorted, each once; NULL: no memory.  *n becomes how many they are. */
static struct tcs_str *
renewed(const struct tcs_str *techniques, uint32_t *n, struct tcs_arena *a)
{
    struct tcs_str *ret = tcs_base_arena_array(a, *n ? *n : 1, sizeof *ret);
    uint32_t kept = 0;
    if (!ret)
        return NULL;
    for (uint32_t i = 0; i < *n; i++)
        ret[i] = tcs_attack_v19(techniques[i]);
    qsort(ret, *n, sizeof *ret, order);
    for (uint32_t i = 0; i < *n; i++)
        if (ret[i].n && (kept == 0 || !tcs_base_str_eq(ret[i], ret[kept - 1])))
            ret[kept++] = ret[i];
    *n = kept;
    return ret;
}

static bool
related(struct tcs_str a, struct tcs_str b)
{
    if (a.n == PARENT || b.n == PARENT)
        return tcs_base_str_eq(tcs_base_str_slice(a, 0, PARENT), tcs_base_str_slice(b, 0, PARENT));
    return tcs_base_str_eq(a, b);
}

static bool
in_profile(const struct tcs_profile *p, struct tcs_str technique)
{
    for (uint32_t i = 0; i < p->nuses; i++)
        if (related(tcs_attack_v19(p->uses[i].technique), technique))
            return true;
    return false;
}

struct tcs_overlap
tcs_attack_profile_overlap(const struct tcs_profile *p, const struct tcs_str *techniques,
                           uint32_t n, struct tcs_arena *a)
{
    struct tcs_overlap ret = {
        .profile = tcs_base_arena_str(a, p->name),
        .source = tcs_base_arena_str(a, p->source),
        .of_profile = p->nuses,
    };
    struct tcs_str *mine = renewed(techniques, &n, a);
    if (!mine)
        return ret;
    ret.of_incident = n;
    ret.techniques = tcs_base_arena_array(a, n ? n : 1, sizeof *ret.techniques);
    for (uint32_t i = 0; i < n && ret.techniques; i++)
        if (in_profile(p, mine[i]))
            ret.techniques[ret.ntechniques++] = tcs_base_arena_str(a, mine[i]);
    ret.shared = ret.ntechniques;
    return ret;
}

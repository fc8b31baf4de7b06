/* attack/attack.c - look-ups in the table of ATT&CK techniques.
 *
 * Numbers of either version go in, in either case ("t1562.001" as tags have it); old numbers are
 * renewed first, so that the table knows only current ones.  Nothing here judges how sure a
 * detection is: that is the rule's level. */
#include "attack/attack_int.h"

#include <stdlib.h>

enum { PARENT = 5 }; /* "T1003" */

/* Upper case, NUL-terminated, padded; false: cannot be a technique. */
static bool
normalise(struct tcs_str s, char out[TCS_TECHNIQUE_MAX + 1])
{
    if (s.n != PARENT && s.n != TCS_TECHNIQUE_MAX)
        return false;
    memset(out, 0, TCS_TECHNIQUE_MAX + 1);
    memcpy(out, s.p, s.n);
    out[0] = out[0] == 't' ? 'T' : out[0];
    return true;
}

bool
tcs_attack_well_formed(struct tcs_str s)
{
    static const char form[] = "Tdddd.ddd";
    if (s.n != 5 && s.n != 9)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (form[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != form[i])
            return false;
    return true;
}

/* Every kind of row begins with its number. */
static int
compare(const void *key, const void *row)
{
    return strcmp(key, row);
}

static const struct tcs_attack_alias *
alias(const char *key)
{
    return bsearch(key, tcs_attack_aliases, tcs_attack_naliases, sizeof *tcs_attack_aliases,
                   compare);
}

static const struct tcs_attack_row *
row(const char *key)
{
    return bsearch(key, tcs_attack_rows, tcs_attack_nrows, sizeof *tcs_attack_rows, compare);
}

/* The row of the technique, else of its parent, else NULL. */
static const struct tcs_attack_row *
find(struct tcs_str technique)
{
    char key[TCS_TECHNIQUE_MAX + 1];
    if (!normalise(technique, key))
        return NULL;
    for (;;) {
        const struct tcs_attack_alias *al = alias(key);
        const struct tcs_attack_row *r = row(al ? al->to : key);
        if (r)
            return r;
        if (al)
            memcpy(key, al->to, sizeof key);
        if (!key[PARENT])
            return NULL;
        key[PARENT] = '\0';
    }
}

struct tcs_str
tcs_attack_v19(struct tcs_str technique)
{
    char key[TCS_TECHNIQUE_MAX + 1];
    const struct tcs_attack_alias *al = normalise(technique, key) ? alias(key) : NULL;
    return al ? tcs_base_str_of(al->to) : technique;
}

uint8_t
tcs_attack_stage(struct tcs_str technique)
{
    const struct tcs_attack_row *r = find(technique);
    return r ? r->stage : TCS_STAGE_NONE;
}

uint8_t
tcs_attack_stage_of(const struct tcs_str *techniques, uint32_t n)
{
    uint8_t best = TCS_STAGE_NONE, general = TCS_STAGE_NONE;
    for (uint32_t i = 0; i < n; i++) {
        const struct tcs_attack_row *r = find(techniques[i]);
        if (!r)
            continue;
        uint8_t *to = r->flags & TCS_ATTACK_GENERAL ? &general : &best;
        *to = r->stage > *to ? r->stage : *to;
    }
    return best != TCS_STAGE_NONE ? best : general;
}

bool
tcs_attack_warns(struct tcs_str technique)
{
    const struct tcs_attack_row *r = find(technique);
    return r && (r->flags & TCS_ATTACK_WARNS);
}

bool
tcs_attack_intrudes(struct tcs_str technique)
{
    const struct tcs_attack_row *r = find(technique);
    return r && (r->flags & TCS_ATTACK_INTRUDES);
}

struct tcs_str
tcs_attack_name(struct tcs_str technique)
{
    char key[TCS_TECHNIQUE_MAX + 1];
    const struct tcs_attack_name_row *own = NULL;
    if (normalise(tcs_attack_v19(technique), key))
        own = bsearch(key, tcs_attack_names, tcs_attack_nnames, sizeof *tcs_attack_names, compare);
    const struct tcs_attack_row *r = own ? NULL : find(technique);
    return own ? tcs_base_str_of(own->name) : r ? tcs_base_str_of(r->name) : (struct tcs_str){0};
}

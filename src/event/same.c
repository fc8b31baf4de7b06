/* event/same.c - a hash table of the names, from the last field to the first, so that each finds
 * the next one of its name. */
#include "event/same.h"

#include "base/hash.h"

#include <stdlib.h>

enum { TABLE_USUAL = 2 * TCS_SAME_USUAL };

struct table {
    uint32_t *at, mask;
    uint64_t seed;
};

/* Where fields[i], or another of its name, is in the table: its number and one; 0: free. */
static uint32_t *
entry_of(const struct tcs_event *ev, uint32_t i, const struct table *t)
{
    struct tcs_str name = ev->fields[i].name;
    uint32_t at = (uint32_t)tcs_base_hash(name.p, name.n, t->seed) & t->mask, *table = t->at;
    while (table[at] && !tcs_base_str_eq(ev->fields[table[at] - 1].name, name))
        at = (at + 1) & t->mask;
    return &table[at];
}

static void
link_all(const struct tcs_event *ev, const bool *skip, uint32_t *next, const struct table *t)
{
    for (uint32_t i = ev->nfields; i-- > 0;) {
        next[i] = TCS_SAME_LATER;
        if (skip && skip[i])
            continue;
        uint32_t *entry = entry_of(ev, i, t);
        next[i] = *entry ? *entry - 1 : 0;
        if (*entry)
            next[*entry - 1] |= TCS_SAME_LATER;
        *entry = i + 1;
    }
}

bool
tcs_event_same(const struct tcs_event *ev, const bool *skip, struct tcs_same *ret)
{
    ret->own = NULL;
    if (ev->nfields <= TCS_SAME_USUAL) {
        uint32_t table[TABLE_USUAL] = {0};
        ret->next = ret->usual;
        link_all(ev, skip, ret->next, &(struct table){.at = table, .mask = TABLE_USUAL - 1});
        return true;
    }
    uint32_t mask = 4 * TCS_SAME_USUAL - 1;
    while (mask / 2 < ev->nfields)
        mask = 2 * mask + 1;
    uint32_t *table = calloc((size_t)mask + 1 + ev->nfields, sizeof *table);
    if (!table)
        return false;
    ret->own = table;
    ret->next = table + mask + 1;
    link_all(ev, skip, ret->next,
             &(struct table){.at = table, .mask = mask, .seed = tcs_base_hash_secret()});
    return true;
}

void
tcs_event_same_done(struct tcs_same *s)
{
    free(s->own);
}

/* event/fieldset.c - names in an arena, numbered in the order they were added. */
#include "event/fieldset.h"

#include "base/arena.h"
#include "base/grow.h"
#include "base/invariant.h"
#include "base/map.h"

#include <stdlib.h>

struct tcs_fieldset {
    struct tcs_arena *arena;
    struct tcs_map slots;
    struct tcs_str *names;
    uint32_t count, cap;
};

struct tcs_fieldset *
tcs_event_fieldset_new(void)
{
    struct tcs_fieldset *fs = calloc(1, sizeof *fs);
    if (fs && !(fs->arena = tcs_base_arena_new(0))) {
        free(fs);
        return NULL;
    }
    return fs;
}

void
tcs_event_fieldset_free(struct tcs_fieldset *fs)
{
    if (!fs)
        return;
    tcs_base_map_done(&fs->slots);
    tcs_base_arena_free(fs->arena);
    free(fs->names);
    free(fs);
}

uint32_t
tcs_event_fieldset_add(struct tcs_fieldset *fs, struct tcs_str name)
{
    uint32_t slot = tcs_base_map_get(&fs->slots, name);
    if (slot != TCS_MAP_NONE)
        return slot;
    struct tcs_str copy = tcs_base_arena_str(fs->arena, name);
    if (!copy.p || !tcs_base_grow(&fs->names, &fs->cap, fs->count, 1, sizeof *fs->names) ||
        tcs_base_map_put(&fs->slots, copy, fs->count) < 0)
        return TCS_SLOT_NONE;
    fs->names[fs->count] = copy;
    return fs->count++;
}

uint32_t
tcs_event_fieldset_find(const struct tcs_fieldset *fs, struct tcs_str name)
{
    return fs ? tcs_base_map_get(&fs->slots, name) : TCS_SLOT_NONE;
}

uint32_t
tcs_event_fieldset_count(const struct tcs_fieldset *fs)
{
    return fs->count;
}

struct tcs_str
tcs_event_fieldset_name(const struct tcs_fieldset *fs, uint32_t slot)
{
    TCS_INVARIANT(slot < fs->count);
    return fs->names[slot];
}

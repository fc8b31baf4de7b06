/* stix/actors.c - the groups and campaigns of a bundle. */
#include "stix/bundle.h"

#include <stdlib.h>

static int
by_external(const void *a, const void *b)
{
    const struct tcs_stix_object *x = ((const struct tcs_stix_actor *)a)->o,
                                 *y = ((const struct tcs_stix_actor *)b)->o;
    int c = tcs_base_str_cmp(x->external, y->external);
    c = c ? c : tcs_base_str_cmp(x->name, y->name);
    return c ? c : tcs_base_str_cmp(x->id, y->id);
}

struct tcs_stix_actor *
tcs_stix_actors(const struct tcs_stix_bundle *b, struct tcs_arena *a, uint32_t *n)
{
    uint32_t nobjects, nlinks;
    const struct tcs_stix_object *objects = tcs_stix_objects(b, &nobjects);
    const struct tcs_stix_link *links = tcs_stix_links(b, &nlinks);
    uint32_t *counts = tcs_base_arena_array(a, (size_t)nobjects + 1, sizeof *counts);
    struct tcs_stix_actor *rows = tcs_base_arena_array(a, (size_t)nobjects + 1, sizeof *rows);
    *n = 0;
    if (!counts || !rows)
        return NULL;
    for (uint32_t i = 0; i < nlinks; i++)
        counts[links[i].from] +=
            !links[i].attributed && objects[links[i].to].kind == TCS_STIX_PATTERN;
    for (uint32_t i = 0; i < nobjects; i++)
        if (objects[i].kind == TCS_STIX_SET || objects[i].kind == TCS_STIX_CAMPAIGN)
            rows[(*n)++] = (struct tcs_stix_actor){&objects[i], counts[i]};
    qsort(rows, *n, sizeof *rows, by_external);
    return rows;
}

/* tests/report/put.c - `put DIR`: a store with the hand-made incidents in it, for tests of the
 * program. */
#include "samples.h"
#include "sigma/ast.h"
#include "store/store.h"

#include <stdio.h>

/* The store takes texts of any kind, but only numbers that exist. */
static void
tame(struct tcs_incident *in)
{
    in->state %= TCS_STATES;
    in->stages &= (1u << TCS_STAGES) - 1;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        in->links[i].stage %= TCS_STAGES;
        in->links[i].flags &= TCS_FINDING_FLAGS;
        in->links[i].level = (uint8_t)(in->links[i].level % (TCS_CRITICAL + 1));
    }
    for (uint32_t i = 0; i < in->njoins; i++) {
        in->joins[i].kind = (uint8_t)(in->joins[i].kind % (TCS_JOIN_REFUSED + 1));
        in->joins[i].strength = (uint8_t)(in->joins[i].strength % (TCS_JOIN_STRONG + 1));
    }
    for (uint32_t i = 0; i < in->ntransitions; i++)
        in->transitions[i].state %= TCS_STATES;
    for (uint32_t i = 0; i < in->nreach; i++)
        in->reach[i].hops %= 3;
    for (uint32_t i = 0; i < in->nmissing; i++)
        in->missing[i].stage %= TCS_STAGES;
    for (uint32_t i = 0; i < in->nexpected; i++)
        in->expected[i].stage %= TCS_STAGES;
    for (uint32_t i = 0; i < in->nmitigations; i++)
        in->mitigations[i].stage %= TCS_STAGES;
}

static int
put_all(struct tcs_store *s, struct tcs_arena *a, struct tcs_err *err)
{
    int r = tcs_store_begin(s, err);
    for (const struct sample *x = samples; r >= 0 && x->name; x++) {
        struct tcs_incident in = {0};
        x->make(a, &in);
        tame(&in);
        if (in.id[0])
            r = tcs_store_incident_put(s, &in, err);
    }
    return r < 0 ? r : tcs_store_commit(s, err);
}

int
main(int argc, char **argv)
{
    struct tcs_err err = {0};
    struct tcs_store *s = NULL;
    struct tcs_arena *a = tcs_base_arena_new(0);
    int r = argc == 2 && a ? tcs_store_open(argv[1], TCS_STORE_WRITE, &s, &err) : -1;
    if (r == 0)
        r = put_all(s, a, &err);
    if (r < 0)
        fprintf(stderr, "%s\n", err.msg);
    tcs_store_close(s);
    tcs_base_arena_free(a);
    return r < 0 ? 1 : 0;
}

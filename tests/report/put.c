/* tests/report/put.c - `put DIR`: a store with the hand-made incidents in it, for tests of the
 * program. */
#include "samples.h"
#include "store/store.h"

#include <stdio.h>

static int
put_all(struct tcs_store *s, struct tcs_arena *a, struct tcs_err *err)
{
    int r = tcs_store_begin(s, err);
    for (const struct sample *x = samples; r >= 0 && x->name; x++) {
        struct tcs_incident in = {0};
        x->make(a, &in);
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
    struct tcs_arena *a = tcs_arena_new(0);
    int r = argc == 2 && a ? tcs_store_open(argv[1], TCS_STORE_WRITE, &s, &err) : -1;
    if (r == 0)
        r = put_all(s, a, &err);
    if (r < 0)
        fprintf(stderr, "%s\n", err.msg);
    tcs_store_close(s);
    tcs_arena_free(a);
    return r < 0 ? 1 : 0;
}

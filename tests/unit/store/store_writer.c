/* tests/unit/store/store_writer.c DIR FROM TO - what tests/e2e/kill.py kills: runs FROM..TO-1, each
 * one transaction of made incidents, detections and observations, and a line with its number when
 * the store has said that it is there.
 *
 * So that a reader of the file can tell a half incident: `score` is the run, `detections` the
 * number of rows in all of its lists. */
#include "made.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

enum { INCIDENTS = 20, ROWS = 40 };

static int
put_incident(struct tcs_store *s, uint64_t *seed, int run, struct tcs_arena *a, struct tcs_err *err)
{
    struct tcs_incident in = made_incident(seed, a);
    in.nmerged = 0;
    in.score = (uint32_t)run;
    in.detections = in.nlinks + in.njoins + in.ntransitions + in.nreach + in.nmissing +
                    in.nexpected + in.nmitigations + in.noverlaps + in.nhosts + in.naccounts +
                    in.naddresses + in.ntechniques;
    return tcs_store_incident_put(s, &in, err);
}

/* A match that correlations read, and every fourth time a result. */
static int
put_match(struct tcs_store *s, const struct tcs_signature *sig, const struct tcs_finding *d,
          struct tcs_err *err)
{
    const struct tcs_store_match m = {.rule = sig->id,
                                      .plan = d->group,
                                      .host = d->who.host,
                                      .account = d->who.user,
                                      .evidence = d->evidence,
                                      .time = d->time,
                                      .values = d->who.target};
    struct tcs_store_result result = {.signature = sig, .detection = d, .plan = 1};
    int r = tcs_store_match_put(s, &m, err);
    return r < 0 || d->time % 4 ? r : tcs_store_result_put(s, &result, err);
}

static int
one_run(struct tcs_store *s, int run, struct tcs_arena *a, struct tcs_err *err)
{
    uint64_t seed = (uint64_t)run + 1;
    int r = tcs_store_begin(s, err);
    for (int i = 0; r >= 0 && i < INCIDENTS; i++)
        r = put_incident(s, &seed, run, a, err);
    for (int i = 0; r >= 0 && i < ROWS; i++) {
        struct tcs_signature sig = made_signature(&seed, a);
        struct tcs_finding d = made_detection(&seed, a);
        struct tcs_observation o = made_observation(&seed, a);
        r = tcs_store_detection_put(s, &sig, &d, err);
        if (r >= 0)
            r = tcs_store_observation_put(s, &o, err);
        if (r >= 0)
            r = put_match(s, &sig, &d, err);
    }
    return r < 0 ? r : tcs_store_commit(s, err);
}

int
main(int argc, char **argv)
{
    /* few rows are kept, so that pruning and folding is killed too */
    const struct tcs_store_limits limits = {500, 500, 2000, 2000, 10, 100, 400, 0};
    struct tcs_err err = {0};
    struct tcs_store *s = NULL;
    struct tcs_arena *a = tcs_base_arena_new(0);
    if (argc != 4 || !a)
        return 2;
    int from = (int)strtol(argv[2], NULL, 10), to = (int)strtol(argv[3], NULL, 10);
    int r = tcs_store_open(argv[1], TCS_STORE_WRITE, &s, &err);
    if (r == 0)
        tcs_store_limit(s, &limits);
    for (int run = from; r == 0 && run < to; run++) {
        tcs_base_arena_reset(a);
        r = one_run(s, run, a, &err);
        if (r == 0) {
            printf("%d\n", run);
            fflush(stdout);
        }
    }
    if (r < 0)
        fprintf(stderr, "%s\n", err.msg);
    tcs_store_close(s);
    tcs_base_arena_free(a);
    return r < 0;
}

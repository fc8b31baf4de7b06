/* detect/engine_int.h - shared by engine.c, settle.c and worker.c only. */
#pragma once
#include "detect/engine.h"
#include "detect/logs.h"
#include "detect/positions.h"
#include "detect/seen.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

struct tcs_engine {
    struct tcs_engine_opts opts;
    struct tcs_outlet outlet; /* all NULL: nobody is told */
    /* What the next blocks are for; changed by any thread. */
    pthread_mutex_t lock;
    struct tcs_detector *next;
    /* What the batches in hand are of. */
    struct tcs_detector *detector;
    const struct tcs_rulebook *book;
    const struct tcs_rule *rules; /* correlations' documents behind */
    uint64_t *rule_hash;          /* of each */
    struct tcs_signature *signature;
    uint32_t nrules, nall;
    struct tcs_arena *rule_arena; /* of `signature` */
    struct tcs_chain *chain;      /* NULL: no incidents */
    struct tcs_correlating *correlating;
    struct tcs_store *store; /* NULL: nothing is kept */
    struct tcs_err unkept;   /* why nothing is kept that should be; code 0: it is */
    struct tcs_positions *positions;
    struct tcs_seen seen;
    struct tcs_repeats repeats; /* of the source in hand */
    const struct tcs_origin *origin;
    struct tcs_seen live, carved; /* of the source in hand: records, by number and time */
    struct tcs_position reached;  /* the last that was put */
    struct tcs_arena *was_arena;  /* incidents as they were, of one settling */
    const struct tcs_incident **was;
    uint32_t nwas;
    bool settled; /* nothing was put since */
    struct tcs_engine_stats stats;
    struct tcs_logs *logs; /* what the records were taken for */
};

/* engine.c: chain and correlations as they are before the first put. */
int detect_engine_begin(struct tcs_engine *e, struct tcs_err *err);
/* engine.c: of the source in hand so far, carved records that the log holds too, or that were
 * carved twice. */
int detect_engine_count_copies(struct tcs_engine *e, struct tcs_err *err);
/* engine.c: what the store answered.  If it failed, the run goes on without it, since what is found
 * has to be told all the same: TCS_STORE_NEW.  Negative: no memory. */
int detect_engine_kept(struct tcs_engine *e, int r, struct tcs_err *err);
/* worker.c */
void *detect_worker_new(void *ctx);
void detect_worker_free(void *ctx, void *own);
const struct tcs_decode_opts *detect_worker_begin(struct tcs_worker *w);
unsigned detect_worker_want(void *ctx, const struct tcs_event *head);
void detect_worker_event(void *ctx, const struct tcs_event *ev);

/* detect/chained.h - the chain's side of a hunt: what workers take out of events for it, and the
 * incidents at the end.
 *
 *   on workers   tcs_chained_wants, tcs_chained_head, tcs_chained_event -> struct tcs_chained_block
 *   in order     tcs_chained_emit
 *   at the end   tcs_chained_finish, tcs_chained_incidents */
#pragma once
#include "chain/chain.h"
#include "detect/opts.h"
#include "identity/identity.h"
#include "sigma/scan.h"

enum { TCS_STOPS_MAX = 64 };

struct tcs_heard {
    struct tcs_str host;
    struct tcs_value raw; /* the same as the log has it */
    uint64_t hash;        /* of raw */
    int64_t first, last;
};

/* What one block gave; texts in the result's arena. */
struct tcs_chained_block {
    struct tcs_observation *observations;
    struct tcs_finding *detections; /* signature: index of the rule */
    size_t nobservations, cap_observations, ndetections, cap_detections;
    /* One for each host of the block; logs rarely have more than one, and a block has no more than
     * it has records.  slots: open addressing, 1 + index, a power of two, NULL until needed. */
    struct tcs_heard *heard;
    uint32_t *heard_slots;
    size_t nheard, cap_heard, heard_mask, last_heard;
    bool no_memory;
};

void tcs_chained_block_clear(struct tcs_chained_block *b);
void tcs_chained_block_done(struct tcs_chained_block *b);

struct tcs_chained;

struct tcs_chained_opts {
    const struct tcs_rule *rules; /* that hits count by, correlations' documents behind; borrowed */
    uint32_t nrules;
    const struct tcs_identity_plan *identity;  /* borrowed */
    const struct tcs_profile *const *profiles; /* borrowed */
    uint32_t nprofiles;
    struct tcs_detect_list stops; /* names that join nothing on their own */
};

int tcs_chained_new(const struct tcs_chained_opts *opts, struct tcs_chained **ret,
                    struct tcs_err *err);
void tcs_chained_free(struct tcs_chained *ch);

/* Does the chain need the fields of an event with this header? */
static inline bool
tcs_chained_wants(const struct tcs_event *head)
{
    return tcs_identity_wants(head);
}
/* Of every event's header: which host was heard, and when. */
void tcs_chained_head(struct tcs_chained_block *b, const struct tcs_event *head,
                      struct tcs_arena *a);
/* Of every event with fields. */
void tcs_chained_event(const struct tcs_chained *ch, struct tcs_chained_block *b,
                       const struct tcs_event *ev, struct tcs_arena *a);
/* The detections of an event that rules hit. */
void tcs_chained_hits(const struct tcs_chained *ch, struct tcs_chained_block *b,
                      const struct tcs_event *ev, const struct tcs_identity *who,
                      const struct tcs_hit *hits, uint32_t n, struct tcs_arena *a);

struct tcs_store_result;

/* Told of everything before the chain is; 1: it is new, 0: the chain has it, or gets it, from
 * there. */
struct tcs_chained_keeper {
    void *ctx;
    int (*detection)(void *ctx, const struct tcs_signature *sig, const struct tcs_finding *d,
                     struct tcs_err *err);
    int (*observation)(void *ctx, const struct tcs_observation *o, struct tcs_err *err);
    int (*heard)(void *ctx, const struct tcs_heard *h, struct tcs_err *err);
    int (*result)(void *ctx, struct tcs_store_result *r, struct tcs_err *err);
};
/* Before the first row; borrowed until free. */
void tcs_chained_keep(struct tcs_chained *ch, const struct tcs_chained_keeper *k);
/* One that comes from no block: an alert. */
int tcs_chained_detect(struct tcs_chained *ch, const struct tcs_signature *sig,
                       const struct tcs_finding *d, struct tcs_err *err);
/* In input order. */
int tcs_chained_emit(struct tcs_chained *ch, const struct tcs_chained_block *b,
                     struct tcs_err *err);
/* What correlations found, after they are finished: one detection for each host behind a result,
 * under one group.  Marks those as news that the keeper did not know. */
struct tcs_correlations;
int tcs_chained_correlations(struct tcs_chained *ch, struct tcs_correlations *corr,
                             struct tcs_err *err);
/* The chain itself, for what does not come from blocks: correlations, alerts, earlier runs. */
struct tcs_chain *tcs_chained_chain(struct tcs_chained *ch);
int tcs_chained_finish(struct tcs_chained *ch, struct tcs_err *err);
const struct tcs_incident *tcs_chained_incidents(const struct tcs_chained *ch, uint32_t *n);

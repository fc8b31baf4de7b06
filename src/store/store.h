/* store/store.h - what outlives a run, in one SQLite file (WAL): findings, incidents, entities,
 * summaries, baseline, and how far each source was read.  The only SQL in the tree.
 *
 * One process writes at a time; any number read.  A run is one transaction: what
 * tcs_store_commit returned 0 for is there after any crash, what it did not is not there at all. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "chain/chain.h"

struct tcs_store;

enum tcs_store_mode { TCS_STORE_READ, TCS_STORE_WRITE };

/* DIR/tocsin.db, made (0700/0600) in WRITE mode.  An older schema is migrated in WRITE mode, and
 * refused with a sentence in READ mode; a newer one is refused. */
int tcs_store_open(const char *dir, enum tcs_store_mode mode, struct tcs_store **ret,
                   struct tcs_err *err);
void tcs_store_close(struct tcs_store *s); /* without commit: nothing happened */
/* Takes the write lock and opens every descriptor the run will need, so that it can be called
 * before the sandbox is entered and nothing has to be opened after. */
int tcs_store_begin(struct tcs_store *s, struct tcs_err *err);
int tcs_store_commit(struct tcs_store *s, struct tcs_err *err);

/* --- how far a source was read --- */

struct tcs_store_source {
    struct tcs_str path;
    uint8_t head[32];   /* hash of its first bytes (at most TCS_STORE_HEAD): the same file? */
    uint64_t head_size; /* of how many */
    uint64_t size;      /* then */
    int64_t mtime;      /* ticks */
    uint64_t read;      /* bytes up to which everything was taken */
    uint64_t records;   /* in them */
};
enum { TCS_STORE_HEAD = 4096 };

/* 1: known and *ret filled (texts in `a`); 0: not known. */
int tcs_store_source_get(struct tcs_store *s, struct tcs_str path, struct tcs_arena *a,
                         struct tcs_store_source *ret, struct tcs_err *err);
int tcs_store_source_put(struct tcs_store *s, const struct tcs_store_source *src,
                         struct tcs_err *err);

/* --- what was found and seen: set semantics, the same record and rule is one row --- */

/* 1: new; 0: was there. */
int tcs_store_detection_put(struct tcs_store *s, const struct tcs_signature *sig,
                            const struct tcs_detection *d, struct tcs_err *err);
int tcs_store_observation_put(struct tcs_store *s, const struct tcs_observation *o,
                              struct tcs_err *err);
/* Everything kept, into the chain: so that a run sees what earlier ones saw. */
int tcs_store_replay(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err);
/* Opaque state by name ("correlations"); tcs_store_blob_get: 1 found, 0 not. */
int tcs_store_blob_put(struct tcs_store *s, const char *name, struct tcs_str bytes,
                       struct tcs_err *err);
int tcs_store_blob_get(struct tcs_store *s, const char *name, struct tcs_arena *a,
                       struct tcs_str *ret, struct tcs_err *err);

/* --- incidents --- */

/* Replaces what is kept of that id; ids in in->merged lead to it from now on. */
int tcs_store_incident_put(struct tcs_store *s, const struct tcs_incident *in, struct tcs_err *err);
/* Called for each incident, newest last change first; only the head is filled: id, state, stages,
 * score, first, last, summary, hosts, accounts. */
int tcs_store_incidents(struct tcs_store *s, uint8_t min_state,
                        void (*each)(void *ctx, const struct tcs_incident *head), void *ctx,
                        struct tcs_err *err);
/* By id, a unique beginning of one (4 digits or more), or an id that was merged.  1: found, whole,
 * in `a`; 0: none; -TCS_EUSAGE: several begin so. */
int tcs_store_incident_get(struct tcs_store *s, struct tcs_str id, struct tcs_arena *a,
                           struct tcs_incident *ret, struct tcs_err *err);

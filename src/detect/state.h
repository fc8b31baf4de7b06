/* detect/state.h - a hunt's store (--state DIR): what earlier runs read is not read again, what
 * this run found is kept.
 *
 *   open (before the sandbox) -> session with tcs_state_memory, chained with tcs_state_keep,
 *   correlations with tcs_state_keep_matches -> matches -> (correlations are finished) -> settle ->
 *   replay -> (the chain is finished) -> incidents -> commit
 *
 * Without commit nothing of the run is kept. */
#pragma once
#include "detect/chained.h"
#include "detect/correlations.h"
#include "input/source.h"

struct tcs_keeper;

/* Opens the store in `dir` for writing and begins the run's transaction.  `rules` is a hash of all
 * rules (tcs_rulebook_content); together with the settings it says whether a source that was read
 * before could show anything new. */
int tcs_state_open(const char *dir, const uint8_t rules[32], const struct tcs_detect_opts *opts,
                   struct tcs_keeper **ret, struct tcs_err *err);
void tcs_state_close(struct tcs_keeper *st); /* NULL is fine */
/* For tcs_session.memory. */
const struct tcs_inputs_memory *tcs_state_memory(const struct tcs_keeper *st);
/* For tcs_chained_keep: what is told there is kept. */
const struct tcs_chained_keeper *tcs_state_keep(const struct tcs_keeper *st);
/* For tcs_correlations_keep: likewise. */
const struct tcs_corr_keeper *tcs_state_keep_matches(const struct tcs_keeper *st);
/* The matches that earlier runs kept, into the correlations. */
int tcs_state_matches(struct tcs_keeper *st, struct tcs_correlations *corr, struct tcs_err *err);
/* After tcs_chained_correlations: results that do not hold any more go. */
int tcs_state_settle(struct tcs_keeper *st, const struct tcs_correlations *corr,
                     struct tcs_err *err);
/* What earlier runs kept, into the chain. */
int tcs_state_replay(struct tcs_keeper *st, struct tcs_chained *ch, struct tcs_err *err);
/* The incidents of the finished chain; what they replace goes. */
int tcs_state_incidents(struct tcs_keeper *st, const struct tcs_chained *ch, struct tcs_err *err);
/* After the pipeline.  `whole`: not interrupted, so that the read positions hold. */
int tcs_state_commit(struct tcs_keeper *st, bool whole, struct tcs_err *err);

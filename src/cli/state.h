/* cli/state.h - a hunt's store (--state DIR): what earlier runs read is not read again, what this
 * run found is kept.
 *
 *   open (before the sandbox) -> session with tcs_state_memory -> put, for each block emitted ->
 *   replay -> (the chain is finished) -> incidents -> commit
 *
 * Without commit nothing of the run is kept. */
#pragma once
#include "cli/chained.h"
#include "input/source.h"

struct tcs_keeper;

/* Opens the store in `dir` for writing and begins the run's transaction.  `rules` is a hash of all
 * rules (tcs_rulebook_content); together with the settings it says whether a source that was read
 * before could show anything new. */
int tcs_state_open(const char *dir, const uint8_t rules[32], const struct tcs_settings *set,
                   struct tcs_keeper **ret, struct tcs_err *err);
void tcs_state_close(struct tcs_keeper *st); /* NULL is fine */
/* For tcs_session.memory. */
const struct tcs_inputs_memory *tcs_state_memory(const struct tcs_keeper *st);
/* What one block gave, one caller at a time.  In *b stays what was new: the chain gets the rest
 * from the store. */
int tcs_state_put(struct tcs_keeper *st, struct tcs_chained *ch, struct tcs_chained_block *b,
                  struct tcs_err *err);
/* What earlier runs kept, into the chain. */
int tcs_state_replay(struct tcs_keeper *st, struct tcs_chained *ch, struct tcs_err *err);
/* The incidents of the finished chain; what they replace goes. */
int tcs_state_incidents(struct tcs_keeper *st, const struct tcs_chained *ch, struct tcs_err *err);
/* After the pipeline.  `whole`: not interrupted, so that the read positions hold. */
int tcs_state_commit(struct tcs_keeper *st, bool whole, struct tcs_err *err);

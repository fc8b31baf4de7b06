/* detect/positions.h - the engine's store, and how far each input was read: what earlier runs
 * read is not read again.
 *
 * The table of sources is read before the run, and its new rows are written when the engine
 * settles, so that the thread that reads inputs never meets the one that writes findings at the
 * database.  All functions take NULL: an engine without a store. */
#pragma once
#include "detect/batch.h"
#include "detect/seen.h"
#include "store/store.h"

struct tcs_positions;

/* Opens the store in `dir` for writing and begins its transaction.  `content`: tcs_detect_content;
 * together with a file's beginning it says whether a log that was read could show anything new. */
int tcs_detect_positions_open(const char *dir, const uint8_t content[32],
                              struct tcs_positions **ret, struct tcs_err *err);
void tcs_detect_positions_close(struct tcs_positions *p);
struct tcs_store *tcs_detect_positions_store(const struct tcs_positions *p);
const struct tcs_inputs_memory *tcs_detect_positions_memory(const struct tcs_positions *p);
/* From now on logs are read with this. */
void tcs_detect_positions_content(struct tcs_positions *p, const uint8_t content[32]);

/* The first batch of a log: if it is read on behind an earlier run, how often its records came. */
int tcs_detect_positions_recall(struct tcs_positions *p, const struct tcs_batch *b,
                                struct tcs_repeats *ret, struct tcs_err *err);
/* Records that come now are of a line that has no end yet: what its log's position is kept with is
 * how often records came until here. */
int tcs_detect_positions_torn(struct tcs_positions *p, const struct tcs_position *at,
                              const struct tcs_repeats *repeats, struct tcs_err *err);
/* The position was put; of a whole log it is kept, with how often its records came,
 * unless some of it was judged by another detector than the one it was begun with. */
int tcs_detect_positions_reached(struct tcs_positions *p, const struct tcs_position *at,
                                 const struct tcs_repeats *repeats, struct tcs_err *err);
/* Into the store's transaction what was reached since the last time.  Negative also if memory was
 * short when it was noted. */
int tcs_detect_positions_put(struct tcs_positions *p, struct tcs_err *err);

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

/* --- the same in halves, for a reader that is another process ---
 *
 * It asks whether a file is known, and judges by the file's bytes, which the engine never sees. */

struct mark; /* of a file that is read in this run */

struct tcs_asked {
    struct tcs_str path;
    uint64_t size;
    int64_t mtime;
};

struct tcs_known {
    uint64_t head; /* so many first bytes tell the file from others */
    bool known;    /* an earlier run has read it, and then it was: */
    uint64_t then_head, size, read, records;
    int64_t mtime;
    uint8_t ends[32];
};

/* NULL: no memory, nobody is told of it.  `again`: the mark that this file has already, or NULL. */
struct mark *tcs_detect_positions_ask(struct tcs_positions *p, const struct tcs_asked *f,
                                      struct mark *again, struct tcs_known *ret);
/* It is read on behind so many bytes; 0: from its beginning. */
void tcs_detect_positions_resumed(struct mark *m, uint64_t read);
/* It was read to its end, where its ends are these. */
void tcs_detect_positions_ended(struct tcs_positions *p, struct mark *m, const uint8_t ends[32]);
/* By the file itself; pure but for reading it.  Fills all but the mark. */
void tcs_detect_known_judge(const struct tcs_known *then, const struct tcs_inputs_file *f,
                            struct tcs_inputs_from *ret);
/* A hash of `head` first bytes and the last ones before `read`. */
void tcs_detect_known_ends(uint8_t out[32], const struct tcs_inputs_file *f, uint64_t head,
                           uint64_t read);

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

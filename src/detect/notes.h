/* detect/notes.h - what was not read, or not as it was written: counted all, quoted a few.
 *
 * Plain data, texts in the arena: it could cross a pipe.  What a cause means for the result is said
 * by event/cause.h alone. */
#pragma once
#include "base/arena.h"
#include "event/sink.h"

enum { TCS_NOTES_KEPT = 4 }; /* sentences kept of each cause */

struct tcs_note {
    enum tcs_cause cause;
    struct tcs_str path, text;
    uint64_t offset;
    bool record; /* it cost one record, which lies at offset */
};

/* Texts are in the arena.  All zero but the arena is empty. */
struct tcs_notes {
    struct tcs_arena *arena;
    uint64_t count[TCS_CAUSES];
    uint64_t counting;     /* of them: they make the result incomplete */
    uint64_t bytes_lost;   /* of the lost ones that say */
    struct tcs_note *kept; /* as they came */
    uint32_t nkept, cap;
};

void tcs_detect_notes_add(struct tcs_notes *n, const struct tcs_origin *origin,
                          const struct tcs_problem *p);
/* The i-th of the sentences kept of a cause; NULL: no more. */
const struct tcs_note *tcs_detect_notes_at(const struct tcs_notes *n, enum tcs_cause cause,
                                           uint32_t i);
/* Append `from` to `to`: counts added, sentences copied while there is room. */
void tcs_detect_notes_merge(struct tcs_notes *to, const struct tcs_notes *from);
/* Forget all; resets the arena. */
void tcs_detect_notes_clear(struct tcs_notes *n);
/* All of one class. */
uint64_t tcs_detect_notes_count(const struct tcs_notes *n, enum tcs_class cls);

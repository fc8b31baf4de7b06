/* detect/notes.h - what was skipped, could not be read or was damaged: counted all, quoted a few.
 */
#pragma once
#include "base/arena.h"
#include "event/sink.h"

enum tcs_note_kind {
    TCS_NOTE_SKIPPED,    /* no known format: not ours to read */
    TCS_NOTE_UNREADABLE, /* could not be opened or read at all */
    TCS_NOTE_DAMAGED,    /* read, but some of it was lost */
    TCS_NOTE_KINDS,
};

enum { TCS_NOTES_KEPT = 8 }; /* sentences kept of each kind */

struct tcs_note {
    struct tcs_str path, text;
    uint64_t offset;
    bool record; /* it cost one record, which lies at offset */
};

/* Texts are in the arena.  All zero but the arena is empty. */
struct tcs_notes {
    struct tcs_arena *arena;
    uint64_t count[TCS_NOTE_KINDS];
    uint64_t bytes_lost; /* of the damaged ones that say */
    struct tcs_note kept[TCS_NOTE_KINDS][TCS_NOTES_KEPT];
    uint32_t nkept[TCS_NOTE_KINDS];
};

void tcs_detect_notes_add(struct tcs_notes *n, enum tcs_note_kind kind,
                          const struct tcs_origin *origin, const struct tcs_problem *p);
/* Append `from` to `to`: counts added, sentences copied while there is room. */
void tcs_detect_notes_merge(struct tcs_notes *to, const struct tcs_notes *from);
/* Forget all; resets the arena. */
void tcs_detect_notes_clear(struct tcs_notes *n);

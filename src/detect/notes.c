/* detect/notes.c - a bounded list of things that went wrong.  The first of each cause are kept,
 * because in input order they are the same ones in every run. */
#include "detect/notes.h"

enum { TEXT_MAX = 1024 }; /* bytes of a sentence or path that are kept */

static struct tcs_str
keep(struct tcs_arena *a, struct tcs_str s)
{
    return tcs_base_arena_str(a, tcs_base_str_slice(s, 0, TEXT_MAX));
}

const struct tcs_note *
tcs_detect_notes_at(const struct tcs_notes *n, enum tcs_cause cause, uint32_t i)
{
    for (uint32_t k = 0; k < n->nkept; k++)
        if (n->kept[k].cause == cause && i-- == 0)
            return &n->kept[k];
    return NULL;
}

/* Copies the sentence, while there is room for one of its cause. */
static void
keep_note(struct tcs_notes *n, struct tcs_note note)
{
    if (tcs_detect_notes_at(n, note.cause, TCS_NOTES_KEPT - 1) ||
        !tcs_base_arena_grow(n->arena, &n->kept, n->nkept, &n->cap, sizeof *n->kept))
        return;
    note.path = keep(n->arena, note.path);
    note.text = keep(n->arena, note.text);
    n->kept[n->nkept++] = note;
}

void
tcs_detect_notes_add(struct tcs_notes *n, const struct tcs_origin *origin,
                     const struct tcs_problem *p)
{
    n->count[p->cause]++;
    n->counting += tcs_event_cause_counts(p->cause, origin && origin->named);
    n->bytes_lost += tcs_event_cause(p->cause)->cls == TCS_CLASS_LOST ? p->skipped : 0;
    keep_note(n, (struct tcs_note){.cause = p->cause,
                                   .path = origin ? origin->path : (struct tcs_str){0},
                                   .text = tcs_base_str_of(p->msg),
                                   .offset = p->offset,
                                   .record = p->record});
}

void
tcs_detect_notes_merge(struct tcs_notes *to, const struct tcs_notes *from)
{
    to->counting += from->counting;
    to->bytes_lost += from->bytes_lost;
    for (size_t c = 0; c < TCS_CAUSES; c++)
        to->count[c] += from->count[c];
    for (uint32_t i = 0; i < from->nkept; i++)
        keep_note(to, from->kept[i]);
}

void
tcs_detect_notes_clear(struct tcs_notes *n)
{
    struct tcs_arena *a = n->arena;
    tcs_base_arena_reset(a);
    *n = (struct tcs_notes){.arena = a};
}

uint64_t
tcs_detect_notes_count(const struct tcs_notes *n, enum tcs_class cls)
{
    uint64_t count = 0;
    for (size_t c = 0; c < TCS_CAUSES; c++)
        count += tcs_event_cause((enum tcs_cause)c)->cls == cls ? n->count[c] : 0;
    return count;
}

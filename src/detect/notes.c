/* detect/notes.c - a bounded list of things that went wrong.  The first of each kind are kept,
 * because in input order they are the same ones in every run. */
#include "detect/notes.h"

enum { TEXT_MAX = 1024 }; /* bytes of a sentence or path that are kept */

static struct tcs_str
keep(struct tcs_arena *a, struct tcs_str s)
{
    return tcs_base_arena_str(a, tcs_base_str_slice(s, 0, TEXT_MAX));
}

void
tcs_detect_notes_add(struct tcs_notes *n, enum tcs_note_kind kind, const struct tcs_origin *origin,
                     const struct tcs_problem *p)
{
    n->count[kind]++;
    n->bytes_lost += kind == TCS_NOTE_DAMAGED ? p->skipped : 0;
    if (n->nkept[kind] == TCS_NOTES_KEPT)
        return;
    n->kept[kind][n->nkept[kind]++] = (struct tcs_note){
        .path = origin ? keep(n->arena, origin->path) : (struct tcs_str){0},
        .text = keep(n->arena, tcs_base_str_of(p->msg)),
        .offset = p->offset,
        .record = p->record,
    };
}

void
tcs_detect_notes_merge(struct tcs_notes *to, const struct tcs_notes *from)
{
    to->bytes_lost += from->bytes_lost;
    for (size_t k = 0; k < TCS_NOTE_KINDS; k++) {
        to->count[k] += from->count[k];
        for (uint32_t i = 0; i < from->nkept[k] && to->nkept[k] < TCS_NOTES_KEPT; i++) {
            struct tcs_note note = from->kept[k][i];
            note.path = keep(to->arena, note.path);
            note.text = keep(to->arena, note.text);
            to->kept[k][to->nkept[k]++] = note;
        }
    }
}

void
tcs_detect_notes_clear(struct tcs_notes *n)
{
    struct tcs_arena *a = n->arena;
    tcs_base_arena_reset(a);
    *n = (struct tcs_notes){.arena = a};
}

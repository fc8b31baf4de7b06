/* match/litset.h - many literals against one short text: which of them equal it, begin it, end it
 * or are in it.
 *
 * Text and literals are folded UTF-8 by the caller.  A set is built into an arena, then immutable
 * and shared.  Why not a library: docs/adr/0009-many-literals.md. */
#pragma once
#include "base/arena.h"
#include "base/image.h"

#include <stdint.h>

enum tcs_lit_kind { TCS_LIT_EXACT, TCS_LIT_PREFIX, TCS_LIT_SUFFIX, TCS_LIT_CONTAINS };

struct tcs_lit {
    struct tcs_str text;
    uint32_t id;
    uint16_t place; /* tcs_match_litset_place(kind, text) */
    uint8_t kind;   /* enum tcs_lit_kind */
};

struct tcs_litset;

/* How usual grams and letters are in command lines and paths; made once, then constant. */
struct tcs_lit_costs {
    uint64_t bits[64];
    uint8_t letter[256];
};
void tcs_match_lit_costs_init(struct tcs_lit_costs *c);

/* Can a set hold it?  Not: the empty text as PREFIX or SUFFIX, and CONTAINS of less than two bytes;
 * they would hit nearly everywhere. */
bool tcs_match_litset_takes(uint8_t kind, struct tcs_str text);
/* Where in a CONTAINS literal its least usual part is; 0 for the other kinds.  To be asked once for
 * a literal that goes into many sets. */
uint16_t tcs_match_litset_place(const struct tcs_lit_costs *c, uint8_t kind, struct tcs_str text);
/* Is it made of what is in most command lines and paths ("\\windows\\")? */
bool tcs_match_litset_usual(const struct tcs_lit_costs *c, struct tcs_str text);
/* All of `lits` must be takable.  NULL when an arena is full; `tmp` may be reset afterwards. */
struct tcs_litset *tcs_match_litset_build(struct tcs_arena *a, struct tcs_arena *tmp,
                                          const struct tcs_lit *lits, uint32_t n);
/* Calls hit with the id of each literal found; one that occurs several times may be reported more
 * than once, in any order.  Time is linear in the text. */
void tcs_match_litset_scan(const struct tcs_litset *ls, struct tcs_str text,
                           void (*hit)(void *ctx, uint32_t id), void *ctx);

/* To an image (base/image.h) and back: the tables are used where they lie, and the image must
 * outlive the set.  Every number that leads somewhere is checked, and that ids are less than `ids`.
 * NULL: the image is bad, or the arena full. */
void tcs_match_litset_save(const struct tcs_litset *ls, struct tcs_buf *b);
const struct tcs_litset *tcs_match_litset_view(struct tcs_cursor *c, struct tcs_arena *a,
                                               uint32_t ids);

/* base/invariant.h - contracts inside the core.
 *
 * Of tables: the compiler holds them, in every build.  Of functions: builds in which mistakes are
 * looked for hold them (TCS_CHECKED: with sanitizers, for fuzzing, or of the type debug); in others
 * the condition is compiled and never evaluated, so that it costs nothing and cannot rot. */
#pragma once
#include <assert.h>
#include <stddef.h>

/* What is true unless this program is wrong; where it is not, a checked build stops.  Never for
 * what comes from outside, however odd: that is an error with a sentence, or counted.  The
 * condition must change nothing. */
#ifdef TCS_CHECKED
#define TCS_INVARIANT(cond) assert(cond)
#else
#define TCS_INVARIANT(cond) ((void)sizeof(!(cond)))
#endif

/* Behind a table without a length of its own, whose rows an enum of n words numbers: a word that is
 * added to the enum has its row, or this does not compile. */
#define TCS_ROW_FOR_EACH(table, n)                                                                 \
    _Static_assert(sizeof(table) / sizeof((table)[0]) == (size_t)(n),                              \
                   #table ": a row for each of " #n)

/* tests/steps/steps.h - work that is counted, in builds with -Dsteps=true (docs/adr/0033-steps.md).
 *
 * A step is an edge of the program's flow, eight bytes that a function of the C library goes over,
 * a byte that simdjson or PCRE2 is given, or an instruction of SQLite's machine.  The same input
 * gives the same number on every machine, however loaded, so that a test can hold that work grows
 * no faster than its input, and a fuzzer can stop at an input that takes too much. */
#pragma once
#include <stdint.h>

/* Steps of this thread so far. */
uint64_t steps_now(void);
/* This thread may do `more` steps from here on; beyond them the program is aborted where it is,
 * with a sentence.  UINT64_MAX: no limit. */
void steps_limit(uint64_t more);

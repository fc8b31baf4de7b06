/* process/sandbox.h - give up everything that decoding hostile logs does not need (docs/adr/). */
#pragma once
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum tcs_sandbox_state {
    TCS_SANDBOX_FULL,        /* Landlock and seccomp */
    TCS_SANDBOX_NO_LANDLOCK, /* this kernel has none: seccomp only, reading is not confined */
};

/* One sentence for people: what is not confined.  NULL: all is. */
const char *tcs_process_sandbox_lacks(enum tcs_sandbox_state state);

/* From here on this process, and the threads it starts, can read below `paths` and write to files
 * that are open already; it cannot create or change files, start programs, connect, trace or signal
 * other processes.  "-" among the paths is skipped; a path that is not there or not ours to read is
 * skipped too: what reads it later reports it.  Call before the first thread is started.  Cannot be
 * undone. 0 and *state, or negative with *err filled; then nothing may be taken for granted.
 * `store`: also what SQLite needs on files that are open already: to write at a place, to cut, to
 * lock. */
int tcs_process_sandbox_enter(const char *const *paths, size_t n, bool store,
                              enum tcs_sandbox_state *state, struct tcs_err *err);

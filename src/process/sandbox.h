/* process/sandbox.h - give up everything that decoding hostile logs does not need (docs/adr/). */
#pragma once
#include "base/err.h"

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
 * `rights`: what else is needed, of those below. */
int tcs_process_sandbox_enter(const char *const *paths, size_t n, unsigned rights,
                              enum tcs_sandbox_state *state, struct tcs_err *err);
enum {
    /* what SQLite needs on files that are open already: to write at a place, to cut, to lock */
    TCS_SANDBOX_STORE = 1,
    /* to be given descriptors by a spawner (process/spawn.h) and to wait for its end */
    TCS_SANDBOX_CHILDREN = 2,
};

/* For a process that computes: memory, and reading and writing what is open.  It knows no names and
 * starts no threads; what only an attacker would ask the system for (to open, create, connect,
 * start, trace, run memory) ends it.  As above. */
int tcs_process_sandbox_compute(struct tcs_err *err);

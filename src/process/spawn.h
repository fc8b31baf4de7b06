/* process/spawn.h - processes that know what this one knows now, and nothing that comes later.
 *
 * A spawner is made while there is one thread and nothing to hide: a child that closes every
 * descriptor and waits.  Each process that is asked of it is a copy of that child, so that one
 * which is made much later sees no store, no terminal and no memory of the meantime.  All of them
 * end when the spawner does, and it ends with whoever made it, however that ends. */
#pragma once
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tcs_spawner {
    int channel;
    pid_t pid; /* 0: none */
};

struct tcs_spawn_opts {
    /* In the new process, which ends when this returns.  `channel`: to whoever asked for it; each
     * write is one message, and a read of nothing means that nobody listens any more. */
    void (*run)(void *ctx, unsigned what, int channel);
    void *ctx;
    bool keep_input; /* standard input stays as it is; it is /dev/null otherwise */
};

/* One thread only, which must outlive the spawner.  0 or negative with *err. */
int tcs_process_spawner_new(const struct tcs_spawn_opts *opts, struct tcs_spawner *ret,
                            struct tcs_err *err);
/* One more process; *channel does not block. */
int tcs_process_spawn(struct tcs_spawner *s, unsigned what, int *channel, struct tcs_err *err);
/* Ends all of them and waits until they are gone.  All zero is fine. */
void tcs_process_spawner_end(struct tcs_spawner *s);

/* For a new process: its name in lists, and so much memory more than it has now (0: no limit). */
void tcs_process_spawned(const char *name, size_t memory);
/* Its standard input is not for it. */
void tcs_process_spawned_no_input(void);

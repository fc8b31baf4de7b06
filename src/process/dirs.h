/* process/dirs.h - where things are: the rules that come with tocsin, the cache, the state. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* The rules folder next to this program: PREFIX/share/tocsin/rules when installed, ../rules when
 * run from a build folder inside the source tree.  NUL-terminated, in `a`.  -TCS_EIO: neither is
 * there. */
int tcs_process_dirs_rules(struct tcs_arena *a, const char **ret, struct tcs_err *err);
/* The same for the folder of actor profiles. */
int tcs_process_dirs_profiles(struct tcs_arena *a, const char **ret, struct tcs_err *err);
/* $XDG_CACHE_HOME/tocsin (~/.cache/tocsin), made with mode 0700 if missing; a folder that somebody
 * else owns or may write to is refused. */
int tcs_process_dirs_cache(struct tcs_arena *a, const char **ret, struct tcs_err *err);
/* $STATE_DIRECTORY, else $XDG_STATE_HOME/tocsin (~/.local/state/tocsin); the same care. */
int tcs_process_dirs_state(struct tcs_arena *a, const char **ret, struct tcs_err *err);
/* The same path for a reader: not made, not checked. */
int tcs_process_dirs_state_path(struct tcs_arena *a, const char **ret, struct tcs_err *err);
/* Is what `path` leads to a folder of ours, that nobody else can write to?  0, or negative with a
 * sentence. */
int tcs_process_dirs_ours(const char *path, struct tcs_err *err);

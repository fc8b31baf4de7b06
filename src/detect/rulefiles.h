/* detect/rulefiles.h - rule files from disk: walked, read, and handed to sigma/. */
#pragma once
#include "detect/notes.h"
#include "sigma/logsource.h"
#include "sigma/rules.h"

struct tcs_rulefile {
    struct tcs_str path, text; /* path is NUL-terminated too */
};

/* The files, in byte order of their paths, each once.  All memory in the arena. */
struct tcs_rulefiles {
    struct tcs_arena *arena;
    struct tcs_rulefile *at;
    uint32_t n, cap;
    struct tcs_notes notes; /* files and folders that could not be read */
};

/* Reads every path: a file as it is, a folder with all .yml and .yaml files below it (links to
 * folders are not followed).  What cannot be read is in the notes.  Fails only for lack of memory.
 * Release with tcs_detect_rulefiles_done, also after a failure. */
int tcs_detect_rulefiles_read(struct tcs_rulefiles *f, const char *const *paths, size_t n,
                              struct tcs_err *err);
void tcs_detect_rulefiles_done(struct tcs_rulefiles *f);

/* Values for `expand`: DIR/name.txt, one a line, blank lines and lines that begin with # left out.
 * In the arena.  dir may be NULL: none. */
int tcs_detect_rulefiles_placeholders(struct tcs_arena *a, const char *dir,
                                      struct tcs_placeholder **ret, uint32_t *n,
                                      struct tcs_err *err);
/* A whole file in the arena, NUL after it.  -TCS_ELIMIT: more than `max` bytes. */
int tcs_detect_rulefiles_slurp(struct tcs_arena *a, const char *path, size_t max,
                               struct tcs_str *ret, struct tcs_err *err);

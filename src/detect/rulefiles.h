/* detect/rulefiles.h - rule files from disk: walked, read, and handed to sigma/. */
#pragma once
#include "detect/notes.h"
#include "sigma/logsource.h"
#include "sigma/rules.h"

/* What the system says of a file without its being read: one that was changed since has another,
 * unless the change is too young for the clock of the file system. */
struct tcs_filestamp {
    uint64_t device, inode, size, owner;
    int64_t mtime_s, mtime_ns, ctime_s, ctime_ns;
};

enum { TCS_FILE_HASH = 32 };

struct tcs_rulefile {
    struct tcs_str path; /* NUL-terminated too */
    struct tcs_str text; /* p NULL: not read yet */
    struct tcs_filestamp stamp;
    uint8_t hash[TCS_FILE_HASH]; /* of the text; set by rulecache.c */
    bool hashed;                 /* it was made from `text`, and not only stored with the stamp */
};

/* The files, in byte order of their paths, each once.  All memory in the arena. */
struct tcs_rulefiles {
    struct tcs_arena *arena;
    struct tcs_rulefile *at;
    uint32_t n, cap;
    bool stamps;            /* each file has its stamp */
    int64_t looked;         /* when the stamps were taken, at the earliest: seconds since 1970 */
    struct tcs_notes notes; /* files and folders that could not be read, or gave nothing */
};

/* Finds every path: a file as it is, a folder with all .yml and .yaml files below it (links to
 * folders are not followed).  What cannot be read is in the notes.  Fails only for lack of memory.
 * `stamps`: ask for each file's, which only a cache needs.  Release with tcs_detect_rulefiles_done,
 * also after a failure. */
int tcs_detect_rulefiles_find(struct tcs_rulefiles *f, const char *const *paths, size_t n,
                              bool stamps, struct tcs_err *err);
/* Reads file i; 1: it cannot be read, which is in the notes now.  Fails only for lack of memory. */
int tcs_detect_rulefiles_text(struct tcs_rulefiles *f, uint32_t i, struct tcs_err *err);
/* Reads all that were not read yet; those that cannot be are left out.  Likewise. */
int tcs_detect_rulefiles_texts(struct tcs_rulefiles *f, struct tcs_err *err);
/* Something of the path is not used, and why. */
void tcs_detect_rulefiles_note(struct tcs_rulefiles *f, struct tcs_str path, const char *msg);
void tcs_detect_rulefiles_done(struct tcs_rulefiles *f);

/* Values for `expand`: DIR/name.txt, one a line, blank lines and lines that begin with # left out.
 * In the arena.  dir may be NULL: none. */
int tcs_detect_rulefiles_placeholders(struct tcs_arena *a, const char *dir,
                                      struct tcs_placeholder **ret, uint32_t *n,
                                      struct tcs_err *err);
/* A whole file in the arena, NUL after it.  -TCS_ELIMIT: more than `max` bytes. */
int tcs_detect_rulefiles_slurp(struct tcs_arena *a, const char *path, size_t max,
                               struct tcs_str *ret, struct tcs_err *err);

/* input/walk.h - the user's paths to files, in the order in which they are read.
 *
 * Names within a folder are in byte order; the paths themselves stay in the user's order.  Links to
 * files are read, links to folders are not entered (except the user's own paths), pipes and devices
 * are not opened.  What cannot be walked is an entry with a problem, at its place in the order. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "event/cause.h"

#include <stdint.h>

struct tcs_walk_entry {
    const char *path; /* NUL-terminated; "-" is standard input */
    uint64_t size;    /* bytes on disk at the time of the walk */
    bool link;        /* a symbolic link inside a folder: its target may be outside the folder */
    bool named;       /* one of the user's paths itself, not what was found below one */
    uint32_t top;     /* which of the user's paths it is, or lies below */
    const char *msg;  /* one sentence; NULL: a file to read */
    enum tcs_cause cause; /* with msg: why it is not read */
};

/* A file that the run itself writes: met, it is not read (TCS_CAUSE_OWN), or what is written would
 * be read for ever; and to open and close a file of its store would drop SQLite's locks. */
struct tcs_input_own {
    uint64_t dev, ino;
    const char *what; /* one sentence; lives as long as the walk */
};

struct tcs_walk {
    struct tcs_walk_entry *entries;
    uint32_t n, cap;
    const char **tops; /* the user's paths */
    uint32_t ntops;
};

/* Paths and messages live in `a`; the entries are freed with tcs_input_walk_done.  Fails only
 * when out of memory. */
int tcs_input_walk_paths(const char *const *paths, size_t n, const struct tcs_input_own *own,
                         size_t nown, struct tcs_arena *a, struct tcs_walk *ret,
                         struct tcs_err *err);
void tcs_input_walk_done(struct tcs_walk *w);

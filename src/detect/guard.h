/* detect/guard.h - what a command writes never harms what it reads.
 *
 * Files are told apart by device and inode, so by whatever name and through whatever link they are
 * reached.  In: what is read, where it is written to.  Out: a refusal before anything is opened, or
 * the list of own files that are passed over when they are met among the inputs. */
#pragma once
#include "base/err.h"
#include "input/walk.h"

#include <stdbool.h>

enum { TCS_GUARD_LISTS = 6, TCS_GUARD_OWN = 8 };

struct tcs_guard {
    struct {
        const char *const *at; /* borrowed */
        size_t n;
    } reads[TCS_GUARD_LISTS];
    size_t nreads;
    struct tcs_input_own own[TCS_GUARD_OWN];
    size_t nown;
};

/* Files and folders that are read; "-" is standard input.  As many calls as there are lists. */
void tcs_detect_guard_reads(struct tcs_guard *g, const char *const *at, size_t n);
/* The folder of --state, before the store is opened: refused if it is itself one of the paths of
 * the first list.  NULL: none. */
int tcs_detect_guard_state(const struct tcs_guard *g, const char *dir, struct tcs_err *err);
/* Its files, once they are there: they are the command's own. */
void tcs_detect_guard_store(struct tcs_guard *g, const char *dir);
/* Before `path` is opened for writing, NULL: before standard output is written to.  Refused: what
 * is read by name, what is the command's own, and what has content and lies in a folder that is
 * read, since it may be evidence. */
int tcs_detect_guard_output(const struct tcs_guard *g, const char *path, struct tcs_err *err);
/* The descriptor is open: its file, if it is a regular one, is the command's own. */
void tcs_detect_guard_own(struct tcs_guard *g, int fd, const char *what);

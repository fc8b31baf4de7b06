/* detect/sealed.h - files that this user's earlier runs left, mapped instead of made anew.
 *
 * A file is taken only if it is ours and nobody else may write to it, and if its bytes carry the
 * tag that only whoever can read our key can make: Poly1305 under a key for this file alone, which
 * is derived from ours and the file's random number.  Files are replaced as a whole and never
 * written in place, so that what is mapped does not change. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { TCS_SEAL_KEY = 32 };

struct tcs_sealed {
    struct tcs_str bytes; /* aligned to 64; valid until tcs_detect_seal_unmap */
    void *map;
    size_t size;
};

/* The secret key of this user, made on first use. */
int tcs_detect_seal_key(struct tcs_arena *a, uint8_t key[TCS_SEAL_KEY], struct tcs_err *err);
/* 0 and *ret; 1: there is no such file; negative: a file that must not be used, and why. */
int tcs_detect_seal_map(const char *path, const uint8_t key[TCS_SEAL_KEY], struct tcs_sealed *ret,
                        struct tcs_err *err);
void tcs_detect_seal_unmap(struct tcs_sealed *s);
/* A new file with the parts behind one another, readable by this user only, in place of whatever
 * `path` was. */
int tcs_detect_seal_store(const char *path, const uint8_t key[TCS_SEAL_KEY],
                          const struct tcs_str *parts, size_t n, struct tcs_err *err);
/* In the folder of `path`: of the files whose names begin as its own does up to the first '-', the
 * `keep` newest stay. */
void tcs_detect_seal_prune(const char *path, size_t keep);

/* sigma/cache.h - checked rules as bytes, so that the next start need not read YAML.
 *
 * The bytes carry a keyed hash (BLAKE2b) of themselves: whoever lacks the key cannot make rules of
 * their own pass, or remove any.  Even bytes with a right hash are read with every index, count and
 * length checked, so that no byte string does more than fail.  No I/O here: the caller keeps the
 * key secret and decides where the bytes live. */
#pragma once
#include "base/buf.h"
#include "sigma/rules.h"

enum { TCS_CACHE_KEY = 32, TCS_CACHE_CONTENT = 32 };

struct tcs_cache_key {
    uint8_t key[TCS_CACHE_KEY];         /* secret */
    uint8_t content[TCS_CACHE_CONTENT]; /* hash over all that the rules are made of: paths and bytes
                                           of the files, placeholders */
};

/* Appends to ret.  `r` is finished.  -TCS_ENOMEM. */
int tcs_sigma_rules_save(const struct tcs_rules *r, const struct tcs_cache_key *key,
                         struct tcs_buf *ret, struct tcs_err *err);
/* 0: *ret is as r was, free with tcs_sigma_rules_free.  TCS_CACHE_OTHER: sound, but made from
 * other files or by another version of this program.  -TCS_ECORRUPT: damaged, forged, or another
 * key. */
enum { TCS_CACHE_OTHER = 1 };
int tcs_sigma_rules_load(struct tcs_str bytes, const struct tcs_cache_key *key,
                         struct tcs_rules **ret, struct tcs_err *err);

/* detect/rulecache.h - checked rules kept between runs, so that the next start need not parse YAML.
 *
 * What is stored is keyed by the content of every rule file, the placeholders and this program; it
 * is authenticated with a key that only this user can read, and lies in a folder that only this
 * user can write to.  Any doubt means: parse again. */
#pragma once
#include "detect/rulefiles.h"
#include "sigma/cache.h"

struct tcs_rulecache {
    struct tcs_cache_key key;
    const char *path; /* of the stored rules; NULL: there is no cache in this run */
};

/* Hash over the files' paths and bytes, the placeholders and this program. */
void tcs_detect_rulecache_content(uint8_t out[TCS_CACHE_CONTENT], const struct tcs_rulefiles *f,
                                  const struct tcs_placeholder *ph, uint32_t nph);
/* Where the cache of these files is, and its key (made on first use).  Never fails: path NULL and
 * *err filled when there can be no cache here. */
void tcs_detect_rulecache_open(struct tcs_rulecache *c, struct tcs_arena *a,
                               const struct tcs_rulefiles *f, const struct tcs_placeholder *ph,
                               uint32_t nph, struct tcs_err *err);
/* 0 and *ret; 1: nothing stored, or made from other files; negative: stored bytes that must not be
 * used, with the reason in *err. */
int tcs_detect_rulecache_load(const struct tcs_rulecache *c, struct tcs_rules **ret,
                              struct tcs_err *err);
/* Replaces what is stored, atomically. */
int tcs_detect_rulecache_store(const struct tcs_rulecache *c, const struct tcs_rules *r,
                               struct tcs_err *err);

/* detect/rulecache.h - checked rules kept between runs, so that the next start need neither read
 * rule files nor parse YAML.
 *
 * What is stored is keyed by the content of every rule file, the placeholders and this program.
 * The content of a file is known without reading it if its device, inode, size, owner and both
 * times, to the nanosecond, are what they were when it was read, and it had not been changed within
 * two seconds before that.  What is stored is sealed (detect/sealed.h).  Any doubt means: read and
 * parse again. */
#pragma once
#include "detect/rulefiles.h"
#include "detect/sealed.h"

enum { TCS_CACHE_CONTENT = 32 };

struct tcs_rulecache {
    uint8_t key[TCS_SEAL_KEY];
    const char *folder;
    const char *path; /* of the stored rules; NULL: there is no cache in this run */
    struct tcs_sealed file;
    struct tcs_cached_file *files; /* those that it was made of, by path */
    uint32_t nfiles;
    int64_t looked; /* as of tcs_rulefiles, when it was stored */
    struct tcs_str rules;
    uint8_t content[TCS_CACHE_CONTENT];
    bool same; /* all files are those it was made of, and none had to be read */
};

/* Maps what was stored for these paths, as given by the user.  Never fails: path NULL and *err
 * filled if there can be no cache here; -TCS_ECORRUPT in *err if what was stored must not be
 * used. */
void tcs_detect_rulecache_open(struct tcs_rulecache *c, struct tcs_arena *a,
                               const char *const *paths, size_t n, struct tcs_err *err);
void tcs_detect_rulecache_close(struct tcs_rulecache *c); /* with all rules loaded from it */
/* The hash of every file: of those that were not changed as it is stored, of others from their
 * texts, which are read then.  Without a cache that is all.  What cannot be read leaves the list
 * and is in the notes.  Fails only for lack of memory. */
int tcs_detect_rulecache_files(struct tcs_rulecache *c, struct tcs_rulefiles *f,
                               struct tcs_err *err);
/* Hash over the files' paths and hashes, the placeholders and this program. */
void tcs_detect_rulecache_content(uint8_t out[TCS_CACHE_CONTENT], const struct tcs_rulecache *c,
                                  const struct tcs_rulefiles *f, const struct tcs_placeholder *ph,
                                  uint32_t nph);
/* 0 and *ret, whose texts are in the cache; 1: nothing stored, or made from other files; negative:
 * stored bytes that must not be used, with the reason in *err. */
int tcs_detect_rulecache_load(const struct tcs_rulecache *c,
                              const uint8_t content[TCS_CACHE_CONTENT], struct tcs_rules **ret,
                              struct tcs_err *err);
/* Would storing the same rules once more spare the next run the hashing of files? */
bool tcs_detect_rulecache_stale(const struct tcs_rulefiles *f);
/* Replaces what is stored, atomically. */
int tcs_detect_rulecache_store(const struct tcs_rulecache *c, const struct tcs_rulefiles *f,
                               const uint8_t content[TCS_CACHE_CONTENT], const struct tcs_rules *r,
                               struct tcs_err *err);

/* What the picked rules were compiled to, in a file of its own for each set of options. */
struct tcs_plancache {
    const char *path; /* NULL: there is none in this run */
    uint8_t made_of[TCS_CACHE_CONTENT];
    struct tcs_sealed file;
    struct tcs_str image; /* aligned to 8; p NULL: nothing that fits is stored */
};

/* `name`: a hash of what the user asked for; `made_of`: of all that the plan is made of.  Never
 * fails: *err is filled if what was stored must not be used. */
void tcs_detect_plancache_open(struct tcs_plancache *p, const struct tcs_rulecache *c,
                               struct tcs_arena *a, uint64_t name,
                               const uint8_t made_of[TCS_CACHE_CONTENT], struct tcs_err *err);
void tcs_detect_plancache_close(struct tcs_plancache *p); /* with the plan that is viewed in it */
int tcs_detect_plancache_store(const struct tcs_plancache *p, const struct tcs_rulecache *c,
                               struct tcs_str image, struct tcs_err *err);

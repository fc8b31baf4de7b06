/* detect/seen.h - what this run has met already, by keys: each finding once, whatever copies of its
 * record are read; which among equal records of a file one is; which carved records are copies.
 *
 * Memory is bounded (base/limits.h), and what had to be forgotten is counted. */
#pragma once
#include "identity/key.h"

/* A set of hashes that forgets its older half when it is full. */
struct tcs_seen {
    uint64_t *now, *before; /* open addressing, power of two; 0: free */
    uint32_t nnow, now_slots, before_slots;
    uint32_t max; /* of one half; 0: half of TCS_SEEN_MAX */
    uint64_t forgotten;
};

void tcs_detect_seen_done(struct tcs_seen *s); /* empty again, its limit kept */
/* 1: it was not there, now it is; 0: it was; negative: no memory. */
int tcs_detect_seen_add(struct tcs_seen *s, uint64_t hash);
bool tcs_detect_seen_has(const struct tcs_seen *s, uint64_t hash);

/* How often each record of the source in hand came, where the source numbers none. */
struct tcs_repeats {
    struct tcs_repeat {
        uint8_t key[TCS_KEY]; /* of the bytes alone */
        uint64_t count;       /* 0: a free slot */
    } * at;
    uint32_t n, slots;
    uint32_t max;       /* different ones; 0: TCS_REPEATS_MAX */
    uint64_t forgotten; /* records that were counted anew, for want of room */
};

void tcs_detect_repeats_done(struct tcs_repeats *r);
void tcs_detect_repeats_clear(struct tcs_repeats *r);
/* Sets *nth to how many came before, and counts this one, or `count` at once.  Negative: no
 * memory. */
int tcs_detect_repeats_next(struct tcs_repeats *r, const struct tcs_key *k, uint64_t count,
                            uint64_t *nth);

/* sigma/scan_seen.h - memory of what values made fire.  Private to src/sigma; one per scan. */
#pragma once
#include "event/value.h"

enum {
    SEEN_IDS = 24,    /* triggers of one value; a value with more is looked at anew each time */
    SEEN_BYTES = 896, /* of a value; 448 characters of UTF-16 */
};

struct seen_slot {
    uint64_t hash;
    const void *lits; /* the literal set that was looked for */
    uint32_t n;
    uint8_t type, nids, credit;
    bool known; /* ids and bytes are filled in; else the value was only noted */
    uint32_t ids[SEEN_IDS];
    uint8_t bytes[SEEN_BYTES];
};

struct scan_seen;

struct scan_seen *sigma_scan_seen_new(void); /* NULL: no memory */
void sigma_scan_seen_free(struct scan_seen *seen);
/* v is a text (a slice of bytes).  The slot of a value that came before: its ids are the answer
 * if it is known; if not, the caller may store the answer with sigma_scan_seen_keep before the
 * next find. NULL: not seen before. */
struct seen_slot *sigma_scan_seen_find(struct scan_seen *seen, const void *lits,
                                       const struct tcs_value *v);
void sigma_scan_seen_keep(struct seen_slot *e, const struct tcs_value *v, const uint32_t *ids,
                          uint32_t n);

/* tests/evtxgen/damage.h - the ways in which EVTX files are dirty, damaged or hostile, each with
 * what a decoder must still return.
 *
 * An image is a finished file with a fate for each of its records.  A damage changes the bytes and
 * the fates; which chunk and record it hits depends on the seed.  After it, records KEPT must come
 * back as they were written; what happens to EITHER is the decoder's choice. */
#pragma once
#include "evtxgen/evtxgen.h"

enum evg_fate {
    EVG_KEPT,
    EVG_LOST,   /* its bytes are gone */
    EVG_EITHER, /* damaged, or behind damage that hides where it starts */
    EVG_SLACK,  /* whole, but outside the live part: returned by carving only */
};

/* Must the decoder say that something is wrong? */
enum evg_report { EVG_MAY_REPORT, EVG_REPORTS, EVG_SILENT };

struct evg_image {
    struct tcs_buf *file;
    struct evg_place *places; /* own copy; offsets follow when bytes move */
    uint8_t *fate;            /* enum evg_fate, one per place */
    size_t nplaces;
    uint8_t report; /* enum evg_report */
    uint64_t seed;
};

struct evg_damage {
    const char *name, *about;
    void (*apply)(struct evg_image *im);
};

/* Ends with an empty row. */
extern const struct evg_damage evg_damages[];

/* The image of a finished file; false: no memory, or fewer than two chunks of three records each,
 * which damages need.  Call evg_image_done before evg_free. */
bool evg_image(struct evg *g, struct tcs_buf *file, uint64_t seed, struct evg_image *ret);
void evg_image_done(struct evg_image *im);
uint64_t evg_random(uint64_t *seed); /* xorshift64*; a seed of 0 stands for 1 */

/* Values that Windows' own writers get wrong, or that break a naive reader.  `text` is the text
 * they must have, NULL where any text will do.  They are ordinary values of ordinary records: the
 * fields behind them must come back. */
struct evg_odd {
    const char *name;
    uint8_t type;
    const char *bytes;
    uint32_t n;
    const char *text;
    uint32_t text_n;
};
extern const struct evg_odd evg_odds[]; /* ends with an empty row */

/* Records that try to exhaust the reader: nesting of elements, of templates, too many values.
 * Add to *g before it is finished; returns as evg_add.  Their own content may be refused. */
struct evg_bomb {
    const char *name;
    int (*add)(struct evg *g, uint64_t filetime, struct tcs_err *err);
};
extern const struct evg_bomb evg_bombs[]; /* ends with an empty row */

/* chain/chain.h - findings and observations in, incidents out.
 *
 *   new -> signature, observe, detect in any order -> finish -> incidents
 *
 * Pure: no I/O, no clock.  The result depends on the set of what was fed, not on its order; the
 * same finding or observation fed twice counts once.  One thread at a time. */
#pragma once
#include "base/err.h"
#include "chain/incident.h"

struct tcs_chain;
struct tcs_profile; /* attack/profile.h */

struct tcs_chain_opts {
    /* Names that join nothing on their own, besides the built-in ones: jump hosts, scanners,
     * gateways, service accounts.  As a log writes them; borrowed during tcs_chain_new. */
    const struct tcs_str *stop;
    uint32_t nstop;
    const struct tcs_profile *const *profiles; /* borrowed until tcs_chain_free */
    uint32_t nprofiles;
    /* Each 0: as base/limits.h has it.  Beyond, whoever has most loses his own. */
    uint32_t max_findings, max_observations;
    uint32_t max_hosts;      /* of each log: hosts of which is known when they were seen */
    uint32_t max_name_bytes; /* what names take */
    uint32_t max_apart;      /* findings that have nothing in common */
};

/* What was left out, each counted; all zero: nothing was. */
struct tcs_chain_stats {
    uint64_t detections, observations;                 /* taken */
    uint64_t repeated;                                 /* the same record and rule fed again */
    uint64_t timeless;                                 /* without a time that can be */
    uint64_t dropped_detections, dropped_observations; /* beyond the limits */
    uint64_t dropped_grave;                            /* of the detections: high and critical */
    uint64_t dropped_links;
    uint64_t hosts_left_out; /* when they were seen is not known */
    uint64_t incidents;      /* at watch and above */
    bool names_full;         /* more names than TCS_CHAIN_NAMES_MAX: the others are unknown */
};

/* What was left out of one log, as it is on the disk: of an archive, all of it. */
struct tcs_left_out {
    struct tcs_str source; /* empty: of logs beyond those told apart */
    uint64_t findings, grave, observations;
};

/* NULL: no memory.  opts may be NULL. */
struct tcs_chain *tcs_chain_new(const struct tcs_chain_opts *opts);
void tcs_chain_free(struct tcs_chain *c);
/* The number of the signature, the same for an id that is known; copies.  UINT32_MAX: no memory. */
uint32_t tcs_chain_signature(struct tcs_chain *c, const struct tcs_signature *s);
/* By its number; NULL: none.  Lives until the next signature is made. */
const struct tcs_signature *tcs_chain_signature_at(const struct tcs_chain *c, uint32_t number);
/* 0, or -TCS_ENOMEM.  Copies. */
int tcs_chain_observe(struct tcs_chain *c, const struct tcs_observation *o, struct tcs_err *err);
int tcs_chain_detect(struct tcs_chain *c, const struct tcs_finding *d, struct tcs_err *err);
/* A log has records of the host from `first` to `last`, whatever they say: for what is new on it,
 * and when it falls silent. */
struct tcs_host_seen {
    struct tcs_str host, file;
    int64_t first, last;
};
int tcs_chain_host_seen(struct tcs_chain *c, const struct tcs_host_seen *h, struct tcs_err *err);
/* Learnt before: the signature, which must be made by then, fired on the host at `first`. */
int tcs_chain_known(struct tcs_chain *c, struct tcs_str signature, struct tcs_str host,
                    int64_t first, struct tcs_err *err);
/* Remembered: an account or a host reached the stage in an incident whose records are no longer
 * kept.  Stages of it count as seen earlier when the name goes further (docs/chain.md). */
struct tcs_earlier {
    bool account;
    struct tcs_str name;
    uint8_t stage; /* enum tcs_stage */
    int64_t last;  /* when it was seen last, ticks */
    struct tcs_str incident;
};
int tcs_chain_earlier(struct tcs_chain *c, const struct tcs_earlier *row, struct tcs_err *err);
/* What was fed until now but for when hosts were seen, what is known and what is remembered, as
 * bytes in parts: so that a later run takes in all of it at once.  A negative result of put() ends
 * it.  1: what is left out depends on more than what was fed (names took all room), or names are
 * unknown; nothing was put. */
struct tcs_chain_parts {
    int (*put)(void *ctx, struct tcs_str part, struct tcs_err *err);
    void *ctx;
};
int tcs_chain_pack(struct tcs_chain *c, const struct tcs_chain_parts *to, struct tcs_err *err);
/* The parts in their order, as if all that they are of were fed; their signatures must be made
 * before.  0, -TCS_ENOMEM, -TCS_ECORRUPT. */
struct tcs_chain_unpacker;
struct tcs_chain_unpacker *tcs_chain_unpacker_new(struct tcs_chain *c); /* NULL: no memory */
int tcs_chain_unpack(struct tcs_chain_unpacker *u, struct tcs_str part, struct tcs_err *err);
void tcs_chain_unpacker_free(struct tcs_chain_unpacker *u);
/* Once, after all was fed. */
int tcs_chain_finish(struct tcs_chain *c, struct tcs_err *err);
/* At watch and above, by first time, then id.  Live until tcs_chain_free. */
const struct tcs_incident *tcs_chain_incidents(const struct tcs_chain *c, uint32_t *n);
const struct tcs_chain_stats *tcs_chain_stats(const struct tcs_chain *c);
/* After finish: what of which log was left out, beginning with who lost most of what is grave. */
const struct tcs_left_out *tcs_chain_left_out(const struct tcs_chain *c, uint32_t *n);

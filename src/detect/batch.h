/* detect/batch.h - what a worker made of one block: plain data, texts in the batch's arena.
 *
 * Nothing in it points into the block, the decoder or a worker's memory, so that it could cross a
 * pipe.  `rule` is a number among the rules of the detector that made it. */
#pragma once
#include "attack/signature.h"
#include "chain/finding.h"
#include "correlate/correlate.h"
#include "detect/notes.h"
#include "input/source.h"

struct tcs_detector;

/* A rule matched, or another tool raised an alert. */
struct tcs_batch_finding {
    struct tcs_finding finding; /* `signature` is not set */
    uint32_t rule;              /* TCS_BATCH_ALERT: `alert` says what it is */
    uint32_t record;            /* index into records */
    uint32_t from, to;          /* what the outlet wrote of it, in `out` */
    struct tcs_signature alert;
    struct tcs_str tool; /* that raised the alert */
};
enum { TCS_BATCH_ALERT = 0xffffffffu };

struct tcs_batch_observation {
    struct tcs_observation observation;
    uint32_t record;
};

/* A match that correlations read, with what is kept of the record behind it. */
struct tcs_batch_match {
    struct tcs_corr_match match;
    struct tcs_evidence evidence;
    struct tcs_str host, account, subject, source_ip; /* accounts: DOMAIN\name */
    uint32_t record;
    uint8_t flags;     /* TCS_EVENT_CARVED, TCS_MATCH_UNCHECKED, both or 0 */
    bool about_target; /* the account is the target; subject: who acted */
};

/* What records of the block were taken for: a log, in one form.  Known: rules or alert maps can
 * tell such a log from others. */
struct tcs_batch_log {
    struct tcs_str product, service, channel,
        schema;              /* channel empty: it has none, or one of many */
    struct tcs_value raw;    /* the channel as the log has it */
    uint64_t records, first; /* first: offset of the first one */
    bool known;
};

/* A host that records of the block are from, and when they are. */
struct tcs_batch_host {
    struct tcs_str name;
    struct tcs_value raw; /* the same as the log has it */
    uint64_t hash;        /* of raw */
    int64_t first, last;
    uint64_t records;
};

/* A record that --carve looked at: is it in the log too? */
struct tcs_batch_sighting {
    uint64_t hash; /* of its number and time */
    bool carved;
};

struct tcs_batch {
    struct tcs_detector *detector; /* that made it; NULL: none did (dump) */
    struct tcs_arena *arena;
    struct tcs_buf out; /* what the command writes of the block */
    struct tcs_key *records;
    struct tcs_batch_finding *findings; /* in the order of the block */
    struct tcs_batch_observation *observations;
    struct tcs_batch_match *matches;
    struct tcs_batch_host *hosts;
    struct tcs_batch_log *logs;
    struct tcs_batch_sighting *sightings;
    uint32_t nrecords, cap_records, nfindings, cap_findings, nobservations, cap_observations;
    uint32_t nmatches, cap_matches, nhosts, cap_hosts, nsightings, cap_sightings;
    uint32_t nlogs, cap_logs;
    uint32_t last_log;    /* that was seen: mostly the next one too */
    uint32_t *host_slots; /* 1 + index, by the hash of the raw name; a power of two */
    uint32_t nhost_slots;
    uint32_t last_host;             /* that was seen: mostly the next one too */
    uint32_t max_hosts;             /* 0: TCS_BATCH_HOSTS_MAX */
    uint64_t hosts_dropped;         /* records of hosts beyond those */
    struct tcs_notes before, notes; /* problems on the way to the block, and in it */
    struct tcs_decode_stats stats;
    uint64_t passed_over; /* records outside --from, --to, --host */
    const struct tcs_origin *origin;
    uint64_t offset; /* of the block in it */
    struct tcs_position position;
    uint32_t ntorn; /* records, the last ones, of a line that has no end yet (position.torn) */
    bool no_memory, done;
};

bool tcs_detect_batch_open(struct tcs_batch *b); /* all zero before; false: no memory */
void tcs_detect_batch_clear(struct tcs_batch *b);
/* Nobody needs what is in it: one odd block must not keep its memory for the whole run. */
void tcs_detect_batch_shrink(struct tcs_batch *b);
void tcs_detect_batch_close(struct tcs_batch *b);
/* Room for `more` elements behind the first n of one of its arrays; false: b->no_memory is set. */
bool tcs_detect_batch_room(struct tcs_batch *b, void *array, uint32_t *cap, uint32_t n,
                           uint32_t more, size_t size);
/* What a record was taken for. */
void tcs_detect_batch_log(struct tcs_batch *b, const struct tcs_event *head, bool known);
/* The host of a record was seen at `time`; one that cannot be (base/time.h) says nothing. */
void tcs_detect_batch_host(struct tcs_batch *b, const struct tcs_value *host, int64_t time);

/* identity/key.h - which record an event is: the one answer to whether two records are the same.
 *
 * A record read twice (the same log from two places, a shadow copy, a carved copy, two exports that
 * overlap, another format of the same log) has one key:
 *   1. where the log numbers its records (TCS_EVENT_NUMBERED): host, channel, number and second;
 *   2. else where the log gives each event an id (tcs_event.uid): product and id;
 *   3. else where an export's bytes are known (tcs_event.content): those bytes, and which among
 * equal ones in its file it is, so that n equal records of one file stay n;
 *   4. else the file's base name, the offset and the second.
 * Host and channel without case; seconds, since exports keep different fractions of them.  The key
 * is the same on every machine and in every run: stores and incident ids are made of it. */
#pragma once
#include "base/arena.h"
#include "event/event.h"

enum { TCS_KEY = 16 };

struct tcs_key {
    uint8_t b[TCS_KEY];
    /* Case 3 before tcs_identity_key_count: the key is of the bytes alone. */
    bool uncounted;
};

/* `a` is for scratch.  Pure. */
struct tcs_key tcs_identity_key(const struct tcs_event *ev, struct tcs_arena *a);
/* Case 1, for who has no event any more but what it said. */
struct tcs_key tcs_identity_key_numbered(struct tcs_str host, struct tcs_str channel,
                                         uint64_t record_id, int64_t time);
/* The key of the nth (from 0) record with these bytes in its file. */
struct tcs_key tcs_identity_key_count(struct tcs_key k, uint64_t nth);
/* What is said of a record is known by the record and who says it: a rule, a correlation's stream.
 */
struct tcs_key tcs_identity_key_with(struct tcs_key k, struct tcs_str said_by);

static inline bool
tcs_identity_key_eq(const struct tcs_key *a, const struct tcs_key *b)
{
    return memcmp(a->b, b->b, TCS_KEY) == 0;
}

/* For tables: the bytes are spread evenly already.  The same on every machine. */
static inline uint64_t
tcs_identity_key_hash(const struct tcs_key *k)
{
    uint64_t h = 0;
    for (unsigned i = 0; i < sizeof h; i++)
        h |= (uint64_t)k->b[i] << (8 * i);
    return h;
}

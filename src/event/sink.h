/* event/sink.h - where decoders send what they read.
 *
 * Decoders push; they keep nothing.  A decoder calls want() with the header of each event (all of
 * struct tcs_event but fields) and skips the body when nobody wants it. */
#pragma once
#include "event/cause.h"
#include "event/event.h"

enum tcs_want {
    TCS_WANT_NOTHING = 0, /* count it, decode no further */
    TCS_WANT_FIELDS = 1,  /* fill ev->fields */
    TCS_WANT_RAW = 2,     /* ev->raw_json will be called */
};

/* Something that could not be read.  The decoder goes on behind it. */
struct tcs_problem {
    enum tcs_cause cause;
    uint64_t offset;  /* in the origin */
    uint64_t skipped; /* bytes passed over because of it, 0 if not known */
    bool record;      /* it cost one record (else: a region, a chunk, a member, a file) */
    const char *msg;  /* one sentence; lives during the call */
};

struct tcs_sink {
    void *ctx;
    unsigned (*want)(void *ctx, const struct tcs_event *head); /* NULL: TCS_WANT_FIELDS always */
    void (*event)(void *ctx, const struct tcs_event *ev);
    void (*problem)(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p);
    bool (*stopped)(void *ctx); /* NULL: never.  Asked between records; true ends decoding early */
};

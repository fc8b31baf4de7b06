/* chain/finding.h - what the chain is fed beside observations: what rules, correlations and other
 * tools' alerts said of a record. */
#pragma once
#include "attack/signature.h"
#include "attack/stage.h"
#include "identity/identity.h"

enum tcs_state {
    TCS_STATE_NONE,
    TCS_STATE_WATCH,
    TCS_STATE_WARN,
    TCS_STATE_IMMINENT,
    TCS_STATE_DESTRUCTION, /* "destruction seen" */
    TCS_STATES
};

enum {
    TCS_FINDING_CORRELATION = 1, /* a correlation's result: evidence is its last event */
    TCS_FINDING_ALERT = 2,       /* another tool's */
    TCS_FINDING_CARVED = 4,
    TCS_FINDING_LATE = 8,
    TCS_FINDING_NOVEL = 16,     /* its tool says so only of what it never saw: never routine */
    TCS_FINDING_UNCHECKED = 32, /* a part of its rule could not be checked: it counts less */
    TCS_FINDING_FLAGS = 63,     /* all of them */
};

/* Among the flags of a match that correlations read, beside those of its event: a part of its rule
 * could not be checked. */
enum { TCS_MATCH_UNCHECKED = 0x80 };

struct tcs_finding {
    int64_t time;       /* ticks; not tcs_base_time_usable: joins nothing, counted */
    uint32_t signature; /* from tcs_chain_signature */
    uint8_t flags;
    uint32_t count; /* events behind it; 1 but for correlations */
    int64_t first;  /* of those; equal to `time` unless a correlation */
    uint64_t group; /* findings of the same number are one thing (the hosts of one correlation);
                       0: stands alone */
    struct tcs_str unchecked; /* UNCHECKED: the fields and parts, in words; else empty */
    struct tcs_identity who;
    struct tcs_evidence evidence;
};

/* "watch", "warn" ...; "" for none. */
const char *tcs_chain_state_name(uint8_t state);

/* chain/incident.h - an incident, resolved: what reports print, the store keeps and partners get.
 *
 * Plain data without pointers into the chain's tables.  All memory belongs to one arena: the
 * chain's (tcs_chain_incidents), or the one given to the reader (store/store.h).  Lists are in the
 * order in which they are to be printed. */
#pragma once
#include "attack/profile.h"
#include "chain/finding.h"

#include <stdbool.h>

enum { TCS_INCIDENT_ID = 32 }; /* hexadecimal digits */

/* One finding of the incident: same signature and identity, seen `count` times. */
struct tcs_link {
    int64_t time, last; /* first and last time, ticks */
    uint64_t count;     /* findings */
    uint8_t stage, level, flags;
    bool chosen; /* part of the ordered chain */
    struct tcs_str rule_id, title;
    struct tcs_str *techniques;
    uint32_t ntechniques;
    struct tcs_str host, account, source; /* names for people; source: address or host */
    struct tcs_str unchecked;             /* as in struct tcs_finding */
    struct tcs_evidence evidence;         /* of the first */
};

enum tcs_strength { TCS_JOIN_WEAK, TCS_JOIN_MEDIUM, TCS_JOIN_STRONG };
enum tcs_join_kind {
    TCS_JOINED,       /* it is why the two are one incident */
    TCS_JOIN_RELATED, /* near, not merged: `reason` says what was missing */
    TCS_JOIN_REFUSED, /* looked joinable and was not: stop list, degree */
};

/* Why a link belongs to the incident, or something else does not. */
struct tcs_join {
    uint8_t kind, strength;
    int64_t time;
    uint32_t link;                     /* index into links; UINT32_MAX: of no link in particular */
    uint32_t to;                       /* the link it was joined to; UINT32_MAX: none */
    struct tcs_str reason;             /* one sentence: "session 0x9cc0b6 on WORKSTATION5" */
    struct tcs_str other;              /* RELATED: the other incident's id; else empty */
    struct tcs_str from_host, to_host; /* LATERAL edges: an arrow between lanes; else empty */
    struct tcs_evidence evidence;      /* file empty: none but the links themselves */
};

struct tcs_transition {
    uint8_t state;      /* enum tcs_state */
    int64_t time;       /* event time */
    struct tcs_str why; /* one sentence */
};

/* A host or account that the compromised identities can reach. */
struct tcs_reach {
    uint8_t hops; /* 1 or 2 */
    bool is_host; /* else an account */
    struct tcs_str name;
    struct tcs_str why; /* one sentence: "administrator's logon of ELBWERFT\\j.brandt, 14 times" */
    int64_t last;
    struct tcs_evidence evidence;
};

/* A stage that was not seen, and which log would show it. */
struct tcs_missing {
    uint8_t stage;
    struct tcs_str text;
};

/* What an intruder who is here usually does next, or what to do about it. */
struct tcs_next {
    uint8_t stage;            /* the stage it belongs to */
    uint8_t priority;         /* mitigations: 1 first */
    struct tcs_str technique; /* may be empty */
    struct tcs_str text;      /* one sentence, imperative for mitigations, names filled in */
};

struct tcs_incident {
    char id[TCS_INCIDENT_ID + 1];
    uint8_t state;   /* enum tcs_state, the highest reached */
    uint32_t stages; /* bit 1 << stage */
    uint32_t score;
    int64_t first, last;    /* ticks */
    struct tcs_str summary; /* a few plain sentences */
    uint64_t detections;    /* all, those without a link of their own included */
    uint64_t dropped;       /* links beyond the limit: counted in `detections` only */

    struct tcs_link *links; /* by time */
    struct tcs_join *joins;
    struct tcs_transition *transitions;
    struct tcs_reach *reach;
    struct tcs_missing *missing;
    struct tcs_next *expected, *mitigations;
    struct tcs_overlap *overlaps;
    uint32_t nlinks, njoins, ntransitions, nreach, nmissing, nexpected, nmitigations, noverlaps;

    /* Names for people, most involved first.  origin: where the course began as far as seen. */
    struct tcs_str *hosts, *accounts, *addresses, *techniques; /* techniques in chain order */
    uint32_t nhosts, naccounts, naddresses, ntechniques;
    struct tcs_str origin_host, origin_account, origin_address;
    struct tcs_str *merged; /* ids of incidents that became part of this one */
    uint32_t nmerged;
};

/* "dc01" of "dc01.elbwerft.example"; addresses stay whole. */
struct tcs_str tcs_chain_host_short(struct tcs_str host);

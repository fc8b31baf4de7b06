/* chain/detection.h - what the chain is fed: who and where a record speaks of, records that tell
 * identity although no rule fired (observations), and what rules, correlations and other tools'
 * alerts said (detections).
 *
 * Every text is as the log wrote it; the chain normalises names itself (chain/entity.h), so that
 * all inputs are treated alike.  Texts live as long as the caller says; the chain copies. */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* Where in the course of an intrusion something stands (docs/chain.md). */
enum tcs_stage {
    TCS_STAGE_NONE,        /* tells nothing about the course */
    TCS_STAGE_ACCOUNT,     /* A: guessing, phishing, stolen sessions */
    TCS_STAGE_FOOTHOLD,    /* B: execution, persistence, discovery on a host */
    TCS_STAGE_CREDENTIALS, /* C: credentials read, defences impaired */
    TCS_STAGE_LATERAL,     /* D: onto other hosts */
    TCS_STAGE_DESTROY,     /* E: recovery removed, data destroyed or encrypted */
    TCS_STAGES
};

enum tcs_state {
    TCS_STATE_NONE,
    TCS_STATE_WATCH,
    TCS_STATE_WARN,
    TCS_STATE_IMMINENT,
    TCS_STATE_DESTRUCTION, /* "destruction seen" */
    TCS_STATES
};

/* The record behind a statement. */
struct tcs_evidence {
    struct tcs_str file;    /* as struct tcs_origin names it */
    struct tcs_str channel; /* or the log's service; may be empty */
    uint64_t record_id, offset;
    uint32_t event_id; /* TCS_EVENT_ID_NONE: none */
};

/* Who and where, as the record writes it.  Empty: it does not say. */
struct tcs_parties {
    struct tcs_str host;                       /* that logged it */
    struct tcs_str user, user_domain, user_id; /* who acts; id: a SID, UPN or object id */
    /* whom it is done to: the account that logged on, was guessed, added, disabled ... */
    struct tcs_str target, target_domain, target_id;
    struct tcs_str source_ip, source_host; /* where it comes from */
    struct tcs_str dest_ip, dest_host;     /* where it goes to */
    struct tcs_str own_ip;                 /* an address of `host` itself */
    uint64_t session, target_session;      /* logon ids on `host` of user and target; 0: none */
    uint64_t linked_session;               /* the other half of a split token; 0: none */
    struct tcs_str process, parent;        /* GUIDs of the process and of the one that began it */
    uint32_t pid;                          /* of the process on `host`; 0: not known */
    struct tcs_str image;                  /* of the process */
    struct tcs_str object;                 /* file, service, group, device ... acted on */
    struct tcs_str hash;                   /* of the file: SHA256, else SHA1, else MD5 */
};

/* Records from which joins and reach are learnt.  One row each in chain/observe.c. */
enum tcs_observed {
    TCS_OBS_NONE,
    TCS_OBS_LOGON,    /* target began target_session on host, from source */
    TCS_OBS_EXPLICIT, /* user used target's credentials, towards dest_host */
    TCS_OBS_TICKET,   /* user asked for a ticket to dest_host, from source */
    TCS_OBS_ADMIN,    /* session of user on host has administrator's rights */
    TCS_OBS_PROCESS,  /* process of session, child of parent */
    TCS_OBS_SHARE,    /* session of user reached a share of host, from source */
    TCS_OBS_MEMBER,   /* target was added to the group `object` by user */
    TCS_OBS_ADDRESS,  /* source_host has source_ip */
    TCS_OBS_BOOT,     /* logon ids of host begin anew */
    TCS_OBS_KINDS
};

struct tcs_observation {
    int64_t time;       /* ticks; not tcs_time_usable: counted only */
    uint8_t kind;       /* enum tcs_observed */
    uint8_t logon_type; /* LOGON: Windows' number; 0: not known */
    struct tcs_parties who;
    struct tcs_evidence evidence;
};

/* What said it: a rule, a correlation, another tool's alert. */
struct tcs_signature {
    struct tcs_str id; /* unique and stable: a rule's id, or tool and alert name */
    struct tcs_str title;
    uint8_t level;              /* enum tcs_level (sigma/ast.h) */
    uint8_t stage;              /* enum tcs_stage; TCS_STAGE_NONE: from the techniques */
    struct tcs_str *techniques; /* "T1003.001"; ATT&CK v18 or v19 numbers */
    uint32_t ntechniques;
};

enum {
    TCS_DET_CORRELATION = 1, /* a correlation's result: evidence is its last event */
    TCS_DET_ALERT = 2,       /* another tool's */
    TCS_DET_CARVED = 4,
    TCS_DET_LATE = 8,
    TCS_DET_NOVEL = 16, /* its tool says so only of what it never saw: never routine */
    TCS_DET_FLAGS = 31, /* all of them */
};

struct tcs_detection {
    int64_t time;       /* ticks; not tcs_time_usable: joins nothing, counted */
    uint32_t signature; /* from tcs_chain_signature */
    uint8_t flags;
    uint32_t count; /* events behind it; 1 but for correlations */
    int64_t first;  /* of those; equal to `time` unless a correlation */
    uint64_t group; /* detections of the same number are one thing (the hosts of one correlation);
                       0: stands alone */
    struct tcs_parties who;
    struct tcs_evidence evidence;
};

/* "account", "foothold" ... and "watch", "warn" ...; "" for none. */
const char *tcs_stage_name(uint8_t stage);
const char *tcs_state_name(uint8_t state);

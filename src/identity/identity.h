/* identity/identity.h - who and where a record speaks of, and whether it tells identity: event in,
 * struct tcs_identity or struct tcs_observation out.
 *
 * Every text is as the log wrote it; the chain normalises names itself (chain/entity.h), so that
 * all inputs are treated alike.  Texts live as long as the caller says; who keeps them copies. */
#pragma once
#include "base/arena.h"
#include "event/event.h"

/* The record behind a statement. */
struct tcs_evidence {
    struct tcs_str file;    /* as struct tcs_origin names it */
    struct tcs_str channel; /* or the log's service; may be empty */
    uint64_t record_id, offset;
    uint32_t event_id; /* TCS_EVENT_ID_NONE: none */
};

/* Who and where, as the record writes it.  Empty: it does not say. */
struct tcs_identity {
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

/* Records from which joins and reach are learnt.  One row each in identity/activity.c. */
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
    int64_t time;       /* ticks; TCS_TIME_NONE: not usable, counted */
    uint8_t kind;       /* enum tcs_observed */
    uint8_t logon_type; /* LOGON: Windows' number; 0: not known */
    struct tcs_identity who;
    struct tcs_evidence evidence;
};

/* The field names that are read, by number: to be in the fieldset that decoders fill slots from.
 * Empty beyond the last. */
struct tcs_str tcs_identity_field(uint32_t i);

struct tcs_identity_plan; /* frozen, shared by threads */
/* NULL: no memory.  Names that `fs` lacks are never found. */
struct tcs_identity_plan *tcs_identity_plan_new(const struct tcs_fieldset *fs);
void tcs_identity_plan_free(struct tcs_identity_plan *p);

/* Texts in `a` or in the event, none longer than TCS_PARTY_TEXT_MAX. */
void tcs_identity_of(const struct tcs_identity_plan *p, const struct tcs_event *ev,
                     struct tcs_arena *a, struct tcs_identity *ret);
/* Puts one value where a field of that name would have put it, unless something is there; fields
 * that name no party are ignored.  Borrows. */
void tcs_identity_put(struct tcs_identity *w, struct tcs_str field, struct tcs_str value);
/* The event's record. */
struct tcs_evidence tcs_identity_evidence(const struct tcs_event *ev, struct tcs_arena *a);

/* Could an event with this header be an observation?  Cheap; for tcs_sink.want. */
bool tcs_identity_wants(const struct tcs_event *head);
/* True and *ret filled if the event is one; texts as tcs_identity_of. */
bool tcs_identity_observe(const struct tcs_identity_plan *p, const struct tcs_event *ev,
                          struct tcs_arena *a, struct tcs_observation *ret);

/* identity/identity.h - who and where a record speaks of, and whether it tells identity: event in,
 * struct tcs_identity or struct tcs_observation out.
 *
 * Every text is as the log wrote it; the chain normalises names itself (chain/entity.h), so that
 * all inputs are treated alike.  Texts live as long as the caller says; who keeps them copies. */
#pragma once
#include "base/arena.h"
#include "event/event.h"
#include "identity/key.h"

/* The record behind a statement. */
struct tcs_evidence {
    struct tcs_str file;    /* as struct tcs_origin names it */
    struct tcs_str channel; /* or the log's service; may be empty */
    uint64_t record_id, offset;
    uint32_t event_id;  /* TCS_EVENT_ID_NONE: none */
    struct tcs_key key; /* which record it is, whatever copy it was read from (identity/key.h) */
};

/* Who and where, as the record writes it.  Empty or 0: it does not say.  One row a field, from
 * which this struct, its copies, the store's columns and the keys of alert maps are made: TEXT,
 * NUMBER (64 bits) or SMALL (32 bits), and what it is. */
#define TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)                                                   \
    TEXT(host) /* that logged it */                                                                \
    TEXT(user) /* who acts */                                                                      \
    TEXT(user_domain)                                                                              \
    TEXT(user_id) /* a SID, UPN or object id */                                                    \
    TEXT(target)  /* whom it is done to: who logged on, was guessed, added, disabled */            \
    TEXT(target_domain)                                                                            \
    TEXT(target_id)                                                                                \
    TEXT(source_ip) /* where it comes from */                                                      \
    TEXT(source_host)                                                                              \
    TEXT(dest_ip) /* where it goes to */                                                           \
    TEXT(dest_host)                                                                                \
    TEXT(own_ip)           /* an address of `host` itself */                                       \
    SMALL(pid)             /* of the process on `host` */                                          \
    NUMBER(session)        /* logon id of user on `host` */                                        \
    NUMBER(target_session) /* of target */                                                         \
    NUMBER(linked_session) /* the other half of a split token */                                   \
    TEXT(process)          /* GUID of the process */                                               \
    TEXT(parent)           /* GUID of the process that began it */                                 \
    TEXT(image)            /* of the process */                                                    \
    TEXT(object)           /* file, service, group, device ... acted on */                         \
    TEXT(hash)             /* of the file: SHA256, else SHA1, else MD5 */

struct tcs_identity {
#define TEXT(name) struct tcs_str name;
#define NUMBER(name) uint64_t name;
#define SMALL(name) uint32_t name;
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)
#undef TEXT
#undef NUMBER
#undef SMALL
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
    int64_t time;       /* ticks; not tcs_time_usable: counted only */
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

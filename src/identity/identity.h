/* identity/identity.h - who and where a record speaks of, what was done, and whether it tells
 * identity: event in, struct tcs_identity or struct tcs_observation out.
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

/* What a record says was done, whatever the log calls it: chain/ and detect/ know these and no
 * event id of Windows.  Rows and traits are in identity/activity.c. */
enum tcs_activity {
    TCS_ACT_NONE, /* nothing that is asked about anywhere */
    TCS_ACT_LOGON,
    TCS_ACT_LOGON_FAILED,
    TCS_ACT_LOGOFF,
    TCS_ACT_RECONNECT, /* to a session of before */
    TCS_ACT_EXPLICIT,  /* another account's credentials were used */
    TCS_ACT_TICKET_GRANTING,
    TCS_ACT_TICKET,
    TCS_ACT_TICKET_RENEWED,
    TCS_ACT_TICKET_REFUSED,
    TCS_ACT_CREDENTIALS_CHECKED,
    TCS_ACT_ADMIN, /* a session has administrator's rights */
    TCS_ACT_PROCESS,
    TCS_ACT_IMAGE_LOADED,
    TCS_ACT_CONNECTION,
    TCS_ACT_SHARE,
    TCS_ACT_MEMBER, /* added to a group */
    TCS_ACT_ACCOUNT_CREATED,
    TCS_ACT_ACCOUNT_ENABLED,
    TCS_ACT_ACCOUNT_CHANGED,
    TCS_ACT_ACCOUNT_DISABLED,
    TCS_ACT_ACCOUNT_DELETED,
    TCS_ACT_ACCOUNT_LOCKED,
    TCS_ACT_ACCOUNT_UNLOCKED,
    TCS_ACT_PASSWORD,
    TCS_ACT_SERVICE_INSTALLED,
    TCS_ACT_LOG_CLEARED,
    TCS_ACT_BOOT,
    TCS_ACTS
};

enum tcs_activity_trait {
    TCS_TRAIT_ABOUT_TARGET = 1,  /* the record is about its target, not about who wrote or asked */
    TCS_TRAIT_TARGET_ACTS = 2,   /* from then on the target acts; not where it failed */
    TCS_TRAIT_CONTROLLER = 4,    /* a domain controller writes what another host asked of it */
    TCS_TRAIT_MAKES_ACCOUNT = 8, /* the target is usable, or may do more, because of it */
};

/* The traits of an activity: bits of enum tcs_activity_trait. */
unsigned tcs_identity_traits(uint32_t activity);

/* Who and where, as the record writes it.  Empty or 0: it does not say.
 *
 *   host            that logged it
 *   activity        enum tcs_activity
 *   user            who acts; user_id: a SID, UPN or object id
 *   target          whom it is done to: who logged on, was guessed, added, disabled; of a process
 *                   that was begun as somebody else, who began it
 *   named           an account that the record names without saying what it has to do with it:
 *                   for people to read, it joins nothing
 *   source, dest    where it comes from and goes to
 *   own_ip          an address of `host` itself
 *   pid, process, parent, image: the process on `host`, GUIDs of it and of who began it, its file
 *   session         logon id of user on `host`; target_session: of target; linked_session: the
 *                   other half of a split token
 *   object, hash    file, service, group, device ... acted on; SHA256, else SHA1, else MD5 of it
 *
 * One row a field, from which this struct, its copies, the store's columns and the keys of alert
 * maps are made: TEXT, NUMBER (64 bits) or SMALL (32 bits). */
/* clang-format off */
#define TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)                                                   \
    TEXT(host)                                                                                     \
    TEXT(user)                                                                                     \
    TEXT(user_domain)                                                                              \
    TEXT(user_id)                                                                                  \
    TEXT(target)                                                                                   \
    TEXT(target_domain)                                                                            \
    TEXT(target_id)                                                                                \
    TEXT(source_ip)                                                                                \
    TEXT(source_host)                                                                              \
    TEXT(dest_ip)                                                                                  \
    TEXT(dest_host)                                                                                \
    TEXT(own_ip)                                                                                   \
    SMALL(pid)                                                                                     \
    NUMBER(session)                                                                                \
    NUMBER(target_session)                                                                         \
    NUMBER(linked_session)                                                                         \
    TEXT(process)                                                                                  \
    TEXT(parent)                                                                                   \
    TEXT(image)                                                                                    \
    TEXT(object)                                                                                   \
    TEXT(hash)                                                                                     \
    TEXT(named)                                                                                    \
    SMALL(activity)
/* clang-format on */

struct tcs_identity {
#define TEXT(name) struct tcs_str name;
#define NUMBER(name) uint64_t name;
#define SMALL(name) uint32_t name;
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)
#undef TEXT
#undef NUMBER
#undef SMALL
};

/* What joins and reach are learnt from: an activity that tells identity, read as one of these. */
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
    int64_t time;       /* ticks; not tcs_base_time_usable: counted only */
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

/* Texts in `a` or in the event, none longer than TCS_IDENTITY_TEXT_MAX. */
void tcs_identity_of(const struct tcs_identity_plan *p, const struct tcs_event *ev,
                     struct tcs_arena *a, struct tcs_identity *ret);
/* Puts one value where a field of that name would have put it, unless something is there; fields
 * that name no identity field are ignored.  Borrows. */
void tcs_identity_put(struct tcs_identity *w, struct tcs_str field, struct tcs_str value);
/* The event's record; its key is not yet counted (identity/key.h). */
struct tcs_evidence tcs_identity_evidence(const struct tcs_event *ev, struct tcs_arena *a);
/* The event dies with its batch: texts that are still the log's own bytes are copied.  Those that
 * were made of other encodings lie in the arena, if it is the same. */
void tcs_identity_keep(struct tcs_identity *w, struct tcs_arena *a);
void tcs_identity_evidence_keep(struct tcs_evidence *e, struct tcs_arena *a);

/* What was done, by log and event id alone: for rows that were kept before they told. */
enum tcs_activity tcs_identity_activity(struct tcs_str channel, uint32_t event_id);

/* --- what people ask of an identity --- */

/* A SID stands in `name` where there is nothing better. */
struct tcs_identity_account {
    struct tcs_str domain, name;
};

/* The account that the record is about; empty: it tells none. */
struct tcs_identity_account tcs_identity_account(const struct tcs_identity *w);
/* Who acted, where the record is about somebody else; empty: the system, or not told. */
struct tcs_identity_account tcs_identity_subject(const struct tcs_identity *w);
/* DOMAIN\name, or the name alone, in `a`. */
struct tcs_str tcs_identity_account_text(struct tcs_identity_account account, struct tcs_arena *a);
/* The address where it comes from: of a connection of the host itself, its own. */
struct tcs_str tcs_identity_source(const struct tcs_identity *w);

/* Could an event with this header be an observation?  Cheap; for tcs_sink.want. */
bool tcs_identity_wants(const struct tcs_event *head);
/* True and *ret filled, but for its evidence, if the event, which tells this identity, is one. */
bool tcs_identity_observe(const struct tcs_event *ev, const struct tcs_identity *who,
                          struct tcs_observation *ret);

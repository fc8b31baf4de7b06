/* decode/json/record.h - one event while a decoder puts it together.
 *
 * The System part of a Windows record goes by roles: every schema has its own names for them, some
 * several.  The candidate of the lowest rank wins and becomes the field that event/event.h names;
 * the others stay fields under their own names. */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "event/event.h"

enum tcs_role {
    TCS_ROLE_PROVIDER,
    TCS_ROLE_PROVIDER_GUID,
    TCS_ROLE_EVENT_ID,
    TCS_ROLE_VERSION,
    TCS_ROLE_LEVEL,
    TCS_ROLE_TASK,
    TCS_ROLE_OPCODE,
    TCS_ROLE_KEYWORDS,
    TCS_ROLE_RECORD_ID,
    TCS_ROLE_TIME,
    TCS_ROLE_ACTIVITY,
    TCS_ROLE_PID,
    TCS_ROLE_TID,
    TCS_ROLE_CHANNEL,
    TCS_ROLE_COMPUTER,
    TCS_ROLE_USER_ID,
    TCS_ROLE_UID, /* tcs_event.uid: no field of Windows' */
    TCS_ROLES,
    TCS_ROLE_NONE = TCS_ROLES
};

/* A candidate: its own name is what it is called if another one wins.  `kept`: it is a field under
 * that name in any case. */
struct tcs_role_value {
    struct tcs_value value;
    struct tcs_str name;
    uint32_t slot;
    uint8_t rank;
    bool kept;
};

struct tcs_record {
    struct tcs_arena *arena; /* of this record; reset by tcs_decode_record_begin */
    struct tcs_field *fields;
    uint32_t nfields;
    bool cut; /* fields beyond TCS_FIELDS_MAX, or names beyond TCS_FIELD_NAME_MAX, were dropped */
    bool like_system; /* some data have a name that System has too */
    uint32_t have;    /* bit per role */
    struct tcs_role_value roles[TCS_ROLES];
    uint32_t slots[TCS_ROLES]; /* of the canonical names */
    uint32_t data_slot;        /* of "Data" */
};

/* 0 or -TCS_ENOMEM. */
int tcs_decode_record_init(struct tcs_record *r, const struct tcs_fieldset *fields);
void tcs_decode_record_done(struct tcs_record *r);
void tcs_decode_record_begin(struct tcs_record *r);
/* Drops the fields and roles so far; what is in the arena stays. */
void tcs_decode_record_restart(struct tcs_record *r);
/* The field name that event/event.h gives the role. */
struct tcs_str tcs_decode_role_name(enum tcs_role role);
/* The role of that field name, or TCS_ROLE_NONE. */
enum tcs_role tcs_decode_role_of(struct tcs_str name);

static inline void
tcs_decode_record_field(struct tcs_record *r, struct tcs_str name, uint32_t slot,
                        struct tcs_value v)
{
    if (r->nfields == TCS_FIELDS_MAX) {
        r->cut = true;
        return;
    }
    r->fields[r->nfields++] = (struct tcs_field){.name = name, .value = v, .slot = slot};
}

/* A null candidate is ignored. */
void tcs_decode_record_role(struct tcs_record *r, enum tcs_role role, struct tcs_role_value v);
/* Fills the head of *ev from the roles: event id, record id, time, channel, provider, computer, the
 * log's own id. */
void tcs_decode_record_head(struct tcs_record *r, struct tcs_event *ev);
/* Hands all fields to *ev; `canonical`: with those of the roles, which stand first if data have a
 * name of theirs: the first value of such a name is System's, as in EVTX. */
void tcs_decode_record_finish(struct tcs_record *r, struct tcs_event *ev, bool canonical);
/* Time of a text or number (seconds, or milli-, micro-, nanoseconds by size); TCS_TIME_NONE. */
int64_t tcs_decode_record_time(const struct tcs_value *v);

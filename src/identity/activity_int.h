/* identity/activity_int.h - the row of an event in the table of activities.  Private to
 * src/identity. */
#pragma once
#include "identity/identity.h"

/* How the fields are to be read: which of them mean something else in such a record. */
enum tcs_identity_turn {
    TURN_NONE,
    TURN_CONNECTION, /* Sysmon's: one of the two ends is this host */
    TURN_FILTER,     /* the same, of Windows' packet filter */
    TURN_MEMBER,     /* the "target" is the group, the member is who is added to it */
    TURN_TICKET,     /* the account that asks is in the target's fields */
    TURN_SESSION,    /* the user is who logged on */
    TURN_EXPLICIT,   /* a destination "localhost" goes nowhere */
    TURN_PROCESS,    /* runs as the target, if there is one */
};

struct tcs_identity_row {
    uint16_t event_id;
    uint8_t log; /* enum log, activity.c */
    uint8_t activity;
    uint8_t turn;
    uint8_t observed;   /* enum tcs_observed; NONE: it tells no identity */
    uint8_t logon_type; /* of LOGON, where the record has no LogonType */
    /* False: not an observation after all.  May be NULL. */
    bool (*check)(const struct tcs_event *ev, struct tcs_observation *o);
};

/* NULL: the event is none of them. */
const struct tcs_identity_row *tcs_identity_row(const struct tcs_event *head);
/* Sysmon's and Security's own writer says nothing about the event. */
bool tcs_identity_writer_tells(const struct tcs_event *ev);

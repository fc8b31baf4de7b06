/* detect/finding.h - a rule matched an event: what is kept of it when the batch is gone. */
#pragma once
#include "event/event.h"
#include "sigma/scan.h"

/* Who did it, as the record tells: DOMAIN and name, or a SID when there is nothing better. */
struct tcs_account {
    struct tcs_str domain, name;
};

struct tcs_hunt_finding {
    uint32_t rule;            /* index into the rules */
    uint32_t event_id, flags; /* as in struct tcs_event */
    int64_t time;
    uint64_t offset, record_id;
    const struct tcs_origin *origin; /* lives until the inputs are closed */
    const struct tcs_view *view;     /* lives as long as the ruleset */
    struct tcs_str host, account, channel;
};

/* The account of the event; text in `a` or in the event. */
struct tcs_account tcs_event_account(const struct tcs_event *ev, struct tcs_arena *a);
/* Is the event about an account that it targets (a logon, a ticket, a changed account)? */
bool tcs_event_about_target(const struct tcs_event *ev);
/* DOMAIN\name of who acted in an event that is about somebody else, in `a`; empty: the system, or
 * not told. */
struct tcs_str tcs_event_subject(const struct tcs_event *ev, struct tcs_arena *a);
/* The one place where something of an event crosses out of the batch: copies into `a`. */
void tcs_finding_keep(struct tcs_hunt_finding *f, const struct tcs_event *ev,
                      const struct tcs_hit *hit, struct tcs_arena *a);

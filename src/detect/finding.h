/* detect/finding.h - a rule matched an event: what is kept of it when the batch is gone. */
#pragma once
#include "event/event.h"
#include "identity/identity.h"
#include "sigma/scan.h"

struct tcs_hunt_finding {
    uint32_t rule;            /* index into the rules */
    uint32_t event_id, flags; /* as in struct tcs_event */
    int64_t time;
    uint64_t offset, record_id;
    const struct tcs_origin *origin; /* lives until the inputs are closed */
    const struct tcs_view *view;     /* lives as long as the ruleset */
    struct tcs_str host, account, channel;
    struct tcs_key key;
};

/* DOMAIN\name in `a`. */
struct tcs_str tcs_account_keep(struct tcs_identity_account who, struct tcs_arena *a);
/* The one place where something of an event crosses out of the batch: copies into `a`. */
void tcs_finding_keep(struct tcs_hunt_finding *f, const struct tcs_event *ev,
                      const struct tcs_hit *hit, const struct tcs_identity *who,
                      struct tcs_arena *a);

/* chain/weights.h - every threshold and weight of the chain, each with the reason for its value.
 *
 * Techniques and their stages are in attack.c, what to do and what comes next in advice.c.  Private
 * to src/chain. */
#pragma once

enum {
    /* Points of a detection: of its level, times how new it is. */
    W_INFORMATIONAL = 1, /* says what happened, not that it is wrong */
    W_LOW = 2,
    W_MEDIUM = 4,
    W_HIGH = 8,
    W_CRITICAL = 12, /* more than high, less than two of them: one rule alone may be wrong */

    W_KNOWN = 1,        /* this rule fired on this host more than a day ago: routine */
    W_LEARNING = 2,     /* less than a day of this host is known: nothing can be called new */
    W_NEW_HOST = 4,     /* first time on this host in a day */
    W_NEW_ANYWHERE = 6, /* first time on any host */

    /* A detection counts as a stage of an incident from here: medium while learning, low when it is
     * new, high always; never informational, never routine below high.  On third-party alerts
     * first-seen pairs of rule and host cut false incidents by 42 at equal recall. */
    W_COUNTS = W_MEDIUM * W_LEARNING,
    W_NEW_PLACE = 2,  /* a step of the chain on another host than the one before */
    W_NAMED = W_HIGH, /* a step that names who: of two, that one is told */
    /* Each stage of the chain: so much that one stage more always weighs more than the heaviest
     * detections of fewer, of which there are four at most beside it. */
    W_STAGE = 4 * (W_CRITICAL * W_NEW_ANYWHERE + W_NAMED + W_NEW_PLACE),
    W_GRAVE = W_HIGH * W_LEARNING, /* what one process does counts twice only from here */

    W_LEARN_S = 86400, /* one day and night: daily routine has then been seen once */

    /* Joins. */
    W_MEDIUM_JOIN_S = 86400, /* host and account: a working day, a night shift */
    W_ALERT_JOIN_S = 3600,   /* a host alone, for alerts that name no account: idle gaps of 30 and
                                60 minutes find the same chains, an hour splits fewer */
    W_ACTORLESS =
        W_CRITICAL * W_LEARNING, /* what SYSTEM does joins the incident of that hour on the
                                    host only if it is this grave: services make noise */
    W_STOLEN_S =
        7 * 86400,     /* stolen passwords are used within days: then they are changed, or sold */
    W_SWEEP_S = 120,   /* one order to many hosts: deployed tasks and remote commands reach the next
                          host within seconds, a shell loop within a minute or two */
    W_REMEMBERED = 16, /* incidents looked at, newest first, of a name in the long memory */
    W_DEGREE = 8,      /* different incidents in which a weak entity may be before it joins
                          nothing: jump hosts and service accounts have more within days */
    W_ANCESTORS = 6,   /* generations of processes looked at: shells in shells */
    W_SAME_PID_S = 600, /* numbers of processes are used again, seldom within ten minutes */
    W_SAME_ACT_S = 2,   /* one program start is logged by Sysmon and by Security */

    /* States. */
    W_WATCH_STAGES = 2,
    W_WARN_STAGES = 3,
    W_LATERAL_HOSTS = 2,  /* one host may be an admin's errand */
    W_END_HOSTS = 2,      /* recovery removed on one host may be a clean-up */
    W_IMPAIRED_HOSTS = 2, /* one host may be a broken agent */

    /* Telemetry loss (telemetry_loss.c). */
    W_SILENT_S = 300, /* Elastic's rule for lost telemetry uses five minutes as well */
    W_SILENT_PROOF_S =
        1800, /* the other hosts must go on for so long: not the end of a recording */
};

/* detect/outlet.h - who is told what was found: a report, lines of JSON, later a webhook or a
 * topic.
 *
 * Bytes that need the event itself are written on the worker's thread, where it still is, and
 * travel with the finding; everything else is told in order, by one thread at a time. */
#pragma once
#include "chain/incident.h"
#include "detect/batch.h"
#include "detect/correlating.h"

/* A finding, as it is told. */
struct tcs_outlet_finding {
    const struct tcs_finding *finding; /* for a correlation: of the first record behind it */
    const struct tcs_rule *rule;       /* NULL: another tool's alert */
    uint32_t nr;                       /* of the rule among the detector's, correlations behind */
    const struct tcs_signature *alert; /* of an alert, and the tool that raised it */
    struct tcs_str tool;
    const struct tcs_origin *origin;         /* where the record was read; NULL for correlations */
    const struct tcs_correlated *correlated; /* NULL: of one record */
    struct tcs_str bytes;                    /* that the outlet's writer wrote of it */
    bool is_new; /* false: an earlier run has told it, or this one, from a copy of the record */
};

struct tcs_outlet {
    void *ctx;
    /* A worker's writer, for as long as the detector is in use; NULL result: no memory.  writer_new
     * may be NULL: nothing is written on workers. */
    void *(*writer_new)(void *ctx, const struct tcs_detector *d);
    void (*writer_free)(void *writer);
    /* One rule's match, or an alert, appended to *out.  `first`: the first of this event.
     * False: no memory. */
    bool (*write_match)(void *writer, const struct tcs_event *ev, const struct tcs_identity *who,
                        const struct tcs_sigma_match *match, bool first, struct tcs_buf *out);
    bool (*write_alert)(void *writer, const struct tcs_batch_finding *f, struct tcs_buf *out);
    /* In the order of the input, correlations when they are settled.  Negative: all comes to an
     * end. May be NULL. */
    int (*finding)(void *ctx, const struct tcs_outlet_finding *t, struct tcs_err *err);
    /* Each incident when it is settled, as it was (NULL: it is new) and as it is.  May be NULL. */
    int (*incident)(void *ctx, const struct tcs_incident *was, const struct tcs_incident *is,
                    struct tcs_err *err);
};

/* detect/alerts.h - alerts of other tools during a hunt: recognised in the workers, kept in the
 * block's result as detections for the chain, printed as findings, added up for the report. */
#pragma once
#include "alertmap/alertmap.h"
#include "chain/chain.h"
#include "detect/opts.h"
#include "detect/pipeline.h"

/* An alert that has left the batch.  Texts are in the result's arena or the map's. */
struct tcs_alerted {
    struct tcs_str tool;
    struct tcs_signature signature;
    /* `signature` in it is 0 until the chain gives `signature` its number.  Flags: TCS_DET_ALERT.
     */
    struct tcs_finding detection;
    const struct tcs_origin *origin;
};

struct tcs_alerts;

/* The built-in map and those of --alert-map, which are read now.  0 or negative with *err. */
int tcs_alerts_load(const struct tcs_detect_opts *opts, bool lines, struct tcs_alerts **ret,
                    struct tcs_err *err);
void tcs_alerts_free(struct tcs_alerts *al);
/* For struct tcs_job; lives as long as `al`. */
const struct tcs_csv_tables *tcs_alerts_tables(const struct tcs_alerts *al);
/* For a reader per worker. */
const struct tcs_alertmap *tcs_alerts_map(const struct tcs_alerts *al);
/* May events with this head be alerts? */
bool tcs_alerts_want(const struct tcs_alerts *al, const struct tcs_event *head);
/* On a worker's thread: an event that is an alert goes into w->result, and into its output as a
 * line of JSON if that is the format.  Failure is w->result->no_memory. */
void tcs_alerts_event(const struct tcs_alerts *al, struct tcs_alert_reader *reader,
                      const struct tcs_event *ev, struct tcs_worker *w);

/* In input order, one thread: counts the result's alerts, and tells the chain of them if there is
 * one.  0 or -TCS_ENOMEM. */
int tcs_alerts_add(struct tcs_alerts *al, const struct tcs_result *r, struct tcs_chained *chain,
                   struct tcs_err *err);
uint64_t tcs_alerts_total(const struct tcs_alerts *al);
uint64_t tcs_alerts_at_level(const struct tcs_alerts *al, uint8_t level); /* at least */

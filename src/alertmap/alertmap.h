/* alertmap/alertmap.h - what other tools' alerts mean: which records are alerts, which of their
 * fields say what, and what an alert's name says of stage, techniques and level.
 *
 * The table is YAML (docs/alerts.md); the built-in one knows Suricata and Wazuh.  Tables add up:
 * the rows of one that is added later are tried first.
 *
 *   new -> add (builtin, then the user's) -> any number of readers, one per thread -> apply */
#pragma once
#include "attack/signature.h"
#include "base/err.h"
#include "event/event.h"
#include "identity/identity.h"

struct tcs_alertmap;

/* NULL: no memory. */
struct tcs_alertmap *tcs_alertmap_new(void);
void tcs_alertmap_free(struct tcs_alertmap *m);
/* The text of data/alertmap.yaml. */
struct tcs_str tcs_alertmap_builtin(void);
/* Not while a reader is in use.  -TCS_EPARSE with line and column; the map is then to be freed.
 * `path` is for messages only. */
int tcs_alertmap_add(struct tcs_alertmap *m, struct tcs_str path, struct tcs_str yaml,
                     struct tcs_err *err);

/* The columns of the i-th tool whose alerts come as a table, as long as the map lives; NULL: there
 * are no more. */
const struct tcs_str *tcs_alertmap_table(const struct tcs_alertmap *m, uint32_t i, uint32_t *n);

struct tcs_alert {
    struct tcs_str tool;
    struct tcs_signature signature; /* id: "TOOL:id or name" */
    struct tcs_identity who;
    int64_t time; /* ticks; TCS_TIME_NONE: none that can be read */
    bool novel;   /* the tool raises it only for what it never saw */
};

struct tcs_alert_reader;

/* NULL: no memory.  Borrows the map.  `forget`: look every alert up anew, also one that came
 * before: the same, for the differential test. */
struct tcs_alert_reader *tcs_alertmap_reader_new(const struct tcs_alertmap *m, bool forget);
void tcs_alertmap_reader_free(struct tcs_alert_reader *r);
/* May events with this head be alerts? */
bool tcs_alertmap_wants(const struct tcs_alertmap *m, const struct tcs_event *head);
/* True: the event is an alert, in *ret; its texts are in `a` or the map's.  False: it is none, or
 * one to be dropped, or `a` is full. */
bool tcs_alertmap_apply(struct tcs_alert_reader *r, const struct tcs_event *ev, struct tcs_arena *a,
                        struct tcs_alert *ret);

/* detect/logs.h - what the records of a run were taken for: how many of which log, in which form,
 * of which host; and those of no known log, which no rule about a log can match. */
#pragma once
#include "detect/batch.h"

struct tcs_logs;

struct tcs_log_count {
    struct tcs_str product, service, channel,
        schema; /* channel empty: it has none, or one of many */
    uint64_t records;
    bool known;
};

struct tcs_host_count {
    struct tcs_str name;
    uint64_t records;
};

/* Records of no known log. */
struct tcs_logs_unknown {
    uint64_t records;
    struct tcs_str path; /* where the first of them is */
    uint64_t offset;
};

struct tcs_logs *tcs_detect_logs_new(void); /* NULL: no memory */
void tcs_detect_logs_free(struct tcs_logs *l);
/* Batches in input order.  False: no memory. */
bool tcs_detect_logs_add(struct tcs_logs *l, const struct tcs_batch *b);

/* Most records first.  *hosts_more: records of hosts beyond those told. */
const struct tcs_log_count *tcs_detect_logs_list(struct tcs_logs *l, uint32_t *n);
const struct tcs_host_count *tcs_detect_logs_hosts(struct tcs_logs *l, uint32_t *n,
                                                   uint64_t *hosts_more);
struct tcs_logs_unknown tcs_detect_logs_unknown(const struct tcs_logs *l);
/* "windows Security, read as evtx"; and a sentence about records of no known log, without its end.
 * Texts of logs are in both. */
void tcs_detect_logs_text(const struct tcs_log_count *l, struct tcs_buf *b);
void tcs_detect_logs_unknown_text(const struct tcs_logs_unknown *u, struct tcs_buf *b);
/* There were records, and none of them is of a known log. */
bool tcs_detect_logs_all_unknown(const struct tcs_logs *l);

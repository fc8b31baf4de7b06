/* report/jsonl.h - findings as lines of JSON in ECS names (tocsin-hunt(1), OUTPUT, is the
 * contract): what an outlet needs for them. */
#pragma once
#include "detect/outlet.h"

/* Of one worker; for struct tcs_outlet.  ctx is not looked at. */
void *tcs_report_jsonl_new(void *ctx, const struct tcs_detector *d);
void tcs_report_jsonl_free(void *writer);
bool tcs_report_jsonl_match(void *writer, const struct tcs_event *ev,
                            const struct tcs_identity *who, const struct tcs_sigma_match *match,
                            bool first, struct tcs_buf *out);
bool tcs_report_jsonl_alert(void *writer, const struct tcs_batch_finding *f, struct tcs_buf *out);

/* A finding of a correlation, when it is told. */
void tcs_report_jsonl_correlated(struct tcs_buf *b, const struct tcs_correlating *c,
                                 const struct tcs_outlet_finding *t);

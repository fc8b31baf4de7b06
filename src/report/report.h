/* report/report.h - one incident as a document.  Pure: incident in, bytes out, the same bytes for
 * the same incident.  Every text is escaped for its format: names come from logs. */
#pragma once
#include "base/buf.h"
#include "chain/incident.h"

struct tcs_report_format {
    const char *name;  /* "html" */
    const char *about; /* one line for --help */
    void (*write)(struct tcs_buf *b, const struct tcs_incident *in);
};

/* html md jsonl navigator timesketch stix; ends with a row without a name. */
extern const struct tcs_report_format tcs_report_formats[];

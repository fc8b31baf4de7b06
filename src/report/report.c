/* report/report.c - the table of formats.  To add one: a file with one function, a row here. */
#include "report/report_int.h"

#include "report/incident_json.h"

const struct tcs_report_format tcs_report_formats[] = {
    {"html", "a page of its own: picture, steps, evidence; prints well", rp_write_html},
    {"md", "Markdown for a ticket", rp_write_md},
    {"jsonl", "the incident as one JSON object on one line", tcs_incident_json},
    {"navigator", "a layer for the ATT&CK Navigator", rp_write_navigator},
    {"timesketch", "CSV for Timesketch", rp_write_timesketch},
    {"stix", "a STIX 2.1 bundle, marked TLP:AMBER", rp_write_stix},
    {0},
};

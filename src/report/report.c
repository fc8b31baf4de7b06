/* report/report.c - the table of formats.  To add one: a file with one function, a row here. */
#include "report/report_int.h"

#include "report/incident_json.h"

const struct tcs_report_format tcs_report_formats[] = {
    {"html", "a page of its own: picture, steps, evidence; prints well", report_write_html},
    {"md", "Markdown for a ticket", report_write_md},
    {"jsonl", "the incident as one JSON object on one line", tcs_report_incident_json},
    {"navigator", "a layer for the ATT&CK Navigator", report_write_navigator},
    {"timesketch", "CSV for Timesketch", report_write_timesketch},
    {"stix", "a STIX 2.1 bundle, marked TLP:AMBER", report_write_stix},
    {0},
};

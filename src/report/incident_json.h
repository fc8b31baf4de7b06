/* report/incident_json.h - the contract for machines: one JSON object a line (docs/man: hunt,
 * "INCIDENTS AS JSON").  ECS field names where ECS has one, the rest under tocsin.incident. */
#pragma once
#include "base/buf.h"
#include "chain/incident.h"

/* One object and a newline; the same bytes for the same incident. */
void tcs_report_incident_json(struct tcs_buf *b, const struct tcs_incident *in);

/* cli/incident_text.h - incidents for people at a terminal. */
#pragma once
#include "chain/incident.h"
#include "cli/term.h"

enum { TCS_INCIDENT_SHORT = 8 }; /* digits of an id that are shown */

/* The whole incident, most urgent first: what it is, what happened in order, why it is one
 * incident, what to do, what comes next, what was not seen, what can be reached, what was left out.
 * `brief`: only the first of each list, and nothing of what was left out. */
void tcs_cli_incident_text(struct tcs_buf *b, const struct tcs_term *t,
                           const struct tcs_incident *in, bool brief);
/* Its entry in a list: three lines at most. */
void tcs_cli_incident_line(struct tcs_buf *b, const struct tcs_term *t,
                           const struct tcs_incident *in);

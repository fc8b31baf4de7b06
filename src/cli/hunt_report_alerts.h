/* cli/hunt_report_alerts.h - alerts of other tools, added up by signature for people. */
#pragma once
#include "cli/term.h"
#include "detect/outlet.h"

struct tcs_cli_alerts;

struct tcs_cli_alerts *tcs_cli_alerts_new(void); /* NULL: no memory */
void tcs_cli_alerts_free(struct tcs_cli_alerts *al);
/* One alert; copies.  0 or -TCS_ENOMEM. */
int tcs_cli_alerts_add(struct tcs_cli_alerts *al, const struct tcs_outlet_finding *t,
                       struct tcs_err *err);
uint64_t tcs_cli_alerts_total(const struct tcs_cli_alerts *al);
/* The part of the report; nothing if there were none. */
void tcs_cli_alerts_text(const struct tcs_cli_alerts *al, const struct tcs_term *term,
                         struct tcs_buf *b);

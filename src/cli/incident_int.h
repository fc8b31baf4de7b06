/* cli/incident_int.h - shared by the two halves of an incident's text only. */
#pragma once
#include "cli/incident_text.h"

unsigned tcs_cli_incident_width(const struct tcs_term *t);
void tcs_cli_incident_heading(struct tcs_buf *b, const struct tcs_term *t, const char *text);
/* Foreign text in lines of at most the width, from column `at` on; further lines begin at `indent`.
 * Ends the line. */
void tcs_cli_incident_wrap(struct tcs_buf *b, const struct tcs_term *t, struct tcs_str text,
                           size_t at, size_t indent);
/* "2026-04-20 10:00:35", or "(no time)". */
void tcs_cli_incident_time(struct tcs_buf *b, int64_t time);
/* "Security.evtx, record 4711"; false and nothing if there is none. */
bool tcs_cli_incident_evidence(struct tcs_buf *b, const struct tcs_evidence *e);
/* "A" for the first stage ...; "-" for none. */
char tcs_cli_incident_letter(uint8_t stage);
/* A line that says how many more there are, if any. */
void tcs_cli_incident_more(struct tcs_buf *b, const struct tcs_term *t, uint64_t n);

/* Everything behind the chain itself (incident_parts.c). */
void tcs_cli_incident_parts(struct tcs_buf *b, const struct tcs_term *t,
                            const struct tcs_incident *in, bool brief);

/* cli/notes_text.h - what was not read, in words. */
#pragma once
#include "cli/term.h"
#include "detect/notes.h"

/* On standard error, for each cause: a line for each of the first, and what is left out counted. */
void tcs_cli_notes_complain(const struct tcs_notes *n);
/* In a report, for each cause of the class: how many and what to do, and the first of them. */
void tcs_cli_notes_put(const struct tcs_term *t, struct tcs_buf *b, const struct tcs_notes *n,
                       enum tcs_class cls);

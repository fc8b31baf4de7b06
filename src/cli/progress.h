/* cli/progress.h - one line on a terminal's standard error: how far, how fast, how long still. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct tcs_progress;

/* Is standard error a terminal? */
bool tcs_cli_progress_possible(void);

/* NULL when standard error is no terminal (or for lack of memory): then there is no progress. */
struct tcs_progress *tcs_cli_progress_new(double now);
void tcs_cli_progress_free(struct tcs_progress *p);
/* `total` 0: not known (standard input).  Times in seconds. */
void tcs_cli_progress_show(struct tcs_progress *p, uint64_t bytes, uint64_t total, uint64_t events,
                           double now);
void tcs_cli_progress_clear(struct tcs_progress *p); /* take the line away; p may be NULL */

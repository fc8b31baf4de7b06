/* process/shared.h - memory that processes have in common.
 *
 * Nameless and without a descriptor, so that nobody can make it shorter under somebody who reads
 * it.  It takes up what was touched, not what was asked for. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Zeroed, in whole pages; all processes made from now on see the same.  NULL: no memory. */
void *tcs_process_shared_new(size_t n);
/* This process is done with it, others are not. */
void tcs_process_shared_leave(void *p, size_t n);
/* This process only looks.  False: the system refused. */
bool tcs_process_shared_readonly(void *p, size_t n);
/* Gives back what pages from `keep` on take up, for everybody; they are zero again. */
void tcs_process_shared_trim(void *p, size_t n, size_t keep);

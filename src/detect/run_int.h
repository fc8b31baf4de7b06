/* detect/run_int.h - what a run keeps, whoever does the work: run.c's threads, or crew.c's
 * processes. */
#pragma once
#include "detect/run.h"

const struct tcs_job *detect_run_job(const struct tcs_run *p);
/* The problems that gathered before this block travel with it. */
void detect_run_before(struct tcs_run *p, struct tcs_batch *b);
/* Counts and puts one batch after the other, in input order, one thread at a time. */
int detect_run_emit(struct tcs_run *p, struct tcs_batch *b, struct tcs_err *err);
void detect_run_interrupted(struct tcs_run *p);
/* Nothing comes any more: what is left of problems counts too. */
void detect_run_end(struct tcs_run *p);

/* detect/crew.h - a job over inputs in processes, none of which has more than it needs.
 *
 *   engine   this process: puts batches, and never looks at a byte of a log
 *   reader   finds, opens and unpacks the inputs and cuts them into blocks; reads below the inputs'
 *            paths, and nothing else
 *   workers  decode and match; no files, nothing but memory
 *
 * new, while there is one thread and no store -> begin -> run -> free.  What comes out is the same
 * as of threads (detect/run.h), whichever of the processes dies when: a block that one died over is
 * tried once more by a new one, then set aside and told; so is the rest of a file that the reader
 * died over. */
#pragma once
#include "detect/run.h"
#include "input/source.h"

struct tcs_crew;
struct tcs_positions;

struct tcs_crew_opts {
    const struct tcs_job *job; /* copied: what its functions look at is as it is now */
    const char *const *paths;  /* "-" is standard input; borrowed */
    size_t npaths;
    const struct tcs_csv_tables *tables; /* to be recognised; NULL: none */
    bool confine;                        /* give up rights (process/sandbox.h) */
};

/* 0 or negative with *err: the system has no memory or processes for it. */
int tcs_detect_crew_new(const struct tcs_crew_opts *opts, struct tcs_crew **ret,
                        struct tcs_err *err);
/* All its processes are gone then. */
void tcs_detect_crew_free(struct tcs_crew *c);
/* What a store knows of files that were read (NULL: everything is read), and files that are not
 * read since this run writes them, whose sentences are the program's own; before begin. */
void tcs_detect_crew_remember(struct tcs_crew *c, struct tcs_positions *p,
                              const struct tcs_input_own *own, size_t nown);
/* The inputs are found, rights are given up, nothing is read.  *unconfined: this kernel does not
 * confine what can be read.  The run is where what is read goes. */
int tcs_detect_crew_begin(struct tcs_crew *c, struct tcs_run *run, struct tcs_stop *stop,
                          bool *unconfined, struct tcs_err *err);
/* As tcs_detect_run; the run's job is the one that the crew was made for. */
int tcs_detect_crew_run(struct tcs_crew *c, struct tcs_err *err);
/* Live until free. */
const struct tcs_inputs_stats *tcs_detect_crew_inputs(const struct tcs_crew *c);

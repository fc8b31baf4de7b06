/* detect/files.h - a job over files and folders, in the order that safety needs: find the
 * inputs, take the signals, give up rights, only then start threads that look at what others
 * wrote. */
#pragma once
#include "detect/crew.h"

struct tcs_files_opts {
    const char *const *paths; /* "-" is standard input */
    size_t npaths;
    const struct tcs_csv_tables *tables;    /* to be recognised; NULL: none */
    const struct tcs_inputs_memory *memory; /* NULL: everything is read; else a store is open too */
    const struct tcs_input_own *own;        /* of struct tcs_inputs_opts */
    size_t nown;
    struct tcs_crew *crew; /* made for the job and these paths, and taken over; NULL: threads */
    struct tcs_positions *positions;           /* what `memory` is for threads, for a crew */
    bool confine;                              /* give up rights (process/sandbox.h) */
    void *ctx;                                 /* of the three below, each of which may be NULL */
    void (*unconfined)(void *ctx);             /* this kernel does not confine what can be read */
    void (*begins)(void *ctx, uint64_t bytes); /* all is ready; so much is to be read */
    void (*tick)(void *ctx, uint64_t bytes_read, uint64_t events); /* about five times a second */
};

struct tcs_files {
    const struct tcs_totals *totals; /* NULL: the inputs could not even be opened */
    const struct tcs_inputs_stats *inputs;
    double seconds; /* of wall clock, without start-up */
    bool ended;     /* the inputs were read to their end, or interrupted */
    struct tcs_crew *crew;
    struct tcs_run *run;
    struct tcs_inputs *in;
    struct tcs_stop stop;
};

/* Begin with *f all zero, end with tcs_detect_files_close.  0, or negative with *err filled: no
 * memory, the sandbox refused, the first failure of the job's put. */
int tcs_detect_files_run(struct tcs_files *f, const struct tcs_files_opts *opts,
                         struct tcs_job *job, struct tcs_err *err);
/* True: a thread is stuck in a read and still uses all of it: nothing may be freed, the process
 * is to end. */
bool tcs_detect_files_close(struct tcs_files *f);

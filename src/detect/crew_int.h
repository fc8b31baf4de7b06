/* detect/crew_int.h - what the processes of a crew have in common: memory and messages.
 *
 * Every message is one struct, and behind it the text that it says is there.  Whoever reads one
 * that cannot be right takes the process behind it for dead. */
#pragma once
#include "detect/crew.h"
#include "detect/positions.h"
#include "process/spawn.h"

#include <stdatomic.h>

#define CREW_READER UINT32_MAX /* what is spawned; else: the worker of this number */
#define CREW_NOBODY UINT32_MAX

enum {
    CREW_DEPTH = 3, /* blocks of each worker: in work, waiting, and being filled */
    CREW_TEXT_MAX = 64 << 10,
    CREW_BLOCK_AT = 4 << 16,   /* where the bytes of a block begin in the memory that it comes in */
    CREW_BLOCK_MAX = 40 << 20, /* no framing makes larger ones (input/frame.c) */
    CREW_IN = CREW_BLOCK_AT + CREW_BLOCK_MAX + TCS_BLOCK_PADDING,
    CREW_OUT = 256 << 20,   /* what a worker makes of a block: bytes of the outlet, and the batch */
    CREW_STOPPING = 4096,   /* a page that tells one worker to stop */
    CREW_IN_KEEP = 2 << 20, /* of both, what stays in memory from block to block */
    CREW_OUT_KEEP = 4 << 20,
    CREW_MEMORY = 512 << 20, /* what a worker may have of its own beside */
};

/* Where a block comes and what is made of it goes: seen by the reader and one worker, and by that
 * worker and the engine. */
struct crew_area {
    uint8_t *in, *out;
};

/* At the beginning of `in`, written by the reader: what a decoder is told of a block.  Behind it
 * the origin's path, then the first row of a table. */
struct crew_block {
    uint64_t at, n, offset, first_record; /* at: behind CREW_BLOCK_AT */
    uint32_t format, path, head;          /* number of the format; lengths of texts */
    struct tcs_origin origin;             /* but for its path */
    struct tcs_position position;         /* `mark` only says whether there is one */
};

/* Where a reader is: how many things it has told since it began with the entry of `place`. */
struct crew_place {
    struct tcs_inputs_place place;
    uint64_t told;
};

enum crew_what {
    /* the engine to the reader */
    CREW_START, /* at `at`: what was told of that entry is not to be told again; text: struct
                   tcs_input_own, one after the other */
    CREW_AREA,  /* `number`: room for a block */
    CREW_KNOWN, /* the answer to CREW_ASK */
    /* the reader to the engine */
    CREW_BEGUN,   /* it has found the inputs, and has given up its rights */
    CREW_FAILED,  /* text: why it cannot go on */
    CREW_ENTRY,   /* text: the path of the file that comes next */
    CREW_ORIGIN,  /* text: path; units and problems speak of the newest one */
    CREW_PROBLEM, /* text: the sentence */
    CREW_ASK,     /* text: path; is the file known? */
    CREW_RESUMED, /* the file of `mark` is read on behind `unit.position.read` bytes */
    CREW_ENDS,    /* the file of `mark` was read to its end */
    CREW_UNIT,    /* `number`: the area that it is in */
    CREW_END,     /* there is no more */
    /* the engine to a worker, and back */
    CREW_DECODE, /* `number`: which of its areas */
    CREW_DONE,
};

struct crew_unit {
    uint64_t n, offset;
    bool decoded; /* else only a position */
    struct tcs_position position;
};

struct crew_msg {
    uint32_t what;
    uint32_t text;                 /* bytes behind the message */
    uint32_t number;               /* area */
    uint32_t mark;                 /* of a file, from 1; 0: none */
    struct crew_place at;          /* of the reader */
    struct tcs_inputs_stats stats; /* the reader's */
    union {
        int code;                   /* FAILED */
        bool unconfined;            /* BEGUN: this kernel does not confine what can be read */
        struct tcs_origin origin;   /* ORIGIN, but for its path */
        struct tcs_problem problem; /* PROBLEM, but for its sentence */
        struct {                    /* ASK */
            uint64_t size;
            int64_t mtime;
        } file;
        struct tcs_known known;   /* KNOWN */
        uint8_t ends[32];         /* ENDS */
        struct crew_unit unit;    /* UNIT, RESUMED */
        struct {                  /* DONE */
            uint64_t out, packed; /* bytes at the beginning of the area, and behind them */
            bool stopped;         /* it was told to stop */
        } done;
    };
};

/* A process's end of a channel. */
bool detect_crew_say(int channel, struct crew_msg *m, struct tcs_str text);
/* The next message; *text is live until the next one.  1: there is none now; -1: there will be no
 * other. */
int detect_crew_hear(int channel, struct crew_msg *m, struct tcs_str *text, char *room);

/* What a crew's processes know of it. */
struct crew_plan {
    struct tcs_crew_opts opts;
    struct tcs_job job;
    unsigned nworkers;
    struct crew_area *areas; /* CREW_DEPTH of each worker, one worker's after the other's */
    atomic_bool **stopping;  /* of each worker, a page */
};

void detect_crew_reader(const struct crew_plan *plan, int channel);
void detect_crew_worker(const struct crew_plan *plan, unsigned nr, int channel);

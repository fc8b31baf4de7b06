/* event/cause.h - why something was not read, or not as it was written: each cause once, with what
 * it means for the result (docs/adr/0029-what-was-not-read.md).
 *
 * Whoever meets a problem names its cause; what follows from it is looked up in the one table. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* What a cause does to the result of a run. */
enum tcs_class {
    TCS_CLASS_LOST,      /* evidence was not read, or cut: told, and in the exit status */
    TCS_CLASS_NOT_A_LOG, /* met while walking, and no log: counted; named by the user: as lost */
    TCS_CLASS_REPAIRED,  /* something was wrong, and every record was read: told */
    TCS_CLASSES,
};

enum tcs_cause {
    /* On the way to the bytes. */
    TCS_CAUSE_UNREADABLE,   /* the system refused, or it is not there */
    TCS_CAUSE_TOO_DEEP,     /* folders within folders */
    TCS_CAUSE_SHRANK,       /* the file became shorter while it was read */
    TCS_CAUSE_LINK_LOOP,    /* a link that leads to itself */
    TCS_CAUSE_LINK_FOLDER,  /* a link to a folder, in a folder */
    TCS_CAUSE_NOT_A_FILE,   /* a pipe, a socket, a device */
    TCS_CAUSE_OWN,          /* what the run itself writes */
    TCS_CAUSE_NO_LOG_IN_IT, /* a path of the user's, and no log in all of it */
    /* What the bytes are. */
    TCS_CAUSE_NO_FORMAT,
    TCS_CAUSE_EMPTY,
    TCS_CAUSE_UTF16,
    TCS_CAUSE_OTHER_KIND,  /* a log or an archive of a kind that is not read */
    TCS_CAUSE_OVERWRITTEN, /* called an event log, and begins like none */
    /* What they are packed in. */
    TCS_CAUSE_LOCKED,
    TCS_CAUSE_PACKING,  /* a way of packing that is not supported */
    TCS_CAUSE_NESTED,   /* archives within archives */
    TCS_CAUSE_ARCHIVE,  /* damaged or cut off */
    TCS_CAUSE_UNPACKED, /* far more comes out than was put in */
    /* Records. */
    TCS_CAUSE_RECORD,       /* damaged, cut off, or not of its format */
    TCS_CAUSE_RECORD_TORN,  /* read, but part of its data is missing */
    TCS_CAUSE_RECORD_LIMIT, /* all or part of it lies beyond a limit (base/limits.h) */
    TCS_CAUSE_CHUNK,        /* no record in it could be told */
    TCS_CAUSE_FILE_CUT,     /* the file ends where more was promised */
    TCS_CAUSE_NO_MEMORY,
    TCS_CAUSE_OTHER_LINES, /* of other programs, among those of a log */
    TCS_CAUSE_DIED,        /* a process that read or decoded it died over it, twice */
    /* Values. */
    TCS_CAUSE_VALUE_CUT,
    TCS_CAUSE_REGEX,
    TCS_CAUSE_RULES, /* a file of rules, not read, or nothing in it */
    /* Wrong, and every record is there all the same. */
    TCS_CAUSE_HEADER,
    TCS_CAUSE_CHECKSUM,
    TCS_CAUSE_UNFINISHED, /* the last line of a log that goes on: the next run reads it */
    TCS_CAUSES,
};

struct tcs_cause_row {
    const char *name; /* one word, for machines */
    uint8_t cls;      /* enum tcs_class */
    /* Behind a number: "1 file that could not be read", "2 files ...". */
    const char *one, *many;
    const char *todo; /* what to do about it; NULL: nothing can be done */
};

const struct tcs_cause_row *tcs_event_cause(enum tcs_cause cause);
/* "lost", "not_a_log", "repaired": for machines. */
const char *tcs_event_class_name(enum tcs_class cls);
/* Does it make the result incomplete?  `named`: it is about a path that the user gave. */
bool tcs_event_cause_counts(enum tcs_cause cause, bool named);

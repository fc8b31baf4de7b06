/* event/cause.c - the one table of causes, and what each does to the result. */
#include "event/cause.h"

#include "base/invariant.h"

#include <stddef.h>

#define NAME_IT "give that path itself"

static const struct tcs_cause_row rows[] = {
    [TCS_CAUSE_UNREADABLE] = {"unreadable", TCS_CLASS_LOST, "input that could not be read",
                              "inputs that could not be read",
                              "check path and rights, or read as somebody who may"},
    [TCS_CAUSE_TOO_DEEP] = {"too_deep", TCS_CLASS_LOST, "folder that lies too deep",
                            "folders that lie too deep", NAME_IT},
    [TCS_CAUSE_SHRANK] = {"shrank", TCS_CLASS_LOST, "file that became shorter while it was read",
                          "files that became shorter while they were read",
                          "copy first what is still written, and read the copy"},
    [TCS_CAUSE_LINK_LOOP] = {"link_loop", TCS_CLASS_NOT_A_LOG, "link that leads to itself",
                             "links that lead to themselves", NULL},
    [TCS_CAUSE_LINK_FOLDER] = {"link_to_folder", TCS_CLASS_NOT_A_LOG,
                               "link to a folder, not entered", "links to folders, not entered",
                               "if nothing else leads there, " NAME_IT},
    [TCS_CAUSE_NOT_A_FILE] = {"not_a_file", TCS_CLASS_NOT_A_LOG, "pipe, socket or device",
                              "pipes, sockets and devices", NULL},
    [TCS_CAUSE_OWN] = {"own", TCS_CLASS_NOT_A_LOG, "file that this run itself writes",
                       "files that this run itself writes", NULL},
    [TCS_CAUSE_NO_LOG_IN_IT] = {"no_log_in_it", TCS_CLASS_NOT_A_LOG, "path with no log in it",
                                "paths with no log in them", "see whether the copy is complete"},
    [TCS_CAUSE_NO_FORMAT] = {"no_format", TCS_CLASS_NOT_A_LOG, "file of no known format",
                             "files of no known format", NULL},
    [TCS_CAUSE_EMPTY] = {"empty", TCS_CLASS_NOT_A_LOG, "empty file", "empty files", NULL},
    [TCS_CAUSE_UTF16] = {"utf16", TCS_CLASS_LOST, "text in UTF-16", "texts in UTF-16",
                         "convert to UTF-8, as with iconv -f UTF-16 -t UTF-8"},
    [TCS_CAUSE_OTHER_KIND] = {"other_kind", TCS_CLASS_LOST,
                              "log or archive of a kind that is not read",
                              "logs or archives of kinds that are not read",
                              "unpack or convert with a tool of its own"},
    [TCS_CAUSE_OVERWRITTEN] = {"overwritten", TCS_CLASS_LOST,
                               "file that is called an event log and holds none",
                               "files that are called event logs and hold none",
                               "look at the file: somebody may have overwritten it"},
    [TCS_CAUSE_LOCKED] = {"locked", TCS_CLASS_LOST, "input behind a password",
                          "inputs behind a password", "unpack with the password first"},
    [TCS_CAUSE_PACKING] = {"packing", TCS_CLASS_LOST, "input packed in a way that is not supported",
                           "inputs packed in ways that are not supported",
                           "unpack with another tool first"},
    [TCS_CAUSE_NESTED] = {"nested", TCS_CLASS_LOST, "archive within too many others",
                          "archives within too many others", "unpack the outer ones first"},
    [TCS_CAUSE_ARCHIVE] = {"archive", TCS_CLASS_LOST, "archive that is damaged or cut off",
                           "archives that are damaged or cut off", "get another copy"},
    [TCS_CAUSE_UNPACKED] = {"unpacked", TCS_CLASS_LOST,
                            "archive out of which comes far more than it can hold",
                            "archives out of which comes far more than they can hold",
                            "look who made it; unpack with another tool, with limits"},
    [TCS_CAUSE_RECORD] = {"record", TCS_CLASS_LOST, "place where records are lost",
                          "places where records are lost", NULL},
    [TCS_CAUSE_RECORD_TORN] = {"record_torn", TCS_CLASS_LOST, "record of which a part is missing",
                               "records of which a part is missing", NULL},
    [TCS_CAUSE_RECORD_LIMIT] = {"record_limit", TCS_CLASS_LOST, "record beyond a limit",
                                "records beyond a limit", NULL},
    [TCS_CAUSE_CHUNK] = {"chunk", TCS_CLASS_LOST, "chunk without a record that can be told",
                         "chunks without a record that can be told",
                         "get another copy, or search this one with --carve"},
    [TCS_CAUSE_FILE_CUT] = {"file_cut", TCS_CLASS_LOST, "log that is cut off",
                            "logs that are cut off", "get another copy"},
    [TCS_CAUSE_NO_MEMORY] = {"no_memory", TCS_CLASS_LOST, "record for which there was no memory",
                             "records for which there was no memory", "read with more memory"},
    [TCS_CAUSE_OTHER_LINES] = {"other_lines", TCS_CLASS_NOT_A_LOG,
                               "block with lines of other programs",
                               "blocks with lines of other programs", NULL},
    [TCS_CAUSE_DIED] = {"died", TCS_CLASS_LOST, "place at which the processes that read it died",
                        "places at which the processes that read them died",
                        "look at it with another tool, and tell the project"},
    [TCS_CAUSE_VALUE_CUT] = {"value_cut", TCS_CLASS_LOST,
                             "record with a value that was matched on its first part only",
                             "records with values that were matched on their first part only",
                             NULL},
    [TCS_CAUSE_REGEX] = {"regex_given_up", TCS_CLASS_LOST,
                         "record on which a regular expression was given up",
                         "records on which a regular expression was given up",
                         "it would have taken too long; read these records"},
    [TCS_CAUSE_RULES] = {"rules", TCS_CLASS_LOST, "path of rules that could not be read",
                         "paths of rules that could not be read", NULL},
    [TCS_CAUSE_HEADER] = {"header", TCS_CLASS_REPAIRED, "damaged header", "damaged headers", NULL},
    [TCS_CAUSE_CHECKSUM] = {"checksum", TCS_CLASS_REPAIRED, "checksum that does not match",
                            "checksums that do not match", NULL},
    [TCS_CAUSE_UNFINISHED] = {"unfinished", TCS_CLASS_REPAIRED, "last line that is not yet whole",
                              "last lines that are not yet whole",
                              "the next hunt with this --state reads it"},
};
TCS_ROW_FOR_EACH(rows, TCS_CAUSES);

static const char *const classes[] = {
    [TCS_CLASS_LOST] = "lost",
    [TCS_CLASS_NOT_A_LOG] = "not_a_log",
    [TCS_CLASS_REPAIRED] = "repaired",
};
TCS_ROW_FOR_EACH(classes, TCS_CLASSES);

const struct tcs_cause_row *
tcs_event_cause(enum tcs_cause cause)
{
    return &rows[cause];
}

const char *
tcs_event_class_name(enum tcs_class cls)
{
    return classes[cls];
}

bool
tcs_event_cause_counts(enum tcs_cause cause, bool named)
{
    return rows[cause].cls == TCS_CLASS_LOST ||
           (rows[cause].cls == TCS_CLASS_NOT_A_LOG && named && cause != TCS_CAUSE_OTHER_LINES);
}

"""tests/lint/folders.py - which folder of src/ may use which, and which library; the one table.

Order is the order of the data's flow (docs/ARCHITECTURE.md).  A new folder gets a row here and a
row in that page."""

MAY_USE = {
    "base": set(),
    "event": {"base"},
    "attack": {"base"},
    "identity": {"base", "event"},
    "process": {"base"},
    "input": {"base", "event"},
    "decode": {"base", "event", "input"},
    "match": {"base", "event"},
    "sigma": {"base", "event", "attack", "match"},
    "alertmap": {"base", "event", "attack", "identity", "match", "sigma"},
    "correlate": {"base", "event", "sigma"},
    "stix": {"base", "attack"},
    "chain": {"base", "event", "attack", "identity"},
    "store": {"base", "event", "attack", "identity", "process", "chain"},
    "detect": {"base", "event", "attack", "identity", "process", "input", "decode", "match", "sigma", "alertmap",
               "correlate", "stix", "chain", "store"},
    "report": {"base", "event", "attack", "identity", "sigma", "alertmap", "correlate", "stix", "chain", "store",
               "detect"},
    "cli": {"base", "event", "attack", "identity", "process", "input", "decode", "match", "sigma", "alertmap",
            "correlate", "stix", "chain", "store", "detect", "report"},
}

# Headers of outside libraries: only these folders include them.
LIBRARIES = {
    "simdjson.h": {"decode"},
    "archive.h": {"input"},
    "archive_entry.h": {"input"},
    "pcre2.h": {"match"},
    "utf8proc.h": {"match"},
    "hs.h": {"match"},
    "libfyaml.h": {"sigma"},
    "sodium.h": {"identity", "sigma", "correlate", "chain", "store", "detect", "report"},
    "sqlite3.h": {"store"},
    "jansson.h": {"stix"},
    "uuid/uuid.h": {"stix"},
    "seccomp.h": {"process"},
    "linux/landlock.h": {"process"},
    "pthread.h": {"input", "decode", "detect", "process"},
}

# Folders that do no I/O, read no clock, never log and never exit.  The others do: input opens files, process
# confines, store is a database, detect reads rules and runs threads, cli speaks to the world.
PURE = {"base", "event", "attack", "identity", "decode", "match", "sigma", "alertmap", "correlate", "stix", "chain",
        "report"}
# Only this folder prints.
PRINTS = {"cli"}
# And it stays thin: what is no command, option, or words for people belongs below it.  In lines, all its files.
CLI_MAX = 6000
# input opens files, but where records begin and end is found by files that only look at bytes.
PURE_FILES = {"src/input/csv_scan.c", "src/input/frame.c", "src/input/json_scan.c", "src/input/kind.c"}

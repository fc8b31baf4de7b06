"""tests/lint/folders.py - which folder of src/ may use which, and which library; the one table.

Order is the order of the data's flow (docs/ARCHITECTURE.md).  A new folder gets a row here and a
row in that page."""

MAY_USE = {
    "base": set(),
    "event": {"base"},
    "input": {"base", "event"},
    "match": {"base", "event"},
    "sigma": {"base", "event", "match"},
    "chain": {"base", "event", "match", "sigma"},
    "stix": {"base", "event", "sigma", "chain"},
    "store": {"base", "event", "sigma", "chain"},
    "report": {"base", "event", "sigma", "chain", "stix"},
    "cli": {"base", "event", "input", "match", "sigma", "chain", "stix", "store", "report"},
}

# Headers of outside libraries: only these folders include them.
LIBRARIES = {
    "simdjson.h": {"input"},
    "archive.h": {"input"},
    "archive_entry.h": {"input"},
    "pcre2.h": {"match"},
    "utf8proc.h": {"match"},
    "hs.h": {"match"},
    "libfyaml.h": {"sigma"},
    "sodium.h": {"sigma", "chain", "store", "stix", "report", "cli"},
    "sqlite3.h": {"store"},
    "jansson.h": {"stix"},
    "uuid/uuid.h": {"stix"},
    "seccomp.h": {"cli"},
    "linux/landlock.h": {"cli"},
    "pthread.h": {"input", "cli"},
}

# What the files of one folder share among themselves need not begin with tcs_, if it begins with one of
# these; no other folder may use it.
SHARED_INSIDE = {"sigma": ("plan_", "scan_", "explain_", "corr_"), "chain": ("chain_",)}

# Folders that do no I/O, read no clock, never log and never exit.  input/ is mixed: the decoders are
# pure, what opens files is not; a decoder is known by how its file's name begins.
PURE = {"base", "event", "match", "sigma", "chain", "report", "stix"}
PURE_INPUT = {"builder", "csv", "cut", "evtx", "json", "names", "record", "shape", "simdjson"}

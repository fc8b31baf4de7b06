#!/usr/bin/env python3
"""tests/lint/banned.py - calls that have no place in the product, none below cli, and none in the pure core."""
# claims: race, no-mmap
import re

import folders
import tree

EVERYWHERE = {
    r"strcpy|strcat|sprintf|vsprintf|gets|stpcpy": "writes without knowing the room",
    r"strtok": "keeps hidden state",
    r"atoi|atol|atof|strtol|strtoul|strtoll|strtoull|strtod|sscanf": "use base/num.h",
    r"realloc|reallocarray": "use base/grow.h",
    r"alloca|system|popen|signal|tmpnam|mktemp": "unsafe",
    r"rand|srand|localtime|gmtime|asctime|ctime|strerror|setlocale": "hidden state or not thread-safe",
}
BELOW_CLI = {
    r"printf|fprintf|vprintf|vfprintf|dprintf|vdprintf|puts|fputs|putchar|fputc|putc|fwrite|perror|syslog":
    "only cli prints",
}
PURE = {
    r"fopen|open|openat|read|pread|write|close|mmap|opendir|stat|fstat": "the core does no I/O",
    r"time|clock_gettime|gettimeofday|clock": "the core reads no clock",
    r"exit|_exit|abort|quick_exit": "the core never exits",
    r"getenv|pthread_create|fork": "the core takes these as parameters",
}
LOGS = {r"mmap|mmap64": "a log that shrinks while it is read would be SIGBUS"}
# base/num.c wraps the number parsers; strerror_r is another name
EXEMPT = {("src/base/num.c", "use base/num.h")}
# base/grow.c is what doubles.  What does not use it: bytes (buf.c, the texts of scan_value.c, a key of
# alertmap.c), and arrays of each group whose room must be a power of two (values.c, numbers.c).
EXEMPT |= {(f"src/{path}", "use base/grow.h") for path in
           ("base/grow.c", "base/buf.c", "sigma/scan_value.c", "alertmap/alertmap.c", "correlate/values.c",
            "correlate/numbers.c")}
# Bytes from outside: in decoders only the cursor touches them.
problems = []


def pure(path):
    return path.split("/")[1] in folders.PURE or path in folders.PURE_FILES


def scan(path, code, table):
    for names, why in table.items():
        if (path, why) in EXEMPT:
            continue
        for m in re.finditer(r"(?<![\w.>])(?<!->)(" + names + r")\s*\(", code):
            line = code.count("\n", 0, m.start()) + 1
            # a definition or a member of ours by that name would start a line or follow a type
            problems.append(f"{path}:{line}: {m.group(1)}(): {why}")


for path in tree.c_sources():
    if not path.startswith("src/"):
        continue
    code = tree.code_only(tree.read(path))
    scan(path, code, EVERYWHERE)
    if path.split("/")[1] not in folders.PRINTS:
        scan(path, code, BELOW_CLI)
    if path.startswith("src/input/"):
        scan(path, code, LOGS)
    if pure(path):
        scan(path, code, PURE)
    for m in re.finditer(r"\b(TODO|FIXME|XXX|HACK)\b", tree.read(path)):
        line = tree.read(path).count("\n", 0, m.start()) + 1
        problems.append(f"{path}:{line}: {m.group(1)}: finish it or write it into an issue")
tree.finish(problems, "banned")

#!/usr/bin/env python3
"""tests/lint/sizes.py - functions of at most 100 lines, files of at most 1,000 (aim: 600); prints
the spread, so that drift shows.  Of the program on top of the libraries (src/cli) at most 6,000
lines, and 400 of a command, which has its options to itself: what more it does belongs into a
library."""
import re

import tree

FUNCTION_MAX, FILE_MAX, FILE_AIM = 100, 1000, 600
COMMAND_MAX, CLI_MAX = 400, 6000
# the return type has its own line, so a function's name starts one
NAME = re.compile(r"^(?:\w+::)*([A-Za-z_]\w*)\(")
problems, lengths, notes, of_cli = [], [], [], 0


def functions(lines):
    """(name, first line, number of lines of the body with its braces)"""
    name = start = None
    for number, line in enumerate(lines, 1):
        m = NAME.match(line)
        if m:
            name = m.group(1)
        elif line == "{":
            start = number
        elif line == "}" and start:
            yield name or "?", start, number - start + 1
            name = start = None


for path in tree.c_sources():
    lines = tree.read(path).split("\n")
    product = path.startswith("src/")
    of_cli += (len(lines) - 1) * path.startswith("src/cli/")
    if path.startswith("src/cli/cmd_") and len(lines) > COMMAND_MAX:
        problems.append(f"{path}: {len(lines)} lines, at most {COMMAND_MAX} for a command")
    if len(lines) > FILE_MAX:
        problems.append(f"{path}: {len(lines)} lines, at most {FILE_MAX}")
    elif len(lines) > FILE_AIM and product:
        notes.append(f"note: {path}: {len(lines)} lines, aim {FILE_AIM}")
    for name, line, length in functions(lines):
        if product:
            lengths.append(length)
        if length > FUNCTION_MAX:
            problems.append(f"{path}:{line}: {name}() has {length} lines, at most {FUNCTION_MAX}")

if of_cli > CLI_MAX:
    problems.append(f"src/cli: {of_cli} lines, at most {CLI_MAX}")
lengths.sort()
if lengths:
    def at(q): return lengths[min(len(lengths) - 1, int(q * len(lengths)))]
    print(f"{len(lengths)} functions: median {at(.5)}, p95 {at(.95)}, p99 {at(.99)}, max {lengths[-1]}")
print("\n".join(notes))
tree.finish(problems, "sizes")

#!/usr/bin/env python3
"""tests/lint/sizes.py - functions of at most 100 lines, files of at most 1,000 (aim: 600), commands of
fewer than 400, all of src/cli within its limit; prints the spread, so that drift shows."""
import re

import folders
import tree

FUNCTION_MAX, FILE_MAX, FILE_AIM, COMMAND_MAX = 100, 1000, 600, 399
# the return type has its own line, so a function's name starts one
NAME = re.compile(r"^(?:\w+::)*([A-Za-z_]\w*)\(")
problems, lengths, notes, cli = [], [], [], 0


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
    count = len(lines) - 1  # behind the last newline is nothing
    cli += count if path.startswith("src/cli/") else 0
    if path.startswith("src/cli/cmd_") and count > COMMAND_MAX:
        problems.append(f"{path}: {count} lines, a command has at most {COMMAND_MAX}")
    if len(lines) > FILE_MAX:
        problems.append(f"{path}: {len(lines)} lines, at most {FILE_MAX}")
    elif len(lines) > FILE_AIM and product:
        notes.append(f"note: {path}: {len(lines)} lines, aim {FILE_AIM}")
    for name, line, length in functions(lines):
        if product:
            lengths.append(length)
        if length > FUNCTION_MAX:
            problems.append(f"{path}:{line}: {name}() has {length} lines, at most {FUNCTION_MAX}")

lengths.sort()
if lengths:
    def at(q): return lengths[min(len(lengths) - 1, int(q * len(lengths)))]
    print(f"{len(lengths)} functions: median {at(.5)}, p95 {at(.95)}, p99 {at(.99)}, max {lengths[-1]}")
if cli > folders.CLI_MAX:
    problems.append(f"src/cli: {cli} lines, at most {folders.CLI_MAX}: what could be below it?")
print("\n".join(notes + [f"src/cli: {cli} lines of {folders.CLI_MAX}"]))
tree.finish(problems, "sizes")

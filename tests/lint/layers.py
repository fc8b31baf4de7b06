#!/usr/bin/env python3
"""tests/lint/layers.py - no #include against the flow, no library outside its folder, no command of cli
that leans on another's parts, and no file name in two folders."""
# claims: map-pure, rule-pure
import os
import re

import folders
import tree

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)
problems = []

# The commands: cmd_rules_list.c is one of `rules`, and hunt_report.h is a part of `hunt`.
COMMANDS = {re.match(r"cmd_([a-z]+)", os.path.basename(p)).group(1) for p in tree.files(".c", under="src/cli/cmd_")}


def check_command(path, line, own):
    mine = re.match(r"src/cli/cmd_([a-z]+)", path)
    other = re.match(r"cli/(cmd_)?([a-z]+)[_.]", own or "")
    if mine and other and (other.group(1) or other.group(2) in COMMANDS - {mine.group(1)}):
        problems.append(f"{path}:{line}: \"{own}\" is of another command")


def check(path, folder, line, own, outside):
    if own:
        other = own.split("/")[0]
        if "/" not in own:
            problems.append(f"{path}:{line}: \"{own}\": write the folder too")
        elif other not in folders.MAY_USE:
            problems.append(f"{path}:{line}: \"{own}\": no such folder in tests/lint/folders.py")
        elif other != folder and other not in folders.MAY_USE[folder]:
            problems.append(f"{path}:{line}: {folder}/ may not use {other}/ (\"{own}\")")
        elif other != folder and own.endswith("_int.h"):
            problems.append(f"{path}:{line}: \"{own}\" is private to {other}/")
    elif folder not in folders.LIBRARIES.get(outside, {folder}):
        problems.append(f"{path}:{line}: <{outside}> belongs in {sorted(folders.LIBRARIES[outside])}")


for path in tree.c_sources():
    parts = path.split("/")
    if parts[0] != "src":
        continue
    if parts[1] not in folders.MAY_USE:
        problems.append(f"{path}: folder {parts[1]} has no row in tests/lint/folders.py")
        continue
    text = tree.read(path)
    for m in INCLUDE.finditer(text):
        line = text.count("\n", 0, m.start(0)) + 1
        check(path, parts[1], line, m.group(1), m.group(2))
        check_command(path, line, m.group(1))

# A unit test links what it tests and nothing that lies after it in the flow.
for path in tree.files("meson.build", under="tests/unit/"):
    area = path.split("/")[2]
    # sources are tested with the formats that they are handed
    folder = {"input": "decode", "logsource": "sigma", "engine": "sigma"}.get(area, area)
    if folder not in folders.MAY_USE or folder == "base":
        continue
    for dep in re.findall(r"\b(\w+)_dep\b", tree.read(path)):
        if dep in folders.MAY_USE and dep != folder and dep not in folders.MAY_USE[folder]:
            problems.append(f"{path}: tests of {folder}/ may not link {dep}_dep")

# Whoever reads "filter.c" in a message must know which.
NAMES = {}
for path in tree.files(".c", ".h", ".cpp", under="src/"):
    NAMES.setdefault(os.path.basename(path), []).append(path)
problems += [f"{' and '.join(paths)}: one name for two files" for paths in NAMES.values() if len(paths) > 1]
tree.finish(problems, "layers")

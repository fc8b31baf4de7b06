#!/usr/bin/env python3
"""tests/lint/heads.py - each source file begins with a comment that names it and says what it does (a
unit test: what it tests); headers guard themselves with #pragma once."""
import re

import tree

problems = []
for path in tree.c_sources():
    text = tree.read(path)
    name = path[4:] if path.startswith("src/") else path
    if path.startswith("tests/unit/"):
        if not re.match(r"/\* .{10,}", text):
            problems.append(f"{path}:1: begin with a comment: what is tested, where the truth is from")
        continue
    m = re.match(r"/\* (\S+) - (.{10,})", text)
    if not m:
        problems.append(f"{path}:1: begin with \"/* {name} - what it does\"")
    elif m.group(1) != name:
        problems.append(f"{path}:1: the head names {m.group(1)}")
    if path.endswith(".h") and "#pragma once" not in text:
        problems.append(f"{path}: no #pragma once")
tree.finish(problems, "heads")

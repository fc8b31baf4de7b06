#!/usr/bin/env python3
"""tests/lint/heads.py - each source file begins with a comment that names it and says what it does (a
unit test: what it tests); headers guard themselves with #pragma once."""
import os
import re

import tree

problems = []
for path in tree.c_sources():
    text = tree.read(path)
    # as an #include would name it: src/ and tests/ are the include folders
    name = path.split("/", 1)[1] if path.startswith(("src/", "tests/")) else path
    if path.startswith("tests/unit/") or os.path.basename(path).startswith("test_"):
        if not re.match(r"/\* .{10,}", text):
            problems.append(f"{path}:1: begin with a comment: what is tested, where the truth is from")
        continue
    m = re.match(r"/\* (\S+) - (.{10,})", text)
    if not m:
        problems.append(f"{path}:1: begin with \"/* {name} - what it does\"")
    elif m.group(1) not in (name, path):
        problems.append(f"{path}:1: the head names {m.group(1)}")
    if path.endswith(".h") and "#pragma once" not in text:
        problems.append(f"{path}: no #pragma once")
tree.finish(problems, "heads")

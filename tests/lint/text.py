#!/usr/bin/env python3
"""tests/lint/text.py - no paths of somebody's machine, no trailing blanks, no tabs in C, a newline at
the end, no comment of C beyond column 100, no file over 1 MiB; and codespell, where it is installed."""
import os
import re
import shutil
import subprocess

import tree

MACHINE = re.compile(r"/(?:wor[k]|far[m]|tmp/w[t]|home/(?!user\b|[a-z]+/\.)[a-z]+)/[\w.-]+")
COMMENT = re.compile(r"\s*\*|.*/\*")
TEXT = (".c", ".h", ".cpp", ".py", ".md", ".scd", ".build", ".txt", ".yml", ".yaml", ".sh", ".bash", ".1")
DELIBERATE = ("tests/unit/", "tests/e2e/", "tests/fuzz/", "rules/", "cases/")  # wrong words are data there
problems = []

everything = tree.files()
for path in everything:
    size = os.path.getsize(os.path.join(tree.TOP, path))
    if size > 1 << 20:
        problems.append(f"{path}: {size} bytes; large data is generated, not stored")

texts = [p for p in everything if not p.startswith("tests/fuzz/corpus/")
         and (p.endswith(TEXT) or p.startswith("script/") or p == ".ci/run")]
for path in texts:
    text = tree.read(path)
    if text and not text.endswith("\n"):
        problems.append(f"{path}: no newline at the end")
    table = False  # laid out by hand: clang-format is off
    fenced = False  # quoted output in documents stays as it was printed
    for number, line in enumerate(text.split("\n"), 1):
        fenced ^= path.endswith(".md") and line.startswith("```")
        if line != line.rstrip() and not fenced:
            problems.append(f"{path}:{number}: blanks at the end of the line")
        if "\t" in line and path.endswith((".c", ".h", ".cpp", ".py")):
            problems.append(f"{path}:{number}: a tab")
        table = "clang-format on" not in line and (table or "clang-format off" in line)
        if len(line) > 100 and not table and path.endswith((".c", ".h", ".cpp")) and COMMENT.match(line):
            problems.append(f"{path}:{number}: a comment beyond column 100")
        if MACHINE.search(line) and not path.startswith(("rules/", "tests/")):
            problems.append(f"{path}:{number}: a path of one machine: {MACHINE.search(line).group(0)}")

if shutil.which("codespell"):
    words = os.path.join(tree.TOP, "tests", "lint", "spelling.txt")
    prose = [p for p in texts if not p.startswith(DELIBERATE) and p != "tests/lint/spelling.txt"]
    run = subprocess.run(["codespell", "-I", words, *prose], cwd=tree.TOP, capture_output=True,
                         check=False)
    problems += [f"spelling: {line}" for line in run.stdout.decode().splitlines()]
else:
    print("note: no codespell here; spelling not checked")
tree.finish(problems, "text")

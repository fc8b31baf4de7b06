#!/usr/bin/env python3
"""tests/lint/shells.py - every shell script parses; scripts are executable and stop at errors."""
import os
import subprocess

import tree

problems = []
for path in tree.files():
    full = os.path.join(tree.TOP, path)
    with open(full, "rb") as f:
        first = f.readline(80)
    bash = first.startswith(b"#!/bin/bash") or path == "script/lib.sh" or path.endswith(".bash")
    if not bash:
        continue
    run = subprocess.run(["bash", "-n", full], capture_output=True, check=False)
    if run.returncode:
        problems.append(f"{path}: {run.stderr.decode().strip()}")
    if first.startswith(b"#!"):
        if not os.access(full, os.X_OK):
            problems.append(f"{path}: not executable")
        text = tree.read(path)
        if "lib.sh" not in text and "set -e" not in text and "exec " not in text:
            problems.append(f"{path}: does not stop at errors (set -euo pipefail)")
tree.finish(problems, "shells")

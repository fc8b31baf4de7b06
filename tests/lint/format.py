#!/usr/bin/env python3
"""tests/lint/format.py - clang-format 14 would change nothing (other versions disagree on details)."""
import shutil
import subprocess
import sys

import tree

tool = shutil.which("clang-format-14")
if not tool:
    print("skipped: no clang-format-14")
    sys.exit(tree.SKIP)
run = subprocess.run([tool, "--dry-run", *tree.c_sources()], cwd=tree.TOP, capture_output=True,
                     check=False)
problems = [line for line in run.stderr.decode().splitlines() if "warning:" in line or "error:" in line]
problems = sorted({p.split(":")[0] + ": run clang-format-14 -i on it" for p in problems})
tree.finish(problems, "format")

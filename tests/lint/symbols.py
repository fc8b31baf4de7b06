#!/usr/bin/env python3
"""tests/lint/symbols.py LIBTCS_X.A... - what each folder's library asks of others at link time
comes from folders that it may use; what it exports begins with tcs_ and the folder's name; and no
library below cli prints.

Includes can be got round by declaring a function by hand; symbols cannot."""
import os
import re
import subprocess
import sys

import folders
import tree


def nm(lib, *flags):
    out = subprocess.run(["nm", "-P", *flags, lib], capture_output=True, check=True).stdout.decode()
    rows = [line.split() for line in out.splitlines()]
    return [(row[0], row[1]) for row in rows if len(row) >= 2 and not row[0].endswith(":")]


PRINTS = {"stdout", "stderr", "printf", "__printf_chk", "vprintf", "__vprintf_chk", "puts", "putchar", "perror"}
defined, wanted, problems = {}, {}, []
for lib in sys.argv[1:]:
    folder = re.fullmatch(r"libtcs_(\w+)\.a", os.path.basename(lib)).group(1)
    own = nm(lib, "--defined-only", "--extern-only")
    defined[folder] = {name for name, _ in own}
    wanted[folder] = {name for name, _ in nm(lib, "--undefined-only")}
    if folder != "cli":
        problems += [f"{folder}: uses {n}: only cli prints" for n in sorted(wanted[folder] & PRINTS)]
    for name, kind in own:
        # W and V: inline functions and tables of C++ headers
        fine = ("tcs_", "_Z", "__", "DW.") + folders.SHARED_INSIDE.get(folder, ())
        if kind in "TDBRC" and not name.startswith(fine):
            problems.append(f"{folder}: exports {name}, which lacks the tcs_ prefix")

for folder, names in wanted.items():
    for other, theirs in defined.items():
        if other != folder and other not in folders.MAY_USE[folder]:
            problems += [f"{folder}: uses {n} of {other}/" for n in sorted(names & theirs)
                         if n.startswith("tcs_")]
        if other != folder:
            problems += [f"{folder}: uses {n}, which is private to {other}/"
                         for n in sorted(names & theirs)
                         if n.startswith(folders.SHARED_INSIDE.get(other, "\0"))]
tree.finish(problems, "symbols")

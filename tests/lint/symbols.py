#!/usr/bin/env python3
"""tests/lint/symbols.py LIBTCS_X.A... - what each folder's library asks of others at link time
comes from folders that it may use; and what it exports says by its name whose it is: it begins with
tcs_<folder>_, or with <folder>_ if it is only for the folder's own files.  So each prefix has one owner,
a folder with all below it.  Inline functions of headers count as exported.

Includes can be got round by declaring a function by hand; symbols cannot."""
import os
import re
import subprocess
import sys

import folders
import tree

INLINE = re.compile(r"^static inline\b[^;{()]*(?:__attribute__\s*\(\(.*?\)\)[^;{()]*)?\b(\w+)\(", re.M)
# C++, and what the compiler makes
NOT_OURS = ("_Z", "__", "DW.")


def nm(lib, *flags):
    out = subprocess.run(["nm", "-P", *flags, lib], capture_output=True, check=True).stdout.decode()
    rows = [line.split() for line in out.splitlines()]
    return [(row[0], row[1]) for row in rows if len(row) >= 2 and not row[0].endswith(":")]


def inside(folder):
    """How names begin that no other folder may use."""
    return folder + "_"


def follows(name, folder):
    return name.startswith((f"tcs_{folder}_", folder + "_") + NOT_OURS)


def inlines():
    """folder -> inline functions of its headers"""
    ret = {}
    for path in tree.files(".h", ".hpp", under="src/"):
        ret.setdefault(path.split("/")[1], set()).update(INLINE.findall(tree.code_only(tree.read(path))))
    return ret


def words():
    """folder -> all words of its sources"""
    ret = {}
    for path in tree.c_sources():
        if path.startswith("src/"):
            ret.setdefault(path.split("/")[1], set()).update(re.findall(r"\w+", tree.code_only(tree.read(path))))
    return ret


def misnamed(exported):
    """Names that do not say whose they are: "folder: name", sorted."""
    for folder in folders.MAY_USE:
        for other in folders.MAY_USE:
            if other != folder and other.startswith(folder + "_"):
                problems.append(f"{other}: its prefix is also one of {folder}")
    return [f"{folder}: {name}" for folder, names in sorted(exported.items()) for name in sorted(names)
            if not follows(name, folder)]


defined, wanted, problems = {}, {}, []
for lib in sys.argv[1:]:
    folder = re.fullmatch(r"libtcs_(\w+)\.a", os.path.basename(lib)).group(1)
    # W and V: inline functions and tables of C++ headers
    defined[folder] = {name for name, kind in nm(lib, "--defined-only", "--extern-only") if kind in "TDBRC"}
    wanted[folder] = {name for name, _ in nm(lib, "--undefined-only")}
inline = inlines()
exported = {folder: names | inline.get(folder, set()) for folder, names in defined.items()}

used = words()
for folder, names in wanted.items():
    for other, theirs in exported.items():
        if other == folder:
            continue
        hidden = {n for n in theirs if n.startswith(inside(other))}
        mine = names & theirs | used[folder] & hidden & inline.get(other, set())
        problems += [f"{folder}: uses {n}, which is private to {other}/" for n in sorted(mine & hidden)]
        if other not in folders.MAY_USE[folder]:
            problems += [f"{folder}: uses {n} of {other}/" for n in sorted(mine - hidden) if n.startswith("tcs_")]

problems += [f"{name} does not begin as its folder says" for name in misnamed(exported)]
print(f"symbols: {sum(map(len, exported.values()))} exported")
tree.finish(problems, "symbols")

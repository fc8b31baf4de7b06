#!/usr/bin/env python3
"""tests/lint/circles.py LIBTCS_X.A... TOCSIN - the files of src/ stand in layers: no more than a few
of them lean on each other in a circle.

The graph: x.c and x.h of one folder are one node, "folder/x".  It has an edge to the node
  - that defines a symbol which x's object asks for (what the compiler made, read by nm), and
  - whose header x.h includes.
What a .c includes makes no edge of its own: if it calls a function or reads a table, the symbol says
so; if it only wants types, it leans on that header and not on the file beside it.  So a header of
types alone, without symbols, is in a circle only if it includes its way back to itself; and x_int.h,
which declares what many files of a folder define, is such a node too, apart from x.c.  What this
cannot see are functions that are handed down as pointers, and that is meant: it is how a lower file
calls a higher one without knowing it.

A strongly connected component is a set of files of which each needs, in some steps, each other: to
read or test one is to have them all.  Up to LARGEST it may be one thing in several files, as a
recursive descent is; a larger one is refused, unless its folder is in KNOWN."""
import glob
import os
import re
import subprocess
import sys

import tree

LARGEST = 3

# Folders whose circles are known and are to be opened; a row goes with its circle.
KNOWN = set()

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def stem(path):
    """src/chain/entity.h, src/chain/entity.c -> chain/entity"""
    return re.sub(r"^src/|[.][a-z]+$", "", path)


def node_of(folder, name):
    """The node of an object, by its name in a folder's archive, or (folder is None) in the folder of
    the program's objects; of generated sources too."""
    name = re.sub(r"^(meson-generated_.*?)?(\.\._)*", "", os.path.basename(name))
    if folder is None:
        folder, name = re.fullmatch(r"src_([^_]+)_(.*)", name).groups()
    name = name.removesuffix(".o")
    inner = name.replace("_", "/", 1)  # of a folder in the folder
    if not os.path.exists(f"{tree.TOP}/src/{folder}/{name}") and os.path.exists(f"{tree.TOP}/src/{folder}/{inner}"):
        name = inner
    return stem(f"{folder}/{name}")


def nm(path):
    """(object's name, symbol, its letter) of an archive or an object."""
    out = subprocess.run(["nm", "-P", "--extern-only", path], capture_output=True, check=True)
    name = path
    for line in out.stdout.decode().splitlines():
        member = re.search(r"\[(.*)\]:$", line)
        row = line.split()
        if member:
            name = member.group(1)
        elif len(row) >= 2 and row[1] not in "wWvV":  # weak: C++ templates, made where they are used
            yield name, row[0], row[1]


def symbols(args):
    """symbol -> node that defines it, and node -> symbols that it asks for.  No source is forgotten:
    a folder that is not handed to this check would pass it."""
    defined, wanted = {}, {}
    for arg in args:
        lib = re.fullmatch(r"libtcs_(\w+)\.a", os.path.basename(arg))
        folder, paths = (lib.group(1), [arg]) if lib else (None, glob.glob(arg + ".p/*.o"))
        for path in paths:
            for name, symbol, letter in nm(path):
                node = node_of(folder, name)
                if letter == "U":
                    wanted.setdefault(node, set()).add(symbol)
                else:
                    defined[symbol] = node
    for path in tree.files(".c", ".cpp", under="src/"):
        if stem(path) not in wanted and stem(path) not in defined.values():
            problems.append(f"{path}: its object is in none of the libraries given to this check")
    return defined, wanted


def graph(args):
    """node -> {node: why}"""
    edges = {stem(path): {} for path in tree.files(".c", ".cpp", ".h", under="src/")}
    defined, wanted = symbols(args)
    for node, names in wanted.items():
        for name in sorted(names & defined.keys()):
            edges.setdefault(node, {}).setdefault(defined[name], name)
    for path in tree.files(".h", under="src/"):
        for header in INCLUDE.findall(tree.read(path)):
            edges[stem(path)].setdefault(stem("src/" + header), f'"{header}"')
    return {node: {to: why for to, why in out.items() if to != node} for node, out in edges.items()}


def components(edges):
    """Tarjan's, without recursion: the sets of nodes that reach each other."""
    number, low, stack, on, found = {}, {}, [], set(), []
    for start in sorted(edges):
        work = [] if start in number else [(start, iter(()))]
        while work:
            node, rest = work.pop()
            if node not in number:
                number[node] = low[node] = len(number)
                stack.append(node)
                on.add(node)
                rest = iter(sorted(edges.get(node, ())))
            for to in rest:
                if to not in number:
                    work += [(node, rest), (to, iter(()))]
                    break
                if to in on:
                    low[node] = min(low[node], number[to])
            else:
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    at = stack.index(node)
                    found.append(sorted(stack[at:]))
                    on.difference_update(stack[at:])
                    del stack[at:]
    return found


def draw(component, edges):
    """One line for each edge inside, so that the one to cut can be chosen."""
    inside = set(component)
    return [f"    {node} -> {to} by {why}" for node in component
            for to, why in sorted(edges[node].items()) if to in inside]


problems, largest = [], {}
edges = graph(sys.argv[1:])
for component in components(edges):
    for folder in {node.split("/")[0] for node in component}:
        if len(component) > len(largest.get(folder, ())):
            largest[folder] = component
    if len(component) > LARGEST and not KNOWN & {node.split("/")[0] for node in component}:
        problems.append("\n".join([f"a circle of {len(component)} files:"] + draw(component, edges)))
for folder in sorted(KNOWN):
    if len(largest.get(folder, ())) <= LARGEST:
        problems.append(f"{folder}: has no circle of more than {LARGEST} files: its row in KNOWN can go")
for folder, component in sorted(largest.items()):
    if len(component) > 1:
        print(f"{folder}: largest circle of {len(component)}: {' '.join(component)}")
biggest = max(largest.values(), key=len, default=[])
print(f"circles: {len(edges)} files, the largest circle has {len(biggest)}")
tree.finish(problems, "circles")

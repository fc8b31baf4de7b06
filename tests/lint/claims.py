#!/usr/bin/env python3
"""tests/lint/claims.py [--table] - what the documents promise is held by tests that name the promise.

tests/claims.txt has the promises and their tests.  A problem is: a row or sentence of the documents' parts below
without a promise in the table, words in the table that stand in no document, a promise whose test does not name
it, a test that names a promise which nobody made, and a number of a table of limits that base/limits.h does not have."""
import re
import sys

import tree

TABLE = "tests/claims.txt"
# Whose every row, item or sentence is a promise: document, heading.
COVERED = [("SECURITY.md", "## What tocsin protects, and from whom"), ("SECURITY.md", "## How it is built"),
           ("README.md", "# tocsin"), ("docs/ARCHITECTURE.md", "## Invariants"),
           ("docs/ARCHITECTURE.md", "## Limits worth knowing")]
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "Ki": 1 << 10, "Mi": 1 << 20, "bytes": 1}
NEXT = 2000  # how far behind a claim's name its test begins
NAMES = re.compile(r"claims?: ([a-z0-9-]+(?:, [a-z0-9-]+)*)")
problems = []


def plain(text):
    return " ".join(text.split())


def read_table():
    """claims: name -> (document, words, tests); limits: [(document, row, constants)]."""
    claims, limits, document, last = {}, [], None, None
    for nr, line in enumerate(tree.read(TABLE).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(": ")
        if line.startswith("== "):
            document = line[3:].strip()
        elif document.startswith("limits "):
            row, _, constants = line.rpartition(": ")
            limits.append((document[7:], row, constants.split()))
        elif line.startswith(" "):
            last[2].extend(line.split())
        elif name in claims or not rest:
            problems.append(f"{TABLE}:{nr}: a name twice, or without words: {name}")
        else:
            claims[name] = last = (document, plain(rest), [])
    return claims, limits


def part(document, heading):
    """The lines under a heading, up to the next one of its level or above."""
    lines, level, inside = [], heading.split()[0], False
    for line in tree.read(document).splitlines():
        if line.startswith("#") and inside and (len(line.split()[0]) <= len(level) or level == "#"):
            break
        if inside:
            lines.append(line)
        inside = inside or line == heading
    return lines


def rows_of(lines):
    """The cells of each row of the tables among the lines, heads left out."""
    rows = [[c.strip() for c in line.strip().strip("|").split(" | ")] for line in lines if line.startswith("|")]
    heads = {i - 1 for i, r in enumerate(rows) if set("".join(r)) <= set("-|")}
    return [r for i, r in enumerate(rows) if i not in heads and i - 1 not in heads]


def clauses(text):
    return [plain(c) for c in re.split(r"(?<=[^.]); |(?<=[a-z`)])\.(?:\s|$)", text) if len(plain(c)) > 3]


def promises(document, heading):
    """What has to be held: clauses of a table's answers, rows of limits, items, sentences."""
    lines = part(document, heading)
    if "Limits" in heading:
        return [r[0] for r in rows_of(lines)]
    if heading.endswith("from whom"):
        return [c for r in rows_of(lines) for c in clauses(r[1].split(" read it before use")[0])]
    text = "\n".join(lines)
    items = [plain(i) for i in re.findall(r"^- (.*?)(?=^- |^$|\Z)", text, re.M | re.S)]
    if items:
        return items
    return [plain(s) + "." for s in re.split(r"\.\s", plain(text) + " ") if s.strip()]


def check_documents(claims):
    texts = {d: plain(tree.read(d)) for d in {c[0] for c in claims.values()}}
    for name, (document, words, tests) in claims.items():
        if words not in texts[document]:
            problems.append(f"{TABLE}: {name}: {document} does not say so any more: {words}")
        if not tests:
            problems.append(f"{TABLE}: {name}: no test")
    for document, heading in COVERED:
        found = promises(document, heading)
        if not found:
            problems.append(f"{document}: nothing under '{heading}'")
        for p in found:
            if not any(d == document and (w in p or p in w) for d, w, _ in claims.values()):
                problems.append(f"{document}: no test is named for: {p}")


def named_in(path):
    """What the file's tests name: claim -> what comes next, for each time."""
    text, names = tree.read(path), {}
    for m in NAMES.finditer(text):
        for n in m[1].split(", "):
            names.setdefault(n, []).append(text[m.end():].split("\n}\n")[0][:NEXT])
    return names


def check_tests(claims):
    places = [p for p in tree.files(".c", ".py", under="tests/") + tree.files(".py", under="bench/")
              if p != "tests/lint/claims.py"]
    named = {p: named_in(p) for p in places}
    for name, (_, _, tests) in claims.items():
        for test in tests:
            path, _, function = test.partition(":")
            if name not in named.get(path, {}):
                problems.append(f"{path}: does not name the claim {name}")
            elif function and not any(re.search(rf"\b{function}\(", t) for t in named[path][name]):
                problems.append(f"{path}: the claim {name} is not named just before {function}")
    for path, names in named.items():
        for name in names:
            if name not in claims or not any(t.partition(":")[0] == path for t in claims[name][2]):
                problems.append(f"{path}: names the claim {name}, which {TABLE} does not say of it")


def constants():
    """Names of base/limits.h with their values."""
    text = re.sub(r"/\*.*?\*/", "", tree.read("src/base/limits.h"), flags=re.S)
    return {n: sum_of(v) for n, v in re.findall(r"(TCS_\w+)\s*=\s*([0-9x<+* ]+)", text)}


def sum_of(expression):
    a, _, b = expression.partition("<<")
    return int(a, 0) << int(b or "0", 0)


def numbers(text):
    """Those of a row; what stands in brackets explains only."""
    text = re.sub(r"\([^)]*\)", "", text)
    return [int(n.replace(",", "")) * UNITS[u] for n, u in
            re.findall(r"(?<![\w^.])(\d[\d,]*)(?: (KiB|MiB|Ki|Mi|bytes)\b)?", text)]


def check_limits(limits):
    values = constants()
    for document, row, names in limits:
        text = tree.read(document)
        cells = [r for r in rows_of(text.splitlines()) if r[0] == row]
        if len(cells) != 1:
            problems.append(f"{TABLE}: {document} has no row of limits '{row}'")
            continue
        of = [values[n.partition("/")[0]] // int(n.partition("/")[2] or 1) for n in names]
        said = numbers(row) if numbers(row) else numbers(cells[0][1])
        if said[:len(of)] != of:
            problems.append(f"{document}: '{row}' says {said}, base/limits.h {of} ({' '.join(names)})")
    listed = {(d, r) for d, r, _ in limits}
    for row in promises("docs/ARCHITECTURE.md", "## Limits worth knowing"):
        if ("docs/ARCHITECTURE.md", row) not in listed:
            problems.append(f"docs/ARCHITECTURE.md: whose constant is it: {row}")


table, rows = read_table()
if sys.argv[1:] == ["--table"]:
    for claim, (where, said, by) in table.items():
        print(f"{where}  {claim}: {said}\n    {' '.join(by)}")
    sys.exit(0)
check_documents(table)
check_tests(table)
check_limits(rows)
tree.finish(problems, "claims")

"""bench/shares.py - the recorded chunks in two kinds: few of their records are findings, or a third are.

How much a hunt costs depends on how many records are findings, since those are decoded whole and written.
So each kind is a file of its own, and the share is measured on the very chunks it is made of."""
import json
import os
import subprocess

import compose

FEW_MAX = 0.02   # of a chunk's records, for the first kind
MANY = 1 / 3     # of all records, for the second


class Kind:
    """Numbers of chunks, and how many of their records are findings."""

    def __init__(self, numbers, records, hits):
        self.numbers = numbers
        self.records = sum(records[i] for i in numbers)
        self.hits = sum(hits[i] for i in numbers)

    @property
    def share(self):
        return self.hits / max(self.records, 1)


def hits_of(hunt, path, count):
    """Of each chunk of the file, how many of its records are findings."""
    done = subprocess.run(hunt + [path], capture_output=True, text=True, check=False)
    found = [set() for _ in range(count)]
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        if entry["tocsin"].get("kind") == "finding" and "log" in entry:
            offset = entry["log"]["offset"]
            found[(offset - compose.FILE_HEADER) // compose.CHUNK].add(offset)
    return [len(f) for f in found]


def records_of(path):
    with open(path, "rb") as f:
        f.seek(compose.FILE_HEADER)
        chunks = iter(lambda: f.read(compose.CHUNK), b"")
        return [compose.records(c) for c in chunks]


def kinds(hunt, path):
    """(few, many) of a file with every distinct chunk once; `hunt` is the command without a path."""
    records = records_of(path)
    hits = hits_of(hunt, path, len(records))
    few = [i for i, n in enumerate(records) if hits[i] <= FEW_MAX * n]
    many, total, found = [], 0, 0
    for i in sorted(range(len(records)), key=lambda i: (-hits[i] / records[i], i)):
        if many and (found + hits[i]) < MANY * (total + records[i]):
            continue
        many.append(i)
        total, found = total + records[i], found + hits[i]
    return Kind(few, records, hits), Kind(sorted(many), records, hits)


def write_numbers(kind, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        f.writelines(f"{i}\n" for i in kind.numbers)
    return path

#!/usr/bin/env python3
"""tests/e2e/test_mutate.py - damaged copies of real files: no crash, and none that takes ten times the
work of the others for its bytes.

Each mutant is a piece of a file of the corpora (TOCSIN_CORPORA; without them, of the encoder's sample) in
which bytes are flipped, blocks cut, repeated, moved, taken from another file or filled with one byte, and
numbers forged.  A folder of them at a time goes through `dump --carve` and `hunt --carve`; where that takes
more than usual, each file alone.  Usual is the median of such pieces while they are whole: of mutants it would
be that of files which nobody can read any more.  A build that does not count steps looks for crashes alone.

MUTANTS and SEED set how many and which; script/mutate sets them.  What fails is kept beside the seed."""
import os
import random
import re
import shutil
import statistics
import struct
import subprocess
import sys
import time
import unittest

import common
from common import RULES, TOCSIN

MUTANTS = int(os.environ.get("MUTANTS", 48))
SEED = int(os.environ.get("SEED", 1))
FOLDER = 16  # mutants of one run
PIECE, SIZE_MAX = 96 << 10, 256 << 10
ONCE = 2_000_000  # steps that a file may take besides: what is set up for its first records
SLOW = 10  # times the usual work for its bytes
LOOK = 0.8  # of the usual work for a folder, most of which cannot be read: one of it may be slow
NAMES = (".evtx", ".json", ".jsonl", ".csv", ".log", ".xml", ".txt")
PARTS = ("evtx-attack-samples", "evtx-parser-samples", "security-datasets", "sigma-regression", "panther-events",
         "loghub", "plaso")
EDGES = (0, 1, 7, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff)


def sources():
    found = []
    for part in PARTS:
        for folder, folders, files in os.walk(os.path.join(os.environ.get("TOCSIN_CORPORA", ""), part)):
            folders.sort()
            found += [os.path.join(folder, f) for f in sorted(files) if f.lower().endswith(NAMES)]
    return [f for f in found if 0 < os.path.getsize(f) < 64 << 20]


def piece(rng, path):
    """Of an EVTX file its header and a chunk or two, else lines."""
    size = os.path.getsize(path)
    with open(path, "rb") as f:
        head = f.read(4096)
        if head[:7] == b"ElfFile":
            f.seek(4096 + 65536 * rng.randrange(max(1, (size - 4096) // 65536)))
            return head + f.read(65536 * rng.choice((1, 1, 2)))
        if size > PIECE:
            f.seek(rng.randrange(size - PIECE))
            f.readline()
            return f.read(rng.randrange(1024, PIECE))
        return head + f.read()


def filled(data):
    """Bytes that say something: most of a small EVTX file is zeros."""
    return len(re.sub(rb"\0{16,}", b"", data)) + 1


def span(rng, data, most=8192):
    at = rng.randrange(len(data)) if data else 0
    return at, min(len(data), at + 1 + int(most ** rng.random()))


def flip(rng, data, other):
    for _ in range(1 << rng.randrange(8)):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def cut(rng, data, other):
    at, end = span(rng, data)
    del data[at:end]


def repeat(rng, data, other):
    at, end = span(rng, data)
    data[at:at] = data[at:end] * (1 << rng.randrange(11))


def move(rng, data, other):
    at, end = span(rng, data)
    block = data[at:end]
    del data[at:end]
    at = rng.randrange(len(data) + 1)
    data[at:at] = block


def splice(rng, data, other):
    at, end = span(rng, data)
    a, b = span(rng, other)
    data[at:end] = other[a:b]


def fill(rng, data, other):
    at, end = span(rng, data)
    data[at:end] = bytes([rng.choice((0, 0, 0x20, 0x22, 0x5b, 0x7b, 0x0a, 0xff, rng.randrange(256)))]) * (end - at)


def forge(rng, data, other):
    """A length, an offset, a count."""
    form = rng.choice(("<H", "<I", "<Q", "B"))
    width = struct.calcsize(form)
    if len(data) > width:
        value = rng.choice(EDGES + (rng.randrange(65536), len(data), len(data) - 1))
        at = rng.randrange(len(data) - width)
        struct.pack_into(form, data, at - at % rng.choice((1, 2, 4)), value & ((1 << 8 * width) - 1))


WAYS = (flip, cut, repeat, move, splice, fill, forge)


def mutant(rng, paths):
    data, other = bytearray(piece(rng, rng.choice(paths))), piece(rng, rng.choice(paths))
    for _ in range(rng.randrange(1, 9)):
        rng.choice(WAYS)(rng, data, other)
        del data[SIZE_MAX:]
    return bytes(data)


class Mutants(common.Case):
    COMMANDS = {"dump": ("dump", "--carve", "--threads", "1"),
                "hunt": ("hunt", "--carve", "--threads", "1", "-f", "jsonl", "--rules", RULES)}

    def work(self, command, path):
        """Steps, 0 if they are not counted; None: it crashed."""
        count = self.path("steps")
        env = dict(self.env, TOCSIN_STEPS=count, UBSAN_OPTIONS="halt_on_error=1:abort_on_error=1",
                   ASAN_OPTIONS="abort_on_error=1:detect_leaks=0")
        try:
            done = subprocess.run([TOCSIN, *self.COMMANDS[command], path], stdin=subprocess.DEVNULL, env=env, timeout=300,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except subprocess.TimeoutExpired:
            return None, b"it did not end in 300 s"
        if done.returncode not in (0, 1, 2, 3):
            return None, done.stderr[-3000:]
        if not os.path.exists(count):
            return 0, b""
        with open(count, "rb") as f:
            n = struct.unpack("Q", f.read(8))[0]
        os.unlink(count)
        return n, b""

    def keep(self, path):
        kept = os.path.join(os.environ.get("KEEP", "/tmp"), f"mutant-{SEED}-{os.path.basename(path)}")
        shutil.copy(path, kept)
        return kept

    def usual_of(self, command, path):
        """What such a file takes."""
        with open(path, "rb") as f:
            data = f.read()
        return self.usual[command, data[:7] == b"ElfFile"] * filled(data)

    def alone(self, command, files):
        """Those of a folder that crash, or take too much."""
        for path in files:
            usual = self.usual_of(command, path)
            work, said = self.work(command, path)
            if work is None:
                self.bad.append(f"{self.keep(path)}: {command} crashes: {said.decode('utf8', 'replace')}")
            elif work - self.start[command] > SLOW * usual + ONCE:
                self.bad.append(f"{self.keep(path)}: {command} takes {work - self.start[command]} for "
                                f"{os.path.getsize(path)} bytes, and {usual:.0f} is usual")

    def run_folder(self, rng, paths, number):
        folder = self.path(f"m{number}")
        os.mkdir(folder)
        for i in range(FOLDER):
            self.write(f"m{number}/{number * FOLDER + i}", mutant(rng, paths))
        files = [os.path.join(folder, f) for f in os.listdir(folder)]
        for command in self.COMMANDS:
            work, _ = self.work(command, folder)
            usual = sum(self.usual_of(command, f) for f in files)
            if work is None or work - self.start[command] > LOOK * usual:
                self.alone(command, files)
        shutil.rmtree(folder)

    def learn(self, rng, paths):
        """What a byte takes, of EVTX and of text."""
        for evtx in (True, False):
            some = [p for p in paths if p.endswith((".evtx",) if evtx else (".json", ".jsonl"))] or paths
            files = [self.write(f"whole/{i}", piece(rng, rng.choice(some))) for i in range(15)]
            for command in self.COMMANDS:
                each = []
                for path in files:
                    with open(path, "rb") as f:
                        size = filled(f.read())
                    each.append((self.work(command, path)[0] - self.start[command]) / size)
                self.usual[command, evtx] = statistics.median(each)

    def test_mutants(self):
        paths = sources() or [self.sample("sample.evtx"), os.path.join(RULES, "..", "README.md")]
        rng = random.Random(SEED)
        self.bad, self.usual, self.start = [], {}, {}
        nothing = self.write("nothing.jsonl", common.event())
        for command in self.COMMANDS:
            self.work(command, nothing)  # the rules' cache is made
            self.start[command] = self.work(command, nothing)[0]
        self.learn(rng, paths)
        began = time.monotonic()
        for number in range((MUTANTS + FOLDER - 1) // FOLDER):
            self.run_folder(rng, paths, number)
            if number % 64 == 63:
                print(f"{(number + 1) * FOLDER} mutants in {time.monotonic() - began:.0f} s, {len(self.bad)} bad; work for a "
                      f"byte is usually {self.usual}", file=sys.stderr, flush=True)
                for line in self.bad[-3:]:
                    print(line, file=sys.stderr, flush=True)
        self.assertEqual(self.bad, [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=2)

"""bench/kept.py - what a store costs: a first hunt with --state, the same again, and one new log; and
what one new line costs over a store of many findings."""
import os
import shutil
import statistics
import tempfile

import kept_world
import measure

TIMES = 5
SIZES = (125000, 250000, 500000)  # findings in the store
LATER = 0.10  # a later hunt with one new line against the first one
PEAK_MIB = 512
LINES = {"end": "behind all", "middle": "a fortnight before", "dull": "no finding"}


class Kept:
    def __init__(self, bench, table):
        self.bench, self.table = bench, table
        self.logs = [os.path.join(bench.corpora, "evtx-attack-samples")]
        self.new = os.path.join(bench.corpora, "sigma-regression")

    def hunt(self, state, paths):
        extra = ["--state", state] if state else []
        return self.bench.hunt(1, paths, extra=extra)[0]

    def one_round(self, folder):
        """Seconds of: no store, first, the same again, one log (a copy of a sample) beside them."""
        state, again = os.path.join(folder, "state"), os.path.join(folder, "new.evtx")
        sample = next(os.path.join(d, n) for d, _, names in sorted(os.walk(self.new))
                      for n in sorted(names) if n.endswith(".evtx"))
        shutil.copy(sample, again)
        return [measure.run_once(self.hunt(s, paths))[1]
                for s, paths in ((None, self.logs), (state, self.logs), (state, self.logs), (state, [again]))]

    def row_kept(self):
        rounds = []
        for _ in range(1 if self.bench.quick else TIMES):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(self.one_round(folder))
        none, first, same, one = (statistics.median(r[i] for r in rounds) for i in range(4))
        for name, got in (("first", first), ("the same again", same), ("one new log", one)):
            self.table.row(f"hunt --state, EVTX samples: {name} (cpu)", f"{got:.3f} s",
                           f"{none:.3f} s without", f"{got / none:.2f}", "", None)

    def later(self, folder, findings):
        """Processor time and peak of the first hunt, and of one for each single line after it."""
        world, state = os.path.join(folder, "world"), os.path.join(folder, "state")
        kept_world.make(world, findings)
        rules = [os.path.join(world, "rules"), os.path.join(kept_world.TOP, "rules")]

        def run(state, path):
            return measure.run_once(self.bench.hunt(1, [os.path.join(world, path)], rules,
                                                    ["--state", state])[0])
        got = {"first": run(state, "logs")}
        for line in LINES:
            copy = os.path.join(folder, line)
            shutil.copytree(state, copy)
            got[line] = run(copy, line + ".jsonl")
        return got

    def row_later(self):
        for size in SIZES[:1] if self.bench.quick else SIZES:
            with tempfile.TemporaryDirectory() as folder:
                got = self.later(folder, size)
            first = got.pop("first")
            for line, one in got.items():
                ratio, peak = one[1] / first[1], one[2] / 1024
                self.table.row(f"one line later, {size:,} findings: {LINES[line]}", f"{one[1]:.2f} s cpu",
                               f"{first[1]:.2f} s first", f"{ratio:.3f}; {peak:.0f} MiB",
                               f"<= {LATER}", ratio <= LATER and peak <= PEAK_MIB)

    def rows(self):
        return (("state", self.row_kept), ("one line later", self.row_later))

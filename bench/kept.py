"""bench/kept.py - what a store costs: a first hunt with --state, the same again, and one new log."""
import os
import shutil
import statistics
import tempfile

import measure

TIMES = 5


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

    def rows(self):
        return (("state", self.row_kept),)

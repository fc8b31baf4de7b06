#!/usr/bin/env python3
"""bench/bench.py [--quick] [--runs N] [--only WORD] - the table of script/bench.

Every row compares medians of wall time over several runs, warm cache, output thrown away; beside the
ratio of wall times stands that of processor times.  Exit status 1 if a goal was missed or a row could
not be measured; --quick reads an eighth of the data."""
# claim: keeps-up
import argparse
import json
import os
import subprocess
import sys
import tempfile

import data
import incidents
import kept
import measure
import shares

TOCSIN = os.path.join(data.TOP, "build", "tocsin")
SIMDJSON = os.path.join(data.TOP, "build", "bench", "simdjson_parse")
PLAIN = os.path.join(data.TOP, "build", "bench", "plain_hunt")
FORMATS = {
    "jsonl": ["-o", "jsonl"],
    "json": ["-o", "json", "--no-indent", "--dont-show-record-number"],
    "xml": ["-o", "xml", "--no-indent", "--dont-show-record-number"],
}
PEER_ROWS = ("same work", "hunt EVTX against evtx_dump", "dump against evtx_dump",
             "shares of findings against evtx_dump")
WIDTHS = (56, 19, 19, 16, 9)


class Table:
    """Rows printed as they are measured."""

    def __init__(self):
        self.missed, self.unmeasured = [], []
        self.line("measure", "tocsin", "against", "ratio (cpu)", "goal", "")
        print("-" * 129)

    @staticmethod
    def line(*cells):
        print("  ".join(str(c).ljust(w) for c, w in zip(cells, WIDTHS + (8,))).rstrip(), flush=True)

    def row(self, name, ours, theirs, ratio, goal, met):
        """met: True, False, or None where the issue sets no goal."""
        self.line(name, ours, theirs, ratio, goal, {True: "met", False: "MISSED", None: ""}[met])
        if met is False:
            self.missed.append(name)

    def skip(self, name, why):
        self.line(name, "not measured: " + why)
        self.unmeasured.append(name)


def lines(command):
    """How many lines a command prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.count(b"\n")


def seconds(s):
    return f"{s.wall:.3f} s"


def ratio(a, b):
    return f"{a.wall / b.wall:.2f} ({a.cpu / max(b.cpu, 1e-9):.2f})"


class Bench:
    def __init__(self, opts, corpora):
        self.runs, self.quick, self.corpora = opts.runs, opts.quick, corpora
        files = 1 if opts.quick else 8
        self.evtx = data.compose(corpora, "evtx", files, 128)
        self.dense = data.compose(corpora, "dense", 1, 128, "--dense")
        self.small = data.compose(corpora, "small", 1, 100e6 / (1 << 20))
        self.whole = data.compose(corpora, "each-once", 1, 0, "--each-once", "--dense")[0]
        self.json = data.unpack_json(corpora)[::8 if opts.quick else 1]
        self.rules = data.rule_sets(corpora)
        wanted = any(not opts.only or opts.only in row for row in PEER_ROWS)
        self.peers = data.peers() if wanted else {}
        self.table = None
        self.best = {}

    # -- commands

    def hunt(self, threads, paths, rules=None, extra=()):
        args = [TOCSIN, "hunt", "--threads", str(threads), "--format", "jsonl", *extra]
        for r in rules or self.rules:
            args += ["--rules", r]
        return [args + list(paths)]

    def dump(self, threads, paths):
        return [[TOCSIN, "dump", "--threads", str(threads), *paths]]

    def peer(self, threads, paths, form=None):
        version, best = self.best[threads]
        return [[self.peers[version], "-t", str(threads), *FORMATS[form or best], p] for p in paths]

    def choose_peer(self):
        """The fastest version and format for each number of threads, by measuring one file."""
        for threads in (1, 2):
            contenders = {(v, f): [[exe, "-t", str(threads), *flags, self.dense[0]]]
                          for v, exe in self.peers.items() for f, flags in FORMATS.items()}
            got = measure.side_by_side(contenders, max(3, self.runs))
            self.best[threads] = min(got, key=lambda k: got[k].wall)
            data.say(f"peer, {threads} thread(s): " + ", ".join(
                f"{v} {f} {s.wall:.3f} s" for (v, f), s in got.items()))

    # -- rows

    def row_same_work(self):
        """A program that skips its work is fast: as many events out as the peer prints, and findings."""
        path = self.small[0]
        ours = lines(self.dump(2, [path])[0])
        theirs = lines([next(iter(self.peers.values())), "-o", "jsonl", path]) if self.peers else ours
        found = lines(self.hunt(2, [path])[0]) - 1  # without the summary
        self.table.row("same work: events of the 100 MB file; findings", f"{ours}; {found}", theirs, "",
                       "equal; some", ours == theirs and ours > 0 and found > 0)

    def shared_out(self):
        """(what the records are, files, goal) for the two kinds of bench/shares.py."""
        few, many = shares.kinds(self.hunt(2, [], extra=["--no-incidents"])[0], self.whole)
        for name, kind, goal in (("few", few, 0.9), ("many", many, 1.5)):
            numbers = shares.write_numbers(kind, os.path.join(data.OUT, "data", name + ".chunks"))
            files = data.compose(self.corpora, name, 1, 32 if self.quick else 256, "--dense",
                                 "--chunks", numbers)
            yield f"EVTX, {kind.share:.1%} of {kind.records} records findings", files, goal

    def row_shares(self):
        for name, files, goal in self.shared_out():
            for threads in (1, 2):
                got = measure.side_by_side({"t": self.hunt(threads, files),
                                            "p": self.peer(threads, files)}, self.runs)
                r = got["t"].cpu / got["p"].cpu
                self.table.row(f"{name}, {threads} thread" + "s" * (threads > 1), seconds(got["t"]),
                               f"{seconds(got['p'])} {' '.join(self.best[threads])}",
                               ratio(got["t"], got["p"]), f"cpu <= {goal:.2f}", r <= goal)

    def row_hunt(self):
        for threads in (1, 2):
            for name, files in (("EVTX", self.evtx), ("EVTX, full chunks", self.dense)):
                title = f"hunt {name}, all rules, {threads} thread" + "s" * (threads > 1)
                got = measure.side_by_side({"t": self.hunt(threads, files),
                                            "p": self.peer(threads, files)}, self.runs)
                form = " ".join(self.best[threads])
                self.table.row(title, seconds(got["t"]), f"{seconds(got['p'])} {form}",
                               ratio(got["t"], got["p"]), "<= 1.00" if files is self.evtx else "",
                               got["t"].wall <= got["p"].wall if files is self.evtx else None)

    def row_dump(self):
        for threads in (1, 2):
            got = measure.side_by_side({"t": self.dump(threads, self.evtx),
                                        "p": self.peer(threads, self.evtx, "jsonl")}, self.runs)
            self.table.row(f"dump against evtx_dump -o jsonl, {threads} thread" + "s" * (threads > 1),
                           seconds(got["t"]), seconds(got["p"]), ratio(got["t"], got["p"]),
                           "<= 0.80", got["t"].wall <= 0.8 * got["p"].wall)

    def row_scaling(self):
        for name, one, two in (("hunt", self.hunt(1, self.evtx), self.hunt(2, self.evtx)),
                               ("dump", self.dump(1, self.evtx), self.dump(2, self.evtx))):
            got = measure.side_by_side({"1": one, "2": two}, self.runs)
            faster = got["1"].wall / got["2"].wall
            self.table.row(f"{name}: two threads against one", seconds(got["2"]), seconds(got["1"]),
                           f"{faster:.2f} x", ">= 1.8 x" if name == "hunt" else "",
                           faster >= 1.8 if name == "hunt" else None)

    def row_doubled(self):
        both = self.rules + [data.doubled_rules(self.corpora)]
        got = measure.side_by_side({"2": self.hunt(1, self.evtx, both), "1": self.hunt(1, self.evtx)},
                                   self.runs)
        self.table.row("all rules twice against once, 1 thread", seconds(got["2"]), seconds(got["1"]),
                       ratio(got["2"], got["1"]), "<= 1.15", got["2"].wall <= 1.15 * got["1"].wall)

    def row_plain(self):
        tiny = data.compose(self.corpora, "tiny", 1, 2 if self.quick else 6)
        plain = [PLAIN, *self.rules, "--", tiny[0]]
        done = subprocess.run(plain, capture_output=True, text=True, check=False)
        theirs = int(done.stdout.split()[-2]) if done.returncode == 0 else -1
        ours = lines(self.hunt(1, tiny, extra=["--no-incidents"])[0]) - 1
        got = measure.Sample([measure.run_once(plain)])
        fast = measure.side_by_side({"t": self.hunt(1, tiny)}, self.runs)["t"]
        size = os.path.getsize(tiny[0]) / 1e6
        self.table.row(f"fast engine against the plain matcher, {size:.0f} MB", seconds(fast),
                       seconds(got), f"1/{got.wall / fast.wall:.0f}", "", None)
        self.table.row("    findings of both", ours, theirs, "", "equal", ours == theirs)

    def row_json(self):
        got = measure.side_by_side({"t": self.hunt(1, self.json), "p": [[SIMDJSON, *self.json]]},
                                   self.runs)
        self.table.row("hunt JSON, all rules, against simdjson parsing", seconds(got["t"]),
                       seconds(got["p"]), ratio(got["t"], got["p"]), "<= 3.00",
                       got["t"].wall <= 3 * got["p"].wall)

    def row_memory(self):
        size = os.path.getsize(self.evtx[0])
        many = (self.evtx * 80)[:(1 if self.quick else 10) * 10**9 // size + 1]
        for name, files in (("100 MB", self.small), (f"{len(many) * size / 1e9:.0f} GB", many)):
            peak = measure.run_all(self.hunt(2, files))[2] / 1024
            self.table.row(f"peak memory, all rules, {name} of EVTX, 2 threads", f"{peak:.0f} MiB", "",
                           "", "< 256 MiB", peak < 256)

    def row_start(self):
        with tempfile.TemporaryDirectory() as tmp:
            empty = os.path.join(tmp, "empty.jsonl")
            with open(empty, "w", encoding="utf-8") as f:
                f.write("{}\n")
            got = measure.side_by_side({"cold": self.hunt(2, [empty], extra=["--no-cache"]),
                                        "warm": self.hunt(2, [empty])}, self.runs)
        self.table.row("start-up, all rules, no cache", seconds(got["cold"]), "", "", "< 2 s",
                       got["cold"].wall < 2)
        self.table.row("start-up, all rules, from the cache", seconds(got["warm"]), "", "", "< 0.2 s",
                       got["warm"].wall < 0.2)

    def measure_all(self, only):
        if self.peers:
            self.choose_peer()
        self.table = Table()
        rows = ((PEER_ROWS[0], self.row_same_work, False), (PEER_ROWS[1], self.row_hunt, True),
                (PEER_ROWS[2], self.row_dump, True), (PEER_ROWS[3], self.row_shares, True),
                ("scaling", self.row_scaling, False), ("doubled rules", self.row_doubled, False),
                ("plain", self.row_plain, False), ("json", self.row_json, False),
                ("memory", self.row_memory, False), ("start-up", self.row_start, False))
        joined = incidents.Incidents(self, self.table)
        kept_rows = kept.Kept(self, self.table).rows()
        rows += tuple((name, row, False) for name, row in (*kept_rows, *joined.rows()))
        for name, row, needs_peer in rows:
            if only and only not in name:
                continue
            if needs_peer and not self.peers:
                self.table.skip(name, "no evtx_dump")
                continue
            try:
                row()
            except measure.Failed as failure:
                self.table.skip(name, str(failure))
        return self.table


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "?")
    load = os.getloadavg()
    return f"{model}, {os.cpu_count()} cores, load {load[0]:.1f}"


def loaded_rules(bench):
    """What the last line of a hunt says about the rule sets."""
    done = subprocess.run(bench.hunt(1, bench.small)[0], capture_output=True, text=True, check=False)
    rules = json.loads(done.stdout.splitlines()[-1])["tocsin"]["rules"]
    reasons = ", ".join(f"{n} {why}" for why, n in rules["refused_by_reason"].items())
    return f"{rules['loaded']} loaded, {rules['refused']} refused ({reasons})"


def main():
    p = argparse.ArgumentParser(description="the speed and memory table")
    p.add_argument("--quick", action="store_true", help="an eighth of the data, 3 runs")
    p.add_argument("--runs", type=int, help="runs of each command (default 5)")
    p.add_argument("--only", help="only the rows whose name has this in it")
    opts = p.parse_args()
    opts.runs = opts.runs or (3 if opts.quick else 5)
    corpora = os.environ.get("TOCSIN_CORPORA")
    if not corpora:
        sys.exit("no corpora: set TOCSIN_CORPORA to the folder that holds evtx-attack-samples, "
                 "security-datasets and sigma")
    bench = Bench(opts, corpora)
    print(f"machine: {machine()}; medians of {opts.runs} runs", flush=True)
    print(f"rules:   {loaded_rules(bench)}\n")
    table = bench.measure_all(opts.only)
    print(f"\nload at the end: {os.getloadavg()[0]:.1f}; "
          f"{len(table.missed)} goals missed, {len(table.unmeasured)} rows not measured")
    sys.exit(1 if table.missed or table.unmeasured else 0)


if __name__ == "__main__":
    main()

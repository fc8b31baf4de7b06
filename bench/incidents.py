"""bench/incidents.py - the section "incidents" of script/bench: what joining findings costs, in time and in
memory, and how well it joins them.  Below each row stands a command that shows the same by hand."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import data
import measure

BUILD = os.path.join(data.TOP, "build")
CHAIN = os.path.join(BUILD, "bench", "chain_bench")
CORRELATE = os.path.join(BUILD, "bench", "correlate_bench")
SCORE = os.path.join(data.TOP, "tests", "score")
ALERT_MAP = os.path.join(data.TOP, "tests", "data", "ait-alerts.yaml")
SCENARIO = "wheeler_alerts.csv.gz"  # the largest of the AIT set: 616,161 alerts in five days
OWN_RULES = os.path.join(data.TOP, "rules")
STEP_US = 2  # median of a finding's step
PER_SECOND = 250000  # matches through the correlations, the slowest kind
COST = 1.15  # a hunt with incidents against one without
PEAK_MIB = 256


def shown(command):
    """As one would type it in the project's folder."""
    corpora = os.environ.get("TOCSIN_CORPORA", "")
    words = ["python3" if w == sys.executable else
             w.replace(data.TOP + os.sep, "").replace(corpora, "$TOCSIN_CORPORA") for w in command]
    return " ".join(w if "$" in w else shlex.quote(w) for w in words)


def output(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise measure.Failed(f"status {done.returncode}: {shown(command)}")
    return done.stdout.splitlines()


def instructions(command):
    """Instructions in user mode of a hunt: of the processor's counter, or counted by valgrind, which takes
    fifty times as long: so of the first file only."""
    perf = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", *command], text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False) \
        if shutil.which("perf") else None
    found = re.search(r"^(\d+),,instructions:u", perf.stderr, re.M) if perf else None
    if found:
        return int(found.group(1))
    if not shutil.which("valgrind"):
        return None
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run([*tool, *command, "--no-sandbox"], text=True, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found.group(1)) if found else None


class Incidents:
    def __init__(self, bench, table):
        self.bench, self.table, self.quick = bench, table, bench.quick
        self.corpora = bench.corpora

    def row(self, name, ours, theirs, ratio, goal, met, command):
        self.table.row(name, ours, theirs, ratio, goal, met)
        print("    $ " + shown(command), flush=True)

    def scenario(self):
        path = os.path.join(self.corpora, "ait-alerts", SCENARIO)
        if not os.path.exists(path):
            raise measure.Failed("no ait-alerts/" + SCENARIO)
        return path

    def row_step(self):
        made_up = [CHAIN, "100000" if self.quick else "600000"]
        for name, command in (("made-up enterprise", made_up),
                              ("AIT scenario", [CHAIN, "--alert-map", ALERT_MAP, self.scenario()])):
            got = [json.loads(output(command)[-1]) for _ in range(self.bench.runs)]
            got.sort(key=lambda g: g["step_median_us"])
            mid = got[len(got) // 2]
            self.row(f"step per finding, {name}", f"{mid['step_median_us']:.2f} us median",
                     f"p99 {mid['step_p99_us']:.2f} us", f"{mid['detections']} findings",
                     f"<= {STEP_US} us", mid["step_median_us"] <= STEP_US and not mid["dropped"],
                     command)

    def row_scenario_memory(self):
        hunt = [os.path.join(BUILD, "tocsin"), "hunt", "--format", "jsonl", "--alert-map", ALERT_MAP]
        with_them = hunt + [self.scenario()]
        peak = measure.run_once(with_them)[2] / 1024
        without = measure.run_once(hunt + ["--no-incidents", self.scenario()])[2] / 1024
        self.row("peak memory, AIT scenario", f"{peak:.0f} MiB", f"{without:.0f} MiB without",
                 f"{peak / without:.2f}", f"< {PEAK_MIB} MiB", peak < PEAK_MIB, with_them)

    def row_correlate(self):
        command = [CORRELATE, "400000" if self.quick else "2000000"]
        rates = {}
        for line in output(command):
            found = re.match(r"(.*\S) +(\d+) matches/s", line)
            rates[found.group(1)] = int(found.group(2))
        kind = min(rates, key=rates.get)
        self.row("correlating, 100,000 keys, one window", f"{rates[kind]} matches/s", kind, "",
                 f">= {PER_SECOND}/s", rates[kind] >= PER_SECOND, command)

    def row_cost(self):
        samples = [os.path.join(self.corpora, s) for s in ("evtx-attack-samples", "evtx-parser-samples")]
        rules = self.bench.rules + [OWN_RULES]
        times = 4 * self.bench.runs  # the difference is small beside that of two runs of the same
        for name, files in (("EVTX samples", samples), ("composed EVTX", self.bench.evtx)):
            with_them = self.bench.hunt(1, files, rules)[0]
            without = self.bench.hunt(1, files, rules, ["--no-incidents"])[0]
            pairs = measure.pairs(with_them, without, times)
            mine, theirs = (instructions(c[:len(c) - len(files) + 1]) for c in (with_them, without))
            counted = f"; {mine / theirs:.2f} instr" if mine and theirs else ""
            self.row(f"hunt {name}, incidents or not", f"{pairs.a.wall:.3f} s", f"{pairs.b.wall:.3f} s",
                     f"{pairs.wall:.2f} ({pairs.cpu:.2f}{counted})", f"<= {COST}", pairs.wall <= COST,
                     with_them)

    def row_ait(self):
        command = [sys.executable, os.path.join(SCORE, "ait.py")]
        mark = json.loads(output(command)[-1])
        self.row("AIT: attacks found", f"{mark['found']} of {mark['truths']}",
                 f"{mark['found_warn']} warned of", "", "all", mark["found"] == mark["truths"], command)
        self.row("AIT: false incidents a day", mark["false_per_day"], f"{mark['incidents']} incidents", "",
                 "<= 0.5", mark["false_per_day"] <= 0.5, command)
        self.row("AIT: incidents that hold both attacks", mark["overmerged"],
                 f"B-cubed P {mark['bcubed_p']:.2f} R {mark['bcubed_r']:.2f}", "", "0",
                 mark["overmerged"] == 0, command)

    def row_recorded(self):
        command = [sys.executable, os.path.join(SCORE, "recorded.py"), "--json", "--report-only",
                   "--tocsin", os.path.join(BUILD, "tocsin")]
        if self.quick:
            command += ["--only", "LSASS,synthetic,admin"]
        marks = [m for m in map(json.loads, output(command)) if "mark" in m]
        for text in dict.fromkeys(m["mark"] for m in marks):
            of_it = [m for m in marks if m["mark"] == text]
            missed = [f"{m['set']} ({m['rules']})" for m in of_it if not m["met"]]
            self.table.row("recorded: " + text, f"{len(of_it) - len(missed)} of {len(of_it)}",
                           missed[0] if missed else "", "", "all", not missed)
        print("    $ " + shown(command), flush=True)

    def rows(self):
        return (("incidents: step", self.row_step), ("incidents: memory", self.row_scenario_memory),
                ("incidents: correlating", self.row_correlate), ("incidents: cost", self.row_cost),
                ("incidents: AIT", self.row_ait), ("incidents: recorded", self.row_recorded))

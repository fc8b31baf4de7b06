#!/usr/bin/env python3
"""tests/e2e/test_flood.py - the incident of the bundled case beside forged logs: it is told as if they were not
there, and the report says first what of them it could not hold.  script/flood-test does it with millions.

FLOOD records in all (default 200,000) of each of KINDS, on each number of THREADS; with MEMORY, peaks are told,
and must not be above that many MiB."""
import json
import os
import shutil
import subprocess

import common
import flood
from common import CASE, TOCSIN

FLOOD = int(os.environ.get("FLOOD", "200000"))
KINDS = os.environ.get("KINDS", "hosts-accounts logons").split()
THREADS = os.environ.get("THREADS", "2").split()
MEMORY = int(os.environ.get("MEMORY", "0"))
CUT = ("hosts-accounts", "logons")  # kinds of which so many do not fit
NAMES = ("A-forged.json.gz", "F-forged.json.gz", "Z-forged.json.gz")  # before, between and after the true ones


def incidents(out):
    """The incidents and the summary.  Line by line: the peak of a process is never below what this one had."""
    found, last = [], None
    for line in out:
        last = line
        if b'"kind":"incident"' in line:
            found.append(json.loads(line)["tocsin"]["incident"])
    return found, json.loads(last)["tocsin"]


class Flood(common.Case):
    def case(self):
        folder = self.path("logs")
        os.mkdir(folder)
        for name in os.listdir(CASE):
            if name.endswith(".evtx"):
                shutil.copy(os.path.join(CASE, name), folder)
        return folder

    def hunt(self, folder, threads, *more):
        """What it says; the peak of its memory is in self.peak, in MiB."""
        out = open(self.path("out"), "w+b")
        self.addCleanup(out.close)
        with open(self.path("err"), "w+b") as err:
            p = subprocess.Popen([TOCSIN, "hunt", "-q", "-j", threads, *more, folder], env=self.env, stdout=out,
                                 stderr=err)
            _, status, used = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
            self.peak = used.ru_maxrss // 1024
            err.seek(0)
            self.assertIn(p.returncode, (2, 3), err.read().decode("utf-8", "replace"))
        out.seek(0)
        return out

    def forge(self, folder, kind):
        part = FLOOD // len(NAMES)
        if kind == "large":
            part = min(part, 20)
        for k, name in enumerate(NAMES):
            flood.write(os.path.join(folder, name), kind, part, k * part)
        return part * len(NAMES)

    def same(self, want, got):
        """The records, who and how far; weights may be others, as a rule is less new that fired elsewhere before."""
        for key in ("id", "state", "stages", "accounts", "first", "last", "detections"):
            self.assertEqual(got[key], want[key], key)
        links = [[(x["rule"], x["host"], x.get("account"), x["time"], x["count"]) for x in i["chain"]]
                 for i in (want, got)]
        self.assertEqual(*links)

    def test_flood(self):
        folder = self.case()
        want, _ = incidents(self.hunt(folder, "1", "-f", "jsonl"))
        self.assertEqual(len(want), 1)
        for kind in KINDS:
            n = self.forge(folder, kind)
            for threads in THREADS:
                got, summary = incidents(self.hunt(folder, threads, "-f", "jsonl"))
                print(f"{kind:14} {n:9,} records {threads:>2} threads {self.peak:5} MiB", flush=True)
                if MEMORY:
                    self.assertLessEqual(self.peak, MEMORY, kind)
                self.same(want[0], next(x for x in got if x["id"] == want[0]["id"]))
                said = summary["incidents"]
                self.assertLessEqual({os.path.basename(x["path"]) for x in said["left_out"]}, set(NAMES))
                self.assertGreater(sum(x["grave"] + x["observations"] for x in said["left_out"]),
                                   0 if kind in CUT else -1, kind)
            if said["grave_dropped"]:
                self.assertTrue(self.hunt(folder, "2").readline().startswith(b"Grave findings are missing"))


if __name__ == "__main__":
    common.main()

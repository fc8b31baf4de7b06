#!/usr/bin/env python3
"""tests/e2e/test_dump.py - the events themselves."""
import json

import common
from common import CASE, event


class Dump(common.Case):
    def test_shape(self):
        for line in self.run_tocsin("dump", CASE, status=0).stdout.splitlines():
            system = json.loads(line)["Event"]["System"]
            self.assertIsInstance(system["EventID"], (int, dict))
            self.assertIn("Computer", system)

    def test_same_bytes_for_any_number_of_threads(self):
        outs = {self.run_tocsin("dump", "-j", n, CASE, status=0).stdout for n in ("1", "2", "8")}
        self.assertEqual(len(outs), 1)

    def test_flat(self):
        log = self.write("log.jsonl", event(TargetUserName="anna"))
        line, = self.run_tocsin("dump", "--format", "flat", log, status=0).stdout.splitlines()
        flat = json.loads(line)
        self.assertEqual(flat["EventID"], 4624)
        self.assertEqual(flat["TargetUserName"], "anna")
        self.assertEqual(flat["Provider_Name"], "Microsoft-Windows-Security-Auditing")

    def test_filters(self):
        log = self.write("log.jsonl", event(computer="A") + event(computer="B", record=2))
        line, = self.run_tocsin("dump", "--host", "b", log, status=0).stdout.splitlines()
        self.assertEqual(json.loads(line)["Event"]["System"]["Computer"], "B")
        self.assertEqual(self.run_tocsin("dump", "--from", "2027-01-01", log, status=0).stdout, b"")

    def test_order_follows_the_inputs(self):
        a = self.write("a.jsonl", event(record=1) + event(record=2))
        b = self.write("b.jsonl", event(record=3))
        done = self.run_tocsin("dump", "--format", "flat", b, a, status=0)
        self.assertEqual([json.loads(x)["EventRecordID"] for x in done.stdout.splitlines()], [3, 1, 2])


if __name__ == "__main__":
    common.main()

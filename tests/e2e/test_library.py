#!/usr/bin/env python3
"""tests/e2e/test_library.py - a program without the command line (tests/library/hunt_file.c) finds in the
bundled case what tocsin hunt finds."""
import glob
import json
import os
import subprocess

import common


class Library(common.Case):
    def hunt_file(self, *args, status=0):
        done = subprocess.run([os.environ["HUNT_FILE"], *args], env=self.env, capture_output=True, timeout=100,
                              check=False)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done

    def test_same_incidents(self):
        logs = sorted(glob.glob(os.path.join(common.CASE, "*.evtx")))
        self.assertEqual(len(logs), 9)
        done = self.run_tocsin("hunt", "--no-cache", "--rules", common.RULES, "-f", "jsonl", *logs, status=2)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        want = [(x["tocsin"]["incident"]["id"], x["tocsin"]["incident"]["state"], x["host"]["name"][0])
                for x in lines if x["tocsin"]["kind"] == "incident"]
        self.assertEqual(len(want), 1)
        got = [tuple(line.rsplit(" ", 2)) for line in
               self.hunt_file(common.RULES, *logs).stdout.decode().splitlines()]
        self.assertEqual([(id_, state, host) for id_, state, host in got], want)

    def test_failures_are_told(self):
        self.assertIn(b"usage", self.hunt_file("x", status=1).stderr)
        self.assertIn(b"no rule", self.hunt_file(self.dir, common.CASE, status=1).stderr)


if __name__ == "__main__":
    common.main()

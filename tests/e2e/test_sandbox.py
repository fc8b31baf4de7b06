#!/usr/bin/env python3
"""tests/e2e/test_sandbox.py - hunt and dump really run in the sandbox (what it stops is shown by
tests/unit/cli/test_sandbox.c)."""
import os
import subprocess

import common
from common import TOCSIN, Reader, event, feed, rule


class Sandbox(common.Case):
    def status_while_reading(self, *args):
        """/proc/PID/status of each thread once the first result is out: events are being decoded."""
        p = subprocess.Popen([TOCSIN, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env=self.env)
        out = Reader(p.stdout)
        feed(p, out)
        threads = []
        for tid in os.listdir(f"/proc/{p.pid}/task"):
            with open(f"/proc/{p.pid}/task/{tid}/status") as f:
                threads.append(dict(line.split(":\t", 1) for line in f.read().splitlines()
                                    if ":\t" in line))
        p.stdin.close()
        p.wait(timeout=60)
        out.join()
        return threads

    def test_every_thread(self):
        r = self.write("rule.yml", rule())
        for args in (("hunt", "--rules", r, "-f", "jsonl", "-j", "2", "-"), ("dump", "-j", "2", "-")):
            with self.subTest(args):
                threads = self.status_while_reading(*args)
                self.assertGreaterEqual(len(threads), 2)
                for t in threads:
                    self.assertEqual(t["Seccomp"].strip(), "2")
                    self.assertEqual(t["NoNewPrivs"].strip(), "1")

    def test_off_switch(self):
        for t in self.status_while_reading("dump", "--no-sandbox", "-"):
            self.assertEqual(t["NoNewPrivs"].strip(), "0")

    def test_a_link_to_a_log_elsewhere(self):
        """A link inside a walked folder leads to a file outside of it: still readable."""
        log = self.write("elsewhere/log.jsonl", event())
        os.mkdir(self.path("logs"))
        os.symlink(log, self.path("logs/link.jsonl"))
        done = self.run_tocsin("dump", self.path("logs"), status=0)
        self.assertEqual(len(done.stdout.splitlines()), 1)


if __name__ == "__main__":
    common.main()

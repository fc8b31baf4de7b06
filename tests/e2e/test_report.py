#!/usr/bin/env python3
"""tests/e2e/test_report.py - `tocsin report`: incidents of a store as documents."""
import json
import os
import pty
import subprocess
import unittest

import common
from common import TOCSIN

SMALL = "3c9a51d07be84f2e9d60a1b2c3d4e5f6"
FORMATS = ("html", "md", "jsonl", "navigator", "timesketch", "stix")


class Report(common.Case):
    def setUp(self):
        super().setUp()
        subprocess.run([os.environ["REPORT_PUT"], self.path("state")], check=True)

    def report(self, *args, **more):
        more.setdefault("status", 0)
        return self.run_tocsin("report", "--state", self.path("state"), *args, **more)

    def test_formats(self):
        """The same bytes as without the store between."""
        for fmt in FORMATS:
            want = subprocess.run([os.environ["REPORT_RENDER"], "small", fmt], capture_output=True,
                                  check=True).stdout
            self.assertEqual(self.report("-f", fmt, SMALL).stdout, want)
        self.assertTrue(self.report(SMALL[:4]).stdout.startswith(b"<!DOCTYPE html>"))
        self.assertEqual(json.loads(self.report("-f", "stix", SMALL).stdout)["type"], "bundle")

    def test_output_file(self):
        done = self.report("-o", self.path("x.html"), SMALL)
        self.assertEqual(done.stdout, b"")
        with open(self.path("x.html"), "rb") as f:
            self.assertEqual(f.read(), self.report(SMALL).stdout)
        done = self.report("-o", self.path("no/such/x.html"), SMALL, status=1)
        self.assertIn(b"cannot write", done.stderr)

    def test_terminal(self):
        """The page goes to a file; a ticket does not, and cannot steer the terminal."""
        for args, is_file in (((SMALL,), True), (("-f", "md", "ffff"), False), (("-f", "stix", "ffff"), False)):
            main, side = pty.openpty()
            run = subprocess.Popen([TOCSIN, "report", "--state", self.path("state"), *args], stdout=side,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.env, cwd=self.dir)
            os.close(side)
            out = b""
            while True:
                try:
                    more = os.read(main, 65536)
                except OSError:
                    break
                if not more:
                    break
                out += more
            os.close(main)
            errors = run.stderr.read()
            run.stderr.close()
            self.assertEqual(run.wait(), 0, errors)
            page = self.path("incident-3c9a51d0.html")
            if is_file:
                self.assertEqual(out, b"")
                self.assertIn(b"written to incident-3c9a51d0.html", errors)
                self.assertTrue(os.path.getsize(page) > 10000)
            else:
                self.assertGreater(len(out), 100)
                self.assertNotRegex(out.decode("utf-8", "replace"), "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")

    def test_unknown(self):
        done = self.report("3c9a0000", status=1)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(done.stdout, b"")
        self.assertIn(SMALL, lines[0])
        self.assertIn("warn", lines[0])
        self.assertIn("no incident begins with '3c9a0000'", lines[-1])
        self.assertEqual(len(lines), 6)

    def test_mistakes(self):
        self.assertIn(b"name one incident", self.report(status=1).stderr)
        self.assertIn(b"name one incident", self.report("a", "b", status=1).stderr)
        self.assertIn(b"xml", self.report("-f", "xml", SMALL, status=1).stderr)
        done = self.run_tocsin("report", "--state", self.path("nothing"), SMALL, status=1)
        self.assertIn(b"nothing", done.stderr)
        self.assertFalse(os.path.exists(self.path("nothing")))

    def test_full_disk(self):
        if os.path.exists("/dev/full"):
            with open("/dev/full", "wb") as full:
                done = self.report(SMALL, status=1, stdout=full)
            self.assertIn(b"cannot write", done.stderr)


if __name__ == "__main__":
    unittest.main()

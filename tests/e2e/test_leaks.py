#!/usr/bin/env python3
"""tests/e2e/test_leaks.py - in sanitizer builds: nothing is left allocated, also after failures."""

import common
from common import CASE, event, rule


class Leaks(common.Case):
    def test_all_commands(self):
        if not common.SANITIZED:
            self.skipTest("needs a sanitizer build")
        env = {"ASAN_OPTIONS": "abort_on_error=0:exitcode=99:detect_leaks=1"}
        r = self.write("rule.yml", rule())
        log = self.write("log.jsonl", event())
        runs = [(2, "hunt", "--no-sandbox", CASE), (2, "hunt", "--no-sandbox", "-f", "jsonl", CASE),
                (0, "dump", "--no-sandbox", CASE), (1, "dump", "--no-sandbox", self.path("missing")),
                (1, "hunt", "--rules", self.path("missing"), log),
                (0, "rules", "check", r), (0, "rules", "list"), (0, "rules", "explain", r),
                (1, "hunt", "--bogus"), (0, "--help"), (1, "hunt", "--no-sandbox", r)]
        for status, *args in runs:
            with self.subTest(args):
                self.run_tocsin(*args, env=env, status=status)
        with open("/dev/full", "wb") as full:
            self.run_tocsin("hunt", "--no-sandbox", CASE, env=env, stdout=full, status=1)


if __name__ == "__main__":
    common.main()

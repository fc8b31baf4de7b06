#!/usr/bin/env python3
"""tests/e2e/test_sandbox.py - hunt and dump really run in the sandbox (what it stops is shown by
tests/unit/cli/test_sandbox.c)."""
import os
import resource
import subprocess
import unittest

import common
from common import TOCSIN, Reader, event, feed, rule


class Sandbox(common.Case):
    def while_reading(self, look, *args, **more):
        """Calls look(PID) once the first result is out: events are being decoded."""
        p = subprocess.Popen([TOCSIN, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env=self.env, **more)
        out = Reader(p.stdout)
        feed(p, out)
        look(p.pid)
        p.stdin.close()
        p.wait(timeout=60)
        out.join()

    def status_while_reading(self, *args):
        """/proc/PID/status of each thread of each process while events are being decoded, but for the
        spawner, which sees none of it."""
        threads = []

        def look(pid):
            for tid in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{tid}/status") as f:
                    threads.append(dict(line.split(":\t", 1) for line in f.read().splitlines()
                                        if ":\t" in line))
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                spawners = f.read().split()
            for spawner in spawners:
                with open(f"/proc/{spawner}/task/{spawner}/children") as f:
                    for child in f.read().split():
                        look(child)
        self.while_reading(look, *args)
        return threads

    # claim: sandbox
    def test_every_thread(self):
        r = self.write("rule.yml", rule())
        for args in (("hunt", "--rules", r, "-f", "jsonl", "-j", "2", "-"), ("dump", "-j", "2", "-"),
                     ("dump", "--workers", "threads", "-j", "2", "-")):
            with self.subTest(args):
                threads = self.status_while_reading(*args)
                self.assertGreaterEqual(len(threads), 2)
                for t in threads:
                    self.assertEqual(t["Seccomp"].strip(), "2")
                    self.assertEqual(t["NoNewPrivs"].strip(), "1")

    # claim: no-machine-code
    def test_no_page_writable_and_executable(self):
        """Nothing beside hostile bytes can be written and then run: not even PCRE2's machine code."""
        r = self.write("rule.yml", rule().replace("EventID: 4624", "TargetUserName|re: '^an+a$'"))
        pages = []

        def look(pid):
            with open(f"/proc/{pid}/maps") as f:
                pages.extend(f.read().splitlines())
        self.while_reading(look, "hunt", "--rules", r, "-f", "jsonl", "-j", "2", "-")
        self.assertGreater(len(pages), 10)
        self.assertEqual([p for p in pages if "w" in p.split()[1] and "x" in p.split()[1]], [])

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

    @unittest.skipIf(common.SANITIZED, "the sanitizers open files of their own")
    def test_too_few_descriptors(self):
        """However few there are: what fails is said, once, and never blamed on the file."""
        log = self.write("log.jsonl", event())
        r = self.write("rule.yml", rule())
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        for args in (("dump", log), ("hunt", "--rules", r, "--no-cache", log)):
            ended = named = 0
            for few in range(3, 24):
                def limit(few=few):
                    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
                done = self.run_tocsin(*args, preexec_fn=limit)
                said = done.stderr.decode()
                with self.subTest(args=args, few=few, said=said):
                    self.assertNotIn("ermission denied", said)
                    self.assertNotIn("nothing to read", said)
                    if b"while loading shared" in done.stderr:
                        continue
                    if done.returncode in (0, 2):
                        ended += 1
                    else:
                        self.assertIn("oo many open files", said)
                    named += "sandbox:" in said
            landlock = b"no Landlock" not in self.run_tocsin(*args).stderr
            self.assertTrue(ended and (named or not landlock), (args, ended, named))


if __name__ == "__main__":
    common.main()

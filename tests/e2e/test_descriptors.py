#!/usr/bin/env python3
"""tests/e2e/test_descriptors.py - what the process inherits: closed standard descriptors, others that were left open,
and a limit on the size of files."""
import os
import resource
import subprocess

import common
from common import TOCSIN, event, rule


class Descriptors(common.Case):
    def setUp(self):
        super().setUp()
        self.rule = self.write("rule.yml", rule())
        self.log = self.write("log.jsonl", "".join(event(TargetUserName="anna") for _ in range(50)))

    def run_with(self, closed, *args):
        """Started with these descriptors closed; (status, standard output, standard error)."""
        out, err = self.path("out"), self.path("err")
        with open(out, "wb") as o, open(err, "wb") as e:
            done = subprocess.run([TOCSIN, *args], stdin=subprocess.DEVNULL, stdout=o, stderr=e, env=self.env,
                                  preexec_fn=lambda: [os.close(fd) for fd in closed], timeout=100, check=False)
        with open(out, "rb") as o, open(err, "rb") as e:
            return done.returncode, o.read(), e.read()

    def test_standard_input_closed(self):
        status, out, _ = self.run_with([0], "dump", self.log)
        self.assertEqual((status, out.count(b"\n")), (0, 50))
        status, out, err = self.run_with([0], "dump", "-")
        self.assertEqual((status, out), (1, b""))
        self.assertIn(b"Bad file descriptor", err)

    # claim: inherited
    def test_standard_output_closed(self):
        """What could not be written is told, and lands in no file that took the number."""
        with open(self.log, "rb") as f:
            before = f.read()
        for args in (("dump", self.log), ("hunt", "--rules", self.rule, self.log),
                     ("hunt", "--rules", self.rule, "--state", self.path("state"), "-f", "jsonl", self.log)):
            with self.subTest(args):
                status, out, err = self.run_with([1], *args)
                self.assertEqual((status & 1, out), (1, b""))
                self.assertIn(b"cannot write the output", err)
        with open(self.log, "rb") as f:
            self.assertEqual(f.read(), before)
        with open(self.path("state/tocsin.db"), "rb") as f:
            self.assertEqual(f.read(16), b"SQLite format 3\0")

    def test_standard_error_closed(self):
        """A complaint has nowhere to go; it must not go into a file that took the number."""
        bad = self.write("bad.jsonl", "{\n" * 50)
        with open(bad, "rb") as f:
            before = f.read()
        self.run_with([0, 1, 2], "dump", bad, self.log)
        self.run_with([0, 2], "hunt", "--rules", self.rule, "--state", self.path("state"), bad, self.log)
        with open(bad, "rb") as f:
            self.assertEqual(f.read(), before)
        with open(self.path("state/tocsin.db"), "rb") as f:
            self.assertNotIn(b"tocsin: ", f.read())

    # claim: inherited
    def test_nothing_is_inherited(self):
        secret = self.write("secret", "of whoever starts it")
        with open(secret, "rb") as f:
            os.set_inheritable(f.fileno(), True)
            p = subprocess.Popen([TOCSIN, "dump", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=self.env, close_fds=False)
            p.stdin.write(event().encode())
            p.stdin.flush()
            reader = common.Reader(p.stdout)
            common.feed(p, reader)
            there = []
            for pid in [p.pid]:
                for fd in os.listdir(f"/proc/{pid}/fd"):
                    there.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
            p.stdin.close()
            p.wait(timeout=60)
            reader.join()
            p.stderr.close()
        self.assertNotIn(secret, there)
        self.assertGreaterEqual(len(there), 3)

    def test_what_the_command_line_names_is_kept(self):
        """`-o >(...)` and `--rules <(...)` of a shell are descriptors that the program is handed on purpose."""
        r, w = os.pipe()
        done = subprocess.run([TOCSIN, "dump", "-o", f"/dev/fd/{w}", self.log], pass_fds=[w], env=self.env,
                              stderr=subprocess.PIPE, timeout=100, check=False)
        os.close(w)
        with os.fdopen(r, "rb") as f:
            self.assertEqual((done.returncode, f.read().count(b"\n")), (0, 50), done.stderr)

    def test_a_limit_on_the_size_of_files(self):
        """Reaching it is an error that is told, not a death by signal."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        done = self.run_tocsin("dump", "-o", self.path("z"), self.log, preexec_fn=limit)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"File too large", done.stderr)


if __name__ == "__main__":
    common.main()

#!/usr/bin/env python3
"""tests/e2e/test_own_files.py - what is written never harms what is read, by whatever name it is reached: -o, a
redirected standard output, a folder of --state among the inputs."""
import hashlib
import os
import subprocess

import common
from common import CASE, TOCSIN, event, rule


class OwnFiles(common.Case):
    def setUp(self):
        super().setUp()
        self.rule = self.write("rule.yml", rule())
        self.log = self.write("logs/a.jsonl", "".join(event(TargetUserName="anna") for _ in range(30)))
        self.write("logs/b.jsonl", "".join(event(TargetUserName="bert") for _ in range(12)))
        self.logs = self.path("logs")
        self.before = self.content()

    def content(self):
        """What every file below the logs holds."""
        there = {}
        for folder, _, names in os.walk(self.logs):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    there[name] = hashlib.sha256(f.read()).hexdigest()
        return there

    def commands(self):
        """Commands that read logs, without their paths."""
        return (("dump",), ("hunt", "--no-cache", "--rules", self.rule),
                ("hunt", "--no-cache", "-f", "jsonl", "--rules", self.rule))

    def refused(self, *args, **more):
        done = self.run_tocsin(*args, status=1, **more)
        self.assertIn(b"it was left as it is", done.stderr)
        self.assertEqual(self.content(), self.before)

    # claim: output
    def test_an_input_by_its_name(self):
        hard, soft = self.path("hard"), self.path("soft")
        os.link(self.log, hard)
        os.symlink(self.log, soft)
        for command in self.commands():
            for out in (self.log, hard, soft, f"{self.logs}/../logs/a.jsonl"):
                for read in (self.log, hard, soft):
                    with self.subTest(command=command, out=out, read=read):
                        self.refused(*command, "-o", out, read)

    def test_standard_input(self):
        for command in self.commands():
            with open(self.log, "rb") as f:
                self.refused(*command, "-o", self.log, "-", stdin=f)

    # claim: output
    def test_evidence_in_a_folder_that_is_read(self):
        """It has content, so it may be evidence: whether a log, a note of somebody's, or earlier output."""
        self.write("logs/note.txt", "seen by anna")
        hard = self.path("hard")
        os.link(self.log, hard)
        self.before = self.content()
        for command in self.commands():
            for out in (self.log, hard, self.path("logs/note.txt")):
                with self.subTest(command=command, out=out):
                    self.refused(*command, "-o", out, self.logs)

    # claim: own-files
    def test_output_in_a_folder_that_is_read(self):
        """Its own output is not read, and that is told; what comes out is what comes out elsewhere."""
        for n, command in enumerate(self.commands()):
            with self.subTest(command):
                out = self.path(f"logs/z{n}")
                expected = self.run_tocsin(*command, self.logs)
                done = self.run_tocsin(*command, "-o", out, self.logs)
                self.assertEqual(done.returncode, expected.returncode, done.stderr)
                with open(out, "rb") as f:
                    text = f.read()
                if command == ("dump",):
                    self.assertEqual(text, expected.stdout)
                self.assertIn(b"the output of this run, not read", text + done.stderr)
                os.unlink(out)
        self.assertEqual(self.content(), self.before)

    def test_an_empty_folder_is_still_one_without_logs(self):
        os.mkdir(self.path("empty"))
        self.run_tocsin("dump", "-o", self.path("empty/z"), self.path("empty"), status=1)

    def redirected(self, flags, out, *args):
        fd = os.open(out, os.O_WRONLY | os.O_CREAT | flags, 0o600)
        try:
            return self.run_tocsin(*args, stdout=fd)
        finally:
            os.close(fd)

    # claim: output
    def test_redirected_standard_output(self):
        for n, command in enumerate(self.commands()):
            with self.subTest(command):
                out = self.path(f"logs/z{n}")
                expected = self.run_tocsin(*command, self.logs)
                done = self.redirected(os.O_TRUNC, out, *command, self.logs)
                self.assertEqual(done.returncode, expected.returncode)
                with open(out, "rb") as f:
                    text = f.read()
                self.assertIn(b"the output of this run, not read", text + done.stderr)
                if command == ("dump",):
                    self.assertEqual(text, expected.stdout)
                os.unlink(out)
                for flags in (os.O_APPEND, 0):
                    for read in (self.log, self.logs):
                        done = self.redirected(flags, self.log, *command, read)
                        self.assertEqual(done.returncode, 1)
                        self.assertIn(b"standard output is ", done.stderr)
        self.assertEqual(self.content(), self.before)

    def test_one_redirection_for_several_commands(self):
        """What stands in the file came through the same redirection, so it is output, not evidence."""
        out = self.path("logs/out")
        done = subprocess.run(f"{{ '{TOCSIN}' dump '{self.log}'; '{TOCSIN}' dump '{self.logs}'; }} > '{out}'", shell=True,
                              env=self.env, stderr=subprocess.PIPE, timeout=100, check=False)
        with open(out, "rb") as f:
            self.assertEqual((done.returncode, f.read().count(b"\n")), (0, 30 + 42), done.stderr)

    def test_standard_error_in_a_folder_that_is_read(self):
        bad = "{\n" * 3
        self.write("logs/bad.jsonl", event() + bad)
        with open(self.path("logs/err"), "wb") as f:
            p = subprocess.run([TOCSIN, "dump", self.logs], stdout=subprocess.PIPE, stderr=f, env=self.env,
                               timeout=100, check=False)
        with open(self.path("logs/err"), "rb") as f:
            self.assertIn(b"the messages of this run, not read", f.read())
        self.assertEqual(p.stdout.count(b"\n"), 43)

    # claim: own-files
    def test_state_among_the_inputs(self):
        """Its files are not read, whether the folder is new or not; nothing of the store is harmed."""
        state = self.path("logs/state")
        args = ("hunt", "--no-cache", "-f", "jsonl", "--rules", self.rule)
        expected = self.findings(self.run_tocsin(*args, self.logs))[0]
        done = self.run_tocsin(*args, "--state", state, self.logs, status=2)
        self.assertEqual(self.findings(done)[0], expected)
        self.assertIn(b"part of the store of --state, not read", done.stderr)
        done = self.run_tocsin(*args, "--state", state, self.logs, status=0)
        self.assertEqual(self.findings(done)[1]["input"]["already_read"], 2)
        self.run_tocsin("incidents", "--state", state, status=0)

    def test_state_that_is_an_input(self):
        os.chmod(self.logs, 0o700)
        for path in (self.logs, self.logs + "/.", f"{self.logs}/../logs"):
            done = self.run_tocsin("hunt", "--rules", self.rule, "--state", self.logs, path, status=1)
            self.assertIn(b"give the store a folder of its own", done.stderr)
        self.assertEqual(self.content(), self.before)

    def test_the_store_as_output(self):
        state = self.path("state")
        self.run_tocsin("hunt", "--state", state, CASE, status=2)
        with open(f"{state}/tocsin.db", "rb") as f:
            before = f.read()
        incident = self.run_tocsin("incidents", "-f", "jsonl", "--state", state, status=0)
        name = incident.stdout.split(b'"id":"')[1][:8].decode()
        for args in (("report", name), ("incidents",), ("hunt", CASE)):
            for out in ("tocsin.db", "tocsin.db-wal"):
                done = self.run_tocsin(*args, "--state", state, "-o", f"{state}/{out}", status=1)
                self.assertIn(b"part of the store of --state", done.stderr)
            done = self.redirected(os.O_APPEND, f"{state}/tocsin.db", *args, "--state", state)
            self.assertEqual(done.returncode, 1)
        with open(f"{state}/tocsin.db", "rb") as f:
            self.assertEqual(f.read(), before)
        self.run_tocsin("report", name, "--state", state, "-o", self.path("page.html"), status=0)

    def test_a_new_store_as_output(self):
        """Its file is not there when the command line is read."""
        state = self.path("new")
        self.run_tocsin("hunt", "--state", state, "-o", f"{state}/tocsin.db", CASE, status=1)
        self.run_tocsin("hunt", "--state", state, "-q", CASE, status=2)

    def test_whatever_else_is_read(self):
        """Rules, maps, profiles and bundles are as dear as logs."""
        with open(self.rule, "rb") as f:
            text = f.read()
        self.write("rules/own.yml", text)
        amap = self.write("map.yml", "alerts: []\n")
        for args in (("--rules", self.rule, "-o", self.rule), ("--rules", self.path("rules"), "-o",
                                                              self.path("rules/own.yml")),
                     ("--rules", self.rule, "--alert-map", amap, "-o", amap)):
            with self.subTest(args):
                done = self.run_tocsin("hunt", "--no-cache", *args, self.log, status=1)
                if args[-1] != amap:
                    self.assertIn(b"it was left as it is", done.stderr)
        for path in (self.rule, self.path("rules/own.yml")):
            with open(path, "rb") as f:
                self.assertEqual(f.read(), text)
        with open(amap, "rb") as f:
            self.assertEqual(f.read(), b"alerts: []\n")
        bundle = self.write("bundle.json", '{"type":"bundle","id":"bundle--1","objects":[]}')
        done = self.run_tocsin("intel", "profile", "--from", bundle, "--list", "-o", bundle, status=1)
        self.assertIn(b"it was left as it is", done.stderr)

    def test_another_file_is_overwritten(self):
        out = self.write("out", "x" * 100000)
        self.run_tocsin("dump", "-o", out, self.logs, status=0)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), self.run_tocsin("dump", self.logs).stdout)
        self.run_tocsin("dump", "-o", "/dev/null", self.logs, status=0)


if __name__ == "__main__":
    common.main()

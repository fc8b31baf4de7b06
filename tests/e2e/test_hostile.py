#!/usr/bin/env python3
"""tests/e2e/test_hostile.py - damaged files, unreadable folders, full disks, closed pipes, and text
that wants to be more than text."""
import json
import os
import pty
import subprocess

import common
from common import CASE, TOCSIN, event, rule


class Damage(common.Case):
    def test_a_corrupt_file_among_good_ones(self):
        self.write("logs/a.jsonl", event())
        self.write("logs/b.evtx", b"ElfFile\0" + bytes(4088) + b"ElfChnk\0" + os.urandom(65528))
        self.write("logs/c.jsonl", event())
        done = self.run_tocsin("hunt", "--rules", self.write("rule.yml", rule()), "-f", "jsonl",
                               self.path("logs"), status=3)
        found, summary = self.findings(done)
        self.assertEqual(len(found), 2)
        self.assertGreater(summary["problems"]["lost"]["count"], 0)
        self.assertIn(b"b.evtx", done.stderr)

    # claims: own-record, costs-itself
    def test_partial_damage(self):
        """Told; in the status only if records are lost."""
        for damage, status in (("chunk-magic", 0), ("size-huge", 1)):
            self.partial(damage, status)

    def partial(self, damage, status):
        self.sample("damaged.evtx", damage)
        done = self.run_tocsin("dump", self.path("damaged.evtx"), status=status)
        self.assertGreater(len(done.stdout.splitlines()), 0)
        self.assertIn(b"damaged.evtx", done.stderr)

    def test_every_damage_of_the_encoder(self):
        listed = subprocess.run([common.EVTXGEN, "damages"], stdout=subprocess.PIPE, check=True).stdout
        for line in listed.splitlines():
            name = line.split()[0].decode()
            with self.subTest(name):
                self.sample("x.evtx", name)
                for extra in ((), ("--carve",)):
                    done = self.run_tocsin("dump", *extra, self.path("x.evtx"))
                    self.assertIn(done.returncode, (0, 1))
                    for out in done.stdout.splitlines():
                        json.loads(out)

    def test_unreadable_folder(self):
        self.write("logs/a.jsonl", event())
        os.mkdir(self.path("logs/closed"), 0)
        done = self.run_unprivileged("hunt", "--rules", self.write("rule.yml", rule()), "-f", "jsonl",
                                     self.path("logs"), status=3)
        found, summary = self.findings(done)
        self.assertEqual(len(found), 1)
        self.assertEqual(summary["problems"]["lost"]["causes"], {"unreadable": 1})
        self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_a_missing_input_beside_a_good_one(self):
        log = self.write("a.jsonl", event())
        done = self.run_tocsin("hunt", "--rules", self.write("rule.yml", rule()), "-f", "jsonl", log,
                               self.path("missing.evtx"), status=3)
        self.assertEqual(len(self.findings(done)[0]), 1)
        self.assertIn(b"missing.evtx", done.stderr)

    def test_what_was_named_but_has_no_format(self):
        done = self.run_tocsin("dump", self.write("notes.txt", "just text"), status=1)
        self.assertIn(b"notes.txt", done.stderr)


    def test_records_behind_objects_that_never_end(self):
        """However many such objects stand before it, a record that begins a line is found."""
        record = {"Event": {"System": {"EventID": 7, "Channel": "Security"}, "EventData": {"X": [{"a": 1}]}}}
        broken = b'{"a":\n' + b"{\n" * 5000
        lines = (json.dumps(record) + "\n").encode() * 100
        pretty = (json.dumps(record, indent=2) + "\n").encode() * 100
        huge = b'{"a":"' + b"x" * (17 << 20) + b'\n'
        for text in (lines, pretty):
            for before in (broken, huge):
                with self.subTest(text[:10], before=before[:10]):
                    log = self.write("x.json", b'{"a":\n1}\n' + before + text)
                    done = self.run_tocsin("dump", log)
                    self.assertEqual(done.stdout.count(b'"EventID":7'), 100)

    # claim: limit-ref
    def test_lists_that_are_compared_with_lists(self):
        """Each value of one field with each of another is limited, and said when the limit is reached."""
        reference = rule().replace("EventID: 4624", "TargetUserName|fieldref: SubjectUserName")
        hunt = ("hunt", "--rules", self.write("r.yml", reference), self.path("x.json"))
        self.write("x.json", event(TargetUserName=["a"] * 2000, SubjectUserName=["b"] * 2000))
        told = b"matched on its first part only"
        self.assertIn(told, self.run_tocsin(*hunt).stdout)
        self.write("x.json", event(TargetUserName=["a"] * 100, SubjectUserName=["b"] * 100 + ["a"]))
        done = self.run_tocsin(*hunt, status=2)
        self.assertNotIn(told, done.stdout)


class Output(common.Case):
    def test_full_disk(self):
        for args in (("dump",), ("hunt",), ("hunt", "-f", "jsonl")):
            with self.subTest(args), open("/dev/full", "wb") as full:
                done = self.run_tocsin(*args, CASE, stdout=full, status=1)
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
                self.assertIn(b"No space left", done.stderr)
        with open("/dev/full", "wb") as full:
            self.run_tocsin("rules", "list", stdout=full, status=1)
            self.run_tocsin("--help", stdout=full, status=1)

    def test_closed_pipe(self):
        for args in (("dump",), ("hunt", "-f", "jsonl")):
            with self.subTest(args):
                r, w = os.pipe()
                os.close(r)
                done = self.run_tocsin(*args, CASE, stdout=w, status=1)
                os.close(w)
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
                self.assertIn(b"reader of the output is gone", done.stderr)


class Text(common.Case):
    EVIL = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202egnp.exe\x7f"

    def setUp(self):
        super().setUp()
        self.rule = self.write("rule.yml", rule(title="T \\e[31m").replace(
            "title: T \\e[31m", "title: \"T \\x1b[31m red\""))
        self.log = self.write("log\x1b[31m.jsonl",
                              event(computer=self.EVIL, TargetUserName=self.EVIL))

    def assert_harmless(self, out):
        text = out.decode("utf-8")
        bad = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) <= 0x9f
               or 0x202a <= ord(c) <= 0x202e]
        self.assertEqual(bad, [])

    # claim: terminal
    def test_report_and_complaints(self):
        broken = self.write("b\x1b[1mroken.evtx", b"ElfFile\0" + bytes(5000))
        done = self.run_tocsin("hunt", "--rules", self.rule, self.log, broken, self.path("no\x1bfile"))
        self.assert_harmless(done.stdout)
        self.assert_harmless(done.stderr)
        self.assertIn(b"\\x1b]0;owned", done.stdout)

    def test_rules_commands(self):
        bad = self.write("bad.yml", "title: \"x\\x1b[31m\"\nlogsource: {product: windows}\n"
                                    "detection: {\"a\\x1b[31m\": {\"F|no\\x1b[31m\": 1}, condition: a}\n")
        for args in (("rules", "check", bad, self.rule), ("rules", "list", "--rules", self.rule),
                     ("rules", "list", "--refused", "--rules", bad),
                     ("rules", "explain", self.rule, self.log)):
            with self.subTest(args):
                done = self.run_tocsin(*args)
                self.assert_harmless(done.stdout)
                self.assert_harmless(done.stderr)

    # claim: json-escaped
    def test_json_lines(self):
        for args in (("hunt", "-f", "jsonl", "--rules", self.rule), ("dump",), ("dump", "-f", "flat")):
            with self.subTest(args):
                out = self.run_tocsin(*args, self.log).stdout
                self.assertNotIn(b"\x1b", out)
                self.assertNotIn(b"\x07", out)
                json.loads(out.splitlines()[0])

    def test_malformed_utf8(self):
        log = self.write("bad.jsonl", event(TargetUserName="ann@").encode().replace(b"ann@", b"an\xff\xfe"))
        for args in (("hunt", "-f", "jsonl", "--rules", self.rule), ("dump",), ("dump", "-f", "flat")):
            with self.subTest(args):
                for line in self.run_tocsin(*args, log).stdout.splitlines():
                    json.loads(line.decode("utf-8"))


class Terminal(common.Case):
    def on_terminal(self, *args, **env):
        """What the program writes when standard output is a terminal."""
        master, slave = pty.openpty()
        full = dict(self.env, **{"TERM": "xterm", **env})
        p = subprocess.Popen([TOCSIN, *args], stdin=subprocess.DEVNULL, stdout=slave,
                             stderr=subprocess.PIPE, env=full)
        os.close(slave)
        out = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        p.communicate(timeout=60)
        os.close(master)
        return out

    def test_colour_only_where_wanted(self):
        self.assertIn(b"\x1b[1;31m", self.on_terminal("hunt", CASE))
        self.assertNotIn(b"\x1b", self.on_terminal("hunt", CASE, NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.on_terminal("hunt", CASE, TERM="dumb"))
        self.assertNotIn(b"\x1b", self.run_tocsin("hunt", CASE).stdout)

    def test_json_on_a_terminal(self):
        """Escaped for the terminal, and still the same JSON."""
        evil = "\u009b31m\u202ex\x7f\u2066"
        log = self.write("log.jsonl", json.dumps({"a": evil, "EventID": 4624}, ensure_ascii=False) + "\n")
        shown = self.on_terminal("dump", log).decode()
        self.assertEqual([c for c in shown if c > "\x7e"], [])
        self.assertEqual(json.loads(shown)["a"], evil)
        piped = self.run_tocsin("dump", log).stdout.decode()
        self.assertIn("\u202e", piped)

    def test_titles_fit_the_width(self):
        text = self.on_terminal("hunt", CASE, NO_COLOR="1", COLUMNS="60").decode()
        findings = text.split("\nCorrelations", maxsplit=1)[0]
        titles = [line for line in findings.splitlines() if line.startswith("    ") and line[4] != " "]
        self.assertGreater(len(titles), 5)
        self.assertLessEqual(max(len(line) for line in titles), 60)


if __name__ == "__main__":
    common.main()

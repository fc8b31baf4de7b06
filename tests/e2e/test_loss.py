#!/usr/bin/env python3
"""tests/e2e/test_loss.py - what was not read, cause by cause: its class, the exit status beside a sound log without and
with findings, and that report, JSON and standard error name it.

The classes and causes are those of tocsin(1), and each has a row here (docs/adr/0029)."""
import gzip
import io
import os
import re
import struct
import subprocess
import zipfile
import zlib

import common
from common import event, rule

# What cannot be made from outside; the unit tests named have them.
ELSEWHERE = {"shrank": "input_cut", "no_memory": "no test: memory ends for the process first",
             "own": "own_files", "died": "detect_crew"}
HIT = 7777  # what the rule finds, and no sample has


def zipped(name, data, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        z.writestr(name, data)
    return out.getvalue()


def one_member(flags, method, data):
    """A zip of one member with any flags and method (APPNOTE 4.3.7, 4.3.12, 4.3.16)."""
    name = b"a.jsonl"
    common_part = struct.pack("<HHHHIII", flags, method, 0, 0x21, zlib.crc32(data), len(data), len(data) + 9)
    local = b"PK\x03\x04" + struct.pack("<H", 20) + common_part + struct.pack("<HH", len(name), 0) + name + data
    central = b"PK\x01\x02" + struct.pack("<HH", 20, 20) + common_part + \
        struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def sysmon_line():
    return ('<Event><System><Provider Name="Linux-Sysmon"/><EventID>1</EventID><EventRecordID>1</EventRecordID>'
            '<Channel>Linux-Sysmon/Operational</Channel><Computer>h</Computer></System>'
            '<EventData><Data Name="Image">/bin/x</Data></EventData></Event>\n')


class Causes(common.Case):
    """make_CAUSE puts one thing into the folder; it returns further arguments if it needs them."""

    def image(self):
        with open(self.sample("whole.evtx"), "rb") as f:
            return bytearray(f.read())

    def make_unreadable(self):
        os.symlink("nowhere", self.path("logs/broken.jsonl"))

    def make_too_deep(self):
        self.write("logs/" + "d/" * 70 + "x.jsonl", event())

    def make_link_loop(self):
        os.symlink("loop", self.path("logs/loop"))

    def make_link_to_folder(self):
        os.mkdir(self.path("elsewhere"))
        os.symlink("../elsewhere", self.path("logs/link"))

    def make_not_a_file(self):
        os.mkfifo(self.path("logs/pipe"))

    def make_own(self):
        return ["--state", self.path("logs/state")]

    def make_no_log_in_it(self):
        os.mkdir(self.path("logs/folder"))
        return [self.path("logs/folder")]

    def make_no_format(self):
        self.write("logs/picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100))

    def make_empty(self):
        self.write("logs/empty", "")

    def make_utf16(self):
        self.write("logs/u.json", event().encode("utf-16"))

    def make_other_kind(self):
        self.write("logs/a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(100))

    def make_overwritten(self):
        self.write("logs/Security.evtx", bytes(69632))

    def make_locked(self):
        self.write("logs/a.zip", one_member(1, 0, bytes(12) + event().encode()))

    def make_packing(self):
        self.write("logs/a.zip", one_member(0, 97, event().encode()))

    def make_nested(self):
        data = event().encode()
        for _ in range(4):
            data = zipped("in.zip", data)
        self.write("logs/a.zip", data)

    def make_archive(self):
        self.write("logs/a.gz", gzip.compress(os.urandom(5000))[:3000])

    def make_unpacked(self):
        self.write("logs/a.gz", gzip.compress(gzip.compress((event(4634).encode() * 400000)[:40 << 20])))

    def make_record(self):
        self.write("logs/a.jsonl", event(4634) + '{"a": [}\n' + event(4634))

    def make_record_torn(self):
        self.sample("logs/a.evtx", "torn")

    def make_record_limit(self):
        self.write("logs/a.jsonl.gz", gzip.compress(b'{"a":"' + b"x" * (17 << 20) + b'"}\n' + event(4634).encode()))

    def make_chunk(self):
        image = self.image()
        image[4096:4096 + 65536] = b"\xaa" * 512 + os.urandom(65536 - 512)
        self.write("logs/a.evtx", image)

    def make_file_cut(self):
        self.write("logs/a.evtx", self.image()[:108])

    def make_other_lines(self):
        self.write("logs/syslog", "Mar  1 00:00:00 h sysmon: " + sysmon_line() + "Mar  1 00:00:01 h cron[1]: (root)\n")

    def make_value_cut(self):
        self.write("logs/a.jsonl", event(4625, TargetUserName="a" * (1 << 20) + "b"))

    def make_regex_given_up(self):
        self.write("logs/a.jsonl", event(4625, Status="a" * 60 + "!"))

    def make_rules(self):
        return ["--rules", self.path("missing.yml")]

    def make_header(self):
        image = self.image()
        image[4096:4104] = b"damaged!"
        self.write("logs/a.evtx", image)

    def make_checksum(self):
        image = self.image()
        image[4096 + 124] ^= 1
        self.write("logs/a.evtx", image)

    def make_unfinished(self):
        self.write("logs/a.jsonl", event(4634) + event(4634)[:40])
        return ["--state", self.path("state")]

    def rules(self):
        return self.write("rule.yml", rule(event_id=HIT)), self.write("more.yml", rule("More", 4625, number=2).replace(
            "    condition: selection\n", "    long:\n        TargetUserName|contains: zzz\n    slow:\n"
            "        Status|re: '^(a|aa)+$'\n    condition: selection and (long or slow)\n"))

    def told_by_man_page(self):
        with open(os.path.join(common.DOCS, "man", "tocsin.1.scd"), encoding="utf-8") as f:
            page = f.read().split("# WHAT WAS NOT READ")[1].split("\n# ")[0]
        parts = re.split(r"^_(lost|not_a_log|repaired)_:", page, flags=re.M)
        return {cause: cls for cls, text in zip(parts[1::2], parts[2::2])
                for line in text.splitlines() if line.startswith("\t")
                for cause in re.findall(r"\*(\w+)\*", line)}

    # claims: loss-told, rule-steps, explains, exit-status
    def test_each_cause(self):
        told = self.told_by_man_page()
        made = {name[5:] for name in dir(self) if name.startswith("make_")}
        self.assertEqual(made | set(ELSEWHERE), set(told))
        for cause in sorted(made):
            with self.subTest(cause):
                self.check(cause, told[cause])

    def check(self, cause, cls):
        self.tidy()
        os.makedirs(self.path("logs"))
        self.write("logs/0-sound.jsonl", event(4634))
        more = getattr(self, "make_" + cause)() or []
        counts = cls == "lost" or cause == "no_log_in_it"
        a, b = self.rules()
        hunt = ["hunt", "--no-incidents", "--rules", a, "--rules", b, *more, self.path("logs")]
        done = self.run_tocsin(*hunt, "-f", "jsonl", status=1 if counts else 0)
        summary = self.findings(done)[1]
        if cause != "rules":
            self.assertGreater(summary["problems"][cls]["causes"].get(cause, 0), 0, summary["problems"])
            self.assertIn(cause, [p["cause"] for p in summary["problems"][cls]["first"]])
        self.assertEqual(summary["complete"], not counts)
        self.assertGreater(len(done.stderr), 0)
        self.write("logs/1-hit.jsonl", event(HIT))  # neither hides the other
        again = [x if x != self.path("state") else self.path("state2") for x in hunt]
        done = self.run_tocsin(*again, status=3 if counts else 2)
        self.assertEqual(b"Not everything was read" in done.stdout, counts)
        self.assertIn(b"1 finding", done.stdout)
        self.run_tocsin(*again[:1], "--fail-level", "critical", *again[1:], status=1 if counts and more[:1] != ["--state"]
                        else 0)
        if cause not in ("rules", "value_cut", "regex_given_up", "unfinished", "own"):
            done = self.run_tocsin("dump", self.path("logs"), *more, status=1 if counts else 0)
            self.assertGreater(len(done.stderr), 0)


class Packed(common.Case):
    def test_sparse_members(self):
        """What tar -S makes of a log with unused space, against the log itself."""
        log = self.sample("a.evtx")
        os.truncate(log, 4096 + 65536 * 1600)
        events = self.run_tocsin("dump", log, status=0).stdout
        for more in ("--format=gnu", "--format=pax"):
            subprocess.run(["tar", "-C", self.dir, "-S", more, "-cf", self.path("a.tar"), "a.evtx"], check=True)
            self.assertLess(os.path.getsize(self.path("a.tar")), 1 << 20)
            self.assertEqual(self.run_tocsin("dump", self.path("a.tar"), status=0).stdout, events)

    def test_what_was_never_written_costs_nothing(self):
        log = self.sample("a.evtx")
        os.truncate(log, 100 << 30)
        self.run_tocsin("dump", log, status=0)
        lines = self.write("a.jsonl", event(4634))
        os.truncate(lines, 100 << 30)
        done = self.run_tocsin("dump", lines, status=1)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertIn(b"line 2", done.stderr)

    def test_what_stands_beside_an_archive(self):
        """Before, behind and in the place of what libarchive takes for all of the file."""
        one, two = event(4634).encode(), event(4634).encode()
        tar = []
        for name, data in (("1.jsonl", one), ("2.jsonl", two)):
            subprocess.run(["tar", "-C", self.dir, "-cf", self.path("a.tar"), os.path.basename(
                self.write(name, data))], check=True)
            with open(self.path("a.tar"), "rb") as f:
                tar.append(f.read())
        for data, lines, status, says in (
                (gzip.compress(one) + gzip.compress(two), 2, 0, b""),
                (gzip.compress(one) + bytes(100000), 1, 0, b""),
                (gzip.compress(one) + b"behind", 1, 1, b"more bytes stand behind its end"),
                (gzip.compress(one) + bytes(100000) + two, 1, 1, b"more bytes stand behind its end"),
                (zipped("1.jsonl", one) + zipped("2.jsonl", two), 1, 1, b"another archive stands before it"),
                (b"#!/bin/sh\n" + zipped("2.jsonl", two), 0, 1, b""),
                (gzip.compress(one)[:-5] + b"x" + gzip.compress(one)[-4:], 1, 1, b"does not match its checksum"),
                (tar[0] + tar[1], 2, 0, b""),
                (gzip.compress(tar[0] + tar[1]), 2, 0, b""),
                (gzip.compress(bytes(100000)), 0, 1, b"no known format")):
            with self.subTest(says):
                done = self.run_tocsin("dump", self.write("x", data), status=status)
                self.assertEqual(len(done.stdout.splitlines()), lines)
                self.assertIn(says, done.stderr)

    def test_a_damaged_header_of_a_file(self):
        with open(self.sample("a.evtx"), "rb") as f:
            image = bytearray(f.read())
        whole = self.run_tocsin("dump", self.path("a.evtx"), status=0).stdout
        image[:4096] = bytes(4096)
        done = self.run_tocsin("dump", self.write("a.evtx", image), status=0)
        self.assertEqual(done.stdout, whole)
        self.assertIn(b"header is damaged", done.stderr)

    def test_a_log_that_lacks_its_last_chunks(self):
        with open(self.sample("a.evtx"), "rb") as f:
            image = f.read()
        done = self.run_tocsin("dump", self.write("a.evtx", image[:4096 + 65536]), status=1)
        self.assertIn(b"chunks are promised", done.stderr)


class Named(common.Case):
    """What the user names and is no log is an error, wherever among others it stands."""

    def test_a_named_path_that_is_no_log(self):
        good = self.write("good.jsonl", event(4634))
        r = self.write("rule.yml", rule())
        os.mkfifo(self.path("pipe"))
        os.mkdir(self.path("empty-folder"))
        pictures = [self.write(f"p{i}.png", b"\x89PNG\r\n\x1a\n") for i in range(20)]
        for named in (self.write("x.png", "x"), self.write("none", ""), self.path("pipe"), self.path("empty-folder"),
                      self.write("only-pictures.zip", zipped("a.png", b"x")),
                      self.write("x.gz", gzip.compress(b"just text"))):
            with self.subTest(named):
                done = self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", good, named, status=1)
                self.assertIn(os.path.basename(named).encode(), done.stderr)
        self.run_tocsin("hunt", "--rules", r, self.dir, status=0)
        self.run_tocsin("hunt", "--rules", r, good, *pictures, status=1)

    def test_a_broken_line_is_finished_by_the_next_hunt(self):
        r = self.write("rule.yml", rule())
        whole = event()
        log = self.write("a.jsonl", event(4634) + whole[:60])
        hunt = ["hunt", "--rules", r, "--state", self.path("state"), log]
        self.run_tocsin("hunt", "--rules", r, log, status=1)  # nobody will read it again
        self.run_tocsin(*hunt, status=0)
        with open(log, "a", encoding="utf-8") as f:
            f.write(whole[60:])
        self.run_tocsin(*hunt, status=2)

    def test_loss_at_the_end_of_an_input(self):
        """What is met behind the last block is told like the rest."""
        r = self.write("rule.yml", rule())
        log = self.write("a.jsonl.gz", gzip.compress(event().encode() + b'{"a":"' + b"x" * (17 << 20)))
        summary = self.findings(self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", log, status=3))[1]
        self.assertEqual(summary["problems"]["lost"]["causes"], {"record_limit": 1})


class Rules(common.Case):
    def setUp(self):
        super().setUp()
        self.log = self.write("a.jsonl", event())
        self.good = self.write("good.yml", rule())

    def test_a_path_of_rules_that_gives_none(self):
        os.mkdir(self.path("no-rules"))
        tab = rule().replace("    selection", "\tselection")
        for bad in (self.path("missing"), self.write("tab.yml", tab), self.write("text.txt", "just: [text"),
                    self.write("rules.zip", zipped("a.yml", rule())), self.path("no-rules")):
            with self.subTest(bad):
                name = os.path.basename(bad).encode()
                done = self.run_tocsin("hunt", "--rules", bad, self.log, status=1)
                self.assertIn(name, done.stderr)
                done = self.run_tocsin("hunt", "--rules", bad, "--rules", self.good, self.log, status=3)
                self.assertIn(name, done.stdout)
                self.assertIn(b"Not everything was read", done.stdout)
                for args in (("rules", "list", "--rules", bad), ("rules", "check", bad)):
                    self.assertIn(name, self.run_tocsin(*args, status=1).stderr)

    def test_one_refused_among_others(self):
        """Rules of a newer kind are refused and counted; the folder gave rules all the same."""
        self.write("r/a.yml", rule())
        self.write("r/b.yml", rule(number=2).replace("EventID", "EventID|nosuch"))
        self.run_tocsin("hunt", "--rules", self.path("r"), self.log, status=2)


if __name__ == "__main__":
    common.main()

#!/usr/bin/env python3
"""tests/e2e/test_state.py - hunt --state: what is kept, what is not read again; tocsin incidents."""
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess

import common
from common import CASE, RULES, TOCSIN, Reader, event, feed, rule

# Detections without the numbers that depend on what came first.
ROWS = ("SELECT key, id, time, first, flags, count, grouped, host, user, target, source_ip, file, channel, "
        "record_id, offset FROM detection d JOIN signature s ON s.nr = d.signature WHERE flags & 1 = {} "
        "ORDER BY key")


class State(common.Case):
    def setUp(self):
        super().setUp()
        self.rule = self.write("rule.yml", rule())
        self.state = self.path("state")

    def hunt(self, *args, status=None, rules=None):
        done = self.run_tocsin("hunt", "--rules", rules or self.rule, "-f", "jsonl", "--state", self.state,
                               *args, status=status)
        findings, summary = self.findings(done)
        return [f["tocsin"]["record_id"] if "record_id" in f["tocsin"] else f for f in findings], summary

    def ask(self, query, state=None):
        db = sqlite3.connect(f"file:{state or self.state}/tocsin.db?mode=ro", uri=True)
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def count(self):
        return self.ask("SELECT count(*) FROM detection")[0][0]

    # claim: defensive
    def test_without_state_nothing_is_written(self):
        log = self.write("log.jsonl", event())
        self.run_tocsin("hunt", "--no-cache", "--rules", self.rule, log, status=2)
        self.assertEqual(sorted(os.listdir(self.dir)), ["log.jsonl", "rule.yml"])

    def test_what_did_not_change_is_not_read_again(self):
        logs = [self.write("a.jsonl", event(record=1)), self.sample()]
        _, first = self.hunt(*logs)
        self.assertEqual(first["input"]["already_read"], 0)
        kept = self.count()
        self.assertGreater(kept, 0)
        found, again = self.hunt(*logs, status=0)
        self.assertEqual((found, again["input"]["already_read"], again["input"]["events"]), ([], 2, 0))
        self.assertEqual(self.count(), kept)
        self.assertEqual(stat.S_IMODE(os.stat(self.state).st_mode), 0o700)

    def in_runs(self, logs, seed, *rules):
        """The logs in a few hunts: what each says, and the incidents that are kept then, from an image of what
        is kept and from each row of it."""
        chance = random.Random(seed)
        logs = chance.sample(logs, len(logs))
        cuts = sorted(chance.sample(range(1, len(logs)), min(3, len(logs) - 1)))
        runs = [logs[a:b] for a, b in zip([0] + cuts, cuts + [len(logs)])]
        runs.insert(chance.randrange(1, len(runs) + 1), runs[0][:1])  # once more
        told = {}
        for how in ("image", "full"):
            state = self.path(f"{how}{seed}")
            for run in runs:
                done = self.run_tocsin("hunt", "-f", "jsonl", *(x for r in rules for x in ("--rules", r)),
                                       "--derive", how, "--state", state, *run)
                said = [x for x in done.stdout.splitlines() if b'"kind":"summary"' not in x]
                kept = self.run_tocsin("incidents", "-f", "jsonl", "--state", state, status=0).stdout
                told.setdefault(how, []).append((done.returncode, said, kept))
        self.assertEqual(told["image"], told["full"])
        return told["full"][-1][2]

    def test_an_image_gives_the_incidents_of_the_rows(self):
        logs = sorted(os.path.join(CASE, x) for x in os.listdir(CASE) if x.endswith(".evtx"))
        once = self.run_tocsin("hunt", "-q", "--rules", RULES, "--state", self.state, *logs) and \
            self.run_tocsin("incidents", "-f", "jsonl", "--state", self.state, status=0).stdout
        for seed in range(4):
            with self.subTest(seed=seed):
                self.assertEqual(self.in_runs(logs, seed, RULES), once)

    def test_an_image_gives_the_incidents_of_the_rows_of_recorded_logs(self):
        corpora = os.environ.get("TOCSIN_CORPORA", "")
        sigma, samples = (os.path.join(corpora, x) for x in ("sigma/rules", "evtx-attack-samples"))
        if not corpora or not os.path.isdir(sigma) or not os.path.isdir(samples):
            self.skipTest("TOCSIN_CORPORA names no corpora folder")
        logs = sorted(os.path.join(d, n) for d, _, names in os.walk(samples) for n in names
                      if n.endswith(".evtx"))
        for seed in range(2):
            with self.subTest(seed=seed):
                self.assertIn(b'"state"', self.in_runs(logs, seed, sigma, RULES))

    # claim: store-folder
    def test_a_folder_that_others_can_write_to(self):
        """Whoever can write there can put another store in its place: neither written nor read."""
        log = self.write("a.jsonl", event(record=1))
        self.hunt(log)
        for mode in (0o777, 0o1777, 0o770, 0o702):
            os.chmod(self.state, mode)
            for args in (("hunt", "--rules", self.rule, log), ("incidents",), ("report", "abcd")):
                with self.subTest(mode=oct(mode), args=args):
                    done = self.run_tocsin(*args, "--state", self.state, status=1)
                    self.assertIn(b"can be written to by others", done.stderr)
        os.chmod(self.state, 0o755)
        self.run_tocsin("incidents", "--state", self.state, status=0)
        os.symlink(self.state, self.path("link"))
        self.run_tocsin("incidents", "--state", self.path("link"), status=0)

    # claim: store-folder
    def test_a_folder_of_another(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a folder away")
        log = self.write("a.jsonl", event(record=1))
        os.mkdir(self.state, 0o700)
        os.chown(self.state, 65534, 65534)
        done = self.run_tocsin("hunt", "--rules", self.rule, "--state", self.state, log, status=1)
        self.assertIn(b"belongs to another user (65534)", done.stderr)
        self.assertEqual(os.listdir(self.state), [])

    def test_lines_that_were_added(self):
        line = [event(record=i, TargetUserName=f"u{i}") for i in range(1, 7)]
        log = self.write("a.jsonl", line[0] + line[1] + line[2][:40])
        self.hunt(log)
        self.assertEqual(self.count(), 2)
        self.write("a.jsonl", "".join(line[:5]))  # the half line is whole now
        _, summary = self.hunt(log, status=2)
        self.assertEqual(summary["input"]["events"], 3)
        self.assertEqual(self.count(), 5)
        self.assertEqual(self.ask("SELECT records, read = size FROM source"), [(5, 1)])

    def test_record_numbers_go_on(self):
        """A log without numbers of its own: records are numbered by line."""
        flat = '{{"EventID":4624,"Channel":"Security","Computer":"H","n":{}}}\n'
        log = self.write("a.jsonl", "".join(flat.format(i) for i in range(3)))
        self.hunt(log)
        self.write("a.jsonl", "".join(flat.format(i) for i in range(5)))
        _, summary = self.hunt(log)
        self.assertEqual(summary["input"]["events"], 2)
        offsets = self.ask("SELECT record_id, offset FROM detection ORDER BY offset")
        size = len(flat.format(0))
        self.assertEqual(offsets, [(i + 1, i * size) for i in range(5)])

    def test_equal_lines_are_counted_on(self):
        """Lines that nothing tells apart: as many findings as lines, however they came."""
        line, other = ('{{"EventID":4624,"Channel":"Security","Computer":"{}"}}\n'.format(h) for h in "AB")
        log = self.write("a.jsonl", line + other[:-1])  # the last line has no end yet
        self.hunt(log)
        self.assertEqual(self.count(), 2)
        self.write("a.jsonl", line + other + other)
        self.hunt(log)
        self.assertEqual(self.count(), 3)
        os.utime(log, (1, 1))  # touched, after a log that holds something else
        self.hunt(self.write("0.jsonl", line * 9), log)
        self.assertEqual(self.count(), 11)  # of A's nine one was known
        self.write("a.jsonl", line + other * 3)
        found, _ = self.hunt(log)
        self.assertEqual((len(found), self.count()), (1, 12))

    def test_another_file_of_that_name_is_read_whole(self):
        log = self.write("a.jsonl", event(record=1) + event(record=2))
        self.hunt(log)
        self.write("a.jsonl", "".join(event(record=i, computer="OTHER") for i in range(1, 5)))
        _, summary = self.hunt(log)
        self.assertEqual(summary["input"]["events"], 4)
        self.assertEqual(self.count(), 6)

    def test_written_anew(self):
        """Behind the beginning that files are known by, one gets a line in between, then another line."""
        def lines(names):  # all of one length, from a cloud that numbers nothing
            return "".join('{"EventID": 4624, "Channel": "Security", "SystemTime": "2026-03-17T20:00:00Z", '
                           f'"LogonType": 10, "TargetUserName": "{n:06}", "filler": "{"x" * 200}"}}\n' for n in names)
        log = self.write("a.jsonl", lines(range(60)))
        _, first = self.hunt(log)
        self.assertEqual(first["findings"]["total"], 60)
        self.write("a.jsonl", lines([*range(40), 777777, *range(40, 60)]))
        _, second = self.hunt(log)
        self.assertEqual(second["findings"]["total"], 1)
        self.assertEqual(self.count(), 61)
        self.write("a.jsonl", lines([*range(30), 888888, *range(31, 40), 777777, *range(40, 60)]))
        os.utime(log, (2000000000, 2000000000))
        _, third = self.hunt(log)
        self.assertEqual(third["findings"]["total"], 1)
        self.assertEqual(self.count(), 62)

    def test_other_rules_read_everything_again(self):
        log = self.write("a.jsonl", event(record=1) + event(record=2, event_id=4625))
        self.hunt(log)
        self.write("more.yml", rule() + "---\n" + rule("Failed", 4625, number=2))
        _, summary = self.hunt(log, rules=self.path("more.yml"))
        self.assertEqual(summary["input"]["already_read"], 0)
        self.assertEqual(self.count(), 2)

    def test_hosts_are_told_apart(self):
        """Names of one length, one after the other in a log of lines."""
        self.hunt(self.write("a.jsonl", "".join(event(record=i, computer=f"HOST{i % 3}",
                                                      time=f"2026-03-17T19:00:0{i}.000000Z") for i in range(9))))
        second = 10_000_000
        self.assertEqual(self.ask(f"SELECT host, first / {second} % 60, last / {second} % 60 FROM heard ORDER BY host"),
                         [("HOST0", 0, 6), ("HOST1", 1, 7), ("HOST2", 2, 8)])

    def test_a_copy_elsewhere_adds_nothing(self):
        log = self.sample()
        self.hunt(log)
        kept = self.count()
        os.mkdir(self.path("copy"))
        shutil.copy(log, self.path("copy/renamed.evtx"))
        found, summary = self.hunt(self.path("copy"), status=0)
        self.assertEqual(summary["input"]["already_read"], 0)
        self.assertEqual(self.count(), kept)
        # what is known is neither told nor counted again, and is said to be known
        self.assertEqual((found, summary["findings"]["total"]), ([], 0))
        self.assertEqual(summary["findings"]["known"], kept)

    def test_an_unchanged_archive_is_one_file(self):
        log = self.write("a.jsonl", event())
        subprocess.run(["gzip", "-k", log], check=True)
        os.unlink(log)
        self.hunt(log + ".gz", status=2)
        _, summary = self.hunt(log + ".gz", status=0)
        self.assertEqual(summary["input"]["already_read"], 1)

    def test_interrupted(self):
        """What was found is kept; how far was read is not, so that nothing can be missed."""
        log = self.write("a.jsonl", event(record=1))
        p = subprocess.Popen([TOCSIN, "hunt", "--rules", self.rule, "-f", "jsonl", "--state", self.state,
                              log, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env=self.env)
        out = Reader(p.stdout)
        feed(p, out)
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(timeout=60), 130)
        p.stdin.close()
        out.join()
        self.assertEqual(self.ask("SELECT count(*) FROM source"), [(0,)])
        self.assertGreater(self.count(), 0)
        _, summary = self.hunt(log, status=0)
        self.assertEqual(summary["input"]["already_read"], 0)
        self.assertEqual(summary["findings"]["known"], 1)

    # claims: remembers, no-state
    def test_the_spread_over_runs_does_not_matter(self):
        """Every log in a run of its own, last first: the incidents are those of one run over all."""
        logs = sorted(os.path.join(CASE, x) for x in os.listdir(CASE) if x.endswith(".evtx"))
        for log in reversed(logs):
            self.run_tocsin("hunt", "--quiet", "--rules", RULES, "--state", self.state, log)
        self.run_tocsin("hunt", "--quiet", "--rules", RULES, "--state", self.path("once"), *logs)
        shown = [self.run_tocsin("incidents", "--state", s, "-f", "jsonl", status=0).stdout
                 for s in (self.state, self.path("once"))]
        self.assertEqual(shown[0], shown[1])
        self.assertNotEqual(shown[0], b"")
        for flags in (0, 1):  # 1: results of correlations
            rows = [self.ask(ROWS.format(flags), s) for s in (self.state, self.path("once"))]
            self.assertEqual(rows[0], rows[1])
            self.assertNotEqual(rows[0], [])

    # claim: store-sandbox
    def test_sandbox_with_a_store(self):
        """Seccomp is on while the transaction is open, and a reader and a second writer meet it."""
        p = subprocess.Popen([TOCSIN, "hunt", "--rules", self.rule, "-f", "jsonl", "--state", self.state, "-"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             env=self.env)
        out = Reader(p.stdout)
        feed(p, out)
        with open(f"/proc/{p.pid}/status") as f:
            self.assertIn("Seccomp:\t2", f.read())
        done = self.run_tocsin("incidents", "--state", self.state, status=0)
        self.assertEqual(done.stdout, b"no incidents\n")
        second = self.run_tocsin("hunt", "--rules", self.rule, "--state", self.state,
                                 self.write("b.jsonl", event()), status=1)
        self.assertIn(b"another tocsin writes to", second.stderr)
        self.assertEqual(second.stderr.count(b"\n"), 1)
        self.assertEqual(self.count(), 0)
        p.stdin.close()
        self.assertEqual(p.wait(timeout=60), 2)
        out.join()
        self.assertGreater(self.count(), 0)

    def test_refused_files(self):
        log = self.write("a.jsonl", event())
        for name, text in (("notes", "my notes\n"), ("half", "SQLite format 3\0" + "x" * 5000)):
            path = self.write(f"{name}/tocsin.db", text)
            for args in (("hunt", "--rules", self.rule, log), ("incidents",)):
                done = self.run_tocsin(*args, "--state", self.path(name), status=1)
                self.assertIn(b"left as it", done.stderr)
                self.assertEqual(done.stderr.count(b"\n"), 1)
                with open(path, encoding="latin-1") as f:
                    self.assertEqual(f.read(), text)


def hit(name, number, event_id):
    return f"""title: {name}
id: 00000000-0000-4000-8000-{number:012d}
name: {name}
level: low
logsource: {{product: windows, service: security}}
detection: {{s: {{EventID: {event_id}}}, condition: s}}
---
"""


def correlation(name, number, rest):
    return f"""title: {name}
id: 00000000-0000-4000-8000-{number:012d}
level: high
tags: [attack.credential-access, attack.t1110.003]
correlation:
  group-by: [Computer]
  timespan: 10m
  {rest}
"""


LOGON, FAILED = hit("logon", 1, 4624), hit("failed", 2, 4625)
SPRAY = FAILED + correlation("Spray", 3, "type: value_count\n  rules: [failed]\n"
                                         "  condition: {field: TargetUserName, gte: 3}")
COUNT = FAILED + correlation("Many", 3, "type: event_count\n  rules: [failed]\n  condition: {gte: 3}")
BROKEN_IN = FAILED + LOGON + correlation("Broken in", 3, "type: temporal_ordered\n  rules: [failed, logon]")
NO_LOGON = FAILED + LOGON + correlation("Given up", 3, "type: temporal\n  rules: [failed, logon]\n"
                                                       "  condition: failed and not logon")


def at(second, user, event_id=4625, record=0):
    return event(event_id, time=f"2026-03-17T19:{second // 60:02d}:{second % 60:02d}.000000Z",
                 record=record or second, TargetUserName=user, IpAddress="192.0.2.7")


class Spans(common.Case):
    """Windows of correlations that begin in one run's logs and end in another's."""

    def hunt(self, rules, state, *logs, status=None):
        done = self.run_tocsin("hunt", "--no-cache", "--rules", self.write("rules.yml", rules), "-f", "jsonl",
                               "--state", self.path(state), *logs, status=status)
        return self.findings(done)

    def results(self, state):
        db = sqlite3.connect(f"file:{self.path(state)}/tocsin.db?mode=ro", uri=True)
        try:
            return db.execute(ROWS.format(1)).fetchall()
        finally:
            db.close()

    def same(self, *states):
        """The stores hold the same results and tell the same incidents; the results."""
        told = [(self.results(s), self.run_tocsin("incidents", "--state", self.path(s), "-f", "jsonl",
                                                  status=0).stdout) for s in states]
        for other in told[1:]:
            self.assertEqual(other, told[0])
        return told[0][0]

    def spread(self, rules, first, second):
        """One run over both, and two runs in either order; what the last runs found, and the results."""
        a, b = self.write("a.jsonl", first), self.write("b.jsonl", second)
        self.case = getattr(self, "case", 0) + 1
        states = [f"{name}{self.case}" for name in ("once", "ab", "ba")]
        once, _ = self.hunt(rules, states[0], a, b)
        self.hunt(rules, states[1], a)
        ab, _ = self.hunt(rules, states[1], b)
        self.hunt(rules, states[2], b)
        ba, _ = self.hunt(rules, states[2], a)
        self.assertEqual((ab, ba), (once, once))
        return once, self.same(*states)

    def test_spray(self):
        found, rows = self.spread(SPRAY, at(1, "anna") + at(2, "bob"), at(3, "carl"))
        self.assertEqual([f["rule"]["name"] for f in found], ["Spray"])
        self.assertEqual(found[0]["tocsin"]["correlation"]["count"], 3)
        self.assertEqual([e["winlog"]["record_id"] for e in found[0]["tocsin"]["evidence"]], [1, 2, 3])
        self.assertEqual({e["log"]["file"]["path"] for e in found[0]["tocsin"]["evidence"]},
                         {self.path("a.jsonl"), self.path("b.jsonl")})
        self.assertEqual(len(rows), 1)

    def test_order(self):
        found, rows = self.spread(BROKEN_IN, at(1, "anna"), at(2, "anna", 4624))
        self.assertEqual(([f["rule"]["name"] for f in found], len(rows)), (["Broken in"], 1))
        found, rows = self.spread(BROKEN_IN.replace("Broken", "Not broken"), at(3, "x", 4624), at(4, "anna"))
        self.assertEqual((found, rows), ([], []))

    def test_twice(self):
        log = self.write("a.jsonl", at(1, "anna") + at(2, "bob") + at(3, "carl"))
        found, _ = self.hunt(SPRAY, "s", log, status=2)
        self.assertEqual(len(found), 1)
        rows = self.same("s")
        found, summary = self.hunt(SPRAY, "s", log, status=0)
        self.assertEqual((found, summary["findings"]["total"], summary["correlations"]["found"]), ([], 0, 0))
        self.assertEqual(self.results("s"), rows)
        # read again as a copy: nothing is new, so nothing is told, and nothing is added
        os.mkdir(self.path("copy"))
        found, _ = self.hunt(SPRAY, "s", shutil.copy(log, self.path("copy/other.jsonl")), status=0)
        self.assertEqual(found, [])
        self.assertEqual(self.results("s"), rows)

    def test_growing(self):
        """The result is told again, and replaces its row."""
        first = "".join(at(i, f"u{i}") for i in range(1, 5))
        more = "".join(at(i, f"u{i}") for i in range(10, 20))
        a, b = self.write("a.jsonl", first), self.write("b.jsonl", more)
        one, _ = self.hunt(SPRAY, "grown", a)
        two, _ = self.hunt(SPRAY, "grown", b)
        self.assertEqual([f["tocsin"]["correlation"]["count"] for f in one + two], [4, 14])
        self.assertEqual(one[0]["tocsin"]["correlation"]["id"], two[0]["tocsin"]["correlation"]["id"])
        self.hunt(SPRAY, "once", a, b)
        self.assertEqual(len(self.same("once", "grown")), 1)

    def test_an_earlier_beginning(self):
        """What was found first is part of something that began earlier: one row, not two."""
        first = "".join(at(i, f"u{i}") for i in range(1, 5))
        later = "".join(at(i, f"u{i}") for i in range(10, 15))
        found, rows = self.spread(COUNT, first, later)
        self.assertEqual([f["tocsin"]["correlation"]["count"] for f in found], [9])
        self.assertEqual(len(rows), 1)

    def test_two_become_one(self):
        ends = "".join(at(i, "anna") for i in (1, 2, 3, 1001, 1002, 1003))
        found, rows = self.spread(COUNT, ends, "".join(at(i, "anna") for i in (401, 402, 403, 701)))
        self.assertEqual([f["tocsin"]["correlation"]["count"] for f in found], [10])
        self.assertEqual(len(rows), 1)

    def test_what_does_not_hold_any_more(self):
        a, b = self.write("a.jsonl", at(1, "anna")), self.write("b.jsonl", at(9, "anna", 4624))
        found, _ = self.hunt(NO_LOGON, "s", a)
        self.assertEqual(len(found), 1)
        self.assertEqual(len(self.results("s")), 1)
        found, _ = self.hunt(NO_LOGON, "s", b, status=0)
        self.assertEqual((found, self.same("s")), ([], []))

    def test_other_rules(self):
        """Matches whose values changed, or whose rule is gone, are of no use; what they gave stays."""
        self.hunt(SPRAY, "s", self.write("a.jsonl", at(1, "anna") + at(2, "bob") + at(3, "carl")), status=2)
        rows = self.results("s")
        wider = SPRAY.replace("[Computer]", "[IpAddress]")
        found, summary = self.hunt(wider, "s", self.write("b.jsonl", at(4, "dora")), status=0)
        self.assertEqual((found, summary["correlations"]["kept_unused"]), ([], 3))
        self.hunt(rule(), "s", self.write("c.jsonl", at(5, "e")), status=0)
        self.assertEqual(self.results("s"), rows)
        found, summary = self.hunt(SPRAY, "s", self.write("d.jsonl", at(6, "finn")), status=2)
        self.assertEqual([f["tocsin"]["correlation"]["count"] for f in found], [4])
        self.assertEqual(summary["correlations"]["kept_unused"], 1)

    def test_matches_that_are_gone(self):
        """As after pruning: what rested on them stays, and their rest is no result of its own."""
        self.hunt(COUNT, "s", self.write("a.jsonl", "".join(at(i, "anna") for i in range(1, 7))), status=2)
        rows = self.results("s")
        db = sqlite3.connect(self.path("s/tocsin.db"))
        with db:
            edge = db.execute("SELECT time, key FROM matched ORDER BY time LIMIT 1 OFFSET 2").fetchone()
            db.execute("DELETE FROM matched WHERE time <= ?", edge[:1])
            db.execute("INSERT INTO blob VALUES ('horizon.match', ?)",
                       (edge[0].to_bytes(8, "little") + edge[1],))
        db.close()
        self.hunt(COUNT, "s", self.write("b.jsonl", at(50, "x", 4624)), status=0)
        self.assertEqual(self.results("s"), rows)
        # far from what is gone: half of it a run
        self.hunt(COUNT, "s", self.write("c.jsonl", at(3001, "x") + at(3002, "x")), status=0)
        found, _ = self.hunt(COUNT, "s", self.write("d.jsonl", at(3000, "x")), status=2)
        self.assertEqual([f["tocsin"]["correlation"]["count"] for f in found], [3])
        self.assertEqual(len(self.results("s")), 2)
        # older than all that is kept: within the run
        found, _ = self.hunt(COUNT, "s", self.write("e.jsonl", at(1, "y", record=101) + at(2, "y", record=102)
                                                    + at(2, "y", record=103)), status=2)
        self.assertEqual(found[0]["tocsin"]["correlation"]["first"], "2026-03-17T19:00:01.000000Z")

    def test_equal_times(self):
        """Records of the same second in several logs: their order is that of no run."""
        logs = [self.write(f"{n}.jsonl", at(1, f"u{n}", record=20 + n) + at(1, f"v{n}", 4624, record=30 + n))
                for n in range(4)]
        rules = BROKEN_IN + "---\n" + COUNT.split("---\n")[1].replace("000003", "000004")
        self.hunt(rules, "once", *logs)
        for log in reversed(logs):
            self.hunt(rules, "each", log)
        self.assertEqual({row[1][-1] for row in self.same("once", "each")}, {"3", "4"})

    def test_a_damaged_match(self):
        self.hunt(SPRAY, "s", self.write("a.jsonl", at(1, "anna")))
        for bad in ("x''", "x'ffffffff'", "x'01000000'", "x'0100000041'", "zeroblob(5000)"):
            db = sqlite3.connect(self.path("s/tocsin.db"))
            with db:
                db.execute(f"UPDATE matched SET bring = {bad}")
            db.close()
            done = self.run_tocsin("hunt", "--rules", self.path("rules.yml"), "--state", self.path("s"),
                                   self.write("b.jsonl", at(2, "bob")), status=1)
            self.assertIn(b"the store is damaged", done.stderr)


class Incidents(common.Case):
    def setUp(self):
        super().setUp()
        self.state = self.path("state")
        subprocess.run([os.environ["STORE_WRITER"], self.state, "0", "2"], check=True,
                       stdout=subprocess.DEVNULL)

    def text(self, *args, **more):
        return self.run_tocsin("incidents", *args, status=0, **more).stdout.decode("utf-8", "replace")

    def test_where_the_store_is(self):
        listed = self.text("--state", self.state)
        self.assertEqual(self.text(env={"STATE_DIRECTORY": self.state}), listed)
        os.makedirs(self.path(".local/state"))
        os.symlink(self.state, self.path(".local/state/tocsin"))
        self.assertEqual(self.text(), listed)
        os.makedirs(self.path("xdg"))
        os.symlink(self.state, self.path("xdg/tocsin"))
        self.assertEqual(self.text(env={"XDG_STATE_HOME": self.path("xdg"), "HOME": "/nowhere"}), listed)

    def test_nothing_is_made_for_a_reader(self):
        done = self.run_tocsin("incidents", env={"HOME": self.path("empty")}, status=1)
        self.assertIn(b"holds no store", done.stderr)
        self.assertFalse(os.path.exists(self.path("empty")))

    def test_every_incident_can_be_shown(self):
        db = sqlite3.connect(f"file:{self.state}/tocsin.db?mode=ro", uri=True)
        rows = db.execute("SELECT id, state FROM incident ORDER BY last DESC, id").fetchall()
        db.close()
        listed = self.text("--state", self.state)
        at = [listed.index(f"{i[:8]}  ") for i, _ in rows]
        self.assertEqual(at, sorted(at))
        for i, _ in rows:
            for width in ("40", "80", "200"):
                shown = self.text("--state", self.state, i[:8], env={"COLUMNS": width})
                self.assertIn(f"Incident {i[:8]}", shown)
                self.assertIn(f"Id: {i}", shown)
                self.assertNotIn("\x1b", shown)
        high = self.text("--state", self.state, "--min-state", "destruction")
        for i, state in rows:
            self.assertEqual(f"{i[:8]}  " in high, state == 4)
        lines = self.text("--state", self.state, "--format", "jsonl").splitlines()
        self.assertEqual(len(lines), len(rows))

    def test_an_id_that_is_not_there(self):
        for args, part in ((("ffffffffffff",), "there is no incident"), (("zz",), "there is no incident"),
                           (("ab",), "at least 4 digits"), (("a", "b"), "one id"),
                           (("--min-state", "bad"), "no state")):
            done = self.run_tocsin("incidents", "--state", self.state, *args, status=1)
            self.assertIn(part, done.stderr.decode())


if __name__ == "__main__":
    common.main()

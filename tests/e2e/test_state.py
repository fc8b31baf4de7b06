#!/usr/bin/env python3
"""tests/e2e/test_state.py - hunt --state: what is kept, what is not read again; tocsin incidents."""
import os
import shutil
import signal
import sqlite3
import stat
import subprocess

import common
from common import CASE, RULES, TOCSIN, Reader, event, feed, rule


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

    def ask(self, query):
        db = sqlite3.connect(f"file:{self.state}/tocsin.db?mode=ro", uri=True)
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def count(self):
        return self.ask("SELECT count(*) FROM detection")[0][0]

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

    def test_another_file_of_that_name_is_read_whole(self):
        log = self.write("a.jsonl", event(record=1) + event(record=2))
        self.hunt(log)
        self.write("a.jsonl", "".join(event(record=i, computer="OTHER") for i in range(1, 5)))
        _, summary = self.hunt(log)
        self.assertEqual(summary["input"]["events"], 4)
        self.assertEqual(self.count(), 6)

    def test_other_rules_read_everything_again(self):
        log = self.write("a.jsonl", event(record=1) + event(record=2, event_id=4625))
        self.hunt(log)
        self.write("more.yml", rule() + "---\n" + rule("Failed", 4625, number=2))
        _, summary = self.hunt(log, rules=self.path("more.yml"))
        self.assertEqual(summary["input"]["already_read"], 0)
        self.assertEqual(self.count(), 2)

    def test_a_copy_elsewhere_adds_nothing(self):
        log = self.sample()
        self.hunt(log)
        kept = self.count()
        os.mkdir(self.path("copy"))
        shutil.copy(log, self.path("copy/renamed.evtx"))
        _, summary = self.hunt(self.path("copy"), status=2)
        self.assertEqual(summary["input"]["already_read"], 0)
        self.assertEqual(self.count(), kept)

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
        _, summary = self.hunt(log, status=2)
        self.assertEqual(summary["input"]["already_read"], 0)

    def test_the_spread_over_runs_does_not_matter(self):
        """Every log in a run of its own, last first: the incidents are those of one run over all."""
        logs = sorted(os.path.join(CASE, x) for x in os.listdir(CASE) if x.endswith(".evtx"))
        rules = f"{RULES}/windows"
        for log in reversed(logs):
            self.run_tocsin("hunt", "--quiet", "--rules", rules, "--state", self.state, log)
        self.run_tocsin("hunt", "--quiet", "--rules", rules, "--state", self.path("once"), *logs)
        shown = [self.run_tocsin("incidents", "--state", s, "-f", "jsonl", status=0).stdout
                 for s in (self.state, self.path("once"))]
        self.assertEqual(shown[0], shown[1])
        self.assertNotEqual(shown[0], b"")

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

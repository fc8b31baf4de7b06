#!/usr/bin/env python3
"""tests/e2e/test_disk.py - what is told and what is kept do not depend on each other: a disk that is full under
--state, a disk that is full under -o, and a reader that leaves."""
import json
import os
import resource
import shutil
import sqlite3
import subprocess

import common
from common import CASE, RULES, TOCSIN, Reader, event, feed, rule


class Disk(common.Case):
    def setUp(self):
        super().setUp()
        self.state = self.path("state")

    def hunt(self, *logs, state=None, limit=None, **more):
        """(status, findings and incidents, standard error); no file may become larger than `limit`."""
        args = ["--state", state] if state else []
        if limit is not None:
            more["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        done = self.run_tocsin("hunt", "--no-cache", "-f", "jsonl", "--rules", RULES, *args, *logs, **more)
        told = [line for line in done.stdout.splitlines() if json.loads(line)["tocsin"]["kind"] != "summary"]
        self.assertLessEqual(done.returncode, 3, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["tocsin"]["kind"], "summary", done.stderr)
        return done.returncode, told, done.stderr

    def kept(self, state):
        """Findings and incidents in the store."""
        if not os.path.exists(f"{state}/tocsin.db") or os.path.getsize(f"{state}/tocsin.db") == 0:
            return 0, 0
        db = sqlite3.connect(f"file:{state}/tocsin.db?mode=ro", uri=True)
        try:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            tables = {name for name, in db.execute("SELECT name FROM sqlite_schema")}
            if "incident" not in tables:
                return 0, 0
            return tuple(db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("detection", "incident"))
        finally:
            db.close()

    # claim: store-full
    def test_full_at_any_moment(self):
        """From a disk that takes nothing to one that takes all: the same is told, and all is kept or nothing."""
        _, told, _ = self.hunt(CASE)
        self.assertEqual(self.hunt(CASE, state=self.path("whole"))[:2], (2, told))
        whole = self.kept(self.path("whole"))
        size = max(os.path.getsize(self.path(f"whole/{f}")) for f in os.listdir(self.path("whole")))
        outcomes = set()
        for n, limit in enumerate([0, 1000, 4096, 33000, *range(40000, size, size // 7), 16 << 20]):
            with self.subTest(limit=limit):
                state = self.path(f"state{n}")
                status, now, said = self.hunt(CASE, state=state, limit=limit)
                self.assertEqual(now, told)
                self.assertEqual(self.kept(state), whole if status == 2 else (0, 0), said)
                self.assertEqual(status, 3 if b"nothing of it is kept" in said else 2)
                outcomes.add(status)
        self.assertEqual(outcomes, {2, 3})

    def test_full_over_a_store(self):
        """What earlier hunts kept is known, and joins, whether or not there is room for more; but a store that
        cannot even be opened is not asked."""
        logs = sorted(os.path.join(CASE, f) for f in os.listdir(CASE) if f.endswith(".evtx"))
        self.hunt(*logs[:4], state=self.state)
        before = self.kept(self.state)
        shutil.copytree(self.state, self.path("copy"))
        status, told, _ = self.hunt(*logs, state=self.path("copy"))
        self.assertEqual(status, 2)
        for limit in (1000, 40000, 100000):
            with self.subTest(limit=limit):
                if limit < 32768:
                    told_now = self.hunt(*logs)[1]
                else:
                    told_now = told
                status, now, said = self.hunt(*logs, state=self.state, limit=limit)
                self.assertEqual((status, now), (3, told_now), said)
                self.assertIn(b"nothing of it is kept", said)
                self.assertEqual(self.kept(self.state), before)
        self.assertEqual(self.hunt(*logs, state=self.state)[:2], (2, told))

    def test_more_than_is_kept_in_memory(self):
        """So many findings that SQLite writes long before the end."""
        r = self.write("rule.yml", rule())
        log = self.write("log.jsonl", "".join(event(TargetUserName=f"user{i}", Pad="x" * 2000)
                                              for i in range(120000)))
        args = ("hunt", "--no-cache", "-q", "--rules", r, log)
        alone = self.run_tocsin(*args, status=2)

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20 << 20, 20 << 20))
        done = self.run_tocsin(*args, "--state", self.state, status=3, preexec_fn=limit)
        self.assertEqual([x for x in done.stdout.splitlines() if b" findings: " in x],
                         [x for x in alone.stdout.splitlines() if b" findings: " in x])
        self.assertIn(b"nothing of it is kept", done.stderr)
        self.assertEqual(self.kept(self.state), (0, 0))

    def test_no_room_for_the_output(self):
        with open("/dev/full", "wb") as full:
            for args in (("-o", "/dev/full"), ()):
                for form in ("jsonl", "text"):
                    with self.subTest(args=args, form=form):
                        state = self.path(f"s{len(args)}{form}")
                        done = self.run_tocsin("hunt", "--no-cache", "-f", form, "--state", state, *args, CASE,
                                               stdout=full, status=3)
                        self.assertIn(b"No space left on device", done.stderr)
                        self.assertIn(b"what was found is kept", done.stderr)
                        self.assertGreater(self.kept(state)[1], 0)
            self.run_tocsin("hunt", "--no-cache", "-f", "jsonl", CASE, stdout=full, status=1)

    def test_a_reader_that_leaves(self):
        """With a store the hunt goes on to its end; without one it has nobody to work for."""
        r = self.write("rule.yml", rule())
        for state in ((), ("--state", self.state)):
            with self.subTest(state):
                p = subprocess.Popen([TOCSIN, "hunt", "--no-cache", "-f", "jsonl", "--rules", r, *state, "-"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     env=self.env)
                out = Reader(p.stdout, leave=True)
                feed(p, out)
                out.join()
                try:
                    for i in range(20000):
                        p.stdin.write(event(computer="LAST" if i == 19999 else "HOST1").encode())
                    p.stdin.close()
                except BrokenPipeError:
                    self.assertEqual(state, ())
                said = p.stderr.read()
                p.stderr.close()
                p.wait(timeout=60)
                self.assertIn(b"the reader of the output is gone", said)
                self.assertEqual(p.returncode, 3 if state else 1)
        db = sqlite3.connect(f"file:{self.state}/tocsin.db?mode=ro", uri=True)
        self.assertEqual(db.execute("SELECT count(*) FROM detection WHERE host = 'LAST'").fetchone(), (1,))
        db.close()


if __name__ == "__main__":
    common.main()

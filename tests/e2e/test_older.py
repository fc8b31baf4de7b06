#!/usr/bin/env python3
"""tests/e2e/test_older.py - a store that the program of schema 3 left: hunting the same logs again over it
adds nothing but what that program had lost, and its ids of incidents lead on.

Such a store is made of one that is new: its tables (tests/unit/store/version_3.sql), the same rows, and the
keys that the older program gave them, written here anew after that program's docs/store.md."""
import hashlib
import os
import sqlite3

import common
from common import CASE, event, rule

VERSION_3 = os.environ["VERSION_3"]
TICKS = 10_000_000
TRAIL = ('{{"eventVersion":"1.08","eventTime":"2026-03-17T19:41:08Z","eventSource":"signin.amazonaws.com",'
         '"eventName":"ConsoleLogin","awsRegion":"eu-central-1","eventID":"00000000-0000-4000-8000-{:012d}",'
         '"userIdentity":{{"type":"IAMUser","userName":"anna"}}}}\n')


def number(n):
    return (n % 2**64).to_bytes(8, "little")


def text(s):
    s = s.encode("utf-8", "surrogateescape")
    return number(len(s)) + s


def lower(s):
    return text("".join(c.lower() if c.isascii() else c for c in s))


def old_key(said, r):
    numbered = bool(r["channel"] and r["record_id"])
    h = hashlib.blake2b(said + lower(r["host"]) + number(int(r["time"] / TICKS)) + number(numbered), digest_size=16)
    h.update(lower(r["channel"]) if numbered else text(os.path.basename(r["file"])))
    h.update(number(r["record_id"] if numbered else r["offset"]))
    return h.digest()


def old_id(new):
    return new[::-1]


def age(new, old):
    """The store `new`, as the older program would have left it, as `old`."""
    source = sqlite3.connect(f"file:{new}?mode=ro", uri=True)
    source.row_factory = sqlite3.Row
    to = sqlite3.connect(old)
    with open(VERSION_3, encoding="utf-8") as f:
        to.executescript(f.read())
    rules = {r["nr"]: r["id"] for r in source.execute("SELECT nr, id FROM signature")}
    tables = [t for t, in to.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
    for table in tables:
        names = [row[1] for row in to.execute(f"PRAGMA table_info({table})")]
        for row in source.execute(f"SELECT * FROM {table}"):
            r = {n: row[n] for n in names}
            if table == "detection" and not r["flags"] & 1:
                r["key"] = old_key(text(rules[r["signature"]]), r)
            elif table == "observation":
                r["key"] = old_key(number(r["kind"]), r)
            elif table == "matched":
                r["key"] = old_key(text(r["rule"]) + number(r["plan"]), r)
            elif table == "incident":
                r["id"] = old_id(r["id"])
            to.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(names))})", list(r.values()))
    to.commit()
    to.close()
    source.close()


class Older(common.Case):
    def hunt(self, state, *logs):
        done = self.run_tocsin("hunt", "--state", self.path(state), *logs)
        self.assertIn(done.returncode, (0, 2), done.stderr.decode("utf-8", "replace"))

    def ask(self, state, query):
        db = sqlite3.connect(f"file:{self.path(state)}/tocsin.db?mode=ro", uri=True)
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def make(self, *logs):
        """The stores "new" and "old" of the same logs."""
        self.hunt("new", *logs)
        os.mkdir(self.path("old"), 0o700)
        age(self.path("new/tocsin.db"), self.path("old/tocsin.db"))
        self.assertEqual(self.ask("old", "PRAGMA user_version"), [(3,)])

    def same(self):
        for query in ("SELECT key, record FROM detection ORDER BY key", "SELECT key, record FROM observation ORDER BY key",
                      "SELECT key, record FROM matched ORDER BY key", "SELECT id FROM incident ORDER BY id"):
            self.assertEqual(self.ask("old", query), self.ask("new", query), query)
        for table in ("detection", "observation", "matched"):
            self.assertEqual(self.ask("old", f"SELECT count(*) FROM {table} WHERE legacy IS NOT NULL"), [(0,)])

    def test_the_bundled_case(self):
        self.make(CASE)
        last = self.ask("old", "SELECT max(nr) FROM detection")
        ids = self.ask("old", "SELECT id FROM incident")
        self.assertGreater(len(ids), 0)
        self.hunt("old", CASE)
        self.same()
        self.assertEqual(self.ask("old", "SELECT max(nr) FROM detection"), last)
        for old, in ids:
            for part in (old, old[:12]):
                done = self.run_tocsin("incidents", "--state", self.path("old"), part, status=0)
                self.assertIn(old_id(old)[:12].encode(), done.stdout)
        self.hunt("old", CASE)  # and from now on it is as any other
        self.same()

    def test_lines_that_number_themselves(self):
        """Of two exports of one host and second, equal numbers were one record."""
        line = [event(record=i, TargetUserName=f"u{i}").replace(f'"EventRecordID": {i}, ', "") for i in range(1, 6)]
        self.assertNotIn("EventRecordID", line[0])
        logs = [self.write("a.jsonl", line[0] + line[1]), self.write("b.jsonl", line[2] + line[3] + line[4]),
                self.write("trail.jsonl", TRAIL.format(1) + TRAIL.format(2))]
        rules = ["--rules", self.write("rule.yml", rule())]
        self.make(*rules, *logs)
        count = "SELECT count(*) FROM detection"
        self.assertEqual((self.ask("new", count), self.ask("old", count)), ([(5,)], [(3,)]))
        self.hunt("old", *rules, *logs)
        self.same()
        self.hunt("old", *rules, *logs)
        self.same()


if __name__ == "__main__":
    common.main()

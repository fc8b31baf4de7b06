#!/usr/bin/env python3
"""tests/e2e/test_claims.py - promises of the documents that no other test holds (tests/claims.txt)."""
import io
import json
import os
import stat
import subprocess
import zipfile

import common
from common import CASE, TOCSIN, event, rule

MIB = 1 << 20


def record(channel, number, **data):
    return json.dumps({"Event": {"System": {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-" + channel}}, "EventID": 1,
        "EventRecordID": number, "Channel": channel, "Computer": "HOST1",
        "TimeCreated": {"#attributes": {"SystemTime": "2026-03-17T19:41:08.123456Z"}}}, "EventData": data}}) + "\n"


class Claims(common.Case):
    # claim: routing
    def test_routing(self):
        """Rules of two logs on one file that holds records of both, in turns."""
        sysmon = rule("A process", 1, number=2).replace("service: security", "service: sysmon")
        rules = self.write("rules/a.yml", rule("A logon", 1)), self.write("rules/b.yml", sysmon)
        log = self.write("Security.evtx.jsonl", "".join(
            record(("Security", "Microsoft-Windows-Sysmon/Operational")[i % 2], i) for i in range(100)))
        done = self.run_tocsin("hunt", "--no-cache", "-f", "jsonl", "--rules", os.path.dirname(rules[0]), log, status=2)
        found = [(f["rule"]["name"], f["winlog"]["record_id"] % 2) for f in self.findings(done)[0]]
        self.assertEqual(sorted(set(found)), [("A logon", 0), ("A process", 1)])
        self.assertEqual(len(found), 100)

    # claim: archive-streamed
    def test_archives_leave_nothing(self):
        """Members, one of which is named outside, are read; nothing is written, anywhere that can be seen."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as z:
            for name in ("a.jsonl", "../../outside.jsonl", "/tmp/absolute.jsonl"):
                z.writestr(name, event() * 3)
        self.write("in/a.zip", packed.getvalue())
        self.write("tmp/x", "")
        before = sorted(os.walk(self.dir))
        done = self.run_tocsin("dump", self.path("in/a.zip"), env={"TMPDIR": self.path("tmp")}, cwd=self.path("in"),
                               status=0)
        self.assertEqual(done.stdout.count(b"\n"), 9)
        self.assertEqual(sorted(os.walk(self.dir)), before)

    # claim: stix-printed
    def test_names_of_a_bundle(self):
        bundle = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [
            {"type": "intrusion-set", "spec_version": "2.1", "name": "evil\x1b[31m\u202ename",
             "id": "intrusion-set--00000000-0000-4000-8000-000000000002", "created": "2026-01-01T00:00:00Z",
             "modified": "2026-01-01T00:00:00Z", "external_references": [
                 {"source_name": "mitre-attack", "external_id": "G0001"}]}]}
        done = self.run_tocsin("intel", "profile", "--from", self.write("b.json", json.dumps(bundle)), "--list", status=0)
        self.assertIn(b"evil", done.stdout)
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertNotIn("\u202e".encode(), done.stdout)

    # claim: stix-sandbox
    def test_intel_profile_is_confined(self):
        """It waits for whoever reads its output; by then the bundle has been parsed, inside."""
        objects = [{"type": "intrusion-set", "spec_version": "2.1", "name": f"name {i} " + "x" * 200,
                    "id": f"intrusion-set--00000000-0000-4000-8000-{i:012d}", "created": "2026-01-01T00:00:00Z",
                    "modified": "2026-01-01T00:00:00Z"} for i in range(5000)]
        bundle = self.write("b.json", json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}))
        p = subprocess.Popen([TOCSIN, "intel", "profile", "--from", bundle, "--list"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env=self.env)
        first = os.read(p.stdout.fileno(), 1)
        with open(f"/proc/{p.pid}/status") as f:
            status = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
        p.stdout.read()
        p.stdout.close()
        self.assertEqual((p.wait(timeout=60), len(first)), (0, 1))
        self.assertEqual((status["Seccomp"].strip(), status["NoNewPrivs"].strip()), ("2", "1"))

    # claim: profiles-before
    def test_profiles_from_elsewhere(self):
        """What lies outside the inputs cannot be read inside; profiles are, so they were read before."""
        done = self.run_tocsin("hunt", "--no-cache", "-q", "--profiles", os.path.join(common.RULES, "../profiles"), CASE,
                               status=2)
        self.assertEqual(done.stderr.replace(b"tocsin: this kernel has no Landlock", b"").count(b"profile"), 0)

    # claim: no-privileges
    def test_no_privileges(self):
        """The program as it is built: an ordinary file, with no extended attribute that gives capabilities; and
        when it is done no process of it is left."""
        mode = os.stat(TOCSIN).st_mode
        self.assertFalse(mode & (stat.S_ISUID | stat.S_ISGID))
        self.assertNotIn("security.capability", os.listxattr(TOCSIN))
        p = subprocess.Popen([TOCSIN, "dump", CASE], stdout=subprocess.PIPE, env=self.env)
        self.assertEqual(p.stdout.read().count(b"\n"), 1813)  # ends only when nobody holds the other end any more
        p.stdout.close()
        self.assertEqual(p.wait(timeout=60), 0)

    def hunted(self, log, selection):
        r = self.write("rule.yml", rule().replace("EventID: 4624", selection))
        done = self.run_tocsin("hunt", "--no-cache", "-f", "jsonl", "--rules", r, log)
        return done.returncode, len(self.findings(done)[0])

    # claim: limit-value
    def test_limit_of_a_value(self):
        """A word that ends at 1 MiB is found, one byte further it is not, and then that is told."""
        for more, expected in ((0, (2, 1)), (1, (1, 0))):
            log = self.write("log.jsonl", event(Text="x" * (MIB - 5 + more) + "token"))
            with self.subTest(more):
                self.assertEqual(self.hunted(log, "Text|contains: token"), expected)

    # claim: limit-json
    def test_limit_of_an_object(self):
        """An object of 16 MiB is read, a larger one is lost and told, and its neighbours are read."""
        line = event(Pad="", TargetUserName="anna")
        for more, kept in ((0, 3), (1, 2)):
            room = 16 * MIB - len(line.rstrip("\n")) + more
            values = [f'"Pad{i}": "' + "x" * (MIB // 2) + '", ' for i in range(room // (MIB // 2 + 64))]
            room -= sum(map(len, values))
            big = line.replace('"Pad": "', "".join(values) + '"Pad": "' + "x" * room)
            self.assertEqual(len(big.rstrip("\n")), 16 * MIB + more)
            log = self.write("log.jsonl", event() + big + event())
            done = self.run_tocsin("dump", log)
            with self.subTest(more):
                self.assertEqual((done.returncode, done.stdout.count(b"\n")), (0 if kept == 3 else 1, kept), done.stderr)


if __name__ == "__main__":
    common.main()

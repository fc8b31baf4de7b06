#!/usr/bin/env python3
"""tests/e2e/test_incidents.py - incidents as machines get them: the bundled case gives the one intrusion
that its story tells (cases/night-shift/story.txt), the contract of the JSON, and the same bytes whatever
the threads and the order of paths."""
import glob
import json
import os
import re

import common
from common import event

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
STAGES = ["account", "foothold", "credentials", "lateral movement", "destruction"]
STATES = ["watch", "warn", "imminent", "destruction seen"]
ATTACKER = "203.0.113.77"


def parts(done):
    lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    return ([x for x in lines if x["tocsin"]["kind"] == "finding"],
            [x for x in lines if x["tocsin"]["kind"] == "incident"], lines)


def incident_bytes(done):
    return [line for line in done.stdout.splitlines() if b'"kind":"incident"' in line]


class Story(common.Case):
    """Expected values are the story's: who, where, when."""

    def setUp(self):
        super().setUp()
        done = self.run_tocsin("hunt", "--format", "jsonl", common.CASE, status=2)
        self.findings, self.incidents, self.lines = parts(done)

    def one(self):
        self.assertEqual(len(self.incidents), 1)
        return self.incidents[0]["tocsin"]["incident"]

    def test_who_and_where(self):
        self.one()
        outer = self.incidents[0]
        self.assertEqual(set(outer["host"]["name"]),
                         {"WS07.elbwerft.example", "FS02.elbwerft.example", "DC01.elbwerft.example"})
        self.assertEqual(set(outer["user"]["name"]), {"j.falk", "adm.roth"})
        self.assertIn(ATTACKER, outer["source"]["ip"])

    def test_origin(self):
        origin = self.one()["origin"]
        self.assertEqual(origin["account"], "ELBWERFT\\j.falk")
        self.assertEqual(origin["address"], ATTACKER)
        self.assertEqual(origin["host"], "WS07.elbwerft.example")

    # claim: joins
    def test_states_in_order(self):
        moves = self.one()["transitions"]
        self.assertEqual([m["state"] for m in moves], ["watch", "warn", "imminent"])
        self.assertEqual(self.one()["state"], "imminent")  # nothing was destroyed yet
        when = [m["time"] for m in moves]
        self.assertEqual(when, sorted(when))
        # watch: once the guessed account is used; warn: with LSASS at the latest; imminent: when the
        # second machine's protection is off, before shadow copies go at 22:46
        self.assertTrue("2026-03-17T20:04:12" < when[0] < "2026-03-17T20:37:04", when)
        self.assertTrue(when[0] < when[1] < "2026-03-17T21:05:50", when)
        self.assertTrue("2026-03-17T22:20:07" < when[2] < "2026-03-17T22:24:53", when)

    def test_techniques(self):
        got = self.incidents[0]["threat"]["technique"]["id"]
        for t in "T1110.003", "T1543.003", "T1003.001", "T1685", "T1490":
            self.assertIn(t, got)
        self.assertEqual(len(got), len(set(got)))

    def test_stages(self):
        stages = self.one()["stages"]
        self.assertEqual(stages, [s for s in STAGES if s in stages])
        for s in "account", "foothold", "credentials", "destruction":
            self.assertIn(s, stages)

    # claim: joins
    def test_chain_is_ordered(self):
        chosen = [x for x in self.one()["chain"] if x["chosen"]]
        times = [x["time"] for x in chosen]
        order = [STAGES.index(x["stage"]) for x in chosen]
        self.assertEqual(times, sorted(times))
        self.assertEqual(order, sorted(set(order)))
        self.assertEqual([STAGES[i] for i in order], self.one()["stages"])

    def test_evidence_exists(self):
        for link in self.one()["chain"]:
            e = link["evidence"]
            self.assertTrue(os.path.exists(e["file"]), e)
            self.assertGreater(e["record"], 0)

    def test_summary_names_them(self):
        text = self.one()["summary"]
        for word in "j.falk", "adm.roth", "FS02", "DC01", ATTACKER:
            self.assertIn(word, text)

    def test_background_stays_out(self):
        text = json.dumps(self.incidents)
        for name in "c.lind", "m.vogt", "svc_backup":
            self.assertNotIn(name, json.dumps(self.one()["accounts"]))
            self.assertNotIn(f'"account": "ELBWERFT\\\\{name}"', text)


class Contract(common.Case):
    def setUp(self):
        super().setUp()
        self.done = self.run_tocsin("hunt", "--format", "jsonl", common.CASE, status=2)
        _, self.incidents, self.lines = parts(self.done)
        self.assertTrue(self.incidents)

    def typed(self, where, spec):
        for name, kind in spec.items():
            optional = name.endswith("?")
            name = name.rstrip("?")
            if optional and name not in where:
                continue
            self.assertIn(name, where)
            if kind == "time":
                self.assertRegex(where[name], TIME)
            else:
                self.assertIs(type(where[name]), kind, name)

    def texts(self, values):
        self.assertTrue(values)
        for x in values:
            self.assertIs(type(x), str)
            self.assertTrue(x)
        self.assertEqual(len(values), len(set(values)))

    def test_outer(self):
        for x in self.incidents:
            self.typed(x, {"@timestamp": "time", "ecs": dict, "event": dict, "host": dict, "tocsin": dict})
            self.assertEqual(x["event"]["kind"], "alert")
            self.texts(x["host"]["name"])
            self.texts(x["user"]["name"])
            self.texts(x["source"]["ip"])
            self.texts(x["threat"]["technique"]["id"])
            self.assertEqual(x["@timestamp"], x["tocsin"]["incident"]["last"])

    def test_incident(self):
        for x in self.incidents:
            i = x["tocsin"]["incident"]
            self.typed(i, {"id": str, "state": str, "score": int, "stages": list, "first": "time",
                           "last": "time", "summary": str, "chain": list, "joins": list, "next": list,
                           "transitions": list, "detections": int, "dropped": int, "accounts": list,
                           "origin": dict, "missing": list, "mitigations": list, "reach": list,
                           "overlap": list, "merged": list})
            self.assertRegex(i["id"], r"^[0-9a-f]{32}$")
            self.assertIn(i["state"], STATES)
            self.assertTrue(set(i["stages"]) <= set(STAGES))
            self.assertLessEqual(i["first"], i["last"])
            self.assertEqual(i["transitions"][-1]["state"], i["state"])
            self.assertGreaterEqual(i["detections"], sum(1 for _ in i["chain"]))

    def test_lists(self):
        for x in self.incidents:
            i = x["tocsin"]["incident"]
            for link in i["chain"]:
                self.typed(link, {"time": "time", "last": "time", "count": int, "stage?": str, "chosen": bool,
                                  "rule": str, "title": str, "level": str, "technique": list, "host?": str,
                                  "account?": str, "source?": str, "evidence?": dict})
            for join in i["joins"]:
                self.typed(join, {"kind": str, "strength": str, "time": "time", "link?": int, "to?": int,
                                  "reason": str, "incident?": str, "from_host?": str, "to_host?": str})
                self.assertIn(join["kind"], ("joined", "related", "refused"))
                self.assertIn(join["strength"], ("weak", "medium", "strong"))
                for key in "link", "to":
                    self.assertLess(join.get(key, 0), len(i["chain"]))
                if join["kind"] == "joined":
                    self.assertLessEqual(i["chain"][join["to"]]["time"], join["time"])
            for t in i["transitions"]:
                self.typed(t, {"state": str, "time": "time", "why": str})
            for n in i["next"] + i["mitigations"]:
                self.typed(n, {"stage?": str, "priority?": int, "technique?": str, "text": str})
                self.assertNotIn("{", n["text"])  # names are filled in
            for r in i["reach"]:
                self.typed(r, {"hops": int, "host?": str, "account?": str, "why": str, "last": "time"})
                self.assertNotEqual("host" in r, "account" in r)
            for m in i["missing"]:
                self.typed(m, {"stage": str, "text": str})
                self.assertNotIn(m["stage"], i["stages"])

    def test_place(self):
        kinds = [x["tocsin"]["kind"] for x in self.lines]
        findings = kinds.count("finding")
        self.assertEqual(kinds, ["finding"] * findings + ["incident"] * len(self.incidents) + ["summary"])
        firsts = [(x["tocsin"]["incident"]["first"], x["tocsin"]["incident"]["id"]) for x in self.incidents]
        self.assertEqual(firsts, sorted(firsts))

    def test_off(self):
        done = self.run_tocsin("hunt", "--format", "jsonl", "--no-incidents", common.CASE, status=2)
        self.assertEqual(incident_bytes(done), [])
        with_them = [x for x in self.done.stdout.splitlines() if b'"kind":"finding"' in x]
        without = [x for x in done.stdout.splitlines() if b'"kind":"finding"' in x]
        self.assertEqual(with_them, without)

    def test_stop(self):
        """An account that joins nothing is in no incident; what it had joined is found another way."""
        done = self.run_tocsin("hunt", "--format", "jsonl", "--stop", "adm.roth", common.CASE, status=2)
        self.assertEqual([x["user"]["name"] for x in parts(done)[1]], [["j.falk"]])
        told = parts(done)[1][0]["tocsin"]["incident"]
        self.assertEqual(len(told["merged"]), 1)  # by the session from WS07, seen late
        self.assertRegex(told["merged"][0], "^[0-9a-f]{32}$")
        self.assertNotEqual(told["merged"][0], told["id"])

    def test_writes_nothing(self):
        """But the compiled rules and their key."""
        left = [f for _, _, files in os.walk(self.dir) for f in files]
        self.assertEqual([f for f in left if f != "rules.key" and not f.startswith(("rules-", "plan-"))], [])


class Same(common.Case):
    def paths(self):
        return sorted(glob.glob(os.path.join(common.CASE, "*.evtx")))

    def test_threads(self):
        want = self.run_tocsin("hunt", "--format", "jsonl", "-j", "1", common.CASE, status=2)
        self.assertTrue(incident_bytes(want))
        for n in "2", "7":
            got = self.run_tocsin("hunt", "--format", "jsonl", "-j", n, common.CASE, status=2)
            self.assertEqual(want.stdout, got.stdout)

    def test_order_of_paths(self):
        files = self.paths()
        want = incident_bytes(self.run_tocsin("hunt", "--format", "jsonl", *files, status=2))
        self.assertTrue(want)
        for order in files[::-1], files[3:] + files[:3], files[::2] + files[1::2]:
            got = incident_bytes(self.run_tocsin("hunt", "--format", "jsonl", *order, status=2))
            self.assertEqual(want, got)

    def test_given_twice(self):
        """A log and its copy: everything twice, nothing more in the incident."""
        with open(os.path.join(common.CASE, "FS02-Sysmon.evtx"), "rb") as f:
            copy = self.write("z/copy.evtx", f.read())
        want = incident_bytes(self.run_tocsin("hunt", "--format", "jsonl", common.CASE, status=2))
        got = incident_bytes(self.run_tocsin("hunt", "--format", "jsonl", common.CASE, copy, status=2))
        a, b = ([json.loads(x)["tocsin"]["incident"] for x in y] for y in (want, got))
        for x, y in zip(a, b):
            for key in "id", "state", "score", "stages", "transitions", "detections", "reach":
                self.assertEqual(x[key], y[key], key)
        self.assertEqual(len(a), len(b))

    def test_recorded(self):
        corpora = os.environ.get("TOCSIN_CORPORA")
        path = os.path.join(corpora or "", "security-datasets/atomic/windows/lateral_movement/host/"
                            "purplesharp_ad_playbook_I.zip")
        if not corpora or not os.path.exists(path):
            self.skipTest("no corpora")
        want = self.run_tocsin("hunt", "--format", "jsonl", "-j", "1", path, status=2)
        self.assertTrue(incident_bytes(want))
        for n in "2", "7":
            got = self.run_tocsin("hunt", "--format", "jsonl", "-j", n, path, status=2)
            self.assertEqual(want.stdout, got.stdout)


class Heard(common.Case):
    def test_hosts_in_turn(self):
        """Names of equal length one after the other are two hosts: the one that falls silent is seen."""
        def minute(m, host, record, **data):
            time = f"2026-03-17T{m // 60:02d}:{m % 60:02d}:00.000000Z"
            data = dict({"NewProcessName": "C:\\\\a.exe", "CommandLine": "a"}, **data)
            return event(4688, host, time, record, SubjectUserName="anna", SubjectDomainName="ELB",
                         SubjectLogonId="0x77", **data)

        dump = {"NewProcessName": "C:\\Windows\\System32\\rundll32.exe",
                "CommandLine": "rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 676 d.bin full"}
        task = {"NewProcessName": "C:\\Windows\\System32\\vssadmin.exe",
                "CommandLine": "vssadmin.exe delete shadows /all /quiet"}
        lines = []
        for m in range(240):
            if m < 119:
                lines.append(minute(m, "HOST1", m + 1))
            if m == 119:
                lines += [minute(m, "HOST1", 1000, **dump), minute(m, "HOST1", 1001, **task)]
            lines.append(minute(m, "HOST2", m + 1))
        done = self.run_tocsin("hunt", "--format", "jsonl", self.write("a.jsonl", "".join(lines)), status=2)
        _, incidents, _ = parts(done)
        rules = [x["rule"] for i in incidents for x in i["tocsin"]["incident"]["chain"]]
        self.assertIn("tocsin:host-silent", rules)


class Hostile(common.Case):
    """Names that a log may hold: they come out as JSON text, and join what is the same."""

    def test_texts(self):
        name = "an\x1b[31m\"\\na\u202e" + "x" * 900
        programs = (("rundll32.exe", "rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 676 d.bin full"),
                    ("vssadmin.exe", "vssadmin.exe delete shadows /all /quiet"))
        lines = "".join(event(4688, time=f"2026-03-17T19:4{k}:00.000000Z", record=k + 1,
                              SubjectUserName=name, SubjectDomainName="ELB", SubjectLogonId="0x77",
                              NewProcessName="C:\\Windows\\System32\\" + program, CommandLine=command)
                        for k, (program, command) in enumerate(programs))
        done = self.run_tocsin("hunt", "--format", "jsonl", self.write("a.jsonl", lines), status=2)
        _, incidents, _ = parts(done)
        self.assertEqual(len(incidents), 1)
        (user,) = incidents[0]["user"]["name"]
        self.assertLessEqual(len(user.encode()), 512)
        self.assertNotIn(b"\x1b", done.stdout)


if __name__ == "__main__":
    common.main()

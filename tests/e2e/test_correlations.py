#!/usr/bin/env python3
"""tests/e2e/test_correlations.py - correlations from files to findings: what runs, and what is told."""
import json

import common
from common import event

BASE = """title: Failed logon
id: 00000000-0000-4000-8000-000000000001
name: failed_logon
level: low
logsource: {product: windows, service: security}
detection: {s: {EventID: 4625}, condition: s}
"""
SPRAY = """---
title: Password spraying
id: 00000000-0000-4000-8000-000000000002
level: high
status: test
tags: [attack.credential-access, attack.t1110.003]
correlation:
  type: value_count
  rules: [failed_logon]
  group-by: [Computer]
  timespan: 10m
  condition: {field: TargetUserName, gte: 3}
"""
FANOUT = """---
title: One source, many computers
id: 00000000-0000-4000-8000-000000000003
level: medium
correlation:
  type: value_count
  rules: [00000000-0000-4000-8000-000000000001]
  group-by: [IpAddress]
  timespan: 10m
  condition: {field: Computer, gte: 2}
  generate: true
"""


def failed(second, user, **more):
    return event(4625, time=f"2026-03-17T19:41:{second:02d}.000000Z", record=second,
                 TargetUserName=user, IpAddress="::ffff:192.0.2.7", **more)


CLOUD = """title: Refused sign-in
id: 00000000-0000-4000-8000-000000000011
name: refused
level: low
logsource: {product: azure, service: signinlogs}
detection: {s: {ResultType: 50126}, condition: s}
---
title: Guessing
id: 00000000-0000-4000-8000-000000000012
level: high
tags: [attack.t1110]
correlation: {type: event_count, rules: [refused], group-by: [AppDisplayName], timespan: 10m, condition: {gte: 3}}
"""


class Correlations(common.Case):
    def setUp(self):
        super().setUp()
        self.rules = self.write("rules.yml", BASE + SPRAY)
        self.one = self.write("one.jsonl", failed(5, "anna") + failed(1, "bob") + failed(9, "Anna"))
        self.two = self.write("two.jsonl", failed(7, "carl") + failed(3, "dora"))

    def hunt(self, *args, status=2):
        return self.findings(self.run_tocsin("hunt", "--format", "jsonl", *args, status=status))

    def test_cloud(self):
        """Account and address are those of the sign-in, in findings of rules and of correlations alike."""
        rules = self.write("cloud.yml", CLOUD)
        log = self.write("s.jsonl", "".join(json.dumps(
            {"createdDateTime": f"2026-03-17T19:41:0{i}Z", "userPrincipalName": "anna@elbwerft.example",
             "ipAddress": "203.0.113.77", "appDisplayName": "Mail", "status": {"errorCode": 50126}}) + "\n"
            for i in range(3)))
        found, _ = self.hunt("--rules", rules, log)
        of = {f["rule"]["name"]: f for f in found}
        self.assertEqual(of["Guessing"]["user"]["name"], "anna@elbwerft.example")
        self.assertEqual(of["Guessing"]["source"], {"ip": "203.0.113.77"})

    def test_over_all_inputs(self):
        found, summary = self.hunt("--rules", self.rules, self.one, self.two)
        self.assertEqual(len(found), 1)
        f = found[0]
        self.assertEqual(f["@timestamp"], "2026-03-17T19:41:09.000000Z")
        self.assertEqual(f["rule"]["name"], "Password spraying")
        self.assertEqual(f["threat"]["technique"]["id"], ["T1110.003"])
        self.assertEqual(f["tocsin"]["level"], "high")
        self.assertEqual(f["tocsin"]["status"], "test")
        c = f["tocsin"]["correlation"]
        self.assertEqual(c["type"], "value_count")
        self.assertEqual((c["value"], c["count"]), (4, 5))
        self.assertEqual(c["first"], "2026-03-17T19:41:01.000000Z")
        self.assertEqual(c["last"], "2026-03-17T19:41:09.000000Z")
        self.assertEqual(c["group"], {"Computer": "HOST1"})
        self.assertEqual(c["rules"], ["failed_logon"])
        evidence = f["tocsin"]["evidence"]
        self.assertEqual({e["winlog"]["record_id"] for e in evidence}, {1, 3, 5, 7, 9})
        self.assertEqual({e["log"]["file"]["path"] for e in evidence}, {self.one, self.two})
        for e in evidence:  # place and time belong to the same record
            with open(e["log"]["file"]["path"], "rb") as log:
                log.seek(e["log"]["offset"])
                self.assertIn(e["@timestamp"].encode(), log.readline())
        self.assertEqual(f["host"], {"name": "HOST1"})
        self.assertNotIn("user", f)
        self.assertEqual(f["source"], {"ip": "192.0.2.7"})
        self.assertEqual({u.lower() for u in f["related"]["user"]}, {"anna", "bob", "carl", "dora"})
        self.assertEqual(summary["findings"]["total"], 1)
        self.assertEqual(summary["correlations"]["found"], 1)
        self.assertEqual(summary["correlations"]["matches"], 5)

    def test_any_order_and_threads(self):
        a = self.run_tocsin("hunt", "--rules", self.rules, "--format", "jsonl", "-j", "1", self.one,
                            self.two).stdout
        b = self.run_tocsin("hunt", "--rules", self.rules, "--format", "jsonl", "-j", "4", self.one,
                            self.two).stdout
        self.assertEqual(a, b)

    def test_a_log_alone_is_too_little(self):
        found, summary = self.hunt("--rules", self.rules, self.two, status=0)
        self.assertEqual(found, [])
        self.assertEqual(summary["findings"]["total"], 0)

    def test_rules_that_are_needed_run(self):
        found, summary = self.hunt("--rules", self.rules, "--level", "high", self.one, self.two)
        self.assertEqual([f["rule"]["name"] for f in found], ["Password spraying"])
        self.assertEqual(summary["rules"]["used"], 0)
        self.assertEqual(summary["rules"]["for_correlations"], 1)
        self.assertEqual(summary["rules"]["correlations_used"], 1)
        self.run_tocsin("hunt", "--rules", self.rules, "--level", "critical", self.one, status=1)
        self.hunt("--rules", self.rules, "--tag", "t1110", self.one, self.two)
        self.hunt("--rules", self.rules, "--rule", "spraying", self.one, self.two)
        for product, n in (("security", 1), ("linux", 0)):
            done = self.run_tocsin("rules", "list", "--rules", self.rules, "--product", product,
                                   status=0)
            self.assertEqual(done.stdout.decode().count("(correlation)"), n)

    def test_fail_level(self):
        self.hunt("--rules", self.rules, "--fail-level", "high", self.one, self.two)
        self.hunt("--rules", self.rules, "--fail-level", "critical", self.one, self.two, status=0)

    def test_generate(self):
        rules = self.write("both.yml", BASE + SPRAY + FANOUT)
        found, _ = self.hunt("--rules", rules, self.one, self.two)
        names = [f["rule"]["name"] for f in found]
        self.assertEqual(names, ["Failed logon"] * 5 + ["Password spraying"])
        found, _ = self.hunt("--rules", rules, "--level", "medium", self.one, self.two)
        self.assertEqual([f["rule"]["name"] for f in found], ["Password spraying"])

    def test_several_computers(self):
        rules = self.write("fan.yml", BASE + FANOUT)
        log = self.write("fan.jsonl", failed(1, "bob", computer="A") + failed(2, "bob", computer="B"))
        found, _ = self.hunt("--rules", rules, "--rule", "many computers", log)
        self.assertNotIn("host", found[-1])
        self.assertEqual(found[-1]["related"]["hosts"], ["A", "B"])
        self.assertEqual(found[-1]["user"], {"name": "bob"})

    def test_report(self):
        done = self.run_tocsin("hunt", "--rules", self.rules, self.one, self.two, status=2)
        text = done.stdout.decode()
        self.assertIn("1 finding: 1 high", text)
        self.assertIn("Correlations", text)
        self.assertIn("4 different TargetUserName; Computer HOST1", text)
        self.assertIn("1 correlation used", text)
        self.assertIn("T1110.003", text)

    def test_list_and_explain(self):
        listed = self.run_tocsin("rules", "list", "--rules", self.rules, status=0).stdout.decode()
        self.assertIn("(correlation)", listed)
        self.assertIn("1 rule, 1 correlation; 0 refused", listed)
        done = self.run_tocsin("rules", "explain", self.rules, status=0)
        self.assertIn("at least 3 different values of TargetUserName in failed_logon within 10m, "
                      "with equal Computer", done.stdout.decode())
        done = self.run_tocsin("rules", "explain", "--rules", self.rules, "Failed logon", status=0)
        self.assertIn("EventID", done.stdout.decode())

    def test_cache(self):
        for _ in range(2):  # the second time from the cache
            found, _ = self.hunt("--rules", self.rules, self.one, self.two)
            self.assertEqual(len(found), 1)


if __name__ == "__main__":
    common.main()

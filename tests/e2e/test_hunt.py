#!/usr/bin/env python3
"""tests/e2e/test_hunt.py - what a hunt prints and how it ends."""
import json
import os
import re
import subprocess

import common
from common import CASE, RULES, event, rule


class Hunt(common.Case):
    def setUp(self):
        super().setUp()
        self.rule = self.write("rule.yml", rule())
        self.log = self.write("log.jsonl", event(record=1, TargetUserName="anna", TargetDomainName="CORP"))

    def test_exit_status(self):
        quiet = self.write("quiet.jsonl", event(event_id=4625))
        self.run_tocsin("hunt", "--rules", self.rule, quiet, status=0)
        self.run_tocsin("hunt", "--rules", self.rule, self.log, status=2)
        self.run_tocsin("hunt", "--rules", self.rule, "--fail-level", "high", self.log, status=2)
        self.run_tocsin("hunt", "--rules", self.rule, "--fail-level", "critical", self.log, status=0)
        self.run_tocsin("hunt", "--rules", self.rule, self.path("missing.evtx"), status=1)
        self.run_tocsin("hunt", "--rules", self.path("missing"), self.log, status=1)
        self.run_tocsin("hunt", "--rules", self.rule, status=1)
        self.run_tocsin("hunt", "--level", "critical", "--rules", self.rule, self.log, status=1)

    def test_contract(self):
        done = self.run_tocsin("hunt", "--rules", self.rule, "--format", "jsonl", self.log, status=2)
        found, summary = self.findings(done)
        self.assertEqual(len(found), 1)
        f = found[0]
        self.assertEqual(f["@timestamp"], "2026-03-17T19:41:08.123456Z")
        self.assertEqual(f["rule"]["uuid"], "00000000-0000-4000-8000-000000000001")
        self.assertEqual(f["rule"]["name"], "A logon")
        self.assertEqual(f["rule"]["author"], "A. Tester, B. Tester")
        self.assertEqual(f["tocsin"]["level"], "high")
        self.assertEqual(f["threat"]["technique"]["id"], ["T1059.001"])
        self.assertEqual(f["threat"]["tactic"]["name"], ["Execution"])
        self.assertEqual(f["host"]["name"], "HOST1")
        self.assertEqual(f["user"], {"name": "anna", "domain": "CORP"})
        self.assertEqual(f["event"]["code"], "4624")
        self.assertEqual(f["event"]["provider"], "Microsoft-Windows-Security-Auditing")
        self.assertEqual(f["winlog"]["channel"], "Security")
        self.assertEqual(f["winlog"]["record_id"], 1)
        self.assertEqual(f["winlog"]["event_data"],
                         {"TargetUserName": "anna", "TargetDomainName": "CORP"})
        self.assertEqual(f["log"], {"file": {"path": self.log}, "offset": 0})
        self.assertEqual(summary["findings"]["total"], 1)
        self.assertEqual(summary["findings"]["high"], 1)
        self.assertEqual(summary["input"]["events"], 1)
        self.assertEqual(summary["rules"]["used"], 1)
        self.assertFalse(summary["interrupted"])

    # claim: blind
    def test_taken_for(self):
        """What the records were taken for; and nothing but records of no known log is no answer."""
        unknown = self.write("unknown.jsonl", '{"a":1}\n{"b":2}\n')
        done = self.run_tocsin("hunt", "--rules", self.rule, unknown, status=1)
        self.assertNotIn(b"No findings", done.stdout)
        self.assertIn(b"Nothing was judged: no record is of a log that tocsin knows", done.stdout)
        self.assertIn(b"2 records are of no known log", done.stdout)
        self.assertIn(f"the first is at byte 0 of {unknown}".encode(), done.stdout)
        self.assertIn(b"What to do: ", done.stdout)
        done = self.run_tocsin("hunt", "--rules", self.rule, "-f", "jsonl", unknown, status=1)
        self.assertIn(b"2 records are of no known log", done.stderr)
        summary = self.findings(done)[1]
        self.assertEqual(summary["taken_for"]["unknown"], {"records": 2, "path": unknown, "offset": 0})
        quiet = self.write("quiet.jsonl", event(event_id=4625))
        done = self.run_tocsin("hunt", "--rules", self.rule, "-f", "jsonl", unknown, quiet, self.log, status=2)
        taken = self.findings(done)[1]["taken_for"]
        self.assertEqual(taken["logs"], [
            {"records": 2, "known": False, "schema": "generic"},
            {"records": 2, "known": True, "product": "windows", "channel": "Security", "schema": "event"}])
        self.assertEqual(taken["hosts"], [{"records": 2, "name": "HOST1"}])
        self.run_tocsin("hunt", "--rules", self.rule, unknown, quiet, status=0)
        anything = self.write("any.yml", "title: Any\nid: 00000000-0000-4000-8000-000000000008\nlogsource:\n"
                              "    definition: any\ndetection:\n    s:\n        a: 1\n    condition: s\nlevel: high\n")
        done = self.run_tocsin("hunt", "--rules", anything, unknown)
        self.assertEqual(done.returncode, 2, "a rule without a logsource sees them")

    # claim: explains
    def test_unchecked(self):
        """A filter on a field that the record does not have: by the letter, and the finding says so."""
        r = self.write("r.yml", "title: Encoded\nid: 00000000-0000-4000-8000-000000000009\n"
                       "logsource:\n    product: windows\n    category: process_creation\n"
                       "detection:\n    selection:\n        CommandLine|contains: ' -enc '\n"
                       "    filter_main_agent:\n        ParentImage|endswith: '\\agent.exe'\n"
                       "    condition: selection and not 1 of filter_*\nlevel: critical\n"
                       "tags:\n    - attack.t1490\n")
        what = {"NewProcessName": "C:\\x.exe", "CommandLine": "x -enc y"}
        log = self.write("log.jsonl", event(event_id=4688, **what))
        done = self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", log, status=0)
        found, summary = self.findings(done)
        self.assertEqual([f["tocsin"]["unchecked"] for f in found],
                         [[{"field": "ParentImage", "search": "filter_main_agent"}]])
        self.assertEqual(summary["findings"]["unchecked"], 1)
        self.assertEqual(summary["incidents"]["found"], 0, "no state by itself")
        done = self.run_tocsin("hunt", "--rules", r, log, status=0)
        self.assertIn(b"not checked, for want of the field: ParentImage (filter_main_agent)", done.stdout)
        self.assertIn(b"1 with parts of the rule unchecked", done.stdout)
        self.run_tocsin("hunt", "--rules", r, "--unchecked", "fail", log, status=2)
        done = self.run_tocsin("hunt", "--rules", r, "--unchecked", "hide", "-f", "jsonl", log, status=0)
        self.assertEqual(self.findings(done)[0], [])
        full = self.write("full.jsonl", event(event_id=4688, ParentProcessName="C:\\y.exe", **what)
                          + event(event_id=4688, ParentProcessName="C:\\agent.exe", **what))
        done = self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", full, status=2)
        self.assertEqual(["unchecked" in f["tocsin"] for f in self.findings(done)[0]], [False])

    def test_unchecked_correlation(self):
        """A result that rests on such matches is one of them; hidden, they are not counted."""
        r = self.write("r.yml", "title: Whoami\nid: 00000000-0000-4000-8000-000000000007\nname: who\n"
                       "logsource:\n    product: windows\n    category: process_creation\n"
                       "detection:\n    s:\n        CommandLine: whoami\n    f:\n        ParentImage: x\n"
                       "    condition: s and not f\nlevel: low\n---\n"
                       "title: Three Times\nid: 00000000-0000-4000-8000-000000000017\ncorrelation:\n"
                       "    type: event_count\n    rules: [who]\n    group-by: [ComputerName]\n"
                       "    timespan: 1h\n    condition: {gte: 3}\nlevel: high\n")
        for parent, marked in ((None, True), ("y", False)):
            more = {"ParentProcessName": parent} if parent else {}
            log = self.write("log.jsonl", "".join(event(event_id=4688, CommandLine="whoami", **more) for _ in range(3)))
            done = self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", log, status=0 if marked else 2)
            result, = self.findings(done)[0]
            self.assertEqual(result["rule"]["name"], "Three Times")
            self.assertEqual(result["tocsin"].get("unchecked"),
                             [{"rule": "00000000-0000-4000-8000-000000000007"}] if marked else None)
            done = self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", "--unchecked", "hide", log)
            self.assertEqual(len(self.findings(done)[0]), 0 if marked else 1)

    def test_passed_over_is_told(self):
        """What correlations could not use is told also where nothing was found."""
        r = self.write("r.yml", "title: Whoami\nid: 00000000-0000-4000-8000-000000000007\nname: who\n"
                       "logsource:\n    product: windows\n    service: security\n"
                       "detection:\n    s:\n        EventID: 4625\n    condition: s\nlevel: low\n---\n"
                       "title: Three Times\nid: 00000000-0000-4000-8000-000000000017\ncorrelation:\n"
                       "    type: event_count\n    rules: [who]\n    group-by: [IpAddress]\n"
                       "    timespan: 1h\n    condition: {gte: 3}\nlevel: high\n")
        log = self.write("log.jsonl", "".join(event(event_id=4625) for _ in range(3)))
        done = self.run_tocsin("hunt", "--rules", r, log, status=0)
        self.assertIn(b"3 matches passed over, without a value to group by", done.stdout)

    def test_a_copy_that_can_be_checked(self):
        """Whichever copy of a record comes first: the one with the field decides."""
        r = self.write("r.yml", "title: Copies\nid: 00000000-0000-4000-8000-000000000006\n"
                       "logsource:\n    product: windows\n    category: process_creation\n"
                       "detection:\n    s:\n        CommandLine: vss\n    f:\n        ParentImage: x\n"
                       "    condition: s and not f\nlevel: critical\ntags: [attack.t1490]\n")
        less = self.write("less.jsonl", event(event_id=4688, record=5, CommandLine="vss"))
        full = self.write("full.jsonl", event(event_id=4688, record=5, CommandLine="vss", ParentProcessName="y"))
        for logs, marks in ((less, full), [True, False]), ((full, less), [False]), ((less, full, full), [True, False]):
            done = self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", *logs, status=2)
            found, summary = self.findings(done)
            self.assertEqual(["unchecked" in f["tocsin"] for f in found], marks)
            self.assertEqual(summary["incidents"]["found"], 1)
        state = ("--state", self.path("state"))
        for log, status, told, incidents in (less, 0, 1, 0), (full, 2, 1, 1), (less, 0, 0, 1), (full, 0, 0, 1):
            done = self.run_tocsin("hunt", "--rules", r, "-f", "jsonl", *state, log, status=status)
            found, summary = self.findings(done)
            self.assertEqual((len(found), summary["incidents"]["found"]), (told, incidents), log)
            os.utime(log)  # read it again

    def test_unchecked_is_kept(self):
        """What a later run makes of the store is what one run over everything makes."""
        names = ("foothold", "t1543.003", "A"), ("credentials", "t1003.001", "B"), ("lateral", "t1021.002", "C")
        for name, technique, letter in names:
            # only the last of them can be checked
            field = "User" if letter == "C" else "ParentImage"
            self.write(f"rules/{name}.yml", f"title: {name}\nid: 00000000-0000-4000-8000-{ord(letter):012d}\n"
                       "logsource:\n    product: windows\n    category: process_creation\ndetection:\n"
                       f"    s:\n        CommandLine: {name}\n    f:\n        {field}: other\n"
                       f"    condition: s and not f\nlevel: high\ntags:\n    - attack.{technique}\n")
        lines = [event(event_id=4688, record=i + 1, time=f"2026-03-17T19:4{i}:08.1Z", CommandLine=name,
                       SubjectUserName="anna", SubjectDomainName="CORP", SubjectUserSid="S-1-5-21-1",
                       SubjectLogonId="0x1234") for i, (name, _, _) in enumerate(names)]
        logs = [self.write(f"{i}.jsonl", line) for i, line in enumerate(lines)]
        args = ("hunt", "--rules", self.path("rules"), "-f", "jsonl")

        def incidents(done):
            lines = [json.loads(line)["tocsin"] for line in done.stdout.decode().splitlines()]
            return [x["incident"] for x in lines if x["kind"] == "incident"]
        once = incidents(self.run_tocsin(*args, *logs))
        for i, log in enumerate(logs):
            last = self.run_tocsin(*args, "--state", self.path("state"), log)
            self.assertEqual(len(incidents(last)), i // 2, "the two that were not checked make no state")
        self.assertEqual(incidents(last), once)
        marks = [link.get("unchecked") for link in once[0]["chain"]]
        self.assertEqual(marks, ["ParentImage (f)", "ParentImage (f)", None])
        shown = self.run_tocsin("incidents", "--state", self.path("state"), once[0]["id"][:8], status=0)
        self.assertEqual(shown.stdout.count(b"not checked, for want of the field: ParentImage (f)"), 2)
        for form in "html", "md", "timesketch":
            page = self.run_tocsin("report", "--state", self.path("state"), "--format", form,
                                   once[0]["id"][:8], status=0)
            self.assertIn(b"not checked: ", page.stdout, form)

    def test_account_of_the_cloud(self):
        """The account of a cloud record is named, in each form of export."""
        r = self.write("r.yml", "title: Wrong password\nlogsource:\n    product: azure\n"
                       "    service: signinlogs\ndetection:\n    selection:\n"
                       "        ResultType: 50126\n    condition: selection\nlevel: high\n")
        name = "j.falk@elbwerft.example"
        log = self.write("log.jsonl", "".join(json.dumps(e) + "\n" for e in (
            {"createdDateTime": "2026-03-17T20:04:12Z", "userPrincipalName": name,
             "status": {"errorCode": 50126}},
            {"time": "2026-03-17T20:04:12Z", "category": "SignInLogs", "resultType": "50126",
             "properties": {"userPrincipalName": name}},
            {"TimeGenerated": "2026-03-17T20:04:12Z", "ResultType": "50126",
             "UserPrincipalName": name})))
        done = self.run_tocsin("hunt", "-f", "jsonl", "--rules", r, log)
        self.assertEqual([f["user"] for f in self.findings(done)[0]], [{"name": name}] * 3)

    def test_offset_and_record_of_evtx(self):
        done = self.run_tocsin("hunt", "--format", "jsonl", CASE, status=2)
        records = [r for f in self.findings(done)[0] for r in f["tocsin"].get("evidence", [f])]
        for r in records:
            with open(r["log"]["file"]["path"], "rb") as log:
                log.seek(r["log"]["offset"])
                head = log.read(16)
            self.assertEqual(head[:4], b"**\0\0")
            self.assertEqual(int.from_bytes(head[8:16], "little"), r["winlog"]["record_id"])

    def test_same_bytes_for_any_number_of_threads(self):
        """Many small logs, a damaged one among them, and one that spans several blocks."""
        self.write("logs/long.jsonl", "".join(
            event(record=i, computer=f"H{i % 7}", TargetUserName=f"user{i % 11}", Pad="x" * 300)
            for i in range(1, 9000)))
        self.write("logs/none.txt", "nothing to see\n")
        self.sample("logs/damaged.evtx", "chunk-magic")
        results = set()
        for threads in ("1", "2", "3", "8"):
            done = self.run_tocsin("hunt", "-q", "-j", threads, "--format", "jsonl", "--rules",
                                   self.rule, "--rules", RULES, self.path("logs"), CASE, status=2)
            results.add(done.stdout)
        self.assertEqual(len(results), 1)
        found, summary = self.findings(done)
        self.assertGreater(len(found), 8999)
        self.assertEqual(summary["problems"]["not_a_log"]["count"], 1)

    def test_text_is_the_same_but_for_the_rate(self):
        results = {re.sub(rb", in [^\n]*", b"", self.run_tocsin("hunt", "-j", n, CASE).stdout)
                   for n in ("1", "2", "8")}
        self.assertEqual(len(results), 1)

    def test_text_report(self):
        text = self.run_tocsin("hunt", CASE, status=2).stdout.decode()
        for part in ("CRITICAL", "HIGH", "Over time", "ATT&CK", "Credential Access", "T1110.003",
                     "rule by ", "\nRules\n", "\nRead\n", "25 accounts: "):
            self.assertIn(part, text)
        self.assertNotIn("\x1b", text)
        order = [text.index(x) for x in ("\nCRITICAL\n", "\nHIGH\n", "\nMEDIUM\n", "\nLOW\n",
                                         "\nINFORMATIONAL\n")]
        self.assertEqual(order, sorted(order))

    def test_text_without_utf8(self):
        out = self.run_tocsin("hunt", CASE, env={"LC_ALL": "C"}).stdout
        self.assertEqual([c for c in out if c > 126], [])

    def test_filters_on_events(self):
        log = self.write("two.jsonl", event(time="2026-03-01T00:00:00Z", computer="dc1.corp.example")
                         + event(time="2026-03-02T00:00:00Z", computer="WS2", record=2))
        def hosts(*args):
            done = self.run_tocsin("hunt", "--rules", self.rule, "-f", "jsonl", *args, log)
            found, summary = self.findings(done)
            self.assertEqual(summary["input"]["passed_over"], 2 - len(found))
            return [f["host"]["name"] for f in found]
        self.assertEqual(hosts("--from", "2026-03-02"), ["WS2"])
        self.assertEqual(hosts("--to", "2026-03-02"), ["dc1.corp.example"])
        self.assertEqual(hosts("--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T00:00:00.000001Z"),
                         ["dc1.corp.example", "WS2"])
        self.assertEqual(hosts("--host", "DC1"), ["dc1.corp.example"])
        self.assertEqual(hosts("--host", "*.corp.example"), ["dc1.corp.example"])
        self.assertEqual(hosts("--host", "ws?", "--host", "dc1"), ["dc1.corp.example", "WS2"])
        self.assertEqual(hosts("--host", "dc"), [])

    def test_filters_on_rules(self):
        for n, level in enumerate(("low", "medium", "high", "critical")):
            self.write(f"rules/r{n}.yml", rule(title=f"Rule {level}", level=level, number=n + 1))
        def names(*args):
            done = self.run_tocsin("hunt", "--rules", self.path("rules"), "-f", "jsonl", *args, self.log)
            return sorted(f["rule"]["name"] for f in self.findings(done)[0]) if done.returncode == 2 \
                else done.returncode
        self.assertEqual(names("--level", "high"), ["Rule critical", "Rule high"])
        self.assertEqual(names("--rule", "r1"), ["Rule medium"])
        self.assertEqual(names("--rule", "rule LOW", "--rule", "r1.yml"), ["Rule low", "Rule medium"])
        self.assertEqual(names("--rule", "00000000-0000-4000-8000-000000000003"), ["Rule high"])
        self.assertEqual(len(names("--tag", "T1059")), 4)
        self.assertEqual(len(names("--tag", "attack.execution")), 4)
        self.assertEqual(names("--tag", "T1058"), 1)
        self.assertEqual(len(names("--status", "test")), 4)
        self.assertEqual(names("--status", "stable"), 1)

    def test_standard_input(self):
        with open(self.log, "rb") as f:
            done = self.run_tocsin("hunt", "--rules", self.rule, "-f", "jsonl", "-", stdin=f, status=2)
        self.assertEqual(len(self.findings(done)[0]), 1)

    def test_output_file(self):
        self.run_tocsin("hunt", "--rules", self.rule, "-f", "jsonl", "-o", self.path("out"), self.log,
                        status=2)
        with open(self.path("out"), "rb") as f:
            self.assertEqual(len(f.read().splitlines()), 2)
        self.run_tocsin("hunt", "--rules", self.rule, "-o", self.path("no/such/out"), self.log, status=1)

    def test_carved_records_are_tagged(self):
        log = self.sample("slack.evtx", "slack")
        any_rule = self.write("any.yml", rule().replace("        EventID: 4624\n",
                                                        "        EventID|exists: true\n")
                              .replace("    service: security\n", ""))
        plain = self.findings(self.run_tocsin("hunt", "--rules", any_rule, "-f", "jsonl", log))[0]
        carved = self.findings(self.run_tocsin("hunt", "--carve", "--rules", any_rule, "-f", "jsonl",
                                               log))[0]
        self.assertFalse(any("carved" in f["tocsin"] for f in plain))
        tagged = [f for f in carved if f["tocsin"].get("carved")]
        self.assertGreater(len(tagged), 0)
        self.assertEqual(len(tagged), len(carved) - len(plain))

    def test_rules_that_cannot_be_read_are_an_error(self):
        self.write("rules/a.yml", rule())
        os.chmod(self.write("rules/b.yml", rule(number=2)), 0)
        self.run_unprivileged("hunt", "--rules", self.path("rules"), self.log, status=3)


RECORDS = """let NOTHING
host H HOST1
    log Security.evtx 1 Security
    log System.evtx 1 System

kind cleared
    channel   System
    provider  Microsoft-Windows-Eventlog
    id        104
    userdata  LogFileCleared
    field SubjectUserName string ann
    field SubjectDomainName string CORP
    field Channel string
    field BackupPath string

kind process
    channel   Security
    provider  Microsoft-Windows-Security-Auditing
    id        4688
    version   2
    field SubjectUserSid sid S-1-5-20
    field SubjectUserName string HOST1$
    field SubjectDomainName string CORP
    field SubjectLogonId hex64 0x3e4
    field NewProcessId hex64 0x1a4
    field NewProcessName string C:\\Windows\\System32\\cmd.exe
    field ParentProcessName string C:\\Windows\\System32\\wbem\\WmiPrvSE.exe
    field TargetUserSid sid S-1-0-0
    field TargetUserName string -
    field TargetDomainName string -
    field TargetLogonId hex64 0x0

kind logon
    channel   Security
    provider  Microsoft-Windows-Security-Auditing
    id        4624
    field TargetUserName string ann
    field LogonProcessName string NtLmSsp ${NOTHING}

2026-03-17T19:00:00Z H cleared
    Channel System
2026-03-17T19:00:01Z H cleared
    Channel Setup
2026-03-17T19:00:02Z H process
2026-03-17T19:00:03Z H process
    TargetUserName ann
    TargetDomainName CORP
    TargetLogonId 0x82215a
2026-03-17T19:00:04Z H logon
"""


class Fields(common.Case):
    """What rules find in fields that Windows writes in a way of its own, in each format."""

    def setUp(self):
        super().setUp()
        self.logs = self.path("logs")
        os.mkdir(self.logs)
        subprocess.run([common.EVTXGEN, "case", self.logs, self.write("case.txt", RECORDS)], check=True)
        dumped = self.run_tocsin("dump", self.logs, status=0).stdout
        self.json = self.write("dumped.jsonl", dumped)
        self.beat = self.write("beat.jsonl", "".join(
            json.dumps(self.as_winlogbeat(json.loads(x)["Event"])) + "\n" for x in dumped.splitlines()))

    @staticmethod
    def as_winlogbeat(e):
        """The record as Winlogbeat ships it."""
        system = e["System"]
        winlog = {"channel": system["Channel"], "event_id": str(system["EventID"]),
                  "provider_name": system["Provider"]["#attributes"]["Name"],
                  "computer_name": system["Computer"], "record_id": system["EventRecordID"]}
        if "UserData" in e:
            winlog["user_data"] = {k: v for k, v in e["UserData"]["LogFileCleared"].items() if v}
        else:
            winlog["event_data"] = e["EventData"]
        return {"@timestamp": system["TimeCreated"]["#attributes"]["SystemTime"], "winlog": winlog}

    def hits(self, logsource, detection):
        """The seconds of the records found, the same in each format."""
        r = self.write("r.yml", "title: T\nlogsource: {product: windows, " + logsource + "}\n"
                       "detection:\n" + "".join("    " + x + "\n" for x in detection) + "level: low\n")
        found = []
        for log in (self.logs, self.json, self.beat):
            done = self.run_tocsin("hunt", "-f", "jsonl", "--rules", r, log)
            found.append(sorted(f["@timestamp"][17:19] for f in self.findings(done)[0]))
        self.assertEqual(found[1:], found[:1] * 2)
        return [int(x) for x in found[0]]

    def test_the_log_that_was_cleared(self):
        listed = ["sel: {EventID: 104}", "list: {Channel: [Security, System]}"]
        important = listed + ["condition: sel and list"]
        others = listed + ["condition: sel and not list"]
        self.assertEqual(self.hits("service: system", important), [0])
        self.assertEqual(self.hits("service: system", others), [1])
        # without a service, Channel may as well ask for the log that the record is in
        self.assertEqual(self.hits("service: ''", important), [0, 1])
        self.assertEqual(self.hits("service: ''", ["sel: {Channel: Setup}", "condition: sel"]), [1])

    def test_the_log_that_was_cleared_is_told(self):
        r = self.write("r.yml", "title: T\nlogsource: {product: windows, service: system}\n"
                       "detection:\n    sel: {Channel: Setup}\n    condition: sel\nlevel: low\n")
        for log in (self.logs, self.json, self.beat):
            f, = self.findings(self.run_tocsin("hunt", "-f", "jsonl", "--rules", r, log))[0]
            self.assertEqual(f["winlog"]["channel"], "System")
            self.assertEqual(f["winlog"]["event_data"]["Channel"], "Setup")

    def test_who_runs_the_process(self):
        """WMI starts a program for a caller from the network: as the caller, not as the service."""
        wmi = "sel: {ParentImage|endswith: '\\WmiPrvSE.exe'}"
        service = "service: {User|endswith: 'NETWORK SERVICE'}"
        self.assertEqual(self.hits("category: process_creation",
                                   [wmi, service, "condition: sel and not service"]), [3])
        self.assertEqual(self.hits("category: process_creation",
                                   [wmi, service, "condition: sel and service"]), [2])
        self.assertEqual(self.hits("category: process_creation",
                                   ["sel: {User: 'CORP\\ann', LogonId: '0x82215a'}", "condition: sel"]),
                         [3])

    def test_padded_fields(self):
        for word in ("NtLmSsp", "'NtLmSsp '", "'ntlmssp'"):
            self.assertEqual(self.hits("service: security",
                                       [f"sel: {{LogonProcessName: {word}}}", "condition: sel"]), [4])
        self.assertEqual(self.hits("service: security",
                                   ["sel: {EventID: 4624}", "pad: {LogonProcessName: NtLmSsp}",
                                    "condition: sel and not pad"]), [])
        self.assertIn(b'"LogonProcessName":"NtLmSsp "', self.run_tocsin("dump", self.logs).stdout)
        more = self.write("more.yaml", "products:\n  windows:\n    fields:\n"
                          "      WorkstationName: {from: WorkstationName, as: padded}\n")
        log = self.write("log.jsonl", event(WorkstationName="WS1  "))
        r = self.write("r.yml", rule().replace("EventID: 4624", "WorkstationName: WS1"))
        self.run_tocsin("hunt", "--rules", r, log, status=0)
        self.run_tocsin("hunt", "--rules", r, "--logsources", more, log, status=2)


class Summary(common.Case):
    def test_counts_agree(self):
        found, summary = self.findings(self.run_tocsin("hunt", "-f", "jsonl", CASE, status=2))
        by_level = {}
        for f in found:
            by_level[f["tocsin"]["level"]] = by_level.get(f["tocsin"]["level"], 0) + 1
        self.assertEqual({k: v for k, v in summary["findings"].items() if v and k != "total"}, by_level)
        self.assertEqual(summary["findings"]["total"], len(found))
        dumped = self.run_tocsin("dump", CASE, status=0).stdout.splitlines()
        self.assertEqual(summary["input"]["events"], len(dumped))
        for line in dumped:
            json.loads(line)

    def test_incidents_are_counted_and_what_they_lack_is_said(self):
        done = self.run_tocsin("hunt", "-f", "jsonl", CASE, status=2)
        lines = done.stdout.count(b'"kind":"incident"')
        self.assertEqual(self.findings(done)[1]["incidents"]["found"], lines)
        args = ("hunt", "--rules", self.write("r.yml", rule()), self.write("log.jsonl", event(time="?")))
        said = self.findings(self.run_tocsin(*args, "-f", "jsonl", status=2))[1]["incidents"]
        self.assertEqual((said["detections"], said["detections_dropped"]), (0, 0))
        self.assertGreaterEqual(said["without_time"], 1)
        self.assertIn("Left out of incidents", self.run_tocsin(*args, status=2).stdout.decode())
        self.assertNotIn("incidents", self.findings(
            self.run_tocsin(*args, "-f", "jsonl", "--no-incidents", status=2))[1])


if __name__ == "__main__":
    common.main()

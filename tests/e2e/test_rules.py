#!/usr/bin/env python3
"""tests/e2e/test_rules.py - rules check, list and explain."""
import json

import common
from common import RULES, event, rule

BAD = """title: Bad
logsource:
    product: windows
detection:
    selection:
        Image|endswth: '.exe'
    condition: selection
"""


class Rules(common.Case):
    def test_check(self):
        good = self.write("good.yml", rule())
        bad = self.write("bad.yml", BAD)
        self.run_tocsin("rules", "check", good, status=0)
        self.run_tocsin("rules", "check", RULES, status=0)
        done = self.run_tocsin("rules", "check", good, bad, status=1)
        self.assertRegex(done.stdout.decode(), rf"(?m)^{bad}:6:\d+: error: .*endswth")
        self.assertIn("1 refused", done.stdout.decode())
        self.run_tocsin("rules", "check", self.path("missing"), status=1)
        self.run_tocsin("rules", "check", status=1)
        lines = self.run_tocsin("rules", "check", "-f", "jsonl", bad, status=1).stdout.splitlines()
        first, last = json.loads(lines[0]), json.loads(lines[-1])
        self.assertEqual((first["line"], first["severity"]), (6, "error"))
        self.assertEqual(last["refused"], 1)

    def test_check_takes_many_files(self):
        paths = [self.write(f"r{i}.yml", rule(number=i + 1)) for i in range(300)]
        done = self.run_tocsin("rules", "check", *paths, status=0)
        self.assertIn(b"300 rules", done.stdout)

    def test_same_result_on_any_number_of_threads(self):
        for i in range(200):
            self.write(f"rules/r{i:03}.yml", rule(number=i % 190 + 1) if i % 7 else BAD)
        log = self.write("log.jsonl", event())
        hunts = {self.run_tocsin("hunt", "--no-cache", "-j", n, "-f", "jsonl", "--rules",
                                 self.path("rules"), log).stdout for n in ("1", "2", "3")}
        self.assertEqual(len(hunts), 1)

    def test_list(self):
        self.write("rules/a.yml", rule(title="First", level="low"))
        self.write("rules/b.yml", rule(title="Second", number=2))
        self.write("rules/c.yml", BAD)
        self.write("rules/d.yml", rule(title="Third", number=3).replace("service: security",
                                                                                     "category: webserver"))
        args = ("rules", "list", "--rules", self.path("rules"), "-f", "jsonl")
        rows = [json.loads(x) for x in self.run_tocsin(*args, status=0).stdout.splitlines()]
        self.assertEqual([(r["title"], r["reachable"]) for r in rows],
                         [("First", True), ("Second", True), ("Third", False)])
        self.assertGreater(len(rows[0]["views"]), 0)
        rows = self.run_tocsin(*args, "--level", "high", "--product", "security").stdout.splitlines()
        self.assertEqual([json.loads(x)["title"] for x in rows], ["Second"])
        row, = self.run_tocsin(*args, "--refused").stdout.splitlines()
        self.assertEqual(json.loads(row)["title"], "Bad")
        text = self.run_tocsin("rules", "list", "--rules", self.path("rules"), status=0).stdout.decode()
        self.assertIn("3 rules, of which 1 (marked -)", text)

    def test_inputs(self):
        """What no decoder feeds is not reachable; and where rules are blind is said."""
        def of(number, source, detection):
            self.write(f"rules/{number}.yml", f"title: R{number}\nid: 00000000-0000-4000-8000-{number:012d}\n"
                       f"logsource: {source}\ndetection:\n{detection}level: high\n")
        process = "{product: windows, category: process_creation}"
        of(1, "{product: linux, service: auditd}", "    s: {type: EXECVE}\n    condition: s\n")
        of(2, "{service: apache}", "    s: {a: b}\n    condition: s\n")
        of(3, process, "    s: {OriginalFileName: x}\n    condition: s\n")
        of(4, process, "    s: {CommandLine: x}\n    f: {ParentCommandLine: y}\n    condition: s and not f\n")
        of(5, "{product: azure, service: signinlogs}", "    s: {a: b}\n    condition: s\n")
        of(6, "{definition: anything}", "    s: {a: b}\n    condition: s\n")
        rules = ("--rules", self.path("rules"))
        rows = [json.loads(x) for x in self.run_tocsin("rules", "list", *rules, "-f", "jsonl").stdout.splitlines()]
        self.assertEqual([r["reachable"] for r in rows], [False, False, True, True, True, True])
        self.assertEqual([r["blind"] for r in rows], [[], [], [
            {"view": "security_4688", "cannot_match": True, "fields": ["OriginalFileName"]}], [
                {"view": "security_4688", "cannot_match": False, "fields": ["ParentCommandLine"]}], [], []])
        text = self.run_tocsin("rules", "list", *rules, "--inputs", status=0).stdout.decode()
        self.assertRegex(text, r"1 - linux/auditd +no log of this kind is read")
        self.assertRegex(text, r"2   windows/process_creation +sysmon_1, security_4688")
        self.assertIn("security_4688: of 2 rules 1 cannot match, 1 have parts that cannot be checked", text)
        # a hunt says it of the logs that it met
        log = self.write("log.jsonl", event(event_id=4688, CommandLine="z"))
        done = self.run_tocsin("hunt", *rules, log, status=0)
        self.assertIn(b"6 used, of which 2 wait for logs", done.stdout)
        self.assertIn(b"blind in security_4688, for want of 2 fields: of 2 rules 1 cannot match, "
                      b"1 only in part be checked", done.stdout)
        self.assertNotIn(b"blind in", self.run_tocsin("hunt", *rules, self.write("o.jsonl", event(event_id=1).replace(
            "Security", "System")), status=0).stdout)

    def test_explain_says_what_a_record_was_taken_for(self):
        r = self.write("r.yml", rule())
        log = self.write("log.jsonl", '{"a":1}\n' + event(record=7).replace('"Security"', '"System"'))
        text = self.run_tocsin("rules", "explain", r, log, status=0).stdout.decode()
        self.assertIn("0 matching, 0 not matching, 2 of other logs\n", text)
        self.assertIn("1  no known log, read as generic\n", text)
        self.assertIn("1  windows System, read as event\n", text)
        text = self.run_tocsin("rules", "explain", r, f"{log}:1", status=0).stdout.decode()
        self.assertIn("the event: no known log; read as generic", text)

    # claim: explains
    def test_explain(self):
        r = self.write("r.yml", rule())
        log = self.write("log.jsonl", event() + event(event_id=4625, record=2))
        text = self.run_tocsin("rules", "explain", r, log, status=0).stdout.decode()
        self.assertIn(f"{log}:1  2026-03-17T19:41:08.123Z  matches", text)
        self.assertIn(f"{log}:2  2026-03-17T19:41:08.123Z  does not match", text)
        self.assertIn("1 matching, 1 not matching, 0 of other logs", text)
        text = self.run_tocsin("rules", "explain", r, f"{log}:2", status=0).stdout.decode()
        self.assertIn("0 matching, 1 not matching, 0 of other logs", text)
        self.assertNotIn(f"{log}:1 ", text)
        self.assertIn("condition  selection", self.run_tocsin("rules", "explain", r, status=0).stdout.decode())
        self.assertIn("condition", self.run_tocsin("rules", "explain", "Shadow Copies Deleted",
                                                   status=0).stdout.decode())
        done = self.run_tocsin("rules", "explain", "Logon", status=1)
        self.assertIn(b"rules fit", done.stderr)
        self.assertIn(b"no rule fits", self.run_tocsin("rules", "explain", "zzz", status=1).stderr)

    def test_logsources_and_placeholders(self):
        r = self.write("r.yml", rule().replace("EventID: 4624", "TargetUserName|expand: '%admins%'"))
        log = self.write("log.jsonl", event(TargetUserName="root2"))
        self.write("ph/admins.txt", "# who may\nroot1\n\nroot2\n")
        self.run_tocsin("hunt", "--rules", r, "--placeholders", self.path("ph"), log, status=2)
        self.write("ph/admins.txt", "root1\n")
        self.run_tocsin("hunt", "--rules", r, "--placeholders", self.path("ph"), log, status=0)
        done = self.run_tocsin("hunt", "--rules", r, "--logsources",
                               self.write("ls.yml", "nonsense: ["), log, status=1)
        self.assertIn(b"ls.yml", done.stderr)


if __name__ == "__main__":
    common.main()
